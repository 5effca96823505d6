/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 40 };

static const char *const roles[] = { "account", "guests", "trunk" };

static const struct desk_column usage_columns[] = {
	{ "Who", 20, false, false },     { "Kind", 7, false, false },     { "Class", 16, false, false },
	{ "Now", 5, false, true },       { "Hour", 5, false, true },      { "Today", 6, false, true },
	{ "Min today", 9, false, true }, { "Min month", 9, false, true }, { 0 },
};

static const struct desk_column limit_columns[] = {
	{ "Who", 20, false, false },
	{ "Kind", 7, false, false },
	{ "Used", 9, false, true },
	{ "Of", 9, false, true },
	{ "Anew (UTC)", 19, false, false },
	{ "Limit", 40, false, false },
	{ 0 },
};

/* "12:05": minutes and seconds. */
static const char *minutes_text(uint32_t seconds, char text[CELL_BYTES])
{
	snprintf(text, CELL_BYTES, "%u:%02u", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
	return text;
}

static const char *count_text(uint32_t count, char text[CELL_BYTES])
{
	snprintf(text, CELL_BYTES, "%u", (unsigned)count);
	return text;
}

static bool is_wanted(const struct desk_view *view, const struct model_usage_row *row)
{
	return view->argc == 0 || strcmp(view->argv[0], row->name) == 0;
}

static void usage_line(const struct model_usage_row *row, struct desk_out *out)
{
	char now[CELL_BYTES], hour[CELL_BYTES], today[CELL_BYTES], day[CELL_BYTES], month[CELL_BYTES];

	desk_table_row(out, usage_columns,
	               (const char *const[]){ row->name[0] != '\0' ? row->name : "(guests)", roles[row->role],
	                                      world_class_name((enum world_class)row->class),
	                                      count_text(row->calls, now), count_text(row->hour_calls, hour),
	                                      count_text(row->day_calls, today), minutes_text(row->day_s, day),
	                                      minutes_text(row->month_s, month) });
}

static void limit_line(const struct model_usage_row *row, struct desk_out *out)
{
	char used[CELL_BYTES], most[CELL_BYTES], anew[DESK_TIME_BYTES];
	const char *(*text)(uint32_t, char *) = row->seconds != 0 ? minutes_text : count_text;

	desk_table_row(out, limit_columns,
	               (const char *const[]){ row->name[0] != '\0' ? row->name : "(guests)", roles[row->role],
	                                      text(row->used, used), text(row->most, most),
	                                      row->anew_ms != 0 ? desk_time_text(row->anew_ms, anew) : "-",
	                                      row->text });
}

static uint32_t lines(const struct desk_view *view, struct desk_out *out, bool limits)
{
	const struct ipc_usage_row *rows = view->rows[0].rows;
	uint32_t count = 0;

	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		const struct model_usage_row *row = &rows[i].usage;

		if ((row->is_limit != 0) == limits && is_wanted(view, row)) {
			(limits ? limit_line : usage_line)(row, out);
			count++;
		}
	}
	return count;
}

int desk_show_usage(const struct desk_view *view, struct desk_out *out)
{
	desk_table_head(out, usage_columns);
	const uint32_t used = lines(view, out, false);

	desk_line(out, "%s", "");
	desk_table_head(out, limit_columns);
	const uint32_t limits = lines(view, out, true);

	desk_line(out, "%u line%s of what is used, %u limit%s%s", used, used == 1 ? "" : "s", limits,
	          limits == 1 ? "" : "s", view->rows[0].cut ? "; there are more" : "");
	return DESK_OK;
}
