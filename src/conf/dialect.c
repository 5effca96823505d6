/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/dialect.h"

#include "base/text.h"
#include "conf/comment.h"
#include "conf/filter.h"
#include "conf/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct parser {
	struct conf_dialect *out;
	const struct conf_files *files;
	struct conf_problems *problems;
	struct conf_section *current; /* NULL before the first section, and after a bad header */
	bool skipping;                /* lines belong to a bad header, which was reported */
	bool stopped;
	unsigned depth, files_read;
	uint32_t errors_before;
};

/* What a section header says behind its name. */
struct header {
	struct tg_span name, list;
	struct conf_place at;
};

static int shown(struct tg_span text)
{
	return text.len < 80 ? (int)text.len : 80;
}

#define SHOW(text) shown(text), (const char *)(text).p

/* Lines after a header that cannot be used are not looked at. */
static void skip_section(struct parser *p)
{
	p->current = NULL;
	p->skipping = true;
}

/* ---- sections ---- */

static struct conf_section *section_find(const struct parser *p, struct tg_span name)
{
	for (struct conf_section *s = p->out->sections; s != NULL; s = s->next) {
		if (tg_span_equal_nocase(tg_span_text(s->name), name)) {
			return s;
		}
	}
	return NULL;
}

/* Walks along while names are asked for one after the other. */
struct cursor {
	const struct conf_section **at;
};

static const char *next_section_name(const void *owner, size_t index)
{
	const struct cursor *cursor = owner;
	const struct conf_section *section = *cursor->at;

	(void)index;
	if (section == NULL) {
		return NULL;
	}
	*cursor->at = section->next;
	return section->name;
}

/* `; did you mean "x"?` or nothing. */
static const char *section_hint(const struct parser *p, struct tg_span name, char hint[128])
{
	const struct conf_section *at = p->out->sections;
	const struct cursor cursor = { &at };
	char word[CONF_SECTION_MAX + 1];

	tg_span_copy(word, sizeof(word), name);
	const char *nearest = tg_text_nearest(word, next_section_name, &cursor);

	hint[0] = '\0';
	if (nearest != NULL && strcasecmp(nearest, word) != 0) {
		snprintf(hint, 128, "; did you mean \"%s\"?", nearest);
	}
	return hint;
}

static void line_add(struct parser *p, struct conf_section *section, const char *name, const char *value,
                     struct conf_place at)
{
	struct conf_line *line = conf_arena_alloc(&p->out->arena, sizeof(*line));

	if (line == NULL || name == NULL || value == NULL) {
		return; /* the arena has latched */
	}
	*line = (struct conf_line){ .name = name, .value = value, .at = at };
	if (section->last != NULL) {
		section->last->next = line;
	} else {
		section->lines = line;
	}
	section->last = line;
}

static void inherit(struct parser *p, struct conf_section *section, const struct conf_section *base)
{
	const struct conf_line *end = base->last;

	for (const struct conf_line *line = base->lines; line != NULL; line = line->next) {
		line_add(p, section, line->name, line->value, line->at);
		if (line == end || p->out->arena.failed) {
			break; /* a section that inherits from itself grows meanwhile */
		}
	}
}

static bool is_plus(struct tg_span item)
{
	return item.len > 0 && item.p[0] == '+';
}

static bool is_bang(struct tg_span item)
{
	return item.len == 1 && item.p[0] == '!';
}

/* The section that [x](+...) adds to. */
static struct conf_section *extended_section(struct parser *p, const struct header *header, struct tg_span item)
{
	const struct tg_span filter = { item.p + 1, item.len - 1 };
	bool bad = false;
	char hint[128];

	for (struct conf_section *s = p->out->sections; s != NULL && !bad; s = s->next) {
		if (tg_span_equal_nocase(tg_span_text(s->name), header->name) && conf_filter_fits(filter, s, &bad)) {
			return s;
		}
	}
	if (bad) {
		conf_error(p->problems, header->at, "[%.*s](+...): expected name=regex&name=regex", SHOW(header->name));
	} else {
		conf_error(p->problems, header->at, "[%.*s](+): no such section above this line%s", SHOW(header->name),
		           section_hint(p, header->name, hint));
	}
	return NULL;
}

/* ---- headers ---- */

static void section_append(struct parser *p, struct conf_section *section)
{
	if (p->out->last != NULL) {
		p->out->last->next = section;
	} else {
		p->out->sections = section;
	}
	p->out->last = section;
}

