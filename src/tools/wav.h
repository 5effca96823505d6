/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_WAV_H
#define TG_TOOLS_WAV_H

#include "base/tg.h"

enum { TOOL_WAV_HEADER_BYTES = 44, TOOL_WAV_SECONDS_MAX = 3600 };

/** Writes a WAV file: 16 bits, 8000 Hz, one channel. The header is right at any moment a second has passed. */
struct tool_wav;

/** Create or replace a file. @return NULL with errno */
struct tool_wav *tool_wav_new(const char *path);

/** @return false with errno if the file cannot be written (or the format's 4 GB are full) */
TG_MUST_USE bool tool_wav_put(struct tool_wav *wav, const int16_t *samples, size_t count);

/** Finish the header and close; NULL is allowed. @return false with errno if something was not written */
bool tool_wav_free(struct tool_wav *wav);

/**
 * Read a sound file (WAV, AIFF, FLAC, ...) with 8000 samples a second; of several channels the mean. At most
 * TOOL_WAV_SECONDS_MAX of it are read.
 *
 * @param wrong  what is wrong, for people; never empty after a failure
 * @return samples, the caller's (free()), or NULL
 */
int16_t *tool_wav_read(const char *path, size_t *count, char *wrong, size_t wrong_bytes);

#endif
