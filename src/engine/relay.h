/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_RELAY_H
#define TG_ENGINE_RELAY_H

#include "engine/shared.h"

/**
 * A relay: takes mini and trunk frames, finds where they go in the shared table, and sends them on as mini frames. It opens nothing,
 * changes no table and answers nobody; what it does not know it counts. It also paces the prompts of its share of the legs.
 */

/** Single writer: the relay's thread. */
struct relay_counters {
	_Atomic uint64_t received, forwarded, played;
	_Atomic uint64_t unknown;   /* no such leg */
	_Atomic uint64_t dropped;   /* a leg that sends nowhere */
	_Atomic uint64_t promoted;  /* of the played: left to the switch, as full frames */
	_Atomic uint64_t malformed; /* too short, or a meta frame that is none */
	_Atomic uint64_t notices_full;
};

/** A mini frame between the passes of a batch. */
struct relay_work {
	uint64_t hash;
	struct relay_key key;
	struct relay_entry entry;
	uint16_t ts_ms;
	bool is_mini, found;
};

struct relay {
	struct engine_shared *shared;
	uint32_t index; /* which relay: its sockets are those at SELECTOR_RELAYS + index */
	struct player *player;
	struct relay_counters counters;
	bool noticed;   /* the switch is to be woken */
	uint64_t dirty; /* groups with unsent datagrams */
	struct sys_udp_packet packets[SYS_UDP_BATCH];
	struct relay_work work[SYS_UDP_BATCH];
};

/** @param player_mem  player_size(legs_max) bytes */
void relay_init(struct relay *relay, struct engine_shared *shared, uint32_t index, void *player_mem, uint32_t legs_max,
                uint64_t now_us);

/** Play what is due. */
void relay_turn(struct relay *relay, uint64_t now_us);
uint64_t relay_deadline_us(const struct relay *relay);

/** A socket is readable: take and send on one batch. @return how many came */
unsigned relay_receive(struct relay *relay, uint32_t group, uint64_t now_us);

#endif
