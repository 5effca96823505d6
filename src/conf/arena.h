/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_ARENA_H
#define TG_CONF_ARENA_H

#include "base/bytes.h"

/**
 * Memory of one load, freed at once. Configuration lines hold secrets, so all of it is wiped then. The first request
 * that cannot be met latches: later ones give NULL too, and the load fails as a whole.
 */
struct conf_arena {
	struct conf_chunk *chunks;
	size_t used_bytes; /* over all chunks */
	bool failed;
};

enum { CONF_ARENA_MAX_BYTES = 128 << 20 };

/** Zeroed, aligned to 8. NULL when memory or CONF_ARENA_MAX_BYTES is used up. */
void *conf_arena_alloc(struct conf_arena *arena, size_t len_bytes);

/** A NUL-terminated copy, or NULL. */
char *conf_arena_text(struct conf_arena *arena, struct tg_span text);

/** Both spans as one text, or NULL. */
char *conf_arena_join(struct conf_arena *arena, struct tg_span a, struct tg_span b);

/** Wipe and free everything; the arena is empty then and may be used again. */
void conf_arena_free(struct conf_arena *arena);

#endif
