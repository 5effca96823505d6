/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/plan.h"

#include "base/text.h"
#include "conf/app.h"
#include "conf/include.h"
#include "conf/value.h"
#include "model/pattern.h"
#include "model/when.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One section on its way in: `same` and `n` refer to the line before, within the section. */
struct reader {
	struct conf_loading *loading;
	struct conf_plan *plan;
	struct conf_context *context;
	const struct conf_line *line;
	const char *pattern, *callerid; /* of the last exten; pattern NULL: none yet, or a bad one */
	bool has_callerid;
	uint32_t priority; /* of the last line; 0: none yet */
	bool is_new;       /* the line names another extension than the one before */
};

#define ERROR(r, ...) conf_error((r)->loading->problems, (r)->line->at, __VA_ARGS__)
#define SHOW(text) (int)((text).len < 60 ? (text).len : 60), (const char *)(text).p

static const char *keep(struct conf_loading *loading, struct tg_span text)
{
	const char *kept = conf_arena_text(loading->arena, text);

	return kept != NULL ? kept : "";
}

struct conf_context *conf_context_find(const struct conf_plan *plan, struct tg_span name)
{
	struct conf_context *context = plan->buckets[conf_bucket(name)];

	while (context != NULL && !tg_span_equal(tg_span_text(context->name), name)) {
		context = context->next_in_bucket;
	}
	return context;
}

/* Walks along while names are asked for one after the other. */
struct cursor {
	const struct conf_context **at;
};

static const char *next_name(const void *owner, size_t index)
{
	const struct cursor *cursor = owner;
	const struct conf_context *context = *cursor->at;

	(void)index;
	if (context == NULL) {
		return NULL;
	}
	*cursor->at = context->next;
	return context->name;
}

const char *conf_context_hint(const struct conf_plan *plan, const char *name, char hint[CONF_HINT_BYTES])
{
	const struct conf_context *at = plan->contexts;
	const struct cursor cursor = { &at };
	const char *nearest = tg_text_nearest(name, next_name, &cursor);

	hint[0] = '\0';
	if (nearest != NULL) {
		snprintf(hint, CONF_HINT_BYTES, "; did you mean \"%s\"?", nearest);
	}
	return hint;
}

/* ---- exten => pattern,priority,application ---- */

static bool is_same_exten(const struct reader *r, const struct conf_step *step)
{
	return strcmp(step->pattern, r->pattern) == 0 && step->has_callerid == r->has_callerid &&
	       strcmp(step->callerid, r->callerid) == 0;
}

/* "600", "_6XX/200": the part behind "/" names callers. */
static bool take_pattern(struct reader *r, struct tg_span text)
{
	struct tg_span caller = text;
	const bool has_caller = text.len > 0 && memchr(text.p, '/', text.len) != NULL;
	const struct tg_span exten = conf_value_take_item(&caller, '/');
	const struct conf_step before = { .pattern = r->pattern,
		                          .callerid = r->callerid,
		                          .has_callerid = r->has_callerid };
	const char *wrong = pattern_check(exten);

	caller = conf_value_trim(caller);
	r->pattern = NULL;
	if (wrong == NULL && has_caller && caller.len > 0) {
		wrong = pattern_check(caller);
	}
	if (wrong == NULL && (conf_vars_has_any(exten) || conf_vars_has_any(caller))) {
		wrong = "an extension's name cannot hold variables";
	}
	if (wrong == NULL && (exten.len > WORLD_NAME_MAX || caller.len > WORLD_NAME_MAX || !tg_utf8_is_plain(text))) {
		wrong = "an extension's name has at most 80 octets of UTF-8";
	}
	if (wrong != NULL) {
		ERROR(r, "\"%.*s\": %s", SHOW(text), wrong);
		return false;
	}
	r->pattern = keep(r->loading, exten);
	r->callerid = keep(r->loading, caller);
	r->has_callerid = has_caller;
	r->is_new = before.pattern == NULL || !is_same_exten(r, &before);
	return true;
}

/* The priority that has a label in this extension, or 0. */
static uint32_t labelled(const struct reader *r, struct tg_span label)
{
	for (const struct conf_step *step = r->context->steps; step != NULL; step = step->next) {
		if (is_same_exten(r, step) && label.len > 0 && tg_span_equal(tg_span_text(step->label), label)) {
			return step->priority;
		}
	}
	return 0;
}

static bool is_one_of(struct tg_span word, const char *a, const char *b)
{
	return tg_span_equal_nocase(word, tg_span_text(a)) || tg_span_equal_nocase(word, tg_span_text(b));
}

