/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_BINDINGS_H
#define TG_ENGINE_BINDINGS_H

#include "engine/link.h"

/**
 * The last binding of each peer on its way to the store. The store confirms none; one that was started anew gets all of them again,
 * so that none is lost with the old one.
 */
struct bindings;

size_t bindings_size(uint32_t count);

/** @param mem  bindings_size() bytes, aligned to 8 */
struct bindings *bindings_init(void *mem, uint32_t count, const uint8_t key[16]);

/** @return false if there is no room for another name */
bool bindings_put(struct bindings *bindings, const struct model_binding *binding);

/** The last one of this name, lent until the next is put; NULL for none. */
const struct model_binding *bindings_last(struct bindings *bindings, const char *name);

/** Send what the store of now does not have. */
void bindings_turn(struct bindings *bindings, struct link *store);
bool bindings_wait(const struct bindings *bindings);

/** There is a new store. */
void bindings_repeat(struct bindings *bindings);

#endif
