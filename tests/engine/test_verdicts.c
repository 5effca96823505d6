/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/orders.h"
#include "lobby.h"

static const char iax_conf[] = "[alice]\ntype=friend\nsecret=a-long-open-sesame\nhost=dynamic\ncontext=default\n";

static struct lobby lobby;

/* A sanitizer takes its own time. */
#ifdef __has_feature
#define IS_WATCHED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define IS_WATCHED 1
#else
#define IS_WATCHED 0
#endif
static const bool is_watched = IS_WATCHED;

/* What each reason is told as, and whether it counts as a failure of who sent it. All of them: a reason that is missing here, or
   there, is a refusal nobody hears of. */
static const struct {
	enum model_reason reason;
	enum model_event_kind kind;
	bool is_failure;
} wants[] = {
	{ MODEL_WHY_OK, MODEL_EVENT_SUCCESSFUL_AUTH, false },
	{ MODEL_WHY_NO_ACCOUNT, MODEL_EVENT_INVALID_ACCOUNT, true },
	{ MODEL_WHY_NO_GUEST, MODEL_EVENT_INVALID_ACCOUNT, true },
	{ MODEL_WHY_ACL, MODEL_EVENT_FAILED_ACL, true },
	{ MODEL_WHY_CONTEXT, MODEL_EVENT_REQUEST_NOT_ALLOWED, true },
	{ MODEL_WHY_TOKEN, MODEL_EVENT_REQUEST_NOT_ALLOWED, true },
	{ MODEL_WHY_STATIC, MODEL_EVENT_UNEXPECTED_ADDRESS, true },
	{ MODEL_WHY_NO_SECRET, MODEL_EVENT_INVALID_ACCOUNT, true },
	{ MODEL_WHY_TOO_MANY, MODEL_EVENT_SESSION_LIMIT, true },
	{ MODEL_WHY_NO_ANSWER, MODEL_EVENT_CHALLENGE_FAILED, true },
	{ MODEL_WHY_OTHER_NAME, MODEL_EVENT_CHALLENGE_FAILED, true },
	{ MODEL_WHY_NOT_BOUND, MODEL_EVENT_REQUEST_NOT_ALLOWED, false },
	{ MODEL_WHY_NO_ROOM, MODEL_EVENT_LOAD_LIMIT, false },
	{ MODEL_WHY_WRONG, MODEL_EVENT_CHALLENGE_FAILED, true },
	{ MODEL_WHY_NO_EXTEN, MODEL_EVENT_REQUEST_NOT_ALLOWED, false },
	{ MODEL_WHY_NO_CODEC, MODEL_EVENT_REQUEST_NOT_ALLOWED, false },
	{ MODEL_WHY_NO_CALLS, MODEL_EVENT_LOAD_LIMIT, false },
	{ MODEL_WHY_STOPPING, MODEL_EVENT_LOAD_LIMIT, false },
	{ MODEL_WHY_GUARDED, MODEL_EVENT_GUARDED, true },
	{ MODEL_WHY_STALE, MODEL_EVENT_STALE, true },
	{ MODEL_WHY_TRIES, MODEL_EVENT_CHALLENGE_FAILED, true },
	{ MODEL_WHY_PAIR, MODEL_EVENT_GUESSING, true },
	{ MODEL_WHY_DECOY, MODEL_EVENT_DECOY, true },
	{ MODEL_WHY_RATE, MODEL_EVENT_SESSION_LIMIT, true },
	{ MODEL_WHY_RATE_NETWORK, MODEL_EVENT_SESSION_LIMIT, true },
	{ MODEL_WHY_RATE_STRANGERS, MODEL_EVENT_LOAD_LIMIT, true },
	{ MODEL_WHY_DELAYED, MODEL_EVENT_CHALLENGE_FAILED, true },
	{ MODEL_WHY_SILENCED, MODEL_EVENT_CHALLENGE_FAILED, true },
	{ MODEL_WHY_BANNED, MODEL_EVENT_CHALLENGE_FAILED, true },
	{ MODEL_WHY_FINGERPRINT, MODEL_EVENT_SCANNER, false },
	{ MODEL_WHY_NUMBERS, MODEL_EVENT_SESSION_LIMIT, false },
	{ MODEL_WHY_NUMBERS_UNPROVEN, MODEL_EVENT_SESSION_LIMIT, false },
	{ MODEL_WHY_NO_TOKEN, MODEL_EVENT_TOKEN_MISSING, false },
	{ MODEL_WHY_BUSY_DOOR, MODEL_EVENT_LOAD_LIMIT, false },
	{ MODEL_WHY_PAID_DENIED, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_GUEST, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_TIMES, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_CALLS, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_LONGEST, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_DAY, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_MONTH, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_RECORDS, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_ROOM, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_HOUR_CALLS, MODEL_EVENT_PAID_REFUSED, false },
	{ MODEL_WHY_PAID_DAY_CALLS, MODEL_EVENT_PAID_REFUSED, false },
};
static_assert(TG_COUNT(wants) == MODEL_REASON_COUNT, "every reason has its row");

