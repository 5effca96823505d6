/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_USAGES_H
#define TG_SWITCH_USAGES_H

#include "switch/inside.h"
#include "switch/toll.h"

/**
 * Whom paid calls are counted for, and how much was used: a place for each account that proved its secret, for each trunk, and one for
 * all guests together. Legs refer to it by index + 1 (switch/paying.h).
 */

/** What is counted for one name. */
struct usage {
	struct toll_usage use;
	uint32_t legs; /* that are charged to it */
	uint8_t role;  /* enum toll_role */
	uint8_t zero[3];
	char name[MODEL_NAME_BYTES]; /* "" for guests */
};

/** Wall time of the entry that runs, in milliseconds since 1970. */
uint64_t usage_wall_ms(const struct tg_switch *sw);

/** By index + 1; NULL for 0. */
struct usage *usage_at(const struct tg_switch *sw, uint32_t place);

/** Index + 1; 0 for NULL. */
uint32_t usage_place(const struct tg_switch *sw, const struct usage *usage);

/** NULL if nothing is counted for it. */
struct usage *usage_find(const struct tg_switch *sw, enum toll_role role, struct tg_span name);

/** Find, or begin one, with the hour, day and month of now. @return NULL if there is no place for another one */
struct usage *usage_take(struct tg_switch *sw, const struct world *world, enum toll_role role, struct tg_span name);

/** From the store, of an engine before this one. */
void usages_restore(struct tg_switch *sw, const struct model_usage *record);

/** What another process counted for a name, all but the legs; role and name make sense. */
void usages_take_over(struct tg_switch *sw, const struct usage *old);

/**
 * The one here that has the name of that one in another process's slab, which may hold anything.
 *
 * @param place  there: index + 1; 0 for none, which gives NULL
 * @param trunk  what it must be of
 * @return false if it is none
 */
bool usage_find_old(const struct tg_switch *sw, const struct tg_slab *usages, uint32_t place, bool trunk,
                    struct usage **usage);

#endif
