/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/choice.h"

#include "check.h"

#define ULAW IAX_FORMAT_ULAW
#define ALAW IAX_FORMAT_ALAW
#define GSM IAX_FORMAT_GSM
#define G722 IAX_FORMAT_G722
#define OPUS IAX_FORMAT_OPUS
#define H264 IAX_FORMAT_H264

static void test_letters(void **state)
{
	static const struct {
		const char *name, *letters;
		uint64_t offer;
		uint64_t want[4];
	} cases[] = {
		{ "the common ones", "DEC", ULAW | ALAW | GSM, { ULAW, ALAW, GSM } },
		{ "what is not offered is left out", "DEC", ULAW | GSM, { ULAW, GSM } },
		{ "G.722 by the newer letter", "OD", ULAW | G722, { G722, ULAW } },
		{ "G.722 by the older letter", "ND", ULAW | G722, { G722, ULAW } },
		{ "N is the newer one if both fit", "N", G722 | IAX_FORMAT_G726AAL2, { IAX_FORMAT_G726AAL2 } },
		{ "L as Speex wide band", "L", IAX_FORMAT_SPEEX16 | IAX_FORMAT_ILBC, { IAX_FORMAT_SPEEX16 } },
		{ "L as iLBC", "L", IAX_FORMAT_ILBC, { IAX_FORMAT_ILBC } },
		{ "M as iLBC", "M", IAX_FORMAT_ILBC, { IAX_FORMAT_ILBC } },
		{ "M as G.726", "M", IAX_FORMAT_G726, { IAX_FORMAT_G726 } },
		{ "F as G.726", "F", IAX_FORMAT_G726, { IAX_FORMAT_G726 } },
		{ "F by the older letter", "F", IAX_FORMAT_G726AAL2, { IAX_FORMAT_G726AAL2 } },
		{ "letters beyond Z", "f]", OPUS | IAX_FORMAT_G719, { OPUS, IAX_FORMAT_G719 } },
		{ "unknown letters",
		  "A@\\_z\x01\xff"
		  "D",
		  UINT64_MAX,
		  { ULAW } },
		{ "one letter twice", "DDED", ULAW | ALAW, { ULAW, ALAW } },
		{ "none", "", ULAW, { 0 } },
		{ "no offer", "DEC", 0, { 0 } },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct iax_prefs prefs;
		size_t count = 0;

		print_message("# %s\n", cases[i].name);
		iax_prefs_decode(&prefs, tg_span_text(cases[i].letters), cases[i].offer);
		while (count < TG_COUNT(cases[i].want) && cases[i].want[count] != 0) {
			CHECK_UINT(prefs.formats[count], cases[i].want[count]);
			count++;
		}
		CHECK_UINT(prefs.count, count);
	}
}

static void test_letters_are_limited(void **state)
{
	uint8_t letters[200];
	struct iax_prefs prefs;
	(void)state;

	memset(letters, 'B', sizeof(letters));
	letters[IAX_CODEC_PREFS_MAX] = 'D';
	iax_prefs_decode(&prefs, (struct tg_span){ letters, sizeof(letters) }, UINT64_MAX);
	CHECK_UINT(prefs.count, 1);
}

static void test_letters_come_back(void **state)
{
	static const uint64_t formats[] = { G722, ULAW, IAX_FORMAT_THEORA, OPUS, IAX_FORMAT_SPEEX16, IAX_FORMAT_G726 };
	static const uint64_t want[] = { G722, ULAW, OPUS, IAX_FORMAT_SPEEX16, IAX_FORMAT_G726 };
	uint8_t letters[IAX_CODEC_PREFS_MAX];
	struct iax_prefs prefs;
	(void)state;

	const size_t len = iax_prefs_encode(letters, formats, TG_COUNT(formats));

	CHECK_SPAN(((struct tg_span){ letters, len }), TG_SPAN_LIT("ODfLF"));
	iax_prefs_decode(&prefs, (struct tg_span){ letters, len }, UINT64_MAX);
	CHECK_UINT(prefs.count, TG_COUNT(want));
	for (size_t i = 0; i < TG_COUNT(want); i++) {
		CHECK_UINT(prefs.formats[i], want[i]);
	}
}

