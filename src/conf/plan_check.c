/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "conf/app.h"
#include "conf/plan.h"
#include "conf/tones.h"
#include "conf/value.h"
#include "model/pattern.h"

#include <stdlib.h>
#include <string.h>

enum { VISITS_MAX = 512 }; /* contexts that one lookup goes through */

#define SHOW(text) (int)((text).len < 60 ? (text).len : 60), (const char *)(text).p

/* ---- extensions: sorted, each priority once ---- */

static int compare_extens(const struct conf_step *a, const struct conf_step *b)
{
	const int order = pattern_compare(tg_span_text(a->pattern), tg_span_text(b->pattern));

	if (order != 0) {
		return order;
	}
	if (a->has_callerid != b->has_callerid) {
		return (int)b->has_callerid - (int)a->has_callerid;
	}
	return pattern_compare(tg_span_text(a->callerid), tg_span_text(b->callerid));
}

static int by_exten_and_priority(const void *a, const void *b)
{
	const struct conf_step *step_a = *(struct conf_step *const *)a;
	const struct conf_step *step_b = *(struct conf_step *const *)b;
	const int order = compare_extens(step_a, step_b);

	if (order != 0) {
		return order;
	}
	if (step_a->priority != step_b->priority) {
		return step_a->priority < step_b->priority ? -1 : 1;
	}
	return step_a->order < step_b->order ? -1 : 1;
}

static void report_repeated(struct conf_loading *loading, const struct conf_step *first, const struct conf_step *again)
{
	conf_error(loading->problems, again->at, "\"%s\" has a priority %u already (%s:%u)", again->pattern,
	           (unsigned)again->priority, first->at.file, (unsigned)first->at.line);
}

/* What is written goes before what a registration adds, and what several add is one. @return how many are left */
static uint32_t merge_registered(struct conf_loading *loading, struct conf_step **steps, uint32_t count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct conf_step *last = kept > 0 ? steps[kept - 1] : NULL;
		const struct conf_text *peer = steps[i]->registered.first;

		if (peer == NULL || last == NULL || last->priority != steps[i]->priority ||
		    compare_extens(last, steps[i]) != 0) {
			steps[kept++] = steps[i];
		} else if (last->registered.first != NULL) {
			conf_texts_add(loading, &last->registered, peer->text, peer->at);
		}
	}
	return kept;
}

static void group_extens(struct conf_loading *loading, struct conf_context *context, struct conf_step **steps)
{
	struct conf_exten *exten = NULL;

	for (uint32_t i = 0; i < context->step_count; i++) {
		if (exten != NULL && compare_extens(exten->steps[0], steps[i]) == 0) {
			const struct conf_step *before = exten->steps[exten->count - 1];

			if (before->priority == steps[i]->priority) {
				report_repeated(loading, before, steps[i]);
			}
			exten->count++;
			continue;
		}
		exten = &context->extens[context->exten_count++];
		*exten = (struct conf_exten){ .steps = steps + i, .count = 1 };
	}
}

static void sort_extens(struct conf_loading *loading, struct conf_context *context)
{
	const size_t count = context->step_count;
	struct conf_step **steps = conf_arena_alloc(loading->arena, count * sizeof(struct conf_step *));

	context->extens = conf_arena_alloc(loading->arena, count * sizeof(struct conf_exten));
	if (steps == NULL || context->extens == NULL || count == 0) {
		return;
	}
	size_t n = 0;

	for (struct conf_step *step = context->steps; step != NULL; step = step->next) {
		steps[n++] = step;
	}
	qsort(steps, n, sizeof(struct conf_step *), by_exten_and_priority);
	context->step_count = merge_registered(loading, steps, context->step_count);
	group_extens(loading, context, steps);
}

/* ---- includes ---- */

enum mark { UNSEEN, OPEN, DONE };

struct walk {
	struct conf_loading *loading;
	struct conf_plan *plan;
};

static void report_missing_context(const struct walk *w, const struct conf_include *include)
{
	char hint[CONF_HINT_BYTES];

	conf_error(w->loading->problems, include->at, "include: there is no context \"%s\"%s", include->text,
	           conf_context_hint(w->plan, include->text, hint));
}

static void report_loop(const struct walk *w, const struct conf_context *context, const struct conf_include *include)
{
	if (strcmp(context->name, include->text) == 0) {
		conf_error(w->loading->problems, include->at, "include: the context \"%s\" includes itself",
		           context->name);
	} else {
		conf_error(w->loading->problems, include->at,
		           "include: the context \"%s\" includes itself by way of \"%s\"", include->text,
		           context->name);
	}
}

static void follow_includes(const struct walk *w, struct conf_context *context, uint32_t depth);

