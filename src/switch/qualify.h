/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_QUALIFY_H
#define TG_SWITCH_QUALIFY_H

#include "switch/inside.h"

/**
 * Whether peers answer (`qualify`): a POKE from time to time, oftener while there is no good answer. After a start or a reload the first
 * ones are spread, so that thousands of peers are not asked at once.
 */

enum { QUALIFY_SPREAD_US = 10 * TG_US_PER_MS }; /* between two first POKEs, unless there are too many for the period */

/** Another world: who is to be watched. */
void qualify_on_world(struct tg_switch *sw);

/** A peer's address is new, or gone. */
void qualify_on_moved(struct tg_switch *sw, struct account *account);

/** An event of a leg of kind POKE_OUT. */
void qualify_on_event(struct tg_switch *sw, const struct iax_event *event);

void qualify_on_timer(struct tg_switch *sw, uint32_t account);

#endif
