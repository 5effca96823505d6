/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_RUN_H
#define TG_ENGINE_RUN_H

#include "sys/logsink.h"

/** What engine_main() does, with what a test or a benchmark wants otherwise. */
struct engine_options {
	struct tg_log *log;
	struct sys_logsink *sink; /* of that log: its timer runs in the switch's loop; NULL for none */
	bool with_sandbox;
};

/**
 * Take what the parent sends first (engine/engine.h), then serve until told to stop.
 *
 * @param parent_fd  owned from now on
 * @return the exit code
 */
int engine_run(int parent_fd, const struct engine_options *options);

#endif
