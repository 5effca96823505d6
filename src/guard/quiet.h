/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_GUARD_QUIET_H
#define TG_GUARD_QUIET_H

#include "base/addr.h"

/**
 * Which of many events alike are told: of one kind, network and account the first five, then one in 12 s; and over all never
 * more than 20 in any second, of which each weight has its own part: what everybody can cause does not hide what few can. What is
 * not told is counted, and the count is told with the next one of its like, or after a minute.
 * A plain value without pointers; all zeros but the key is an empty one.
 */
enum { QUIET_SLOTS = 512, QUIET_FIRST = 5, QUIET_EVERY_S = 12, QUIET_SUM_S = 60, QUIET_PER_S = 20 };

/** With how many lines a second each may have. */
#define QUIET_WEIGHTS(X)                                      \
	X(QUIET_REFUSAL, 8) /* of a request */                \
	X(QUIET_SUCCESS, 4)                                   \
	X(QUIET_LADDER, 5) /* what was done about a source */ \
	X(QUIET_ALERT, 3)  /* what an operator must see: an attack on an account, load */

#define X(name, per_s) name,
enum quiet_weight { QUIET_WEIGHTS(X) QUIET_WEIGHT_COUNT };
#undef X

/** When the latest lines of one weight were told, as many as it may have in a second. */
struct quiet_lines {
	uint64_t told_us[QUIET_PER_S]; /* a ring; 0: never */
	uint32_t next;                 /* the oldest */
};

struct quiet_slot {
	uint64_t hash; /* 0: free */
	uint64_t next_us, sum_us;
	uint32_t told, held;
};

struct quiet {
	uint8_t key[16];
	struct quiet_lines lines[QUIET_WEIGHT_COUNT];
	uint32_t crowd; /* held back, and their slot went to others */
	struct quiet_slot slots[QUIET_WEIGHT_COUNT][QUIET_SLOTS];
};

void quiet_init(struct quiet *quiet, const uint8_t key[16]);

/**
 * May this one be told? @param held  if so: how many like it were not told since the last one that was
 */
bool quiet_allow(struct quiet *quiet, enum quiet_weight weight, uint32_t kind, struct tg_addr from,
                 struct tg_span account, uint32_t *held, uint64_t now_us);

/** One line of this weight, of whatever is not like any other: nothing is counted if there is none left. */
bool quiet_take(struct quiet *quiet, enum quiet_weight weight, uint64_t now_us);

/** How many were held back and never told, of those whose minute is over; call now and then. 0: none */
uint64_t quiet_expire(struct quiet *quiet, uint64_t now_us);

#endif
