/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/prompts_build.h"

#include "check.h"
#include "conf/memory_files.h"
#include "conf/milliwatt.h"
#include "model/codec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct sound {
	const char *path;
	size_t len;
	uint8_t fill;
	const char *why;
};

struct sounds {
	const struct sound *sounds;
	size_t count, at;
	uint8_t bytes[2000];
};

static bool next_sound(void *owner, const char **path, struct tg_span *bytes, const char **why)
{
	struct sounds *sounds = owner;

	if (sounds->at == sounds->count) {
		return false;
	}
	const struct sound *sound = &sounds->sounds[sounds->at++];

	for (size_t i = 0; i < sound->len; i++) {
		sounds->bytes[i] = (uint8_t)(sound->fill + i);
	}
	*path = sound->path;
	*bytes = (struct tg_span){ sounds->bytes, sound->len };
	*why = sound->why;
	return true;
}

static struct prompts *build(const struct sound *list, size_t count, char **problems_text)
{
	struct sounds sounds = { .sounds = list, .count = count };
	const struct conf_sounds source = { .owner = &sounds, .next = next_sound };
	struct conf_problems problems = { 0 };
	size_t size;
	struct prompts *prompts = conf_prompts_build(&source, NULL, "sounds", &problems, &size);

	CHECK_TEXT(prompts_check(prompts, size), NULL);
	*problems_text = problems_dump(&problems);
	conf_problems_free(&problems);
	return prompts;
}

#define BIT(n) (UINT64_C(1) << (n))

static void test_files_are_cut_into_frames(void **state)
{
	static const struct {
		const char *path, *name;
		unsigned bit;
		uint32_t frame_bytes;
		size_t len;
		uint32_t frames;
		int tail; /* -1: nothing was added */
	} cases[] = {
		{ "a.ulaw", "a", CODEC_ULAW_BIT, 160, 320, 2, -1 },
		{ "b.ul", "b", CODEC_ULAW_BIT, 160, 161, 2, 0xff },
		{ "c/d.alaw", "c/d", CODEC_ALAW_BIT, 160, 159, 1, 0xd5 },
		{ "e.al", "e", CODEC_ALAW_BIT, 160, 160, 1, -1 },
		{ "f.gsm", "f", CODEC_GSM_BIT, 33, 70, 2, -1 },
		{ "g.g722", "g", CODEC_G722_BIT, 160, 161, 2, 0xfa },
		{ "h.i.ulaw", "h.i", CODEC_ULAW_BIT, 160, 1, 1, 0xff },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct sound sound = { cases[i].path, cases[i].len, 7, NULL };
		char *problems;
		struct prompts *prompts = build(&sound, 1, &problems);
		const int at = prompts_find(prompts, tg_span_text(cases[i].name), BIT(cases[i].bit));

		CHECK_TEXT(problems, "");
		CHECK_TRUE(at >= 0);
		CHECK_UINT(prompts_row(prompts, (uint32_t)at)->frame_bytes, cases[i].frame_bytes);
		CHECK_UINT(prompts_row(prompts, (uint32_t)at)->frames, cases[i].frames);
		const struct tg_span first = prompts_frame(prompts, (uint32_t)at, 0);
		const struct tg_span last = prompts_frame(prompts, (uint32_t)at, cases[i].frames - 1);

		CHECK_UINT(first.len, cases[i].frame_bytes);
		CHECK_UINT(first.p[0], 7);
		if (cases[i].tail >= 0) {
			CHECK_UINT(last.p[last.len - 1], (uint64_t)cases[i].tail);
		}
		free(problems);
		free(prompts);
	}
}

static void test_linear_samples_change_their_order(void **state)
{
	static const struct sound sound = { "a.sln", 321, 0, NULL };
	char *problems;
	struct prompts *prompts = build(&sound, 1, &problems);
	const int at = prompts_find(prompts, TG_SPAN_LIT("a"), BIT(CODEC_SLIN_BIT));
	(void)state;

	CHECK_UINT(prompts_row(prompts, (uint32_t)at)->frames, 2);
	CHECK_UINT(prompts_frame(prompts, (uint32_t)at, 0).p[0], 1);
	CHECK_UINT(prompts_frame(prompts, (uint32_t)at, 0).p[1], 0);
	CHECK_UINT(prompts_frame(prompts, (uint32_t)at, 1).p[1], 320 & 0xff);
	CHECK_UINT(prompts_frame(prompts, (uint32_t)at, 1).p[0], 0);
	free(problems);
	free(prompts);
}

