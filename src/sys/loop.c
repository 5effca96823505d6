/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"

enum { EVENTS_A_TURN = 64 };

/* One descriptor. The generation tells an event that was fetched before the descriptor was removed. */
struct watch {
	int fd; /* -1: free */
	uint32_t generation;
	sys_loop_on *on;
	void *owner;
};

struct sys_loop {
	int epoll_fd;
	struct watch *watches;
	uint32_t count;
};

static uint32_t epoll_events(unsigned events)
{
	return ((events & SYS_LOOP_READ) != 0 ? (uint32_t)EPOLLIN : 0) |
	       ((events & SYS_LOOP_WRITE) != 0 ? (uint32_t)EPOLLOUT : 0);
}

static unsigned ready_of(uint32_t events)
{
	return ((events & EPOLLIN) != 0 ? (unsigned)SYS_LOOP_READ : 0) |
	       ((events & EPOLLOUT) != 0 ? (unsigned)SYS_LOOP_WRITE : 0) |
	       ((events & (EPOLLHUP | EPOLLERR)) != 0 ? (unsigned)SYS_LOOP_ENDED : 0);
}

static struct watch *watch_find(const struct sys_loop *loop, int fd)
{
	for (uint32_t i = 0; fd >= 0 && i < loop->count; i++) {
		if (loop->watches[i].fd == fd) {
			return &loop->watches[i];
		}
	}
	return NULL;
}

static struct watch *watch_free_one(struct sys_loop *loop)
{
	for (uint32_t i = 0; i < loop->count; i++) {
		if (loop->watches[i].fd < 0) {
			return &loop->watches[i];
		}
	}
	const uint32_t first = loop->count;
	const uint32_t count = first == 0 ? 8 : first * 2;
	struct watch *grown = reallocarray(loop->watches, count, sizeof(*grown));

	if (grown == NULL) {
		return NULL;
	}
	for (uint32_t i = first; i < count; i++) {
		grown[i] = (struct watch){ .fd = -1 };
	}
	loop->watches = grown;
	loop->count = count;
	return &grown[first];
}

static int control(const struct sys_loop *loop, int how, const struct watch *watch, unsigned events)
{
	struct epoll_event event = {
		.events = epoll_events(events),
		.data.u64 = (uint64_t)watch->generation << 32 | (uint32_t)(watch - loop->watches),
	};

	return epoll_ctl(loop->epoll_fd, how, watch->fd, &event);
}

struct sys_loop *sys_loop_new(void)
{
	struct sys_loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL) {
		return NULL;
	}
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		free(loop);
		return NULL;
	}
	return loop;
}

void sys_loop_free(struct sys_loop *loop)
{
	if (loop == NULL) {
		return;
	}
	close(loop->epoll_fd);
	free(loop->watches);
	free(loop);
}

bool sys_loop_add(struct sys_loop *loop, int fd, unsigned events, sys_loop_on *on, void *owner)
{
	struct watch *watch = watch_free_one(loop);

	if (watch == NULL) {
		return false;
	}
	watch->fd = fd;
	watch->on = on;
	watch->owner = owner;
	if (control(loop, EPOLL_CTL_ADD, watch, events) != 0) {
		watch->fd = -1;
		return false;
	}
	return true;
}

void sys_loop_change(struct sys_loop *loop, int fd, unsigned events)
{
	const struct watch *watch = watch_find(loop, fd);

	assert(watch != NULL);
	control(loop, EPOLL_CTL_MOD, watch, events);
}

void sys_loop_remove(struct sys_loop *loop, int fd)
{
	struct watch *watch = watch_find(loop, fd);

	if (watch != NULL) {
		control(loop, EPOLL_CTL_DEL, watch, 0);
		watch->fd = -1;
		watch->generation++;
	}
}

static int wait_events(const struct sys_loop *loop, struct epoll_event *events, uint64_t deadline_us)
{
	const uint64_t now_us = deadline_us == 0 ? 0 : sys_clock_us();
	const uint64_t left_us = deadline_us > now_us ? deadline_us - now_us : 0;
	const struct timespec left = {
		.tv_sec = (time_t)(left_us / TG_US_PER_S),
		.tv_nsec = (long)(left_us % TG_US_PER_S) * 1000,
	};

	return epoll_pwait2(loop->epoll_fd, events, EVENTS_A_TURN, deadline_us == TG_NEVER ? NULL : &left, NULL);
}

int sys_loop_turn(struct sys_loop *loop, uint64_t deadline_us)
{
	struct epoll_event events[EVENTS_A_TURN];
	const int count = wait_events(loop, events, deadline_us);
	int called = 0;

	if (count < 0) {
		return errno == EINTR ? 0 : -1;
	}
	for (int i = 0; i < count; i++) {
		const struct watch watch = loop->watches[(uint32_t)events[i].data.u64];

		if (watch.fd >= 0 && watch.generation == events[i].data.u64 >> 32) {
			watch.on(watch.owner, watch.fd, ready_of(events[i].events));
			called++;
		}
	}
	return called;
}

int sys_signals_open(const int *signals, size_t count)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < count; i++) {
		sigaddset(&set, signals[i]);
	}
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
		return -1;
	}
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int sys_signals_take(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info) ? (int)info.ssi_signo : 0;
}
