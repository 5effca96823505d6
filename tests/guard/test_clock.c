/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

/* A start with a wrong wall clock, and what becomes of what is stored when it is set right. */

#define RIGHT_US DAYS(20000)

enum { TODAY = 20000 };

/* What the wall clock is ahead of the right one; the right one says RIGHT_US when a scene begins. */
struct clock {
	const char *name;
	int64_t ahead_us;
};

#define DAYS_AHEAD(n) ((int64_t)(n)*24 * 3600 * (int64_t)TG_US_PER_S)

static const struct clock wrong[] = {
	{ "1970", -DAYS_AHEAD(TODAY) },     { "a year behind", -DAYS_AHEAD(365) },
	{ "a day behind", -DAYS_AHEAD(1) }, { "two minutes behind", -120000000 },
	{ "a day ahead", DAYS_AHEAD(1) },   { "ten years ahead", DAYS_AHEAD(3650) },
};

static uint64_t wall_us(const struct scene *scene, int64_t ahead_us)
{
	return (uint64_t)((int64_t)(RIGHT_US + scene->now_us - SECONDS(1000)) + ahead_us);
}

static struct scene *start(int64_t ahead_us)
{
	struct guard_config config = scene_config();

	config.wall_us = (uint64_t)((int64_t)RIGHT_US + ahead_us);
	return scene_with(&config);
}

static bool set_clock(struct scene *scene, int64_t ahead_us)
{
	return guard_set_wall(scene->guard, wall_us(scene, ahead_us), scene->now_us);
}

/* Time passes, and the clock goes with it. */
static void pass(struct scene *scene, uint64_t us, int64_t ahead_us)
{
	const uint64_t end_us = scene->now_us + us;

	while (scene->now_us < end_us) {
		scene_pass(scene, tg_min_u64(MINUTES(1), end_us - scene->now_us));
		CHECK_FALSE(set_clock(scene, ahead_us));
	}
	scene_settle(scene);
}

/* Alice was in eight networks, three days apart each. */
static struct guard_account stored(void)
{
	struct guard_account account = { .name = "alice" };

	for (uint32_t i = 0; i < GUARD_NETWORKS; i++) {
		account.networks[i] = (struct guard_network){ scene_far(i), TODAY - 3 * i };
		account.networks[i].base.port = 0;
		account.networks[i].base.ip[15] = 0;
	}
	return account;
}

static void restore(struct scene *scene, struct guard_account account)
{
	guard_restore_account(scene->guard, &account, scene->now_us);
	scene_settle(scene);
}

static uint32_t known(struct scene *scene)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < GUARD_NETWORKS; i++) {
		count += scene_class(scene, scene_far(i)) == GUARD_CLASS_KNOWN;
	}
	return count;
}

/* As many as a start at the right time knows, a day later. */
static uint32_t known_after(const struct guard_account *account)
{
	struct scene *scene = start(DAYS_AHEAD(1));

	restore(scene, *account);
	const uint32_t count = known(scene);

	scene_free(scene);
	return count;
}

static void test_a_wrong_clock_that_is_set_right_forgets_no_network(void **state)
{
	(void)state;

	for (size_t c = 0; c < TG_COUNT(wrong); c++) {
		struct scene *scene = start(wrong[c].ahead_us);

		restore(scene, stored());
		CHECK_UINT(scene_succeed(scene, scene_far(7), "alice"), GUARD_PASS);
		CHECK_UINT(scene_succeed(scene, scene_far(2), "alice"), GUARD_PASS);
		pass(scene, SECONDS(30), wrong[c].ahead_us);
		for (uint32_t i = 0; i < GUARD_NETWORKS && scene->accounts > 0; i++) {
			CHECK_TRUE(scene->account.networks[i].seen_day >= stored().networks[i].seen_day);
		}
		if (scene->accounts > 0) { /* it ends before the clock is right */
			CHECK_UINT(known_after(&scene->account), GUARD_NETWORKS);
		}
		CHECK_TRUE(set_clock(scene, 0));
		CHECK_UINT(known(scene), GUARD_NETWORKS);
		CHECK_UINT(scene_succeed(scene, scene_far(5), "alice"), GUARD_PASS);
		scene->accounts = 0;
		pass(scene, HOURS(2), 0);
		CHECK_TRUE(scene->accounts > 0);
		for (uint32_t i = 0; i < GUARD_NETWORKS; i++) {
			const bool seen = i == 7 || i == 2 || i == 5;

			CHECK_UINT(scene->account.networks[i].seen_day, seen ? TODAY : TODAY - 3 * i);
		}
		CHECK_UINT(known(scene), GUARD_NETWORKS);
		CHECK_UINT(known_after(&scene->account), GUARD_NETWORKS);
		scene_free(scene);
	}
}

