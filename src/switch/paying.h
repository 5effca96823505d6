/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_PAYING_H
#define TG_SWITCH_PAYING_H

#include "switch/inside.h"
#include "switch/toll.h"

/**
 * Legs that cost money: whether one may begin, what it is charged to, when it must end. What is used is counted for accounts that
 * proved their secret, for trunks, and for all guests together, so that nobody can use up what is another's. Seconds are granted
 * a minute at a time before they are talked away, so that however many calls run, they never take more than there is.
 */

/** Seconds that a call is granted at a time. */
enum { PAYING_GRANT_S = 60 };

/** A leg that may cost money. */
struct paid {
	uint32_t party;          /* place */
	uint32_t account, trunk; /* usages: index + 1; 0: not counted */
	uint32_t granted_s;      /* of the day and the month, all in all */
	uint32_t day, month;     /* of the last grant */
	uint32_t longest_s;
	uint32_t unused;
	uint64_t answered_us; /* 0: not yet */
	uint8_t class;        /* enum world_class */
	uint8_t limited;      /* it talks on what it was granted */
	uint8_t zero[6];
	char number[32];             /* digits; "?" for what is none */
	char rule[MODEL_RULE_BYTES]; /* that allowed it */
};

/**
 * May this leg be set up? If so it is charged from now on, until party_leave().
 *
 * @return 0, or the cause why not; the operator was told
 */
uint8_t paying_begin(struct tg_switch *sw, struct call *call, const struct world_peer *trunk, struct tg_span number,
                     const struct party *party);

/** The leg was answered. */
void paying_answered(struct tg_switch *sw, struct call *call, const struct party *party);

/** The leg is over: what it was granted and did not use is given back. Any party may come here. */
void paying_leave(struct tg_switch *sw, const struct party *party);

/** The call's time may be over. */
void paying_on_timer(struct tg_switch *sw, struct call *call);

/** What the call's record says about it; lent. */
struct model_paid *paying_record(struct tg_switch *sw, const struct call *call);

/** Begin and end of a call: nothing is said of it yet, or any more. */
void paying_forget(struct tg_switch *sw, const struct call *call);

/**
 * A leg that another process charged; its usages were taken over before.
 *
 * @param old     makes sense or not
 * @param usages  of the other process; may hold anything
 * @return false if it is none of this party: nothing was done
 */
bool paying_take_over(struct tg_switch *sw, const struct call *call, const struct party *party, const struct paid *old,
                      const struct tg_slab *usages);

/** @return NULL, or what is wrong with the counters */
const char *paying_check(const struct tg_switch *sw);

/** Legs that are charged. */
uint32_t paying_legs(const struct tg_switch *sw);

#endif
