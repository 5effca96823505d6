/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/plan.h"

#include <string.h>

#include "model/pattern.h"
#include "model/when.h"
#include "switch/vars.h"

/* One lookup. A context that several include is searched once each time; the image bounds the depth, this the sum. */
struct search {
	const struct world *world;
	const struct plan_place *place;
	uint32_t priority;        /* wanted, or */
	struct tg_span label;     /* wanted when priority is 0 */
	uint32_t contexts;        /* searched so far */
	uint32_t depth;           /* of the context that is searched */
	bool registered;          /* only what registrations add; else without that */
	struct plan_trace *trace; /* NULL: not wanted */
};

enum { CONTEXTS_MAX = 512 };

static bool has_any(struct tg_span text, const char *of)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\0' || strchr(of, text.p[i]) != NULL) {
			return true;
		}
	}
	return false;
}

static bool is_number(struct tg_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\0' || strchr("0123456789*#+-", text.p[i]) == NULL) {
			return false;
		}
	}
	return true;
}

struct tg_span plan_dialled(struct tg_span called, char buf[PLAN_DIALLED_BYTES])
{
	const bool drops = is_number(called);
	size_t len = 0;

	if (called.len > WORLD_NAME_MAX || has_any(called, VARS_DIVIDERS) ||
	    (called.len == 1 && has_any(called, "hitTe"))) {
		return (struct tg_span){ 0 };
	}
	for (size_t i = 0; i < called.len; i++) {
		if (!drops || called.p[i] != '-') {
			buf[len++] = (char)called.p[i];
		}
	}
	return (struct tg_span){ (const uint8_t *)buf, len };
}

/* One of these peers is registered. */
static bool any_registered(const struct search *s, struct world_run peers)
{
	const struct plan_registered *now = &s->place->registered;

	for (uint32_t i = 0; i < peers.count && now->is != NULL; i++) {
		const struct world_text *peer = world_row(s->world, WORLD_TEXTS, peers.first + i);

		if (now->is(now->owner, world_span(s->world, *peer))) {
			return true;
		}
	}
	return now->is == NULL;
}

static bool step_is_wanted(const struct search *s, const struct world_step *step)
{
	if ((step->registered.count > 0) != s->registered || (s->registered && !any_registered(s, step->registered))) {
		return false;
	}
	if (s->priority != 0) {
		return step->priority == s->priority;
	}
	return step->label.len > 0 && tg_span_equal(world_span(s->world, step->label), s->label);
}

static const struct world_step *search_steps(const struct search *s, struct world_run run)
{
	for (uint32_t i = 0; i < run.count; i++) {
		const struct world_step *step = world_row(s->world, WORLD_STEPS, run.first + i);

		if (step_is_wanted(s, step)) {
			return step;
		}
	}
	return NULL;
}

static const struct world_exten *exten_at(const struct search *s, struct world_run run, uint32_t index)
{
	return world_row(s->world, WORLD_EXTENS, run.first + index);
}

/* Plain names stand in front, in order: the first one that is not below the number, or the first pattern. */
static uint32_t first_candidate(const struct search *s, struct world_run run)
{
	uint32_t low = 0, high = run.count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const struct world_exten *exten = exten_at(s, run, middle);

		if (!exten->is_pattern && !pattern_is(s->place->exten) &&
		    pattern_compare(world_span(s->world, exten->pattern), s->place->exten) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static uint32_t first_pattern(const struct search *s, struct world_run run, uint32_t low)
{
	uint32_t high = run.count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (exten_at(s, run, middle)->is_pattern) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return low;
}

static void found(const struct search *s, const struct world_exten *exten)
{
	if (s->trace != NULL) {
		s->trace->exten = exten;
		s->trace->depth = s->depth;
	}
}

static void enter(struct search *s, uint32_t row)
{
	if (s->trace != NULL && s->depth < WORLD_INCLUDE_DEPTH) {
		s->trace->contexts[s->depth] = row;
	}
	s->depth++;
}

static const struct world_step *search_extens(const struct search *s, struct world_run run)
{
	bool plain = true;

	for (uint32_t i = first_candidate(s, run); i < run.count; i++) {
		const struct world_exten *exten = exten_at(s, run, i);

		if (world_exten_matches(s->world, exten, s->place->exten, s->place->caller)) {
			const struct world_step *step = search_steps(s, exten->steps);

			if (step != NULL) {
				found(s, exten);
				return step;
			}
		} else if (plain && !exten->is_pattern &&
		           !pattern_match(world_span(s->world, exten->pattern), s->place->exten)) {
			plain = false;
			i = first_pattern(s, run, i) - 1; /* no other plain name is this number */
		}
	}
	return NULL;
}

static const struct world_step *search_context(struct search *s, uint32_t row)
{
	const struct world_context *context = world_row(s->world, WORLD_CONTEXTS, row);
	const struct world_step *step = NULL;

	if (++s->contexts > CONTEXTS_MAX) {
		return NULL;
	}
	enter(s, row);
	step = search_extens(s, context->extens);
	for (uint32_t i = 0; step == NULL && i < context->includes.count; i++) {
		const struct world_include *include = world_row(s->world, WORLD_INCLUDES, context->includes.first + i);
		const uint32_t included = plan_context(s->world, world_span(s->world, include->name));

		if (included != UINT32_MAX && when_is_open(include, &s->world->settings.zone, s->place->minute)) {
			step = search_context(s, included);
		}
	}
	if (step == NULL && s->priority == 1 && context->has_registered != 0) {
		s->registered = true;
		step = search_extens(s, context->extens);
		s->registered = false;
	}
	s->depth--;
	return step;
}

static const struct world_step *search_all(struct search *s)
{
	if (s->place->context >= world_count(s->world, WORLD_CONTEXTS)) {
		return NULL;
	}
	return search_context(s, s->place->context);
}

const struct world_step *plan_find(const struct world *world, const struct plan_place *place, uint32_t priority)
{
	struct search s = { .world = world, .place = place, .priority = priority };

	return priority == 0 ? NULL : search_all(&s);
}

const struct world_step *plan_find_traced(const struct world *world, const struct plan_place *place, uint32_t priority,
                                          struct plan_trace *trace)
{
	struct search s = { .world = world, .place = place, .priority = priority, .trace = trace };

	*trace = (struct plan_trace){ 0 };
	return priority == 0 ? NULL : search_all(&s);
}

uint32_t plan_label(const struct world *world, const struct plan_place *place, struct tg_span label)
{
	struct search s = { .world = world, .place = place, .label = label };
	const struct world_step *step = label.len > 0 ? search_all(&s) : NULL;

	return step != NULL ? step->priority : 0;
}

uint32_t plan_context(const struct world *world, struct tg_span name)
{
	const struct world_context *context = world_context_find(world, name);

	if (context == NULL) {
		return UINT32_MAX;
	}
	return (uint32_t)(context - (const struct world_context *)world_row(world, WORLD_CONTEXTS, 0));
}

bool plan_exists(const struct world *world, const struct plan_place *place)
{
	return plan_find(world, place, 1) != NULL;
}