/* A network that is new while the clock is wrong is stored with the right day as soon as that is known. */
static void test_a_network_of_a_wrong_clock_is_told_again(void **state)
{
	(void)state;

	for (size_t c = 0; c < TG_COUNT(wrong); c++) {
		struct scene *scene = start(wrong[c].ahead_us);

		CHECK_UINT(scene_succeed(scene, scene_far(3), "alice"), GUARD_PASS);
		pass(scene, SECONDS(30), wrong[c].ahead_us);
		CHECK_TRUE(set_clock(scene, 0));
		pass(scene, HOURS(2), 0);
		CHECK_UINT(scene->account.networks[0].seen_day, TODAY);
		CHECK_UINT(known_after(&scene->account), 1);
		scene_free(scene);
	}
}

/* No board without a battery ever says what time it is. */
static void test_a_clock_that_stays_wrong_lowers_no_day(void **state)
{
	struct scene *scene = start(-DAYS_AHEAD(TODAY));
	(void)state;

	restore(scene, stored());
	pass(scene, DAYS(2), -DAYS_AHEAD(TODAY));
	CHECK_UINT(scene_succeed(scene, scene_far(7), "alice"), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, scene_far(7), "alice", 3), GUARD_PASS);
	pass(scene, MINUTES(1), -DAYS_AHEAD(TODAY));
	for (uint32_t i = 0; i < GUARD_NETWORKS; i++) {
		CHECK_UINT(scene->account.networks[i].seen_day, TODAY - 3 * i);
	}
	CHECK_UINT(known(scene), GUARD_NETWORKS);
	pass(scene, DAYS(29), -DAYS_AHEAD(TODAY)); /* but time passes */
	CHECK_UINT(known(scene), 1);
	scene_free(scene);
}

/* What is too old is forgotten as soon as the clock is right. */
static void test_a_wrong_clock_brings_no_network_back(void **state)
{
	struct scene *scene = start(-DAYS_AHEAD(TODAY));
	struct guard_account old = stored();
	(void)state;

	old.networks[4].seen_day = TODAY - 40;
	restore(scene, old);
	CHECK_UINT(scene_class(scene, scene_far(4)), GUARD_CLASS_KNOWN);
	CHECK_TRUE(set_clock(scene, 0));
	CHECK_UINT(scene_class(scene, scene_far(4)), GUARD_CLASS_STRANGER);
	CHECK_UINT(known(scene), GUARD_NETWORKS - 1);
	pass(scene, HOURS(2), 0);
	CHECK_UINT(scene->account.networks[4].base.family, TG_NO_ADDR);
	scene_free(scene);
}

