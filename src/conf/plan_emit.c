/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/app.h"
#include "conf/plan.h"
#include "model/pattern.h"

static struct world_text text_of(struct conf_loading *loading, const char *text)
{
	return world_build_text(loading->build, tg_span_text(text));
}

static struct world_origin origin_of(struct conf_loading *loading, struct conf_place at)
{
	return (struct world_origin){ .file = text_of(loading, at.file), .line = at.line };
}

static struct world_run emit_peers(struct conf_loading *loading, const struct conf_texts *peers)
{
	const uint32_t first = world_build_count(loading->build, WORLD_TEXTS);

	for (const struct conf_text *peer = peers->first; peer != NULL; peer = peer->next) {
		const struct world_text row = text_of(loading, peer->text);

		world_build_row(loading->build, WORLD_TEXTS, &row);
	}
	return (struct world_run){ first, peers->count };
}

static struct world_run emit_steps(struct conf_loading *loading, const struct conf_exten *exten)
{
	const uint32_t first = world_build_count(loading->build, WORLD_STEPS);

	for (uint32_t i = 0; i < exten->count; i++) {
		const struct conf_step *step = exten->steps[i];
		const struct world_step row = {
			.priority = step->priority,
			.app = step->app->id,
			.args = text_of(loading, step->args),
			.label = text_of(loading, step->label),
			.registered = emit_peers(loading, &step->registered),
			.origin = origin_of(loading, step->at),
		};

		world_build_row(loading->build, WORLD_STEPS, &row);
	}
	return (struct world_run){ first, exten->count };
}

static struct world_run emit_extens(struct conf_loading *loading, const struct conf_context *context)
{
	const uint32_t first = world_build_count(loading->build, WORLD_EXTENS);

	for (uint32_t i = 0; i < context->exten_count; i++) {
		const struct conf_exten *exten = &context->extens[i];
		const struct conf_step *step = exten->steps[0];
		const struct world_exten row = {
			.pattern = text_of(loading, step->pattern),
			.callerid = text_of(loading, step->callerid),
			.steps = emit_steps(loading, exten),
			.is_pattern = pattern_is(tg_span_text(step->pattern)),
			.has_callerid = step->has_callerid,
		};

		world_build_row(loading->build, WORLD_EXTENS, &row);
	}
	return (struct world_run){ first, context->exten_count };
}

static struct world_run emit_includes(struct conf_loading *loading, const struct conf_context *context)
{
	const uint32_t first = world_build_count(loading->build, WORLD_INCLUDES);

	for (const struct conf_include *include = context->includes.first; include != NULL; include = include->next) {
		struct world_include row = include->row;

		row.name = text_of(loading, include->text);
		row.times = text_of(loading, include->times);
		row.origin = origin_of(loading, include->at);
		world_build_row(loading->build, WORLD_INCLUDES, &row);
	}
	return (struct world_run){ first, context->includes.count };
}

void conf_plan_emit(struct conf_loading *loading, const struct conf_plan *plan)
{
	world_build_settings(loading->build)->autofallthrough = plan->autofallthrough;
	world_build_settings(loading->build)->zone = plan->zone;
	if (loading->general.regcontext.text != NULL) {
		world_build_settings(loading->build)->regcontext = text_of(loading, loading->general.regcontext.text);
	}
	for (const struct conf_context *context = plan->contexts; context != NULL; context = context->next) {
		const struct world_context row = {
			.name = text_of(loading, context->name),
			.extens = emit_extens(loading, context),
			.includes = emit_includes(loading, context),
			.has_registered = context->has_registered,
			.origin = origin_of(loading, context->at),
		};

		world_build_row(loading->build, WORLD_CONTEXTS, &row);
	}
	for (const struct conf_variable *global = plan->globals; global != NULL; global = global->next) {
		const struct world_variable row = { text_of(loading, global->name), text_of(loading, global->value) };

		world_build_row(loading->build, WORLD_GLOBALS, &row);
	}
}
