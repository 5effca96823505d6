/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/known.h"

#include <string.h>

#include "crypt/hash.h"

enum { TIME_BITS = 24 };
#define TIME_MASK \
	((UINT64_C(1) << TIME_BITS) - 1) /* half a year of seconds, then it wraps: nobody is known for so long */

static uint64_t hash_of(const struct known *known, struct tg_addr addr)
{
	return crypt_siphash64(known->key, (struct tg_span){ addr.ip, sizeof(addr.ip) });
}

void known_init(struct known *known, const uint8_t key[16])
{
	memcpy(known->key, key, sizeof(known->key));
	for (size_t i = 0; i < KNOWN_SLOTS; i++) {
		atomic_init(&known->slots[i], 0);
	}
}

static uint64_t seconds(uint64_t at_us)
{
	return (at_us / TG_US_PER_S + 1) & TIME_MASK;
}

void known_note(struct known *known, struct tg_addr addr, uint64_t at_us)
{
	const uint64_t hash = hash_of(known, addr);

	atomic_store_explicit(&known->slots[hash % KNOWN_SLOTS], (hash & ~TIME_MASK) | seconds(at_us),
	                      memory_order_relaxed);
}

bool known_has(const struct known *known, struct tg_addr addr, uint64_t now_us)
{
	const uint64_t hash = hash_of(known, addr);
	const uint64_t slot = atomic_load_explicit(&known->slots[hash % KNOWN_SLOTS], memory_order_relaxed);
	const uint64_t age_s = (seconds(now_us) - slot) & TIME_MASK;

	/* A time ahead of now is one that was promised; it looks nearly a whole turn old. */
	return slot != 0 && (slot & ~TIME_MASK) == (hash & ~TIME_MASK) && (age_s <= KNOWN_S || age_s > TIME_MASK / 2);
}
