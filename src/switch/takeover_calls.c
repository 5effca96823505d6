/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of another process: put in their places, made whole, and gone on with or ended. */
#include "switch/apps.h"
#include "switch/calls.h"
#include "switch/gosub.h"
#include "switch/party.h"
#include "switch/paying.h"
#include "switch/playing.h"
#include "switch/takeover_inside.h"
#include "switch/tones.h"

#include <string.h>

/* ---- In their places --------------------------------------------------------------------------------------------- */

/* What ties a call to others, or counts, is nobody's yet. */
static void untie_call(struct call *call)
{
	call->callees = call->frames = 0;
	call->world = NO_ROW;
	call->tone_place = 0;
	call->decided = true;
	call->bag = (struct bag){ 0 };
}

/* One that is over has its record already; who has not shown that he may call, asks again. */
static bool is_lost(const struct call *call)
{
	return call->state >= CALL_CALLED && call->state != CALL_OVER;
}

static void place_call(struct tg_switch *sw, const struct other *other, uint32_t index, struct switch_takeover *out)
{
	const uint32_t gen = tg_slab_gen(other->calls, index);
	const struct call *row = tg_slab_at(other->calls, index, NULL);
	struct call old;

	if (row == NULL) {
		tg_slab_resume(calls_of(sw), gen);
		return;
	}
	memcpy(&old, row, sizeof(old));
	const bool whole = takeover_has_record(sw, other, &old) && sw->admitted < sw->config.calls_max;
	struct call *call = tg_slab_resume(calls_of(sw), whole ? gen : gen + 1);

	out->ended += is_lost(&old);
	if (call != NULL) {
		*call = old;
		untie_call(call);
		sw->admitted++;
	}
}

static unsigned callees_of(const struct tg_switch *sw, const struct call *call)
{
	unsigned count = 0;

	for (const struct party *at = party_at(sw, call->callees); at != NULL; at = party_at(sw, at->next)) {
		count++;
	}
	return count;
}

/* Its call, if it is one of its sides: the caller, or called by a Dial. */
static struct call *call_for(const struct tg_switch *sw, const struct party *old, struct tg_ref ref)
{
	struct call *call = tg_slab_find(calls_of(sw), old->call);

	if (call == NULL || !takeover_party_is_whole(old) ||
	    (old->state == PARTY_CALLER) != tg_ref_equal(call->caller, ref)) {
		return NULL;
	}
	return old->state == PARTY_CALLER || (call->app == WORLD_APP_DIAL && callees_of(sw, call) < CALL_PARTIES_MAX)
	               ? call
	               : NULL;
}

/* A party whose leg is gone has no id: what it is told to do reaches nobody. */
static void fill_party(struct tg_switch *sw, const struct other *other, struct party *party, const struct party *old)
{
	*party = *old;
	party->next = 0;
	party->ringing = old->ringing != 0;
	party->quelched = old->quelched != 0;
	party->relayed = 0;
	party->rx_at_us = tg_min_u64(old->rx_at_us, sw->now_us);
	party->said = (struct bag){ 0 };
	(void)bag_take_over(pieces_of(sw), &party->said, other->pieces, old->said);
	if (!takeover_owns(sw, old->id, OWNER_PARTY, tg_slab_ref(parties_of(sw), party))) {
		party->id = (struct iax_leg_id){ TG_NO_REF };
	}
}

static void place_party(struct tg_switch *sw, const struct other *other, uint32_t index)
{
	const uint32_t gen = tg_slab_gen(other->parties, index);
	const struct party *row = tg_slab_at(other->parties, index, NULL);
	struct party old;

	if (row == NULL) {
		tg_slab_resume(parties_of(sw), gen);
		return;
	}
	memcpy(&old, row, sizeof(old));
	struct call *call = call_for(sw, &old, (struct tg_ref){ index, gen });
	struct party *party = tg_slab_resume(parties_of(sw), call != NULL ? gen : gen + 1);

	if (party == NULL) {
		return;
	}
	fill_party(sw, other, party, &old);
	if (party->state != PARTY_CALLER) {
		party->next = call->callees;
		call->callees = index + 1;
	}
}

/* ---- Whole ------------------------------------------------------------------------------------------------------- */

