/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_SECRETS_H
#define TG_DAEMON_SECRETS_H

#include "base/bytes.h"
#include "model/secret.h"

/**
 * The secrets image: what the loader hands to the vault, past a parent that never maps it. One block without pointers;
 * whoever maps one calls secrets_check() once, after that every accessor is safe.
 */

enum { SECRETS_MAGIC = 0x54475331, SECRETS_VERSION = 1, SECRETS_A_NAME_MAX = 8 };

struct secrets {
	uint32_t magic, version;
	uint64_t size_bytes;
	uint64_t generation;
	uint32_t count;
	uint32_t most_a_name; /* of all names, the most secrets one of them has */
};

/** One secret; rows follow the head, sorted by identity, then name. */
struct secrets_row {
	uint32_t identity; /* enum model_identity */
	uint32_t name_offset, name_len;
	uint32_t secret_offset, secret_len;
};

/** One secret to put into an image. */
struct secrets_item {
	enum model_identity identity;
	const char *name;
	const char *secret;
};

/**
 * Build an image.
 *
 * @param items     sorted in place; a name's secrets keep their order. Lent
 * @param size_out  its size
 * @return malloc'd, to be wiped and freed; NULL without memory, or if a name has more than SECRETS_A_NAME_MAX secrets (*too_many
 *         is then its name) or a text is longer than MODEL_SECRET_MAX
 */
struct secrets *secrets_build(struct secrets_item *items, uint32_t count, uint64_t generation, size_t *size_out,
                              const char **too_many);

/** @return NULL if all is well, else what is wrong (a constant text) */
TG_MUST_USE const char *secrets_check(const void *image, size_t size_bytes);

/** The rows of one name: `count` from `first`. count 0 for none. */
struct secrets_run {
	uint32_t first, count;
};

struct secrets_run secrets_find(const struct secrets *secrets, enum model_identity identity, struct tg_span name);

/** Row `index`'s secret. */
struct tg_span secrets_text(const struct secrets *secrets, uint32_t index);

#endif
