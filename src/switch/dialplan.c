/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/dialplan.h"

#include <string.h>

#include "switch/accounts.h"
#include "switch/apps.h"
#include "switch/args.h"
#include "switch/calls.h"
#include "switch/callvars.h"
#include "switch/gosub.h"
#include "switch/party.h"
#include "switch/plan.h"

enum {
	FIRST_DIGIT_US = 10 * TG_US_PER_S,
	NEXT_DIGIT_US = 5 * TG_US_PER_S,
};

static struct plan_place place_of(const struct tg_switch *sw, const struct call *call)
{
	return (struct plan_place){ call->context, name_span(call->exten), name_span(call->record.caller_number),
		                    call->minute, accounts_registered(sw) };
}

static void set_place(struct tg_switch *sw, struct call *call, uint32_t context, struct tg_span exten,
                      uint32_t priority)
{
	call->minute = minute_now(sw);
	call->context = context;
	tg_span_copy(call->exten, sizeof(call->exten), exten);
	call->priority = priority;
	call->todo = TODO_STEP;
}

/* An extension of a name, such as "i", where the call is. @return false if there is none */
static bool go_to_special(struct tg_switch *sw, struct call *call, uint32_t context, const char *exten)
{
	const struct world *world = call_world(sw, call);
	const struct plan_place place = { context, tg_span_text(exten), name_span(call->record.caller_number),
		                          minute_now(sw), accounts_registered(sw) };

	if (world == NULL || !plan_exists(world, &place)) {
		return false;
	}
	set_place(sw, call, context, place.exten, 1);
	return true;
}

/* "e" stands for those of "i", "t" and "T" that are not there. */
static bool go_to_exception(struct tg_switch *sw, struct call *call, uint32_t context, const char *exten)
{
	return go_to_special(sw, call, context, exten) || go_to_special(sw, call, context, "e");
}

void dialplan_next(struct call *call)
{
	call->priority++;
	call->todo = TODO_STEP;
}

/* The priority a Goto names, by number or label; 0 if there is no such place. */
static uint32_t target_priority(const struct world *world, const struct plan_place *place, struct tg_span text)
{
	uint32_t priority;

	if (!args_uint(text, UINT32_MAX - 1, &priority)) {
		return plan_label(world, place, text);
	}
	return plan_find(world, place, priority) != NULL ? priority : 0;
}

/* Where a target is; priority 0 if it is nowhere. */
struct spot {
	uint32_t context, priority;
	size_t exten_len;
	uint8_t exten[WORLD_NAME_MAX];
};

static struct spot find_spot(const struct tg_switch *sw, const struct call *call, struct tg_span target)
{
	const struct world *world = call_world(sw, call);
	const struct goto_args to = args_goto(target);
	struct plan_place place = place_of(sw, call);
	struct spot spot = { .context = NO_ROW };

	place.minute = minute_now(sw);

	if (world == NULL) {
		return spot;
	}
	if (to.context.len > 0) {
		place.context = plan_context(world, to.context);
	}
	if (to.exten.len > 0) {
		place.exten = to.exten;
	}
	spot.context = place.context;
	if (place.context != NO_ROW && place.exten.len <= WORLD_NAME_MAX) {
		spot.priority = target_priority(world, &place, to.priority);
		spot.exten_len = place.exten.len;
		memcpy(spot.exten, place.exten.p, place.exten.len); /* it may be the call's own */
	}
	return spot;
}

static void go_to_spot(struct tg_switch *sw, struct call *call, const struct spot *spot)
{
	set_place(sw, call, spot->context, (struct tg_span){ spot->exten, spot->exten_len }, spot->priority);
}

static void go_nowhere(struct tg_switch *sw, struct call *call, const struct spot *spot, struct tg_span target)
{
	tg_log(sw->outside.log, TG_WARNING, "dialplan.goto", TG_UINT("call", call->record.unique),
	       TG_BYTES("exten", name_span(call->exten)), TG_UINT("priority", call->priority), TG_BYTES("to", target));
	if (call_world(sw, call) == NULL) {
		call_end(call, IAX_CAUSE_TEMPORARY_FAILURE);
	} else if (!go_to_exception(sw, call, spot->context != NO_ROW ? spot->context : call->context, "i")) {
		call_end(call, IAX_CAUSE_NO_ROUTE);
	}
}

