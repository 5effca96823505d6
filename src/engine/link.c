/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/link.h"

#include <unistd.h>

enum {
	QUEUE_MAX = 256,
	RECORDS_A_TURN = 64, /* then the others have their turn */
};

static void finish(struct link *link, const char *why)
{
	link_close(link);
	link->on_end(link->owner, link, why);
}

static void flush(struct link *link)
{
	if (sys_channel_flush(link->channel) == SYS_CHANNEL_ENDED) {
		finish(link, NULL);
		return;
	}
	if (!sys_channel_waits(link->channel)) {
		sys_loop_change(link->loop, sys_channel_fd(link->channel), SYS_LOOP_READ);
	}
}

/* @return false when there is no more, or no channel any more */
static bool take_one(struct link *link)
{
	_Alignas(16) uint8_t record[IPC_MSG_MAX_BYTES];
	size_t size_bytes = 0;
	int fd = -1;
	const char *why;

	switch (sys_channel_receive(link->channel, record, sizeof(record), &size_bytes, &fd)) {
	case SYS_CHANNEL_OK:
		break;
	case SYS_CHANNEL_NONE:
	case SYS_CHANNEL_FULL:
		return false;
	case SYS_CHANNEL_ENDED:
		finish(link, NULL);
		return false;
	case SYS_CHANNEL_BAD:
		finish(link, "no record");
		return false;
	}
	why = ipc_check(link->peer, PROC_ENGINE, record, size_bytes);
	if (why == NULL && ipc_has_descriptor(((const struct ipc_head *)record)->kind) != (fd >= 0)) {
		why = "a descriptor too many or missing";
	}
	if (why != NULL) {
		if (fd >= 0) {
			close(fd);
		}
		finish(link, why);
		return false;
	}
	link->on(link->owner, record, fd);
	return link->channel != NULL;
}

static void on_ready(void *owner, int fd, unsigned ready)
{
	struct link *link = owner;

	(void)fd;
	if ((ready & SYS_LOOP_WRITE) != 0) {
		flush(link);
	}
	for (int i = 0; i < RECORDS_A_TURN && link->channel != NULL; i++) {
		if (!take_one(link)) {
			break;
		}
	}
}

bool link_open(struct link *link, int fd, uint32_t incarnation)
{
	link_close(link);
	link->channel = sys_channel_new(fd, QUEUE_MAX);
	if (link->channel == NULL) {
		close(fd);
		return false;
	}
	link->incarnation = incarnation;
	if (!sys_loop_add(link->loop, fd, SYS_LOOP_READ, on_ready, link)) {
		link_close(link);
		return false;
	}
	return true;
}

void link_close(struct link *link)
{
	if (link->channel != NULL) {
		sys_loop_remove(link->loop, sys_channel_fd(link->channel));
		sys_channel_free(link->channel);
		link->channel = NULL;
	}
}

bool link_send(struct link *link, const void *record, size_t size_bytes)
{
	if (link->channel == NULL || sys_channel_send(link->channel, record, size_bytes, -1) != SYS_CHANNEL_OK) {
		return false; /* if it has ended, the loop tells */
	}
	if (sys_channel_waits(link->channel)) {
		sys_loop_change(link->loop, sys_channel_fd(link->channel), SYS_LOOP_READ | SYS_LOOP_WRITE);
	}
	return true;
}

bool link_is_clear(const struct link *link)
{
	return link->channel != NULL && !sys_channel_waits(link->channel);
}
