/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/apps.h"

#include "switch/accounts.h"
#include "switch/calls.h"
#include "switch/callvars.h"
#include "switch/dialplan.h"
#include "switch/originate.h"
#include "switch/party.h"
#include "switch/plan.h"
#include "switch/playing.h"
#include "switch/tones.h"

static const struct app_row *const rows[APP_IDS] = {
	[WORLD_APP_ANSWER] = &app_answer,
	[WORLD_APP_BUSY] = &app_busy,
	[WORLD_APP_CONGESTION] = &app_congestion,
	[WORLD_APP_DIAL] = &app_dial,
	[WORLD_APP_ECHO] = &app_echo,
	[WORLD_APP_GOSUB] = &app_gosub,
	[WORLD_APP_GOSUBIF] = &app_gosubif,
	[WORLD_APP_GOTO] = &app_goto,
	[WORLD_APP_GOTOIF] = &app_gotoif,
	[WORLD_APP_GOTOIFTIME] = &app_gotoiftime,
	[WORLD_APP_HANGUP] = &app_hangup,
	[WORLD_APP_MILLIWATT] = &app_milliwatt,
	[WORLD_APP_NOOP] = &app_noop,
	[WORLD_APP_PLAYBACK] = &app_playback,
	[WORLD_APP_PLAYTONES] = &app_playtones,
	[WORLD_APP_PROCEEDING] = &app_proceeding,
	[WORLD_APP_PROGRESS] = &app_progress,
	[WORLD_APP_RETURN] = &app_return,
	[WORLD_APP_RINGING] = &app_ringing,
	[WORLD_APP_SENDDTMF] = &app_senddtmf,
	[WORLD_APP_SET] = &app_set,
	[WORLD_APP_STACKPOP] = &app_stackpop,
	[WORLD_APP_STOPPLAYTONES] = &app_stopplaytones,
	[WORLD_APP_VERBOSE] = &app_verbose,
	[WORLD_APP_WAIT] = &app_wait,
	[WORLD_APP_WAITEXTEN] = &app_waitexten,
	[APP_WAIT_DIGITS] = &app_wait_digits,
	[APP_YIELD] = &app_yield,
};

const struct app_row *app_row(enum app_id id)
{
	return rows[id];
}

void apps_timer(struct tg_switch *sw, const struct call *call, uint64_t deadline_us)
{
	switch_timer(sw, TIMER_CALL, tg_slab_ref(calls_of(sw), call).index, deadline_us);
}

void apps_stop(struct tg_switch *sw, struct call *call)
{
	const uint8_t app = call->app;
	struct party *caller = party_caller(sw, call);

	if (app == APP_NONE) {
		return;
	}
	call->app = APP_NONE;
	apps_timer(sw, call, TG_NEVER);
	if (rows[app]->stop != NULL) {
		rows[app]->stop(sw, call);
	}
	playing_stop(call);
	if (caller != NULL && caller->relayed && call->tone_place == 0) {
		party_relay(sw, caller, NULL);
	}
}

const struct world_step *apps_step(const struct tg_switch *sw, const struct call *call)
{
	const struct world *world = call_world(sw, call);
	const struct plan_place place = { call->context, name_span(call->exten), name_span(call->record.caller_number),
		                          call->minute, accounts_registered(sw) };

	return world == NULL ? NULL : plan_find(world, &place, call->priority);
}

struct tg_span apps_args(const struct tg_switch *sw, const struct call *call, struct vars_text *room)
{
	const struct world_step *step = apps_step(sw, call);

	if (call->context == NO_ROW) {
		originate_args(sw, call, room);
	} else if (step != NULL) {
		callvars_expand(sw, call, VARS_FOR_ARGUMENTS, world_span(call_world(sw, call), step->args), room);
	}
	return vars_span(room);
}

/* What a handler said. One that ended or moved the call has set call->todo itself. */
static void follow(struct tg_switch *sw, struct call *call, enum app_says says)
{
	if (says == APP_STAYS && call->todo == TODO_WAIT) {
		return;
	}
	apps_stop(sw, call);
	if (says == APP_DONE && call->todo == TODO_WAIT) {
		dialplan_next(call);
	}
}

