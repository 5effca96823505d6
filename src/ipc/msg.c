/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/msg.h"

#include "base/log.h"
#include "model/world.h"

#include <stdio.h>
#include <string.h>

enum field_kind { FIELDS_END, FIELD_TEXT, FIELD_ADDR, FIELD_ADDRS, FIELD_MAX };

/* What is looked at inside a record beyond its size. */
struct field {
	enum field_kind kind;
	uint16_t offset;
	uint16_t size_bytes;
	uint32_t max; /* FIELD_MAX: of a uint32_t, or of a uint64_t: its size says which */
};

#define TEXT(type, name)                                                                        \
	{                                                                                       \
		FIELD_TEXT, offsetof(struct type, name), sizeof(((struct type *)NULL)->name), 0 \
	}
#define ADDR(type, name)                                                           \
	{                                                                          \
		FIELD_ADDR, offsetof(struct type, name), sizeof(struct tg_addr), 0 \
	}
#define ADDRS(type, name)                                                                        \
	{                                                                                        \
		FIELD_ADDRS, offsetof(struct type, name), sizeof(((struct type *)NULL)->name), 0 \
	}
#define AT_MOST(type, name, limit)                                                                   \
	{                                                                                            \
		FIELD_MAX, offsetof(struct type, name), sizeof(((struct type *)NULL)->name), (limit) \
	}
#define END                         \
	{                           \
		FIELDS_END, 0, 0, 0 \
	}

static const struct field none[] = { END };
static const struct field stop[] = { AT_MOST(ipc_plain, value, IPC_STOPS - 1), END };
static const struct field level[] = { AT_MOST(ipc_plain, value, TG_LEVELS - 1), END };
static const struct field channel[] = { AT_MOST(ipc_channel, to, PROCS - 1), END };
static const struct field breach[] = { AT_MOST(ipc_breach, who, PROCS - 1), TEXT(ipc_breach, why), END };
static const struct field listening[] = {
	AT_MOST(ipc_listen, bind_count, IPC_BINDS_MAX),
	AT_MOST(ipc_listen, threads, IPC_THREADS_MAX),
	AT_MOST(ipc_listen, tos, UINT8_MAX),
	AT_MOST(ipc_listen, cos, UINT8_MAX),
	AT_MOST(ipc_listen, syslog, 1),
	ADDRS(ipc_listen, binds),
	AT_MOST(ipc_listen, metrics.kind, MODEL_LISTEN_KINDS - 1),
	ADDR(ipc_listen, metrics.addr),
	TEXT(ipc_listen, metrics.path),
	END,
};
static const struct field udp_socket[] = { ADDR(ipc_socket, local), END };
static const struct field verify_ask[] = {
	AT_MOST(ipc_verify_ask, identity, IPC_IDENTITIES - 1),
	AT_MOST(ipc_verify_ask, held, 1),
	TEXT(ipc_verify_ask, name),
	END,
};
static const struct field verdict[] = { AT_MOST(ipc_verdict, right, 1), END };
static const struct field respond_ask[] = {
	AT_MOST(ipc_respond_ask, identity, IPC_IDENTITIES - 1),
	TEXT(ipc_respond_ask, name),
	AT_MOST(ipc_respond_ask, challenge_bytes, sizeof(((struct ipc_respond_ask *)NULL)->challenge)),
	END,
};
static const struct field response[] = { AT_MOST(ipc_response, known, 1), END };
static const struct field binding[] = {
	TEXT(ipc_binding, binding.name),
	ADDR(ipc_binding, binding.addr),
	ADDR(ipc_binding, binding.local),
	END,
};
#define RECORD(type)                                                                                            \
	TEXT(type, record.caller), TEXT(type, record.caller_number), TEXT(type, record.dialled),                \
		TEXT(type, record.context), TEXT(type, record.callee), TEXT(type, record.last_app),             \
		TEXT(type, record.accountcode), ADDR(type, record.caller_addr), ADDR(type, record.callee_addr), \
		AT_MOST(type, record.disposition, MODEL_DISPOSITIONS - 1), AT_MOST(type, paid.chargeable, 1),   \
		AT_MOST(type, paid.class, WORLD_CLASSES - 1), AT_MOST(type, paid.why, MODEL_REASON_COUNT - 1),  \
		AT_MOST(type, paid.guest, 1), TEXT(type, paid.rule)
