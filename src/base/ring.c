/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ring.h"

#include <stdatomic.h>

struct tg_ring {
	_Alignas(64) _Atomic uint32_t written; /* only the writer stores */
	_Alignas(64) _Atomic uint32_t taken;   /* only the reader stores */
	_Alignas(64) uint32_t item_bytes;
	uint32_t mask;
};

static void *item_at(struct tg_ring *ring, uint32_t n)
{
	return (uint8_t *)(ring + 1) + (size_t)(n & ring->mask) * ring->item_bytes;
}

size_t tg_ring_size(uint32_t item_bytes, uint32_t count)
{
	return sizeof(struct tg_ring) + (size_t)((item_bytes + 7) & ~UINT32_C(7)) * count;
}

struct tg_ring *tg_ring_init(void *mem, uint32_t item_bytes, uint32_t count)
{
	struct tg_ring *ring = mem;

	assert(count > 0 && (count & (count - 1)) == 0);
	atomic_init(&ring->written, 0);
	atomic_init(&ring->taken, 0);
	ring->item_bytes = (item_bytes + 7) & ~UINT32_C(7);
	ring->mask = count - 1;
	return ring;
}

void *tg_ring_room(struct tg_ring *ring)
{
	const uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
	const uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);

	return written - taken > ring->mask ? NULL : item_at(ring, written);
}

void tg_ring_push(struct tg_ring *ring)
{
	const uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);

	atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

const void *tg_ring_front(struct tg_ring *ring)
{
	const uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
	const uint32_t written = atomic_load_explicit(&ring->written, memory_order_acquire);

	return written == taken ? NULL : item_at(ring, taken);
}

void tg_ring_pop(struct tg_ring *ring)
{
	const uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);

	atomic_store_explicit(&ring->taken, taken + 1, memory_order_release);
}
