/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wheel.h"

#include "check.h"

#include <stdlib.h>

static struct tg_wheel *wheel_new(uint32_t count, uint64_t now_us)
{
	return tg_wheel_init(calloc(1, tg_wheel_size(count)), count, now_us);
}

static void test_fires_at_its_time_and_never_before(void **state)
{
	static const uint64_t delays_ms[] = { 0, 1, 63, 64, 65, 4095, 4096, 300000, 20000000, UINT64_C(1) << 31 };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(delays_ms); i++) {
		const uint64_t start_us = 123456789;
		const uint64_t deadline_us = start_us + delays_ms[i] * 1000;
		struct tg_wheel *wheel = wheel_new(1, start_us);
		uint64_t now_us = start_us;
		uint32_t timer;

		tg_wheel_set(wheel, 0, deadline_us);
		while (!tg_wheel_expire(wheel, now_us, &timer)) {
			const uint64_t wake_us = tg_wheel_deadline_us(wheel);

			CHECK_TRUE(wake_us != TG_NEVER && wake_us < deadline_us + 1000);
			now_us = wake_us > now_us ? wake_us : now_us + 1000;
		}
		CHECK_TRUE(now_us >= deadline_us);
		CHECK_TRUE(now_us < deadline_us + 2000);
		CHECK_UINT(timer, 0);
		CHECK_FALSE(tg_wheel_expire(wheel, now_us, &timer));
		CHECK_UINT(tg_wheel_deadline_us(wheel), TG_NEVER);
		free(wheel);
	}
}

/* The wheel against a plain array of deadlines: whatever is set, moved, cleared and waited for, both agree. */
static void test_agrees_with_an_array(void **state)
{
	enum { TIMERS = 50, STEPS = 20000 };
	uint64_t want[TIMERS];
	uint64_t now_us = 5000;
	uint32_t random = 1;
	struct tg_wheel *wheel = wheel_new(TIMERS, now_us);
	(void)state;

	for (int i = 0; i < TIMERS; i++) {
		want[i] = TG_NEVER;
	}
	for (int step = 0; step < STEPS; step++) {
		uint32_t timer;

		random = random * 1664525 + 1013904223;
		timer = (random >> 8) % TIMERS;
		want[timer] = random % 7 == 0 ? TG_NEVER : now_us + (random >> 4) % (UINT64_C(1) << (random % 28));
		tg_wheel_set(wheel, timer, want[timer]);
		now_us += (random >> 12) % 3000;
		while (tg_wheel_expire(wheel, now_us, &timer)) {
			CHECK_TRUE(want[timer] <= now_us);
			want[timer] = TG_NEVER;
		}
		for (int i = 0; i < TIMERS; i++) {
			CHECK_TRUE(want[i] == TG_NEVER || want[i] + 1000 > now_us);
			CHECK_UINT(tg_wheel_get(wheel, (uint32_t)i), want[i]);
		}
	}
	free(wheel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fires_at_its_time_and_never_before),
		cmocka_unit_test(test_agrees_with_an_array),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
