/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_BAG_H
#define TG_SWITCH_BAG_H

#include "base/bytes.h"
#include "base/slab.h"

/**
 * A call's variables: names and values of any length, in pieces of one pool that all calls share. Variables that came with the call
 * or go out with it (IAXVAR) live in a namespace of their own, because any caller can set any name there.
 */
enum {
	BAG_NAME_MAX = 80,
	BAG_VALUE_MAX = 4096,
	BAG_PIECES_MAX = 96, /* of one bag: some 11 KiB */
	BAG_PIECE_BYTES = 128,
};

enum bag_space {
	BAG_PLAIN, /* set by the dialplan and the configuration */
	BAG_IAX,   /* VARIABLE elements */
};

/** One call's bag; all zeros is an empty one. */
struct bag {
	uint32_t first;  /* index + 1 of the first variable's first piece */
	uint32_t pieces; /* in use by this bag */
};

/** A pool of pieces is a slab of BAG_PIECE_BYTES. */
struct tg_slab *bag_pool_init(void *mem, uint32_t pieces);
size_t bag_pool_size(uint32_t pieces);

/**
 * Set or replace one variable; an empty value removes it.
 *
 * @param foreign  a caller chose some of the value
 * @return false if the name is too long or empty, the value too long, the bag full or the pool empty: nothing is changed then
 */
bool bag_set(struct tg_slab *pool, struct bag *bag, enum bag_space space, struct tg_span name, struct tg_span value,
             bool foreign);

/**
 * @param out      room for BAG_VALUE_MAX octets
 * @param foreign  may be NULL
 * @return the value's length, copied to out; 0 if there is no such variable
 */
size_t bag_get(const struct tg_slab *pool, const struct bag *bag, enum bag_space space, struct tg_span name,
               uint8_t out[BAG_VALUE_MAX], bool *foreign);

/**
 * Walk the variables of one space, oldest first: cursor starts at 0.
 *
 * @param name, value  room for BAG_NAME_MAX and BAG_VALUE_MAX octets
 */
bool bag_next(const struct tg_slab *pool, const struct bag *bag, enum bag_space space, uint32_t *cursor, uint8_t *name,
              size_t *name_len, uint8_t *value, size_t *value_len);

/**
 * Make a copy of a bag that lies in a pool which may hold anything.
 *
 * @param bag  empty
 * @return false if it makes no sense, or there is no room: then bag is empty still
 */
bool bag_take_over(struct tg_slab *pool, struct bag *bag, const struct tg_slab *old_pool, struct bag old);

/** Give all pieces back. */
void bag_clear(struct tg_slab *pool, struct bag *bag);

#endif
