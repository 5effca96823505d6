/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/numbers.h"
#include "iax/tombs.h"

#include "check.h"

#include <stdlib.h>
#include <time.h>

enum { USABLE = IAX_CALLNO_MAX - IAX_CALLNO_MIN + 1 };

static struct crypt_random random_of(uint8_t seed)
{
	const uint8_t bytes[CRYPT_SEED_BYTES] = { seed };
	struct crypt_random random;

	crypt_random_init(&random, bytes);
	return random;
}

static bool none_barred(const void *owner, uint16_t number)
{
	(void)owner;
	(void)number;
	return false;
}

/* The remote holds the numbers that are set in this array. */
static bool held(const void *owner, uint16_t number)
{
	const bool *mine = owner;

	return mine[number];
}

static void test_each_number_is_given_once_while_any_is_free(void **state)
{
	struct iax_numbers *numbers = malloc(sizeof(*numbers));
	struct crypt_random random = random_of(1);
	static bool seen[IAX_NUMBERS_ALL];

	(void)state;
	iax_numbers_init(numbers);
	memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i < USABLE; i++) {
		const uint16_t number = iax_numbers_take(numbers, &random, none_barred, NULL);

		CHECK_TRUE(number >= IAX_CALLNO_MIN && number <= IAX_CALLNO_MAX);
		CHECK_FALSE(seen[number]);
		seen[number] = true;
	}
	CHECK_UINT(numbers->used, USABLE);
	iax_numbers_give(numbers, 4711);
	CHECK_UINT(iax_numbers_take(numbers, &random, none_barred, NULL), 4711);
	free(numbers);
}

static void test_when_none_is_free_another_remote_shares(void **state)
{
	struct iax_numbers *numbers = malloc(sizeof(*numbers));
	struct crypt_random random = random_of(2);
	static bool mine[IAX_NUMBERS_ALL];

	(void)state;
	iax_numbers_init(numbers);
	memset(mine, 0, sizeof(mine));
	for (unsigned i = 0; i < USABLE; i++) {
		iax_numbers_take(numbers, &random, none_barred, NULL);
	}
	for (unsigned i = 0; i < 1000; i++) {
		const uint16_t number = iax_numbers_take(numbers, &random, held, mine);

		CHECK_TRUE(number != 0);
		CHECK_FALSE(mine[number]);
		mine[number] = true;
	}
	CHECK_UINT(numbers->used, USABLE);
	for (unsigned i = 0; i < IAX_NUMBERS_ALL; i++) {
		mine[i] = true;
	}
	CHECK_UINT(iax_numbers_take(numbers, &random, held, mine), 0);
	free(numbers);
}

static void test_a_barred_number_is_passed_over(void **state)
{
	struct iax_numbers *numbers = malloc(sizeof(*numbers));
	struct crypt_random random = random_of(3);
	static bool mine[IAX_NUMBERS_ALL];

	(void)state;
	iax_numbers_init(numbers);
	memset(mine, 1, sizeof(mine));
	mine[12345] = false;
	CHECK_UINT(iax_numbers_take(numbers, &random, held, mine), 12345);
	iax_numbers_give(numbers, 12345);
	CHECK_UINT(numbers->used, 0);
	free(numbers);
}

static void test_numbers_are_spread_evenly(void **state)
{
	struct iax_numbers *numbers = malloc(sizeof(*numbers));
	struct crypt_random random = random_of(4);
	unsigned bins[16] = { 0 };

	(void)state;
	iax_numbers_init(numbers);
	for (unsigned i = 0; i < 16000; i++) {
		const uint16_t number = iax_numbers_take(numbers, &random, none_barred, NULL);

		bins[number / (IAX_NUMBERS_ALL / 16)]++;
		iax_numbers_give(numbers, number);
	}
	for (unsigned i = 0; i < 16; i++) {
		CHECK_TRUE(bins[i] > 850 && bins[i] < 1150);
	}
	free(numbers);
}

static struct tg_addr addr(uint8_t host, uint16_t port)
{
	const uint8_t ip[4] = { 192, 0, 2, host };

	return tg_addr_ipv4(ip, port);
}

static struct iax_tombs *tombs_new(uint32_t capacity)
{
	static const uint8_t key[CRYPT_KEY_BYTES] = { 9 };

