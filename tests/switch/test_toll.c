/* SPDX-License-Identifier: Apache-2.0 */
/* Who may make which paid call: the pure decision, at the edge of each rule. */
#include "switch/toll.h"

#include "worlds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char iax_conf[] = "[general]\n"
			       "[alice]\ntype=user\nsecret=long-enough-1\ncontext=phones\npolicy=office\n"
			       "[bob]\ntype=user\nsecret=long-enough-2\ncontext=phones\n"
			       "[carol]\ntype=user\nsecret=long-enough-3\ncontext=phones\nnumbers=abroad\n"
			       "[door]\ntype=user\ncontext=door\n"
			       "[hall]\ntype=user\ncontext=door\npolicy=office\n"
			       "[provider]\ntype=peer\nhost=192.0.2.1\n"
			       "[cheap]\ntype=peer\nhost=192.0.2.2\ntrunkpolicy=cheap\n"
			       "[world]\ntype=peer\nhost=192.0.2.4\nnumbers=e164\n"
			       "[site]\ntype=peer\nhost=192.0.2.3\nchargeable=no\n"
			       "[phone]\ntype=peer\nhost=dynamic\nsecret=long-enough-4\n"
			       "[gateway]\ntype=peer\nhost=dynamic\nsecret=long-enough-5\nchargeable=yes\n";
static const char extensions_conf[] = "[phones]\nexten => 1,1,Answer\n[door]\nexten => 1,1,Answer\n";

#define HOME "[numbers]\ncountry=DE\n[numbers abroad]\ncountry=US\n[numbers e164]\ncountry=DE\nbare=international\n"

/* 2027-01-15, a Friday, 08:00 UTC */
#define FRIDAY_MS (UINT64_C(1800000000) * 1000)
#define HOUR_MS (UINT64_C(3600) * 1000)

struct scenery {
	struct conf_result conf;
	const struct world *world;
};

static void open_world(struct scenery *s, const char *policies)
{
	char tollgate[2048];

	snprintf(tollgate, sizeof(tollgate), HOME "[policy office]\n[policy cheap]\n%s", policies);
	world_read_with(&s->conf, iax_conf, extensions_conf, tollgate);
	s->world = s->conf.world;
}

static struct toll_ask ask_of(const struct scenery *s, const char *user, const char *trunk, const char *number)
{
	return (struct toll_ask){
		.user = user == NULL ? NULL : world_user_find(s->world, tg_span_text(user)),
		.trunk = world_peer_find(s->world, tg_span_text(trunk)),
		.number = tg_span_text(number),
		.wall_ms = FRIDAY_MS,
	};
}

/* ---- Allowed or not: "" for allowed by what is built in ---------------------------------------------------------- */

#define OFFICE(lines) "[policy office](+)\n" lines
#define BUILT_IN_GUEST "guests: nothing beyond national and mobile (built in)"
#define BUILT_IN_ACCOUNT "accounts may call all (built in)"

