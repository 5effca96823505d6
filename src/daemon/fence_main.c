/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/child.h"
#include "daemon/fence_batch.h"
#include "daemon/fence_link.h"
#include "daemon/roles.h"
#include "sys/clock.h"
#include "sys/proc.h"

enum {
	QUEUE_MAX = 64,
	PORTS_LIMIT_US = 10 * TG_US_PER_S, /* for the parent to tell them */
	NFT_LIMIT_US = 10 * TG_US_PER_S,
	LOOK_US = 5 * TG_US_PER_S, /* how often it is made sure that nobody has deleted our table */
	ASK_S = 5,                 /* before the engine is asked to begin anew; twice as long each time */
	ASK_MOST_S = 640,
};

struct fence {
	struct child child;
	struct fence_link *link;
	struct ipc_fence_ports ports;
	struct ipc_fence_state state;
	char table[FENCE_NAME_BYTES];
	uint64_t look_at_us;
	bool is_missing; /* something of what was told since it began anew is not in the table */
	uint32_t ask_s;
	uint64_t ask_at_us; /* TG_NEVER: there is no need */
	struct fence_batch batch;
	struct fence_element elements[FENCE_ELEMENTS_MAX];
};

/* ---- What the engine is told ---- */

static void tell_state(struct fence *fence)
{
	child_send(&fence->child, PROC_ENGINE, &fence->state, sizeof(fence->state));
}

static void set_off(struct fence *fence, const char *what, const char *why)
{
	const bool was_on = fence->state.works != 0 || fence->state.why[0] == '\0';

	fence->state.works = 0;
	snprintf(fence->state.why, sizeof(fence->state.why), "%s%s%.180s", what, why[0] != '\0' ? ": " : "", why);
	if (was_on) {
		tg_log(&fence->child.log, TG_NOTICE, "fence.off", TG_TEXT("why", fence->state.why));
		tell_state(fence);
	}
}

static void set_on(struct fence *fence)
{
	if (fence->state.works == 0) {
		fence->state.works = 1;
		fence->state.why[0] = '\0';
		tg_log(&fence->child.log, TG_INFO, "fence.on", TG_TEXT("table", fence->table),
		       TG_UINT("ports", fence->ports.count));
		tell_state(fence);
	}
}

/* ---- Elements ---- */

/* What is missing, or was not taken out, comes right when the engine begins anew. It is asked less and less often: a set that is
   full may stay so. */
static void note_missing(struct fence *fence)
{
	fence->is_missing = true;
	if (fence->ask_at_us == TG_NEVER) {
		fence->ask_at_us = sys_clock_us() + fence->ask_s * (uint64_t)TG_US_PER_S;
	}
}

static void on_refused(void *owner, uint32_t seq, int error)
{
	struct fence *fence = owner;
	const struct fence_element *element = fence_batch_refuse(&fence->batch, seq);

	if (element == NULL || error == ENOENT) {
		return;
	}
	if (error != ENFILE) {
		set_off(fence, "the kernel refuses a ban", strerror(error));
		note_missing(fence);
	} else if (element->in) { /* what is to go, is not in a full set if it has no room there */
		set_off(fence, "a set is full", fence_sets[element->set].name);
		note_missing(fence);
	}
}

/* Without our table there is nothing to mend from in here: a new process makes another, and the engine fills it. */
static void on_gone(struct fence *fence)
{
	set_off(fence, "the table is gone", "");
	child_stop(&fence->child, EXIT_FAILURE);
}

/* Of a transaction, all is done or nothing: what the kernel refuses is left out, for the rest to be done. */
static void flush(struct fence *fence)
{
	const struct fence_refused refused = { on_refused, fence };
	struct tg_span messages = fence_batch_end(&fence->batch);

	while (messages.len > 0) {
		const int error = fence_link_do(fence->link, messages, &refused);

		if (error == ENOENT) {
			on_gone(fence);
			break;
		}
		if (error != 0 && fence->batch.refused == 0) {
			set_off(fence, "the kernel refuses bans", strerror(error));
			note_missing(fence);
		}
		messages = fence_batch_again(&fence->batch);
	}
	fence_batch_begin(&fence->batch, fence->table);
}

