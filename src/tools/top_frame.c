/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/top_keys.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { GAP = 2, WIDTH_MIN = 10, LINES_MIN = 64, LOW = 8 };

/* ---- Order ---- */

void top_table_filter(struct top_table *table, const char *text)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count && text[0] != '\0'; i++) {
		bool has = false;

		for (size_t k = 0; k < table->column_count && !has; k++) {
			has = strcasestr(table->rows[i].cells[k], text) != NULL;
		}
		if (has) {
			table->rows[kept++] = table->rows[i];
		}
	}
	table->count = text[0] != '\0' ? kept : table->count;
}

struct order {
	int column, sign;
};

static int compare(const void *a, const void *b, void *owner)
{
	const struct order *order = owner;
	const struct top_row *one = a, *other = b;
	const double x = one->keys[order->column], y = other->keys[order->column];

	if (!isnan(x) && !isnan(y) && (x < y || x > y)) {
		return x < y ? -order->sign : order->sign;
	}
	const int by_text = isnan(x) || isnan(y) ? strcmp(one->cells[order->column], other->cells[order->column]) : 0;

	/* What is equal keeps one order from frame to frame. */
	return by_text != 0 ? by_text * order->sign : strcmp(one->cells[0], other->cells[0]);
}

void top_table_sort(struct top_table *table, int column, bool reverse)
{
	if (column >= 0 && (size_t)column < table->column_count && table->count > 1) {
		struct order order = { column, table->columns[column].down != reverse ? -1 : 1 };

		qsort_r(table->rows, table->count, sizeof(*table->rows), compare, &order);
	}
}

/* ---- Lines ---- */

static struct top_line *line_new(struct top_screen *screen, enum top_style style)
{
	if (screen->count == screen->room) {
		const size_t room = screen->room == 0 ? LINES_MIN : 2 * screen->room;
		struct top_line *lines = realloc(screen->lines, room * sizeof(*lines));

		if (lines == NULL) {
			return NULL;
		}
		screen->lines = lines;
		screen->room = room;
	}
	struct top_line *line = &screen->lines[screen->count++];

	line->text[0] = '\0';
	line->style = style;
	return line;
}

static void line_add(struct top_screen *screen, unsigned width, enum top_style style, const char *format, ...)
	TG_PRINTF(4, 5);

static void line_add(struct top_screen *screen, unsigned width, enum top_style style, const char *format, ...)
{
	struct top_line *line = line_new(screen, style);
	va_list values;

	if (line != NULL) {
		va_start(values, format);
		vsnprintf(line->text, width < TOP_LINE_BYTES ? width + 1 : TOP_LINE_BYTES, format, values);
		va_end(values);
	}
}

void top_screen_free(struct top_screen *screen)
{
	free(screen->lines);
	*screen = (struct top_screen){ .lines = NULL };
}

/* ---- The table ---- */

static void widths_find(const struct top_table *table, unsigned widths[TOP_COLUMNS_MAX])
{
	for (size_t k = 0; k < table->column_count; k++) {
		size_t width = strlen(table->columns[k].title) + 1; /* and the mark of the order */

		for (size_t i = 0; i < table->count; i++) {
			const size_t len = strlen(table->rows[i].cells[k]);

			width = len > width ? len : width;
		}
		widths[k] = (unsigned)width;
	}
}

static unsigned widths_sum(const struct top_table *table, const unsigned widths[TOP_COLUMNS_MAX])
{
	unsigned sum = 0;

	for (size_t k = 0; k < table->column_count; k++) {
		sum += widths[k] > 0 ? widths[k] + (sum > 0 ? GAP : 0) : 0;
	}
	return sum;
}

/* Columns go, the least wanted first, until the rest fits; what must stay is cut at the end of the line. */
static void widths_fit(const struct top_table *table, unsigned widths[TOP_COLUMNS_MAX], unsigned width)
{
	while (widths_sum(table, widths) > width) {
		size_t worst = 0;

		for (size_t k = 1; k < table->column_count; k++) {
			if (widths[k] > 0 &&
			    (widths[worst] == 0 || table->columns[k].keep > table->columns[worst].keep)) {
				worst = k;
			}
		}
		if (table->columns[worst].keep == 0) {
			return;
		}
		widths[worst] = 0;
	}
}

/* Puts a cell behind what the line has; the last one is not filled up. */
static void cell_put(char *line, size_t size_bytes, const char *text, unsigned width, bool right)
{
	const size_t len = strlen(line);

	if (len + 1 < size_bytes) {
		snprintf(line + len, size_bytes - len, right ? "%s%*s" : "%s%-*s", len > 0 ? "  " : "", (int)width,
		         text);
	}
}

static void trim(char *line)
{
	for (size_t len = strlen(line); len > 0 && line[len - 1] == ' ';) {
		line[--len] = '\0';
	}
}