static struct switch_decision decision_of(struct tg_addr from, const char *account, enum model_reason why)
{
	return (struct switch_decision){
		.try = { .account = tg_span_text(account), .from = from, .proven = true, .exists = true },
		.why = why,
		.request = MODEL_REQUEST_CALL,
		.tried = true,
		.trusted = why == MODEL_WHY_OK,
	};
}

static void decide(const struct switch_decision *decision)
{
	verdicts_on_decided(&lobby.admission->verdicts, decision, lobby.now);
	lobby_pass_ms(&lobby, 2000);
}

static struct tg_addr host(uint32_t number)
{
	const uint8_t ip[4] = { 10, (uint8_t)(number >> 8), (uint8_t)number, 9 };

	return tg_addr_ipv4(ip, 4569);
}

static void test_every_reason_is_told_as_what_it_is(void **state)
{
	bool seen[MODEL_REASON_COUNT] = { false };
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	for (uint32_t i = 0; i < TG_COUNT(wants); i++) {
		const uint64_t failures = lobby.admission->verdicts.failures;
		const struct switch_decision decision = decision_of(host(i), "alice", wants[i].reason);
		char code[64];

		lobby.event_count = 0;
		decide(&decision);
		snprintf(code, sizeof(code), "%s is told", model_reason_code(wants[i].reason));
		CHECK_TEXT(code, lobby.event_count > 0 ? code : "not told");
		CHECK_UINT(lobby.events[0].reason, wants[i].reason);
		CHECK_TEXT(model_event_name((enum model_event_kind)lobby.events[0].kind),
		           model_event_name(wants[i].kind));
		CHECK_UINT(lobby.events[0].validated, 1);
		CHECK_TEXT(lobby.events[0].account, "alice");
		CHECK_TRUE(lobby.events[0].rule[0] != '\0' || wants[i].reason == MODEL_WHY_OK);
		CHECK_UINT(lobby.admission->verdicts.failures - failures, wants[i].is_failure);
		CHECK_FALSE(seen[wants[i].reason]);
		seen[wants[i].reason] = true;
	}
	lobby_close(&lobby);
}

static void test_paid_calls_are_told(void **state)
{
	struct switch_toll toll = {
		.why = MODEL_WHY_PAID_DAY,
		.proven = true,
		.class = WORLD_CLASS_INTL_HIGH,
		.account = TG_SPAN_LIT("alice"),
		.trunk = TG_SPAN_LIT("provider"),
		.number = TG_SPAN_LIT("0018765551234"),
		.context = TG_SPAN_LIT("phones"),
		.rule = "[office] daily=60m, tollgate.conf:9",
		.from = host(1),
		.call = 77,
	};
	const struct model_event *event = &lobby.events[0];
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	for (int ended = 0; ended <= 1; ended++) {
		lobby.event_count = 0;
		toll.ended = ended == 1;
		verdicts_on_toll(&lobby.admission->verdicts, &toll, lobby.now);
		lobby_pass_ms(&lobby, 2000);
		CHECK_UINT(lobby.event_count, 1);
		CHECK_TEXT(model_event_name((enum model_event_kind)event->kind),
		           ended ? "PaidCallEnded" : "PaidCallRefused");
		CHECK_TEXT(model_reason_code((enum model_reason)event->reason), "paid-day");
		CHECK_TEXT(event->account, "alice");
		CHECK_TEXT(event->exten, "0018765551234");
		CHECK_TEXT(event->context, "phones");
		CHECK_TEXT(event->rule, "[office] daily=60m, tollgate.conf:9");
		CHECK_TEXT(event->text, "intl-high to provider");
		CHECK_UINT(event->call, 77);
		CHECK_UINT(event->validated, 1);
		CHECK_TRUE(tg_addr_equal(event->remote, host(1)));
	}
	CHECK_UINT(lobby.admission->verdicts.failures, 0);
	lobby_close(&lobby);
}

