/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/rows_guard.h"

#include <stdio.h>
#include <string.h>

static_assert((int)SWITCH_LIMIT_GLOBAL == (int)IPC_LIMIT_GLOBAL && (int)SWITCH_LIMIT_RANGE == (int)IPC_LIMIT_RANGE &&
                      (int)SWITCH_LIMIT_PEER == (int)IPC_LIMIT_PEER,
              "origins are numbered alike");

bool rows_ban(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct guard_ban ban;

	if (!guard_ban_row(rows->guard, &rows->cursor, now.now_us, &ban)) {
		return false;
	}
	rows->record.ban = (struct ipc_ban_row){
		.head.kind = IPC_BAN_ROW,
		.query = query,
		.ban = terms_ban(&ban, keeper_id_of(rows->keeper, ban.base, ban.bits), now),
	};
	rows->record_bytes = sizeof(rows->record.ban);
	return true;
}

bool rows_source(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct guard_source_row row;

	if (!guard_source_row(rows->guard, &rows->cursor, now.now_us, &row)) {
		return false;
	}
	rows->record.source = (struct ipc_source_row){
		.head.kind = IPC_SOURCE_ROW,
		.query = query,
		.addr = row.addr,
		.bits = row.bits,
		.class = terms_class(row.class),
		.step = terms_action(row.step),
		.failures = row.failures,
		.names = row.names,
		.healthy = row.healthy,
		.opened = row.opened,
		.held = row.held,
		.left_s = row.left_us == TG_NEVER ? 0 : row.left_us / TG_US_PER_S,
	};
	rows->record_bytes = sizeof(rows->record.source);
	return true;
}

bool rows_guarded(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct guard_account_row row;

	if (!guard_account_row(rows->guard, &rows->cursor, now.now_us, &row)) {
		return false;
	}
	rows->record.account = (struct ipc_account_row){
		.head.kind = IPC_ACCOUNT_ROW,
		.query = query,
		.failures = row.failures,
		.distinct = row.distinct,
		.prefixes = row.prefixes,
		.networks = row.networks,
		.guarded_s = row.guarded_us / TG_US_PER_S,
	};
	memcpy(rows->record.account.name, row.name, sizeof(rows->record.account.name));
	rows->record_bytes = sizeof(rows->record.account);
	return true;
}

bool rows_budget(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct guard_budget_row row;

	if (!guard_budget_row(rows->guard, &rows->cursor, now.now_us, &row)) {
		return false;
	}
	rows->record.budget = (struct ipc_budget_row){
		.head.kind = IPC_BUDGET_ROW,
		.query = query,
		.limit = row.limit,
		.used = row.used,
		.peak = row.peak,
		.stopped = row.stopped,
	};
	snprintf(rows->record.budget.name, sizeof(rows->record.budget.name), "%s", row.name);
	snprintf(rows->record.budget.attack, sizeof(rows->record.budget.attack), "%s", row.attack);
	rows->record_bytes = sizeof(rows->record.budget);
	return true;
}

/* ---- Call numbers ---- */

static void put_totals(const struct rows *rows, struct ipc_numbers_row *out)
{
	struct iax_endpoint_stats stats;

	iax_endpoint_stats(rows->endpoint, &stats);
	out->used = stats.numbers_used;
	out->limit = IAX_CALLNO_MAX - IAX_CALLNO_MIN + 1;
	out->available = out->limit - (uint32_t)tg_min_u64(out->used, out->limit);
	out->peak = stats.legs_peak;
	out->refused = (uint32_t)tg_min_u64(stats.refused[IAX_ERR_NO_ROOM] + stats.refused[IAX_ERR_HOST_NUMBERS] +
	                                            stats.refused[IAX_ERR_UNPROVEN_NUMBERS],
	                                    UINT32_MAX);
	out->nonvalidated_used = stats.unproven_used;
	out->nonvalidated_limit = rows->world->settings.max_call_numbers_nonvalidated;
}

/* The limit is that of now, which the next opening has; a host has its own of the one before. */
static void put_host(const struct rows *rows, struct ipc_numbers_row *out, const struct iax_host_row *row)
{
	const struct switch_limit limit = switch_number_limit(rows->sw, row->addr);

	out->addr = row->addr;
	out->used = row->used;
	out->nonvalidated_used = row->unproven;
	out->peak = row->peak;
	out->refused = row->refused;
	out->limit = limit.numbers;
	out->origin = limit.origin;
	memcpy(out->origin_name, limit.name, sizeof(out->origin_name));
}

bool rows_numbers(struct rows *rows, uint64_t query, struct terms_now now)
{
	struct ipc_numbers_row *out = &rows->record.numbers;
	uint32_t place = rows->cursor - 1; /* the totals come first */
	struct iax_host_row row;

	(void)now;
	*out = (struct ipc_numbers_row){ .head.kind = IPC_NUMBERS_ROW, .query = query };
	if (rows->cursor == 0) {
		rows->cursor = 1;
		put_totals(rows, out);
	} else if (iax_endpoint_host_row(rows->endpoint, &place, &row)) {
		rows->cursor = place + 1;
		put_host(rows, out, &row);
	} else {
		return false;
	}
	rows->record_bytes = sizeof(*out);
	return true;
}
