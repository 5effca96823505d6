/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_GUARD_SHARE_H
#define TG_GUARD_SHARE_H

#include "base/addr.h"

/**
 * Whom a busy door answers. While all can be answered, all are. When not, answers are shared among networks so that one that asks
 * little is answered always, and one that asks much gets what is left: chosen at random, so that whoever shares the network
 * with a flood gets through when he repeats. It counts in a fixed sketch by keyed hash and remembers nobody: a forged address
 * can cost its network no more than an even share in one short window.
 *
 * A plain value without pointers; belongs to one thread.
 */
enum { SHARE_CELLS = 4096, SHARE_WINDOW_US = 10000 };

struct share {
	uint8_t key[16];
	uint64_t window; /* number of the current one */
	uint64_t random;
	uint32_t taken;                 /* answers in this window */
	uint32_t threshold;             /* what one network may have in this window before chance decides */
	uint32_t asked[2][SHARE_CELLS]; /* this window and the one before */
	uint32_t asked_in_all[2];
};

void share_init(struct share *share, const uint8_t key[16]);

/** May this one be answered? @param budget  answers that a window may have over all; 0: no limit */
bool share_allow(struct share *share, struct tg_addr from, uint32_t budget, uint64_t now_us);

#endif
