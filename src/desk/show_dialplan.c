/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { APP_BYTES = 1024, PLACE_BYTES = 512, NAME_BYTES = 2 * MODEL_NAME_BYTES + 4 };

/* What is shown, and how much it was. */
struct plan {
	const struct world *world;
	struct desk_out *out;
	unsigned extens, priorities, contexts;
	const char *number; /* only what matches it; NULL for all */
	uint8_t *visited;   /* a byte a context: a lookup visits each once */
	const struct desk_rows *peers;
};

static bool is_registered(const struct plan *plan, struct tg_span peer)
{
	const struct ipc_peer_row *rows = plan->peers->rows;

	for (uint32_t i = 0; i < plan->peers->count; i++) {
		if (rows[i].expires_s != 0 && tg_span_equal(tg_span_text(rows[i].name), peer)) {
			return true;
		}
	}
	return false;
}

/* It is there now: always, or because somebody is registered. */
static bool step_is_there(const struct plan *plan, const struct world_step *step)
{
	for (uint32_t i = 0; i < step->registered.count; i++) {
		const struct world_text *peer = world_row(plan->world, WORLD_TEXTS, step->registered.first + i);

		if (is_registered(plan, world_span(plan->world, *peer))) {
			return true;
		}
	}
	return step->registered.count == 0;
}

static void step_line(const struct plan *plan, const struct world_step *step, const char *exten)
{
	char name[NAME_BYTES + 8] = "", app[APP_BYTES], place[PLACE_BYTES], label[MODEL_NAME_BYTES + 4] = "";
	const struct world *world = plan->world;

	if (exten != NULL) {
		snprintf(name, sizeof(name), "'%s' =>", exten);
	}
	if (step->label.len > 0) {
		snprintf(label, sizeof(label), " (%s)", world_text(world, step->label));
	}
	snprintf(app, sizeof(app), "%s(%s)%s", world_app_name((enum world_app_id)step->app),
	         world_text(world, step->args), label);
	snprintf(place, sizeof(place), "[%s:%u]", world_text(world, step->origin.file), step->origin.line);
	desk_line(plan->out, "  %-16s %3u. %-45s %s", name, step->priority, app, place);
}

static void exten_lines(struct plan *plan, const struct world_exten *exten)
{
	char name[NAME_BYTES];
	unsigned shown = 0;

	snprintf(name, sizeof(name), "%s%s%s", world_text(plan->world, exten->pattern),
	         exten->has_callerid != 0 ? "/" : "", world_text(plan->world, exten->callerid));
	for (uint32_t i = 0; i < exten->steps.count; i++) {
		const struct world_step *step = world_row(plan->world, WORLD_STEPS, exten->steps.first + i);

		if (step_is_there(plan, step)) {
			step_line(plan, step, shown++ == 0 ? name : NULL);
		}
	}
	plan->extens += shown > 0 ? 1 : 0;
	plan->priorities += shown;
}

/* Whether a number goes here; the caller is not known, so an extension for one caller counts as well. */
static bool exten_is_wanted(const struct plan *plan, const struct world_exten *exten)
{
	const struct world_exten any_caller = {
		.pattern = exten->pattern,
		.is_pattern = exten->is_pattern,
	};
	bool is_there = false;

	if (plan->number != NULL &&
	    !world_exten_matches(plan->world, &any_caller, tg_span_text(plan->number), (struct tg_span){ 0 })) {
		return false;
	}
	for (uint32_t i = 0; i < exten->steps.count && !is_there; i++) {
		is_there = step_is_there(plan, world_row(plan->world, WORLD_STEPS, exten->steps.first + i));
	}
	return is_there;
}

static void context_head(struct plan *plan, const struct world_context *context)
{
	desk_line(plan->out, "[ Context '%s' created by 'pbx_config' ]", world_text(plan->world, context->name));
	plan->contexts++;
}

static const struct world_context *include_at(const struct plan *plan, const struct world_context *context, uint32_t i)
{
	const struct world_include *include = world_row(plan->world, WORLD_INCLUDES, context->includes.first + i);

	return world_context_find(plan->world, world_span(plan->world, include->name));
}

