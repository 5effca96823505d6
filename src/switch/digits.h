/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_DIGITS_H
#define TG_SWITCH_DIGITS_H

#include "switch/inside.h"

/** Sending digits one after the other: each begins, lasts, ends; then a gap. "w" waits half a second, "W" a whole one. */

struct digits_pace {
	uint32_t lasts_ms, gap_ms;
};

/** A quarter of a second between digits of a tenth each. */
extern const struct digits_pace digits_default_pace;

/**
 * Do what comes next. call->app_count counts the signs begun, call->app_flag says that a digit sounds; both start at 0.
 *
 * @param digits   the same each time
 * @param next_us  when to ask again
 * @return false if all are sent
 */
bool digits_step(struct tg_switch *sw, struct call *call, const struct party *to, struct tg_span digits,
                 const struct digits_pace *pace, uint64_t *next_us);

#endif
