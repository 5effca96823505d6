/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

enum {
	END_SPARE = 2,                      /* places of the window kept for ending the leg */
	END_SHARE = 16,                     /* this part of the pool, too ... */
	PROVEN_SHARE = 4,                   /* ... and this one for those who are no strangers */
	VNAK_PAUSE_US = 100 * TG_US_PER_MS, /* 2.7: one VNAK a leg in this time */
};

uint32_t leg_clock_ms(const struct leg *leg, uint64_t now_us)
{
	return (uint32_t)((now_us - leg->epoch_us) / TG_US_PER_MS) + 1; /* 0 means "unset" to some */
}

/* 2.3: strictly later than any before, since one implementation finds the acknowledged frame by its timestamp. */
uint32_t leg_next_ts_ms(struct leg *leg, uint64_t now_us)
{
	const uint32_t clock_ms = leg_clock_ms(leg, now_us);

	leg->last_ts_ms = (int32_t)(clock_ms - leg->last_ts_ms) > 0 ? clock_ms : leg->last_ts_ms + 1;
	return leg->last_ts_ms;
}

static void send_held(struct leg_turn *turn, const struct iax_held *held)
{
	struct leg *leg = turn->leg;

	if (held->sent > 1) {
		leg->retransmits++;
		turn->ep->stats.retransmitted++;
	}
	core_send(turn->ep, &leg->remote, &leg->local, (struct tg_span){ held->bytes, held->len });
}

/* 2.6: a leg ends with one of these. */
static bool is_final(const struct leg *leg)
{
	return leg->last_tx_type == IAX_FRAME_IAX &&
	       (leg->last_tx_subclass == IAX_HANGUP || leg->last_tx_subclass == IAX_REJECT ||
	        leg->last_tx_subclass == IAX_REGACK || leg->last_tx_subclass == IAX_REGREJ);
}

/* Strangers cannot use up the pool, and nobody can what it takes to end his leg. */
static bool has_share(const struct leg_turn *turn)
{
	uint32_t share = is_final(turn->leg) ? 0 : END_SHARE;

	if (leg_is_stranger(turn->leg)) {
		share = PROVEN_SHARE;
	}
	return iax_framepool_has_share(core_frames(turn->ep), share);
}

/* Number, hold and send what the writer has. */
static bool send_written(struct leg_turn *turn, const struct tg_writer *w, uint64_t at_us)
{
	struct leg *leg = turn->leg;

	if (!tg_writer_ok(w)) {
		turn->err = IAX_ERR_TOO_LONG;
		return false;
	}
	if (!iax_seqwin_has_room(&leg->win, is_final(leg) ? 0 : END_SPARE)) {
		turn->err = IAX_ERR_LIMITED;
		return false;
	}
	struct iax_held *held = NULL;

	if (has_share(turn)) {
		held = iax_seqwin_push(&leg->win, core_frames(turn->ep), tg_writer_span(w), at_us, leg->rtt_us);
	}

	if (held == NULL) {
		turn->err = IAX_ERR_NO_ROOM;
		return false;
	}
	if (at_us <= turn->now_us) {
		iax_seqwin_sent(&leg->win, held, &turn->ep->random, turn->now_us);
		send_held(turn, held);
	}
	return true;
}

void leg_push_opening(struct leg_turn *turn, const struct tg_writer *w)
{
	send_written(turn, w, turn->now_us);
}

static struct iax_frame numbered(const struct leg *leg, uint8_t type, uint64_t subclass)
{
	return (struct iax_frame){
		.class = IAX_CLASS_FULL,
		.source = leg->number,
		.destination = leg->remote_number,
		.type = type,
		.subclass = subclass,
	};
}