/* A number, n, s or a label, before any "+k". @return 0 if it is none of them */
static uint64_t base_priority(const struct reader *r, struct tg_span word)
{
	char digits[24];
	uint64_t number;

	if (is_one_of(word, "n", "next")) {
		return r->priority > 0 ? (uint64_t)r->priority + 1 : 0;
	}
	if (is_one_of(word, "s", "same")) {
		return r->priority;
	}
	if (tg_span_copy(digits, sizeof(digits), word) && tg_text_uint(digits, 1, INT32_MAX, &number)) {
		return number;
	}
	return labelled(r, word);
}

static bool is_label(struct tg_span label)
{
	bool has_letter = false;

	for (size_t i = 0; i < label.len; i++) {
		const uint8_t c = label.p[i];
		const bool digit = c >= '0' && c <= '9';
		const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!digit && !letter && c != '_' && c != '-') {
			return false;
		}
		has_letter = has_letter || !digit;
	}
	return has_letter && label.len <= WORLD_NAME_MAX;
}

/* "1", "n", "n+2", "n(label)": sets r->priority and the label. */
static bool take_priority(struct reader *r, struct tg_span text, struct tg_span *label)
{
	const bool has_label = text.len > 0 && text.p[text.len - 1] == ')' && memchr(text.p, '(', text.len) != NULL;
	uint64_t plus = 0;
	char digits[24];

	*label = text;
	const struct tg_span number = has_label ? conf_value_take_item(label, '(') : text;
	struct tg_span more = number;
	const struct tg_span word = conf_value_take_item(&more, '+');
	const bool has_plus = word.len < number.len;

	*label = has_label ? conf_value_trim((struct tg_span){ label->p, label->len - 1 }) : (struct tg_span){ 0 };
	if (has_label && !is_label(*label)) {
		ERROR(r, "expected a label of letters, digits, \"_\" and \"-\", not \"%.*s\"", SHOW(*label));
		return false;
	}
	if (has_plus && (!tg_span_copy(digits, sizeof(digits), conf_value_trim(more)) ||
	                 !tg_text_uint(digits, 0, INT32_MAX, &plus))) {
		ERROR(r, "expected a number behind \"+\", not \"%.*s\"", SHOW(more));
		return false;
	}
	const uint64_t base = base_priority(r, word);

	if (base == 0 || base + plus > INT32_MAX) {
		ERROR(r,
		      "expected a priority: a number, n behind an earlier line, or a label of this extension, not "
		      "\"%.*s\"",
		      SHOW(text));
		return false;
	}
	if (r->is_new && is_one_of(word, "n", "next")) {
		conf_warning(r->loading->problems, r->line->at,
		             "n goes on after the extension above, with priority %u; begin with 1",
		             (unsigned)(base + plus));
	}
	r->priority = (uint32_t)(base + plus);
	return true;
}

/* "App(args)" or "App". */
static bool split_app(struct reader *r, struct tg_span text, struct tg_span *name, struct tg_span *args)
{
	const uint8_t *open = text.len > 0 ? memchr(text.p, '(', text.len) : NULL;
	const uint8_t *close = text.len > 0 ? memrchr(text.p, ')', text.len) : NULL;

	*args = (struct tg_span){ text.p, 0 };
	*name = text;
	if (open == NULL) {
		return true;
	}
	if (close == NULL || close < open || close + 1 != text.p + text.len) {
		ERROR(r, "expected Application(arguments) with a \")\" at the end, not \"%.*s\"", SHOW(text));
		return false;
	}
	*name = conf_value_trim((struct tg_span){ text.p, (size_t)(open - text.p) });
	*args = conf_value_trim((struct tg_span){ open + 1, (size_t)(close - open) - 1 });
	return true;
}

static bool check_args(struct reader *r, const struct conf_app *app, struct tg_span text)
{
	struct conf_args args = { .loading = r->loading, .text = text };

	if (!tg_utf8_is_plain(text)) {
		ERROR(r, "%s: expected text in UTF-8 without control characters", app->name);
		return false;
	}
	if (!conf_vars_check(text, args.expected) || !app->check(&args)) {
		ERROR(r, "%s: expected %s", app->name, args.expected);
		return false;
	}
	if (args.ignored[0] != '\0') {
		conf_note(r->loading->problems, r->line->at, "%s: %s", app->name, args.ignored);
	}
	return true;
}

