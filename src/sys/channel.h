/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_CHANNEL_H
#define TG_SYS_CHANNEL_H

#include "base/tg.h"

/**
 * One end of a SOCK_SEQPACKET pair between two of our processes: records arrive whole, in order, and may carry one
 * descriptor each. What the socket does not take at once waits in a bounded queue. Belongs to one thread.
 */
struct sys_channel;

enum sys_channel_result {
	SYS_CHANNEL_OK,
	SYS_CHANNEL_NONE,  /* nothing there now */
	SYS_CHANNEL_ENDED, /* the other end is gone */
	SYS_CHANNEL_FULL,  /* the queue is full: the record was not taken */
	SYS_CHANNEL_BAD,   /* longer than the room given, or more than one descriptor: the sender broke the rules */
};

/** Two connected ends, close-on-exec and non-blocking. @return false with errno */
TG_MUST_USE bool sys_channel_pair(int fds[2]);

/**
 * @param fd         owned from now on, closed by sys_channel_free(); made non-blocking
 * @param queue_max  records that may wait to be sent
 * @return NULL without memory; fd is then still the caller's
 */
struct sys_channel *sys_channel_new(int fd, uint32_t queue_max);
void sys_channel_free(struct sys_channel *channel);

/** For sys_loop_add(). */
int sys_channel_fd(const struct sys_channel *channel);

/**
 * @param fd  rides along, -1 for none; stays the caller's (it is duplicated if the record has to wait)
 * @return OK, FULL or ENDED
 */
TG_MUST_USE enum sys_channel_result sys_channel_send(struct sys_channel *channel, const void *record, size_t size_bytes,
                                                     int fd);

/** Whether records wait: then ask the loop for SYS_LOOP_WRITE and call sys_channel_flush() when it is told. */
bool sys_channel_waits(const struct sys_channel *channel);
TG_MUST_USE enum sys_channel_result sys_channel_flush(struct sys_channel *channel);

/**
 * Take the next record. An empty record counts as BAD.
 *
 * @param size_out  its size
 * @param fd        the descriptor that came along, close-on-exec, the caller's from now on; else -1
 * @return OK, NONE, ENDED or BAD
 */
TG_MUST_USE enum sys_channel_result sys_channel_receive(struct sys_channel *channel, void *room, size_t room_bytes,
                                                        size_t *size_out, int *fd);

/** Sleep until a record is there or the deadline came; for a process that sets itself up. @return false at the deadline */
TG_MUST_USE bool sys_channel_wait(const struct sys_channel *channel, uint64_t deadline_us);

/** Sleep until nothing waits to be sent any more; before the end of a process. @return false at the deadline, or if the other end is gone */
bool sys_channel_drain(struct sys_channel *channel, uint64_t deadline_us);

#endif