static const struct field usage[] = {
	TEXT(ipc_usage, usage.name),
	AT_MOST(ipc_usage, usage.role, 2),
	AT_MOST(ipc_usage, usage.class, WORLD_CLASSES - 1),
	END,
};
static const struct field call_record[] = { RECORD(ipc_call_record), END };
static const struct field record_row[] = { RECORD(ipc_record_row), END };
static const struct field query[] = {
	AT_MOST(ipc_query, what, IPC_QUERY_WHATS - 1),
	ADDR(ipc_query, addr),
	AT_MOST(ipc_query, bits, 128),
	END,
};
#define EVENT(type)                                                                                                  \
	AT_MOST(type, event.kind, MODEL_EVENT_KINDS - 1), AT_MOST(type, event.reason, MODEL_REASON_COUNT - 1),       \
		AT_MOST(type, event.action, MODEL_ACTION_COUNT - 1),                                                 \
		AT_MOST(type, event.class, MODEL_CLASS_COUNT - 1), AT_MOST(type, event.request, MODEL_REQUESTS - 1), \
		AT_MOST(type, event.validated, 1), AT_MOST(type, event.bits, 128), ADDR(type, event.remote),         \
		ADDR(type, event.local), TEXT(type, event.account), TEXT(type, event.exten),                         \
		TEXT(type, event.context), TEXT(type, event.rule), TEXT(type, event.who), TEXT(type, event.text)
static const struct field event[] = { EVENT(ipc_event), END };
static const struct field event_row[] = { EVENT(ipc_event_row), END };
#define BAN(type)                                                                                         \
	ADDR(type, ban.base), AT_MOST(type, ban.bits, 128), AT_MOST(type, ban.kind, MODEL_BAN_KINDS - 1), \
		AT_MOST(type, ban.reason, MODEL_REASON_COUNT - 1), AT_MOST(type, ban.in_kernel, 1),       \
		TEXT(type, ban.who), TEXT(type, ban.text)
static const struct field ban[] = { BAN(ipc_ban), END };
static const struct field ban_row[] = { BAN(ipc_ban_row), END };
static const struct field guard_account[] = {
	TEXT(ipc_guard_account, account.name),
	AT_MOST(ipc_guard_account, account.prefix_count, MODEL_GUARD_PREFIXES),
	END,
};
static const struct field fence_state[] = { AT_MOST(ipc_fence_state, works, 1), AT_MOST(ipc_fence_state, again, 1),
	                                    TEXT(ipc_fence_state, why), END };
static const struct field fence_ports[] = { AT_MOST(ipc_fence_ports, count, 16), END };
static const struct field guard_do[] = {
	AT_MOST(ipc_guard_do, what, IPC_GUARD_WHATS - 1),
	AT_MOST(ipc_guard_do, bits, 128),
	ADDR(ipc_guard_do, base),
	TEXT(ipc_guard_do, who),
	TEXT(ipc_guard_do, text),
	END,
};
static const struct field engine_do[] = {
	AT_MOST(ipc_engine_do, what, IPC_ENGINE_WHATS - 1),
	AT_MOST(ipc_engine_do, on, 1),
	ADDR(ipc_engine_do, addr),
	TEXT(ipc_engine_do, name),
	TEXT(ipc_engine_do, number),
	TEXT(ipc_engine_do, exten),
	TEXT(ipc_engine_do, context),
	TEXT(ipc_engine_do, app),
	TEXT(ipc_engine_do, args),
	END,
};
static const struct field trace[] = { TEXT(ipc_trace, text), END };
#define AUDIT(type) AT_MOST(type, audit.failed, 1), TEXT(type, audit.command), TEXT(type, audit.result)
static const struct field audit[] = { AUDIT(ipc_audit), END };
static const struct field audit_row[] = { AUDIT(ipc_audit_row), END };
static const struct field source_row[] = {
	ADDR(ipc_source_row, addr),
	AT_MOST(ipc_source_row, bits, 128),
	AT_MOST(ipc_source_row, class, MODEL_CLASS_COUNT - 1),
	AT_MOST(ipc_source_row, step, MODEL_ACTION_COUNT - 1),
	END,
};
static const struct field account_row[] = { TEXT(ipc_account_row, name), END };
static const struct field budget_row[] = { TEXT(ipc_budget_row, name), TEXT(ipc_budget_row, attack), END };
static const struct field usage_row[] = {
	TEXT(ipc_usage_row, usage.name),           AT_MOST(ipc_usage_row, usage.role, 2),
	AT_MOST(ipc_usage_row, usage.is_limit, 1), AT_MOST(ipc_usage_row, usage.class, WORLD_CLASSES - 1),
	TEXT(ipc_usage_row, usage.text),           END,
};
static const struct field peer_row[] = { TEXT(ipc_peer_row, name), ADDR(ipc_peer_row, addr), END };
static const struct field channel_row[] = {
	TEXT(ipc_channel_row, channel),       TEXT(ipc_channel_row, user),
	TEXT(ipc_channel_row, caller_number), TEXT(ipc_channel_row, context),
	TEXT(ipc_channel_row, exten),         TEXT(ipc_channel_row, app),
	TEXT(ipc_channel_row, app_args),      TEXT(ipc_channel_row, bridged_to),
	TEXT(ipc_channel_row, state),         TEXT(ipc_channel_row, first_msg),
	TEXT(ipc_channel_row, last_msg),      TEXT(ipc_channel_row, kind),
	ADDR(ipc_channel_row, peer),          END,
};
static const struct field registry_row[] = {
	TEXT(ipc_registry_row, host),
	TEXT(ipc_registry_row, username),
	TEXT(ipc_registry_row, state),
	ADDR(ipc_registry_row, perceived),
	AT_MOST(ipc_registry_row, is_registered, 1),
	END,
};
static const struct field numbers_row[] = {
	ADDR(ipc_numbers_row, addr),
	AT_MOST(ipc_numbers_row, origin, IPC_LIMIT_ORIGINS - 1),
	TEXT(ipc_numbers_row, origin_name),
	END,
};
static const struct field counter_row[] = { TEXT(ipc_counter_row, name), AT_MOST(ipc_counter_row, idle, 1), END };
static const struct field process_row[] = { TEXT(ipc_process_row, name), AT_MOST(ipc_process_row, last_load_failed, 1),
	                                    END };
