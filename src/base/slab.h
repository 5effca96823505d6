/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_SLAB_H
#define TG_BASE_SLAB_H

#include "base/tg.h"

/** Names one use of one slab item. gen 0 names nothing; a stale reference finds nothing. */
struct tg_ref {
	uint32_t index;
	uint32_t gen;
};

#define TG_NO_REF ((struct tg_ref){ 0 })

static inline bool tg_ref_is_none(struct tg_ref ref)
{
	return ref.gen == 0;
}

static inline bool tg_ref_equal(struct tg_ref a, struct tg_ref b)
{
	return a.index == b.index && a.gen == b.gen;
}

/** A reference in 64 bits, for cookies in messages; 0 is TG_NO_REF. */
static inline uint64_t tg_ref_pack(struct tg_ref ref)
{
	return (uint64_t)ref.gen << 32 | ref.index;
}

static inline struct tg_ref tg_ref_unpack(uint64_t packed)
{
	return (struct tg_ref){ .index = (uint32_t)packed, .gen = (uint32_t)(packed >> 32) };
}

/**
 * Items of one size in memory of the caller, taken and given back in O(1). The struct sits in front of its items, in
 * the same block; it holds no pointer, so the block may be moved or mapped elsewhere.
 */
struct tg_slab {
	uint32_t item_bytes; /* rounded up to 8 */
	uint32_t count;
	uint32_t used;
	uint32_t free_head; /* index + 1, 0 for none */
	uint32_t peak;
	uint32_t begun; /* items that were ever in use; memory behind them was never touched */
};

/** What tg_slab_init() needs; a multiple of 8. */
size_t tg_slab_size(uint32_t item_bytes, uint32_t count);

/** @param mem  tg_slab_size() bytes, aligned to 8; belongs to the caller */
struct tg_slab *tg_slab_init(void *mem, uint32_t item_bytes, uint32_t count);

/** @return a zeroed item and its reference, or NULL when all are in use */
void *tg_slab_take(struct tg_slab *slab, struct tg_ref *ref);

/** Give an item back; all references to it become stale. ref must be live. */
void tg_slab_give(struct tg_slab *slab, struct tg_ref ref);

/** @return the item, lent until it is given back; NULL for a stale reference */
void *tg_slab_find(const struct tg_slab *slab, struct tg_ref ref);

/** The item at an index, live or NULL; for walks from 0 to count - 1. ref may be NULL. */
void *tg_slab_at(const struct tg_slab *slab, uint32_t index, struct tg_ref *ref);

/**
 * The item behind all that were ever in use, as it was in another slab of this layout: so that references from there stay true.
 * Called for index 0, 1, 2 ... on a slab that nothing was taken from.
 *
 * @param gen  odd: it is in use, and returned zeroed; even: it is free
 * @return NULL for a free one, or when there are no more
 */
void *tg_slab_resume(struct tg_slab *slab, uint32_t gen);

/** The generation that a place of this slab has now; 0 if it was never in use. For tg_slab_resume() elsewhere. */
uint32_t tg_slab_gen(const struct tg_slab *slab, uint32_t index);

/** Bytes that may be anything: are they a slab of so many items of this size, whose places may be read? */
bool tg_slab_is_whole(const struct tg_slab *slab, uint32_t item_bytes, uint32_t count);

/** The reference of a live item of this slab. */
struct tg_ref tg_slab_ref(const struct tg_slab *slab, const void *item);

#endif