static void on_ban(struct fence *fence, const struct model_ban *ban)
{
	if (fence->link == NULL) {
		return;
	}
	const uint32_t count = fence_elements(ban, sys_clock_wall_ms(), fence->elements);

	for (uint32_t i = 0; i < count; i++) {
		if (!fence_batch_add(&fence->batch, &fence->elements[i])) {
			flush(fence);
			if (!fence_batch_add(&fence->batch, &fence->elements[i])) {
				return;
			}
		}
	}
	if (count == 0) {
		tg_log(&fence->child.log, TG_INFO, "fence.too_wide", TG_ADDR("base", ban->base),
		       TG_UINT("bits", ban->bits));
	}
	fence->child.deadline_us = 0; /* when this turn's records are read */
}

/* What the engine does not name from now on, is over; what waited to be put in, is named again. */
static void begin_anew(struct fence *fence)
{
	if (fence->link == NULL) {
		return;
	}
	const int error = fence_link_do(fence->link, fence_batch_empty_sets(&fence->batch, fence->table), NULL);

	fence->is_missing = false;
	fence->ask_at_us = TG_NEVER;
	fence_batch_begin(&fence->batch, fence->table);
	if (error == ENOENT) {
		on_gone(fence);
	} else if (error != 0) {
		set_off(fence, "the sets cannot be emptied", strerror(error));
		note_missing(fence);
	}
}

static void on_all(struct fence *fence)
{
	if (fence->link == NULL) {
		return;
	}
	flush(fence);
	if (!fence->is_missing && !fence->child.is_stopping) {
		fence->ask_s = ASK_S;
		set_on(fence);
	}
}

static void ask_again(struct fence *fence)
{
	fence->ask_at_us = TG_NEVER;
	fence->ask_s = (uint32_t)tg_min_u64(2 * (uint64_t)fence->ask_s, ASK_MOST_S);
	note_missing(fence); /* and once more, should nothing come of it */
	fence->state.again = 1;
	tell_state(fence);
	fence->state.again = 0;
}

static void look_for_table(struct fence *fence, uint64_t now_us)
{
	const int error = fence_link_do(fence->link, fence_batch_ask_table(&fence->batch, fence->table), NULL);

	fence->look_at_us = now_us + LOOK_US;
	if (error == ENOENT) {
		on_gone(fence);
	}
	fence_batch_begin(&fence->batch, fence->table);
}

static void expire(void *owner, uint64_t now_us)
{
	struct fence *fence = owner;

	if (fence->link == NULL) {
		return;
	}
	flush(fence);
	if (now_us >= fence->look_at_us) {
		look_for_table(fence, now_us);
	}
	if (now_us >= fence->ask_at_us) {
		ask_again(fence);
	}
	fence->child.deadline_us = tg_min_u64(fence->look_at_us, fence->ask_at_us);
}

static void on_record(void *owner, enum ipc_proc from, const union ipc_any *record, int fd)
{
	struct fence *fence = owner;
	const void *body = record;

	(void)from;
	(void)fd;
	if (record->head.kind == IPC_FENCE_PORTS) {
		fence->ports = *(const struct ipc_fence_ports *)body;
	} else if (record->head.kind == IPC_BANS_ANEW) {
		begin_anew(fence);
	} else if (record->head.kind == IPC_BANS_ALL) {
		on_all(fence);
	} else if (record->head.kind == IPC_BAN) {
		on_ban(fence, &((const struct ipc_ban *)body)->ban);
	}
}

static void on_channel(void *owner, enum ipc_proc to, bool is_there)
{
	struct fence *fence = owner;

	if (to == PROC_ENGINE && is_there && (fence->state.works != 0 || fence->state.why[0] != '\0')) {
		tell_state(fence);
	}
}

static const struct child_ops ops = { .on_record = on_record, .on_channel = on_channel, .expire = expire };

/* ---- Beginning and end ---- */

