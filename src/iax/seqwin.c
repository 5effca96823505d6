/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/seqwin.h"

/* Octets of the full header (RFC 5456, 8.1.1) that change between transmissions. */
enum { AT_DESTINATION = 2, AT_OSEQNO = 8, AT_ISEQNO = 9 };

enum { RETRY_OCTET = IAX_RETRY_BIT >> 8, JITTER_SHARE = 10 };

enum iax_seq_place iax_seqwin_place(const struct iax_seqwin *win, uint8_t oseqno)
{
	if (oseqno == win->iseqno) {
		return IAX_SEQ_NEXT;
	}
	return iax_seq_before(oseqno, win->iseqno) ? IAX_SEQ_SEEN : IAX_SEQ_GAP;
}

void iax_seqwin_take(struct iax_seqwin *win)
{
	win->iseqno++;
}

static void drop_first(struct iax_seqwin *win, struct iax_framepool *pool)
{
	const iax_frame_no no = win->first;

	win->first = iax_framepool_at(pool, no)->next;
	if (win->first == 0) {
		win->last = 0;
	}
	win->count--;
	iax_framepool_give(pool, no);
}

/* The number of the first frame that never left us, or of the next one: nobody can have seen it. */
static uint8_t first_unsent(const struct iax_seqwin *win, const struct iax_framepool *pool)
{
	for (iax_frame_no no = win->first; no != 0; no = iax_framepool_at(pool, no)->next) {
		if (iax_framepool_at(pool, no)->sent == 0) {
			return iax_framepool_at(pool, no)->oseqno;
		}
	}
	return win->oseqno;
}

bool iax_seqwin_acked(struct iax_seqwin *win, struct iax_framepool *pool, uint8_t iseqno)
{
	if ((uint8_t)(iseqno - win->rseqno) > (uint8_t)(first_unsent(win, pool) - win->rseqno)) {
		return false;
	}
	win->rseqno = iseqno;
	while (win->first != 0 && iax_seq_before(iax_framepool_at(pool, win->first)->oseqno, iseqno)) {
		drop_first(win, pool);
	}
	return true;
}

bool iax_seqwin_has_room(const struct iax_seqwin *win, unsigned spare)
{
	return (uint8_t)(win->oseqno - win->rseqno) + spare < IAX_SEQWIN_FRAMES;
}

static uint32_t first_wait_ms(uint32_t rtt_us)
{
	const uint64_t rtt_ms = rtt_us == 0 ? IAX_SEQWIN_RTT_PRESET_MS : rtt_us / TG_US_PER_MS;

	return (uint32_t)tg_min_u64(tg_max_u64(2 * rtt_ms, IAX_SEQWIN_FIRST_MIN_MS), IAX_SEQWIN_WAIT_MAX_MS);
}

struct iax_held *iax_seqwin_push(struct iax_seqwin *win, struct iax_framepool *pool, struct tg_span bytes,
                                 uint64_t first_us, uint32_t rtt_us)
{
	assert(bytes.len >= IAX_FULL_BYTES);
	const iax_frame_no no = iax_seqwin_has_room(win, 0) ? iax_framepool_put(pool, bytes) : 0;

	if (no == 0) {
		return NULL;
	}
	struct iax_held *held = iax_framepool_at(pool, no);

	held->oseqno = win->oseqno++;
	held->due_us = first_us;
	held->interval_ms = first_wait_ms(rtt_us);
	held->bytes[AT_OSEQNO] = held->oseqno;
	held->bytes[AT_ISEQNO] = win->iseqno;
	if (win->last != 0) {
		iax_framepool_at(pool, win->last)->next = no;
	} else {
		win->first = no;
	}
	win->last = no;
	win->count++;
	return held;
}

/* What a copy may differ in (2.6): R, and the number expected by now. */
static void make_ready(struct iax_seqwin *win, struct iax_held *held)
{
	if (held->sent > 0) {
		held->bytes[AT_DESTINATION] |= RETRY_OCTET;
	}
	held->bytes[AT_ISEQNO] = win->iseqno;
	win->aseqno = win->iseqno;
}

/* 2.6: each wait is twice the one before, at most 10 s, spread by a tenth so that many legs do not fall into step. */
static void plan_next(struct iax_held *held, struct crypt_random *random, uint64_t now_us)
{
	if (held->sent > 0) {
		held->interval_ms = (uint32_t)tg_min_u64(2 * (uint64_t)held->interval_ms, IAX_SEQWIN_WAIT_MAX_MS);
	}
	const uint32_t share_us = held->interval_ms * (TG_US_PER_MS / JITTER_SHARE);

	held->sent++;
	held->due_us = now_us + (uint64_t)held->interval_ms * TG_US_PER_MS - share_us +
	               crypt_random_below(random, 2 * share_us + 1);
}

