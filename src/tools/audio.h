/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIO_H
#define TG_TOOLS_AUDIO_H

#include "base/bytes.h"

enum {
	TOOL_AUDIO_RATE_HZ = 8000,
	TOOL_AUDIO_FRAME_MS = 20,
	TOOL_AUDIO_FRAME_SAMPLES = TOOL_AUDIO_RATE_HZ / 1000 * TOOL_AUDIO_FRAME_MS,
	TOOL_AUDIO_FRAME_BYTES_MAX = TOOL_AUDIO_FRAME_SAMPLES * 2,
};

/**
 * Turns samples (16 bits, 8000 Hz, one channel) into the octets of a codec and back: u-law and A-law by tables that are
 * taken once from libsndfile, slin as big-endian samples. One for all formats; read-only once made.
 */
struct tool_audio;

/** @return NULL without memory or if libsndfile refuses */
struct tool_audio *tool_audio_new(void);
void tool_audio_free(struct tool_audio *audio);

/** The formats this can code, ORed. */
uint64_t tool_audio_formats(void);

/** Octets of one 20 ms frame; 0 for a format that cannot be coded. */
size_t tool_audio_frame_bytes(uint64_t format);

/**
 * @param out  tool_audio_frame_bytes() for each TOOL_AUDIO_FRAME_SAMPLES samples
 * @return octets written; 0 for a format that cannot be coded
 */
size_t tool_audio_encode(const struct tool_audio *audio, uint64_t format, const int16_t *samples, size_t count,
                         uint8_t *out);

/** @return samples written to out, at most `room`; 0 for a format that cannot be coded */
size_t tool_audio_decode(const struct tool_audio *audio, uint64_t format, struct tg_span in, int16_t *out, size_t room);

#endif
