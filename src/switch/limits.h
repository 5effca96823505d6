/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_LIMITS_H
#define TG_SWITCH_LIMITS_H

#include "switch/inside.h"

/**
 * `maxcallnumbers` of peers, by the host where they are: asked for each opening, so it is kept up to date when a peer moves rather
 * than looked for. The peers of one host are a list, the largest limit first.
 */

/** The account's peer, where it is, or its limit is another one, perhaps. */
void limits_settle(struct tg_switch *sw, struct account *account);

/** @return NULL, or what is wrong with the lists */
const char *limits_check(const struct tg_switch *sw);

#endif
