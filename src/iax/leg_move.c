/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/*
 * Ruling R21: a peer whose NAT gave it another port goes on from there. Its host must be the same, both numbers and the
 * sequence must fit, and it must answer a PING that was sent to the new port.
 */

enum { PROBE_US = TG_US_PER_S };

static bool is_next(const struct leg *leg, const struct iax_frame *frame)
{
	return !iax_frame_is_unnumbered(frame) && iax_seqwin_place(&leg->win, frame->oseqno) == IAX_SEQ_NEXT &&
	       (uint8_t)(frame->iseqno - leg->win.rseqno) <= (uint8_t)(leg->win.oseqno - leg->win.rseqno);
}

/* The PING that is out; NULL if none is held. */
static const struct iax_held *ping_held(const struct leg_turn *turn)
{
	const struct iax_framepool *frames = core_frames(turn->ep);
	const struct leg *leg = turn->leg;

	for (iax_frame_no no = leg->win.first; leg->ping_out && no != 0; no = iax_framepool_at(frames, no)->next) {
		if (iax_framepool_at(frames, no)->oseqno == leg->ping_seq) {
			return iax_framepool_at(frames, no);
		}
	}
	return NULL;
}

/* The PING goes to the old port as any does, so a peer that is still there keeps the leg where it is. */
static void probe(struct leg_turn *turn, const struct tg_addr *from)
{
	struct leg *leg = turn->leg;

	if (leg->moved_us != 0 && turn->now_us - leg->moved_us < PROBE_US) {
		return;
	}
	leg->moved_us = turn->now_us;
	leg->moved_port = from->port;
	if (ping_held(turn) == NULL) {
		leg_happen(turn, ON_TIME_PING);
	}
	const struct iax_held *held = ping_held(turn);

	if (held != NULL) {
		core_send(turn->ep, from, &leg->local, (struct tg_span){ held->bytes, held->len });
	}
}

bool leg_follow(struct leg_turn *turn, const struct tg_addr *from)
{
	struct leg *leg = turn->leg;
	const struct iax_frame *frame = turn->frame;

	if ((leg->state != LEG_LINKED && leg->state != LEG_UP) || !is_next(leg, frame)) {
		return false;
	}
	if (leg->moved_port == from->port && leg_classify(leg, frame, turn->ies, turn->now_us) == ON_PONG) {
		leg->moved_port = 0;
		return legs_move(turn->ep, leg, from);
	}
	probe(turn, from);
	return false;
}
