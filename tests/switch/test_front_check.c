/* SPDX-License-Identifier: Apache-2.0 */
/* In front of another exchange: what explain and check say. */
#include "switch/explain.h"
#include "switch/match.h"
#include "switch/reach.h"
#include "switch/risk.h"
#include "switch/switch.h"
#include "switch/toll.h"

#include "worlds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char iax_conf[] = "[general]\ncalltokenoptional=0.0.0.0/0\n"
			       "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\ncontext=in\n"
			       "deny=0.0.0.0/0\npermit=203.0.113.0/24\nrequirecalltoken=no\n"
			       "[bob]\ntype=friend\nsecret=bob-secret1\nhost=dynamic\ncontext=phones\n"
			       "[provider]\ntype=peer\nusername=us\nsecret=provider-secret\nhost=192.0.2.5\n"
			       "[open]\ntype=peer\nhost=192.0.2.5\n"
			       "[caller]\ntype=user\nsecret=caller-secret\ncontext=phones\npolicy=office\n"
			       "[guest]\ntype=user\ncontext=lobby\n"
			       "[trap]\ntype=friend\nsecret=trap-secret1\nhost=dynamic\ncontext=in\ndecoy=yes\n";
static const char tollgate_conf[] = "[front]\nbackend=127.0.0.1:4570\n[policy office]\ndeny=premium,unknown\n";

static void read_world(struct conf_result *conf)
{
	world_read_with(conf, iax_conf, "", tollgate_conf);
}

static struct tg_addr address(const char *text)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(text), 4569));
	return addr;
}

#define BACKEND "127.0.0.1:4570"

/* ---- Who a request is for ---------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *context, *from;
	bool proven;
	enum model_reason why;
	const char *user, *start; /* NULL: none */
} users[] = {
	{ "alice", "", "203.0.113.1", true, MODEL_WHY_OK, "alice", "front.alice" },
	{ "alice", "in", "203.0.113.1", false, MODEL_WHY_OK, "alice", "front.alice" },
	{ "alice", "out", "203.0.113.1", true, MODEL_WHY_CONTEXT, "alice", "front.alice" },
	{ "alice", "front.alice", "203.0.113.1", true, MODEL_WHY_CONTEXT, "alice", "front.alice" },
	{ "alice", "", "192.0.2.1", true, MODEL_WHY_ACL, "alice", "front.alice" },
	{ "guest", "", "192.0.2.1", true, MODEL_WHY_OK, "guest", "front.guest" },
	{ "", "", "192.0.2.1", true, MODEL_WHY_OK, "guest", "front.guest" },
	{ "provider", "", "192.0.2.5", true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "backend.alice", "", "203.0.113.1", true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "backend.open", "", "192.0.2.5", true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "front.alice", "", "203.0.113.1", true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	/* The backend's host with another port is anybody. */
	{ "open", "", "127.0.0.1:4571", true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "backend.open", "", "127.0.0.1:4571", true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "alice", "", BACKEND, true, MODEL_WHY_OK, "backend.alice", "backend.alice" },
	{ "alice", "whatever", BACKEND, true, MODEL_WHY_OK, "backend.alice", "backend.alice" },
	{ "alice", "", BACKEND, false, MODEL_WHY_TOKEN, "backend.alice", "backend.alice" },
	{ "open", "", BACKEND, true, MODEL_WHY_OK, "backend.open", "backend.open" },
	{ "open", "", BACKEND, false, MODEL_WHY_TOKEN, "backend.open", "backend.open" },
	{ "caller", "", BACKEND, true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "guest", "", BACKEND, true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "trap", "", BACKEND, true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "", "", BACKEND, true, MODEL_WHY_NO_GUEST, NULL, NULL },
	{ "backend.alice", "", BACKEND, true, MODEL_WHY_NO_ACCOUNT, NULL, NULL },
	{ "an-account-name-that-is-longer-than-what-is-left-of-eighty-octets-with-a-prefix", "", BACKEND, true,
	  MODEL_WHY_NO_ACCOUNT, NULL, NULL },
};

static void test_callers(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf);
	for (size_t i = 0; i < TG_COUNT(users); i++) {
		const struct match_call call = {
			.name = tg_span_text(users[i].name),
			.context = tg_span_text(users[i].context),
			.from = address(users[i].from),
			.proven = users[i].proven,
		};
		enum model_reason why;
		const struct world_user *user = match_user(conf.world, &call, 0, world_count(conf.world, WORLD_USERS),
		                                           &why);

		print_message("# %s in %s from %s\n", users[i].name, users[i].context, users[i].from);
		CHECK_TEXT(model_reason_text(why), model_reason_text(users[i].why));
		CHECK_UINT(user != NULL, users[i].user != NULL);
		if (user != NULL) {
			CHECK_TEXT(world_text(conf.world, user->name), users[i].user);
			CHECK_SPAN(match_start_context(conf.world, user, call.context), tg_span_text(users[i].start));
		}
	}
	conf_result_free(&conf);
}