static void test_formats_of_a_name(void **state)
{
	static const struct sound sounds[] = {
		{ "hello.gsm", 33, 0, NULL },
		{ "hello.ulaw", 160, 0, NULL },
		{ "hello/x.alaw", 160, 0, NULL },
		{ "hell.g722", 160, 0, NULL },
	};
	char *problems;
	struct prompts *prompts = build(sounds, TG_COUNT(sounds), &problems);
	(void)state;

	CHECK_UINT(prompts_formats(prompts, TG_SPAN_LIT("hello")), BIT(CODEC_GSM_BIT) | BIT(CODEC_ULAW_BIT));
	CHECK_UINT(prompts_formats(prompts, TG_SPAN_LIT("hello/x")), BIT(CODEC_ALAW_BIT));
	CHECK_UINT(prompts_formats(prompts, TG_SPAN_LIT("hell")), BIT(CODEC_G722_BIT));
	CHECK_UINT(prompts_formats(prompts, TG_SPAN_LIT("hel")), 0);
	CHECK_UINT(prompts_formats(prompts, TG_SPAN_LIT("")), 0);
	CHECK_UINT(prompts_formats(prompts, (struct tg_span){ 0 }), 0);
	CHECK_INT(prompts_find(prompts, TG_SPAN_LIT("hello"), BIT(CODEC_ALAW_BIT)), -1);
	CHECK_UINT(prompts_formats(prompts, TG_SPAN_LIT(PROMPT_MILLIWATT_1000)),
	           BIT(CODEC_ULAW_BIT) | BIT(CODEC_ALAW_BIT) | BIT(CODEC_SLIN_BIT));
	CHECK_UINT(prompts_formats(prompts, TG_SPAN_LIT(PROMPT_MILLIWATT)),
	           BIT(CODEC_ULAW_BIT) | BIT(CODEC_ALAW_BIT) | BIT(CODEC_SLIN_BIT));
	free(problems);
	free(prompts);
}

static void test_what_is_left_out_is_said(void **state)
{
	static const char long_name[] =
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
		"89012345.ulaw"; /* 96 octets and the extension */
	static const struct {
		struct sound sounds[2];
		size_t count;
		const char *want;
	} cases[] = {
		{ { { "x.gsm", 0, 0, "may be written by everybody" } },
		  1,
		  "x.gsm: warning: the sound may be written by everybody\n" },
		{ { { "x.gsm", 32, 0, NULL } }, 1, "x.gsm: warning: the sound is shorter than one frame\n" },
		{ { { "x.ulaw", 0, 0, NULL } }, 1, "x.ulaw: warning: the sound is shorter than one frame\n" },
		{ { { "x.ulaw", 160, 0, NULL }, { "x.ul", 160, 0, NULL } },
		  2,
		  "sounds: warning: \"x\" is there twice in one format\n" },
		{ { { "tollgate/milliwatt.ulaw", 160, 0, NULL } },
		  1,
		  "tollgate/milliwatt.ulaw: warning: this name is that of the built-in tone\n" },
		{ { { "tollgate/milliwatt1000.ulaw", 160, 0, NULL } },
		  1,
		  "tollgate/milliwatt1000.ulaw: warning: this name is that of the built-in tone\n" },
		{ { { "x.wav", 160, 0, NULL }, { "y.mp3", 160, 0, NULL } },
		  2,
		  "sounds: note: not in ulaw, alaw, gsm, g722 or sln, and left out: x.wav and others\n" },
	};
	char *problems;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		free(build(cases[i].sounds, cases[i].count, &problems));
		CHECK_TEXT(problems, cases[i].want);
		free(problems);
	}
	const struct sound too_long = { long_name, 160, 0, NULL };

	free(build(&too_long, 1, &problems));
	CHECK_TRUE(strstr(problems, "the name of a sound has at most 95 octets") != NULL);
	free(problems);
}

static double power_of(const double *samples, int count, double hz)
{
	const double pi = acos(-1.0);
	double re = 0, im = 0;

	for (int i = 0; i < count; i++) {
		re += samples[i] * cos(2 * pi * hz * i / 8000);
		im += samples[i] * sin(2 * pi * hz * i / 8000);
	}
	return 2 * (re * re + im * im) / ((double)count * count);
}

static double power_at(const double *samples, double hz)
{
	return power_of(samples, CONF_MILLIWATT_SAMPLES, hz);
}

