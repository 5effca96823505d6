/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_OPTIONS_H
#define TG_TOOLS_OPTIONS_H

#include "base/tg.h"

enum tool_option_kind {
	TOOL_OPTION_FLAG,        /* bool */
	TOOL_OPTION_TEXT,        /* const char *, lent by argv */
	TOOL_OPTION_COUNT,       /* uint64_t within min..max */
	TOOL_OPTION_SECONDS,     /* uint64_t in ms; written with at most three decimals; min..max in ms */
	TOOL_OPTION_MAYBE_COUNT, /* uint64_t; without a number behind it: `absent` */
};

/** One option: a row of a table that ends with a NULL name. */
struct tool_option {
	const char *name;  /* with its dashes */
	const char *value; /* as the help calls it; NULL for a flag */
	const char *help;
	enum tool_option_kind kind;
	size_t offset; /* of the field in the struct that is filled */
	uint64_t min, max;
	uint64_t absent; /* TOOL_OPTION_MAYBE_COUNT */
};

enum { TOOL_WRONG_BYTES = 512 };

/**
 * Read options in any order and place, `--name value` and `--name=value`; "--" ends them. What is no option is
 * gathered at the front of argv.
 *
 * @param into   what the table's offsets are in; its defaults are already set
 * @param wrong  for people; set after a failure
 * @return how many arguments are left at the front of argv, or -1
 */
int tool_options_parse(const struct tool_option *table, void *into, int argc, char **argv,
                       char wrong[TOOL_WRONG_BYTES]);

/** The help's lines for a table, to standard output. */
void tool_options_print(const struct tool_option *table);

/** "2", "0.5", "1.250" to ms. */
TG_MUST_USE bool tool_seconds_parse(const char *text, uint64_t *ms);

#endif
