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

/** As switch_number_limit(), as long as nobody is registered; looks at all peers. */
struct switch_limit limits_in_world(const struct world *world, struct tg_addr from);

/** @return NULL, or what is wrong with the lists */
const char *limits_check(const struct tg_switch *sw);

#endif
