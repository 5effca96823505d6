/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_ADMISSION_H
#define TG_ENGINE_ADMISSION_H

#include "engine/orders.h"
#include "engine/watch.h"

/**
 * All of admission on the engine's side, in the switch's thread: the guard with its gate, the events and bans that come of it, and
 * who hears of them.
 */
struct admission {
	struct engine_shared *shared;
	struct guard *guard;
	struct events events;
	struct keeper keeper;
	struct gate gate;
	struct verdicts verdicts;
	struct marks facts;
	struct watch watch;
	struct guard_never never;
	uint32_t accounts_max;  /* names that the guard has places for, as the first world needed */
	uint32_t accounts_over; /* so many accounts of this world more than that: they displace each other */
	bool fence_works;       /* bans reach the packet filter; why not, the fence has logged */
};

/** Sizes of the guard's tables; the seed is from the kernel. */
struct guard_config admission_config(const struct world *world, uint64_t wall_us);

/**
 * @param admission  zeroed
 * @param memory     guard_size() bytes of this config, aligned to 64
 */
void admission_init(struct admission *admission, struct engine_shared *shared, void *memory,
                    const struct guard_config *config, struct iax_endpoint *endpoint, const struct tg_switch *sw,
                    uint64_t now_us);

/** Needed once before all else, and for each new world. */
void admission_set_world(struct admission *admission, const struct world *world, struct terms_now now);

/** From the store: IPC_BAN, IPC_GUARD_ACCOUNT, IPC_GUARD_END. @return false if it is none of these */
bool admission_on_store(struct admission *admission, const void *record, struct terms_now now);

/** IPC_FENCE_STATE. */
void admission_on_fence(struct admission *admission, const struct ipc_fence_state *state);

/** Whatever came or was due in this turn: carry on what came of it. */
void admission_turn(struct admission *admission, const struct watch_sums *sums, struct link *store, struct link *fence,
                    struct terms_now now);

/** When the next turn is needed; 0 for at once. */
uint64_t admission_deadline_us(const struct admission *admission, const struct link *store, const struct link *fence);

#endif
