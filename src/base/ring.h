/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_RING_H
#define TG_BASE_RING_H

#include "base/tg.h"

/**
 * A bounded one-way queue between exactly one writing and one reading thread (or process), in shared memory, free of
 * pointers. A full ring refuses: the writer drops and counts.
 */
struct tg_ring;

/** @param count  a power of two */
size_t tg_ring_size(uint32_t item_bytes, uint32_t count);

/** @param mem  tg_ring_size() bytes, aligned to 64 */
struct tg_ring *tg_ring_init(void *mem, uint32_t item_bytes, uint32_t count);

/** Writer: the next free item to fill, or NULL when full. Visible to the reader after tg_ring_push(). */
void *tg_ring_room(struct tg_ring *ring);
void tg_ring_push(struct tg_ring *ring);

/** Reader: the oldest item, lent until tg_ring_pop(); NULL when empty. */
const void *tg_ring_front(struct tg_ring *ring);
void tg_ring_pop(struct tg_ring *ring);

#endif
