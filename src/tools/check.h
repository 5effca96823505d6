/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_CHECK_H
#define TG_TOOLS_CHECK_H

#include "conf/conf.h"
#include "switch/risk.h"
#include "tools/options.h"
#include "tools/tool.h"

/** What a configuration allows, before it is used: errors, risky settings, and where calls of each account can go. */

struct tool_check_options {
	const char *folder, *other; /* other: the new one of --diff */
	bool json, strict, diff, help;
};

/** A configuration, read and looked at. */
struct tool_checked {
	struct conf_result conf;
	struct reach *reach; /* NULL if it cannot be used */
};

enum { TOOL_CHECK_LINE_BYTES = 512 };

/** @return false if it cannot be used: standard error says why */
TG_MUST_USE bool tool_check_read(struct tool_checked *checked, const char *folder);
void tool_check_free(struct tool_checked *checked);

/** @return how severe the worst risk is; -1 for none */
int tool_check_print(const struct tool_checked *checked);

/** One line of JSON to standard output. */
int tool_check_json(const struct tool_checked *checked);

/** What the other one allows that the first does not ("+"), and the other way round ("-"). @return whether there is a "+" */
bool tool_check_diff(const struct tool_checked *old, const struct tool_checked *new, bool json);

enum tool_exit tool_check_main(const struct tool_env *env, int argc, char **argv);

#endif
