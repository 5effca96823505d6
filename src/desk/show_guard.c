/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/net.h"
#include "desk/show.h"

#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 40 };

/* ---- guard show bans ---- */

static const struct desk_column ban_columns[] = {
	{ "Network", 43, false, false },     { "Kind", 5, false, false }, { "Since (UTC)", 19, false, false },
	{ "Until (UTC)", 19, false, false }, { "Step", 4, false, true },  { "Kernel", 6, false, false },
	{ "By", 12, true, false },           { "Why", 30, false, false }, { 0 },
};

/* Whether a filter of one word lets a row through. */
static bool is_shown(const struct desk_view *view, struct tg_addr base, unsigned bits)
{
	struct desk_net net;

	return view->argc == 0 || (desk_net_parse(&net, view->argv[0]) && desk_net_meets(&net, base, bits));
}

static bool filter_is_wrong(const struct desk_view *view, struct desk_out *out)
{
	struct desk_net net;

	if (view->argc == 0 || (desk_net_parse(&net, view->argv[0]) && !net.with_port)) {
		return false;
	}
	desk_line(out, "%s: expected an address or address/bits", view->argv[0]);
	return true;
}

static void ban_line(const struct model_ban *ban, struct desk_out *out)
{
	const bool is_ours = ban->who[0] == '\0';
	char net[DESK_NET_TEXT_BYTES], since[DESK_TIME_BYTES], until[DESK_TIME_BYTES], step[CELL_BYTES];

	snprintf(step, sizeof(step), "%u", ban->step);
	desk_table_row(out, ban_columns,
	               (const char *const[]){
			       desk_net_text(ban->base, ban->bits, net),
			       model_ban_kind_name(ban->kind),
			       desk_time_text(ban->since_ms, since),
			       ban->until_ms != 0 ? desk_time_text(ban->until_ms, until) : "taken back",
			       step,
			       ban->in_kernel != 0 ? "yes" : "no",
			       is_ours ? "tollgate" : ban->who,
			       is_ours && ban->text[0] == '\0' ? model_reason_text(ban->reason) : ban->text,
		       });
}

int desk_show_bans(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_ban_row *rows = view->rows[0].rows;
	unsigned count[MODEL_BAN_KINDS] = { 0 };

	if (filter_is_wrong(view, out)) {
		return DESK_USAGE;
	}
	desk_table_head(out, ban_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		const struct model_ban *ban = &rows[i].ban;

		if (ban->kind < MODEL_BAN_KINDS && is_shown(view, ban->base, ban->bits)) {
			ban_line(ban, out);
			count[ban->kind]++;
		}
	}
	desk_line(out, "%u banned, %u allowed%s", count[MODEL_BAN], count[MODEL_ALLOW],
	          view->rows[0].cut ? "; there are more" : "");
	return DESK_OK;
}

/* ---- guard show sources ---- */

static const struct desk_column source_columns[] = {
	{ "Address", 43, false, false },  { "Class", 9, false, false },
	{ "Step", 8, false, false },      { "Left", 8, false, true },
	{ "Failures", 8, false, true },   { "Names", 5, false, true },
	{ "Healthy", 7, false, true },    { "Opened", 10, false, true },
	{ "Held back", 10, false, true }, { 0 },
};

