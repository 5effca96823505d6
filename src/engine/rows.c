/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/rows.h"

#include <stdio.h>
#include <string.h>

#include "engine/rows_guard.h"
#include "iax/names.h"

enum { ROWS_A_TURN = 32 };

static_assert(
	sizeof(((struct switch_channel_row *)NULL)->channel) == sizeof(((struct ipc_channel_row *)NULL)->channel) &&
		sizeof(((struct switch_channel_row *)NULL)->app) == sizeof(((struct ipc_channel_row *)NULL)->app) &&
		sizeof(((struct switch_channel_row *)NULL)->app_args) ==
			sizeof(((struct ipc_channel_row *)NULL)->app_args) &&
		sizeof(((struct switch_channel_row *)NULL)->state) == sizeof(((struct ipc_channel_row *)NULL)->state) &&
		sizeof(((struct switch_registry_row *)NULL)->state) ==
			sizeof(((struct ipc_registry_row *)NULL)->state) &&
		(int)IPC_NAME_BYTES == (int)MODEL_NAME_BYTES,
	"texts are copied whole");

void rows_init(struct rows *rows, const struct tg_switch *sw, const struct iax_endpoint *endpoint,
               const struct guard *guard, const struct keeper *keeper,
               bool (*counter_at)(const void *owner, uint32_t number, struct rows_counter *out), const void *owner)
{
	*rows = (struct rows){ .sw = sw,
		               .endpoint = endpoint,
		               .counter_at = counter_at,
		               .owner = owner,
		               .guard = guard,
		               .keeper = keeper };
}

bool rows_ask(struct rows *rows, const struct ipc_query *query)
{
	if (rows->count == ROWS_QUERIES_MAX) {
		return false;
	}
	rows->queries[rows->count++] = *query;
	return true;
}

void rows_forget(struct rows *rows)
{
	rows->count = 0;
	rows->cursor = 0;
	rows->sent = 0;
	rows->record_bytes = 0;
}

bool rows_wait(const struct rows *rows)
{
	return rows->count > 0 || rows->record_bytes > 0;
}

/* ---- Each makes the next row, or gives false ---- */

static bool peer_row(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct ipc_peer_row *out = &rows->record.peer;
	struct switch_peer_row row = { 0 };

	if (!switch_peer_row(rows->sw, &rows->cursor, now.now_us, &row)) {
		return false;
	}
	*out = (struct ipc_peer_row){ .head.kind = IPC_PEER_ROW,
		                      .query = query,
		                      .addr = row.addr,
		                      .expires_s = row.expires_s,
		                      .rtt_ms = row.rtt_ms,
		                      .latched = (row.user_latched ? 1 : 0) | (row.peer_latched ? 2 : 0) };
	memcpy(out->name, row.name, sizeof(out->name));
	rows->record_bytes = sizeof(*out);
	return true;
}

static struct model_report report_of(const struct iax_report *report)
{
	return (struct model_report){ .packets = report->packets,
		                      .lost = report->lost,
		                      .out_of_order = report->out_of_order,
		                      .dropped = report->dropped,
		                      .jitter_ms = report->jitter_ms,
		                      .delay_ms = report->delay_ms };
}

static void message_name(char *out, size_t size_bytes, bool sent, uint8_t type, uint8_t subclass)
{
	const char *name = type == IAX_FRAME_IAX ? iax_subclass_name(subclass) : iax_frame_type_name(type);

	snprintf(out, size_bytes, "%s:%s", sent ? "Tx" : "Rx", name == NULL ? "?" : name);
}

static const char *const kinds[] = {
	[IAX_LEG_CALL_IN] = "call",         [IAX_LEG_CALL_OUT] = "call", [IAX_LEG_REG_IN] = "registration",
	[IAX_LEG_REG_OUT] = "registration", [IAX_LEG_POKE_OUT] = "poke",
};

static void put_leg(struct ipc_channel_row *out, const struct iax_leg_info *info)
{
	snprintf(out->kind, sizeof(out->kind), "%s", (unsigned)info->kind < TG_COUNT(kinds) ? kinds[info->kind] : "?");
	message_name(out->first_msg, sizeof(out->first_msg), info->opened_by_us, IAX_FRAME_IAX, info->first_subclass);
	if (info->last_rx_type != 0) {
		message_name(out->last_msg, sizeof(out->last_msg), false, info->last_rx_type, info->last_rx_subclass);
	} else {
		message_name(out->last_msg, sizeof(out->last_msg), true, info->last_tx_type, info->last_tx_subclass);
	}
	out->peer = info->remote;
	out->format = info->rx_format != 0 ? info->rx_format : info->tx_format;
	out->local_number = info->local_number;
	out->remote_number = info->remote_number;
	out->oseqno = info->oseqno;
	out->iseqno = info->iseqno;
	out->rtt_ms = info->rtt_us / TG_US_PER_MS;
	out->lag_ms = info->lag_ms;
	out->jitter_ms = info->local_report.jitter_ms;
	out->proven = info->proof == IAX_PROVEN;
	out->authenticated = info->authenticated;
	out->opened_by_us = info->opened_by_us;
	out->local = report_of(&info->local_report);
	out->remote = report_of(&info->remote_report);
}

