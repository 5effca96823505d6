/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/explain_toll.h"

#include <stdio.h>
#include <string.h>

#include "switch/args.h"
#include "switch/vars.h"

/* Who knows the variables, as long as there is no call. */
struct knower {
	const struct explain_dials *ask;
	bool *unknown;
};

static bool put_global(const struct world *world, struct tg_span name, struct vars_text *out)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_GLOBALS); i++) {
		const struct world_variable *global = world_row(world, WORLD_GLOBALS, i);

		if (tg_span_equal(world_span(world, global->name), name)) {
			vars_put(out, world_span(world, global->value));
			return true;
		}
	}
	return false;
}

static bool put_value(const void *owner, struct tg_span name, struct vars_text *out)
{
	const struct knower *knower = owner;
	const struct explain_dials *ask = knower->ask;

	if (tg_span_equal(name, TG_SPAN_LIT("EXTEN"))) {
		vars_put(out, ask->number);
		return true;
	}
	if (tg_span_equal(name, TG_SPAN_LIT("CALLERID(num)"))) {
		vars_put(out, ask->caller);
		return true;
	}
	if (tg_span_equal(name, TG_SPAN_LIT("CONTEXT"))) {
		vars_put(out, ask->context);
	} else if (!put_global(ask->world, name, out)) {
		*knower->unknown = true;
	}
	return false;
}

/* ---- What is told of one target ---------------------------------------------------------------------------------- */

struct told_limit {
	uint32_t value;
	const char *text; /* behind the number */
};

static size_t put_limits(char *text, size_t at, const struct toll_decision *decision)
{
	const bool is_day = decision->left_why == MODEL_WHY_PAID_DAY;
	const struct told_limit limits[] = {
		{ decision->calls_max, "at once" },
		{ decision->hour_calls_max, "new ones an hour" },
		{ decision->day_calls_max, "new ones a day" },
		{ decision->longest_s, "s at most" },
		{ decision->left_s, is_day ? "s a day if nothing is used yet" : "s a month if nothing is used yet" },
	};

	for (size_t i = 0; i < TG_COUNT(limits); i++) {
		if (at < EXPLAIN_DIAL_BYTES && limits[i].value != TOLL_NO_LIMIT) {
			at += (size_t)snprintf(text + at, EXPLAIN_DIAL_BYTES - at, ", %u %s", (unsigned)limits[i].value,
			                       limits[i].text);
		}
	}
	return at;
}

static void tell_paid(const struct explain_dials *ask, const struct dial_target *target,
                      const struct toll_decision *decision, explain_dial_fn *fn, void *owner)
{
	const struct destination *destination = &decision->destination;
	const bool ok = decision->why == MODEL_WHY_OK;
	char text[EXPLAIN_DIAL_BYTES], number[SHOWN_BYTES], peer[SHOWN_BYTES], rule[TOLL_RULE_BYTES];
	size_t at = (size_t)snprintf(text, sizeof(text), "%.40s to [%.24s]%s%s is %s; %s: %s",
	                             target->exten.len > 0 ? explain_shown(target->exten, number) : "No number",
	                             explain_shown(target->peer, peer),
	                             destination->e164[0] != '\0' ? ", which is " : "", destination->e164,
	                             world_class_name(destination->class), ok ? "allowed" : "refused",
	                             toll_rule_text(ask->world, &decision->rule, rule));

	if (ok) {
		at = put_limits(text, at, decision);
	}
	if (at < sizeof(text)) {
		snprintf(text + at, sizeof(text) - at, ".");
	}
	fn(owner, ok ? EXPLAIN_DIAL_ALLOWED : EXPLAIN_DIAL_DENIED, decision->why, text);
}

static void tell_target(const struct explain_dials *ask, const struct dial_target *target, explain_dial_fn *fn,
                        void *owner)
{
	const struct world_peer *peer = world_peer_find(ask->world, target->peer);
	char text[EXPLAIN_DIAL_BYTES], name[SHOWN_BYTES];
	struct toll_decision decision;

	explain_shown(target->peer, name);
	if (peer == NULL) {
		snprintf(text, sizeof(text), "There is no peer [%s].", name);
		fn(owner, EXPLAIN_DIAL_FREE, MODEL_WHY_OK, text);
		return;
	}
	toll_decide(ask->world,
	            &(struct toll_ask){
			    .user = ask->user, .trunk = peer, .number = target->exten, .wall_ms = ask->wall_ms },
	            &decision);
	if (decision.chargeable) {
		tell_paid(ask, target, &decision, fn, owner);
		return;
	}
	if (peer->to_backend != 0) {
		snprintf(text, sizeof(text), "It goes to the backend as [%s], which says what becomes of it.",
		         world_text(ask->world, peer->username));
		fn(owner, EXPLAIN_DIAL_FREE, MODEL_WHY_OK, text);
		return;
	}
	snprintf(text, sizeof(text), "Calls to [%s] cost nothing: %s.", name,
	         peer->host_kind == WORLD_HOST_DYNAMIC ? "it registers, and has no chargeable=yes" : "chargeable=no");
	fn(owner, EXPLAIN_DIAL_FREE, MODEL_WHY_OK, text);
}

static void tell_step(const struct explain_dials *ask, const struct world_step *step, explain_dial_fn *fn, void *owner)
{
	bool unknown = false;
	const struct knower knower = { ask, &unknown };
	const struct vars_source source = { &knower, put_value };
	uint8_t octets[VARS_TEXT_MAX], origin[VARS_TEXT_MAX];
	struct vars_text args = { .p = octets, .size_bytes = sizeof(octets), .origin = origin };
	struct dial_args dial;
	struct dial_target target;

	vars_expand(&source, VARS_FOR_ARGUMENTS, world_span(ask->world, step->args), &args);
	if (unknown || args.cut) {
		char text[EXPLAIN_DIAL_BYTES], shown[SHOWN_BYTES];

		snprintf(text, sizeof(text), "Dial(%s) depends on what only a call knows.",
		         explain_shown(world_span(ask->world, step->args), shown));
		fn(owner, EXPLAIN_DIAL_UNKNOWN, MODEL_WHY_OK, text);
		return;
	}
	if (args_dial(vars_span(&args), &dial)) {
		while (args_target(&dial.targets, &target)) {
			tell_target(ask, &target, fn, owner);
		}
	}
}

void explain_dials(const struct explain_dials *ask, explain_dial_fn *fn, void *owner)
{
	for (uint32_t i = 0; i < ask->exten->steps.count; i++) {
		const struct world_step *step = world_row(ask->world, WORLD_STEPS, ask->exten->steps.first + i);

		if (step->app == WORLD_APP_DIAL) {
			tell_step(ask, step, fn, owner);
		}
	}
}
