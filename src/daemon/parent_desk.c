/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
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

	if (is_us) {
		row.started_ms = parent->started_ms;
		row.loads = parent->loads;
		row.loads_failed = parent->loads_failed;
		row.last_load_failed = parent->last_load_failed ? 1 : 0;
		row.last_load_ms = parent->last_load_ms;
	}
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

static void on_wish(struct parent *parent, const struct ipc_command *command)
{
	static const char *const says[IPC_COMMANDS] = {
		[IPC_DO_STOP_WHEN_CONVENIENT] = "Calls are taken until there is none; then it ends",
		[IPC_DO_RESTART_NOW] = "The engine hangs up all calls and begins anew; the other processes go on",
		[IPC_DO_RESTART_GRACEFULLY] = "No new calls are taken; after the last one the engine begins anew",
		[IPC_DO_RESTART_WHEN_CONVENIENT] = "Calls are taken until there is none; then the engine begins anew",
		[IPC_DO_ABORT] = "It goes on, and takes calls",
	};
	const char *why = parent_obey(parent, (enum ipc_command_what)command->what);

	parent_desk_text(parent, command->query, why != NULL ? why : says[command->what]);
	parent_desk_done(parent, command->query, why == NULL);
}

static void on_log_level(struct parent *parent, const struct ipc_command *command)
{
	char text[IPC_TEXT_BYTES] = "Logged from now on:";
	size_t len = strlen(text);

	for (unsigned level = command->value; level < TG_LEVELS; level++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", tg_level_name((enum tg_level)level));
	}
	parent_set_log_level(parent, (enum tg_level)command->value);
	parent_desk_text(parent, command->query, text);
	parent_desk_done(parent, command->query, true);
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
	case IPC_DO_STOP_WHEN_CONVENIENT:
	case IPC_DO_RESTART_NOW:
	case IPC_DO_RESTART_GRACEFULLY:
	case IPC_DO_RESTART_WHEN_CONVENIENT:
	case IPC_DO_ABORT:
		on_wish(parent, command);
		return;
	case IPC_DO_LOG:
		on_log_level(parent, command);
		return;
	case IPC_COMMANDS:
		return;
	}
}

void parent_on_record(void *owner, enum ipc_proc from, const union ipc_any *record)
{
	struct parent *parent = owner;
	const void *body = record;

	(void)from; /* ipc_check() knows who may say what */
	if (record->head.kind == IPC_QUERY) {
		on_query(parent, body);
	} else if (record->head.kind == IPC_COMMAND) {
		on_command(parent, body);
	} else if (record->head.kind == IPC_STOPPED) {
		parent_on_stopped(parent);
	}
}
