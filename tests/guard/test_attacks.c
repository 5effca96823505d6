/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

/* Whole attacks, and what becomes of attackers and customers. Time is virtual. */

static struct guard_config large(void)
{
	struct guard_config config = scene_config();

	config.sources_max = 65536;
	config.accounts_max = 8192;
	config.events_max = 8192;
	return config;
}

/* A dialog as a proven sender has it: an opening and, if that is taken, a wrong answer. */
static bool guess(struct scene *scene, struct tg_addr from, const char *account, uint64_t answer)
{
	return scene_open(scene, from) == GUARD_PASS && scene_fail(scene, from, account, answer) == GUARD_PASS;
}

/* AC3: 20,000 a second from 50 proven sources. */
static void test_fifty_flooding_sources_are_banned_in_two_seconds(void **state)
{
	const struct guard_config config = large();
	struct scene *scene = scene_with(&config);
	const struct tg_addr home = scene_addr("192.0.2.7");
	uint32_t customer = 0, judged = 0;
	(void)state;

	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	for (uint32_t i = 0; i < 2 * 20000; i++) {
		judged += guess(scene, scene_far(i % 50), "bob", i);
		scene->now_us += 50;
		if (i % 2000 == 0) { /* ten calls a second */
			CHECK_UINT(scene_open(scene, home), GUARD_PASS);
			CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
			customer++;
		}
		if (i % 20 == 0) {
			scene_pass(scene, 0);
		}
	}
	scene_settle(scene);
	CHECK_UINT(customer, 20);
	CHECK_TRUE(judged <= 50 * 10);
	CHECK_UINT(scene->bans_kernel + scene->silences, scene->bans_kernel + 50);
	for (uint32_t i = 0; i < 50; i++) {
		CHECK_TRUE(scene_class(scene, scene_far(i)) >= GUARD_CLASS_SUSPECT);
		CHECK_TRUE(scene_open(scene, scene_far(i)) >= GUARD_SILENCED);
	}
	scene_free(scene);
}

/* The same with all their requests under way at once, as a tool with many threads has them. */
static void test_fifty_sources_with_parallel_guesses_are_in_the_kernel(void **state)
{
	const struct guard_config config = large();
	struct scene *scene = scene_with(&config);
	(void)state;

	for (uint32_t s = 0; s < 50; s++) {
		uint32_t opened = 0, judged = 0;

		for (uint32_t i = 0; i < 400; i++) {
			opened += scene_open(scene, scene_far(s)) == GUARD_PASS;
		}
		CHECK_UINT(opened, 20);
		for (uint32_t i = 0; i < opened; i++) {
			judged += scene_fail(scene, scene_far(s), "bob", s * 100 + i) == GUARD_PASS;
		}
		CHECK_TRUE(judged <= 10);
		scene_pass(scene, SECONDS(1) / 50);
	}
	scene_pass(scene, SECONDS(1));
	CHECK_UINT(scene->bans_kernel, 50);
	scene_settle(scene);
	scene_free(scene);
}

/* AC4: whatever the pace, a guesser has no more than ten guesses judged before it is silenced. */
static void test_a_guesser_has_ten_guesses(void **state)
{
	static const uint32_t paces_ms[] = { 1, 50, 250, 1000, 5000 };
	(void)state;

	for (size_t p = 0; p < TG_COUNT(paces_ms); p++) {
		struct scene *scene = scene_new();
		uint32_t judged = 0;

		for (uint32_t i = 0; i < 120000 / paces_ms[p] && i < 20000; i++) {
			judged += guess(scene, scene_addr("203.0.113.9"), "alice", i);
			scene_pass(scene, (uint64_t)paces_ms[p] * 1000);
		}
		CHECK_TRUE(judged >= 6 && judged <= 10);
		CHECK_UINT(scene->events[GUARD_EVENT_GUESSING], 1);
		scene_free(scene);
	}
}

/* AC5: 2,000 sources, two guesses each, at one account; its owner calls every 10 s. */
static void test_many_sources_at_one_account(void **state)
{
	const struct guard_config config = large();
	struct scene *scene = scene_with(&config);
	const struct tg_addr home = scene_addr("192.0.2.7");
	uint32_t judged = 0, at_alarm = 0;
	(void)state;

	scene_succeed(scene, home, "alice");
	for (uint32_t i = 0; i < 4000; i++) {
		judged += guess(scene, scene_far(i % 2000), "alice", i);
		scene_pass(scene, SECONDS(1) / 10);
		if (at_alarm == 0 && scene->events[GUARD_EVENT_UNDER_ATTACK] == 1) {
			at_alarm = i + 1;
		}
		if (i % 100 == 0) {
			CHECK_UINT(scene_open(scene, home), GUARD_PASS);
			CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
		}
	}
	scene_settle(scene);
	CHECK_TRUE(at_alarm > 0 && at_alarm <= 20);
	CHECK_TRUE(judged <= 20);
	CHECK_UINT(scene->bans + scene->silences, 0);
	scene_free(scene);
}

