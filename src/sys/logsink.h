/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_LOGSINK_H
#define TG_SYS_LOGSINK_H

#include "base/log.h"

#include <pthread.h>

enum { SYS_LOGSINK_LINES_PER_S = 20 };

/**
 * Writes log lines to a descriptor: `[2026-08-05 12:34:56] NOTICE[4711] engine: reg.refused account='bob'`. At most 20
 * lines a second leave; how many were held back is told with the first line of a later second. Any thread may log.
 */
struct sys_logsink {
	pthread_mutex_t lock;
	int fd;
	bool colours;
	const char *process;
	uint64_t second; /* wall clock */
	uint32_t lines, held_back;
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

#endif
