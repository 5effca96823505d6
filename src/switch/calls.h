/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_CALLS_H
#define TG_SWITCH_CALLS_H

#include "switch/inside.h"

/**
 * The life of a call: offered, challenged, judged, accepted, run, ended. Events change the call and say in `todo` what is to come;
 * call_settle() then drives the dialplan on, and takes the call apart when it is over. After it the call may be gone.
 */

enum { CALL_CHANNEL_BYTES = MODEL_NAME_BYTES + 16 };

/** An event of a leg of kind CALL_IN or CALL_OUT. */
void calls_on_event(struct tg_switch *sw, const struct iax_event *event);

void calls_on_challenge(struct tg_switch *sw, struct tg_ref party, struct tg_span text);
void calls_on_verdict(struct tg_switch *sw, struct tg_ref party, bool right, uint64_t answer);
void calls_on_response(struct tg_switch *sw, struct tg_ref party, const uint8_t *md5);
void calls_on_played(struct tg_switch *sw, struct iax_leg_id leg);
void calls_on_timer(struct tg_switch *sw, enum timer_kind kind, uint32_t index);

/** Hang up all calls. */
void calls_end_all(struct tg_switch *sw, uint8_t cause);

/** Calls that hold a world's slot lose it: their dialplan is over. */
void calls_give_up_world(struct tg_switch *sw, uint32_t slot);

/** The call's world and prompts; NULL when they had to be given up. */
const struct world *call_world(const struct tg_switch *sw, const struct call *call);
const struct prompts *call_prompts(const struct tg_switch *sw, const struct call *call);

/** A call in the current world, with its caller's party. @return NULL if there is no room */
struct call *call_new(struct tg_switch *sw, struct party **caller);

/** The record has the time: who began the call hears somebody, or is heard. */
void call_answered(struct tg_switch *sw, struct call *call);

/** ANSWER to the caller, once. */
void call_answer(struct tg_switch *sw, struct call *call);

/**
 * The call is being changed from here on, until call_settle() or call_leave(): if the process dies meanwhile, whoever takes over
 * ends the call.
 */
void call_touch(struct tg_switch *sw, const struct call *call);
void call_leave(struct tg_switch *sw);

/** End the call, as soon as the event that runs is dealt with. */
void call_end(struct call *call, uint8_t cause);

/** Go on until the call waits, or is gone. */
void call_settle(struct tg_switch *sw, struct call *call);

/** "IAX2/alice-1234" of one of its parties; party may be NULL. Returns name. */
const char *call_channel(const struct tg_switch *sw, const struct party *party, char name[CALL_CHANNEL_BYTES]);

/** What the far end's end of a leg counts as. */
uint8_t call_end_cause(const struct iax_event *event);

#endif
