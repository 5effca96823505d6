/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

/* What one account may fill of the tables, and who guesses beside its owner. */

static struct tg_addr in_48(uint32_t n)
{
	const uint8_t ip[16] = { 0x20, 1, 0xd, 0xb8, 0, 7, (uint8_t)(n >> 8), (uint8_t)n, 0, 0, 0, 0, 0, 0, 0, 1 };

	return tg_addr_ipv6(ip, 4569);
}

static uint32_t healthy_sources(struct scene *scene)
{
	struct guard_source_row row;
	uint32_t cursor = 0, count = 0;

	while (guard_source_row(scene->guard, &cursor, scene->now_us, &row)) {
		count += row.healthy;
	}
	return count;
}

static void test_one_account_fills_no_table(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	config.sources_max = 256;
	struct scene *scene = scene_with(&config);

	CHECK_UINT(scene_succeed(scene, home, "carol"), GUARD_PASS);
	for (uint32_t i = 0; i < 1000; i++) {
		CHECK_UINT(scene_succeed(scene, in_48(i), "mallory"), GUARD_PASS);
		scene->now_us += 1000;
	}
	scene_settle(scene);
	CHECK_TRUE(healthy_sources(scene) <= 8 + 1);
	for (uint32_t i = 0; i < 20; i++) {
		CHECK_UINT(scene_succeed(scene, scene_far(i), "bob"), GUARD_PASS);
	}
	CHECK_UINT(scene_fail(scene, scene_far(99), "bob", 1), GUARD_PASS);
	CHECK_UINT(scene_class(scene, home), GUARD_CLASS_KNOWN);
	scene_settle(scene);
	scene_free(scene);
}

/* Rows of healthy sources of many accounts fill all of it: still somebody goes. */
static void test_no_row_keeps_its_place_for_ever(void **state)
{
	struct guard_config config = scene_config();
	char name[16] = "";
	(void)state;

	config.sources_max = 64;
	struct scene *scene = scene_with(&config);

	for (uint32_t i = 0; i < 400; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		CHECK_UINT(scene_succeed(scene, scene_far(i), name), GUARD_PASS);
	}
	CHECK_UINT(scene_succeed(scene, scene_far(9999), "bob"), GUARD_PASS);
	for (uint32_t i = 0; i < 40; i++) {
		scene_fail(scene, scene_far(9998), "bob", i);
	}
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, scene_far(9998)), GUARD_CLASS_BANNED);
	scene_free(scene);
}

/* Where an account is at home: the very address and port, of this account, for as long as the network is known. */
static void test_a_home_is_one_address_and_port(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7"), host = scene_addr("192.0.2.8");
	const struct tg_span alice = TG_SPAN_LIT("alice"), bob = TG_SPAN_LIT("bob");
	struct tg_addr port = home;
	(void)state;

	port.port++;
	CHECK_FALSE(guard_is_home(scene->guard, alice, home, scene->now_us));
	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, host, "alice", 1), GUARD_PASS);
	CHECK_TRUE(guard_is_home(scene->guard, alice, home, scene->now_us));
	CHECK_FALSE(guard_is_home(scene->guard, alice, port, scene->now_us));
	CHECK_FALSE(guard_is_home(scene->guard, alice, host, scene->now_us));
	CHECK_FALSE(guard_is_home(scene->guard, bob, home, scene->now_us));
	scene_pass(scene, DAYS(31));
	CHECK_FALSE(guard_is_home(scene->guard, alice, home, scene->now_us));
	scene_free(scene);
}

/* Nor do sources of accounts, when each of many has all it may. */
static void test_no_pair_keeps_its_place_for_ever(void **state)
{
	struct guard_config config = scene_config();
	char name[16] = "";
	(void)state;

	config.sources_max = 16;
	config.accounts_max = 64;
	struct scene *scene = scene_with(&config);

	for (uint32_t i = 0; i < 40 * 8; i++) {
		snprintf(name, sizeof(name), "m%u", i % 40);
		CHECK_UINT(scene_succeed(scene, scene_far(i), name), GUARD_PASS);
	}
	for (uint32_t i = 0; i < 10; i++) {
		scene_fail(scene, scene_far(9998), "bob", 7);
	}
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_STALE], 1);
	scene_free(scene);
}

