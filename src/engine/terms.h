/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_TERMS_H
#define TG_ENGINE_TERMS_H

#include "guard/guard.h"
#include "model/guardstate.h"
#include "model/world.h"

/**
 * The guard's words in those of the model, and back. The guard counts monotonic time in us and knows TG_NEVER; the model has wall time
 * in ms, and 0 for no end.
 */

/** Both clocks, read at the same moment. */
struct terms_now {
	uint64_t now_us, wall_us;
};

struct guard_limits terms_limits(const struct world_guard *guard);
enum model_reason terms_reason(enum guard_why why);
enum model_class terms_class(enum guard_class class);

/** What is done with a source on this step of the ladder. */
enum model_action terms_action(enum guard_why step);

/** 0 for TG_NEVER; one that is over gives a moment in the past, never 0. */
uint64_t terms_wall_ms(uint64_t at_us, struct terms_now now);

/** The id is that of the event that tells it. */
struct model_ban terms_ban(const struct guard_ban *ban, struct model_event_id id, struct terms_now now);

/** @return false if it is over and forgotten, or not what a guard could have said */
TG_MUST_USE bool terms_guard_ban(struct guard_ban *out, const struct model_ban *ban, struct terms_now now);

struct model_guard_account terms_account(const struct guard_account *account);

/** What cannot be is left out. */
struct guard_account terms_guard_account(const struct model_guard_account *account);

#endif
