/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_LOGSINK_H
#define TG_SYS_LOGSINK_H

#include "base/log.h"

#include <pthread.h>

#include "sys/loop.h"

enum { SYS_LOGSINK_LINES_PER_S = 20 };

/** What a level may still write in this second, and what it could not. */
struct sys_logsink_budget {
	uint32_t lines, held_back;
};

/**
 * Writes log lines to a descriptor: `[2026-08-05 12:34:56] NOTICE[4711] engine: reg.refused account='bob'`. At most 20
 * lines a second of each level leave, so that what strangers cause hides no error of ours; how many were held back is told
 * with the first line of a later second, or by a timer. Any thread may log.
 */
struct sys_logsink {
	pthread_mutex_t lock;
	int fd;
	bool colours;
	const char *process;
	uint64_t second; /* wall clock */
	struct sys_logsink_budget budgets[TG_LEVELS];
	int timer_fd;              /* -1: none */
	uint64_t (*wall_us)(void); /* sys_clock_wall_us(); a test may put its own */
};

/**
 * Fill a log that writes to fd (usually standard error), with colours if that is a terminal. Call it before the sandbox: it
 * reads the time zone.
 *
 * @param process  names the process in each line; lent for ever
 */
void sys_logsink_init(struct sys_logsink *sink, struct tg_log *log, const char *process, int fd,
                      enum tg_level min_level);

/**
 * From now on tell what was held back within a second, even if nothing else is logged. Call it before the sandbox.
 *
 * @param loop  outlives the sink, or is not turned after it was freed
 * @return false with errno: what was held back then waits for the next line
 */
bool sys_logsink_attach(struct sys_logsink *sink, struct sys_loop *loop);

/** The descriptor is another file now: look again whether it is a terminal. */
void sys_logsink_reopened(struct sys_logsink *sink);

/** Tell what was held back, and close the timer. Lines may be logged afterwards, too. */
void sys_logsink_deinit(struct sys_logsink *sink);

#endif