static const struct {
	const char *name, *from;
	enum model_reason why;
	bool there;
} registrants[] = {
	{ "alice", "203.0.113.1", MODEL_WHY_OK, true },
	{ "bob", "127.0.0.1:4571", MODEL_WHY_OK, true },
	{ "bob", BACKEND, MODEL_WHY_ACL, true },
	{ "front.bob", "192.0.2.1", MODEL_WHY_NO_ACCOUNT, false },
	{ "front.bob", BACKEND, MODEL_WHY_NO_ACCOUNT, false },
	{ "backend.bob", BACKEND, MODEL_WHY_NO_ACCOUNT, false },
	{ "provider", "192.0.2.5", MODEL_WHY_STATIC, true },
};

static void test_registrants(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf);
	for (size_t i = 0; i < TG_COUNT(registrants); i++) {
		const struct match_call reg = { .name = tg_span_text(registrants[i].name),
			                        .from = address(registrants[i].from),
			                        .proven = true };
		enum model_reason why;

		print_message("# %s from %s\n", registrants[i].name, registrants[i].from);
		CHECK_UINT(match_registrant(conf.world, &reg, &why) != NULL, registrants[i].there);
		CHECK_TEXT(model_reason_text(why), model_reason_text(registrants[i].why));
	}
	conf_result_free(&conf);
}

/* Whatever the account and its address are excused from. */
static void test_the_backend_is_never_excused_from_a_token(void **state)
{
	static const char *const names[] = { "alice", "bob", "open", "nobody", "" };
	struct conf_result conf;
	(void)state;

	read_world(&conf);
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		for (int is_new = 0; is_new < 2; is_new++) {
			CHECK_FALSE(switch_token_excused(conf.world, is_new, tg_span_text(names[i]), address(BACKEND),
			                                 true));
		}
	}
	CHECK_TRUE(switch_token_excused(conf.world, true, TG_SPAN_LIT("alice"), address("203.0.113.1"), true));
	CHECK_TRUE(switch_token_excused(conf.world, true, TG_SPAN_LIT("bob"), address("127.0.0.1:4571"), true));
	conf_result_free(&conf);
}

/* ---- Explain ----------------------------------------------------------------------------------------------------- */

struct heard {
	char lines[4096];
	size_t len;
};

static void on_step(void *owner, const struct switch_explain_step *step)
{
	struct heard *heard = owner;
	const size_t room = sizeof(heard->lines) - heard->len;
	const int len = snprintf(heard->lines + heard->len, room, "%s: %s: %s\n", step->what,
	                         switch_explain_verdict_name(step->verdict), step->text);

	CHECK_TRUE(len > 0 && (size_t)len < room);
	heard->len += (size_t)len;
}

