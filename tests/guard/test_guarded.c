/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

/* When an account is guarded, or a network held back for it, and for how long. */

static void test_an_account_under_attack_is_guarded(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	scene_attack(scene, "alice", 19, 7);
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 0);
	scene_attack(scene, "alice", 60, 20);
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 1);
	CHECK_TEXT(scene->last[GUARD_EVENT_UNDER_ATTACK].account, "alice");
	CHECK_UINT(scene_fail(scene, scene_addr("203.0.113.5"), "alice", 3), GUARD_GUARDED);
	CHECK_UINT(scene_succeed(scene, scene_addr("203.0.113.5"), "alice"), GUARD_GUARDED);
	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, scene_addr("203.0.113.5"), "bob"), GUARD_PASS);
	scene_pass(scene, HOURS(23));
	CHECK_UINT(scene_fail(scene, scene_addr("203.0.114.5"), "alice", 5), GUARD_GUARDED);
	CHECK_UINT(scene->events[GUARD_EVENT_GUARDED_END], 0);
	scene_pass(scene, HOURS(1)); /* the failure made it no longer */
	CHECK_UINT(scene->events[GUARD_EVENT_GUARDED_END], 1);
	/* What was counted before is over as well. */
	CHECK_UINT(scene_fail(scene, scene_addr("203.0.115.5"), "alice", 6), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, scene_addr("203.0.115.5"), "alice"), GUARD_PASS);
	scene_settle(scene);
	scene_free(scene);
}

/* One different answer now and then is not what began it, whoever gives it. @return how long the account was guarded */
static uint64_t guarded_us(struct scene *scene, const char *text, uint64_t every_us)
{
	struct tg_addr from = scene_addr(text);
	const uint64_t begin_us = scene->now_us;
	uint32_t n = 0;

	scene_attack(scene, "alice", 20, 7);
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 1);
	while (scene->events[GUARD_EVENT_GUARDED_END] == 0 && scene->now_us < begin_us + DAYS(10)) {
		from.ip[14] = every_us == DAYS(1) ? (uint8_t)n : from.ip[14];
		CHECK_UINT(scene_fail(scene, from, "alice", 9000 + n++), GUARD_GUARDED);
		scene_pass(scene, every_us);
	}
	CHECK_UINT(scene_succeed(scene, from, "alice"), GUARD_PASS);
	return scene->now_us - begin_us;
}

static void test_an_attacker_guards_no_account_with_an_answer_a_day(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	CHECK_UINT(guarded_us(scene, "203.0.113.5", DAYS(1)), DAYS(1));
	scene_free(scene);
}

/* Secrets of others change all day: with each change his right answer, which is held back, is another one. */
static void test_an_owner_does_not_guard_his_account_himself(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	CHECK_UINT(guarded_us(scene, "203.0.113.5", MINUTES(30)), DAYS(1));
	scene_free(scene);
}

/* The same where only his network is held back. */
static void test_an_owner_does_not_hold_back_his_network_himself(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr guesser = scene_addr("203.0.113.5"), hotel = scene_addr("203.0.113.77");
	uint32_t held = 0;
	(void)state;

	for (uint32_t i = 0; i < 50; i++) {
		CHECK_UINT(scene_fail(scene, guesser, "alice", 1000 + i), GUARD_PASS);
		scene_pass(scene, MINUTES(90));
	}
	while (scene_fail(scene, hotel, "alice", 5000 + held) == GUARD_GUARDED && held < 240) {
		held++;
		scene_pass(scene, HOURS(1));
	}
	CHECK_TRUE(held >= 22 && held <= 24);
	for (uint32_t i = 0; i < 8; i++) { /* nor does one that is wrong hold it back again */
		CHECK_UINT(scene_fail(scene, hotel, "alice", 7000 + i), GUARD_PASS);
		scene_pass(scene, HOURS(1));
	}
	CHECK_UINT(scene_succeed(scene, hotel, "alice"), GUARD_PASS);
	scene_free(scene);
}

