/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_CHALLENGE_H
#define TG_SWITCH_CHALLENGE_H

#include "switch/inside.h"

/** What we answer to whom we called, or registered at, when he asks us who we are. */

struct challenged {
	uint64_t owner;        /* what the vault's answer comes back with, of owner_pack() */
	struct tg_addr called; /* where our request went */
	struct tg_span name;   /* whose secret it is: a peer's or a registration's; lent */
	bool registers;
};

/**
 * Ask the vault for the answer. Only who was called gets one, and never in plain text (ruling R13).
 *
 * @param event  IAX_EV_CHALLENGED
 * @return false if it gets none
 */
TG_MUST_USE bool challenge_answer(struct tg_switch *sw, const struct challenged *who, const struct iax_event *event);

/**
 * The vault's answer goes to the leg.
 *
 * @param md5  16 octets; NULL: there is no such secret
 * @return false if nothing was sent: no secret, or the leg waits no longer
 */
TG_MUST_USE bool challenge_respond(struct tg_switch *sw, struct iax_leg_id leg, const uint8_t *md5);

#endif
