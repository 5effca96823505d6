/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/calls.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "switch/accounts.h"
#include "switch/apps.h"
#include "switch/auth.h"
#include "switch/callvars.h"
#include "switch/codecs.h"
#include "switch/decide.h"
#include "switch/dialplan.h"
#include "switch/gosub.h"
#include "switch/match.h"
#include "switch/offer.h"
#include "switch/originate.h"
#include "switch/party.h"
#include "switch/paying.h"
#include "switch/plan.h"
#include "switch/tones.h"

/* ---- Small things others ask ---------------------------------------------------------------------------------- */

const struct world *call_world(const struct tg_switch *sw, const struct call *call)
{
	return call->world == NO_ROW ? NULL : sw->outside.worlds[call->world];
}

const struct prompts *call_prompts(const struct tg_switch *sw, const struct call *call)
{
	return call->world == NO_ROW ? NULL : sw->outside.prompts[call->world];
}

/* Another process reads the mark: it is set before the changes and cleared behind them. */
static void mark(struct tg_switch *sw, struct tg_ref ref)
{
	atomic_signal_fence(memory_order_seq_cst);
	sw->changing = ref;
	atomic_signal_fence(memory_order_seq_cst);
}

void call_touch(struct tg_switch *sw, const struct call *call)
{
	mark(sw, tg_slab_ref(calls_of(sw), call));
}

void call_leave(struct tg_switch *sw)
{
	mark(sw, TG_NO_REF);
}

void call_end(struct call *call, uint8_t cause)
{
	call->todo = TODO_END;
	call->cause = cause;
}

const char *call_channel(const struct tg_switch *sw, const struct party *party, char name[CALL_CHANNEL_BYTES])
{
	struct iax_leg_info info = { 0 };
	char addr[TG_ADDR_TEXT_BYTES];

	name[0] = '\0';
	if (party != NULL && iax_leg_info(sw->outside.ep, party->id, &info)) {
		const char *host = party->name[0] != '\0' ? party->name : tg_addr_format(party->remote, addr);

		snprintf(name, CALL_CHANNEL_BYTES, "IAX2/%s-%u", host, info.local_number);
	}
	return name;
}

uint8_t call_end_cause(const struct iax_event *event)
{
	if (event->cause != 0) {
		return event->cause;
	}
	switch (event->end) {
	case IAX_END_LOCAL:
	case IAX_END_REMOTE:
	case IAX_END_DONE:
		return IAX_CAUSE_NORMAL_CLEARING;
	case IAX_END_REJECTED:
		return IAX_CAUSE_REJECTED;
	case IAX_END_TIMEOUT:
		return IAX_CAUSE_OUT_OF_ORDER;
	case IAX_END_INVAL:
		return IAX_CAUSE_TEMPORARY_FAILURE;
	case IAX_END_EVICTED:
		return IAX_CAUSE_SWITCH_CONGESTION;
	}
	return IAX_CAUSE_NORMAL;
}

/* As the record has it: a clock that is set while the call lasts makes it neither longer nor shorter. */
static uint64_t now_ms(const struct tg_switch *sw, const struct call *call)
{
	return call->record.started_ms + (sw->now_us - call->started_us) / TG_US_PER_MS;
}

void call_answered(struct tg_switch *sw, struct call *call)
{
	call->answered = true;
	call->record.answered_ms = now_ms(sw, call);
	sw->stats.calls_answered++;
}

void call_answer(struct tg_switch *sw, struct call *call)
{
	const struct party *caller = party_caller(sw, call);

	if (call->answered || caller == NULL) {
		return;
	}
	call_answered(sw, call);
	party_control(sw, caller, IAX_CONTROL_ANSWER);
}

/* ---- Beginning and end ---------------------------------------------------------------------------------------- */

static struct call *call_of(const struct tg_switch *sw, const struct party *party)
{
	return party == NULL ? NULL : tg_slab_find(calls_of(sw), party->call);
}

struct call *call_new(struct tg_switch *sw, struct party **caller)
{
	struct tg_ref ref;
	struct call *call = sw->world == NO_ROW ? NULL : tg_slab_take(calls_of(sw), &ref);

