/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/json.h"

#include "desk/facts.h"
#include "desk/jsontext.h"
#include "desk/metrics.h"

#include <string.h>

/* `json status`: how the exchange is, in one document. The rows are those that metrics have. */

static void put_away(struct desk_json *json, const struct desk_view *view)
{
	bool is_away[PROCS] = { false };

	for (unsigned i = 0; i < METRICS_ASKS; i++) {
		if (view->rows[i].away) {
			is_away[desk_asked(desk_metrics_command.asks[i])] = true;
		}
	}
	desk_json_open(json, "away", '[');
	for (unsigned proc = 0; proc < PROCS; proc++) {
		if (is_away[proc]) {
			desk_json_text(json, NULL, ipc_proc_name((enum ipc_proc)proc));
		}
	}
	desk_json_close(json, ']');
}

static void put_processes(struct desk_json *json, const struct desk_rows *rows)
{
	const struct ipc_process_row *row = rows->rows;

	desk_json_open(json, "processes", '[');
	for (uint32_t i = 0; i < rows->count; i++) {
		desk_json_newline(json);
		desk_json_open(json, NULL, '{');
		desk_json_text(json, "name", row[i].name);
		desk_json_bool(json, "up", row[i].pid != 0);
		desk_json_uint(json, "restarts", row[i].restarts);
		desk_json_uint(json, "up_s", row[i].up_s);
		desk_json_close(json, '}');
	}
	desk_json_close(json, ']');
}

static void put_config(struct desk_json *json, const struct desk_view *view)
{
	const struct ipc_process_row *parent = desk_process_find(&view->rows[METRICS_PROCESSES], PROC_PARENT);

	desk_json_open(json, "config", '{');
	desk_json_uint(json, "generation", view->world != NULL ? view->world->generation : 0);
	if (parent != NULL) {
		desk_json_uint(json, "loads", parent->loads);
		desk_json_uint(json, "loads_failed", parent->loads_failed);
		desk_json_bool(json, "last_load_failed", parent->last_load_failed != 0);
		desk_json_uint(json, "last_load_ms", parent->last_load_ms);
	}
	desk_json_close(json, '}');
}

static void put_peers(struct desk_json *json, const struct desk_view *view)
{
	const struct desk_peers_count count = desk_peers_count(view->world, &view->rows[METRICS_PEERS]);

	desk_json_open(json, "peers", '{');
	for (unsigned i = 0; i < DESK_PEER_STATUS_COUNT; i++) {
		desk_json_uint(json, desk_peer_status_name((enum desk_peer_status)i), count.of[i]);
	}
	desk_json_uint(json, "registered", count.registered);
	desk_json_close(json, '}');
}

static void put_registrations(struct desk_json *json, const struct desk_rows *rows)
{
	const struct ipc_registry_row *row = rows->rows;
	unsigned registered = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		registered += row[i].is_registered;
	}
	desk_json_open(json, "registrations", '{');
	desk_json_uint(json, "all", rows->count);
	desk_json_uint(json, "registered", registered);
	desk_json_close(json, '}');
}

static void put_counters(struct desk_json *json, const struct desk_view *view)
{
	static const struct {
		const char *group, *name, *counter;
	} rows[] = {
		{ "calls", "now", "switch.calls" },
		{ "calls", "peak", "switch.calls_peak" },
		{ "calls", "offered", "switch.calls_offered" },
		{ "calls", "answered", "switch.calls_answered" },
		{ "calls", "refused", "switch.calls_refused" },
		{ "channels", "now", "switch.legs" },
		{ "channels", "peak", "switch.legs_peak" },
		{ "records", "waiting", "switch.records_waiting" },
		{ "records", "lost", "switch.records_lost" },
		{ "guard", "wrong_secrets", "guard.failures" },
		{ "guard", "banned", "event.Banned" },
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct ipc_counter_row *row = metrics_counter(view, rows[i].counter);

		if (i == 0 || strcmp(rows[i - 1].group, rows[i].group) != 0) {
			desk_json_open(json, rows[i].group, '{');
		}
		if (row != NULL) {
			desk_json_uint(json, rows[i].name, row->value);
		} else {
			desk_json_null(json, rows[i].name);
		}
		if (i + 1 == TG_COUNT(rows) || strcmp(rows[i + 1].group, rows[i].group) != 0) {
			desk_json_close(json, '}');
		}
	}
}

static void put_limits(struct desk_json *json, const struct desk_rows *rows)
{
	const struct ipc_budget_row *row = rows->rows;

	desk_json_open(json, "limits", '[');
	for (uint32_t i = 0; i < rows->count; i++) {
		desk_json_newline(json);
		desk_json_open(json, NULL, '{');
		desk_json_text(json, "name", row[i].name);
		desk_json_uint(json, "limit", row[i].limit);
		desk_json_uint(json, "used", row[i].used);
		desk_json_uint(json, "stopped", row[i].stopped);
		desk_json_close(json, '}');
	}
	desk_json_close(json, ']');
}

int desk_json_status(const struct desk_view *view, struct desk_out *out)
{
	struct desk_json json = { .out = out };

	desk_json_open(&json, NULL, '{');
	desk_json_uint(&json, "schema", DESK_JSON_SCHEMA);
	desk_json_text(&json, "question", "status");
	desk_json_text(&json, "version", TG_VERSION);
	desk_json_uint(&json, "time_ms", view->now_ms);
	put_away(&json, view);
	put_config(&json, view);
	put_peers(&json, view);
	put_registrations(&json, &view->rows[METRICS_REGISTRY]);
	put_counters(&json, view);
	put_processes(&json, &view->rows[METRICS_PROCESSES]);
	put_limits(&json, &view->rows[METRICS_BUDGETS]);
	desk_json_close(&json, '}');
	desk_out_raw(out, "\n", 1);
	return DESK_OK;
}
