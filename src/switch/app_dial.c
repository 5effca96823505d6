/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dial: all targets are called at once; the first that answers has the call, the others are told that it was answered elsewhere.
 * Voice, digits and texts pass between the caller and the callee he talks with: the one who answered, or before that the only target.
 */
#include "iax/choice.h"
#include "switch/accounts.h"
#include "switch/apps.h"
#include "switch/args.h"
#include "switch/bridge.h"
#include "switch/calls.h"
#include "switch/callvars.h"
#include "switch/challenge.h"
#include "switch/codecs.h"
#include "switch/digits.h"
#include "switch/party.h"
#include "switch/paying.h"

enum { VARIABLE_OCTETS_MAX = 600 }; /* of names and values in one NEW */

/* ---- How it ends ---------------------------------------------------------------------------------------------- */

static void dial_says(struct tg_switch *sw, struct call *call, const char *status, uint8_t cause)
{
	struct dialling *d = &call->dial;
	const uint64_t dialled_us = (d->answered_us != 0 ? d->answered_us : sw->now_us) - d->started_us;
	const uint64_t talked_us = d->answered_us != 0 ? sw->now_us - d->answered_us : 0;

	callvars_put(sw, call, "DIALSTATUS", tg_span_text(status));
	callvars_put_uint(sw, call, "DIALEDTIME", dialled_us / TG_US_PER_S);
	callvars_put_uint(sw, call, "ANSWEREDTIME", talked_us / TG_US_PER_S);
	call->dial_cause = cause;
	call->dialled = true;
}

/* All targets failed. What most tells the caller something comes first. */
static enum app_says dial_failed(struct tg_switch *sw, struct call *call)
{
	const struct dialling *d = &call->dial;

	if (d->busy > 0) {
		dial_says(sw, call, "BUSY", IAX_CAUSE_BUSY);
	} else if (d->congestion > 0) {
		dial_says(sw, call, "CONGESTION", IAX_CAUSE_NO_CIRCUIT);
		call->failed = true;
	} else if (d->unavailable > 0) {
		dial_says(sw, call, "CHANUNAVAIL", d->cause);
		call->failed = true;
	} else {
		dial_says(sw, call, "NOANSWER", IAX_CAUSE_NO_ANSWER);
	}
	return APP_DONE;
}

static void count_failure(struct call *call, uint8_t cause)
{
	struct dialling *d = &call->dial;

	switch (cause) {
	case IAX_CAUSE_BUSY:
		d->busy++;
		break;
	case IAX_CAUSE_NO_CIRCUIT:
		d->congestion++;
		break;
	case IAX_CAUSE_NORMAL_CLEARING:
	case IAX_CAUSE_NO_ANSWER:
		break;
	default:
		d->unavailable++;
		d->cause = d->cause == 0 ? cause : d->cause;
		break;
	}
}

static void unlink_callee(struct tg_switch *sw, struct call *call, const struct party *callee)
{
	const uint32_t place = party_place(sw, callee);
	uint32_t *link = &call->callees;

	while (*link != 0 && *link != place) {
		link = &party_at(sw, *link)->next;
	}
	*link = *link == place ? callee->next : *link;
	if (call->talks == place) {
		call->talks = 0;
	}
}

static void keep_report(struct tg_switch *sw, struct call *call, const struct party *callee)
{
	if (callee->state == PARTY_ANSWERED) {
		party_report(sw, callee, &call->record.from_callee, &call->record.callee_rtt_ms);
	}
}

/* One target less. */
static enum app_says callee_lost(struct tg_switch *sw, struct call *call, uint8_t cause)
{
	count_failure(call, cause);
	return call->callees == 0 ? dial_failed(sw, call) : APP_STAYS;
}

static void hang_callee_up(struct tg_switch *sw, struct call *call, struct party *callee, uint8_t cause)
{
	keep_report(sw, call, callee);
	unlink_callee(sw, call, callee);
	party_hangup(sw, callee, cause);
}

static void hang_all_up(struct tg_switch *sw, struct call *call, const struct party *except, uint8_t cause)
{
	uint32_t place = call->callees;

	while (place != 0) {
		struct party *callee = party_at(sw, place);

		place = callee->next;
		if (callee != except) {
			hang_callee_up(sw, call, callee, cause);
		}
	}
}

/* ---- How it begins --------------------------------------------------------------------------------------------- */

