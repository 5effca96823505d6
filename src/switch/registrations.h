/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_REGISTRATIONS_H
#define TG_SWITCH_REGISTRATIONS_H

#include "switch/inside.h"

/** Our own registrations with others (`register =>`, type=registration); iax/registrant.h says when, this does it. */

/** Another world: new ones begin, changed and vanished ones are given back. */
void registrations_on_world(struct tg_switch *sw);

/** An account is registered with us, or is no more: the registration that lasts as long ([front]) follows. */
void registrations_on_binding(struct tg_switch *sw, struct account *account);

/** Forget all, before others are taken over in their places. */
void registrations_forget(struct tg_switch *sw);

/** One of another process, in its place: what it follows, and when it is due. registrations_on_world() comes later. */
void registrations_resume(struct tg_switch *sw, struct outgoing *outgoing);

/** Whether the line of the world that this one is for has one already. */
bool registrations_has(const struct tg_switch *sw, const struct outgoing *outgoing);

/** An event of a leg of kind REG_OUT. */
void registrations_on_event(struct tg_switch *sw, const struct iax_event *event);

/** The vault's answer for this leg; one that came too late for it changes nothing. */
void registrations_on_response(struct tg_switch *sw, struct iax_leg_id leg, const uint8_t *md5);
void registrations_on_timer(struct tg_switch *sw, uint32_t outgoing);

#endif
