/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "check.h"

#include <stdlib.h>

static struct tg_map *map_new(uint32_t capacity)
{
	return tg_map_init(calloc(1, tg_map_size(capacity)), capacity);
}

static uint32_t count_of(const struct tg_map *map, uint64_t hash, uint32_t value)
{
	struct tg_map_walk walk = tg_map_find(map, hash);
	uint32_t found, count = 0;

	while (tg_map_next(&walk, &found)) {
		count += found == value;
	}
	return count;
}

static void test_several_values_share_a_hash(void **state)
{
	struct tg_map *map = map_new(10);
	(void)state;

	for (uint32_t value = 0; value < 10; value++) {
		CHECK_TRUE(tg_map_insert(map, 0, value)); /* the hash 0 is a hash like any other */
	}
	CHECK_FALSE(tg_map_insert(map, 1, 99));
	for (uint32_t value = 0; value < 10; value++) {
		CHECK_UINT(count_of(map, 0, value), 1);
	}
	CHECK_TRUE(tg_map_remove(map, 0, 4));
	CHECK_FALSE(tg_map_remove(map, 0, 4));
	CHECK_UINT(count_of(map, 0, 4), 0);
	CHECK_UINT(map->used, 9);
	CHECK_TRUE(tg_map_insert(map, 1, 99));
	free(map);
}

static void test_neighbours_in_one_slot_are_told_apart(void **state)
{
	struct tg_map *map = map_new(4);
	const uint64_t a = 5, b = 5 + (UINT64_C(7) << 32), c = 5 + 8;
	(void)state;

	CHECK_TRUE(tg_map_insert(map, a, 1) && tg_map_insert(map, b, 2) && tg_map_insert(map, c, 3));
	CHECK_UINT(count_of(map, a, 2) + count_of(map, a, 3) + count_of(map, b, 1) + count_of(map, c, 1), 0);
	CHECK_TRUE(tg_map_remove(map, a, 1));
	CHECK_UINT(count_of(map, b, 2), 1);
	CHECK_UINT(count_of(map, c, 3), 1);
	CHECK_FALSE(tg_map_remove(map, a, 2));
	free(map);
}

/* Against a plain array, with hashes that collide a lot: after each step every pair that must be there is found. */
static void test_agrees_with_an_array(void **state)
{
	enum { PAIRS = 60, STEPS = 5000 };
	struct tg_map *map = map_new(PAIRS);
	bool there[PAIRS] = { false };
	uint64_t hashes[PAIRS];
	uint32_t random = 3;
	(void)state;

	for (uint32_t i = 0; i < PAIRS; i++) {
		hashes[i] = (uint64_t)(i % 3) << 32 | (i % 11) * 13;
	}
	for (int step = 0; step < STEPS; step++) {
		random = random * 1664525 + 1013904223;
		const uint32_t at = (random >> 8) % PAIRS;

		if (there[at]) {
			CHECK_TRUE(tg_map_remove(map, hashes[at], at));
		} else {
			CHECK_TRUE(tg_map_insert(map, hashes[at], at));
		}
		there[at] = !there[at];
		for (uint32_t i = 0; i < PAIRS; i++) {
			CHECK_UINT(count_of(map, hashes[i], i), there[i]);
		}
	}
	free(map);
}

static void test_the_block_can_be_moved(void **state)
{
	const size_t size = tg_map_size(3);
	struct tg_map *map = map_new(3);
	struct tg_map *moved = malloc(size);
	(void)state;

	CHECK_TRUE(tg_map_insert(map, 77, 5));
	memcpy(moved, map, size);
	free(map);
	CHECK_UINT(count_of(moved, 77, 5), 1);
	free(moved);
}

static void test_an_empty_map_has_nothing(void **state)
{
	struct tg_map *map = map_new(0);
	(void)state;

	CHECK_FALSE(tg_map_insert(map, 1, 1));
	CHECK_FALSE(tg_map_remove(map, 1, 1));
	CHECK_UINT(count_of(map, 1, 1), 0);
	free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_several_values_share_a_hash),
		cmocka_unit_test(test_neighbours_in_one_slot_are_told_apart),
		cmocka_unit_test(test_agrees_with_an_array),
		cmocka_unit_test(test_the_block_can_be_moved),
		cmocka_unit_test(test_an_empty_map_has_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