/* The other one's list of callees has those that are here, and no more. */
static bool same_callees(const struct tg_switch *sw, const struct other *other, const struct call *call, uint32_t place)
{
	const struct tg_ref ref = tg_slab_ref(calls_of(sw), call);
	unsigned count = 0;

	while (place != 0 && count <= CALL_PARTIES_MAX) {
		const struct party *old = takeover_at(other->parties, place);
		const struct party *party = old == NULL ? NULL : party_at(sw, place);

		if (party == NULL || party->state == PARTY_CALLER || !tg_ref_equal(party->call, ref)) {
			return false;
		}
		place = old->next;
		count++;
	}
	return count == callees_of(sw, call);
}

/* He who answered is alone, and talked with. Before that one of them may be heard. */
static bool talk_is_whole(const struct tg_switch *sw, const struct call *call)
{
	const bool answered = call->app == WORLD_APP_DIAL && call->dial.answered_us != 0;
	bool talks = call->talks == 0;

	for (const struct party *at = party_at(sw, call->callees); at != NULL; at = party_at(sw, at->next)) {
		if ((at->state == PARTY_ANSWERED) != answered) {
			return false;
		}
		talks = talks || party_place(sw, at) == call->talks;
	}
	return talks && (!answered || (callees_of(sw, call) == 1 && call->talks == call->callees));
}

static bool take_paid_party(struct tg_switch *sw, const struct other *other, const struct call *call,
                            const struct party *party)
{
	const uint32_t place = other->paid_places[party_place(sw, party) - 1];
	const struct paid *row = takeover_at(other->paids, place);

	return place == 0 || (row != NULL && paying_take_over(sw, call, party, row, other->usages));
}

/* What it costs is taken over of a call that ends, too. */
static bool take_paid(struct tg_switch *sw, const struct other *other, const struct call *call)
{
	struct model_paid record;
	bool whole = true;

	memcpy(&record, &other->paid_records[tg_slab_ref(calls_of(sw), call).index], sizeof(record));
	if (record.class >= WORLD_CLASSES || record.why >= MODEL_REASON_COUNT || !TAKEOVER_IS_TEXT(record.rule)) {
		whole = false;
	} else {
		*paying_record(sw, call) = record;
	}
	for (const struct party *at = party_at(sw, call->callees); at != NULL; at = party_at(sw, at->next)) {
		whole = take_paid_party(sw, other, call, at) && whole;
	}
	return whole;
}

static bool frame_is_whole(const struct frame *frame, const struct world *world)
{
	return TAKEOVER_IS_TEXT(frame->exten) &&
	       (world == NULL || frame->context == NO_ROW || frame->context < world_count(world, WORLD_CONTEXTS));
}

/* From the outermost on. */
static bool take_frames(struct tg_switch *sw, const struct other *other, struct call *call, uint32_t place,
                        const struct world *world)
{
	struct frame frames[GOSUB_DEPTH_MAX];
	unsigned depth = 0;

	for (; place != 0; place = frames[depth++].below) {
		const struct frame *row = takeover_at(other->frames, place);

		if (row == NULL || depth == GOSUB_DEPTH_MAX) {
			return false;
		}
		memcpy(&frames[depth], row, sizeof(*row));
		if (!frame_is_whole(&frames[depth], world)) {
			return false;
		}
	}
	while (depth > 0) {
		if (!gosub_take_over(sw, call, &frames[--depth], other->pieces)) {
			return false;
		}
	}
	return true;
}

static bool take_tone(struct tg_switch *sw, const struct other *other, struct call *call, uint32_t place,
                      const struct prompts *prompts)
{
	const struct tone *row = takeover_at(other->tones, place);
	struct tone tone;

	if (place == 0) {
		return true;
	}
	if (row == NULL) {
		return false;
	}
	memcpy(&tone, row, sizeof(tone));
	return tg_ref_equal(tone.call, tg_slab_ref(calls_of(sw), call)) && TAKEOVER_IS_TEXT(tone.text) &&
	       takeover_playing_is_whole(sw, prompts, &tone.playing) && tones_take_over(sw, call, &tone);
}

static bool plays(const struct call *call)
{
	return call->app < APP_NONE && app_row((enum app_id)call->app)->plays != NULL &&
	       app_row((enum app_id)call->app)->plays(call);
}

/* The slot of its world here. @return false if what it says is no slot */
static bool find_world(const struct other *other, uint32_t old, uint32_t *slot)
{
	*slot = old < SWITCH_WORLDS ? other->worlds[old] : NO_ROW;
	return old < SWITCH_WORLDS || old == NO_ROW;
}

