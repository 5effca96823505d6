/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_TRACE_H
#define TG_ENGINE_TRACE_H

#include "engine/link.h"
#include "engine/shared.h"
#include "switch/switch.h"

/**
 * Full frames shown to operators (`iax2 set debug`): door and switch copy what comes and goes into a ring each, the switch makes text of it
 * when the desk takes some. A full ring, or more frames than TRACE_A_SECOND, are counted and told; nobody waits. Relays know nothing of
 * it, and door and switch look at one flag while it is off.
 */

enum {
	TRACE_ROOM = 128, /* frames of each of the two */
	TRACE_A_SECOND = 400,
};

enum trace_mode {
	TRACE_OFF,
	TRACE_ALL,
	TRACE_HOST,
	TRACE_HOST_PORT,
};

static inline bool trace_is_on(const struct engine_shared *shared)
{
	return atomic_load_explicit(&shared->trace_mode, memory_order_relaxed) != TRACE_OFF;
}

/** A datagram of the thread that has this ring; mini frames and what is not wanted is left out. @return whether it was kept */
bool trace_put(struct engine_shared *shared, enum trace_ring who, bool sent, struct tg_addr remote,
               struct tg_span bytes, uint64_t now_us);

/** Stands for an address in trace_mode and trace_key. */
uint64_t trace_key(const struct engine_shared *shared, struct tg_addr addr, bool with_port);

/** All that came in a batch. @return whether any was kept */
bool trace_packets(struct engine_shared *shared, enum trace_ring who, const struct sys_udp_packet *packets,
                   unsigned count, uint64_t now_us);

/** The switch's end. Zeros but for `shared` are a beginning. */
struct trace {
	struct engine_shared *shared;
	char peer[IPC_NAME_BYTES]; /* that is looked for; "" for none */
	uint64_t lost;             /* told */
	uint64_t second, told_second;
	uint32_t shown; /* in this second */
	struct ipc_trace record;
	bool is_made; /* record waits to be sent */
};

/**
 * All (no name, no address), one address or address:port, or a peer, wherever it is.
 *
 * @return false if there is no such peer
 */
bool trace_set(struct trace *trace, const struct tg_switch *sw, bool on, struct tg_span peer, struct tg_addr addr);

/** A peer may be elsewhere by now. Once a second is enough. */
void trace_look(struct trace *trace, const struct tg_switch *sw);

/** Give the desk some. */
void trace_turn(struct trace *trace, struct link *desk, uint64_t now_us);

/** Whether a turn would find something. */
bool trace_waits(const struct trace *trace);

#endif