/* Where he is known they are judged, and so many out of so many networks are an attack still. */
static void test_what_began_it_makes_guarding_longer(void **state)
{
	(void)state;

	for (uint32_t failures = 19; failures <= 20; failures++) {
		struct scene *scene = scene_new();

		for (uint32_t i = 0; i < 5; i++) {
			CHECK_UINT(scene_succeed(scene, scene_far(i), "alice"), GUARD_PASS);
		}
		scene_attack(scene, "alice", 20, 7);
		scene_pass(scene, HOURS(20));
		for (uint32_t i = 0; i < failures; i++) {
			CHECK_UINT(scene_fail(scene, scene_far(i % 5), "alice", 9000 + i), GUARD_PASS);
		}
		scene_pass(scene, HOURS(23));
		CHECK_UINT(scene->events[GUARD_EVENT_GUARDED_END], failures == 19);
		scene_pass(scene, HOURS(1));
		CHECK_UINT(scene->events[GUARD_EVENT_GUARDED_END], 1);
		scene_free(scene);
	}
}

/* It ends for all that goes on, and begins again with as few guesses as before. */
static void test_an_attack_that_goes_on_has_twenty_guesses_a_day(void **state)
{
	struct scene *scene = scene_new();
	uint32_t judged = 0;
	(void)state;

	for (uint32_t i = 0; i < 10 * 24 * 30; i++) {
		judged += scene_fail(scene, scene_far(i % 500), "alice", i) == GUARD_PASS;
		scene_pass(scene, MINUTES(2));
	}
	CHECK_TRUE(judged >= 20 && judged <= 10 * 20);
	CHECK_TRUE(scene->events[GUARD_EVENT_UNDER_ATTACK] >= 9 && scene->events[GUARD_EVENT_UNDER_ATTACK] <= 10);
	scene_free(scene);
}

static void test_one_source_alone_gets_no_account_guarded(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	for (uint32_t i = 0; i < 500; i++) {
		scene_fail(scene, scene_addr("203.0.113.5"), "alice", i);
	}
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 0);
	CHECK_UINT(scene_succeed(scene, scene_addr("198.51.100.5"), "alice"), GUARD_PASS);
	scene_free(scene);
}

/* Below every step of the ladder: one different answer a minute. */
static void test_slow_guessing_of_one_source_is_no_way_to_guard_accounts(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("203.0.113.5");
	uint32_t judged = 0;
	(void)state;

	for (uint32_t i = 0; i < 24 * 60; i++) {
		judged += scene_open(scene, from) == GUARD_PASS && scene_fail(scene, from, "alice", i) == GUARD_PASS;
		scene_pass(scene, MINUTES(1));
	}
	CHECK_TRUE(judged >= 40 && judged <= 50);
	CHECK_TRUE(scene->events[GUARD_EVENT_SILENCED] >= 1);
	CHECK_UINT(scene_succeed(scene, scene_addr("198.51.100.5"), "alice"), GUARD_PASS);
	scene_free(scene);
}

static void test_few_networks_are_held_back_alone(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	for (uint32_t i = 0; i < 60; i++) { /* over four days, so that no budget of a day matters */
		scene_fail(scene, scene_far(1000 + i % 4), "alice", 70000 + i);
		scene_pass(scene, MINUTES(96));
	}
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 1);
	for (uint32_t i = 0; i < 4; i++) {
		CHECK_UINT(scene_succeed(scene, scene_far(1000 + i), "alice"), GUARD_GUARDED);
	}
	CHECK_UINT(scene_succeed(scene, scene_addr("198.51.100.5"), "alice"), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, scene_far(1000), "bob"), GUARD_PASS);
	for (uint32_t i = 0; i < 10; i++) { /* the fifth */
		CHECK_UINT(scene_succeed(scene, scene_far(3000), "alice"), GUARD_PASS);
		CHECK_UINT(scene_fail(scene, scene_far(2000), "alice", 999 + i), GUARD_PASS);
		scene_pass(scene, MINUTES(2));
	}
	CHECK_UINT(scene_succeed(scene, scene_far(4000), "alice"), GUARD_GUARDED);
	scene_settle(scene);
	scene_free(scene);
}

