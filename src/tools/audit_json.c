/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit.h"

#include <jansson.h>

enum { HEX_BYTES = 2 * TOOL_AUDIT_ANSWER_BYTES + 1 };

static const char *const states[] = {
	[TOOL_AUDIT_CLEAR] = "clear",
	[TOOL_AUDIT_FOUND] = "found",
	[TOOL_AUDIT_UNTESTED] = "untested",
};

static const char *const presences[] = {
	[TOOL_AUDIT_ANSWERS] = "open",
	[TOOL_AUDIT_SILENT] = "open|filtered",
	[TOOL_AUDIT_CLOSED] = "closed",
	[TOOL_AUDIT_BROKEN] = "unknown",
};

static json_t *hex_of(const uint8_t *bytes, size_t len)
{
	char text[HEX_BYTES];

	tool_audit_hex((struct tg_span){ bytes, len < TOOL_AUDIT_ANSWER_BYTES ? len : TOOL_AUDIT_ANSWER_BYTES }, text,
	               sizeof(text));
	return json_string(text);
}

static json_t *evidence_of(const struct tool_audit_exchange *exchange)
{
	json_t *answers = exchange != NULL ? json_array() : NULL;

	if (exchange == NULL) {
		return json_null();
	}
	for (size_t i = 0; i < exchange->answer_count; i++) {
		json_array_append_new(answers, hex_of(exchange->answers[i].bytes, exchange->answers[i].len));
	}
	return json_pack("{s:s, s:o, s:o, s:i, s:i, s:i, s:b}", "probe", tool_audit_probe_name(exchange->probe),
	                 "request", hex_of(exchange->request, exchange->request_len), "answers", answers, "octets_sent",
	                 (int)exchange->request_len, "octets_back", (int)exchange->bytes_back, "packets_back",
	                 (int)exchange->packets_back, "proven", (int)exchange->proven);
}

static json_t *remedy_of(const struct tool_audit_row *row)
{
	json_t *filters = json_array();
	static const struct {
		unsigned bit;
		const char *name;
	} rows[] = {
		{ TOOL_AUDIT_BY_FILTER, "nftables" },   { TOOL_AUDIT_BY_FILTER, "iptables" },
		{ TOOL_AUDIT_BY_FILTER, "ip6tables" },  { TOOL_AUDIT_BY_FILTER, "ansible" },
		{ TOOL_AUDIT_BY_DISABLING, "disable" },
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		if ((row->remedies & rows[i].bit) != 0) {
			json_array_append_new(filters, json_string(rows[i].name));
		}
	}
	return json_pack("{s:s, s:s, s:s, s:o}", "setting", row->setting, "undo", row->undo, "verify", row->verify,
	                 "remedies", filters);
}

static json_t *row_json(const struct tool_audit_row *row, const struct tool_audit_verdict *verdict)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:o, s:o}", "id", row->id, "what", row->what,
	                 "state", states[verdict->state], "severity", tool_audit_severity_name(verdict->severity),
	                 "allowed", (int)verdict->allowed, "why", row->why, "expected", row->expected, "seen",
	                 verdict->seen, "evidence", evidence_of(verdict->evidence), "fix", remedy_of(row));
}

static json_t *host_json(const struct tool_audit_host *host)
{
	const struct tool_audit_record *record = host->record;
	char addr[TG_ADDR_TEXT_BYTES];
	json_t *checks = json_array();

	for (size_t i = 0; i < host->row_count; i++) {
		json_array_append_new(checks, row_json(&tool_audit_rows[i], &host->verdicts[i]));
	}
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:b, s:s, s:o}", "target", host->target, "address",
	                 tg_addr_format(host->remote, addr), "port", presences[host->presence], "packets_sent",
	                 (int)record->packets_sent, "strays", (int)record->strays, "complete",
	                 (int)(!record->cut_short), "stopped_by", record->wrong, "checks", checks);
}

char *tool_audit_json(const struct tool_audit_host *hosts, size_t count, int exit)
{
	json_t *list = json_array();
	json_t *top = NULL;
	char *text = NULL;

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, host_json(&hosts[i]));
	}
	top = json_pack("{s:i, s:o}", "exit", exit, "hosts", list);
	text = top != NULL ? json_dumps(top, JSON_COMPACT) : NULL;
	json_decref(top);
	return text;
}
