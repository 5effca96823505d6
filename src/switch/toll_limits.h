/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_TOLL_LIMITS_H
#define TG_SWITCH_TOLL_LIMITS_H

#include "switch/toll_chain.h"

/** A limit that is in force, and how much of it is used. */
struct toll_limit {
	enum world_policy_kind kind; /* CALLS, HOUR_CALLS, DAY_CALLS: calls; DAILY, MONTHLY: seconds */
	uint32_t used, most;
	uint64_t anew_ms; /* when it is counted from nothing, wall time; 0: never */
	char text[TOLL_RULE_BYTES];
};

/**
 * @param chain   with what is used, rolled
 * @param cursor  0 to begin with
 * @return false after the last
 */
bool toll_limit_next(const struct toll_chain *chain, uint32_t *cursor, uint64_t wall_ms, struct toll_limit *out);

#endif
