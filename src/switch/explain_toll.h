/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_EXPLAIN_TOLL_H
#define TG_SWITCH_EXPLAIN_TOLL_H

#include "switch/explain_text.h"
#include "switch/toll.h"

/** The Dial steps of one extension, as far as they can be read without a call: which of them cost money, and who says what of them. */

struct explain_dials {
	const struct world *world;
	const struct world_user *user;
	const struct world_exten *exten;
	struct tg_span number, caller, context; /* that ${EXTEN}, ${CALLERID(num)} and ${CONTEXT} stand for */
	uint64_t wall_ms;
};

enum explain_dial {
	EXPLAIN_DIAL_FREE,    /* it costs nothing */
	EXPLAIN_DIAL_ALLOWED, /* as far as the configuration says */
	EXPLAIN_DIAL_DENIED,  /* why says why */
	EXPLAIN_DIAL_UNKNOWN, /* it depends on what only a call knows */
};

enum { EXPLAIN_DIAL_BYTES = 256 };

/** text is a sentence, lent for the time of the call. */
typedef void explain_dial_fn(void *owner, enum explain_dial what, enum model_reason why, const char *text);

void explain_dials(const struct explain_dials *ask, explain_dial_fn *fn, void *owner);

#endif