/* What others did elsewhere in the last 30 days is not held against the network of one who makes a mistake. */
static void test_a_network_is_held_back_for_what_came_from_it(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr guesser = scene_addr("203.0.113.5"), hotel = scene_addr("198.51.100.5");
	(void)state;

	for (uint32_t i = 0; i < 50; i++) {
		CHECK_UINT(scene_fail(scene, guesser, "alice", 1000 + i), GUARD_PASS);
		scene_pass(scene, MINUTES(90));
	}
	CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 1);
	CHECK_UINT(scene_succeed(scene, guesser, "alice"), GUARD_GUARDED);
	CHECK_UINT(scene_fail(scene, hotel, "alice", 1), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, hotel, "alice"), GUARD_PASS);
	for (uint32_t i = 0; i < 5; i++) { /* nor do strays from five networks guard the account */
		CHECK_UINT(scene_fail(scene, scene_far(i), "alice", 1 + i), GUARD_PASS);
	}
	CHECK_UINT(scene_succeed(scene, scene_far(9), "alice"), GUARD_PASS);
	scene_free(scene);
}

/* So many networks that there is none to hold back: it is told all the same. */
static void test_slow_guessing_from_everywhere_is_told(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	for (uint32_t i = 0; i < 60; i++) {
		CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], i >= 50);
		CHECK_UINT(scene_fail(scene, scene_far(i), "alice", 1000 + i), GUARD_PASS);
		scene_pass(scene, HOURS(2));
	}
	CHECK_UINT(scene->last[GUARD_EVENT_UNDER_ATTACK].until_us, 0);
	CHECK_UINT(scene_succeed(scene, scene_far(9), "alice"), GUARD_PASS);
	scene_free(scene);
}

static void test_few_networks_guard_nothing(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	scene_attack(scene, "alice", 40, 4);
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 0);
	scene_free(scene);
}

static void test_a_roaming_account_under_attack_has_a_try_in_ten_minutes(void **state)
{
	struct scene *scene = scene_new();
	struct guard_try try = scene_try(scene_addr("203.0.113.5"), "alice", 1);
	(void)state;

	scene_attack(scene, "alice", 40, 20);
	try.roaming = true;
	CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us), GUARD_PASS);
	CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us), GUARD_GUARDED);
	scene_pass(scene, MINUTES(10));
	CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us), GUARD_PASS);
	try.from = scene_addr("203.0.114.5");
	CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us), GUARD_PASS);
	scene_free(scene);
}

static void spray(struct scene *scene, uint32_t accounts, uint32_t sources, uint32_t each, uint32_t names)
{
	uint32_t n = 0;

	for (uint32_t s = 0; s < sources; s++) {
		for (uint32_t i = 0; i < each; i++, n++) {
			char name[16] = "";
			struct guard_try try = scene_try(scene_far(2000 + s), name, 1 + i);

			snprintf(name, sizeof(name), "a%u", (s * names + i % names) % accounts);
			try.account = tg_span_text(name);
			try.weak = n % 2 == 0;
			guard_on_failure(scene->guard, &try, scene->now_us);
		}
	}
	scene_settle(scene);
}

