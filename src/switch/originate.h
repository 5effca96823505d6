/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_ORIGINATE_H
#define TG_SWITCH_ORIGINATE_H

#include "switch/inside.h"
#include "switch/vars.h"

/** A call that an operator began, while the phone is called (CALL_CALLED). Then the call goes on as any other. */

void originate_on_event(struct tg_switch *sw, struct call *call, struct party *phone, const struct iax_event *event);
void originate_on_response(struct tg_switch *sw, struct call *call, const struct party *phone, const uint8_t *md5);

/** It rang long enough. */
void originate_on_timer(struct call *call);

/** The arguments of the application that such a call runs without a step. */
void originate_args(const struct tg_switch *sw, const struct call *call, struct vars_text *room);

#endif
