/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_MAP_H
#define TG_BASE_MAP_H

#include "base/tg.h"

/**
 * A hash table from a 64-bit hash to a 32-bit value (an index), in memory of the caller and free of pointers. Several
 * entries may share a hash: the caller looks at each candidate and decides. Linear probing, no tombstones.
 *
 * Keys from the network need a keyed hash (crypt/siphash), or a sender could choose collisions.
 */
struct tg_map {
	uint32_t slots; /* a power of two, at least twice the capacity */
	uint32_t used;
	uint32_t capacity;
	uint32_t reserved;
};

size_t tg_map_size(uint32_t capacity);

/** @param mem  tg_map_size() bytes, aligned to 8, zeroed */
struct tg_map *tg_map_init(void *mem, uint32_t capacity);

/** @return false when full */
TG_MUST_USE bool tg_map_insert(struct tg_map *map, uint64_t hash, uint32_t value);

/** Remove exactly this pair. @return false if it is not there */
bool tg_map_remove(struct tg_map *map, uint64_t hash, uint32_t value);

/** Walks the values of one hash; nothing may be inserted or removed meanwhile. */
struct tg_map_walk {
	const struct tg_map *map;
	uint64_t hash;
	uint32_t at;
};

struct tg_map_walk tg_map_find(const struct tg_map *map, uint64_t hash);
bool tg_map_next(struct tg_map_walk *walk, uint32_t *value);

#endif