/* Nothing is told twice in an hour of a phone that proves itself once a minute; a new address is. */
static void test_a_success_is_told_once_an_hour(void **state)
{
	struct switch_decision decision = decision_of(host(1), "alice", MODEL_WHY_OK);
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	for (int minute = 0; minute < 59; minute++) {
		decision.try.from.port++;
		decide(&decision);
		lobby_pass_ms(&lobby, 58000);
	}
	CHECK_UINT(lobby_events(&lobby, MODEL_EVENT_SUCCESSFUL_AUTH), 1);
	CHECK_UINT(lobby.admission->verdicts.successes, 59);
	CHECK_UINT(lobby.admission->verdicts.successes_again, 58);
	decision.try.from = host(2);
	decide(&decision);
	CHECK_UINT(lobby_events(&lobby, MODEL_EVENT_SUCCESSFUL_AUTH), 2);
	decision.try.account = TG_SPAN_LIT("bob");
	decide(&decision);
	CHECK_UINT(lobby_events(&lobby, MODEL_EVENT_SUCCESSFUL_AUTH), 3);
	lobby_pass_ms(&lobby, 3600000);
	decide(&decision);
	CHECK_UINT(lobby_events(&lobby, MODEL_EVENT_SUCCESSFUL_AUTH), 4);
	lobby_close(&lobby);
}

/* What would have been held back, says so, whatever became of it. */
static void test_what_is_observed_says_so(void **state)
{
	struct switch_decision decision = decision_of(host(1), "alice", MODEL_WHY_WRONG);
	uint32_t observed = 0;
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	guard_set_mode(lobby.admission->guard, GUARD_OBSERVE, lobby.now.now_us);
	for (uint64_t answer = 1; answer <= 14; answer++) {
		decision.try.answer = answer;
		decision.try.from.port = (uint16_t)answer;
		CHECK_UINT(verdicts_may_try(&lobby.admission->verdicts, &decision.try, lobby.now), MODEL_WHY_OK);
		decide(&decision);
	}
	for (uint32_t i = 0; i < lobby.event_count; i++) {
		observed += lobby.events[i].kind == MODEL_EVENT_CHALLENGE_FAILED &&
		            lobby.events[i].action == MODEL_ACTION_OBSERVE;
	}
	CHECK_TRUE(observed > 0);
	CHECK_UINT(lobby.events[0].action, MODEL_ACTION_NONE); /* the first one would have been judged */
	decision.why = MODEL_WHY_OK;
	decision.trusted = true;
	CHECK_UINT(verdicts_may_try(&lobby.admission->verdicts, &decision.try, lobby.now), MODEL_WHY_OK);
	decide(&decision);
	CHECK_TRUE(lobby_event(&lobby, MODEL_EVENT_SUCCESSFUL_AUTH) != NULL);
	CHECK_UINT(lobby_event(&lobby, MODEL_EVENT_SUCCESSFUL_AUTH)->action, MODEL_ACTION_OBSERVE);
	lobby_close(&lobby);
}

