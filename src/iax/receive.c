/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/arrival.h"
#include "iax/trunk.h"

/* A received datagram on its way to a leg: protocol reference 1.8, 2.4. */

enum {
	VNAKS_A_SECOND = 4,
	TRUNK_ENTRIES_MAX = 256, /* no frame of a codec is shorter than 12 octets with its head */
};

/* ---- A frame of a leg ----------------------------------------------------------------------------------------- */

struct leg_turn arrival_turn(const struct arrival *a, struct leg *leg)
{
	return (struct leg_turn){ .ep = a->ep, .leg = leg, .now_us = a->now_us, .frame = a->frame, .ies = a->ies };
}

/* 1.8 rule 2: an old client may own number 1, but a stateless refusal comes from it, too. */
static bool teaches_number(const struct iax_frame *frame)
{
	if (frame->source != IAX_CALLNO_STATELESS || frame->type != IAX_FRAME_IAX) {
		return frame->source > IAX_CALLNO_STATELESS;
	}
	return frame->subclass == IAX_AUTHREQ || frame->subclass == IAX_ACCEPT || frame->subclass == IAX_REGAUTH ||
	       frame->subclass == IAX_REGACK || frame->subclass == IAX_ACK;
}

static void learn(struct leg_turn *turn)
{
	const struct iax_frame *frame = turn->frame;

	if (turn->leg->remote_number == 0 && frame->destination != 0 && teaches_number(frame) &&
	    turn->leg->kind != IAX_LEG_POKE_OUT) {
		legs_learn(turn->ep, turn->leg, frame->source);
	}
}

static bool is_ours_echoed(const struct iax_frame *frame)
{
	return frame->type == IAX_FRAME_IAX && (frame->subclass == IAX_PONG || frame->subclass == IAX_LAGRP);
}

void arrival_note(struct leg_turn *turn)
{
	const struct iax_frame *frame = turn->frame;

	turn->leg->last_rx_type = frame->type;
	turn->leg->last_rx_subclass = frame->subclass_byte;
	if (!is_ours_echoed(frame)) {
		iax_timeline_note(&turn->leg->line, frame->ts_ms, frame->retry, turn->now_us);
	}
}

/* S-04: only who was told our number can confirm our ACCEPT. */
static void confirm(struct leg_turn *turn)
{
	const struct leg *leg = turn->leg;

	if (leg->state == LEG_ACCEPTED && turn->frame->destination == leg->number &&
	    iax_seq_before(leg->accept_seq, leg->win.rseqno)) {
		const struct iax_frame *frame = turn->frame;

		turn->frame = NULL;
		leg_happen(turn, ON_CONFIRM);
		turn->frame = frame;
	}
}

static bool honours_vnak(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (leg->vnaks_honoured == 0 || turn->now_us - leg->vnak_window_us >= TG_US_PER_S) {
		leg->vnak_window_us = turn->now_us;
		leg->vnaks_honoured = 0;
	}
	if (leg->vnaks_honoured >= VNAKS_A_SECOND) {
		return false;
	}
	leg->vnaks_honoured++;
	return true;
}

/* A VNAK that no voice frame of the window can answer means that mini frames come without a codec. */
static bool asks_for_codec(const struct leg_turn *turn)
{
	const struct iax_held *first = iax_seqwin_first(&turn->leg->win, core_frames(turn->ep));
	struct iax_frame frame;

	return first == NULL || iax_frame_decode(&frame, (struct tg_span){ first->bytes, first->len }) != IAX_OK ||
	       frame.type != IAX_FRAME_VOICE;
}

static enum iax_err take_vnak(struct leg_turn *turn, bool valid)
{
	if (!valid || !honours_vnak(turn)) {
		return IAX_ERR_LIMITED;
	}
	turn->leg->full_wanted = turn->leg->full_wanted || asks_for_codec(turn);
	leg_resend(turn, turn->frame->iseqno);
	return IAX_OK;
}

static enum iax_err take_unnumbered(struct leg_turn *turn)
{
	const struct iax_frame *frame = turn->frame;
	const struct leg *leg = turn->leg;

	if (frame->subclass == IAX_INVAL) {
		return leg_believes_inval(leg, frame) ? leg_happen(turn, ON_INVAL) : IAX_ERR_MISMATCH;
	}
	if (frame->subclass != IAX_ACK && frame->subclass != IAX_VNAK) {
		return IAX_ERR_UNEXPECTED; /* TXCNT, TXACC: no transfer is under way */
	}
	const uint8_t before = leg->win.rseqno;
	const bool valid = iax_seqwin_acked(&turn->leg->win, core_frames(turn->ep), frame->iseqno);

