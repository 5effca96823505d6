/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/table.h"

#include "guard/inside.h"

enum { PICKS_MAX = 32 };

static size_t round_up_64(size_t bytes)
{
	return (bytes + 63) & ~(size_t)63;
}

static void *place(const struct guard *guard, uint64_t at)
{
	return (void *)((uintptr_t)guard + at);
}

struct tg_slab *table_slab(const struct guard *guard, const struct table *table)
{
	return place(guard, table->slab_at);
}

static struct tg_map *map_of(const struct guard *guard, const struct table *table)
{
	return place(guard, table->map_at);
}

size_t table_size(uint32_t item_bytes, uint32_t count)
{
	return round_up_64(tg_slab_size(item_bytes, count)) + round_up_64(tg_map_size(count));
}

void table_init(struct guard *guard, struct table *table, size_t at, uint32_t item_bytes, uint32_t count)
{
	*table = (struct table){ .slab_at = at, .map_at = at + round_up_64(tg_slab_size(item_bytes, count)) };
	tg_slab_init(place(guard, table->slab_at), item_bytes, count);
	tg_map_init(place(guard, table->map_at), count);
}

static struct item *item_at(const struct guard *guard, const struct table *table, uint32_t index)
{
	return tg_slab_at(table_slab(guard, table), index, NULL);
}

static uint32_t index_of(const struct guard *guard, const struct table *table, const void *item)
{
	return tg_slab_ref(table_slab(guard, table), item).index;
}

void *table_find(const struct guard *guard, const struct table *table, uint64_t hash)
{
	struct tg_map_walk walk = tg_map_find(map_of(guard, table), hash);
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		struct item *item = item_at(guard, table, index);

		if (item != NULL && item->hash == hash) {
			return item;
		}
	}
	return NULL;
}

/* Whom to give up: the less worth of two at random; when neither may go, a few more are asked. */
static struct item *victim(struct guard *guard, const struct table *table, const struct table_rule *rule,
                           uint64_t now_us)
{
	const uint32_t count = table_slab(guard, table)->count;
	struct item *best = NULL;
	uint32_t least = 0;

	for (int pick = 0; pick < PICKS_MAX && (pick < 2 || least >= rule->keep); pick++) {
		struct item *item = item_at(guard, table, guard_random_below(guard, count));
		const uint32_t worth = rule->worth(guard, item, now_us);

		if (best == NULL || worth < least) {
			best = item;
			least = worth;
		}
	}
	return least < rule->keep || rule->always ? best : NULL;
}

void *table_take(struct guard *guard, struct table *table, uint64_t hash, const struct table_rule *rule,
                 uint64_t now_us)
{
	struct tg_slab *slab = table_slab(guard, table);
	struct tg_ref ref;

	if (slab->used == slab->count) {
		struct item *old = victim(guard, table, rule, now_us);

		if (old == NULL) {
			table->refused++;
			return NULL;
		}
		table_drop(guard, table, old, rule);
		table->evicted++;
	}
	struct item *item = tg_slab_take(slab, &ref);

	item->hash = hash;
	const bool room = tg_map_insert(map_of(guard, table), hash, ref.index);

	assert(room);
	(void)room;
	return item;
}

void table_drop(struct guard *guard, struct table *table, void *item, const struct table_rule *rule)
{
	struct item *it = item;

	if (rule->gone != NULL) {
		rule->gone(guard, item);
	}
	for (enum table_list list = 0; list < LISTS; list++) {
		table_unlist(guard, table, item, list);
	}
	const struct tg_ref ref = tg_slab_ref(table_slab(guard, table), item);
	const bool was_there = tg_map_remove(map_of(guard, table), it->hash, ref.index);

	assert(was_there);
	(void)was_there;
	tg_slab_give(table_slab(guard, table), ref);
}

bool table_is_listed(const void *item, enum table_list list)
{
	return (((const struct item *)item)->listed >> list & 1) != 0;
}

void table_list(struct guard *guard, struct table *table, void *item, enum table_list list)
{
	struct item *it = item;
	const uint32_t self = index_of(guard, table, item) + 1;

	if (table_is_listed(item, list)) {
		return;
	}
	it->listed |= UINT32_C(1) << list;
	it->link[list].next = 0;
	it->link[list].prev = table->lists[list].last;
	if (table->lists[list].last != 0) {
		item_at(guard, table, table->lists[list].last - 1)->link[list].next = self;
	} else {
		table->lists[list].first = self;
	}
	table->lists[list].last = self;
	table->lists[list].count++;
}

void table_unlist(struct guard *guard, struct table *table, void *item, enum table_list list)
{
	struct item *it = item;
	const uint32_t next = it->link[list].next;
	const uint32_t prev = it->link[list].prev;

	if (!table_is_listed(item, list)) {
		return;
	}
	if (next != 0) {
		item_at(guard, table, next - 1)->link[list].prev = prev;
	} else {
		table->lists[list].last = prev;
	}
	if (prev != 0) {
		item_at(guard, table, prev - 1)->link[list].next = next;
	} else {
		table->lists[list].first = next;
	}
	it->listed &= ~(UINT32_C(1) << list);
	table->lists[list].count--;
}

void *table_first(const struct guard *guard, const struct table *table, enum table_list list)
{
	const uint32_t first = table->lists[list].first;

	return first == 0 ? NULL : item_at(guard, table, first - 1);
}

void *table_next(const struct guard *guard, const struct table *table, const void *item, enum table_list list)
{
	const uint32_t next = ((const struct item *)item)->link[list].next;

	return next == 0 ? NULL : item_at(guard, table, next - 1);
}

void *table_pop(struct guard *guard, struct table *table, enum table_list list)
{
	void *item = table_first(guard, table, list);

	if (item != NULL) {
		table_unlist(guard, table, item, list);
	}
	return item;
}

static const char *list_check(const struct guard *guard, const struct table *table, enum table_list list)
{
	uint32_t count = 0, prev = 0;

	for (uint32_t at = table->lists[list].first; at != 0;) {
		const struct item *item = at > table_slab(guard, table)->count ? NULL : item_at(guard, table, at - 1);

		if (item == NULL || !table_is_listed(item, list) || item->link[list].prev != prev ||
		    ++count > table->lists[list].count) {
			return "a list is broken";
		}
		prev = at;
		at = item->link[list].next;
	}
	return count == table->lists[list].count && prev == table->lists[list].last ? NULL : "a list has lost its end";
}

const char *table_check(const struct guard *guard, const struct table *table)
{
	const struct tg_slab *slab = table_slab(guard, table);
	uint32_t used = 0, listed[LISTS] = { 0 };

	for (uint32_t i = 0; i < slab->count; i++) {
		const struct item *item = tg_slab_at(slab, i, NULL);

		if (item == NULL) {
			continue;
		}
		used++;
		for (enum table_list list = 0; list < LISTS; list++) {
			listed[list] += table_is_listed(item, list);
		}
		if (table_find(guard, table, item->hash) != item) {
			return "an item is not found by its hash";
		}
	}
	for (enum table_list list = 0; list < LISTS; list++) {
		const char *wrong = list_check(guard, table, list);

		if (wrong != NULL || listed[list] != table->lists[list].count) {
			return wrong != NULL ? wrong : "an item says it is in a list, and is not";
		}
	}
	return used == slab->used && used == map_of(guard, table)->used ? NULL : "a table miscounts its items";
}
