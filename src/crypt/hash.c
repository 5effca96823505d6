/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/hash.h"

#include <sodium.h>
#include <string.h>

uint64_t crypt_siphash64(const uint8_t key[CRYPT_KEY_BYTES], struct tg_span in)
{
	uint64_t hash;

	static_assert(crypto_shorthash_BYTES == sizeof(hash) && crypto_shorthash_KEYBYTES == CRYPT_KEY_BYTES, "sizes");
	crypto_shorthash((uint8_t *)&hash, in.p, in.len, key);
	return hash;
}

void crypt_siphash128(uint8_t mac[CRYPT_MAC_BYTES], const uint8_t key[CRYPT_KEY_BYTES], struct tg_span in)
{
	static_assert(crypto_shorthash_siphashx24_BYTES == CRYPT_MAC_BYTES, "sizes");
	crypto_shorthash_siphashx24(mac, in.p, in.len, key);
}

void crypt_sha256(uint8_t out[CRYPT_SHA256_BYTES], struct tg_span in)
{
	static_assert(crypto_hash_sha256_BYTES == CRYPT_SHA256_BYTES, "sizes");
	crypto_hash_sha256(out, in.p, in.len);
}

bool crypt_equal(const void *a, const void *b, size_t len_bytes)
{
	return sodium_memcmp(a, b, len_bytes) == 0;
}

void crypt_wipe(void *p, size_t len_bytes)
{
	sodium_memzero(p, len_bytes);
}