	/* Whoever names no number that we sent is not the one we sent it to. */
	if (valid && (frame->subclass == IAX_VNAK || leg->win.rseqno != before)) {
		learn(turn);
	}
	confirm(turn);
	return frame->subclass == IAX_VNAK ? take_vnak(turn, valid) : IAX_OK;
}

/* 2.4 step 6, and R8: what has no answer of its own is acknowledged at once, before the leg can end. */
static enum iax_err take_numbered(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	const bool wants_ack = leg_wants_ack(turn->frame);

	iax_seqwin_take(&leg->win);
	learn(turn);
	iax_seqwin_acked(&leg->win, core_frames(turn->ep), turn->frame->iseqno);
	arrival_note(turn);
	confirm(turn);
	if (wants_ack) {
		leg_send_ack(turn);
	}
	const enum leg_on on = leg_classify(leg, turn->frame, turn->ies, turn->now_us);
	const enum iax_err err = leg_happen(turn, on);
	const bool waits = on == ON_AUTHREQ || on == ON_REGAUTH;

	if (!wants_ack && leg->win.aseqno != leg->win.iseqno && !(waits && err == IAX_OK)) {
		leg_send_ack(turn);
	}
	return err;
}

static enum iax_err take_in_order(struct leg_turn *turn)
{
	switch (iax_seqwin_place(&turn->leg->win, turn->frame->oseqno)) {
	case IAX_SEQ_NEXT:
		if (leg_is_ending(turn->frame) && !leg_believes_ending(turn->leg, turn->frame)) {
			return IAX_ERR_MISMATCH;
		}
		return take_numbered(turn);
	case IAX_SEQ_SEEN:
		leg_send_ack(turn);
		return IAX_ERR_SEEN;
	case IAX_SEQ_GAP:
		break;
	}
	if (turn->leg->state != LEG_CLOSING) {
		leg_send_vnak(turn);
	}
	return IAX_ERR_GAP;
}

static bool is_calltoken(const struct iax_frame *frame)
{
	return frame->type == IAX_FRAME_IAX && frame->subclass == IAX_CALLTOKEN;
}

enum iax_err arrival_for(const struct arrival *a, struct leg *leg)
{
	struct leg_turn turn = arrival_turn(a, leg);
	enum iax_err err;

	if (is_calltoken(a->frame)) {
		err = leg->remote_number == 0 ? leg_happen(&turn, ON_CALLTOKEN) : IAX_ERR_UNEXPECTED;
	} else if (iax_frame_is_unnumbered(a->frame)) {
		err = take_unnumbered(&turn);
	} else {
		err = take_in_order(&turn);
	}
	legs_settle(&turn);
	return err;
}

/* ---- By class ------------------------------------------------------------------------------------------------- */

/* 1.8 rule 2. CALLTOKEN may come from number 0 or 1, the PONG to a POKE from any. */
static bool fits(const struct leg *leg, const struct iax_frame *frame)
{
	return leg->remote_number == 0 || leg->remote_number == frame->source || is_calltoken(frame) ||
	       leg->kind == IAX_LEG_POKE_OUT;
}

/* R21: a leg that answers from another port of its host by now, or NULL. */
static struct leg *follow(const struct arrival *a)
{
	struct leg *leg = legs_find_moved(a->ep, &a->in->remote, a->frame->destination, a->frame->source);

	if (leg == NULL) {
		return NULL;
	}
	struct leg_turn turn = arrival_turn(a, leg);
	const bool moved = leg_follow(&turn, &a->in->remote);

	legs_settle(&turn);
	return moved ? leg : NULL;
}

static enum iax_err receive_full(struct arrival *a)
{
	const struct iax_frame *frame = a->frame;

	if (frame->source == IAX_CALLNO_NONE && !is_calltoken(frame)) {
		return IAX_ERR_SOURCE_ZERO;
	}
	if (frame->destination == IAX_CALLNO_NONE) {
		return arrival_opening(a);
	}
	struct leg *leg = legs_find_number(a->ep, &a->in->remote, frame->destination);

	if (leg == NULL) {
		leg = follow(a);
	}
	if (leg == NULL) {
		return arrival_late(a);
	}
	return fits(leg, frame) ? arrival_for(a, leg) : IAX_ERR_NO_LEG;
}

static enum iax_err receive_with_ies(struct arrival *a)
{
	struct iax_ies ies = { 0 };

	if (a->frame->type == IAX_FRAME_IAX) {
		const enum iax_err err = iax_ies_decode(&ies, a->frame->payload);

		if (err != IAX_OK) {
			return err;
		}
	}
	a->ies = &ies;
	const enum iax_err err = receive_full(a);

	a->ies = NULL;
	return err;
}

