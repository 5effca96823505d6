/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_GUARD_QUIET_H
#define TG_GUARD_QUIET_H

#include "base/addr.h"

/**
 * Which of many events alike are told: of one kind, network and account the first five, then one in 12 s; and over all never
 * more than 20 a second. What is not told is counted, and the count is told with the next one of its like, or after a minute.
 * A plain value without pointers; all zeros but the key is an empty one.
 */
enum { QUIET_SLOTS = 1024, QUIET_FIRST = 5, QUIET_EVERY_S = 12, QUIET_SUM_S = 60, QUIET_PER_S = 20 };

struct quiet_slot {
	uint64_t hash; /* 0: free */
	uint64_t next_us, sum_us;
	uint32_t told, held;
};

struct quiet {
	uint8_t key[16];
	uint64_t second;
	uint32_t lines, crowd; /* crowd: held back, and their slot went to others */
	struct quiet_slot slots[QUIET_SLOTS];
};

void quiet_init(struct quiet *quiet, const uint8_t key[16]);

/**
 * May this one be told? @param held  if so: how many like it were not told since the last one that was
 */
bool quiet_allow(struct quiet *quiet, uint32_t kind, struct tg_addr from, struct tg_span account, uint32_t *held,
                 uint64_t now_us);

/** How many were held back and never told, of those whose minute is over; call now and then. 0: none */
uint64_t quiet_expire(struct quiet *quiet, uint64_t now_us);

#endif
