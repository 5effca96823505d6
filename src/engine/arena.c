/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/arena.h"

#include <sys/mman.h>

/* With less, an exchange is small: a page of 2 MiB for each corner of a table costs more than it saves. */
enum { HUGE_FROM_BYTES = 256 << 20 };

void *arena_take(struct arena *arena, size_t size_bytes)
{
	const size_t at = arena->used;

	arena->used += (size_bytes + 63) & ~(size_t)63;
	if (arena->at == NULL) {
		return NULL;
	}
	assert(arena->used <= arena->size_bytes);
	return arena->at + at;
}

bool arena_map(struct arena *arena)
{
	void *at = mmap(NULL, arena->used, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		return false;
	}
	if (arena->used >= HUGE_FROM_BYTES) {
		(void)madvise(at, arena->used, MADV_HUGEPAGE); /* a wish */
	}
	*arena = (struct arena){ .at = at, .size_bytes = arena->used };
	return true;
}

void arena_unmap(struct arena *arena)
{
	if (arena->at != NULL) {
		munmap(arena->at, arena->size_bytes);
		*arena = (struct arena){ .at = NULL };
	}
}
