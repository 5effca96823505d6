/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "daemon/parent_inside.h"
#include "sys/clock.h"

void parent_desk_text(struct parent *parent, uint64_t query, const char *text)
{
	struct ipc_text record = { .head.kind = IPC_TEXT, .query = query };

	tg_span_copy(record.text, sizeof(record.text), tg_span_text(text));
	family_send(&parent->family, PROC_DESK, &record, sizeof(record), -1);
}

void parent_desk_done(struct parent *parent, uint64_t query, bool well)
{
	const struct ipc_done record = { .head.kind = IPC_DONE, .query = query, .failed = well ? 0 : 1 };

	family_send(&parent->family, PROC_DESK, &record, sizeof(record), -1);
}

static void process_row(struct parent *parent, uint64_t query, enum ipc_proc proc)
{
	const bool is_us = proc == PROC_PARENT;
	const struct family_one *one = &parent->family.all[proc];
	const uint64_t since_us = is_us ? parent->started_us : one->started_us;
	struct ipc_process_row row = {
		.head.kind = IPC_PROCESS_ROW,
		.query = query,
		.pid = (uint32_t)(is_us ? getpid() : one->pid),
		.restarts = is_us || one->incarnation == 0 ? 0 : one->incarnation - 1,
		.up_s = (sys_clock_us() - since_us) / TG_US_PER_S,
	};

	snprintf(row.name, sizeof(row.name), "%s", ipc_proc_name(proc));
	family_send(&parent->family, PROC_DESK, &row, sizeof(row), -1);
}

static void on_query(struct parent *parent, const struct ipc_query *query)
{
	static const enum ipc_proc shown[] = {
		PROC_PARENT, PROC_ENGINE, PROC_VAULT, PROC_STORE, PROC_DESK, PROC_FENCE
	};
	struct ipc_rows_end end = { .head.kind = IPC_ROWS_END, .query = query->query };

	if (query->what == IPC_ASK_PROCESSES) {
		for (size_t i = 0; i < TG_COUNT(shown); i++) {
			process_row(parent, query->query, shown[i]);
		}
		end.rows = TG_COUNT(shown);
	}
	family_send(&parent->family, PROC_DESK, &end, sizeof(end), -1);
}

static void on_reload_command(struct parent *parent, uint64_t query)
{
	if (parent->phase != RUNNING || parent->desk_waits) {
		parent_desk_text(parent, query,
		                 parent->desk_waits ? "error: another reload is running" : "error: not while stopping");
		parent_desk_done(parent, query, false);
		return;
	}
	parent->desk_waits = true;
	parent->desk_query = query;
	parent_load(parent, ORDERED);
}

static void on_command(struct parent *parent, const struct ipc_command *command)
{
	switch ((enum ipc_command_what)command->what) {
	case IPC_DO_RELOAD:
		on_reload_command(parent, command->query);
		return;
	case IPC_DO_STOP_NOW:
	case IPC_DO_STOP_GRACEFULLY:
		parent_desk_done(parent, command->query, true);
		parent_stop(parent, command->what == IPC_DO_STOP_GRACEFULLY);
		return;
	case IPC_COMMANDS:
		return;
	}
}

void parent_on_record(void *owner, enum ipc_proc from, const union ipc_any *record)
{
	struct parent *parent = owner;
	const void *body = record;

	if (record->head.kind == IPC_QUERY) {
		on_query(parent, body);
	} else if (record->head.kind == IPC_COMMAND) {
		on_command(parent, body);
	} else if (record->head.kind == IPC_STOPPED && parent->phase >= DRAINING) {
		family_hang_up(&parent->family, from); /* nothing keeps it any more */
	}
}
