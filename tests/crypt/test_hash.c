/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/hash.h"

#include "check.h"

/* The key of the published test values of SipHash: 00 01 .. 0f; the input likewise. */
static const uint8_t counting[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static void test_siphash_of_64_bits(void **state)
{
	(void)state;
	/* Little-endian in memory; the value is the one in the appendix of the SipHash paper. */
	CHECK_UINT(crypt_siphash64(counting, (struct tg_span){ counting, 15 }), UINT64_C(0xa129ca6149be45e5));
	CHECK_UINT(crypt_siphash64(counting, (struct tg_span){ counting, 0 }), UINT64_C(0x726fdb47dd0e0e31));
}

static void test_siphash_of_128_bits(void **state)
{
	static const struct {
		size_t len;
		const char *mac;
	} cases[] = {
		{ 0, "a3817f04ba25a8e66df67214c7550293" },
		{ 1, "da87c1d86b99af44347659119b22fc45" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t mac[CRYPT_MAC_BYTES];
		char digits[2 * CRYPT_MAC_BYTES + 1];

		crypt_siphash128(mac, counting, (struct tg_span){ counting, cases[i].len });
		tg_hex_encode(digits, (struct tg_span){ mac, sizeof(mac) });
		CHECK_TEXT(digits, cases[i].mac);
	}
}

static void test_the_key_matters(void **state)
{
	uint8_t other[CRYPT_KEY_BYTES];
	(void)state;

	for (size_t bit = 0; bit < 8 * sizeof(other); bit++) {
		memcpy(other, counting, sizeof(other));
		other[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK_TRUE(crypt_siphash64(counting, TG_SPAN_LIT("x")) != crypt_siphash64(other, TG_SPAN_LIT("x")));
	}
}

static void test_comparing_and_wiping(void **state)
{
	uint8_t a[16] = { 1, 2, 3 }, b[16] = { 1, 2, 3 };
	(void)state;

	CHECK_TRUE(crypt_equal(a, b, sizeof(a)));
	b[15] = 1;
	CHECK_FALSE(crypt_equal(a, b, sizeof(a)));
	CHECK_TRUE(crypt_equal(a, b, 15));
	crypt_wipe(a, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++) {
		CHECK_UINT(a[i], 0);
	}
}

/* FIPS 180-2, appendix B.1; and of nothing. */
static void test_sha256(void **state)
{
	static const uint8_t abc[] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea },
			     none[] = { 0xe3, 0xb0, 0xc4, 0x42 };
	uint8_t hash[CRYPT_SHA256_BYTES];

	(void)state;
	crypt_sha256(hash, TG_SPAN_LIT("abc"));
	CHECK_TRUE(memcmp(hash, abc, sizeof(abc)) == 0);
	CHECK_UINT(hash[31], 0xad);
	crypt_sha256(hash, (struct tg_span){ 0 });
	CHECK_TRUE(memcmp(hash, none, sizeof(none)) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash_of_64_bits),
		cmocka_unit_test(test_siphash_of_128_bits),
		cmocka_unit_test(test_the_key_matters),
		cmocka_unit_test(test_comparing_and_wiping),
		cmocka_unit_test(test_sha256),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