static void test_spray(void **state)
{
	static const struct {
		const char *name;
		uint32_t accounts, sources, each, names, events;
	} rows[] = {
		{ "many sources, a little each", 50, 25, 2, 2, 1 },
		{ "three each", 50, 20, 3, 3, 1 },
		{ "too few accounts", 49, 40, 3, 3, 0 },
		{ "too few networks", 57, 19, 3, 3, 0 },
		{ "guessers, not sprayers", 100, 25, 6, 3, 0 },
		{ "more than a little, at more than a few", 100, 25, 6, 6, 1 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct scene *scene = scene_new();

		spray(scene, rows[i].accounts, rows[i].sources, rows[i].each, rows[i].names);
		CHECK_UINT(scene->events[GUARD_EVENT_SPRAY], rows[i].events);
		struct guard_try try = scene_try(scene_addr("203.0.113.5"), "weak", 1);

		try.weak = true;
		CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us),
		           rows[i].events != 0 ? GUARD_GUARDED : GUARD_PASS);
		try.weak = false;
		CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us), GUARD_PASS);
		scene_free(scene);
	}
}

static enum guard_why may_weak(struct scene *scene, const char *name, uint64_t answer)
{
	struct guard_try try = scene_try(scene_addr("203.0.113.5"), name, answer);

	try.weak = true;
	const enum guard_why why = guard_may_try(scene->guard, &try, NULL, scene->now_us);

	guard_on_failure(scene->guard, &try, scene->now_us);
	return why;
}

/* Weak accounts are guarded for as long as what was seen over all is young, whatever comes for them meanwhile. */
static void test_weak_accounts_are_guarded_as_long_as_the_spray_lasts(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	CHECK_UINT(may_weak(scene, "tried", 1), GUARD_PASS);
	scene_pass(scene, DAYS(2));
	CHECK_UINT(may_weak(scene, "early", 1), GUARD_PASS);
	spray(scene, 50, 25, 2, 2);
	const uint64_t end_us = scene->now_us + DAYS(1);

	CHECK_UINT(scene_fail(scene, scene_addr("203.0.113.5"), "early", 2), GUARD_GUARDED);
	CHECK_UINT(scene_fail(scene, scene_addr("203.0.113.5"), "tried", 2), GUARD_PASS); /* that was two days ago */
	scene_pass(scene, HOURS(4));
	scene_attack(scene, "both", 20, 7); /* is guarded for itself, and that is no shorter for the spray */
	while (scene->now_us < end_us) {
		CHECK_UINT(may_weak(scene, "late", scene->now_us), GUARD_GUARDED);
		CHECK_UINT(may_weak(scene, "both", scene->now_us), GUARD_GUARDED);
		scene_pass(scene, HOURS(2));
	}
	CHECK_UINT(may_weak(scene, "both", 3), GUARD_GUARDED);
	CHECK_UINT(may_weak(scene, "late", 3), GUARD_PASS);
	CHECK_UINT(may_weak(scene, "early", 3), GUARD_PASS);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_account_under_attack_is_guarded),
		cmocka_unit_test(test_an_attacker_guards_no_account_with_an_answer_a_day),
		cmocka_unit_test(test_an_owner_does_not_guard_his_account_himself),
		cmocka_unit_test(test_an_owner_does_not_hold_back_his_network_himself),
		cmocka_unit_test(test_what_began_it_makes_guarding_longer),
		cmocka_unit_test(test_an_attack_that_goes_on_has_twenty_guesses_a_day),
		cmocka_unit_test(test_one_source_alone_gets_no_account_guarded),
		cmocka_unit_test(test_slow_guessing_of_one_source_is_no_way_to_guard_accounts),
		cmocka_unit_test(test_few_networks_are_held_back_alone),
		cmocka_unit_test(test_a_network_is_held_back_for_what_came_from_it),
		cmocka_unit_test(test_slow_guessing_from_everywhere_is_told),
		cmocka_unit_test(test_few_networks_guard_nothing),
		cmocka_unit_test(test_a_roaming_account_under_attack_has_a_try_in_ten_minutes),
		cmocka_unit_test(test_spray),
		cmocka_unit_test(test_weak_accounts_are_guarded_as_long_as_the_spray_lasts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
