/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/family.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/proc.h"

enum {
	QUEUE_MAX = 2048, /* sixteen addresses with sixty relays each, and more */
	RECORDS_A_TURN = 256,
	DELAY_FIRST_US = 50 * TG_US_PER_MS,
	DELAY_MAX_US = 10 * TG_US_PER_S,
	STEADY_US = 60 * TG_US_PER_S, /* after so long, an end is not the same trouble again */
	LINGER_US = 2 * TG_US_PER_S,  /* from closing the channel to the end of the process */
};

/* In the order of their start: the engine talks to the others from its first moment. */
static const enum ipc_proc members[] = { PROC_VAULT, PROC_STORE, PROC_DESK, PROC_FENCE, PROC_ENGINE };

/* Who talks to whom without us. */
static const struct {
	enum ipc_proc a, b;
} links[] = {
	{ PROC_ENGINE, PROC_VAULT }, { PROC_ENGINE, PROC_STORE }, { PROC_ENGINE, PROC_FENCE },
	{ PROC_DESK, PROC_ENGINE },  { PROC_DESK, PROC_STORE },
};

static void on_ready(void *owner, int fd, unsigned ready);

void family_init(struct family *family)
{
	for (size_t i = 0; i < PROCS; i++) {
		family->all[i] = (struct family_one){ .start_at_us = TG_NEVER, .kill_at_us = TG_NEVER };
	}
}

/* ---- Starting ---- */

static pid_t spawn(const struct family *family, enum ipc_proc proc, int fd)
{
	char title[24];
	const char *const argv[] = { title, "--role",  ipc_proc_name(proc), "--channel",
		                     "3",   "--state", family->state_dir,   family->with_syslog ? "--syslog" : NULL,
		                     NULL };

	snprintf(title, sizeof(title), "tg-%s", ipc_proc_name(proc));
	return proc == PROC_FENCE ? sys_proc_spawn_with_filter(argv, fd, family->out_fd)
	                          : sys_proc_spawn(argv, fd, family->out_fd);
}

static void tell_channel(struct family *family, enum ipc_proc whom, enum ipc_proc to, int fd)
{
	const struct ipc_channel record = {
		.head.kind = IPC_CHANNEL,
		.to = to,
		.incarnation = family->all[to].incarnation,
	};

	family_send(family, whom, &record, sizeof(record), fd);
}

static void introduce(struct family *family, enum ipc_proc a, enum ipc_proc b)
{
	int fds[2];

	if (!family_is_there(family, a) || !family_is_there(family, b)) {
		return; /* the later of the two will be introduced when it starts */
	}
	if (!sys_channel_pair(fds)) {
		tg_log(family->log, TG_ERROR, "process.no_channel", TG_TEXT("why", strerror(errno)));
		return;
	}
	tell_channel(family, a, b, fds[0]);
	tell_channel(family, b, a, fds[1]);
	close(fds[0]);
	close(fds[1]);
}

static void introduce_to_all(struct family *family, enum ipc_proc proc)
{
	for (size_t i = 0; i < TG_COUNT(links); i++) {
		if (links[i].a == proc || links[i].b == proc) {
			introduce(family, links[i].a, links[i].b);
		}
	}
}

static bool start_failed(struct family *family, enum ipc_proc proc, const char *what)
{
	tg_log(family->log, TG_ERROR, "process.not_started", TG_TEXT("name", ipc_proc_name(proc)),
	       TG_TEXT("what", what), TG_TEXT("why", strerror(errno)));
	return false;
}

bool family_start(struct family *family, enum ipc_proc proc, uint64_t now_us)
{
	struct family_one *one = &family->all[proc];
	int fds[2];

	assert(one->pid == 0);
	if (!sys_channel_pair(fds)) {
		return start_failed(family, proc, "socketpair");
	}
	one->channel = sys_channel_new(fds[0], QUEUE_MAX);
	if (one->channel == NULL) {
		close(fds[0]);
		close(fds[1]);
		return start_failed(family, proc, "channel");
	}
	if (!sys_loop_add(family->loop, fds[0], SYS_LOOP_READ, on_ready, family)) {
		family_hang_up(family, proc);
		close(fds[1]);
		return start_failed(family, proc, "epoll");
	}
	const pid_t pid = spawn(family, proc, fds[1]);

	close(fds[1]);
	if (pid < 0) {
		family_hang_up(family, proc);
		return start_failed(family, proc, "fork");
	}
	one->pid = pid;
	one->incarnation++;
	one->is_ready = false;
	one->started_us = now_us;
	one->start_at_us = TG_NEVER;
	one->kill_at_us = TG_NEVER;
	introduce_to_all(family, proc);
	family->ops->on_started(family->owner, proc);
	return true;
}

