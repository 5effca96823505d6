/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ask.h"

#include <string.h>

#include "base/map.h"
#include "base/slab.h"

enum { FORGET_AFTER_US = 60 * TG_US_PER_S };

struct ask {
	uint64_t cookie, since_us;
	uint32_t size_bytes;
	uint32_t is_sent;
	union {
		struct ipc_head head;
		struct ipc_challenge_ask challenge;
		struct ipc_verify_ask verify;
		struct ipc_respond_ask respond;
	} record;
};

struct asks {
	uint32_t count;
	uint32_t unsent;
	uint64_t map_at; /* offset from here; the slab starts right behind */
	uint64_t next_sweep_us;
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

	memset(mem, 0, asks_size(count));
	asks->count = count;
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

static void forget(struct asks *asks, struct ask *ask, uint32_t index)
{
	const bool removed = tg_map_remove(map_of(asks), hash_of(ask->cookie), index);

	assert(removed);
	asks->unsent -= ask->is_sent == 0;
	tg_slab_give(slab_of(asks), tg_slab_ref(slab_of(asks), ask));
}

static void send(struct asks *asks, struct ask *ask, struct link *vault)
{
	if (link_send(vault, &ask->record, ask->size_bytes)) {
		ask->is_sent = 1;
		asks->unsent--;
	}
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
	asks->unsent++;
	send(asks, ask, vault);
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
	const bool sweep = now_us >= asks->next_sweep_us;

	if (asks->unsent == 0 && !sweep) {
		return;
	}
	asks->next_sweep_us = sweep ? now_us + TG_US_PER_S : asks->next_sweep_us;
	for (uint32_t i = 0; i < asks->count && slab_of(asks)->used > 0; i++) {
		struct ask *ask = tg_slab_at(slab_of(asks), i, NULL);

		if (ask != NULL && now_us - ask->since_us > FORGET_AFTER_US) {
			forget(asks, ask, i);
		} else if (ask != NULL && ask->is_sent == 0 && link_is_clear(vault)) {
			send(asks, ask, vault);
		}
	}
}

void asks_repeat(struct asks *asks)
{
	for (uint32_t i = 0; i < asks->count; i++) {
		struct ask *ask = tg_slab_at(slab_of(asks), i, NULL);

		if (ask != NULL && ask->is_sent != 0) {
			ask->is_sent = 0;
			asks->unsent++;
		}
	}
}

bool asks_wait(const struct asks *asks)
{
	return asks->unsent > 0;
}