/* "2h10m"; "-" for nothing. */
static const char *left_text(uint64_t seconds, char text[CELL_BYTES])
{
	if (seconds == 0) {
		snprintf(text, CELL_BYTES, "-");
	} else if (seconds < 60) {
		snprintf(text, CELL_BYTES, "%us", (unsigned)seconds);
	} else if (seconds < 3600) {
		snprintf(text, CELL_BYTES, "%um%02us", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
	} else if (seconds < 86400) {
		snprintf(text, CELL_BYTES, "%uh%02um", (unsigned)(seconds / 3600), (unsigned)(seconds / 60 % 60));
	} else {
		snprintf(text, CELL_BYTES, "%llud%02uh", (unsigned long long)(seconds / 86400),
		         (unsigned)(seconds / 3600 % 24));
	}
	return text;
}

static void source_line(const struct ipc_source_row *row, struct desk_out *out)
{
	char net[DESK_NET_TEXT_BYTES], left[CELL_BYTES], numbers[5][CELL_BYTES];
	const uint32_t values[] = { row->failures, row->names, row->healthy, row->opened, row->held };

	for (size_t i = 0; i < TG_COUNT(values); i++) {
		snprintf(numbers[i], CELL_BYTES, "%u", values[i]);
	}
	desk_table_row(out, source_columns,
	               (const char *const[]){ desk_net_text(row->addr, row->bits, net), model_class_name(row->class),
	                                      model_action_name(row->step), left_text(row->left_s, left), numbers[0],
	                                      numbers[1], numbers[2], numbers[3], numbers[4] });
}

int desk_show_sources(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_source_row *rows = view->rows[0].rows;
	uint32_t shown = 0;

	if (filter_is_wrong(view, out)) {
		return DESK_USAGE;
	}
	desk_table_head(out, source_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		if (is_shown(view, rows[i].addr, rows[i].bits)) {
			source_line(&rows[i], out);
			shown++;
		}
	}
	desk_line(out, "%u source%s%s", shown, shown == 1 ? "" : "s", view->rows[0].cut ? "; there are more" : "");
	return DESK_OK;
}

/* ---- guard show accounts ---- */

static const struct desk_column account_columns[] = {
	{ "Account", 30, false, false },
	{ "Guarded", 8, false, true },
	{ "Failures", 8, false, true },
	{ "Different", 9, false, true },
	{ "From networks", 13, false, true },
	{ "Known networks", 14, false, true },
	{ 0 },
};

static void account_line(const struct ipc_account_row *row, struct desk_out *out)
{
	char guarded[CELL_BYTES], numbers[4][CELL_BYTES];
	const uint32_t values[] = { row->failures, row->distinct, row->prefixes, row->networks };

	for (size_t i = 0; i < TG_COUNT(values); i++) {
		snprintf(numbers[i], CELL_BYTES, "%u", values[i]);
	}
	desk_table_row(out, account_columns,
	               (const char *const[]){ row->name, left_text(row->guarded_s, guarded), numbers[0], numbers[1],
	                                      numbers[2], numbers[3] });
}

int desk_show_accounts(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_account_row *rows = view->rows[0].rows;
	uint32_t shown = 0;

	desk_table_head(out, account_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		if (view->argc == 0 || strcmp(rows[i].name, view->argv[0]) == 0) {
			account_line(&rows[i], out);
			shown++;
		}
	}
	desk_line(out, "%u account%s%s", shown, shown == 1 ? "" : "s", view->rows[0].cut ? "; there are more" : "");
	return DESK_OK;
}

/* ---- guard show budgets ---- */

static const struct desk_column budget_columns[] = {
	{ "Budget", 28, false, false },
	{ "Limit", 10, false, true },
	{ "Used", 10, false, true },
	{ "Peak", 10, false, true },
	{ "Stopped", 12, false, true },
	{ "Against", 20, false, false },
	{ 0 },
};

int desk_show_budgets(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_budget_row *rows = view->rows[0].rows;

	desk_table_head(out, budget_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		const uint64_t values[] = { rows[i].limit, rows[i].used, rows[i].peak, rows[i].stopped };
		char numbers[TG_COUNT(values)][CELL_BYTES];

		for (size_t at = 0; at < TG_COUNT(values); at++) {
			snprintf(numbers[at], CELL_BYTES, "%llu", (unsigned long long)values[at]);
		}
		desk_table_row(out, budget_columns,
		               (const char *const[]){ rows[i].name, numbers[0], numbers[1], numbers[2], numbers[3],
		                                      rows[i].attack });
	}
	return DESK_OK;
}

/* ---- guard show audit ---- */

static const struct desk_column audit_columns[] = {
	{ "Time (UTC)", 19, false, false }, { "Uid", 10, false, false },    { "Result", 6, false, false },
	{ "Command", 50, false, false },    { "Answer", 20, false, false }, { 0 },
};

int desk_show_audit(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_audit_row *rows = view->rows[0].rows;

	desk_table_head(out, audit_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		const struct model_audit *audit = &rows[i].audit;
		char when[DESK_TIME_BYTES], uid[CELL_BYTES];

		snprintf(uid, sizeof(uid), audit->uid == UINT32_MAX ? "unknown" : "%u", audit->uid);
		desk_table_row(out, audit_columns,
		               (const char *const[]){ desk_time_text(audit->wall_ms, when), uid,
		                                      audit->failed != 0 ? "failed" : "done", audit->command,
		                                      audit->result });
	}
	desk_line(out, "%u line%s of the audit log", view->rows[0].count, view->rows[0].count == 1 ? "" : "s");
	return DESK_OK;
}