static bool take_rest(struct tg_switch *sw, const struct other *other, struct call *call, const struct call *old)
{
	uint32_t slot;
	const bool known = find_world(other, old->world, &slot);
	const struct world *world = slot == NO_ROW ? NULL : sw->outside.worlds[slot];
	const struct prompts *prompts = slot == NO_ROW ? NULL : sw->outside.prompts[slot];

	if (!known || !takeover_call_is_whole(sw, call, world) || !same_callees(sw, other, call, old->callees) ||
	    !talk_is_whole(sw, call) || (plays(call) && !takeover_playing_is_whole(sw, prompts, &call->playing)) ||
	    !bag_take_over(pieces_of(sw), &call->bag, other->pieces, old->bag) ||
	    !take_frames(sw, other, call, old->frames, world) ||
	    !take_tone(sw, other, call, old->tone_place, prompts)) {
		return false;
	}
	call->world = slot;
	if (slot != NO_ROW) {
		sw->uses[slot].calls++;
	}
	return true;
}

/* ---- Going on ---------------------------------------------------------------------------------------------------- */

/* An application that waits for its time has one. */
static void set_timers(struct tg_switch *sw, const struct other *other, const struct call *call, uint32_t index)
{
	const bool dials = call->app == WORLD_APP_DIAL;
	uint64_t due_us = takeover_timer(sw, other, TIMER_CALL, index);

	if (dials && call->dial.answered_us != 0 && call->dial.limit_us > 0) {
		due_us = tg_min_u64(due_us, call->dial.answered_us + call->dial.limit_us);
	} else if (due_us == TG_NEVER && !dials &&
	           (call->state == CALL_CALLED ||
	            (call->state == CALL_RUNNING && app_row((enum app_id)call->app)->on_timer != NULL))) {
		due_us = sw->now_us;
	}
	apps_timer(sw, call, due_us);
	switch_timer(sw, TIMER_ABSOLUTE, index, takeover_timer(sw, other, TIMER_ABSOLUTE, index));
}

/* To whom its voice goes: one of the same call, or nobody. */
static void tell_relay(struct tg_switch *sw, const struct other *other, struct party *party)
{
	const struct party *old = takeover_at(other->parties, party_place(sw, party));
	const struct party *to = party_find(sw, party->anchored);
	struct iax_leg_info info;

	if (to == NULL || !tg_ref_equal(to->call, party->call)) {
		party->anchored = TG_NO_REF;
		to = NULL;
	}
	if (old->relayed != 0 && iax_leg_info(sw->outside.ep, party->id, &info) && info.remote_number != 0) {
		party_relay(sw, party, to);
	}
}

/* Of a call that ends as well: the relay knows what it counted. */
static void tell_relay_all(struct tg_switch *sw, const struct other *other, const struct call *call)
{
	struct party *caller = party_caller(sw, call);

	if (caller != NULL) {
		tell_relay(sw, other, caller);
	}
	for (struct party *at = party_at(sw, call->callees); at != NULL; at = party_at(sw, at->next)) {
		tell_relay(sw, other, at);
	}
}

static void go_on(struct tg_switch *sw, const struct other *other, struct call *call, uint32_t index)
{
	set_timers(sw, other, call, index);
	tones_again(sw, call);
	if (plays(call) && !playing_continue(sw, call, &call->playing)) {
		apps_timer(sw, call, sw->now_us);
	}
}

/* ---- Ending ------------------------------------------------------------------------------------------------------ */

/* As much of it as its end needs. */
static void strip(struct tg_switch *sw, struct call *call)
{
	gosub_clear(sw, call);
	tones_stop(sw, call);
	bag_clear(pieces_of(sw), &call->bag);
	call->state = CALL_ACCEPTED; /* nothing of its dialplan runs */
	call->app = APP_NONE;
	call->todo = TODO_WAIT;
	call->asked = false;
	call->failed = true;
	call->talks = 0;
	call->context = call->user = NO_ROW;
	call->exten[0] = call->name[0] = call->language[0] = '\0';
	call->dial = (struct dialling){ 0 };
}

static void end(struct tg_switch *sw, struct call *call)
{
	call_touch(sw, call);
	strip(sw, call);
	while (call->callees != 0) {
		struct party *callee = party_at(sw, call->callees);

		if (callee->state == PARTY_ANSWERED) {
			party_report(sw, callee, &call->record.from_callee, &call->record.callee_rtt_ms);
		}
		call->callees = callee->next;
		party_hangup(sw, callee, IAX_CAUSE_TEMPORARY_FAILURE);
	}
	call_end(call, IAX_CAUSE_TEMPORARY_FAILURE);
	call_settle(sw, call);
}