void dialplan_goto(struct tg_switch *sw, struct call *call, struct tg_span target)
{
	const struct spot spot = find_spot(sw, call, target);

	if (spot.priority != 0) {
		go_to_spot(sw, call, &spot);
	} else {
		go_nowhere(sw, call, &spot, target);
	}
}

void dialplan_gosub(struct tg_switch *sw, struct call *call, struct tg_span target, struct tg_span args)
{
	const struct spot spot = find_spot(sw, call, target);

	if (spot.priority == 0) {
		go_nowhere(sw, call, &spot, target);
	} else if (gosub_enter(sw, call, args)) {
		go_to_spot(sw, call, &spot);
	} else {
		tg_log(sw->outside.log, TG_WARNING, "dialplan.gosub", TG_UINT("call", call->record.unique),
		       TG_BYTES("exten", name_span(call->exten)), TG_UINT("priority", call->priority),
		       TG_BYTES("to", target));
		call_end(call, IAX_CAUSE_TEMPORARY_FAILURE);
	}
}

void dialplan_return(struct tg_switch *sw, struct call *call)
{
	const struct frame *frame = gosub_frame(sw, call->frames);

	if (frame == NULL) {
		tg_log(sw->outside.log, TG_WARNING, "dialplan.return", TG_UINT("call", call->record.unique),
		       TG_BYTES("exten", name_span(call->exten)), TG_UINT("priority", call->priority));
		call_end(call, IAX_CAUSE_TEMPORARY_FAILURE);
		return;
	}
	set_place(sw, call, frame->context, name_span(frame->exten), frame->priority + 1);
	call->minute = frame->minute;
	gosub_leave(sw, call);
}

/* The cause a call ends with when its dialplan does: that of the Dial that failed, if it was not answered. */
static uint8_t end_cause(const struct call *call)
{
	return call->dialled && !call->answered ? call->dial_cause : IAX_CAUSE_NORMAL_CLEARING;
}

/*
 * No step left. BUSY and CONGESTION are told as such for 10 s. After CHANUNAVAIL the call ends at once: CONGESTION would hide why,
 * which only the cause in HANGUP can tell.
 */
static void fall_through(struct tg_switch *sw, struct call *call, const struct world *world)
{
	uint8_t status[BAG_VALUE_MAX];
	const size_t len = bag_get(pieces_of(sw), &call->bag, BAG_PLAIN, TG_SPAN_LIT("DIALSTATUS"), status, NULL);
	const struct tg_span text = { status, len };

	if (call->state == CALL_OVER) {
		call_end(call, call->cause);
	} else if (world->settings.autofallthrough == 0) {
		apps_start_as(sw, call, APP_WAIT_DIGITS, (struct tg_span){ 0 });
	} else if (tg_span_equal(text, TG_SPAN_LIT("BUSY"))) {
		apps_start_as(sw, call, (enum app_id)WORLD_APP_BUSY, TG_SPAN_LIT("10"));
	} else if (tg_span_equal(text, TG_SPAN_LIT("CONGESTION"))) {
		apps_start_as(sw, call, (enum app_id)WORLD_APP_CONGESTION, TG_SPAN_LIT("10"));
	} else {
		call_end(call, end_cause(call));
	}
}

static void run_step(struct tg_switch *sw, struct call *call)
{
	const struct world *world = call_world(sw, call);
	const uint32_t max = call->state == CALL_OVER ? DIALPLAN_HANGUP_STEPS : DIALPLAN_STEPS_MAX;
	const struct plan_place place = place_of(sw, call);
	const struct world_step *step = world == NULL ? NULL : plan_find(world, &place, call->priority);

	if (world == NULL || ++call->steps > max) {
		tg_log(sw->outside.log, TG_WARNING, "dialplan.stopped", TG_UINT("call", call->record.unique),
		       TG_BYTES("exten", place.exten), TG_UINT("steps", call->steps));
		call_end(call, IAX_CAUSE_TEMPORARY_FAILURE);
		return;
	}
	if (step == NULL) {
		fall_through(sw, call, world);
		return;
	}
	if (!apps_start(sw, call, step)) {
		dialplan_next(call);
	}
}

