/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_DOOR_H
#define TG_ENGINE_DOOR_H

#include "engine/shared.h"
#include "guard/share.h"
#include "iax/door.h"

/**
 * The door: the thread that strangers meet. It has no state of calls; it drains its sockets, lets iax_door_judge() decide, answers in
 * batches and hands what may pass to the switch.
 *
 * While it keeps up, everybody is answered. When its socket is backed up, answers may take a share of the CPU time that it gets
 * (ruling R5), the larger one for customers' networks; guard/share decides who has them. What a valid token opens is never held
 * back.
 */

enum { DOOR_STATICS = 8192 };

/** Single writer: the door's thread. */
struct door_counters {
	_Atomic uint64_t received, answered, passed, too_long;
	_Atomic uint64_t ring_full[OPENING_CLASSES];
	_Atomic uint64_t silenced;               /* dropped unread, of who gets no answers now */
	_Atomic uint64_t shed;                   /* not answered, or not even read, for want of time */
	_Atomic uint64_t dropped[IAX_ERR_COUNT]; /* by reason */
	_Atomic uint64_t refused;                /* of the answered: a token was missing */
};

/** What answers may cost: measured, and limited in windows of SHARE_WINDOW_US. */
struct door_time {
	uint64_t window;               /* number of the current one */
	uint64_t cpu_ns, last_cpu_ns;  /* that the door had in this window and the one before */
	uint64_t overflowed;           /* datagrams that its sockets had no room for */
	uint32_t percent;              /* of its time, for strangers */
	uint64_t answer_ns;            /* of one answer, in 1/16, smoothed */
	uint32_t customers, strangers; /* answers that this window may have */
};

struct door {
	bool is_unlimited; /* answers may take all of its time: for a benchmark of what they cost */
	struct engine_shared *shared;
	const struct world *world;
	uint64_t now_us;
	bool is_traced;  /* operators look at frames */
	bool has_traced; /* the switch has one of this batch to show */
	bool is_behind;  /* the batch was full: more waits */
	unsigned queued; /* answers in this batch */
	struct door_time time;
	struct share strangers, customers;
	struct iax_door_policy policy;
	struct door_counters counters;
	uint64_t statics[DOOR_STATICS]; /* hashes of the hosts of static peers, open addressing */
	struct sys_udp_packet packets[SYS_UDP_BATCH];
};

void door_init(struct door *door, struct engine_shared *shared);

/** Start of a turn: take the settings of the world as it is now. */
void door_turn(struct door *door);

/** A socket is readable: take and answer one batch. @return how many came */
unsigned door_receive(struct door *door, uint32_t group, uint64_t now_us);

#endif
