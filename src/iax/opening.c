/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/arrival.h"
#include "iax/door.h"

/* Frames with destination number 0: what opens a leg, and what only repeats it (protocol reference 2.8, 6). */

enum {
	PROBE_PAUSE_US = 10 * TG_US_PER_S, /* 2.8 */
};

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
	arrival_answer(a, IAX_CALLNO_STATELESS, a->frame->subclass == IAX_NEW ? IAX_REJECT : IAX_REGREJ, 0,
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
	struct leg_turn turn = arrival_turn(a, leg);

	iax_seqwin_take(&leg->win);
	arrival_note(&turn);
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
	return arrival_is_hangup(frame) && leg->kind == IAX_LEG_CALL_IN && leg->win.rseqno == 0 &&
	       frame->oseqno == leg->win.iseqno;
}

/* Destination 0 and a source that we know. */
static enum iax_err receive_again(const struct arrival *a, struct leg *leg)
{
	struct leg_turn turn = arrival_turn(a, leg);

	if (is_early_hangup(a->frame, leg)) {
		return arrival_for(a, leg);
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
	       (arrival_is_hangup(a->frame) || (tomb->opening == a->frame->subclass &&
	                                        (a->now_us - tomb->ended_us < IAX_TOMB_REOPEN_US || a->frame->retry)));
}

/* The ACK of an early HANGUP was lost. */
static enum iax_err receive_copy(const struct arrival *a)
{
	if (arrival_is_hangup(a->frame)) {
		arrival_answer_seen(a, tomb_of(a));
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

enum iax_err arrival_opening(struct arrival *a)
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
