/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/top_keys.h"

#include <stdio.h>
#include <string.h>

static void quit(struct top_look *look, int key)
{
	(void)key;
	look->quits = true;
}

static void help(struct top_look *look, int key)
{
	(void)key;
	look->help = true;
}

static void view_set(struct top_look *look, unsigned view)
{
	look->view = view % TOP_VIEWS;
	look->sort = -1;
	look->reverse = false;
	look->skip = 0;
}

static void view_by_number(struct top_look *look, int key)
{
	view_set(look, (unsigned)(key - '1'));
}

static void view_next(struct top_look *look, int key)
{
	(void)key;
	view_set(look, look->view + 1u);
}

static void sort(struct top_look *look, int key)
{
	const struct top_snapshot nothing = { .at_us = 0 };
	struct top_table table;
	int column = 0, count = 0;

	top_table_make(&table, look->view, &nothing, NULL);
	count = (int)table.column_count;
	column = (look->sort >= 0 ? look->sort : table.sort) + (key == 's' ? 1 : -1);
	look->sort = column < 0 ? count - 1 : column % count;
	top_table_free(&table);
}

static void reverse(struct top_look *look, int key)
{
	(void)key;
	look->reverse = !look->reverse;
}

static void filter(struct top_look *look, int key)
{
	(void)key;
	snprintf(look->typed, sizeof(look->typed), "%s", look->filter);
	look->typing = look->typed;
}

static void filter_nothing(struct top_look *look, int key)
{
	(void)key;
	look->filter[0] = '\0';
}

static void hold(struct top_look *look, int key)
{
	(void)key;
	look->paused = !look->paused;
}

static void scroll(struct top_look *look, int key)
{
	const size_t page = look->height > 6 ? look->height - 6 : 1;
	const size_t step = key == TOP_KEY_PAGE_UP || key == TOP_KEY_PAGE_DOWN ? page : 1;

	if (key == TOP_KEY_HOME) {
		look->skip = 0;
	} else if (key == TOP_KEY_END) {
		look->skip = TOP_ROWS_MAX;
	} else if (key == TOP_KEY_UP || key == TOP_KEY_PAGE_UP) {
		look->skip -= tg_min_u64(step, look->skip);
	} else {
		look->skip += step;
	}
}

_Static_assert(TOP_VIEWS == 5, "each view has a key");

/* clang-format off */
const struct top_keys top_keys_table[] = {
	{ { 'q', TOP_KEY_GONE }, "q", "quit", "q quit", quit, false },
	{ { 'h', '?' }, "h ?", "this; any key leaves it", "h help", help, false },
	{ { '1', '2', '3', '4', '5' }, "1 2 3 4 5", "calls, sources, bans, rates, limits", "1-5 view", view_by_number, true },
	{ { '\t' }, "Tab", "the next of them", NULL, view_next, true },
	{ { 's', 'S' }, "s S", "sort by the next, the previous column", "s sort", sort, false },
	{ { 'r' }, "r", "the other way round", "r reverse", reverse, false },
	{ { '/' }, "/", "show rows with a text only; Enter, Esc", "/ filter", filter, false },
	{ { TOP_KEY_ESCAPE }, NULL, NULL, NULL, filter_nothing, false },
	{ { 'p', ' ' }, "p Space", "pause, go on", "p pause", hold, true },
	{ { TOP_KEY_UP, TOP_KEY_DOWN, TOP_KEY_PAGE_UP, TOP_KEY_PAGE_DOWN, TOP_KEY_HOME, TOP_KEY_END }, "Up Down PgUp PgDn Home End",
	  "scroll", NULL, scroll, false },
	{ .act = NULL },
};
/* clang-format on */

static bool has(const struct top_keys *row, int key)
{
	for (size_t i = 0; i < TOP_KEYS_MAX && row->keys[i] != TOP_KEY_NONE; i++) {
		if (row->keys[i] == key) {
			return true;
		}
	}
	return false;
}

static void type(struct top_look *look, int key)
{
	const size_t len = strlen(look->typed);

	if (key == '\n') {
		snprintf(look->filter, sizeof(look->filter), "%s", look->typed);
		look->typing = NULL;
	} else if (key == TOP_KEY_ESCAPE) {
		look->filter[0] = '\0';
		look->typing = NULL;
	} else if (key == TOP_KEY_BACKSPACE && len > 0) {
		look->typed[len - 1] = '\0';
	} else if (key >= ' ' && key < TOP_KEY_RESIZED && len + 1 < sizeof(look->typed)) {
		look->typed[len] = (char)key;
		look->typed[len + 1] = '\0';
	}
}

bool top_obey(struct top_look *look, int key)
{
	const struct top_keys *row = top_keys_table;

	if (key != TOP_KEY_GONE && look->typing != NULL) {
		type(look, key);
		return false;
	}
	if (key != TOP_KEY_GONE && look->help && key != 'q') {
		look->help = false;
		return false;
	}
	while (row->act != NULL && !has(row, key)) {
		row++;
	}
	if (row->act != NULL) {
		row->act(look, key);
	}
	return row->asks;
}