/* Rows that are made are no names outside: one packet without a token must not tell that there is such an account. */
static void test_rows_that_are_made_are_as_names_that_nobody_has(void **state)
{
	static const char *const names[] = { "backend.alice", "backend.open", "backend.provider", "front.alice" };
	static const char *const from[] = { "203.0.113.1", "192.0.2.5", "127.0.0.1:4571" };
	struct conf_result conf;
	(void)state;

	read_world(&conf);
	for (size_t i = 0; i < TG_COUNT(names) * TG_COUNT(from) * 2; i++) {
		const struct tg_addr addr = address(from[i / 2 % TG_COUNT(from)]);
		struct heard heard[2] = { { .len = 0 } };
		struct switch_token_rule rules[2];
		enum model_reason why[2];

		for (size_t k = 0; k < 2; k++) {
			const struct switch_explain_ask ask = {
				.registration = i % 2 == 1,
				.name = tg_span_text(k == 0 ? names[i / 2 / TG_COUNT(from)] : "nobody.alice"),
				.number = TG_SPAN_LIT("5"),
				.from = addr,
			};

			rules[k] = switch_token_rule(conf.world, !ask.registration, ask.name, addr, false, false);
			why[k] = switch_explain(conf.world, &ask, on_step, &heard[k]);
			*strstr(heard[k].lines, "There is no [") = '\0';
		}
		print_message("# %s from %s\n", names[i / 2 / TG_COUNT(from)], from[i / 2 % TG_COUNT(from)]);
		CHECK_UINT(rules[0].required, rules[1].required);
		CHECK_UINT(rules[0].origin, rules[1].origin);
		CHECK_TRUE(rules[0].range == rules[1].range);
		CHECK_UINT(why[0], why[1]);
		CHECK_TEXT(heard[0].lines, heard[1].lines);
	}
	conf_result_free(&conf);
}

static const struct {
	bool registration, no_token;
	const char *name, *from, *number, *context;
	enum model_reason why;
	const char *says;
} cases[] = {
	{ false, false, "alice", "203.0.113.1", "600", "", MODEL_WHY_OK,
	  "context: ok: It begins in front.alice; none is asked for.\n" },
	{ false, false, "alice", "203.0.113.1", "600", "in", MODEL_WHY_OK,
	  "context: ok: It begins in front.alice; what is asked for goes along: in.\n" },
	{ false, false, "alice", "203.0.113.1", "600", "lobby", MODEL_WHY_CONTEXT,
	  "context: no: lobby is asked for; the account has: phones, in.\n" },
	{ false, false, "alice", "203.0.113.1", "600", "", MODEL_WHY_OK,
	  "extension: ok: 600 is _! in front.alice; the first step is Dial(), iax.conf:3.\n" },
	{ false, false, "alice", "203.0.113.1", "600", "", MODEL_WHY_OK,
	  "paid call: note: It goes to the backend as [alice], which says what becomes of it.\n" },
	{ false, false, "caller", "203.0.113.1", "0900123", "", MODEL_WHY_PAID_DENIED,
	  "paid call: no: 0900123 to [front.caller] is " },
	{ false, false, "alice", BACKEND, "s", "", MODEL_WHY_OK, "account: ok: [backend.alice], iax.conf:3.\n" },
	{ false, false, "alice", BACKEND, "s", "", MODEL_WHY_OK,
	  "extension: ok: s is _! in backend.alice; the first step is Dial(), iax.conf:3.\n" },
	{ false, false, "alice", BACKEND, "s", "", MODEL_WHY_OK,
	  "paid call: note: Calls to [alice] cost nothing: it registers, and has no chargeable=yes.\n" },
	{ false, false, "provider", BACKEND, "0301234567", "", MODEL_WHY_OK,
	  "paid call: ok: 0301234567 to [provider] is " },
	{ false, true, "open", BACKEND, "5", "", MODEL_WHY_NO_TOKEN,
	  "call token: no: The request has none (required: from the address of the backend nothing is excused).\n" },
	{ false, true, "open", BACKEND, "5", "", MODEL_WHY_NO_TOKEN,
	  "call token: no: Without one it is not known that the backend is there.\n" },
	{ false, false, "caller", BACKEND, "5", "", MODEL_WHY_NO_ACCOUNT,
	  "account: no: The backend names the peer it calls; no type=peer or type=friend [caller] is carried.\n" },
	{ false, false, "", BACKEND, "5", "", MODEL_WHY_NO_GUEST,
	  "account: no: The backend names the peer it calls; no type=peer or type=friend [] is carried.\n" },
	{ false, false, "backend.alice", "203.0.113.1", "5", "", MODEL_WHY_NO_ACCOUNT,
	  "account: no: There is no [backend.alice]; case counts.\n" },
	{ false, false, "front.alice", "203.0.113.1", "5", "", MODEL_WHY_NO_ACCOUNT,
	  "account: no: There is no [front.alice]; case counts.\n" },
	{ true, false, "bob", BACKEND, "", "", MODEL_WHY_ACL,
	  "address: no: The backend does not register: calls to it would go round.\n" },
	{ true, false, "front.bob", "192.0.2.1", "", "", MODEL_WHY_NO_ACCOUNT,
	  "account: no: There is no [front.bob]; case counts.\n" },
	{ true, false, "backend.bob", "192.0.2.1", "", "", MODEL_WHY_NO_ACCOUNT,
	  "account: no: There is no [backend.bob]; case counts.\n" },
	{ true, false, "bob", "192.0.2.1", "", "", MODEL_WHY_OK, "account: ok: [bob], iax.conf:12.\n" },
};