	if (call == NULL) {
		return NULL;
	}
	mark(sw, ref);
	*caller = party_new(sw, ref, PARTY_CALLER, &call->caller);
	if (*caller == NULL) {
		tg_slab_give(calls_of(sw), ref);
		call_leave(sw);
		return NULL;
	}
	paying_forget(sw, call);
	call->app = APP_NONE;
	call->user = NO_ROW;
	call->context = NO_ROW;
	call->world = sw->world;
	sw->uses[sw->world].calls++;
	call->record.unique = sw->next_unique++;
	call->started_us = sw->now_us;
	call->record.started_ms = sw->wall_us / TG_US_PER_MS;
	return call;
}

static void call_free(struct tg_switch *sw, struct call *call)
{
	const struct tg_ref ref = tg_slab_ref(calls_of(sw), call);

	switch_timer(sw, TIMER_CALL, ref.index, TG_NEVER);
	switch_timer(sw, TIMER_ABSOLUTE, ref.index, TG_NEVER);
	paying_forget(sw, call);
	gosub_clear(sw, call);
	tones_stop(sw, call);
	bag_clear(pieces_of(sw), &call->bag);
	sw->admitted -= call->admitted;
	if (call->world != NO_ROW) {
		sw->uses[call->world].calls--;
	}
	tg_slab_give(calls_of(sw), ref);
}

static enum model_disposition disposition_of(const struct call *call)
{
	if (call->answered) {
		return MODEL_ANSWERED;
	}
	if (call->record.cause == IAX_CAUSE_BUSY) {
		return MODEL_BUSY;
	}
	return call->failed ? MODEL_FAILED : MODEL_NO_ANSWER;
}

static void put_record(struct tg_switch *sw, struct call *call)
{
	const struct party *caller = party_caller(sw, call);
	struct model_call_record *record = &call->record;

	if (!call->admitted) {
		return;
	}
	if (caller != NULL) {
		party_report(sw, caller, &record->from_caller, &record->caller_rtt_ms);
	}
	record->ended_ms = now_ms(sw, call);
	record->cause = call->cause;
	record->disposition = disposition_of(call);
	sw->outside.ops.put_record(sw->outside.ops.owner, record, paying_record(sw, call));
}

/* The application stops (callees are hung up), the record is written, the caller hung up if he is still there. */
static void hang_up(struct tg_switch *sw, struct call *call)
{
	struct party *caller;

	apps_stop(sw, call);
	tones_stop(sw, call);
	auth_asked_remove(sw, call);
	put_record(sw, call);
	caller = party_caller(sw, call);
	if (caller != NULL) {
		decide_hung_up(sw, call);
		party_hangup(sw, caller, call->cause);
	}
	call->caller = TG_NO_REF;
}

static void settle(struct tg_switch *sw, struct call *call)
{
	dialplan_run(sw, call);
	if (call->todo != TODO_END) {
		return;
	}
	if (call->state != CALL_OVER) {
		const bool ran = call->state == CALL_RUNNING;

		hang_up(sw, call);
		call->state = CALL_OVER;
		call->todo = TODO_WAIT;
		if (ran && dialplan_hangup_exten(sw, call)) {
			dialplan_run(sw, call);
		}
	}
	call_free(sw, call);
}

void call_settle(struct tg_switch *sw, struct call *call)
{
	settle(sw, call);
	call_leave(sw);
}

/* ---- The rules ------------------------------------------------------------------------------------------------ */

enum call_on {
	ON_OPEN,        /* a guest: no password */
	ON_SECRET,      /* a password is wanted */
	ON_CHALLENGE,   /* the vault made one */
	ON_CREDENTIALS, /* AUTHREP */
	ON_RIGHT,
	ON_WRONG,
	ON_CONFIRMED,
};

/* What an action is given besides the call. */
struct call_input {
	const struct iax_event *event;
	struct tg_span text;
	uint64_t answer;
};

typedef void action_fn(struct tg_switch *sw, struct call *call, struct party *caller, const struct call_input *in);

