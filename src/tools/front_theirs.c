/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_plan.h"

#include "conf/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- the rules ---- */

struct off_rule {
	const char *option; /* NULL: each line */
	unsigned facts;     /* that the section must have */
	const char *unless; /* this value stays */
	const char *why;
};

/* What is written for the last line to count goes into the overlay; here is what would count beside it, or do harm. */
static const struct off_rule off_rules[] = {
	{ "bindaddr", FRONT_GENERAL, NULL, "the backend listens on loopback alone" },
	{ "bindport", FRONT_GENERAL, NULL, "the backend listens on loopback alone" },
	{ "register", FRONT_GENERAL, NULL, "Tollgate registers there" },
	{ NULL, FRONT_LIMITS, NULL, "all calls come from one address" },
	{ "host", FRONT_PEER | FRONT_STATIC, "dynamic", "calls there go through Tollgate" },
	{ "defaultip", FRONT_PEER, NULL, "Tollgate knows where it is" },
	{ "sourceaddress", FRONT_PEER, NULL, "the backend listens on loopback alone" },
	{ "maxcallnumbers", FRONT_PEER, NULL, "all calls come from one address" },
	{ "acl", FRONT_USER, NULL, "Tollgate asks the list" },
	{ "acl", FRONT_PEER, NULL, "Tollgate asks the list" },
};

enum value {
	VALUE_NAME,
	VALUE_HOST,
	VALUE_PORT,
	VALUE_PERMIT,
	VALUE_NO,
	VALUE_BIND_PORT,
	VALUE_BIND_HOST,
	VALUE_LIMIT,
};

struct add_rule {
	const char *option; /* NULL: the value is the whole line */
	unsigned facts;
	enum value value;
	const char *why;
};

static const struct add_rule add_rules[] = {
	{ "bindport", FRONT_GENERAL, VALUE_BIND_PORT, "the backend listens on loopback alone" },
	{ "bindaddr", FRONT_GENERAL, VALUE_BIND_HOST, "the backend listens on loopback alone" },
	{ NULL, FRONT_LIMITS, VALUE_LIMIT, "all calls come from one address" },
	{ "username", FRONT_PEER, VALUE_NAME, "so that Tollgate knows which account is called" },
	{ "host", FRONT_PEER | FRONT_STATIC, VALUE_HOST, "calls there go through Tollgate" },
	{ "defaultip", FRONT_PEER | FRONT_DEFAULT, VALUE_HOST, "calls there go through Tollgate" },
	{ "port", FRONT_PEER | FRONT_STATIC, VALUE_PORT, "calls there go through Tollgate" },
	{ "port", FRONT_PEER | FRONT_DEFAULT, VALUE_PORT, "calls there go through Tollgate" },
	{ "permit", FRONT_ACL, VALUE_PERMIT, "Tollgate asks the rules above; the backend sees loopback alone" },
	{ "trunk", FRONT_TRUNKED, VALUE_NO, "calls to Tollgate travel one by one" },
};

static bool fits(const struct off_rule *rule, unsigned facts, const struct conf_line *line)
{
	return (facts & rule->facts) == rule->facts &&
	       (rule->option == NULL || strcasecmp(rule->option, line->name) == 0) &&
	       (rule->unless == NULL || strcasecmp(rule->unless, line->value) != 0);
}

static const struct off_rule *off_rule_of(unsigned facts, const struct conf_line *line)
{
	for (size_t i = 0; i < TG_COUNT(off_rules); i++) {
		if (fits(&off_rules[i], facts, line)) {
			return &off_rules[i];
		}
	}
	return NULL;
}

/* ---- lines that are switched off ---- */

/* A line as it may be printed. */
static const char *shown(struct front_plan *plan, const struct conf_line *line)
{
	const bool is_register = strcasecmp(line->name, "register") == 0;
	char value[CONF_VALUE_SHOWN_BYTES], text[256];

	snprintf(text, sizeof(text), "%s%s%s", line->name, is_register ? " => " : "=",
	         is_register ? conf_value_without_secret(line->value, value) : line->value);
	return conf_arena_text(&plan->arena, tg_span_text(text));
}

static void switch_off(struct front_plan *plan, const struct conf_line *line, const char *why)
{
	struct front_file *file = front_source_find(&plan->source, line->at.file);
	struct front_edit *edit = file == NULL ? NULL
	                                       : front_edit_add(&plan->arena,
	                                                        &front_source_original(&plan->source, file)->theirs,
	                                                        line->at.line);

	if (edit != NULL) {
		edit->why = why;
		edit->shown = shown(plan, line);
	}
}

static void switch_off_all(struct front_plan *plan, const struct conf_section *section, unsigned facts)
{
	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		const struct off_rule *rule = off_rule_of(facts, line);

		if (rule != NULL) {
			switch_off(plan, line, rule->why);
		}
	}
}

/* ---- lines of the overlay ---- */

const char *front_line_format(const struct front_line *line, char text[FRONT_LINE_BYTES])
{
	if (line->why == NULL) {
		snprintf(text, FRONT_LINE_BYTES, "%s", line->text);
	} else {
		snprintf(text, FRONT_LINE_BYTES, "%-35s ; %s", line->text, line->why);
	}
	return text;
}

static void overlay_line(struct front_plan *plan, const char *why, const char *format, ...) TG_PRINTF(3, 4);

