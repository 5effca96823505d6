/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_TG_H
#define TG_BASE_TG_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The caller must look at the result. */
#define TG_MUST_USE __attribute__((warn_unused_result))

/** The function takes a printf format at argument f and its values from argument v on. */
#define TG_PRINTF(f, v) __attribute__((format(printf, f, v)))

/** Number of elements of a true array. */
#define TG_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** The deadline that never comes (all deadlines are absolute, monotonic, in microseconds). */
#define TG_NEVER UINT64_MAX

enum {
	TG_US_PER_MS = 1000,
	TG_US_PER_S = 1000000,
};

static inline uint64_t tg_min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t tg_max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif
