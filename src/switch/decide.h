/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_DECIDE_H
#define TG_SWITCH_DECIDE_H

#include "switch/inside.h"

/** Who is asked before credentials count, and who is told what became of a request: switch_ops.may_try and .decided. */

/**
 * Whether credentials may be believed. Asked for every name alike.
 *
 * @return what is wrong with the request by now
 */
enum model_reason decide_may_try_call(const struct tg_switch *sw, const struct call *call);
enum model_reason decide_may_try_registration(const struct tg_switch *sw, const struct pending *pending);

/** What call->why says is final; told once. answer: from the vault, or 0. */
void decide_call(struct tg_switch *sw, struct call *call, uint64_t answer);

/** A call is hung up by us; told if nothing was decided before. */
void decide_hung_up(struct tg_switch *sw, struct call *call);

/** What pending->why says is final. */
void decide_registration(const struct tg_switch *sw, const struct pending *pending, uint64_t answer);

/**
 * The sender is gone while the vault still judges. Otherwise he could guess without being noticed: whether he is asked the same
 * challenge again would tell him.
 */
void decide_call_left(struct tg_switch *sw, const struct call *call);
void decide_registration_left(struct tg_switch *sw, const struct pending *pending);

/** The verdict for somebody who is gone. */
void decide_late(struct tg_switch *sw, uint64_t cookie, bool right, uint64_t answer);

/** A request, as its event tells it, that was not looked at. */
void decide_turned_away(const struct tg_switch *sw, const struct iax_event *event, enum model_reason why);

#endif
