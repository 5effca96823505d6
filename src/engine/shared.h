/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_SHARED_H
#define TG_ENGINE_SHARED_H

#include <stdatomic.h>

#include "base/log.h"
#include "base/ring.h"
#include "engine/bell.h"
#include "engine/marks.h"
#include "engine/player.h"
#include "engine/relay_table.h"
#include "engine/tokenless.h"
#include "iax/err.h"
#include "iax/token.h"
#include "ipc/msg.h"
#include "model/world.h"
#include "sys/udp.h"

/** What door, switch and relays have in common: who writes what is said at each member. */

enum {
	ENGINE_GROUPS_MAX = IPC_BINDS_MAX,
	ENGINE_THREADS_MAX = IPC_THREADS_MAX,
	ENGINE_RELAYS_MAX = ENGINE_THREADS_MAX,
	ENGINE_KNOWN_S = 3600, /* that a valid call token counts */
	ENGINE_NOTICES = 256,  /* of one relay */
	OPENING_BYTES_MAX = 2048,
	NOTICE_BYTES_MAX = 1024,
	TRACED_BYTES = 1000,
	SILENCED_WORDS = 3, /* of 64 prefix lengths */
};

/** One address of ours, with its sockets in the order of the selector. */
struct engine_group {
	struct tg_addr local; /* as bound */
	bool wildcard;
	struct sys_udp *sockets[2 + ENGINE_RELAYS_MAX]; /* each belongs to the thread of its role */
};

/**
 * Whose openings wait for the switch, each kind in a ring of its own: it takes all of the known ones first, then some of each other
 * kind, and a full ring drops nobody else's.
 */
enum opening_class {
	OPENING_KNOWN,    /* proven, of a network where an account proved itself */
	OPENING_STRANGER, /* proven */
	OPENING_UNPROVEN, /* excused from the token */
	OPENING_HANGUP,   /* that may belong to a leg: anybody can send it */
	OPENING_CLASSES,
};

/** @return how many of them may wait */
static inline uint32_t opening_room(enum opening_class class)
{
	static const uint32_t rooms[OPENING_CLASSES] = {
		[OPENING_KNOWN] = 512,
		[OPENING_STRANGER] = 512,
		[OPENING_UNPROVEN] = 64,
		[OPENING_HANGUP] = 64,
	};

	return rooms[class];
}

/** Door to switch: a frame that may open a leg, or may belong to one. */
struct opening {
	struct tg_addr remote, local;
	uint32_t proof; /* enum iax_proof */
	uint32_t len;
	uint8_t bytes[OPENING_BYTES_MAX];
};

enum notice_kind {
	NOTICE_FULL,   /* this frame of a prompt must leave as a full frame */
	NOTICE_PLAYED, /* a prompt is over */
};

/** Relay to switch. */
struct notice {
	uint32_t kind;
	uint32_t leg, life;
	uint32_t serial; /* of the order */
	uint32_t ts_ms;  /* FULL */
	uint32_t len;
	uint8_t bytes[NOTICE_BYTES_MAX];
};

/** Who has a ring of frames for operators: see engine/trace.h. */
enum trace_ring { TRACE_DOOR, TRACE_SWITCH, TRACE_RINGS };

struct traced {
	uint64_t at_us;
	struct tg_addr remote;
	uint16_t len, total; /* kept, and what it had */
	bool sent;
	uint8_t bytes[TRACED_BYTES];
};

struct engine_shared {
	/* Written before the threads start. */
	struct tg_log *log;
	struct engine_group groups[ENGINE_GROUPS_MAX];
	uint32_t group_count;
	uint32_t relay_count;
	uint32_t thread_count;
	struct iax_token_keys token_keys;
	struct relay_table *table;
	struct player_board *board;
	struct tg_ring *openings[OPENING_CLASSES];
	struct tg_ring *notices[ENGINE_RELAYS_MAX];
	struct bell bells[ENGINE_THREADS_MAX];
	uint32_t door_thread; /* the switch has thread 0 */
	uint32_t relay_threads[ENGINE_RELAYS_MAX];

	struct marks known; /* addresses that proved themselves lately; written by the door's and the switch's thread */
	struct marks customers; /* networks (tg_addr_network_bits()) where an account proved itself; by the switch's */
	struct tokenless
		*tokenless;    /* accounts excused from the call token where they proved themselves; by the switch's */
	struct marks silenced; /* who gets no answers, of any prefix length; by the switch's */
	/* The lengths that are looked up there, IPv4 and IPv6: bit n stands for /n; /32 and /64 always are. By the switch's. */
	_Atomic uint64_t silenced_lengths[2][SILENCED_WORDS];

	/* Written by the switch's thread. */
	const struct world *_Atomic world;
	struct player_images images;
	_Atomic uint64_t epoch; /* grows when something shared was taken out of use */
	_Atomic bool stop;

	_Atomic bool failed; /* set by a thread that cannot go on: the switch ends all calls, and the engine */

	/* Each thread writes its own: the epoch at the start of its turn. */
	_Atomic uint64_t seen[ENGINE_THREADS_MAX];

	/* Frames for operators. What is wanted is written by the switch's thread, each ring and its count by one thread. */
	_Atomic uint32_t trace_mode; /* enum trace_mode */
	_Atomic uint64_t trace_key;
	_Atomic uint64_t trace_lost[TRACE_RINGS];
	struct tg_ring *traces[TRACE_RINGS];
};

/** The address of ours that `local` belongs to; -1 for none. */
int engine_group_of(const struct engine_shared *shared, struct tg_addr local);

/** Let every thread have a turn. */
void engine_ring_all(struct engine_shared *shared);

/** A counter with one writing thread, read by another. */
static inline void engine_count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

#endif
