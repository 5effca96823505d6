/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

/* Who has a whole network to guess from, or shares one with somebody who does. */

static struct tg_addr in_48(uint32_t n)
{
	const uint8_t ip[16] = { 0x20, 1, 0xd, 0xb8, 0, 7, (uint8_t)(n >> 8), (uint8_t)n, 0, 0, 0, 0, 0, 0, 0, 1 };

	return tg_addr_ipv6(ip, 4569);
}

static struct tg_addr in_24(uint32_t n)
{
	const uint8_t ip[4] = { 203, 0, 113, (uint8_t)(n % 200 + 1) };

	return tg_addr_ipv4(ip, 4569);
}

/*
 * Two guesses from each host and the next one, forty a second, at 500 names. The /48 has so many guesses as a whole. The hosts of the
 * /24 have theirs, until each is silenced, and a neighbour who never guessed notices nothing.
 */
static void test_one_network_has_so_many_guesses(void **state)
{
	(void)state;

	for (int six = 0; six < 2; six++) {
		struct guard_config config = scene_config();
		char name[16] = "";
		uint32_t judged = 0;

		config.sources_max = 16384;
		struct scene *scene = scene_with(&config);

		for (uint32_t i = 0; i < 10000; i++) {
			const struct tg_addr from = six != 0 ? in_48(i / 2) : in_24(i / 2);

			snprintf(name, sizeof(name), "n%u", i % 500);
			judged += scene_fail(scene, from, name, i) == GUARD_PASS;
			(void)scene_open(scene, from);
			scene->now_us += 25000;
			if (i % 40 == 0) {
				scene_pass(scene, 0);
			}
		}
		scene_settle(scene);
		CHECK_TRUE(judged >= 60 && judged <= (six != 0 ? 100 + 10 * 250 / 60 + 5 : 200 * 6));
		CHECK_UINT(scene->events[GUARD_EVENT_SPRAY], 1);
		if (six != 0) {
			CHECK_TRUE(scene->events[GUARD_EVENT_DELAYED] >= 1);
			CHECK_UINT(scene->last[GUARD_EVENT_SILENCED].bits, 48);
			CHECK_UINT(scene_open(scene, in_48(9999)), GUARD_SILENCED);
			CHECK_UINT(scene_class(scene, scene_addr("2001:db8:8::1")), GUARD_CLASS_STRANGER);
		} else {
			for (uint32_t i = 0; i < 20; i++) {
				CHECK_UINT(scene_open(scene, scene_addr("203.0.113.250")), GUARD_PASS);
			}
			CHECK_UINT(scene_succeed(scene, scene_addr("203.0.113.250"), "carol"), GUARD_PASS);
		}
		scene_pass(scene, MINUTES(11));
		CHECK_UINT(scene_open(scene, six != 0 ? in_48(9999) : scene_addr("203.0.113.250")), GUARD_PASS);
		scene_free(scene);
	}
}

/* A customer in the very network from which others guess: where it is known, nothing is delayed, and his tries count. */
static void test_networks_cannot_be_turned_against_a_customer(void **state)
{
	(void)state;

	for (int six = 0; six < 2; six++) {
		struct scene *scene = scene_new();
		const struct tg_addr home = six != 0 ? in_48(1) : in_24(1);

		CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
		for (uint32_t i = 0; i < 5000; i++) {
			scene_fail(scene, six != 0 ? in_48(2 + i) : in_24(2 + i), "bob", i);
			scene->now_us += 25000;
			if (i % 100 == 0) {
				scene_pass(scene, 0);
				CHECK_UINT(scene_open(scene, home), GUARD_PASS);
				CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
			}
		}
		scene_settle(scene);
		CHECK_UINT(scene_class(scene, home), GUARD_CLASS_KNOWN);
		CHECK_UINT(scene->last[GUARD_EVENT_SILENCED].bits == 48, false);
		scene_free(scene);
	}
}

static void test_fifty_accounts_from_one_network_are_a_spray(void **state)
{
	(void)state;

	for (uint32_t accounts = 49; accounts <= 50; accounts++) {
		struct scene *scene = scene_new();
		char name[16] = "";

		for (uint32_t i = 0; i < accounts; i++) {
			snprintf(name, sizeof(name), "n%u", i);
			scene_fail(scene, in_24(i), name, i);
		}
		scene_settle(scene);
		CHECK_UINT(scene->events[GUARD_EVENT_SPRAY], accounts - 49);
		scene_free(scene);
	}
}