static void heads_put(struct top_screen *screen, const struct top_look *look, const struct top_table *table,
                      const unsigned widths[TOP_COLUMNS_MAX])
{
	const int sort = look->sort >= 0 ? look->sort : table->sort;
	struct top_line *line = line_new(screen, TOP_HEAD);
	char title[TOP_CELL_BYTES];

	for (size_t k = 0; line != NULL && k < table->column_count; k++) {
		if (widths[k] > 0) {
			const bool down = table->columns[k].down != look->reverse;

			snprintf(title, sizeof(title), "%s%s", table->columns[k].title,
			         (int)k != sort ? ""
			         : down         ? "v"
			                        : "^");
			cell_put(line->text, tg_min_u64(look->width + 1, TOP_LINE_BYTES), title, widths[k],
			         table->columns[k].right);
		}
	}
	if (line != NULL) {
		trim(line->text);
	}
}

static void row_put(struct top_screen *screen, const struct top_look *look, const struct top_table *table,
                    const struct top_row *row, const unsigned widths[TOP_COLUMNS_MAX])
{
	struct top_line *line = line_new(screen, row->style);

	for (size_t k = 0; line != NULL && k < table->column_count; k++) {
		if (widths[k] > 0) {
			cell_put(line->text, tg_min_u64(look->width + 1, TOP_LINE_BYTES), row->cells[k], widths[k],
			         table->columns[k].right);
		}
	}
	if (line != NULL) {
		trim(line->text);
	}
}

/* So many rows as there is room for; what is above and below is told of. */
static void table_put(struct top_screen *screen, struct top_look *look, const struct top_table *table, unsigned room)
{
	unsigned widths[TOP_COLUMNS_MAX];
	const size_t most = look->height == 0 ? table->count : room;

	widths_find(table, widths);
	widths_fit(table, widths, look->width);
	look->skip = look->skip + most > table->count ? table->count - tg_min_u64(most, table->count) : look->skip;
	heads_put(screen, look, table, widths);
	if (table->count == 0) {
		line_add(screen, look->width, TOP_DIM, look->filter[0] != '\0' ? "nothing fits the filter" : "none");
	}
	for (size_t i = look->skip; i < table->count && i < look->skip + most; i++) {
		row_put(screen, look, table, &table->rows[i], widths);
	}
}

/* ---- Around it ---- */

static uint64_t packets_in(const struct top_snapshot *s)
{
	return top_counter(s, "door.received") + top_counter(s, "relay.received") + top_counter(s, "switch.received");
}

static uint64_t packets_out(const struct top_snapshot *s)
{
	return top_counter(s, "door.answered") + top_counter(s, "relay.forwarded") + top_counter(s, "relay.played") +
	       top_counter(s, "switch.frames_sent");
}

struct processes {
	uint64_t up_s, restarts;
};

static struct processes processes_of(const struct top_snapshot *now)
{
	struct processes found = { 0, 0 };
	const json_t *row = NULL;
	size_t i = 0;

	json_array_foreach(now->rows[TOP_ASK_PROCESSES], i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));

		found.restarts += (uint64_t)json_integer_value(json_object_get(row, "restarts"));
		if (name != NULL && strcmp(name, "parent") == 0) {
			found.up_s = (uint64_t)json_integer_value(json_object_get(row, "up_s"));
		}
	}
	return found;
}

static const char *clock_text(uint64_t wall_ms, char text[16])
{
	const time_t s = (time_t)(wall_ms / 1000);
	struct tm tm;

	strftime(text, 16, "%H:%M:%S", localtime_r(&s, &tm));
	return text;
}

static const char *up_text(uint64_t s, char text[24])
{
	if (s >= 86400) {
		snprintf(text, 24, "%llud %lluh", (unsigned long long)(s / 86400), (unsigned long long)(s / 3600 % 24));
	} else {
		snprintf(text, 24, "%llu:%02llu:%02llu", (unsigned long long)(s / 3600),
		         (unsigned long long)(s / 60 % 60), (unsigned long long)(s % 60));
	}
	return text;
}

/* So few lines that the rows want those of the rates. */
static bool is_low(const struct top_look *look)
{
	return look->height > 0 && look->height < LOW;
}