static const struct {
	const char *policies, *user, *trunk, *number;
	const char *why, *rule;
} cases[] = {
	/* who says nothing: accounts may call all, guests nothing that costs much */
	{ "", "bob", "provider", "0018765551234", "ok", BUILT_IN_ACCOUNT },
	{ "", "bob", "provider", "0900123456", "ok", BUILT_IN_ACCOUNT },
	{ "", "door", "provider", "030123456", "ok", BUILT_IN_GUEST },
	{ "", "door", "provider", "015112345", "ok", BUILT_IN_GUEST },
	{ "", "door", "provider", "112", "ok", BUILT_IN_GUEST },
	{ "", "door", "provider", "", "ok", BUILT_IN_GUEST },
	{ "", "door", "provider", "0800123456", "ok", BUILT_IN_GUEST },
	{ "", "door", "provider", "0180123456", "paid-guest", BUILT_IN_GUEST },
	{ "", "door", "provider", "0033123456", "paid-guest", BUILT_IN_GUEST },
	{ "", "door", "provider", "0018765551234", "paid-guest", BUILT_IN_GUEST },
	{ "", "door", "provider", "0088213000", "paid-guest", BUILT_IN_GUEST },
	{ "", "door", "provider", "0900123456", "paid-guest", BUILT_IN_GUEST },
	{ "", "door", "provider", "11833", "paid-guest", BUILT_IN_GUEST },
	{ "", "door", "provider", "alice", "paid-guest", BUILT_IN_GUEST },
	{ "", NULL, "provider", "0033123456", "paid-guest", BUILT_IN_GUEST },
	/* who may cost money: an address of its own, or one that says so */
	{ "", "door", "site", "0900123456", "ok", NULL },
	{ "", "door", "phone", "0900123456", "ok", NULL },
	{ "", "door", "gateway", "0900123456", "paid-guest", BUILT_IN_GUEST },
	/* a policy of one's own; with allow= the rest is denied */
	{ OFFICE("allow=national,mobile\n"), "alice", "provider", "030123456", "ok",
	  "[office] allow=national,mobile, tollgate.conf:11" },
	{ OFFICE("allow=national,mobile\n"), "alice", "provider", "0033123456", "paid-denied",
	  "[office] allow= does not name it, tollgate.conf:8" },
	{ OFFICE("allow=national\n"), "alice", "provider", "112", "ok", BUILT_IN_ACCOUNT },
	{ OFFICE("allow=national\ndeny=emergency\n"), "alice", "provider", "112", "paid-denied",
	  "[office] deny=emergency, tollgate.conf:12" },
	{ OFFICE("deny=premium\n"), "alice", "provider", "0033123456", "ok", BUILT_IN_ACCOUNT },
	{ OFFICE("deny=premium\n"), "alice", "provider", "0900123456", "paid-denied",
	  "[office] deny=premium, tollgate.conf:11" },
	{ OFFICE("deny=premium\n"), "alice", "provider", "09x", "paid-denied",
	  "[office] deny=premium, tollgate.conf:11" },
	{ OFFICE("deny=all\n"), "bob", "provider", "030123456", "ok", BUILT_IN_ACCOUNT },
	/* the longest prefix counts, then the class, then the later line */
	{ OFFICE("deny=international\nallow=+33\n"), "alice", "provider", "0033123456", "ok",
	  "[office] allow=+33, tollgate.conf:12" },
	{ OFFICE("allow=+33\ndeny=international\n"), "alice", "provider", "0033123456", "ok",
	  "[office] allow=+33, tollgate.conf:11" },
	{ OFFICE("allow=+33\ndeny=+331\n"), "alice", "provider", "0033123456", "paid-denied",
	  "[office] deny=+331, tollgate.conf:12" },
	{ OFFICE("deny=+331\nallow=+33\n"), "alice", "provider", "0033123456", "paid-denied",
	  "[office] deny=+331, tollgate.conf:11" },
	{ OFFICE("deny=national\nallow=national\n"), "alice", "provider", "030123456", "ok",
	  "[office] allow=national, tollgate.conf:12" },
	{ OFFICE("allow=national\ndeny=national\n"), "alice", "provider", "030123456", "paid-denied",
	  "[office] deny=national, tollgate.conf:12" },
	/* what a policy does not say its parent says, and at last that of all */
	{ OFFICE("deny=mobile\n") "[policy system]\nallow=national\n", "alice", "provider", "030123456", "ok",
	  "[system] allow=national, tollgate.conf:13" },
	{ OFFICE("deny=mobile\n") "[policy system]\nallow=national\n", "alice", "provider", "0033123456", "paid-denied",
	  "[system] allow= does not name it, tollgate.conf:12" },
	{ OFFICE("allow=mobile\n") "[policy system]\nallow=national\n", "alice", "provider", "030123456", "paid-denied",
	  "[office] allow= does not name it, tollgate.conf:8" },
	{ OFFICE("parent=strict\n") "[policy strict]\ndeny=international\n", "alice", "provider", "0033123456",
	  "paid-denied", "[strict] deny=international, tollgate.conf:13" },
	{ OFFICE("parent=strict\nallow=intl-low\n") "[policy strict]\ndeny=international\n", "alice", "provider",
	  "0033123456", "ok", "[office] allow=intl-low, tollgate.conf:12" },
	{ "[policy system]\ndeny=international\n", "bob", "provider", "0033123456", "paid-denied",
	  "[system] deny=international, tollgate.conf:11" },
	/* guests never have what accounts have, unless it is said of them */
	{ "[policy system]\nallow=all\n", "door", "provider", "0033123456", "paid-guest", BUILT_IN_GUEST },
	{ "[policy guests]\nallow=intl-low\n", "door", "provider", "0033123456", "ok",
	  "[guests] allow=intl-low, tollgate.conf:11" },
	{ "[policy guests]\ndeny=mobile\n", "door", "provider", "015112345", "paid-guest",
	  "[guests] deny=mobile, tollgate.conf:11" },
	{ "[policy guests]\ndeny=mobile\n", "bob", "provider", "015112345", "ok", BUILT_IN_ACCOUNT },
	{ OFFICE("allow=intl-low\n"), "hall", "provider", "0033123456", "ok",
	  "[office] allow=intl-low, tollgate.conf:11" },
	/* the trunk's policy must allow it, too */
	{ "[policy cheap](+)\nallow=national\n", "bob", "cheap", "030123456", "ok", BUILT_IN_ACCOUNT },
	{ "[policy cheap](+)\nallow=national\n", "bob", "cheap", "0033123456", "paid-denied",
	  "[cheap] allow= does not name it, tollgate.conf:9" },
	{ "[policy trunks]\ndeny=satellite\n", "bob", "provider", "0088213000", "paid-denied",
	  "[trunks] deny=satellite, tollgate.conf:11" },
	{ "[policy trunks]\ndeny=satellite\n", "bob", "cheap", "0088213000", "paid-denied",
	  "[trunks] deny=satellite, tollgate.conf:11" },
	{ "[policy trunks]\ndeny=satellite\n", "bob", "site", "0088213000", "ok", NULL },
	/* what a number means: as the trunk has it, else the account, else all */
	{ OFFICE("allow=national\n"), "alice", "world", "4930123456", "ok",
	  "[office] allow=national, tollgate.conf:11" },
	{ "[policy system]\ndeny=premium\n", "carol", "provider", "19005551234", "paid-denied",
	  "[system] deny=premium, tollgate.conf:11" },
	{ "[policy system]\nallow=national\n", "carol", "provider", "12125551234", "ok",
	  "[system] allow=national, tollgate.conf:11" },
	{ "[policy system]\nallow=national\n", "carol", "world", "12125551234", "paid-denied",
	  "[system] allow= does not name it, tollgate.conf:10" },
};

