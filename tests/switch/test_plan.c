/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/plan.h"

#include "model/when.h"

#include "worlds.h"

#include <stdio.h>

static const char iax_conf[] = "[general]\n";

/* The pattern whose step is taken: each one's argument is its own pattern. */
static const char *found(const struct conf_result *conf, const char *context, const char *number, const char *caller,
                         uint32_t priority)
{
	const struct plan_place place = {
		plan_context(conf->world, tg_span_text(context)), tg_span_text(number), tg_span_text(caller), 0, { 0 }
	};
	const struct world_step *step = plan_find(conf->world, &place, priority);

	return step != NULL ? world_text(conf->world, step->args) : NULL;
}

/* Asterisk-compat 6.3: for 12 the order is exactly this. Taking the best away shows the next. */
static void test_precedence(void **state)
{
	static const char *const order[] = { "12", "_1[25]", "_1N", "_1Z", "_1X", "_1.", "_1!", "_[12]2", "_X.", "_!" };
	(void)state;

	for (size_t gone = 0; gone < TG_COUNT(order); gone++) {
		char text[1024] = "[phones]\n";
		struct conf_result conf;

		/* Written in reverse, so that file order is no help. */
		for (size_t i = TG_COUNT(order); i-- > gone;) {
			const size_t len = strlen(text);

			snprintf(text + len, sizeof(text) - len, "exten => %s,1,NoOp(%s)\n", order[i], order[i]);
		}
		world_read(&conf, iax_conf, text);
		CHECK_TEXT(found(&conf, "phones", "12", "", 1), order[gone]);
		CHECK_TEXT(found(&conf, "phones", "1-2", "", 1), order[gone]);
		conf_result_free(&conf);
	}
}

static const char extensions_conf[] = "[phones]\n"
				      "exten => _1X!,1,NoOp(_1X!)\n"
				      "exten => _1X,1,NoOp(_1X)\n"
				      "exten => _7.,1,NoOp(_7.)\n"
				      "exten => _8!,1,NoOp(_8!)\n"
				      "exten => 200,1,NoOp(200)\n"
				      "exten => 200,3,NoOp(200)\n"
				      "exten => _2XX,2(here),NoOp(_2XX)\n"
				      "exten => _2XX,4,NoOp(_2XX)\n"
				      "exten => 300,1,NoOp(anybody)\n"
				      "exten => 300/55,1,NoOp(by 55)\n"
				      "exten => 300/_6X,1,NoOp(by 6X)\n"
				      "exten => _4XX/77,1,NoOp(4XX by 77)\n"
				      "exten => _4XX,1,NoOp(4XX)\n"
				      "include => second\n"
				      "include => third\n"
				      "[second]\n"
				      "exten => 900,1,NoOp(second)\n"
				      "exten => 200,1,NoOp(never)\n"
				      "exten => 200,7,NoOp(second)\n"
				      "include => deep\n"
				      "[third]\n"
				      "exten => 900,1,NoOp(third)\n"
				      "exten => 901,1,NoOp(third)\n"
				      "exten => 902,1,NoOp(third)\n"
				      "[deep]\n"
				      "exten => 901,1,NoOp(deep)\n"
				      "exten => _2.,9,NoOp(deep)\n"
				      "[apart]\n"
				      "exten => 999,1,NoOp(apart)\n";

static const struct {
	const char *number, *caller;
	uint32_t priority;
	const char *want;
} lookups[] = {
	{ "12", "", 1, "_1X!" }, /* "!" comes before the end of a pattern */
	{ "7", "", 1, NULL },         { "71", "", 1, "_7." },
	{ "8", "", 1, "_8!" },        { "81", "", 1, "_8!" },
	{ "200", "", 1, "200" },      { "200", "", 2, "_2XX" }, /* the gap is filled by what also matches */
	{ "200", "", 3, "200" },      { "200", "", 4, "_2XX" },
	{ "200", "", 5, NULL },       { "200", "", 7, "second" }, /* and by what is included */
	{ "200", "", 9, "deep" },     { "201", "", 1, NULL },
	{ "201", "", 2, "_2XX" },     { "300", "", 1, "anybody" },
	{ "300", "55", 1, "by 55" },  { "300", "66", 1, "by 6X" },
	{ "300", "5", 1, "anybody" }, { "444", "77", 1, "4XX by 77" },
	{ "444", "78", 1, "4XX" },    { "900", "", 1, "second" }, /* includes in file order */
	{ "901", "", 1, "deep" },                                 /* depth first */
	{ "902", "", 1, "third" },    { "999", "", 1, NULL },
	{ "200", "", 0, NULL },       { "_2XX", "", 1, NULL },
	{ "_2XX", "", 2, NULL },      { "", "", 1, NULL },
};