/* The parent alone is listened to: what the engine says waits until there is something to do with it. */
static bool wait_for_ports(struct fence *fence)
{
	const uint64_t end_us = sys_clock_us() + PORTS_LIMIT_US;

	while (fence->ports.count == 0 && !fence->child.is_stopping && sys_clock_us() < end_us) {
		struct pollfd parent = {
			.fd = sys_channel_fd(fence->child.peers[PROC_PARENT].channel),
			.events = POLLIN,
		};

		if (poll(&parent, 1, (int)(PORTS_LIMIT_US / TG_US_PER_MS)) > 0) {
			child_drain(&fence->child, PROC_PARENT);
		}
	}
	return fence->ports.count > 0;
}

/* One line, and no more of it than fits. */
static void first_line(char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
}

static bool make_table(struct fence *fence)
{
	static const char *const places[] = { "/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft" };
	char script[FENCE_SCRIPT_BYTES], said[SYS_PROC_SAID_BYTES];
	size_t at = 0;

	if (!fence_script(script, fence->table, fence->ports.ports, fence->ports.count)) {
		set_off(fence, "no rules can be made for these ports", "");
		return false;
	}
	while (at < TG_COUNT(places) && access(places[at], X_OK) != 0) {
		at++;
	}
	if (at == TG_COUNT(places)) {
		set_off(fence, "the program nft is not installed", "");
		return false;
	}
	const char *const argv[] = { places[at], "-f", "-", NULL };

	if (!sys_proc_run(argv, script, NFT_LIMIT_US, said)) {
		first_line(said);
		set_off(fence, "nft cannot make the table", said);
		return false;
	}
	return true;
}

static void set_up(struct fence *fence)
{
	if (!sys_sandbox_has_filter()) {
		set_off(fence, "no right to change the packet filter (CAP_NET_ADMIN)", "");
		return;
	}
	if (!wait_for_ports(fence)) {
		set_off(fence, "no ports were told", "");
		return;
	}
	if (!make_table(fence)) {
		return;
	}
	fence->link = fence_link_open();
	if (fence->link == NULL) {
		set_off(fence, "no way to the packet filter", strerror(errno));
		return;
	}
	const int error = fence_link_do(fence->link, fence_batch_ask_table(&fence->batch, fence->table), NULL);

	if (error != 0) {
		set_off(fence, "the table was not made", strerror(error));
		fence_link_close(fence->link);
		fence->link = NULL;
		return;
	}
	fence_batch_begin(&fence->batch, fence->table);
	fence->child.deadline_us = 0;
	set_on(fence);
}

static const char *give_up_rights(const struct fence *fence)
{
	return fence->link != NULL ? sys_sandbox_keep_filter(SYS_SANDBOX_OWN) : sys_sandbox_begin(true);
}

static bool begin(struct fence *fence, const struct role_args *args)
{
	const struct sys_sandbox sandbox = { .role = SYS_SANDBOX_FENCE };

	if (!child_init(&fence->child, PROC_FENCE, args->channel_fd, &ops, fence, QUEUE_MAX)) {
		return false;
	}
	fence->state.head.kind = IPC_FENCE_STATE;
	fence->ask_s = ASK_S;
	fence->ask_at_us = TG_NEVER;
	fence_table_name(fence->table, args->state_dir);
	set_up(fence);
	const char *failed = give_up_rights(fence);

	if (failed != NULL) {
		tg_log(&fence->child.log, TG_ERROR, "sandbox.failed", TG_TEXT("why", failed));
		return false;
	}
	return child_enter(&fence->child, &sandbox);
}

static void end(struct fence *fence)
{
	if (fence->link != NULL) {
		const int error = fence_link_do(fence->link, fence_batch_delete_table(&fence->batch, fence->table),
		                                NULL);

		if (error != 0 && error != ENOENT) {
			tg_log(&fence->child.log, TG_ERROR, "fence.table_stays", TG_TEXT("table", fence->table),
			       TG_TEXT("why", strerror(error)));
		}
	}
	fence_link_close(fence->link);
}

int fence_main(const struct role_args *args)
{
	static struct fence fence;

	if (!begin(&fence, args)) {
		return EXIT_FAILURE;
	}
	child_run(&fence.child);
	end(&fence);
	child_deinit(&fence.child);
	return fence.child.exit_code;
}