static bool channel_row(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct ipc_channel_row *out = &rows->record.channel;
	struct switch_channel_row row = { 0 };

	if (!switch_channel_row(rows->sw, &rows->cursor, now.now_us, &row)) {
		return false;
	}
	*out = (struct ipc_channel_row){ .head.kind = IPC_CHANNEL_ROW,
		                         .query = query,
		                         .priority = row.priority,
		                         .call_id = row.call_id,
		                         .seconds = row.seconds };
	memcpy(out->channel, row.channel, sizeof(out->channel));
	memcpy(out->user, row.user, sizeof(out->user));
	memcpy(out->caller_number, row.caller_number, sizeof(out->caller_number));
	memcpy(out->context, row.context, sizeof(out->context));
	memcpy(out->exten, row.exten, sizeof(out->exten));
	memcpy(out->app, row.app, sizeof(out->app));
	memcpy(out->app_args, row.app_args, sizeof(out->app_args));
	memcpy(out->bridged_to, row.bridged_to, sizeof(out->bridged_to));
	memcpy(out->state, row.state, sizeof(out->state));
	put_leg(out, &row.info);
	rows->record_bytes = sizeof(*out);
	return true;
}

static bool registry_row(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct ipc_registry_row *out = &rows->record.registry;
	struct switch_registry_row row = { 0 };

	if (!switch_registry_row(rows->sw, &rows->cursor, now.now_us, &row)) {
		return false;
	}
	*out = (struct ipc_registry_row){
		.head.kind = IPC_REGISTRY_ROW,
		.query = query,
		.perceived = row.perceived,
		.refresh_s = row.refresh_s,
		.is_registered = row.is_registered ? 1 : 0,
	};
	memcpy(out->host, row.host, sizeof(out->host));
	memcpy(out->username, row.username, sizeof(out->username));
	memcpy(out->state, row.state, sizeof(out->state));
	rows->record_bytes = sizeof(*out);
	return true;
}

static bool counter_row(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct rows_counter counter = { .name = "" };

	(void)now;
	if (!rows->counter_at(rows->owner, rows->cursor, &counter)) {
		return false;
	}
	rows->cursor++;
	rows->record.counter = (struct ipc_counter_row){
		.head.kind = IPC_COUNTER_ROW, .query = query, .value = counter.value, .idle = counter.is_idle ? 1 : 0
	};
	memcpy(rows->record.counter.name, counter.name, sizeof(counter.name));
	rows->record_bytes = sizeof(rows->record.counter);
	return true;
}

static bool usage_row(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct ipc_usage_row *out = &rows->record.usage;

	*out = (struct ipc_usage_row){ .head.kind = IPC_USAGE_ROW, .query = query };
	rows->record_bytes = sizeof(*out);
	if (!switch_usage_row(rows->sw, &rows->cursor, now.now_us, &out->usage)) {
		rows->record_bytes = 0;
	}
	return rows->record_bytes > 0;
}

static bool no_row(struct rows *rows, uint64_t query, struct terms_now now)
{
	(void)rows;
	(void)query;
	(void)now;
	return false;
}

static bool (*const row_makers[IPC_QUERY_WHATS])(struct rows *rows, uint64_t query, struct terms_now now) = {
	[IPC_ASK_PEERS] = peer_row,        [IPC_ASK_CHANNELS] = channel_row,
	[IPC_ASK_REGISTRY] = registry_row, [IPC_ASK_NUMBERS] = rows_numbers,
	[IPC_ASK_COUNTERS] = counter_row,  [IPC_ASK_PROCESSES] = no_row, /* the parent knows */
	[IPC_ASK_RECORDS] = no_row,                                      /* the store knows */
	[IPC_ASK_EVENTS] = no_row,         [IPC_ASK_AUDIT] = no_row,
	[IPC_ASK_BANS] = rows_ban,         [IPC_ASK_SOURCES] = rows_source,
	[IPC_ASK_GUARDED] = rows_guarded,  [IPC_ASK_BUDGETS] = rows_budget,
	[IPC_ASK_USAGE] = usage_row,
};

static void finish_query(struct rows *rows)
{
	rows->record.end = (struct ipc_rows_end){ .head.kind = IPC_ROWS_END,
		                                  .query = rows->queries[0].query,
		                                  .rows = rows->sent };
	rows->record_bytes = sizeof(rows->record.end);
	rows->count--;
	memmove(rows->queries, rows->queries + 1, rows->count * sizeof(rows->queries[0]));
	rows->cursor = 0;
	rows->sent = 0;
}

static void make_record(struct rows *rows, struct terms_now now)
{
	const struct ipc_query *query = &rows->queries[0];
	const bool more = query->limit == 0 || rows->sent < query->limit;

	if (more && row_makers[query->what](rows, query->query, now)) {
		rows->sent++;
	} else {
		finish_query(rows);
	}
}

void rows_turn(struct rows *rows, struct link *desk, struct terms_now now)
{
	for (int i = 0; i < ROWS_A_TURN && link_is_clear(desk); i++) {
		if (rows->record_bytes == 0 && rows->count == 0) {
			return;
		}
		if (rows->record_bytes == 0) {
			make_record(rows, now);
		}
		if (!link_send(desk, &rows->record, rows->record_bytes)) {
			return;
		}
		rows->record_bytes = 0;
	}
}
