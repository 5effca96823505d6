/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

#include "guard/inside.h"

static void test_a_burst_of_wrong_answers_is_judged_and_then_one_a_minute(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	uint32_t judged = 0;
	(void)state;

	for (uint32_t i = 0; i < 50; i++) {
		judged += scene_fail(scene, from, "alice", i) == GUARD_PASS;
	}
	CHECK_UINT(judged, 10);
	scene_pass(scene, MINUTES(1));
	CHECK_UINT(scene_fail(scene, from, "alice", 1000), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, from, "alice", 1001), GUARD_TRIES);
	scene_free(scene);
}

static void test_tries_under_way_count_before_they_are_decided(void **state)
{
	struct scene *scene = scene_new();
	const struct guard_try try = scene_try(scene_addr("192.0.2.7"), "alice", 1);
	uint32_t judged = 0;
	(void)state;

	for (uint32_t i = 0; i < 50; i++) {
		judged += guard_may_try(scene->guard, &try, NULL, scene->now_us) == GUARD_PASS;
	}
	CHECK_UINT(judged, 10);
	guard_on_success(scene->guard, &try, scene->now_us);
	scene->now_us += SECONDS(10);
	/* Who was never decided is given up. */
	CHECK_UINT(scene_fail(scene, scene_addr("192.0.2.7"), "bob", 1), GUARD_PASS);
	scene_free(scene);
}

/* Nor do the ends of others that were held back make room for more of them. */
static void test_held_tries_make_no_room_for_others(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr from = scene_addr("192.0.2.7");
	struct guard_try real = scene_try(from, "alice", 1), held = scene_try(from, "bob", 0);
	uint32_t judged = 0;
	(void)state;

	config.limits.failures_burst = 20;
	config.limits.kernel_at = config.limits.silence_at = config.limits.delay_at = 1000;
	struct scene *scene = scene_with(&config);

	(void)scene_succeed(scene, from, "carol"); /* somebody healthy is there: bob is held back alone */
	for (uint32_t i = 0; i < 6; i++) {
		(void)scene_fail(scene, from, "bob", 2);
		scene->now_us += 1000;
	}
	CHECK_UINT(guard_may_try(scene->guard, &held, NULL, scene->now_us), GUARD_STALE);
	guard_on_failure(scene->guard, &held, scene->now_us);
	held.answer = 2;
	for (uint32_t i = 0; i < 100; i++) {
		judged += guard_may_try(scene->guard, &real, NULL, scene->now_us) == GUARD_PASS;
		CHECK_TRUE(guard_may_try(scene->guard, &held, NULL, scene->now_us) != GUARD_PASS);
		guard_on_failure(scene->guard, &held, scene->now_us);
	}
	CHECK_TRUE(judged > 0 && judged <= 20);
	scene_free(scene);
}

static const struct {
	enum guard_mode mode;
	bool right, over; /* over: its budget is used up before */
} flights[] = {
	{ GUARD_ENFORCE, false, false }, { GUARD_ENFORCE, false, true }, { GUARD_ENFORCE, true, false },
	{ GUARD_OBSERVE, false, false }, { GUARD_OBSERVE, false, true }, { GUARD_OBSERVE, true, false },
	{ GUARD_OBSERVE, true, true },
};

/* Under way is what was asked and not yet decided, whatever it was, and however it ends. */
static void test_every_try_that_is_decided_is_under_way_no_more(void **state)
{
	enum { NAMES = 8 };
	static const char *const names[NAMES] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	for (size_t r = 0; r < TG_COUNT(flights); r++) {
		struct guard_config config = scene_config();

		config.limits.mode = flights[r].mode;
		struct scene *scene = scene_with(&config);

		for (uint32_t i = 0; i < (flights[r].over ? 10 : 1); i++) {
			scene_fail(scene, from, "x", i);
		}
		for (uint32_t i = 0; i < NAMES; i++) {
			const struct guard_try try = scene_try(from, names[i], 100 + i);
			const bool passed = guard_may_try(scene->guard, &try, NULL, scene->now_us) == GUARD_PASS;

			CHECK_UINT(passed, !flights[r].over || flights[r].mode == GUARD_OBSERVE);
		}
		const struct who who = guard_who(scene->guard, from);
		const struct source *source = source_find(scene->guard, &who);

		CHECK_UINT(source->flying + source->flying_held, NAMES);
		for (uint32_t i = 0; i < NAMES; i++) {
			const struct guard_try try = scene_try(from, names[i], 100 + i);

			(flights[r].right ? guard_on_success : guard_on_failure)(scene->guard, &try, scene->now_us);
			CHECK_UINT(source->flying + source->flying_held, NAMES - 1 - i);
		}
		scene_free(scene);
	}
}

