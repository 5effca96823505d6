/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

#include <string.h>

/* What an event shows besides its fields. */
static const uint8_t bodies[IAX_EVENT_KINDS] = {
	[IAX_EV_OFFERED] = CORE_IES,   [IAX_EV_VERIFY] = CORE_IES,      [IAX_EV_CHALLENGED] = CORE_IES,
	[IAX_EV_ACCEPTED] = CORE_IES,  [IAX_EV_CONTROL] = CORE_PAYLOAD, [IAX_EV_VOICE] = CORE_PAYLOAD,
	[IAX_EV_VIDEO] = CORE_PAYLOAD, [IAX_EV_FRAME] = CORE_PAYLOAD,   [IAX_EV_QUELCH] = CORE_IES,
	[IAX_EV_TRANSFER] = CORE_IES,  [IAX_EV_RTT] = CORE_IES,         [IAX_EV_REG_REQUEST] = CORE_IES,
	[IAX_EV_REG_ACKED] = CORE_IES, [IAX_EV_ENDED] = CORE_IES,
};

static struct core_event event_of(const struct leg_turn *turn, enum iax_event_kind kind)
{
	const struct leg *leg = turn->leg;

	return (struct core_event){
		.event = {
			.kind = kind,
			.leg = legs_id(turn->ep, leg),
			.owner = leg->owner,
			.leg_kind = (enum iax_leg_kind)leg->kind,
			.remote = leg->remote,
			.local = leg->local,
			.proof = (enum iax_proof)leg->proof,
			.rtt_us = leg->rtt_us,
		},
		.body = bodies[kind],
	};
}

static void add_frame(struct core_event *e, const struct leg_turn *turn)
{
	const struct iax_frame *frame = turn->frame;

	e->event.frame_type = frame->type;
	e->event.subclass = frame->subclass_byte;
	e->event.full = frame->class == IAX_CLASS_FULL;
	e->event.marker = frame->marker;
	e->event.ts_ms = frame->ts_ms;
	e->event.begun = frame->type == IAX_FRAME_DTMF_BEGIN;
	e->event.digit = (char)frame->subclass_byte;
	e->event.release = frame->subclass_byte == IAX_REGREL;
	e->event.refresh_s = turn->ies != NULL ? turn->ies->refresh : 0;
}

/* Credentials count once, clearly written, and for the name that was challenged (5.5; 4.1 rule 7). */
static bool has_doubtful_credentials(const struct leg_turn *turn)
{
	const uint64_t bits = UINT64_C(1) << IAX_IE_MD5_RESULT | UINT64_C(1) << IAX_IE_RSA_RESULT |
	                      UINT64_C(1) << IAX_IE_USERNAME | UINT64_C(1) << IAX_IE_PASSWORD;

	assert(turn->frame != NULL && turn->ies != NULL);
	if (((turn->ies->invalid | turn->ies->twice) & bits) != 0) {
		return true;
	}
	return turn->leg->kind == IAX_LEG_REG_IN &&
	       (turn->frame->subclass != turn->leg->opening ||
	        legs_name_hash(turn->ep, turn->ies->username) != turn->leg->name_hash);
}

static void queue(struct iax_endpoint *ep, const struct core_event *e, struct tg_span body)
{
	const struct tg_span head = { (const uint8_t *)e, sizeof(*e) };
	const bool kept = iax_fifo_put(core_events(ep), head, body);

	assert(kept); /* core_has_room() was asked before anything happened */
	(void)kept;
}

void leg_tell(const struct leg_turn *turn, enum iax_event_kind kind)
{
	struct core_event e = event_of(turn, kind);

	if (turn->leg->ended) {
		return;
	}
	if (turn->frame != NULL) {
		add_frame(&e, turn);
	}
	switch (kind) {
	case IAX_EV_VERIFY:
		e.stripped = has_doubtful_credentials(turn);
		break;
	case IAX_EV_VOICE:
		e.event.format = turn->leg->rx_format;
		break;
	case IAX_EV_VIDEO:
		e.event.format = turn->leg->rx_video;
		break;
	case IAX_EV_ACCEPTED:
		e.event.format = iax_ies_format(turn->ies);
		break;
	case IAX_EV_OFFERED:
	case IAX_EV_CONFIRMED:
	case IAX_EV_CHALLENGED:
	case IAX_EV_CONTROL:
	case IAX_EV_DTMF:
	case IAX_EV_FRAME:
	case IAX_EV_QUELCH:
	case IAX_EV_TRANSFER:
	case IAX_EV_RTT:
	case IAX_EV_PINGED:
	case IAX_EV_REG_REQUEST:
	case IAX_EV_REG_ACKED:
	case IAX_EV_POKED:
	case IAX_EV_ENDED:
	case IAX_EVENT_KINDS:
		break;
	}
	queue(turn->ep, &e,
	      turn->frame != NULL && e.body != CORE_NO_BODY ? turn->frame->payload : (struct tg_span){ 0 });
}

void leg_tell_ended(const struct leg_turn *turn, enum iax_end end, uint8_t cause)
{
	struct core_event e = event_of(turn, IAX_EV_ENDED);
	const bool from_wire = end == IAX_END_REMOTE || end == IAX_END_REJECTED;
	const bool has_ies = from_wire && turn->ies != NULL && turn->frame->type == IAX_FRAME_IAX;

	if (turn->leg->ended) {
		return;
	}
	turn->leg->ended = true;
	turn->leg->ended_us = turn->now_us;
	e.event.end = end;
	e.event.cause = cause;
	e.body = has_ies ? CORE_IES : CORE_NO_BODY;
	queue(turn->ep, &e, has_ies ? turn->frame->payload : (struct tg_span){ 0 });
}

static void show_ies(struct iax_endpoint *ep, struct iax_event *out, struct tg_span body, bool stripped)
{
	if (iax_ies_decode(&ep->fetched, body) != IAX_OK) {
		ep->fetched = (struct iax_ies){ 0 }; /* cannot be: it was decoded on arrival */
	}
	if (stripped) {
		ep->fetched.has &= ~(UINT64_C(1) << IAX_IE_MD5_RESULT | UINT64_C(1) << IAX_IE_RSA_RESULT);
		ep->fetched.md5_result = ep->fetched.rsa_result = (struct tg_span){ 0 };
	}
	if (out->kind == IAX_EV_ENDED) {
		out->text = ep->fetched.cause;
	} else {
		out->ies = &ep->fetched;
	}
}

bool iax_endpoint_next_event(struct iax_endpoint *ep, struct iax_event *out)
{
	struct tg_span record;
	struct core_event e;

	if (!iax_fifo_take(core_events(ep), &record)) {
		return false;
	}
	memcpy(&e, record.p, sizeof(e));
	const struct tg_span body = { record.p + sizeof(e), record.len - sizeof(e) };

	*out = e.event;
	if (e.body == CORE_IES) {
		show_ies(ep, out, body, e.stripped);
	} else if (e.body == CORE_PAYLOAD) {
		out->payload = body;
	}
	return true;
}
