/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* Which frame is believed when it ends a leg: whoever guesses must not be the one (TD-H1). */

enum {
	OLDER_MS = 10000, /* how much older its timestamp may be: not all clients stamp from one clock */
	LAG = 4,          /* of its ISeqno: an ACK sent later may have overtaken it */
};

bool leg_is_ending(const struct iax_frame *frame)
{
	if (frame->type == IAX_FRAME_CONTROL) {
		return frame->subclass_byte == IAX_CONTROL_HANGUP;
	}
	return frame->type == IAX_FRAME_IAX && (frame->subclass == IAX_HANGUP || frame->subclass == IAX_REJECT ||
	                                        frame->subclass == IAX_REGREJ || frame->subclass == IAX_TXREJ);
}

static bool fits_window(const struct iax_seqwin *win, uint8_t iseqno)
{
	return (uint8_t)(iseqno - win->rseqno + LAG) <= (uint8_t)(win->oseqno - win->rseqno) + LAG;
}

static bool fits_time(const struct iax_timeline *line, uint32_t ts_ms)
{
	return !line->known || (int32_t)(ts_ms - line->ts_ms) >= -OLDER_MS;
}

bool leg_believes_ending(const struct leg *leg, const struct iax_frame *frame)
{
	return fits_window(&leg->win, frame->iseqno) && fits_time(&leg->line, frame->ts_ms);
}

bool leg_believes_inval(const struct leg *leg, const struct iax_frame *frame)
{
	return leg->remote_number != 0 && leg->remote_number == frame->source && leg->win.count > 0;
}