static void test_who_may_call_what(void **state)
{
	unsigned broken = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct scenery s;
		struct toll_decision got;
		char rule[TOLL_RULE_BYTES] = "";

		open_world(&s, cases[i].policies);
		const struct toll_ask ask = ask_of(&s, cases[i].user, cases[i].trunk, cases[i].number);

		toll_decide(s.world, &ask, &got);
		if (got.chargeable) {
			toll_rule_text(s.world, &got.rule, rule);
		}
		if (got.chargeable != (cases[i].rule != NULL) ||
		    strcmp(model_reason_code(got.why), cases[i].why) != 0 ||
		    (cases[i].rule != NULL && strcmp(rule, cases[i].rule) != 0)) {
			print_error("case %zu, %s to %s: %s by %s\n", i, cases[i].number, cases[i].trunk,
			            model_reason_code(got.why), rule);
			broken++;
		}
		conf_result_free(&s.conf);
	}
	CHECK_UINT(broken, 0);
}

/* ---- Limits: one less, as many, one more -------------------------------------------------------------------------- */

static const char *why_with(const struct scenery *s, const char *user, const char *trunk, const char *number,
                            const struct toll_usage *account, const struct toll_usage *at_trunk)
{
	struct toll_ask ask = ask_of(s, user, trunk, number);
	struct toll_decision got;

	ask.account_use = account;
	ask.trunk_use = at_trunk;
	toll_decide(s->world, &ask, &got);
	return model_reason_code(got.why);
}

static void test_calls_at_once(void **state)
{
	struct scenery s;
	struct toll_usage use = { 0 }, nothing = { 0 };
	(void)state;

	open_world(&s,
	           OFFICE("calls=3\ncalls=1 international\n") "[policy cheap](+)\ncalls=2\n[policy system]\ncalls=1\n");
	use.calls[WORLD_CLASS_NATIONAL] = 2;
	CHECK_TEXT(why_with(&s, "alice", "provider", "030123456", &use, &nothing), "ok");
	CHECK_TEXT(why_with(&s, "alice", "provider", "0033123456", &use, &nothing), "ok");
	use.calls[WORLD_CLASS_INTL_LOW] = 1;
	CHECK_TEXT(why_with(&s, "alice", "provider", "030123456", &use, &nothing), "paid-calls");
	CHECK_TEXT(why_with(&s, "alice", "provider", "112", &use, &nothing), "ok");
	use.calls[WORLD_CLASS_NATIONAL] = 0;
	CHECK_TEXT(why_with(&s, "alice", "provider", "030123456", &use, &nothing), "ok");
	CHECK_TEXT(why_with(&s, "alice", "provider", "0033123456", &use, &nothing), "paid-calls");
	CHECK_TEXT(why_with(&s, "alice", "provider", "0088213000", &use, &nothing), "paid-calls");
	use.calls[WORLD_CLASS_INTL_LOW] = 0;
	use.calls[WORLD_CLASS_INTERNAL] = 9; /* costs nothing */
	CHECK_TEXT(why_with(&s, "alice", "provider", "030123456", &use, &nothing), "ok");
	CHECK_TEXT(why_with(&s, "alice", "provider", "2001", &use, &nothing), "ok");
	/* of the trunk, whoever calls */
	use = (struct toll_usage){ .calls = { [WORLD_CLASS_MOBILE] = 1 } };
	CHECK_TEXT(why_with(&s, "alice", "cheap", "030123456", &nothing, &use), "ok");
	use.calls[WORLD_CLASS_MOBILE] = 2;
	CHECK_TEXT(why_with(&s, "alice", "cheap", "030123456", &nothing, &use), "paid-calls");
	/* that of all is for those who have none of their own */
	use.calls[WORLD_CLASS_MOBILE] = 1;
	CHECK_TEXT(why_with(&s, "bob", "provider", "030123456", &use, &nothing), "paid-calls");
	CHECK_TEXT(why_with(&s, "alice", "provider", "030123456", &use, &nothing), "ok");
	conf_result_free(&s.conf);
}

