/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "iax/wire.h"
#include "tools/audio.h"
#include "tools/source.h"
#include "tools/wav.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RATE = TOOL_AUDIO_RATE_HZ, FRAME = TOOL_AUDIO_FRAME_SAMPLES };

/* How much of one frequency is in there, as the amplitude of a sine (Goertzel). */
static double amplitude(const int16_t *samples, size_t count, double hz)
{
	const double step = 2 * cos(2 * M_PI * hz / RATE);
	double a = 0, b = 0;

	for (size_t i = 0; i < count; i++) {
		const double next = samples[i] + step * a - b;

		b = a;
		a = next;
	}
	return 2 * sqrt(a * a + b * b - step * a * b) / (double)count;
}

static void temporary(char path[64])
{
	snprintf(path, 64, "/tmp/tg-test-sound-XXXXXX");
	const int fd = mkstemp(path);

	CHECK_TRUE(fd >= 0);
	close(fd);
}

/* ITU-T G.711, tables 1 and 2: some values of both laws; libsndfile's 16-bit scale. */
static void test_g711_known_values(void **state)
{
	static const struct {
		uint64_t format;
		uint8_t code;
		int16_t level;
	} rows[] = {
		{ IAX_FORMAT_ULAW, 0xff, 0 },  { IAX_FORMAT_ULAW, 0x80, 32124 }, { IAX_FORMAT_ULAW, 0x00, -32124 },
		{ IAX_FORMAT_ULAW, 0xfe, 8 },  { IAX_FORMAT_ULAW, 0x8f, 16764 }, { IAX_FORMAT_ALAW, 0xd5, 8 },
		{ IAX_FORMAT_ALAW, 0x55, -8 }, { IAX_FORMAT_ALAW, 0xaa, 32256 }, { IAX_FORMAT_ALAW, 0x2a, -32256 },
	};
	struct tool_audio *audio = tool_audio_new();

	(void)state;
	CHECK_TRUE(audio != NULL);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		int16_t level = 1;
		uint8_t code = 1;

		CHECK_UINT(tool_audio_decode(audio, rows[i].format, (struct tg_span){ &rows[i].code, 1 }, &level, 1),
		           1);
		CHECK_INT(level, rows[i].level);
		CHECK_UINT(tool_audio_encode(audio, rows[i].format, &level, 1, &code), 1);
		CHECK_UINT(code, rows[i].code);
	}
	tool_audio_free(audio);
}

/* Every code decodes to a level that encodes to a code of the same level. */
static void test_every_code_survives(void **state)
{
	static const uint64_t formats[] = { IAX_FORMAT_ULAW, IAX_FORMAT_ALAW };
	struct tool_audio *audio = tool_audio_new();

	(void)state;
	for (size_t k = 0; k < TG_COUNT(formats); k++) {
		for (unsigned i = 0; i < 256; i++) {
			uint8_t code = (uint8_t)i;
			int16_t level = 0, again = 0;

			tool_audio_decode(audio, formats[k], (struct tg_span){ &code, 1 }, &level, 1);
			tool_audio_encode(audio, formats[k], &level, 1, &code);
			tool_audio_decode(audio, formats[k], (struct tg_span){ &code, 1 }, &again, 1);
			CHECK_INT(again, level);
		}
	}
	tool_audio_free(audio);
}

static void test_slin_is_big_endian(void **state)
{
	static const int16_t samples[] = { 0x0102, -2 };
	struct tool_audio *audio = tool_audio_new();
	uint8_t octets[4];
	int16_t back[4] = { 0 };

	(void)state;
	CHECK_UINT(tool_audio_encode(audio, IAX_FORMAT_SLIN, samples, 2, octets), 4);
	CHECK_SPAN(((struct tg_span){ octets, 4 }), ((struct tg_span){ (const uint8_t *)"\1\2\xff\xfe", 4 }));
	CHECK_UINT(tool_audio_decode(audio, IAX_FORMAT_SLIN, (struct tg_span){ octets, 4 }, back, 4), 2);
	CHECK_INT(back[0], samples[0]);
	CHECK_INT(back[1], samples[1]);
	CHECK_UINT(tool_audio_decode(audio, IAX_FORMAT_SLIN, (struct tg_span){ octets, 3 }, back, 4), 1);
	CHECK_UINT(tool_audio_encode(audio, IAX_FORMAT_GSM, samples, 2, octets), 0);
	CHECK_UINT(tool_audio_decode(audio, IAX_FORMAT_GSM, (struct tg_span){ octets, 4 }, back, 4), 0);
	CHECK_UINT(tool_audio_frame_bytes(IAX_FORMAT_GSM), 0);
	CHECK_UINT(tool_audio_frame_bytes(IAX_FORMAT_ULAW), 160);
	CHECK_UINT(tool_audio_frame_bytes(IAX_FORMAT_SLIN), 320);
	tool_audio_free(audio);
}

static void test_a_tone_is_that_tone(void **state)
{
	static int16_t samples[50 * FRAME];
	struct tool_source source;
	char wrong[256] = "";

	(void)state;
	CHECK_TRUE(tool_source_init(&source, "tone:1234", wrong, sizeof(wrong)));
	for (size_t i = 0; i < 50; i++) {
		tool_source_next(&source, samples + i * FRAME);
	}
	CHECK_TRUE(fabs(amplitude(samples, TG_COUNT(samples), 1234) - 16000) < 16);
	CHECK_TRUE(amplitude(samples, TG_COUNT(samples), 1334) < 16);
	CHECK_FALSE(tool_source_is_over(&source));
	/* An hour later the phase is still right: the same second sounds the same. */
	source.at += (uint64_t)3600 * RATE;
	CHECK_INT(amplitude(samples, TG_COUNT(samples), 1234) > 15000, 1);
	tool_source_next(&source, samples + FRAME);
	CHECK_TRUE(memcmp(samples, samples + FRAME, FRAME * sizeof(samples[0])) == 0);
	tool_source_deinit(&source);
}

