/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CRYPT_RANDOM_H
#define TG_CRYPT_RANDOM_H

#include "base/tg.h"

enum { CRYPT_SEED_BYTES = 32, CRYPT_RANDOM_BLOCK_BYTES = 512 };

/**
 * A cryptographic generator (ChaCha20 over a seed, libsodium), a plain value without pointers: the same seed gives the
 * same numbers, so a simulation can be repeated; seeded from the kernel it cannot be guessed. Each block replaces the
 * seed, so a later disclosure does not reveal earlier numbers.
 */
struct crypt_random {
	uint8_t seed[CRYPT_SEED_BYTES];
	uint8_t block[CRYPT_RANDOM_BLOCK_BYTES];
	uint32_t used; /* octets of block already given away */
};

void crypt_random_init(struct crypt_random *random, const uint8_t seed[CRYPT_SEED_BYTES]);
void crypt_random_bytes(struct crypt_random *random, void *out, size_t len_bytes);

/** Evenly distributed in 0..bound-1; bound is at least 1. */
uint32_t crypt_random_below(struct crypt_random *random, uint32_t bound);

/** A seed from the kernel. Ends the process if there is none: nothing could be safe then. */
void crypt_seed_from_kernel(uint8_t seed[CRYPT_SEED_BYTES]);

#endif
