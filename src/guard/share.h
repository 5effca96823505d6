/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_GUARD_SHARE_H
#define TG_GUARD_SHARE_H

#include "base/addr.h"

/**
 * Whom a busy door answers. While all can be answered, all are. When not, a quarter of the answers each is shared evenly among
 * networks of three sizes (/8, /16, /24; IPv6 /32, /48, /64), so who asks little out of a network of any of these sizes that asks
 * little is answered; the last quarter is given by chance, so whoever shares his network with a flood gets through when he repeats. It
 * counts in a fixed sketch, hashed anew in every window, and remembers nobody: a forged address costs its network an even
 * share in one short window at most.
 *
 * A plain value without pointers; belongs to one thread.
 */
enum { SHARE_LEVELS = 3, SHARE_CELLS = 4096, SHARE_WINDOW_US = 10000 };

/** Networks of one size. */
struct share_level {
	uint32_t even;  /* what one network may have in this window, in 1/256 of an answer */
	uint32_t given; /* in this window */
	uint16_t asked[SHARE_CELLS];
};

struct share {
	uint8_t key[16];
	uint32_t
		burst; /* budgets that one window may give before what was even is so no more; twice as many: the end. 0: any */
	uint32_t window_us; /* SHARE_WINDOW_US; longer for a budget that is small in one of those */
	uint64_t window;    /* number of the current one */
	uint64_t random;
	uint64_t odd[SHARE_LEVELS]; /* of this window's hashes */
	uint32_t chance;            /* of 65536, for the last quarter */
	uint32_t given_by_chance;
	struct share_level levels[SHARE_LEVELS];
};

void share_init(struct share *share, const uint8_t key[16]);

/**
 * May this one be answered?
 *
 * @param budget  answers that a window may have over all, about; 0: no limit
 */
bool share_allow(struct share *share, struct tg_addr from, uint32_t budget, uint64_t now_us);

#endif
