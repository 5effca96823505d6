/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/top.h"

#include "sys/clock.h"
#include "sys/loop.h"
#include "tools/options.h"
#include "tools/tool.h"
#include "tools/top_draw.h"
#include "tools/top_fetch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH_PLAIN = 80, WAIT_MAX_MS = 1000 };

struct top_options {
	const char *view, *sort, *filter;
	uint64_t interval_ms, width;
	bool once, batch, help;
};

#define AT(field) offsetof(struct top_options, field)

static const struct tool_option option_table[] = {
	{ "--once", NULL, "print one frame, all views or that of --view, and end", TOOL_OPTION_FLAG, AT(once), 0, 0,
	  0 },
	{ "--batch", NULL, "print frame after frame, as --once does, until a signal comes", TOOL_OPTION_FLAG, AT(batch),
	  0, 0, 0 },
	{ "--view", "NAME", "begin with calls, sources, bans, rates or limits", TOOL_OPTION_TEXT, AT(view), 0, 0, 0 },
	{ "--sort", "COLUMN", "by the column with this heading; -COLUMN the other way round", TOOL_OPTION_TEXT,
	  AT(sort), 0, 0, 0 },
	{ "--filter", "TEXT", "only rows with this text", TOOL_OPTION_TEXT, AT(filter), 0, 0, 0 },
	{ "--interval", "SECONDS", "between two looks (1)", TOOL_OPTION_SECONDS, AT(interval_ms), 200, 3600 * 1000, 0 },
	{ "--width", "N", "columns of --once and --batch (80)", TOOL_OPTION_COUNT, AT(width), 20, TOP_LINE_BYTES - 1,
	  0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

struct top {
	struct top_options options;
	struct top_look look;
	struct top_fetch fetch;
	struct top_screen screen;
	struct top_terminal *terminal;
	int signal_fd;
};

static enum tool_exit wrong_is(enum tool_exit exit, const char *wrong)
{
	fprintf(stderr, "tollgate top: %s\n", wrong);
	return exit;
}

static enum tool_exit help(void)
{
	puts("usage: tollgate [--state DIR] top [OPTION]...\n"
	     "\n"
	     "Calls, sources, bans, rates and limits of a running tollgated, live. It changes nothing.\n");
	tool_options_print(option_table);
	return TOOL_OK;
}

/* ---- Options ---- */

static bool view_find(const char *name, enum top_view *view)
{
	for (unsigned i = 0; i < TOP_VIEWS; i++) {
		if (strcmp(top_view_name(i), name) == 0) {
			*view = i;
			return true;
		}
	}
	return false;
}

/* The column of a view with this heading. */
static bool sort_find(struct top_look *look, const char *name)
{
	const struct top_snapshot nothing = { .at_us = 0 };
	struct top_table table;
	bool found = false;

	look->reverse = name[0] == '-';
	top_table_make(&table, look->view, &nothing, NULL);
	for (size_t i = 0; i < table.column_count && !found; i++) {
		found = strcasecmp(table.columns[i].title, name + (look->reverse ? 1 : 0)) == 0;
		look->sort = found ? (int)i : look->sort;
	}
	top_table_free(&table);
	return found;
}

static enum tool_exit options_read(struct top *top, int argc, char **argv)
{
	struct top_options *options = &top->options;
	char wrong[TOOL_WRONG_BYTES];
	const int count = tool_options_parse(option_table, options, argc, argv, wrong);

	if (count != 0) {
		return wrong_is(TOOL_USAGE, count < 0 ? wrong : "it takes options only");
	}
	if (options->view != NULL && !view_find(options->view, &top->look.view)) {
		return wrong_is(TOOL_USAGE, "--view: expected calls, sources, bans, rates or limits");
	}
	if (options->sort != NULL && !sort_find(&top->look, options->sort)) {
		return wrong_is(TOOL_USAGE, "--sort: the view has no such column (--view says which view)");
	}
	if (options->filter != NULL) {
		top_mask(top->look.filter, sizeof(top->look.filter), options->filter);
	}
	return TOOL_OK;
}

/* ---- Plain frames ---- */

static void print_view(struct top *top, enum top_view view, bool heads)
{
	const struct top_snapshot *now = top_fetch_now(&top->fetch);
	struct top_look look = top->look;

	look.view = view;
	look.sort = view == top->look.view ? top->look.sort : -1;
	look.reverse = view == top->look.view && top->look.reverse;
	top_frame(&top->screen, &look, now, top_fetch_before(&top->fetch));
	for (size_t i = heads ? 0 : 2; i < top->screen.count; i++) {
		puts(top->screen.lines[i].text);
	}
}

/* Sleeps, unless a signal came: then false. */
static bool sleeps(struct top *top, uint64_t ms)
{
	const uint64_t end_us = sys_clock_us() + ms * TG_US_PER_MS;
	const struct timespec pause = { .tv_nsec = 20 * 1000000L };

	while (sys_clock_us() < end_us) {
		if (sys_signals_take(top->signal_fd) != 0) {
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return true;
}

static bool look_once(struct top *top)
{
	if (top_fetch_ask(&top->fetch, top->options.view != NULL ? top->look.view : TOP_VIEWS)) {
		return true;
	}
	wrong_is(TOOL_FAILED, top->fetch.why);
	return false;
}

static enum tool_exit print_frame(struct top *top)
{
	const bool one = top->options.view != NULL;
	const unsigned first = one ? top->look.view : 0, last = one ? top->look.view : TOP_VIEWS - 1;

	if (!look_once(top)) {
		return TOOL_FAILED;
	}
	for (unsigned view = first; view <= last; view++) {
		if (view != first) {
			puts("");
		}
		print_view(top, view, view == first);
	}
	fflush(stdout);
	return TOOL_OK;
}

/* Rates are what came between two looks. */
static enum tool_exit run_plain(struct top *top)
{
	enum tool_exit exit = TOOL_OK;

	top->look.width = (unsigned)top->options.width;
	if (!look_once(top)) {
		return TOOL_FAILED;
	}
	while (exit == TOOL_OK && sleeps(top, top->options.interval_ms)) {
		exit = print_frame(top);
		if (!top->options.batch) {
			break;
		}
		puts("");
	}
	return exit;
}

/* ---- The terminal ---- */

static void draw(struct top *top)
{
	top_terminal_size(top->terminal, &top->look.width, &top->look.height);
	top_fetch_trouble(&top->fetch, top->look.trouble, sizeof(top->look.trouble));
	top_frame(&top->screen, &top->look, top_fetch_now(&top->fetch), top_fetch_before(&top->fetch));
	top_terminal_draw(top->terminal, &top->screen);
}

static enum tool_exit run_terminal(struct top *top)
{
	uint64_t next_us = 0;

	while (!top->look.quits && sys_signals_take(top->signal_fd) == 0) {
		const uint64_t now_us = sys_clock_us();

		if (now_us >= next_us && !top->look.paused) {
			(void)top_fetch_ask(&top->fetch, top->look.view);
			next_us = sys_clock_us() + top->options.interval_ms * TG_US_PER_MS;
		}
		draw(top);
		const uint64_t wait_ms = next_us > now_us ? (next_us - now_us) / TG_US_PER_MS + 1 : 1;
		const int key = top_terminal_key(top->terminal, top->signal_fd,
		                                 top->look.paused ? WAIT_MAX_MS
		                                                  : (int)tg_min_u64(wait_ms, WAIT_MAX_MS));

		/* Another view wants other rows. What it has of them is nothing. */
		next_us = key != TOP_KEY_NONE && key != TOP_KEY_RESIZED && top_obey(&top->look, key) ? 0 : next_us;
	}
	return TOOL_OK;
}

static enum tool_exit run_screen(struct top *top)
{
	enum tool_exit exit = TOOL_OK;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		return wrong_is(TOOL_USAGE, "there is no terminal: --once, or --batch");
	}
	top->terminal = top_terminal_new(getenv("NO_COLOR") == NULL);
	if (top->terminal == NULL) {
		return wrong_is(TOOL_USAGE, "this terminal cannot do it (TERM): --once, or --batch");
	}
	exit = run_terminal(top);
	top_terminal_free(top->terminal);
	return exit;
}

static enum tool_exit run(struct top *top)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP };
	enum tool_exit exit = TOOL_OK;

	top->signal_fd = sys_signals_open(wanted, TG_COUNT(wanted));
	if (top->signal_fd < 0) {
		return wrong_is(TOOL_FAILED, "no memory");
	}
	exit = top->options.once || top->options.batch ? run_plain(top) : run_screen(top);
	close(top->signal_fd);
	return exit;
}

enum tool_exit tool_top_main(const struct tool_env *env, int argc, char **argv)
{
	struct top *top = calloc(1, sizeof(*top));
	enum tool_exit exit = TOOL_OK;

	if (top == NULL) {
		return wrong_is(TOOL_FAILED, "no memory");
	}
	top->options = (struct top_options){ .interval_ms = 1000, .width = WIDTH_PLAIN };
	top->look.sort = -1;
	top_fetch_init(&top->fetch, env->state_dir);
	exit = options_read(top, argc, argv);
	if (exit == TOOL_OK) {
		exit = top->options.help ? help() : run(top);
	}
	top_fetch_deinit(&top->fetch);
	top_screen_free(&top->screen);
	free(top);
	return exit;
}
