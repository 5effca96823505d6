/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_EXPLAIN_H
#define TG_SWITCH_EXPLAIN_H

#include "model/event.h"
#include "model/world.h"

/**
 * What would become of a request, and which line of the configuration says so: the same functions that decide for the switch
 * (ruling R22) look at a world, and each step is told. What only a running exchange knows (registrations, what the guard remembers, how
 * many numbers are in use) is not looked at, and no secret is: the right one is taken for granted.
 */
enum switch_explain_verdict {
	SWITCH_EXPLAIN_OK,
	SWITCH_EXPLAIN_NO,
	SWITCH_EXPLAIN_NOTE, /* a fact, neither for nor against it */
	SWITCH_EXPLAIN_VERDICTS,
};

enum { SWITCH_EXPLAIN_TEXT = 256 };

struct switch_explain_step {
	const char *what; /* "call token", "account", "address" ... */
	enum switch_explain_verdict verdict;
	enum model_reason why;          /* NO */
	char text[SWITCH_EXPLAIN_TEXT]; /* a sentence: the setting, its value, its place */
};

typedef void switch_explain_fn(void *owner, const struct switch_explain_step *step);

/** The request. */
struct switch_explain_ask {
	bool registration;      /* else a call */
	bool has_token;         /* it carries a valid call token */
	bool latched;           /* this account used one before */
	bool known;             /* this account proved its secret from this network lately */
	struct tg_addr from;    /* family set */
	struct tg_span name;    /* USERNAME; empty for none */
	struct tg_span number;  /* called; empty for none: "s" */
	struct tg_span context; /* asked for; empty for none */
	struct tg_span caller;  /* calling number, for "pattern/number" */
	uint64_t codecs;        /* offered; 0: not known */
	uint64_t wall_ms;       /* when; for the hours of paid calls */
	uint32_t minute;        /* when: minutes since 1970, UTC; 0: as if all includes with times were open */
};

/**
 * Tell the steps in the order in which the exchange takes them. After the first NO those follow that can still be said.
 *
 * @return why the exchange would refuse it, the first NO; MODEL_WHY_OK if it would let it in
 */
enum model_reason switch_explain(const struct world *world, const struct switch_explain_ask *ask, switch_explain_fn *fn,
                                 void *owner);

const char *switch_explain_verdict_name(enum switch_explain_verdict verdict);

#endif