/* The variables that came with the call, and those set for it. Texts lie in `octets`. */
static size_t take_variables(struct tg_switch *sw, const struct call *call, struct iax_variable *variables,
                             uint8_t octets[VARIABLE_OCTETS_MAX])
{
	uint8_t name[BAG_NAME_MAX], value[BAG_VALUE_MAX];
	struct vars_text text = { .p = octets, .size_bytes = VARIABLE_OCTETS_MAX };
	size_t name_len, value_len;
	size_t count = 0;
	uint32_t cursor = 0;

	while (count < IAX_VARIABLES_MAX &&
	       bag_next(pieces_of(sw), &call->bag, BAG_IAX, &cursor, name, &name_len, value, &value_len)) {
		if (name_len + value_len > text.size_bytes - text.len || name_len + value_len > 250) {
			continue;
		}
		variables[count].name = (struct tg_span){ octets + text.len, name_len };
		vars_put(&text, (struct tg_span){ name, name_len });
		variables[count].value = (struct tg_span){ octets + text.len, value_len };
		vars_put(&text, (struct tg_span){ value, value_len });
		count++;
	}
	return count;
}

/* A call that began in a context made for it takes the one it asked for along. */
static struct tg_span asked_context(const struct tg_switch *sw, const struct call *call)
{
	const struct world *world = call_world(sw, call);
	const struct world_user *user = call->user != NO_ROW ? world_row(world, WORLD_USERS, call->user) : NULL;
	const struct tg_span asked = name_span(call->record.context);
	const bool carried = user != NULL && user->start.len > 0 &&
	                     !tg_span_equal(asked, world_span(world, user->start));

	return carried ? asked : (struct tg_span){ 0 };
}

static struct tg_span called_context(const struct tg_switch *sw, const struct call *call, const struct world_peer *peer,
                                     const struct dial_target *target)
{
	const struct tg_span asked = asked_context(sw, call);

	if (target->context.len > 0) {
		return target->context;
	}
	return asked.len > 0 ? asked : world_span(call_world(sw, call), peer->peercontext);
}

static struct iax_call_open opening(const struct tg_switch *sw, const struct call *call, const struct world_peer *peer,
                                    const struct dial_target *target, uint64_t format)
{
	const struct world *world = call_world(sw, call);

	return (struct iax_call_open){
		.called_number = target->exten.len > 0 ? target->exten : TG_SPAN_LIT("s"),
		.called_context = called_context(sw, call, peer, target),
		.calling_number = name_span(call->record.caller_number),
		.calling_name = name_span(call->name),
		.calling_ani = peer->send_ani ? name_span(call->record.caller_number) : (struct tg_span){ 0 },
		.dnid = name_span(call->record.dialled),
		.username = target->user.len > 0 ? target->user : world_span(world, peer->username),
		.language = name_span(call->language),
		.calling_presentation = call->presentation,
		.format = format,
		.capability = format,
		.unheard_ms = accounts_unheard_ms(world, peer),
	};
}

static uint8_t open_leg(struct tg_switch *sw, struct call *call, struct party *party, struct tg_ref ref,
                        const struct world_peer *peer, const struct dial_target *target)
{
	uint8_t prefs[IAX_CODEC_PREFS_MAX], octets[VARIABLE_OCTETS_MAX];
	struct iax_variable variables[IAX_VARIABLES_MAX];
	struct iax_call_open open = opening(sw, call, peer, target, party->takes);

	open.remote = party->remote;
	open.local = party->local;
	open.owner = owner_pack(OWNER_PARTY, ref);
	open.codec_prefs = (struct tg_span){ prefs, iax_prefs_encode(prefs, &party->takes, 1) };
	open.variables = variables;
	open.variable_count = take_variables(sw, call, variables, octets);
	return iax_call_open(sw->outside.ep, &open, sw->now_us, &party->id) == IAX_OK ? 0 : IAX_CAUSE_SWITCH_CONGESTION;
}

/* The record names who was called last, until somebody answers. */
static void note_callee(struct call *call, struct tg_span name, struct tg_addr addr)
{
	if (!call->connected) {
		tg_span_copy(call->record.callee, sizeof(call->record.callee), name);
		call->record.callee_addr = addr;
	}
}

/* In front of a backend: back to where the call came from, or to ourselves, goes no call. */
static bool goes_round(const struct tg_switch *sw, const struct call *call, struct tg_addr remote, struct tg_addr local)
{
	const struct world *world = call_world(sw, call);
	const bool here = tg_addr_equal(remote, local) || tg_addr_equal(remote, world->settings.front.local) ||
	                  tg_addr_equal(remote, party_caller(sw, call)->local);

	return world->settings.front.backend.family != TG_NO_ADDR &&
	       (here || (world_is_backend(world, call->record.caller_addr) && world_is_backend(world, remote)));
}

