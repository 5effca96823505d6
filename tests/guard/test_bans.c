/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

static void offend(struct scene *scene, struct tg_addr from, uint32_t salt)
{
	for (uint32_t i = 0; i < 10; i++) {
		scene_fail(scene, from, "alice", salt * 100 + i);
	}
}

static void test_each_ban_is_longer_and_clean_weeks_make_it_shorter(void **state)
{
	static const struct {
		uint64_t wait_us; /* after the end of the one before */
		uint64_t want_s;
	} rows[] = {
		{ 0, 600 },           { HOURS(1), 3600 },   { HOURS(1), 6 * 3600 },  { HOURS(1), 24 * 3600 },
		{ HOURS(1), 604800 }, { HOURS(1), 604800 }, { DAYS(15), 24 * 3600 }, { DAYS(60), 600 },
	};
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	for (uint32_t i = 0; i < TG_COUNT(rows); i++) {
		scene_pass(scene, rows[i].wait_us);
		offend(scene, from, i);
		scene_settle(scene);
		CHECK_UINT(scene_class(scene, from), GUARD_CLASS_BANNED);
		CHECK_UINT(scene_open(scene, from), GUARD_BANNED);
		const uint64_t length_us = scene->ban.until_us - scene->ban.since_us;

		CHECK_TRUE(length_us >= SECONDS(rows[i].want_s) * 8 / 10);
		CHECK_TRUE(length_us <= SECONDS(rows[i].want_s) * 12 / 10);
		CHECK_UINT(scene->events[GUARD_EVENT_BANNED], i + 1);
		scene_pass(scene, length_us + SECONDS(1));
		CHECK_UINT(scene->events[GUARD_EVENT_UNBANNED], i + 1);
		CHECK_TRUE(scene->ban.until_us <= scene->now_us);
	}
	scene_free(scene);
}

static void test_lengths_differ(void **state)
{
	struct scene *scene = scene_new();
	uint64_t first_us;
	(void)state;

	offend(scene, scene_far(1), 1);
	scene_settle(scene);
	first_us = scene->ban.until_us;
	offend(scene, scene_far(2), 1);
	scene_settle(scene);
	CHECK_TRUE(scene->ban.until_us != first_us);
	scene_free(scene);
}

static void test_fifty_new_bans_a_second(void **state)
{
	struct guard_config config = scene_config();
	(void)state;

	config.events_max = 4096;
	struct scene *scene = scene_with(&config);

	for (uint32_t i = 0; i < 200; i++) {
		offend(scene, scene_far(i), i);
	}
	scene_settle(scene);
	CHECK_UINT(scene->bans, 50);
	CHECK_UINT(scene->silences, 200); /* the others get no answers either */
	CHECK_UINT(scene_open(scene, scene_far(199)), GUARD_SILENCED);
	scene_pass(scene, SECONDS(1));
	CHECK_TRUE(scene->bans >= 99 && scene->bans <= 100);
	scene_pass(scene, SECONDS(3));
	CHECK_UINT(scene->bans, 200);
	scene_settle(scene);
	scene_free(scene);
}

static void test_who_has_a_call_is_not_in_the_kernel(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	scene->call = from;
	offend(scene, from, 1);
	scene_settle(scene);
	CHECK_UINT(scene->bans, 1);
	CHECK_UINT(scene->bans_kernel, 0);
	scene_pass(scene, MINUTES(1));
	CHECK_UINT(scene->bans_kernel, 0);
	scene->call = (struct tg_addr){ 0 };
	scene_pass(scene, SECONDS(6));
	CHECK_UINT(scene->bans_kernel, 1);
	scene_free(scene);
}

static void test_never_banned(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	scene->never = from;
	scene->never.port = 0;
	offend(scene, from, 1);
	scene_settle(scene);
	CHECK_UINT(scene->bans + scene->silences, 0);
	CHECK_UINT(scene->events[GUARD_EVENT_BAN_REFUSED], 1);
	CHECK_TRUE(scene_open_patiently(scene, from, 50));
	offend(scene, from, 2);
	CHECK_TRUE(scene_open(scene, from) != GUARD_SILENCED);
	guard_on_mark(scene->guard, from, scene->now_us);
	CHECK_TRUE(scene_open(scene, from) != GUARD_SILENCED);
	scene_settle(scene);
	CHECK_UINT(scene->bans + scene->silences, 0);
	scene_free(scene);
}

