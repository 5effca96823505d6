/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/json_rows.h"

#include "model/event.h"
#include "model/world.h"

/* ---- Words ---- */

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

/* ---- Members of rows ---- */

#define BYTES(type, member) sizeof(((type *)NULL)->member)
#define F(member_name, kind, type, member)                                              \
	{                                                                               \
		member_name, kind, offsetof(type, member), BYTES(type, member), 0, NULL \
	}
#define NET(member_name, type, member, bits)                                                                        \
	{                                                                                                           \
		member_name, DESK_JSON_NET, offsetof(type, member), BYTES(type, member), offsetof(type, bits), NULL \
	}
#define NAME(member_name, type, member, words)                                                     \
	{                                                                                          \
		member_name, DESK_JSON_NAME, offsetof(type, member), BYTES(type, member), 0, words \
	}

#define ROW struct ipc_peer_row
static const struct desk_json_field peer_fields[] = {
	F("address", DESK_JSON_ADDR, ROW, addr),
	F("expires_s", DESK_JSON_UINT, ROW, expires_s),
	F("rtt_ms", DESK_JSON_INT, ROW, rtt_ms), /* -1: not asked yet, -2: no answer */
	{ 0 },
};
#undef ROW

#define ROW struct ipc_channel_row
static const struct desk_json_field channel_fields[] = {
	F("channel", DESK_JSON_TEXT, ROW, channel),
	F("kind", DESK_JSON_TEXT, ROW, kind),
	F("call_id", DESK_JSON_UINT, ROW, call_id),
	F("state", DESK_JSON_TEXT, ROW, state),
	F("seconds", DESK_JSON_UINT, ROW, seconds),
	F("account", DESK_JSON_TEXT, ROW, user),
	F("address", DESK_JSON_ADDR, ROW, peer),
	F("context", DESK_JSON_TEXT, ROW, context),
	F("exten", DESK_JSON_TEXT, ROW, exten),
	F("priority", DESK_JSON_UINT, ROW, priority),
	F("app", DESK_JSON_TEXT, ROW, app),
	F("app_args", DESK_JSON_TEXT, ROW, app_args),
	F("bridged_to", DESK_JSON_TEXT, ROW, bridged_to),
	F("codec", DESK_JSON_CODEC, ROW, format),
	F("local_number", DESK_JSON_UINT, ROW, local_number),
	F("remote_number", DESK_JSON_UINT, ROW, remote_number),
	F("oseqno", DESK_JSON_UINT, ROW, oseqno),
	F("iseqno", DESK_JSON_UINT, ROW, iseqno),
	F("first_msg", DESK_JSON_TEXT, ROW, first_msg),
	F("last_msg", DESK_JSON_TEXT, ROW, last_msg),
	F("rtt_ms", DESK_JSON_UINT, ROW, rtt_ms),
	F("lag_ms", DESK_JSON_UINT, ROW, lag_ms),
	F("jitter_ms", DESK_JSON_UINT, ROW, jitter_ms),
	F("proven", DESK_JSON_YES, ROW, proven),
	F("authenticated", DESK_JSON_YES, ROW, authenticated),
	F("encrypted", DESK_JSON_YES, ROW, encrypted),
	F("opened_by_us", DESK_JSON_YES, ROW, opened_by_us),
	F("local", DESK_JSON_REPORT, ROW, local),
	F("remote", DESK_JSON_REPORT, ROW, remote),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_registry_row
static const struct desk_json_field registry_fields[] = {
	F("host", DESK_JSON_TEXT, ROW, host),           F("username", DESK_JSON_TEXT, ROW, username),
	F("state", DESK_JSON_TEXT, ROW, state),         F("perceived", DESK_JSON_ADDR, ROW, perceived),
	F("refresh_s", DESK_JSON_UINT, ROW, refresh_s), { 0 },
};
#undef ROW

#define ROW struct ipc_numbers_row
static const struct desk_json_field number_fields[] = {
	F("address", DESK_JSON_ADDR, ROW, addr), /* null: the sums of all */
	F("used", DESK_JSON_UINT, ROW, used),
	F("limit", DESK_JSON_UINT, ROW, limit),
	NAME("limit_by", ROW, origin, ipc_limit_origin_name),
	F("limit_name", DESK_JSON_TEXT, ROW, origin_name),
	F("peak", DESK_JSON_UINT, ROW, peak),
	F("refused", DESK_JSON_UINT, ROW, refused),
	F("nonvalidated_used", DESK_JSON_UINT, ROW, nonvalidated_used),
	F("nonvalidated_limit", DESK_JSON_UINT, ROW, nonvalidated_limit),
	F("available", DESK_JSON_UINT, ROW, available),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_counter_row
static const struct desk_json_field counter_fields[] = {
	F("name", DESK_JSON_TEXT, ROW, name),
	F("value", DESK_JSON_UINT, ROW, value),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_process_row
static const struct desk_json_field process_fields[] = {
	F("name", DESK_JSON_TEXT, ROW, name),
	F("pid", DESK_JSON_UINT, ROW, pid),
	F("restarts", DESK_JSON_UINT, ROW, restarts),
	F("up_s", DESK_JSON_UINT, ROW, up_s),
	F("started_ms", DESK_JSON_UINT, ROW, started_ms), /* of the parent alone, as what follows */
	F("loads", DESK_JSON_UINT, ROW, loads),
	F("loads_failed", DESK_JSON_UINT, ROW, loads_failed),
	F("last_load_failed", DESK_JSON_YES, ROW, last_load_failed),
	F("last_load_ms", DESK_JSON_UINT, ROW, last_load_ms),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_record_row
static const struct desk_json_field record_fields[] = {
	F("started_ms", DESK_JSON_UINT, ROW, record.started_ms),
	F("answered_ms", DESK_JSON_UINT, ROW, record.answered_ms),
	F("ended_ms", DESK_JSON_UINT, ROW, record.ended_ms),
	F("unique", DESK_JSON_UINT, ROW, record.unique),
	F("caller", DESK_JSON_TEXT, ROW, record.caller),
	F("caller_number", DESK_JSON_TEXT, ROW, record.caller_number),
	F("caller_address", DESK_JSON_ADDR, ROW, record.caller_addr),
	F("dialled", DESK_JSON_TEXT, ROW, record.dialled),
	F("context", DESK_JSON_TEXT, ROW, record.context),
	F("callee", DESK_JSON_TEXT, ROW, record.callee),
	F("callee_address", DESK_JSON_ADDR, ROW, record.callee_addr),
	F("last_app", DESK_JSON_TEXT, ROW, record.last_app),
	F("accountcode", DESK_JSON_TEXT, ROW, record.accountcode),
	NAME("disposition", ROW, record.disposition, disposition_name),
	F("cause", DESK_JSON_UINT, ROW, record.cause),
	F("codec", DESK_JSON_CODEC, ROW, record.format),
	F("from_caller", DESK_JSON_REPORT, ROW, record.from_caller),
	F("from_callee", DESK_JSON_REPORT, ROW, record.from_callee),
	F("caller_rtt_ms", DESK_JSON_UINT, ROW, record.caller_rtt_ms),
	F("callee_rtt_ms", DESK_JSON_UINT, ROW, record.callee_rtt_ms),
	F("chargeable", DESK_JSON_YES, ROW, paid.chargeable),
	NAME("class", ROW, paid.class, destination_name),
	NAME("reason", ROW, paid.why, reason_name),
	F("rule", DESK_JSON_TEXT, ROW, paid.rule),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_event_row
static const struct desk_json_field event_fields[] = {
	F("id", DESK_JSON_ID, ROW, event.id),
	F("time_ms", DESK_JSON_UINT, ROW, event.wall_ms),
	F("until_ms", DESK_JSON_UINT, ROW, event.until_ms),
	NAME("event", ROW, event.kind, event_name),
	NAME("reason", ROW, event.reason, reason_name),
	NAME("action", ROW, event.action, action_name),
	NAME("class", ROW, event.class, class_name),
	NAME("request", ROW, event.request, request_name),
	F("validated", DESK_JSON_YES, ROW, event.validated),
	F("suppressed", DESK_JSON_UINT, ROW, event.suppressed),
	F("remote", DESK_JSON_ADDR, ROW, event.remote),
	F("account", DESK_JSON_TEXT, ROW, event.account),
	F("exten", DESK_JSON_TEXT, ROW, event.exten),
	F("context", DESK_JSON_TEXT, ROW, event.context),
	F("rule", DESK_JSON_TEXT, ROW, event.rule),
	F("who", DESK_JSON_TEXT, ROW, event.who),
	F("text", DESK_JSON_TEXT, ROW, event.text),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_ban_row
static const struct desk_json_field ban_fields[] = {
	NET("network", ROW, ban.base, ban.bits),
	NAME("kind", ROW, ban.kind, model_ban_kind_name),
	F("since_ms", DESK_JSON_UINT, ROW, ban.since_ms),
	F("until_ms", DESK_JSON_UINT, ROW, ban.until_ms), /* 0: until it is taken back */
	F("step", DESK_JSON_UINT, ROW, ban.step),
	NAME("reason", ROW, ban.reason, reason_name),
	F("in_kernel", DESK_JSON_YES, ROW, ban.in_kernel),
	F("by", DESK_JSON_TEXT, ROW, ban.who), /* "": the exchange itself */
	F("text", DESK_JSON_TEXT, ROW, ban.text),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_source_row
static const struct desk_json_field source_fields[] = {
	NET("network", ROW, addr, bits),          NAME("class", ROW, class, class_name),
	NAME("action", ROW, step, action_name),   F("failures", DESK_JSON_UINT, ROW, failures),
	F("names", DESK_JSON_UINT, ROW, names),   F("healthy", DESK_JSON_UINT, ROW, healthy),
	F("opened", DESK_JSON_UINT, ROW, opened), F("held", DESK_JSON_UINT, ROW, held),
	F("left_s", DESK_JSON_UINT, ROW, left_s), { 0 },
};
#undef ROW

#define ROW struct ipc_account_row
static const struct desk_json_field account_fields[] = {
	F("account", DESK_JSON_TEXT, ROW, name),
	F("failures", DESK_JSON_UINT, ROW, failures),
	F("distinct", DESK_JSON_UINT, ROW, distinct),
	F("prefixes", DESK_JSON_UINT, ROW, prefixes),
	F("networks", DESK_JSON_UINT, ROW, networks),
	F("guarded_s", DESK_JSON_UINT, ROW, guarded_s),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_budget_row
static const struct desk_json_field budget_fields[] = {
	F("name", DESK_JSON_TEXT, ROW, name),
	F("limit", DESK_JSON_UINT, ROW, limit),
	F("used", DESK_JSON_UINT, ROW, used),
	F("peak", DESK_JSON_UINT, ROW, peak),
	F("stopped", DESK_JSON_UINT, ROW, stopped),
	F("stops", DESK_JSON_TEXT, ROW, attack),
	{ 0 },
};
#undef ROW

#define ROW struct ipc_usage_row
static const struct desk_json_field usage_fields[] = {
	F("name", DESK_JSON_TEXT, ROW, usage.name),
	F("role", DESK_JSON_UINT, ROW, usage.role),
	F("is_limit", DESK_JSON_UINT, ROW, usage.is_limit),
	F("class", DESK_JSON_UINT, ROW, usage.class),
	F("calls", DESK_JSON_UINT, ROW, usage.calls),
	F("hour_calls", DESK_JSON_UINT, ROW, usage.hour_calls),
	F("day_calls", DESK_JSON_UINT, ROW, usage.day_calls),
	F("day_s", DESK_JSON_UINT, ROW, usage.day_s),
	F("month_s", DESK_JSON_UINT, ROW, usage.month_s),
	F("is_seconds", DESK_JSON_UINT, ROW, usage.seconds),
	F("used", DESK_JSON_UINT, ROW, usage.used),
	F("most", DESK_JSON_UINT, ROW, usage.most),
	F("anew_ms", DESK_JSON_UINT, ROW, usage.anew_ms),
	F("limit", DESK_JSON_TEXT, ROW, usage.text),
	{ 0 },
};
#undef ROW

const struct desk_json_field *const desk_json_fields[IPC_QUERY_WHATS] = {
	[IPC_ASK_PEERS] = peer_fields,     [IPC_ASK_CHANNELS] = channel_fields, [IPC_ASK_REGISTRY] = registry_fields,
	[IPC_ASK_NUMBERS] = number_fields, [IPC_ASK_COUNTERS] = counter_fields, [IPC_ASK_PROCESSES] = process_fields,
	[IPC_ASK_RECORDS] = record_fields, [IPC_ASK_EVENTS] = event_fields,     [IPC_ASK_BANS] = ban_fields,
	[IPC_ASK_SOURCES] = source_fields, [IPC_ASK_GUARDED] = account_fields,  [IPC_ASK_BUDGETS] = budget_fields,
	[IPC_ASK_USAGE] = usage_fields,
};
