/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/links.h"

#include <fcntl.h>
#include <unistd.h>

enum { QUEUE_MAX = 256, RECORDS_A_TURN = 256 };

static void on_ready(void *owner, int fd, unsigned ready);

static void link_close(struct desk_links *links, enum ipc_proc peer)
{
	struct sys_channel *channel = links->peers[peer].channel;

	if (channel == NULL) {
		return;
	}
	sys_loop_remove(links->loop, sys_channel_fd(channel));
	sys_channel_free(channel);
	links->peers[peer].channel = NULL;
	links->on_gone(links->owner, peer);
}

/* Takes fd over; closes it if it cannot be used. */
static bool link_open(struct desk_links *links, enum ipc_proc peer, uint32_t incarnation, int fd)
{
	struct sys_channel *channel = sys_channel_new(fd, QUEUE_MAX);

	link_close(links, peer);
	if (channel == NULL) {
		close(fd);
		return false;
	}
	if (!sys_loop_add(links->loop, fd, SYS_LOOP_READ, on_ready, links)) {
		sys_channel_free(channel);
		return false;
	}
	links->peers[peer].channel = channel;
	links->peers[peer].incarnation = incarnation;
	return true;
}

static void on_breach(struct desk_links *links, enum ipc_proc peer, const char *why)
{
	const struct ipc_breach report = ipc_breach_of(peer, links->peers[peer].incarnation, why);

	tg_log(links->log, TG_ERROR, "ipc.breach", TG_TEXT("by", ipc_proc_name(peer)), TG_TEXT("why", why));
	link_close(links, peer);
	if (peer != PROC_PARENT && !desk_links_send(links, PROC_PARENT, &report, sizeof(report))) {
		tg_log(links->log, TG_ERROR, "ipc.parent_deaf");
	}
}

static void on_channel(struct desk_links *links, const struct ipc_channel *record, int fd)
{
	const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0 || record->to == PROC_PARENT || record->to == PROC_DESK ||
	    !link_open(links, (enum ipc_proc)record->to, record->incarnation, own)) {
		tg_log(links->log, TG_ERROR, "ipc.no_channel", TG_TEXT("to", ipc_proc_name((enum ipc_proc)record->to)));
	}
}

static const char *record_wrong(enum ipc_proc from, const union ipc_any *record, size_t size, int fd)
{
	const char *why = ipc_check(from, PROC_DESK, record, size);

	if (why == NULL && ipc_has_descriptor((enum ipc_kind)record->head.kind) != (fd >= 0)) {
		why = "a descriptor too many or too few";
	}
	return why;
}

/* @return false if nothing more is to be had of this peer now */
static bool take_one(struct desk_links *links, enum ipc_proc from)
{
	union ipc_any record;
	size_t size = 0;
	int fd = -1;

	if (links->peers[from].channel == NULL) {
		return false;
	}
	switch (sys_channel_receive(links->peers[from].channel, &record, sizeof(record), &size, &fd)) {
	case SYS_CHANNEL_OK:
		break;
	case SYS_CHANNEL_ENDED:
		link_close(links, from);
		return false;
	case SYS_CHANNEL_BAD:
		on_breach(links, from, "no record");
		return false;
	case SYS_CHANNEL_NONE:
	case SYS_CHANNEL_FULL:
		return false;
	}
	const char *why = record_wrong(from, &record, size, fd);

	if (why != NULL) {
		on_breach(links, from, why);
	} else if (record.head.kind == IPC_CHANNEL) {
		on_channel(links, (const void *)&record, fd);
	} else {
		links->on_record(links->owner, from, &record, fd);
	}
	if (fd >= 0) {
		close(fd);
	}
	return why == NULL;
}

static enum ipc_proc peer_of(const struct desk_links *links, int fd)
{
	for (unsigned peer = 0; peer < PROCS; peer++) {
		if (links->peers[peer].channel != NULL && sys_channel_fd(links->peers[peer].channel) == fd) {
			return (enum ipc_proc)peer;
		}
	}
	return PROCS;
}

static void on_ready(void *owner, int fd, unsigned ready)
{
	struct desk_links *links = owner;
	const enum ipc_proc peer = peer_of(links, fd);

	if (peer == PROCS) {
		return;
	}
	if ((ready & SYS_LOOP_WRITE) != 0 && sys_channel_flush(links->peers[peer].channel) == SYS_CHANNEL_OK) {
		sys_loop_change(links->loop, fd, SYS_LOOP_READ);
	}
	for (unsigned i = 0; i < RECORDS_A_TURN && take_one(links, peer); i++) {
	}
}

bool desk_links_init(struct desk_links *links, int parent_fd)
{
	return link_open(links, PROC_PARENT, 0, parent_fd);
}

void desk_links_deinit(struct desk_links *links)
{
	for (unsigned peer = 0; peer < PROCS; peer++) {
		sys_channel_free(links->peers[peer].channel);
		links->peers[peer].channel = NULL;
	}
}

bool desk_links_send(struct desk_links *links, enum ipc_proc to, const void *record, size_t size_bytes)
{
	struct sys_channel *channel = links->peers[to].channel;

	if (channel == NULL || sys_channel_send(channel, record, size_bytes, -1) != SYS_CHANNEL_OK) {
		return false;
	}
	if (sys_channel_waits(channel)) {
		sys_loop_change(links->loop, sys_channel_fd(channel), SYS_LOOP_READ | SYS_LOOP_WRITE);
	}
	return true;
}
