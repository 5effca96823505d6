/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/args.h"

#include "check.h"

static void test_seconds(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t us;
	} cases[] = {
		{ "0", true, 0 },
		{ "5", true, 5000000 },
		{ "0.5", true, 500000 },
		{ ".25", true, 250000 },
		{ "1.", true, 1000000 },
		{ "1.0000019", true, 1000001 },
		{ "86400", true, UINT64_C(86400000000) },
		{ "86401", false, 0 },
		{ "", false, 0 },
		{ ".", false, 0 },
		{ "5s", false, 0 },
		{ "-1", false, 0 },
		{ "1.2.3", false, 0 },
		{ "99999999999999999999", false, 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint64_t us = 0;

		print_message("# %s\n", cases[i].text);
		CHECK_UINT(args_seconds(tg_span_text(cases[i].text), &us), cases[i].good);
		CHECK_UINT(cases[i].good ? us : 0, cases[i].us);
	}
}

static void test_targets(void **state)
{
	static const struct {
		const char *text, *user, *peer, *exten, *context;
	} cases[] = {
		{ "IAX2/bob", "", "bob", "", "" },
		{ "iax2/bob/55", "", "bob", "55", "" },
		{ "IAX2/bob/55@in", "", "bob", "55", "in" },
		{ "IAX2/me@bob/55@in/a", "me", "bob", "55", "in" },
		{ "IAX2/me@bob", "me", "bob", "", "" },
		{ "IAX2/me:secret@bob/5", "me:secret", "", "5", "" },
		{ "IAX2/bob:4570/5", "", "", "5", "" },
		{ "SIP/bob/5", "", "", "", "" },
		{ "bob", "", "", "", "" },
		{ "IAX2/", "", "", "", "" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct tg_span targets = tg_span_text(cases[i].text);
		struct dial_target target;

		print_message("# %s\n", cases[i].text);
		CHECK_TRUE(args_target(&targets, &target));
		CHECK_SPAN(target.user, tg_span_text(cases[i].user));
		CHECK_SPAN(target.peer, tg_span_text(cases[i].peer));
		CHECK_SPAN(target.exten, tg_span_text(cases[i].exten));
		CHECK_SPAN(target.context, tg_span_text(cases[i].context));
		CHECK_FALSE(args_target(&targets, &target));
	}
}

static void test_dial(void **state)
{
	static const struct {
		const char *text;
		bool good;
		const char *targets;
		bool has_timeout;
		uint64_t timeout_us;
		bool rings, goes_on;
	} cases[] = {
		{ "IAX2/a&IAX2/b", true, "IAX2/a&IAX2/b", false, 0, false, false },
		{ "IAX2/a,20", true, "IAX2/a", true, 20000000, false, false },
		{ "IAX2/a , 2.5 , rg", true, "IAX2/a", true, 2500000, true, true },
		{ "IAX2/a,20^10,m", true, "IAX2/a", true, 20000000, true, false },
		{ "IAX2/a,,g", true, "IAX2/a", false, 0, false, true },
		{ "IAX2/a,,L(r:g)", true, "IAX2/a", false, 0, false, false },
		{ "IAX2/a,soon", false, "IAX2/a", true, 0, false, false },
		{ "", false, "", false, 0, false, false },
		{ ",20", false, "", true, 0, false, false },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct dial_args dial;

		print_message("# %s\n", cases[i].text);
		CHECK_UINT(args_dial(tg_span_text(cases[i].text), &dial), cases[i].good);
		CHECK_SPAN(dial.targets, tg_span_text(cases[i].targets));
		CHECK_UINT(dial.has_timeout, cases[i].has_timeout);
		CHECK_UINT(dial.timeout_us, cases[i].timeout_us);
		CHECK_UINT(dial.rings, cases[i].rings);
		CHECK_UINT(dial.goes_on, cases[i].goes_on);
	}
}

static void test_goto(void **state)
{
	static const struct {
		const char *text, *context, *exten, *priority;
	} cases[] = {
		{ "3", "", "", "3" },        { "label", "", "", "label" },
		{ "200,1", "", "200", "1" }, { "in, 200 ,n", "in", "200", "n" },
		{ "", "", "", "" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct goto_args to = args_goto(tg_span_text(cases[i].text));

		CHECK_SPAN(to.context, tg_span_text(cases[i].context));
		CHECK_SPAN(to.exten, tg_span_text(cases[i].exten));
		CHECK_SPAN(to.priority, tg_span_text(cases[i].priority));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_dial),
		cmocka_unit_test(test_goto),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
