/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/net.h"
#include "desk/show.h"

#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 32, ORIGIN_BYTES = 16 + IPC_NAME_BYTES };

/* ---- iax2 show registry ---- */

static const struct desk_column registry_columns[] = {
	{ "Host", 45, true, false },
	{ "dnsmgr", 6, false, false },
	{ "Username", 10, true, false },
	{ "Perceived", 45, true, false },
	{ "Refresh", 8, false, true },
	{ "State", 8, false, false },
	{ 0 },
};

int desk_show_registry(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_registry_row *rows = view->rows[0].rows;

	desk_table_head(out, registry_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		const struct ipc_registry_row *row = &rows[i];
		char perceived[TG_ADDR_TEXT_BYTES], refresh[CELL_BYTES];
		struct tg_addr addr;
		const bool by_name = !tg_addr_parse(&addr, tg_span_text(row->host), 0);

		snprintf(refresh, sizeof(refresh), "%u", row->refresh_s);
		desk_table_row(out, registry_columns,
		               (const char *const[]){
				       row->host,
				       by_name ? "Y" : "N",
				       row->username,
				       row->perceived.family != TG_NO_ADDR ? tg_addr_format(row->perceived, perceived)
									   : "<Unregistered>",
				       refresh,
				       row->state,
			       });
	}
	desk_line(out, "%u IAX2 registrations.", view->rows[0].count);
	return DESK_OK;
}

/* ---- iax2 show callnumber usage ---- */

static const struct desk_column number_columns[] = {
	{ "Address", 45, true, false },
	{ "Callno Usage", 12, false, false },
	{ "Callno Limit", 12, false, false },
	{ "Limit by", 24, false, false },
	{ "Peak", 8, false, false },
	{ "Refused", 8, false, false },
	{ 0 },
};

static void origin_text(const struct ipc_numbers_row *row, char text[ORIGIN_BYTES])
{
	snprintf(text, ORIGIN_BYTES, "%s%s%s", ipc_limit_origin_name(row->origin),
	         row->origin_name[0] != '\0' ? " " : "", row->origin_name);
}

static void number_line(const struct ipc_numbers_row *row, struct desk_out *out)
{
	char addr[TG_ADDR_TEXT_BYTES], used[CELL_BYTES], limit[CELL_BYTES], peak[CELL_BYTES], refused[CELL_BYTES];
	char origin[ORIGIN_BYTES];

	snprintf(used, sizeof(used), "%u", row->used);
	snprintf(limit, sizeof(limit), "%u", row->limit);
	snprintf(peak, sizeof(peak), "%u", row->peak);
	snprintf(refused, sizeof(refused), "%u", row->refused);
	origin_text(row, origin);
	desk_table_row(
		out, number_columns,
		(const char *const[]){
			row->addr.port != 0 ? tg_addr_format(row->addr, addr) : tg_addr_format_host(row->addr, addr),
			used,
			limit,
			origin,
			peak,
			refused,
		});
}

static void totals(const struct ipc_numbers_row *row, struct desk_out *out)
{
	desk_line(out, " ");
	desk_line(out, "Non-CallToken Validation Callno Limit: %u", row->nonvalidated_limit);
	desk_line(out, "Non-CallToken Validated Callno Used:   %u", row->nonvalidated_used);
	desk_line(out, "Total Available Callno:                %u", row->available);
	desk_line(out, "Regular Callno Available:              %u", row->available);
	desk_line(out, "Trunk Callno Available:                0");
}

int desk_show_numbers(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_numbers_row *rows = view->rows[0].rows;
	const bool all = view->argc == 0;
	struct desk_net wanted;
	uint32_t shown = 0;

	if (!all && !desk_net_parse(&wanted, view->argv[0])) {
		desk_line(out, "%s: expected an address, address:port or address/bits", view->argv[0]);
		return DESK_USAGE;
	}
	desk_table_head(out, number_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		if (rows[i].addr.family != TG_NO_ADDR && (all || desk_net_has(&wanted, rows[i].addr))) {
			number_line(&rows[i], out);
			shown++;
		}
	}
	if (!all && shown == 0) {
		desk_line(out, "No call number table entries for %s found", view->argv[0]);
	}
	for (uint32_t i = 0; i < view->rows[0].count && all; i++) {
		if (rows[i].addr.family == TG_NO_ADDR) {
			totals(&rows[i], out);
		}
	}
	return DESK_OK;
}

/* ---- iax2 show stats ---- */

/* The three lines that scripts know, then all there is. */
static void known_lines(const struct desk_rows *rows, struct desk_out *out)
{
	const struct ipc_counter_row *row = rows->rows;
	unsigned long long pending = 0, repeated = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		pending = strcmp(row[i].name, "switch.frames_pending") == 0 ? row[i].value : pending;
		repeated = strcmp(row[i].name, "switch.retransmitted") == 0 ? row[i].value : repeated;
	}
	desk_line(out, "    Outstanding frames: %llu", pending);
	desk_line(out, "    0 timed and 0 untimed transmits; MTU 0/1400/1400");
	desk_line(out, "    Packets in transmit queue: %llu (%llu were sent again so far)", pending, repeated);
}

int desk_show_counters(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_counter_row *rows = view->rows[0].rows;

	desk_line(out, "    IAX Statistics");
	desk_line(out, "---------------------");
	known_lines(&view->rows[0], out);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		if (rows[i].idle == 0) {
			desk_line(out, "%-40s %llu", rows[i].name, (unsigned long long)rows[i].value);
		}
	}
	return DESK_OK;
}
