/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/clock.h"

#include <time.h>

static uint64_t read_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * TG_US_PER_S + (uint64_t)now.tv_nsec / 1000;
}

uint64_t sys_clock_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

uint64_t sys_clock_wall_us(void)
{
	return read_us(CLOCK_REALTIME);
}

uint64_t sys_clock_wall_ms(void)
{
	return sys_clock_wall_us() / TG_US_PER_MS;
}
