/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/logsink.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"

enum { PREFIX_BYTES = 128 };

static const char *colour_of(enum tg_level level)
{
	static const char *const colours[TG_LEVELS] = { "\033[2m", "\033[0m", "\033[36m", "\033[33m", "\033[31m" };

	return colours[level];
}

static void write_line(const struct sys_logsink *sink, enum tg_level level, const char *line)
{
	char out[PREFIX_BYTES + TG_LOG_LINE_BYTES];
	char when[32];
	struct tm local;
	const time_t now = (time_t)sink->second;

	localtime_r(&now, &local);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &local);
	const int n = snprintf(out, sizeof(out), "%s[%s] %s[%d] %s: %s%s\n", sink->colours ? colour_of(level) : "",
	                       when, tg_level_name(level), (int)getpid(), sink->process, line,
	                       sink->colours ? "\033[0m" : "");
	const size_t len = (size_t)n < sizeof(out) ? (size_t)n : sizeof(out) - 1;

	/* A log that nobody reads must not stop the work: what would block is lost. */
	struct pollfd room = { .fd = sink->fd, .events = POLLOUT };

	if (poll(&room, 1, 0) == 1) {
		const ssize_t written = write(sink->fd, out, len);

		(void)written;
	}
}

static void tell_held_back(struct sys_logsink *sink)
{
	char line[64];

	snprintf(line, sizeof(line), "log.held_back lines=%u", sink->held_back);
	sink->held_back = 0;
	write_line(sink, TG_WARNING, line);
}

static void on_line(void *owner, enum tg_level level, const char *line)
{
	struct sys_logsink *sink = owner;
	const uint64_t second = sink->wall_us() / TG_US_PER_S;

	pthread_mutex_lock(&sink->lock);
	if (second != sink->second) {
		sink->second = second;
		sink->lines = 0;
		if (sink->held_back > 0) {
			tell_held_back(sink);
		}
	}
	if (sink->lines < SYS_LOGSINK_LINES_PER_S) {
		sink->lines++;
		write_line(sink, level, line);
	} else {
		sink->held_back++;
	}
	pthread_mutex_unlock(&sink->lock);
}

void sys_logsink_init(struct sys_logsink *sink, struct tg_log *log, const char *process, int fd,
                      enum tg_level min_level)
{
	tzset();
	*sink = (struct sys_logsink){
		.fd = fd,
		.colours = isatty(fd) == 1,
		.process = process,
		.wall_us = sys_clock_wall_us,
	};
	pthread_mutex_init(&sink->lock, NULL);
	*log = (struct tg_log){ .write = on_line, .owner = sink, .min_level = min_level };
}
