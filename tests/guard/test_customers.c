/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

/*
 * Each limit can be turned against a customer in two ways: by packets that forge his address (never proven), and by somebody who
 * shares his address. One row a limit says how it is attacked; after either, the customer still calls.
 */

static const char *const customer = "alice";

static struct tg_addr home(void)
{
	return scene_addr("192.0.2.7");
}

/* The attacker behind the same address has ports of his own: nobody proves a port he does not have. */
static struct tg_addr neighbour(uint32_t n)
{
	struct tg_addr addr = home();

	addr.port = (uint16_t)(30000 + n % 20000);
	return addr;
}

static void try_as(struct scene *scene, struct tg_addr from, const char *account, uint64_t answer, bool proven,
                   bool decoy)
{
	struct guard_try try = scene_try(from, account, answer);

	try.proven = proven;
	try.decoy = decoy;
	(void)guard_may_try(scene->guard, &try, NULL, scene->now_us);
	guard_on_failure(scene->guard, &try, scene->now_us);
}

static void openings(struct scene *scene, uint32_t i, bool proven)
{
	if (proven) { /* who did not prove his address does not come as far as an opening */
		for (int n = 0; n < 20; n++) {
			scene_open(scene, neighbour(i + n));
		}
	}
}

static void openings_of_the_network(struct scene *scene, uint32_t i, bool proven)
{
	const uint8_t ip[4] = { 192, 0, 2, (uint8_t)(8 + i % 200) };

	for (int n = 0; n < 20 && proven; n++) {
		scene_open(scene, tg_addr_ipv4(ip, 4569));
	}
}

static void openings_of_strangers(struct scene *scene, uint32_t i, bool proven)
{
	for (uint32_t n = 0; n < 20 && proven; n++) {
		scene_open(scene, scene_far(i * 20 + n));
	}
}

static void answers_for_him(struct scene *scene, uint32_t i, bool proven)
{
	try_as(scene, neighbour(i), customer, i, proven, false);
}

static void answers_for_others(struct scene *scene, uint32_t i, bool proven)
{
	try_as(scene, neighbour(i), "bob", i, proven, false);
}

static void the_same_answer(struct scene *scene, uint32_t i, bool proven)
{
	try_as(scene, neighbour(i), customer, 77, proven, false);
}

static void many_names(struct scene *scene, uint32_t i, bool proven)
{
	char name[16] = "";

	snprintf(name, sizeof(name), "name%u", i);
	try_as(scene, neighbour(i), name, i, proven, false);
}

static void decoys(struct scene *scene, uint32_t i, bool proven)
{
	try_as(scene, neighbour(i), "admin", i, proven, true);
}

static void many_networks(struct scene *scene, uint32_t i, bool proven)
{
	try_as(scene, scene_far(i), customer, i, proven, false);
	try_as(scene, neighbour(i), customer, i, proven, false);
}

static void sprayed_names(struct scene *scene, uint32_t i, bool proven)
{
	char name[16] = "";
	struct guard_try try = scene_try(scene_far(i / 2), name, i);

	snprintf(name, sizeof(name), "name%u", i % 100);
	try.account = tg_span_text(i % 10 == 0 ? customer : name);
	try.weak = true;
	try.proven = proven;
	guard_on_failure(scene->guard, &try, scene->now_us);
}

typedef void (*attack)(struct scene *scene, uint32_t i, bool proven);

/* A thousand steps of an attack within ten seconds, and then the customer: same port, right secret. */
static void attacked(attack step, bool proven)
{
	struct scene *scene = scene_new();
	(void)scene_succeed(scene, home(), customer);
	scene_pass(scene, DAYS(1) - HOURS(1));
	(void)scene_succeed(scene, home(), customer); /* he registers */

	for (uint32_t i = 0; i < 1000; i++) {
		step(scene, i, proven);
		scene->now_us += 10000;
		if (i % 100 == 0) {
			scene_settle(scene);
			CHECK_TRUE(scene_class(scene, home()) == GUARD_CLASS_KNOWN);
			CHECK_UINT(scene_open(scene, home()), GUARD_PASS);
			struct guard_try try = scene_try(home(), customer, 1);

			try.weak = true;
			CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us), GUARD_PASS);
		}
	}
	scene_settle(scene);
	CHECK_UINT(scene_open(scene, home()), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, home(), customer), GUARD_PASS);
	CHECK_UINT(scene->events[GUARD_EVENT_BANNED] + scene->events[GUARD_EVENT_SILENCED], 0);
	if (!proven) {
		for (int kind = 0; kind < GUARD_EVENT_KINDS; kind++) {
			/* An account may be said to be under attack; an address is blamed for nothing. */
			CHECK_UINT(scene->events[kind], kind == GUARD_EVENT_UNDER_ATTACK ? scene->events[kind] : 0);
			CHECK_UINT(scene->last[kind].base.family, TG_NO_ADDR);
		}
		CHECK_UINT(scene_succeed(scene, scene_addr("198.51.100.77"), customer), GUARD_PASS);
	}
	scene_free(scene);
}

#define LIMIT(limit, step)                                                           \
	static void test_##limit##_cannot_be_turned_against_a_customer(void **state) \
	{                                                                            \
		(void)state;                                                         \
		attacked(step, false);                                               \
		attacked(step, true);                                                \
	}

LIMIT(openings_of_a_source, openings)
LIMIT(openings_of_a_network, openings_of_the_network)
LIMIT(openings_of_strangers, openings_of_strangers)
LIMIT(wrong_answers_for_an_account, answers_for_him)
LIMIT(wrong_answers_of_a_source, answers_for_others)
LIMIT(stale_answers, the_same_answer)
LIMIT(names_of_a_source, many_names)
LIMIT(decoys, decoys)
LIMIT(guarded_accounts, many_networks)
LIMIT(spray, sprayed_names)

/* Without a success today, his network is known still: nobody behind it gets more done than a delay, and he repeats. */
static void test_bans_cannot_be_turned_against_a_customer(void **state)
{
	static const attack steps[] = { answers_for_him, answers_for_others, many_names, decoys };
	(void)state;

	for (size_t s = 0; s < TG_COUNT(steps); s++) {
		struct scene *scene = scene_new();

		(void)scene_succeed(scene, home(), customer);
		scene_pass(scene, DAYS(20));
		for (uint32_t i = 0; i < 1000; i++) {
			steps[s](scene, i, true);
			scene->now_us += 1000;
		}
		scene_settle(scene);
		CHECK_UINT(scene->bans + scene->silences, 0);
		CHECK_TRUE(scene_open_patiently(scene, home(), 40));
		CHECK_UINT(scene_succeed(scene, home(), customer), GUARD_PASS);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_openings_of_a_source_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_openings_of_a_network_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_openings_of_strangers_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_wrong_answers_for_an_account_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_wrong_answers_of_a_source_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_stale_answers_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_names_of_a_source_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_decoys_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_guarded_accounts_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_spray_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_bans_cannot_be_turned_against_a_customer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
