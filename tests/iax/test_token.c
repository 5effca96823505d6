/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/token.h"

#include "check.h"

enum { SLOT_MS = 8000, SLOT_US = SLOT_MS * TG_US_PER_MS };

#define START_US (UINT64_C(1700000000) * TG_US_PER_S) /* the first moment of a slot */

static const uint8_t key[CRYPT_KEY_BYTES] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

struct token {
	uint8_t bytes[IAX_TOKEN_BYTES_MAX];
	size_t len;
};

static struct iax_token_keys keys_of(bool text)
{
	struct iax_token_keys keys;

	iax_token_keys_init(&keys, key, SLOT_MS, text, START_US, 1000);
	return keys;
}

/* Times below are after the start of the keys. */
static struct token make(const struct iax_token_keys *keys, struct tg_addr remote, struct tg_addr local, uint64_t at_us)
{
	struct token token;

	token.len = iax_token_make(keys, &remote, &local, keys->start_us + at_us, token.bytes);
	return token;
}

static bool check(const struct iax_token_keys *keys, struct tg_addr remote, struct tg_addr local,
                  const struct token *token, uint64_t at_us)
{
	return iax_token_check(keys, &remote, &local, (struct tg_span){ token->bytes, token->len },
	                       keys->start_us + at_us);
}

static struct tg_addr addr(const char *text)
{
	struct tg_addr out;

	CHECK_TRUE(tg_addr_parse(&out, tg_span_text(text), 4569));
	return out;
}

/* Computed apart from this code, after the description of the token; exchanges that share a key rely on it. */
static void test_known_tokens(void **state)
{
	const struct {
		bool text;
		const char *remote, *local;
		struct tg_span want;
	} cases[] = {
		{ false, "203.0.113.7", "192.0.2.1", TG_SPAN_LIT("\x56\x91\x28\x6b\x9b\x2b\x30") },
		{ false, "2001:db8::7", "2001:db8::1", TG_SPAN_LIT("\x56\xa7\x46\x2b\xb2\x82\xb8") },
		{ true, "203.0.113.7", "192.0.2.1", TG_SPAN_LIT("VpEoa5srMA") },
		{ true, "2001:db8::7", "2001:db8::1", TG_SPAN_LIT("VqdGK7KCuA") },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct iax_token_keys keys = keys_of(cases[i].text);
		const struct token token = make(&keys, addr(cases[i].remote), addr(cases[i].local), 0);

		CHECK_SPAN(((struct tg_span){ token.bytes, token.len }), cases[i].want);
	}
}

static void test_good_for_exactly_its_addresses(void **state)
{
	static const struct {
		const char *remote, *local;
		bool want;
	} cases[] = {
		{ "203.0.113.7:4569", "192.0.2.1:4569", true },
		{ "203.0.113.7:4570", "192.0.2.1:4569", false },
		{ "203.0.113.7:4568", "192.0.2.1:4569", false },
		{ "203.0.113.6:4569", "192.0.2.1:4569", false },
		{ "203.0.113.7:4569", "192.0.2.2:4569", false },
		{ "203.0.113.7:4569", "192.0.2.1:4570", false },
		{ "192.0.2.1:4569", "203.0.113.7:4569", false },
		{ "[2001:db8::7]:4569", "192.0.2.1:4569", false },
		{ "[::ffff:203.0.113.7]:4569", "192.0.2.1:4569", true }, /* the same address */
	};
	(void)state;

	for (int text = 0; text < 2; text++) {
		const struct iax_token_keys keys = keys_of(text);
		const struct token token = make(&keys, addr(cases[0].remote), addr(cases[0].local), 0);

		for (size_t i = 0; i < TG_COUNT(cases); i++) {
			CHECK_UINT(check(&keys, addr(cases[i].remote), addr(cases[i].local), &token, 0), cases[i].want);
		}
	}
}

static void test_good_in_its_slot_and_the_next(void **state)
{
	static const uint64_t made_at_us[] = { 5 * (uint64_t)SLOT_US, 5 * (uint64_t)SLOT_US + 1,
		                               6 * (uint64_t)SLOT_US - 1 };
	const struct tg_addr remote = addr("203.0.113.7"), local = addr("192.0.2.1");
	const uint64_t first_us = 5 * (uint64_t)SLOT_US, end_us = 7 * (uint64_t)SLOT_US;
	(void)state;

	for (int text = 0; text < 2; text++) {
		const struct iax_token_keys keys = keys_of(text);

		for (size_t i = 0; i < TG_COUNT(made_at_us); i++) {
			const struct token token = make(&keys, remote, local, made_at_us[i]);

			CHECK_FALSE(check(&keys, remote, local, &token, first_us - 1));
			CHECK_TRUE(check(&keys, remote, local, &token, first_us));
			CHECK_TRUE(check(&keys, remote, local, &token, end_us - 1));
			CHECK_FALSE(check(&keys, remote, local, &token, end_us));
			/* The slot's octet comes again after 255 slots; the MAC has the whole counter. */
			CHECK_FALSE(check(&keys, remote, local, &token, first_us + 255 * (uint64_t)SLOT_US));
		}
	}
}

