/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_DESK_WORLD_H
#define TG_TESTS_DESK_WORLD_H

#include "model/world.h"

/**
 * A world with something in each column: the peers alice (dynamic, watched), bob (static IPv6, trunk) and carol; two
 * users and one without a secret; the contexts phones, base and house. malloc'd.
 */
struct world *desk_world(size_t *size_bytes);

struct tg_addr desk_addr(const char *text);

#endif