void conf_step_append(struct conf_context *context, struct conf_step *step)
{
	if (context->last_step != NULL) {
		context->last_step->next = step;
	} else {
		context->steps = step;
	}
	context->last_step = step;
	context->step_count++;
}

static void add_step(struct reader *r, struct tg_span label, const struct conf_app *app, struct tg_span args)
{
	struct conf_step *step = conf_arena_alloc(r->loading->arena, sizeof(*step));

	if (step == NULL) {
		return;
	}
	*step = (struct conf_step){
		.at = r->line->at,
		.pattern = r->pattern,
		.callerid = r->callerid,
		.has_callerid = r->has_callerid,
		.priority = r->priority,
		.label = keep(r->loading, label),
		.args = keep(r->loading, args),
		.app = app,
		.context = r->context,
		.order = r->context->step_count,
	};
	conf_step_append(r->context, step);
	r->plan->has_times = r->plan->has_times || conf_app_looks_at_clock(app, args);
}

/* "priority,application" of exten and same. */
static void take_step(struct reader *r, struct tg_span text)
{
	bool has_app;
	const struct tg_span priority = conf_vars_take(&text, ',', &has_app);
	struct tg_span label, name, args;
	char unknown[CONF_EXPECTED_BYTES];

	if (tg_span_equal_nocase(priority, TG_SPAN_LIT("hint"))) {
		conf_note(r->loading->problems, r->line->at, "hint has no effect: the state of phones is not told");
		return;
	}
	if (!take_priority(r, priority, &label) || !split_app(r, conf_value_trim(text), &name, &args)) {
		return;
	}
	r->is_new = false;
	if (!has_app || name.len == 0) {
		ERROR(r, "expected an application behind the priority");
		return;
	}
	const struct conf_app *app = conf_app_find(name);

	if (app == NULL) {
		ERROR(r, "%s", conf_app_unknown(name, unknown));
	} else if (check_args(r, app, args)) {
		add_step(r, label, app, args);
	}
}

static void take_exten(struct reader *r)
{
	struct tg_span left = tg_span_text(r->line->value);
	bool found;
	const struct tg_span pattern = conf_vars_take(&left, ',', &found);

	if (!found) {
		ERROR(r, "expected extension,priority,application");
	} else if (take_pattern(r, pattern)) {
		take_step(r, left);
	}
}

static void take_same(struct reader *r)
{
	if (r->pattern == NULL) {
		ERROR(r, "\"%.20s\" needs a good exten line above it in this section", r->line->name);
		return;
	}
	take_step(r, tg_span_text(r->line->value));
}

/* ---- the other lines of a context ---- */

static void include_append(struct conf_includes *includes, struct conf_include *include)
{
	if (includes->last != NULL) {
		includes->last->next = include;
	} else {
		includes->first = include;
	}
	includes->last = include;
	includes->count++;
}

static void take_include(struct reader *r)
{
	struct tg_span times = tg_span_text(r->line->value);
	bool limited;
	const struct tg_span name = conf_vars_take(&times, ',', &limited);
	char expected[CONF_EXPECTED_BYTES];
	struct conf_include *include = conf_arena_alloc(r->loading->arena, sizeof(*include));

	if (include == NULL) {
		return;
	}
	*include = (struct conf_include){ .text = keep(r->loading, name), .at = r->line->at, .times = "" };
	if (strchr(r->line->value, '|') != NULL) {
		ERROR(r, "expected commas between the name and the times, not \"|\"");
		return;
	}
	if (name.len == 0) {
		ERROR(r, "expected the name of a context to include");
		return;
	}
	if (limited && !conf_include_times(times, &include->row, expected)) {
		ERROR(r, "include: expected %s", expected);
		return;
	}
	include->times = limited ? keep(r->loading, conf_value_trim(times)) : "";
	r->plan->has_times = r->plan->has_times || (limited && include->row.has_zone == 0);
	include_append(&r->context->includes, include);
}

static const char *const words[] = { "exten",  "same",    "include", "ignorepat",
	                             "switch", "lswitch", "eswitch", "autohints" };

static const char *word_at(const void *owner, size_t index)
{
	(void)owner;
	return index < TG_COUNT(words) ? words[index] : NULL;
}

static void report_word(struct reader *r)
{
	const enum conf_severity severity = r->loading->general.strict != 0 ? CONF_ERROR : CONF_WARNING;
	const char *nearest = tg_text_nearest(r->line->name, word_at, NULL);

	conf_problems_add(r->loading->problems, severity, r->line->at,
	                  "expected exten, same or include, not \"%.60s\"%s%s%s", r->line->name,
	                  nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
	                  nearest != NULL ? "\"?" : "");
}

