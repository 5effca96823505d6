/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 32, ORIGIN_BYTES = 128 };

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
	{ "Peak", 8, false, false },
	{ "Refused", 8, false, false },
	{ "Limit by", 16, false, false },
	{ 0 },
};

/* The peer that is at an address and has a limit of its own. */
static const char *peer_with_limit(const struct desk_view *view, const struct ipc_numbers_row *row)
{
	const struct ipc_peer_row *peers = view->rows[1].rows;

	for (uint32_t i = 0; i < view->rows[1].count; i++) {
		const struct world_peer *peer = world_peer_find(view->world, tg_span_text(peers[i].name));

		if (peer != NULL && tg_addr_same_host(peers[i].addr, row->addr) && peer->max_call_numbers != 0 &&
		    peer->max_call_numbers == row->limit) {
			return peers[i].name;
		}
	}
	return NULL;
}

static void origin_text(const struct desk_view *view, const struct ipc_numbers_row *row, char text[ORIGIN_BYTES])
{
	const char *peer = peer_with_limit(view, row);
	const struct world_range *range = world_range_find(view->world, WORLD_NUMBER_LIMITS, row->addr);
	char base[TG_ADDR_TEXT_BYTES];

	if (peer != NULL) {
		snprintf(text, ORIGIN_BYTES, "peer %s", peer);
	} else if (range != NULL && range->value == row->limit) {
		snprintf(text, ORIGIN_BYTES, "range %s/%u", tg_addr_format_host(range->base, base),
		         (unsigned)range->bits);
	} else {
		snprintf(text, ORIGIN_BYTES, "global");
	}
}

static void number_line(const struct desk_view *view, const struct ipc_numbers_row *row, struct desk_out *out)
{
	char addr[TG_ADDR_TEXT_BYTES], used[CELL_BYTES], limit[CELL_BYTES], peak[CELL_BYTES], refused[CELL_BYTES];
	char origin[ORIGIN_BYTES];

	snprintf(used, sizeof(used), "%u", row->used);
	snprintf(limit, sizeof(limit), "%u", row->limit);
	snprintf(peak, sizeof(peak), "%u", row->peak);
	snprintf(refused, sizeof(refused), "%u", row->refused);
	origin_text(view, row, origin);
	desk_table_row(
		out, number_columns,
		(const char *const[]){
			row->addr.port != 0 ? tg_addr_format(row->addr, addr) : tg_addr_format_host(row->addr, addr),
			used,
			limit,
			peak,
			refused,
			origin,
		});
}

/* An address, an address with its port, or a prefix. */
struct wanted {
	bool all, with_port;
	struct tg_addr base;
	unsigned bits;
};

static bool wanted_parse(struct wanted *wanted, const char *text)
{
	const char *slash = strchr(text, '/');
	const size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	uint64_t bits = 0;

	if (!tg_addr_parse(&wanted->base, (struct tg_span){ (const uint8_t *)text, len }, 0)) {
		return false;
	}
	bits = wanted->base.family == TG_IPV6 ? 128 : 32;
	wanted->with_port = wanted->base.port != 0;
	if (slash != NULL && (wanted->with_port || !tg_text_uint(slash + 1, 0, bits, &bits))) {
		return false;
	}
	wanted->bits = (unsigned)bits;
	return true;
}

static bool is_wanted(const struct wanted *wanted, struct tg_addr addr)
{
	if (wanted->all) {
		return true;
	}
	return wanted->with_port ? tg_addr_equal(addr, wanted->base)
	                         : tg_addr_in_prefix(addr, wanted->base, wanted->bits);
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
	struct wanted wanted = { .all = view->argc == 0 };
	uint32_t shown = 0;

	if (!wanted.all && !wanted_parse(&wanted, view->argv[0])) {
		desk_line(out, "%s: expected an address, address:port or address/bits", view->argv[0]);
		return DESK_USAGE;
	}
	desk_table_head(out, number_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		if (rows[i].addr.family != TG_NO_ADDR && is_wanted(&wanted, rows[i].addr)) {
			number_line(view, &rows[i], out);
			shown++;
		}
	}
	if (!wanted.all && shown == 0) {
		desk_line(out, "No call number table entries for %s found", view->argv[0]);
	}
	for (uint32_t i = 0; i < view->rows[0].count && wanted.all; i++) {
		if (rows[i].addr.family == TG_NO_ADDR) {
			totals(&rows[i], out);
		}
	}
	return DESK_OK;
}

/* ---- iax2 show stats ---- */

int desk_show_counters(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_counter_row *rows = view->rows[0].rows;

	desk_line(out, "IAX Statistics");
	desk_line(out, "--------------");
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		desk_line(out, "%-40s %llu", rows[i].name, (unsigned long long)rows[i].value);
	}
	return DESK_OK;
}
