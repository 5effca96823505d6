/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/tones.h"

#include "check.h"
#include "conf/milliwatt.h"
#include "conf/prompts_build.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void test_lists(void **state)
{
	static const struct {
		const char *text;
		bool good;
		size_t once, again; /* samples */
	} cases[] = {
		{ "busy", true, 0, 8000 },
		{ "Busy", true, 0, 8000 },
		{ "dial", true, 0, 8000 },
		{ "congestion", true, 0, 4000 * 1 },
		{ "ring", true, 0, 48000 },
		{ "callwaiting", true, 0, 82400 },
		{ "record", true, 0, 124000 },
		{ "info", true, 8000, 0 }, /* 990 ms in whole frames; then silence, which is no tone */
		{ "425", true, 0, 8000 },
		{ "400*25/400,0/200,400*25/400,0/2000", true, 0, 24000 },
		{ "425/50,0/5", true, 0, 1760 }, /* 4 rounds of 55 ms */
		{ "!425/50,!0/5", true, 480, 0 },
		{ "!425/100,425+450/500 , 0/500", true, 800, 8000 },
		{ "0", true, 0, 0 },
		{ "3999/20000", true, 0, 160000 },
		{ "", false, 0, 0 },
		{ "busyy", false, 0, 0 },
		{ "4000", false, 0, 0 },
		{ "425/", false, 0, 0 },
		{ "425/0", false, 0, 0 },
		{ "425/20001", false, 0, 0 },
		{ "425/20000,0/1", false, 0, 0 },
		{ "425+", false, 0, 0 },
		{ "425-450/100", false, 0, 0 },
		{ "425,0/500", false, 0, 0 }, /* for ever, and then something */
		{ "425/500,0", false, 0, 0 },
		{ "425/500,!950/100", false, 0, 0 }, /* once, but not first */
		{ "!425", false, 0, 0 },
		{ "425/100,", false, 0, 0 },
		{ "M60/100", false, 0, 0 },
		{ "425/1,425/1,425/1,425/1,425/1,425/1,425/1,425/1,425/1,425/1,425/1,425/1,425/1,425/1", false, 0, 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_span text = tg_span_text(cases[i].text);
		size_t once, again;

		print_message("# %s\n", cases[i].text);
		CHECK_UINT(conf_tone_check(text) == NULL, cases[i].good);
		free(conf_tone_render(cases[i].good ? text : TG_SPAN_LIT("x"), false, &once));
		free(conf_tone_render(cases[i].good ? text : TG_SPAN_LIT("x"), true, &again));
		CHECK_UINT(once, cases[i].once);
		CHECK_UINT(again, cases[i].again);
	}
}

/* How loud a frequency is in some samples, as the amplitude of its sine. */
static double part_of(const int16_t *samples, size_t count, double hz)
{
	double s = 0.0, c = 0.0;

	for (size_t i = 0; i < count; i++) {
		s += samples[i] * sin(2.0 * acos(-1.0) * hz * (double)i / CONF_TONE_RATE_HZ);
		c += samples[i] * cos(2.0 * acos(-1.0) * hz * (double)i / CONF_TONE_RATE_HZ);
	}
	return 2.0 * sqrt(s * s + c * c) / (double)count;
}

static bool is_near(double value, double want)
{
	return fabs(value - want) < 20.0;
}

static void test_what_is_heard(void **state)
{
	const double loud = 32124.0 * pow(10.0, -(13.0 + 3.17) / 20.0);
	size_t count;
	int16_t *dial = conf_tone_render(TG_SPAN_LIT("dial"), true, &count);
	(void)state;

	CHECK_TRUE(is_near(part_of(dial, count, 350), loud) && is_near(part_of(dial, count, 440), loud));
	CHECK_TRUE(is_near(part_of(dial, count, 400), 0));
	CHECK_UINT(dial[0], 0); /* and the last one is before a 0: it begins again without a step */
	CHECK_TRUE(abs(dial[count - 1]) < 4000 && dial[count - 1] < 0);
	int16_t *busy = conf_tone_render(TG_SPAN_LIT("busy"), true, &count);

	CHECK_TRUE(is_near(part_of(busy, 4000, 480), loud) && is_near(part_of(busy, 4000, 620), loud));
	for (size_t i = 4000; i < count; i++) {
		CHECK_UINT(busy[i], 0);
	}
	int16_t *swung = conf_tone_render(TG_SPAN_LIT("400*25/1000"), true, &count);

	CHECK_TRUE(is_near(part_of(swung, count, 400), loud));
	CHECK_TRUE(is_near(part_of(swung, count, 375), 0.45 * loud) &&
	           is_near(part_of(swung, count, 425), 0.45 * loud));
	int16_t *info = conf_tone_render(TG_SPAN_LIT("info"), false, &count);

	CHECK_TRUE(is_near(part_of(info, 2640, 950), loud) && is_near(part_of(info + 2640, 2640, 1400), loud) &&
	           is_near(part_of(info + 5280, 2640, 1800), loud));
	free(dial);
	free(busy);
	free(swung);
	free(info);
}

static int32_t ulaw_value(uint8_t code)
{
	const unsigned bits = (uint8_t)~code;
	const int32_t size = (int32_t)(((bits & 0x0f) << 3) + 132) * (1 << (bits >> 4 & 7)) - 132;

	return (bits & 0x80) != 0 ? -size : size;
}

static int32_t alaw_value(uint8_t code)
{
	const unsigned bits = code ^ 0x55U, segment = bits >> 4 & 7;
	const int32_t step = (int32_t)((bits & 0x0f) << 4) + 8;
	const int32_t size = segment == 0 ? step : (step + 256) * (1 << (segment - 1));

	return (bits & 0x80) != 0 ? size : -size;
}

/* ITU-T G.711: each code is that of its own value, and each value has the nearest code or the one beside it. */
static void test_codes(void **state)
{
	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		if (code != 0x7f) { /* there are two zeros in u-law */
			CHECK_UINT(conf_tone_ulaw((int16_t)ulaw_value((uint8_t)code)), code);
		}
		CHECK_UINT(conf_tone_alaw((int16_t)alaw_value((uint8_t)code)), code);
	}
	for (int32_t sample = INT16_MIN; sample <= INT16_MAX; sample++) {
		const int32_t u = ulaw_value(conf_tone_ulaw((int16_t)sample)),
			      a = alaw_value(conf_tone_alaw((int16_t)sample));
		const int32_t size = abs(sample);

		if (abs(u - sample) > size / 32 + 8 && size < 32636) {
			CHECK_UINT(sample, u);
		}
		if (abs(a - sample) > size / 32 + 8) {
			CHECK_UINT(sample, a);
		}
	}
	/* The tone of Milliwatt comes from another coder. */
	for (size_t i = 0; i < sizeof(conf_milliwatt_ulaw); i++) {
		const int16_t sample = (int16_t)(conf_milliwatt_slin[2 * i] << 8 | conf_milliwatt_slin[2 * i + 1]);

		CHECK_TRUE(abs(ulaw_value(conf_tone_ulaw(sample)) - ulaw_value(conf_milliwatt_ulaw[i])) <=
		           abs(sample) / 16 + 8);
	}
}

