/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_FRAMEPOOL_H
#define TG_IAX_FRAMEPOOL_H

#include "base/bytes.h"
#include "base/slab.h"
#include "iax/wire.h"

/**
 * The frames of all legs of an endpoint that wait for an acknowledgement, in memory of the caller and free of pointers.
 * Most are short (a 20 ms voice frame has 172 octets), so there are two sizes: few places hold a whole datagram.
 */
struct iax_framepool;

/** Names one frame of the pool; 0 for none. */
typedef uint32_t iax_frame_no;

struct iax_held {
	uint64_t due_us;      /* next transmission, or when to give up */
	iax_frame_no next;    /* of the same leg */
	uint32_t interval_ms; /* between the last transmission and the next */
	uint16_t len;
	uint8_t oseqno;
	uint8_t sent;    /* how often */
	uint8_t bytes[]; /* as sent first, with the header */
};

size_t iax_framepool_size(uint32_t frames);

/** @param mem  iax_framepool_size() bytes, aligned to 8 */
struct iax_framepool *iax_framepool_init(void *mem, uint32_t frames);

/** @return the number of a copy of these bytes, or 0 when no place is left that holds them */
iax_frame_no iax_framepool_put(struct iax_framepool *pool, struct tg_span bytes);

/** Lends a frame; it must be live. */
struct iax_held *iax_framepool_at(const struct iax_framepool *pool, iax_frame_no no);

/**
 * The same in a pool that may hold anything: of one with another process, that is gone.
 *
 * @param frames  that it was made for
 * @return NULL if it is no such pool, the frame is not live, or its length is not that of a full frame
 */
const struct iax_held *iax_framepool_look(const struct iax_framepool *pool, uint32_t frames, iax_frame_no no);

void iax_framepool_give(struct iax_framepool *pool, iax_frame_no no);

uint32_t iax_framepool_used(const struct iax_framepool *pool);

/** True if more than one in `share` of the places for short frames is free; share 0: if any place is. */
bool iax_framepool_has_share(const struct iax_framepool *pool, uint32_t share);

#endif
