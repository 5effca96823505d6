/* SPDX-License-Identifier: Apache-2.0 */
/* The codecs of configuration and those of the protocol are two tables in two rooms that cannot see each
 * other: they must agree. */
#include "model/codec.h"

#include "check.h"
#include "iax/format.h"

static void test_both_tables_agree(void **state)
{
	const struct codec *codec;
	uint64_t seen = 0;
	(void)state;

	for (size_t i = 0; (codec = codec_at(i)) != NULL; i++) {
		const struct iax_format *format = iax_format_by_name(tg_span_text(codec->name));

		CHECK_TRUE(format != NULL);
		CHECK_TEXT(codec->name, format->name);
		CHECK_UINT(codec->bit, format->bit);
		CHECK_UINT(codec->frame_bytes, format->bytes_per_20_ms);
		CHECK_TRUE(iax_format_is_audio(codec->bit));
		CHECK_UINT(seen & codec->bit, 0);
		seen |= codec->bit;
	}
	for (size_t i = 0; i < iax_format_count; i++) {
		const struct iax_format *format = &iax_formats[i];
		const bool is_rare = strcmp(format->name, "gsmhr") == 0 || strcmp(format->name, "testlaw") == 0;

		if (iax_format_is_audio(format->bit) && !is_rare) {
			CHECK_TRUE(codec_of(format->bit) != NULL);
		}
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "ulaw", "ulaw" },   { "ULAW", "ulaw" },     { "slinear", "slin" }, { "slinear16", "slin16" },
		{ "g723.1", "g723" }, { "g722.1", "siren7" }, { "mulaw", "ulaw" },   { "g722.1c", "siren14" },
		{ "g711", NULL },     { "", NULL },           { "h264", NULL },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct codec *codec = codec_find(tg_span_text(cases[i].name));
		const struct iax_format *format = iax_format_by_name(tg_span_text(cases[i].name));

		CHECK_TEXT(codec != NULL ? codec->name : NULL, cases[i].want);
		if (codec != NULL) {
			CHECK_UINT(format->bit, codec->bit);
		}
	}
	CHECK_UINT(codec_find(TG_SPAN_LIT("ulaw"))->bit, UINT64_C(1) << CODEC_ULAW_BIT);
	CHECK_UINT(codec_find(TG_SPAN_LIT("alaw"))->bit, UINT64_C(1) << CODEC_ALAW_BIT);
	CHECK_UINT(codec_find(TG_SPAN_LIT("gsm"))->bit, UINT64_C(1) << CODEC_GSM_BIT);
	CHECK_UINT(codec_find(TG_SPAN_LIT("g722"))->bit, UINT64_C(1) << CODEC_G722_BIT);
	CHECK_UINT(codec_find(TG_SPAN_LIT("slin"))->bit, UINT64_C(1) << CODEC_SLIN_BIT);
	CHECK_TRUE(codec_of(3) == NULL && codec_of(0) == NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_tables_agree),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
