/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_plan.h"

#include "conf/comment.h"
#include "conf/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- options that our loader refuses, or that have no effect here ---- */

static bool always(const struct conf_line *line)
{
	(void)line;
	return true;
}

static bool is_on(const struct conf_line *line)
{
	return front_is_on(line->value);
}

/* Also "mediaonly". */
static bool is_not_off(const struct conf_line *line)
{
	bool value = true;

	return !conf_value_bool(tg_span_text(line->value), &value) || value;
}

static bool is_beside_md5(const struct conf_line *line)
{
	return strcasestr(line->value, "md5") != NULL && strcasestr(line->value, "plaintext") != NULL;
}

static bool is_without_md5(const struct conf_line *line)
{
	return strcasestr(line->value, "md5") == NULL;
}

static bool has_key(const struct conf_line *line)
{
	const char *colon = strchr(line->value, ':');

	return colon != NULL && colon[1] == '[';
}

#define OFF NULL
static const char STAYS[] = "";

struct our_rule {
	const char *option;
	unsigned facts; /* one of them is enough */
	bool (*applies)(const struct conf_line *line);
	const char *instead; /* OFF: the line is switched off, STAYS: as it is */
	const char *lost;    /* what the operator loses; NULL: nothing */
};

static const struct our_rule our_rules[] = {
	{ "nochecksums", FRONT_GENERAL, is_on, OFF, NULL },
	{ "requirecalltoken", FRONT_GENERAL, always, OFF, NULL },
	{ "allowfwdownload", FRONT_GENERAL, is_on, OFF, "firmware is not handed out through Tollgate" },
	{ "rtcachefriends", FRONT_GENERAL, is_on, OFF, "accounts of a database (realtime) are not known to Tollgate" },
	{ "register", FRONT_GENERAL, has_key, OFF, "this registration has a key; Tollgate needs a secret" },
	{ "auth", FRONT_GENERAL, is_without_md5, OFF, NULL },
	{ "auth", FRONT_GENERAL | FRONT_USER | FRONT_PEER, is_beside_md5, "auth=md5", NULL },
	{ "forceencryption", FRONT_GENERAL, is_on, OFF, NULL },
	{ "encryption", FRONT_GENERAL | FRONT_USER | FRONT_PEER, is_on, STAYS,
	  "calls travel in clear: Tollgate does not offer encryption" },
	{ "transfer", FRONT_GENERAL | FRONT_USER | FRONT_PEER, is_not_off, STAYS,
	  "calls stay with Tollgate, their voice too" },
	{ "mailbox", FRONT_PEER, always, STAYS, "a phone is not told that messages wait for it" },
	{ "inkeys", FRONT_SECRET, always, STAYS, "its secret is asked for, never its key" },
	{ "outkey", FRONT_SECRET, always, STAYS, "its secret is sent, never its key" },
};

static const struct our_rule *rule_of(unsigned facts, const struct conf_line *line)
{
	for (size_t i = 0; i < TG_COUNT(our_rules); i++) {
		if ((our_rules[i].facts & facts) != 0 && strcasecmp(our_rules[i].option, line->name) == 0 &&
		    our_rules[i].applies(line)) {
			return &our_rules[i];
		}
	}
	return NULL;
}

static struct front_edit *edit_of(struct front_plan *plan, struct conf_place at)
{
	struct front_file *file = front_source_find(&plan->source, at.file);

	return file != NULL ? front_edit_add(&plan->arena, &file->ours, at.line) : NULL;
}

static void apply_rule(struct front_plan *plan, const struct our_rule *rule, const struct conf_line *line)
{
	struct front_edit *edit = rule->instead != STAYS ? edit_of(plan, line->at) : NULL;

	if (edit != NULL) {
		edit->act = rule->instead != OFF ? FRONT_REPLACE : FRONT_OFF;
		edit->text = rule->instead;
	}
	if (rule->lost != NULL) {
		front_note_add(plan, line->at, "%s: %s", line->name, rule->lost);
	}
}

static void apply_rules(struct front_plan *plan, const struct conf_section *section, unsigned facts)
{
	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		const struct our_rule *rule = rule_of(facts, line);

		if (rule != NULL) {
			apply_rule(plan, rule, line);
		}
	}
}

/* ---- accounts that are left out ---- */

/* The physical line, without its comments; in the arena. */
static struct tg_span line_text(struct front_plan *plan, const struct front_file *file, uint32_t number)
{
	struct conf_comments comments = { .depth = 0 };
	const uint8_t *p = file->text.p, *end = file->text.p + file->text.len;
	bool too_deep = false;

	while (--number > 0 && p < end) {
		const uint8_t *newline = memchr(p, '\n', (size_t)(end - p));

		p = newline != NULL ? newline + 1 : end;
	}
	const uint8_t *newline = memchr(p, '\n', (size_t)(end - p));
	char *copy = conf_arena_text(&plan->arena,
	                             (struct tg_span){ p, (size_t)((newline != NULL ? newline : end) - p) });

