/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_WORLD_INDEX_H
#define TG_MODEL_WORLD_INDEX_H

#include "model/world.h"

/** What world.c and world_check.c share: tables sorted by name. Rows of all three begin with their name. */
struct world_index {
	enum world_table rows, by_name;
};

extern const struct world_index world_user_index, world_peer_index, world_context_index;

/** The name of the row that an index has at a place, and so the row itself. */
const struct world_text *world_index_row(const struct world *world, const struct world_index *index, uint32_t at);

/** The order of an index: octet by octet, the shorter one first. */
int world_index_compare(struct tg_span a, struct tg_span b);

#endif
