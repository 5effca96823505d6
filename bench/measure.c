/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAIRS_MAX = 64, TURNS_A_LOOK = 16 };

bool bench_pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0) {
		return true;
	}
	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

struct window {
	double ns;    /* thread CPU time a packet */
	double per_s; /* wall clock */
	double batch;
};

static void run_ms(const struct bench_side *side, uint32_t ms)
{
	const uint64_t until = clock_ns(CLOCK_MONOTONIC) + (uint64_t)ms * 1000000;

	while (clock_ns(CLOCK_MONOTONIC) < until) {
		for (int i = 0; i < TURNS_A_LOOK; i++) {
			side->turn(side->owner);
		}
	}
}

static void pause_ms(uint32_t ms)
{
	const struct timespec time = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&time, NULL);
}

static struct window measure(const struct bench_side *side, const struct bench_times *times)
{
	uint64_t cpu, wall, taken, batches;

	pause_ms(times->settle_ms); /* the queue fills, so that every batch of the window is a full one */
	for (int i = 0; i < TURNS_A_LOOK; i++) {
		side->turn(side->owner);
	}
	taken = side->taken(side->owner);
	batches = side->batches(side->owner);
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	run_ms(side, times->window_ms);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	taken = side->taken(side->owner) - taken;
	batches = side->batches(side->owner) - batches;
	if (taken == 0 || batches == 0) {
		return (struct window){ 0 };
	}
	return (struct window){ (double)cpu / (double)taken, (double)taken * 1e9 / (double)wall,
		                (double)taken / (double)batches };
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double at(const double *sorted, uint32_t count, double part)
{
	const double place = part * (count - 1);
	const uint32_t low = (uint32_t)place;
	const double rest = place - low;

	return low + 1 < count ? sorted[low] * (1 - rest) + sorted[low + 1] * rest : sorted[low];
}

static struct bench_quartiles quartiles(const double *values, uint32_t count)
{
	double sorted[2 * PAIRS_MAX];

	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(*sorted), compare);
	return (struct bench_quartiles){ at(sorted, count, 0.25), at(sorted, count, 0.5), at(sorted, count, 0.75) };
}

/* One pair: A B or B A in turn, so that a drift of the machine favours neither. */
static double pair(const struct bench_side *a, const struct bench_side *b, bool swapped,
                   const struct bench_times *times, struct window *of_a, struct window *of_b)
{
	if (swapped) {
		*of_b = measure(b, times);
		*of_a = measure(a, times);
	} else {
		*of_a = measure(a, times);
		*of_b = measure(b, times);
	}
	return of_b->ns > 0 ? of_a->ns / of_b->ns : 0;
}

void bench_measure(struct bench_result *out, const struct bench_side *reference, const struct bench_side *ours,
                   const struct bench_generator *generator, const struct bench_times *times, int cpu)
{
	const uint32_t pairs = times->pairs < PAIRS_MAX ? times->pairs : PAIRS_MAX;
	double ratios[PAIRS_MAX], same[PAIRS_MAX], ns[2][PAIRS_MAX];
	struct bench_generator_sums before;
	uint64_t taken;

	*out = (struct bench_result){ .pairs = pairs };
	bench_pin(cpu);
	run_ms(ours, times->warm_ms / 2);
	run_ms(reference, times->warm_ms / 2);
	before = bench_generator_sums(generator);
	taken = reference->taken(reference->owner) + ours->taken(ours->owner);
	for (uint32_t i = 0; i < pairs; i++) {
		struct window a, b;

		same[i] = pair(reference, reference, false, times, &a, &b);
		ratios[i] = pair(reference, ours, i % 2 == 1, times, &a, &b);
		ns[0][i] = a.ns;
		ns[1][i] = b.ns;
		out->per_s[0] += a.per_s / pairs;
		out->per_s[1] += b.per_s / pairs;
		out->batch[0] += a.batch / pairs;
		out->batch[1] += b.batch / pairs;
	}
	taken = reference->taken(reference->owner) + ours->taken(ours->owner) - taken;
	out->offered = taken == 0 ? 0 : (double)(bench_generator_sums(generator).sent - before.sent) / (double)taken;
	out->ratio = quartiles(ratios, pairs);
	out->same = quartiles(same, pairs);
	out->ns[0] = quartiles(ns[0], pairs);
	out->ns[1] = quartiles(ns[1], pairs);
}
