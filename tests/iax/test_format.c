/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/format.h"

#include "check.h"

static void test_the_table_is_in_order(void **state)
{
	uint64_t last = 0;
	(void)state;

	CHECK_UINT(iax_format_count, 32);
	for (size_t i = 0; i < iax_format_count; i++) {
		const struct iax_format *format = &iax_formats[i];

		CHECK_UINT(format->bit & (format->bit - 1), 0);
		CHECK_TRUE(format->bit > last);
		last = format->bit;
		if (format->bytes_per_20_ms > 0) {
			CHECK_UINT(format->bytes_per_20_ms, 20 * format->frame_bytes / format->frame_ms);
		}
	}
}

/* Protocol reference, 3.5 and asterisk-compat 3.5. */
static void test_formats(void **state)
{
	static const struct {
		unsigned bit;
		const char *name;
		unsigned bytes_per_20_ms;
	} cases[] = {
		{ 0, "g723", 0 },      { 1, "gsm", 33 },     { 2, "ulaw", 160 },     { 3, "alaw", 160 },
		{ 4, "g726aal2", 80 }, { 5, "adpcm", 80 },   { 6, "slin", 320 },     { 7, "lpc10", 0 },
		{ 8, "g729", 20 },     { 9, "speex", 0 },    { 10, "ilbc", 0 },      { 11, "g726", 80 },
		{ 12, "g722", 160 },   { 13, "siren7", 80 }, { 14, "siren14", 120 }, { 15, "slin16", 640 },
		{ 16, "jpeg", 0 },     { 17, "png", 0 },     { 18, "h261", 0 },      { 19, "h263", 0 },
		{ 20, "h263p", 0 },    { 21, "h264", 0 },    { 22, "mpeg4", 0 },     { 23, "vp8", 0 },
		{ 26, "t140red", 0 },  { 27, "t140", 0 },    { 32, "g719", 160 },    { 33, "speex16", 0 },
		{ 34, "opus", 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const uint64_t bit = UINT64_C(1) << cases[i].bit;
		const struct iax_format *format = iax_format_find(bit);

		CHECK_TRUE(format != NULL);
		CHECK_TEXT(format->name, cases[i].name);
		CHECK_UINT(format->bytes_per_20_ms, cases[i].bytes_per_20_ms);
		CHECK_TRUE(iax_format_by_name(tg_span_text(cases[i].name)) == format);
		CHECK_TEXT(iax_format_name(bit), cases[i].name);
	}
}

static void test_other_spellings(void **state)
{
	static const struct {
		const char *name;
		uint64_t want;
	} cases[] = {
		{ "ULAW", IAX_FORMAT_ULAW },
		{ "mulaw", IAX_FORMAT_ULAW },
		{ "slinear", IAX_FORMAT_SLIN },
		{ "g723.1", IAX_FORMAT_G723 },
		{ "red", IAX_FORMAT_T140RED },
		{ "", 0 },
		{ "ula", 0 },
		{ "ulaw ", 0 },
		{ "all", 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct iax_format *format = iax_format_by_name(tg_span_text(cases[i].name));

		CHECK_UINT(format != NULL ? format->bit : 0, cases[i].want);
	}
}

static void test_what_is_no_format(void **state)
{
	static const uint64_t cases[] = { 0, 3, UINT64_C(1) << 25, UINT64_C(1) << 63, UINT64_MAX };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		CHECK_TRUE(iax_format_find(cases[i]) == NULL);
		CHECK_TEXT(iax_format_name(cases[i]), cases[i] == 0 ? "none" : "unknown");
		CHECK_FALSE(iax_format_is_audio(cases[i]));
		CHECK_FALSE(iax_format_is_video(cases[i]));
	}
}

static void test_kinds(void **state)
{
	(void)state;

	for (unsigned bit = 0; bit < 64; bit++) {
		const uint64_t format = UINT64_C(1) << bit;

		CHECK_UINT(iax_format_is_audio(format), bit <= 15 || (bit >= 31 && bit <= 34));
		CHECK_UINT(iax_format_is_video(format), bit >= 18 && bit <= 24);
	}
}

static void test_sets_for_people(void **state)
{
	static const struct {
		uint64_t set;
		size_t size;
		const char *want;
	} cases[] = {
		{ IAX_FORMAT_ULAW, 64, "(ulaw)" },
		{ IAX_FORMAT_ULAW | IAX_FORMAT_GSM | IAX_FORMAT_OPUS, 64, "(gsm|ulaw|opus)" },
		{ 0, 64, "(nothing)" },
		{ IAX_FORMAT_ULAW | IAX_FORMAT_ALAW, 12, "(ulaw|alaw)" },
		{ IAX_FORMAT_ULAW | IAX_FORMAT_ALAW, 11, "(ulaw)" },
		{ IAX_FORMAT_ULAW | IAX_FORMAT_ALAW, 7, "(ulaw)" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		char text[64];

		memset(text, 'x', sizeof(text));
		CHECK_TEXT(iax_format_set_text(text, cases[i].size, cases[i].set), cases[i].want);
		CHECK_INT(text[sizeof(text) - 1] == 'x' || cases[i].size == sizeof(text), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_in_order),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_other_spellings),
		cmocka_unit_test(test_what_is_no_format),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_sets_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
