/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_SWITCH_SCENE_H
#define TG_TESTS_SWITCH_SCENE_H

#include "handset.h"
#include "house.h"

#include "check.h"

/* An exchange and three phones, alice (201), bob (202) and carol (203), 10 ms away from each other. */
struct scene {
	struct sim sim;
	struct house house;
	struct handset alice, bob, carol;
};

/** iax.conf of the three, each a friend in context "phones" with the secret "<name>-secret". */
extern const char scene_iax[];

/** @param iax  NULL for scene_iax */
struct scene *scene_new(uint64_t seed, const char *iax, const char *extensions);
struct scene *scene_new_with(uint64_t seed, const struct house_plan *plan, const struct sim_net *net);

/** All three register. */
void scene_register(struct scene *s);

/** Hangs everything up, lets it die down, and checks that nothing is left. */
void scene_free(struct scene *s);

/** What the log says of it must be there. */
#define CHECK_LOGGED(scene, text) CHECK_TRUE(house_logged(&(scene)->house, (text)))

/** A variable of the only call; "" if there is none. */
const char *scene_variable(struct scene *s, const char *name);

#endif
