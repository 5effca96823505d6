/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "base/zeroed.h"

struct entry {
	uint32_t hash; /* the upper half of the hash, 0 when empty */
	uint32_t home; /* the lower half, masked when used */
	uint32_t value;
};

static struct entry *entries(const struct tg_map *map)
{
	return (struct entry *)((uintptr_t)(map + 1));
}

static uint32_t slots_for(uint32_t capacity)
{
	uint32_t slots = 8;

	while (slots < 2 * capacity) {
		slots *= 2;
	}
	return slots;
}

static uint32_t mark_of(uint64_t hash)
{
	const uint32_t mark = (uint32_t)(hash >> 32);

	return mark == 0 ? 1 : mark;
}

size_t tg_map_size(uint32_t capacity)
{
	return (sizeof(struct tg_map) + slots_for(capacity) * sizeof(struct entry) + 7) & ~(size_t)7;
}

struct tg_map *tg_map_init(void *mem, uint32_t capacity)
{
	struct tg_map *map = mem;

	assert(capacity <= UINT32_C(1) << 28);
	tg_expect_zeroed(mem, tg_map_size(capacity));
	*map = (struct tg_map){ .slots = slots_for(capacity), .capacity = capacity };
	return map;
}

bool tg_map_insert(struct tg_map *map, uint64_t hash, uint32_t value)
{
	const uint32_t mask = map->slots - 1;
	struct entry *e = entries(map);
	uint32_t at = (uint32_t)hash & mask;

	if (map->used >= map->capacity) {
		return false;
	}
	while (e[at].hash != 0) {
		at = (at + 1) & mask;
	}
	e[at] = (struct entry){ mark_of(hash), (uint32_t)hash, value };
	map->used++;
	return true;
}

/* Close the hole at `hole` so that no probe that began before it ends there (backward-shift deletion). */
static void close_hole(struct tg_map *map, uint32_t hole)
{
	const uint32_t mask = map->slots - 1;
	struct entry *e = entries(map);

	for (uint32_t at = (hole + 1) & mask; e[at].hash != 0; at = (at + 1) & mask) {
		const uint32_t from_home = (at - (e[at].home & mask)) & mask;
		const uint32_t from_hole = (at - hole) & mask;

		if (from_home >= from_hole) {
			e[hole] = e[at];
			hole = at;
		}
	}
	e[hole] = (struct entry){ 0 };
}

bool tg_map_remove(struct tg_map *map, uint64_t hash, uint32_t value)
{
	const uint32_t mask = map->slots - 1;
	const struct entry *e = entries(map);

	for (uint32_t at = (uint32_t)hash & mask; e[at].hash != 0; at = (at + 1) & mask) {
		if (e[at].hash == mark_of(hash) && e[at].home == (uint32_t)hash && e[at].value == value) {
			close_hole(map, at);
			map->used--;
			return true;
		}
	}
	return false;
}

struct tg_map_walk tg_map_find(const struct tg_map *map, uint64_t hash)
{
	return (struct tg_map_walk){ map, hash, (uint32_t)hash & (map->slots - 1) };
}

bool tg_map_next(struct tg_map_walk *walk, uint32_t *value)
{
	const uint32_t mask = walk->map->slots - 1;
	const struct entry *e = entries(walk->map);

	while (e[walk->at].hash != 0) {
		const struct entry *here = &e[walk->at];

		walk->at = (walk->at + 1) & mask;
		if (here->hash == mark_of(walk->hash) && here->home == (uint32_t)walk->hash) {
			*value = here->value;
			return true;
		}
	}
	return false;
}
