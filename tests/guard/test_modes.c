/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

static void offend(struct scene *scene, struct tg_addr from)
{
	for (uint32_t i = 0; i < 12; i++) {
		scene_fail(scene, from, "alice", i);
	}
	scene_settle(scene);
}

static void test_observe_changes_nothing_and_tells_what_it_would(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr from = scene_addr("192.0.2.7");
	enum guard_why would;
	(void)state;

	config.limits.mode = GUARD_OBSERVE;
	struct scene *scene = scene_with(&config);

	for (uint32_t i = 0; i < 40; i++) {
		CHECK_UINT(scene_open(scene, from), GUARD_PASS);
		CHECK_UINT(scene_fail(scene, from, "alice", i), GUARD_PASS);
	}
	scene_settle(scene);
	CHECK_UINT(scene->bans + scene->silences, 0);
	CHECK_UINT(scene->events[GUARD_EVENT_BANNED], 1);
	CHECK_TRUE(scene->last[GUARD_EVENT_BANNED].observed);
	CHECK_UINT(guard_open(scene->guard, &(struct guard_opening){ .from = from }, &would, scene->now_us),
	           GUARD_PASS);
	CHECK_UINT(would, GUARD_SILENCED);
	const struct guard_try try = scene_try(from, "alice", 1);

	CHECK_UINT(guard_may_try(scene->guard, &try, &would, scene->now_us), GUARD_PASS);
	CHECK_UINT(would, GUARD_TRIES);
	scene_free(scene);
}

static void test_off_counts_nothing(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr from = scene_addr("192.0.2.7");
	(void)state;

	config.limits.mode = GUARD_OFF;
	struct scene *scene = scene_with(&config);

	offend(scene, from);
	for (uint32_t i = 0; i < 10000; i++) {
		CHECK_UINT(scene_open(scene, from), GUARD_PASS);
	}
	guard_on_mark(scene->guard, from, scene->now_us);
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, from), GUARD_CLASS_STRANGER);
	CHECK_UINT(scene->bans + scene->silences + scene->events[GUARD_EVENT_GUESSING], 0);
	scene_free(scene);
}

static void test_observing_takes_back_what_the_guard_did_but_not_the_operator(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	const struct guard_ban hand = { .base = scene_addr("198.51.100.9"), .bits = 32, .who = "root" };
	(void)state;

	CHECK_TEXT(guard_ban(scene->guard, &hand, 0, scene->now_us), NULL);
	offend(scene, from);
	CHECK_UINT(scene_open(scene, from), GUARD_BANNED);
	guard_set_mode(scene->guard, GUARD_OBSERVE, scene->now_us);
	scene_settle(scene);
	CHECK_UINT(scene->silences_over, 1);
	CHECK_TRUE(scene->ban.until_us <= scene->now_us);
	CHECK_UINT(scene_open(scene, from), GUARD_PASS);
	CHECK_UINT(scene_open(scene, scene_addr("198.51.100.9")), GUARD_BANNED);
	scene_free(scene);
}

/* Steps, holds and the network's count of that time are over; what is known of accounts stays. */
static void test_enforcing_begins_anew(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr from = scene_addr("192.0.2.7");
	const struct tg_addr nat = scene_addr("192.0.3.7");
	(void)state;

	config.limits.mode = GUARD_OBSERVE;
	struct scene *scene = scene_with(&config);

	CHECK_UINT(scene_succeed(scene, nat, "bob"), GUARD_PASS);
	for (uint32_t i = 0; i < 40; i++) {
		scene_fail(scene, from, "alice", i);
		scene_fail(scene, nat, "alice", i);
	}
	scene_settle(scene);
	guard_set_mode(scene->guard, GUARD_ENFORCE, scene->now_us);
	CHECK_UINT(scene_open(scene, from), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, from, "carol", 100), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, nat, "alice", 100), GUARD_PASS);
	CHECK_UINT(scene_class(scene, nat), GUARD_CLASS_KNOWN);
	scene_settle(scene);
	CHECK_UINT(scene->bans, 0);
	scene_free(scene);
}

static void test_the_mode_set_by_hand_stays_until_the_file_changes_it(void **state)
{
	struct scene *scene = scene_new();
	struct guard_limits limits = scene->config.limits;
	(void)state;

	guard_set_mode(scene->guard, GUARD_OBSERVE, scene->now_us);
	limits.new_dialogs_per_s = 7;
	guard_set_limits(scene->guard, &limits, scene->now_us);
	CHECK_UINT(guard_mode(scene->guard), GUARD_OBSERVE);
	limits.mode = GUARD_OFF;
	guard_set_limits(scene->guard, &limits, scene->now_us);
	CHECK_UINT(guard_mode(scene->guard), GUARD_OFF);
	limits.mode = GUARD_ENFORCE;
	guard_set_limits(scene->guard, &limits, scene->now_us);
	CHECK_UINT(guard_mode(scene->guard), GUARD_ENFORCE);
	scene_free(scene);
}

