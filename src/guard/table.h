/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_GUARD_TABLE_H
#define TG_GUARD_TABLE_H

#include "base/map.h"
#include "base/slab.h"

struct guard;

/**
 * The tables of the guard: items of one kind, found by a keyed hash of 64 bits that stands for their key (nobody who lacks the
 * key can look for two alike, and by chance two of 2^17 are alike once in 2^31 tables). A full one gives up an item of little
 * worth. Items can wait in lists, first in, first out.
 */
enum table_list {
	LIST_TELL,
	LIST_CHECK,
	LIST_WANT,
	LISTS,
	LIST_ALLOWED = LIST_CHECK, /* of bans: allowances that are active */
};

/** Every item begins with this. Links are index + 1, 0 for none. */
struct item {
	uint64_t hash;
	struct {
		uint32_t next, prev;
	} link[LISTS];
	uint32_t listed; /* bit set of enum table_list */
	uint32_t zero;
};

struct table {
	uint64_t slab_at, map_at; /* from the start of the guard */
	struct {
		uint32_t first, last, count;
	} lists[LISTS];
	uint32_t evicted, refused;
};

/** What a table needs; a multiple of 64. */
size_t table_size(uint32_t item_bytes, uint32_t count);

/** @param at  where in the guard's block; a multiple of 8 */
void table_init(struct guard *guard, struct table *table, size_t at, uint32_t item_bytes, uint32_t count);

struct tg_slab *table_slab(const struct guard *guard, const struct table *table);

/** @return lent, or NULL */
void *table_find(const struct guard *guard, const struct table *table, uint64_t hash);

/** How an item is rated when room is needed: what has less goes first. */
typedef uint32_t (*table_worth)(const struct guard *guard, const void *item, uint64_t now_us);

/** Told before an item goes. */
typedef void (*table_gone)(struct guard *guard, void *item);

struct table_rule {
	table_worth worth;
	table_gone gone;
	uint32_t keep; /* items of this worth or more make room after all others */
	bool always;   /* and then the least of those that were looked at does; else none */
};

/**
 * A new, zeroed item under a hash that is not there yet. When all are in use, two at random are compared and the one of less
 * worth goes; if both may not go, up to 32 are looked at.
 *
 * @return NULL if none was found that may go
 */
void *table_take(struct guard *guard, struct table *table, uint64_t hash, const struct table_rule *rule,
                 uint64_t now_us);

void table_drop(struct guard *guard, struct table *table, void *item, const struct table_rule *rule);

void table_list(struct guard *guard, struct table *table, void *item, enum table_list list);
void table_unlist(struct guard *guard, struct table *table, void *item, enum table_list list);

/** The first of a list, NULL for none; it stays there. */
void *table_first(const struct guard *guard, const struct table *table, enum table_list list);

/** The one after it, NULL for none. */
void *table_next(const struct guard *guard, const struct table *table, const void *item, enum table_list list);
void *table_pop(struct guard *guard, struct table *table, enum table_list list);
bool table_is_listed(const void *item, enum table_list list);

/** @return NULL if all is well, else what is wrong */
const char *table_check(const struct guard *guard, const struct table *table);

#endif
