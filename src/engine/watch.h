/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_WATCH_H
#define TG_ENGINE_WATCH_H

#include "engine/events.h"

/** What happens too often for an event each: looked at once a second, and told as sums. */

enum { WATCH_US = TG_US_PER_S };

/** Sums that only grow. */
struct watch_sums {
	uint64_t shed;    /* requests that the door had no time for */
	uint64_t refused; /* a token was missing */
	uint64_t evicted; /* half-open legs that made room */
};

/** One that is told at most once a minute, with how many there were. */
struct watch_sum {
	uint64_t seen, told_us;
};

struct watch {
	struct events *events;
	uint64_t next_us; /* the next look */
	bool is_shedding;
	uint64_t shed_seen, shed_from, shed_us, pair_us;
	struct watch_sum refused, evicted;
};

void watch_init(struct watch *watch, struct events *events, uint64_t now_us);

/** When watch->next_us has come. */
void watch_look(struct watch *watch, const struct watch_sums *sums, struct terms_now now);

#endif
