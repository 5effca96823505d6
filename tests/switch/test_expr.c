/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/expr.h"

#include "check.h"

static const struct {
	const char *in;
	const char *want; /* NULL: cannot be read */
} cases[] = {
	{ "1", "1" },
	{ "1 + 2", "3" },
	{ "1+2*3", "7" },
	{ "(1+2)*3", "9" },
	{ "10 - 4 - 3", "3" },
	{ "7 / 2", "3" },
	{ "7 % 4", "3" },
	{ "-3 + 5", "2" },
	{ "- 3", "-3" },
	{ "2 * -3", "-6" },
	{ "1 / 0", NULL },
	{ "1 % 0", NULL },
	{ "9223372036854775807 + 1", NULL },
	{ "9223372036854775807 - 1", "9223372036854775806" },
	{ "-9223372036854775808 / -1", NULL },
	{ "a + 1", NULL },
	{ "\"\" + 1", "1" },
	{ "1 = 1", "1" },
	{ "1 = 2", "0" },
	{ "1 == 01", "1" },
	{ "\"1\" = \"01\"", "1" },
	{ "abc = abc", "1" },
	{ "\"abc\" = abc", "1" },
	{ "\"a b\" = \"a b\"", "1" },
	{ "abc != abd", "1" },
	{ "abc < abd", "1" },
	{ "ab < abc", "1" },
	{ "9 < 10", "1" },
	{ "\"9x\" < \"10x\"", "0" },
	{ "2 >= 2", "1" },
	{ "2 > 2", "0" },
	{ "1 <= 0", "0" },
	{ "0 | 5", "5" },
	{ "\"\" | \"\"", "" },
	{ "3 | 5", "3" },
	{ "3 & 5", "3" },
	{ "0 & 5", "0" },
	{ "1 & \"\"", "0" },
	{ "!0", "1" },
	{ "!1", "0" },
	{ "! \"\"", "1" },
	{ "!!x", "1" },
	{ "1 = 1 & 2 = 2", "1" },
	{ "1 = 2 | 2 = 2", "1" },
	{ "1 | 0 & 0", "1" },
	{ "1 ? yes :: no", "yes" },
	{ "0 ? yes :: no", "no" },
	{ "1 ? 0 ? a :: b :: c", "b" },
	{ "1 + 1 ? 2 + 2 :: 3", "4" },
	{ "\"12345\" : \"[0-9]+\"", "5" },
	{ "\"a12345\" : \"[0-9]+\"", "0" },
	{ "\"a12345\" =~ \"[0-9]+\"", "5" },
	{ "\"4930123\" : \"49([0-9]{0})\"", "" },
	{ "\"4930123\" : \"49(.*)\"", "30123" },
	{ "\"x\" : \"49(.*)\"", "" },
	{ "\"x\" : \"(\"", NULL },
	{ "", NULL },
	{ "1 +", NULL },
	{ "1 2", NULL },
	{ "(1", NULL },
	{ "1)", NULL },
	{ "\"open", NULL },
	{ "1 ? 2", NULL },
	{ "1 ? 2 :: ", NULL },
	{ ":: 1", NULL },
};

static void test_gives_the_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_span in = tg_span_text(cases[i].in);
		uint8_t bytes[64];
		struct vars_text out = { .p = bytes, .size_bytes = sizeof(bytes) };

		print_message("# %s\n", cases[i].in);
		CHECK_UINT(expr_eval((struct expr_text){ in.p, NULL, in.len }, &out), cases[i].want != NULL);
		if (cases[i].want != NULL) {
			CHECK_SPAN(vars_span(&out), tg_span_text(cases[i].want));
		} else {
			CHECK_UINT(out.len, 0);
		}
	}
}

static void test_marked_octets_are_never_operators(void **state)
{
	static const char in[] = "\0a\" | \"1 = x";
	static const uint8_t marks[] = { 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
	uint8_t bytes[64];
	struct vars_text out = { .p = bytes, .size_bytes = sizeof(bytes) };
	(void)state;

	static_assert(sizeof(in) - 1 == sizeof(marks), "a mark for each octet");
	CHECK_TRUE(expr_eval((struct expr_text){ (const uint8_t *)in, marks, sizeof(marks) }, &out));
	CHECK_SPAN(vars_span(&out), TG_SPAN_LIT("0"));
	out.len = 0;
	CHECK_TRUE(expr_eval((struct expr_text){ (const uint8_t *)in, marks, 8 }, &out));
	CHECK_SPAN(vars_span(&out), TG_SPAN_LIT("a\" | \"1"));
}

static void test_depth_is_bounded(void **state)
{
	static const char *const openers[] = { "(", "!", "-", "1 ? 1 :: " };
	uint8_t bytes[64], in[VARS_TEXT_MAX];
	struct vars_text out = { .p = bytes, .size_bytes = sizeof(bytes) };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(openers); i++) {
		struct vars_text text = { .p = in, .size_bytes = sizeof(in) };

		while (text.len + 16 < sizeof(in)) {
			vars_put(&text, tg_span_text(openers[i]));
		}
		vars_put(&text, TG_SPAN_LIT("1"));
		CHECK_FALSE(expr_eval((struct expr_text){ in, NULL, text.len }, &out));
	}
}

static void test_true_is_what_is_neither_empty_nor_zero(void **state)
{
	static const struct {
		const char *value;
		bool want;
	} values[] = { { "", false },  { "0", false }, { "00", false }, { "-0", false }, { "1", true },
		       { "-1", true }, { "no", true }, { " ", true },   { "0x", true } };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(values); i++) {
		CHECK_UINT(expr_is_true(tg_span_text(values[i].value)), values[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gives_the_value),
		cmocka_unit_test(test_marked_octets_are_never_operators),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_true_is_what_is_neither_empty_nor_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