	return copy == NULL ? (struct tg_span){ 0 }
	                    : conf_value_trim(conf_comments_strip(&comments, copy, strlen(copy), 1, &too_deep));
}

/* [x] becomes [x](!), and [x](y) becomes [x](!,y): a template, which is nobody. */
static void make_template(struct front_plan *plan, const struct conf_section *section)
{
	const struct front_file *file = front_source_find(&plan->source, section->at.file);
	struct front_edit *edit = edit_of(plan, section->at);
	char text[1024];

	if (edit == NULL || file == NULL) {
		return;
	}
	const struct tg_span header = line_text(plan, file, section->at.line);
	const uint8_t *open = header.len > 0 ? memchr(header.p, '(', header.len) : NULL;
	const uint8_t *close = open != NULL ? memchr(open, ')', header.len - (size_t)(open - header.p)) : NULL;

	snprintf(text, sizeof(text), "[%s](!%s%.*s)", section->name, close != NULL ? "," : "",
	         close != NULL ? (int)(close - open) - 1 : 0, close != NULL ? (const char *)open + 1 : "");
	edit->act = FRONT_REPLACE;
	edit->text = conf_arena_text(&plan->arena, tg_span_text(text));
}

/* ---- includes by their whole path, or through a folder above: our copy is somewhere else ---- */

/* @return the argument without its quotes, in line; NULL if this is no include */
static char *include_in(char *line, struct tg_span *word)
{
	static const char *const words[] = { "#include", "#tryinclude", "#includeifexists" };
	const size_t len = strcspn(line, " \t");
	char *name = line + len + strspn(line + len, " \t");
	bool found = false;

	for (size_t i = 0; i < TG_COUNT(words); i++) {
		found = found || (strlen(words[i]) == len && strncasecmp(line, words[i], len) == 0);
	}
	*word = (struct tg_span){ (const uint8_t *)line, len };
	name += name[0] == '"' || name[0] == '<' ? 1 : 0;
	name[strcspn(name, "\">")] = '\0';
	return found ? name : NULL;
}

static void make_relative(struct front_plan *plan, struct front_file *file, uint32_t number, char *line)
{
	struct tg_span word;
	char text[1024];
	const char *name = include_in(line, &word);

	if (name == NULL || front_source_is_plain(name)) {
		return;
	}
	char *plain = front_source_name(plan->source.folder, name);

	if (plain == NULL || !front_source_is_plain(plain)) {
		front_note_add(plan, (struct conf_place){ file->name, number },
		               "%.*s: Tollgate's copy cannot name it; name it below the folder", (int)word.len,
		               (const char *)word.p);
		free(plain);
		return;
	}
	struct front_edit *edit = front_edit_add(&plan->arena, &file->ours, number);

	if (edit != NULL) {
		snprintf(text, sizeof(text), "%.*s \"%s\"", (int)word.len, (const char *)word.p, plain);
		edit->act = FRONT_REPLACE;
		edit->text = conf_arena_text(&plan->arena, tg_span_text(text));
	}
	free(plain);
}

static void relate_includes(struct front_plan *plan, struct front_file *file)
{
	uint32_t number = 0;

	for (size_t at = 0; at < file->text.len;) {
		const uint8_t *newline = memchr(file->text.p + at, '\n', file->text.len - at);

		number++;
		if (file->text.p[at] == '#' || file->text.p[at] == ' ' || file->text.p[at] == '\t') {
			const struct tg_span line = line_text(plan, file, number);
			char *copy = conf_arena_text(&plan->arena, line);

			if (copy != NULL) {
				make_relative(plan, file, number, copy);
			}
		}
		at = newline != NULL ? (size_t)(newline - file->text.p) + 1 : file->text.len;
	}
}

/* ---- all of it ---- */

/* Options that nobody knows are no mistakes where they come from. */
static void append_ours(struct front_plan *plan, bool has_general)
{
	char addr[TG_ADDR_TEXT_BYTES], text[256], bind[128] = "";

	if (plan->front_is_new) {
		snprintf(bind, sizeof(bind), "bindaddr=%s " FRONT_MARK "\n", tg_addr_format(plan->front, addr));
	}
	snprintf(text, sizeof(text), "[general]%s " FRONT_MARK "\nstrict=no " FRONT_MARK "\n%s",
	         has_general ? "(+)" : "", bind);
	plan->our_append = conf_arena_text(&plan->arena, tg_span_text(text));
}

void front_plan_ours(struct front_plan *plan)
{
	const struct conf_section *general = front_general(&plan->iax);

	for (const struct conf_section *s = plan->iax.sections; s != NULL; s = s->next) {
		if (front_is_account(s) && front_left_out(s, general) != NULL) {
			make_template(plan, s);
		} else {
			apply_rules(plan, s, front_facts(s));
		}
	}
	for (struct front_file *f = plan->source.first; plan->source.folder != NULL && f != NULL; f = f->next) {
		relate_includes(plan, f);
	}
	append_ours(plan, general != NULL);
}
