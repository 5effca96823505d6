/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/destination.h"

#include "base/text.h"
#include "conf/dialect.h"
#include "conf/shipped.h"
#include "conf/value.h"

#include <stdlib.h>
#include <string.h>

/* A line on its way: of two for the same prefix the later one stays. */
struct entry {
	struct world_destination row;
	uint32_t order;
};

struct list {
	struct conf_loading *loading;
	struct entry *entries;
	uint32_t count, room;
	struct conf_place at;
	struct world_text file; /* "" for the list that the program brings along */
	bool broken;            /* the line that is read */
};

#define WRONG(list, ...)                                                        \
	do {                                                                    \
		conf_error((list)->loading->problems, (list)->at, __VA_ARGS__); \
		(list)->broken = true;                                          \
	} while (false)

static const char *keep(const struct list *list, struct tg_span text)
{
	const char *kept = conf_arena_text(list->loading->arena, text);

	return kept != NULL ? kept : "";
}

const char *conf_class_at(const void *owner, size_t index)
{
	(void)owner;
	return index < WORLD_CLASSES ? world_class_name((enum world_class)index) : NULL;
}

bool conf_class_find(struct tg_span name, uint32_t *class)
{
	for (uint32_t i = 0; i < WORLD_CLASSES; i++) {
		if (tg_span_equal_nocase(name, tg_span_text(world_class_name((enum world_class)i)))) {
			*class = i;
			return true;
		}
	}
	return false;
}

bool conf_prefix_read(struct tg_span text, char prefix[20])
{
	const bool plus = text.len > 0 && text.p[0] == '+';

	if (text.len <= (size_t)plus || text.len > (size_t)(WORLD_PREFIX_MAX - (plus ? 0 : 1))) {
		return false;
	}
	for (size_t i = plus; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9') {
			return false;
		}
	}
	memset(prefix, 0, 20);
	memcpy(prefix, text.p, text.len);
	return true;
}

/* ---- fields ---- */

static struct tg_span take_word(struct tg_span *line)
{
	size_t len = 0;

	*line = conf_value_trim(*line);
	while (len < line->len && line->p[len] > ' ') {
		len++;
	}
	const struct tg_span word = { line->p, len };

	*line = conf_value_trim((struct tg_span){ line->p + len, line->len - len });
	return word;
}

static void read_prefix(struct list *list, struct tg_span word, struct world_destination *row)
{
	struct tg_span left = word;

	if (left.len > 0 && left.p[0] == '!') {
		row->exception = 1;
		left = (struct tg_span){ left.p + 1, left.len - 1 };
	}
	if (left.len > 0 && left.p[0] == '=') {
		row->exact = 1;
		left = (struct tg_span){ left.p + 1, left.len - 1 };
	}
	if (!conf_prefix_read(left, row->prefix)) {
		WRONG(list,
		      "expected a prefix such as +49 or 118, of at most %d digits, with ! and = in front perhaps, not "
		      "\"%.40s\"",
		      WORLD_PREFIX_MAX - 1, keep(list, word));
	}
}