/* Openings at once from one address, one network, and all: the first that is held back, and why. */
static void test_budgets_of_openings(void **state)
{
	static const struct {
		bool known, spread;
		uint32_t passes;
		enum guard_why why;
	} rows[] = {
		{ false, false, 20, GUARD_RATE },
		{ true, false, 500, GUARD_RATE },
		{ false, true, 200, GUARD_RATE_NETWORK },
		{ true, true, 5000, GUARD_RATE_NETWORK },
	};
	(void)state;

	for (size_t r = 0; r < TG_COUNT(rows); r++) {
		struct scene *scene = scene_new();
		enum guard_why why = GUARD_PASS;
		uint32_t passes = 0;

		if (rows[r].known) {
			scene_succeed(scene, scene_addr("192.0.2.250"), "alice");
		}
		for (uint32_t i = 0; why == GUARD_PASS; i++) {
			const uint8_t ip[4] = { 192, 0, 2, (uint8_t)(rows[r].spread ? i % 200 : 1) };

			why = scene_open(scene, tg_addr_ipv4(ip, 4569));
			passes += why == GUARD_PASS;
		}
		CHECK_UINT(passes, rows[r].passes);
		CHECK_UINT(why, rows[r].why);
		scene_free(scene);
	}
}

static void test_strangers_together_and_suspects_last(void **state)
{
	struct scene *scene = scene_new();
	struct guard_opening opening = { .suspect = true };
	uint32_t n = 0, passes = 0;
	(void)state;

	for (; n < 3000; n++) {
		opening.from = scene_far(n);
		passes += guard_open(scene->guard, &opening, NULL, scene->now_us) == GUARD_PASS;
	}
	CHECK_UINT(passes, 1000); /* half of the budget is not for them */
	for (; n < 6000; n++) {
		passes += scene_open(scene, scene_far(n)) == GUARD_PASS;
	}
	CHECK_UINT(passes, 2000);
	CHECK_UINT(scene_open(scene, scene_far(n)), GUARD_RATE_STRANGERS);
	scene_succeed(scene, scene_addr("192.0.2.7"), "alice");
	CHECK_UINT(scene_open(scene, scene_addr("192.0.2.9")), GUARD_PASS); /* known ones are not among them */
	scene_free(scene);
}

static void test_delay_takes_one_in_four_and_who_repeats_gets_through(void **state)
{
	enum { KEYS = 20 };
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	struct guard_opening opening = { .from = from };
	bool through[KEYS] = { false };
	uint32_t taken = 0;
	(void)state;

	for (uint32_t i = 0; i < 3; i++) {
		scene_fail(scene, from, "alice", i);
	}
	for (opening.key = 0; opening.key < 400; opening.key++) {
		const bool first = guard_open(scene->guard, &opening, NULL, scene->now_us) != GUARD_DELAYED;

		taken += first;
		/* Repeated within the slot, it is decided alike. */
		CHECK_TRUE((guard_open(scene->guard, &opening, NULL, scene->now_us) != GUARD_DELAYED) == first);
	}
	CHECK_TRUE(taken > 60 && taken < 140);
	for (int slot = 0; slot < 40; slot++) {
		scene_pass(scene, SECONDS(2));
		for (opening.key = 0; opening.key < KEYS; opening.key++) {
			through[opening.key] |= guard_open(scene->guard, &opening, NULL, scene->now_us) == GUARD_PASS;
		}
	}
	for (int key = 0; key < KEYS; key++) {
		CHECK_TRUE(through[key]);
	}
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_observe_changes_nothing_and_tells_what_it_would),
		cmocka_unit_test(test_off_counts_nothing),
		cmocka_unit_test(test_observing_takes_back_what_the_guard_did_but_not_the_operator),
		cmocka_unit_test(test_enforcing_begins_anew),
		cmocka_unit_test(test_the_mode_set_by_hand_stays_until_the_file_changes_it),
		cmocka_unit_test(test_budgets_of_openings),
		cmocka_unit_test(test_strangers_together_and_suspects_last),
		cmocka_unit_test(test_delay_takes_one_in_four_and_who_repeats_gets_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