static void take_line(struct reader *r)
{
	const char *name = r->line->name;

	if (strcasecmp(name, "exten") == 0) {
		take_exten(r);
	} else if (strncasecmp(name, "same", 4) == 0) {
		take_same(r);
	} else if (strcasecmp(name, "include") == 0) {
		take_include(r);
	} else if (strcasecmp(name, "ignorepat") == 0 || strcasecmp(name, "autohints") == 0) {
		conf_note(r->loading->problems, r->line->at, "%s has no effect here", name);
	} else if (strcasecmp(name, "switch") == 0 || strcasecmp(name, "lswitch") == 0 ||
	           strcasecmp(name, "eswitch") == 0) {
		ERROR(r, "%s: asking another exchange for its extensions is not supported in this version", name);
	} else {
		report_word(r);
	}
}

struct conf_context *conf_context_new(struct conf_loading *loading, struct conf_plan *plan, const char *name,
                                      struct conf_place at)
{
	struct conf_context *context = conf_arena_alloc(loading->arena, sizeof(*context));

	if (context == NULL) {
		return NULL;
	}
	*context = (struct conf_context){ .name = name, .at = at };
	if (plan->last != NULL) {
		plan->last->next = context;
	} else {
		plan->contexts = context;
	}
	plan->last = context;
	struct conf_context **bucket = &plan->buckets[conf_bucket(tg_span_text(context->name))];

	context->next_in_bucket = *bucket;
	*bucket = context;
	return context;
}

static void read_context(struct conf_loading *loading, struct conf_plan *plan, const struct conf_section *section)
{
	struct reader r = { .loading = loading, .plan = plan };

	if (!tg_utf8_is_plain(tg_span_text(section->name))) {
		conf_error(loading->problems, section->at, "expected a name in UTF-8 without control characters");
		return;
	}
	r.context = conf_context_find(plan, tg_span_text(section->name));
	if (r.context == NULL) {
		r.context = conf_context_new(loading, plan, section->name, section->at);
	}
	for (const struct conf_line *line = section->lines; r.context != NULL && line != NULL; line = line->next) {
		r.line = line;
		take_line(&r);
	}
}

/* ---- [globals] ---- */

static const struct conf_variable *global_find(const struct conf_plan *plan, struct tg_span name)
{
	for (const struct conf_variable *global = plan->globals; global != NULL; global = global->next) {
		if (tg_span_equal(tg_span_text(global->name), name)) {
			return global;
		}
	}
	return NULL;
}

/* The values of `${NAME}` of the lines above, put in for good. @return false for anything else in brackets */
static bool expand_globals(const struct conf_plan *plan, struct tg_span text, struct tg_writer *out)
{
	while (text.len > 0) {
		const uint8_t *close = text.len > 2 ? memchr(text.p, '}', text.len) : NULL;
		const bool opens = text.len > 1 && text.p[0] == '$' && (text.p[1] == '{' || text.p[1] == '[');

		if (!opens) {
			tg_put_u8(out, text.p[0]);
			text = (struct tg_span){ text.p + 1, text.len - 1 };
			continue;
		}
		if (close == NULL || text.p[1] == '[') {
			return false;
		}
		const size_t len = (size_t)(close - text.p) + 1;
		const struct tg_span name = { text.p + 2, len - 3 };
		const struct conf_variable *global = global_find(plan, name);

		if (memchr(name.p, '$', name.len) != NULL || memchr(name.p, '(', name.len) != NULL) {
			return false;
		}
		tg_put_span(out, tg_span_text(global != NULL ? global->value : ""));
		text = (struct tg_span){ text.p + len, text.len - len };
	}
	return true;
}

static void set_global(struct conf_loading *loading, struct conf_plan *plan, const struct conf_line *line,
                       struct tg_span value)
{
	for (struct conf_variable *global = plan->globals; global != NULL; global = global->next) {
		if (strcmp(global->name, line->name) == 0) {
			global->value = keep(loading, value);
			return;
		}
	}
	struct conf_variable *global = conf_arena_alloc(loading->arena, sizeof(*global));

	if (global == NULL) {
		return;
	}
	*global = (struct conf_variable){ NULL, line->name, keep(loading, value) };
	if (plan->last_global != NULL) {
		plan->last_global->next = global;
	} else {
		plan->globals = global;
	}
	plan->last_global = global;
}

