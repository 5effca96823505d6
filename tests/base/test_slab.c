/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slab.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static struct tg_slab *slab_new(uint32_t item_bytes, uint32_t count)
{
	return tg_slab_init(calloc(1, tg_slab_size(item_bytes, count)), item_bytes, count);
}

static void test_items_are_zeroed_and_apart(void **state)
{
	enum { ITEMS = 7, ITEM_BYTES = 13 };
	struct tg_slab *slab = slab_new(ITEM_BYTES, ITEMS);
	(void)state;

	for (int round = 0; round < 2; round++) {
		struct tg_ref refs[ITEMS], none;

		for (int i = 0; i < ITEMS; i++) {
			uint8_t *item = tg_slab_take(slab, &refs[i]);

			for (int k = 0; k < ITEM_BYTES; k++) {
				CHECK_UINT(item[k], 0);
				item[k] = (uint8_t)(i + 1);
			}
		}
		CHECK_TRUE(tg_slab_take(slab, &none) == NULL);
		CHECK_TRUE(tg_ref_is_none(none));
		CHECK_UINT(slab->used, ITEMS);
		for (int i = 0; i < ITEMS; i++) {
			const uint8_t *item = tg_slab_find(slab, refs[i]);

			CHECK_UINT((uintptr_t)item % 8, 0);
			CHECK_UINT(item[0], i + 1);
			CHECK_UINT(item[ITEM_BYTES - 1], i + 1);
			CHECK_TRUE(tg_ref_equal(tg_slab_ref(slab, item), refs[i]));
			tg_slab_give(slab, refs[i]);
		}
	}
	CHECK_UINT(slab->used, 0);
	CHECK_UINT(slab->peak, ITEMS);
	free(slab);
}

static void test_stale_references_find_nothing(void **state)
{
	struct tg_slab *slab = slab_new(8, 1);
	struct tg_ref old, now;
	(void)state;

	CHECK_TRUE(tg_slab_take(slab, &old) != NULL);
	tg_slab_give(slab, old);
	CHECK_TRUE(tg_slab_find(slab, old) == NULL);
	CHECK_TRUE(tg_slab_take(slab, &now) != NULL);
	CHECK_UINT(now.index, old.index);
	CHECK_TRUE(tg_slab_find(slab, old) == NULL);
	CHECK_TRUE(tg_slab_find(slab, now) != NULL);
	CHECK_TRUE(tg_slab_find(slab, TG_NO_REF) == NULL);
	CHECK_TRUE(tg_slab_find(slab, (struct tg_ref){ 1, now.gen }) == NULL);
	CHECK_TRUE(tg_slab_find(slab, (struct tg_ref){ UINT32_MAX, now.gen }) == NULL);
	tg_slab_give(slab, now);
	CHECK_TRUE(tg_slab_find(slab, (struct tg_ref){ now.index, now.gen + 1 }) == NULL); /* free, whatever the gen */
	free(slab);
}

static void test_a_walk_sees_exactly_the_live_ones(void **state)
{
	struct tg_slab *slab = slab_new(4, 5);
	struct tg_ref refs[5];
	(void)state;

	for (int i = 0; i < 5; i++) {
		CHECK_TRUE(tg_slab_take(slab, &refs[i]) != NULL);
	}
	tg_slab_give(slab, refs[1]);
	tg_slab_give(slab, refs[3]);
	for (uint32_t i = 0; i < slab->count; i++) {
		struct tg_ref ref = TG_NO_REF;
		const void *item = tg_slab_at(slab, i, &ref);

		CHECK_UINT(item != NULL, i % 2 == 0);
		CHECK_TRUE(item == NULL || tg_slab_find(slab, ref) == item);
		CHECK_TRUE(tg_slab_at(slab, i, NULL) == item);
	}
	free(slab);
}

