/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/random.h"

#include "check.h"

static const uint8_t seed[CRYPT_SEED_BYTES] = { 1, 2, 3, 4 };

static void test_one_seed_gives_one_sequence(void **state)
{
	struct crypt_random a, b;
	uint8_t at_once[3000], piece[3000];
	size_t done = 0;
	(void)state;

	crypt_random_init(&a, seed);
	crypt_random_init(&b, seed);
	crypt_random_bytes(&a, at_once, sizeof(at_once));
	for (size_t len = 0; done + len <= sizeof(piece); len++) { /* in pieces of 0, 1, 2, ... octets */
		crypt_random_bytes(&b, piece + done, len);
		done += len;
	}
	CHECK_TRUE(done > 2 * CRYPT_RANDOM_BLOCK_BYTES);
	CHECK_SPAN(((struct tg_span){ piece, done }), ((struct tg_span){ at_once, done }));
}

static void test_another_seed_gives_another(void **state)
{
	uint8_t other_seed[CRYPT_SEED_BYTES], x[16], y[16];
	struct crypt_random a, b;
	(void)state;

	memcpy(other_seed, seed, sizeof(seed));
	other_seed[31] ^= 1;
	crypt_random_init(&a, seed);
	crypt_random_init(&b, other_seed);
	crypt_random_bytes(&a, x, sizeof(x));
	crypt_random_bytes(&b, y, sizeof(y));
	CHECK_TRUE(memcmp(x, y, sizeof(x)) != 0);
}

/* A plain value: a copy goes on as the original does. */
static void test_a_copy_goes_on_alike(void **state)
{
	struct crypt_random a, copy;
	uint8_t x[700], y[700];
	(void)state;

	crypt_random_init(&a, seed);
	crypt_random_bytes(&a, x, 100);
	copy = a;
	crypt_random_bytes(&a, x, sizeof(x));
	crypt_random_bytes(&copy, y, sizeof(y));
	CHECK_SPAN(((struct tg_span){ x, sizeof(x) }), ((struct tg_span){ y, sizeof(y) }));
}

/* What was given away is nowhere in the generator any more. */
static void test_earlier_numbers_are_gone(void **state)
{
	struct crypt_random a;
	uint8_t given[CRYPT_RANDOM_BLOCK_BYTES / 2];
	(void)state;

	crypt_random_init(&a, seed);
	crypt_random_bytes(&a, given, sizeof(given));
	CHECK_TRUE(memcmp(a.seed, seed, sizeof(seed)) != 0);
	for (size_t at = 0; at + 16 <= sizeof(a.block); at++) {
		CHECK_TRUE(memcmp(a.block + at, given, 16) != 0);
	}
}

static void test_bounds_are_kept_and_every_value_comes(void **state)
{
	static const uint32_t bounds[] = { 1, 2, 3, 7, 255, 256, 257 };
	struct crypt_random a;
	(void)state;

	crypt_random_init(&a, seed);
	for (size_t i = 0; i < TG_COUNT(bounds); i++) {
		uint32_t seen[257] = { 0 };
		const uint32_t draws = bounds[i] * 200;

		for (uint32_t n = 0; n < draws; n++) {
			const uint32_t drawn = crypt_random_below(&a, bounds[i]);

			CHECK_TRUE(drawn < bounds[i]);
			seen[drawn]++;
		}
		for (uint32_t v = 0; v < bounds[i]; v++) { /* 200 expected, 14 is one standard deviation */
			CHECK_TRUE(bounds[i] == 1 || (seen[v] > 100 && seen[v] < 300));
		}
	}
	for (int n = 0; n < 1000; n++) { /* the upper third: half of all naive draws would be unfair here */
		CHECK_TRUE(crypt_random_below(&a, 0xc0000000) < 0xc0000000);
	}
}

/* With this bound a plain remainder would draw the lower half twice as often as the upper. */
static void test_a_large_bound_is_fair(void **state)
{
	struct crypt_random a;
	uint32_t low = 0;
	(void)state;

	crypt_random_init(&a, seed);
	for (int n = 0; n < 30000; n++) {
		low += crypt_random_below(&a, 0xc0000000) < 0x40000000;
	}
	CHECK_TRUE(low > 9500 && low < 10500); /* 10000 expected, 82 is one standard deviation; unfair: 15000 */
}

static void test_the_kernel_gives_seeds(void **state)
{
	uint8_t a[CRYPT_SEED_BYTES] = { 0 }, b[CRYPT_SEED_BYTES] = { 0 };
	(void)state;

	crypt_seed_from_kernel(a);
	crypt_seed_from_kernel(b);
	CHECK_TRUE(memcmp(a, b, sizeof(a)) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_seed_gives_one_sequence),
		cmocka_unit_test(test_another_seed_gives_another),
		cmocka_unit_test(test_a_copy_goes_on_alike),
		cmocka_unit_test(test_earlier_numbers_are_gone),
		cmocka_unit_test(test_bounds_are_kept_and_every_value_comes),
		cmocka_unit_test(test_a_large_bound_is_fair),
		cmocka_unit_test(test_the_kernel_gives_seeds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
