/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_SEQWIN_H
#define TG_IAX_SEQWIN_H

#include "crypt/random.h"
#include "iax/framepool.h"

/**
 * One leg's sequence numbers and its window of unacknowledged frames (RFC 5456, section 7; protocol reference 2.4 to 2.7).
 * Frames are held in a pool that all legs share; a window holds at most IAX_SEQWIN_FRAMES. A plain value without pointers.
 */
struct iax_seqwin {
	uint8_t oseqno; /* of our next frame */
	uint8_t rseqno; /* the oldest of ours that is not acknowledged */
	uint8_t iseqno; /* what we expect next */
	uint8_t aseqno; /* the last iseqno that we put on the wire */
	uint8_t count;  /* frames held */
	iax_frame_no first, last;
};

enum {
	IAX_SEQWIN_FRAMES = 32,
	IAX_SEQWIN_RETRIES = 4,
	IAX_SEQWIN_FIRST_MIN_MS = 250,
	IAX_SEQWIN_WAIT_MAX_MS = 10000,
	IAX_SEQWIN_RTT_PRESET_MS = 500,
	IAX_VNAK_BYTES_MAX = 16384, /* resent for one VNAK */
};

/* RFC 5456, 7: oseqno and iseqno wrap at 256; of two live ones the earlier is less than 128 behind. */
static inline bool iax_seq_before(uint8_t a, uint8_t b)
{
	return a != b && (uint8_t)(b - a) < 128;
}

/** Where a received frame stands. */
enum iax_seq_place {
	IAX_SEQ_NEXT, /* the one expected */
	IAX_SEQ_SEEN, /* received before: acknowledge again, do nothing else */
	IAX_SEQ_GAP,  /* an earlier one is missing */
};

enum iax_seq_place iax_seqwin_place(const struct iax_seqwin *win, uint8_t oseqno);

/** The expected frame was taken. */
void iax_seqwin_take(struct iax_seqwin *win);

/**
 * The far end's ISeqno: forget all frames before it. A number that was never sent, or lies behind, is ignored.
 *
 * @return false if it was ignored
 */
bool iax_seqwin_acked(struct iax_seqwin *win, struct iax_framepool *pool, uint8_t iseqno);

/** True if one more frame may be sent, and `spare` more behind it. */
bool iax_seqwin_has_room(const struct iax_seqwin *win, unsigned spare);

/**
 * Number a frame, hold it, and plan its first transmission.
 *
 * @param bytes     a whole full frame; its OSeqno and ISeqno are filled in
 * @param first_us  when iax_seqwin_next() gives it; at once is now
 * @param rtt_us    smoothed; 0 before the first measure
 * @return the frame, or NULL if the window or the pool is full
 */
struct iax_held *iax_seqwin_push(struct iax_seqwin *win, struct iax_framepool *pool, struct tg_span bytes,
                                 uint64_t first_us, uint32_t rtt_us);

/** Count a frame that was just pushed as sent at now_us, made ready. */
void iax_seqwin_sent(struct iax_seqwin *win, struct iax_held *frame, struct crypt_random *random, uint64_t now_us);

enum iax_seqwin_due {
	IAX_SEQWIN_NOTHING,
	IAX_SEQWIN_SEND,    /* frame is to be sent now */
	IAX_SEQWIN_GIVE_UP, /* frame was sent often enough: the leg is dead */
};

/**
 * The next frame whose time has come, made ready: R set on all but the first transmission, ISeqno refreshed. Call until it says
 * nothing.
 */
enum iax_seqwin_due iax_seqwin_next(struct iax_seqwin *win, struct iax_framepool *pool, struct crypt_random *random,
                                    uint64_t now_us, struct iax_held **frame);

/** When iax_seqwin_next() has something; TG_NEVER if nothing is held. */
uint64_t iax_seqwin_due_us(const struct iax_seqwin *win, const struct iax_framepool *pool);

/**
 * A walk over what a VNAK asks for: all sent frames from its ISeqno on, made ready as retransmissions. Neither timers nor counts
 * of the frames change. At most IAX_VNAK_BYTES_MAX octets.
 */
struct iax_seqwin_walk {
	iax_frame_no at;
	size_t octets;
	uint8_t from;
};

struct iax_seqwin_walk iax_seqwin_resend(const struct iax_seqwin *win, uint8_t from);
bool iax_seqwin_resend_next(struct iax_seqwin *win, const struct iax_framepool *pool, struct iax_seqwin_walk *walk,
                            struct iax_held **frame);

/** The oldest frame held, NULL for none. */
struct iax_held *iax_seqwin_first(const struct iax_seqwin *win, const struct iax_framepool *pool);

/** The far end's number is known now: write it into all frames held. */
void iax_seqwin_set_destination(const struct iax_seqwin *win, const struct iax_framepool *pool, uint16_t destination);

/**
 * The window of a leg that is taken over, its frames copied into this pool.
 *
 * @param old    may hold anything, as may its pool
 * @return false if it makes no sense, or the pool is full: then win is empty
 */
bool iax_seqwin_take_over(struct iax_seqwin *win, struct iax_framepool *pool, const struct iax_seqwin *old,
                          const struct iax_framepool *old_pool, uint32_t old_frames, uint64_t now_us);

/** Forget all frames; the numbers stay. */
void iax_seqwin_clear(struct iax_seqwin *win, struct iax_framepool *pool);

#endif