static void head_put(struct top_screen *screen, const struct top_look *look, const struct top_snapshot *now,
                     const struct top_snapshot *before)
{
	const struct processes processes = processes_of(now);
	const uint64_t elapsed_us = before != NULL ? now->at_us - before->at_us : 0;
	char clock[16], up[24], restarts[40] = "";

	if (processes.restarts > 0) {
		snprintf(restarts, sizeof(restarts), ", restarts %llu", (unsigned long long)processes.restarts);
	}
	line_add(screen, look->width, TOP_TITLE, "tollgate top %s, up %s, calls %llu (peak %llu)%s%s",
	         clock_text(now->wall_ms, clock), up_text(processes.up_s, up),
	         (unsigned long long)top_counter(now, "switch.calls"),
	         (unsigned long long)top_counter(now, "switch.calls_peak"), restarts, look->paused ? ", PAUSED" : "");
	if (look->trouble[0] != '\0') {
		line_add(screen, look->width, TOP_BAD, "%s", look->trouble);
		return;
	}
	if (is_low(look)) {
		return;
	}
	line_add(screen, look->width, TOP_PLAIN, "a second: packets in %.0f, out %.0f; calls opened %.1f, refused %.1f",
	         before != NULL ? top_per_s(packets_in(before), packets_in(now), elapsed_us) : 0,
	         before != NULL ? top_per_s(packets_out(before), packets_out(now), elapsed_us) : 0,
	         before != NULL ? top_per_s(top_counter(before, "switch.calls_offered"),
	                                    top_counter(now, "switch.calls_offered"), elapsed_us)
	                        : 0,
	         before != NULL ? top_per_s(top_counter(before, "switch.calls_refused"),
	                                    top_counter(now, "switch.calls_refused"), elapsed_us)
	                        : 0);
}

static void tabs_put(struct top_screen *screen, const struct top_look *look, const struct top_table *table)
{
	static const char *const titles[] = {
#define X(view, name, title) title,
		TOP_VIEW_LIST(X)
#undef X
	};
	struct top_line *line = line_new(screen, TOP_PLAIN);
	const size_t size = tg_min_u64(look->width + 1, TOP_LINE_BYTES);
	size_t len = 0;

	for (size_t i = 0; line != NULL && i < TOP_VIEWS && len + 1 < size; i++) {
		len += (size_t)snprintf(line->text + len, size - len, i == look->view ? "[%zu %s] " : " %zu %s  ",
		                        i + 1, titles[i]);
	}
	if (line != NULL && len + 1 < size) {
		snprintf(line->text + len, size - len, " %zu row%s%s%s%s", table->count, table->count == 1 ? "" : "s",
		         table->cut ? ", and more" : "", look->filter[0] != '\0' ? ", with: " : "", look->filter);
	}
	if (line != NULL) {
		trim(line->text);
	}
}

static void help_put(struct top_screen *screen, const struct top_look *look)
{
	static const char *const words[] = {
		"",
		"LOSS %, JITTER, RTT: of the caller / of who was called, as they arrive here; ms.",
		"TRIES: different wrong secrets. HELD: requests held back.",
	};

	for (const struct top_keys *row = top_keys_table; row->act != NULL; row++) {
		if (row->names != NULL) {
			line_add(screen, look->width, TOP_PLAIN, "%-27s  %s", row->names, row->help);
		}
	}
	for (size_t i = 0; i < TG_COUNT(words); i++) {
		line_add(screen, look->width, TOP_PLAIN, "%s", words[i]);
	}
}

static void frame_put(struct top_screen *screen, struct top_look *look, const struct top_snapshot *now,
                      const struct top_snapshot *before)
{
	struct top_table table;

	head_put(screen, look, now, before);
	top_table_make(&table, look->view, now, before);
	top_table_filter(&table, look->filter);
	top_table_sort(&table, look->sort >= 0 ? look->sort : table.sort, look->reverse);
	tabs_put(screen, look, &table);
	if (look->help) {
		help_put(screen, look);
	} else {
		const size_t around = screen->count + 2; /* the lines above, the heads, the keys */

		table_put(screen, look, &table, look->height > around ? (unsigned)(look->height - around) : 1);
	}
	top_table_free(&table);
}

static void foot_put(struct top_screen *screen, const struct top_look *look)
{
	char text[TOP_LINE_BYTES] = "";
	size_t len = 0;

	for (const struct top_keys *row = top_keys_table; row->act != NULL; row++) {
		if (row->foot != NULL && len < sizeof(text)) {
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? "  " : "", row->foot);
		}
	}
	line_add(screen, look->width, TOP_DIM, "%s", text);
}

static void keys_put(struct top_screen *screen, const struct top_look *look)
{
	while (screen->count + 1 < look->height) {
		line_add(screen, look->width, TOP_PLAIN, "%s", "");
	}
	screen->count = look->height > 0 ? look->height - 1 : 0;
	if (look->typing != NULL) {
		line_add(screen, look->width, TOP_TITLE, "/%s_", look->typing);
	} else {
		foot_put(screen, look);
	}
}

void top_frame(struct top_screen *screen, struct top_look *look, const struct top_snapshot *now,
               const struct top_snapshot *before)
{
	screen->count = 0;
	look->width = look->width < WIDTH_MIN ? WIDTH_MIN : look->width;
	if (now == NULL) {
		line_add(screen, look->width, TOP_TITLE, "tollgate top");
		line_add(screen, look->width, TOP_BAD, "%s", look->trouble[0] != '\0' ? look->trouble : "asking");
	} else {
		frame_put(screen, look, now, before);
	}
	if (look->height > 0) {
		keys_put(screen, look);
	}
}
