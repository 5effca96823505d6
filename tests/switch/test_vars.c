/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/vars.h"

#include "check.h"

static const struct {
	const char *name, *value;
	bool foreign;
} variables[] = {
	{ "EXTEN", "12345", false },
	{ "A", "a", false },
	{ "EMPTY", "", false },
	{ "CALLERID(num)", "201", false },
	{ "EVIL", "${EXTEN} $[1+1]", false },
	{ "INJECT", "0\" | \"1", false },
	{ "WHICH", "EXTEN", false },
	{ "COLON", "x:1", false },
	{ "N", "2", false },
	{ "THEIRS", "1&IAX2/trunk/900,20:x@y?z^a", true },
	{ "OURS", "IAX2/a&IAX2/b,20", false },
};

static bool look_up(const void *owner, struct tg_span name, struct vars_text *out)
{
	(void)owner;
	for (size_t i = 0; i < TG_COUNT(variables); i++) {
		if (tg_span_equal(name, tg_span_text(variables[i].name))) {
			vars_put(out, tg_span_text(variables[i].value));
			return variables[i].foreign;
		}
	}
	return false;
}

static const struct vars_source source = { NULL, look_up };

static const struct {
	const char *in, *want;
} cases[] = {
	{ "", "" },
	{ "plain, text", "plain, text" },
	{ "${EXTEN}", "12345" },
	{ "<${EXTEN}>${A}", "<12345>a" },
	{ "${UNKNOWN}x", "x" },
	{ "${exten}", "" },
	{ "${EXTEN:1}", "2345" },
	{ "${EXTEN:1:3}", "234" },
	{ "${EXTEN:-4}", "2345" },
	{ "${EXTEN:-4:2}", "23" },
	{ "${EXTEN:-9}", "12345" },
	{ "${EXTEN:0:-1}", "1234" },
	{ "${EXTEN:2:-9}", "" },
	{ "${EXTEN:9}", "" },
	{ "${EXTEN:1:0}", "" },
	{ "${EXTEN:99999999999999999999:99999999999999999999}", "" },
	{ "${CALLERID(num)}", "201" },
	{ "${CALLERID(num):1}", "01" },
	{ "${${WHICH}}", "12345" },
	{ "${EXTEN:${N}}", "345" },
	{ "${EVIL}", "${EXTEN} $[1+1]" },
	{ "${COLON}", "x:1" },
	{ "$[1 + 2]", "3" },
	{ "$[${EXTEN} + 1]", "12346" },
	{ "$[${EXTEN:1} > 2344]", "1" },
	{ "$[${EMPTY} = 1]", "0" },
	{ "$[\"${EMPTY}\" = \"\"]", "1" },
	{ "$[\"${INJECT}\" = \"1\"]", "0" },
	{ "$[${EVIL} = x]", "0" },
	{ "$[$[1 + 1] * 3]", "6" },
	{ "$[${EXTEN} : \"1(.)3\"]", "2" },
	{ "$[broken", "$[broken" },
	{ "${broken", "${broken" },
	{ "$[1 +]", "" },
	{ "$[1 + ${EXTEN}", "$[1 + 12345" },
	{ "100$", "100$" },
	{ "$$ {EXTEN}", "$$ {EXTEN}" },
	{ "$[[ 1 ]]", "" },
};

static void test_expands(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t bytes[64];
		struct vars_text out = { .p = bytes, .size_bytes = sizeof(bytes) };

		print_message("# %s\n", cases[i].in);
		vars_expand(&source, VARS_FOR_TEXT, tg_span_text(cases[i].in), &out);
		CHECK_SPAN(vars_span(&out), tg_span_text(cases[i].want));
		CHECK_FALSE(out.cut);
	}
}

static void test_what_does_not_fit_is_cut(void **state)
{
	uint8_t bytes[7];
	struct vars_text out = { .p = bytes, .size_bytes = sizeof(bytes) };
	(void)state;

	vars_expand(&source, VARS_FOR_TEXT, TG_SPAN_LIT("${EXTEN}${EXTEN}"), &out);
	CHECK_SPAN(vars_span(&out), TG_SPAN_LIT("1234512"));
	CHECK_TRUE(out.cut);
}

static void test_depth_is_bounded(void **state)
{
	uint8_t in[VARS_TEXT_MAX], bytes[VARS_TEXT_MAX];
	struct vars_text text = { .p = in, .size_bytes = sizeof(in) };
	struct vars_text out = { .p = bytes, .size_bytes = sizeof(bytes) };
	(void)state;

	while (text.len < 2000) {
		vars_put(&text, TG_SPAN_LIT("$["));
	}
	vars_put(&text, TG_SPAN_LIT("1"));
	while (text.len < 3001) {
		vars_put(&text, TG_SPAN_LIT("]"));
	}
	vars_expand(&source, VARS_FOR_TEXT, vars_span(&text), &out);
	CHECK_UINT(out.len, 0);
	out.len = 0;
	vars_expand(&source, VARS_FOR_TEXT, TG_SPAN_LIT("$[$[$[$[1]]]]"), &out);
	CHECK_SPAN(vars_span(&out), TG_SPAN_LIT("1"));
}

static const struct {
	const char *in, *want;
	bool foreign;
} argument_cases[] = {
	{ "IAX2/trunk/${THEIRS},30", "IAX2/trunk/1IAX2trunk90020xyza,30", true },
	{ "${OURS}", "IAX2/a&IAX2/b,20", false },
	{ "${OURS},${THEIRS:0:1}", "IAX2/a&IAX2/b,20,1", true },
	{ "$[${THEIRS} : \"1(.).*\"]x,y", "x,y", true },
	{ "$[\"${THEIRS}\" = \"1&IAX2/trunk/900,20:x@y?z^a\"]?a:b", "1?a:b", true },
};

static void test_a_caller_divides_no_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(argument_cases); i++) {
		uint8_t bytes[64];
		struct vars_text out = { .p = bytes, .size_bytes = sizeof(bytes) };

		print_message("# %s\n", argument_cases[i].in);
		vars_expand(&source, VARS_FOR_ARGUMENTS, tg_span_text(argument_cases[i].in), &out);
		CHECK_SPAN(vars_span(&out), tg_span_text(argument_cases[i].want));
		CHECK_UINT(out.foreign, argument_cases[i].foreign);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expands),
		cmocka_unit_test(test_a_caller_divides_no_arguments),
		cmocka_unit_test(test_what_does_not_fit_is_cut),
		cmocka_unit_test(test_depth_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
