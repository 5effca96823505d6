/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/share.h"

#include <string.h>

#include "crypt/hash.h"

enum {
	ANSWER = 256, /* the unit of what is even */
	PARTS = SHARE_LEVELS + 1,
	EVEN_MAX = 1 << 20,
	CERTAIN = 1 << 16,
	CELL_BITS = 12,
};
static_assert(SHARE_CELLS == 1 << CELL_BITS, "a cell is picked by the upper bits of a product");

static const unsigned level_bits[2][SHARE_LEVELS] = { { 8, 16, 24 }, { 32, 48, 64 } };

static uint64_t hash_of(const struct share *share, uint64_t number)
{
	return crypt_siphash64(share->key, (struct tg_span){ (const uint8_t *)&number, sizeof(number) });
}

void share_init(struct share *share, const uint8_t key[16])
{
	memset(share, 0, sizeof(*share));
	memcpy(share->key, key, sizeof(share->key));
	share->random = hash_of(share, 0) | 1;
	share->chance = CERTAIN;
	share->window_us = SHARE_WINDOW_US;
	for (int i = 0; i < SHARE_LEVELS; i++) {
		share->levels[i].even = EVEN_MAX;
	}
}

/* xorshift: what a flood cannot foretell without seeing every answer is good enough here. */
static uint32_t draw(struct share *share)
{
	share->random ^= share->random << 13;
	share->random ^= share->random >> 7;
	share->random ^= share->random << 17;
	return (uint32_t)(share->random >> 32);
}

/* The value with which `given` would have been `target`; it grows at most twofold a window. */
static uint32_t adapt(uint32_t value, uint32_t given, uint32_t target, uint32_t most)
{
	const uint64_t fitting = (uint64_t)value * target / tg_max_u64(given, 1);

	return (uint32_t)tg_max_u64(tg_min_u64(tg_min_u64(fitting, (uint64_t)value * 2), most), 1);
}

static void next_window(struct share *share, uint64_t window, uint32_t budget)
{
	const uint32_t part = budget / PARTS + 1; /* what fitted the last window is scaled to this one at once */

	for (uint64_t i = 0; i < SHARE_LEVELS; i++) {
		struct share_level *level = &share->levels[i];

		level->even = adapt(level->even, level->given, part, EVEN_MAX);
		level->given = 0;
		memset(level->asked, 0, sizeof(level->asked));
		share->odd[i] = hash_of(share, window * SHARE_LEVELS + i) | 1;
	}
	share->chance = adapt(share->chance, share->given_by_chance, part, CERTAIN);
	share->given_by_chance = 0;
	share->window = window;
}

/* The upper half of the address, as a number. */
static uint64_t network_of(const struct tg_addr *addr)
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++) {
		number = number << 8 | addr->ip[addr->family == TG_IPV4 ? 12 + i % 4 : i];
	}
	return number;
}

static uint16_t *cell_of(struct share *share, uint64_t network, unsigned bits, int level)
{
	const uint64_t hash = (network >> (64 - bits)) * share->odd[level] + share->odd[(level + 1) % SHARE_LEVELS];

	/* The upper half of the product again, as neighbours differ in its middle alone. */
	return &share->levels[level].asked[(hash ^ hash >> 32) * share->odd[level] >> (64 - CELL_BITS)];
}

static bool is_within(struct share *share, uint64_t even, uint32_t asked)
{
	const uint64_t used = (uint64_t)asked * ANSWER;

	return used + ANSWER <= even || (used < even && draw(share) % ANSWER < even - used);
}

static uint64_t given_of(const struct share *share)
{
	uint64_t given = share->given_by_chance;

	for (int i = 0; i < SHARE_LEVELS; i++) {
		given += share->levels[i].given;
	}
	return given;
}

bool share_allow(struct share *share, struct tg_addr from, uint32_t budget, uint64_t now_us)
{
	const unsigned *bits = level_bits[from.family != TG_IPV4];
	const uint64_t network = network_of(&from);

	if (budget == 0) {
		return true;
	}
	if (now_us / share->window_us != share->window) {
		next_window(share, now_us / share->window_us, budget);
	}
	const uint64_t given = given_of(share);
	const bool is_burst = share->burst != 0 && given >= (uint64_t)budget * share->burst;

	if (is_burst && given >= (uint64_t)budget * share->burst * 2) {
		return false;
	}
	/* A level counts what the wider ones did not answer, so what it gives follows its even share at once. */
	for (int i = 0; i < SHARE_LEVELS; i++) {
		struct share_level *level = &share->levels[i];
		uint16_t *asked = cell_of(share, network, bits[i], i);

		const uint64_t even = is_burst ? tg_min_u64(level->even, ANSWER) : level->even;
		const bool may = is_within(share, even, *asked);

		*asked = (uint16_t)tg_min_u64(*asked + 1U, UINT16_MAX);
		if (may) {
			level->given++;
			return true;
		}
	}
	if (!is_burst && draw(share) % CERTAIN < share->chance) {
		share->given_by_chance++;
		return true;
	}
	return false;
}