bool family_start_all(struct family *family, uint64_t now_us)
{
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		if (!family_start(family, members[i], now_us)) {
			return false;
		}
	}
	return true;
}

/* ---- Records ---- */

void family_send(struct family *family, enum ipc_proc proc, const void *record, size_t size_bytes, int fd)
{
	struct sys_channel *channel = family->all[proc].channel;

	if (channel == NULL) {
		return;
	}
	if (sys_channel_send(channel, record, size_bytes, fd) == SYS_CHANNEL_FULL) {
		tg_log(family->log, TG_ERROR, "process.reads_nothing", TG_TEXT("name", ipc_proc_name(proc)));
		family_kill(family, proc);
	} else if (sys_channel_waits(channel)) {
		sys_loop_change(family->loop, sys_channel_fd(channel), SYS_LOOP_READ | SYS_LOOP_WRITE);
	}
}

void family_send_all(struct family *family, const void *record, size_t size_bytes)
{
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		family_send(family, members[i], record, size_bytes, -1);
	}
}

static void on_own_breach(struct family *family, enum ipc_proc by, const char *why)
{
	tg_log(family->log, TG_ERROR, "ipc.breach", TG_TEXT("by", ipc_proc_name(by)), TG_TEXT("why", why));
	family_kill(family, by);
}

static bool has_link(enum ipc_proc a, enum ipc_proc b)
{
	for (size_t i = 0; i < TG_COUNT(links); i++) {
		if ((links[i].a == a && links[i].b == b) || (links[i].a == b && links[i].b == a)) {
			return true;
		}
	}
	return false;
}

/* Somebody was sent what nobody may send. He who says so may lie: that costs both of them no more than a new start. */
static void on_reported_breach(struct family *family, enum ipc_proc from, const struct ipc_breach *report)
{
	const enum ipc_proc who = report->who;

	if (!has_link(from, who)) {
		on_own_breach(family, from, "a report about a stranger");
	} else if (family->all[who].pid > 0 && family->all[who].incarnation == report->incarnation) {
		tg_log(family->log, TG_ERROR, "ipc.breach", TG_TEXT("by", ipc_proc_name(who)),
		       TG_TEXT("told_by", ipc_proc_name(from)), TG_BYTES("why", tg_span_text(report->why)));
		family_kill(family, who);
	}
}

static void on_checked(struct family *family, enum ipc_proc from, const union ipc_any *record)
{
	if (record->head.kind == IPC_BREACH) {
		on_reported_breach(family, from, (const void *)record);
	} else if (record->head.kind == IPC_READY) {
		family->all[from].is_ready = true;
		if (family_is_all_ready(family)) {
			family->ops->on_all_ready(family->owner);
		}
	} else {
		family->ops->on_record(family->owner, from, record);
	}
}

/* @return false if nothing more is to be had now */
static bool take_one(struct family *family, enum ipc_proc from)
{
	struct family_one *one = &family->all[from];
	union ipc_any record;
	size_t size;
	int fd;

	if (one->channel == NULL) {
		return false;
	}
	const enum sys_channel_result result = sys_channel_receive(one->channel, &record, sizeof(record), &size, &fd);

	if (result == SYS_CHANNEL_ENDED) {
		family_hang_up(family, from);
	} else if (result == SYS_CHANNEL_BAD) {
		on_own_breach(family, from, "no record");
	}
	if (result != SYS_CHANNEL_OK) {
		return false;
	}
	const char *why = fd >= 0 ? "a descriptor too many" : ipc_check(from, PROC_PARENT, &record, size);

	if (fd >= 0) {
		close(fd); /* only a loader hands us any */
	}
	if (why != NULL) {
		on_own_breach(family, from, why);
		return false;
	}
	on_checked(family, from, &record);
	return true;
}

static void on_ready(void *owner, int fd, unsigned ready)
{
	struct family *family = owner;

	for (size_t i = 0; i < TG_COUNT(members); i++) {
		struct family_one *one = &family->all[members[i]];

		if (one->channel == NULL || sys_channel_fd(one->channel) != fd) {
			continue;
		}
		if ((ready & SYS_LOOP_WRITE) != 0 && sys_channel_flush(one->channel) == SYS_CHANNEL_OK) {
			sys_loop_change(family->loop, fd, SYS_LOOP_READ);
		}
		for (unsigned n = 0; n < RECORDS_A_TURN && take_one(family, members[i]); n++) {
		}
		return;
	}
}