static void read_class(struct list *list, struct tg_span word, struct world_destination *row)
{
	uint32_t class = 0;

	if (!conf_class_find(word, &class)) {
		const char *name = keep(list, word);
		const char *nearest = tg_text_nearest(name, conf_class_at, NULL);

		WRONG(list, "unknown class \"%.40s\"%s%s%s", name, nearest != NULL ? "; did you mean \"" : "",
		      nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
	}
	row->class = (uint8_t) class;
}

static bool is_letter(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static void read_region(struct list *list, struct tg_span word, struct world_destination *row)
{
	if (word.len == 2 && is_letter(word.p[0]) && is_letter(word.p[1])) {
		memcpy(row->region, word.p, 2);
	} else if (word.len == 1 && word.p[0] == '*') {
		row->region[0] = '*';
	} else if (word.len != 1 || word.p[0] != '-') {
		WRONG(list, "expected a region of two capital letters, * or -, not \"%.40s\"", keep(list, word));
	}
	if (row->prefix[0] != '+' && row->region[0] != '\0') {
		WRONG(list, "a number as it is dialled belongs to no region: expected -");
	}
}

static void read_digits(struct list *list, struct tg_span word, struct world_destination *row)
{
	const char *text = keep(list, word);
	uint64_t digits = 0;

	if (!(word.len == 1 && word.p[0] == '-') && !tg_text_uint(text, 1, WORLD_PREFIX_MAX - 1, &digits)) {
		WRONG(list, "expected how many digits a number must have, 1 to %d, or -, not \"%.40s\"",
		      WORLD_PREFIX_MAX - 1, text);
	}
	row->min_digits = (uint8_t)digits;
}

/* ---- lines ---- */

static bool add(struct list *list, const struct world_destination *row)
{
	if (list->count == list->room) {
		const uint32_t room = 2 * list->room + 1024;
		struct entry *entries = realloc(list->entries, room * sizeof(*entries));

		if (entries == NULL) {
			list->loading->arena->failed = true;
			return false;
		}
		list->entries = entries;
		list->room = room;
	}
	list->entries[list->count] = (struct entry){ *row, list->count };
	list->count++;
	return true;
}

static void read_row(struct list *list, struct tg_span line)
{
	struct world_destination row = { .origin = { .file = list->file, .line = list->at.line } };

	list->broken = false;
	if (line.len > CONF_LINE_MAX) {
		WRONG(list, "expected a line of at most %d octets", CONF_LINE_MAX);
		return;
	}
	read_prefix(list, take_word(&line), &row);
	read_class(list, take_word(&line), &row);
	read_region(list, take_word(&line), &row);
	read_digits(list, take_word(&line), &row);
	if (!tg_utf8_is_plain(line)) {
		WRONG(list, "expected a note in UTF-8 without control characters");
	}
	if (list->count == CONF_DESTINATIONS_MAX) {
		WRONG(list, "more than %d lines in all lists of destinations", CONF_DESTINATIONS_MAX);
	}
	if (!list->broken) {
		row.note = world_build_text(list->loading->build, line);
		list->broken = !add(list, &row);
	}
}

static void read_tag(struct list *list, struct tg_span line)
{
	struct tg_span left = { line.p + 2, line.len - 2 };
	const struct tg_span tag = take_word(&left);
	const char *value = keep(list, left);
	uint64_t number;

	if (tg_span_equal(tag, TG_SPAN_LIT("tollgate-destinations"))) {
		if (strcmp(value, "1") != 0) {
			WRONG(list, "expected the layout 1 of a list of destinations, not \"%.40s\"", value);
		}
	} else if (!tg_span_equal(tag, TG_SPAN_LIT("serial"))) {
		WRONG(list, "unknown field \"%.40s\"", keep(list, tag));
	} else if (!tg_text_uint(value, 0, UINT32_MAX, &number)) {
		WRONG(list, "serial: expected a whole number, not \"%.40s\"", value);
	}
}

static void read_line(struct list *list, struct tg_span line)
{
	if (line.len >= 2 && line.p[0] == '#' && line.p[1] == '%') {
		read_tag(list, line);
	} else if (line.len > 0 && line.p[0] != '#') {
		read_row(list, line);
	}
}

static void read_text(struct list *list, const char *path, struct tg_span text)
{
	const uint32_t errors_max = list->loading->problems->errors + CONF_ERRORS_MAX;

	list->at = (struct conf_place){ path, 0 };
	while (text.len > 0 && !list->loading->arena->failed && list->loading->problems->errors < errors_max) {
		list->at.line++;
		read_line(list, conf_value_take_item(&text, '\n'));
	}
}

static void read_file(struct list *list, const struct conf_text *name)
{
	const struct conf_files *files = list->loading->files;
	struct conf_problems *problems = list->loading->problems;
	const char *why = "cannot be read";
	char *text = NULL;
	size_t len = 0;

	switch (files->read(files->owner, name->text, &text, &len, &why)) {
	case CONF_READ_MISSING:
		conf_error(problems, name->at, "destinations: expected a file that is there: cannot find \"%.80s\"",
		           name->text);
		return;
	case CONF_READ_REFUSED:
		conf_error(problems, name->at, "destinations: expected a readable file: \"%.80s\" %s", name->text, why);
		return;
	case CONF_READ_OK:
		break;
	}
	list->file = world_build_text(list->loading->build, tg_span_text(name->text));
	read_text(list, name->text, (struct tg_span){ (const uint8_t *)text, len });
	free(text);
}

/* ---- all of it ---- */

static int by_prefix_and_order(const void *a, const void *b)
{
	const struct entry *entry_a = a, *entry_b = b;
	const int order = world_destination_compare(&entry_a->row, &entry_b->row);

	return order != 0 ? order : (entry_a->order > entry_b->order) - (entry_a->order < entry_b->order);
}

static void emit(const struct list *list)
{
	if (list->count > 0) {
		qsort(list->entries, list->count, sizeof(*list->entries), by_prefix_and_order);
	}
	for (uint32_t i = 0; i < list->count; i++) {
		const struct world_destination *row = &list->entries[i].row;

		if (i + 1 == list->count || world_destination_compare(row, &list->entries[i + 1].row) != 0) {
			world_build_row(list->loading->build, WORLD_DESTINATIONS, row);
		}
	}
}

void conf_destinations_read(struct conf_loading *loading)
{
	struct list list = { .loading = loading };

	read_text(&list, "destinations.conf",
	          (struct tg_span){ conf_shipped_destinations, conf_shipped_destinations_len });
	for (const struct conf_text *name = loading->general.destinations.first; name != NULL; name = name->next) {
		read_file(&list, name);
	}
	emit(&list);
	free(list.entries);
}