static void test_choices(void **state)
{
	static const struct {
		const char *name;
		enum iax_codec_priority priority;
		uint64_t own[3], offer, requested;
		uint64_t caller[3];
		bool wide;
		uint64_t want;
	} cases[] = {
		{ "ours comes first", IAX_CODEC_HOST, { GSM, ULAW }, ULAW | GSM, ULAW, { ULAW, GSM }, false, GSM },
		{ "ours that he has", IAX_CODEC_HOST, { G722, ULAW, GSM }, ULAW | GSM, GSM, { GSM }, false, ULAW },
		{ "his comes first", IAX_CODEC_CALLER, { GSM, ULAW }, ULAW | GSM, GSM, { ULAW, GSM }, false, ULAW },
		{ "his that we have",
		  IAX_CODEC_CALLER,
		  { GSM, ULAW },
		  ULAW | ALAW | GSM,
		  0,
		  { ALAW, ULAW },
		  false,
		  ULAW },
		{ "ours when his has nothing", IAX_CODEC_CALLER, { GSM, ULAW }, ULAW | GSM, 0, { ALAW }, false, GSM },
		{ "what he asks for when he has no list",
		  IAX_CODEC_CALLER,
		  { GSM, ULAW },
		  ULAW | GSM,
		  GSM,
		  { 0 },
		  false,
		  GSM },
		{ "the best when he says nothing", IAX_CODEC_CALLER, { GSM, ULAW }, ULAW | GSM, 0, { 0 }, false, ULAW },
		{ "what he asks for", IAX_CODEC_DISABLED, { GSM, ULAW }, ULAW | GSM, GSM, { ULAW }, false, GSM },
		{ "the best when we have not that",
		  IAX_CODEC_DISABLED,
		  { GSM, ULAW },
		  ULAW | ALAW | GSM,
		  ALAW,
		  { 0 },
		  false,
		  ULAW },
		{ "only what he asks for", IAX_CODEC_REQONLY, { GSM, ULAW }, ULAW | GSM, GSM, { ULAW }, false, GSM },
		{ "and that we have not",
		  IAX_CODEC_REQONLY,
		  { GSM, ULAW },
		  ULAW | ALAW | GSM,
		  ALAW,
		  { ULAW },
		  false,
		  0 },
		{ "several asked for are no preference",
		  IAX_CODEC_REQONLY,
		  { GSM, ULAW },
		  ULAW | GSM,
		  ULAW | GSM,
		  { 0 },
		  false,
		  0 },
		{ "audio and video asked for",
		  IAX_CODEC_REQONLY,
		  { GSM, ULAW, H264 },
		  GSM | H264,
		  GSM | H264,
		  { 0 },
		  false,
		  GSM },
		{ "what he asks for but does not offer", IAX_CODEC_REQONLY, { GSM, ULAW }, ULAW, GSM, { 0 }, false, 0 },
		{ "nothing in common", IAX_CODEC_HOST, { GSM }, ULAW, ULAW, { ULAW }, false, 0 },
		{ "video in common only", IAX_CODEC_HOST, { ULAW, H264 }, H264 | GSM, GSM, { GSM }, false, 0 },
		{ "no offer", IAX_CODEC_HOST, { ULAW }, 0, 0, { 0 }, false, 0 },
		{ "over bit 31 for who knows the element",
		  IAX_CODEC_HOST,
		  { OPUS, ULAW },
		  OPUS | ULAW,
		  ULAW,
		  { 0 },
		  true,
		  OPUS },
		{ "not for others", IAX_CODEC_HOST, { OPUS, ULAW }, OPUS | ULAW, OPUS, { OPUS }, false, ULAW },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct iax_prefs caller = { .count = 0 };
		struct iax_choice choice = {
			.priority = cases[i].priority,
			.own_formats = cases[i].own,
			.own_count = TG_COUNT(cases[i].own),
			.own = cases[i].own[0] | cases[i].own[1] | cases[i].own[2],
			.offer = cases[i].offer,
			.requested = cases[i].requested,
			.caller = &caller,
			.wide = cases[i].wide,
		};

		while (caller.count < TG_COUNT(cases[i].caller) && cases[i].caller[caller.count] != 0) {
			caller.formats[caller.count] = cases[i].caller[caller.count];
			caller.count++;
		}
		print_message("# %s\n", cases[i].name);
		CHECK_UINT(iax_format_choose(&choice), cases[i].want);
		if (caller.count == 0) {
			choice.caller = NULL;
			CHECK_UINT(iax_format_choose(&choice), cases[i].want);
		}
	}
}

/* Whatever is chosen, both sides have it, and it is one audio format. */
static void test_a_choice_is_common(void **state)
{
	static const uint64_t masks[] = { 0, ULAW, GSM | G722, OPUS | H264, UINT64_MAX, 0xffff, ALAW | OPUS };
	static const uint64_t order[] = { OPUS, H264, G722, GSM, ALAW, ULAW };
	(void)state;

	for (unsigned i = 0; i < 4 * TG_COUNT(masks) * TG_COUNT(masks) * TG_COUNT(masks); i++) {
		const struct iax_choice choice = {
			.priority = (enum iax_codec_priority)(i % 4),
			.own_formats = order,
			.own_count = TG_COUNT(order),
			.own = masks[i / 4 % TG_COUNT(masks)],
			.offer = masks[i / 4 / TG_COUNT(masks) % TG_COUNT(masks)],
			.requested = masks[i / 4 / TG_COUNT(masks) / TG_COUNT(masks)],
			.wide = true,
		};
		const uint64_t got = iax_format_choose(&choice);

		CHECK_TRUE(got == 0 || iax_format_is_audio(got));
		CHECK_UINT(got & choice.own & choice.offer, got);
	}
}

static void test_the_best(void **state)
{
	(void)state;

	CHECK_UINT(iax_format_best(UINT64_MAX), ULAW);
	CHECK_UINT(iax_format_best(~ULAW), ALAW);
	CHECK_UINT(iax_format_best(G722 | GSM), G722);
	CHECK_UINT(iax_format_best(IAX_FORMAT_G723 | IAX_FORMAT_G729), IAX_FORMAT_G729);
	CHECK_UINT(iax_format_best(H264 | IAX_FORMAT_T140), 0);
	for (unsigned bit = 0; bit < 64; bit++) {
		const uint64_t format = UINT64_C(1) << bit;

		CHECK_UINT(iax_format_best(format), iax_format_is_audio(format) ? format : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_letters_are_limited),
		cmocka_unit_test(test_letters_come_back),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_a_choice_is_common),
		cmocka_unit_test(test_the_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
