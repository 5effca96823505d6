/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ring.h"

#include "base/zeroed.h"
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static struct tg_ring *ring_new(uint32_t item_bytes, uint32_t count)
{
	return tg_ring_init(tg_zeroed_new(tg_ring_size(item_bytes, count)), item_bytes, count);
}

static void test_a_full_ring_refuses(void **state)
{
	struct tg_ring *ring = ring_new(4, 4);
	(void)state;

	CHECK_TRUE(tg_ring_front(ring) == NULL);
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t *item = tg_ring_room(ring);

		*item = i;
		tg_ring_push(ring);
	}
	CHECK_TRUE(tg_ring_room(ring) == NULL);
	CHECK_UINT(*(const uint32_t *)tg_ring_front(ring), 0);
	tg_ring_pop(ring);
	CHECK_TRUE(tg_ring_room(ring) != NULL);
	for (uint32_t i = 1; i < 4; i++) {
		CHECK_UINT(*(const uint32_t *)tg_ring_front(ring), i);
		tg_ring_pop(ring);
	}
	CHECK_TRUE(tg_ring_front(ring) == NULL);
	free(ring);
}

static void test_what_is_not_pushed_is_not_seen(void **state)
{
	struct tg_ring *ring = ring_new(4, 1);
	(void)state;

	CHECK_TRUE(tg_ring_room(ring) != NULL);
	CHECK_TRUE(tg_ring_front(ring) == NULL);
	tg_ring_push(ring);
	CHECK_TRUE(tg_ring_front(ring) != NULL);
	free(ring);
}

enum { ITEMS = 200000, WORDS = 9 };

struct item {
	uint32_t words[WORDS];
};

static void *write_items(void *owner)
{
	struct tg_ring *ring = owner;

	for (uint32_t n = 0; n < ITEMS; n++) {
		struct item *item;

		while ((item = tg_ring_room(ring)) == NULL) {
			sched_yield();
		}
		for (uint32_t w = 0; w < WORDS; w++) {
			item->words[w] = n * WORDS + w;
		}
		tg_ring_push(ring);
	}
	return NULL;
}

/* Another thread writes as fast as it can; every item arrives whole, once and in order. */
static void test_two_threads(void **state)
{
	struct tg_ring *ring = ring_new(sizeof(struct item), 64);
	pthread_t writer;
	uint32_t wrong = 0;
	(void)state;

	CHECK_INT(pthread_create(&writer, NULL, write_items, ring), 0);
	for (uint32_t n = 0; n < ITEMS; n++) {
		const struct item *item;

		while ((item = tg_ring_front(ring)) == NULL) {
			sched_yield();
		}
		for (uint32_t w = 0; w < WORDS; w++) {
			wrong += item->words[w] != n * WORDS + w;
		}
		tg_ring_pop(ring);
	}
	CHECK_INT(pthread_join(writer, NULL), 0);
	CHECK_UINT(wrong, 0);
	CHECK_TRUE(tg_ring_front(ring) == NULL);
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_full_ring_refuses),
		cmocka_unit_test(test_what_is_not_pushed_is_not_seen),
		cmocka_unit_test(test_two_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