static const struct field command[] = { AT_MOST(ipc_command, what, IPC_COMMANDS - 1),
	                                AT_MOST(ipc_command, value, TG_LEVELS - 1), END };
static const struct field text[] = { TEXT(ipc_text, text), END };

struct rule {
	uint64_t ways; /* who may send it to whom: a bit a pair */
	const struct field *fields;
	bool has_descriptor;
};

#define WAY(from, to) (UINT64_C(1) << (PROC_##from * PROCS + PROC_##to))
#define PARENT_TO_ALL \
	(WAY(PARENT, ENGINE) | WAY(PARENT, VAULT) | WAY(PARENT, STORE) | WAY(PARENT, DESK) | WAY(PARENT, FENCE))
#define ALL_TO_PARENT \
	(WAY(ENGINE, PARENT) | WAY(VAULT, PARENT) | WAY(STORE, PARENT) | WAY(DESK, PARENT) | WAY(FENCE, PARENT))
static_assert(PROCS * PROCS <= 64, "a bit for each pair of processes");

static const struct rule rules[IPC_KIND_COUNT] = {
	[IPC_CHANNEL] = { PARENT_TO_ALL, channel, true },
	[IPC_WORLD] = { WAY(LOADER, PARENT) | WAY(PARENT, LOADER) | WAY(PARENT, ENGINE) | WAY(PARENT, DESK), none,
	                true },
	[IPC_PROMPTS] = { WAY(LOADER, PARENT) | WAY(PARENT, LOADER) | WAY(PARENT, ENGINE), none, true },
	[IPC_SECRETS] = { WAY(LOADER, PARENT) | WAY(PARENT, LOADER) | WAY(PARENT, VAULT), none, true },
	[IPC_LISTEN] = { WAY(LOADER, PARENT), listening, false },
	[IPC_SOCKET] = { WAY(PARENT, ENGINE), udp_socket, true },
	[IPC_OUTBOX] = { WAY(PARENT, ENGINE), none, true },
	[IPC_LISTENER] = { WAY(PARENT, DESK), none, true },
	[IPC_METRICS] = { WAY(PARENT, DESK), none, true },
	[IPC_METRICS_OFF] = { WAY(PARENT, DESK), none, false },
	[IPC_READY] = { ALL_TO_PARENT, none, false },
	[IPC_STOP] = { PARENT_TO_ALL, stop, false },
	[IPC_LOG] = { PARENT_TO_ALL, level, false },
	[IPC_STOPPED] = { WAY(ENGINE, PARENT), none, false },
	[IPC_BREACH] = { ALL_TO_PARENT, breach, false },
	[IPC_CHALLENGE_ASK] = { WAY(ENGINE, VAULT), none, false },
	[IPC_CHALLENGE] = { WAY(VAULT, ENGINE), none, false },
	[IPC_VERIFY_ASK] = { WAY(ENGINE, VAULT), verify_ask, false },
	[IPC_VERDICT] = { WAY(VAULT, ENGINE), verdict, false },
	[IPC_RESPOND_ASK] = { WAY(ENGINE, VAULT), respond_ask, false },
	[IPC_RESPONSE] = { WAY(VAULT, ENGINE), response, false },
	[IPC_CALL_RECORD] = { WAY(ENGINE, STORE), call_record, false },
	[IPC_RECORD_KEPT] = { WAY(STORE, ENGINE), none, false },
	[IPC_BINDING] = { WAY(ENGINE, STORE) | WAY(STORE, ENGINE), binding, false },
	[IPC_USAGE] = { WAY(STORE, ENGINE), usage, false },
	[IPC_BINDINGS_END] = { WAY(STORE, ENGINE), none, false },
	[IPC_QUERY] = { WAY(DESK, PARENT) | WAY(DESK, ENGINE) | WAY(DESK, STORE), query, false },
	[IPC_ROWS_END] = { WAY(PARENT, DESK) | WAY(ENGINE, DESK) | WAY(STORE, DESK), none, false },
	[IPC_PEER_ROW] = { WAY(ENGINE, DESK), peer_row, false },
	[IPC_CHANNEL_ROW] = { WAY(ENGINE, DESK), channel_row, false },
	[IPC_REGISTRY_ROW] = { WAY(ENGINE, DESK), registry_row, false },
	[IPC_NUMBERS_ROW] = { WAY(ENGINE, DESK), numbers_row, false },
	[IPC_COUNTER_ROW] = { WAY(ENGINE, DESK), counter_row, false },
	[IPC_PROCESS_ROW] = { WAY(PARENT, DESK), process_row, false },
	[IPC_RECORD_ROW] = { WAY(STORE, DESK), record_row, false },
	[IPC_COMMAND] = { WAY(DESK, PARENT), command, false },
	[IPC_TEXT] = { WAY(LOADER, PARENT) | WAY(PARENT, DESK) | WAY(ENGINE, DESK), text, false },
	[IPC_DONE] = { WAY(LOADER, PARENT) | WAY(PARENT, DESK) | WAY(ENGINE, DESK), none, false },
	[IPC_EVENT] = { WAY(ENGINE, STORE) | WAY(PARENT, STORE), event, false },
	[IPC_BAN] = { WAY(ENGINE, STORE) | WAY(ENGINE, FENCE) | WAY(STORE, ENGINE), ban, false },
	[IPC_BANS_ANEW] = { WAY(ENGINE, STORE) | WAY(ENGINE, FENCE), none, false },
	[IPC_BANS_ALL] = { WAY(ENGINE, STORE) | WAY(ENGINE, FENCE), none, false },
	[IPC_GUARD_ACCOUNT] = { WAY(ENGINE, STORE) | WAY(STORE, ENGINE), guard_account, false },
	[IPC_GUARD_END] = { WAY(STORE, ENGINE), none, false },
	[IPC_FENCE_STATE] = { WAY(FENCE, ENGINE), fence_state, false },
	[IPC_FENCE_PORTS] = { WAY(PARENT, FENCE), fence_ports, false },
	[IPC_GUARD_DO] = { WAY(DESK, ENGINE), guard_do, false },
	[IPC_TRACE] = { WAY(ENGINE, DESK), trace, false },
	[IPC_ENGINE_DO] = { WAY(DESK, ENGINE), engine_do, false },
	[IPC_AUDIT] = { WAY(DESK, STORE), audit, false },
	[IPC_EVENT_ROW] = { WAY(STORE, DESK), event_row, false },
	[IPC_AUDIT_ROW] = { WAY(STORE, DESK), audit_row, false },
	[IPC_BAN_ROW] = { WAY(ENGINE, DESK), ban_row, false },
	[IPC_SOURCE_ROW] = { WAY(ENGINE, DESK), source_row, false },
	[IPC_ACCOUNT_ROW] = { WAY(ENGINE, DESK), account_row, false },
	[IPC_BUDGET_ROW] = { WAY(ENGINE, DESK), budget_row, false },
	[IPC_USAGE_ROW] = { WAY(ENGINE, DESK), usage_row, false },
};