static void test_a_registration_that_moves_is_told(void **state)
{
	const uint64_t later_ms = UINT64_C(1800000600) * 1000;
	struct model_binding binding = { .name = "alice", .addr = host(2), .expires_ms = later_ms };
	struct model_binding before = { .name = "alice", .addr = host(2), .expires_ms = later_ms };
	struct verdicts *verdicts;
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	verdicts = &lobby.admission->verdicts;
	before.addr.port++;
	verdicts_on_binding(verdicts, &binding, &before, lobby.now); /* another port of the same host */
	verdicts_on_binding(verdicts, &binding, NULL, lobby.now);
	lobby_pass_ms(&lobby, 1);
	CHECK_UINT(lobby_events(&lobby, MODEL_EVENT_MOVED), 0);
	before.addr = host(1);
	verdicts_on_binding(verdicts, &binding, &before, lobby.now);
	lobby_pass_ms(&lobby, 1);
	CHECK_UINT(lobby_events(&lobby, MODEL_EVENT_MOVED), 1);
	CHECK_TEXT(lobby_event(&lobby, MODEL_EVENT_MOVED)->text, "was at 10.0.1.9");
	lobby_close(&lobby);
}

static uint64_t cpu_us(void)
{
	struct timespec time;

	CHECK_INT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
	return (uint64_t)time.tv_sec * TG_US_PER_S + (uint64_t)time.tv_nsec / 1000;
}

/* As the store kept them: the packet filter's are the packet filter's at once, and nobody stands still for the others. */
static void test_restored_bans_do_not_hold_up_the_switch(void **state)
{
	enum { BANS = 100000, MOST_US = 5000 };
	uint64_t longest_us = 0;
	uint32_t in_kernel = 0, cursor = 0;
	struct guard_ban row;
	(void)state;

	lobby_open(&lobby, "[general]\ncalls=10000\n", NULL);
	for (uint32_t i = 0; i < BANS; i++) {
		const uint8_t ip[4] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		const struct guard_ban ban = { .base = tg_addr_ipv4(ip, 0),
			                       .bits = 32,
			                       .why = GUARD_TRIES,
			                       .until_us = lobby.now.now_us + 3600 * UINT64_C(1000000),
			                       .in_kernel = i % 2 == 0 };

		guard_restore_ban(lobby.admission->guard, &ban, lobby.now.now_us);
	}
	while (guard_ban_row(lobby.admission->guard, &cursor, lobby.now.now_us, &row)) {
		in_kernel += row.in_kernel;
	}
	CHECK_UINT(in_kernel, BANS / 2);
	for (int i = 0; i < 2000; i++) {
		const uint64_t began_us = cpu_us();

		lobby.now.now_us += 10 * TG_US_PER_MS;
		guard_expire(lobby.admission->guard, &lobby.admission->never, lobby.now.now_us);
		longest_us = tg_max_u64(longest_us, cpu_us() - began_us);
	}
	print_message("# longest guard_expire: %u us\n", (unsigned)longest_us);
	CHECK_TRUE(longest_us < MOST_US * (is_watched ? 10 : 1));
	in_kernel = cursor = 0;
	while (guard_ban_row(lobby.admission->guard, &cursor, lobby.now.now_us, &row)) {
		in_kernel += row.in_kernel;
	}
	CHECK_UINT(in_kernel, BANS); /* none of the others had a call */
	lobby_close(&lobby);
}

/* Whoever has an IPv6 network of 64 bits, has one place among those who are known, and not all of them. */
static void test_a_network_of_64_bits_has_one_place(void **state)
{
	struct model_binding binding = { .name = "alice", .expires_ms = UINT64_C(1800000600) * 1000 };
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	binding.addr = lobby_addr("2001:db8:1:2::");
	for (uint8_t i = 0; i < 200; i++) {
		binding.addr.ip[15] = i;
		verdicts_on_binding(&lobby.admission->verdicts, &binding, NULL, lobby.now);
	}
	CHECK_UINT(atomic_load(&lobby.shared->known.used), 1);
	CHECK_TRUE(marks_has(&lobby.shared->known, lobby_addr("2001:db8:1:2::9999"), 64, lobby.now.now_us));
	lobby_close(&lobby);
}

/* A reload brings more accounts than the guard had places for at its start: counted, as they displace each other. */
static void test_accounts_without_a_place_are_counted(void **state)
{
	(void)state;
	lobby_open(&lobby, iax_conf, NULL);
	CHECK_UINT(lobby.admission->accounts_over, 0);
	lobby.admission->accounts_max = 1; /* alice is a user and a peer */
	admission_set_world(lobby.admission, lobby.conf.world, lobby.now);
	CHECK_UINT(lobby.admission->accounts_over, 1);
	lobby_close(&lobby);
}

