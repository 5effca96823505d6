/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_PLAN_H
#define TG_CONF_PLAN_H

#include "conf/account.h"
#include "conf/dialect.h"

/** extensions.conf, between the lines of a file and the rows of a world. */

/** One line of an extension. */
struct conf_step {
	struct conf_step *next; /* in file order */
	struct conf_place at;
	const char *pattern, *callerid;
	bool has_callerid;
	uint32_t priority, order; /* order: of the line among its context's */
	const char *label, *args; /* "" for none */
	const struct conf_app *app;
	struct conf_context *context;
	struct conf_texts registered; /* peers, one of which must be registered; none: it is always there */
};

/** All lines of one extension: a slice of its context's sorted steps. */
struct conf_exten {
	struct conf_step **steps; /* by priority */
	uint32_t count;
};

/** A line with a name, and perhaps times. */
struct conf_include {
	struct conf_include *next;
	const char *text; /* the name */
	struct conf_place at;
	const char *times;        /* "" for none */
	struct world_include row; /* what the times mean */
};

struct conf_includes {
	struct conf_include *first, *last;
	uint32_t count;
};

struct conf_context {
	struct conf_context *next, *next_in_bucket;
	const char *name;
	struct conf_place at;
	struct conf_includes includes;
	struct conf_step *steps, *last_step;
	uint32_t step_count;
	struct conf_exten *extens; /* in the order of precedence; set by conf_plan_check() */
	uint32_t exten_count;
	uint32_t mark, height, visits; /* while includes are followed */
	bool has_registered;           /* it is that of regcontext= */
};

struct conf_plan {
	struct conf_context *contexts, *last;       /* in file order */
	struct conf_context *buckets[CONF_BUCKETS]; /* the same by name */
	struct conf_variable *globals, *last_global;
	bool is_missing; /* there is no extensions.conf, or it could not be read */
	bool has_times;  /* includes or GotoIfTime look at the machine's clock */
	struct world_zone zone;
	uint8_t autofallthrough;
};

/** By exact name; NULL for none. */
struct conf_context *conf_context_find(const struct conf_plan *plan, struct tg_span name);

/** `; did you mean "x"?` or nothing. Returns hint. */
const char *conf_context_hint(const struct conf_plan *plan, const char *name, char hint[CONF_HINT_BYTES]);

/** A new one at the end; NULL without memory. Name and place are lent. */
struct conf_context *conf_context_new(struct conf_loading *loading, struct conf_plan *plan, const char *name,
                                      struct conf_place at);

void conf_step_append(struct conf_context *context, struct conf_step *step);

/** What registered peers add (regcontext): plan_registered.c. Before the check. */
void conf_plan_register(struct conf_loading *loading, struct conf_plan *plan);

/** Contexts, [general] and [globals]. */
void conf_extensions_read(struct conf_loading *loading, const struct conf_dialect *dialect, struct conf_plan *plan);

/** What can only be seen when all is read: repeated priorities, includes, places to go to, contexts of users. */
void conf_plan_check(struct conf_loading *loading, struct conf_plan *plan);

/** Contexts, extensions and steps become rows. Only after a check without errors. */
void conf_plan_emit(struct conf_loading *loading, const struct conf_plan *plan);

#endif