static void test_lookups(void **state)
{
	struct conf_result conf;
	(void)state;

	world_read(&conf, iax_conf, extensions_conf);
	for (size_t i = 0; i < TG_COUNT(lookups); i++) {
		print_message("# %s,%u\n", lookups[i].number, lookups[i].priority);
		CHECK_TEXT(found(&conf, "phones", lookups[i].number, lookups[i].caller, lookups[i].priority),
		           lookups[i].want);
	}
	CHECK_TEXT(found(&conf, "apart", "200", "", 1), NULL);
	conf_result_free(&conf);
}

static const char timed_conf[] = "[phones]\n"
				 "include => day,9:00-16:59,mon-fri,*,*,CET-1CEST,M3.5.0,M10.5.0/3\n"
				 "include => feast,*,*,25-26,dec\n"
				 "include => night\n"
				 "[day]\nexten => 1,1,NoOp(day)\n"
				 "[feast]\nexten => 1,1,NoOp(feast)\n"
				 "[night]\nexten => 1,1,NoOp(night)\n";

/* Wall time in UTC; 2027-03-28 and 2027-10-31 are the days when clocks change. */
static void test_times(void **state)
{
	static const struct {
		unsigned month, day, hour, minute;
		const char *want;
	} cases[] = {
		{ 1, 15, 7, 59, "night" },   { 1, 15, 8, 0, "day" },      { 1, 15, 15, 59, "day" },
		{ 1, 15, 16, 0, "night" },   { 1, 16, 12, 0, "night" },   { 3, 26, 7, 30, "night" },
		{ 3, 26, 8, 0, "day" },      { 3, 29, 7, 0, "day" },      { 3, 29, 6, 59, "night" },
		{ 3, 29, 15, 0, "night" },   { 10, 29, 7, 30, "day" },    { 11, 1, 7, 30, "night" },
		{ 11, 1, 8, 0, "day" },      { 12, 25, 12, 0, "feast" },  { 12, 24, 20, 0, "night" },
		{ 12, 24, 23, 59, "night" }, { 12, 26, 23, 59, "feast" }, { 12, 27, 0, 0, "night" },
	};
	struct conf_result conf;
	struct plan_place place;
	(void)state;

	world_read(&conf, iax_conf, timed_conf);
	place = (struct plan_place){
		plan_context(conf.world, TG_SPAN_LIT("phones")), TG_SPAN_LIT("1"), { 0 }, 0, { 0 }
	};
	CHECK_TEXT(world_text(conf.world, plan_find(conf.world, &place, 1)->args), "day"); /* at any time */
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const uint64_t s = when_utc_s(2027, cases[i].month, cases[i].day,
		                              cases[i].hour * 3600 + cases[i].minute * 60);

		print_message("# %u-%u %u:%02u\n", cases[i].month, cases[i].day, cases[i].hour, cases[i].minute);
		place.minute = (uint32_t)(s / 60);
		CHECK_TEXT(world_text(conf.world, plan_find(conf.world, &place, 1)->args), cases[i].want);
	}
	conf_result_free(&conf);
}

static void test_labels(void **state)
{
	struct conf_result conf;
	struct plan_place place;
	(void)state;

	world_read(&conf, iax_conf, extensions_conf);
	place = (struct plan_place){
		plan_context(conf.world, TG_SPAN_LIT("phones")), TG_SPAN_LIT("200"), { 0 }, 0, { 0 }
	};
	CHECK_UINT(plan_label(conf.world, &place, TG_SPAN_LIT("here")), 2);
	CHECK_UINT(plan_label(conf.world, &place, TG_SPAN_LIT("there")), 0);
	CHECK_UINT(plan_label(conf.world, &place, TG_SPAN_LIT("")), 0);
	place.exten = TG_SPAN_LIT("300");
	CHECK_UINT(plan_label(conf.world, &place, TG_SPAN_LIT("here")), 0);
	CHECK_UINT(plan_context(conf.world, TG_SPAN_LIT("Phones")), UINT32_MAX);
	place.context = UINT32_MAX;
	CHECK_TRUE(plan_find(conf.world, &place, 1) == NULL);
	conf_result_free(&conf);
}

/* Plain names are found without looking at all of them; each one all the same. */
static void test_many_plain_names(void **state)
{
	static char text[64 * 1024];
	struct conf_result conf;
	size_t len = 0;
	(void)state;

	len += (size_t)snprintf(text + len, sizeof(text) - len, "[phones]\nexten => _X.,1,NoOp(any)\n");
	for (unsigned i = 0; i < 1000; i++) {
		const unsigned n = i * 7919 % 1000 * 3; /* all multiples of 3, in no order */

		len += (size_t)snprintf(text + len, sizeof(text) - len, "exten => %u,1,NoOp(%u)\n", n, n);
	}
	world_read(&conf, iax_conf, text);
	for (unsigned n = 0; n < 3000; n++) {
		char number[16];

		snprintf(number, sizeof(number), "%u", n);
		CHECK_TEXT(found(&conf, "phones", number, "", 1), n % 3 == 0 ? number : n < 10 ? NULL : "any");
	}
	conf_result_free(&conf);
}