static void test_an_account_knows_so_many_networks(void **state)
{
	struct scene *scene = scene_new();
	uint32_t known = 0;
	(void)state;

	CHECK_UINT(scene_succeed(scene, scene_far(3), "carol"), GUARD_PASS);
	for (uint32_t i = 0; i < 40; i++) {
		CHECK_UINT(scene_succeed(scene, scene_far(i), "mallory"), GUARD_PASS);
		scene_pass(scene, SECONDS(1));
	}
	for (uint32_t i = 0; i < 40; i++) {
		known += scene_class(scene, scene_far(i)) == GUARD_CLASS_KNOWN;
	}
	CHECK_UINT(known, GUARD_NETWORKS + 1);
	CHECK_UINT(scene_class(scene, scene_far(3)), GUARD_CLASS_KNOWN); /* carol's still */
	CHECK_UINT(scene_class(scene, scene_far(4)), GUARD_CLASS_STRANGER);
	scene_settle(scene);
	scene_free(scene);
}

/* Eight networks in one day: the one not seen for longest goes, which is not the home that is used all the time. */
static void test_places_cannot_be_turned_against_a_customer(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	for (uint32_t i = 0; i < 60; i++) {
		CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
		scene_pass(scene, SECONDS(60));
		CHECK_UINT(scene_succeed(scene, scene_far(i), "alice"), GUARD_PASS);
		scene_pass(scene, SECONDS(60));
		CHECK_UINT(scene_class(scene, home), GUARD_CLASS_KNOWN);
	}
	for (uint32_t i = 0; i < 400; i++) { /* and his place in the table stays his */
		CHECK_UINT(scene_fail(scene, home, "alice", i), GUARD_PASS);
	}
	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	scene_free(scene);
}

/* A name that is there for calls alone is asked for a registration, and the other way round. */
static void test_an_account_stays_one_until_the_reload(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr home = scene_addr("192.0.2.7");
	char name[16] = "";
	(void)state;

	config.accounts_max = 64;
	struct scene *scene = scene_with(&config);
	struct guard_try try = scene_try(scene_addr("203.0.113.5"), "alice", 7);

	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	try.exists = false;
	guard_on_failure(scene->guard, &try, scene->now_us);
	for (uint32_t i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		try = scene_try(scene_far(i), name, i);
		try.exists = false;
		guard_on_failure(scene->guard, &try, scene->now_us);
	}
	scene_settle(scene);
	for (uint32_t i = 0; i < 30; i++) {
		CHECK_UINT(scene_fail(scene, home, "alice", i), GUARD_PASS);
	}
	scene_free(scene);
}

static void test_a_wrong_clock_forgets_no_networks(void **state)
{
	struct guard_config config = scene_config();
	struct scene *before = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	(void)state;

	scene_succeed(before, home, "alice");
	scene_pass(before, SECONDS(11));
	config.wall_us = DAYS(1); /* no battery: 1970 */
	struct scene *scene = scene_with(&config);

	guard_restore_account(scene->guard, &before->account, scene->now_us);
	CHECK_UINT(scene_class(scene, home), GUARD_CLASS_KNOWN);
	CHECK_UINT(scene_succeed(scene, home, "bob"), GUARD_PASS);
	CHECK_UINT(scene_fail(scene, home, "alice", 1), GUARD_PASS);
	scene_settle(scene);
	scene_free(before);
	scene_free(scene);
}

/* ---- Guessing beside the owner ------------------------------------------------------------------------------------ */

