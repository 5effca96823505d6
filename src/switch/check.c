/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/check.h"

#include "switch/accounts.h"
#include "switch/apps.h"
#include "switch/gosub.h"
#include "switch/inside.h"
#include "switch/limits.h"
#include "switch/party.h"
#include "switch/paying.h"
#include "switch/tones.h"

/* What the calls hold, counted while they are walked. */
struct sum {
	uint32_t parties, pieces, frames, tones, asked, admitted;
	uint32_t worlds[SWITCH_WORLDS];
};

static bool leg_lives(const struct tg_switch *sw, const struct party *party)
{
	struct iax_leg_info info;

	return iax_leg_info(sw->outside.ep, party->id, &info) &&
	       info.owner == owner_pack(OWNER_PARTY, tg_slab_ref(parties_of(sw), party));
}

static const char *check_party(const struct tg_switch *sw, const struct party *party, struct tg_ref call)
{
	if (!tg_ref_equal(party->call, call)) {
		return "a party of another call";
	}
	return leg_lives(sw, party) ? NULL : "a party without its leg";
}

static const char *check_callees(const struct tg_switch *sw, const struct call *call, struct tg_ref ref,
                                 struct sum *sum)
{
	bool talks = call->talks == 0;
	unsigned count = 0;

	for (uint32_t place = call->callees; place != 0; place = party_at(sw, place)->next) {
		const struct party *callee = party_at(sw, place);
		const char *wrong = callee == NULL ? "a callee that is not there" : check_party(sw, callee, ref);

		if (wrong != NULL) {
			return wrong;
		}
		if (callee->state == PARTY_CALLER || ++count > CALL_PARTIES_MAX) {
			return "callees in a loop";
		}
		talks = talks || place == call->talks;
		sum->parties++;
		sum->pieces += callee->said.pieces;
	}
	if (count > 0 && call->app != WORLD_APP_DIAL) {
		return "callees without a Dial";
	}
	return talks ? NULL : "talks with somebody who is no callee";
}

static const char *check_caller(const struct tg_switch *sw, const struct call *call, struct tg_ref ref, struct sum *sum)
{
	const struct party *caller = party_caller(sw, call);

	if (caller == NULL) {
		return "a call without its caller";
	}
	sum->parties++;
	sum->pieces += caller->said.pieces;
	if (caller->state != PARTY_CALLER) {
		return "a caller who is a callee";
	}
	return check_party(sw, caller, ref);
}

static bool tone_is_lost(const struct tg_switch *sw, const struct call *call, struct tg_ref ref, struct sum *sum)
{
	const struct tone *tone = tones_find(sw, call->tone_place);

	sum->tones += tone != NULL;
	return call->tone_place != 0 && (tone == NULL || !tg_ref_equal(tone->call, ref));
}

static const char *check_frames(const struct tg_switch *sw, const struct call *call, struct sum *sum)
{
	unsigned depth = 0;

	for (const struct frame *frame = gosub_frame(sw, call->frames); frame != NULL;
	     frame = gosub_frame(sw, frame->below)) {
		if (++depth > GOSUB_DEPTH_MAX) {
			return "frames in a loop";
		}
		sum->frames++;
		sum->pieces += frame->locals.pieces;
	}
	return depth == 0 && call->frames != 0 ? "a frame that is not there" : NULL;
}

/* Between two turns no call is about to do anything, and none is over. */
static const char *check_call(const struct tg_switch *sw, const struct call *call, struct tg_ref ref, struct sum *sum)
{
	const char *wrong = check_caller(sw, call, ref, sum);

	wrong = wrong != NULL ? wrong : check_callees(sw, call, ref, sum);
	wrong = wrong != NULL ? wrong : check_frames(sw, call, sum);
	if (wrong != NULL) {
		return wrong;
	}
	if (call->state >= CALL_OVER || call->todo != TODO_WAIT) {
		return "a call that was not settled";
	}
	if ((call->state == CALL_RUNNING) != (call->app != APP_NONE) || call->app > APP_NONE) {
		return "a running call without an application, or one that does not run with one";
	}
	if (tone_is_lost(sw, call, ref, sum)) {
		return "a tone of another call";
	}
	sum->pieces += call->bag.pieces;
	sum->asked += call->asked;
	sum->admitted += call->admitted;
	if (call->world != NO_ROW) {
		sum->worlds[call->world]++;
	}
	return NULL;
}

static const char *check_calls(const struct tg_switch *sw, struct sum *sum)
{
	for (uint32_t i = 0; i < calls_of(sw)->count; i++) {
		struct tg_ref ref;
		const struct call *call = tg_slab_at(calls_of(sw), i, &ref);
		const char *wrong = call == NULL ? NULL : check_call(sw, call, ref, sum);

		if (wrong != NULL) {
			return wrong;
		}
	}
	return NULL;
}

