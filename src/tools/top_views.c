/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/top.h"

#include "model/counter.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- Cells ---- */

static struct top_row *row_add(struct top_table *table)
{
	if (table->count == TOP_ROWS_MAX) {
		table->cut = true;
		return NULL;
	}
	if (table->count == table->room) {
		const size_t room = table->room == 0 ? 64 : 2 * table->room;
		struct top_row *rows = realloc(table->rows, room * sizeof(*rows));

		if (rows == NULL) {
			table->cut = true;
			return NULL;
		}
		table->rows = rows;
		table->room = room;
	}
	struct top_row *row = &table->rows[table->count++];

	memset(row, 0, sizeof(*row));
	for (size_t i = 0; i < TOP_COLUMNS_MAX; i++) {
		row->keys[i] = NAN;
	}
	return row;
}

static const char *text_at(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text != NULL ? text : "";
}

static uint64_t count_at(const json_t *row, const char *key)
{
	const json_int_t value = json_integer_value(json_object_get(row, key));

	return value > 0 ? (uint64_t)value : 0;
}

static void put_text(struct top_row *row, size_t column, const char *text)
{
	top_mask(row->cells[column], TOP_CELL_BYTES, text);
}

static void put_number(struct top_row *row, size_t column, double key, const char *format, ...) TG_PRINTF(4, 5);

static void put_number(struct top_row *row, size_t column, double key, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(row->cells[column], TOP_CELL_BYTES, format, values);
	va_end(values);
	row->keys[column] = key;
}

static void put_count(struct top_row *row, size_t column, uint64_t count)
{
	put_number(row, column, (double)count, "%llu", (unsigned long long)count);
}

