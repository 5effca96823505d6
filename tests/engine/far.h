/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_ENGINE_FAR_H
#define TG_TESTS_ENGINE_FAR_H

/* A link over a real channel; the test reads at its far end. */

#include "check.h"

#include "engine/link.h"

struct far {
	struct sys_loop *loop;
	struct link link;
	struct sys_channel *channel; /* the far end */
	union ipc_any record;        /* the last one that came */
};

static inline void far_on(void *owner, const void *record, int fd)
{
	(void)owner;
	(void)record;
	(void)fd;
}

static inline void far_on_end(void *owner, struct link *link, const char *why)
{
	(void)owner;
	(void)link;
	(void)why;
}

/* The process comes, or comes back. */
static inline void far_connect(struct far *far)
{
	int fds[2];

	sys_channel_free(far->channel);
	CHECK_TRUE(sys_channel_pair(fds));
	far->channel = sys_channel_new(fds[0], 16);
	CHECK_TRUE(far->channel != NULL);
	CHECK_TRUE(link_open(&far->link, fds[1], 1));
}

static inline void far_init(struct far *far, enum ipc_proc peer)
{
	*far = (struct far){ .loop = sys_loop_new() };
	CHECK_TRUE(far->loop != NULL);
	far->link = (struct link){ .peer = peer, .loop = far->loop, .on = far_on, .on_end = far_on_end };
}

static inline void far_free(struct far *far)
{
	link_close(&far->link);
	sys_channel_free(far->channel);
	sys_loop_free(far->loop);
}

/* The next record, checked; NULL if none has come. */
static inline const void *far_next(struct far *far)
{
	size_t size_bytes;
	int fd;

	if (sys_channel_receive(far->channel, &far->record, sizeof(far->record), &size_bytes, &fd) != SYS_CHANNEL_OK) {
		return NULL;
	}
	CHECK_TEXT(ipc_check(PROC_ENGINE, far->link.peer, &far->record, size_bytes), NULL);
	return &far->record;
}

/* What waits in the link's queue goes on, as the loop would let it. */
static inline void far_flush(struct far *far)
{
	(void)!sys_channel_flush(far->link.channel);
}

#endif
