/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/party.h"

#include "iax/names.h"
#include "switch/bridge.h"
#include "switch/challenge.h"
#include "switch/paying.h"

struct party *party_new(struct tg_switch *sw, struct tg_ref call, enum party_state state, struct tg_ref *ref)
{
	struct party *party = tg_slab_take(parties_of(sw), ref);

	if (party != NULL) {
		party->call = call;
		party->state = (uint8_t)state;
	}
	return party;
}

struct party *party_find(const struct tg_switch *sw, struct tg_ref ref)
{
	return tg_slab_find(parties_of(sw), ref);
}

struct party *party_at(const struct tg_switch *sw, uint32_t place)
{
	return place == 0 ? NULL : tg_slab_at(parties_of(sw), place - 1, NULL);
}

uint32_t party_place(const struct tg_switch *sw, const struct party *party)
{
	return tg_slab_ref(parties_of(sw), party).index + 1;
}

struct party *party_caller(const struct tg_switch *sw, const struct call *call)
{
	return party_find(sw, call->caller);
}

void party_heard(struct tg_switch *sw, struct party *party, const struct iax_event *event)
{
	party->rx_format = event->format;
	party->rx_ts_ms = event->ts_ms;
	party->rx_at_us = sw->now_us;
	sw->outside.heard = event->payload;
	sw->outside.heard_from = tg_slab_ref(parties_of(sw), party);
	if (bridge_silence(event->format).len == 0) {
		/* Without room the other side hears nothing of him until his next full frame. */
		(void)bag_set(pieces_of(sw), &party->said, BAG_PLAIN, TG_SPAN_LIT("said"), event->payload, true);
	}
}

struct tg_span party_said(const struct tg_switch *sw, const struct party *party, uint8_t room[BAG_VALUE_MAX])
{
	const struct tg_span silence = bridge_silence(party->rx_format);

	if (tg_ref_equal(sw->outside.heard_from, tg_slab_ref(parties_of(sw), party))) {
		return sw->outside.heard;
	}
	if (silence.len > 0) {
		return silence;
	}
	return (struct tg_span){ room,
		                 bag_get(pieces_of(sw), &party->said, BAG_PLAIN, TG_SPAN_LIT("said"), room, NULL) };
}

/* The leg may have moved to another port of its address (ruling R21); whatever forwards to it or from it must know. */
void party_seen(struct tg_switch *sw, struct party *party, const struct iax_event *event)
{
	struct tg_slab *parties = parties_of(sw);
	const struct tg_ref ref = tg_slab_ref(parties, party);

	if (tg_addr_equal(party->remote, event->remote) && tg_addr_equal(party->local, event->local)) {
		return;
	}
	party->remote = event->remote;
	party->local = event->local;
	if (party->relayed) {
		party_relay(sw, party, party_find(sw, party->anchored));
	}
	const struct call *call = tg_slab_find(calls_of(sw), party->call);
	struct party *other = call == NULL                      ? NULL
	                      : tg_ref_equal(call->caller, ref) ? party_at(sw, call->talks)
	                                                        : party_caller(sw, call);

	if (other != NULL && other->relayed && tg_ref_equal(other->anchored, ref)) {
		party_relay(sw, other, party);
	}
}

void party_relay(struct tg_switch *sw, struct party *party, const struct party *to)
{
	struct iax_leg_info info, to_info;
	struct switch_relay entry = { .leg = party->id, .media = SWITCH_MEDIA_NONE };

	if (!iax_leg_info(sw->outside.ep, party->id, &info)) {
		return;
	}
	entry.remote = party->remote;
	entry.local = party->local;
	entry.remote_number = info.remote_number;
	entry.local_number = info.local_number;
	entry.format = party->rx_format;
	party->anchored = to != NULL ? tg_slab_ref(parties_of(sw), to) : TG_NO_REF;
	if (to != NULL && party->rx_format != 0 && !to->quelched && (to->takes & party->rx_format) != 0 &&
	    iax_leg_info(sw->outside.ep, to->id, &to_info)) {
		entry.media = SWITCH_MEDIA_FORWARD;
		entry.to_number = to_info.local_number;
		entry.to_remote = to->remote;
		entry.to_local = to->local;
		entry.ts_offset_ms = party->offset_ms;
	}
	party->relayed = true;
	sw->outside.ops.relay_set(sw->outside.ops.owner, &entry);
}

/* A leg that is over is known to the relay still, but not to the endpoint. */
static struct iax_report report_of(const struct tg_switch *sw, const struct party *party)
{
	struct iax_report report = { 0 };
	struct iax_leg_info info;

	if (party->relayed && sw->outside.ops.relay_report(sw->outside.ops.owner, party->id, &report)) {
		return report;
	}
	return iax_leg_info(sw->outside.ep, party->id, &info) ? info.local_report : (struct iax_report){ 0 };
}

void party_report(const struct tg_switch *sw, const struct party *party, struct model_report *out, uint32_t *rtt_ms)
{
	const struct iax_report report = report_of(sw, party);

	*out = (struct model_report){
		.packets = report.packets,
		.lost = report.lost,
		.out_of_order = report.out_of_order,
		.dropped = report.dropped,
		.jitter_ms = report.jitter_ms,
		.delay_ms = party->rtt_us / 2 / TG_US_PER_MS,
	};
	*rtt_ms = party->rtt_us / TG_US_PER_MS;
}

void party_measured(struct tg_switch *sw, struct party *party, const struct iax_event *event)
{
	party->rtt_us = event->rtt_us;
	party_give_report(sw, party);
}

void party_give_report(struct tg_switch *sw, const struct party *party)
{
	struct iax_report report;

	if (party->relayed && sw->outside.ops.relay_report(sw->outside.ops.owner, party->id, &report)) {
		iax_leg_set_report(sw->outside.ep, party->id, &report);
	}
}

bool party_answer_challenge(struct tg_switch *sw, const struct party *party, const struct iax_event *event)
{
	const struct challenged who = {
		.owner = owner_pack(OWNER_PARTY, tg_slab_ref(parties_of(sw), party)),
		.called = party->remote,
		.name = name_span(party->name),
	};

	return challenge_answer(sw, &who, event);
}

void party_hangup(struct tg_switch *sw, struct party *party, uint8_t cause)
{
	const char *text = iax_cause_text(cause);
	const enum iax_err err = iax_leg_hangup(sw->outside.ep, party->id, cause,
	                                        text != NULL ? tg_span_text(text) : (struct tg_span){ 0 }, sw->now_us);

	(void)err; /* a leg that is over already needs no HANGUP */
	party_leave(sw, party);
}

void party_leave(struct tg_switch *sw, struct party *party)
{
	if (party->relayed) {
		sw->outside.ops.relay_clear(sw->outside.ops.owner, party->id);
	}
	paying_leave(sw, party);
	bag_clear(pieces_of(sw), &party->said);
	tg_slab_give(parties_of(sw), tg_slab_ref(parties_of(sw), party));
}

void party_control(struct tg_switch *sw, const struct party *party, enum iax_control control)
{
	const enum iax_err err = iax_leg_control(sw->outside.ep, party->id, (uint8_t)control, (struct tg_span){ 0 },
	                                         sw->now_us);

	(void)err; /* a leg that ends meanwhile tells so by its own event */
}