/* For ever and a day: its event has an end as the ban itself. */
static void test_an_order_for_very_long_ends_some_day(void **state)
{
	struct ipc_guard_do order = { .what = IPC_GUARD_BAN, .bits = 32, .for_s = UINT64_MAX / 900, .who = "op" };
	char text[IPC_TEXT_BYTES];
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	order.base = lobby_addr("192.0.2.7");
	CHECK_TRUE(orders_do(&lobby.admission->verdicts, &order, text, lobby.now));
	lobby_pass_ms(&lobby, 1);
	CHECK_UINT(lobby_event(&lobby, MODEL_EVENT_BANNED)->until_ms,
	           (lobby.now.wall_us - 1000) / 1000 + UINT32_MAX * UINT64_C(1000));
	lobby_close(&lobby);
}

/* A ban that the guard does not take was never: nothing tells of it, and no ban has its name. */
static void test_an_order_that_fails_is_no_event(void **state)
{
	struct ipc_guard_do order = { .what = IPC_GUARD_BAN, .bits = 4, .for_s = 60, .who = "op" };
	char text[IPC_TEXT_BYTES];
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	order.base = lobby_addr("192.0.2.7");
	CHECK_FALSE(orders_do(&lobby.admission->verdicts, &order, text, lobby.now));
	CHECK_UINT(keeper_id_of(lobby.admission->verdicts.keeper, order.base, 4).time, 0);
	order.bits = 32;
	CHECK_TRUE(orders_do(&lobby.admission->verdicts, &order, text, lobby.now));
	lobby_pass_ms(&lobby, 1);
	CHECK_UINT(lobby_events(&lobby, MODEL_EVENT_BANNED), 1);
	const struct model_event *event = lobby_event(&lobby, MODEL_EVENT_BANNED);

	CHECK_UINT(event->bits, 32);
	CHECK_UINT(event->class, MODEL_CLASS_NEW); /* who it was before */
	CHECK_UINT(keeper_id_of(lobby.admission->verdicts.keeper, order.base, 32).time, event->id.time);
	lobby_close(&lobby);
}

/* An operator's list of networks comes into a house that is full of bans: none of them is a look at all others. */
static void test_many_banned_networks_do_not_hold_up_the_switch(void **state)
{
	enum { BANS = 64000, NETWORKS = 5000, MOST_US = 1000000 };
	(void)state;

	lobby_open(&lobby, "[general]\ncalls=10000\n", NULL);
	for (uint32_t i = 0; i < BANS + NETWORKS; i++) {
		const bool is_host = i < BANS;
		const uint8_t host[4] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		const uint8_t network[4] = { 100, (uint8_t)(i >> 8), (uint8_t)i, 0 };
		const struct guard_ban ban = { .base = tg_addr_ipv4(is_host ? host : network, 0),
			                       .bits = is_host ? 32 : 24,
			                       .why = GUARD_TRIES,
			                       .until_us = lobby.now.now_us + 3600 * UINT64_C(1000000),
			                       .in_kernel = true };

		guard_restore_ban(lobby.admission->guard, &ban, lobby.now.now_us);
	}
	const struct guard_ban allowed = { .base = lobby_addr("100.80.1.7"), .bits = 32, .allow = true, .who = "op" };

	CHECK_TEXT(guard_ban(lobby.admission->guard, &allowed, 0, lobby.now.now_us), NULL);
	const uint64_t began_us = cpu_us();

	for (int i = 0; i < (BANS + NETWORKS) / 64 + 2; i++) {
		lobby_pass_ms(&lobby, 1);
	}
	const uint64_t took_us = cpu_us() - began_us;

	print_message("# %u banned networks among %u bans: %u us\n", NETWORKS, BANS, (unsigned)took_us);
	CHECK_TRUE(took_us < MOST_US * (is_watched ? 10 : 1));
	lobby_close(&lobby);
}

static bool door_is_deaf(const char *base, unsigned bits)
{
	return marks_has(&lobby.shared->silenced, lobby_addr(base), bits, lobby.now.now_us);
}