/* Call one target. @return 0, or the cause why not */
static uint8_t call_target(struct tg_switch *sw, struct call *call, const struct dial_target *target)
{
	const struct world *world = call_world(sw, call);
	const struct world_peer *peer = world_peer_find(world, target->peer);
	const struct party *caller = party_caller(sw, call);
	struct tg_addr remote, local;
	struct tg_ref ref;

	if (peer == NULL) {
		return IAX_CAUSE_NO_ROUTE;
	}
	const bool reached = accounts_reach(sw, world, peer, &remote, &local);

	note_callee(call, world_span(world, peer->name), reached ? remote : (struct tg_addr){ 0 });
	if (!reached) {
		return IAX_CAUSE_ABSENT;
	}
	if (goes_round(sw, call, remote, local)) {
		return IAX_CAUSE_NO_ROUTE;
	}
	if ((codecs_mask(&peer->codecs) & caller->format) == 0) {
		return IAX_CAUSE_BEARER_UNAVAILABLE;
	}
	struct party *party = party_new(sw, tg_slab_ref(calls_of(sw), call), PARTY_CALLING, &ref);

	if (party == NULL) {
		return IAX_CAUSE_SWITCH_CONGESTION;
	}
	tg_span_copy(party->name, sizeof(party->name), world_span(world, peer->name));
	party->remote = remote;
	party->local = local;
	party->takes = caller->format;
	const uint8_t barred = paying_begin(sw, call, peer, target->exten, party);
	const uint8_t cause = barred != 0 ? barred : open_leg(sw, call, party, ref, peer, target);

	if (cause != 0) {
		party_leave(sw, party);
		return cause;
	}
	party->next = call->callees;
	call->callees = ref.index + 1;
	return 0;
}

static void call_targets(struct tg_switch *sw, struct call *call, struct tg_span targets)
{
	struct dial_target target;

	while (args_target(&targets, &target)) {
		const uint8_t cause = call->dial.targets < CALL_PARTIES_MAX ? call_target(sw, call, &target)
		                                                            : IAX_CAUSE_SWITCH_CONGESTION;

		call->dial.targets = (uint8_t)(call->dial.targets + (call->dial.targets < UINT8_MAX));
		if (cause != 0) {
			count_failure(call, cause);
			tg_log(sw->outside.log, TG_INFO, "dial.no_target", TG_UINT("call", call->record.unique),
			       TG_BYTES("peer", target.peer), TG_UINT("cause", cause));
		}
	}
}

static enum app_says dial_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	struct dial_args dial;
	const bool good = args_dial(args, &dial);

	call->dial = (struct dialling){ .started_us = sw->now_us };
	call->failed = false; /* another route, another chance */
	call->talks = 0;
	if (!good || party_caller(sw, call) == NULL) {
		dial_says(sw, call, "INVALIDARGS", IAX_CAUSE_INVALID_NUMBER);
		return APP_DONE;
	}
	call->dial.rings = dial.rings;
	call->dial.goes_on = dial.goes_on;
	call->dial.limit_us = dial.limit_us;
	call_targets(sw, call, dial.targets);
	if (call->callees == 0) {
		return dial_failed(sw, call);
	}
	if (dial.rings) {
		call->dial.told_ringing = true;
		party_control(sw, party_caller(sw, call), IAX_CONTROL_RINGING);
	}
	apps_timer(sw, call, dial.has_timeout ? sw->now_us + dial.timeout_us : TG_NEVER);
	return APP_STAYS;
}

/* ---- What callees do ------------------------------------------------------------------------------------------- */

static void talk_with(struct tg_switch *sw, struct call *call, struct party *callee)
{
	struct party *caller = party_caller(sw, call);

	if (call->talks == party_place(sw, callee)) {
		return;
	}
	call->talks = party_place(sw, callee);
	bridge_join(sw, caller, callee);
	bridge_join(sw, callee, caller);
}

static bool is_only(const struct call *call)
{
	return call->dial.targets == 1;
}