void apps_start_as(struct tg_switch *sw, struct call *call, enum app_id id, struct tg_span args)
{
	if (rows[id]->speaks) {
		tones_stop(sw, call);
	}
	call->app = (uint8_t)id;
	call->todo = TODO_WAIT;
	follow(sw, call, rows[id]->start(sw, call, args));
}

bool apps_start(struct tg_switch *sw, struct call *call, const struct world_step *step)
{
	const struct world *world = sw->outside.worlds[call->world];
	uint8_t bytes[VARS_TEXT_MAX], origin[VARS_TEXT_MAX];
	struct vars_text args = { .p = bytes, .size_bytes = sizeof(bytes), .origin = origin };

	if (call->state == CALL_OVER && !rows[step->app]->after_hangup) {
		return false;
	}
	if (call->state != CALL_OVER) {
		tg_span_copy(call->record.last_app, sizeof(call->record.last_app),
		             tg_span_text(world_app_name((enum world_app_id)step->app)));
	}
	callvars_expand(sw, call, rows[step->app]->whole_text ? VARS_FOR_TEXT : VARS_FOR_ARGUMENTS,
	                world_span(world, step->args), &args);
	call->foreign_args = args.foreign;
	sw->outside.args = vars_span(&args);
	sw->outside.args_origin = origin;
	apps_start_as(sw, call, (enum app_id)step->app, vars_span(&args));
	sw->outside.args_origin = NULL;
	return true;
}

bool apps_is_foreign(const struct tg_switch *sw, struct tg_span part)
{
	const struct tg_span all = sw->outside.args;

	for (size_t i = 0; sw->outside.args_origin != NULL && i < part.len; i++) {
		if (sw->outside.args_origin[(size_t)(part.p - all.p) + i] != 0) {
			return true;
		}
	}
	return false;
}

/* RFC 5456, 6.10: who sends HTML to somebody who can do nothing with it must be told. */
static void refuse_html(struct tg_switch *sw, const struct call *call, const struct party *caller,
                        const struct iax_event *event)
{
	if (event->kind == IAX_EV_FRAME && event->frame_type == IAX_FRAME_HTML &&
	    event->subclass != IAX_HTML_NOT_SUPPORTED && call->talks == 0 && call->app != WORLD_APP_ECHO) {
		const enum iax_err err = iax_leg_frame(sw->outside.ep, caller->id, IAX_FRAME_HTML,
		                                       IAX_HTML_NOT_SUPPORTED, (struct tg_span){ 0 }, sw->now_us);

		(void)err; /* the leg ends meanwhile */
	}
}

void apps_on_caller(struct tg_switch *sw, struct call *call, struct party *caller, const struct iax_event *event)
{
	if (event->kind == IAX_EV_VOICE && event->full) {
		party_heard(sw, caller, event);
	}
	refuse_html(sw, call, caller, event);
	if (event->kind == IAX_EV_QUELCH) {
		tones_hold(sw, call, event->subclass == IAX_QUELCH);
	}
	if (call->app != APP_NONE && rows[call->app]->on_caller != NULL) {
		follow(sw, call, rows[call->app]->on_caller(sw, call, caller, event));
	}
}

/* A callee exists only while its Dial runs. */
void apps_on_callee(struct tg_switch *sw, struct call *call, struct party *callee, const struct iax_event *event)
{
	if (event->kind == IAX_EV_VOICE && event->full) {
		party_heard(sw, callee, event);
	}
	if (call->app != APP_NONE && rows[call->app]->on_callee != NULL) {
		follow(sw, call, rows[call->app]->on_callee(sw, call, callee, event));
	}
}

void apps_on_response(struct tg_switch *sw, struct call *call, struct party *callee, const uint8_t *md5)
{
	if (call->app != APP_NONE && rows[call->app]->on_response != NULL) {
		follow(sw, call, rows[call->app]->on_response(sw, call, callee, md5));
	}
}

void apps_on_played(struct tg_switch *sw, struct call *call)
{
	if (call->tone_place != 0) {
		tones_on_played(sw, call);
	} else if (call->app != APP_NONE && call->playing.started_us != 0 && rows[call->app]->on_played != NULL) {
		follow(sw, call, rows[call->app]->on_played(sw, call));
	}
}

void apps_on_timer(struct tg_switch *sw, struct call *call)
{
	if (call->app != APP_NONE && rows[call->app]->on_timer != NULL) {
		follow(sw, call, rows[call->app]->on_timer(sw, call));
	}
}
