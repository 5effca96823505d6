/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "iax/wire.h"
#include "tools/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FRAME = TOOL_AUDIO_FRAME_SAMPLES };

/* Frames with their timestamps; frame k is recorded as samples of the value 100 * (k + 1). */
static const struct {
	const char *name;
	uint32_t ts_ms[5];
	size_t count;
	int want[8]; /* by frame of the recording, in hundreds; -1 ends */
} rows[] = {
	{ "in order", { 0, 20, 40, 60 }, 4, { 1, 2, 3, 4, -1 } },
	{ "one lost", { 0, 20, 60 }, 3, { 1, 2, 0, 3, -1 } },
	{ "two lost", { 1000, 1060 }, 2, { 1, 0, 0, 2, -1 } },
	{ "late by a frame", { 0, 40, 20, 60 }, 4, { 1, 0, 2, 4, -1 } },
	{ "a full frame 1 ms later than its sound", { 1, 20, 40 }, 3, { 1, 2, 3, -1 } },
	{ "skew both ways", { 0, 24, 37, 60 }, 4, { 1, 2, 3, 4, -1 } },
	{ "a pause of 2 s", { 0, 2000, 2020 }, 3, { 1, 2, 3, -1 } },
	{ "the clock wraps", { UINT32_MAX - 19, 0, 40 }, 3, { 1, 2, 0, 3, -1 } },
};

static void hear(struct tool_media *media, uint32_t ts_ms, int16_t value)
{
	uint8_t payload[FRAME * 2];
	struct tg_writer w = tg_writer_of(payload, sizeof(payload));

	for (size_t i = 0; i < FRAME; i++) {
		tg_put_u16(&w, (uint16_t)value);
	}
	const struct iax_event voice = {
		.kind = IAX_EV_VOICE, .format = IAX_FORMAT_SLIN, .ts_ms = ts_ms, .payload = tg_writer_span(&w)
	};

	tool_media_hear(media, NULL, &voice, 0);
}

static void test_a_recording_keeps_the_senders_time(void **state)
{
	struct tool_audio *audio = tool_audio_new();
	struct tool_source silence = { .kind = TOOL_SOURCE_SILENCE };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char path[64], wrong[128];
		struct tool_media media = { .audio = audio, .source = &silence };
		size_t count = 0, frames = 0;

		print_message("# %s\n", rows[i].name);
		snprintf(path, sizeof(path), "/tmp/tg-test-media-%d.wav", (int)getpid());
		media.wav = tool_wav_new(path);
		for (size_t k = 0; k < rows[i].count; k++) {
			hear(&media, rows[i].ts_ms[k], (int16_t)(100 * (k + 1)));
		}
		CHECK_TRUE(tool_wav_free(media.wav));
		CHECK_FALSE(media.record_failed);
		int16_t *samples = tool_wav_read(path, &count, wrong, sizeof(wrong));

		unlink(path);
		CHECK_TRUE(samples != NULL);
		for (; rows[i].want[frames] >= 0; frames++) {
			CHECK_TRUE(count >= (frames + 1) * FRAME);
			CHECK_INT(samples[frames * FRAME], rows[i].want[frames] * 100);
			CHECK_INT(samples[frames * FRAME + FRAME - 1], rows[i].want[frames] * 100);
		}
		CHECK_UINT(count, frames * FRAME);
		free(samples);
	}
	tool_audio_free(audio);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_recording_keeps_the_senders_time),
	};

	return cmocka_run_group_tests_name("media", tests, NULL, NULL);
}
