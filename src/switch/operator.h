/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_OPERATOR_H
#define TG_SWITCH_OPERATOR_H

#include "switch/switch.h"

/** What an operator wants of calls and registrations. */

enum switch_told {
	SWITCH_TOLD_DONE,
	SWITCH_TOLD_NO_PEER,    /* there is no such peer */
	SWITCH_TOLD_NOT_BOUND,  /* it is not registered */
	SWITCH_TOLD_NOT_HERE,   /* no address is known, or it does not answer */
	SWITCH_TOLD_NO_EXTEN,   /* there is no such extension in that context */
	SWITCH_TOLD_NO_APP,     /* there is no such application */
	SWITCH_TOLD_PAID,       /* calls to this peer may cost money */
	SWITCH_TOLD_NO_CHANNEL, /* there is no such channel */
	SWITCH_TOLD_NO_ROOM,    /* for more calls */
	SWITCH_TOLD_STOPPING,   /* no new calls any more */
	SWITCH_TOLDS,
};

/** Take a peer's registration away, as if it had released it. */
enum switch_told switch_unregister(struct tg_switch *sw, struct tg_span peer, uint64_t now_us);

/**
 * Hang up one channel, or those of all calls. A caller's takes its call with it, a callee's is for its Dial as if that phone had hung up.
 *
 * @param channel  "IAX2/alice-1234"; empty for all
 * @param count    how many were hung up
 */
enum switch_told switch_hang_up(struct tg_switch *sw, struct tg_span channel, uint32_t *count, uint64_t now_us);

/**
 * Call a phone, and when it answers go on with it as with a caller: at an extension, or with one application. Calls that cost money
 * count, and are allowed, as calls of the user of the phone's name; without one, as a guest's.
 */
struct switch_originate {
	struct tg_span peer, number;   /* number: to call there; empty for "s" */
	struct tg_span exten, context; /* or */
	struct tg_span app, args;      /* app empty: exten@context */
	uint64_t ring_us;              /* how long it may ring */
};

enum { SWITCH_CHANNEL_BYTES = MODEL_NAME_BYTES + 16 };

/** @param channel  of the phone, when it is called */
enum switch_told switch_originate(struct tg_switch *sw, const struct switch_originate *wish,
                                  char channel[SWITCH_CHANNEL_BYTES], uint64_t now_us);

/** Where a peer is now; family TG_NO_ADDR if nobody knows. @return false if there is no such peer */
bool switch_peer_where(const struct tg_switch *sw, struct tg_span peer, struct tg_addr *addr);

#endif
