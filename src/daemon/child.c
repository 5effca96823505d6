/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/child.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "sys/clock.h"

enum { RECORDS_A_TURN = 256 }; /* of one peer, so that none keeps the others waiting */

static void on_ready(void *owner, int fd, unsigned ready);

static void peer_close(struct child *child, enum ipc_proc peer)
{
	struct sys_channel *channel = child->peers[peer].channel;

	if (channel == NULL) {
		return;
	}
	sys_loop_remove(child->loop, sys_channel_fd(channel));
	sys_channel_free(channel);
	child->peers[peer].channel = NULL;
	if (peer == PROC_PARENT) {
		child_stop(child, EXIT_SUCCESS);
	} else if (child->ops->on_channel != NULL) {
		child->ops->on_channel(child->owner, peer, false);
	}
}

/* @return false if it cannot be used; fd is then still the caller's */
static bool peer_open(struct child *child, enum ipc_proc peer, uint32_t incarnation, int fd)
{
	peer_close(child, peer);
	struct sys_channel *channel = sys_channel_new(fd, child->queue_max);

	if (channel == NULL) {
		return false;
	}
	child->peers[peer].channel = channel;
	child->peers[peer].incarnation = incarnation;
	if (!sys_loop_add(child->loop, fd, SYS_LOOP_READ, on_ready, child)) {
		child->peers[peer].channel = NULL;
		sys_channel_free(channel);
	}
	return true;
}

static void on_breach(struct child *child, enum ipc_proc peer, const char *why)
{
	const struct ipc_breach report = ipc_breach_of(peer, child->peers[peer].incarnation, why);

	tg_log(&child->log, TG_ERROR, "ipc.breach", TG_TEXT("by", ipc_proc_name(peer)), TG_TEXT("why", why));
	child_send(child, PROC_PARENT, &report, sizeof(report));
	peer_close(child, peer);
}

static void on_channel_record(struct child *child, const struct ipc_channel *record, int fd)
{
	const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	const bool fits = record->to != PROC_PARENT && record->to != child->proc;

	if (fits) {
		child_drain(child, record->to); /* what a dead one said last is not lost */
	}
	if (!fits || own < 0 || !peer_open(child, record->to, record->incarnation, own)) {
		tg_log(&child->log, TG_ERROR, "ipc.no_channel", TG_TEXT("to", ipc_proc_name(record->to)));
		if (own >= 0) {
			close(own);
		}
		return;
	}
	if (child->ops->on_channel != NULL) {
		child->ops->on_channel(child->owner, record->to, true);
	}
}

static void on_checked(struct child *child, enum ipc_proc from, const union ipc_any *record, int fd)
{
	if (record->head.kind == IPC_CHANNEL) {
		on_channel_record(child, (const void *)record, fd);
	} else if (record->head.kind == IPC_STOP) {
		child_stop(child, EXIT_SUCCESS);
	} else if (record->head.kind == IPC_LOG) {
		tg_log_set_level(&child->log, (enum tg_level)((const struct ipc_plain *)(const void *)record)->value);
	} else {
		child->ops->on_record(child->owner, from, record, fd);
	}
}

/* @return false if nothing more is to be had of this peer now */
static bool take_one(struct child *child, enum ipc_proc from)
{
	union ipc_any record;
	size_t size;
	int fd;

	if (child->peers[from].channel == NULL) {
		return false;
	}
	const enum sys_channel_result result = sys_channel_receive(child->peers[from].channel, &record, sizeof(record),
	                                                           &size, &fd);

	if (result == SYS_CHANNEL_ENDED) {
		peer_close(child, from);
	} else if (result == SYS_CHANNEL_BAD) {
		on_breach(child, from, "no record");
	}
	if (result != SYS_CHANNEL_OK) {
		return false;
	}
	const char *why = ipc_check(from, child->proc, &record, size);

	if (why == NULL && ipc_has_descriptor(record.head.kind) != (fd >= 0)) {
		why = "a descriptor too many or too few";
	}
	if (why != NULL) {
		on_breach(child, from, why);
	} else {
		on_checked(child, from, &record, fd);
	}
	if (fd >= 0) {
		close(fd);
	}
	return why == NULL;
}