void iax_seqwin_sent(struct iax_seqwin *win, struct iax_held *frame, struct crypt_random *random, uint64_t now_us)
{
	make_ready(win, frame);
	plan_next(frame, random, now_us);
}

enum iax_seqwin_due iax_seqwin_next(struct iax_seqwin *win, struct iax_framepool *pool, struct crypt_random *random,
                                    uint64_t now_us, struct iax_held **frame)
{
	for (iax_frame_no no = win->first; no != 0; no = iax_framepool_at(pool, no)->next) {
		struct iax_held *held = iax_framepool_at(pool, no);

		if (held->due_us > now_us) {
			continue;
		}
		*frame = held;
		if (held->sent > IAX_SEQWIN_RETRIES) {
			return IAX_SEQWIN_GIVE_UP;
		}
		iax_seqwin_sent(win, held, random, now_us);
		return IAX_SEQWIN_SEND;
	}
	return IAX_SEQWIN_NOTHING;
}

uint64_t iax_seqwin_due_us(const struct iax_seqwin *win, const struct iax_framepool *pool)
{
	uint64_t due_us = TG_NEVER;

	for (iax_frame_no no = win->first; no != 0; no = iax_framepool_at(pool, no)->next) {
		due_us = tg_min_u64(due_us, iax_framepool_at(pool, no)->due_us);
	}
	return due_us;
}

struct iax_seqwin_walk iax_seqwin_resend(const struct iax_seqwin *win, uint8_t from)
{
	return (struct iax_seqwin_walk){ .at = win->first, .from = from };
}

bool iax_seqwin_resend_next(struct iax_seqwin *win, const struct iax_framepool *pool, struct iax_seqwin_walk *walk,
                            struct iax_held **frame)
{
	while (walk->at != 0) {
		struct iax_held *held = iax_framepool_at(pool, walk->at);

		walk->at = held->next;
		walk->octets += held->len;
		if (walk->octets > IAX_VNAK_BYTES_MAX) {
			return false;
		}
		if (held->sent > 0 && !iax_seq_before(held->oseqno, walk->from)) {
			make_ready(win, held);
			*frame = held;
			return true;
		}
	}
	return false;
}

struct iax_held *iax_seqwin_first(const struct iax_seqwin *win, const struct iax_framepool *pool)
{
	return win->first == 0 ? NULL : iax_framepool_at(pool, win->first);
}

void iax_seqwin_set_destination(const struct iax_seqwin *win, const struct iax_framepool *pool, uint16_t destination)
{
	for (iax_frame_no no = win->first; no != 0; no = iax_framepool_at(pool, no)->next) {
		uint8_t *octets = &iax_framepool_at(pool, no)->bytes[AT_DESTINATION];

		octets[0] = (uint8_t)((octets[0] & RETRY_OCTET) | destination >> 8);
		octets[1] = (uint8_t)destination;
	}
}

void iax_seqwin_clear(struct iax_seqwin *win, struct iax_framepool *pool)
{
	while (win->first != 0) {
		drop_first(win, pool);
	}
}

/* ---- Another process's ----------------------------------------------------------------------------------------- */

static bool copy_frame(struct iax_seqwin *win, struct iax_framepool *pool, const struct iax_held *old, uint64_t now_us)
{
	const struct tg_span bytes = { old->bytes, old->len };
	struct iax_held *held = iax_seqwin_push(win, pool, bytes, now_us, 0);

	if (held == NULL) {
		return false;
	}
	held->sent = (uint8_t)tg_min_u64(old->sent, IAX_SEQWIN_RETRIES + 1);
	held->interval_ms = (uint32_t)tg_min_u64(old->interval_ms, IAX_SEQWIN_WAIT_MAX_MS);
	held->due_us = old->due_us > now_us + IAX_SEQWIN_WAIT_MAX_MS * 2 * UINT64_C(1000) ? now_us : old->due_us;
	return true;
}

bool iax_seqwin_take_over(struct iax_seqwin *win, struct iax_framepool *pool, const struct iax_seqwin *old,
                          const struct iax_framepool *old_pool, uint32_t old_frames, uint64_t now_us)
{
	const struct iax_held *held = iax_framepool_look(old_pool, old_frames, old->first);
	bool whole = old->first == 0 || held != NULL;

	*win = (struct iax_seqwin){ .iseqno = old->iseqno, .aseqno = old->aseqno };
	win->oseqno = win->rseqno = held == NULL ? old->oseqno : held->oseqno;
	for (unsigned i = 0; whole && held != NULL && i < IAX_SEQWIN_FRAMES; i++) {
		const iax_frame_no next = held->next;

		whole = copy_frame(win, pool, held, now_us);
		held = next == 0 ? NULL : iax_framepool_look(old_pool, old_frames, next);
		whole = whole && (next == 0 || held != NULL);
	}
	if (!whole || held != NULL || win->oseqno != old->oseqno) {
		iax_seqwin_clear(win, pool);
		return false;
	}
	return true;
}
