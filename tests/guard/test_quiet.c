/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/quiet.h"

#include "check.h"

#include <stdlib.h>

static const uint8_t key[16] = { 1, 2, 3 };

static struct tg_addr host(uint32_t n)
{
	const uint8_t ip[4] = { 10, (uint8_t)(n >> 8), (uint8_t)n, 1 };

	return tg_addr_ipv4(ip, 4569);
}

static void test_five_then_one_in_twelve_seconds(void **state)
{
	struct quiet *quiet = malloc(sizeof(*quiet));
	uint32_t told = 0, held = 0, sum = 0;
	(void)state;

	quiet_init(quiet, key);
	for (uint64_t ms = 0; ms < 60000; ms += 100) {
		if (quiet_allow(quiet, QUIET_REFUSAL, 1, host(1), tg_span_text("alice"), &held, 5000000 + ms * 1000)) {
			told++;
			sum += held;
		}
	}
	CHECK_UINT(told, 5 + 4);
	CHECK_UINT(told + sum + quiet_expire(quiet, UINT64_C(500) * TG_US_PER_S), 600);
	CHECK_UINT(quiet_expire(quiet, UINT64_C(600) * TG_US_PER_S), 0);
	free(quiet);
}

static void test_unlike_events_do_not_hide_each_other(void **state)
{
	struct quiet *quiet = malloc(sizeof(*quiet));
	uint32_t held;
	(void)state;

	quiet_init(quiet, key);
	for (int i = 0; i < 10; i++) {
		const bool told = quiet_allow(quiet, QUIET_REFUSAL, 1, host(1), tg_span_text("alice"), &held,
		                              TG_US_PER_S);

		CHECK_TRUE(told == (i < 5));
	}
	CHECK_TRUE(quiet_allow(quiet, QUIET_REFUSAL, 2, host(1), tg_span_text("alice"), &held, TG_US_PER_S));
	CHECK_TRUE(quiet_allow(quiet, QUIET_REFUSAL, 1, host(2), tg_span_text("alice"), &held, TG_US_PER_S));
	CHECK_TRUE(quiet_allow(quiet, QUIET_REFUSAL, 1, host(1), tg_span_text("bob"), &held, TG_US_PER_S));
	free(quiet);
}

/* 100,000 events of 4,000 kinds in 30 s: never more than 20 a second, and each is told or counted exactly once. */
static void test_never_more_than_twenty_a_second_and_all_are_counted(void **state)
{
	enum { EVENTS = 100000 };
	struct quiet *quiet = malloc(sizeof(*quiet));
	uint64_t sum = 0;
	uint32_t told = 0, in_second = 0, most = 0, random = 1, held = 0;
	uint64_t second = 0;
	(void)state;

	quiet_init(quiet, key);
	for (uint32_t i = 0; i < EVENTS; i++) {
		const uint64_t now_us = 7000000 + (uint64_t)i * 300;

		random = random * 1664525 + 1013904223;
		if (now_us / TG_US_PER_S != second) {
			second = now_us / TG_US_PER_S;
			in_second = 0;
		}
		if (quiet_allow(quiet, (enum quiet_weight)(random >> 30), random >> 16 & 1, host(random >> 17 & 1023),
		                tg_span_text("x"), &held, now_us)) {
			told++;
			in_second++;
			sum += held;
		}
		most = in_second > most ? in_second : most;
		if (i % 5000 == 0) {
			sum += quiet_expire(quiet, now_us);
		}
	}
	sum += quiet_expire(quiet, UINT64_C(500) * TG_US_PER_S);
	CHECK_UINT(most, QUIET_PER_S);
	CHECK_TRUE(told <= 20 * 31);
	CHECK_UINT(told + sum, EVENTS);
	free(quiet);
}

/* Nothing for most of a second, then a burst over its end: who reads the log by a clock of his own finds no more than twenty, either. */
static void test_a_burst_over_the_end_of_a_second(void **state)
{
	struct quiet *quiet = malloc(sizeof(*quiet));
	uint32_t told = 0, held;
	(void)state;

	quiet_init(quiet, key);
	for (uint32_t i = 0; i < 400; i++) {
		const uint64_t now_us = 7900000 + (uint64_t)i * 500;

		told += quiet_allow(quiet, (enum quiet_weight)(i % QUIET_WEIGHT_COUNT), 1, host(i), tg_span_text("x"),
		                    &held, now_us);
	}
	CHECK_UINT(told, QUIET_PER_S);
	CHECK_FALSE(quiet_take(quiet, QUIET_ALERT, 8899999));
	CHECK_TRUE(quiet_take(quiet, QUIET_ALERT, 8910000));
	free(quiet);
}

/* As many refusals and successes as there may be, each of another kind, do not take an alert's place. */
static void test_what_everybody_can_cause_hides_nothing(void **state)
{
	struct quiet *quiet = malloc(sizeof(*quiet));
	uint32_t told[QUIET_WEIGHT_COUNT] = { 0 }, held;
	(void)state;

	quiet_init(quiet, key);
	for (uint32_t second = 1; second <= 60; second++) {
		const uint64_t now_us = second * (uint64_t)TG_US_PER_S;

		for (uint32_t i = 0; i < 100; i++) {
			told[QUIET_REFUSAL] += quiet_allow(quiet, QUIET_REFUSAL, 1, host(second * 100 + i),
			                                   tg_span_text("x"), &held, now_us);
			told[QUIET_SUCCESS] += quiet_allow(quiet, QUIET_SUCCESS, 2, host(second * 100 + i),
			                                   tg_span_text("x"), &held, now_us);
			told[QUIET_LADDER] += quiet_take(quiet, QUIET_LADDER, now_us);
		}
		told[QUIET_ALERT] += quiet_allow(quiet, QUIET_ALERT, 3, host(second), tg_span_text("y"), &held,
		                                 now_us + TG_US_PER_S / 2);
	}
	CHECK_UINT(told[QUIET_REFUSAL], 60 * 8);
	CHECK_UINT(told[QUIET_SUCCESS], 60 * 4);
	CHECK_UINT(told[QUIET_LADDER], 60 * 5);
	CHECK_UINT(told[QUIET_ALERT], 60);
	free(quiet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_five_then_one_in_twelve_seconds),
		cmocka_unit_test(test_unlike_events_do_not_hide_each_other),
		cmocka_unit_test(test_never_more_than_twenty_a_second_and_all_are_counted),
		cmocka_unit_test(test_a_burst_over_the_end_of_a_second),
		cmocka_unit_test(test_what_everybody_can_cause_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
