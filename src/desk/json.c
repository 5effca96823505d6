/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/json.h"

#include "desk/facts.h"
#include "desk/json_rows.h"
#include "desk/jsontext.h"
#include "desk/metrics.h"
#include "desk/net.h"
#include "desk/show.h"

#include <string.h>

/* ---- Values ---- */

static uint64_t number_at(const void *row, size_t offset, size_t size_bytes)
{
	const uint8_t *at = (const uint8_t *)row + offset;
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (size_bytes) {
	case sizeof(two):
		memcpy(&two, at, sizeof(two));
		return two;
	case sizeof(four):
		memcpy(&four, at, sizeof(four));
		return four;
	case sizeof(eight):
		memcpy(&eight, at, sizeof(eight));
		return eight;
	default:
		assert(size_bytes == 1);
		return *at;
	}
}

static uint64_t number_of(const struct desk_json_field *field, const void *row)
{
	return number_at(row, field->offset, field->size_bytes);
}

static void put_text(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	desk_json_text(json, field->name, (const char *)row + field->offset);
}

static void put_uint(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	desk_json_uint(json, field->name, number_of(field, row));
}

static void put_int(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	desk_json_int(json, field->name, (int32_t)number_of(field, row));
}

static void put_yes(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	desk_json_bool(json, field->name, number_of(field, row) != 0);
}

static void put_addr(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	struct tg_addr addr;
	char text[DESK_NET_TEXT_BYTES];

	memcpy(&addr, (const uint8_t *)row + field->offset, sizeof(addr));
	if (addr.family == TG_NO_ADDR) {
		desk_json_null(json, field->name);
	} else if (field->kind == DESK_JSON_NET) {
		const unsigned bits = (unsigned)number_at(row, field->bits, sizeof(uint32_t));

		desk_json_text(json, field->name, desk_net_text(addr, bits, text));
	} else {
		desk_json_text(json, field->name,
		               addr.port != 0 ? tg_addr_format(addr, text) : tg_addr_format_host(addr, text));
	}
}

static void put_codec(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	desk_json_text(json, field->name, desk_codec_name(number_of(field, row)));
}

static void put_name(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	desk_json_text(json, field->name, field->name_of((uint32_t)number_of(field, row)));
}

static void put_id(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	char text[MODEL_EVENT_ID_TEXT_BYTES];
	struct model_event_id id;

	memcpy(&id, (const uint8_t *)row + field->offset, sizeof(id));
	desk_json_text(json, field->name, model_event_id_format(id, text));
}

static void put_report(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	struct model_report report;

	memcpy(&report, (const uint8_t *)row + field->offset, sizeof(report));
	desk_json_open(json, field->name, '{');
	desk_json_uint(json, "packets", report.packets);
	desk_json_uint(json, "lost", report.lost);
	desk_json_uint(json, "out_of_order", report.out_of_order);
	desk_json_uint(json, "dropped", report.dropped);
	desk_json_uint(json, "jitter_ms", report.jitter_ms);
	desk_json_uint(json, "delay_ms", report.delay_ms);
	desk_json_close(json, '}');
}

static const struct {
	size_t size_bytes; /* 0: more than one */
	void (*put)(struct desk_json *json, const struct desk_json_field *field, const void *row);
} kinds[DESK_JSON_KINDS] = {
	[DESK_JSON_TEXT] = { 0, put_text },
	[DESK_JSON_UINT] = { 0, put_uint },
	[DESK_JSON_INT] = { sizeof(int32_t), put_int },
	[DESK_JSON_YES] = { 0, put_yes },
	[DESK_JSON_ADDR] = { sizeof(struct tg_addr), put_addr },
	[DESK_JSON_NET] = { sizeof(struct tg_addr), put_addr },
	[DESK_JSON_CODEC] = { sizeof(uint64_t), put_codec },
	[DESK_JSON_NAME] = { sizeof(uint32_t), put_name },
	[DESK_JSON_ID] = { sizeof(struct model_event_id), put_id },
	[DESK_JSON_REPORT] = { sizeof(struct model_report), put_report },
};

static void put_field(struct desk_json *json, const struct desk_json_field *field, const void *row)
{
	assert(kinds[field->kind].size_bytes == 0 || kinds[field->kind].size_bytes == field->size_bytes);
	kinds[field->kind].put(json, field, row);
}

/* ---- Questions ---- */

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
	for (const struct desk_json_field *field = desk_json_fields[what]; field->name != NULL; field++) {
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
