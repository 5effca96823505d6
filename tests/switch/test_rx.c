/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/rx.h"

#include "check.h"

static const struct {
	const char *rx, *text;
	bool anchored;
	const char *match; /* NULL for none */
	const char *group; /* NULL for none */
} cases[] = {
	{ "abc", "xxabcx", false, "abc", NULL },
	{ "abc", "xxabcx", true, NULL, NULL },
	{ "abc", "abcx", true, "abc", NULL },
	{ "^abc", "xabc", false, NULL, NULL },
	{ "abc$", "abcabc", false, "abc", NULL },
	{ "^[0-9]+$", "2024", false, "2024", NULL },
	{ "^[0-9]+$", "20a4", false, NULL, NULL },
	{ "[0-9]+", "ab123c", false, "123", NULL },
	{ "a*", "aaab", true, "aaa", NULL },
	{ "a*", "b", true, "", NULL },
	{ "a+b?", "aab", true, "aab", NULL },
	{ "(ab)+", "ababx", true, "abab", "ab" },
	{ "1(...)4", "x12345", false, NULL, NULL },
	{ "1(...)5", "x12345", false, "12345", "234" },
	{ "cat|dog|bird", "hotdogs", false, "dog", NULL },
	{ "(cat|dog)s", "hotdogs", false, "dogs", "dog" },
	{ "a(b|)c", "ac", true, "ac", "" },
	{ "[^0-9]+", "12ab34", false, "ab", NULL },
	{ "[]x]+", "a]x]", false, "]x]", NULL },
	{ "[a-]+", "b-a-", false, "-a-", NULL },
	{ "\\.", "a.b", false, ".", NULL },
	{ "a\\+b", "a+b", true, "a+b", NULL },
	{ "", "abc", true, "", NULL },
	{ "x|", "abc", true, "", NULL },
	{ "(a?b*)?c", "bbc", true, "bbc", "bb" },
	{ "a?b*|c+", "ccc", true, "", NULL },
	{ "((a)(b))c", "abc", true, "abc", "ab" },
	{ "(a*)*", "aaaa", true, "aaaa", "aaaa" },
	{ "(a|b)*c|d", "ababc", true, "ababc", "b" },
};

static void test_finds_the_leftmost_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_span text = tg_span_text(cases[i].text);
		struct rx_match match;
		const enum rx_result result = rx_find(tg_span_text(cases[i].rx), text, cases[i].anchored, &match);

		print_message("# %s in %s\n", cases[i].rx, cases[i].text);
		CHECK_UINT(result, cases[i].match != NULL ? RX_YES : RX_NO);
		if (cases[i].match != NULL) {
			CHECK_SPAN(((struct tg_span){ text.p + match.at, match.len }), tg_span_text(cases[i].match));
			CHECK_UINT(match.has_group, cases[i].group != NULL);
		}
		if (cases[i].group != NULL) {
			CHECK_SPAN(((struct tg_span){ text.p + match.group_at, match.group_len }),
			           tg_span_text(cases[i].group));
		}
	}
}

static void test_refuses_what_cannot_be_read(void **state)
{
	static const char *const bad[] = { "(", "(a", "a)", "[", "[a", "[]", "*a", "+", "?", "a|*", "\\", "(|*)" };
	uint8_t longest[2 * RX_CODE_MAX];
	struct rx_match match;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		print_message("# %s\n", bad[i]);
		CHECK_UINT(rx_find(tg_span_text(bad[i]), TG_SPAN_LIT("a"), false, &match), RX_BAD);
	}
	memset(longest, 'a', sizeof(longest));
	CHECK_UINT(rx_find((struct tg_span){ longest, sizeof(longest) }, TG_SPAN_LIT("a"), false, &match), RX_BAD);
	memset(longest, '(', sizeof(longest));
	CHECK_UINT(rx_find((struct tg_span){ longest, sizeof(longest) }, TG_SPAN_LIT("a"), false, &match), RX_BAD);
	memset(longest, '|', sizeof(longest));
	CHECK_UINT(rx_find((struct tg_span){ longest, sizeof(longest) }, TG_SPAN_LIT("a"), false, &match), RX_BAD);
}

/* What makes a backtracking matcher run for years ends at once here. */
static void test_time_is_bounded(void **state)
{
	uint8_t text[4000];
	struct rx_match match;
	(void)state;

	memset(text, 'a', sizeof(text));
	CHECK_UINT(rx_find(TG_SPAN_LIT("(a*)*(a*)*(a|aa)+b"), (struct tg_span){ text, sizeof(text) }, false, &match),
	           RX_NO);
	CHECK_UINT(rx_find(TG_SPAN_LIT("a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaa"),
	                   (struct tg_span){ text, 16 }, true, &match),
	           RX_YES);
	CHECK_UINT(match.len, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_the_leftmost_match),
		cmocka_unit_test(test_refuses_what_cannot_be_read),
		cmocka_unit_test(test_time_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