/* Days that a clock wrote which was ahead. */
static void test_days_to_come_are_not_believed_for_ever(void **state)
{
	struct scene *scene = start(0);
	struct guard_account future = stored();
	(void)state;

	for (uint32_t i = 0; i < GUARD_NETWORKS; i++) {
		future.networks[i].seen_day = TODAY + 4000;
	}
	future.guarded_until_ms = (RIGHT_US + DAYS(4000)) / 1000;
	restore(scene, future);
	CHECK_UINT(known(scene), GUARD_NETWORKS);
	CHECK_UINT(scene_succeed(scene, scene_far(0), "alice"), GUARD_PASS);
	pass(scene, HOURS(2), 0);
	for (uint32_t i = 0; i < GUARD_NETWORKS; i++) {
		CHECK_UINT(scene->account.networks[i].seen_day, TODAY);
	}
	CHECK_UINT(scene->account.guarded_until_ms, (RIGHT_US + DAYS(1)) / 1000);
	pass(scene, HOURS(22), 0);
	CHECK_UINT(scene->events[GUARD_EVENT_GUARDED_END], 1);
	pass(scene, DAYS(31), 0);
	CHECK_UINT(known(scene), 0);
	scene_free(scene);
}

/* ---- How long things last --------------------------------------------------------------------------------------------- */

static uint64_t until_passes(struct scene *scene, struct tg_addr from, int64_t ahead_us)
{
	const uint64_t begin_us = scene->now_us;

	while (scene_succeed(scene, from, "alice") == GUARD_GUARDED && scene->now_us < begin_us + DAYS(3)) {
		pass(scene, MINUTES(30), ahead_us);
	}
	return scene->now_us - begin_us;
}

static void test_guarding_lasts_a_day_whatever_the_clock_does(void **state)
{
	(void)state;

	for (size_t c = 0; c < TG_COUNT(wrong); c++) {
		struct scene *scene = start(wrong[c].ahead_us);

		scene_attack(scene, "alice", 20, 7);
		pass(scene, HOURS(2), wrong[c].ahead_us);
		CHECK_TRUE(set_clock(scene, 0));
		CHECK_UINT(until_passes(scene, scene_addr("203.0.113.5"), 0), HOURS(22));
		CHECK_UINT(scene->events[GUARD_EVENT_GUARDED_END], 1);
		scene_free(scene);
	}
}

static void test_a_network_is_held_back_for_a_day_whatever_the_clock_does(void **state)
{
	(void)state;

	for (size_t c = 0; c < TG_COUNT(wrong); c++) {
		struct scene *scene = start(wrong[c].ahead_us);
		struct tg_addr from = scene_addr("203.0.113.5");

		for (uint32_t i = 0; i < 49; i++) {
			CHECK_UINT(scene_fail(scene, from, "alice", 1000 + i), GUARD_PASS);
			pass(scene, MINUTES(90), wrong[c].ahead_us);
		}
		CHECK_UINT(scene_fail(scene, from, "alice", 5000), GUARD_PASS);
		pass(scene, HOURS(2), wrong[c].ahead_us);
		CHECK_TRUE(set_clock(scene, 0));
		from.ip[15] = 77;
		CHECK_UINT(until_passes(scene, from, 0), HOURS(22));
		scene_free(scene);
	}
}

/* It has ten hours left, or ended an hour ago, and only the right clock knows. */
static void test_stored_guarding_ends_when_it_would_have(void **state)
{
	(void)state;

	for (size_t c = 0; c < TG_COUNT(wrong); c++) {
		for (int over = 0; over < 2; over++) {
			struct scene *scene = start(wrong[c].ahead_us);
			struct guard_account account = stored();
			const uint64_t until_us = over != 0 ? RIGHT_US - HOURS(1) : RIGHT_US + HOURS(10);

			account.guarded_until_ms = until_us / 1000;
			restore(scene, account);
			const bool was = scene_succeed(scene, scene_addr("203.0.113.5"), "alice") == GUARD_GUARDED;

			CHECK_UINT(was, until_us > wall_us(scene, wrong[c].ahead_us));
			pass(scene, MINUTES(30), wrong[c].ahead_us);
			CHECK_TRUE(set_clock(scene, 0));
			scene_settle(scene);
			CHECK_UINT(scene->events[GUARD_EVENT_GUARDED_END], over != 0 && was);
			if (was || over != 0) {
				CHECK_UINT(until_passes(scene, scene_addr("203.0.113.6"), 0),
				           over != 0 ? 0 : HOURS(9) + MINUTES(30));
			}
			pass(scene, HOURS(12), 0);
			CHECK_UINT(scene->events[GUARD_EVENT_GUARDED_END], over == 0 || was);
			CHECK_UINT(scene->account.guarded_until_ms, 0);
			scene_free(scene);
		}
	}
}