static enum app_says on_accepted(struct tg_switch *sw, struct call *call, struct party *callee,
                                 const struct iax_event *event)
{
	if ((event->format & callee->takes) == 0) {
		hang_callee_up(sw, call, callee, IAX_CAUSE_BEARER_UNAVAILABLE);
		return callee_lost(sw, call, IAX_CAUSE_BEARER_UNAVAILABLE);
	}
	callee->state = PARTY_LINKED;
	callee->format = event->format;
	if (is_only(call) && !call->dial.rings) {
		talk_with(sw, call, callee);
	}
	return APP_STAYS;
}

/* While they talk: digits for the callee, and the end of their time. */
static void while_talking(struct tg_switch *sw, struct call *call, const struct party *callee)
{
	const struct dialling *d = &call->dial;
	uint64_t next_us = TG_NEVER, digit_us;
	uint8_t bytes[VARS_TEXT_MAX];
	struct vars_text text = { .p = bytes, .size_bytes = sizeof(bytes) };
	struct dial_args dial;

	if (args_dial(apps_args(sw, call, &text), &dial) &&
	    digits_step(sw, call, callee, dial.digits, &digits_default_pace, &digit_us)) {
		next_us = digit_us;
	}
	apps_timer(sw, call, tg_min_u64(next_us, d->limit_us > 0 ? d->answered_us + d->limit_us : TG_NEVER));
}

static enum app_says on_answer(struct tg_switch *sw, struct call *call, struct party *callee)
{
	if (callee->state != PARTY_LINKED) {
		return APP_STAYS;
	}
	hang_all_up(sw, call, callee, IAX_CAUSE_ANSWERED_ELSEWHERE);
	callee->state = PARTY_ANSWERED;
	call->dial.answered_us = sw->now_us;
	call->app_count = 0;
	call->app_flag = false;
	while_talking(sw, call, callee);
	call->connected = false;
	note_callee(call, name_span(callee->name), callee->remote);
	call->connected = true;
	paying_answered(sw, call, callee);
	call_answer(sw, call);
	talk_with(sw, call, callee);
	return APP_STAYS;
}

/* Ringing is told once, whoever rings; progress only when there is one who could have sent it. */
static void tell_caller(struct tg_switch *sw, struct call *call, const struct iax_event *event)
{
	const struct party *caller = party_caller(sw, call);

	if (event->subclass == IAX_CONTROL_RINGING ? call->dial.told_ringing : !is_only(call) || call->dial.rings) {
		return;
	}
	call->dial.told_ringing = call->dial.told_ringing || event->subclass == IAX_CONTROL_RINGING;
	party_control(sw, caller, (enum iax_control)event->subclass);
}

static enum app_says on_callee_control(struct tg_switch *sw, struct call *call, struct party *callee,
                                       const struct iax_event *event)
{
	if (callee->state == PARTY_ANSWERED) {
		bridge_pass(sw, callee, party_caller(sw, call), event);
		return APP_STAYS;
	}
	switch (event->subclass) {
	case IAX_CONTROL_ANSWER:
		return on_answer(sw, call, callee);
	case IAX_CONTROL_RINGING:
		callee->ringing = true;
		tell_caller(sw, call, event);
		return APP_STAYS;
	case IAX_CONTROL_PROGRESS:
	case IAX_CONTROL_PROCEEDING:
		tell_caller(sw, call, event);
		return APP_STAYS;
	case IAX_CONTROL_BUSY:
		hang_callee_up(sw, call, callee, IAX_CAUSE_BUSY);
		return callee_lost(sw, call, IAX_CAUSE_BUSY);
	case IAX_CONTROL_CONGESTION:
		hang_callee_up(sw, call, callee, IAX_CAUSE_NO_CIRCUIT);
		return callee_lost(sw, call, IAX_CAUSE_NO_CIRCUIT);
	default:
		return APP_STAYS;
	}
}

/* The one who answered is gone: the dialplan goes on with option g, else the caller gets the same cause. */
static enum app_says on_talk_over(struct tg_switch *sw, struct call *call, uint8_t cause)
{
	dial_says(sw, call, "ANSWER", cause);
	if (call->dial.goes_on) {
		return APP_DONE;
	}
	call_end(call, cause);
	return APP_MOVED;
}

static enum app_says on_callee_ended(struct tg_switch *sw, struct call *call, struct party *callee,
                                     const struct iax_event *event)
{
	const bool talked = callee->state == PARTY_ANSWERED;
	const uint8_t cause = call_end_cause(event);

	keep_report(sw, call, callee);
	unlink_callee(sw, call, callee);
	party_leave(sw, callee);
	if (talked) {
		return on_talk_over(sw, call, cause);
	}
	return callee_lost(sw, call, cause);
}