static void test_new_calls(void **state)
{
	struct scenery s;
	struct toll_usage use = { 0 }, nothing = { 0 };
	(void)state;

	open_world(&s,
	           OFFICE("newcalls=3/hour international\nnewcalls=5/day international\nnewcalls=9/hour\n") "[policy "
	                                                                                                    "cheap](+)"
	                                                                                                    "\nnewcalls"
	                                                                                                    "=2/day\n");
	use.hour_calls[WORLD_CLASS_INTL_LOW] = use.day_calls[WORLD_CLASS_INTL_LOW] = 2;
	CHECK_TEXT(why_with(&s, "alice", "provider", "0033123456", &use, &nothing), "ok");
	use.hour_calls[WORLD_CLASS_SATELLITE] = use.day_calls[WORLD_CLASS_SATELLITE] = 1;
	CHECK_TEXT(why_with(&s, "alice", "provider", "0033123456", &use, &nothing), "paid-hour-calls");
	CHECK_TEXT(why_with(&s, "alice", "provider", "030123456", &use, &nothing), "ok");
	CHECK_TEXT(why_with(&s, "alice", "provider", "112", &use, &nothing), "ok");
	use.hour_calls[WORLD_CLASS_MOBILE] = 6;
	CHECK_TEXT(why_with(&s, "alice", "provider", "030123456", &use, &nothing), "paid-hour-calls");
	use = (struct toll_usage){ .day_calls = { [WORLD_CLASS_INTL_MID] = 5 } };
	CHECK_TEXT(why_with(&s, "alice", "provider", "0033123456", &use, &nothing), "paid-day-calls");
	CHECK_TEXT(why_with(&s, "alice", "provider", "030123456", &use, &nothing), "ok");
	/* those of the trunk, whoever calls */
	CHECK_TEXT(why_with(&s, "alice", "cheap", "030123456", &nothing, &use), "paid-day-calls");
	/* who talks already goes on */
	struct toll_ask ask = ask_of(&s, "alice", "provider", "0033123456");
	struct toll_decision got;

	ask.account_use = &use;
	ask.running = true;
	toll_decide(s.world, &ask, &got);
	CHECK_INT(got.why, MODEL_WHY_OK);
	CHECK_UINT(got.hour_calls_max, 3);
	CHECK_UINT(got.day_calls_max, 5);
	CHECK_UINT(got.calls_max, TOLL_NO_LIMIT);
	conf_result_free(&s.conf);
}

/* What holds for an account that no policy is about. */
static const struct {
	const char *number;
	uint32_t calls, hour, day, longest_s, left_s;
} built_in[] = {
	{ "030123456", 4, TOLL_NO_LIMIT, TOLL_NO_LIMIT, 4 * 3600, TOLL_NO_LIMIT },
	{ "015112345", 4, TOLL_NO_LIMIT, TOLL_NO_LIMIT, 4 * 3600, TOLL_NO_LIMIT },
	{ "0033123456", 4, TOLL_NO_LIMIT, TOLL_NO_LIMIT, 4 * 3600, 7200 }, /* intl-low */
	{ "0018765551234", 1, 3, 6, 1800, 900 },                           /* intl-high */
	{ "0088213000", 1, 3, 6, 1800, TOLL_NO_LIMIT },                    /* satellite */
	{ "0900123456", 1, 3, 6, 600, TOLL_NO_LIMIT },
	{ "00979123456", 1, 3, 6, 600, TOLL_NO_LIMIT },
	{ "alice", 1, 3, 6, 600, TOLL_NO_LIMIT }, /* unknown */
	{ "112", TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT },
	{ "2001", TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT },
	{ "0800123456", TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT, TOLL_NO_LIMIT },
};

static void test_the_limits_that_are_built_in(void **state)
{
	struct scenery s;
	(void)state;

	open_world(&s, "");
	for (size_t i = 0; i < TG_COUNT(built_in); i++) {
		const struct toll_ask ask = ask_of(&s, "bob", "provider", built_in[i].number);
		struct toll_decision got;

		print_message("# %s\n", built_in[i].number);
		toll_decide(s.world, &ask, &got);
		CHECK_INT(got.why, MODEL_WHY_OK);
		CHECK_UINT(got.calls_max, built_in[i].calls);
		CHECK_UINT(got.hour_calls_max, built_in[i].hour);
		CHECK_UINT(got.day_calls_max, built_in[i].day);
		CHECK_UINT(got.longest_s, built_in[i].longest_s);
		CHECK_UINT(got.left_s, built_in[i].left_s);
	}
	conf_result_free(&s.conf);
}