/* Who comes from his own network is under no limit of tries under way, and makes no room for who is. */
static void test_an_owner_ends_nobody_elses_try(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr nat = scene_addr("192.0.2.7");
	const struct guard_try guess = scene_try(nat, "bob", 1);
	uint32_t judged = 0;
	(void)state;

	CHECK_UINT(scene_succeed(scene, nat, "alice"), GUARD_PASS);
	for (uint32_t i = 0; i < 50; i++) {
		judged += guard_may_try(scene->guard, &guess, NULL, scene->now_us) == GUARD_PASS;
		CHECK_UINT(scene_succeed(scene, nat, "alice"), GUARD_PASS);
	}
	CHECK_UINT(judged, 10);
	scene_free(scene);
}

/* Verdicts that never come are given up, who only observes says so as well. */
static void test_tries_that_are_never_decided_are_given_up(void **state)
{
	static const enum guard_mode modes[] = { GUARD_ENFORCE, GUARD_OBSERVE };
	const struct guard_try try = scene_try(scene_addr("192.0.2.7"), "alice", 1);
	(void)state;

	for (size_t m = 0; m < TG_COUNT(modes); m++) {
		struct guard_config config = scene_config();
		uint32_t passed = 0;

		config.limits.mode = modes[m];
		struct scene *scene = scene_with(&config);

		for (uint32_t i = 0; i < 60; i++) {
			enum guard_why would;

			(void)guard_may_try(scene->guard, &try, &would, scene->now_us);
			passed += would == GUARD_PASS;
			scene->now_us += SECONDS(1);
		}
		CHECK_UINT(passed, 10 + 10 + 10 + 3); /* ten in ten seconds, and ten seconds for these to be given up */
		scene_free(scene);
	}
}

static void test_names_of_one_source(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr from = scene_addr("192.0.2.7");
	char name[8] = "";
	(void)state;

	config.limits.failures_burst = 1000;
	config.limits.kernel_at = config.limits.silence_at = config.limits.delay_at = 1000;
	struct scene *scene = scene_with(&config);

	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		CHECK_UINT(scene_fail(scene, from, name, 1), i < 5 ? GUARD_PASS : GUARD_TRIES);
	}
	CHECK_UINT(scene_fail(scene, from, "n3", 2), GUARD_PASS); /* a name it used before */
	scene_pass(scene, MINUTES(10));
	CHECK_UINT(scene_fail(scene, from, "other", 3), GUARD_PASS);
	scene_free(scene);
}

static void test_names_that_do_not_exist_count_alike(void **state)
{
	enum { STEPS = 40 };
	enum guard_why seen[2][STEPS];
	(void)state;

	for (int exists = 0; exists < 2; exists++) {
		struct scene *scene = scene_new();

		for (uint32_t i = 0; i < STEPS; i++) {
			struct guard_try try = scene_try(scene_far(i % 7), "alice", i);

			try.exists = exists != 0;
			seen[exists][i] = guard_may_try(scene->guard, &try, NULL, scene->now_us);
			guard_on_failure(scene->guard, &try, scene->now_us);
			scene_pass(scene, SECONDS(5));
		}
		CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 1);
		scene_free(scene);
	}
	CHECK_TRUE(memcmp(seen[0], seen[1], sizeof(seen[0])) == 0);
}

static void test_a_shared_source_is_held_back_by_pairs(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr nat = scene_addr("192.0.2.7");
	uint32_t judged = 0;
	(void)state;

	CHECK_UINT(scene_succeed(scene, nat, "bob"), GUARD_PASS);
	for (uint32_t i = 0; i < 40; i++) {
		judged += scene_fail(scene, nat, "alice", i) == GUARD_PASS;
	}
	scene_settle(scene);
	CHECK_UINT(judged, 6);
	CHECK_UINT(scene_fail(scene, nat, "alice", 99), GUARD_PAIR);
	CHECK_UINT(scene->events[GUARD_EVENT_BAN_REFUSED], 1);
	CHECK_UINT(scene->events[GUARD_EVENT_SILENCED] + scene->events[GUARD_EVENT_BANNED] +
	                   scene->events[GUARD_EVENT_DELAYED],
	           0);
	CHECK_UINT(scene_class(scene, nat), GUARD_CLASS_KNOWN);
	CHECK_UINT(scene_open(scene, nat), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, nat, "bob"), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, nat, "carol", 1), GUARD_PASS);
	scene_pass(scene, MINUTES(10));
	CHECK_UINT(scene_fail(scene, nat, "alice", 999), GUARD_PASS);
	scene_free(scene);
}