/* A simulation has no wall clock: its first slot has none before it. */
static void test_the_very_first_slot(void **state)
{
	const struct tg_addr remote = addr("203.0.113.7"), local = addr("192.0.2.1");
	struct iax_token_keys keys;
	(void)state;

	iax_token_keys_init(&keys, key, SLOT_MS, false, 0, 0);
	const struct token token = make(&keys, remote, local, 0);

	CHECK_TRUE(check(&keys, remote, local, &token, 0));
	CHECK_TRUE(check(&keys, remote, local, &token, 2 * SLOT_US - 1));
	CHECK_FALSE(check(&keys, remote, local, &token, 2 * SLOT_US));
}

static void test_any_changed_octet_is_noticed(void **state)
{
	const struct tg_addr remote = addr("203.0.113.7"), local = addr("192.0.2.1");
	(void)state;

	for (int text = 0; text < 2; text++) {
		const struct iax_token_keys keys = keys_of(text);
		const struct token good = make(&keys, remote, local, 0);

		for (size_t i = 0; i < 8 * good.len; i++) {
			struct token bad = good;

			bad.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
			CHECK_FALSE(check(&keys, remote, local, &bad, 0));
		}
	}
}

static void test_other_lengths_are_wrong(void **state)
{
	const struct tg_addr remote = addr("203.0.113.7"), local = addr("192.0.2.1");
	(void)state;

	for (int text = 0; text < 2; text++) {
		const struct iax_token_keys keys = keys_of(text);
		const struct token token = make(&keys, remote, local, 0);
		uint8_t longer[255] = { 0 };

		CHECK_UINT(token.len, text ? IAX_TOKEN_TEXT_BYTES : IAX_TOKEN_BYTES);
		memcpy(longer, token.bytes, token.len);
		for (size_t len = 0; len <= sizeof(longer); len++) {
			CHECK_UINT(
				iax_token_check(&keys, &remote, &local, (struct tg_span){ longer, len }, keys.start_us),
				len == token.len);
		}
	}
}

static void test_another_key_or_start_makes_others(void **state)
{
	static const uint8_t other_key[CRYPT_KEY_BYTES] = { 1 };
	const struct tg_addr remote = addr("203.0.113.7"), local = addr("192.0.2.1");
	const struct iax_token_keys keys = keys_of(false);
	const struct token token = make(&keys, remote, local, 0);
	struct iax_token_keys other;
	(void)state;

	iax_token_keys_init(&other, other_key, SLOT_MS, false, START_US, 1000);
	CHECK_FALSE(check(&other, remote, local, &token, 0));
	/* The same key on another machine, whose monotonic clock stands elsewhere. */
	iax_token_keys_init(&other, key, SLOT_MS, false, START_US + 3 * TG_US_PER_S, 987654321);
	CHECK_TRUE(check(&other, remote, local, &token, 0));
}

/* Some clients treat a token as a C string. */
static void test_no_octet_is_zero(void **state)
{
	const struct tg_addr local = addr("192.0.2.1");
	struct tg_addr remote = addr("203.0.113.7");
	const struct iax_token_keys keys = keys_of(false);
	bool low = false, high = false;
	(void)state;

	for (uint32_t i = 0; i < 20000; i++) {
		remote.port = (uint16_t)i;
		const struct token token = make(&keys, remote, local, i * (uint64_t)SLOT_US);

		for (size_t k = 0; k < token.len; k++) {
			CHECK_TRUE(token.bytes[k] != 0);
			low = low || token.bytes[k] == 1;
			high = high || token.bytes[k] == 255;
		}
	}
	CHECK_TRUE(low && high);
}

static void test_text_is_of_harmless_characters(void **state)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const struct tg_addr local = addr("192.0.2.1");
	struct tg_addr remote = addr("203.0.113.7");
	const struct iax_token_keys keys = keys_of(true);
	(void)state;

	for (uint32_t i = 0; i < 5000; i++) {
		remote.port = (uint16_t)i;
		const struct token token = make(&keys, remote, local, i * (uint64_t)SLOT_US);

		for (size_t k = 0; k < token.len; k++) {
			CHECK_TRUE(memchr(allowed, token.bytes[k], sizeof(allowed) - 1) != NULL);
		}
		CHECK_TRUE(check(&keys, remote, local, &token, i * (uint64_t)SLOT_US));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_tokens),
		cmocka_unit_test(test_good_for_exactly_its_addresses),
		cmocka_unit_test(test_good_in_its_slot_and_the_next),
		cmocka_unit_test(test_the_very_first_slot),
		cmocka_unit_test(test_any_changed_octet_is_noticed),
		cmocka_unit_test(test_other_lengths_are_wrong),
		cmocka_unit_test(test_another_key_or_start_makes_others),
		cmocka_unit_test(test_no_octet_is_zero),
		cmocka_unit_test(test_text_is_of_harmless_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