#define X(kind, type) [kind] = sizeof(type),
static const uint16_t sizes[IPC_KIND_COUNT] = { IPC_KINDS(X) };
#undef X

#define X(kind, type) static_assert(sizeof(type) <= IPC_MSG_MAX_BYTES, #type " is too large");
IPC_KINDS(X)
#undef X

static bool is_addr(const uint8_t *at)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const struct tg_addr nothing;
	struct tg_addr addr;

	memcpy(&addr, at, sizeof(addr));
	if (memcmp(addr.zero, nothing.zero, sizeof(addr.zero)) != 0) {
		return false;
	}
	switch (addr.family) {
	case TG_NO_ADDR:
		return true;
	case TG_IPV4:
		return memcmp(addr.ip, mapped, sizeof(mapped)) == 0;
	case TG_IPV6:
		return memcmp(addr.ip, mapped, sizeof(mapped)) != 0;
	default:
		return false;
	}
}

static bool are_addrs(const uint8_t *at, size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes; i += sizeof(struct tg_addr)) {
		if (!is_addr(at + i)) {
			return false;
		}
	}
	return true;
}

static uint64_t number_at(const uint8_t *at, size_t size_bytes)
{
	uint64_t number;
	uint32_t half;

	if (size_bytes == sizeof(number)) {
		memcpy(&number, at, sizeof(number));
		return number;
	}
	assert(size_bytes == sizeof(half));
	memcpy(&half, at, sizeof(half));
	return half;
}