/* ---- Ending ---- */

static void log_end(const struct family *family, enum ipc_proc proc, int status)
{
	const bool by_signal = WIFSIGNALED(status);

	tg_log(family->log, TG_ERROR, "process.ended", TG_TEXT("name", ipc_proc_name(proc)),
	       TG_UINT("pid", (uint64_t)family->all[proc].pid), TG_TEXT("by", by_signal ? "signal" : "exit"),
	       TG_UINT("code", (uint64_t)(by_signal ? WTERMSIG(status) : WEXITSTATUS(status))));
}

/* The first start comes at once, the next ones later and later. */
static void start_later(struct family_one *one, uint64_t now_us)
{
	if (now_us - one->started_us >= STEADY_US || one->delay_us == 0) {
		one->delay_us = DELAY_FIRST_US;
	} else {
		one->delay_us = tg_min_u64(one->delay_us * 2, DELAY_MAX_US);
	}
	one->start_at_us = now_us + one->delay_us;
}

bool family_on_ended(struct family *family, pid_t pid, int status, uint64_t now_us)
{
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		struct family_one *one = &family->all[members[i]];

		if (one->pid != pid) {
			continue;
		}
		/* What it said last is still in the channel. */
		while (take_one(family, members[i])) {
		}
		const bool again = family->ops->on_ended(family->owner, members[i]);

		if (again || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			log_end(family, members[i], status);
		}
		family_hang_up(family, members[i]);
		one->pid = 0;
		one->is_ready = false;
		one->kill_at_us = TG_NEVER;
		if (again) {
			start_later(one, now_us);
		}
		return true;
	}
	return false;
}

void family_expire(struct family *family, uint64_t now_us)
{
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		struct family_one *one = &family->all[members[i]];

		if (now_us >= one->kill_at_us) {
			family_kill(family, members[i]);
			one->kill_at_us = TG_NEVER;
		}
		if (one->pid == 0 && now_us >= one->start_at_us && !family_start(family, members[i], now_us)) {
			start_later(one, now_us);
		}
	}
}

uint64_t family_deadline_us(const struct family *family)
{
	uint64_t deadline_us = TG_NEVER;

	for (size_t i = 0; i < TG_COUNT(members); i++) {
		const struct family_one *one = &family->all[members[i]];

		deadline_us = tg_min_u64(deadline_us, tg_min_u64(one->start_at_us, one->kill_at_us));
	}
	return deadline_us;
}

void family_stop(struct family *family, enum ipc_proc proc, bool gracefully)
{
	const struct ipc_plain stop = { .head.kind = IPC_STOP,
		                        .value = gracefully ? IPC_STOP_GRACEFULLY : IPC_STOP_NOW };

	family->all[proc].start_at_us = TG_NEVER;
	family_send(family, proc, &stop, sizeof(stop), -1);
}

void family_stop_all_but(struct family *family, enum ipc_proc proc)
{
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		if (members[i] != proc) {
			family_stop(family, members[i], false);
		}
	}
}

void family_hang_up(struct family *family, enum ipc_proc proc)
{
	struct family_one *one = &family->all[proc];

	if (one->channel == NULL) {
		return;
	}
	sys_loop_remove(family->loop, sys_channel_fd(one->channel));
	sys_channel_free(one->channel);
	one->channel = NULL;
	one->kill_at_us = sys_clock_us() + LINGER_US;
}

void family_kill(struct family *family, enum ipc_proc proc)
{
	if (family->all[proc].pid > 0) {
		kill(family->all[proc].pid, SIGKILL);
	}
}

void family_kill_all(struct family *family)
{
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		family_kill(family, members[i]);
	}
}

bool family_is_there(const struct family *family, enum ipc_proc proc)
{
	return family->all[proc].pid > 0 && family->all[proc].channel != NULL;
}

bool family_is_all_ready(const struct family *family)
{
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		if (!family->all[members[i]].is_ready) {
			return false;
		}
	}
	return true;
}

bool family_is_gone(const struct family *family)
{
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		if (family->all[members[i]].pid > 0) {
			return false;
		}
	}
	return true;
}
