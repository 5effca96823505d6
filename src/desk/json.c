/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/json.h"

#include "desk/facts.h"
#include "desk/jsontext.h"
#include "desk/metrics.h"
#include "desk/net.h"
#include "desk/show.h"
#include "model/event.h"

#include <string.h>

/* ---- Members of rows ---- */

enum kind {
	FIELD_TEXT,
	FIELD_U8, /* yes or no */
	FIELD_U16,
	FIELD_U32,
	FIELD_I32,
	FIELD_U64,
	FIELD_YES,   /* uint32_t, yes or no */
	FIELD_ADDR,  /* with its port; null for none */
	FIELD_NET,   /* struct tg_addr; `bits` says where its length is */
	FIELD_CODEC, /* uint64_t: one bit */
	FIELD_NAME,  /* uint32_t: an enumerator, `name_of` says its word */
	FIELD_ID,    /* struct model_event_id */
	FIELD_REPORT,
};

struct field {
	const char *name;
	enum kind kind;
	size_t offset;
	size_t bits;
	const char *(*name_of)(uint32_t value);
};

static const char *reason_name(uint32_t value)
{
	return value < MODEL_REASON_COUNT ? model_reason_code((enum model_reason)value) : "?";
}

static const char *event_name(uint32_t value)
{
	return value < MODEL_EVENT_KINDS ? model_event_name((enum model_event_kind)value) : "?";
}

static const char *action_name(uint32_t value)
{
	return value < MODEL_ACTION_COUNT ? model_action_name((enum model_action)value) : "?";
}

static const char *class_name(uint32_t value)
{
	return value < MODEL_CLASS_COUNT ? model_class_name((enum model_class)value) : "?";
}

static const char *disposition_name(uint32_t value)
{
	return value < MODEL_DISPOSITIONS ? model_disposition_name((enum model_disposition)value) : "?";
}

static const char *destination_name(uint32_t value)
{
	return value < WORLD_CLASSES ? world_class_name((enum world_class)value) : "?";
}

static const char *request_name(uint32_t value)
{
	static const char *const names[MODEL_REQUESTS] = { "none", "call", "register", "release" };

	return value < MODEL_REQUESTS ? names[value] : "?";
}

static const char *ban_name(uint32_t value)
{
	return value == MODEL_ALLOW ? "allow" : "ban";
}

static const char *limit_name(uint32_t value)
{
	static const char *const names[IPC_LIMIT_ORIGINS] = { "global", "range", "peer" };

	return value < IPC_LIMIT_ORIGINS ? names[value] : "?";
}

#define F(member_name, kind, type, member)                         \
	{                                                          \
		member_name, kind, offsetof(type, member), 0, NULL \
	}
#define NET(member_name, type, member, bits)                                               \
	{                                                                                  \
		member_name, FIELD_NET, offsetof(type, member), offsetof(type, bits), NULL \
	}
#define NAME(member_name, type, member, words)                            \
	{                                                                 \
		member_name, FIELD_NAME, offsetof(type, member), 0, words \
	}

#define ROW struct ipc_peer_row
static const struct field peer_fields[] = {
	F("address", FIELD_ADDR, ROW, addr),
	F("expires_s", FIELD_U32, ROW, expires_s),
	F("rtt_ms", FIELD_I32, ROW, rtt_ms), /* -1: not asked yet, -2: no answer */
	{ 0 },
};
#undef ROW