static struct tg_addr v6(uint32_t net48, uint32_t net56, uint32_t net64)
{
	const uint8_t ip[16] = { 0x20,           1, 0xd, 0xb8, (uint8_t)(net48 >> 8), (uint8_t)net48, (uint8_t)net56,
		                 (uint8_t)net64, 1 };

	return tg_addr_ipv6(ip, 4569);
}

static void test_ipv6_bans_widen(void **state)
{
	struct guard_config config = scene_config();
	(void)state;

	config.limits.account_failures = 1000000;
	config.limits.account_distinct = 1000000;
	struct scene *scene = scene_with(&config);

	for (uint32_t i = 0; i < 3; i++) {
		offend(scene, v6(7, 0, i), i);
		scene_settle(scene);
	}
	CHECK_UINT(scene_class(scene, v6(7, 0, 77)), GUARD_CLASS_STRANGER);
	offend(scene, v6(7, 0, 3), 3);
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, v6(7, 0, 77)), GUARD_CLASS_BANNED);
	CHECK_UINT(scene_class(scene, v6(7, 1, 77)), GUARD_CLASS_STRANGER);
	for (uint32_t wide = 1; wide < 8; wide++) {
		CHECK_UINT(scene_class(scene, v6(7, 200, 1)), GUARD_CLASS_STRANGER);
		for (uint32_t i = 0; i < 4; i++) {
			offend(scene, v6(7, wide, i), wide * 10 + i);
			scene_pass(scene, SECONDS(1));
		}
	}
	CHECK_UINT(scene_class(scene, v6(7, 200, 1)), GUARD_CLASS_BANNED);
	CHECK_UINT(scene_class(scene, v6(8, 0, 1)), GUARD_CLASS_STRANGER);
	scene_settle(scene);
	scene_free(scene);
}

static void test_one_ipv6_source_again_and_again_widens_nothing(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	for (uint32_t i = 0; i < 4; i++) {
		offend(scene, v6(7, 0, 1), i);
		scene_settle(scene);
		CHECK_UINT(scene_class(scene, v6(7, 0, 1)), GUARD_CLASS_BANNED);
		CHECK_UINT(scene_class(scene, v6(7, 0, 77)), GUARD_CLASS_STRANGER);
		scene_pass(scene, scene->ban.until_us - scene->now_us + SECONDS(1));
	}
	CHECK_UINT(scene_class(scene, v6(7, 0, 77)), GUARD_CLASS_STRANGER);
	scene_free(scene);
}

static struct guard_ban by_hand(const char *base, uint32_t bits, bool allow);

/* Neither who is never banned nor who is allowed is in a network that the guard bans by itself. */
static void test_bans_widen_over_no_innocent(void **state)
{
	struct guard_config config = scene_config();
	(void)state;

	config.limits.account_failures = 1000000;
	config.limits.account_distinct = 1000000;
	for (int round = 0; round < 4; round++) {
		struct scene *scene = scene_with(&config);

		if (round == 1) {
			scene->never = v6(7, 0, 99);
			scene->never.port = 0;
		} else if (round >= 2) {
			const struct guard_ban allowed = by_hand("2001:db8:7:63::7", 128, true);

			CHECK_TEXT(guard_ban(scene->guard, &allowed, 0, scene->now_us), NULL);
		}
		if (round == 3) {
			CHECK_TRUE(guard_unban(scene->guard, scene_addr("2001:db8:7:63::7"), 128, scene->now_us));
		}
		for (uint32_t wide = 0; wide < 9; wide++) { /* the innocent one is in the first of them */
			for (uint32_t i = 0; i < 5; i++) {
				offend(scene, v6(7, wide, i), wide * 10 + i);
				scene_pass(scene, SECONDS(1));
			}
		}
		const bool innocent = round == 1 || round == 2;

		CHECK_UINT(scene_class(scene, v6(7, 0, 3)), GUARD_CLASS_BANNED);
		CHECK_UINT(scene_class(scene, v6(7, 0, 77)), innocent ? GUARD_CLASS_STRANGER : GUARD_CLASS_BANNED);
		CHECK_UINT(scene_class(scene, v6(7, 1, 77)), GUARD_CLASS_BANNED);
		CHECK_UINT(scene_class(scene, v6(7, 200, 1)), innocent ? GUARD_CLASS_STRANGER : GUARD_CLASS_BANNED);
		scene_free(scene);
	}
}