static void test_explain(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf);
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct switch_explain_ask ask = {
			.registration = cases[i].registration,
			.has_token = !cases[i].no_token,
			.from = address(cases[i].from),
			.name = tg_span_text(cases[i].name),
			.number = tg_span_text(cases[i].number),
			.context = tg_span_text(cases[i].context),
		};
		struct heard heard = { .len = 0 };
		const enum model_reason why = switch_explain(conf.world, &ask, on_step, &heard);

		if (strstr(heard.lines, cases[i].says) == NULL || why != cases[i].why) {
			fail_msg("%s from %s: not \"%s\" but\n%s%s", cases[i].name, cases[i].from, cases[i].says,
			         heard.lines, model_reason_text(why));
		}
	}
	conf_result_free(&conf);
}

/* ---- Check ------------------------------------------------------------------------------------------------------- */

static void test_each_entry_reaches_its_own_peer_alone(void **state)
{
	static const struct {
		const char *user, *peer, *kind;
	} want[] = {
		{ "alice", "front.alice", "account" },         { "bob", "front.bob", "account" },
		{ "caller", "front.caller", "account" },       { "guest", "front.guest", "guest" },
		{ "backend.alice", "alice", "backend" },       { "backend.bob", "bob", "backend" },
		{ "backend.provider", "provider", "backend" }, { "backend.open", "open", "backend" },
	};
	struct conf_result conf;
	unsigned seen = 0;
	(void)state;

	read_world(&conf);
	struct reach *reach = reach_new(conf.world);

	for (uint32_t i = 0; i < reach_entries(reach); i++) {
		const struct reach_entry entry = reach_entry_at(reach, i);
		const struct world_user *user = world_row(conf.world, WORLD_USERS, entry.user);

		CHECK_FALSE(entry.gave_up);
		for (size_t k = 0; k < TG_COUNT(want); k++) {
			if (strcmp(want[k].user, world_text(conf.world, user->name)) == 0) {
				const struct reach_egress *egress = reach_egress_at(reach, i, 0);
				const struct world_peer *peer = world_row(conf.world, WORLD_PEERS, egress->peer);

				CHECK_UINT(entry.egresses, 1);
				CHECK_FALSE(egress->undecided);
				CHECK_TEXT(world_text(conf.world, peer->name), want[k].peer);
				CHECK_TEXT(reach_kind_name(entry.kind), want[k].kind);
				seen++;
			}
		}
	}
	CHECK_UINT(seen, TG_COUNT(want));
	CHECK_UINT(reach_entries(reach), TG_COUNT(want));
	reach_free(reach);
	conf_result_free(&conf);
}

struct found {
	char text[4096];
};

static void on_risk(void *owner, const struct risk *risk)
{
	struct found *found = owner;
	const size_t len = strlen(found->text);

	snprintf(found->text + len, sizeof(found->text) - len, "%s: %s (%.20s)\n", risk->id, risk->text, risk->mend);
}

