/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/show.h"
#include "shown.h"

/* Text as people get it: nothing in it does harm, and columns stay columns. */

static void test_lines_are_harmless(void **state)
{
	struct desk_out out;

	(void)state;
	desk_out_init(&out);
	desk_line(&out, "%s", "a\001END 0\nb\x7f\033");
	desk_line(&out, "%s",
	          "gr\xc3\xbc\xc3\x9f"
	          "e");
	desk_line(&out, "%s", "\xc3(\xff");
	CHECK_TEXT(desk_out_text(&out), "a?END 0?b??\ngr\xc3\xbc\xc3\x9f"
	                                "e\n?(?\n");
	desk_out_deinit(&out);
	CHECK_TEXT(desk_out_text(&out), "");
}

static void test_columns_count_characters(void **state)
{
	static const struct desk_column columns[] = {
		{ "Name", 4, true, false },
		{ "Value", 6, false, true },
		{ "Last", 3, true, false },
		{ 0 },
	};
	struct desk_out out;

	(void)state;
	desk_out_init(&out);
	desk_table_head(&out, columns);
	desk_table_row(&out, columns,
	               WORDS("gr\xc3\xbc\xc3\x9f"
	                     "e",
	                     "1", "abcd"));
	desk_table_row(&out, columns, WORDS("\xc3\xbc", "1234567", ""));
	CHECK_TEXT(desk_out_text(&out), "Name  Value Las\ngr\xc3\xbc\xc3\x9f      1 abc\n\xc3\xbc    1234567 \n");
	desk_out_deinit(&out);
}

static void test_a_long_line_ends_in_a_whole_character(void **state)
{
	static char longer[DESK_LINE_MAX + 10];
	struct desk_out out;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(longer); i++) {
		longer[i] = i % 2 == 0 ? '\xc3' : '\xbc';
	}
	desk_out_init(&out);
	desk_line(&out, "%s", longer);
	CHECK_UINT(out.len, DESK_LINE_MAX - 1);
	CHECK_UINT((uint8_t)out.text[out.len - 2], 0xbc);
	desk_out_deinit(&out);
}

static void test_spans(void **state)
{
	char text[DESK_SPAN_BYTES];

	(void)state;
	CHECK_TEXT(desk_span_text(0, text), "0 seconds");
	CHECK_TEXT(desk_span_text(1, text), "1 second");
	CHECK_TEXT(desk_span_text(3600, text), "1 hour, 0 minutes, 0 seconds");
	CHECK_TEXT(desk_span_text(UINT64_MAX, text), "213503982334601 days, 7 hours, 0 minutes, 15 seconds");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_harmless),
		cmocka_unit_test(test_columns_count_characters),
		cmocka_unit_test(test_a_long_line_ends_in_a_whole_character),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