static struct guard_ban by_hand(const char *base, uint32_t bits, bool allow)
{
	struct guard_ban ban = { .base = scene_addr(base), .bits = bits, .allow = allow, .why = GUARD_BANNED };

	snprintf(ban.who, sizeof(ban.who), "root");
	return ban;
}

static void test_by_hand(void **state)
{
	static const struct {
		const char *base;
		uint32_t bits;
		bool good;
	} rows[] = { { "192.0.2.0", 24, true },    { "192.0.2.9", 32, true },    { "192.0.2.0", 33, false },
		     { "0.0.0.0", 0, false },      { "10.0.0.0", 7, false },     { "2001:db8::", 32, true },
		     { "2001:db8::1", 128, true }, { "2001:db8::", 129, false }, { "::", 0, false } };
	struct scene *scene = scene_new();
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct guard_ban ban = by_hand(rows[i].base, rows[i].bits, false);

		CHECK_TRUE((guard_ban(scene->guard, &ban, 0, scene->now_us) == NULL) == rows[i].good);
	}
	scene_settle(scene);
	CHECK_UINT(scene_open(scene, scene_addr("192.0.2.200")), GUARD_BANNED);
	CHECK_UINT(scene_open(scene, scene_addr("192.0.3.200")), GUARD_PASS);
	const struct guard_ban allow = by_hand("192.0.2.200", 32, true);

	CHECK_TEXT(guard_ban(scene->guard, &allow, 0, scene->now_us), NULL);
	CHECK_UINT(scene_open(scene, scene_addr("192.0.2.200")), GUARD_PASS);
	CHECK_UINT(scene_open(scene, scene_addr("192.0.2.201")), GUARD_BANNED);
	CHECK_TRUE(guard_unban(scene->guard, scene_addr("192.0.2.77"), 24, scene->now_us));
	CHECK_FALSE(guard_unban(scene->guard, scene_addr("192.0.2.77"), 24, scene->now_us));
	CHECK_UINT(scene_open(scene, scene_addr("192.0.2.201")), GUARD_PASS);
	scene_settle(scene);
	scene_free(scene);
}

static void test_the_allowed_are_never_held_back(void **state)
{
	struct scene *scene = scene_new();
	const struct guard_ban allow = by_hand("192.0.2.0", 24, true);
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	offend(scene, from, 1);
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, from), GUARD_CLASS_BANNED);
	CHECK_TEXT(guard_ban(scene->guard, &allow, HOURS(1), scene->now_us), NULL);
	for (uint32_t i = 0; i < 2000; i++) {
		CHECK_UINT(scene_open(scene, from), GUARD_PASS);
		CHECK_UINT(scene_fail(scene, from, "bob", i), GUARD_PASS);
	}
	guard_on_mark(scene->guard, from, scene->now_us);
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, from), GUARD_CLASS_KNOWN);
	scene_pass(scene, HOURS(2));
	CHECK_UINT(scene_class(scene, from), GUARD_CLASS_STRANGER);
	scene_free(scene);
}

static void test_unban_forgets_what_is_held_against(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	offend(scene, from, 1);
	scene_settle(scene);
	CHECK_TRUE(guard_unban(scene->guard, from, 32, scene->now_us));
	scene_settle(scene);
	CHECK_UINT(scene->silences_over, 1);
	CHECK_UINT(scene_class(scene, from), GUARD_CLASS_STRANGER);
	CHECK_UINT(scene_open(scene, from), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, from, "alice", 1), GUARD_PASS);
	CHECK_FALSE(guard_unban(scene->guard, scene_addr("192.0.9.9"), 32, scene->now_us));
	scene_free(scene);
}

static void test_bans_survive_a_restart(void **state)
{
	struct scene *scene = scene_new();
	struct scene *next = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	offend(scene, from, 1);
	scene_settle(scene);
	guard_restore_ban(next->guard, &scene->ban, next->now_us);
	const struct guard_ban hand = by_hand("198.51.100.0", 24, false);
	struct guard_ban bad = hand;

	bad.bits = 99;
	guard_restore_ban(next->guard, &bad, next->now_us);
	CHECK_UINT(scene_open(next, from), GUARD_BANNED);
	scene_settle(next);
	CHECK_UINT(next->bans_kernel, 1); /* told to the packet filter again */
	scene_pass(next, HOURS(1));
	CHECK_UINT(scene_open(next, from), GUARD_PASS);
	offend(next, from, 2);
	scene_settle(next);
	CHECK_UINT(next->ban.step, 1); /* and its past is not forgotten */
	scene_free(scene);
	scene_free(next);
}

