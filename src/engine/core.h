/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_CORE_H
#define TG_ENGINE_CORE_H

#include "engine/admission.h"
#include "engine/ask.h"
#include "engine/bindings.h"
#include "engine/images.h"
#include "engine/link.h"
#include "engine/media.h"
#include "engine/outbox.h"
#include "engine/rows.h"
#include "engine/shared.h"
#include "engine/tally.h"
#include "engine/trace.h"
#include "switch/switch.h"

/**
 * The switch's thread: owns endpoint and switch, and carries between them and the sockets, the other threads and the other processes. A
 * turn: what came by sockets and rings goes in, what is due is done, and all that wants to leave is sent in batches.
 */

/** How large everything is; follows from the first world and does not change. */
struct core_sizes {
	struct iax_config endpoint;
	struct switch_config sw;
	struct guard_config guard;
	uint32_t asks;
	uint32_t bindings;
	uint32_t accounts; /* that the door may have to know networks of */
};

struct core_sizes core_sizes_of(const struct world *world);

/** The caller's blocks, each aligned to 64, and what belongs into them. */
struct core_memory {
	void *endpoint;  /* iax_endpoint_size() */
	void *sw;        /* switch_size() */
	void *asks;      /* asks_size() */
	void *bindings;  /* bindings_size() */
	void *legs;      /* endpoint.legs_max rows of struct media_leg */
	void *guard;     /* guard_size() */
	void *admission; /* struct admission */
	void *tokenless; /* tokenless_size() of `accounts` */
};

enum core_link { CORE_PARENT, CORE_VAULT, CORE_STORE, CORE_DESK, CORE_FENCE, CORE_LINKS };

struct core {
	struct engine_shared *shared;
	struct sys_loop *loop;
	struct iax_endpoint *endpoint;
	struct tg_switch *sw;
	struct asks *asks;
	struct bindings *bindings;
	struct admission *admission;
	struct outbox *outbox;
	uint64_t outbox_incarnation;
	struct images *images;
	struct media media;
	struct tally tally;
	struct rows rows;
	struct trace trace;
	struct link links[CORE_LINKS];
	uint64_t now_us, wall_us;
	uint64_t sweep_us;  /* the next look at images nobody needs */
	uint64_t linger_us; /* stopping: when to end with something still unsent; 0 while calls go on */
	uint64_t dirty;     /* groups with unsent datagrams */
	bool is_stopping, is_restored;
	bool ends_when_idle; /* calls are taken until there is none */
	/* Counters of this thread alone. */
	uint64_t misplaced,
		shed; /* of runs: openings among other frames; of no leg, not looked at after too many such */
	uint64_t received, openings, asks_lost, records_lost, bindings_lost, bindings_late, not_ours;
	/* What the door counted, and the engine's counters of other threads for the desk. */
	void (*door_sums)(const void *owner, struct watch_sums *out);
	bool (*counter_at)(const void *owner, uint32_t number, struct rows_counter *out);
	const void *counter_owner;
	struct sys_udp_packet packets[SYS_UDP_BATCH];
};

/** Members that the caller sets before: shared, loop, images (with a world), outbox, outbox_incarnation, door_sums, counter_at,
 * counter_owner. */
void core_init(struct core *core, const struct core_sizes *sizes, const struct core_memory *memory);
void core_deinit(struct core *core);

/** A channel that came with IPC_CHANNEL, or the parent's own. @param fd  owned from now on */
void core_connect(struct core *core, enum core_link which, int fd, uint32_t incarnation);

/** @return false if it could not be sent */
bool core_tell_parent(struct core *core, enum ipc_kind kind);

/** A socket of the switch is readable: take one batch. @return how many came */
unsigned core_receive(struct core *core, uint32_t group);

void core_turn(struct core *core);

/** When the next turn is needed, if nothing comes; 0 for at once. Asked after core_turn(), and again after the bell was armed. */
uint64_t core_deadline_us(const struct core *core);

#endif
