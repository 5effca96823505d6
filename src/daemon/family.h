/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_FAMILY_H
#define TG_DAEMON_FAMILY_H

#include "base/log.h"
#include "ipc/msg.h"
#include "sys/channel.h"
#include "sys/loop.h"

#include <sys/types.h>

/** The processes that live as long as the daemon: vault, store, engine, desk, fence. Starts them, connects them, starts them again. */

struct family_ops {
	/** A new process is there and connected: give it what it needs. */
	void (*on_started)(void *owner, enum ipc_proc proc);
	/** A checked record; fd is closed afterwards, -1 for none. IPC_READY and IPC_BREACH are handled already. */
	void (*on_record)(void *owner, enum ipc_proc from, const union ipc_any *record);
	/** All are set up, for the first time or again. */
	void (*on_all_ready)(void *owner);
	/** One has ended. @return whether it is to be started again */
	bool (*on_ended)(void *owner, enum ipc_proc proc);
};

struct family_one {
	pid_t pid;                   /* 0: not there */
	struct sys_channel *channel; /* NULL: none, or it has ended */
	uint32_t incarnation;        /* 1 for the first */
	bool is_ready;
	uint64_t started_us;
	uint64_t start_at_us; /* TG_NEVER: it runs, or is not wanted */
	uint64_t delay_us;    /* before the next start */
	uint64_t kill_at_us;  /* TG_NEVER; it closed its channel and should end by itself before this */
};

struct family {
	struct sys_loop *loop;
	const struct tg_log *log;
	const struct family_ops *ops;
	void *owner;
	const char *state_dir;
	bool with_syslog; /* of the store */
	int out_fd;       /* standard output and error of the processes; -1: ours */
	struct family_one all[PROCS];
};

void family_init(struct family *family);

/** @return false after a log line */
TG_MUST_USE bool family_start(struct family *family, enum ipc_proc proc, uint64_t now_us);

/** All of them, those first that the engine needs. @return false after a log line: some may have been started */
TG_MUST_USE bool family_start_all(struct family *family, uint64_t now_us);

/** Sends nothing to a process that is not there. One that reads nothing any more is ended. */
void family_send(struct family *family, enum ipc_proc proc, const void *record, size_t size_bytes, int fd);

/** The same to each, without a descriptor. */
void family_send_all(struct family *family, const void *record, size_t size_bytes);

/** A child ended. @return true if it was one of ours */
bool family_on_ended(struct family *family, pid_t pid, int status, uint64_t now_us);

/** Start what is due, end what is overdue. */
void family_expire(struct family *family, uint64_t now_us);
uint64_t family_deadline_us(const struct family *family);

/** Ask a process to end (IPC_STOP), or see that its channel is closed. */
void family_stop(struct family *family, enum ipc_proc proc, bool gracefully);
void family_stop_all_but(struct family *family, enum ipc_proc proc);
void family_hang_up(struct family *family, enum ipc_proc proc);
void family_kill(struct family *family, enum ipc_proc proc);
void family_kill_all(struct family *family);

bool family_is_there(const struct family *family, enum ipc_proc proc);
bool family_is_all_ready(const struct family *family);

/** Whether none is left. */
bool family_is_gone(const struct family *family);

#endif