static void test_healthy_accounts_widen_the_budget(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr nat = scene_addr("192.0.2.7");
	char name[16] = "";
	uint32_t judged = 0;
	(void)state;

	config.limits.account_distinct = UINT32_MAX;
	config.limits.silence_at = 1000; /* pairs are not held back here */
	config.limits.names_per_10min = 0;
	struct scene *scene = scene_with(&config);

	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "phone%u", i);
		CHECK_UINT(scene_succeed(scene, nat, name), GUARD_PASS);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		judged += scene_fail(scene, nat, "alice", i) == GUARD_PASS;
	}
	CHECK_UINT(judged, 320); /* 32 times 10, however many there are */
	scene_settle(scene);
	scene_pass(scene, HOURS(24)); /* nobody is healthy any more */
	scene_settle(scene);
	judged = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		judged += scene_fail(scene, nat, "dora", 5000 + i) == GUARD_PASS;
	}
	CHECK_UINT(judged, 10);
	scene_free(scene);
}

static void test_the_own_network_is_always_judged(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	scene_pass(scene, DAYS(29));
	for (uint32_t i = 0; i < 500; i++) {
		CHECK_UINT(scene_fail(scene, home, "alice", i), GUARD_PASS);
	}
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_DELAYED], 1);
	CHECK_UINT(scene->events[GUARD_EVENT_SILENCED] + scene->events[GUARD_EVENT_BANNED], 0);
	CHECK_UINT(scene_class(scene, home), GUARD_CLASS_KNOWN);
	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	scene_free(scene);
}

static void test_a_known_network_is_forgotten_after_its_days(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	CHECK_UINT(scene_class(scene, scene_addr("192.0.2.99")), GUARD_CLASS_KNOWN);
	CHECK_UINT(scene_class(scene, scene_addr("192.0.3.7")), GUARD_CLASS_STRANGER);
	scene_pass(scene, DAYS(32));
	CHECK_UINT(scene_class(scene, home), GUARD_CLASS_STRANGER);
	for (uint32_t i = 0; i < 10; i++) {
		scene_fail(scene, home, "alice", i);
	}
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, home), GUARD_CLASS_BANNED);
	scene_free(scene);
}

/* What a source may know of itself, and the try that silenced it. */
struct outcome {
	struct guard_source_row row;
	uint32_t silenced_after, stale;
};

/* Nine answers for a guarded account; the one at `right_at` is right, which nobody is to find out. */
static struct outcome guess_guarded(uint32_t right_at, bool same)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("203.0.113.5");
	struct outcome outcome = { .silenced_after = 0 };
	uint32_t cursor = 0;

	scene_attack(scene, "alice", 40, 20);
	for (uint32_t i = 0; i < 9; i++) {
		if (i == right_at) {
			CHECK_UINT(scene_succeed(scene, from, "alice"), GUARD_GUARDED);
		} else {
			scene_fail(scene, from, "alice", same ? 1 : 800000 + i);
		}
		scene_settle(scene);
		if (outcome.silenced_after == 0 && scene->silences > 0) {
			outcome.silenced_after = i + 1;
		}
	}
	while (guard_source_row(scene->guard, &cursor, scene->now_us, &outcome.row)) {
		if (tg_addr_same_host(outcome.row.addr, from)) {
			break;
		}
	}
	outcome.stale = scene->events[GUARD_EVENT_STALE];
	scene_free(scene);
	return outcome;
}

