/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"
#include "iax/door.h"
#include "iax/format.h"
#include "iax/trunk.h"

/* A received datagram on its way to a leg: protocol reference 1.8, 2.4, 2.8, 2.9. */

enum {
	VNAKS_A_SECOND = 4,
	PROBE_PAUSE_US = 10 * TG_US_PER_S, /* 2.8 */
	TRUNK_ENTRIES_MAX = 256,           /* no frame of a codec is shorter than 12 octets with its head */
};

/* One datagram while it is handled. */
struct arrival {
	struct iax_endpoint *ep;
	const struct iax_datagram *in;
	const struct iax_frame *frame;
	const struct iax_ies *ies;
	uint64_t now_us;
	struct iax_pass pass;
};

/* ---- Answers without a leg ------------------------------------------------------------------------------------ */

static void answer(const struct arrival *a, uint16_t source, uint8_t subclass, uint8_t oseqno, uint8_t iseqno,
                   uint8_t cause)
{
	uint8_t bytes[IAX_FULL_BYTES + 3];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = source,
		.destination = a->frame->source,
		.ts_ms = a->frame->ts_ms,
		.oseqno = oseqno,
		.iseqno = iseqno,
		.type = IAX_FRAME_IAX,
		.subclass = subclass,
	};

	if (iax_frame_put_header(&frame, &w) != IAX_OK) {
		return;
	}
	if (cause != 0) {
		tg_put_u8(&w, IAX_IE_CAUSECODE);
		tg_put_u8(&w, 1);
		tg_put_u8(&w, cause);
	}
	if (tg_writer_ok(&w) && w.len <= a->in->bytes.len) { /* R5: never more than came */
		core_send(a->ep, &a->in->remote, &a->in->local, tg_writer_span(&w));
	}
}

/* 2.9: what no dead leg may be asked with. */
static bool is_exempt(const struct iax_frame *frame)
{
	if (frame->type != IAX_FRAME_IAX) {
		return false;
	}
	switch (frame->subclass) {
	case IAX_ACK:
	case IAX_INVAL:
	case IAX_VNAK:
	case IAX_TXCNT:
	case IAX_TXACC:
	case IAX_CALLTOKEN:
	case IAX_FWDOWNL:
	case IAX_POKE:
		return true;
	default:
		return false;
	}
}

static bool is_final(const struct iax_frame *frame)
{
	return frame->type == IAX_FRAME_IAX && (frame->subclass == IAX_HANGUP || frame->subclass == IAX_REJECT ||
	                                        frame->subclass == IAX_REGACK || frame->subclass == IAX_REGREJ);
}

static bool is_hangup(const struct iax_frame *frame)
{
	return frame->type == IAX_FRAME_IAX && frame->subclass == IAX_HANGUP;
}

/* @return false if it is one the leg never saw */
static bool answer_seen(const struct arrival *a, struct iax_tomb *tomb)
{
	if (!iax_seq_before(a->frame->oseqno, tomb->iseqno)) {
		return false;
	}
	if (tomb->acks < IAX_TOMB_ACKS) {
		tomb->acks++;
		answer(a, tomb->number, IAX_ACK, a->frame->iseqno, tomb->iseqno, 0);
	}
	return true;
}

/* R7: a late frame of an ended leg. One that was seen, or that ends the leg, is acknowledged; else the peer learns that
 * there is no such call. */
static enum iax_err receive_late(const struct arrival *a)
{
	const struct iax_frame *frame = a->frame;
	struct iax_tomb *tomb = legs_find_tomb(a->ep, &a->in->remote, frame->destination, a->now_us);

	if (tomb == NULL || tomb->remote_number != frame->source || is_exempt(frame)) {
		return IAX_ERR_NO_LEG;
	}
	if (frame->oseqno == tomb->iseqno && is_final(frame)) {
		tomb->iseqno++;
	}
	if (!answer_seen(a, tomb) && tomb->invals < IAX_TOMB_INVALS) {
		tomb->invals++;
		answer(a, tomb->number, IAX_INVAL, 0, 0, 0);
	}
	return IAX_ERR_TOMBSTONE;
}

/* ---- A frame of a leg ----------------------------------------------------------------------------------------- */

static struct leg_turn turn_of(const struct arrival *a, struct leg *leg)
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

static void note(struct leg_turn *turn)
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
	note(turn);
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

