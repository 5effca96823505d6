/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_PAIR_H
#define TG_TESTS_PAIR_H

#include "iax/inspect.h"
#include "peer.h"
#include "phone.h"

/*
 * Two phones at two endpoints, node 0 and node 1, and a peer made by hand. The tables of both endpoints are looked at after
 * each step.
 */
struct pair {
	struct sim sim;
	struct phone a, b;
	struct peer peer; /* talks to node 1; peer_init() it to use it */
};

/** A network that delays 20 ms and does nothing else. */
extern const struct sim_net pair_calm;

struct pair *pair_new(uint64_t seed, const struct sim_net *net);

/** With another configuration of both endpoints. */
struct pair *pair_new_with(uint64_t seed, const struct sim_net *net, const struct iax_config *config);
void pair_free(struct pair *pair);

/** A calls B, B answers; both are up. */
struct pair *pair_call_up(uint64_t seed, const struct sim_net *net);

/** A's or B's leg of the last call. */
struct iax_leg_id pair_leg(struct pair *pair, unsigned node);
struct iax_endpoint *pair_ep(struct pair *pair, unsigned node);
struct iax_leg_info pair_info(struct pair *pair, unsigned node);

void pair_hang_up(struct pair *pair, unsigned node, uint8_t cause);

/** One voice packet of 20 ms, ulaw, its first octets being its timestamp. */
void pair_say(struct pair *pair, unsigned node, uint32_t ts_ms);

#endif