static bool is_registered(const void *owner, struct tg_span peer)
{
	return strstr(owner, (char[2]){ (char)peer.p[0] }) != NULL;
}

/* regcontext: what is written goes first, wherever it stands; then what somebody who is registered adds. */
static void test_registered(void **state)
{
	static const struct {
		const char *now, *number, *want;
		uint32_t priority;
	} cases[] = {
		{ "p", "200", "", 1 },     { "", "200", NULL, 1 },     { "q", "200", NULL, 1 },
		{ "pq", "201", "", 1 },    { "p", "201", "", 1 },      { "q", "201", "", 1 },
		{ "r", "201", NULL, 1 },   { "q", "q", "", 1 },        { "r", "q", NULL, 1 },
		{ "", "202", "there", 1 }, { "p", "202", "there", 1 }, { "p", "200", "rest", 2 },
		{ "", "200", "rest", 2 },  { "p", "300", "far", 1 },   { "p", "", NULL, 1 },
		{ "s", "s", NULL, 1 },     { "p", "200", NULL, 3 },
	};
	struct conf_result conf;
	(void)state;

	world_read(&conf,
	           "[general]\nregcontext=here\n[p]\ntype=peer\nhost=dynamic\nregexten=200& 201&&202&300\n"
	           "[q]\ntype=peer\nhost=dynamic\nregexten=q&201\n[r]\ntype=friend\nhost=dynamic\ncontext=phones\n"
	           "[s]\ntype=peer\nhost=192.0.2.1\n",
	           "[phones]\ninclude => here\n[here]\nexten => _2XX,2,NoOp(rest)\nexten => 202,1,NoOp(there)\n"
	           "include => far\n[far]\nexten => _3XX,1,NoOp(far)\n");
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct plan_place place = { plan_context(conf.world, TG_SPAN_LIT("phones")),
			                    tg_span_text(cases[i].number),
			                    { 0 },
			                    0,
			                    { is_registered, cases[i].now } };
		const struct world_step *step = plan_find(conf.world, &place, cases[i].priority);

		print_message("# %s,%u while \"%s\"\n", cases[i].number, cases[i].priority, cases[i].now);
		CHECK_TEXT(step != NULL ? world_text(conf.world, step->args) : NULL, cases[i].want);
	}
	CHECK_TEXT(found(&conf, "phones", "200", "", 1), ""); /* nobody knows who is: it may be */
	conf_result_free(&conf);
}

/* The context need not be written; without regcontext a registration adds nothing. */
static void test_registered_alone(void **state)
{
	struct conf_result conf;
	(void)state;

	world_read(&conf, "[general]\nregcontext=here\n[p]\ntype=peer\nhost=dynamic\n", "[phones]\n");
	CHECK_TEXT(found(&conf, "here", "p", "", 1), "");
	conf_result_free(&conf);
	world_read(&conf, "[general]\nregcontext=\n[p]\ntype=peer\nhost=dynamic\n", "[here]\n");
	CHECK_TEXT(found(&conf, "here", "p", "", 1), NULL);
	conf_result_free(&conf);
}

static void test_what_is_dialled_from_outside(void **state)
{
	static const struct {
		const char *called, *exten;
	} cases[] = {
		{ "600", "600" },
		{ "s", "s" },
		{ "+49-30-123", "+4930123" },
		{ "-9123", "9123" },
		{ "---", "" },
		{ "*67#", "*67#" },
		{ "alice", "alice" },
		{ "conf-room", "conf-room" },
		{ "0,01456", "" },
		{ "600&700", "" },
		{ "600@other", "" },
		{ "a/b", "" },
		{ "(030)1", "" },
		{ "a:b", "" },
		{ "a?b", "" },
		{ "a^b", "" },
		{ "h", "" },
		{ "i", "" },
		{ "t", "" },
		{ "T", "" },
		{ "e", "" },
		{ "hi", "hi" },
		{ "", "" },
	};
	char longest[WORLD_NAME_MAX + 2], buf[PLAN_DIALLED_BYTES];
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_span exten = plan_dialled(tg_span_text(cases[i].called), buf);

		CHECK_SPAN(exten, tg_span_text(cases[i].exten));
	}
	memset(longest, '7', sizeof(longest));
	CHECK_UINT(plan_dialled((struct tg_span){ (const uint8_t *)longest, WORLD_NAME_MAX }, buf).len, WORLD_NAME_MAX);
	CHECK_UINT(plan_dialled((struct tg_span){ (const uint8_t *)longest, WORLD_NAME_MAX + 1 }, buf).len, 0);
	CHECK_UINT(plan_dialled((struct tg_span){ (const uint8_t *)"6\0007", 3 }, buf).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_lookups),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_many_plain_names),
		cmocka_unit_test(test_registered),
		cmocka_unit_test(test_registered_alone),
		cmocka_unit_test(test_what_is_dialled_from_outside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
