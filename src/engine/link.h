/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_LINK_H
#define TG_ENGINE_LINK_H

#include "ipc/msg.h"
#include "sys/channel.h"
#include "sys/loop.h"

/**
 * The engine's end of a channel to one other process, in the switch thread's loop. Every record is checked; who breaks the rules is
 * cut off. A process that died comes back with another descriptor: link_open() again.
 */
struct link {
	enum ipc_proc peer;
	uint32_t incarnation;
	struct sys_channel *channel; /* NULL while there is none */
	struct sys_loop *loop;
	/* A record came. fd: came along, the handler's from now on; else -1 */
	void (*on)(void *owner, const void *record, int fd);
	/* The channel has ended: why is NULL if the other end went away, else the rule that was broken. */
	void (*on_end)(void *owner, struct link *link, const char *why);
	void *owner;
};

/**
 * Use this descriptor from now on; a former channel is closed.
 *
 * @param fd  owned from now on, in any case
 * @return false without memory
 */
TG_MUST_USE bool link_open(struct link *link, int fd, uint32_t incarnation);
void link_close(struct link *link);

/** @return false if it is down, or full: try again after the next turn */
bool link_send(struct link *link, const void *record, size_t size_bytes);

/** Whether a record would be taken without waiting in the queue for long. */
bool link_is_clear(const struct link *link);

#endif