/* An hour of guesses out of alice's own network, as fast as it may open dialogs. */
static uint32_t guess_for_an_hour(struct scene *scene, struct tg_addr from, uint32_t ports)
{
	const uint64_t end_us = scene->now_us + HOURS(1);
	uint32_t judged = 0;

	for (uint32_t i = 0; scene->now_us < end_us; i++) {
		from.port = (uint16_t)(20000 + i % ports);
		if (scene_open(scene, from) == GUARD_PASS) {
			judged += scene_fail(scene, from, "alice", 100 + i) == GUARD_PASS;
		}
		scene->now_us += 20000;
		if (i % 50 == 0) {
			scene_pass(scene, 0);
		}
	}
	return judged;
}

static void test_guessing_in_the_own_network_is_slow(void **state)
{
	static const struct {
		const char *name, *attacker;
		uint32_t ports;
		bool shared;
	} rows[] = {
		{ "another host", "192.0.2.99", 1, false },
		{ "another host, all its ports", "192.0.2.99", 40000, false },
		{ "the same address", "192.0.2.7", 1, true },
		{ "the same address, all its ports", "192.0.2.7", 40000, true },
	};
	(void)state;

	for (size_t r = 0; r < TG_COUNT(rows); r++) {
		struct scene *scene = scene_new();
		const struct tg_addr home = scene_addr("192.0.2.7");

		CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
		if (rows[r].shared) {
			CHECK_UINT(scene_succeed(scene, home, "bob"), GUARD_PASS);
		}
		const uint32_t judged = guess_for_an_hour(scene, scene_addr(rows[r].attacker), rows[r].ports);

		if (judged >= 500) {
			print_error("%s: %u judged\n", rows[r].name, judged);
		}
		CHECK_TRUE(judged >= 20 && judged < 500);
		CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
		scene_free(scene);
	}
}

/* While somebody behind the same address guesses on: from his port at once, from a new one soon. */
static void test_slow_judging_cannot_be_turned_against_a_customer(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	struct tg_addr attacker = home, moved = home;
	uint32_t waited = 0;
	(void)state;

	attacker.port = 33333;
	moved.port = 44444;
	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, home, "bob"), GUARD_PASS);
	for (uint32_t i = 0; i < 3000; i++) {
		scene_fail(scene, attacker, "alice", 100 + i);
		scene->now_us += 20000;
		if (i % 100 == 99) {
			CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
		}
	}
	for (uint32_t i = 0; scene_succeed(scene, moved, "alice") != GUARD_PASS && waited < 100; i++, waited++) {
		for (uint32_t n = 0; n < 50; n++) {
			scene_fail(scene, attacker, "alice", 100000 + i * 100 + n);
			scene->now_us += 20000;
		}
	}
	CHECK_TRUE(waited <= 10);
	CHECK_UINT(scene_succeed(scene, moved, "alice"), GUARD_PASS);
	scene_free(scene);
}

/* ---- A telephone whose port is new, beside somebody who changes his ---------------------------------------------- */

struct beside {
	const char *what;
	uint32_t ports;   /* that he takes, one after the other or at random */
	uint32_t patient; /* of his tries in a minute, so many are from ports that come back each minute */
	bool at_random;
	uint32_t minutes; /* that she comes after he began */
	uint32_t tries;   /* of hers, one a minute, until she is in, at most */
};

static const struct beside besides[] = {
	{ "a few ports", 8, 0, false, 10, 1 },
	{ "as many as he has tries in a minute", 3000, 0, false, 10, 1 },
	{ "all ports, one after the other", 40000, 0, false, 10, 9 },
	{ "all ports, at random", 28000, 0, true, 30, 9 },
	{ "ten patient ports, and all others", 40000, 10, false, 30, 9 + 5 + 1 },
	{ "sixty patient ports, and all others", 40000, 60, false, 60, 9 + 30 + 1 },
	{ "as many patient ones as there are times in an hour", 40000, 118, false, 90, 9 + 59 + 1 },
};