static void follow_include(const struct walk *w, struct conf_context *context, const struct conf_include *include,
                           uint32_t depth)
{
	struct conf_context *included = conf_context_find(w->plan, tg_span_text(include->text));

	if (included == NULL) {
		report_missing_context(w, include);
		return;
	}
	if (included->mark == OPEN) {
		report_loop(w, context, include);
		return;
	}
	if (included->mark == UNSEEN) {
		follow_includes(w, included, depth + 1);
	}
	context->height = included->height >= context->height ? included->height + 1 : context->height;
	context->visits += included->visits;
}

static void follow_includes(const struct walk *w, struct conf_context *context, uint32_t depth)
{
	context->mark = OPEN;
	context->visits = 1;
	for (const struct conf_include *include = context->includes.first; include != NULL; include = include->next) {
		if (depth < WORLD_INCLUDE_DEPTH) {
			follow_include(w, context, include, depth);
		} else {
			context->height = WORLD_INCLUDE_DEPTH;
		}
		context->visits = context->visits > VISITS_MAX ? VISITS_MAX + 1 : context->visits;
	}
	context->mark = DONE;
	if (context->height == WORLD_INCLUDE_DEPTH) {
		conf_error(w->loading->problems, context->at, "[%s]: contexts include each other more than %d deep",
		           context->name, WORLD_INCLUDE_DEPTH);
	} else if (context->visits == VISITS_MAX + 1) {
		conf_error(w->loading->problems, context->at, "[%s] includes more than %d contexts, counted each time",
		           context->name, VISITS_MAX);
	}
	context->height = context->height > WORLD_INCLUDE_DEPTH ? WORLD_INCLUDE_DEPTH + 1 : context->height;
}

static void check_includes(struct conf_loading *loading, struct conf_plan *plan)
{
	const struct walk walk = { loading, plan };

	for (struct conf_context *context = plan->contexts; context != NULL; context = context->next) {
		if (context->mark == UNSEEN) {
			follow_includes(&walk, context, 0);
		}
	}
}

/* ---- places to go to ---- */

/* What Goto names. A part that is known in a call only is any. */
struct place {
	const struct conf_step *from;
	const struct conf_context *context;
	struct tg_span exten, priority;
	bool any_exten, any_priority;
};

static bool is_wanted_step(const struct conf_step *step, const struct place *place)
{
	char digits[24];
	uint64_t number;

	if (place->any_priority) {
		return true;
	}
	if (tg_span_copy(digits, sizeof(digits), place->priority) && tg_text_uint(digits, 1, INT32_MAX, &number)) {
		return step->priority == number;
	}
	return step->label[0] != '\0' && tg_span_equal(tg_span_text(step->label), place->priority);
}

/* What was found on the way: the extension, the step. */
struct found {
	bool exten, step;
};

static void look_in_exten(const struct conf_exten *exten, const struct place *place, struct found *found)
{
	const struct tg_span pattern = tg_span_text(exten->steps[0]->pattern);

	if (!place->any_exten && !pattern_match(pattern, place->exten)) {
		return;
	}
	found->exten = true;
	for (uint32_t i = 0; i < exten->count && !found->step; i++) {
		found->step = is_wanted_step(exten->steps[i], place);
	}
}

static void look_in_context(const struct conf_plan *plan, const struct conf_context *context, const struct place *place,
                            struct found *found)
{
	for (uint32_t i = 0; i < context->exten_count && !found->step; i++) {
		look_in_exten(&context->extens[i], place, found);
	}
	for (const struct conf_include *include = context->includes.first; include != NULL && !found->step;
	     include = include->next) {
		const struct conf_context *included = conf_context_find(plan, tg_span_text(include->text));

		if (included != NULL) {
			look_in_context(plan, included, place, found);
		}
	}
}

static void report_place(struct conf_loading *loading, const struct place *place, const struct found *found)
{
	const struct conf_step *from = place->from;

	if (found->exten) {
		conf_error(loading->problems, from->at,
		           "%s: \"%.*s\" in the context \"%s\" has no priority or label \"%.*s\"", from->app->name,
		           SHOW(place->exten), place->context->name, SHOW(place->priority));
	} else {
		conf_error(loading->problems, from->at, "%s: there is no extension \"%.*s\" in the context \"%s\"",
		           from->app->name, SHOW(place->exten), place->context->name);
	}
}

static bool take_context(struct conf_loading *loading, const struct conf_plan *plan, struct place *place,
                         struct tg_span name)
{
	char text[WORLD_NAME_MAX + 1], hint[CONF_HINT_BYTES];

	if (conf_vars_has_any(name)) {
		return false;
	}
	place->context = conf_context_find(plan, name);
	if (place->context == NULL) {
		tg_span_copy(text, sizeof(text), name);
		conf_error(loading->problems, place->from->at, "%s: there is no context \"%s\"%s",
		           place->from->app->name, text, conf_context_hint(plan, text, hint));
	}
	return place->context != NULL;
}

