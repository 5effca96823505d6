/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/terms.h"

#include <stdio.h>

#include "check.h"

static const struct terms_now now = { 5000 * UINT64_C(1000000), 1800000000 * UINT64_C(1000000) };

static struct tg_addr addr(const char *text)
{
	struct tg_addr out;

	CHECK_TRUE(tg_addr_parse(&out, tg_span_text(text), 4569));
	return out;
}

static void test_every_why_has_its_reason(void **state)
{
	(void)state;
	CHECK_UINT(terms_reason(GUARD_PASS), MODEL_WHY_OK);
	for (int a = 1; a < GUARD_WHY_COUNT; a++) {
		CHECK_TRUE(terms_reason((enum guard_why)a) != MODEL_WHY_OK);
		for (int b = 1; b < a; b++) {
			CHECK_TRUE(terms_reason((enum guard_why)a) != terms_reason((enum guard_why)b));
		}
	}
}

static void test_times_are_told_by_the_wall_clock(void **state)
{
	(void)state;
	CHECK_UINT(terms_wall_ms(TG_NEVER, now), 0);
	CHECK_UINT(terms_wall_ms(now.now_us + 2000000, now), 1800000002000);
	CHECK_UINT(terms_wall_ms(now.now_us - 2000000, now), 1799999998000);
	CHECK_UINT(terms_wall_ms(0, (struct terms_now){ 10000000, 1000000 }), 1); /* never 0: that is no end */
}

static const struct {
	const char *base;
	uint32_t bits;
	uint64_t for_us; /* TG_NEVER: no end */
	bool allow, in_kernel;
} bans[] = {
	{ "192.0.2.7", 32, 600000000, false, true },
	{ "2001:db8:1:2::", 64, 600000000, false, false },
	{ "198.51.100.0", 24, TG_NEVER, true, false },
	{ "2001:db8::", 48, TG_NEVER, false, true },
};

static void test_a_ban_comes_back_as_it_went(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(bans); i++) {
		struct guard_ban ban = {
			.base = addr(bans[i].base),
			.bits = bans[i].bits,
			.step = 3,
			.since_us = now.now_us - 7000000,
			.until_us = bans[i].for_us == TG_NEVER ? TG_NEVER : now.now_us + bans[i].for_us,
			.why = GUARD_TRIES,
			.allow = bans[i].allow,
			.in_kernel = bans[i].in_kernel,
			.who = "operator",
			.text = "because",
		};
		const struct model_ban model = terms_ban(&ban, (struct model_event_id){ 4, 5 }, now);
		struct guard_ban back;

		CHECK_UINT(model.id.time, 4);
		CHECK_UINT(model.base.port, 0);
		CHECK_UINT(model.reason, MODEL_WHY_TRIES);
		CHECK_TRUE(terms_guard_ban(&back, &model, now));
		CHECK_TRUE(tg_addr_same_host(back.base, ban.base));
		CHECK_UINT(back.bits, ban.bits);
		CHECK_UINT(back.step, 3);
		CHECK_UINT(back.since_us, ban.since_us);
		CHECK_UINT(back.until_us, ban.until_us);
		CHECK_UINT(back.why, GUARD_TRIES);
		CHECK_UINT(back.allow, ban.allow);
		CHECK_UINT(back.in_kernel, ban.in_kernel);
		CHECK_TEXT(back.who, "operator");
		CHECK_TEXT(back.text, "because");
	}
}

/* The guard's own, that ended: remembered by the store for a week a step, so that the next one is longer after a restart too. */
static void test_steps_outlive_a_restart(void **state)
{
	const uint64_t week_ms = MODEL_BAN_WEEK_MS, now_ms = now.wall_us / 1000;
	const struct guard_ban ended = {
		.base = addr("192.0.2.7"), .bits = 32, .step = 2, .until_us = now.now_us - 5000000
	};
	struct model_ban model = terms_ban(&ended, (struct model_event_id){ 0 }, now);
	struct guard_ban back, forgotten = ended;
	(void)state;

	CHECK_UINT(model.until_ms, now_ms - 5000);
	CHECK_TRUE(terms_guard_ban(&back, &model, now));
	CHECK_UINT(back.step, 2);
	CHECK_UINT(back.until_us, ended.until_us);
	model.until_ms = now_ms - week_ms - 1000;
	CHECK_TRUE(terms_guard_ban(&back, &model, now));
	CHECK_UINT(back.step, 1);
	CHECK_UINT(back.until_us, now.now_us - 1000000);
	model.until_ms = now_ms - 3 * week_ms + 1;
	CHECK_TRUE(terms_guard_ban(&back, &model, now));
	CHECK_UINT(back.step, 0);
	CHECK_TRUE(back.until_us > 0 && back.until_us <= now.now_us);
	model.until_ms = now_ms - 3 * week_ms;
	CHECK_FALSE(terms_guard_ban(&back, &model, now));
	forgotten.until_us = 0; /* taken back by the operator */
	CHECK_UINT(terms_ban(&forgotten, (struct model_event_id){ 0 }, now).until_ms, 1);
}

