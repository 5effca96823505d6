/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_SETUP_H
#define TG_TOOLS_SETUP_H

#include "tools/setup_io.h"
#include "tools/setup_place.h"
#include "tools/setup_plan.h"
#include "tools/tool.h"

/** `tollgate setup`: the first run. */

struct setup_options {
	const char *folder, *answers;
	bool yes, help;
};

/** All that one run holds. */
struct setup {
	struct setup_options options;
	const char *state_dir;
	bool asks; /* on a terminal; else everything is answered already */
	struct setup_io io;
	struct setup_plan plan;
	struct setup_place place;
};

/** "setup: ..." to standard error. @return exit */
enum tool_exit setup_say(enum tool_exit exit, const char *format, ...) TG_PRINTF(2, 3);

/** Ask everything, into the plan. @return false if the operator left: nothing may be written then */
TG_MUST_USE bool setup_ask(struct setup *setup);

/** A question with yes and no; without a terminal the answer is `otherwise`. @return false if the operator left */
TG_MUST_USE bool setup_ask_yes(struct setup *setup, const char *question, bool otherwise, bool *answer);

/** The addresses of this machine, a line each, to standard output. */
void setup_print_addresses(void);

/** Whether one of the plan's addresses cannot be listened at now; text says which and why. */
bool setup_port_trouble(const struct setup_plan *plan, char text[TOOL_WRONG_BYTES]);

/** Look at the new files as the daemon and `tollgate check` do. @return false if they cannot be used; it was said why */
TG_MUST_USE bool setup_check(struct setup *setup, const char *folder);

/** Start the daemon if that is wanted, or say how; place a test call, and say what came of it. */
enum tool_exit setup_start(struct setup *setup);

/** The secrets, once, and how to enter them; or where they are. */
void setup_print_secrets(const struct setup *setup);

#endif