static const struct {
	const char *text, *number;
	struct toll_usage use;
	const char *why, *rule;
} built_in_ends[] = {
	{ "calls at once",
	  "030123456",
	  { .calls = { [WORLD_CLASS_NATIONAL] = 4 } },
	  "paid-calls",
	  "calls=4 (built in)" },
	{ "dear ones",
	  "0018765551234",
	  { .calls = { [WORLD_CLASS_SATELLITE] = 1 } },
	  "paid-calls",
	  "calls=1 intl-high satellite premium (built in)" },
	{ "of an hour",
	  "0018765551234",
	  { .hour_calls = { [WORLD_CLASS_PREMIUM] = 3 } },
	  "paid-hour-calls",
	  "newcalls=3/hour intl-high satellite premium (built in)" },
	{ "of a day",
	  "0018765551234",
	  { .day_calls = { [WORLD_CLASS_INTL_HIGH] = 6 } },
	  "paid-day-calls",
	  "newcalls=6/day intl-high satellite premium (built in)" },
	{ "minutes low",
	  "0033123456",
	  { .day_s = { [WORLD_CLASS_INTL_LOW] = 7200 } },
	  "paid-day",
	  "daily=120m intl-low (built in)" },
	{ "minutes high",
	  "0018765551234",
	  { .day_s = { [WORLD_CLASS_INTL_HIGH] = 900 } },
	  "paid-day",
	  "daily=15m intl-high (built in)" },
};

static void test_where_the_built_in_limits_end(void **state)
{
	struct scenery s;
	(void)state;

	open_world(&s, "");
	for (size_t i = 0; i < TG_COUNT(built_in_ends); i++) {
		struct toll_ask ask = ask_of(&s, "bob", "provider", built_in_ends[i].number);
		char rule[TOLL_RULE_BYTES];
		struct toll_decision got;

		print_message("# %s\n", built_in_ends[i].text);
		ask.account_use = &built_in_ends[i].use;
		toll_decide(s.world, &ask, &got);
		CHECK_TEXT(model_reason_code(got.why), built_in_ends[i].why);
		CHECK_TEXT(toll_rule_text(s.world, &got.rule, rule), built_in_ends[i].rule);
		/* an account with a policy, a guest, a trunk: what they say counts, and nothing else */
		ask.user = world_user_find(s.world, TG_SPAN_LIT("alice"));
		toll_decide(s.world, &ask, &got);
		CHECK_INT(got.why, MODEL_WHY_OK);
		ask.user = world_user_find(s.world, TG_SPAN_LIT("bob"));
		ask.trunk_use = ask.account_use;
		ask.account_use = NULL;
		toll_decide(s.world, &ask, &got);
		CHECK_INT(got.why, MODEL_WHY_OK);
	}
	conf_result_free(&s.conf);
	/* an empty policy of all is a policy */
	open_world(&s, "[policy system]\n");
	struct toll_ask ask = ask_of(&s, "bob", "provider", "0018765551234");
	struct toll_decision got;

	toll_decide(s.world, &ask, &got);
	CHECK_UINT(got.calls_max, TOLL_NO_LIMIT);
	CHECK_UINT(got.longest_s, TOLL_NO_LIMIT);
	conf_result_free(&s.conf);
}

/* Without a country a national number is one that nobody knows: it shall not be held for a premium one, those abroad still are. */
static void test_built_in_limits_without_a_country(void **state)
{
	struct toll_usage use = { .calls = { [WORLD_CLASS_UNKNOWN] = 2 } };
	struct conf_result conf;
	struct toll_decision got;
	(void)state;

	world_read_with(&conf,
	                "[general]\n[bob]\ntype=user\nsecret=long-enough-2\ncontext=phones\n"
	                "[provider]\ntype=peer\nhost=192.0.2.1\n",
	                extensions_conf, NULL);
	struct toll_ask ask = { .user = world_user_find(conf.world, TG_SPAN_LIT("bob")),
		                .trunk = world_peer_find(conf.world, TG_SPAN_LIT("provider")),
		                .number = TG_SPAN_LIT("030123456"),
		                .wall_ms = FRIDAY_MS,
		                .account_use = &use };

	toll_decide(conf.world, &ask, &got);
	CHECK_INT(got.destination.class, WORLD_CLASS_UNKNOWN);
	CHECK_INT(got.why, MODEL_WHY_OK);
	CHECK_UINT(got.calls_max, 4);
	CHECK_UINT(got.hour_calls_max, TOLL_NO_LIMIT);
	ask.number = TG_SPAN_LIT("0018765551234");
	toll_decide(conf.world, &ask, &got);
	CHECK_INT(got.why, MODEL_WHY_OK);
	CHECK_UINT(got.hour_calls_max, 3);
	use.calls[WORLD_CLASS_INTL_HIGH] = 1;
	toll_decide(conf.world, &ask, &got);
	CHECK_INT(got.why, MODEL_WHY_PAID_CALLS);
	conf_result_free(&conf);
}

