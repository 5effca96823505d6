/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_CALLVARS_H
#define TG_SWITCH_CALLVARS_H

#include "switch/inside.h"
#include "switch/vars.h"

/** Variables and functions as the dialplan of one call sees them. */

/** Expand text for a call; what is longer than VARS_TEXT_MAX is cut and logged. */
void callvars_expand(const struct tg_switch *sw, const struct call *call, enum vars_use use, struct tg_span in,
                     struct vars_text *out);

/**
 * What Set does: a variable (leading "_" or "__" are dropped), GLOBAL(x), IAXVAR(x), CALLERID(num|name|all|pres), CHANNEL(language),
 * CDR(accountcode), LOCAL(x), TIMEOUT(absolute|digit|response).
 *
 * @param foreign  a caller chose some of the value
 * @return false if the name is no such thing, or there is no room
 */
bool callvars_set(struct tg_switch *sw, struct call *call, struct tg_span name, struct tg_span value, bool foreign);

/** How long to wait for digits: what TIMEOUT(response) or TIMEOUT(digit) says, if it says more than nothing. */
enum callvars_wait { CALLVARS_FIRST_DIGIT, CALLVARS_NEXT_DIGIT };
uint64_t callvars_wait_us(const struct tg_switch *sw, const struct call *call, enum callvars_wait wait,
                          uint64_t usual_us);

/** Set a plain variable of ours, such as DIALSTATUS. */
void callvars_put(struct tg_switch *sw, struct call *call, const char *name, struct tg_span value);
void callvars_put_uint(struct tg_switch *sw, struct call *call, const char *name, uint64_t value);

#endif