/* It is wanted as long as the account is registered. */
static bool follower_fits(const struct tg_switch *sw, const struct account *account, uint32_t index)
{
	const struct outgoing *outgoing = account->outgoing == 0
	                                          ? NULL
	                                          : tg_slab_at(outgoings_of(sw), account->outgoing - 1, NULL);

	if (account->outgoing == 0) {
		return true;
	}
	return outgoing != NULL && outgoing->account == index + 1 &&
	       (outgoing->row != NO_ROW) == (account->binding.expires_ms != 0);
}

static uint32_t count_followers(const struct tg_switch *sw)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < outgoings_of(sw)->count; i++) {
		const struct outgoing *outgoing = tg_slab_at(outgoings_of(sw), i, NULL);

		count += outgoing != NULL && outgoing->account != 0;
	}
	return count;
}

static const char *check_accounts(const struct tg_switch *sw)
{
	uint32_t bound = 0, followed = 0;

	for (uint32_t i = 0; i < accounts_of(sw)->count; i++) {
		const struct account *account = tg_slab_at(accounts_of(sw), i, NULL);

		if (account == NULL) {
			continue;
		}
		if (account_find(sw, name_span(account->name)) != account) {
			return "an account that is not found by its name";
		}
		if (!follower_fits(sw, account, i)) {
			return "a registration of ours that does not follow its account";
		}
		bound += account->binding.expires_ms != 0;
		followed += account->outgoing != 0;
	}
	if (followed != count_followers(sw)) {
		return "a registration of ours that follows no account";
	}
	if (names_of(sw)->used != accounts_of(sw)->used) {
		return "names without accounts";
	}
	return bound == sw->bound ? NULL : "bindings are miscounted";
}

/* Timers of free items do not run. */
static const char *check_timers(const struct tg_switch *sw)
{
	for (uint32_t i = 0; i < calls_of(sw)->count; i++) {
		if (tg_slab_at(calls_of(sw), i, NULL) == NULL && (switch_timer_at(sw, TIMER_CALL, i) != TG_NEVER ||
		                                                  switch_timer_at(sw, TIMER_ABSOLUTE, i) != TG_NEVER ||
		                                                  switch_timer_at(sw, TIMER_PAID, i) != TG_NEVER)) {
			return "a timer of no call";
		}
	}
	for (uint32_t i = 0; i < accounts_of(sw)->count; i++) {
		if (tg_slab_at(accounts_of(sw), i, NULL) == NULL &&
		    (switch_timer_at(sw, TIMER_QUALIFY, i) != TG_NEVER ||
		     switch_timer_at(sw, TIMER_BINDING, i) != TG_NEVER)) {
			return "a timer of no account";
		}
	}
	return NULL;
}

static const char *check_sums(const struct tg_switch *sw, const struct sum *sum)
{
	if (sum->parties != parties_of(sw)->used) {
		return "parties of no call";
	}
	if (sum->pieces + sw->globals.pieces != pieces_of(sw)->used) {
		return "variables of no call";
	}
	if (sum->frames != frames_of(sw)->used) {
		return "frames of no call";
	}
	if (sum->tones != tones_of(sw)->used) {
		return "tones of no call";
	}
	if (sum->asked != asked_of(sw)->used) {
		return "unanswered challenges are miscounted";
	}
	if (sum->admitted != sw->admitted || sum->admitted > sw->config.calls_max) {
		return "calls of those who may call are miscounted";
	}
	for (uint32_t i = 0; i < SWITCH_WORLDS; i++) {
		if (sum->worlds[i] != sw->uses[i].calls) {
			return "calls of a world are miscounted";
		}
	}
	return NULL;
}

const char *switch_check(const struct tg_switch *sw)
{
	struct sum sum = { 0 };
	const char *wrong = check_calls(sw, &sum);

	wrong = wrong != NULL ? wrong : check_sums(sw, &sum);
	wrong = wrong != NULL ? wrong : check_accounts(sw);
	wrong = wrong != NULL ? wrong : limits_check(sw);
	wrong = wrong != NULL ? wrong : paying_check(sw);
	return wrong != NULL ? wrong : check_timers(sw);
}

bool switch_is_idle(const struct tg_switch *sw)
{
	return calls_of(sw)->used == 0 && parties_of(sw)->used == 0 && pieces_of(sw)->used == sw->globals.pieces &&
	       pendings_of(sw)->used == 0 && paying_legs(sw) == 0 && frames_of(sw)->used == 0 &&
	       tones_of(sw)->used == 0 && asked_of(sw)->used == 0;
}