static struct conf_section *section_new(struct parser *p, const struct header *header)
{
	struct conf_section *section = conf_arena_alloc(&p->out->arena, sizeof(*section));
	char *name = conf_arena_text(&p->out->arena, header->name);

	if (section == NULL || name == NULL) {
		return NULL;
	}
	*section = (struct conf_section){ .name = name, .at = header->at };
	return section;
}

/* All bases in the order of the list; they stand above, for the section itself is appended later. */
static bool inherit_all(struct parser *p, struct conf_section *section, const struct header *header)
{
	struct tg_span left = header->list;
	char hint[128];

	while (left.len > 0) {
		const struct tg_span item = conf_value_take_item(&left, ',');

		if (item.len == 0 || is_plus(item) || is_bang(item)) {
			section->is_template = section->is_template || is_bang(item);
			continue;
		}
		const struct conf_section *base = section_find(p, item);

		if (base == NULL) {
			conf_error(p->problems, header->at,
			           "[%.*s](%.*s): no section \"%.*s\" above this line to inherit from%s",
			           SHOW(header->name), SHOW(item), SHOW(item), section_hint(p, item, hint));
			return false;
		}
		inherit(p, section, base);
	}
	return true;
}

static struct tg_span find_plus(struct tg_span list)
{
	while (list.len > 0) {
		const struct tg_span item = conf_value_take_item(&list, ',');

		if (is_plus(item)) {
			return item;
		}
	}
	return (struct tg_span){ 0 };
}

static void open_section(struct parser *p, const struct header *header)
{
	const struct tg_span plus = find_plus(header->list);
	const bool extends = plus.len > 0;
	struct conf_section *section = extends ? extended_section(p, header, plus) : section_new(p, header);

	if (section == NULL || !inherit_all(p, section, header)) {
		return;
	}
	if (!extends) {
		section_append(p, section);
	}
	p->current = section;
	p->skipping = false;
}

static bool split_header(struct parser *p, struct header *header, struct tg_span line)
{
	const uint8_t *close = memchr(line.p, ']', line.len);

	if (close == NULL) {
		conf_error(p->problems, header->at, "a section header needs a closing \"]\"");
		return false;
	}
	header->name = conf_value_trim((struct tg_span){ line.p + 1, (size_t)(close - line.p) - 1 });
	struct tg_span rest = { close + 1, (size_t)(line.p + line.len - close) - 1 };

	if (rest.len > 0 && rest.p[0] == '(') {
		const uint8_t *end = memchr(rest.p, ')', rest.len);

		if (end == NULL) {
			conf_error(p->problems, header->at, "the list behind [%.*s] needs a closing \")\"",
			           SHOW(header->name));
			return false;
		}
		header->list = (struct tg_span){ rest.p + 1, (size_t)(end - rest.p) - 1 };
		rest = (struct tg_span){ end + 1, (size_t)(rest.p + rest.len - end) - 1 };
	}
	rest = conf_value_trim(rest);
	if (rest.len > 0) {
		conf_warning(p->problems, header->at, "text behind the section header is ignored%s",
		             rest.p[0] == '(' ? ": a list \"(...)\" must follow the \"]\" at once" : "");
	}
	return true;
}

static void take_header(struct parser *p, struct tg_span line, struct conf_place at)
{
	struct header header = { .at = at };

	skip_section(p);
	if (!split_header(p, &header, line)) {
		return;
	}
	if (header.name.len == 0 || header.name.len > CONF_SECTION_MAX) {
		conf_error(p->problems, at, "a section name has 1 to %d characters", CONF_SECTION_MAX);
		return;
	}
	open_section(p, &header);
}

/* ---- name = value ---- */

static struct conf_line *line_find_last(struct conf_section *section, struct tg_span name)
{
	struct conf_line *found = NULL;

	for (struct conf_line *line = section->lines; line != NULL; line = line->next) {
		if (tg_span_equal(tg_span_text(line->name), name)) {
			found = line;
		}
	}
	return found;
}

static bool append_to_last(struct parser *p, struct tg_span name, struct tg_span value, struct conf_place at)
{
	struct conf_line *line = line_find_last(p->current, name);

	if (line == NULL) {
		return false;
	}
	const struct tg_span before = tg_span_text(line->value);
	char *joined = NULL;

	if (before.len + value.len > CONF_VALUE_MAX) {
		conf_error(p->problems, at, "the value grows beyond %d characters", CONF_VALUE_MAX);
	} else {
		joined = conf_arena_join(&p->out->arena, before, value);
	}
	if (joined != NULL) {
		line->value = joined;
	}
	return true;
}