static void test_minutes(void **state)
{
	struct toll_usage use = { 0 };
	struct toll_decision got;
	struct scenery s;
	(void)state;

	open_world(&s, OFFICE("daily=10m\nmonthly=1h\ndaily=60s international\n"));
	struct toll_ask ask = ask_of(&s, "alice", "provider", "030123456");

	ask.account_use = &use;
	use.day_s[WORLD_CLASS_MOBILE] = 599;
	toll_decide(s.world, &ask, &got);
	CHECK_TEXT(model_reason_code(got.why), "ok");
	CHECK_UINT(got.left_s, 1);
	CHECK_TEXT(model_reason_code(got.left_why), "paid-day");
	use.day_s[WORLD_CLASS_MOBILE] = 600;
	toll_decide(s.world, &ask, &got);
	CHECK_TEXT(model_reason_code(got.why), "paid-day");
	CHECK_UINT(got.left_s, 0);
	use.day_s[WORLD_CLASS_MOBILE] = 601;
	toll_decide(s.world, &ask, &got);
	CHECK_TEXT(model_reason_code(got.why), "paid-day");
	CHECK_UINT(got.left_s, 0);
	use.day_s[WORLD_CLASS_MOBILE] = 0;
	use.month_s[WORLD_CLASS_NATIONAL] = 3599;
	toll_decide(s.world, &ask, &got);
	CHECK_UINT(got.left_s, 1);
	use.month_s[WORLD_CLASS_MOBILE] = 1;
	toll_decide(s.world, &ask, &got);
	CHECK_TEXT(model_reason_code(got.why), "paid-month");
	/* both lines for international calls */
	use = (struct toll_usage){ .day_s = { [WORLD_CLASS_NATIONAL] = 560 } };
	ask.number = TG_SPAN_LIT("0033123456");
	toll_decide(s.world, &ask, &got);
	CHECK_UINT(got.left_s, 40);
	use.day_s[WORLD_CLASS_NATIONAL] = 0;
	use.day_s[WORLD_CLASS_SATELLITE] = 50;
	toll_decide(s.world, &ask, &got);
	CHECK_UINT(got.left_s, 10);
	conf_result_free(&s.conf);
}

static void test_the_longest_call(void **state)
{
	struct toll_decision got;
	struct scenery s;
	(void)state;

	open_world(&s, OFFICE("longest=30m\n") "[policy cheap](+)\nlongest=10m mobile\n[policy system]\nlongest=1h\n");
	struct toll_ask ask = ask_of(&s, "alice", "cheap", "015112345");

	toll_decide(s.world, &ask, &got);
	CHECK_UINT(got.longest_s, 600);
	CHECK_TEXT(world_text(s.world, got.longest.policy->name), "cheap");
	ask.number = TG_SPAN_LIT("030123456");
	toll_decide(s.world, &ask, &got);
	CHECK_UINT(got.longest_s, 1800);
	ask = ask_of(&s, "bob", "provider", "030123456");
	toll_decide(s.world, &ask, &got);
	CHECK_UINT(got.longest_s, 3600);
	CHECK_FALSE(got.counted);
	ask.number = TG_SPAN_LIT("2001");
	toll_decide(s.world, &ask, &got);
	CHECK_UINT(got.longest_s, TOLL_NO_LIMIT);
	conf_result_free(&s.conf);
}

/* Friday 08:00 UTC and so many minutes */
static const struct {
	const char *times;
	int offset_min;
	bool ok;
} hours[] = {
	{ "times=mon-fri 08:00-18:00\n", 0, true },
	{ "times=mon-fri 08:00-18:00\n", -1, false },
	{ "times=mon-fri 08:00-18:00\n", 599, true },
	{ "times=mon-fri 08:00-18:00\n", 600, false },
	{ "times=mon-fri 08:00-18:00\n", 24 * 60, false }, /* Saturday */
	{ "times=mon-fri 08:00-18:00\n", 72 * 60, true },  /* Monday */
	{ "times=fri 00:00-24:00\n", 15 * 60 + 59, true },
	{ "times=fri 00:00-24:00\n", 16 * 60, false },
	{ "times=fri 00:00-24:00\n", -8 * 60, true },
	{ "times=fri 00:00-24:00\n", -8 * 60 - 1, false },
	/* over midnight, from Friday to Saturday */
	{ "times=fri 22:00-06:00\n", 13 * 60 + 59, false },
	{ "times=fri 22:00-06:00\n", 14 * 60, true },
	{ "times=fri 22:00-06:00\n", 21 * 60 + 59, true },
	{ "times=fri 22:00-06:00\n", 22 * 60, false },
	{ "times=fri 22:00-06:00\n", -4 * 60, false }, /* Friday before dawn is Thursday's night */
	/* any of the lines will do, and only for what they are about */
	{ "times=mon 08:00-09:00\ntimes=fri 08:00-09:00\n", 59, true },
	{ "times=mon 08:00-09:00\ntimes=fri 08:00-09:00\n", 60, false },
	{ "times=mon 08:00-09:00 international\n", 0, true },
};

