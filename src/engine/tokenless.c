/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tokenless.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "base/bytes.h"
#include "crypt/hash.h"

enum { SLOTS_LEAST = 1024 };

struct slot {
	_Atomic uint64_t hash; /* 0: free, and the end of a search */
	_Atomic uint64_t until_us;
};

struct tokenless {
	uint8_t key[16];
	uint32_t slots; /* of a copy; a power of two */
	uint32_t used;  /* of the one that is written */
	uint32_t writing;
	_Atomic uint32_t reading;
	struct slot copies[];
};

/* Two thirds full at most, however many accounts. */
static uint32_t slots_for(uint32_t accounts)
{
	const uint64_t needed = (uint64_t)accounts * TOKENLESS_NETWORKS * 3 / 2;
	uint32_t slots = SLOTS_LEAST;

	while (slots < needed) {
		slots *= 2;
	}
	return slots;
}

size_t tokenless_size(uint32_t accounts)
{
	return sizeof(struct tokenless) + 2 * (size_t)slots_for(accounts) * sizeof(struct slot);
}

struct tokenless *tokenless_init(void *memory, uint32_t accounts, const uint8_t key[16])
{
	struct tokenless *tokenless = memory;

	memcpy(tokenless->key, key, sizeof(tokenless->key));
	tokenless->slots = slots_for(accounts);
	return tokenless;
}

static uint64_t hash_of(const struct tokenless *tokenless, struct tg_span account, struct tg_addr from)
{
	const struct tg_addr network = tg_addr_prefix(from, tg_addr_network_bits(from));
	uint8_t both[2 * sizeof(uint64_t)];
	struct tg_writer w = tg_writer_of(both, sizeof(both));

	tg_put_u64(&w, crypt_siphash64(tokenless->key, (struct tg_span){ network.ip, sizeof(network.ip) }));
	tg_put_u64(&w, crypt_siphash64(tokenless->key, account));
	return tg_max_u64(crypt_siphash64(tokenless->key, tg_writer_span(&w)), 1);
}

/* @return the place of this hash, or the free one where it belongs. One is always free. */
static uint32_t place_of(const struct tokenless *tokenless, const struct slot *copy, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & (tokenless->slots - 1);
	uint64_t there;

	while ((there = atomic_load_explicit(&copy[at].hash, memory_order_acquire)) != 0 && there != hash) {
		at = (at + 1) & (tokenless->slots - 1);
	}
	return at;
}

bool tokenless_note(struct tokenless *tokenless, struct tg_span account, struct tg_addr from, uint64_t until_us)
{
	struct slot *copy = &tokenless->copies[(size_t)tokenless->writing * tokenless->slots];
	const uint64_t hash = hash_of(tokenless, account, from);
	struct slot *slot = &copy[place_of(tokenless, copy, hash)];

	if (atomic_load_explicit(&slot->hash, memory_order_relaxed) != 0) {
		const uint64_t before_us = atomic_load_explicit(&slot->until_us, memory_order_relaxed);

		atomic_store_explicit(&slot->until_us, tg_max_u64(before_us, until_us), memory_order_relaxed);
		return true;
	}
	if (tokenless->used >= tokenless->slots / 8 * 7) {
		return false;
	}
	atomic_store_explicit(&slot->until_us, until_us, memory_order_relaxed);
	atomic_store_explicit(&slot->hash, hash, memory_order_release);
	tokenless->used++;
	return true;
}

bool tokenless_has(const struct tokenless *tokenless, struct tg_span account, struct tg_addr from, uint64_t now_us)
{
	const uint32_t reading = atomic_load_explicit(&tokenless->reading, memory_order_acquire);
	const struct slot *copy = &tokenless->copies[(size_t)reading * tokenless->slots];
	const uint64_t hash = hash_of(tokenless, account, from);
	const struct slot *slot = &copy[place_of(tokenless, copy, hash)];

	return atomic_load_explicit(&slot->hash, memory_order_acquire) == hash &&
	       atomic_load_explicit(&slot->until_us, memory_order_relaxed) > now_us;
}

bool tokenless_is_empty(const struct tokenless *tokenless)
{
	return tokenless->used == 0;
}

void tokenless_begin_anew(struct tokenless *tokenless)
{
	assert(tokenless->writing == atomic_load_explicit(&tokenless->reading, memory_order_relaxed));
	tokenless->writing ^= 1;
	tokenless->used = 0;
	struct slot *copy = &tokenless->copies[(size_t)tokenless->writing * tokenless->slots];

	for (uint32_t i = 0; i < tokenless->slots; i++) {
		atomic_store_explicit(&copy[i].hash, 0, memory_order_relaxed);
	}
}

void tokenless_end_anew(struct tokenless *tokenless)
{
	atomic_store_explicit(&tokenless->reading, tokenless->writing, memory_order_release);
}