static void test_right_but_held_back_is_charged_as_wrong(void **state)
{
	(void)state;

	for (int same = 0; same < 2; same++) {
		const struct outcome wrong = guess_guarded(UINT32_MAX, same != 0);

		CHECK_UINT(wrong.silenced_after, same != 0 ? 0 : 6);
		CHECK_UINT(wrong.stale, same);
		for (uint32_t at = 0; at < 9; at++) {
			const struct outcome right = guess_guarded(at, same != 0);

			CHECK_UINT(right.silenced_after, wrong.silenced_after);
			CHECK_UINT(right.row.failures, wrong.row.failures);
			CHECK_UINT(right.row.names, wrong.row.names);
			CHECK_UINT(right.row.step, wrong.row.step);
			CHECK_UINT(right.stale, wrong.stale);
		}
	}
}

/* An owner far from home whose right answer is held back repeats it, as often as he likes. */
static void test_held_back_charges_cannot_be_turned_against_a_customer(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr hotel = scene_addr("203.0.113.5");
	(void)state;

	scene_attack(scene, "alice", 40, 20);
	scene_settle(scene);
	for (uint32_t i = 0; i < 1000; i++) {
		CHECK_UINT(scene_succeed(scene, hotel, "alice"), GUARD_GUARDED);
		scene_pass(scene, SECONDS(30));
	}
	CHECK_UINT(scene_class(scene, hotel), GUARD_CLASS_STRANGER);
	scene_pass(scene, HOURS(24));
	CHECK_UINT(scene_succeed(scene, hotel, "alice"), GUARD_PASS);
	scene_free(scene);
}

static void test_a_decoy_silences_at_once(void **state)
{
	struct scene *scene = scene_new();
	struct guard_try try = scene_try(scene_addr("192.0.2.7"), "admin", 1);
	(void)state;

	try.decoy = true;
	guard_on_failure(scene->guard, &try, scene->now_us);
	CHECK_UINT(scene_open(scene, try.from), GUARD_SILENCED);
	scene_settle(scene);
	CHECK_UINT(scene->silences, 1);
	scene_pass(scene, MINUTES(10) + SECONDS(1));
	CHECK_UINT(scene->silences_over, 1);
	CHECK_UINT(scene_open(scene, try.from), GUARD_PASS);
	try.from = scene_addr("192.0.3.7");
	try.proven = false;
	guard_on_failure(scene->guard, &try, scene->now_us);
	CHECK_UINT(scene_open(scene, try.from), GUARD_PASS);
	scene_free(scene);
}

static void test_accounts_are_told_every_ten_seconds_at_most(void **state)
{
	struct guard_config config = scene_config();
	(void)state;

	config.limits.account_failures = UINT32_MAX; /* not guarded, so that all are counted */
	struct scene *scene = scene_with(&config);

	for (uint32_t i = 0; i < 1000; i++) {
		scene_fail(scene, scene_far(i), "alice", i);
		scene_pass(scene, SECONDS(1) / 10);
	}
	CHECK_TRUE(scene->accounts >= 10 && scene->accounts <= 11);
	scene_pass(scene, SECONDS(11));
	CHECK_UINT(scene->account.failures, 1000);
	CHECK_UINT(scene->account.distinct, 1000);
	CHECK_UINT(scene->account.prefix_count, GUARD_PREFIXES);
	scene_free(scene);
}

static void test_accounts_outlive_the_process(void **state)
{
	struct scene *scene = scene_new();
	struct scene *next = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	scene_succeed(scene, home, "alice");
	scene_attack(scene, "alice", 40, 20);
	scene_pass(scene, SECONDS(11));
	guard_restore_account(next->guard, &scene->account, next->now_us);
	CHECK_UINT(scene_class(next, home), GUARD_CLASS_KNOWN);
	CHECK_UINT(scene_succeed(next, scene_addr("203.0.113.5"), "alice"), GUARD_GUARDED);
	CHECK_UINT(scene_succeed(next, home, "alice"), GUARD_PASS);
	scene_pass(next, HOURS(25));
	CHECK_UINT(next->events[GUARD_EVENT_GUARDED_END], 1);
	scene_settle(next);
	struct guard_account bad = scene->account;

	memset(bad.name, 'x', sizeof(bad.name)); /* without an end */
	guard_restore_account(next->guard, &bad, next->now_us);
	scene_settle(next);
	scene_free(scene);
	scene_free(next);
}

static void test_a_restored_registration_makes_its_network_known(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("2001:db8:1:2::5");
	(void)state;

	guard_restore_network(scene->guard, tg_span_text("alice"), home, scene->now_us);
	CHECK_UINT(scene_class(scene, scene_addr("2001:db8:1:ffff::9")), GUARD_CLASS_KNOWN);
	for (uint32_t i = 0; i < 30; i++) {
		CHECK_UINT(scene_fail(scene, home, "alice", i), GUARD_PASS);
	}
	scene_free(scene);
}

