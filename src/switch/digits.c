/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/digits.h"

#include <string.h>

enum { SHORT_WAIT_MS = 500, LONG_WAIT_MS = 1000 };

const struct digits_pace digits_default_pace = { .lasts_ms = 100, .gap_ms = 250 };

static void send(struct tg_switch *sw, const struct party *to, char digit, bool begun)
{
	const enum iax_err err = iax_leg_dtmf(sw->outside.ep, to->id, digit, begun, sw->now_us);

	(void)err; /* a leg that ends meanwhile tells so by its own event */
}

static char upper(uint8_t c)
{
	return (char)(c >= 'a' && c <= 'd' ? c - 'a' + 'A' : c);
}

/* The next sign. @return how long it takes; 0 if it is none */
static uint32_t begin(struct tg_switch *sw, struct call *call, const struct party *to, uint8_t sign, uint32_t lasts_ms)
{
	if (sign == 'w' || sign == 'W') {
		return sign == 'w' ? SHORT_WAIT_MS : LONG_WAIT_MS;
	}
	if (sign == '\0' || strchr("0123456789*#ABCDabcd", sign) == NULL) {
		return 0;
	}
	send(sw, to, upper(sign), true);
	call->app_flag = true;
	return lasts_ms;
}

bool digits_step(struct tg_switch *sw, struct call *call, const struct party *to, struct tg_span digits,
                 const struct digits_pace *pace, uint64_t *next_us)
{
	uint32_t wait_ms = 0;

	if (call->app_flag) {
		if (call->app_count > 0 &&
		    call->app_count <= digits.len) { /* a variable in them may be shorter by now */
			send(sw, to, upper(digits.p[call->app_count - 1]), false);
		}
		call->app_flag = false;
		wait_ms = pace->gap_ms;
	}
	while (wait_ms == 0 && call->app_count < digits.len && call->app_count < UINT8_MAX) {
		wait_ms = begin(sw, call, to, digits.p[call->app_count++], pace->lasts_ms);
	}
	*next_us = sw->now_us + (uint64_t)wait_ms * TG_US_PER_MS;
	return wait_ms > 0;
}
