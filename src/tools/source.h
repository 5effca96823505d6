/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_SOURCE_H
#define TG_TOOLS_SOURCE_H

#include "tools/audio.h"

enum { TOOL_SOURCE_TONE_HZ = 1004 };

enum tool_source_kind {
	TOOL_SOURCE_TONE,
	TOOL_SOURCE_FILE,
	TOOL_SOURCE_SILENCE,
	TOOL_SOURCE_ECHO, /* the caller of these functions sends back what comes */
};

/** What is played: a tone without end, a file once and then silence, silence, or nothing of our own (echo). */
struct tool_source {
	enum tool_source_kind kind;
	unsigned tone_hz;
	int16_t *samples; /* of a file; owned */
	size_t count;
	uint64_t at; /* samples given so far */
};

/**
 * @param what  "tone", "tone:HZ" (20 to 3900), "silence", "echo", or the path of a sound file
 * @return false with a text for people in `wrong`
 */
TG_MUST_USE bool tool_source_init(struct tool_source *source, const char *what, char *wrong, size_t wrong_bytes);
void tool_source_deinit(struct tool_source *source);

/** The next 20 ms. */
void tool_source_next(struct tool_source *source, int16_t out[TOOL_AUDIO_FRAME_SAMPLES]);

/** A file that was played to its end. */
bool tool_source_is_over(const struct tool_source *source);

#endif
