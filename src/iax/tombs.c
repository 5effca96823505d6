/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/tombs.h"

#include "base/map.h"

#include <string.h>

/* Two keys lead to each tomb: (remote, our number) and (remote, its number). They differ in the side bit. */
enum side { SIDE_OURS = 0, SIDE_THEIRS = 1 };

struct iax_tombs {
	uint32_t capacity;
	uint32_t first; /* the oldest */
	uint32_t count;
	uint32_t map_offset;
	uint8_t key[CRYPT_KEY_BYTES];
	struct iax_tomb ring[];
};

static struct tg_map *map_of(const struct iax_tombs *tombs)
{
	return (struct tg_map *)((uintptr_t)tombs + tombs->map_offset);
}

size_t iax_tombs_size(uint32_t capacity)
{
	return sizeof(struct iax_tombs) + capacity * sizeof(struct iax_tomb) + tg_map_size(2 * capacity);
}

struct iax_tombs *iax_tombs_init(void *mem, uint32_t capacity, const uint8_t key[CRYPT_KEY_BYTES])
{
	struct iax_tombs *tombs = mem;

	assert(capacity > 0);
	*tombs = (struct iax_tombs){
		.capacity = capacity,
		.map_offset = (uint32_t)(sizeof(struct iax_tombs) + capacity * sizeof(struct iax_tomb)),
	};
	memcpy(tombs->key, key, sizeof(tombs->key));
	tg_map_init(map_of(tombs), 2 * capacity);
	return tombs;
}

static uint64_t hash_of(const struct iax_tombs *tombs, struct tg_addr remote, uint16_t number, enum side side)
{
	uint8_t bytes[sizeof(remote.ip) + 5];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_span(&w, (struct tg_span){ remote.ip, sizeof(remote.ip) });
	tg_put_u16(&w, remote.port);
	tg_put_u8(&w, (uint8_t)side);
	tg_put_u16(&w, number);
	return crypt_siphash64(tombs->key, tg_writer_span(&w));
}

static void drop_oldest(struct iax_tombs *tombs)
{
	const struct iax_tomb *tomb = &tombs->ring[tombs->first];

	assert(tombs->count > 0 && tombs->capacity > 0);
	tg_map_remove(map_of(tombs), hash_of(tombs, tomb->remote, tomb->number, SIDE_OURS), tombs->first);
	if (tomb->remote_number != 0) {
		tg_map_remove(map_of(tombs), hash_of(tombs, tomb->remote, tomb->remote_number, SIDE_THEIRS),
		              tombs->first);
	}
	tombs->first = (tombs->first + 1) % tombs->capacity;
	tombs->count--;
}

static void drop_old(struct iax_tombs *tombs, uint64_t now_us)
{
	while (tombs->count > 0 && now_us - tombs->ring[tombs->first].ended_us >= IAX_TOMB_BARS_US) {
		drop_oldest(tombs);
	}
}

void iax_tombs_add(struct iax_tombs *tombs, const struct iax_tomb *tomb, uint64_t now_us)
{
	drop_old(tombs, now_us);
	if (tombs->count == tombs->capacity) {
		drop_oldest(tombs);
	}
	const uint32_t at = (tombs->first + tombs->count) % tombs->capacity;
	const bool ours = tg_map_insert(map_of(tombs), hash_of(tombs, tomb->remote, tomb->number, SIDE_OURS), at);
	const bool theirs = tomb->remote_number == 0 ||
	                    tg_map_insert(map_of(tombs), hash_of(tombs, tomb->remote, tomb->remote_number, SIDE_THEIRS),
	                                  at);

	assert(ours && theirs);
	(void)ours;
	(void)theirs;
	tombs->ring[at] = *tomb;
	tombs->ring[at].ended_us = now_us;
	tombs->ring[at].invals = 0;
	tombs->ring[at].acks = 0;
	tombs->count++;
}

static uint32_t find(const struct iax_tombs *tombs, struct tg_addr remote, uint16_t number, enum side side,
                     uint64_t since_us)
{
	struct tg_map_walk walk = tg_map_find(map_of(tombs), hash_of(tombs, remote, number, side));
	uint32_t at, best = UINT32_MAX;

	while (tg_map_next(&walk, &at)) {
		const struct iax_tomb *tomb = &tombs->ring[at];
		const uint16_t own = side == SIDE_OURS ? tomb->number : tomb->remote_number;

		if (own == number && tg_addr_equal(tomb->remote, remote) && tomb->ended_us >= since_us &&
		    (best == UINT32_MAX || tomb->ended_us > tombs->ring[best].ended_us)) {
			best = at;
		}
	}
	return best;
}

/* Ended after this moment: within the last `span_us`. */
static uint64_t since(uint64_t now_us, uint64_t span_us)
{
	return now_us < span_us ? 0 : now_us - span_us + 1;
}

struct iax_tomb *iax_tombs_find(struct iax_tombs *tombs, struct tg_addr remote, uint16_t number, uint64_t now_us)
{
	const uint32_t at = find(tombs, remote, number, SIDE_OURS, since(now_us, IAX_TOMB_ANSWERS_US));

	return at == UINT32_MAX ? NULL : &tombs->ring[at];
}

struct iax_tomb *iax_tombs_find_remote(struct iax_tombs *tombs, struct tg_addr remote, uint16_t remote_number,
                                       uint64_t now_us)
{
	const uint32_t at = find(tombs, remote, remote_number, SIDE_THEIRS, since(now_us, IAX_TOMB_ANSWERS_US));

	return remote_number == 0 || at == UINT32_MAX ? NULL : &tombs->ring[at];
}

bool iax_tombs_bar(const struct iax_tombs *tombs, struct tg_addr remote, uint16_t number, uint64_t now_us)
{
	return find(tombs, remote, number, SIDE_OURS, since(now_us, IAX_TOMB_BARS_US)) != UINT32_MAX;
}

uint32_t iax_tombs_count(const struct iax_tombs *tombs)
{
	return tombs->count;
}