static void order(enum ipc_guard_what what, const char *base, uint32_t bits)
{
	struct ipc_guard_do order = { .what = what, .base = lobby_addr(base), .bits = bits, .who = "op" };
	char text[IPC_TEXT_BYTES];

	CHECK_TRUE(orders_do(&lobby.admission->verdicts, &order, text, lobby.now));
	lobby_pass_ms(&lobby, 1);
}

/* While somebody in it is allowed, the door listens to a banned network; and to all networks around it. */
static void test_the_door_is_deaf_to_networks_without_the_allowed(void **state)
{
	(void)state;
	lobby_open(&lobby, iax_conf, NULL);
	order(IPC_GUARD_BAN, "198.51.100.0", 24);
	order(IPC_GUARD_BAN, "198.51.0.0", 16);
	order(IPC_GUARD_BAN, "198.51.101.0", 24);
	order(IPC_GUARD_ALLOW, "198.51.100.7", 32);
	CHECK_FALSE(door_is_deaf("198.51.100.0", 24));
	CHECK_FALSE(door_is_deaf("198.51.0.0", 16));
	CHECK_TRUE(door_is_deaf("198.51.101.0", 24));
	order(IPC_GUARD_BAN, "198.51.100.0", 25); /* later, and around it, too */
	CHECK_FALSE(door_is_deaf("198.51.100.0", 25));
	order(IPC_GUARD_BAN, "198.51.100.128", 25);
	CHECK_TRUE(door_is_deaf("198.51.100.128", 25));
	order(IPC_GUARD_ALLOW, "198.51.100.9", 32);
	order(IPC_GUARD_UNBAN, "198.51.100.7", 32); /* one is left */
	CHECK_FALSE(door_is_deaf("198.51.100.0", 24));
	order(IPC_GUARD_UNBAN, "198.51.0.0", 16);
	order(IPC_GUARD_UNBAN, "198.51.100.9", 32);
	CHECK_TRUE(door_is_deaf("198.51.100.0", 25));
	CHECK_TRUE(door_is_deaf("198.51.100.0", 24));
	CHECK_FALSE(door_is_deaf("198.51.0.0", 16));
	lobby_close(&lobby);
}

static bool is_free_at(const char *account, struct tg_addr from)
{
	const struct engine_shared *shared = lobby.shared;

	return tokenless_has(shared->tokenless, tg_span_text(account), from, lobby.now.now_us);
}

/* Where an account that needs no call token proved itself, with one or without; the store's memory counts, too. */
static void test_the_door_learns_where_devices_without_tokens_are_known(void **state)
{
	static const char conf[] = "[base](!)\ntype=friend\nsecret=a-long-open-sesame\nhost=dynamic\ncontext=default\n"
				   "[free](base)\nrequirecalltoken=no\npermit=0.0.0.0/0\n"
				   "[auto](base)\nrequirecalltoken=auto\npermit=0.0.0.0/0\n"
				   "[alice](base)\n";
	static const char *const names[] = { "free", "auto" };
	const uint64_t wall_ms = UINT64_C(1800000000) * 1000;
	struct model_guard_account account = { .name = "auto" };
	struct model_binding binding = { .name = "free", .addr = host(8), .expires_ms = wall_ms + 600000 };
	struct tg_addr near = host(1);
	(void)state;

	lobby_open(&lobby, conf, NULL);
	near.ip[15]++;
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		struct switch_decision decision = decision_of(host(1), names[i], MODEL_WHY_WRONG);

		decision.try.proven = i == 0;
		decide(&decision);
		CHECK_FALSE(is_free_at(names[i], host(1)));
		decision.why = MODEL_WHY_OK;
		decision.trusted = true;
		decide(&decision);
		CHECK_TRUE(is_free_at(names[i], host(1)) && is_free_at(names[i], near));
		CHECK_FALSE(is_free_at(names[i], host(2)));
	}
	const struct switch_decision other = decision_of(host(3), "alice", MODEL_WHY_OK);

	decide(&other);
	CHECK_FALSE(is_free_at("alice", host(3)) || is_free_at("free", host(3)));
	/* After a restart. */
	account.networks[0] = (struct model_guard_network){ .prefix = { 0, 0, 0, 10, 0, 9 },
		                                            .family = TG_IPV4,
		                                            .seen_day = (uint32_t)(wall_ms / 86400000) - 3 };
	verdicts_on_restored_account(&lobby.admission->verdicts, &account, lobby.now);
	verdicts_on_restored_binding(&lobby.admission->verdicts, &binding, lobby.now);
	CHECK_TRUE(is_free_at("auto", host(9)) && is_free_at("free", host(8)));
	CHECK_FALSE(is_free_at("free", host(9)) || is_free_at("auto", host(8)));
	lobby_pass_ms(&lobby, 1);
	lobby.now.now_us += (uint64_t)28 * 86400 * TG_US_PER_S;
	CHECK_TRUE(is_free_at("free", host(1)));
	CHECK_FALSE(is_free_at("auto", host(9)));
	lobby_close(&lobby);
}

