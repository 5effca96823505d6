/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_BINDINGS_H
#define TG_ENGINE_BINDINGS_H

#include "engine/link.h"

/**
 * The last binding of each peer on its way to the store. The store confirms none; one that was started anew gets all of them again,
 * so that none is lost with the old one.
 *
 * Each peer has a budget of five at once and one in 10 s: whoever registers more often is answered like others, and what came of it
 * is told when its budget allows.
 */
struct bindings;

size_t bindings_size(uint32_t count);

/** @param mem  bindings_size() bytes, aligned to 8, zeroed */
struct bindings *bindings_init(void *mem, uint32_t count, const uint8_t key[16]);

enum bindings_put {
	BINDINGS_NOW,   /* it goes to the store */
	BINDINGS_LATER, /* beyond its budget: later, or what there is instead by then */
	BINDINGS_FULL,  /* there is no room for another name */
};

enum bindings_put bindings_put(struct bindings *bindings, const struct model_binding *binding, uint64_t now_us);

/** What the store said at start: known, and not told again. @return false if there is no room */
bool bindings_restore(struct bindings *bindings, const struct model_binding *binding);

/** The last one of this name, lent until the next is put; NULL for none. */
const struct model_binding *bindings_last(struct bindings *bindings, const char *name);

/** Send what the store of now does not have. */
void bindings_turn(struct bindings *bindings, struct link *store, uint64_t now_us);

/** When a peer's budget allows again what waits for it; TG_NEVER: nothing does. */
uint64_t bindings_deadline_us(const struct bindings *bindings);
bool bindings_wait(const struct bindings *bindings);

/** There is a new store. */
void bindings_repeat(struct bindings *bindings);

#endif
