/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/decide.h"

#include "switch/calls.h"

/* Whether the name is anybody's is the same for calls and registrations: otherwise the one would make the guard forget the other. */
static struct switch_try try_of(const struct world *world, struct tg_span name)
{
	const bool named = world != NULL && name.len > 0;
	const struct world_user *user = named ? world_user_find(world, name) : NULL;
	const struct world_peer *peer = named ? world_peer_find(world, name) : NULL;

	return (struct switch_try){
		.account = name,
		.exists = user != NULL || peer != NULL,
		.weak = (user != NULL && user->weak_secret != 0) || (peer != NULL && peer->weak_secret != 0),
	};
}

static struct switch_try try_call(const struct tg_switch *sw, const struct call *call)
{
	const struct world *world = call_world(sw, call);
	const struct world_user *user = call->user == NO_ROW || world == NULL
	                                        ? NULL
	                                        : world_row(world, WORLD_USERS, call->user);
	struct switch_try try = try_of(world, name_span(call->record.caller));

	try.from = call->record.caller_addr;
	try.proven = call->proof == IAX_PROVEN;
	if (user != NULL) { /* perhaps a guest's, who has no name */
		try.exists = true;
		try.roaming = user->roaming != 0;
		try.decoy = user->decoy != 0;
	}
	return try;
}

static struct switch_try try_registration(const struct tg_switch *sw, const struct pending *pending)
{
	const struct world_peer *peer = world_peer_find(world_now(sw), name_span(pending->name));
	struct switch_try try = try_of(world_now(sw), name_span(pending->name));

	try.from = pending->remote;
	try.proven = pending->proof == IAX_PROVEN;
	try.registration = true;
	try.roaming = peer != NULL && peer->roaming != 0;
	try.decoy = peer != NULL && peer->decoy != 0;
	return try;
}

/* Whatever is wrong already, it is asked: no name takes another way than the others. */
static enum model_reason may_try(const struct tg_switch *sw, const struct switch_try *try, enum model_reason why)
{
	const struct switch_ops *ops = &sw->outside.ops;
	const enum model_reason held = ops->may_try != NULL ? ops->may_try(ops->owner, try) : MODEL_WHY_OK;

	return why == MODEL_WHY_OK ? held : why;
}

enum model_reason decide_may_try_call(const struct tg_switch *sw, const struct call *call)
{
	const struct switch_try try = try_call(sw, call);

	return may_try(sw, &try, (enum model_reason)call->why);
}

enum model_reason decide_may_try_registration(const struct tg_switch *sw, const struct pending *pending)
{
	const struct switch_try try = try_registration(sw, pending);

	return may_try(sw, &try, (enum model_reason)pending->why);
}

static void tell(const struct tg_switch *sw, const struct switch_decision *decision)
{
	if (sw->outside.ops.decided != NULL) {
		sw->outside.ops.decided(sw->outside.ops.owner, decision);
	}
}

/* These come after the secret. */
static bool is_after_secret(enum model_reason why)
{
	return why == MODEL_WHY_OK || why == MODEL_WHY_NO_CALLS || why == MODEL_WHY_NO_EXTEN ||
	       why == MODEL_WHY_NO_CODEC || why == MODEL_WHY_NOT_BOUND || why == MODEL_WHY_NO_ROOM;
}

static struct switch_decision decision_of_call(const struct tg_switch *sw, const struct call *call)
{
	const struct party *caller = tg_slab_find(parties_of(sw), call->caller);
	const enum model_reason why = (enum model_reason)call->why;
	struct switch_decision decision = {
		.try = try_call(sw, call),
		.request = MODEL_REQUEST_CALL,
		.why = why,
		.tried = call->tried,
		.trusted = call->tried && is_after_secret(why),
		.exten = name_span(call->record.dialled),
		.context = name_span(call->record.context),
		.call = call->record.unique,
	};

	if (caller != NULL) {
		decision.local = caller->local;
	}
	return decision;
}

static struct switch_decision decision_of_registration(const struct tg_switch *sw, const struct pending *pending)
{
	const enum model_reason why = (enum model_reason)pending->why;
	const struct switch_decision decision = {
		.try = try_registration(sw, pending),
		.request = pending->release ? MODEL_REQUEST_RELEASE : MODEL_REQUEST_REGISTER,
		.why = why,
		.tried = true,
		.trusted = is_after_secret(why),
		.local = pending->local,
	};

	return decision;
}

void decide_call(struct tg_switch *sw, struct call *call, uint64_t answer)
{
	struct switch_decision decision = decision_of_call(sw, call);

	if (call->decided) {
		return;
	}
	call->decided = true;
	decision.try.answer = answer;
	tell(sw, &decision);
}

