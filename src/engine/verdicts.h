/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_VERDICTS_H
#define TG_ENGINE_VERDICTS_H

#include "engine/bindings.h"
#include "engine/gate.h"
#include "engine/keeper.h"
#include "engine/shared.h"

/**
 * What the switch decides, told to the guard; what the guard decides, told to the door, to the operator and to who keeps it. In the
 * switch's thread.
 */
struct verdicts {
	struct engine_shared *shared;
	struct guard *guard;
	struct events *events;
	struct keeper *keeper;
	struct gate *gate;
	const struct world *world;
	uint64_t failures, successes;
	uint64_t successes_again; /* of the same account and address within the hour: no event */
	struct marks *facts;      /* of accounts at addresses, as hashes */
	uint64_t renew_us;        /* what the door knows of networks is written anew then */
	uint64_t renewed_us;
	uint64_t held[GUARD_WHY_COUNT], observed[GUARD_WHY_COUNT];
};

/** Members are the caller's to set. A new world: the guard's limits, and the networks that are known by name. */
void verdicts_set_world(struct verdicts *verdicts, const struct world *world, struct terms_now now);

/** guard_set_wall() says that the clock was set. */
void verdicts_on_clock(struct verdicts *verdicts);

/** As switch_ops.may_try and .decided. */
enum model_reason verdicts_may_try(struct verdicts *verdicts, const struct switch_try *try, struct terms_now now);
void verdicts_on_decided(struct verdicts *verdicts, const struct switch_decision *decision, struct terms_now now);

/** A registration is at this address now; before: its last one, NULL for none. */
void verdicts_on_toll(struct verdicts *verdicts, const struct switch_toll *toll, struct terms_now now);

void verdicts_on_binding(struct verdicts *verdicts, const struct model_binding *binding,
                         const struct model_binding *before, struct terms_now now);

/** The store remembered it. */
void verdicts_on_restored_account(struct verdicts *verdicts, const struct model_guard_account *account,
                                  struct terms_now now);
void verdicts_on_restored_binding(struct verdicts *verdicts, const struct model_binding *binding, struct terms_now now);

/** The keeper's on_change: what the door is to know of a ban. @param owner  struct verdicts */
void verdicts_on_ban(void *owner, const struct guard_ban *ban, uint64_t now_us);

/** Do what is due in the guard, and carry on what came of it: at the end of each turn. never: whom it must ask about bans. */
void verdicts_turn(struct verdicts *verdicts, const struct guard_never *never, struct terms_now now);

#endif