static void test_hours(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(hours); i++) {
		char policies[256];
		struct scenery s;
		struct toll_decision got;

		snprintf(policies, sizeof(policies), OFFICE("%s"), hours[i].times);
		open_world(&s, policies);
		struct toll_ask ask = ask_of(&s, "alice", "provider", "030123456");

		ask.wall_ms = FRIDAY_MS + (uint64_t)(int64_t)(hours[i].offset_min * 60 * 1000);
		toll_decide(s.world, &ask, &got);
		if ((got.why == MODEL_WHY_OK) != hours[i].ok) {
			fail_msg("%s at %d min: %s", hours[i].times, hours[i].offset_min, model_reason_code(got.why));
		}
		ask.running = true;
		toll_decide(s.world, &ask, &got);
		CHECK_INT(got.why, MODEL_WHY_OK);
		conf_result_free(&s.conf);
	}
}

/* ---- Days and months ----------------------------------------------------------------------------------------------- */

static const struct {
	uint64_t wall_s;
	const char *offset; /* or the rule of a zone */
	uint32_t day, month;
} days[] = {
	/* the last Sunday of March 2027 has an hour less, that of October one more */
	{ UINT64_C(1806188399), "CET-1CEST,M3.5.0,M10.5.0/3", 20904, 686 }, /* 2027-03-27 22:59:59 UTC */
	{ UINT64_C(1806188400), "CET-1CEST,M3.5.0,M10.5.0/3", 20905, 686 },
	{ UINT64_C(1806271199), "CET-1CEST,M3.5.0,M10.5.0/3", 20905, 686 }, /* 2027-03-28 21:59:59 UTC */
	{ UINT64_C(1806271200), "CET-1CEST,M3.5.0,M10.5.0/3", 20906, 686 },
	{ UINT64_C(1825023599), "CET-1CEST,M3.5.0,M10.5.0/3", 21122, 693 }, /* 2027-10-31 22:59:59 UTC */
	{ UINT64_C(1825023600), "CET-1CEST,M3.5.0,M10.5.0/3", 21123, 694 },
	{ 0, "+00:00", 0, 0 },
	{ 0, "-05:00", 0, 0 }, /* nothing is before 1970 */
	{ 86399, "+00:00", 0, 0 },
	{ 86400, "+00:00", 1, 0 },
	{ UINT64_C(1801439999), "+00:00", 20849, 684 }, /* 2027-01-31 23:59:59 */
	{ UINT64_C(1801440000), "+00:00", 20850, 685 }, /* 2027-02-01 */
	{ UINT64_C(1801440000), "-00:01", 20849, 684 },
	{ UINT64_C(1801436400), "+01:00", 20850, 685 }, /* 23:00 UTC, midnight there */
	{ UINT64_C(1801436399), "+01:00", 20849, 684 },
	{ UINT64_C(1835395200), "+00:00", 21243, 697 }, /* 2028-02-29 */
	{ UINT64_C(1835481600), "+00:00", 21244, 698 }, /* 2028-03-01 */
	{ UINT64_C(1861919999), "+00:00", 21549, 707 }, /* 2028-12-31 23:59:59 */
	{ UINT64_C(1861920000), "+00:00", 21550, 708 },
	{ UINT64_C(4107456000), "+00:00", 47540, 1561 }, /* 2100-02-28; no leap year */
	{ UINT64_C(4107542400), "+00:00", 47541, 1562 }, /* 2100-03-01 */
};

static void test_days_begin_at_midnight_of_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(days); i++) {
		struct conf_result conf;
		char tollgate[64];
		struct toll_usage use = { .day = UINT32_MAX - 1, .month = UINT32_MAX - 1 };

		snprintf(tollgate, sizeof(tollgate), "[general]\n%s=%s\n",
		         days[i].offset[0] == 'C' ? "timezone" : "utcoffset", days[i].offset);
		world_read_with(&conf, "[general]\n", extensions_conf, tollgate);
		toll_roll(conf.world, &use, days[i].wall_s * 1000);
		print_message("# %s %llu\n", days[i].offset, (unsigned long long)days[i].wall_s);
		CHECK_UINT(use.day, days[i].day);
		CHECK_UINT(use.month, days[i].month);
		conf_result_free(&conf);
	}
}