/* AC6: one guess an hour for 60 days, and beside it a telephone with an old secret, every minute. */
static void test_a_slow_guesser_and_a_stale_telephone(void **state)
{
	struct scene *scene = scene_new();
	uint32_t at_alarm = 0, judged = 0;
	(void)state;

	for (uint32_t hour = 0; hour < 60 * 24; hour++) {
		judged += guess(scene, scene_far(hour % 3), "alice", 1000 + hour);
		for (uint32_t minute = 0; minute < 60; minute++) {
			guess(scene, scene_addr("198.51.100.4"), "bob", 7);
			scene_pass(scene, MINUTES(1));
		}
		if (at_alarm == 0 && scene->events[GUARD_EVENT_UNDER_ATTACK] != 0) {
			CHECK_TEXT(scene->last[GUARD_EVENT_UNDER_ATTACK].account, "alice");
			at_alarm = hour + 1;
		}
	}
	scene_settle(scene);
	CHECK_UINT(at_alarm, 50);
	/* A day in which its networks are held back, and then as long as ten guesses of one of them take. */
	CHECK_TRUE(scene->events[GUARD_EVENT_UNDER_ATTACK] >= 20 && scene->events[GUARD_EVENT_UNDER_ATTACK] <= 30);
	CHECK_TRUE(judged <= 50 + 58 * 24 * 3 / 5);
	CHECK_UINT(scene->events[GUARD_EVENT_STALE], 1);
	CHECK_UINT(scene->events[GUARD_EVENT_DELAYED] + scene->events[GUARD_EVENT_SILENCED] +
	                   scene->events[GUARD_EVENT_BANNED],
	           0);
	CHECK_UINT(scene_succeed(scene, scene_addr("198.51.100.4"), "bob"), GUARD_PASS);
	scene_free(scene);
}

/* AC8: 5,000 telephones behind 10 addresses, known from yesterday, come back within 5 s; who gets no answer repeats. */
static void test_an_office_comes_back(void **state)
{
	enum { PHONES = 5000, NATS = 10 };
	const struct guard_config config = large();
	struct scene *scene = scene_with(&config);
	static uint8_t done[PHONES];
	uint32_t in = 0;
	(void)state;

	memset(done, 0, sizeof(done));
	for (uint32_t i = 0; i < NATS; i++) {
		guard_restore_network(scene->guard, tg_span_text("first"), scene_far(i), scene->now_us);
	}
	for (uint32_t s = 0; s < 60 && in < PHONES; s++) {
		for (uint32_t i = 0; i < PHONES && i < (s + 1) * PHONES / 5; i++) {
			struct tg_addr from = scene_far(i % NATS);
			char name[16] = "";

			if (done[i] != 0) {
				continue;
			}
			from.port = (uint16_t)(20000 + i); /* after a restart of the router: all ports are new */
			snprintf(name, sizeof(name), "phone%u", i);
			if (scene_open(scene, from) == GUARD_PASS) {
				CHECK_UINT(scene_succeed(scene, from, name), GUARD_PASS);
				done[i] = 1;
				in++;
			}
		}
		scene_pass(scene, SECONDS(1));
	}
	scene_settle(scene);
	CHECK_UINT(in, PHONES);
	CHECK_UINT(scene->bans + scene->silences + scene->events[GUARD_EVENT_DELAYED], 0);
	scene_free(scene);
}

/* AC9: 16 proven sources open all they can; somebody new calls from elsewhere. */
static void test_sixteen_greedy_sources_leave_room(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	for (uint32_t i = 0; i < 50000; i++) {
		scene_open(scene, scene_far(i % 16));
		scene->now_us += 100;
		if (i % 1000 == 0) {
			CHECK_UINT(scene_open(scene, scene_far(5000 + i)), GUARD_PASS);
		}
	}
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fifty_flooding_sources_are_banned_in_two_seconds),
		cmocka_unit_test(test_fifty_sources_with_parallel_guesses_are_in_the_kernel),
		cmocka_unit_test(test_a_guesser_has_ten_guesses),
		cmocka_unit_test(test_many_sources_at_one_account),
		cmocka_unit_test(test_a_slow_guesser_and_a_stale_telephone),
		cmocka_unit_test(test_an_office_comes_back),
		cmocka_unit_test(test_sixteen_greedy_sources_leave_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