static void test_tones_become_prompts(void **state)
{
	struct conf_tones tones = { .count = 2, .texts = { "!950/330,425/500,0/500", "dial" } };
	struct conf_problems problems = { .errors = 0 };
	size_t size;
	struct prompts *prompts = conf_prompts_build(NULL, &tones, "sounds", &problems, &size);
	static const struct {
		const char *name;
		uint32_t frames;
	} wanted[] = {
		{ PROMPT_TONE_ONCE "!950/330,425/500,0/500", 17 },
		{ PROMPT_TONE "!950/330,425/500,0/500", 50 },
		{ PROMPT_TONE "dial", 50 },
	};
	static const struct {
		uint64_t format;
		uint32_t frame_bytes;
	} formats[] = { { 1 << 2, 160 }, { 1 << 3, 160 }, { 1 << 6, 320 } };
	(void)state;

	CHECK_UINT(prompts->count, 3 * (2 + TG_COUNT(wanted)));
	for (size_t i = 0; i < TG_COUNT(wanted); i++) {
		for (size_t k = 0; k < TG_COUNT(formats); k++) {
			const int row = prompts_find(prompts, tg_span_text(wanted[i].name), formats[k].format);

			CHECK_TRUE(row >= 0);
			CHECK_UINT(prompts_row(prompts, (uint32_t)row)->frames, wanted[i].frames);
			CHECK_UINT(prompts_frame(prompts, (uint32_t)row, 0).len, formats[k].frame_bytes);
		}
	}
	CHECK_UINT(prompts_formats(prompts, TG_SPAN_LIT(PROMPT_TONE_ONCE "dial")), 0);
	free(prompts);
	conf_problems_free(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_what_is_heard),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_tones_become_prompts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