void decide_hung_up(struct tg_switch *sw, struct call *call)
{
	if (!sw->stopping && call->state == CALL_JUDGED) {
		decide_call_left(sw, call); /* his verdict comes */
		call->decided = true;
	} else if (!call->decided) {
		call->tried = false; /* no verdict is waited for */
		call->why = sw->stopping ? MODEL_WHY_STOPPING : MODEL_WHY_NO_CALLS;
		decide_call(sw, call, 0);
	}
}

void decide_registration(const struct tg_switch *sw, const struct pending *pending, uint64_t answer)
{
	struct switch_decision decision = decision_of_registration(sw, pending);

	decision.try.answer = answer;
	tell(sw, &decision);
}

/* ---- Who left before the verdict ---------------------------------------------------------------------------------- */

static void leave_behind(struct tg_switch *sw, uint64_t cookie, const struct switch_decision *decision)
{
	struct left_behind *left = &sw->left[sw->next_left++ % LEFT_MAX];
	const struct switch_try *try = &decision->try;

	sw->stats.verdicts_lost += left->request != MODEL_REQUEST_NONE;
	*left = (struct left_behind){
		.cookie = cookie,
		.call = decision->call,
		.from = try->from,
		.local = decision->local,
		.request = (uint8_t)decision->request,
		.why = (uint8_t)decision->why,
		.proven = try->proven,
		.exists = try->exists,
		.roaming = try->roaming,
		.decoy = try->decoy,
		.weak = try->weak,
	};
	tg_span_copy(left->account, sizeof(left->account), try->account);
	tg_span_copy(left->exten, sizeof(left->exten), decision->exten);
	tg_span_copy(left->context, sizeof(left->context), decision->context);
}

void decide_call_left(struct tg_switch *sw, const struct call *call)
{
	const struct switch_decision decision = decision_of_call(sw, call);

	if (call->state == CALL_JUDGED && !call->decided) {
		leave_behind(sw, owner_pack(OWNER_PARTY, call->caller), &decision);
	}
}

void decide_registration_left(struct tg_switch *sw, const struct pending *pending)
{
	const struct switch_decision decision = decision_of_registration(sw, pending);

	if (pending->judged) {
		leave_behind(sw, owner_pack(OWNER_PENDING, tg_slab_ref(pendings_of(sw), pending)), &decision);
	}
}

static void tell_left(const struct tg_switch *sw, const struct left_behind *left, bool right, uint64_t answer)
{
	const enum model_reason before = (enum model_reason)left->why;
	const enum model_reason why = before == MODEL_WHY_OK && !right ? MODEL_WHY_WRONG : before;
	const struct switch_decision decision = {
		.try = { .account = name_span(left->account),
		         .from = left->from,
		         .proven = left->proven != 0,
		         .registration = left->request != MODEL_REQUEST_CALL,
		         .exists = left->exists != 0,
		         .roaming = left->roaming != 0,
		         .decoy = left->decoy != 0,
		         .weak = left->weak != 0,
		         .answer = answer },
		.request = (enum model_request)left->request,
		.why = why,
		.tried = true,
		.trusted = is_after_secret(why),
		.local = left->local,
		.exten = name_span(left->exten),
		.context = name_span(left->context),
		.call = left->call,
	};

	tell(sw, &decision);
}

void decide_late(struct tg_switch *sw, uint64_t cookie, bool right, uint64_t answer)
{
	for (size_t i = 0; i < LEFT_MAX; i++) {
		struct left_behind *left = &sw->left[i];

		if (left->cookie == cookie && left->request != MODEL_REQUEST_NONE) {
			tell_left(sw, left, right, answer);
			*left = (struct left_behind){ 0 };
			return;
		}
	}
}

/* ---- Who was not looked at ---------------------------------------------------------------------------------------- */

static enum model_request request_of(const struct iax_event *event)
{
	if (event->kind != IAX_EV_REG_REQUEST) {
		return MODEL_REQUEST_CALL;
	}
	return event->release ? MODEL_REQUEST_RELEASE : MODEL_REQUEST_REGISTER;
}

void decide_turned_away(const struct tg_switch *sw, const struct iax_event *event, enum model_reason why)
{
	const struct iax_ies none = { 0 };
	const struct iax_ies *ies = event->ies != NULL ? event->ies : &none;
	struct switch_decision decision = {
		.try = { .account = ies->username, .from = event->remote, .proven = event->proof == IAX_PROVEN },
		.request = request_of(event),
		.why = why,
		.local = event->local,
		.exten = ies->called_number,
		.context = ies->called_context,
	};

	decision.try.registration = decision.request != MODEL_REQUEST_CALL;
	tell(sw, &decision);
}
