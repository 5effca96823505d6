/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BENCH_BENCH_H
#define TG_BENCH_BENCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/addr.h"

/**
 * What one packet costs us, beside a reference program that only receives and answers. Both run in turn in one thread on the same
 * sockets; the result is a ratio of thread CPU time per packet at saturation (guide: compare with the raw limit, in the same run).
 */

enum { BENCH_BATCH = 64, BENCH_FRAME_MAX = 256 };

/* ---- The load ---- */

/** What is sent. Every source is an address of its own in 127.0.0.0/8, all with one port. */
struct bench_load {
	struct tg_addr to;
	uint32_t sources;
	uint32_t run; /* datagrams in a row of one source, as one segmented send */
	uint32_t frame_len;
	/* Write the frame of one source; round grows with each of its turns. */
	void (*make)(const void *owner, uint32_t source, uint32_t round, uint8_t frame[BENCH_FRAME_MAX]);
	/* Is this a right answer to one of the sources? */
	bool (*is_right)(const void *owner, const uint8_t *answer, size_t len);
	const void *owner;
};

/** Source addresses: the n-th. */
struct tg_addr bench_source(uint32_t n, uint16_t port);

struct bench_generator;

/** @param cpu  to pin to, -1 for none. @return NULL with a message: among others when `to` is not on loopback */
struct bench_generator *bench_generator_new(const struct bench_load *load, int cpu);
void bench_generator_free(struct bench_generator *generator);
uint16_t bench_generator_port(const struct bench_generator *generator);

/** Send count frames slowly, and count the right and wrong answers: all of them, before any measurement. */
void bench_generator_prove(struct bench_generator *generator, uint32_t count, uint32_t *right, uint32_t *wrong);

/** Send as fast as it goes, in a thread of its own; one answer in 64 is still looked at. */
bool bench_generator_start(struct bench_generator *generator);
void bench_generator_stop(struct bench_generator *generator);

struct bench_generator_sums {
	uint64_t sent, sampled, wrong;
};
struct bench_generator_sums bench_generator_sums(const struct bench_generator *generator);

/* ---- The reference ---- */

/** Receive a batch; answer each with answer_len octets of what came (0: receive only). @return how many came */
struct bench_raw;
struct bench_raw *bench_raw_new(int fd, uint32_t answer_len);
void bench_raw_free(struct bench_raw *raw);
unsigned bench_raw_turn(struct bench_raw *raw);

/* ---- The measurement ---- */

/** One of the two programs. turn() is called again and again in the measuring thread; taken() is its packet counter. */
struct bench_side {
	const char *name;
	void (*turn)(void *owner);
	uint64_t (*taken)(const void *owner);
	uint64_t (*batches)(const void *owner);
	void *owner;
};

struct bench_quartiles {
	double q1, median, q3;
};

struct bench_result {
	struct bench_quartiles ratio; /* reference CPU per packet / ours */
	struct bench_quartiles same;  /* the reference against itself */
	struct bench_quartiles ns[2]; /* reference, ours */
	double per_s[2], batch[2];
	double offered; /* sent / taken */
	uint32_t pairs;
};

struct bench_times {
	uint32_t pairs, window_ms, settle_ms, warm_ms;
};

/** Runs in the calling thread, pinned to cpu (-1: not). */
void bench_measure(struct bench_result *out, const struct bench_side *reference, const struct bench_side *ours,
                   const struct bench_generator *generator, const struct bench_times *times, int cpu);

/* ---- Around it ---- */

bool bench_pin(int cpu);
void bench_print_environment(void);

/** Stolen and total jiffies so far, from /proc/stat. */
struct bench_steal {
	uint64_t stolen, total;
};
struct bench_steal bench_steal_now(void);

/** The rows: name, and one line of what it measures. */
struct bench_row {
	const char *name, *what;
	int (*run)(const struct bench_row *row, const struct bench_times *times);
	uint32_t size; /* sources or legs */
	double target, floor;
};
extern const struct bench_row bench_rows[];
extern const size_t bench_row_count;

#endif
