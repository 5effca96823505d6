/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_ARENA_H
#define TG_ENGINE_ARENA_H

#include "base/tg.h"

/**
 * All the address space of the engine, taken before the first packet. A page becomes memory when it is first used: tables touch
 * no more than they need (base/zeroed.h), so what is resident follows the calls and not the limits. The plan runs twice:
 * first with no memory, to learn the size, then for real.
 */
struct arena {
	uint8_t *at; /* NULL: only measuring */
	size_t size_bytes;
	size_t used;
};

/** @return the next block, aligned to 64, zeroed; NULL while measuring */
void *arena_take(struct arena *arena, size_t size_bytes);

/** Map as much as was measured, an exchange of many calls on huge pages if the system has some, and start over. @return false without memory */
TG_MUST_USE bool arena_map(struct arena *arena);
void arena_unmap(struct arena *arena);

#endif
