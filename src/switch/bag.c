/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/bag.h"

#include <string.h>

/* A variable is a chain of pieces; the first one says how much of the chain is name and how much value. */
struct piece {
	uint32_t next;          /* index + 1 of the chain's next piece */
	uint32_t next_variable; /* first pieces only: index + 1 of the next variable */
	uint16_t value_len;
	uint8_t name_len;
	uint8_t space : 1;
	uint8_t foreign : 1;
	uint8_t bytes[BAG_PIECE_BYTES - 12];
};
static_assert(sizeof(struct piece) == BAG_PIECE_BYTES, "pieces are cut without waste");

enum { IN_PIECE = BAG_PIECE_BYTES - 12 };

size_t bag_pool_size(uint32_t pieces)
{
	return tg_slab_size(BAG_PIECE_BYTES, pieces);
}

struct tg_slab *bag_pool_init(void *mem, uint32_t pieces)
{
	return tg_slab_init(mem, BAG_PIECE_BYTES, pieces);
}

static struct piece *piece_at(const struct tg_slab *pool, uint32_t place)
{
	return place == 0 || place > pool->count ? NULL : tg_slab_at(pool, place - 1, NULL);
}

/* Copies len octets from a place inside a variable's chain (name first, then value). */
static void chain_read(const struct tg_slab *pool, const struct piece *p, size_t from, uint8_t *out, size_t len)
{
	for (size_t done = 0; p != NULL && done < len; p = piece_at(pool, p->next)) {
		if (from >= IN_PIECE) {
			from -= IN_PIECE;
			continue;
		}
		const size_t n = len - done < IN_PIECE - from ? len - done : IN_PIECE - from;

		memcpy(out + done, p->bytes + from, n);
		done += n;
		from = 0;
	}
}

static bool piece_is(const struct tg_slab *pool, const struct piece *p, enum bag_space space, struct tg_span name)
{
	uint8_t text[BAG_NAME_MAX];

	if (p->space != (space == BAG_IAX) || p->name_len != name.len) {
		return false;
	}
	chain_read(pool, p, 0, text, name.len);
	return memcmp(text, name.p, name.len) == 0;
}

static void chain_give(struct tg_slab *pool, struct bag *bag, uint32_t place)
{
	for (struct piece *p = piece_at(pool, place); p != NULL; p = piece_at(pool, place)) {
		place = p->next;
		tg_slab_give(pool, tg_slab_ref(pool, p));
		bag->pieces--;
	}
}

/* Where the link to a variable stands; what it holds is 0 if there is none of that name. */
static uint32_t *link_find(const struct tg_slab *pool, struct bag *bag, enum bag_space space, struct tg_span name)
{
	uint32_t *link = &bag->first;

	for (struct piece *p = piece_at(pool, *link); p != NULL; p = piece_at(pool, *link)) {
		if (piece_is(pool, p, space, name)) {
			return link;
		}
		link = &p->next_variable;
	}
	return link;
}

static void chain_write(struct piece *p, size_t *at, struct tg_span *from)
{
	const size_t n = from->len < IN_PIECE - *at ? from->len : IN_PIECE - *at;

	if (n > 0) {
		memcpy(p->bytes + *at, from->p, n);
	}
	*at += n;
	from->p += n;
	from->len -= n;
}

/* A chain with a name and a value; 0 if the pool is empty. */
static uint32_t chain_make(struct tg_slab *pool, struct bag *bag, struct tg_span name, struct tg_span value)
{
	uint32_t first = 0;
	uint32_t *link = &first;

	do {
		struct tg_ref ref;
		struct piece *p = tg_slab_take(pool, &ref);
		size_t at = 0;

		if (p == NULL) {
			chain_give(pool, bag, first);
			return 0;
		}
		bag->pieces++;
		*link = ref.index + 1;
		link = &p->next;
		chain_write(p, &at, &name);
		chain_write(p, &at, &value);
	} while (name.len > 0 || value.len > 0);
	return first;
}

static void variable_remove(struct tg_slab *pool, struct bag *bag, uint32_t *link)
{
	const uint32_t place = *link;

	if (place != 0) {
		*link = piece_at(pool, place)->next_variable;
		chain_give(pool, bag, place);
	}
}