static enum iax_err receive_for(const struct arrival *a, struct leg *leg)
{
	struct leg_turn turn = turn_of(a, leg);
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

/* ---- Opening frames ------------------------------------------------------------------------------------------- */

/* What may be wrong in an opening frame without making it one to refuse: nobody acts on it. */
static const uint64_t forgiven = UINT64_C(1) << IAX_IE_DATETIME | UINT64_C(1) << IAX_IE_OSPTOKEN |
                                 UINT64_C(1) << IAX_IE_VARIABLE | UINT64_C(1) << IAX_IE_SAMPLINGRATE |
                                 UINT64_C(1) << IAX_IE_CODEC_PREFS | UINT64_C(1) << IAX_IE_MD5_RESULT |
                                 UINT64_C(1) << IAX_IE_RSA_RESULT | UINT64_C(1) << IAX_IE_PASSWORD;

/* @return 0, or the cause to refuse it with */
static uint8_t judge_opening(const struct iax_frame *frame, const struct iax_ies *ies)
{
	if (((ies->invalid | ies->twice) & ~forgiven) != 0) {
		return IAX_CAUSE_INVALID_IE;
	}
	if (frame->subclass != IAX_NEW) {
		return iax_ies_has(ies, IAX_IE_USERNAME) ? 0 : IAX_CAUSE_IE_MISSING;
	}
	if (!iax_ies_has(ies, IAX_IE_VERSION)) {
		return IAX_CAUSE_IE_MISSING;
	}
	if (ies->version != IAX_VERSION) {
		return IAX_CAUSE_INVALID_IE;
	}
	const uint64_t offer = iax_ies_capability(ies);

	/* No offer at all is the owner's to judge: it may be no call that needs a codec. */
	return offer == 0 || (offer & IAX_FORMATS_AUDIO) != 0 ? 0 : IAX_CAUSE_BEARER_UNAVAILABLE;
}

static enum iax_err refuse_opening(const struct arrival *a, uint8_t cause, enum iax_err err)
{
	answer(a, IAX_CALLNO_STATELESS, a->frame->subclass == IAX_NEW ? IAX_REJECT : IAX_REGREJ, 0,
	       (uint8_t)(a->frame->oseqno + 1), cause);
	return err;
}

static struct leg *open_leg(const struct arrival *a)
{
	const bool is_call = a->frame->subclass == IAX_NEW;
	struct leg *leg = legs_new(a->ep, &a->in->remote, &a->in->local, is_call ? IAX_LEG_CALL_IN : IAX_LEG_REG_IN,
	                           a->now_us);

	if (leg == NULL) {
		return NULL;
	}
	if (!legs_doubt(a->ep, leg, &a->pass)) {
		leg->ended = true;
		legs_free(a->ep, leg, a->now_us);
		return NULL;
	}
	leg->state = is_call ? LEG_OFFERED : LEG_REG_OFFERED;
	leg->opening = (uint8_t)a->frame->subclass;
	leg->life_us = a->now_us + (uint64_t)a->ep->config.half_open_ms * TG_US_PER_MS;
	leg->allowed = iax_ies_capability(a->ies);
	leg->wide = iax_ies_has(a->ies, IAX_IE_CAPABILITY2) || iax_ies_has(a->ies, IAX_IE_FORMAT2);
	leg->name_hash = legs_name_hash(a->ep, a->ies->username);
	leg_set_name(leg, a->ies->username);
	legs_learn(a->ep, leg, a->frame->source);
	return leg;
}

static enum iax_err open_dialog(const struct arrival *a)
{
	const enum iax_err err = ceilings_make_room(a->ep, &a->in->remote, &a->pass, a->now_us);
	struct leg *leg = err == IAX_OK ? open_leg(a) : NULL;

	if (leg == NULL) {
		return refuse_opening(a, IAX_CAUSE_SWITCH_CONGESTION, err == IAX_OK ? IAX_ERR_NO_ROOM : err);
	}
	struct leg_turn turn = turn_of(a, leg);

	iax_seqwin_take(&leg->win);
	note(&turn);
	leg_send_ack(&turn);
	leg_tell(&turn, leg->kind == IAX_LEG_CALL_IN ? IAX_EV_OFFERED : IAX_EV_REG_REQUEST);
	legs_settle(&turn);
	return IAX_OK;
}

static bool is_opening(const struct iax_frame *frame)
{
	return frame->type == IAX_FRAME_IAX && frame->oseqno == 0 &&
	       (frame->subclass == IAX_NEW || frame->subclass == IAX_REGREQ || frame->subclass == IAX_REGREL);
}

/* 2.8, last but one row: the peer restarted, or somebody forges. A PING tells, and a forged frame changes nothing. */
static enum iax_err probe(const struct arrival *a, struct leg *leg)
{
	struct leg_turn turn = { .ep = a->ep, .leg = leg, .now_us = a->now_us };

	if (leg->probed_us == 0 || a->now_us - leg->probed_us >= PROBE_PAUSE_US) {
		leg->probed_us = a->now_us;
		leg_happen(&turn, ON_TIME_PING);
		legs_settle(&turn);
	}
	return IAX_ERR_SEEN;
}

/* the HANGUP of an initiator that never heard from us. Who acknowledged anything of ours knows our number and must use
 * it, so a stranger can end nothing but an unanswered call. */
static bool is_early_hangup(const struct iax_frame *frame, const struct leg *leg)
{
	return is_hangup(frame) && leg->kind == IAX_LEG_CALL_IN && leg->win.rseqno == 0 &&
	       frame->oseqno == leg->win.iseqno;
}

/* Destination 0 and a source that we know. */
static enum iax_err receive_again(const struct arrival *a, struct leg *leg)
{
	struct leg_turn turn = turn_of(a, leg);