/* An end by itself says when it was; what an operator took back is forgotten. */
static void test_an_ended_ban_says_whether_it_is_remembered(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	struct guard_ban ban, last = { .bits = 0 };
	(void)state;

	offend(scene, from, 1);
	scene_settle(scene);
	guard_set_mode(scene->guard, GUARD_OBSERVE, scene->now_us);
	while (guard_next_ban(scene->guard, &ban)) {
		last = ban;
	}
	CHECK_UINT(last.until_us, scene->now_us);
	guard_set_mode(scene->guard, GUARD_ENFORCE, scene->now_us);
	offend(scene, from, 2);
	scene_settle(scene);
	CHECK_TRUE(guard_unban(scene->guard, from, 32, scene->now_us));
	while (guard_next_ban(scene->guard, &ban)) {
		last = ban;
	}
	CHECK_UINT(last.until_us, 0);
	scene_free(scene);
}

/* Remembered, but over: it holds nobody back, and the next one is longer. */
static void test_a_restored_step_counts(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	const struct guard_ban ended = { .base = scene_addr("192.0.2.7"),
		                         .bits = 32,
		                         .step = 2,
		                         .why = GUARD_TRIES,
		                         .until_us = scene->now_us - 1000 };
	(void)state;

	guard_restore_ban(scene->guard, &ended, scene->now_us);
	CHECK_UINT(scene_open(scene, from), GUARD_PASS);
	offend(scene, from, 1);
	scene_settle(scene);
	CHECK_UINT(scene->ban.step, 3);
	scene_free(scene);
}

static void test_the_operator_has_places_of_his_own(void **state)
{
	struct guard_config config = scene_config();
	(void)state;

	config.bans_max = 200;
	config.events_max = 4096;
	struct scene *scene = scene_with(&config);
	const struct guard_ban hand = by_hand("203.0.113.0", 24, false), other = by_hand("203.0.114.7", 32, true);

	for (uint32_t i = 0; i < 220; i++) {
		offend(scene, scene_far(i), i);
		scene_pass(scene, SECONDS(1));
		scene_settle(scene);
	}
	CHECK_TEXT(guard_ban(scene->guard, &hand, 0, scene->now_us), NULL);
	CHECK_TEXT(guard_ban(scene->guard, &other, 0, scene->now_us), NULL);
	CHECK_UINT(scene_class(scene, scene_addr("203.0.113.9")), GUARD_CLASS_BANNED);
	CHECK_UINT(scene->bans, 198);
	scene_free(scene);
}

static void test_never_more_bans_than_there_is_room_for(void **state)
{
	struct guard_config config = scene_config();
	(void)state;

	config.bans_max = 20;
	config.events_max = 4096;
	struct scene *scene = scene_with(&config);

	for (uint32_t i = 0; i < 60; i++) {
		offend(scene, scene_far(i), i);
		scene_pass(scene, SECONDS(1));
		scene_settle(scene);
	}
	CHECK_UINT(scene->bans, 20);
	CHECK_UINT(scene_open(scene, scene_far(59)), GUARD_SILENCED);
	scene_pass(scene, HOURS(1)); /* they are over: their memory makes room */
	offend(scene, scene_far(100), 100);
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, scene_far(100)), GUARD_CLASS_BANNED);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_ban_is_longer_and_clean_weeks_make_it_shorter),
		cmocka_unit_test(test_lengths_differ),
		cmocka_unit_test(test_fifty_new_bans_a_second),
		cmocka_unit_test(test_who_has_a_call_is_not_in_the_kernel),
		cmocka_unit_test(test_never_banned),
		cmocka_unit_test(test_ipv6_bans_widen),
		cmocka_unit_test(test_bans_widen_over_no_innocent),
		cmocka_unit_test(test_one_ipv6_source_again_and_again_widens_nothing),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_the_allowed_are_never_held_back),
		cmocka_unit_test(test_unban_forgets_what_is_held_against),
		cmocka_unit_test(test_bans_survive_a_restart),
		cmocka_unit_test(test_an_ended_ban_says_whether_it_is_remembered),
		cmocka_unit_test(test_a_restored_step_counts),
		cmocka_unit_test(test_the_operator_has_places_of_his_own),
		cmocka_unit_test(test_never_more_bans_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
