/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ask.h"

#include <string.h>

#include "base/map.h"
#include "base/slab.h"

enum { FORGET_AFTER_US = 60 * TG_US_PER_S };

struct ask {
	uint64_t cookie, since_us;
	uint32_t size_bytes;
	uint32_t before, behind; /* older and younger question: index + 1; 0 for none */
	uint32_t reserved;
	union {
		struct ipc_head head;
		struct ipc_challenge_ask challenge;
		struct ipc_verify_ask verify;
		struct ipc_respond_ask respond;
	} record;
};

/* One list by age: first those that were sent, then those that were not. */
struct asks {
	uint32_t oldest, youngest; /* index + 1; 0 for none */
	uint32_t unsent;           /* the oldest of these */
	uint32_t reserved;
	uint64_t map_at; /* offset from here; the slab starts right behind */
};

static struct tg_slab *slab_of(const struct asks *asks)
{
	return (struct tg_slab *)((uintptr_t)asks + sizeof(*asks));
}

static struct tg_map *map_of(const struct asks *asks)
{
	return (struct tg_map *)((uintptr_t)asks + asks->map_at);
}

/* Cookies are our own numbers: no stranger chooses them. */
static uint64_t hash_of(uint64_t cookie)
{
	cookie *= UINT64_C(0x9e3779b97f4a7c15);
	return cookie ^ cookie >> 32;
}

size_t asks_size(uint32_t count)
{
	return sizeof(struct asks) + tg_slab_size(sizeof(struct ask), count) + tg_map_size(count);
}

struct asks *asks_init(void *mem, uint32_t count)
{
	struct asks *asks = mem;

	asks->map_at = sizeof(*asks) + tg_slab_size(sizeof(struct ask), count);
	tg_slab_init(slab_of(asks), sizeof(struct ask), count);
	tg_map_init(map_of(asks), count);
	return asks;
}

static struct ask *find(const struct asks *asks, uint64_t cookie, uint32_t *index)
{
	struct tg_map_walk walk = tg_map_find(map_of(asks), hash_of(cookie));

	while (tg_map_next(&walk, index)) {
		struct ask *ask = tg_slab_at(slab_of(asks), *index, NULL);

		if (ask != NULL && ask->cookie == cookie) {
			return ask;
		}
	}
	return NULL;
}

static struct ask *at(const struct asks *asks, uint32_t number)
{
	return tg_slab_at(slab_of(asks), number - 1, NULL);
}

static void link_last(struct asks *asks, struct ask *ask, uint32_t number)
{
	ask->before = asks->youngest;
	ask->behind = 0;
	*(asks->youngest == 0 ? &asks->oldest : &at(asks, asks->youngest)->behind) = number;
	asks->youngest = number;
	asks->unsent = asks->unsent == 0 ? number : asks->unsent;
}

static void unlink_one(struct asks *asks, const struct ask *ask, uint32_t number)
{
	*(ask->before == 0 ? &asks->oldest : &at(asks, ask->before)->behind) = ask->behind;
	*(ask->behind == 0 ? &asks->youngest : &at(asks, ask->behind)->before) = ask->before;
	asks->unsent = asks->unsent == number ? ask->behind : asks->unsent;
}

static void forget(struct asks *asks, struct ask *ask, uint32_t index)
{
	const bool removed = tg_map_remove(map_of(asks), hash_of(ask->cookie), index);

	assert(removed);
	unlink_one(asks, ask, index + 1);
	tg_slab_give(slab_of(asks), tg_slab_ref(slab_of(asks), ask));
}

/* @return false if it could not be sent */
static bool send_one(struct asks *asks, struct link *vault)
{
	const struct ask *ask = at(asks, asks->unsent);

	if (!link_send(vault, &ask->record, ask->size_bytes)) {
		return false;
	}
	asks->unsent = ask->behind;
	return true;
}

bool asks_put(struct asks *asks, struct link *vault, uint64_t cookie, const void *record, size_t size_bytes,
              uint64_t now_us)
{
	uint32_t index;
	struct tg_ref ref;
	struct ask *ask = find(asks, cookie, &index);

	if (ask != NULL) {
		forget(asks, ask, index);
	}
	ask = tg_slab_take(slab_of(asks), &ref);
	if (ask == NULL) {
		return false;
	}
	if (!tg_map_insert(map_of(asks), hash_of(cookie), ref.index)) {
		tg_slab_give(slab_of(asks), ref);
		return false;
	}
	assert(size_bytes <= sizeof(ask->record));
	ask->cookie = cookie;
	ask->since_us = now_us;
	ask->size_bytes = (uint32_t)size_bytes;
	memcpy(&ask->record, record, size_bytes);
	link_last(asks, ask, ref.index + 1);
	if (asks->unsent == ref.index + 1) { /* else older ones go first */
		(void)send_one(asks, vault);
	}
	return true;
}

bool asks_take(struct asks *asks, uint64_t cookie, enum ipc_kind asked)
{
	uint32_t index;
	struct ask *ask = find(asks, cookie, &index);

	if (ask == NULL || ask->record.head.kind != asked) {
		return false;
	}
	forget(asks, ask, index);
	return true;
}

void asks_turn(struct asks *asks, struct link *vault, uint64_t now_us)
{
	while (asks->oldest != 0 && now_us - at(asks, asks->oldest)->since_us > FORGET_AFTER_US) {
		forget(asks, at(asks, asks->oldest), asks->oldest - 1);
	}
	while (asks->unsent != 0 && link_is_clear(vault) && send_one(asks, vault)) {
	}
}

void asks_repeat(struct asks *asks)
{
	asks->unsent = asks->oldest;
}

bool asks_wait(const struct asks *asks)
{
	return asks->unsent != 0;
}
