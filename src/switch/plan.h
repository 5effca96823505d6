/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_PLAN_H
#define TG_SWITCH_PLAN_H

#include "model/world.h"

/**
 * Finding steps of the dialplan: pure functions of the world. A context is searched first, then what it includes, in file order and
 * depth first; within one context the first extension that matches and has the wanted priority is taken, so that a gap is
 * filled by the next extension that matches (asterisk-compat 6.3). What is there while somebody is registered (regcontext) comes
 * behind all that its context and those that it includes have written.
 */

/** Who is registered now. */
struct plan_registered {
	bool (*is)(const void *owner, struct tg_span peer); /* NULL: as if everybody were */
	const void *owner;
};

/** A number dialled in a context by a caller. */
struct plan_place {
	uint32_t context; /* row */
	struct tg_span exten;
	struct tg_span caller;
	uint32_t minute; /* since 1970, UTC, for includes with times; 0 (WHEN_ANY): as if all were open */
	struct plan_registered registered;
};

enum { PLAN_DIALLED_BYTES = WORLD_NAME_MAX + 1 };

/**
 * The extension that somebody outside asks for with a number. "-" in a number is decoration, which patterns do not see, so what the
 * dialplan sends on must not have it either: "-9123" would be "9123" behind the first digit. None are: what divides the arguments of
 * applications, for it would not be sent on as it was matched; the names of extensions that only the dialplan goes to; what is too long.
 *
 * @param buf  lent to what is returned
 * @return empty for none
 */
struct tg_span plan_dialled(struct tg_span called, char buf[PLAN_DIALLED_BYTES]);

/** @return NULL if nothing there has this priority */
const struct world_step *plan_find(const struct world *world, const struct plan_place *place, uint32_t priority);

/** How a step was found. */
struct plan_trace {
	const struct world_exten *exten;
	uint32_t contexts[WORLD_INCLUDE_DEPTH]; /* rows: from the place's own to the one that has it */
	uint32_t depth;
};

const struct world_step *plan_find_traced(const struct world *world, const struct plan_place *place, uint32_t priority,
                                          struct plan_trace *trace);

/** The priority a label stands for; 0 for none. */
uint32_t plan_label(const struct world *world, const struct plan_place *place, struct tg_span label);

/** The row of a context, or NO_ROW (UINT32_MAX). */
uint32_t plan_context(const struct world *world, struct tg_span name);

/** Priority 1 is there, so a call may begin. */
bool plan_exists(const struct world *world, const struct plan_place *place);

#endif
