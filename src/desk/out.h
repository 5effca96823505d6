/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_OUT_H
#define TG_DESK_OUT_H

#include "base/tg.h"

/**
 * Text on its way to an operator, whole lines. Names in it may come from strangers, so nothing that is no plain
 * character gets in: a control character becomes '?', and of a line that is no valid UTF-8 every octet above 126.
 */
struct desk_out {
	char *text;
	size_t len, room;
	bool cut; /* DESK_OUT_MAX was reached, or memory is short: the rest is missing */
};

enum { DESK_OUT_MAX = 64 << 20, DESK_LINE_MAX = 2048 };

/** An empty text; zeros are one, too. */
void desk_out_init(struct desk_out *out);
void desk_out_deinit(struct desk_out *out);

/** One line; the newline is added. */
void desk_line(struct desk_out *out, const char *format, ...) TG_PRINTF(2, 3);

/** A text of several lines, each ended by a newline or by the end: as many calls of desk_line(). */
void desk_lines(struct desk_out *out, const char *text);

/** Octets as they are, for what is not text for people. */
void desk_out_raw(struct desk_out *out, const char *text, size_t len);

/** NUL-terminated, lent; never NULL. */
const char *desk_out_text(const struct desk_out *out);

/** One column of a table. */
struct desk_column {
	const char *heading;
	int width;  /* at least; the last column is not filled */
	bool cut;   /* no wider either */
	bool right; /* numbers */
};

enum { DESK_COLUMNS_MAX = 16 };

/** The headings; columns end with one whose heading is NULL. */
void desk_table_head(struct desk_out *out, const struct desk_column *columns);

/** One row: a cell for each column, no NULL among them. */
void desk_table_row(struct desk_out *out, const struct desk_column *columns, const char *const *cells);

#endif
