/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

/* Everything in any order, in tables much too small: all indexes, lists and counts hold after every step. */

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *dice, uint32_t bound)
{
	dice->state = dice->state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((dice->state >> 33) % bound);
}

static struct tg_addr some_addr(struct dice *dice)
{
	if (roll(dice, 3) == 0) {
		const uint8_t ip[16] = {
			0x20, 1, 0xd, 0xb8, 0, (uint8_t)roll(dice, 2), (uint8_t)roll(dice, 10), (uint8_t)roll(dice, 6)
		};

		return tg_addr_ipv6(ip, 4569);
	}
	const uint8_t ip[4] = { 10, 0, (uint8_t)roll(dice, 6), (uint8_t)roll(dice, 10) };

	return tg_addr_ipv4(ip, (uint16_t)(4569 + roll(dice, 3)));
}

static void some_try(struct scene *scene, struct dice *dice)
{
	char name[8] = "";
	struct guard_try try = scene_try(some_addr(dice), name, roll(dice, 40));

	snprintf(name, sizeof(name), "n%u", roll(dice, 30));
	try.account = tg_span_text(name);
	try.exists = roll(dice, 2) == 0;
	try.roaming = roll(dice, 4) == 0;
	try.weak = roll(dice, 4) == 0;
	try.decoy = roll(dice, 30) == 0;
	try.proven = roll(dice, 5) != 0;
	try.declared = !try.proven && roll(dice, 2) == 0;
	const enum guard_why why = guard_may_try(scene->guard, &try, NULL, scene->now_us);

	if (why == GUARD_PASS && roll(dice, 6) == 0) {
		guard_on_success(scene->guard, &try, scene->now_us);
	} else if (roll(dice, 20) != 0) {
		guard_on_failure(scene->guard, &try, scene->now_us);
	}
}

static void some_order(struct scene *scene, struct dice *dice)
{
	struct guard_ban ban = { .base = some_addr(dice), .allow = roll(dice, 4) == 0, .step = roll(dice, 9) };

	ban.bits = ban.base.family == TG_IPV4 ? 24 + roll(dice, 10) : 44 + roll(dice, 30);
	ban.until_us = scene->now_us + roll(dice, 1000) * UINT64_C(1000000);
	switch (roll(dice, 6)) {
	case 0:
	case 1:
		(void)guard_ban(scene->guard, &ban, roll(dice, 2) * MINUTES(30), scene->now_us);
		break;
	case 2:
		guard_restore_ban(scene->guard, &ban, scene->now_us);
		break;
	case 3:
		guard_set_mode(scene->guard, roll(dice, 3) == 0 ? GUARD_OBSERVE : GUARD_ENFORCE, scene->now_us);
		break;
	case 4:
		guard_restore_network(scene->guard, tg_span_text("n3"), some_addr(dice), scene->now_us);
		break;
	default:
		(void)guard_unban(scene->guard, ban.base, ban.bits, scene->now_us);
		break;
	}
}

static void some_rows(struct scene *scene)
{
	struct guard_source_row source;
	struct guard_account_row account;
	struct guard_budget_row budget;
	struct guard_ban ban;
	uint32_t cursors[4] = { 0 };

	while (guard_source_row(scene->guard, &cursors[0], scene->now_us, &source)) {
		CHECK_TRUE(source.failures <= 320);
	}
	while (guard_account_row(scene->guard, &cursors[1], scene->now_us, &account)) {
		CHECK_TRUE(account.networks <= GUARD_NETWORKS);
	}
	while (guard_ban_row(scene->guard, &cursors[2], scene->now_us, &ban)) {
		CHECK_TRUE(ban.until_us > scene->now_us);
	}
	while (guard_budget_row(scene->guard, &cursors[3], scene->now_us, &budget)) {
		CHECK_TRUE(budget.name != NULL && budget.attack != NULL);
	}
}

static void play(uint64_t seed)
{
	struct guard_config config = scene_config();
	struct dice dice = { seed };

	config.sources_max = 40;
	config.accounts_max = 12;
	config.bans_max = 16;
	config.events_max = 8;
	struct scene *scene = scene_with(&config);

	for (uint32_t step = 0; step < 4000; step++) {
		const uint32_t what = roll(&dice, 100);

		if (what < 70) {
			some_try(scene, &dice);
		} else if (what < 85) {
			scene_open(scene, some_addr(&dice));
		} else if (what < 90) {
			some_order(scene, &dice);
		} else {
			scene_pass(scene, SECONDS(1) << roll(&dice, what == 99 ? 20 : 10));
		}
		const char *wrong = guard_check(scene->guard);

		if (wrong != NULL) {
			print_error("seed %" PRIu64 ", step %u\n", seed, step);
		}
		CHECK_TEXT(wrong, NULL);
	}
	some_rows(scene);
	scene_free(scene);
}

static void test_anything_in_any_order(void **state)
{
	(void)state;

	for (uint64_t seed = 1; seed <= 15; seed++) {
		play(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_anything_in_any_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