/* What a caller is told of a reason: nothing, until he has shown that he may call. */
static const struct refusal {
	enum model_reason why;
	uint8_t cause;
	const char *text;
} refusals[] = {
	{ MODEL_WHY_NO_CALLS, IAX_CAUSE_SWITCH_CONGESTION, "No room for calls" },
	{ MODEL_WHY_STOPPING, IAX_CAUSE_SWITCH_CONGESTION, "No room for calls" },
	{ MODEL_WHY_NO_EXTEN, IAX_CAUSE_NO_ROUTE, "No such context/extension" },
	{ MODEL_WHY_NO_CODEC, IAX_CAUSE_BEARER_UNAVAILABLE, "Unable to negotiate codec" },
};

static const struct refusal *refusal_of(enum model_reason why)
{
	static const struct refusal all_others = { MODEL_WHY_OK, IAX_CAUSE_NOT_SUBSCRIBED, "No authority found" };

	for (size_t i = 0; i < TG_COUNT(refusals); i++) {
		if (refusals[i].why == why) {
			return &refusals[i];
		}
	}
	return &all_others;
}

/* REJECT; the leg goes its way alone from here. */
static void reject(struct tg_switch *sw, struct call *call, struct party *caller, const struct call_input *in,
                   uint64_t not_before_us)
{
	const struct refusal *refusal = refusal_of((enum model_reason)call->why);
	const enum iax_err err = iax_leg_reject(sw->outside.ep, caller->id, refusal->cause, tg_span_text(refusal->text),
	                                        not_before_us, sw->now_us);

	(void)err; /* it ended meanwhile */
	decide_call(sw, call, in->answer);
	party_leave(sw, caller);
	call->caller = TG_NO_REF;
	call->failed = true;
	sw->stats.calls_refused++;
	call_end(call, refusal->cause);
}

static void act_refuse(struct tg_switch *sw, struct call *call, struct party *caller, const struct call_input *in)
{
	reject(sw, call, caller, in, auth_refusal_us(sw, call->started_us + call->arrived_after_us, caller->remote));
}

static void act_ask_challenge(struct tg_switch *sw, struct call *call, struct party *caller,
                              const struct call_input *in)
{
	const struct tg_ref ref = tg_slab_ref(parties_of(sw), caller);
	const struct world *world = call_world(sw, call);
	const struct world_user *user = call->user == NO_ROW ? NULL : world_row(world, WORLD_USERS, call->user);
	const uint32_t max = user != NULL ? user->max_auth_req : world->settings.max_auth_req;
	(void)in;

	auth_asked_add(sw, call, ref.index, max);
	sw->outside.ops.ask_challenge(sw->outside.ops.owner, owner_pack(OWNER_PARTY, ref),
	                              auth_who(sw, false, name_span(call->record.caller), call->record.caller_addr));
}

static void act_challenge(struct tg_switch *sw, struct call *call, struct party *caller, const struct call_input *in)
{
	/* The listener's methods, not the account's (ruling R9). */
	const enum iax_err err = iax_leg_challenge(sw->outside.ep, caller->id, IAX_AUTH_MD5, in->text, sw->now_us);
	(void)call;
	(void)err; /* the caller hung up meanwhile; that event comes */
}

static void act_ask_verdict(struct tg_switch *sw, struct call *call, struct party *caller, const struct call_input *in)
{
	const struct tg_ref ref = tg_slab_ref(parties_of(sw), caller);
	uint8_t md5[16];

	auth_asked_remove(sw, call);
	call->arrived_after_us = (uint32_t)(sw->now_us - call->started_us); /* half open: seconds at most */
	if (!auth_digest(in->event->ies, md5) && call->why == MODEL_WHY_OK) {
		call->why = MODEL_WHY_NO_ANSWER;
	}
	call->why = (uint8_t)decide_may_try_call(sw, call);
	call->tried = true;
	const struct switch_answer answer = {
		.cookie = owner_pack(OWNER_PARTY, ref),
		.who = auth_who(sw, false, name_span(call->record.caller), call->record.caller_addr),
		.held = call->why != MODEL_WHY_OK,
		.name = name_span(call->record.caller),
		.md5 = md5,
	};

	sw->outside.ops.ask_verify(sw->outside.ops.owner, &answer);
}

