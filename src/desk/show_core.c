/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 32, LINE_BYTES = 256 };

static const struct desk_column process_columns[] = {
	{ "Process", 15, false, false },
	{ "Pid", 8, false, false },
	{ "Restarts", 8, false, false },
	{ "Up", 20, false, false },
	{ 0 },
};

/* The names are those that ps shows. */
int desk_show_processes(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_process_row *rows = view->rows[0].rows;

	desk_table_head(out, process_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		const bool is_parent = strcmp(rows[i].name, ipc_proc_name(PROC_PARENT)) == 0;
		char name[CELL_BYTES], pid[CELL_BYTES], restarts[CELL_BYTES], up[DESK_SPAN_BYTES];

		snprintf(name, sizeof(name), is_parent ? "tollgated" : "tg-%s", rows[i].name);
		snprintf(pid, sizeof(pid), "%u", rows[i].pid);
		snprintf(restarts, sizeof(restarts), "%u", rows[i].restarts);
		desk_table_row(out, process_columns,
		               (const char *const[]){ name, pid, restarts, desk_span_text(rows[i].up_s, up) });
	}
	return DESK_OK;
}

/* The daemon is up as long as its oldest process, the parent. */
int desk_show_uptime(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_process_row *rows = view->rows[0].rows;
	char text[DESK_SPAN_BYTES];
	uint64_t up_s = 0;

	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		up_s = tg_max_u64(up_s, rows[i].up_s);
	}
	if (view->argc > 0) {
		desk_line(out, "System uptime: %llu", (unsigned long long)up_s);
		return DESK_OK;
	}
	desk_line(out, "System uptime: %s", desk_span_text(up_s, text));
	return DESK_OK;
}

int desk_show_version(const struct desk_view *view, struct desk_out *out)
{
	desk_line(out, "Tollgate " TG_VERSION);
	if (view->world != NULL) {
		desk_line(out, "Configuration generation %llu", (unsigned long long)view->world->generation);
	}
	return DESK_OK;
}

static void join(const struct desk_view *view, char text[LINE_BYTES])
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < view->argc && len < LINE_BYTES; i++) {
		len += (size_t)snprintf(text + len, LINE_BYTES - len, "%s%s", i > 0 ? " " : "", view->argv[i]);
	}
}

int desk_show_help(const struct desk_view *view, struct desk_out *out)
{
	char wanted[LINE_BYTES], line[LINE_BYTES];
	unsigned shown = 0;

	join(view, wanted);
	for (const struct desk_command *command = desk_commands; command->words != NULL; command++) {
		if (strstr(command->words, wanted) == NULL && strstr(command->help, wanted) == NULL) {
			continue;
		}
		snprintf(line, sizeof(line), "%s%s%s", command->words, command->args[0] != '\0' ? " " : "",
		         command->args);
		desk_line(out, "%-52s %s", line, command->help);
		shown++;
	}
	if (shown == 0) {
		desk_line(out, "No command has to do with '%s'.", wanted);
	}
	return shown > 0 ? DESK_OK : DESK_FAILED;
}

int desk_show_completions(const struct desk_view *view, struct desk_out *out)
{
	desk_complete(view->world, view->rest, out);
	return DESK_OK;
}
