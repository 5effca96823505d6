/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/out.h"

#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4096 };

void desk_out_init(struct desk_out *out)
{
	*out = (struct desk_out){ 0 };
}

void desk_out_deinit(struct desk_out *out)
{
	free(out->text);
	*out = (struct desk_out){ 0 };
}

static bool out_grow(struct desk_out *out, size_t more)
{
	size_t room = out->room > 0 ? out->room : FIRST_ROOM;
	char *text = NULL;

	if (out->cut || out->len + more + 1 > DESK_OUT_MAX) {
		out->cut = true;
		return false;
	}
	if (out->len + more + 1 <= out->room) {
		return true;
	}
	while (room < out->len + more + 1) {
		room *= 2;
	}
	text = realloc(out->text, room);
	if (text == NULL) {
		out->cut = true;
		return false;
	}
	out->text = text;
	out->room = room;
	return true;
}

void desk_out_raw(struct desk_out *out, const char *text, size_t len)
{
	if (!out_grow(out, len)) {
		return;
	}
	memcpy(out->text + out->len, text, len);
	out->len += len;
	out->text[out->len] = '\0';
}

/* A line cut in the middle of a character is none that is valid: the octets of that character go. */
static size_t whole_len(const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] & 0xc0) == 0x80) {
		len--;
	}
	return len > 0 && (line[len - 1] & 0x80) != 0 ? len - 1 : len;
}

static void make_plain(char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f) {
			line[i] = '?';
		}
	}
	if (tg_utf8_is_plain((struct tg_span){ (const uint8_t *)line, len })) {
		return;
	}
	for (size_t i = 0; i < len; i++) {
		line[i] = (unsigned char)line[i] > '~' ? '?' : line[i];
	}
}

void desk_line(struct desk_out *out, const char *format, ...)
{
	char line[DESK_LINE_MAX];
	va_list values;
	int wanted = 0;
	size_t len = 0;

	va_start(values, format);
	wanted = vsnprintf(line, sizeof(line), format, values);
	va_end(values);
	len = strlen(line);
	if (wanted >= (int)sizeof(line)) {
		len = whole_len(line, len);
	}
	make_plain(line, len);
	desk_out_raw(out, line, len);
	desk_out_raw(out, "\n", 1);
}

void desk_lines(struct desk_out *out, const char *text)
{
	while (*text != '\0') {
		const size_t len = strcspn(text, "\n");

		desk_line(out, "%.*s", (int)len, text);
		text += len + (text[len] == '\n' ? 1 : 0);
	}
}

const char *desk_out_text(const struct desk_out *out)
{
	return out->text != NULL ? out->text : "";
}

void desk_table_head(struct desk_out *out, const struct desk_column *columns)
{
	const char *cells[DESK_COLUMNS_MAX];
	size_t count = 0;

	for (; columns[count].heading != NULL; count++) {
		assert(count < DESK_COLUMNS_MAX);
		cells[count] = columns[count].heading;
	}
	desk_table_row(out, columns, cells);
}

/* Octets of the first `chars` characters. */
static int octets_of(const char *cell, int chars)
{
	int octets = 0;

	for (int seen = 0; cell[octets] != '\0'; octets++) {
		seen += (cell[octets] & 0xc0) != 0x80 ? 1 : 0;
		if (seen > chars) {
			break;
		}
	}
	return octets;
}

/* Characters, not octets, fill a column: this many octets of the cell add no width. */
static int hidden_octets(const char *cell, int octets)
{
	int count = 0;

	for (int i = 0; i < octets; i++) {
		count += (cell[i] & 0xc0) == 0x80 ? 1 : 0;
	}
	return count;
}

static int cell_put(char *to, size_t room, const struct desk_column *column, const char *cell, bool last)
{
	const int octets = octets_of(cell, column->cut ? column->width : DESK_LINE_MAX);
	const int width = column->width + hidden_octets(cell, octets);

	if (column->right) {
		return snprintf(to, room, "%*.*s%s", width, octets, cell, last ? "" : " ");
	}
	return last ? snprintf(to, room, "%.*s", octets, cell) : snprintf(to, room, "%-*.*s ", width, octets, cell);
}

void desk_table_row(struct desk_out *out, const struct desk_column *columns, const char *const *cells)
{
	char line[DESK_LINE_MAX];
	size_t len = 0;

	for (size_t i = 0; columns[i].heading != NULL && len < sizeof(line); i++) {
		len += (size_t)cell_put(line + len, sizeof(line) - len, &columns[i], cells[i],
		                        columns[i + 1].heading == NULL);
	}
	desk_line(out, "%s", line);
}