static void read_globals(struct conf_loading *loading, struct conf_plan *plan, const struct conf_section *section)
{
	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		uint8_t buffer[CONF_VALUE_MAX];
		struct tg_writer out = tg_writer_of(buffer, sizeof(buffer));
		char expected[CONF_EXPECTED_BYTES];

		if (!conf_vars_can_set(tg_span_text(line->name), expected) || strpbrk(line->name, "($") != NULL) {
			conf_error(loading->problems, line->at, "expected NAME=value, not \"%.60s\"", line->name);
		} else if (!expand_globals(plan, tg_span_text(line->value), &out)) {
			conf_error(loading->problems, line->at,
			           "%.60s: expected only ${NAME} of lines above in the value", line->name);
		} else if (!tg_writer_ok(&out) || !tg_utf8_is_plain(tg_writer_span(&out))) {
			conf_error(loading->problems, line->at, "%.60s: expected at most %d octets of UTF-8",
			           line->name, CONF_VALUE_MAX);
		} else {
			set_global(loading, plan, line, tg_writer_span(&out));
		}
	}
}

/* ---- [general] ---- */

/* What each asks for is so in any case (why NULL), or has no effect when it is switched on. */
static const struct {
	const char *name, *why;
} general_options[] = {
	{ "autofallthrough", NULL },
	{ "static", NULL },
	{ "writeprotect", NULL },
	{ "clearglobalvars", "variables that calls set live until the end" },
	{ "extenpatternmatchnew", "there is one way to match patterns" },
	{ "overrideswitch", "other exchanges are not asked for extensions" },
	{ "userscontext", "users are in iax.conf alone" },
};

static const char *general_name(const void *owner, size_t index)
{
	(void)owner;
	return index < TG_COUNT(general_options) ? general_options[index].name : NULL;
}

static void report_general(struct conf_loading *loading, const struct conf_line *line)
{
	const enum conf_severity severity = loading->general.strict != 0 ? CONF_ERROR : CONF_WARNING;
	const char *nearest = tg_text_nearest(line->name, general_name, NULL);

	conf_problems_add(loading->problems, severity, line->at, "unknown option \"%.60s\"%s%s%s", line->name,
	                  nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
	                  nearest != NULL ? "\"?" : "");
}

static void take_general(struct conf_loading *loading, struct conf_plan *plan, const struct conf_line *line)
{
	bool on;
	const bool is_bool = conf_value_bool(tg_span_text(line->value), &on);
	size_t i = 0;

	while (i < TG_COUNT(general_options) && strcasecmp(general_options[i].name, line->name) != 0) {
		i++;
	}
	if (i == TG_COUNT(general_options)) {
		report_general(loading, line);
	} else if (general_options[i].why != NULL && !(is_bool && !on)) {
		conf_note(loading->problems, line->at, "%s has no effect: %s", line->name, general_options[i].why);
	} else if (i == 0 && !is_bool) {
		conf_error(loading->problems, line->at, "%s: expected yes or no, not \"%.60s\"", line->name,
		           line->value);
	} else if (i == 0) {
		plan->autofallthrough = on ? 1 : 0;
	}
}

/* Only asked for if it is needed: most dialplans look at no clock. */
static void read_zone(struct conf_loading *loading, struct conf_plan *plan)
{
	static const struct conf_place whole_file = { "extensions.conf", 0 };
	const char *rule = loading->files->zone;

	if (!plan->has_times) {
		return;
	}
	if (rule == NULL) {
		conf_note(loading->problems, whole_file,
		          "times without a zone are UTC: the machine's time zone is not known");
	} else if (!when_zone_read(&plan->zone, tg_span_text(rule))) {
		plan->zone = (struct world_zone){ 0 };
		conf_warning(loading->problems, whole_file,
		             "times without a zone are UTC: the machine's time zone has a rule that cannot be used, "
		             "\"%.60s\"; name one behind the times",
		             rule);
	}
}

void conf_extensions_read(struct conf_loading *loading, const struct conf_dialect *dialect, struct conf_plan *plan)
{
	for (const struct conf_section *s = dialect->sections; s != NULL; s = s->next) {
		if (s->is_template) {
			continue;
		}
		if (strcasecmp(s->name, "globals") == 0) {
			read_globals(loading, plan, s);
		} else if (strcasecmp(s->name, "general") != 0) {
			read_context(loading, plan, s);
		} else {
			for (const struct conf_line *line = s->lines; line != NULL; line = line->next) {
				take_general(loading, plan, line);
			}
		}
	}
	read_zone(loading, plan);
}