/* [[context,]exten,]priority */
static void check_place(struct conf_loading *loading, const struct conf_plan *plan, const struct conf_step *from,
                        struct tg_span text)
{
	struct place place = { .from = from, .context = from->context, .exten = tg_span_text(from->pattern) };
	struct found found = { .exten = false };
	struct tg_span parts[3] = { { NULL, 0 } };
	size_t count = 0;
	bool more = true;

	while (more && count < 3) {
		parts[count++] = conf_vars_take(&text, ',', &more);
	}
	if (count == 3 && !take_context(loading, plan, &place, parts[0])) {
		return;
	}
	place.priority = parts[count - 1];
	place.any_priority = conf_vars_has_any(place.priority);
	place.exten = count > 1 ? parts[count - 2] : place.exten;
	place.any_exten = count > 1 ? conf_vars_has_any(place.exten) : pattern_is(place.exten);
	look_in_context(plan, place.context, &place, &found);
	if (!found.step) {
		report_place(loading, &place, &found);
	}
}

static void check_target(struct conf_loading *loading, const struct conf_plan *plan, const struct conf_step *step,
                         struct tg_span text)
{
	const bool is_gosub = step->app->id == WORLD_APP_GOSUB || step->app->id == WORLD_APP_GOSUBIF;
	struct tg_span inside;

	if (text.len > 0) {
		check_place(loading, plan, step, is_gosub ? conf_app_gosub_place(text, &inside) : text);
	}
}

static bool goes(const struct conf_step *step)
{
	return step->app->id == WORLD_APP_GOTO || step->app->id == WORLD_APP_GOSUB;
}

static bool goes_if(const struct conf_step *step)
{
	return step->app->id == WORLD_APP_GOTOIF || step->app->id == WORLD_APP_GOTOIFTIME ||
	       step->app->id == WORLD_APP_GOSUBIF;
}

static void check_goto(struct conf_loading *loading, const struct conf_plan *plan, const struct conf_step *step)
{
	struct tg_span left = tg_span_text(step->args);
	bool found;

	if (goes(step)) {
		check_target(loading, plan, step, left);
	} else if (goes_if(step)) {
		conf_vars_take(&left, '?', &found);
		const struct tg_span yes = step->app->id == WORLD_APP_GOSUBIF ? conf_vars_take_outside(&left, ':')
		                                                              : conf_vars_take(&left, ':', &found);

		check_target(loading, plan, step, yes);
		check_target(loading, plan, step, conf_value_trim(left));
	}
}

static void check_gotos(struct conf_loading *loading, const struct conf_plan *plan)
{
	for (const struct conf_context *context = plan->contexts; context != NULL; context = context->next) {
		for (const struct conf_step *step = context->steps; step != NULL; step = step->next) {
			check_goto(loading, plan, step);
		}
	}
}

/* ---- tones ---- */

/* Each different one becomes a prompt. */
static void check_tones(struct conf_loading *loading, const struct conf_plan *plan)
{
	const char *seen[CONF_TONES_MAX];
	size_t count = 0;

	for (const struct conf_context *context = plan->contexts; context != NULL; context = context->next) {
		for (const struct conf_step *step = context->steps; step != NULL; step = step->next) {
			size_t at = 0;

			while (at < count && strcmp(seen[at], step->args) != 0) {
				at++;
			}
			if (step->app->id != WORLD_APP_PLAYTONES || at < count) {
				continue;
			}
			if (count == CONF_TONES_MAX) {
				conf_error(loading->problems, step->at, "%s: expected at most %d different tones",
				           step->app->name, CONF_TONES_MAX);
				return;
			}
			seen[count++] = step->args;
		}
	}
}

/* ---- contexts of users ---- */

static void check_user_contexts(struct conf_loading *loading, const struct conf_plan *plan)
{
	char hint[CONF_HINT_BYTES];

	for (const struct conf_account *user = loading->accounts; user != NULL; user = user->next) {
		for (const struct conf_text *c = user->contexts.first; c != NULL; c = c->next) {
			if (strcmp(c->text, "*") != 0 && conf_context_find(plan, tg_span_text(c->text)) == NULL) {
				conf_warning(loading->problems, c->at,
				             "[%s]: extensions.conf has no context \"%s\", so it reaches nothing%s",
				             user->name, c->text, conf_context_hint(plan, c->text, hint));
			}
		}
	}
}

void conf_plan_check(struct conf_loading *loading, struct conf_plan *plan)
{
	const uint32_t errors_before = loading->problems->errors;

	if (plan->is_missing) {
		return;
	}
	for (struct conf_context *context = plan->contexts; context != NULL; context = context->next) {
		sort_extens(loading, context);
	}
	check_includes(loading, plan);
	if (loading->problems->errors == errors_before && !loading->arena->failed) {
		check_gotos(loading, plan);
	}
	check_tones(loading, plan);
	check_user_contexts(loading, plan);
}
