/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/bindings.h"

#include <string.h>

#include "base/map.h"
#include "crypt/hash.h"

struct row {
	struct model_binding binding;
	uint32_t is_unsent;
	uint32_t next; /* unsent row: index + 1; 0 for none */
};

struct bindings {
	uint8_t key[CRYPT_KEY_BYTES];
	uint32_t count, used;
	uint32_t first, last; /* unsent rows in the order they became so: index + 1; 0 for none */
	uint64_t map_at;
	struct row rows[];
};

static struct tg_map *map_of(const struct bindings *bindings)
{
	return (struct tg_map *)((uintptr_t)bindings + bindings->map_at);
}

size_t bindings_size(uint32_t count)
{
	return sizeof(struct bindings) + count * sizeof(struct row) + tg_map_size(count);
}

struct bindings *bindings_init(void *mem, uint32_t count, const uint8_t key[16])
{
	struct bindings *bindings = mem;

	memset(mem, 0, bindings_size(count));
	memcpy(bindings->key, key, sizeof(bindings->key));
	bindings->count = count;
	bindings->map_at = sizeof(*bindings) + count * sizeof(struct row);
	tg_map_init(map_of(bindings), count);
	return bindings;
}

static struct row *find(struct bindings *bindings, const char *name, uint64_t hash)
{
	struct tg_map_walk walk = tg_map_find(map_of(bindings), hash);
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		if (strcmp(bindings->rows[index].binding.name, name) == 0) {
			return &bindings->rows[index];
		}
	}
	return NULL;
}

static void queue(struct bindings *bindings, struct row *row)
{
	const uint32_t number = (uint32_t)(row - bindings->rows) + 1;

	if (row->is_unsent != 0) {
		return;
	}
	if (bindings->last == 0) {
		bindings->first = number;
	} else {
		bindings->rows[bindings->last - 1].next = number;
	}
	bindings->last = number;
	row->is_unsent = 1;
	row->next = 0;
}

bool bindings_put(struct bindings *bindings, const struct model_binding *binding)
{
	const uint64_t hash = crypt_siphash64(bindings->key, tg_span_text(binding->name));
	struct row *row = find(bindings, binding->name, hash);

	if (row == NULL) {
		if (bindings->used == bindings->count || !tg_map_insert(map_of(bindings), hash, bindings->used)) {
			return false;
		}
		row = &bindings->rows[bindings->used++];
	}
	row->binding = *binding;
	queue(bindings, row);
	return true;
}

const struct model_binding *bindings_last(struct bindings *bindings, const char *name)
{
	const struct row *row = find(bindings, name, crypt_siphash64(bindings->key, tg_span_text(name)));

	return row == NULL ? NULL : &row->binding;
}

void bindings_turn(struct bindings *bindings, struct link *store)
{
	while (bindings->first != 0 && link_is_clear(store)) {
		struct row *row = &bindings->rows[bindings->first - 1];
		const struct ipc_binding message = { .head.kind = IPC_BINDING, .binding = row->binding };

		if (!link_send(store, &message, sizeof(message))) {
			return;
		}
		row->is_unsent = 0;
		bindings->first = row->next;
		bindings->last = bindings->first == 0 ? 0 : bindings->last;
	}
}

bool bindings_wait(const struct bindings *bindings)
{
	return bindings->first != 0;
}

void bindings_repeat(struct bindings *bindings)
{
	for (uint32_t i = 0; i < bindings->used; i++) {
		queue(bindings, &bindings->rows[i]);
	}
}