static const char *field_check(const struct field *field, const uint8_t *record)
{
	const uint8_t *at = record + field->offset;

	switch (field->kind) {
	case FIELD_TEXT:
		return memchr(at, '\0', field->size_bytes) != NULL ? NULL : "a text without its end";
	case FIELD_ADDR:
	case FIELD_ADDRS:
		return are_addrs(at, field->size_bytes) ? NULL : "an address that is none";
	case FIELD_MAX:
		return number_at(at, field->size_bytes) <= field->max ? NULL : "a number out of range";
	case FIELDS_END:
		break;
	}
	return NULL;
}

const char *ipc_proc_name(enum ipc_proc proc)
{
	static const char *const names[PROCS] = { "parent", "engine", "vault", "store", "loader", "desk", "fence" };

	return (unsigned)proc < PROCS ? names[proc] : "?";
}

const char *ipc_limit_origin_name(uint32_t origin)
{
	static const char *const names[IPC_LIMIT_ORIGINS] = {
		[IPC_LIMIT_GLOBAL] = "global",
		[IPC_LIMIT_RANGE] = "range",
		[IPC_LIMIT_PEER] = "peer",
	};

	return origin < IPC_LIMIT_ORIGINS ? names[origin] : "?";
}

const char *ipc_check(enum ipc_proc from, enum ipc_proc to, const void *record, size_t size_bytes)
{
	struct ipc_head head;

	if (size_bytes < sizeof(head)) {
		return "shorter than a record's head";
	}
	memcpy(&head, record, sizeof(head));
	if (head.kind >= IPC_KIND_COUNT || head.zero != 0) {
		return "an unknown kind of record";
	}
	if ((rules[head.kind].ways >> ((unsigned)from * PROCS + (unsigned)to) & 1) == 0) {
		return "not for this sender to send to this receiver";
	}
	if (size_bytes != sizes[head.kind]) {
		return "a record of another size";
	}
	for (const struct field *field = rules[head.kind].fields; field->kind != FIELDS_END; field++) {
		const char *why = field_check(field, record);

		if (why != NULL) {
			return why;
		}
	}
	return NULL;
}

bool ipc_has_descriptor(enum ipc_kind kind)
{
	return kind < IPC_KIND_COUNT && rules[kind].has_descriptor;
}

const char *ipc_kind_name(uint32_t kind)
{
#define X(name, type) [name] = #name,
	static const char *const names[IPC_KIND_COUNT] = { IPC_KINDS(X) };
#undef X

	return kind < IPC_KIND_COUNT ? names[kind] : "?";
}

struct ipc_breach ipc_breach_of(enum ipc_proc who, uint32_t incarnation, const char *why)
{
	struct ipc_breach report = { .head.kind = IPC_BREACH, .who = who, .incarnation = incarnation };

	snprintf(report.why, sizeof(report.why), "%s", why);
	return report;
}
