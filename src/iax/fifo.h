/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_FIFO_H
#define TG_IAX_FIFO_H

#include "base/bytes.h"

/**
 * Records of any length, first in, first out, each contiguous and aligned to 8, in memory of the caller and free of
 * pointers: the datagrams that wait to be fetched, and the events with what they show.
 */
struct iax_fifo {
	uint32_t size_bytes;
	uint32_t head;  /* the oldest record, perhaps lent */
	uint32_t tail;  /* where the next one goes */
	uint32_t wrap;  /* where the records end that stand before those at 0; 0 while none does */
	uint32_t lent;  /* octets of the record at head that its taker may still read */
	uint32_t count; /* records waiting, the lent one not among them */
	uint8_t bytes[];
};

size_t iax_fifo_size(uint32_t size_bytes);

/** @param mem  iax_fifo_size() bytes, aligned to 8 */
struct iax_fifo *iax_fifo_init(void *mem, uint32_t size_bytes);

/** What a record of this length takes up. */
size_t iax_fifo_cost(size_t len_bytes);

/** Records that cost no more than this together will fit, whatever their order. */
size_t iax_fifo_room(const struct iax_fifo *q);

/** One record out of two parts. @return false if it does not fit; nothing is kept then */
TG_MUST_USE bool iax_fifo_put(struct iax_fifo *q, struct tg_span first, struct tg_span second);

/** Lends the oldest record until the next take. @return false if there is none */
bool iax_fifo_take(struct iax_fifo *q, struct tg_span *record);

#endif
