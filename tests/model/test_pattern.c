/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pattern.h"

#include "check.h"

#include <stdlib.h>

static void test_matches(void **state)
{
	static const struct {
		const char *exten, *number;
		bool want;
	} cases[] = {
		{ "600", "600", true },     { "600", "6000", false },  { "600", "60", false },
		{ "600", "6-00", true },    { "6-00", "600", true },   { "s", "s", true },
		{ "s", "S", false },        { "_X", "0", true },       { "_x", "9", true },
		{ "_X", "a", false },       { "_Z", "0", false },      { "_z", "1", true },
		{ "_N", "1", false },       { "_n", "2", true },       { "_N", "9", true },
		{ "_[135-7]", "1", true },  { "_[135-7]", "3", true }, { "_[135-7]", "6", true },
		{ "_[135-7]", "4", false }, { "_[a-f]", "c", true },   { "_[a-f]", "C", false },
		{ "_1.", "1", false },      { "_1.", "12", true },     { "_1.", "1abc", true },
		{ "_1!", "1", true },       { "_1!", "12", true },     { "_1!", "2", false },
		{ "_1XX", "12", false },    { "_1XX", "123", true },   { "_1XX", "1234", false },
		{ "_1-XX", "1-2-3", true }, { "_NXX", "200", true },   { "_alice", "alice", true },
		{ "_.", "x", true },        { "_.", "", false },       { "_!", "", true },
		{ "", "", true },           { "", "1", false },        { "_[X]", "X", true },
		{ "_[X]", "1", false },     { "_1.", "1-", false },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const bool got = pattern_match(tg_span_text(cases[i].exten), tg_span_text(cases[i].number));

		if (got != cases[i].want) {
			fail_msg("%s against %s is %d", cases[i].exten, cases[i].number, got);
		}
	}
}

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

/* asterisk-compat 6.3: each line in the exact order of the search. */
static void test_order_is_the_order_of_the_search(void **state)
{
	static const char *const lines[][12] = {
		{ "12", "_1[25]", "_1N", "_1Z", "_1X", "_1.", "_1!", "_[12]2", "_X.", NULL },
		{ "99", "_1", "_2", "_[12]", "_[13]", "_[23]", "_N", "_Z", "_X", "_.", "_!", NULL },
		{ "_1X!", "_1X", NULL },
		{ "_1.", "_1!", "_1", NULL },
		{ "1", "2", "10-0", "9", "a", NULL },
		{ "_12", "_[2-3]1", "_N1", NULL },
	};
	(void)state;

	for (size_t l = 0; l < TG_COUNT(lines); l++) {
		for (size_t i = 0; lines[l][i] != NULL; i++) {
			for (size_t k = 0; lines[l][k] != NULL; k++) {
				const int got = pattern_compare(tg_span_text(lines[l][i]), tg_span_text(lines[l][k]));

				if (l == 4) { /* plain names: any order will do, but a total one */
					CHECK_INT(sign(got), -sign(pattern_compare(tg_span_text(lines[l][k]),
					                                           tg_span_text(lines[l][i]))));
					CHECK_INT(got == 0, i == k);
				} else if (sign(got) != sign((int)i - (int)k)) {
					fail_msg("%s before %s: %d", lines[l][i], lines[l][k], got);
				}
			}
		}
	}
}

static void test_same_pattern_written_otherwise(void **state)
{
	static const char *const pairs[][2] = {
		{ "_1N", "_1[2-9]" }, { "_1X", "_1-x" }, { "_[11-3]", "_[321]" }, { "200", "2-00" },
		{ "_X", "_[0-9]" },   { "_[]1", "_1" },  { "_Z.", "_[1-9]." },    { "_5", "_[5]" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(pairs); i++) {
		CHECK_INT(pattern_compare(tg_span_text(pairs[i][0]), tg_span_text(pairs[i][1])), 0);
	}
}

static void test_bad_patterns_are_named(void **state)
{
	static const struct {
		const char *exten, *want;
	} cases[] = {
		{ "600", NULL },
		{ "_6XX", NULL },
		{ "_[1-5]!", NULL },
		{ "", "an extension needs a name" },
		{ "_", "a pattern needs something after \"_\"" },
		{ "_1[2", "a set [...] is not closed" },
		{ "_1[]", "a set [...] needs at least one character" },
		{ "_1[9-2]", "a range in a set [...] runs backwards" },
		{ "_1.X", "nothing may follow \".\" or \"!\"" },
		{ "_!1", "nothing may follow \".\" or \"!\"" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		CHECK_TEXT(pattern_check(tg_span_text(cases[i].exten)), cases[i].want);
	}
}

/* Any two strings over the alphabet of patterns: comparing is antisymmetric, and equal patterns match the
 * same numbers. */
static void test_order_is_total_for_any_bytes(void **state)
{
	static const char alphabet[] = "_XZN19[]-.!a";
	static const char *const numbers[] = { "", "1", "9", "19", "91", "a", "1a9", "111" };
	uint32_t random = 7;
	(void)state;

	for (int round = 0; round < 200000; round++) {
		char text[2][8];

		for (int t = 0; t < 2; t++) {
			int len = 0;

			for (; len < 7 && (random = random * 1664525 + 1013904223) >> 29 != 0; len++) {
				text[t][len] = alphabet[(random >> 8) % (sizeof(alphabet) - 1)];
			}
			text[t][len] = '\0';
		}
		const struct tg_span a = tg_span_text(text[0]), b = tg_span_text(text[1]);
		const int order = pattern_compare(a, b);

		CHECK_INT(sign(order), -sign(pattern_compare(b, a)));
		CHECK_INT(pattern_compare(a, a), 0);
		for (size_t i = 0; order == 0 && i < TG_COUNT(numbers); i++) {
			CHECK_INT(pattern_match(a, tg_span_text(numbers[i])),
			          pattern_match(b, tg_span_text(numbers[i])));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_order_is_the_order_of_the_search),
		cmocka_unit_test(test_same_pattern_written_otherwise),
		cmocka_unit_test(test_bad_patterns_are_named),
		cmocka_unit_test(test_order_is_total_for_any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
