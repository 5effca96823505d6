/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_LINKS_H
#define TG_DESK_LINKS_H

#include "base/log.h"
#include "ipc/msg.h"
#include "sys/channel.h"
#include "sys/loop.h"

/**
 * The desk's channels: to the parent, and those that the parent hands over, to engine and store. Every record is
 * checked first; who breaks the rules is reported to the parent and not listened to any more.
 */
struct desk_links {
	struct sys_loop *loop; /* lent */
	struct tg_log *log;    /* lent */
	struct {
		struct sys_channel *channel; /* NULL: that process is away */
		uint32_t incarnation;
	} peers[PROCS];
	/** A checked record but IPC_CHANNEL. fd: the descriptor that came along, closed afterwards; -1 for none. */
	void (*on_record)(void *owner, enum ipc_proc from, const union ipc_any *record, int fd);
	/** The channel to this process has ended. */
	void (*on_gone)(void *owner, enum ipc_proc peer);
	void *owner;
};

/** loop, log and the callbacks are set; parent_fd is owned from now on. @return false without memory */
TG_MUST_USE bool desk_links_init(struct desk_links *links, int parent_fd);
void desk_links_deinit(struct desk_links *links);

/** @return false if that process is away or has not taken what was sent before */
TG_MUST_USE bool desk_links_send(struct desk_links *links, enum ipc_proc to, const void *record, size_t size_bytes);

#endif
