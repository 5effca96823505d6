/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/random.h"

#include <sodium.h>
#include <string.h>

void crypt_random_init(struct crypt_random *random, const uint8_t seed[CRYPT_SEED_BYTES])
{
	static_assert(CRYPT_SEED_BYTES == randombytes_SEEDBYTES, "one seed size");
	memset(random, 0, sizeof(*random));
	memcpy(random->seed, seed, CRYPT_SEED_BYTES);
	random->used = CRYPT_RANDOM_BLOCK_BYTES;
}

static void refill(struct crypt_random *random)
{
	uint8_t fresh[CRYPT_SEED_BYTES + CRYPT_RANDOM_BLOCK_BYTES];

	randombytes_buf_deterministic(fresh, sizeof(fresh), random->seed);
	memcpy(random->seed, fresh, CRYPT_SEED_BYTES);
	memcpy(random->block, fresh + CRYPT_SEED_BYTES, CRYPT_RANDOM_BLOCK_BYTES);
	sodium_memzero(fresh, sizeof(fresh));
	random->used = 0;
}

void crypt_random_bytes(struct crypt_random *random, void *out, size_t len_bytes)
{
	uint8_t *to = out;

	while (len_bytes > 0) {
		if (random->used == CRYPT_RANDOM_BLOCK_BYTES) {
			refill(random);
		}
		const size_t left = CRYPT_RANDOM_BLOCK_BYTES - random->used;
		const size_t n = len_bytes < left ? len_bytes : left;

		memcpy(to, random->block + random->used, n);
		sodium_memzero(random->block + random->used, n);
		random->used += (uint32_t)n;
		to += n;
		len_bytes -= n;
	}
}

uint32_t crypt_random_below(struct crypt_random *random, uint32_t bound)
{
	const uint32_t unfair = (uint32_t)-bound % bound; /* 2^32 mod bound */
	uint32_t drawn;

	assert(bound > 0);
	do {
		crypt_random_bytes(random, &drawn, sizeof(drawn));
	} while (drawn < unfair);
	return drawn % bound;
}

void crypt_seed_from_kernel(uint8_t seed[CRYPT_SEED_BYTES])
{
	randombytes_buf(seed, CRYPT_SEED_BYTES);
}