/* The clock stands at 1970: nothing that was stored may last for years. */
static void test_a_clock_that_is_wrong_bans_nobody_for_years(void **state)
{
	const struct terms_now early = { .now_us = now.now_us, .wall_us = 5000000 };
	struct model_ban stored = { .base = addr("192.0.2.7"), .bits = 32, .step = 3, .since_ms = now.wall_us / 1000 };
	struct guard_ban back;
	(void)state;

	stored.until_ms = stored.since_ms + 600000;
	CHECK_TRUE(terms_guard_ban(&back, &stored, early));
	CHECK_UINT(back.until_us, early.now_us);
	CHECK_UINT(back.step, 3);
	snprintf(stored.who, sizeof(stored.who), "root");
	CHECK_TRUE(terms_guard_ban(&back, &stored, early));
	CHECK_UINT(back.until_us, early.now_us + UINT64_C(600000000));
	stored.until_ms = 0;
	CHECK_TRUE(terms_guard_ban(&back, &stored, early));
	CHECK_TRUE(back.until_us == TG_NEVER);
}

static void test_what_is_over_is_over_for_everybody(void **state)
{
	struct guard_ban ban = { .base = addr("192.0.2.7"), .bits = 32, .until_us = now.now_us, .who = "op" };
	struct model_ban model = terms_ban(&ban, (struct model_event_id){ 0 }, now);
	(void)state;

	CHECK_UINT(model.until_ms, 1);
	CHECK_FALSE(terms_guard_ban(&ban, &model, now));
}

static void test_bans_that_cannot_be_are_left_out(void **state)
{
	const struct model_ban good = { .base = addr("192.0.2.7"), .bits = 32 };
	struct model_ban bad = good;
	struct guard_ban out;
	(void)state;

	CHECK_TRUE(terms_guard_ban(&out, &good, now));
	bad.bits = 33;
	CHECK_FALSE(terms_guard_ban(&out, &bad, now));
	bad.bits = 0;
	CHECK_FALSE(terms_guard_ban(&out, &bad, now));
	bad = good;
	bad.base = (struct tg_addr){ 0 };
	CHECK_FALSE(terms_guard_ban(&out, &bad, now));
	bad = good;
	bad.until_ms = 1; /* over */
	CHECK_FALSE(terms_guard_ban(&out, &bad, now));
	bad.until_ms = UINT64_MAX; /* further than any clock */
	CHECK_TRUE(terms_guard_ban(&out, &bad, now));
	bad.since_ms = UINT64_MAX;
	CHECK_TRUE(terms_guard_ban(&out, &bad, now));
}

static void test_an_account_comes_back_as_it_went(void **state)
{
	struct guard_account account = { .name = "alice",
		                         .window_ms = 1,
		                         .distinct_ms = 2,
		                         .guarded_until_ms = 3,
		                         .failures = 4,
		                         .distinct = 5,
		                         .prefix_count = 2,
		                         .prefixes = { 77, 88 } };
	struct guard_account back;
	(void)state;

	account.networks[0] = (struct guard_network){ addr("192.0.2.0"), 20000 };
	account.networks[1] = (struct guard_network){ addr("2001:db8:7::"), 20001 };
	account.networks[0].base.port = account.networks[1].base.port = 0;
	const struct model_guard_account model = terms_account(&account);

	CHECK_UINT(model.networks[2].family, TG_NO_ADDR);
	back = terms_guard_account(&model);
	CHECK_TRUE(memcmp(&back, &account, sizeof(back)) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_why_has_its_reason),
		cmocka_unit_test(test_times_are_told_by_the_wall_clock),
		cmocka_unit_test(test_a_ban_comes_back_as_it_went),
		cmocka_unit_test(test_steps_outlive_a_restart),
		cmocka_unit_test(test_a_clock_that_is_wrong_bans_nobody_for_years),
		cmocka_unit_test(test_what_is_over_is_over_for_everybody),
		cmocka_unit_test(test_bans_that_cannot_be_are_left_out),
		cmocka_unit_test(test_an_account_comes_back_as_it_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
