/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_LOOP_H
#define TG_SYS_LOOP_H

#include "base/tg.h"

/**
 * Waits for descriptors and one deadline (epoll). Each descriptor has one handler; level-triggered. Belongs to one
 * thread.
 */
struct sys_loop;

enum {
	SYS_LOOP_READ = 1,
	SYS_LOOP_WRITE = 2,
	SYS_LOOP_ENDED = 4, /* only told: the other end is gone, or the descriptor is broken */
};

/** ready: what of the above is there now. The handler may add, change and remove any descriptor, its own too. */
typedef void sys_loop_on(void *owner, int fd, unsigned ready);

struct sys_loop *sys_loop_new(void);

/** Closes none of the descriptors. */
void sys_loop_free(struct sys_loop *loop);

/** @return false without memory, or if the descriptor cannot be waited for (a plain file) */
TG_MUST_USE bool sys_loop_add(struct sys_loop *loop, int fd, unsigned events, sys_loop_on *on, void *owner);

/** Wait for other events of a descriptor that was added. */
void sys_loop_change(struct sys_loop *loop, int fd, unsigned events);

/** Before it is closed. Events of this turn that were not handled yet are dropped. One never added is ignored. */
void sys_loop_remove(struct sys_loop *loop, int fd);

/**
 * Sleep until a descriptor is ready or the deadline came (absolute, monotonic; TG_NEVER for none; 0 to look only), then
 * call the handlers of what is ready, at most 64.
 *
 * @return how many were called; -1 if waiting itself failed
 */
int sys_loop_turn(struct sys_loop *loop, uint64_t deadline_us);

/**
 * Block these signals in the calling thread and read them from a descriptor instead.
 *
 * @return the descriptor for sys_loop_add(), or -1
 */
int sys_signals_open(const int *signals, size_t count);

/** @return the next signal's number, 0 when none waits */
int sys_signals_take(int fd);

#endif
