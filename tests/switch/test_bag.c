/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/bag.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>

enum { POOL = 200 };

static struct tg_slab *pool_new(void)
{
	return bag_pool_init(calloc(1, bag_pool_size(POOL)), POOL);
}

static struct tg_span text_of(char fill, size_t len, uint8_t *bytes)
{
	memset(bytes, fill, len);
	return (struct tg_span){ bytes, len };
}

/* Lengths around the cuts between pieces. */
static void test_gives_back_what_was_set(void **state)
{
	static const size_t lens[] = { 1, 2, 111, 112, 113, 115, 116, 117, 231, 232, 233, 1000, BAG_VALUE_MAX };
	static const char *const names[] = {
		"A", "DIALSTATUS", "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
	};
	struct tg_slab *pool = pool_new();
	uint8_t in[BAG_VALUE_MAX], out[BAG_VALUE_MAX];
	struct bag bag = { 0 };
	(void)state;

	for (size_t n = 0; n < TG_COUNT(names); n++) {
		for (size_t i = 0; i < TG_COUNT(lens); i++) {
			const struct tg_span value = text_of((char)('a' + i), lens[i], in);

			CHECK_TRUE(bag_set(pool, &bag, BAG_PLAIN, tg_span_text(names[n]), value, false));
			CHECK_UINT(bag_get(pool, &bag, BAG_PLAIN, tg_span_text(names[n]), out, NULL), lens[i]);
			CHECK_SPAN(((struct tg_span){ out, lens[i] }), value);
		}
		CHECK_TRUE(bag_set(pool, &bag, BAG_PLAIN, tg_span_text(names[n]), TG_SPAN_LIT("short"), false));
	}
	CHECK_UINT(bag_get(pool, &bag, BAG_PLAIN, TG_SPAN_LIT("A"), out, NULL), 5);
	CHECK_UINT(bag_get(pool, &bag, BAG_PLAIN, TG_SPAN_LIT("B"), out, NULL), 0);
	CHECK_UINT(bag_get(pool, &bag, BAG_IAX, TG_SPAN_LIT("A"), out, NULL), 0);
	bag_clear(pool, &bag);
	CHECK_UINT(pool->used, 0);
	CHECK_UINT(bag.first, 0);
	free(pool);
}

static void test_the_two_spaces_are_apart(void **state)
{
	struct tg_slab *pool = pool_new();
	uint8_t name[BAG_NAME_MAX], value[BAG_VALUE_MAX];
	size_t name_len, value_len;
	uint32_t cursor = 0;
	struct bag bag = { 0 };
	(void)state;

	CHECK_TRUE(bag_set(pool, &bag, BAG_IAX, TG_SPAN_LIT("DIALSTATUS"), TG_SPAN_LIT("forged"), false));
	CHECK_TRUE(bag_set(pool, &bag, BAG_PLAIN, TG_SPAN_LIT("DIALSTATUS"), TG_SPAN_LIT("ANSWER"), false));
	CHECK_TRUE(bag_set(pool, &bag, BAG_IAX, TG_SPAN_LIT("colour"), TG_SPAN_LIT("blue"), false));
	CHECK_UINT(bag_get(pool, &bag, BAG_PLAIN, TG_SPAN_LIT("DIALSTATUS"), value, NULL), 6);
	CHECK_TRUE(bag_next(pool, &bag, BAG_IAX, &cursor, name, &name_len, value, &value_len));
	CHECK_SPAN(((struct tg_span){ value, value_len }), TG_SPAN_LIT("forged"));
	CHECK_TRUE(bag_next(pool, &bag, BAG_IAX, &cursor, name, &name_len, value, &value_len));
	CHECK_SPAN(((struct tg_span){ name, name_len }), TG_SPAN_LIT("colour"));
	CHECK_FALSE(bag_next(pool, &bag, BAG_IAX, &cursor, name, &name_len, value, &value_len));
	CHECK_TRUE(bag_set(pool, &bag, BAG_IAX, TG_SPAN_LIT("DIALSTATUS"), (struct tg_span){ 0 }, false));
	CHECK_UINT(bag_get(pool, &bag, BAG_IAX, TG_SPAN_LIT("DIALSTATUS"), value, NULL), 0);
	CHECK_UINT(bag_get(pool, &bag, BAG_PLAIN, TG_SPAN_LIT("DIALSTATUS"), value, NULL), 6);
	bag_clear(pool, &bag);
	CHECK_UINT(pool->used, 0);
	free(pool);
}

static void test_a_full_bag_or_pool_changes_nothing(void **state)
{
	struct tg_slab *pool = pool_new();
	uint8_t in[BAG_VALUE_MAX + 1], out[BAG_VALUE_MAX];
	struct bag bags[3] = { { 0 } };
	(void)state;

	for (size_t b = 0; b < TG_COUNT(bags); b++) {
		unsigned n = 0;
		char name[16];

		do {
			snprintf(name, sizeof(name), "N%u", n++);
		} while (bag_set(pool, &bags[b], BAG_PLAIN, tg_span_text(name), text_of('x', 100, in), false));
		CHECK_TRUE(n <= BAG_PIECES_MAX + 1);
		CHECK_TRUE(bags[b].pieces <= BAG_PIECES_MAX);
		CHECK_UINT(bag_get(pool, &bags[b], BAG_PLAIN, tg_span_text(name), out, NULL), 0);
	}
	CHECK_UINT(pool->used, POOL);
	CHECK_FALSE(bag_set(pool, &bags[2], BAG_PLAIN, TG_SPAN_LIT("N0"), text_of('y', 200, in), false));
	if (bags[2].pieces > 0) {
		CHECK_UINT(bag_get(pool, &bags[2], BAG_PLAIN, TG_SPAN_LIT("N0"), out, NULL), 100);
		CHECK_UINT(out[0], 'x');
	}
	for (size_t b = 0; b < TG_COUNT(bags); b++) {
		bag_clear(pool, &bags[b]);
	}
	CHECK_UINT(pool->used, 0);
	CHECK_FALSE(bag_set(pool, &bags[0], BAG_PLAIN, TG_SPAN_LIT("N"), text_of('z', BAG_VALUE_MAX + 1, in), false));
	CHECK_FALSE(bag_set(pool, &bags[0], BAG_PLAIN, text_of('n', BAG_NAME_MAX + 1, in), TG_SPAN_LIT("v"), false));
	CHECK_FALSE(bag_set(pool, &bags[0], BAG_PLAIN, (struct tg_span){ 0 }, TG_SPAN_LIT("v"), false));
	CHECK_UINT(pool->used, 0);
	free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gives_back_what_was_set),
		cmocka_unit_test(test_the_two_spaces_are_apart),
		cmocka_unit_test(test_a_full_bag_or_pool_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