	if (is_early_hangup(a->frame, leg)) {
		return receive_for(a, leg);
	}
	if (!is_opening(a->frame) || a->frame->subclass != leg->opening ||
	    (leg->kind != IAX_LEG_CALL_IN && leg->kind != IAX_LEG_REG_IN)) {
		return IAX_ERR_NOT_OPENING;
	}
	if (a->now_us - leg->epoch_us >= CORE_OLD_US) {
		return probe(a, leg);
	}
	leg_send_ack(&turn);
	return IAX_ERR_SEEN;
}

static struct iax_tomb *tomb_of(const struct arrival *a)
{
	return legs_find_tomb_remote(a->ep, &a->in->remote, a->frame->source, a->now_us);
}

/* K8: the peer may use the number of an ended leg again, but a copy of that leg's opening opens nothing. */
static bool is_copy_of_ended(const struct arrival *a)
{
	const struct iax_tomb *tomb = tomb_of(a);

	return tomb != NULL &&
	       (is_hangup(a->frame) || (tomb->opening == a->frame->subclass &&
	                                (a->now_us - tomb->ended_us < IAX_TOMB_REOPEN_US || a->frame->retry)));
}

/* The ACK of an early HANGUP was lost. */
static enum iax_err receive_copy(const struct arrival *a)
{
	if (is_hangup(a->frame)) {
		answer_seen(a, tomb_of(a));
	}
	return IAX_ERR_TOMBSTONE;
}

static enum iax_err pass_door(struct arrival *a)
{
	const struct iax_door_policy policy = { .token_required = a->ep->config.token_required };
	struct iax_door_verdict verdict;

	switch (iax_door_judge(&verdict, &policy, &a->ep->token_keys, &a->in->remote, &a->in->local, a->in->bytes,
	                       a->now_us)) {
	case IAX_DOOR_DROP:
		return verdict.why;
	case IAX_DOOR_ANSWER:
		core_send(a->ep, &a->in->remote, &a->in->local, (struct tg_span){ verdict.answer, verdict.answer_len });
		return verdict.why;
	case IAX_DOOR_EXISTING:
		return IAX_ERR_NO_LEG;
	case IAX_DOOR_PASS:
		break;
	}
	a->pass.proof = verdict.proof;
	return IAX_OK;
}

/* K8 for a leg that is over but still waits for the ACK of its last frame: its peer may have restarted. One that never
 * acknowledged anything may still be asking for the same leg, with a new token (6.3 step 7). */
static bool is_new_beginning(const struct arrival *a, const struct leg *leg)
{
	return leg->state == LEG_CLOSING && leg->win.rseqno != 0 && is_opening(a->frame) && !a->frame->retry &&
	       a->now_us - leg->ended_us >= IAX_TOMB_REOPEN_US;
}

static enum iax_err receive_opening(struct arrival *a)
{
	struct leg *leg = legs_find_remote(a->ep, &a->in->remote, a->frame->source);

	if (leg != NULL && !is_new_beginning(a, leg)) {
		return receive_again(a, leg);
	}
	if (leg == NULL && is_copy_of_ended(a)) {
		return receive_copy(a);
	}
	if (a->ep->config.with_door) {
		const enum iax_err err = pass_door(a);

		if (err != IAX_OK) {
			return err;
		}
	}
	if (!is_opening(a->frame)) {
		return IAX_ERR_NOT_OPENING;
	}
	if (leg != NULL) {
		legs_free(a->ep, leg, a->now_us);
	}
	const uint8_t cause = judge_opening(a->frame, a->ies);

	return cause == 0 ? open_dialog(a) : refuse_opening(a, cause, IAX_ERR_BAD_ELEMENT);
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
	struct leg_turn turn = turn_of(a, leg);
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
		return receive_opening(a);
	}
	struct leg *leg = legs_find_number(a->ep, &a->in->remote, frame->destination);

	if (leg == NULL) {
		leg = follow(a);
	}
	if (leg == NULL) {
		return receive_late(a);
	}
	return fits(leg, frame) ? receive_for(a, leg) : IAX_ERR_NO_LEG;
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

bool iax_endpoint_is_repeat(const struct iax_endpoint *ep, const struct iax_datagram *in, uint64_t now_us)
{
	struct iax_frame frame;
	const struct arrival a = {
		.ep = (struct iax_endpoint *)(uintptr_t)ep, .in = in, .frame = &frame, .now_us = now_us
	};

	if (iax_frame_decode(&frame, in->bytes) != IAX_OK || frame.class != IAX_CLASS_FULL ||
	    frame.destination != IAX_CALLNO_NONE) {
		return false;
	}
	const struct leg *leg = legs_find_remote(ep, &in->remote, frame.source);

	return leg != NULL ? !is_new_beginning(&a, leg) : is_copy_of_ended(&a);
}