/* What the account may do, in the order in which a caller is told. */
static enum model_reason find_place(struct tg_switch *sw, struct call *call, struct party *caller)
{
	const struct world_user *user = world_row(call_world(sw, call), WORLD_USERS, call->user);

	if (sw->admitted >= sw->config.calls_max) {
		return MODEL_WHY_NO_CALLS;
	}
	call->admitted = true;
	sw->admitted++;
	offer_take_account(sw, call, user);
	accounts_latch(sw, name_span(call->record.caller), true,
	               call->tried && call->proof == IAX_PROVEN && user->require_call_token == WORLD_AUTO);
	if (!offer_find_place(sw, call, user)) {
		return MODEL_WHY_NO_EXTEN;
	}
	caller->format = codecs_choose(sw, call, user);
	caller->takes = call->hears;
	call->record.format = caller->format;
	return caller->format == 0 ? MODEL_WHY_NO_CODEC : MODEL_WHY_OK;
}

/* The caller may call. Whether there is such a number is told to him only now. */
static void act_admit(struct tg_switch *sw, struct call *call, struct party *caller, const struct call_input *in)
{
	call->why = (uint8_t)find_place(sw, call, caller);
	if (call->why != MODEL_WHY_OK) {
		reject(sw, call, caller, in, sw->now_us);
		return;
	}
	decide_call(sw, call, in->answer);
	if (iax_call_accept_among(sw->outside.ep, caller->id, caller->format, call->hears, sw->now_us) != IAX_OK) {
		call_end(call, IAX_CAUSE_TEMPORARY_FAILURE);
	}
}

static void act_start(struct tg_switch *sw, struct call *call, struct party *caller, const struct call_input *in)
{
	(void)sw;
	(void)caller;
	(void)in;
	call->priority = 1;
	call->steps = 0;
	call->todo = TODO_STEP;
}

static const struct {
	enum call_state in;
	enum call_on on;
	action_fn *act;
	enum call_state out;
} rules[] = {
	{ CALL_OFFERED, ON_OPEN, act_admit, CALL_ACCEPTED },
	{ CALL_OFFERED, ON_SECRET, act_ask_challenge, CALL_OFFERED },
	{ CALL_OFFERED, ON_WRONG, act_refuse, CALL_OFFERED },
	{ CALL_OFFERED, ON_CHALLENGE, act_challenge, CALL_ASKED },
	{ CALL_ASKED, ON_CREDENTIALS, act_ask_verdict, CALL_JUDGED },
	{ CALL_JUDGED, ON_RIGHT, act_admit, CALL_ACCEPTED },
	{ CALL_JUDGED, ON_WRONG, act_refuse, CALL_JUDGED },
	{ CALL_ACCEPTED, ON_CONFIRMED, act_start, CALL_RUNNING },
};

/* A pair that is not listed changes nothing. */
static void call_on(struct tg_switch *sw, struct call *call, enum call_on on, const struct call_input *in)
{
	struct party *caller = party_caller(sw, call);

	for (size_t i = 0; caller != NULL && i < TG_COUNT(rules); i++) {
		if ((uint8_t)rules[i].in == call->state && rules[i].on == on) {
			call->state = (uint8_t)rules[i].out;
			rules[i].act(sw, call, caller, in);
			return;
		}
	}
}

/* ---- Events --------------------------------------------------------------------------------------------------- */

static void turn_away(struct tg_switch *sw, const struct iax_event *event)
{
	const enum iax_err err = iax_leg_reject(sw->outside.ep, event->leg, IAX_CAUSE_SWITCH_CONGESTION,
	                                        TG_SPAN_LIT("No room for calls"), sw->now_us, sw->now_us);

	(void)err; /* it ended meanwhile */
	sw->stats.calls_refused++;
	decide_turned_away(sw, event, sw->stopping ? MODEL_WHY_STOPPING : MODEL_WHY_NO_CALLS);
}

