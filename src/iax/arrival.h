/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_ARRIVAL_H
#define TG_IAX_ARRIVAL_H

#include "iax/core.h"

/*
 * A received datagram on its way to a leg: what the files that receive share. Not for others.
 */

/** One datagram while it is handled. */
struct arrival {
	struct iax_endpoint *ep;
	const struct iax_datagram *in;
	const struct iax_frame *frame;
	const struct iax_ies *ies;
	uint64_t now_us;
	struct iax_pass pass;
};

static inline bool arrival_is_hangup(const struct iax_frame *frame)
{
	return frame->type == IAX_FRAME_IAX && frame->subclass == IAX_HANGUP;
}

/* ---- Without a leg (late.c) ------------------------------------------------------------------------------------- */

/** Send one frame, unless it would be longer than what came (R5). cause 0: no element. */
void arrival_answer(const struct arrival *a, uint16_t source, uint8_t subclass, uint8_t oseqno, uint8_t iseqno,
                    uint8_t cause);

/** Acknowledge, within limits, what an ended leg saw. @return false if it is one the leg never saw */
bool arrival_answer_seen(const struct arrival *a, struct iax_tomb *tomb);

/** R7: a late frame of an ended leg. */
enum iax_err arrival_late(const struct arrival *a);

/* ---- Of a leg (receive.c) --------------------------------------------------------------------------------------- */

struct leg_turn arrival_turn(const struct arrival *a, struct leg *leg);

/** A full frame for this leg. */
enum iax_err arrival_for(const struct arrival *a, struct leg *leg);

/** A numbered frame was taken: what it shows of the peer. */
void arrival_note(struct leg_turn *turn);

/* ---- Opening one (opening.c) ------------------------------------------------------------------------------------ */

/** A full frame with destination number 0. */
enum iax_err arrival_opening(struct arrival *a);

#endif
