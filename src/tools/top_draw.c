/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/top_draw.h"

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ESCAPE_MS = 50, KEY_ESC = 27, KEY_DEL = 127 };

struct top_terminal {
	SCREEN *screen;
	bool colour;
};

/* Pairs begin with 1; 0 is the terminal's own. */
enum { PAIR_GOOD = 1, PAIR_WARN, PAIR_BAD, PAIR_TITLE };

static void colours_init(void)
{
	start_color();
	use_default_colors();
	init_pair(PAIR_GOOD, COLOR_GREEN, -1);
	init_pair(PAIR_WARN, COLOR_YELLOW, -1);
	init_pair(PAIR_BAD, COLOR_RED, -1);
	init_pair(PAIR_TITLE, COLOR_CYAN, -1);
}

struct top_terminal *top_terminal_new(bool colour)
{
	struct top_terminal *terminal = calloc(1, sizeof(*terminal));

	if (terminal == NULL) {
		return NULL;
	}
	terminal->screen = newterm(NULL, stdout, stdin);
	if (terminal->screen == NULL) {
		free(terminal);
		return NULL;
	}
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, true);
	nodelay(stdscr, true);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	terminal->colour = colour && has_colors();
	if (terminal->colour) {
		colours_init();
	}
	return terminal;
}

void top_terminal_free(struct top_terminal *terminal)
{
	if (terminal != NULL) {
		endwin();
		delscreen(terminal->screen);
		free(terminal);
	}
}

void top_terminal_size(const struct top_terminal *terminal, unsigned *width, unsigned *height)
{
	const int lines = getmaxy(stdscr), columns = getmaxx(stdscr);

	(void)terminal;
	*width = columns > 0 ? (unsigned)columns : 80;
	*height = lines > 0 ? (unsigned)lines : 24;
}

/* Without colour what matters is bold. */
static attr_t attributes_of(const struct top_terminal *terminal, enum top_style style)
{
	static const struct {
		attr_t plain, coloured;
		int pair;
	} rows[] = {
		[TOP_PLAIN] = { A_NORMAL, A_NORMAL, 0 },        [TOP_TITLE] = { A_BOLD, A_BOLD, PAIR_TITLE },
		[TOP_HEAD] = { A_REVERSE, A_REVERSE, 0 },       [TOP_DIM] = { A_NORMAL, A_DIM, 0 },
		[TOP_GOOD] = { A_NORMAL, A_NORMAL, PAIR_GOOD }, [TOP_WARN] = { A_NORMAL, A_NORMAL, PAIR_WARN },
		[TOP_BAD] = { A_BOLD, A_BOLD, PAIR_BAD },
	};

	return terminal->colour ? rows[style].coloured | (attr_t)COLOR_PAIR(rows[style].pair) : rows[style].plain;
}

void top_terminal_draw(struct top_terminal *terminal, const struct top_screen *screen)
{
	erase();
	for (size_t i = 0; i < screen->count && (int)i < getmaxy(stdscr); i++) {
		const attr_t attributes = attributes_of(terminal, screen->lines[i].style);

		attrset((int)attributes);
		mvaddnstr((int)i, 0, screen->lines[i].text, getmaxx(stdscr));
		if (screen->lines[i].style == TOP_HEAD) {
			for (int x = getcurx(stdscr); x > 0 && x < getmaxx(stdscr); x++) {
				mvaddch((int)i, x, ' ');
			}
		}
	}
	attrset(A_NORMAL);
	refresh();
}

static int key_of(int typed)
{
	static const struct {
		int typed, key;
	} rows[] = {
		{ KEY_RESIZE, TOP_KEY_RESIZED },
		{ KEY_UP, TOP_KEY_UP },
		{ KEY_DOWN, TOP_KEY_DOWN },
		{ KEY_PPAGE, TOP_KEY_PAGE_UP },
		{ KEY_NPAGE, TOP_KEY_PAGE_DOWN },
		{ KEY_HOME, TOP_KEY_HOME },
		{ KEY_END, TOP_KEY_END },
		{ KEY_BACKSPACE, TOP_KEY_BACKSPACE },
		{ KEY_DEL, TOP_KEY_BACKSPACE },
		{ '\b', TOP_KEY_BACKSPACE },
		{ KEY_ESC, TOP_KEY_ESCAPE },
		{ KEY_ENTER, '\n' },
		{ '\r', '\n' },
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		if (rows[i].typed == typed) {
			return rows[i].key;
		}
	}
	return typed == '\n' || typed == '\t' || (typed >= ' ' && typed < KEY_DEL) ? typed : TOP_KEY_NONE;
}

int top_terminal_key(struct top_terminal *terminal, int wake_fd, int wait_ms)
{
	struct pollfd waits[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = wake_fd, .events = POLLIN } };
	int typed = getch();

	(void)terminal;
	if (typed == ERR && poll(waits, TG_COUNT(waits), wait_ms) > 0 &&
	    (waits[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
		return TOP_KEY_GONE;
	}
	typed = typed == ERR ? getch() : typed; /* a change of the size ends the wait, too */
	return typed == ERR ? TOP_KEY_NONE : key_of(typed);
}