static void context_lines(struct plan *plan, const struct world_context *context)
{
	context_head(plan, context);
	for (uint32_t i = 0; i < context->extens.count; i++) {
		exten_lines(plan, world_row(plan->world, WORLD_EXTENS, context->extens.first + i));
	}
	for (uint32_t i = 0; i < context->includes.count; i++) {
		const struct world_include *include = world_row(plan->world, WORLD_INCLUDES,
		                                                context->includes.first + i);
		char quoted[APP_BYTES];

		snprintf(quoted, sizeof(quoted), "'%s%s%s'", world_text(plan->world, include->name),
		         include->is_limited != 0 ? "," : "", world_text(plan->world, include->times));
		desk_line(plan->out, "  Include =>            %-45s [pbx_config]", quoted);
	}
	desk_line(plan->out, " ");
}

/*
 * The order of a lookup: this context's extensions, then its includes, depth first, each context once. Includes form no
 * loop (world_context.height), so the depth is bounded.
 */
static void lookup_lines(struct plan *plan, const struct world_context *context)
{
	const struct world_context *first = world_row(plan->world, WORLD_CONTEXTS, 0);
	uint8_t *visited = &plan->visited[context - first];
	bool headed = false;

	if (*visited != 0) {
		return;
	}
	*visited = 1;
	for (uint32_t i = 0; i < context->extens.count; i++) {
		const struct world_exten *exten = world_row(plan->world, WORLD_EXTENS, context->extens.first + i);

		if (!exten_is_wanted(plan, exten)) {
			continue;
		}
		if (!headed) {
			context_head(plan, context);
			headed = true;
		}
		exten_lines(plan, exten);
	}
	if (headed) {
		desk_line(plan->out, " ");
	}
	for (uint32_t i = 0; i < context->includes.count; i++) {
		lookup_lines(plan, include_at(plan, context, i));
	}
}

static int no_context(struct desk_out *out, const char *name)
{
	desk_line(out, "There is no existence of '%s' context", name);
	return DESK_FAILED;
}

static void say_sum(const struct plan *plan)
{
	desk_line(plan->out, "-= %u extension%s (%u priorit%s) in %u context%s. =-", plan->extens,
	          plan->extens == 1 ? "" : "s", plan->priorities, plan->priorities == 1 ? "y" : "ies", plan->contexts,
	          plan->contexts == 1 ? "" : "s");
}

static int show_lookup(struct plan *plan, const char *context_name)
{
	const struct world_context *context = world_context_find(plan->world, tg_span_text(context_name));

	if (context == NULL) {
		return no_context(plan->out, context_name);
	}
	plan->visited = calloc(world_count(plan->world, WORLD_CONTEXTS), 1);
	if (plan->visited == NULL) {
		desk_line(plan->out, "No memory");
		return DESK_FAILED;
	}
	lookup_lines(plan, context);
	free(plan->visited);
	if (plan->extens == 0) {
		desk_line(plan->out, "There is no existence of %s@%s extension", plan->number, context_name);
		return DESK_FAILED;
	}
	say_sum(plan);
	return DESK_OK;
}

static int show_context(struct plan *plan, const char *name)
{
	const struct world_context *context = world_context_find(plan->world, tg_span_text(name));

	if (context == NULL) {
		return no_context(plan->out, name);
	}
	context_lines(plan, context);
	say_sum(plan);
	return DESK_OK;
}

int desk_show_dialplan(const struct desk_view *view, struct desk_out *out)
{
	struct plan plan = { .world = view->world, .out = out, .peers = &view->rows[0] };
	char number[DESK_COMMAND_MAX + 1];
	const char *at = NULL;

	if (view->argc == 0) {
		for (uint32_t i = 0; i < world_count(view->world, WORLD_CONTEXTS); i++) {
			context_lines(&plan, world_row(view->world, WORLD_CONTEXTS, i));
		}
		say_sum(&plan);
		return DESK_OK;
	}
	at = strrchr(view->argv[0], '@');
	if (at == NULL) {
		return show_context(&plan, view->argv[0]);
	}
	snprintf(number, sizeof(number), "%.*s", (int)(at - view->argv[0]), view->argv[0]);
	plan.number = number;
	return at[1] != '\0' ? show_lookup(&plan, at + 1) : no_context(out, "");
}
