/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_KNOWN_H
#define TG_ENGINE_KNOWN_H

#include <stdatomic.h>

#include "base/addr.h"

/**
 * Addresses that proved themselves lately (a valid call token, or a registration): a stealthy listener answers their POKE
 * (ruling R4). A small table of hashes in shared memory; door and switch both write, a newer entry displaces an older one. To forget
 * somebody early only costs him a PONG.
 */
enum { KNOWN_SLOTS = 4096, KNOWN_S = 3600 };

struct known {
	uint8_t key[16];
	_Atomic uint64_t slots[KNOWN_SLOTS]; /* hash above, time in seconds below */
};

/** @param key  16 random octets */
void known_init(struct known *known, const uint8_t key[16]);

/** @param at_us  when; later than now for a registration that will be good for longer */
void known_note(struct known *known, struct tg_addr addr, uint64_t at_us);
bool known_has(const struct known *known, struct tg_addr addr, uint64_t now_us);

#endif