	return iax_tombs_init(calloc(1, iax_tombs_size(capacity)), capacity, key);
}

static void test_a_tomb_answers_ten_seconds_and_bars_sixty(void **state)
{
	struct iax_tombs *tombs = tombs_new(8);
	const uint64_t t = 5 * TG_US_PER_S;

	(void)state;
	iax_tombs_add(tombs, &(struct iax_tomb){ .remote = addr(1, 4569), .number = 77, .remote_number = 88 }, t);
	CHECK_TRUE(iax_tombs_find(tombs, addr(1, 4569), 77, t + IAX_TOMB_ANSWERS_US - 1) != NULL);
	CHECK_TRUE(iax_tombs_find(tombs, addr(1, 4569), 77, t + IAX_TOMB_ANSWERS_US) == NULL);
	CHECK_TRUE(iax_tombs_find_remote(tombs, addr(1, 4569), 88, t + 1) != NULL);
	CHECK_TRUE(iax_tombs_find_remote(tombs, addr(1, 4569), 77, t + 1) == NULL);
	CHECK_TRUE(iax_tombs_find(tombs, addr(1, 4570), 77, t + 1) == NULL);
	CHECK_TRUE(iax_tombs_find(tombs, addr(2, 4569), 77, t + 1) == NULL);
	CHECK_TRUE(iax_tombs_bar(tombs, addr(1, 4569), 77, t + IAX_TOMB_BARS_US - 1));
	CHECK_FALSE(iax_tombs_bar(tombs, addr(1, 4569), 77, t + IAX_TOMB_BARS_US));
	CHECK_FALSE(iax_tombs_bar(tombs, addr(2, 4569), 77, t + 1));
	free(tombs);
}

static void test_a_full_ring_forgets_the_oldest(void **state)
{
	struct iax_tombs *tombs = tombs_new(4);

	(void)state;
	for (uint16_t i = 0; i < 1000; i++) {
		iax_tombs_add(
			tombs,
			&(struct iax_tomb){ .remote = addr(1, 1), .number = (uint16_t)(2 + i), .remote_number = 9 }, i);
	}
	CHECK_UINT(iax_tombs_count(tombs), 4);
	CHECK_FALSE(iax_tombs_bar(tombs, addr(1, 1), 997, 1000));
	CHECK_TRUE(iax_tombs_bar(tombs, addr(1, 1), 998, 1000));
	CHECK_UINT(iax_tombs_find_remote(tombs, addr(1, 1), 9, 1000)->number, 1001);
	iax_tombs_add(tombs, &(struct iax_tomb){ .remote = addr(1, 1), .number = 2, .remote_number = 3 },
	              UINT64_C(100) * TG_US_PER_S);
	CHECK_UINT(iax_tombs_count(tombs), 1);
	free(tombs);
}

enum { TOMBS = 20000 };

/* The ring is filled and turns once. */
static double seconds_for(bool numbered)
{
	struct iax_tombs *tombs = tombs_new(TOMBS);
	const clock_t start = clock();

	for (unsigned i = 0; i < 2 * TOMBS; i++) {
		const uint16_t number = (uint16_t)(2 + i);
		const struct iax_tomb tomb = {
			.remote = addr(1, 1),
			.number = number,
			.remote_number = numbered ? number : 0,
		};

		iax_tombs_add(tombs, &tomb, i);
	}
	free(tombs);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* Legs whose peers never told a number share no key, so they cost no more than others. */
static void test_tombs_without_a_remote_number_are_as_cheap(void **state)
{
	(void)state;
	CHECK_TRUE(seconds_for(false) < 0.1 + 4 * seconds_for(true));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_number_is_given_once_while_any_is_free),
		cmocka_unit_test(test_when_none_is_free_another_remote_shares),
		cmocka_unit_test(test_a_barred_number_is_passed_over),
		cmocka_unit_test(test_numbers_are_spread_evenly),
		cmocka_unit_test(test_a_tomb_answers_ten_seconds_and_bars_sixty),
		cmocka_unit_test(test_a_full_ring_forgets_the_oldest),
		cmocka_unit_test(test_tombs_without_a_remote_number_are_as_cheap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
