/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slab.h"

#include <string.h>

/* In front of each item. gen is odd while the item is in use, so no free item is ever found. What was never taken has no
 * slot yet: it is neither written nor read. */
struct slot {
	uint32_t gen;
	uint32_t next_free; /* index + 1, 0 for none */
};

static uint32_t slot_bytes(const struct tg_slab *slab)
{
	return (uint32_t)sizeof(struct slot) + slab->item_bytes;
}

static struct slot *slot_at(const struct tg_slab *slab, uint32_t index)
{
	return (struct slot *)((uintptr_t)(slab + 1) + (uintptr_t)index * slot_bytes(slab));
}

static uint32_t round_up_8(uint32_t bytes)
{
	return (bytes + 7) & ~UINT32_C(7);
}

size_t tg_slab_size(uint32_t item_bytes, uint32_t count)
{
	return sizeof(struct tg_slab) + (sizeof(struct slot) + round_up_8(item_bytes)) * (size_t)count;
}

struct tg_slab *tg_slab_init(void *mem, uint32_t item_bytes, uint32_t count)
{
	struct tg_slab *slab = mem;

	assert((uintptr_t)mem % 8 == 0);
	*slab = (struct tg_slab){ .item_bytes = round_up_8(item_bytes), .count = count };
	return slab;
}

/* @return false when all are in use */
static bool pick(struct tg_slab *slab, uint32_t *index)
{
	if (slab->free_head != 0) {
		*index = slab->free_head - 1;
		slab->free_head = slot_at(slab, *index)->next_free;
		return true;
	}
	if (slab->begun < slab->count) {
		*index = slab->begun++;
		*slot_at(slab, *index) = (struct slot){ .gen = 0 };
		return true;
	}
	return false;
}

void *tg_slab_take(struct tg_slab *slab, struct tg_ref *ref)
{
	uint32_t index;

	if (!pick(slab, &index)) {
		*ref = TG_NO_REF;
		return NULL;
	}
	struct slot *slot = slot_at(slab, index);

	slab->used++;
	slab->peak = slab->used > slab->peak ? slab->used : slab->peak;
	slot->gen++;
	slot->next_free = 0;
	memset(slot + 1, 0, slab->item_bytes);
	*ref = (struct tg_ref){ index, slot->gen };
	return slot + 1;
}

void tg_slab_give(struct tg_slab *slab, struct tg_ref ref)
{
	assert(tg_slab_find(slab, ref) != NULL);
	struct slot *slot = slot_at(slab, ref.index);

	slot->gen++;
	slot->next_free = slab->free_head;
	slab->free_head = ref.index + 1;
	slab->used--;
}

void *tg_slab_find(const struct tg_slab *slab, struct tg_ref ref)
{
	if (ref.index >= slab->begun || ref.gen % 2 == 0) {
		return NULL;
	}
	struct slot *slot = slot_at(slab, ref.index);

	return slot->gen == ref.gen ? slot + 1 : NULL;
}

void *tg_slab_at(const struct tg_slab *slab, uint32_t index, struct tg_ref *ref)
{
	assert(index < slab->count);
	if (index >= slab->begun) {
		return NULL;
	}
	struct slot *slot = slot_at(slab, index);

	if (slot->gen % 2 == 0) {
		return NULL;
	}
	if (ref != NULL) {
		*ref = (struct tg_ref){ index, slot->gen };
	}
	return slot + 1;
}

void *tg_slab_resume(struct tg_slab *slab, uint32_t gen)
{
	if (slab->begun == slab->count) {
		return NULL;
	}
	struct slot *slot = slot_at(slab, slab->begun++);

	*slot = (struct slot){ .gen = gen };
	if (gen % 2 == 0) {
		slot->next_free = slab->free_head;
		slab->free_head = slab->begun;
		return NULL;
	}
	slab->used++;
	slab->peak = slab->used;
	return memset(slot + 1, 0, slab->item_bytes);
}

uint32_t tg_slab_gen(const struct tg_slab *slab, uint32_t index)
{
	return index < slab->begun ? slot_at(slab, index)->gen : 0;
}

bool tg_slab_is_whole(const struct tg_slab *slab, uint32_t item_bytes, uint32_t count)
{
	return slab->item_bytes == round_up_8(item_bytes) && slab->count == count && slab->begun <= count;
}

struct tg_ref tg_slab_ref(const struct tg_slab *slab, const void *item)
{
	const struct slot *slot = (const struct slot *)item - 1;
	const uintptr_t offset = (uintptr_t)slot - (uintptr_t)(slab + 1);

	assert(slot->gen % 2 == 1);
	return (struct tg_ref){ (uint32_t)(offset / slot_bytes(slab)), slot->gen };
}
