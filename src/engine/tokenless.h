/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_TOKENLESS_H
#define TG_ENGINE_TOKENLESS_H

#include "base/addr.h"

/**
 * Accounts that need no call token, at networks (tg_addr_network_bits()) where they proved their secret: for the door's thread to
 * read, and the switch's to write. What is noted stays until its end: there is room for all networks that the guard remembers of
 * all accounts. Should others, of accounts that are gone, fill it, it is full, and the switch writes it anew into the second copy.
 */
struct tokenless;

/** @param accounts  at most, each with TOKENLESS_NETWORKS networks */
size_t tokenless_size(uint32_t accounts);

/**
 * @param memory  tokenless_size() bytes, zeroed, aligned to 64
 * @param key     16 random octets
 */
struct tokenless *tokenless_init(void *memory, uint32_t accounts, const uint8_t key[16]);

enum { TOKENLESS_NETWORKS = 8 };

/** Until then, or as long as it was promised before if that is longer. @return false if it is full: nothing was noted */
bool tokenless_note(struct tokenless *tokenless, struct tg_span account, struct tg_addr from, uint64_t until_us);
bool tokenless_has(const struct tokenless *tokenless, struct tg_span account, struct tg_addr from, uint64_t now_us);
bool tokenless_is_empty(const struct tokenless *tokenless);

/** What is noted from here on is all there is; the door goes on with what was there before, until the end. */
void tokenless_begin_anew(struct tokenless *tokenless);
void tokenless_end_anew(struct tokenless *tokenless);

#endif
