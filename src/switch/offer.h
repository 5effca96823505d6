/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_OFFER_H
#define TG_SWITCH_OFFER_H

#include "switch/inside.h"

/** What a NEW says, and what its account makes of it (asterisk-compat 3.2 to 3.4). */

/** Copy what the request says into the call. */
void offer_read(struct tg_switch *sw, struct call *call, const struct iax_ies *ies, struct tg_addr from);

/** Find the account; call->why says what is wrong with it. @return NULL for none */
const struct world_user *offer_match(struct tg_switch *sw, struct call *call, const struct iax_ies *ies);

/** The account's caller id, variables, language and account code. */
void offer_take_account(struct tg_switch *sw, struct call *call, const struct world_user *user);

/** The place in the dialplan where the call begins. @return false if there is none */
bool offer_find_place(struct tg_switch *sw, struct call *call, const struct world_user *user);

#endif