/* 0 dBm0 is 3.17 dB below a full-scale sine of 32124; all of it at 1004 Hz. */
static void test_the_tone_is_one_milliwatt_at_1004_hz(void **state)
{
	const double want = 32124.0 / pow(10, 3.17 / 20), want_power = want * want / 2;
	double samples[CONF_MILLIWATT_SAMPLES], total = 0;
	(void)state;

	for (int i = 0; i < CONF_MILLIWATT_SAMPLES; i++) {
		samples[i] = (int16_t)(conf_milliwatt_slin[2 * i] << 8 | conf_milliwatt_slin[2 * i + 1]);
		total += samples[i] * samples[i] / CONF_MILLIWATT_SAMPLES;
	}
	CHECK_TRUE(fabs(10 * log10(total / want_power)) < 0.01);
	CHECK_TRUE(fabs(10 * log10(power_at(samples, 1004) / want_power)) < 0.01);
	CHECK_TRUE(power_at(samples, 1000) < want_power / 1e6);
	/* the step from the last sample to the first is one like all others */
	CHECK_TRUE(fabs(samples[0] - samples[CONF_MILLIWATT_SAMPLES - 1]) < want * 0.79);
	CHECK_TRUE(samples[0] > -1 && samples[0] < 1);
}

/* ITU-T G.711, in words: sign, segment and step of one octet, to linear on the scale of 16 bits. */
static double ulaw_to_linear(uint8_t octet)
{
	const uint8_t code = (uint8_t)~octet;
	const int magnitude = (((code & 0x0f) << 3) + 0x84) << (code >> 4 & 7);

	return (code & 0x80) != 0 ? 0x84 - magnitude : magnitude - 0x84;
}

static double alaw_to_linear(uint8_t octet)
{
	const uint8_t code = octet ^ 0x55;
	const int segment = code >> 4 & 7, step = (code & 0x0f) << 4;
	const int magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1);

	return (code & 0x80) != 0 ? magnitude : -magnitude;
}

static void test_the_tone_in_both_laws(void **state)
{
	const double ulaw_want = 32124.0 / pow(10, 3.17 / 20), alaw_want = 32256.0 / pow(10, 3.14 / 20);
	double ulaw[CONF_MILLIWATT_SAMPLES], alaw[CONF_MILLIWATT_SAMPLES];
	(void)state;

	for (int i = 0; i < CONF_MILLIWATT_SAMPLES; i++) {
		ulaw[i] = ulaw_to_linear(conf_milliwatt_ulaw[i]);
		alaw[i] = alaw_to_linear(conf_milliwatt_alaw[i]);
	}
	CHECK_TRUE(fabs(10 * log10(power_at(ulaw, 1004) / (ulaw_want * ulaw_want / 2))) < 0.1);
	CHECK_TRUE(fabs(10 * log10(power_at(alaw, 1004) / (alaw_want * alaw_want / 2))) < 0.1);
}

/* The other one, in all three formats. */
static void test_the_tone_at_1000_hz(void **state)
{
	const double ulaw_want = 32124.0 / pow(10, 3.17 / 20), alaw_want = 32256.0 / pow(10, 3.14 / 20);
	double ulaw[CONF_MILLIWATT_1000_SAMPLES], alaw[CONF_MILLIWATT_1000_SAMPLES], slin[CONF_MILLIWATT_1000_SAMPLES];
	(void)state;

	for (int i = 0; i < CONF_MILLIWATT_1000_SAMPLES; i++) {
		ulaw[i] = ulaw_to_linear(conf_milliwatt1000_ulaw[i]);
		alaw[i] = alaw_to_linear(conf_milliwatt1000_alaw[i]);
		slin[i] = (int16_t)(conf_milliwatt1000_slin[2 * i] << 8 | conf_milliwatt1000_slin[2 * i + 1]);
	}
	CHECK_TRUE(fabs(10 * log10(power_of(ulaw, TG_COUNT(ulaw), 1000) / (ulaw_want * ulaw_want / 2))) < 0.1);
	CHECK_TRUE(fabs(10 * log10(power_of(alaw, TG_COUNT(alaw), 1000) / (alaw_want * alaw_want / 2))) < 0.1);
	CHECK_TRUE(fabs(10 * log10(power_of(slin, TG_COUNT(slin), 1000) / (ulaw_want * ulaw_want / 2))) < 0.01);
	CHECK_TRUE(fabs(slin[0]) < 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_are_cut_into_frames),
		cmocka_unit_test(test_linear_samples_change_their_order),
		cmocka_unit_test(test_formats_of_a_name),
		cmocka_unit_test(test_what_is_left_out_is_said),
		cmocka_unit_test(test_the_tone_is_one_milliwatt_at_1004_hz),
		cmocka_unit_test(test_the_tone_in_both_laws),
		cmocka_unit_test(test_the_tone_at_1000_hz),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
