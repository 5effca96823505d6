/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include "model/event.h"

#include <stdio.h>

enum { CELL_BYTES = 40, RULE_CELL_BYTES = MODEL_RULE_BYTES + 40 };

static const struct desk_column record_columns[] = {
	{ "Start (UTC)", 19, false, false },
	{ "From", 20, true, false },
	{ "Number", 12, true, false },
	{ "To", 12, true, false },
	{ "Answered by", 15, true, false },
	{ "Disposition", 11, false, false },
	{ "Cause", 5, false, true },
	{ "Total", 8, false, true },
	{ "Talk", 8, false, true },
	{ "Codec", 6, true, false },
	{ "Lost", 11, false, true },
	{ "RTT ms", 9, false, true },
	{ "Class", 16, true, false },
	{ "Allowed or refused by", 60, true, false },
	{ 0 },
};

/* Seconds with one decimal; 0 if the end is not behind the beginning, as when a clock was set back. */
static void span_text(uint64_t from_ms, uint64_t to_ms, char text[CELL_BYTES])
{
	const uint64_t ms = from_ms != 0 && to_ms > from_ms ? to_ms - from_ms : 0;

	snprintf(text, CELL_BYTES, "%llu.%llu", (unsigned long long)(ms / 1000), (unsigned long long)(ms / 100 % 10));
}

/* What cost nothing has none. */
static const char *class_text(const struct model_paid *paid)
{
	return paid->chargeable != 0 ? world_class_name((enum world_class)paid->class) : "-";
}

static void rule_text(const struct model_paid *paid, char text[RULE_CELL_BYTES])
{
	snprintf(text, RULE_CELL_BYTES, "%s%s%s",
	         paid->why != MODEL_WHY_OK ? model_reason_code((enum model_reason)paid->why) : "",
	         paid->why != MODEL_WHY_OK ? ": " : "", paid->rule[0] != '\0' ? paid->rule : "-");
}

static void record_line(const struct model_call_record *r, const struct model_paid *paid, struct desk_out *out)
{
	const char *disposition = r->disposition < MODEL_DISPOSITIONS
	                                  ? model_disposition_name((enum model_disposition)r->disposition)
	                                  : "?";
	char start[DESK_TIME_BYTES], total[CELL_BYTES], talk[CELL_BYTES], cause[CELL_BYTES], lost[CELL_BYTES],
		rtt[CELL_BYTES], rule[RULE_CELL_BYTES];

	desk_time_text(r->started_ms, start);
	span_text(r->started_ms, r->ended_ms, total);
	span_text(r->answered_ms, r->ended_ms, talk);
	snprintf(cause, sizeof(cause), "%u", r->cause);
	snprintf(lost, sizeof(lost), "%u/%u", r->from_caller.lost, r->from_callee.lost);
	snprintf(rtt, sizeof(rtt), "%u/%u", r->caller_rtt_ms, r->callee_rtt_ms);
	rule_text(paid, rule);
	desk_table_row(out, record_columns,
	               (const char *const[]){ start, r->caller[0] != '\0' ? r->caller : "(guest)", r->caller_number,
	                                      r->dialled, r->callee, disposition, cause, total, talk,
	                                      desk_codec_name(r->format), lost, rtt, class_text(paid), rule });
}

int desk_show_records(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_record_row *rows = view->rows[0].rows;

	desk_table_head(out, record_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		record_line(&rows[i].record, &rows[i].paid, out);
	}
	desk_line(out, "%u call record%s", view->rows[0].count, view->rows[0].count == 1 ? "" : "s");
	return DESK_OK;
}
