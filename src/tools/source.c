/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/source.h"

#include "base/text.h"
#include "tools/wav.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TONE_PEAK = 16000, TONE_MIN_HZ = 20, TONE_MAX_HZ = 3900 };

static bool tone_init(struct tool_source *source, const char *hz_text, char *wrong, size_t wrong_bytes)
{
	uint64_t hz = TOOL_SOURCE_TONE_HZ;

	if (hz_text != NULL && !tg_text_uint(hz_text, TONE_MIN_HZ, TONE_MAX_HZ, &hz)) {
		snprintf(wrong, wrong_bytes, "tone:%s: expected a frequency of %d to %d Hz", hz_text, TONE_MIN_HZ,
		         TONE_MAX_HZ);
		return false;
	}
	source->kind = TOOL_SOURCE_TONE;
	source->tone_hz = (unsigned)hz;
	return true;
}

bool tool_source_init(struct tool_source *source, const char *what, char *wrong, size_t wrong_bytes)
{
	*source = (struct tool_source){ .kind = TOOL_SOURCE_SILENCE };
	if (strcmp(what, "silence") == 0) {
		return true;
	}
	if (strcmp(what, "echo") == 0) {
		source->kind = TOOL_SOURCE_ECHO;
		return true;
	}
	if (strcmp(what, "tone") == 0) {
		return tone_init(source, NULL, wrong, wrong_bytes);
	}
	if (strncmp(what, "tone:", 5) == 0) {
		return tone_init(source, what + 5, wrong, wrong_bytes);
	}
	source->kind = TOOL_SOURCE_FILE;
	source->samples = tool_wav_read(what, &source->count, wrong, wrong_bytes);
	return source->samples != NULL;
}

void tool_source_deinit(struct tool_source *source)
{
	free(source->samples);
	source->samples = NULL;
}

/* The phase comes from the sample's number modulo one second: no error adds up, however long the tone. */
static int16_t tone_sample(unsigned hz, uint64_t at)
{
	const uint64_t turns = at % TOOL_AUDIO_RATE_HZ * hz % TOOL_AUDIO_RATE_HZ;

	return (int16_t)lrint(TONE_PEAK * sin(2 * M_PI * (double)turns / TOOL_AUDIO_RATE_HZ));
}

void tool_source_next(struct tool_source *source, int16_t out[TOOL_AUDIO_FRAME_SAMPLES])
{
	for (size_t i = 0; i < TOOL_AUDIO_FRAME_SAMPLES; i++, source->at++) {
		out[i] = 0;
		if (source->kind == TOOL_SOURCE_TONE) {
			out[i] = tone_sample(source->tone_hz, source->at);
		} else if (source->kind == TOOL_SOURCE_FILE && source->at < source->count) {
			out[i] = source->samples[source->at];
		}
	}
}

bool tool_source_is_over(const struct tool_source *source)
{
	return source->kind == TOOL_SOURCE_FILE && source->at >= source->count;
}
