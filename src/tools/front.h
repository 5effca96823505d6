/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_FRONT_H
#define TG_TOOLS_FRONT_H

#include "tools/exit.h"
#include "tools/front_keep.h"
#include "tools/front_plan.h"
#include "tools/tool.h"

/** `tollgate front init|undo`: the parts between the plan (front_plan.h) and the disk (front_keep.h). */

struct front_options {
	const char *config, *out, *backend, *state;
	bool dry_run, yes, force, help;
};

/** All that init is about to do; texts are in plan.arena. */
struct front_work {
	const struct front_options *options;
	struct front_plan plan;
	struct conf_problems problems;
	char *config, *out; /* absolute, without links; malloc'd */
	struct front_folder *folders;
	struct front_write *writes, *last_write; /* in the order in which they are written */
	struct tg_span tollgate_conf;
};

/**
 * Decide which files are written, ours first and the backend's iax.conf last.
 *
 * @return false with why
 */
TG_MUST_USE bool front_work_files(struct front_work *work, char why[FRONT_WHY_BYTES]);

/** Load our configuration as it would be; problems gets what is wrong with it. */
TG_MUST_USE bool front_work_check(struct front_work *work);

/** What changes, line by line; what is lost. To standard output. */
void front_print(const struct front_work *work);

/** What to type next. */
void front_print_next(const struct front_work *work);

#endif
