/* SPDX-License-Identifier: Apache-2.0 */
/* Which line won, for each option of a section. */
#include "tools/config.h"

#include "base/text.h"
#include "conf/iax_conf.h"
#include "model/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { VALUE_BYTES = 1024 };

/* ---- Gathering -------------------------------------------------------------------------------------------------- */

static const char *keep_text(struct config_lines *lines, const char *text)
{
	return text != NULL ? conf_arena_text(&lines->arena, tg_span_text(text)) : NULL;
}

static bool make_room(struct config_lines *lines)
{
	if (lines->count < lines->room) {
		return true;
	}
	const size_t room = lines->room == 0 ? 256 : 2 * lines->room;
	struct config_line *rows = realloc(lines->rows, room * sizeof(*rows));

	if (rows == NULL) {
		lines->failed = true;
		return false;
	}
	lines->rows = rows;
	lines->room = room;
	return true;
}

void config_lines_keep(void *owner, const struct conf_traced *traced)
{
	struct config_lines *lines = owner;

	if (!make_room(lines)) {
		return;
	}
	lines->rows[lines->count++] = (struct config_line){
		.option = traced->option,
		.scope = traced->scope,
		.section = keep_text(lines, traced->section),
		.value = keep_text(lines, traced->value),
		.file = keep_text(lines, traced->at.file),
		.line = traced->at.line,
		.begins_file = keep_text(lines, traced->begins.file),
		.begins_line = traced->begins.line,
		.has_effect = traced->has_effect,
	};
	lines->failed = lines->failed || lines->arena.failed;
}

void config_lines_free(struct config_lines *lines)
{
	free(lines->rows);
	conf_arena_free(&lines->arena);
	*lines = (struct config_lines){ .rows = NULL };
}

/* ---- Sections --------------------------------------------------------------------------------------------------- */

/* Sections of tollgate.conf, and behind them the accounts, whose name alone is their section's. */
struct kind {
	const char *name, *kind;
	unsigned scopes;
	bool holds_unwritten;
};

static bool kind_at(size_t index, struct kind *kind)
{
	static const struct kind accounts[] = {
		{ "", "user", CONF_IN_USER, false },
		{ "", "peer", CONF_IN_PEER, false },
		{ "", "registration", CONF_IN_REGISTRATION, false },
	};
	const struct conf_section_kind *section;
	size_t count = 0;

	for (; (section = conf_section_kind_at(count)) != NULL; count++) {
		if (count == index) {
			const unsigned too = section->scope == CONF_IN_TOLLGATE ? CONF_IN_GENERAL : 0;

			*kind = (struct kind){ section->name, section->name, section->scope | too,
				               section->holds_unwritten };
			return true;
		}
	}
	if (index - count < TG_COUNT(accounts)) {
		*kind = accounts[index - count];
		return true;
	}
	return false;
}

/* "policy NAME" is kind and name; an account is its name alone. */
static bool is_meant(const struct kind *kind, const char *asked, const char *section)
{
	const size_t len = strlen(kind->name);

	if (len == 0) {
		return strcmp(asked, section) == 0;
	}
	if (strncasecmp(asked, kind->name, len) != 0) {
		return false;
	}
	if (asked[len] == '\0') {
		return section[0] == '\0';
	}
	return asked[len] == ' ' && strcmp(asked + len + 1, section) == 0;
}

static const struct config_line *first_of(const struct config_lines *lines, const struct kind *kind, const char *asked)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct config_line *row = &lines->rows[i];

		if ((row->scope & kind->scopes) != 0 && is_meant(kind, asked, row->section)) {
			return row;
		}
	}
	return NULL;
}

/* ---- Values ----------------------------------------------------------------------------------------------------- */

/* What one section's values are looked for with. */
struct looking {
	const struct config_lines *lines;
	const struct world *world;
	const struct config_teller *teller;
	unsigned scopes;
	const char *section;
	const struct world_user *user; /* NULL: it is none */
	const struct world_peer *peer;
};

