/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_MARKS_H
#define TG_ENGINE_MARKS_H

#include <stdatomic.h>

#include "base/addr.h"

/**
 * Addresses and networks with a mark that ends some time: a table of keyed hashes in shared memory, for all threads to read and
 * write. A new entry takes the place of the one of its row that ends first, so a mark may be lost early, and one in 2^30 networks
 * looks like another: good for what is better served or less, never for who may do what.
 */
enum { MARKS_ROWS = 8192, MARKS_WAYS = 4 };

struct marks {
	uint8_t key[16];
	_Atomic uint32_t used;                          /* places taken: in an empty table nobody is looked up */
	_Atomic uint64_t slots[MARKS_ROWS][MARKS_WAYS]; /* hash above, end in seconds below */
};

/** @param key  16 random octets */
void marks_init(struct marks *marks, const uint8_t key[16]);

/**
 * Until then, or as long as it was promised before if that is longer.
 *
 * @param bits  of the family's own prefix: 0..32 or 0..128; has and drop must be asked with the same
 * @param until_us  TG_NEVER: without an end
 */
void marks_note(struct marks *marks, struct tg_addr addr, unsigned bits, uint64_t until_us);
void marks_drop(struct marks *marks, struct tg_addr addr, unsigned bits);
bool marks_has(const struct marks *marks, struct tg_addr addr, unsigned bits, uint64_t now_us);

/** Of one address alone. */
unsigned marks_host_bits(struct tg_addr addr);

#endif