/* Networks that the store remembers, of so many accounts; the clock is ahead when it tells them, and is set right later. */
static void restore_free_accounts(uint32_t accounts, uint64_t seen_ms)
{
	for (uint32_t i = 0; i < accounts; i++) {
		struct model_guard_account account = { 0 };

		snprintf(account.name, sizeof(account.name), "free%u", i);
		for (uint32_t n = 0; n < GUARD_NETWORKS; n++) {
			account.networks[n] = (struct model_guard_network){
				.family = TG_IPV4, .seen_day = (uint32_t)(seen_ms / 86400000)
			};
			account.networks[n].prefix[3] = 10;
			account.networks[n].prefix[4] = (uint8_t)(i % 250 + n);
			account.networks[n].prefix[5] = (uint8_t)(i / 250);
		}
		verdicts_on_restored_account(&lobby.admission->verdicts, &account, lobby.now);
	}
}

static uint32_t free_accounts(uint32_t accounts)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < accounts; i++) {
		char name[16];

		snprintf(name, sizeof(name), "free%u", i);
		for (uint32_t n = 0; n < GUARD_NETWORKS; n++) {
			const uint8_t ip[4] = { 10, (uint8_t)(i % 250 + n), (uint8_t)(i / 250), 77 };

			found += is_free_at(name, tg_addr_ipv4(ip, 4569));
		}
	}
	return found;
}

static char *conf_of_free_accounts(uint32_t accounts)
{
	enum { ROW = 128 };
	const size_t room = (size_t)accounts * ROW + ROW;
	char *conf = malloc(room);
	size_t len = 0;

	CHECK_TRUE(conf != NULL);
	for (uint32_t i = 0; i < accounts; i++) {
		len += (size_t)snprintf(conf + len, room - len,
		                        "[free%u]\ntype=user\nsecret=a-long-open-sesame\nrequirecalltoken=no\npermit=0."
		                        "0.0.0/0\ncontext=default\n",
		                        i);
		CHECK_TRUE(len < room);
	}
	return conf;
}

/* A network that is lost here shuts a device out for good: it cannot prove itself without a token. */
static void test_no_device_without_tokens_loses_its_networks(void **state)
{
	enum { ACCOUNTS = 10000 };
	const uint64_t day_us = (uint64_t)86400 * TG_US_PER_S;
	char *conf = conf_of_free_accounts(ACCOUNTS);
	(void)state;

	lobby_open(&lobby, conf, NULL);
	lobby_pass_ms(&lobby, 1);
	restore_free_accounts(ACCOUNTS, lobby.now.wall_us / TG_US_PER_MS);
	CHECK_UINT(free_accounts(ACCOUNTS), ACCOUNTS * GUARD_NETWORKS);
	admission_set_world(lobby.admission, lobby.conf.world, lobby.now); /* the same accounts */
	lobby_pass_ms(&lobby, 1);
	CHECK_UINT(free_accounts(ACCOUNTS), ACCOUNTS * GUARD_NETWORKS);
	lobby.now.now_us += 31 * day_us;
	lobby.now.wall_us += 31 * day_us;
	CHECK_UINT(free_accounts(ACCOUNTS), 0);
	lobby_close(&lobby);
	free(conf);
}