/* Its dialplan is over, as when a world has to be given up. */
static void end_without_world(struct tg_switch *sw, struct call *call)
{
	call_touch(sw, call);
	call_end(call, IAX_CAUSE_TEMPORARY_FAILURE);
	call_settle(sw, call);
}

static void resume(struct tg_switch *sw, const struct other *other, uint32_t index)
{
	struct tg_ref ref;
	struct call *call = tg_slab_at(calls_of(sw), index, &ref);
	struct call old;

	if (call == NULL) {
		return;
	}
	memcpy(&old, tg_slab_at(other->calls, index, NULL), sizeof(old));
	const bool paid = take_paid(sw, other, call);

	tell_relay_all(sw, other, call);

	if (!paid || tg_ref_equal(other->sw->changing, ref) || !take_rest(sw, other, call, &old)) {
		end(sw, call);
	} else if (call->world == NO_ROW && call->talks == 0) {
		end_without_world(sw, call);
	} else {
		go_on(sw, other, call, index);
	}
}

/* ---- What was told, and not heard any more -------------------------------------------------------------------------- */

static void tell(struct tg_switch *sw, const struct party *party, struct iax_event event)
{
	event.leg = party->id;
	event.owner = owner_pack(OWNER_PARTY, tg_slab_ref(parties_of(sw), party));
	event.remote = party->remote;
	event.local = party->local;
	calls_on_event(sw, &event);
}

static void tell_callee(struct tg_switch *sw, const struct party *callee, struct tg_ref ref, bool up)
{
	if (callee->state == PARTY_CALLING) {
		/* The one format that it was offered. */
		tell(sw, callee,
		     (struct iax_event){ .kind = IAX_EV_ACCEPTED, .format = callee->takes & -callee->takes });
	}
	callee = party_find(sw, ref);
	if (up && callee != NULL && callee->state == PARTY_LINKED) {
		tell(sw, callee, (struct iax_event){ .kind = IAX_EV_CONTROL, .subclass = IAX_CONTROL_ANSWER });
	}
}

/* The leg is further than its call knows. */
static void catch_up(struct tg_switch *sw, uint32_t index)
{
	struct tg_ref ref;
	const struct party *party = tg_slab_at(parties_of(sw), index, &ref);
	const struct call *call = party == NULL ? NULL : tg_slab_find(calls_of(sw), party->call);
	struct iax_leg_info info;

	if (call == NULL) {
		return;
	}
	if (!iax_leg_info(sw->outside.ep, party->id, &info)) {
		tell(sw, party, (struct iax_event){ .kind = IAX_EV_ENDED, .end = IAX_END_REMOTE });
	} else if (party->state != PARTY_CALLER && info.linked) {
		tell_callee(sw, party, ref, info.up);
	} else if (party->state == PARTY_CALLER && call->state == CALL_ACCEPTED && info.linked) {
		tell(sw, party, (struct iax_event){ .kind = IAX_EV_CONFIRMED });
	}
}

/* ---- All --------------------------------------------------------------------------------------------------------- */

/* A call whose caller's row is not there: as if he had hung up at that moment. */
static void end_without_caller(struct tg_switch *sw)
{
	for (uint32_t i = 0; i < calls_of(sw)->begun; i++) {
		struct call *call = tg_slab_at(calls_of(sw), i, NULL);

		if (call != NULL && party_caller(sw, call) == NULL) {
			end(sw, call);
		}
	}
}

void takeover_calls(struct tg_switch *sw, const struct other *other, struct switch_takeover *out)
{
	for (uint32_t i = 0; i < other->calls->begun; i++) {
		place_call(sw, other, i, out);
	}
	for (uint32_t i = 0; i < other->parties->begun; i++) {
		place_party(sw, other, i);
	}
	for (uint32_t i = 0; i < calls_of(sw)->begun; i++) {
		resume(sw, other, i);
	}
	end_without_caller(sw);
	for (uint32_t i = 0; i < parties_of(sw)->begun; i++) {
		catch_up(sw, i);
	}
	out->calls = calls_of(sw)->used;
	out->ended -= (uint32_t)tg_min_u64(out->ended, out->calls);
}
