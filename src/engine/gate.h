/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_GATE_H
#define TG_ENGINE_GATE_H

#include "engine/events.h"
#include "engine/marks.h"
#include "switch/switch.h"

/**
 * Between the door's rings and the endpoint, in the switch's thread: an opening that would be a new dialog passes the guard and
 * gets the limits of its sender. What belongs to a leg that is there never comes to the guard, and who has not proven his
 * address is charged with nothing.
 */
enum { GATE_TOLD = 1024 };

/** Why an opening was not taken; the endpoint's own refusals are counted there. */
struct gate_counters {
	uint64_t repeats, unproven, unproven_deaf, opened, suspects;
	uint64_t dropped[GUARD_WHY_COUNT];
	uint64_t observed[GUARD_WHY_COUNT]; /* would have been dropped */
};

struct gate {
	struct guard *guard;
	struct iax_endpoint *endpoint;
	const struct tg_switch *sw;
	struct events *events;
	const struct world *world;
	uint8_t key[16];
	struct gate_counters counters;
	uint64_t unproven_refused, unproven_told_us; /* since it was told last, and when */
	uint64_t told[GATE_TOLD];                    /* source and rule: hash above, minute below */
	struct marks statics;                        /* hosts of static peers */
};

/** @param key  16 random octets. Members that the caller sets after: nothing; before a frame comes, gate_set_world() */
void gate_init(struct gate *gate, struct guard *guard, struct iax_endpoint *endpoint, const struct tg_switch *sw,
               struct events *events, const uint8_t key[16]);
void gate_set_world(struct gate *gate, const struct world *world);

/** A frame from one of the door's rings. @return as iax_endpoint_open(); IAX_ERR_NO_LEG if the guard dropped it */
enum iax_err gate_open(struct gate *gate, const struct iax_datagram *in, enum iax_proof proof, struct terms_now now);

/** Configured as the host of a peer, or in a range for clients without tokens. */
bool gate_is_declared(const struct gate *gate, struct tg_addr from, uint64_t now_us);

/** A static peer has its address there: the host, or for IPv6 one in the network of 64 bits that begins there. */
bool gate_has_static(const struct gate *gate, struct tg_addr base, uint64_t now_us);

/** Who an address is, for events. */
enum model_class gate_class_of(const struct gate *gate, struct tg_addr from, bool proven, uint64_t now_us);

#endif