/* A hundred telephones of one office have the secrets of yesterday. */
static void test_the_spray_of_one_network_cannot_be_turned_against_a_customer(void **state)
{
	struct scene *scene = scene_new();
	char name[16] = "";
	(void)state;

	for (uint32_t i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		CHECK_UINT(scene_succeed(scene, in_24(i % 5), name), GUARD_PASS);
	}
	for (uint32_t i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		CHECK_UINT(scene_fail(scene, in_24(i % 5), name, i), GUARD_PASS);
	}
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_SPRAY], 0);
	scene_free(scene);
}

/* ---- Behind a shared address ---------------------------------------------------------------------------------------- */

static uint32_t newcomer_refused(uint32_t names, uint32_t *judged)
{
	struct scene *scene = scene_new();
	const struct tg_addr nat = scene_addr("192.0.2.7");
	uint32_t refused = 0, turns = 0, n = 0;
	bool in = false;
	char name[16] = "";

	*judged = 0;
	CHECK_UINT(scene_succeed(scene, nat, "alice"), GUARD_PASS);
	for (uint32_t turn = 0; turn < 120; turn++) {
		for (uint32_t i = 0; i < 120; i++, n++) {
			snprintf(name, sizeof(name), "n%u", n % names);
			*judged += scene_fail(scene, nat, name, n) == GUARD_PASS;
			scene->now_us += 250000;
		}
		scene_pass(scene, 0);
		if (!in && turns < 1) {
			/* His first turn falls on a challenge that he answered while he was held back: it cannot count any more. */
			turns += scene_fail(scene, nat, "newcomer", 4711) == GUARD_PASS;
			refused++;
		} else if (!in) {
			in = scene_succeed(scene, nat, "newcomer") == GUARD_PASS;
			refused += !in;
		} else {
			CHECK_UINT(scene_succeed(scene, nat, "newcomer"), GUARD_PASS);
		}
		CHECK_UINT(scene_succeed(scene, nat, "alice"), GUARD_PASS);
	}
	scene_free(scene);
	return refused;
}

static void test_shared_budgets_cannot_be_turned_against_a_customer(void **state)
{
	static const uint32_t names[] = { 1, 5, 50, 1000000 };
	uint32_t judged;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		CHECK_TRUE(newcomer_refused(names[i], &judged) <= 4);
		CHECK_TRUE(judged <= 200);
	}
}

/* Who waits with each guess as a telephone does, gets so many judged. */
static void test_patient_guesses_are_few(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr nat = scene_addr("192.0.2.7");
	uint32_t judged = 0;
	char name[16] = "";
	(void)state;

	CHECK_UINT(scene_succeed(scene, nat, "alice"), GUARD_PASS);
	for (uint32_t s = 0; s < 3600; s++) {
		for (uint32_t i = 0; i < 20; i++) { /* 20 names, each again and again for a minute */
			snprintf(name, sizeof(name), "n%u", s / 60 * 20 + i);
			judged += scene_fail(scene, nat, name, s / 60 * 20 + i) == GUARD_PASS;
		}
		scene_pass(scene, SECONDS(1));
	}
	CHECK_TRUE(judged <= 60 + 10 + 35);
	scene_free(scene);
}

struct beside {
	const char *what;
	uint32_t at_first, a_minute; /* different wrong answers for the newcomer's name, beside those for others */
	uint32_t patient;            /* ports from which he comes back with it each minute, and says the same */
	uint32_t tries;              /* of the newcomer's, one a minute, until he is in, at most */
};

static const struct beside besides[] = {
	{ "who leaves the name alone", 0, 0, 0, 4 },
	{ "two wrong answers a day", 2, 0, 0, 10 },
	{ "so many that the pair is held back", 8, 2, 0, 10 },
	{ "ten patient ports", 2, 0, 10, 10 + 2 * 10 },
	{ "twenty patient ports, and many answers", 8, 2, 20, 10 + 2 * 20 },
};

static struct guard_try try_from(uint16_t port, const char *name, uint64_t answer)
{
	struct guard_try try = scene_try(scene_addr("192.0.2.7"), name, answer);

	try.from.port = port;
	return try;
}

static bool guess(struct scene *scene, uint16_t port, const char *name, uint64_t answer)
{
	const struct guard_try try = try_from(port, name, answer);
	const bool judged = guard_may_try(scene->guard, &try, NULL, scene->now_us) == GUARD_PASS;

	guard_on_failure(scene->guard, &try, scene->now_us);
	return judged;
}