static enum app_says callee_refused_us(struct tg_switch *sw, struct call *call, struct party *callee)
{
	hang_callee_up(sw, call, callee, IAX_CAUSE_NOT_SUBSCRIBED);
	return callee_lost(sw, call, IAX_CAUSE_NOT_SUBSCRIBED);
}

static enum app_says on_challenged(struct tg_switch *sw, struct call *call, struct party *callee,
                                   const struct iax_event *event)
{
	return party_answer_challenge(sw, callee, event) ? APP_STAYS : callee_refused_us(sw, call, callee);
}

static enum app_says dial_on_response(struct tg_switch *sw, struct call *call, struct party *callee, const uint8_t *md5)
{
	return challenge_respond(sw, callee->id, md5) ? APP_STAYS : callee_refused_us(sw, call, callee);
}

static void on_callee_media(struct tg_switch *sw, struct call *call, struct party *callee,
                            const struct iax_event *event)
{
	if (call->talks == party_place(sw, callee)) {
		bridge_pass(sw, callee, party_caller(sw, call), event);
	}
}

static enum app_says dial_on_callee(struct tg_switch *sw, struct call *call, struct party *callee,
                                    const struct iax_event *event)
{
	switch (event->kind) {
	case IAX_EV_CHALLENGED:
		return on_challenged(sw, call, callee, event);
	case IAX_EV_ACCEPTED:
		return on_accepted(sw, call, callee, event);
	case IAX_EV_CONTROL:
		return on_callee_control(sw, call, callee, event);
	case IAX_EV_ENDED:
		return on_callee_ended(sw, call, callee, event);
	case IAX_EV_VOICE:
	case IAX_EV_DTMF:
	case IAX_EV_FRAME:
	case IAX_EV_QUELCH:
		on_callee_media(sw, call, callee, event);
		return APP_STAYS;
	case IAX_EV_RTT:
		party_measured(sw, callee, event);
		return APP_STAYS;
	case IAX_EV_PINGED:
		party_give_report(sw, callee);
		return APP_STAYS;
	case IAX_EV_OFFERED:
	case IAX_EV_VERIFY:
	case IAX_EV_CONFIRMED:
	case IAX_EV_VIDEO:
	case IAX_EV_TRANSFER:
	case IAX_EV_REG_REQUEST:
	case IAX_EV_REG_ACKED:
	case IAX_EV_POKED:
	case IAX_EVENT_KINDS:
		break;
	}
	return APP_STAYS;
}

static enum app_says dial_on_caller(struct tg_switch *sw, struct call *call, struct party *caller,
                                    const struct iax_event *event)
{
	struct party *callee = party_at(sw, call->talks);

	if (callee != NULL) {
		bridge_pass(sw, caller, callee, event);
	}
	return APP_STAYS;
}

/* Nobody answered in time, or they talk. */
static enum app_says dial_on_timer(struct tg_switch *sw, struct call *call)
{
	const struct dialling *d = &call->dial;

	if (d->answered_us != 0) {
		if (d->limit_us == 0 || sw->now_us < d->answered_us + d->limit_us) {
			while_talking(sw, call, party_at(sw, call->talks));
			return APP_STAYS;
		}
		hang_all_up(sw, call, NULL, IAX_CAUSE_NORMAL_CLEARING);
		return on_talk_over(sw, call, IAX_CAUSE_NORMAL_CLEARING);
	}
	hang_all_up(sw, call, NULL, IAX_CAUSE_NO_ANSWER);
	dial_says(sw, call, "NOANSWER", IAX_CAUSE_NO_ANSWER);
	return APP_DONE;
}

/* The caller hung up, or the call was ended; callees are told the same cause. */
static void dial_stop(struct tg_switch *sw, struct call *call)
{
	if (call->callees == 0) {
		return;
	}
	const bool talked = call->dial.answered_us != 0;
	const uint8_t cause = call->todo == TODO_END ? call->cause : IAX_CAUSE_NORMAL_CLEARING;

	hang_all_up(sw, call, NULL, cause);
	dial_says(sw, call, talked ? "ANSWER" : "CANCEL", cause);
}

const struct app_row app_dial = {
	.speaks = true,
	.start = dial_start,
	.stop = dial_stop,
	.on_timer = dial_on_timer,
	.on_caller = dial_on_caller,
	.on_callee = dial_on_callee,
	.on_response = dial_on_response,
};