static void on_offered(struct tg_switch *sw, const struct iax_event *event)
{
	struct party *caller = NULL;
	struct iax_leg_info info;

	if (!iax_leg_info(sw->outside.ep, event->leg, &info)) {
		return; /* the caller was faster than we are: it is over */
	}
	struct call *call = sw->stopping ? NULL : call_new(sw, &caller);

	sw->stats.calls_offered++;
	if (call == NULL) {
		turn_away(sw, event);
		return;
	}
	sw->stats.calls_peak = calls_of(sw)->used > sw->stats.calls_peak ? calls_of(sw)->used : sw->stats.calls_peak;
	caller->id = event->leg;
	caller->remote = event->remote;
	caller->local = event->local;
	iax_leg_set_owner(sw->outside.ep, event->leg, owner_pack(OWNER_PARTY, call->caller));
	call->proof = (uint8_t)event->proof;
	offer_read(sw, call, event->ies, event->remote);
	const struct world_user *user = offer_match(sw, call, event->ies);
	const bool named = call->record.caller[0] != '\0';

	tg_span_copy(caller->name, sizeof(caller->name), name_span(call->record.caller));
	call_on(sw, call,
	        !named && user == NULL                                                 ? ON_WRONG
	        : call->why == MODEL_WHY_OK && user != NULL && user->auth_methods == 0 ? ON_OPEN
	                                                                               : ON_SECRET,
	        &(struct call_input){ .event = event });
	call_settle(sw, call);
}

static void on_caller_ended(struct tg_switch *sw, struct call *call, struct party *caller,
                            const struct iax_event *event)
{
	const uint8_t cause = call->tone != 0 ? call->tone : call_end_cause(event);

	auth_asked_remove(sw, call);
	decide_call_left(sw, call);
	if (call->admitted) {
		party_report(sw, caller, &call->record.from_caller, &call->record.caller_rtt_ms);
	}
	call->failed = call->failed || (event->end != IAX_END_REMOTE && event->end != IAX_END_LOCAL);
	party_leave(sw, caller);
	call->caller = TG_NO_REF;
	call_end(call, cause);
}

static void on_caller_event(struct tg_switch *sw, struct call *call, struct party *caller,
                            const struct iax_event *event)
{
	const struct call_input in = { .event = event };
	const bool ran = call->state == CALL_RUNNING;

	if (call->state == CALL_CALLED) {
		originate_on_event(sw, call, caller, event);
	}
	switch (event->kind) {
	case IAX_EV_VERIFY:
		call_on(sw, call, ON_CREDENTIALS, &in);
		break;
	case IAX_EV_CONFIRMED:
		call_on(sw, call, ON_CONFIRMED, &in);
		break;
	case IAX_EV_ENDED:
		on_caller_ended(sw, call, caller, event);
		break;
	case IAX_EV_CONTROL:
	case IAX_EV_DTMF:
	case IAX_EV_VOICE:
	case IAX_EV_FRAME:
	case IAX_EV_QUELCH:
		if (ran) {
			apps_on_caller(sw, call, caller, event);
		}
		break;
	case IAX_EV_RTT:
		party_measured(sw, caller, event);
		break;
	case IAX_EV_PINGED:
		party_give_report(sw, caller);
		break;
	case IAX_EV_OFFERED:
	case IAX_EV_CHALLENGED:
	case IAX_EV_ACCEPTED:
	case IAX_EV_VIDEO:
	case IAX_EV_TRANSFER:
	case IAX_EV_REG_REQUEST:
	case IAX_EV_REG_ACKED:
	case IAX_EV_POKED:
	case IAX_EVENT_KINDS:
		break;
	}
}

void calls_on_event(struct tg_switch *sw, const struct iax_event *event)
{
	if (event->kind == IAX_EV_OFFERED) {
		on_offered(sw, event);
		return;
	}
	struct party *party = owner_kind(event->owner) == OWNER_PARTY ? party_find(sw, owner_ref(event->owner)) : NULL;
	struct call *call = call_of(sw, party);

	if (call == NULL) {
		return;
	}
	call_touch(sw, call);
	/* A challenge counts from the address that was called, and from no other. */
	if (event->kind != IAX_EV_ENDED && event->kind != IAX_EV_CHALLENGED) {
		party_seen(sw, party, event);
	}
	if (party->state == PARTY_CALLER) {
		on_caller_event(sw, call, party, event);
	} else {
		apps_on_callee(sw, call, party, event);
	}
	call_settle(sw, call);
}