/* A leading "\" lets a name begin with a character that would mean something else. */
static bool unescape_name(struct parser *p, struct tg_span *line, struct conf_place at)
{
	if (line->p[0] != '\\') {
		return true;
	}
	line->p++;
	line->len--;
	if (line->len == 0 || line->p[0] <= ' ' || line->p[0] == 0x7f) {
		conf_error(p->problems, at, "expected a character after the leading \"\\\"");
		return false;
	}
	return true;
}

static void take_option(struct parser *p, struct tg_span line, struct conf_place at)
{
	if (!unescape_name(p, &line, at) || (p->current == NULL && p->skipping)) {
		return;
	}
	if (p->current == NULL) {
		conf_error(p->problems, at, "expected a [section] before the first option");
		p->skipping = true;
		return;
	}
	const uint8_t *equals = memchr(line.p, '=', line.len);

	if (equals == NULL) {
		conf_warning(p->problems, at, "expected name = value; the line is skipped");
		return;
	}
	struct tg_span name = { line.p, (size_t)(equals - line.p) };
	struct tg_span value = { equals + 1, line.len - name.len - 1 };
	const bool append = name.len > 0 && equals[-1] == '+';

	name = conf_value_trim((struct tg_span){ name.p, name.len - (append ? 1 : 0) });
	if (value.len > 0 && value.p[0] == '>') {
		value = (struct tg_span){ value.p + 1, value.len - 1 };
	}
	value = conf_value_trim(value);
	if (name.len == 0) {
		conf_warning(p->problems, at, "expected a name before \"=\"; the line is skipped");
	} else if (!append || !append_to_last(p, name, value, at)) {
		line_add(p, p->current, conf_arena_text(&p->out->arena, name), conf_arena_text(&p->out->arena, value),
		         at);
	}
}

/* ---- directives ---- */

static enum conf_loaded read_file(struct parser *p, const char *path, struct conf_place from);

static struct tg_span unquote(struct tg_span text)
{
	const uint8_t close = text.len == 0 ? '\0' : text.p[0] == '<' ? '>' : text.p[0] == '"' ? '"' : '\0';

	if (close == '\0') {
		return text;
	}
	text.p++;
	text.len--;
	return text.len > 0 && text.p[text.len - 1] == close ? (struct tg_span){ text.p, text.len - 1 } : text;
}

/* @return how many files were there */
static size_t include_all(struct parser *p, const char *path, struct conf_place at)
{
	struct conf_names names = { .count = 0 };
	size_t found = 0;

	if (strpbrk(path, "*?[{") == NULL) {
		return read_file(p, path, at) != CONF_MISSING ? 1 : 0;
	}
	p->files->glob(p->files->owner, path, &names);
	conf_names_sort(&names);
	for (size_t i = 0; i < names.count && !p->stopped; i++) {
		found += read_file(p, names.names[i], at) != CONF_MISSING ? 1 : 0;
	}
	if (names.incomplete) {
		conf_error(p->problems, at, "\"%s\" names more than %d files", path, CONF_NAMES_MAX);
	}
	conf_names_free(&names);
	return found;
}

static void take_include(struct parser *p, struct tg_span argument, struct conf_place at, bool needed)
{
	const struct tg_span path = unquote(argument);
	char name[512];

	if (path.len == 0 || !tg_span_copy(name, sizeof(name), path)) {
		conf_error(p->problems, at, "expected the name of a file to include");
		return;
	}
	if (p->depth == CONF_INCLUDES_MAX) {
		conf_error(p->problems, at, "files include each other more than %d levels deep", CONF_INCLUDES_MAX);
		p->stopped = true;
		return;
	}
	p->depth++;
	const size_t found = include_all(p, name, at);

	p->depth--;
	if (found == 0 && needed) {
		conf_error(p->problems, at, "cannot find \"%s\"; #tryinclude does without", name);
	}
}

static void take_directive(struct parser *p, struct tg_span line, struct conf_place at)
{
	size_t word_len = 1;

	while (word_len < line.len && line.p[word_len] > ' ') {
		word_len++;
	}
	const struct tg_span word = { line.p, word_len };
	const struct tg_span argument = conf_value_trim((struct tg_span){ line.p + word_len, line.len - word_len });

	if (tg_span_equal_nocase(word, TG_SPAN_LIT("#include"))) {
		take_include(p, argument, at, true);
	} else if (tg_span_equal_nocase(word, TG_SPAN_LIT("#tryinclude")) ||
	           tg_span_equal_nocase(word, TG_SPAN_LIT("#includeifexists"))) {
		take_include(p, argument, at, false);
	} else if (tg_span_equal_nocase(word, TG_SPAN_LIT("#exec"))) {
		conf_error(p->problems, at, "#exec is not offered: let the command write a file, and #include that");
	} else {
		conf_error(p->problems, at, "unknown directive \"%.*s\"; expected #include or #tryinclude", SHOW(word));
	}
}

