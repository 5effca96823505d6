/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_FINGERPRINTS_H
#define TG_ENGINE_FINGERPRINTS_H

#include "base/bytes.h"
#include "model/world.h"

/**
 * What the frames of scanning tools have in common, told by rules that are data (fingerprints.conf). A match classifies; it
 * bans nobody, and it says nothing about known networks, whom nobody asks here. The time it takes grows with the frame and
 * with the rules, and with nothing else.
 */

/**
 * What the rules look at, of one opening frame. BOUND is 0: at an address with a registration some account has proved its secret, so its
 * network is a known one.
 */
struct fingerprint_facts {
	uint32_t values[WORLD_FACTS];
};

/** From this score on, the sender is a suspect. */
enum { FINGERPRINT_SUSPECT = 50 };

/** @return false if it is no full frame of this protocol: then there is nothing to say about it */
TG_MUST_USE bool fingerprint_facts_of(struct fingerprint_facts *out, struct tg_span datagram, uint64_t wall_us);

/** The rule with the highest score of those that fit; NULL for none. */
const struct world_fingerprint *fingerprints_match(const struct world *world, const struct fingerprint_facts *facts);

#endif