/* As many tries a second as one known address may open. */
static uint32_t guess_for_a_minute(struct scene *scene, const struct beside *b, uint32_t *guesses)
{
	struct tg_addr from = scene_addr("192.0.2.7");
	uint32_t judged = 0, state = *guesses;

	for (uint32_t i = 0; i < 3000; i++, (*guesses)++) {
		state = state * 1664525 + 1013904223;
		from.port = (uint16_t)(20000 + (b->at_random ? state >> 8 : *guesses) % b->ports);
		from.port = i % 25 == 0 && i / 25 < b->patient ? (uint16_t)(1000 + i / 25) : from.port;
		judged += scene_fail(scene, from, "alice", 100 + *guesses) == GUARD_PASS;
		scene->now_us += 20000;
	}
	scene_pass(scene, 0);
	return judged;
}

static void test_a_new_port_is_let_in_beside_all_others(void **state)
{
	(void)state;
	for (size_t r = 0; r < TG_COUNT(besides); r++) {
		const struct beside *b = &besides[r];
		struct scene *scene = scene_new();
		uint32_t guesses = 0, judged = 0, minutes = 0, tries = 1;
		bool held = false, in = false;

		CHECK_UINT(scene_succeed(scene, scene_addr("192.0.2.7"), "alice"), GUARD_PASS);
		CHECK_UINT(scene_succeed(scene, scene_addr("192.0.2.7"), "bob"), GUARD_PASS);
		for (; minutes < b->minutes; minutes++) {
			judged += guess_for_a_minute(scene, b, &guesses);
		}
		for (; !in && tries <= b->tries; tries += !in) {
			struct guard_try try = scene_try(scene_addr("192.0.2.7"), "alice", 1);

			try.from.port = 15000;
			const bool passed = guard_may_try(scene->guard, &try, NULL, scene->now_us) == GUARD_PASS;

			in = passed && !held;
			held = !passed; /* what she said then is spent, and so is the next that is judged */
			if (!in) {
				guard_on_failure(scene->guard, &try, scene->now_us);
				judged += guess_for_a_minute(scene, b, &guesses);
				minutes++;
			}
		}
		print_message("# %s: in after %u tries; %u of %u guesses judged in %u minutes\n", b->what, tries,
		              judged, guesses, minutes);
		CHECK_TRUE(in);
		CHECK_TRUE(judged < 20 + 8 * (minutes + 1));
		scene_settle(scene);
		scene_free(scene);
	}
}

/* Who asks all the time is not in sooner than who comes back now and then. */
static void test_patience_is_time_and_not_tries(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	struct tg_addr attacker = home, hasty = home;
	uint32_t waited_s = 0;
	(void)state;

	attacker.port = 33333;
	hasty.port = 44444;
	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	for (uint32_t i = 0; i < 21; i++) { /* the last one takes the turn of new ports */
		CHECK_UINT(scene_fail(scene, attacker, "alice", 100 + i), GUARD_PASS);
	}
	while (waited_s < 300 && scene_fail(scene, hasty, "alice", 1000 + waited_s) != GUARD_PASS) {
		scene_pass(scene, SECONDS(1));
		waited_s++;
	}
	CHECK_TRUE(waited_s >= 7 * 15 && waited_s <= 8 * 15);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_account_fills_no_table),
		cmocka_unit_test(test_no_row_keeps_its_place_for_ever),
		cmocka_unit_test(test_a_home_is_one_address_and_port),
		cmocka_unit_test(test_no_pair_keeps_its_place_for_ever),
		cmocka_unit_test(test_an_account_knows_so_many_networks),
		cmocka_unit_test(test_places_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_an_account_stays_one_until_the_reload),
		cmocka_unit_test(test_a_wrong_clock_forgets_no_networks),
		cmocka_unit_test(test_guessing_in_the_own_network_is_slow),
		cmocka_unit_test(test_slow_judging_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_a_new_port_is_let_in_beside_all_others),
		cmocka_unit_test(test_patience_is_time_and_not_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
