/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_GUARD_BUCKET_H
#define TG_GUARD_BUCKET_H

#include "base/tg.h"

/**
 * A budget that refills with time: so many in a while, so many at once. It keeps one number, the time in nanoseconds at which
 * nothing of it will be used any more; each charge moves that by what one costs. All zeros is a full one.
 */
struct bucket {
	uint64_t idle_ns;
};

struct bucket_rule {
	uint64_t each_ns; /* one refills in this time; 0: no limit */
	uint32_t burst;
};

/** `rate` in `per_s` seconds, `burst` at once; rate 0: no limit. A burst of 0 counts as 1. */
struct bucket_rule bucket_rule_of(uint32_t rate, uint32_t per_s, uint32_t burst);

/** As many times the rate and the burst. */
struct bucket_rule bucket_times(struct bucket_rule rule, uint32_t times);

/** Would `count` fit now? */
bool bucket_has(const struct bucket *bucket, struct bucket_rule rule, uint32_t count, uint64_t now_us);

/** Charge one, even when it does not fit, but never beyond the greater of burst and `ceiling`. */
void bucket_charge(struct bucket *bucket, struct bucket_rule rule, uint32_t ceiling, uint64_t now_us);

/** How many are used now; a part counts as a whole one. */
uint32_t bucket_used(const struct bucket *bucket, struct bucket_rule rule, uint64_t now_us);

/** When `count` will fit; not before now. */
uint64_t bucket_when_us(const struct bucket *bucket, struct bucket_rule rule, uint32_t count, uint64_t now_us);

#endif