/* A minute of the neighbour: other names use up the budget, and then there is the newcomer's. */
static uint32_t neighbours_minute(struct scene *scene, const struct beside *b, uint32_t minute)
{
	uint32_t judged = 0;
	char name[16] = "";

	for (uint32_t i = 0; i < 120; i++) {
		snprintf(name, sizeof(name), "n%u", minute * 1000 + i);
		(void)guess(scene, 30000, name, minute * 1000 + i);
		scene->now_us += 500000;
	}
	for (uint32_t i = 0; i < (minute == 0 ? b->at_first : b->a_minute); i++) {
		judged += guess(scene, 30000, "newcomer", 1000000 + minute * 100 + i);
	}
	for (uint32_t i = 0; i < b->patient; i++) {
		judged += guess(scene, (uint16_t)(31000 + i), "newcomer", 5000 + i);
	}
	scene_pass(scene, 0);
	return judged;
}

static void test_a_newcomer_is_heard_beside_guesses_at_his_name(void **state)
{
	(void)state;
	for (size_t r = 0; r < TG_COUNT(besides); r++) {
		struct scene *scene = scene_new();
		uint32_t judged = 0, minute = 0, tries = 0;
		bool held = false, in = false;

		CHECK_UINT(scene_succeed(scene, scene_addr("192.0.2.7"), "alice"), GUARD_PASS);
		for (; minute < 15; minute++) {
			judged += neighbours_minute(scene, &besides[r], minute);
		}
		while (!in && tries <= besides[r].tries) {
			const struct guard_try try = try_from(15000, "newcomer", 4711);
			const bool passed = guard_may_try(scene->guard, &try, NULL, scene->now_us) == GUARD_PASS;

			in = passed && !held;
			held = !passed; /* what he said then is spent, and so is the next that is judged */
			tries++;
			if (in) {
				guard_on_success(scene->guard, &try, scene->now_us);
			} else {
				guard_on_failure(scene->guard, &try, scene->now_us);
				judged += neighbours_minute(scene, &besides[r], minute++);
			}
		}
		print_message("# %s: in after %u tries; %u guesses judged in %u minutes\n", besides[r].what, tries,
		              judged, minute);
		CHECK_TRUE(in && tries <= besides[r].tries);
		CHECK_TRUE(judged <= 20 + 2 * minute);
		scene_settle(scene);
		scene_free(scene);
	}
}

/* Who asks again soon looks like a device with an old secret by then: his turns are his all the same. */
static void test_a_newcomer_may_be_in_a_hurry(void **state)
{
	enum { EVERY_S = 4 };
	struct scene *scene = scene_new();
	uint32_t tries = 0;
	bool held = false, in = false;
	char name[16] = "";
	(void)state;

	CHECK_UINT(scene_succeed(scene, scene_addr("192.0.2.7"), "alice"), GUARD_PASS);
	for (uint32_t i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		(void)guess(scene, 30000, name, i);
	}
	for (; !in && tries < 60 / EVERY_S; tries++) {
		const bool passed = guess(scene, 15000, "newcomer", 4711);

		in = passed && !held;
		held = !passed;
		scene_pass(scene, SECONDS(EVERY_S));
	}
	CHECK_TRUE(in);
	scene_free(scene);
}

/* A neighbour repeats one wrong answer for his name all the time: it looks stale, and what is judged of such ones goes to him. */
static void test_a_newcomer_is_heard_beside_an_old_secret(void **state)
{
	(void)state;
	for (int shared = 0; shared < 2; shared++) {
		struct scene *scene = scene_new();
		uint32_t tries = 0, judged = 0;
		bool held = false, in = false;

		if (shared) {
			CHECK_UINT(scene_succeed(scene, scene_addr("192.0.2.7"), "alice"), GUARD_PASS);
		}
		for (uint32_t s = 0; !in && s < 20 * 60; s++) {
			judged += guess(scene, 30000, "newcomer", 7);
			if (s >= 5 * 60 && s % 60 == 30) {
				const bool passed = guess(scene, 15000, "newcomer", 4711);

				in = passed && !held;
				held = !passed;
				tries++;
			}
			scene_pass(scene, SECONDS(1));
		}
		print_message("# in after %u tries, %u judged\n", tries, judged);
		CHECK_TRUE(in && tries <= 10);
		CHECK_TRUE(judged <= 5 + 20);
		scene_free(scene);
	}
}

/* Nor does waiting pay: what is judged so counts against the account's limit for one network, and is little an hour. */
static void test_patient_guesses_at_one_name_are_few(void **state)
{
	struct scene *scene = scene_new();
	uint32_t judged = 0, in_an_hour = 0;
	(void)state;

	CHECK_UINT(scene_succeed(scene, scene_addr("192.0.2.7"), "alice"), GUARD_PASS);
	for (uint32_t s = 0; s < 12 * 3600; s += 20) {
		for (uint32_t i = 0; i < 60; i++) {
			judged += guess(scene, (uint16_t)(31000 + i), "bob", s * 100 + i);
		}
		in_an_hour = s < 3600 ? judged : in_an_hour;
		scene_pass(scene, SECONDS(20));
	}
	print_message("# %u judged in the first hour, %u in twelve\n", in_an_hour, judged);
	CHECK_TRUE(in_an_hour <= 60 + 6 * 7);
	CHECK_TRUE(judged <= 60 + 6 * 7);
	const struct guard_try try = try_from(15000, "bob", 1);

	CHECK_TRUE(guard_may_try(scene->guard, &try, NULL, scene->now_us) != GUARD_PASS);
	scene_free(scene);
}

/* ---- All strangers ------------------------------------------------------------------------------------------------- */

/* A machine with fifty networks of 48 bits uses up what there is for strangers. */
static void test_strangers_cannot_be_turned_against_a_customer(void **state)
{
	struct guard_config config = scene_config();
	uint32_t refused = 0, taken = 0;
	(void)state;

	config.sources_max = 16384;
	struct scene *scene = scene_with(&config);

	for (uint32_t ms = 0; ms < 20000; ms++) {
		for (uint32_t i = 0; i < 4; i++) {
			const uint32_t n = (ms * 4 + i) % 50;
			const uint8_t ip[16] = { 0x20, 1, 0xd, 0xb8, 0, (uint8_t)n, (uint8_t)(ms >> 8), (uint8_t)ms };

			taken += scene_open(scene, tg_addr_ipv6(ip, 4569)) == GUARD_PASS;
		}
		if (ms >= 10000 && ms % 100 == 0) {
			refused += scene_open(scene, scene_far(ms)) != GUARD_PASS;
		}
		scene->now_us += 1000;
	}
	CHECK_TRUE(taken > 10000);
	CHECK_TRUE(refused <= 2);
	scene_free(scene);
}

/* Besiegers in 64 networks of 16 bits, each of their hosts within its own limit, and five newcomers a second from another network. */
static void test_newcomers_have_an_even_part_beside_a_siege(void **state)
{
	enum { ROUNDS = 400, STEP_US = 20 * TG_US_PER_MS, A_STEP = 640 };
	struct guard_config config = guard_config_default();
	struct scene *scene;
	uint32_t asked = 0, in = 0, host = 0;

	(void)state;
	memset(config.seed, 7, sizeof(config.seed));
	scene = scene_with(&config);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < A_STEP; i++, host++) {
			const uint8_t ip[4] = { 20, (uint8_t)(64 + host % 64), (uint8_t)(host / 64),
				                (uint8_t)(host / 16384 % 4) };

			scene_open(scene, tg_addr_ipv4(ip, 4569));
		}
		if (round % 10 == 0 && round * STEP_US >= SECONDS(2)) { /* after two seconds */
			const uint8_t ip[4] = { 20, 10, (uint8_t)round, (uint8_t)(round >> 8) };

			asked++;
			in += scene_open(scene, tg_addr_ipv4(ip, 4569)) == GUARD_PASS;
		}
		scene_pass(scene, STEP_US);
	}
	print_message("# %u of %u newcomers at their first try\n", in, asked);
	CHECK_UINT(asked, 30);
	CHECK_TRUE(in >= 27);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_network_has_so_many_guesses),
		cmocka_unit_test(test_networks_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_fifty_accounts_from_one_network_are_a_spray),
		cmocka_unit_test(test_the_spray_of_one_network_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_shared_budgets_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_patient_guesses_are_few),
		cmocka_unit_test(test_a_newcomer_is_heard_beside_guesses_at_his_name),
		cmocka_unit_test(test_a_newcomer_may_be_in_a_hurry),
		cmocka_unit_test(test_a_newcomer_is_heard_beside_an_old_secret),
		cmocka_unit_test(test_patient_guesses_at_one_name_are_few),
		cmocka_unit_test(test_strangers_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_newcomers_have_an_even_part_beside_a_siege),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
