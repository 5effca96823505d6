/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_REGISTRAR_H
#define TG_SWITCH_REGISTRAR_H

#include "switch/inside.h"

/** Peers that register with us (RFC 5456, 6.1; asterisk-compat 3.7). Nobody registers without a secret. */

enum { REGISTRAR_GRACE_S = 10 }; /* a binding outlives its refresh by that */

/** An event of a leg of kind REG_IN. */
void registrar_on_event(struct tg_switch *sw, const struct iax_event *event);

void registrar_on_challenge(struct tg_switch *sw, struct tg_ref pending, struct tg_span text);
void registrar_on_verdict(struct tg_switch *sw, struct tg_ref pending, bool right, uint64_t answer);

/** A binding's time is up. */
void registrar_on_timer(struct tg_switch *sw, uint32_t account);

/** What the store kept. */
void registrar_restore(struct tg_switch *sw, const struct model_binding *binding);

/** An account of another process: its registration lasts as long as it says. */
void registrar_resume(struct tg_switch *sw, const struct account *account);

/** Take a registration away. @return false if there is none */
bool registrar_unbind(struct tg_switch *sw, struct tg_span peer);

#endif