/* What is by design is no risk, what the operator can mend is. */
static void test_risks(void **state)
{
	static const char *const absent[] = { "guest-paid",  "guest-spends", "undecided",     "unfiltered",
		                              "any-context", "catch-all",    "shared-context" };
	struct conf_result conf;
	struct found found = { .text = "" };
	struct risk open_relay;
	(void)state;

	read_world(&conf);
	struct reach *reach = reach_new(conf.world);

	CHECK_FALSE(risk_open_relay(conf.world, &open_relay));
	risk_find(conf.world, reach, on_risk, &found);
	for (size_t i = 0; i < TG_COUNT(absent); i++) {
		if (strstr(found.text, absent[i]) != NULL) {
			fail_msg("%s is in\n%s", absent[i], found.text);
		}
	}
	CHECK_TRUE(strstr(found.text, "premium: [backend.provider] may call premium") != NULL);
	CHECK_TRUE(strstr(found.text, "unlimited: [backend.provider] reaches paid trunks") != NULL);
	CHECK_TRUE(strstr(found.text, "is sent to provider (trunkpolicy=NAME for)\n") != NULL);
	CHECK_TRUE(strstr(found.text, "limits what it may spend (trunkpolicy=NAME for)\n") != NULL);
	CHECK_TRUE(strstr(found.text, "guest: [guest] has no secret") != NULL);
	CHECK_TRUE(strstr(found.text, "guest: [backend.open]") == NULL);
	reach_free(reach);
	conf_result_free(&conf);
}

/* A guest's policy is about what he dials to the backend, which then is a paid call. */
static void test_a_guest_with_a_policy_must_be_meant_to_spend(void **state)
{
	static const char *const iax[] = {
		"[general]\n[guest]\ntype=user\ncontext=lobby\npolicy=office\n",
		"[general]\n[guest]\ntype=user\ncontext=lobby\npolicy=office\nmayspend=yes\n",
		"[general]\n[guest]\ntype=user\ncontext=lobby\n[provider]\ntype=peer\nhost=192.0.2.5\n",
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(iax); i++) {
		struct conf_result conf;
		struct risk risk;

		world_read_with(&conf, iax[i], "", tollgate_conf);
		CHECK_UINT(risk_open_relay(conf.world, &risk), i == 0);
		conf_result_free(&conf);
	}
}

/* The policy of the trunk is what counts there. */
static void test_a_policy_of_trunks_limits_the_backend(void **state)
{
	struct conf_result conf;
	struct found found = { .text = "" };
	(void)state;

	world_read_with(&conf, iax_conf, "",
	                "[front]\nbackend=127.0.0.1:4570\n[policy office]\ndeny=premium\n[policy trunks]\n"
	                "deny=premium,satellite\n");
	struct reach *reach = reach_new(conf.world);

	risk_find(conf.world, reach, on_risk, &found);
	CHECK_TRUE(strstr(found.text, "backend.") == NULL);
	reach_free(reach);
	conf_result_free(&conf);
}

/* All calls of the backend to a trunk are one account here, which the limits for one of its own accounts are not meant for. */
static void test_no_limits_are_built_in(void **state)
{
	struct toll_usage use = { .calls = { [WORLD_CLASS_UNKNOWN] = 100, [WORLD_CLASS_INTL_HIGH] = 100 } };
	struct toll_decision got;
	struct conf_result conf;
	(void)state;

	read_world(&conf);
	const struct toll_ask ask = { .user = world_user_find(conf.world, TG_SPAN_LIT("backend.provider")),
		                      .trunk = world_peer_find(conf.world, TG_SPAN_LIT("provider")),
		                      .number = TG_SPAN_LIT("0018765551234"),
		                      .account_use = &use };

	CHECK_TRUE(toll_is_account(ask.user) && ask.trunk->chargeable != 0);
	toll_decide(conf.world, &ask, &got);
	CHECK_INT(got.why, MODEL_WHY_OK);
	CHECK_UINT(got.longest_s, TOLL_NO_LIMIT);
	conf_result_free(&conf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_callers),
		cmocka_unit_test(test_registrants),
		cmocka_unit_test(test_the_backend_is_never_excused_from_a_token),
		cmocka_unit_test(test_rows_that_are_made_are_as_names_that_nobody_has),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_each_entry_reaches_its_own_peer_alone),
		cmocka_unit_test(test_risks),
		cmocka_unit_test(test_a_guest_with_a_policy_must_be_meant_to_spend),
		cmocka_unit_test(test_no_limits_are_built_in),
		cmocka_unit_test(test_a_policy_of_trunks_limits_the_backend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
