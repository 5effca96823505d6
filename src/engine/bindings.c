/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/bindings.h"

#include <string.h>

#include "base/map.h"
#include "crypt/hash.h"
#include "guard/bucket.h"

enum { BUDGET_S = 10, BUDGET_BURST = 5 };

enum place {
	NOWHERE, /* the store has it */
	UNSENT,
	LATER, /* its budget is used up */
	PLACES,
};

struct row {
	struct model_binding binding;
	struct bucket budget;
	uint32_t place; /* enum place */
	uint32_t next;  /* in its place: index + 1; 0 for none */
};

/* In the order they came: index + 1; 0 for none. */
struct queue {
	uint32_t first, last;
};

struct bindings {
	uint8_t key[CRYPT_KEY_BYTES];
	uint32_t count, used;
	struct queue queues[PLACES];
	uint64_t map_at;
	struct row rows[];
};

static struct bucket_rule rule(void)
{
	return bucket_rule_of(1, BUDGET_S, BUDGET_BURST);
}

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

static void push(struct bindings *bindings, struct row *row, enum place place)
{
	const uint32_t number = (uint32_t)(row - bindings->rows) + 1;
	struct queue *queue = &bindings->queues[place];

	if (queue->last == 0) {
		queue->first = number;
	} else {
		bindings->rows[queue->last - 1].next = number;
	}
	queue->last = number;
	row->place = place;
	row->next = 0;
}

static void pop(struct bindings *bindings, enum place place)
{
	struct queue *queue = &bindings->queues[place];
	struct row *row = &bindings->rows[queue->first - 1];

	queue->first = row->next;
	queue->last = queue->first == 0 ? 0 : queue->last;
	row->place = NOWHERE;
}

static struct row *take(struct bindings *bindings, const struct model_binding *binding)
{
	const uint64_t hash = crypt_siphash64(bindings->key, tg_span_text(binding->name));
	struct row *row = find(bindings, binding->name, hash);

	if (row == NULL) {
		if (bindings->used == bindings->count || !tg_map_insert(map_of(bindings), hash, bindings->used)) {
			return NULL;
		}
		row = &bindings->rows[bindings->used++];
	}
	row->binding = *binding;
	return row;
}

enum bindings_put bindings_put(struct bindings *bindings, const struct model_binding *binding, uint64_t now_us)
{
	struct row *row = take(bindings, binding);

	if (row == NULL) {
		return BINDINGS_FULL;
	}
	const bool has_budget = row->place != LATER && bucket_has(&row->budget, rule(), 1, now_us);

	if (has_budget) {
		bucket_charge(&row->budget, rule(), BUDGET_BURST, now_us);
	}
	if (row->place == NOWHERE) {
		push(bindings, row, has_budget ? UNSENT : LATER);
	}
	return has_budget ? BINDINGS_NOW : BINDINGS_LATER;
}

bool bindings_restore(struct bindings *bindings, const struct model_binding *binding)
{
	return take(bindings, binding) != NULL;
}

const struct model_binding *bindings_last(struct bindings *bindings, const char *name)
{
	const struct row *row = find(bindings, name, crypt_siphash64(bindings->key, tg_span_text(name)));

	return row == NULL ? NULL : &row->binding;
}

uint64_t bindings_deadline_us(const struct bindings *bindings)
{
	const uint32_t first = bindings->queues[LATER].first;

	return first == 0 ? TG_NEVER : bucket_when_us(&bindings->rows[first - 1].budget, rule(), 1, 0);
}

/* Each waits for 10 s at most, so the first one is nearly the first that is due. */
static void hurry(struct bindings *bindings, uint64_t now_us)
{
	while (bindings_deadline_us(bindings) <= now_us) {
		struct row *row = &bindings->rows[bindings->queues[LATER].first - 1];

		pop(bindings, LATER);
		bucket_charge(&row->budget, rule(), BUDGET_BURST, now_us);
		push(bindings, row, UNSENT);
	}
}

void bindings_turn(struct bindings *bindings, struct link *store, uint64_t now_us)
{
	hurry(bindings, now_us);
	while (bindings_wait(bindings) && link_is_clear(store)) {
		const struct row *row = &bindings->rows[bindings->queues[UNSENT].first - 1];
		const struct ipc_binding message = { .head.kind = IPC_BINDING, .binding = row->binding };

		if (!link_send(store, &message, sizeof(message))) {
			return;
		}
		pop(bindings, UNSENT);
	}
}

bool bindings_wait(const struct bindings *bindings)
{
	return bindings->queues[UNSENT].first != 0;
}

void bindings_repeat(struct bindings *bindings)
{
	for (uint32_t i = 0; i < bindings->used; i++) {
		if (bindings->rows[i].place == NOWHERE) {
			push(bindings, &bindings->rows[i], UNSENT);
		}
	}
}
