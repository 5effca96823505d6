/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/framepool.h"

#include <string.h>

enum {
	SHORT_BYTES = 208,
	LONG_SHARE = 8,  /* one place in eight holds a whole datagram ... */
	LONG_LEAST = 16, /* ... and no fewer than these */
	LONG_NO = 0x40000000,
};

struct iax_framepool {
	uint64_t short_offset;
	uint64_t long_offset;
};

static uint32_t long_count(uint32_t frames)
{
	return frames / LONG_SHARE > LONG_LEAST ? frames / LONG_SHARE : LONG_LEAST;
}

static uint32_t item_bytes(uint32_t payload)
{
	return (uint32_t)sizeof(struct iax_held) + payload;
}

static struct tg_slab *slab_in(const struct iax_framepool *pool, uint64_t offset)
{
	return (struct tg_slab *)((uintptr_t)pool + offset);
}

static struct tg_slab *slab_of(const struct iax_framepool *pool, bool is_long)
{
	return slab_in(pool, is_long ? pool->long_offset : pool->short_offset);
}

static void lay_out(struct iax_framepool *pool, uint32_t frames)
{
	*pool = (struct iax_framepool){
		.short_offset = sizeof(*pool),
		.long_offset = sizeof(*pool) + tg_slab_size(item_bytes(SHORT_BYTES), frames),
	};
}

size_t iax_framepool_size(uint32_t frames)
{
	return sizeof(struct iax_framepool) + tg_slab_size(item_bytes(SHORT_BYTES), frames) +
	       tg_slab_size(item_bytes(IAX_DATAGRAM_SENT_MAX), long_count(frames));
}

struct iax_framepool *iax_framepool_init(void *mem, uint32_t frames)
{
	struct iax_framepool *pool = mem;

	lay_out(pool, frames);
	tg_slab_init(slab_of(pool, false), item_bytes(SHORT_BYTES), frames);
	tg_slab_init(slab_of(pool, true), item_bytes(IAX_DATAGRAM_SENT_MAX), long_count(frames));
	return pool;
}

static iax_frame_no no_of(struct tg_ref ref, bool is_long)
{
	return (ref.index + 1) | (is_long ? LONG_NO : 0);
}

static struct tg_ref ref_of(const struct iax_framepool *pool, iax_frame_no no)
{
	struct tg_ref ref = TG_NO_REF;
	const void *item = tg_slab_at(slab_of(pool, (no & LONG_NO) != 0), (no & ~(uint32_t)LONG_NO) - 1, &ref);

	assert(no != 0 && item != NULL);
	(void)item;
	return ref;
}

iax_frame_no iax_framepool_put(struct iax_framepool *pool, struct tg_span bytes)
{
	struct tg_ref ref = TG_NO_REF;
	bool is_long = bytes.len > SHORT_BYTES;
	struct iax_held *held = NULL;

	if (bytes.len > IAX_DATAGRAM_SENT_MAX) {
		return 0;
	}
	if (!is_long) {
		held = tg_slab_take(slab_of(pool, false), &ref);
	}
	if (held == NULL) {
		is_long = true;
		held = tg_slab_take(slab_of(pool, true), &ref);
	}
	if (held == NULL) {
		return 0;
	}
	held->len = (uint16_t)bytes.len;
	memcpy(held->bytes, bytes.p, bytes.len);
	return no_of(ref, is_long);
}

struct iax_held *iax_framepool_at(const struct iax_framepool *pool, iax_frame_no no)
{
	struct iax_held *held = no == 0 ? NULL
	                                : tg_slab_at(slab_of(pool, (no & LONG_NO) != 0), (no & ~(uint32_t)LONG_NO) - 1,
	                                             NULL);

	assert(held != NULL);
	return held;
}

const struct iax_held *iax_framepool_look(const struct iax_framepool *pool, uint32_t frames, iax_frame_no no)
{
	const bool is_long = (no & LONG_NO) != 0;
	const uint32_t bytes = is_long ? IAX_DATAGRAM_SENT_MAX : SHORT_BYTES, index = (no & ~(uint32_t)LONG_NO) - 1;
	struct iax_framepool plan;

	lay_out(&plan, frames);
	const struct tg_slab *slab = slab_in(pool, is_long ? plan.long_offset : plan.short_offset);

	if (!tg_slab_is_whole(slab, item_bytes(bytes), is_long ? long_count(frames) : frames) || index >= slab->count) {
		return NULL;
	}
	const struct iax_held *held = tg_slab_at(slab, index, NULL);

	return held == NULL || held->len < IAX_FULL_BYTES || held->len > bytes ? NULL : held;
}

void iax_framepool_give(struct iax_framepool *pool, iax_frame_no no)
{
	tg_slab_give(slab_of(pool, (no & LONG_NO) != 0), ref_of(pool, no));
}

uint32_t iax_framepool_used(const struct iax_framepool *pool)
{
	return slab_of(pool, false)->used + slab_of(pool, true)->used;
}

bool iax_framepool_has_share(const struct iax_framepool *pool, uint32_t share)
{
	const struct tg_slab *shorts = slab_of(pool, false);

	return share == 0 || shorts->count - shorts->used > shorts->count / share;
}
