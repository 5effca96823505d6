/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/fifo.h"

#include <string.h>

/* In front of each record: its length. */
enum { PREFIX_BYTES = 8 };

size_t iax_fifo_cost(size_t len_bytes)
{
	return PREFIX_BYTES + ((len_bytes + 7) & ~(size_t)7);
}

size_t iax_fifo_size(uint32_t size_bytes)
{
	return sizeof(struct iax_fifo) + ((size_bytes + 7) & ~(uint32_t)7);
}

struct iax_fifo *iax_fifo_init(void *mem, uint32_t size_bytes)
{
	struct iax_fifo *q = mem;

	*q = (struct iax_fifo){ .size_bytes = size_bytes & ~(uint32_t)7 };
	return q;
}

size_t iax_fifo_room(const struct iax_fifo *q)
{
	if (q->wrap != 0) {
		return q->head - q->tail;
	}
	return tg_max_u64(q->size_bytes - q->tail, q->head);
}

/* Where a record of this cost goes, or UINT32_MAX. */
static uint32_t place_for(struct iax_fifo *q, size_t cost)
{
	if (q->wrap != 0) {
		return q->head - q->tail >= cost ? q->tail : UINT32_MAX;
	}
	if (q->size_bytes - q->tail >= cost) {
		return q->tail;
	}
	if (q->head < cost) {
		return UINT32_MAX;
	}
	q->wrap = q->tail;
	return 0;
}

bool iax_fifo_put(struct iax_fifo *q, struct tg_span first, struct tg_span second)
{
	const uint64_t len = first.len + second.len;
	const size_t cost = iax_fifo_cost(len);
	const uint32_t at = place_for(q, cost);

	if (at == UINT32_MAX) {
		return false;
	}
	uint8_t *to = q->bytes + at;

	memcpy(to, &len, PREFIX_BYTES);
	if (first.len > 0) {
		memcpy(to + PREFIX_BYTES, first.p, first.len);
	}
	if (second.len > 0) {
		memcpy(to + PREFIX_BYTES + first.len, second.p, second.len);
	}
	q->tail = at + (uint32_t)cost;
	q->count++;
	return true;
}

static void release_lent(struct iax_fifo *q)
{
	q->head += q->lent;
	q->lent = 0;
	if (q->wrap != 0 && q->head == q->wrap) {
		q->head = 0;
		q->wrap = 0;
	}
	if (q->count == 0) {
		q->head = q->tail = q->wrap = 0;
	}
}

bool iax_fifo_take(struct iax_fifo *q, struct tg_span *record)
{
	uint64_t len;

	release_lent(q);
	if (q->count == 0) {
		return false;
	}
	memcpy(&len, q->bytes + q->head, PREFIX_BYTES);
	*record = (struct tg_span){ q->bytes + q->head + PREFIX_BYTES, (size_t)len };
	q->lent = (uint32_t)iax_fifo_cost((size_t)len);
	q->count--;
	return true;
}
