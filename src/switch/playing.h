/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_PLAYING_H
#define TG_SWITCH_PLAYING_H

#include "switch/inside.h"

/**
 * Playing a prompt to the caller. The switch sends one frame as a full one, which names the codec and the time; the relay goes on from
 * there. Every 30 s this is done again, so that no receiver loses count of the wrapped timestamps of mini frames.
 */

/** The same without the application's timer: for what sounds beside it. @param p  filled in if it begins */
bool playing_begin(struct tg_switch *sw, const struct call *call, struct playing *p, struct tg_span name, bool loop);
bool playing_continue(struct tg_switch *sw, const struct call *call, const struct playing *p);

/** When playing_continue() is due; past the end by a while, unless the relay told before. */
uint64_t playing_deadline_us(const struct tg_switch *sw, const struct playing *p);

/**
 * Begin with frame 0. The application's timer is used.
 *
 * @return false if the prompt is not there in a format the caller takes: the agreed one is tried first
 */
bool playing_start(struct tg_switch *sw, struct call *call, struct tg_span name, bool loop);

/** The timer: name codec and time again. @return false if the prompt should be over by now */
bool playing_go_on(struct tg_switch *sw, struct call *call);

/** QUELCH and UNQUELCH of the caller. */
void playing_hold(struct tg_switch *sw, struct call *call, bool quelch);

void playing_stop(struct call *call);

#endif