/* ---- files ---- */

static void take_line(struct parser *p, struct tg_span line, struct conf_place at)
{
	line = conf_value_trim(line);
	if (line.len == 0) {
		return;
	}
	if (line.p[0] == '[') {
		take_header(p, line, at);
	} else if (line.p[0] == '#') {
		take_directive(p, line, at);
	} else {
		take_option(p, line, at);
	}
}

static void check_limits(struct parser *p, struct conf_place at)
{
	if (p->stopped) {
		return;
	}
	if (p->out->arena.failed) {
		conf_error(p->problems, at, "the configuration is too large");
		p->stopped = true;
	} else if (p->problems->errors - p->errors_before >= CONF_ERRORS_MAX) {
		conf_error(p->problems, at, "too many errors");
		p->stopped = true;
	}
}

static void take_physical_line(struct parser *p, struct conf_comments *comments, char *line, size_t len,
                               struct conf_place at)
{
	bool too_deep = false;

	if (len > CONF_LINE_MAX) {
		conf_warning(p->problems, at, "a line of more than %d characters is skipped", CONF_LINE_MAX);
		return;
	}
	if (memchr(line, '\0', len) != NULL) {
		conf_error(p->problems, at, "a character with the value 0");
		return;
	}
	const struct tg_span left = conf_comments_strip(comments, line, len, at.line, &too_deep);

	if (too_deep) {
		conf_error(p->problems, at, "block comments are inside each other more than %d deep",
		           CONF_COMMENTS_MAX);
		p->stopped = true;
		return;
	}
	take_line(p, left, at);
}

static void take_text(struct parser *p, const char *file, char *text, size_t len)
{
	struct conf_comments comments = { .depth = 0 };
	struct conf_place at = { .file = file };
	size_t start = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (start < len && !p->stopped) {
		const char *newline = memchr(text + start, '\n', len - start);
		const size_t line_len = newline != NULL ? (size_t)(newline - text) - start : len - start;

		at.line++;
		take_physical_line(p, &comments, text + start, line_len, at);
		check_limits(p, at);
		start += line_len + 1;
	}
	if (comments.depth > 0 && !p->stopped) {
		at.line = comments.began[comments.depth - 1];
		conf_error(p->problems, at, "the block comment that begins here is never closed with \"--;\"");
	}
}

/* @param from  the line that includes it; file NULL for the first file */
static enum conf_loaded read_file(struct parser *p, const char *path, struct conf_place from)
{
	const struct conf_place at = from.file != NULL ? from : (struct conf_place){ path, 0 };
	const char *why = "cannot be read";
	char *text = NULL;
	size_t len = 0;

	if (p->files_read++ == CONF_FILES_MAX) {
		conf_error(p->problems, at, "more than %d files are included", CONF_FILES_MAX);
		p->stopped = true;
		return CONF_FAILED;
	}
	switch (p->files->read(p->files->owner, path, &text, &len, &why)) {
	case CONF_READ_MISSING:
		return CONF_MISSING;
	case CONF_READ_REFUSED:
		conf_error(p->problems, at, "\"%s\" %s", path, why);
		return CONF_FAILED;
	case CONF_READ_OK:
		break;
	}
	const char *file = conf_arena_text(&p->out->arena, tg_span_text(path));

	if (file != NULL) {
		take_text(p, file, text, len);
	}
	explicit_bzero(text, len);
	free(text);
	return CONF_LOADED;
}

enum conf_loaded conf_dialect_load(struct conf_dialect *out, const struct conf_files *files, const char *path,
                                   struct conf_problems *problems)
{
	struct parser p = {
		.out = out,
		.files = files,
		.problems = problems,
		.errors_before = problems->errors,
	};

	*out = (struct conf_dialect){ .sections = NULL };
	const enum conf_loaded loaded = read_file(&p, path, (struct conf_place){ NULL, 0 });

	return loaded == CONF_LOADED && problems->errors > p.errors_before ? CONF_FAILED : loaded;
}

void conf_dialect_free(struct conf_dialect *dialect)
{
	conf_arena_free(&dialect->arena);
	*dialect = (struct conf_dialect){ .sections = NULL };
}