/* Ten years ahead: all that is stored seems to be long ago. */
static void test_a_clock_set_right_gives_devices_their_networks_back(void **state)
{
	enum { ACCOUNTS = 10 };
	const uint64_t day_us = (uint64_t)86400 * TG_US_PER_S;
	char *conf = conf_of_free_accounts(ACCOUNTS);
	const struct tg_addr near = lobby_addr("10.3.0.9");
	(void)state;

	lobby_open(&lobby, conf, NULL);
	lobby.now.wall_us += 3650 * day_us;
	lobby_pass_ms(&lobby, 1);
	restore_free_accounts(ACCOUNTS, (lobby.now.wall_us - 3652 * day_us) / TG_US_PER_MS);
	lobby_pass_ms(&lobby, 1);
	CHECK_UINT(free_accounts(ACCOUNTS), 0);
	CHECK_FALSE(marks_has(&lobby.shared->customers, near, 24, lobby.now.now_us));
	lobby.now.wall_us -= 3650 * day_us;
	lobby_pass_ms(&lobby, 1);
	CHECK_UINT(free_accounts(ACCOUNTS), ACCOUNTS * GUARD_NETWORKS);
	CHECK_TRUE(marks_has(&lobby.shared->customers, near, 24, lobby.now.now_us));
	lobby.now.wall_us += 3650 * day_us; /* and the other way: it is believed */
	lobby_pass_ms(&lobby, 1);
	CHECK_UINT(free_accounts(ACCOUNTS), 0);
	lobby_close(&lobby);
	free(conf);
}

/* What the kernel did not take is told again, after all is taken out. */
static void test_a_fence_that_asks_gets_all_anew(void **state)
{
	struct ipc_fence_state said = { .head.kind = IPC_FENCE_STATE, .works = 1 };
	const struct ipc_ban *told;
	uint32_t bans = 0;
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	far_connect(&lobby.fence);
	order(IPC_GUARD_BAN, "192.0.2.7", 32);
	while (far_next(&lobby.fence) != NULL) {
	}
	admission_on_fence(lobby.admission, &said);
	lobby_pass_ms(&lobby, 1);
	CHECK_TRUE(far_next(&lobby.fence) == NULL); /* that it works is no question */
	said.works = 0;
	said.again = 1;
	admission_on_fence(lobby.admission, &said);
	CHECK_FALSE(lobby.admission->fence_works);
	lobby_pass_ms(&lobby, 1);
	told = far_next(&lobby.fence);
	CHECK_TRUE(told != NULL);
	CHECK_UINT(told->head.kind, IPC_BANS_ANEW);
	while ((told = far_next(&lobby.fence)) != NULL && told->head.kind == IPC_BAN) {
		bans++;
	}
	CHECK_UINT(bans, 1);
	CHECK_TRUE(told != NULL);
	CHECK_UINT(told->head.kind, IPC_BANS_ALL);
	lobby_close(&lobby);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_door_learns_where_devices_without_tokens_are_known),
		cmocka_unit_test(test_every_reason_is_told_as_what_it_is),
		cmocka_unit_test(test_paid_calls_are_told),
		cmocka_unit_test(test_a_success_is_told_once_an_hour),
		cmocka_unit_test(test_what_is_observed_says_so),
		cmocka_unit_test(test_a_registration_that_moves_is_told),
		cmocka_unit_test(test_a_network_of_64_bits_has_one_place),
		cmocka_unit_test(test_accounts_without_a_place_are_counted),
		cmocka_unit_test(test_an_order_for_very_long_ends_some_day),
		cmocka_unit_test(test_restored_bans_do_not_hold_up_the_switch),
		cmocka_unit_test(test_an_order_that_fails_is_no_event),
		cmocka_unit_test(test_many_banned_networks_do_not_hold_up_the_switch),
		cmocka_unit_test(test_the_door_is_deaf_to_networks_without_the_allowed),
		cmocka_unit_test(test_no_device_without_tokens_loses_its_networks),
		cmocka_unit_test(test_a_clock_set_right_gives_devices_their_networks_back),
		cmocka_unit_test(test_a_fence_that_asks_gets_all_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