static void test_sources_by_name(void **state)
{
	static const struct {
		const char *what;
		enum tool_source_kind kind;
	} rows[] = {
		{ "tone", TOOL_SOURCE_TONE },       { "tone:20", TOOL_SOURCE_TONE }, { "tone:3900", TOOL_SOURCE_TONE },
		{ "silence", TOOL_SOURCE_SILENCE }, { "echo", TOOL_SOURCE_ECHO },
	};
	static const char *const bad[] = {
		"tone:", "tone:19", "tone:3901", "tone:x", "tone:-1", "/nonexistent/file.wav"
	};
	struct tool_source source;
	char wrong[256];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		CHECK_TRUE(tool_source_init(&source, rows[i].what, wrong, sizeof(wrong)));
		CHECK_UINT(source.kind, rows[i].kind);
		tool_source_deinit(&source);
	}
	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		wrong[0] = '\0';
		CHECK_FALSE(tool_source_init(&source, bad[i], wrong, sizeof(wrong)));
		CHECK_TRUE(wrong[0] != '\0');
	}
}

static void test_wav_round_trip(void **state)
{
	int16_t samples[3 * FRAME + 7], *back = NULL;
	char path[64], wrong[256];
	struct tool_source source;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < TG_COUNT(samples); i++) {
		samples[i] = (int16_t)(i * 997);
	}
	temporary(path);
	struct tool_wav *wav = tool_wav_new(path);

	CHECK_TRUE(wav != NULL);
	CHECK_TRUE(tool_wav_put(wav, samples, FRAME));
	CHECK_TRUE(tool_wav_put(wav, samples + FRAME, TG_COUNT(samples) - FRAME));
	CHECK_TRUE(tool_wav_free(wav));

	back = tool_wav_read(path, &count, wrong, sizeof(wrong));
	CHECK_TRUE(back != NULL);
	CHECK_UINT(count, TG_COUNT(samples));
	CHECK_TRUE(memcmp(back, samples, sizeof(samples)) == 0);
	free(back);

	/* Played as a source: the file, then silence. */
	CHECK_TRUE(tool_source_init(&source, path, wrong, sizeof(wrong)));
	for (size_t i = 0; i < 4; i++) {
		int16_t frame[FRAME];

		CHECK_FALSE(tool_source_is_over(&source));
		tool_source_next(&source, frame);
		CHECK_INT(frame[0], samples[i * FRAME]);
		CHECK_INT(frame[FRAME - 1], i < 3 ? samples[i * FRAME + FRAME - 1] : 0);
	}
	CHECK_TRUE(tool_source_is_over(&source));
	tool_source_deinit(&source);
	unlink(path);
}

/* The 44 octets as they must be: one second of samples. */
static void test_wav_header(void **state)
{
	static const uint8_t want[44] =
		"RIFF\xa4\x3e\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\x80\x3e\0\0";
	static int16_t second[RATE];
	uint8_t got[44];
	char path[64];

	(void)state;
	temporary(path);
	struct tool_wav *wav = tool_wav_new(path);

	CHECK_TRUE(tool_wav_put(wav, second, RATE));
	/* Not closed yet: the header is right all the same. */
	FILE *file = fopen(path, "rb");

	CHECK_UINT(fread(got, 1, sizeof(got), file), sizeof(got));
	CHECK_SPAN(((struct tg_span){ got, sizeof(got) }), ((struct tg_span){ want, sizeof(want) }));
	fclose(file);
	CHECK_TRUE(tool_wav_free(wav));
	unlink(path);
}

static void test_wav_that_does_not_fit(void **state)
{
	static const uint8_t other_rate[] =
		"RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data\4\0\0\0\1\0\2\0";
	char path[64], wrong[256] = "";
	size_t count = 0;

	(void)state;
	temporary(path);
	CHECK_TRUE(tool_wav_read(path, &count, wrong, sizeof(wrong)) == NULL);
	CHECK_TRUE(wrong[0] != '\0');
	FILE *file = fopen(path, "wb");

	fwrite(other_rate, 1, sizeof(other_rate) - 1, file);
	fclose(file);
	CHECK_TRUE(tool_wav_read(path, &count, wrong, sizeof(wrong)) == NULL);
	CHECK_TRUE(strstr(wrong, "16000 samples a second, not 8000") != NULL);
	unlink(path);
	CHECK_TRUE(tool_wav_new("/nonexistent/x.wav") == NULL);
	CHECK_TRUE(tool_wav_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_g711_known_values),  cmocka_unit_test(test_every_code_survives),
		cmocka_unit_test(test_slin_is_big_endian), cmocka_unit_test(test_a_tone_is_that_tone),
		cmocka_unit_test(test_sources_by_name),    cmocka_unit_test(test_wav_round_trip),
		cmocka_unit_test(test_wav_header),         cmocka_unit_test(test_wav_that_does_not_fit),
	};

	return cmocka_run_group_tests_name("sound", tests, NULL, NULL);
}