void dialplan_run(struct tg_switch *sw, struct call *call)
{
	for (unsigned n = 0; call->todo == TODO_STEP; n++) {
		if (n >= DIALPLAN_BURST && call->state != CALL_OVER) {
			apps_start_as(sw, call, APP_YIELD, (struct tg_span){ 0 });
			return;
		}
		run_step(sw, call);
	}
}

bool dialplan_hangup_exten(struct tg_switch *sw, struct call *call)
{
	call->steps = 0;
	gosub_clear(sw, call);
	return go_to_special(sw, call, call->context, "h");
}

void dialplan_absolute_timeout(struct tg_switch *sw, struct call *call)
{
	if (call->state != CALL_RUNNING) {
		return;
	}
	apps_stop(sw, call);
	if (!go_to_exception(sw, call, call->context, "T")) {
		call_end(call, IAX_CAUSE_NORMAL_CLEARING);
	}
}

/* ---- Digits between two extensions (WaitExten, autofallthrough=no) ------------------------------------------------------- */

static enum app_says wait_digits_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	(void)args;
	call->digits_len = 0;
	apps_timer(sw, call, sw->now_us + callvars_wait_us(sw, call, CALLVARS_FIRST_DIGIT, FIRST_DIGIT_US));
	return APP_STAYS;
}

/* WaitExten([seconds]) */
static enum app_says waitexten_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const uint64_t usual_us = callvars_wait_us(sw, call, CALLVARS_FIRST_DIGIT, FIRST_DIGIT_US);
	uint64_t for_us = usual_us;

	if (!args_seconds(args_trim(args), &for_us)) {
		for_us = usual_us;
	}
	call->digits_len = 0;
	apps_timer(sw, call, sw->now_us + for_us);
	return APP_STAYS;
}

/* Whoever paused is done dialling; "t" if he dialled nothing, "i" if there is no such number. */
static enum app_says wait_digits_over(struct tg_switch *sw, struct call *call)
{
	const struct world *world = call_world(sw, call);
	const struct plan_place place = { call->context,
		                          { (const uint8_t *)call->digits, call->digits_len },
		                          name_span(call->record.caller_number),
		                          minute_now(sw),
		                          accounts_registered(sw) };

	if (world != NULL && call->digits_len > 0 && plan_exists(world, &place)) {
		set_place(sw, call, call->context, place.exten, 1);
	} else if (!go_to_exception(sw, call, call->context, call->digits_len > 0 ? "i" : "t")) {
		call_end(call, end_cause(call));
	}
	return APP_MOVED;
}

static enum app_says wait_digits_on_caller(struct tg_switch *sw, struct call *call, struct party *caller,
                                           const struct iax_event *event)
{
	(void)caller;
	if (event->kind != IAX_EV_DTMF || event->begun) {
		return APP_STAYS;
	}
	if (event->digit == '#' || call->digits_len >= sizeof(call->digits)) {
		return wait_digits_over(sw, call);
	}
	call->digits[call->digits_len++] = event->digit;
	apps_timer(sw, call, sw->now_us + callvars_wait_us(sw, call, CALLVARS_NEXT_DIGIT, NEXT_DIGIT_US));
	return APP_STAYS;
}

const struct app_row app_wait_digits = {
	.start = wait_digits_start,
	.on_timer = wait_digits_over,
	.on_caller = wait_digits_on_caller,
};

const struct app_row app_waitexten = {
	.start = waitexten_start,
	.on_timer = wait_digits_over,
	.on_caller = wait_digits_on_caller,
};

static enum app_says yield_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	(void)args;
	apps_timer(sw, call, sw->now_us + TG_US_PER_MS);
	return APP_STAYS;
}

static enum app_says yield_over(struct tg_switch *sw, struct call *call)
{
	(void)sw;
	call->todo = TODO_STEP;
	return APP_MOVED;
}

const struct app_row app_yield = { .start = yield_start, .on_timer = yield_over };