static enum ipc_proc peer_of(const struct child *child, int fd)
{
	for (unsigned peer = 0; peer < PROCS; peer++) {
		if (child->peers[peer].channel != NULL && sys_channel_fd(child->peers[peer].channel) == fd) {
			return peer;
		}
	}
	return PROCS;
}

static void flush(struct child *child, enum ipc_proc peer)
{
	struct sys_channel *channel = child->peers[peer].channel;

	if (sys_channel_flush(channel) == SYS_CHANNEL_OK) {
		sys_loop_change(child->loop, sys_channel_fd(channel), SYS_LOOP_READ);
	}
}

static void on_ready(void *owner, int fd, unsigned ready)
{
	struct child *child = owner;
	const enum ipc_proc peer = peer_of(child, fd);

	if (peer == PROCS) {
		return;
	}
	if ((ready & SYS_LOOP_WRITE) != 0) {
		flush(child, peer);
	}
	for (unsigned i = 0; i < RECORDS_A_TURN && take_one(child, peer); i++) {
	}
}

bool child_init(struct child *child, enum ipc_proc proc, int parent_fd, const struct child_ops *ops, void *owner,
                uint32_t queue_max)
{
	*child = (struct child){
		.proc = proc,
		.ops = ops,
		.owner = owner,
		.queue_max = queue_max,
		.deadline_us = TG_NEVER,
	};
	sys_logsink_init(&child->sink, &child->log, ipc_proc_name(proc), STDERR_FILENO, TG_INFO);
	const char *failed = sys_sandbox_begin(proc != PROC_FENCE);

	if (failed == NULL && proc == PROC_FENCE) {
		failed = sys_sandbox_keep_filter(SYS_SANDBOX_LENT);
	}
	if (failed != NULL) {
		tg_log(&child->log, TG_ERROR, "sandbox.failed", TG_TEXT("why", failed));
		return false;
	}
	child->loop = sys_loop_new();
	if (child->loop == NULL || !sys_logsink_attach(&child->sink, child->loop) ||
	    !peer_open(child, PROC_PARENT, 0, parent_fd)) {
		tg_log(&child->log, TG_ERROR, "process.no_memory");
		child_deinit(child);
		return false;
	}
	return true;
}

void child_deinit(struct child *child)
{
	for (unsigned peer = 0; peer < PROCS; peer++) {
		sys_channel_free(child->peers[peer].channel);
		child->peers[peer].channel = NULL;
	}
	sys_loop_free(child->loop);
	child->loop = NULL;
	sys_logsink_deinit(&child->sink);
}

bool child_enter(struct child *child, const struct sys_sandbox *sandbox)
{
	const char *failed = sys_sandbox_enter(sandbox, &child->log);

	if (failed != NULL) {
		tg_log(&child->log, TG_ERROR, "sandbox.failed", TG_TEXT("why", failed));
	}
	return failed == NULL;
}

void child_run(struct child *child)
{
	const struct ipc_plain ready = { .head.kind = IPC_READY };

	child_send(child, PROC_PARENT, &ready, sizeof(ready));
	while (!child->is_stopping) {
		if (sys_loop_turn(child->loop, child->deadline_us) < 0) {
			child_stop(child, EXIT_FAILURE);
		}
		const uint64_t now_us = sys_clock_us();

		if (now_us >= child->deadline_us) {
			child->deadline_us = TG_NEVER;
			child->ops->expire(child->owner, now_us);
		}
	}
}

void child_drain(struct child *child, enum ipc_proc from)
{
	while (take_one(child, from)) {
	}
}

void child_stop(struct child *child, int exit_code)
{
	if (!child->is_stopping) {
		child->is_stopping = true;
		child->exit_code = exit_code;
	}
}

bool child_send(struct child *child, enum ipc_proc to, const void *record, size_t size_bytes)
{
	struct sys_channel *channel = child->peers[to].channel;

	if (channel == NULL || sys_channel_send(channel, record, size_bytes, -1) != SYS_CHANNEL_OK) {
		return false;
	}
	if (sys_channel_waits(channel)) {
		sys_loop_change(child->loop, sys_channel_fd(channel), SYS_LOOP_READ | SYS_LOOP_WRITE);
	}
	return true;
}
