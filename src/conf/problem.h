/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_PROBLEM_H
#define TG_CONF_PROBLEM_H

#include "conf/arena.h"

enum conf_severity {
	CONF_NOTE, /* an option without effect here, or a fact worth knowing */
	CONF_WARNING,
	CONF_ERROR, /* nothing of this load is used */
};

const char *conf_severity_name(enum conf_severity severity);

/** One finding. Its text never holds a secret, and no control characters. */
struct conf_problem {
	const struct conf_problem *next;
	enum conf_severity severity;
	const char *file;
	uint32_t line; /* 0: the file as a whole */
	const char *text;
};

enum { CONF_RECENT_PROBLEMS = 64 };

/** All findings of one load, in the order they were made. */
struct conf_problems {
	struct conf_arena arena;
	const struct conf_problem *recent[CONF_RECENT_PROBLEMS]; /* the last ones, in any order */
	uint32_t recent_at;
	const struct conf_problem *first;
	struct conf_problem *last;
	uint32_t errors, warnings, notes;
};

/** A place in a file. */
struct conf_place {
	const char *file;
	uint32_t line;
};

/**
 * Add a finding; file is copied. Without memory it is counted only. What one of the last ones said of the same line is not said
 * again: many accounts may inherit it from one template.
 */
void conf_problems_add(struct conf_problems *problems, enum conf_severity severity, struct conf_place at,
                       const char *format, ...) TG_PRINTF(4, 5);

#define conf_error(problems, at, ...) conf_problems_add((problems), CONF_ERROR, (at), __VA_ARGS__)
#define conf_warning(problems, at, ...) conf_problems_add((problems), CONF_WARNING, (at), __VA_ARGS__)
#define conf_note(problems, at, ...) conf_problems_add((problems), CONF_NOTE, (at), __VA_ARGS__)

enum { CONF_PROBLEM_BYTES = 512 };

/** `iax.conf:12: error: what is wrong`, cut to fit. Returns line. */
const char *conf_problem_format(const struct conf_problem *problem, char line[CONF_PROBLEM_BYTES]);

void conf_problems_free(struct conf_problems *problems);

#endif