/* Each step asks for a new proof: days of before are believed more than a clock that was set wrong, however right it was. */
static void test_a_clock_that_steps_has_to_prove_itself_again(void **state)
{
	struct scene *scene = start(0);
	(void)state;

	restore(scene, stored());
	pass(scene, HOURS(2), 0);
	CHECK_TRUE(set_clock(scene, -DAYS_AHEAD(10)));
	CHECK_UINT(scene_succeed(scene, scene_far(0), "alice"), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, scene_far(9), "bob"), GUARD_PASS);
	pass(scene, MINUTES(50), -DAYS_AHEAD(10));
	CHECK_UINT(scene_succeed(scene, scene_far(1), "alice"), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, scene_far(1), "alice", 7), GUARD_PASS);
	pass(scene, MINUTES(5), -DAYS_AHEAD(10));
	CHECK_TEXT(scene->account.name, "alice");
	CHECK_UINT(scene->account.networks[0].seen_day, TODAY);
	CHECK_UINT(scene->account.networks[1].seen_day, TODAY - 3);
	scene_free(scene);
}

/* Of two that are not to be told apart by their days, the one that was seen since the start stays. */
static void test_a_network_that_was_seen_stays_before_one_that_was_not(void **state)
{
	struct scene *scene = start(-DAYS_AHEAD(TODAY));
	(void)state;

	restore(scene, stored());
	pass(scene, MINUTES(1), -DAYS_AHEAD(TODAY));
	for (uint32_t i = 0; i < 4; i++) {
		CHECK_UINT(scene_succeed(scene, scene_far(i), "alice"), GUARD_PASS);
		pass(scene, HOURS(3), -DAYS_AHEAD(TODAY));
	}
	for (uint32_t i = 0; i < 4; i++) {
		CHECK_UINT(scene_succeed(scene, scene_far(100 + i), "alice"), GUARD_PASS);
	}
	CHECK_UINT(known(scene), 4);
	for (uint32_t i = 0; i < 4; i++) {
		CHECK_UINT(scene_class(scene, scene_far(i)), GUARD_CLASS_KNOWN);
	}
	scene_free(scene);
}

static void test_a_clock_that_is_slewed_did_not_step(void **state)
{
	struct scene *scene = start(0);
	int64_t ahead_us = 0;
	(void)state;

	scene_attack(scene, "alice", 20, 7);
	for (uint32_t i = 0; i < 100; i++) {
		ahead_us += 50000000;
		CHECK_FALSE(set_clock(scene, ahead_us));
	}
	pass(scene, SECONDS(30), ahead_us);
	CHECK_TRUE(set_clock(scene, ahead_us + 61000000));
	CHECK_TRUE(set_clock(scene, ahead_us));
	scene_settle(scene);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_wrong_clock_that_is_set_right_forgets_no_network),
		cmocka_unit_test(test_a_network_of_a_wrong_clock_is_told_again),
		cmocka_unit_test(test_a_clock_that_stays_wrong_lowers_no_day),
		cmocka_unit_test(test_a_wrong_clock_brings_no_network_back),
		cmocka_unit_test(test_days_to_come_are_not_believed_for_ever),
		cmocka_unit_test(test_guarding_lasts_a_day_whatever_the_clock_does),
		cmocka_unit_test(test_a_network_is_held_back_for_a_day_whatever_the_clock_does),
		cmocka_unit_test(test_stored_guarding_ends_when_it_would_have),
		cmocka_unit_test(test_a_clock_that_steps_has_to_prove_itself_again),
		cmocka_unit_test(test_a_network_that_was_seen_stays_before_one_that_was_not),
		cmocka_unit_test(test_a_clock_that_is_slewed_did_not_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