/* "0:07", "1:02:33" */
static void put_seconds(struct top_row *row, size_t column, uint64_t s)
{
	if (s >= 3600) {
		put_number(row, column, (double)s, "%llu:%02u:%02u", (unsigned long long)(s / 3600),
		           (unsigned)(s / 60 % 60), (unsigned)(s % 60));
	} else {
		put_number(row, column, (double)s, "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
	}
}

/* A time of this or another day, in local time; `none` for 0. */
static void put_time(struct top_row *row, size_t column, uint64_t ms, uint64_t now_ms, const char *none)
{
	const time_t s = (time_t)(ms / 1000);
	const bool near = ms + 12 * 3600 * 1000ULL > now_ms && ms < now_ms + 12 * 3600 * 1000ULL;
	struct tm tm;
	char text[TOP_CELL_BYTES];

	if (ms == 0) {
		put_number(row, column, INFINITY, "%s", none);
		return;
	}
	strftime(text, sizeof(text), near ? "%H:%M:%S" : "%Y-%m-%d %H:%M", localtime_r(&s, &tm));
	put_number(row, column, (double)ms, "%s", text);
}

/* ---- Calls ---- */

enum { CALL_FROM, CALL_TO, CALL_STATE, CALL_TIME, CALL_CODEC, CALL_LOSS, CALL_JITTER, CALL_WITH, CALL_RTT, CALL_ADDR };
static const struct top_column call_columns[] = {
	{ "FROM", false, 0, false },    { "TO", false, 0, false },    { "STATE", false, 1, false },
	{ "TIME", true, 0, true },      { "CODEC", false, 3, false }, { "LOSS %", true, 2, true },
	{ "JITTER", true, 4, true },    { "WITH", false, 5, false },  { "RTT", true, 6, true },
	{ "ADDRESS", false, 7, false },
};

/* The leg that a call's first one speaks with: the bridged one, else any other of the same call, while it rings. */
static const json_t *far_leg(const json_t *legs, const json_t *leg)
{
	const char *bridged = text_at(leg, "bridged_to");
	const json_t *found = NULL, *other = NULL;
	size_t i = 0;

	json_array_foreach(legs, i, other)
	{
		if (other != leg && bridged[0] != '\0' && strcmp(text_at(other, "channel"), bridged) == 0) {
			return other;
		}
		if (found == NULL && other != leg && json_is_true(json_object_get(other, "opened_by_us")) &&
		    strcmp(text_at(other, "kind"), "call") == 0 &&
		    count_at(other, "call_id") == count_at(leg, "call_id")) {
			found = other;
		}
	}
	return found;
}

/* Of a leg that somebody opened with us there is a row; of one of ours only if it stands alone. */
static bool is_shown(const json_t *legs, const json_t *leg)
{
	const json_t *other = NULL;
	size_t i = 0;

	if (strcmp(text_at(leg, "kind"), "call") != 0 || !json_is_true(json_object_get(leg, "opened_by_us"))) {
		return strcmp(text_at(leg, "kind"), "call") == 0;
	}
	json_array_foreach(legs, i, other)
	{
		if (other != leg && json_is_false(json_object_get(other, "opened_by_us")) &&
		    strcmp(text_at(other, "kind"), "call") == 0 &&
		    count_at(other, "call_id") == count_at(leg, "call_id")) {
			return false;
		}
	}
	return true;
}

/* Percent of what a leg sent that did not arrive here. */
static double loss_of(const json_t *leg)
{
	const json_t *local = json_object_get(leg, "local");
	const double lost = (double)count_at(local, "lost"), came = (double)count_at(local, "packets");

	return lost + came > 0 ? 100 * lost / (lost + came) : 0;
}

/* One number for each side, "0.0/1.5"; sorted by the worse. */
static void put_sides(struct top_row *row, size_t column, double near, const json_t *far_side, double far, int decimals)
{
	if (far_side != NULL) {
		put_number(row, column, fmax(near, far), "%.*f/%.*f", decimals, near, decimals, far);
	} else {
		put_number(row, column, near, "%.*f", decimals, near);
	}
}

static void put_call(struct top_table *table, const json_t *legs, const json_t *leg)
{
	const json_t *far_side = far_leg(legs, leg);
	struct top_row *row = is_shown(legs, leg) ? row_add(table) : NULL;
	const double loss = loss_of(leg), far_loss = far_side != NULL ? loss_of(far_side) : 0;

	if (row == NULL) {
		return;
	}
	put_text(row, CALL_FROM, text_at(leg, "account")[0] != '\0' ? text_at(leg, "account") : "(guest)");
	put_text(row, CALL_TO, text_at(leg, "exten"));
	put_text(row, CALL_STATE, text_at(leg, "state"));
	put_seconds(row, CALL_TIME, count_at(leg, "seconds"));
	put_text(row, CALL_CODEC, text_at(leg, "codec"));
	put_sides(row, CALL_LOSS, loss, far_side, far_loss, 1);
	put_sides(row, CALL_JITTER, (double)count_at(json_object_get(leg, "local"), "jitter_ms"), far_side,
	          (double)count_at(json_object_get(far_side, "local"), "jitter_ms"), 0);
	put_text(row, CALL_WITH, far_side != NULL ? text_at(far_side, "account") : text_at(leg, "app"));
	put_sides(row, CALL_RTT, (double)count_at(leg, "rtt_ms"), far_side, (double)count_at(far_side, "rtt_ms"), 0);
	put_text(row, CALL_ADDR, text_at(leg, "address"));
	row->style = fmax(loss, far_loss) >= 5 ? TOP_BAD : fmax(loss, far_loss) >= 1 ? TOP_WARN : TOP_PLAIN;
}

static void put_calls(struct top_table *table, const struct top_snapshot *now, const struct top_snapshot *before)
{
	const json_t *legs = now->rows[TOP_ASK_CHANNELS], *leg = NULL;
	size_t i = 0;

	(void)before;
	json_array_foreach(legs, i, leg)
	{
		put_call(table, legs, leg);
	}
}

/* ---- Sources ---- */

enum {
	SOURCE_NETWORK,
	SOURCE_FAILURES,
	SOURCE_NAMES,
	SOURCE_STEP,
	SOURCE_UNTIL,
	SOURCE_HELD,
	SOURCE_OPENED,
	SOURCE_CLASS,
	SOURCE_HEALTHY
};
static const struct top_column source_columns[] = {
	{ "ADDRESS", false, 0, false },   { "TRIES", true, 0, true },   { "NAMES", true, 4, true },
	{ "HELD BACK", false, 0, false }, { "UNTIL", true, 1, true },   { "HELD", true, 3, true },
	{ "OPENED", true, 2, true },      { "CLASS", false, 5, false }, { "ACCOUNTS", true, 6, true },
};

static void put_source(struct top_table *table, const json_t *source, uint64_t wall_ms)
{
	const char *step = text_at(source, "action");
	const uint64_t left_s = count_at(source, "left_s");
	const bool is_free = strcmp(step, "none") == 0;
	struct top_row *row = row_add(table);

	if (row == NULL) {
		return;
	}
	put_text(row, SOURCE_NETWORK, text_at(source, "network"));
	put_text(row, SOURCE_CLASS, text_at(source, "class"));
	put_count(row, SOURCE_FAILURES, count_at(source, "failures"));
	put_count(row, SOURCE_NAMES, count_at(source, "names"));
	put_text(row, SOURCE_STEP, is_free ? "-" : step);
	put_time(row, SOURCE_UNTIL, left_s > 0 ? wall_ms + left_s * 1000 : 0, wall_ms, "-");
	row->keys[SOURCE_UNTIL] = (double)left_s;
	put_count(row, SOURCE_HELD, count_at(source, "held"));
	put_count(row, SOURCE_OPENED, count_at(source, "opened"));
	put_count(row, SOURCE_HEALTHY, count_at(source, "healthy"));
	row->style = !is_free ? TOP_BAD : count_at(source, "failures") > 0 ? TOP_WARN : TOP_PLAIN;
}

static void put_sources(struct top_table *table, const struct top_snapshot *now, const struct top_snapshot *before)
{
	const json_t *source = NULL;
	size_t i = 0;

	(void)before;
	json_array_foreach(now->rows[TOP_ASK_SOURCES], i, source)
	{
		put_source(table, source, now->wall_ms);
	}
}

/* ---- Bans ---- */

enum { BAN_NETWORK, BAN_KIND, BAN_UNTIL, BAN_REASON, BAN_BY, BAN_SINCE, BAN_KERNEL, BAN_TEXT };
static const struct top_column ban_columns[] = {
	{ "NETWORK", false, 0, false }, { "WHAT", false, 1, false }, { "UNTIL", true, 0, false },
	{ "REASON", false, 2, false },  { "BY", false, 3, false },   { "SINCE", true, 4, true },
	{ "KERNEL", false, 6, false },  { "NOTE", false, 5, false },
};

static void put_ban(struct top_table *table, const json_t *ban, uint64_t wall_ms)
{
	const bool is_ban = strcmp(text_at(ban, "kind"), "ban") == 0;
	struct top_row *row = row_add(table);

	if (row == NULL) {
		return;
	}
	put_text(row, BAN_NETWORK, text_at(ban, "network"));
	put_text(row, BAN_KIND, text_at(ban, "kind"));
	put_time(row, BAN_UNTIL, count_at(ban, "until_ms"), wall_ms, "ever");
	put_text(row, BAN_REASON, is_ban ? text_at(ban, "reason") : "-");
	put_text(row, BAN_BY, text_at(ban, "by")[0] != '\0' ? text_at(ban, "by") : "guard");
	put_time(row, BAN_SINCE, count_at(ban, "since_ms"), wall_ms, "?");
	put_text(row, BAN_KERNEL, json_is_true(json_object_get(ban, "in_kernel")) ? "yes" : "no");
	put_text(row, BAN_TEXT, text_at(ban, "text"));
	row->style = is_ban ? TOP_BAD : TOP_GOOD;
}

static void put_bans(struct top_table *table, const struct top_snapshot *now, const struct top_snapshot *before)
{
	const json_t *ban = NULL;
	size_t i = 0;

	(void)before;
	json_array_foreach(now->rows[TOP_ASK_BANS], i, ban)
	{
		put_ban(table, ban, now->wall_ms);
	}
}

/* ---- Rates ---- */

static const struct top_column rate_columns[] = {
	{ "WHAT", false, 0, false },
	{ "A SECOND", true, 0, true },
	{ "IN ALL", true, 1, true },
};

/* What everybody wants to know; then each reason to drop something, once there was one. */
static const struct {
	const char *what;
	const char *counters[4];
} rate_rows[] = {
	{ "packets in", { "door.received", "relay.received", "switch.received" } },
	{ "packets out", { "door.answered", "relay.forwarded", "relay.played", "switch.frames_sent" } },
	{ "  of voice in", { "relay.received" } },
	{ "  of voice out", { "relay.forwarded", "relay.played" } },
	{ "calls opened", { "switch.calls_offered" } },
	{ "calls answered", { "switch.calls_answered" } },
	{ "calls refused", { "switch.calls_refused" } },
	{ "registrations granted", { "switch.registrations_granted" } },
	{ "registrations refused", { "switch.registrations_refused" } },
	{ "secrets proven", { "guard.successes" } },
	{ "secrets wrong", { "guard.failures" } },
	{ "frames sent again", { "switch.retransmitted" } },
};

static const char *const drop_prefixes[] = {
	"door.refused",     "door.too_long",      "door.silenced",    "door.shed",      "door.ring_full.",
	"door.overflowed",  "door.dropped.",      "relay.unknown",    "relay.dropped",  "relay.malformed",
	"relay.overflowed", "relay.notices_full", "switch.misplaced", "switch.shed",    "switch.overflowed",
	"switch.refused.",  "switch.evicted",     "switch.not_ours",  "switch.media_",  "switch.verdicts_lost",
	"gate.dropped.",    "gate.unproven_deaf", "guard.held.",      "events.dropped",
};

static uint64_t row_total(const struct top_snapshot *snapshot, size_t i)
{
	uint64_t total = 0;

	for (size_t k = 0; k < TG_COUNT(rate_rows[i].counters) && rate_rows[i].counters[k] != NULL; k++) {
		total += top_counter(snapshot, rate_rows[i].counters[k]);
	}
	return total;
}

static bool is_drop(const char *name)
{
	bool found = false;

	for (size_t i = 0; i < TG_COUNT(drop_prefixes) && !found; i++) {
		found = strncmp(name, drop_prefixes[i], strlen(drop_prefixes[i])) == 0;
	}
	return found && !model_counter_is_none(name);
}

static void put_rate(struct top_table *table, const char *what, uint64_t total, double per_s, enum top_style style)
{
	struct top_row *row = row_add(table);

	if (row != NULL) {
		put_text(row, 0, what);
		put_number(row, 1, per_s, "%.1f", per_s);
		put_count(row, 2, total);
		row->style = style;
	}
}

static void put_rates(struct top_table *table, const struct top_snapshot *now, const struct top_snapshot *before)
{
	const uint64_t elapsed_us = before != NULL ? now->at_us - before->at_us : 0;
	const json_t *counter = NULL;
	size_t i = 0;

	for (i = 0; i < TG_COUNT(rate_rows); i++) {
		const uint64_t total = row_total(now, i);
		const double per_s = before != NULL ? top_per_s(row_total(before, i), total, elapsed_us) : 0;

		put_rate(table, rate_rows[i].what, total, per_s, TOP_PLAIN);
	}
	json_array_foreach(now->rows[TOP_ASK_COUNTERS], i, counter)
	{
		const uint64_t total = count_at(counter, "value");
		const char *name = text_at(counter, "name");
		char what[TOP_CELL_BYTES];

		if (is_drop(name) && total > 0) {
			const double per_s = before != NULL ? top_per_s(top_counter(before, name), total, elapsed_us)
			                                    : 0;

			snprintf(what, sizeof(what), "dropped: %.50s", name);
			put_rate(table, what, total, per_s, per_s > 0 ? TOP_WARN : TOP_DIM);
		}
	}
}

/* ---- Limits ---- */

enum { LIMIT_NAME, LIMIT_USED, LIMIT_LIMIT, LIMIT_SHARE, LIMIT_PEAK, LIMIT_STOPPED, LIMIT_STOPS };
static const struct top_column limit_columns[] = {
	{ "LIMIT", false, 0, false },   { "USED", true, 0, true }, { "OF", true, 0, true },
	{ "%", true, 1, true },         { "PEAK", true, 2, true }, { "STOPPED", true, 3, true },
	{ "AGAINST", false, 4, false },
};

static void put_limit(struct top_table *table, const char *name, const json_t *from, const char *stopped,
                      const char *stops)
{
	const uint64_t used = count_at(from, "used"), limit = count_at(from, "limit");
	const double share = limit > 0 ? 100 * (double)used / (double)limit : 0;
	struct top_row *row = row_add(table);

	if (row == NULL) {
		return;
	}
	put_text(row, LIMIT_NAME, name);
	put_count(row, LIMIT_USED, used);
	put_count(row, LIMIT_LIMIT, limit);
	put_number(row, LIMIT_SHARE, share, "%.0f", share);
	put_count(row, LIMIT_PEAK, count_at(from, "peak"));
	put_count(row, LIMIT_STOPPED, count_at(from, stopped));
	put_text(row, LIMIT_STOPS, stops);
	row->style = share >= 95 ? TOP_BAD : share >= 75 || count_at(from, stopped) > 0 ? TOP_WARN : TOP_PLAIN;
}

static void put_limits(struct top_table *table, const struct top_snapshot *now, const struct top_snapshot *before)
{
	const json_t *one = NULL;
	size_t i = 0;

	(void)before;
	json_array_foreach(now->rows[TOP_ASK_NUMBERS], i, one)
	{
		if (json_is_null(json_object_get(one, "address"))) {
			put_limit(table, "call numbers", one, "refused", "more calls than there are numbers");
		}
	}
	json_array_foreach(now->rows[TOP_ASK_BUDGETS], i, one)
	{
		put_limit(table, text_at(one, "name"), one, "stopped", text_at(one, "stops"));
	}
}

/* ---- All ---- */

static const struct {
	const struct top_column *columns;
	size_t count;
	int sort;
	void (*put)(struct top_table *, const struct top_snapshot *now, const struct top_snapshot *before);
} views[TOP_VIEWS] = {
	[TOP_CALLS] = { call_columns, TG_COUNT(call_columns), CALL_TIME, put_calls },
	[TOP_SOURCES] = { source_columns, TG_COUNT(source_columns), SOURCE_FAILURES, put_sources },
	[TOP_BANS] = { ban_columns, TG_COUNT(ban_columns), BAN_SINCE, put_bans },
	[TOP_RATES] = { rate_columns, TG_COUNT(rate_columns), -1, put_rates },
	[TOP_LIMITS] = { limit_columns, TG_COUNT(limit_columns), -1, put_limits },
};

void top_table_make(struct top_table *table, enum top_view view, const struct top_snapshot *now,
                    const struct top_snapshot *before)
{
	*table = (struct top_table){
		.columns = views[view].columns,
		.column_count = views[view].count,
		.sort = views[view].sort,
		.cut = now->cut,
	};
	views[view].put(table, now, before);
}

void top_table_free(struct top_table *table)
{
	free(table->rows);
	*table = (struct top_table){ .rows = NULL };
}
