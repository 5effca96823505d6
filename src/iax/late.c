/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/arrival.h"

/* Answers without a leg, and late frames of ended legs: protocol reference 2.9. */

void arrival_answer(const struct arrival *a, uint16_t source, uint8_t subclass, uint8_t oseqno, uint8_t iseqno,
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

/* @return false if it is one the leg never saw */
bool arrival_answer_seen(const struct arrival *a, struct iax_tomb *tomb)
{
	if (!iax_seq_before(a->frame->oseqno, tomb->iseqno)) {
		return false;
	}
	if (tomb->acks < IAX_TOMB_ACKS) {
		tomb->acks++;
		arrival_answer(a, tomb->number, IAX_ACK, a->frame->iseqno, tomb->iseqno, 0);
	}
	return true;
}

/* R7: a late frame of an ended leg. One that was seen, or that ends the leg, is acknowledged; else the peer learns that
 * there is no such call. */
enum iax_err arrival_late(const struct arrival *a)
{
	const struct iax_frame *frame = a->frame;
	struct iax_tomb *tomb = legs_find_tomb(a->ep, &a->in->remote, frame->destination, a->now_us);

	if (tomb == NULL || tomb->remote_number != frame->source || is_exempt(frame)) {
		return IAX_ERR_NO_LEG;
	}
	if (frame->oseqno == tomb->iseqno && is_final(frame)) {
		tomb->iseqno++;
	}
	if (!arrival_answer_seen(a, tomb) && tomb->invals < IAX_TOMB_INVALS) {
		tomb->invals++;
		arrival_answer(a, tomb->number, IAX_INVAL, 0, 0, 0);
	}
	return IAX_ERR_TOMBSTONE;
}
