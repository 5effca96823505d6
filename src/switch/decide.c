/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/decide.h"

#include "switch/calls.h"

enum { VERDICT_S = 60 }; /* a question is given up by then */

/* Whether the name is anybody's is the same for calls and registrations: otherwise the one would make the guard forget the other. */
static struct switch_try try_of(const struct world *world, struct tg_span name)
{
	const bool named = world != NULL && name.len > 0;
	const struct world_user *user = named ? world_user_find(world, name) : NULL;
	const struct world_peer *peer = named ? world_peer_find(world, name) : NULL;

	/* What was made for a backend is nobody's name. */
	user = user != NULL && user->of_backend != 0 ? NULL : user;
	peer = peer != NULL && peer->to_backend != 0 ? NULL : peer;
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

static bool is_of_backend(const struct tg_switch *sw, const struct call *call)
{
	const struct world *world = call_world(sw, call);

	return world != NULL && call->user != NO_ROW &&
	       ((const struct world_user *)world_row(world, WORLD_USERS, call->user))->of_backend != 0;
}

enum model_reason decide_may_try_call(const struct tg_switch *sw, const struct call *call)
{
	const struct switch_try try = try_call(sw, call);
	const enum model_reason why = may_try(sw, &try, (enum model_reason)call->why);

	/* Who guesses names from outside must not hold the backend back. */
	return is_of_backend(sw, call) ? (enum model_reason)call->why : why;
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

static struct left_behind *left_at(const struct tg_switch *sw, uint32_t number)
{
	return tg_slab_at(lefts_of(sw), number - 1, NULL);
}

/* Cookies are our own numbers: no stranger chooses them. */
static uint64_t cookie_hash(uint64_t cookie)
{
	cookie *= UINT64_C(0x9e3779b97f4a7c15);
	return cookie ^ cookie >> 32;
}

static struct left_behind *left_find(const struct tg_switch *sw, uint64_t cookie)
{
	struct tg_map_walk walk = tg_map_find(left_cookies_of(sw), cookie_hash(cookie));

	for (uint32_t index; tg_map_next(&walk, &index);) {
		struct left_behind *left = tg_slab_at(lefts_of(sw), index, NULL);

		if (left != NULL && left->cookie == cookie) {
			return left;
		}
	}
	return NULL;
}

static void left_free(struct tg_switch *sw, const struct left_behind *left)
{
	const struct tg_ref ref = tg_slab_ref(lefts_of(sw), left);
	const bool removed = tg_map_remove(left_cookies_of(sw), cookie_hash(left->cookie), ref.index);

	assert(removed);
	*(left->older == 0 ? &sw->left_oldest : &left_at(sw, left->older)->younger) = left->younger;
	*(left->younger == 0 ? &sw->left_youngest : &left_at(sw, left->younger)->older) = left->older;
	tg_slab_give(lefts_of(sw), ref);
}

/*
 * No try goes unnoticed: without a place for it, that of the oldest is told as a wrong one, another than all before. A question that
 * was given up is told as the vault tells what it did not judge: its own troubles make nobody a guesser.
 */
static void left_give_way(struct tg_switch *sw)
{
	const struct left_behind *oldest = left_at(sw, sw->left_oldest);
	const bool given_up = sw->now_us - oldest->since_us > (uint64_t)VERDICT_S * TG_US_PER_S;

	sw->stats.verdicts_lost++;
	tell_left(sw, oldest, false, given_up ? 0 : oldest->cookie);
	left_free(sw, oldest);
}

static struct left_behind *left_take(struct tg_switch *sw, uint64_t cookie)
{
	struct tg_ref ref;

	if (lefts_of(sw)->used == lefts_of(sw)->count) {
		left_give_way(sw);
	}
	struct left_behind *left = tg_slab_take(lefts_of(sw), &ref);
	const bool inserted = left != NULL && tg_map_insert(left_cookies_of(sw), cookie_hash(cookie), ref.index);

	assert(inserted); /* the map is as large */
	left->older = sw->left_youngest;
	*(left->older == 0 ? &sw->left_oldest : &left_at(sw, left->older)->younger) = ref.index + 1;
	sw->left_youngest = ref.index + 1;
	left->cookie = cookie;
	left->since_us = sw->now_us;
	return left;
}

static void leave_behind(struct tg_switch *sw, uint64_t cookie, const struct switch_decision *decision)
{
	const struct switch_try *try = &decision->try;
	struct left_behind *left = left_take(sw, cookie);

	left->call = decision->call;
	left->from = try->from;
	left->local = decision->local;
	left->request = (uint8_t)decision->request;
	left->why = (uint8_t)decision->why;
	left->proven = try->proven;
	left->exists = try->exists;
	left->roaming = try->roaming;
	left->decoy = try->decoy;
	left->weak = try->weak;
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

void decide_late(struct tg_switch *sw, uint64_t cookie, bool right, uint64_t answer)
{
	const struct left_behind *left = left_find(sw, cookie);

	if (left != NULL) {
		tell_left(sw, left, right, answer);
		left_free(sw, left);
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
