/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up steps for sets of numbers, as plan.c does it for one. */
#include <stdlib.h>
#include <string.h>

#include "model/pattern.h"
#include "switch/plan.h"
#include "switch/reach_inside.h"

struct lookup {
	struct reach_flow *flow;
	uint32_t from, context;
	bool after_hangup;
	const struct reach_wanted *wanted;
	struct reach_boxes rest; /* what nothing was found for yet */
	bool sure;               /* what is found here is what the switch finds */
};

static const struct world_step *wanted_step(const struct lookup *l, const struct world_exten *exten, uint32_t *index)
{
	const struct world *world = l->flow->reach->world;

	for (; *index < exten->steps.count; (*index)++) {
		const struct world_step *step = world_row(world, WORLD_STEPS, exten->steps.first + *index);

		if (l->wanted->by == REACH_ANY_PRIORITY ||
		    (l->wanted->by == REACH_PRIORITY && step->priority == l->wanted->priority) ||
		    (l->wanted->by == REACH_LABEL && step->label.len > 0 &&
		     tg_span_equal(world_span(world, step->label), l->wanted->label))) {
			return step;
		}
	}
	return NULL;
}

/* Those of the numbers that this extension is for. A label is no place yet: it only names a priority. */
static void found(struct lookup *l, uint32_t exten, uint32_t step, uint32_t priority)
{
	struct reach_flow *flow = l->flow;
	struct reach_boxes shares = { NULL, 0, 0, false };
	const struct reach_place place = { l->context, exten, step, l->from, l->after_hangup };
	struct reach_box both;

	for (uint32_t i = 0; i < l->rest.count && !flow->gave_up; i++) {
		if (!reach_box_both(&flow->reach->sets, &l->rest.p[i], &flow->reach->extens[exten], &both)) {
			continue;
		}
		if (l->wanted->by == REACH_LABEL) {
			reach_boxes_add(&flow->reach->sets, &shares, &both);
		} else {
			reach_arrive(flow, &place, &both);
		}
	}
	if (shares.count > 0) {
		const struct reach_wanted wanted = { .by = REACH_PRIORITY, .priority = priority };

		reach_go(flow, l->from, l->context, &shares, &wanted); /* one deep: that one looks for no label */
	}
	flow->failed = flow->failed || shares.failed;
	reach_boxes_free(&shares);
}

static void look_at_exten(struct lookup *l, uint32_t row)
{
	struct reach *reach = l->flow->reach;
	const struct world_exten *exten = world_row(reach->world, WORLD_EXTENS, row);
	uint32_t index = 0;
	const struct world_step *step = wanted_step(l, exten, &index);

	if (step == NULL) {
		return;
	}
	const bool always = step->registered.count == 0;

	reach->work += 1 + l->rest.count;
	while (step != NULL && !l->flow->gave_up) {
		found(l, row, exten->steps.first + index, step->priority);
		index++;
		step = l->wanted->by == REACH_ANY_PRIORITY ? wanted_step(l, exten, &index) : NULL;
	}
	if (l->sure && always && exten->has_callerid == 0 && reach->exact[row] != 0 &&
	    l->wanted->by != REACH_ANY_PRIORITY) {
		/* Names are many, and patterns are what matters. */
		reach_boxes_subtract(&reach->sets, &l->rest, &reach->extens[row],
		                     exten->is_pattern != 0 ? REACH_REST_MAX : REACH_REST_MAX / 8);
	}
}

/* Contexts on top of each other, while one lookup goes through them. */
struct include_stack {
	struct {
		uint32_t row, next;
		bool sure; /* what it has is found at any time */
	} at[WORLD_INCLUDE_DEPTH + 1];
	uint32_t depth;
	bool repeats; /* the switch searches a context again, and does not search any number of them */
};

/* A number of which there is but one. @return its length; 0 for none, or one that reads like a pattern */
static size_t only_number(const struct lookup *l, uint8_t out[REACH_BOX_MAX])
{
	const struct reach_box *box = l->rest.p;

	if (l->rest.count != 1 || box->open || box->len == 0 || box->at[0] == '_') {
		return 0;
	}
	for (size_t i = 0; i < box->len; i++) {
		if (box->at[i] > 255) {
			return 0;
		}
		out[i] = (uint8_t)box->at[i];
	}
	return box->len;
}

