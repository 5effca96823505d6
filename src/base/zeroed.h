/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_ZEROED_H
#define TG_BASE_ZEROED_H

#include "base/tg.h"

#include <stdlib.h>
#include <string.h>

/**
 * Memory for tables comes zeroed from its owner (calloc, a fresh mapping), and tables touch only what they use: a big
 * limit costs address space, not memory. Builds with a sanitizer look whether it is true; others must not, since reading
 * touches, too.
 */
static inline void tg_expect_zeroed(const void *mem, size_t size_bytes)
{
#if defined(__SANITIZE_ADDRESS__)
	const uint8_t *at = mem;

	assert(size_bytes == 0 || (at[0] == 0 && memcmp(at, at + 1, size_bytes - 1) == 0));
#else
	(void)mem;
	(void)size_bytes;
#endif
}

/** @return size_bytes zeroed, aligned to 64, for the caller to free(); NULL without memory */
static inline void *tg_zeroed_new(size_t size_bytes)
{
	const size_t rounded = (size_bytes + 63) & ~(size_t)63;
	void *mem = aligned_alloc(64, rounded);

	return mem != NULL ? memset(mem, 0, rounded) : NULL;
}

#endif
