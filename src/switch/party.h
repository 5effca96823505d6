/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_PARTY_H
#define TG_SWITCH_PARTY_H

#include "switch/inside.h"

/**
 * One side of a call: what goes to its leg and to the relay. Every leg is left through party_leave(), which clears the relay's entry
 * and notes what was received.
 */

/** A new side of a call. @return NULL if all are in use */
struct party *party_new(struct tg_switch *sw, struct tg_ref call, enum party_state state, struct tg_ref *ref);

struct party *party_find(const struct tg_switch *sw, struct tg_ref ref);

/** By index + 1, as call->callees and party->next have it; NULL for 0. */
struct party *party_at(const struct tg_switch *sw, uint32_t place);
uint32_t party_place(const struct tg_switch *sw, const struct party *party);

/** The caller, or NULL when he is gone. */
struct party *party_caller(const struct tg_switch *sw, const struct call *call);

/** Notes the codec and the timeline of a full voice frame. */
void party_heard(struct tg_switch *sw, struct party *party, const struct iax_event *event);

/**
 * A frame to begin his voice with elsewhere: the one he says just now, or silence, or in codecs whose silence is not known here what
 * he said last.
 *
 * @param room  for the last case
 */
struct tg_span party_said(const struct tg_switch *sw, const struct party *party, uint8_t room[BAG_VALUE_MAX]);

/** An event shows where the leg's remote is now; the relay follows. */
void party_seen(struct tg_switch *sw, struct party *party, const struct iax_event *event);

/** Set the relay's entry: what comes from this party goes to `to` (which may be itself), or is dropped (NULL). */
void party_relay(struct tg_switch *sw, struct party *party, const struct party *to);

/** The report of what was received from this party: the relay's counters, else the endpoint's own. */
void party_report(const struct tg_switch *sw, const struct party *party, struct model_report *out, uint32_t *rtt_ms);

/** The round trip was measured. */
void party_measured(struct tg_switch *sw, struct party *party, const struct iax_event *event);

/** Tell the endpoint what the relay counted, for its next answer to a PING. */
void party_give_report(struct tg_switch *sw, const struct party *party);

/** challenge_answer() as the peer of its name. */
TG_MUST_USE bool party_answer_challenge(struct tg_switch *sw, const struct party *party, const struct iax_event *event);

/** Hang the leg up, and forget it. */
void party_hangup(struct tg_switch *sw, struct party *party, uint8_t cause);

/** Forget a party whose leg is over. */
void party_leave(struct tg_switch *sw, struct party *party);

/** A CONTROL frame without payload. */
void party_control(struct tg_switch *sw, const struct party *party, enum iax_control control);

#endif