/* The block holds no pointer: a copy elsewhere goes on as if it were the first. */
static void test_the_block_can_be_moved(void **state)
{
	const size_t size = tg_slab_size(8, 4);
	struct tg_slab *slab = slab_new(8, 4);
	struct tg_slab *moved = malloc(size);
	struct tg_ref first, second;
	uint64_t *item = tg_slab_take(slab, &first);
	(void)state;

	*item = 42;
	memcpy(moved, slab, size);
	free(slab);
	item = tg_slab_find(moved, first);
	CHECK_UINT(*item, 42);
	CHECK_TRUE(tg_slab_take(moved, &second) != NULL);
	CHECK_FALSE(tg_ref_equal(first, second));
	free(moved);
}

static void test_what_was_never_taken_is_not_touched(void **state)
{
	enum { ITEMS = 8, ITEM_BYTES = 24, UNTOUCHED = 0xaa };
	const size_t size = tg_slab_size(ITEM_BYTES, ITEMS), each = (size - sizeof(struct tg_slab)) / ITEMS;
	uint8_t *mem = malloc(size);
	struct tg_ref refs[3];
	(void)state;

	memset(mem, UNTOUCHED, size); /* nothing may count on zeros, either */
	struct tg_slab *slab = tg_slab_init(mem, ITEM_BYTES, ITEMS);

	for (int i = 0; i < 3; i++) {
		CHECK_TRUE(tg_slab_take(slab, &refs[i]) != NULL);
	}
	tg_slab_give(slab, refs[1]);
	CHECK_TRUE(tg_slab_take(slab, &refs[1]) != NULL); /* the place that was given back, no new one */
	for (uint32_t i = 3; i < ITEMS; i++) {
		CHECK_TRUE(tg_slab_at(slab, i, NULL) == NULL);
		CHECK_TRUE(tg_slab_find(slab, (struct tg_ref){ i, UINT32_C(0xaaaaaaab) }) == NULL);
	}
	for (size_t i = sizeof(struct tg_slab) + 3 * each; i < size; i++) {
		CHECK_UINT(mem[i], UNTOUCHED);
	}
	free(mem);
}

static void test_references_are_packed_and_unpacked(void **state)
{
	const struct tg_ref ref = { .index = 0xfedcba98, .gen = 0x76543211 };
	(void)state;

	CHECK_TRUE(tg_ref_equal(tg_ref_unpack(tg_ref_pack(ref)), ref));
	CHECK_UINT(tg_ref_pack(TG_NO_REF), 0);
	CHECK_TRUE(tg_ref_is_none(tg_ref_unpack(0)));
}

/* Against a plain array of what must be live: whatever is taken and given, both agree. */
static void test_agrees_with_an_array(void **state)
{
	enum { ITEMS = 40, STEPS = 20000 };
	struct tg_slab *slab = slab_new(sizeof(uint32_t), ITEMS);
	struct tg_ref refs[ITEMS] = { 0 };
	uint32_t values[ITEMS] = { 0 };
	uint32_t live = 0, random = 7;
	(void)state;

	for (uint32_t step = 1; step <= STEPS; step++) {
		const uint32_t i = (random = random * 1664525 + 1013904223) >> 8 & 0xffff;
		const uint32_t at = i % ITEMS;

		if (tg_ref_is_none(refs[at])) {
			uint32_t *item = tg_slab_take(slab, &refs[at]);

			*item = values[at] = step;
			live++;
		} else {
			const uint32_t *item = tg_slab_find(slab, refs[at]);

			CHECK_UINT(*item, values[at]);
			tg_slab_give(slab, refs[at]);
			CHECK_TRUE(tg_slab_find(slab, refs[at]) == NULL);
			refs[at] = TG_NO_REF;
			live--;
		}
		CHECK_UINT(slab->used, live);
	}
	free(slab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items_are_zeroed_and_apart),
		cmocka_unit_test(test_stale_references_find_nothing),
		cmocka_unit_test(test_a_walk_sees_exactly_the_live_ones),
		cmocka_unit_test(test_the_block_can_be_moved),
		cmocka_unit_test(test_what_was_never_taken_is_not_touched),
		cmocka_unit_test(test_references_are_packed_and_unpacked),
		cmocka_unit_test(test_agrees_with_an_array),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
