/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/marks.h"

#include <string.h>

#include "crypt/hash.h"

enum { END_BITS = 32 };
#define END_MASK ((UINT64_C(1) << END_BITS) - 1) /* 136 years of seconds */
static_assert((MARKS_ROWS & (MARKS_ROWS - 1)) == 0, "a row is picked by bits of the hash");

unsigned marks_host_bits(struct tg_addr addr)
{
	return addr.family == TG_IPV4 ? 32 : 128;
}

static uint64_t hash_of(const struct marks *marks, const struct tg_addr *addr, unsigned bits)
{
	const struct tg_addr prefix = tg_addr_prefix(*addr, bits);
	uint8_t network[sizeof(prefix.ip) + 1];

	memcpy(network, prefix.ip, sizeof(prefix.ip));
	network[sizeof(prefix.ip)] = (uint8_t)bits;
	return crypt_siphash64(marks->key, (struct tg_span){ network, sizeof(network) });
}

static uint32_t row_of(uint64_t hash)
{
	return (uint32_t)hash & (MARKS_ROWS - 1);
}

static bool is_like(uint64_t slot, uint64_t hash)
{
	return slot != 0 && ((slot ^ hash) & ~END_MASK) == 0;
}

/* The first second in which it is over; never 0. */
static uint64_t end_of(uint64_t until_us)
{
	return tg_min_u64(until_us / TG_US_PER_S + 1, END_MASK);
}

void marks_init(struct marks *marks, const uint8_t key[16])
{
	memcpy(marks->key, key, sizeof(marks->key));
	atomic_init(&marks->used, 0);
	for (size_t i = 0; i < MARKS_ROWS; i++) {
		for (size_t way = 0; way < MARKS_WAYS; way++) {
			atomic_init(&marks->slots[i][way], 0);
		}
	}
}

/* Two threads may note at the same time: the worst that comes of it is one mark lost or kept twice. */
void marks_note(struct marks *marks, struct tg_addr addr, unsigned bits, uint64_t until_us)
{
	const uint64_t hash = hash_of(marks, &addr, bits), end = end_of(until_us);
	_Atomic uint64_t *row = marks->slots[row_of(hash)];
	_Atomic uint64_t *place = NULL;
	uint64_t earliest = UINT64_MAX;

	for (size_t way = 0; way < MARKS_WAYS; way++) {
		const uint64_t slot = atomic_load_explicit(&row[way], memory_order_relaxed);

		if (is_like(slot, hash)) {
			place = (slot & END_MASK) < end ? &row[way] : NULL;
			break;
		}
		if ((slot & END_MASK) < earliest) {
			earliest = slot & END_MASK;
			place = &row[way];
		}
	}
	if (place != NULL) {
		if (atomic_load_explicit(place, memory_order_relaxed) == 0) {
			atomic_fetch_add_explicit(&marks->used, 1, memory_order_relaxed);
		}
		atomic_store_explicit(place, (hash & ~END_MASK) | end, memory_order_relaxed);
	}
}

void marks_drop(struct marks *marks, struct tg_addr addr, unsigned bits)
{
	const uint64_t hash = hash_of(marks, &addr, bits);
	_Atomic uint64_t *row = marks->slots[row_of(hash)];

	for (size_t way = 0; way < MARKS_WAYS; way++) {
		if (is_like(atomic_load_explicit(&row[way], memory_order_relaxed), hash)) {
			atomic_store_explicit(&row[way], 0, memory_order_relaxed);
			atomic_fetch_sub_explicit(&marks->used, 1, memory_order_relaxed);
		}
	}
}

bool marks_has(const struct marks *marks, struct tg_addr addr, unsigned bits, uint64_t now_us)
{
	if (atomic_load_explicit(&marks->used, memory_order_relaxed) == 0) {
		return false;
	}
	const uint64_t hash = hash_of(marks, &addr, bits);
	const _Atomic uint64_t *row = marks->slots[row_of(hash)];
	const uint64_t now_s = now_us / TG_US_PER_S;

	for (size_t way = 0; way < MARKS_WAYS; way++) {
		const uint64_t slot = atomic_load_explicit(&row[way], memory_order_relaxed);

		if (is_like(slot, hash) && (slot & END_MASK) > now_s) {
			return true;
		}
	}
	return false;
}