bool leg_send_ies(struct leg_turn *turn, uint8_t subclass, const struct iax_ies *ies, uint64_t at_us)
{
	struct leg *leg = turn->leg;
	uint8_t bytes[IAX_DATAGRAM_SENT_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	struct iax_frame frame = numbered(leg, IAX_FRAME_IAX, subclass);

	frame.ts_ms = leg_next_ts_ms(leg, tg_max_u64(at_us, turn->now_us));
	turn->err = iax_frame_put_header(&frame, &w);
	if (turn->err == IAX_OK && ies != NULL) {
		turn->err = iax_ies_encode(ies, &w);
	}
	leg->last_tx_type = IAX_FRAME_IAX;
	leg->last_tx_subclass = subclass;
	return turn->err == IAX_OK && send_written(turn, &w, at_us);
}

bool leg_send_frame(struct leg_turn *turn, const struct iax_frame *in)
{
	struct leg *leg = turn->leg;
	uint8_t bytes[IAX_DATAGRAM_SENT_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	struct iax_frame frame = numbered(leg, in->type, in->subclass);

	frame.marker = in->marker;
	frame.payload = in->payload;
	frame.ts_ms = in->ts_ms != 0 ? in->ts_ms : leg_next_ts_ms(leg, turn->now_us);
	leg->last_tx_type = in->type;
	leg->last_tx_subclass = (uint8_t)in->subclass;
	turn->err = iax_frame_encode(&frame, &w);
	return turn->err == IAX_OK && send_written(turn, &w, turn->now_us);
}

/* A message that takes no number and is not sent again. */
static void send_unnumbered(struct leg_turn *turn, uint8_t subclass, uint8_t oseqno, uint16_t destination,
                            uint32_t ts_ms)
{
	struct leg *leg = turn->leg;
	uint8_t bytes[IAX_FULL_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	struct iax_frame frame = numbered(leg, IAX_FRAME_IAX, subclass);

	frame.destination = destination;
	frame.ts_ms = ts_ms;
	frame.oseqno = oseqno;
	frame.iseqno = leg->win.iseqno;
	if (iax_frame_put_header(&frame, &w) == IAX_OK) {
		core_send(turn->ep, &leg->remote, &leg->local, tg_writer_span(&w));
	}
}

/* the OSeqno of an ACK is the ISeqno of what it acknowledges. It goes to the number the frame came from, which is 1 for
 * a stateless answer. */
void leg_send_ack(struct leg_turn *turn)
{
	const struct iax_frame *frame = turn->frame;

	turn->leg->win.aseqno = turn->leg->win.iseqno;
	send_unnumbered(turn, IAX_ACK, frame->iseqno, frame->source, frame->ts_ms);
}

bool leg_send_vnak(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (leg->vnak_sent_us != 0 && turn->now_us - leg->vnak_sent_us < VNAK_PAUSE_US) {
		return false;
	}
	leg->vnak_sent_us = turn->now_us;
	send_unnumbered(turn, IAX_VNAK, leg->win.oseqno, turn->frame != NULL ? turn->frame->source : leg->remote_number,
	                leg_clock_ms(leg, turn->now_us));
	return true;
}

bool leg_send_due(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	struct iax_held *held;

	for (unsigned i = 0; i <= IAX_SEQWIN_FRAMES; i++) {
		switch (iax_seqwin_next(&leg->win, core_frames(turn->ep), &turn->ep->random, turn->now_us, &held)) {
		case IAX_SEQWIN_NOTHING:
			return true;
		case IAX_SEQWIN_GIVE_UP:
			return false;
		case IAX_SEQWIN_SEND:
			send_held(turn, held);
			break;
		}
	}
	return true;
}

void leg_resend(struct leg_turn *turn, uint8_t from)
{
	struct leg *leg = turn->leg;
	struct iax_seqwin_walk walk = iax_seqwin_resend(&leg->win, from);
	struct iax_held *held;

	while (iax_seqwin_resend_next(&leg->win, core_frames(turn->ep), &walk, &held)) {
		leg->retransmits++;
		turn->ep->stats.retransmitted++;
		core_send(turn->ep, &leg->remote, &leg->local, (struct tg_span){ held->bytes, held->len });
	}
}

void leg_send_hangup(struct leg_turn *turn, uint8_t cause, struct tg_span text)
{
	const struct iax_ies ies = leg_cause(cause, text);

	turn->leg->life_us = TG_NEVER; /* the HANGUP's own schedule ends the leg */
	leg_send_ies(turn, IAX_HANGUP, &ies, turn->now_us);
	turn->err = IAX_OK;
}

struct iax_ies leg_cause(uint8_t cause, struct tg_span text)
{
	struct iax_ies ies = { .cause = text, .cause_code = cause };

	if (cause != 0) {
		ies.has |= UINT64_C(1) << IAX_IE_CAUSECODE;
	}
	if (text.len > 0) {
		ies.has |= UINT64_C(1) << IAX_IE_CAUSE;
	}
	return ies;
}