/* Lines of different names that decide about the same. */
static bool is_about(const char *line, const char *option, bool account)
{
	static const struct {
		const char *line, *option;
	} also[] = {
		{ "disallow", "allow" },    { "secretfile", "secret" },   { "secret", "secretfile" },
		{ "callerid", "fullname" }, { "callerid", "cid_number" },
	};

	if (strcmp(line, option) == 0) {
		return true;
	}
	for (size_t i = 0; account && i < TG_COUNT(also); i++) {
		if (strcmp(also[i].line, line) == 0 && strcmp(also[i].option, option) == 0) {
			return true;
		}
	}
	return false;
}

/* The others tell what these two come to. */
static bool is_part(const char *option)
{
	return strcmp(option, "disallow") == 0 || strcmp(option, "callerid") == 0 || strcmp(option, "secretfile") == 0;
}

static bool is_account(const struct looking *l)
{
	return (l->scopes & (CONF_IN_USER | CONF_IN_PEER | CONF_IN_REGISTRATION)) != 0;
}

static const struct config_line *next_line(const struct looking *l, const struct conf_option *option, unsigned scopes,
                                           const char *section, size_t *at)
{
	while (*at < l->lines->count) {
		const struct config_line *row = &l->lines->rows[(*at)++];

		if ((row->scope & scopes) != 0 && strcmp(row->section, section) == 0 &&
		    is_about(row->option->name, option->name, is_account(l))) {
			return row;
		}
	}
	return NULL;
}

static const char *codecs_text(const struct world_codecs *codecs, char text[VALUE_BYTES])
{
	size_t len = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < codecs->count && len < VALUE_BYTES; i++) {
		len += (size_t)snprintf(text + len, VALUE_BYTES - len, "%s%s", i > 0 ? "," : "",
		                        codec_of(codecs->formats[i])->name);
	}
	return text;
}

/* What several lines come to is asked from the world; of others the line says it. */
static const char *effective(const struct looking *l, const char *option, const char *written, char text[VALUE_BYTES])
{
	if (strcmp(option, "allow") == 0 && (l->user != NULL || l->peer != NULL)) {
		return codecs_text(l->user != NULL ? &l->user->codecs : &l->peer->codecs, text);
	}
	if (strcmp(option, "fullname") == 0 && (l->user != NULL || l->peer != NULL)) {
		return world_text(l->world, l->user != NULL ? l->user->callerid_name : l->peer->callerid_name);
	}
	if (strcmp(option, "cid_number") == 0 && (l->user != NULL || l->peer != NULL)) {
		return world_text(l->world, l->user != NULL ? l->user->callerid_number : l->peer->callerid_number);
	}
	return written;
}

static void tell_line(const struct looking *l, const struct conf_option *option, const struct config_line *line,
                      bool inherited)
{
	char text[VALUE_BYTES], from[VALUE_BYTES];
	struct config_value value = {
		.option = option->name,
		.value = effective(l, option->name, line->value, text),
		.file = line->file,
		.line = line->line,
		.inherited = inherited,
		.why = line->has_effect ? NULL : line->option->hint,
	};

	if (strcmp(line->option->name, "secretfile") == 0) {
		snprintf(from, sizeof(from), "(in the file %.900s)", line->value);
		value.value = from;
	}
	l->teller->value(l->teller->owner, &value);
}

/* Of lines that replace one another by a name in their value, whether a later one does. */
static bool is_replaced(const struct looking *l, const struct conf_option *option, const struct config_line *line,
                        size_t after)
{
	const size_t len = strcspn(line->value, "=");
	const struct config_line *later;

	if (strcmp(option->name, "setvar") != 0) {
		return false;
	}
	while ((later = next_line(l, option, l->scopes, l->section, &after)) != NULL) {
		if (strncmp(later->value, line->value, len + 1) == 0) {
			return true;
		}
	}
	return false;
}

static bool each_counts(const struct looking *l, const struct conf_option_doc *doc)
{
	return doc != NULL && doc->repeats && !(strcmp(doc->name, "allow") == 0 && is_account(l));
}

