/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_CHILD_H
#define TG_DAEMON_CHILD_H

#include "ipc/msg.h"
#include "sys/channel.h"
#include "sys/logsink.h"
#include "sys/loop.h"
#include "sys/sandbox.h"

/**
 * What vault, store and fence have in common: a loop, a channel to the parent and, through it, channels to others. Every record is
 * checked before it is handed on; who breaks the rules is reported to the parent and not listened to any more.
 */
struct child;

struct child_ops {
	/** A checked record. fd: the descriptor that came with it, closed afterwards; -1 for none. */
	void (*on_record)(void *owner, enum ipc_proc from, const union ipc_any *record, int fd);
	/** A new channel to this process, or (is_there false) the end of the one there was. */
	void (*on_channel)(void *owner, enum ipc_proc to, bool is_there);
	/** The deadline came. */
	void (*expire)(void *owner, uint64_t now_us);
};

struct child {
	enum ipc_proc proc;
	const struct child_ops *ops;
	void *owner;
	struct sys_loop *loop;
	struct sys_logsink sink;
	struct tg_log log;
	struct {
		struct sys_channel *channel;
		uint32_t incarnation;
	} peers[PROCS];
	uint32_t queue_max;   /* records that may wait for each peer */
	uint64_t deadline_us; /* for expire; TG_NEVER for none */
	bool is_stopping;
	int exit_code;
};

/**
 * Begin: log, loop, the channel to the parent.
 *
 * @return false after a log line: end with EXIT_FAILURE
 */
TG_MUST_USE bool child_init(struct child *child, enum ipc_proc proc, int parent_fd, const struct child_ops *ops,
                            void *owner, uint32_t queue_max);
void child_deinit(struct child *child);

/** Enter the sandbox. @return false after a log line */
TG_MUST_USE bool child_enter(struct child *child, const struct sys_sandbox *sandbox);

/** Tell the parent IPC_READY, then handle events until IPC_STOP, child_stop() or the end of the parent. */
void child_run(struct child *child);

/** Take what waits from one peer now; for a last look before the end. */
void child_drain(struct child *child, enum ipc_proc from);

/** Leave child_run() with this exit code. */
void child_stop(struct child *child, int exit_code);

/** @return false if there is no channel, it has ended or its queue is full */
bool child_send(struct child *child, enum ipc_proc to, const void *record, size_t size_bytes);

#endif