bool bag_set(struct tg_slab *pool, struct bag *bag, enum bag_space space, struct tg_span name, struct tg_span value,
             bool foreign)
{
	const size_t pieces = (name.len + value.len + IN_PIECE - 1) / IN_PIECE;
	uint32_t place = 0;

	if (name.len == 0 || name.len > BAG_NAME_MAX || value.len > BAG_VALUE_MAX ||
	    bag->pieces + pieces > BAG_PIECES_MAX) {
		return false;
	}
	if (value.len > 0) {
		place = chain_make(pool, bag, name, value);
		if (place == 0) {
			return false;
		}
	}
	variable_remove(pool, bag, link_find(pool, bag, space, name));
	if (place != 0) {
		struct piece *p = piece_at(pool, place);

		p->name_len = (uint8_t)name.len;
		p->value_len = (uint16_t)value.len;
		p->space = space == BAG_IAX;
		p->foreign = foreign;
		*link_find(pool, bag, space, name) = place;
	}
	return true;
}

size_t bag_get(const struct tg_slab *pool, const struct bag *bag, enum bag_space space, struct tg_span name,
               uint8_t out[BAG_VALUE_MAX], bool *foreign)
{
	for (const struct piece *p = piece_at(pool, bag->first); p != NULL; p = piece_at(pool, p->next_variable)) {
		if (piece_is(pool, p, space, name)) {
			chain_read(pool, p, p->name_len, out, p->value_len);
			if (foreign != NULL) {
				*foreign = p->foreign;
			}
			return p->value_len;
		}
	}
	return 0;
}

bool bag_next(const struct tg_slab *pool, const struct bag *bag, enum bag_space space, uint32_t *cursor, uint8_t *name,
              size_t *name_len, uint8_t *value, size_t *value_len)
{
	const struct piece *p = piece_at(pool, bag->first);

	for (uint32_t at = 0; p != NULL; at++, p = piece_at(pool, p->next_variable)) {
		if (at < *cursor || p->space != (space == BAG_IAX)) {
			continue;
		}
		*cursor = at + 1;
		*name_len = p->name_len;
		*value_len = p->value_len;
		chain_read(pool, p, 0, name, p->name_len);
		chain_read(pool, p, p->name_len, value, p->value_len);
		return true;
	}
	return false;
}

void bag_clear(struct tg_slab *pool, struct bag *bag)
{
	while (bag->first != 0) {
		variable_remove(pool, bag, &bag->first);
	}
	*bag = (struct bag){ 0 };
}

/* ---- From another pool, which may hold anything ----------------------------------------------------------------- */

/* The whole of a variable. @return false if its chain is shorter than it says, or longer */
static bool read_whole(const struct tg_slab *pool, const struct piece *first, uint8_t out[BAG_NAME_MAX + BAG_VALUE_MAX],
                       uint32_t *pieces)
{
	const size_t len = (size_t)first->name_len + first->value_len;
	const struct piece *p = first;
	size_t done = 0;

	if (first->name_len == 0 || first->name_len > BAG_NAME_MAX || first->value_len == 0 ||
	    first->value_len > BAG_VALUE_MAX) {
		return false;
	}
	for (; p != NULL && done < len; p = piece_at(pool, p->next), ++*pieces) {
		const size_t n = len - done < IN_PIECE ? len - done : IN_PIECE;

		memcpy(out + done, p->bytes, n);
		done += n;
	}
	return p == NULL && done == len;
}

/* Each step takes a piece of the new bag, so however the old chain goes on, it ends. */
static bool copy_all(struct tg_slab *pool, struct bag *bag, const struct tg_slab *old_pool, struct bag old)
{
	uint8_t text[BAG_NAME_MAX + BAG_VALUE_MAX];
	const struct piece *p = piece_at(old_pool, old.first);
	uint32_t pieces = 0;

	for (; p != NULL; p = piece_at(old_pool, p->next_variable)) {
		if (!read_whole(old_pool, p, text, &pieces) || pieces > BAG_PIECES_MAX ||
		    !bag_set(pool, bag, p->space ? BAG_IAX : BAG_PLAIN, (struct tg_span){ text, p->name_len },
		             (struct tg_span){ text + p->name_len, p->value_len }, p->foreign)) {
			return false;
		}
	}
	return pieces == old.pieces && bag->pieces == old.pieces;
}

bool bag_take_over(struct tg_slab *pool, struct bag *bag, const struct tg_slab *old_pool, struct bag old)
{
	const bool whole = old.first == 0 ? old.pieces == 0 : copy_all(pool, bag, old_pool, old);

	if (!whole) {
		bag_clear(pool, bag);
	}
	return whole;
}
