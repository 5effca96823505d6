/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_TONES_H
#define TG_SWITCH_TONES_H

#include "switch/inside.h"

/**
 * Tones that sound while the dialplan goes on, until StopPlaytones or an application that speaks itself. What comes once is one prompt,
 * what is repeated another. A call takes an item of one pool for as long as a tone sounds.
 */

/** Ends the tone before. @return false if there is no such tone in a format the caller takes, or no room */
bool tones_start(struct tg_switch *sw, struct call *call, struct tg_span text);

/** What sounds, ends; a call without a tone is left as it is. */
void tones_stop(struct tg_switch *sw, struct call *call);

/** QUELCH and UNQUELCH of the caller. */
void tones_hold(struct tg_switch *sw, struct call *call, bool quelch);

/** The relay came to the end of what comes once. */
void tones_on_played(struct tg_switch *sw, struct call *call);

/** A tone of another process goes on where it was. @param old  makes sense. @return false without room */
bool tones_take_over(struct tg_switch *sw, struct call *call, const struct tone *old);

/** The relay must be told again what sounds. */
void tones_again(struct tg_switch *sw, struct call *call);

/** An item's timer. */
void tones_on_timer(struct tg_switch *sw, uint32_t index);

/** By index + 1, as call->tone has it; NULL for 0. */
struct tone *tones_find(const struct tg_switch *sw, uint32_t place);

#endif
