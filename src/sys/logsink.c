/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/logsink.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
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
	for (int level = 0; level < TG_LEVELS; level++) {
		struct sys_logsink_budget *budget = &sink->budgets[level];
		char line[64];

		if (budget->held_back > 0) {
			snprintf(line, sizeof(line), "log.held_back level=\"%s\" lines=%u",
			         tg_level_name((enum tg_level)level), budget->held_back);
			budget->held_back = 0;
			write_line(sink, TG_WARNING, line);
		}
	}
}

static void see_time(struct sys_logsink *sink, uint64_t wall_us)
{
	if (wall_us / TG_US_PER_S == sink->second) {
		return;
	}
	sink->second = wall_us / TG_US_PER_S;
	for (int level = 0; level < TG_LEVELS; level++) {
		sink->budgets[level].lines = 0;
	}
	tell_held_back(sink);
}

/* The timer rings when the next second begins; one that runs already will do. */
static void hold_back(struct sys_logsink *sink, struct sys_logsink_budget *budget, uint64_t wall_us)
{
	const uint64_t wait_us = TG_US_PER_S - wall_us % TG_US_PER_S;
	const struct itimerspec timer = { .it_value = { .tv_sec = (time_t)(wait_us / TG_US_PER_S),
		                                        .tv_nsec = (long)(wait_us % TG_US_PER_S) * 1000 } };

	if (budget->held_back++ == 0 && sink->timer_fd >= 0) {
		(void)timerfd_settime(sink->timer_fd, 0, &timer, NULL);
	}
}

static void on_line(void *owner, enum tg_level level, const char *line)
{
	struct sys_logsink *sink = owner;
	struct sys_logsink_budget *budget = &sink->budgets[level];
	const uint64_t wall_us = sink->wall_us();

	pthread_mutex_lock(&sink->lock);
	see_time(sink, wall_us);
	if (budget->lines < SYS_LOGSINK_LINES_PER_S) {
		budget->lines++;
		write_line(sink, level, line);
	} else {
		hold_back(sink, budget, wall_us);
	}
	pthread_mutex_unlock(&sink->lock);
}

static void on_timer(void *owner, int fd, unsigned ready)
{
	struct sys_logsink *sink = owner;
	uint64_t rings;

	(void)ready;
	(void)!read(fd, &rings, sizeof(rings)); /* set anew meanwhile: it rings again */
	pthread_mutex_lock(&sink->lock);
	see_time(sink, sink->wall_us());
	tell_held_back(sink); /* also if the wall clock was set back */
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
		.timer_fd = -1,
		.wall_us = sys_clock_wall_us,
	};
	pthread_mutex_init(&sink->lock, NULL);
	*log = (struct tg_log){ .write = on_line, .owner = sink, .min_level = (int)min_level };
}

bool sys_logsink_attach(struct sys_logsink *sink, struct sys_loop *loop)
{
	const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 && !sys_loop_add(loop, fd, SYS_LOOP_READ, on_timer, sink)) {
		close(fd);
		return false;
	}
	sink->timer_fd = fd;
	return fd >= 0;
}

void sys_logsink_reopened(struct sys_logsink *sink)
{
	sink->colours = isatty(sink->fd) == 1;
}

void sys_logsink_deinit(struct sys_logsink *sink)
{
	pthread_mutex_lock(&sink->lock);
	tell_held_back(sink);
	if (sink->timer_fd >= 0) {
		close(sink->timer_fd);
		sink->timer_fd = -1;
	}
	pthread_mutex_unlock(&sink->lock);
}