static void overlay_line(struct front_plan *plan, const char *why, const char *format, ...)
{
	struct front_line *line = conf_arena_alloc(&plan->arena, sizeof(*line));
	char text[FRONT_LINE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, FRONT_LINE_BYTES / 2, format, args);
	va_end(args);
	char *copy = conf_arena_text(&plan->arena, tg_span_text(text));

	if (line == NULL || copy == NULL) {
		return; /* the arena has latched */
	}
	*line = (struct front_line){ .text = copy, .why = why };
	if (plan->overlay.last != NULL) {
		plan->overlay.last->next = line;
	} else {
		plan->overlay.first = line;
	}
	plan->overlay.last = line;
	plan->overlay.bytes += strlen(front_line_format(line, text)) + 1;
}

static void add_line(struct front_plan *plan, const struct add_rule *rule, const char *name)
{
	char host[TG_ADDR_TEXT_BYTES];

	tg_addr_format_host(plan->front, host);
	switch (rule->value) {
	case VALUE_NAME:
		overlay_line(plan, rule->why, "%s=%s", rule->option, name);
		break;
	case VALUE_HOST:
		overlay_line(plan, rule->why, "%s=%s", rule->option, host);
		break;
	case VALUE_BIND_HOST:
		overlay_line(plan, rule->why, "%s=%s", rule->option, tg_addr_format_host(plan->backend, host));
		break;
	case VALUE_PORT:
		overlay_line(plan, rule->why, "%s=%u", rule->option, plan->front.port);
		break;
	case VALUE_BIND_PORT:
		overlay_line(plan, rule->why, "%s=%u", rule->option, plan->backend.port);
		break;
	case VALUE_PERMIT:
		overlay_line(plan, rule->why, "%s=%s/255.255.255.255", rule->option, host);
		break;
	case VALUE_NO:
		overlay_line(plan, rule->why, "%s=no", rule->option);
		break;
	case VALUE_LIMIT:
		overlay_line(plan, rule->why, "127.0.0.0/255.0.0.0 = 16384");
		break;
	}
}

static bool adds(unsigned facts)
{
	for (size_t i = 0; i < TG_COUNT(add_rules); i++) {
		if ((facts & add_rules[i].facts) == add_rules[i].facts) {
			return true;
		}
	}
	return false;
}

static void add_lines(struct front_plan *plan, const char *name, unsigned facts)
{
	for (size_t i = 0; i < TG_COUNT(add_rules); i++) {
		if ((facts & add_rules[i].facts) == add_rules[i].facts) {
			add_line(plan, &add_rules[i], name);
		}
	}
}

/* (+) adds to the first section of a name; of two with one name, that may be told by its type. */
static bool is_second(const struct front_plan *plan, const struct conf_section *section)
{
	for (const struct conf_section *s = plan->iax.sections; s != section; s = s->next) {
		if (!s->is_template && strcasecmp(s->name, section->name) == 0) {
			return true;
		}
	}
	return false;
}

static void add_section(struct front_plan *plan, const struct conf_section *section, unsigned facts)
{
	if (!adds(facts)) {
		return;
	}
	if (is_second(plan, section)) {
		overlay_line(plan, NULL, "[%s](+type=%s)", section->name, front_line_of(section, "type")->value);
	} else {
		overlay_line(plan, NULL, "[%s](+)", section->name);
	}
	add_lines(plan, section->name, facts);
}

static void add_missing(struct front_plan *plan, const char *name, unsigned fact)
{
	for (const struct conf_section *s = plan->iax.sections; s != NULL; s = s->next) {
		if (front_facts(s) == fact) {
			return;
		}
	}
	overlay_line(plan, NULL, "[%s]", name);
	add_lines(plan, name, fact);
}

static void finish_overlay(struct front_plan *plan)
{
	static const char head[] = "; Written by \"tollgate front init\"; \"tollgate front undo\" takes it away.\n";
	char *text = conf_arena_alloc(&plan->arena, sizeof(head) + plan->overlay.bytes), line_text[FRONT_LINE_BYTES];
	struct front_file *iax = front_source_find(&plan->source, "iax.conf");
	char *end = text;

	if (text == NULL || iax == NULL) {
		return; /* the arena has latched */
	}
	end = stpcpy(end, head);
	for (const struct front_line *line = plan->overlay.first; line != NULL; line = line->next) {
		end = stpcpy(stpcpy(end, front_line_format(line, line_text)), "\n");
	}
	plan->overlay_text = text;
	front_source_original(&plan->source, iax)->append = "#include \"" FRONT_OVERLAY "\" " FRONT_MARK "\n";
}

void front_plan_theirs(struct front_plan *plan)
{
	const struct conf_section *general = front_general(&plan->iax);

	add_missing(plan, "general", FRONT_GENERAL);
	for (const struct conf_section *s = plan->iax.sections; s != NULL; s = s->next) {
		const unsigned facts = front_facts(s);

		if (front_is_account(s) && front_left_out(s, general) != NULL) {
			continue;
		}
		switch_off_all(plan, s, facts);
		if (facts != FRONT_GENERAL || s == general) {
			add_section(plan, s, facts);
		}
	}
	add_missing(plan, "callnumberlimits", FRONT_LIMITS);
	finish_overlay(plan);
}
