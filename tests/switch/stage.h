/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_SWITCH_STAGE_H
#define TG_TESTS_SWITCH_STAGE_H

#include "handset.h"
#include "house.h"

/** An exchange in front of another one, and whom they know. */

/* The front is 192.0.2.1 and reads what the backend, 192.0.2.2, had before; alice .3, bob .4, the provider .5, somebody .6. */
#define ACCOUNTS                                                                                    \
	"[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\ncontext=inside\n" \
	"callerid=\"Alice\" <201>\nusername=alice\n"                                                \
	"[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nusername=bob\n"       \
	"[caller]\ntype=user\nsecret=caller-secret\ncontext=phones\n"                               \
	"[guest]\ntype=user\ncontext=lobby\n"

extern const char front_iax[], front_tollgate[];

struct stage {
	struct sim sim;
	struct house front, backend;
	struct handset alice, bob, provider, stranger;
};

/** @param iax, tollgate  of the front */
struct stage *stage_new(uint64_t seed, const char *iax, const char *tollgate);

/** With front_iax and front_tollgate. */
struct stage *stage(uint64_t seed);
void stage_free(struct stage *s);

/** Whether a peer is registered at an exchange. */
bool stage_bound(const struct house *house, const char *name);

#endif