#define ROW struct ipc_channel_row
static const struct field channel_fields[] = {
	F("channel", FIELD_TEXT, ROW, channel),
	F("kind", FIELD_TEXT, ROW, kind),
	F("call_id", FIELD_U32, ROW, call_id),
	F("state", FIELD_TEXT, ROW, state),
	F("seconds", FIELD_U32, ROW, seconds),
	F("account", FIELD_TEXT, ROW, user),
	F("address", FIELD_ADDR, ROW, peer),
	F("context", FIELD_TEXT, ROW, context),
	F("exten", FIELD_TEXT, ROW, exten),
	F("priority", FIELD_U32, ROW, priority),
	F("app", FIELD_TEXT, ROW, app),
	F("app_args", FIELD_TEXT, ROW, app_args),
	F("bridged_to", FIELD_TEXT, ROW, bridged_to),
	F("codec", FIELD_CODEC, ROW, format),
	F("local_number", FIELD_U16, ROW, local_number),
	F("remote_number", FIELD_U16, ROW, remote_number),
	F("oseqno", FIELD_U16, ROW, oseqno),
	F("iseqno", FIELD_U16, ROW, iseqno),
	F("first_msg", FIELD_TEXT, ROW, first_msg),
	F("last_msg", FIELD_TEXT, ROW, last_msg),
	F("rtt_ms", FIELD_U32, ROW, rtt_ms),
	F("lag_ms", FIELD_U32, ROW, lag_ms),
	F("jitter_ms", FIELD_U32, ROW, jitter_ms),
	F("proven", FIELD_U8, ROW, proven),
	F("authenticated", FIELD_U8, ROW, authenticated),
	F("encrypted", FIELD_U8, ROW, encrypted),
	F("opened_by_us", FIELD_U8, ROW, opened_by_us),
	F("local", FIELD_REPORT, ROW, local),
	F("remote", FIELD_REPORT, ROW, remote),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_registry_row
static const struct field registry_fields[] = {
	F("host", FIELD_TEXT, ROW, host),          F("username", FIELD_TEXT, ROW, username),
	F("state", FIELD_TEXT, ROW, state),        F("perceived", FIELD_ADDR, ROW, perceived),
	F("refresh_s", FIELD_U32, ROW, refresh_s), { 0 },
};
#undef ROW

#define ROW struct ipc_numbers_row
static const struct field number_fields[] = {
	F("address", FIELD_ADDR, ROW, addr), /* null: the sums of all */
	F("used", FIELD_U32, ROW, used),
	F("limit", FIELD_U32, ROW, limit),
	NAME("limit_by", ROW, origin, limit_name),
	F("limit_name", FIELD_TEXT, ROW, origin_name),
	F("peak", FIELD_U32, ROW, peak),
	F("refused", FIELD_U32, ROW, refused),
	F("nonvalidated_used", FIELD_U32, ROW, nonvalidated_used),
	F("nonvalidated_limit", FIELD_U32, ROW, nonvalidated_limit),
	F("available", FIELD_U32, ROW, available),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_counter_row
static const struct field counter_fields[] = {
	F("name", FIELD_TEXT, ROW, name),
	F("value", FIELD_U64, ROW, value),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_process_row
static const struct field process_fields[] = {
	F("name", FIELD_TEXT, ROW, name),
	F("pid", FIELD_U32, ROW, pid),
	F("restarts", FIELD_U32, ROW, restarts),
	F("up_s", FIELD_U64, ROW, up_s),
	F("started_ms", FIELD_U64, ROW, started_ms), /* of the parent alone, as what follows */
	F("loads", FIELD_U32, ROW, loads),
	F("loads_failed", FIELD_U32, ROW, loads_failed),
	F("last_load_failed", FIELD_YES, ROW, last_load_failed),
	F("last_load_ms", FIELD_U64, ROW, last_load_ms),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_record_row
static const struct field record_fields[] = {
	F("started_ms", FIELD_U64, ROW, record.started_ms),
	F("answered_ms", FIELD_U64, ROW, record.answered_ms),
	F("ended_ms", FIELD_U64, ROW, record.ended_ms),
	F("unique", FIELD_U64, ROW, record.unique),
	F("caller", FIELD_TEXT, ROW, record.caller),
	F("caller_number", FIELD_TEXT, ROW, record.caller_number),
	F("caller_address", FIELD_ADDR, ROW, record.caller_addr),
	F("dialled", FIELD_TEXT, ROW, record.dialled),
	F("context", FIELD_TEXT, ROW, record.context),
	F("callee", FIELD_TEXT, ROW, record.callee),
	F("callee_address", FIELD_ADDR, ROW, record.callee_addr),
	F("last_app", FIELD_TEXT, ROW, record.last_app),
	F("accountcode", FIELD_TEXT, ROW, record.accountcode),
	NAME("disposition", ROW, record.disposition, disposition_name),
	F("cause", FIELD_U32, ROW, record.cause),
	F("codec", FIELD_CODEC, ROW, record.format),
	F("from_caller", FIELD_REPORT, ROW, record.from_caller),
	F("from_callee", FIELD_REPORT, ROW, record.from_callee),
	F("caller_rtt_ms", FIELD_U32, ROW, record.caller_rtt_ms),
	F("callee_rtt_ms", FIELD_U32, ROW, record.callee_rtt_ms),
	F("chargeable", FIELD_YES, ROW, paid.chargeable),
	NAME("class", ROW, paid.class, destination_name),
	NAME("reason", ROW, paid.why, reason_name),
	F("rule", FIELD_TEXT, ROW, paid.rule),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_event_row
static const struct field event_fields[] = {
	F("id", FIELD_ID, ROW, event.id),
	F("time_ms", FIELD_U64, ROW, event.wall_ms),
	F("until_ms", FIELD_U64, ROW, event.until_ms),
	NAME("event", ROW, event.kind, event_name),
	NAME("reason", ROW, event.reason, reason_name),
	NAME("action", ROW, event.action, action_name),
	NAME("class", ROW, event.class, class_name),
	NAME("request", ROW, event.request, request_name),
	F("validated", FIELD_YES, ROW, event.validated),
	F("suppressed", FIELD_U32, ROW, event.suppressed),
	F("remote", FIELD_ADDR, ROW, event.remote),
	F("account", FIELD_TEXT, ROW, event.account),
	F("exten", FIELD_TEXT, ROW, event.exten),
	F("context", FIELD_TEXT, ROW, event.context),
	F("rule", FIELD_TEXT, ROW, event.rule),
	F("who", FIELD_TEXT, ROW, event.who),
	F("text", FIELD_TEXT, ROW, event.text),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_ban_row
static const struct field ban_fields[] = {
	NET("network", ROW, ban.base, ban.bits),
	NAME("kind", ROW, ban.kind, ban_name),
	F("since_ms", FIELD_U64, ROW, ban.since_ms),
	F("until_ms", FIELD_U64, ROW, ban.until_ms), /* 0: until it is taken back */
	F("step", FIELD_U32, ROW, ban.step),
	NAME("reason", ROW, ban.reason, reason_name),
	F("in_kernel", FIELD_YES, ROW, ban.in_kernel),
	F("by", FIELD_TEXT, ROW, ban.who), /* "": the exchange itself */
	F("text", FIELD_TEXT, ROW, ban.text),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_source_row
static const struct field source_fields[] = {
	NET("network", ROW, addr, bits),        NAME("class", ROW, class, class_name),
	NAME("action", ROW, step, action_name), F("failures", FIELD_U32, ROW, failures),
	F("names", FIELD_U32, ROW, names),      F("healthy", FIELD_U32, ROW, healthy),
	F("opened", FIELD_U32, ROW, opened),    F("held", FIELD_U32, ROW, held),
	F("left_s", FIELD_U64, ROW, left_s),    { 0 },
};
#undef ROW

#define ROW struct ipc_account_row
static const struct field account_fields[] = {
	F("account", FIELD_TEXT, ROW, name),
	F("failures", FIELD_U32, ROW, failures),
	F("distinct", FIELD_U32, ROW, distinct),
	F("prefixes", FIELD_U32, ROW, prefixes),
	F("networks", FIELD_U32, ROW, networks),
	F("guarded_s", FIELD_U64, ROW, guarded_s),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_budget_row
static const struct field budget_fields[] = {
	F("name", FIELD_TEXT, ROW, name),
	F("limit", FIELD_U64, ROW, limit),
	F("used", FIELD_U64, ROW, used),
	F("peak", FIELD_U64, ROW, peak),
	F("stopped", FIELD_U64, ROW, stopped),
	F("stops", FIELD_TEXT, ROW, attack),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_usage_row
static const struct field usage_fields[] = {
	F("name", FIELD_TEXT, ROW, usage.name),
	F("role", FIELD_U32, ROW, usage.role),
	F("is_limit", FIELD_U32, ROW, usage.is_limit),
	F("class", FIELD_U32, ROW, usage.class),
	F("calls", FIELD_U32, ROW, usage.calls),
	F("hour_calls", FIELD_U32, ROW, usage.hour_calls),
	F("day_calls", FIELD_U32, ROW, usage.day_calls),
	F("day_s", FIELD_U32, ROW, usage.day_s),
	F("month_s", FIELD_U32, ROW, usage.month_s),
	F("is_seconds", FIELD_U32, ROW, usage.seconds),
	F("used", FIELD_U32, ROW, usage.used),
	F("most", FIELD_U32, ROW, usage.most),
	F("anew_ms", FIELD_U64, ROW, usage.anew_ms),
	F("limit", FIELD_TEXT, ROW, usage.text),
	{ 0 },
};
#undef ROW

/* ---- Values ---- */

static uint32_t u32_at(const void *row, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const uint8_t *)row + offset, sizeof(value));
	return value;
}

static uint64_t u64_at(const void *row, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const uint8_t *)row + offset, sizeof(value));
	return value;
}

static uint16_t u16_at(const void *row, size_t offset)
{
	uint16_t value;

	memcpy(&value, (const uint8_t *)row + offset, sizeof(value));
	return value;
}

static void put_addr(struct desk_json *json, const struct field *field, struct tg_addr addr, unsigned bits)
{
	char text[DESK_NET_TEXT_BYTES];

	if (addr.family == TG_NO_ADDR) {
		desk_json_null(json, field->name);
	} else if (field->kind == FIELD_NET) {
		desk_json_text(json, field->name, desk_net_text(addr, bits, text));
	} else {
		desk_json_text(json, field->name,
		               addr.port != 0 ? tg_addr_format(addr, text) : tg_addr_format_host(addr, text));
	}
}

static void put_report(struct desk_json *json, const char *name, const struct model_report *report)
{
	desk_json_open(json, name, '{');
	desk_json_uint(json, "packets", report->packets);
	desk_json_uint(json, "lost", report->lost);
	desk_json_uint(json, "out_of_order", report->out_of_order);
	desk_json_uint(json, "dropped", report->dropped);
	desk_json_uint(json, "jitter_ms", report->jitter_ms);
	desk_json_uint(json, "delay_ms", report->delay_ms);
	desk_json_close(json, '}');
}

static void put_special(struct desk_json *json, const struct field *field, const void *row)
{
	const uint8_t *at = (const uint8_t *)row + field->offset;
	char text[MODEL_EVENT_ID_TEXT_BYTES];
	struct model_event_id id;
	struct model_report report;
	struct tg_addr addr;

	if (field->kind == FIELD_REPORT) {
		memcpy(&report, at, sizeof(report));
		put_report(json, field->name, &report);
	} else if (field->kind == FIELD_ID) {
		memcpy(&id, at, sizeof(id));
		desk_json_text(json, field->name, model_event_id_format(id, text));
	} else {
		memcpy(&addr, at, sizeof(addr));
		put_addr(json, field, addr, field->kind == FIELD_NET ? u32_at(row, field->bits) : 0);
	}
}

static void put_field(struct desk_json *json, const struct field *field, const void *row)
{
	switch (field->kind) {
	case FIELD_TEXT:
		desk_json_text(json, field->name, (const char *)row + field->offset);
		return;
	case FIELD_U8:
		desk_json_bool(json, field->name, ((const uint8_t *)row)[field->offset] != 0);
		return;
	case FIELD_U16:
		desk_json_uint(json, field->name, u16_at(row, field->offset));
		return;
	case FIELD_U32:
		desk_json_uint(json, field->name, u32_at(row, field->offset));
		return;
	case FIELD_I32:
		desk_json_int(json, field->name, (int32_t)u32_at(row, field->offset));
		return;
	case FIELD_U64:
		desk_json_uint(json, field->name, u64_at(row, field->offset));
		return;
	case FIELD_YES:
		desk_json_bool(json, field->name, u32_at(row, field->offset) != 0);
		return;
	case FIELD_CODEC:
		desk_json_text(json, field->name, desk_codec_name(u64_at(row, field->offset)));
		return;
	case FIELD_NAME:
		desk_json_text(json, field->name, field->name_of(u32_at(row, field->offset)));
		return;
	case FIELD_ADDR:
	case FIELD_NET:
	case FIELD_ID:
	case FIELD_REPORT:
		put_special(json, field, row);
		return;
	}
}

/* ---- Questions ---- */

static const struct field *const fields_of[IPC_QUERY_WHATS] = {
	[IPC_ASK_PEERS] = peer_fields,     [IPC_ASK_CHANNELS] = channel_fields, [IPC_ASK_REGISTRY] = registry_fields,
	[IPC_ASK_NUMBERS] = number_fields, [IPC_ASK_COUNTERS] = counter_fields, [IPC_ASK_PROCESSES] = process_fields,
	[IPC_ASK_RECORDS] = record_fields, [IPC_ASK_EVENTS] = event_fields,     [IPC_ASK_BANS] = ban_fields,
	[IPC_ASK_SOURCES] = source_fields, [IPC_ASK_GUARDED] = account_fields,  [IPC_ASK_BUDGETS] = budget_fields,
	[IPC_ASK_USAGE] = usage_fields,
};

/* A peer is more than its row: the world says what it is. */
static void put_peer_facts(struct desk_json *json, const struct world *world, const struct ipc_peer_row *row)
{
	const struct world_peer *peer = desk_peer_of(world, row);

	desk_json_text(json, "name", row->name);
	if (peer == NULL) {
		return;
	}
	desk_json_text(json, "status", desk_peer_status_name(desk_peer_status(peer, row)));
	desk_json_bool(json, "dynamic", peer->host_kind == WORLD_HOST_DYNAMIC);
	desk_json_bool(json, "registered", desk_peer_is_registered(peer, row));
	desk_json_text(json, "description", world_text(world, peer->description));
}

static void put_row(struct desk_json *json, const struct desk_view *view, enum ipc_query_what what, const void *row)
{
	desk_json_newline(json);
	desk_json_open(json, NULL, '{');
	if (what == IPC_ASK_PEERS) {
		put_peer_facts(json, view->world, row);
	}
	for (const struct field *field = fields_of[what]; field->name != NULL; field++) {
		put_field(json, field, row);
	}
	desk_json_close(json, '}');
}

int desk_json_print(const struct desk_view *view, struct desk_out *out)
{
	const enum ipc_query_what what = view->command->asks[0];
	const struct desk_rows *rows = &view->rows[0];
	struct desk_json json = { .out = out };
	uint32_t kind;
	const size_t row_bytes = desk_row_bytes(what, &kind);

	desk_json_open(&json, NULL, '{');
	desk_json_uint(&json, "schema", DESK_JSON_SCHEMA);
	desk_json_text(&json, "question", strchr(view->command->words, ' ') + 1);
	desk_json_bool(&json, "complete", !rows->cut);
	desk_json_open(&json, "rows", '[');
	for (uint32_t i = 0; i < rows->count; i++) {
		put_row(&json, view, what, (const uint8_t *)rows->rows + i * row_bytes);
	}
	desk_json_close(&json, ']');
	desk_json_close(&json, '}');
	desk_out_raw(out, "\n", 1);
	return DESK_OK;
}

bool desk_json_fits_none(int argc, const char *const *argv)
{
	(void)argc;
	(void)argv;
	return false;
}

#define QUESTION(words, help, what)                                                                           \
	{                                                                                                     \
		words, "", help, NULL, desk_json_print, .asks = { what }, .ask_count = 1, .needs_world = true \
	}
#define LAST(words, help, what)                                                                         \
	{                                                                                               \
		words, "[N]", help, desk_fits_count, desk_json_print, .asks = { what }, .ask_count = 1, \
								      .aim = desk_aim_count             \
	}

const struct desk_command desk_json_commands[] = {
	QUESTION("json peers", "the peers, as JSON", IPC_ASK_PEERS),
	QUESTION("json channels", "the legs that are alive, as JSON", IPC_ASK_CHANNELS),
	QUESTION("json registry", "our registrations, as JSON", IPC_ASK_REGISTRY),
	QUESTION("json numbers", "call numbers in use, as JSON", IPC_ASK_NUMBERS),
	QUESTION("json counters", "the engine's counters, as JSON", IPC_ASK_COUNTERS),
	QUESTION("json processes", "the daemon's processes, as JSON", IPC_ASK_PROCESSES),
	LAST("json records", "the last call records, as JSON", IPC_ASK_RECORDS),
	LAST("json events", "the last security events, as JSON", IPC_ASK_EVENTS),
	QUESTION("json bans", "bans and allowances, as JSON", IPC_ASK_BANS),
	QUESTION("json sources", "what the guard remembers of addresses, as JSON", IPC_ASK_SOURCES),
	QUESTION("json accounts", "what it remembers of accounts, as JSON", IPC_ASK_GUARDED),
	QUESTION("json budgets", "every limit, as JSON", IPC_ASK_BUDGETS),
	{ .words = "json status",
	  .args = "",
	  .help = "how the exchange is, as JSON",
	  .print = desk_json_status,
	  .asks = METRICS_ASK_LIST,
	  .limits = METRICS_LIMIT_LIST,
	  .ask_count = METRICS_ASKS,
	  .partial = true },
	QUESTION("json usage", "what paid calls use, and their limits, as JSON", IPC_ASK_USAGE),
	{ 0 },
};
