/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"

/* A record that the socket did not take at once. */
struct waiting {
	struct waiting *next;
	int fd;
	size_t size_bytes;
	uint8_t bytes[];
};

struct sys_channel {
	int fd;
	uint32_t queue_max, queued;
	struct waiting *first, **last;
};

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(2 * sizeof(int))]; /* two, so that a second descriptor is seen and refused */
};

bool sys_channel_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0;
}

struct sys_channel *sys_channel_new(int fd, uint32_t queue_max)
{
	struct sys_channel *channel = calloc(1, sizeof(*channel));
	const int flags = fcntl(fd, F_GETFL);

	if (channel == NULL || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		free(channel);
		return NULL;
	}
	channel->fd = fd;
	channel->queue_max = queue_max;
	channel->last = &channel->first;
	return channel;
}

static void drop_first(struct sys_channel *channel)
{
	struct waiting *record = channel->first;

	channel->first = record->next;
	if (channel->first == NULL) {
		channel->last = &channel->first;
	}
	channel->queued--;
	if (record->fd >= 0) {
		close(record->fd);
	}
	free(record);
}

void sys_channel_free(struct sys_channel *channel)
{
	if (channel == NULL) {
		return;
	}
	while (channel->first != NULL) {
		drop_first(channel);
	}
	close(channel->fd);
	free(channel);
}

int sys_channel_fd(const struct sys_channel *channel)
{
	return channel->fd;
}

/* Hand one record to the socket: OK, NONE if it does not take it now, ENDED. */
static enum sys_channel_result put(const struct sys_channel *channel, const void *record, size_t size_bytes, int fd)
{
	union control control = { .room = { 0 } };
	struct iovec part = { .iov_base = (void *)(uintptr_t)record, .iov_len = size_bytes };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(sizeof(int));
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);

		*head = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	}
	for (;;) {
		if (sendmsg(channel->fd, &message, MSG_NOSIGNAL) >= 0) {
			return SYS_CHANNEL_OK;
		}
		if (errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS) {
			return SYS_CHANNEL_NONE;
		}
		if (errno != EINTR) {
			return SYS_CHANNEL_ENDED;
		}
	}
}

static enum sys_channel_result put_aside(struct sys_channel *channel, const void *record, size_t size_bytes, int fd)
{
	struct waiting *waiting = NULL;

	if (channel->queued < channel->queue_max) {
		waiting = malloc(sizeof(*waiting) + size_bytes);
	}
	if (waiting == NULL) {
		return SYS_CHANNEL_FULL;
	}
	*waiting = (struct waiting){ .fd = -1, .size_bytes = size_bytes };
	memcpy(waiting->bytes, record, size_bytes);
	if (fd >= 0) {
		waiting->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (waiting->fd < 0) {
			free(waiting);
			return SYS_CHANNEL_FULL;
		}
	}
	*channel->last = waiting;
	channel->last = &waiting->next;
	channel->queued++;
	return SYS_CHANNEL_OK;
}

enum sys_channel_result sys_channel_send(struct sys_channel *channel, const void *record, size_t size_bytes, int fd)
{
	const enum sys_channel_result flushed = sys_channel_flush(channel);

	if (flushed == SYS_CHANNEL_ENDED) {
		return flushed;
	}
	const enum sys_channel_result result = channel->first == NULL ? put(channel, record, size_bytes, fd)
	                                                              : SYS_CHANNEL_NONE;

	return result == SYS_CHANNEL_NONE ? put_aside(channel, record, size_bytes, fd) : result;
}

bool sys_channel_waits(const struct sys_channel *channel)
{
	return channel->first != NULL;
}

enum sys_channel_result sys_channel_flush(struct sys_channel *channel)
{
	while (channel->first != NULL) {
		const struct waiting *record = channel->first;
		const enum sys_channel_result result = put(channel, record->bytes, record->size_bytes, record->fd);

		if (result != SYS_CHANNEL_OK) {
			return result;
		}
		drop_first(channel);
	}
	return SYS_CHANNEL_OK;
}

/* Take the descriptors out of a received message: the first into *fd, any other is closed. @return how many there were */
static unsigned take_descriptors(struct msghdr *message, int *fd)
{
	unsigned count = 0;

	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
			continue;
		}
		const size_t here = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (size_t i = 0; i < here; i++, count++) {
			int one;

			memcpy(&one, CMSG_DATA(head) + i * sizeof(one), sizeof(one));
			if (count == 0) {
				*fd = one;
			} else {
				close(one);
			}
		}
	}
	return count;
}

enum sys_channel_result sys_channel_receive(struct sys_channel *channel, void *room, size_t room_bytes,
                                            size_t *size_out, int *fd)
{
	union control control;
	struct iovec part = { .iov_base = room, .iov_len = room_bytes };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t got;

	*size_out = 0;
	*fd = -1;
	do {
		got = recvmsg(channel->fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return errno == EAGAIN ? SYS_CHANNEL_NONE : SYS_CHANNEL_ENDED;
	}
	const unsigned descriptors = take_descriptors(&message, fd);

	if (got == 0 && descriptors == 0) {
		return SYS_CHANNEL_ENDED;
	}
	if (got == 0 || descriptors > 1 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		if (*fd >= 0) {
			close(*fd);
		}
		*fd = -1;
		return SYS_CHANNEL_BAD;
	}
	*size_out = (size_t)got;
	return SYS_CHANNEL_OK;
}

/* @return false at the deadline */
static bool wait_for(int fd, short events, uint64_t deadline_us)
{
	struct pollfd ready = { .fd = fd, .events = events };

	for (;;) {
		const uint64_t now_us = sys_clock_us();
		const uint64_t left_us = deadline_us > now_us ? deadline_us - now_us : 0;
		const struct timespec left = {
			.tv_sec = (time_t)(left_us / TG_US_PER_S),
			.tv_nsec = (long)(left_us % TG_US_PER_S) * 1000,
		};
		const int count = ppoll(&ready, 1, deadline_us == TG_NEVER ? NULL : &left, NULL);

		if (count > 0) {
			return true;
		}
		if ((count == 0 && left_us == 0) || (count < 0 && errno != EINTR)) {
			return false;
		}
	}
}

bool sys_channel_wait(const struct sys_channel *channel, uint64_t deadline_us)
{
	return wait_for(channel->fd, POLLIN, deadline_us);
}

bool sys_channel_drain(struct sys_channel *channel, uint64_t deadline_us)
{
	enum sys_channel_result result;

	while ((result = sys_channel_flush(channel)) == SYS_CHANNEL_NONE) {
		if (!wait_for(channel->fd, POLLOUT, deadline_us)) {
			return false;
		}
	}
	return result == SYS_CHANNEL_OK;
}
