/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_TOLL_CHAIN_H
#define TG_SWITCH_TOLL_CHAIN_H

#include "switch/toll.h"

/** Inside of toll: the policies that have something to say to one who asks, and the limits that are in force for him. */

enum { TOLL_POLICIES_MAX = 2 * WORLD_POLICY_DEPTH };

/** The first one goes first. None at all for an account: the limits that are built in. */
struct toll_chain {
	const struct world *world;
	const struct world_policy *policies[TOLL_POLICIES_MAX];
	size_t count;
	enum toll_role role;
	const struct toll_usage *use;
	bool knows_country; /* so that a number nobody knows is no national one */
};

struct toll_chain toll_chain_of_caller(const struct world *world, const struct world_user *user, uint32_t trunk_numbers,
                                       const struct toll_usage *use);
struct toll_chain toll_chain_of_trunk(const struct world *world, const struct world_peer *trunk,
                                      const struct toll_usage *use);

/** Lines one after the other: those of a policy, or with NULL those that are built in. */
struct toll_lines {
	const struct world_policy *policy;
	uint32_t count;
};

const struct world_policy_rule *toll_line(const struct toll_chain *chain, const struct toll_lines *lines,
                                          uint32_t index);

/** The classes that a limit is about. */
uint32_t toll_line_classes(const struct toll_chain *chain, const struct toll_lines *lines,
                           const struct world_policy_rule *rule);

/** The lines of the first that has a limit of this kind for the class; what is above it has nothing to say then. count 0: no limit. */
struct toll_lines toll_limiting(const struct toll_chain *chain, enum world_policy_kind kind, enum world_class class);

/** Those with number n, that are built in last; count 0: no more. */
struct toll_lines toll_lines_at(const struct toll_chain *chain, size_t n);

uint32_t toll_sum(const uint32_t counts[WORLD_CLASSES], uint32_t classes);

/** What a built-in line says, for people. */
const char *toll_built_in_text(const struct world_policy_rule *rule);

/** Milliseconds since 1970 as the clocks of the place show them. */
uint64_t toll_local_ms(const struct world *world, uint64_t wall_ms);

#endif