/* Plain names stand in front, in order: the first one that is not before the number, or with a NULL number the first pattern. */
static uint32_t first_exten(const struct world *world, struct world_run run, struct tg_span number)
{
	uint32_t low = 0, high = run.count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const struct world_exten *exten = world_row(world, WORLD_EXTENS, run.first + middle);

		if (exten->is_pattern == 0 &&
		    (number.p == NULL || pattern_compare(world_span(world, exten->pattern), number) < 0)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Of many names only the one that can be it is looked at. */
static void look_at_extens(struct lookup *l, struct world_run run)
{
	const struct world *world = l->flow->reach->world;
	uint8_t octets[REACH_BOX_MAX];
	const struct tg_span number = { octets, only_number(l, octets) };
	const uint32_t patterns = first_exten(world, run, (struct tg_span){ NULL, 0 });
	uint32_t i = number.len > 0 ? first_exten(world, run, number) : 0;

	for (; i < run.count && l->rest.count > 0; i++) {
		const struct world_exten *exten = world_row(world, WORLD_EXTENS, run.first + i);

		if (number.len > 0 && i < patterns && !pattern_match(world_span(world, exten->pattern), number)) {
			i = patterns - 1;
			continue;
		}
		look_at_exten(l, run.first + i);
	}
}

static void enter_extens(struct lookup *l, struct include_stack *stack, uint32_t row, bool sure)
{
	const struct world_context *context = world_row(l->flow->reach->world, WORLD_CONTEXTS, row);

	stack->at[stack->depth].row = row;
	stack->at[stack->depth].sure = sure;
	stack->at[stack->depth++].next = 0;
	l->sure = sure && !stack->repeats;
	look_at_extens(l, context->extens);
}

/* Depth first, and each context once: what it has for these numbers was found then. One with times counts, but denies nothing. */
static void look_at_contexts(struct lookup *l, uint8_t *seen)
{
	const struct world *world = l->flow->reach->world;
	struct include_stack stack = { .depth = 0 };

	seen[l->context] = 1;
	enter_extens(l, &stack, l->context, true);
	while (stack.depth > 0 && l->rest.count > 0 && !l->flow->gave_up) {
		const uint32_t top = stack.depth - 1, index = stack.at[top].next++;
		const struct world_context *context = world_row(world, WORLD_CONTEXTS, stack.at[top].row);

		if (index >= context->includes.count) {
			stack.depth--;
			continue;
		}
		const struct world_include *include = world_row(world, WORLD_INCLUDES, context->includes.first + index);
		const uint32_t row = plan_context(world, world_span(world, include->name));

		if (row == UINT32_MAX || stack.depth > WORLD_INCLUDE_DEPTH) {
			continue;
		}
		if (seen[row] == 0) {
			enter_extens(l, &stack, row, stack.at[top].sure && include->is_limited == 0);
		} else {
			stack.repeats = true;
		}
		seen[row] = 1;
	}
}

static bool look_up(struct lookup l, const struct reach_boxes *numbers)
{
	struct reach_flow *flow = l.flow;
	const uint32_t context = l.context, contexts = world_count(flow->reach->world, WORLD_CONTEXTS);
	uint8_t *seen = context < contexts ? calloc(contexts, 1) : NULL;

	if (context >= contexts || seen == NULL || flow->gave_up || ++flow->reach->work > REACH_WORK_MAX) {
		if (context < contexts) {
			reach_give_up(flow);
		}
		free(seen);
		return false;
	}
	for (uint32_t i = 0; i < numbers->count; i++) {
		reach_boxes_add(&flow->reach->sets, &l.rest, &numbers->p[i]);
	}
	flow->failed = flow->failed || l.rest.failed;
	look_at_contexts(&l, seen);
	const bool all = l.rest.count == 0;

	reach_boxes_free(&l.rest);
	free(seen);
	return all;
}

bool reach_go(struct reach_flow *flow, uint32_t from, uint32_t context, const struct reach_boxes *numbers,
              const struct reach_wanted *wanted)
{
	const bool after_hangup = from != REACH_NO_PLACE && flow->nodes[from].place.after_hangup;

	return look_up((struct lookup){ .flow = flow,
	                                .from = from,
	                                .context = context,
	                                .after_hangup = after_hangup,
	                                .wanted = wanted,
	                                .sure = true },
	               numbers);
}

void reach_hang_up(struct reach_flow *flow, uint32_t from, uint32_t context)
{
	const struct reach_wanted wanted = { .by = REACH_PRIORITY, .priority = 1 };
	struct reach_box box = { .len = 1, .at = { 'h' } };
	const struct reach_boxes boxes = { &box, 1, 1, false };

	(void)look_up((struct lookup){ .flow = flow,
	                               .from = from,
	                               .context = context,
	                               .after_hangup = true,
	                               .wanted = &wanted,
	                               .sure = true },
	              &boxes);
}
