/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_ROWS_H
#define TG_ENGINE_ROWS_H

#include "engine/keeper.h"
#include "engine/link.h"
#include "guard/guard.h"
#include "model/world.h"
#include "switch/switch.h"

/**
 * Answers the desk's questions, a row at a time and only as fast as the desk reads: people never slow down calls.
 */

enum { ROWS_QUERIES_MAX = 32 };

/** One value for `core show counters`: its name, such as "door.answered", and its value. */
struct rows_counter {
	char name[64];
	uint64_t value;
	bool is_idle; /* one of many reasons, which never was: not for people */
};

struct rows {
	const struct tg_switch *sw;
	const struct iax_endpoint *endpoint;
	/* The engine's counters by number, false after the last. */
	bool (*counter_at)(const void *owner, uint32_t number, struct rows_counter *out);
	const void *owner;
	const struct world *world; /* of now, for limits */
	const struct guard *guard;
	const struct keeper *keeper;                /* it knows which event told a ban */
	struct ipc_query queries[ROWS_QUERIES_MAX]; /* the first is being answered */
	uint32_t count;
	uint32_t cursor; /* of the next row */
	uint32_t sent;
	uint32_t record_bytes; /* of a finished row that the channel did not take; 0 for none */
	union {
		struct ipc_head head;
		struct ipc_peer_row peer;
		struct ipc_channel_row channel;
		struct ipc_registry_row registry;
		struct ipc_numbers_row numbers;
		struct ipc_counter_row counter;
		struct ipc_ban_row ban;
		struct ipc_source_row source;
		struct ipc_account_row account;
		struct ipc_budget_row budget;
		struct ipc_usage_row usage;
		struct ipc_rows_end end;
	} record;
};

/** Set `world` before a question is asked, and with each reload */
void rows_init(struct rows *rows, const struct tg_switch *sw, const struct iax_endpoint *endpoint,
               const struct guard *guard, const struct keeper *keeper,
               bool (*counter_at)(const void *owner, uint32_t number, struct rows_counter *out), const void *owner);

/** @return false if too many wait: the desk broke the custom of asking one after the other */
bool rows_ask(struct rows *rows, const struct ipc_query *query);

/** Send some rows. */
void rows_turn(struct rows *rows, struct link *desk, struct terms_now now);
bool rows_wait(const struct rows *rows);

/** There is another desk. */
void rows_forget(struct rows *rows);

#endif