/* ---- Answers of the vault, the relay and the clock ------------------------------------------------------------- */

void calls_on_challenge(struct tg_switch *sw, struct tg_ref ref, struct tg_span text)
{
	struct call *call = call_of(sw, party_find(sw, ref));

	if (call != NULL) {
		call_touch(sw, call);
		call_on(sw, call, ON_CHALLENGE, &(struct call_input){ .text = text });
		call_settle(sw, call);
	}
}

void calls_on_verdict(struct tg_switch *sw, struct tg_ref ref, bool right, uint64_t answer)
{
	struct call *call = call_of(sw, party_find(sw, ref));

	if (call == NULL) {
		decide_late(sw, owner_pack(OWNER_PARTY, ref), right, answer);
		return;
	}
	call_touch(sw, call);
	if (!right && call->why == MODEL_WHY_OK) {
		call->why = MODEL_WHY_WRONG;
	}
	call_on(sw, call, call->why == MODEL_WHY_OK ? ON_RIGHT : ON_WRONG, &(struct call_input){ .answer = answer });
	call_settle(sw, call);
}

void calls_on_response(struct tg_switch *sw, struct tg_ref ref, const uint8_t *md5)
{
	struct party *party = party_find(sw, ref);
	struct call *call = call_of(sw, party);

	if (call == NULL) {
		return;
	}
	call_touch(sw, call);
	if (party->state != PARTY_CALLER) {
		apps_on_response(sw, call, party, md5);
	} else if (call->state == CALL_CALLED) {
		originate_on_response(sw, call, party, md5);
	}
	call_settle(sw, call);
}

void calls_on_played(struct tg_switch *sw, struct iax_leg_id leg)
{
	struct iax_leg_info info;

	if (!iax_leg_info(sw->outside.ep, leg, &info) || owner_kind(info.owner) != OWNER_PARTY) {
		return;
	}
	struct call *call = call_of(sw, party_find(sw, owner_ref(info.owner)));

	if (call != NULL && call->state == CALL_RUNNING) {
		call_touch(sw, call);
		apps_on_played(sw, call);
		call_settle(sw, call);
	}
}

void calls_on_timer(struct tg_switch *sw, enum timer_kind kind, uint32_t index)
{
	struct call *call = tg_slab_at(calls_of(sw), index, NULL);

	if (call == NULL) {
		return;
	}
	call_touch(sw, call);
	if (kind == TIMER_ABSOLUTE) {
		dialplan_absolute_timeout(sw, call);
	} else if (kind == TIMER_PAID) {
		paying_on_timer(sw, call);
	} else if (call->state == CALL_CALLED) {
		originate_on_timer(call);
	} else {
		apps_on_timer(sw, call);
	}
	call_settle(sw, call);
}

void calls_end_all(struct tg_switch *sw, uint8_t cause)
{
	for (uint32_t i = 0; i < calls_of(sw)->count; i++) {
		struct call *call = tg_slab_at(calls_of(sw), i, NULL);

		if (call != NULL) {
			call_touch(sw, call);
			call_end(call, cause);
			call_settle(sw, call);
		}
	}
}

void calls_give_up_world(struct tg_switch *sw, uint32_t slot)
{
	for (uint32_t i = 0; i < calls_of(sw)->count; i++) {
		struct call *call = tg_slab_at(calls_of(sw), i, NULL);

		if (call == NULL || call->world != slot) {
			continue;
		}
		call_touch(sw, call);
		sw->uses[slot].calls--;
		call->world = NO_ROW;
		if (call->talks != 0) {
			call_leave(sw);
		} else {
			call_end(call, IAX_CAUSE_TEMPORARY_FAILURE);
			call_settle(sw, call);
		}
	}
}