static enum iax_err receive_media(const struct arrival *a, struct leg *leg, uint32_t low_ms, struct tg_span payload,
                                  bool video)
{
	struct iax_frame frame = *a->frame;

	frame.payload = payload;
	struct leg_turn turn = { .ep = a->ep, .leg = leg, .now_us = a->now_us, .frame = &frame };
	const enum iax_err err = leg_media_short(&turn, low_ms, video);

	turn.frame = NULL;
	legs_settle(&turn);
	return err;
}

static enum iax_err receive_short(const struct arrival *a, bool video)
{
	struct leg *leg = legs_find_remote(a->ep, &a->in->remote, a->frame->source);

	return leg == NULL ? IAX_ERR_NO_LEG : receive_media(a, leg, a->frame->ts_ms, a->frame->payload, video);
}

static enum iax_err receive_entry(const struct arrival *a, const struct iax_trunk_entry *entry)
{
	struct leg *leg = legs_find_remote(a->ep, &a->in->remote, entry->source);
	uint32_t low_ms = entry->ts_low_ms;

	if (leg == NULL) {
		return IAX_ERR_NO_LEG;
	}
	if (!a->frame->stamped) {
		struct leg_turn turn = { .ep = a->ep, .leg = leg, .now_us = a->now_us };

		low_ms = leg_trunk_ts_ms(&turn, a->frame->ts_ms);
	}
	return receive_media(a, leg, low_ms, entry->payload, false);
}

/* 1.6: a look-up for each entry is for those alone who have a call with us. */
static enum iax_err receive_trunk(const struct arrival *a)
{
	struct iax_trunk_walk walk = iax_trunk_walk_of(a->frame);
	struct iax_trunk_entry entry;
	enum iax_err err = IAX_ERR_NO_LEG;

	if (!legs_has_standing(a->ep, &a->in->remote)) {
		return IAX_ERR_NO_LEG;
	}
	a->ep->trunks = a->ep->trunks == UINT16_MAX ? 1 : (uint16_t)(a->ep->trunks + 1); /* 0 stands for none */
	for (unsigned i = 0;
	     i < TRUNK_ENTRIES_MAX && core_has_room(a->ep, a->in->bytes.len) && iax_trunk_next(&walk, &entry); i++) {
		if (receive_entry(a, &entry) == IAX_OK) {
			err = IAX_OK;
		}
	}
	return err;
}

static enum iax_err receive_class(struct arrival *a)
{
	const struct iax_frame *frame = a->frame;

	switch (frame->class) {
	case IAX_CLASS_FULL:
		return receive_with_ies(a);
	case IAX_CLASS_MINI:
		return receive_short(a, false);
	case IAX_CLASS_META_VIDEO:
		return receive_short(a, true);
	case IAX_CLASS_META_TRUNK:
		return receive_trunk(a);
	}
	return IAX_ERR_BAD_META;
}

enum iax_err iax_endpoint_open(struct iax_endpoint *ep, const struct iax_datagram *in, const struct iax_pass *pass,
                               uint64_t now_us)
{
	struct iax_frame frame;
	struct arrival a = { .ep = ep, .in = in, .frame = &frame, .now_us = now_us, .pass = *pass };
	enum iax_err err = IAX_ERR_NO_ROOM;

	ep->stats.received++;
	if (in->bytes.len > IAX_DATAGRAM_RECEIVED_MAX) {
		err = IAX_ERR_TOO_LONG;
	} else if (core_has_room(ep, in->bytes.len)) {
		err = iax_frame_decode(&frame, in->bytes);
		if (err == IAX_OK) {
			err = receive_class(&a);
		}
	}
	ep->stats.refused[err]++;
	return err;
}

static uint32_t or_none(uint32_t max)
{
	return max == 0 ? UINT32_MAX : max;
}

/* All senders are alike: its owner tells none from others. */
enum iax_err iax_endpoint_receive(struct iax_endpoint *ep, const struct iax_datagram *in, enum iax_proof proof,
                                  uint64_t now_us)
{
	const struct iax_pass pass = {
		.proof = proof,
		.numbers_max = or_none(ep->config.host_numbers_max),
		.unproven_max = or_none(ep->config.unproven_numbers_max),
		.is_known = true,
	};

	return iax_endpoint_open(ep, in, &pass, now_us);
}

bool iax_endpoint_has_leg(const struct iax_endpoint *ep, const struct iax_datagram *in)
{
	struct tg_reader r = tg_reader_of(in->bytes);
	const uint16_t source = tg_take_u16(&r);
	const uint16_t destination = tg_take_u16(&r) & IAX_CALLNO_MASK;

	if ((source & IAX_FULL_BIT) != 0) {
		return legs_has_number(ep, &in->remote, destination);
	}
	return legs_has_standing(ep, &in->remote);
}
