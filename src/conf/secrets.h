/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_SECRETS_H
#define TG_CONF_SECRETS_H

#include "conf/arena.h"
#include "model/secret.h"

/** One secret of one identity; an identity may have several (each `secret` line of a user is one). */
struct conf_secret {
	const struct conf_secret *next;
	enum model_identity identity;
	const char *name;
	const char *secret; /* 1 to MODEL_SECRET_MAX octets */
};

/** All secrets of a configuration. They are nowhere else: not in the world, not in a problem's text. */
struct conf_secrets {
	struct conf_arena arena;
	const struct conf_secret *first;
	struct conf_secret *last;
	uint32_t count;
};

/** Copies both texts. @return false if there was no memory */
TG_MUST_USE bool conf_secrets_add(struct conf_secrets *secrets, enum model_identity identity, const char *name,
                                  const char *secret);

/** Wipes them. */
void conf_secrets_free(struct conf_secrets *secrets);

#endif
