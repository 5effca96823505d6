/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_TOP_H
#define TG_TOOLS_TOP_H

#include "base/tg.h"

#include <jansson.h>

/**
 * `tollgate top`: what the daemon answers (rows in JSON) in, lines of a screen out. Here nobody asks and nothing is drawn: the same
 * answers give the same lines.
 */

/** What is shown; the second word names it on the command line, the third is its heading. */
#define TOP_VIEW_LIST(X)                     \
	X(TOP_CALLS, "calls", "Calls")       \
	X(TOP_SOURCES, "sources", "Sources") \
	X(TOP_BANS, "bans", "Bans")          \
	X(TOP_RATES, "rates", "Rates")       \
	X(TOP_LIMITS, "limits", "Limits")

#define X(view, name, title) view,
enum top_view { TOP_VIEW_LIST(X) TOP_VIEWS };
#undef X

const char *top_view_name(enum top_view view);

/** Questions to the daemon, as `json QUESTION` knows them. */
#define TOP_QUESTION_LIST(X)              \
	X(TOP_ASK_COUNTERS, "counters")   \
	X(TOP_ASK_PROCESSES, "processes") \
	X(TOP_ASK_CHANNELS, "channels")   \
	X(TOP_ASK_SOURCES, "sources")     \
	X(TOP_ASK_BANS, "bans")           \
	X(TOP_ASK_BUDGETS, "budgets")     \
	X(TOP_ASK_NUMBERS, "numbers")

#define X(question, name) question,
enum top_question { TOP_QUESTION_LIST(X) TOP_QUESTIONS };
#undef X

const char *top_question_name(enum top_question question);

/** Whether a view needs an answer; TOP_VIEWS needs them all. */
bool top_needs(enum top_view view, enum top_question question);

/** What the daemon said at one time. Owned by who filled it; top_snapshot_clear() it. */
struct top_snapshot {
	json_t *rows[TOP_QUESTIONS]; /* arrays; NULL: not asked, or no answer */
	bool cut;                    /* some rows were left out by the daemon */
	uint64_t at_us;              /* monotonic */
	uint64_t wall_ms;            /* since 1970 */
};

void top_snapshot_clear(struct top_snapshot *snapshot);

/** Take one answer in. @return false if it is none */
TG_MUST_USE bool top_snapshot_take(struct top_snapshot *snapshot, enum top_question question, const char *json);

/** A counter by its name, 0 if there is none. */
uint64_t top_counter(const struct top_snapshot *snapshot, const char *name);

/** What a counter did a second between two snapshots; 0 if it went back, as after a restart, or there is only one. */
double top_per_s(uint64_t before, uint64_t now, uint64_t elapsed_us);

/* ---- Tables ---- */

enum { TOP_COLUMNS_MAX = 12, TOP_CELL_BYTES = 64, TOP_ROWS_MAX = 2000, TOP_LINE_BYTES = 321 };

enum top_style { TOP_PLAIN, TOP_TITLE, TOP_HEAD, TOP_DIM, TOP_GOOD, TOP_WARN, TOP_BAD };

struct top_column {
	const char *title;
	bool right;    /* numbers stand to the right */
	unsigned keep; /* where there is no room, the columns with the largest go first; 0 stays */
	bool down;     /* sorted by it, the largest comes first */
};

struct top_row {
	char cells[TOP_COLUMNS_MAX][TOP_CELL_BYTES]; /* ASCII */
	double keys[TOP_COLUMNS_MAX];                /* what it is sorted by; NAN: by its text */
	enum top_style style;
};

struct top_table {
	const struct top_column *columns;
	size_t column_count;
	int sort; /* how it is sorted if nobody says; -1: as it comes */
	struct top_row *rows;
	size_t count, room;
	bool cut; /* there were more than TOP_ROWS_MAX, or the daemon left some out */
};

/** The rows of a view. before may be NULL. top_table_free() it. */
void top_table_make(struct top_table *table, enum top_view view, const struct top_snapshot *now,
                    const struct top_snapshot *before);
void top_table_free(struct top_table *table);

/** Keep the rows with this text in a cell, whatever its case; "" keeps all. */
void top_table_filter(struct top_table *table, const char *text);

/** @param column  one of its columns; -1 leaves the order */
void top_table_sort(struct top_table *table, int column, bool reverse);

/** Whatever it is as printable ASCII, cut to fit: other characters become '?'. */
void top_mask(char *out, size_t size_bytes, const char *text);

/* ---- Lines ---- */

struct top_line {
	char text[TOP_LINE_BYTES];
	enum top_style style;
};

struct top_screen {
	struct top_line *lines;
	size_t count, room;
};

void top_screen_free(struct top_screen *screen);

/** What is to be seen, and how. */
struct top_look {
	enum top_view view;
	int sort; /* column; -1: that of the view */
	bool reverse, paused, help, quits;
	char filter[32], typed[32];
	const char *typing;     /* the filter that is being typed, which is typed; NULL: none is */
	size_t skip;            /* rows scrolled away; corrected to what there is */
	unsigned width, height; /* height 0: as long as it gets, without the line of keys */
	char trouble[160];      /* "" while the daemon answers */
};

/** The lines of one frame, none longer than look->width. @param now  NULL before the first answer */
void top_frame(struct top_screen *screen, struct top_look *look, const struct top_snapshot *now,
               const struct top_snapshot *before);

#endif