/* @return whether there was a line */
static bool tell_lines(const struct looking *l, const struct conf_option *option, const struct conf_option_doc *doc,
                       unsigned scopes, const char *section, bool inherited)
{
	const struct config_line *line, *last = NULL;
	size_t at = 0;

	while ((line = next_line(l, option, scopes, section, &at)) != NULL) {
		last = line;
		if (each_counts(l, doc) && !is_replaced(l, option, line, at)) {
			tell_line(l, option, line, inherited);
		}
	}
	if (last != NULL && !each_counts(l, doc)) {
		tell_line(l, option, last, inherited);
	}
	return last != NULL;
}

static const struct conf_option *of_general(const char *name)
{
	const struct conf_option *option;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		if ((option->scopes & CONF_IN_GENERAL) != 0 && strcmp(option->name, name) == 0) {
			return option;
		}
	}
	return NULL;
}

static const char *fallback_of(const struct looking *l, const struct conf_option_doc *doc, char text[VALUE_BYTES])
{
	static const char general[] = "(that of [general])";
	const struct conf_option *option = of_general(doc->name);

	if (option != NULL && (strcmp(doc->fallback, general) == 0 || strcmp(doc->name, "allow") == 0)) {
		const struct conf_option_doc *above = conf_option_doc(option, CONF_IN_GENERAL);

		return effective(l, doc->name, above != NULL ? above->fallback : doc->fallback, text);
	}
	return doc->fallback;
}

static void tell_option(const struct looking *l, const struct conf_option *option)
{
	const unsigned accounts = CONF_IN_USER | CONF_IN_PEER;
	const struct conf_option_doc *doc = conf_option_doc(option, (enum conf_scope)(l->scopes & option->scopes));
	char text[VALUE_BYTES];

	if (tell_lines(l, option, doc, l->scopes, l->section, false) || doc == NULL) {
		return;
	}
	if ((l->scopes & accounts) != 0 && (option->scopes & CONF_IN_GENERAL) != 0 &&
	    tell_lines(l, option, doc, CONF_IN_GENERAL, "", true)) {
		return;
	}
	const struct config_value value = { .option = option->name, .value = fallback_of(l, doc, text) };

	l->teller->value(l->teller->owner, &value);
}

static void tell_section(const struct looking *l)
{
	const struct conf_option *option;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		if ((option->scopes & l->scopes) != 0 && !(is_account(l) && is_part(option->name))) {
			tell_option(l, option);
		}
	}
}

static void tell_kind(const struct config_lines *lines, const struct world *world, const struct kind *kind,
                      const struct config_line *first, const struct config_teller *teller)
{
	const char *section = first != NULL ? first->section : "";
	const struct tg_span name = tg_span_text(section);
	const struct looking looking = {
		.lines = lines,
		.world = world,
		.teller = teller,
		.scopes = kind->scopes,
		.section = section,
		.user = kind->scopes == CONF_IN_USER ? world_user_find(world, name) : NULL,
		.peer = kind->scopes == CONF_IN_PEER ? world_peer_find(world, name) : NULL,
	};
	const struct config_view view = {
		.kind = kind->kind,
		.name = section,
		.file = first != NULL ? first->begins_file : NULL,
		.line = first != NULL ? first->begins_line : 0,
	};

	teller->section(teller->owner, &view);
	tell_section(&looking);
}

bool config_tell(const struct config_lines *lines, const struct world *world, const char *name,
                 const struct config_teller *teller)
{
	const char *asked = name != NULL ? name : "general";
	struct kind kind;
	bool found = false;

	for (size_t i = 0; kind_at(i, &kind); i++) {
		const struct config_line *first = first_of(lines, &kind, asked);

		if (first != NULL || (kind.holds_unwritten && strcasecmp(asked, kind.name) == 0)) {
			tell_kind(lines, world, &kind, first, teller);
			found = true;
		}
	}
	return found;
}

static const char *name_at(const void *owner, size_t index)
{
	const struct config_lines *lines = owner;

	return index < lines->count ? lines->rows[index].section : NULL;
}

const char *config_nearest(const struct config_lines *lines, const char *name)
{
	return tg_text_nearest(name, name_at, lines);
}
