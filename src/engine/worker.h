/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_WORKER_H
#define TG_ENGINE_WORKER_H

#include <pthread.h>

#include "engine/core.h"
#include "engine/door.h"
#include "engine/relay.h"

/**
 * One thread of the engine and the roles it has: any of door, switch and one relay. In a turn each role gets a bounded share, the
 * door the smallest, so none can starve another when they share a thread. What a role does never depends on that.
 */

struct worker;

/** One socket in a worker's loop. */
struct worker_port {
	struct worker *worker;
	uint32_t group;
};

struct worker {
	struct engine_shared *shared;
	uint32_t index; /* thread number: its bell, and its place in `seen` */
	struct sys_loop *loop;
	struct core *core; /* NULL: not its role */
	struct door *door;
	struct relay *relay;
	struct worker_port ports[ENGINE_GROUPS_MAX];
	pthread_t thread;
	bool is_started;
};

/** Which thread has which role. */
struct worker_plan {
	uint32_t threads;
	uint32_t door; /* the switch has thread 0 */
	uint32_t relays[ENGINE_RELAYS_MAX];
};

/** @param threads  as the settings say; more than 2 + relays are not needed */
struct worker_plan worker_plan_of(uint32_t threads, uint32_t relays);

/** Put bell and sockets into the loop. @return false without memory */
TG_MUST_USE bool worker_init(struct worker *worker);

/** One turn: what is due, then wait for what comes and handle it. @return false when it is time to stop */
bool worker_turn(struct worker *worker);

/** Turns until shared->stop; sets shared->failed if it cannot go on before. For the thread itself. */
void worker_run(struct worker *worker);

/** The same in a thread of its own. @return false with errno */
TG_MUST_USE bool worker_start(struct worker *worker);
void worker_join(struct worker *worker);

#endif