/* The office opens at eight by its own clock, in summer and in winter. */
static void test_hours_of_a_zone(void **state)
{
	static const struct {
		uint64_t wall_s;
		bool ok;
	} at[] = {
		{ UINT64_C(1800000000) - 3600, true }, /* Friday 15 January, 07:00 UTC is eight */
		{ UINT64_C(1800000000) - 3601, false },
		{ UINT64_C(1815638400) - 2 * 3600, true }, /* Thursday 15 July 08:00 UTC: 06:00 is eight */
		{ UINT64_C(1815638400) - 2 * 3600 - 1, false },
	};
	struct scenery s;
	(void)state;

	open_world(&s, OFFICE("times=mon-fri 08:00-18:00\n") "[general]\ntimezone=CET-1CEST,M3.5.0,M10.5.0/3\n");
	for (size_t i = 0; i < TG_COUNT(at); i++) {
		struct toll_ask ask = ask_of(&s, "alice", "provider", "030123456");
		struct toll_decision got;

		print_message("# %llu\n", (unsigned long long)at[i].wall_s);
		ask.wall_ms = at[i].wall_s * 1000;
		toll_decide(s.world, &ask, &got);
		CHECK_INT(got.why == MODEL_WHY_OK, at[i].ok);
	}
	conf_result_free(&s.conf);
}

static void test_a_new_hour(void **state)
{
	struct toll_usage use = { 0 };
	struct scenery s;
	(void)state;

	open_world(&s, "");
	toll_roll(s.world, &use, FRIDAY_MS);
	use.hour_calls[WORLD_CLASS_NATIONAL] = 5;
	use.day_calls[WORLD_CLASS_NATIONAL] = 7;
	toll_roll(s.world, &use, FRIDAY_MS + HOUR_MS - 1);
	CHECK_UINT(use.hour_calls[WORLD_CLASS_NATIONAL], 5);
	toll_roll(s.world, &use, FRIDAY_MS + HOUR_MS);
	CHECK_UINT(use.hour_calls[WORLD_CLASS_NATIONAL], 0);
	CHECK_UINT(use.day_calls[WORLD_CLASS_NATIONAL], 7);
	use.hour_calls[WORLD_CLASS_NATIONAL] = 5;
	toll_roll(s.world, &use, FRIDAY_MS + HOUR_MS - 1); /* a clock that goes back a little begins no hour again */
	CHECK_UINT(use.hour_calls[WORLD_CLASS_NATIONAL], 5);
	toll_roll(s.world, &use, FRIDAY_MS + 24 * HOUR_MS);
	CHECK_UINT(use.day_calls[WORLD_CLASS_NATIONAL], 0);
	conf_result_free(&s.conf);
}

static void test_a_new_day_begins_from_nothing(void **state)
{
	struct toll_usage use = { 0 };
	struct scenery s;
	(void)state;

	open_world(&s, "");
	toll_roll(s.world, &use, FRIDAY_MS);
	use.day_s[3] = use.month_s[3] = 50;
	toll_roll(s.world, &use, FRIDAY_MS + 16 * HOUR_MS - 1);
	CHECK_UINT(use.day_s[3], 50);
	toll_roll(s.world, &use, FRIDAY_MS + 16 * HOUR_MS);
	CHECK_UINT(use.day_s[3], 0);
	CHECK_UINT(use.month_s[3], 50);
	use.day_s[3] = 60;
	/* a clock that is put back by an hour gives nobody another day */
	toll_roll(s.world, &use, FRIDAY_MS + 15 * HOUR_MS);
	CHECK_UINT(use.day_s[3], 60);
	/* one that was wrong by years does not hold on to them */
	toll_roll(s.world, &use, FRIDAY_MS + 40000 * HOUR_MS);
	use.day_s[3] = 70;
	toll_roll(s.world, &use, FRIDAY_MS);
	CHECK_UINT(use.day_s[3], 0);
	use.month_s[3] = 80;
	toll_roll(s.world, &use, FRIDAY_MS + 16 * 24 * HOUR_MS); /* 31 January */
	CHECK_UINT(use.month_s[3], 80);
	toll_roll(s.world, &use, FRIDAY_MS + 17 * 24 * HOUR_MS);
	CHECK_UINT(use.month_s[3], 0);
	conf_result_free(&s.conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_may_call_what),
		cmocka_unit_test(test_calls_at_once),
		cmocka_unit_test(test_new_calls),
		cmocka_unit_test(test_the_limits_that_are_built_in),
		cmocka_unit_test(test_where_the_built_in_limits_end),
		cmocka_unit_test(test_built_in_limits_without_a_country),
		cmocka_unit_test(test_minutes),
		cmocka_unit_test(test_the_longest_call),
		cmocka_unit_test(test_hours),
		cmocka_unit_test(test_days_begin_at_midnight_of_the_place),
		cmocka_unit_test(test_hours_of_a_zone),
		cmocka_unit_test(test_a_new_hour),
		cmocka_unit_test(test_a_new_day_begins_from_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