static void test_a_known_network_without_a_success_today_is_shared_too(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	scene_pass(scene, DAYS(3));
	for (uint32_t i = 0; i < 6; i++) {
		CHECK_UINT(scene_fail(scene, home, "bob", i), GUARD_PASS);
	}
	CHECK_UINT(scene_fail(scene, home, "bob", 9), GUARD_PAIR);
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_DELAYED], 0);
	CHECK_UINT(scene->events[GUARD_EVENT_BAN_REFUSED], 1);
	scene_free(scene);
}

static void test_one_delays_nobody_beside_him(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, home, "bob"), GUARD_PASS);
	for (uint32_t i = 0; i < 100; i++) {
		CHECK_UINT(scene_fail(scene, home, "alice", i), GUARD_PASS);
	}
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_DELAYED], 0);
	scene_free(scene);
}

static void test_three_different_answers_are_not_stale(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	for (uint32_t i = 0; i < 30; i++) {
		CHECK_UINT(scene_fail(scene, from, "alice", i % 3), GUARD_PASS);
		scene_pass(scene, MINUTES(2));
	}
	CHECK_UINT(scene->events[GUARD_EVENT_STALE], 0);
	for (uint32_t i = 0; i < 30; i++) {
		scene_fail(scene, from, "bob", i % 2);
		scene_pass(scene, MINUTES(2));
	}
	CHECK_UINT(scene->events[GUARD_EVENT_STALE], 1);
	scene_free(scene);
}

static void test_healthy_accounts_widen_the_number_of_names(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr nat = scene_addr("192.0.2.7");
	char name[8] = "";
	(void)state;

	CHECK_UINT(scene_succeed(scene, nat, "alice"), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, nat, "bob"), GUARD_PASS);
	for (unsigned i = 0; i < 11; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		CHECK_UINT(scene_fail(scene, nat, name, 1), i < 10 ? GUARD_PASS : GUARD_TRIES);
	}
	scene_free(scene);
}

static void test_silence_ends_where_a_network_becomes_known(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	guard_on_mark(scene->guard, from, scene->now_us);
	scene_settle(scene);
	CHECK_UINT(scene_open(scene, from), GUARD_SILENCED);
	CHECK_UINT(scene_succeed(scene, scene_addr("192.0.2.8"), "alice"), GUARD_PASS);
	CHECK_UINT(scene_open(scene, from), GUARD_PASS);
	scene_settle(scene);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_burst_of_wrong_answers_is_judged_and_then_one_a_minute),
		cmocka_unit_test(test_tries_under_way_count_before_they_are_decided),
		cmocka_unit_test(test_held_tries_make_no_room_for_others),
		cmocka_unit_test(test_every_try_that_is_decided_is_under_way_no_more),
		cmocka_unit_test(test_an_owner_ends_nobody_elses_try),
		cmocka_unit_test(test_tries_that_are_never_decided_are_given_up),
		cmocka_unit_test(test_names_of_one_source),
		cmocka_unit_test(test_names_that_do_not_exist_count_alike),
		cmocka_unit_test(test_a_shared_source_is_held_back_by_pairs),
		cmocka_unit_test(test_healthy_accounts_widen_the_budget),
		cmocka_unit_test(test_the_own_network_is_always_judged),
		cmocka_unit_test(test_a_known_network_is_forgotten_after_its_days),
		cmocka_unit_test(test_right_but_held_back_is_charged_as_wrong),
		cmocka_unit_test(test_held_back_charges_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_a_decoy_silences_at_once),
		cmocka_unit_test(test_accounts_are_told_every_ten_seconds_at_most),
		cmocka_unit_test(test_accounts_outlive_the_process),
		cmocka_unit_test(test_a_restored_registration_makes_its_network_known),
		cmocka_unit_test(test_a_known_network_without_a_success_today_is_shared_too),
		cmocka_unit_test(test_one_delays_nobody_beside_him),
		cmocka_unit_test(test_three_different_answers_are_not_stale),
		cmocka_unit_test(test_healthy_accounts_widen_the_number_of_names),
		cmocka_unit_test(test_silence_ends_where_a_network_becomes_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
