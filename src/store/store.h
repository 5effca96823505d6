/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_STORE_STORE_H
#define TG_STORE_STORE_H

#include "model/record.h"

/**
 * What must outlive the daemon: call records and registrations, in one database file. Belongs to one thread. What is put is
 * safe only after store_commit(): then it survives the loss of power.
 */
struct store;

enum store_result {
	STORE_OK,
	STORE_FAILED, /* store_why() says what; nothing since the last commit was kept: end and start anew */
};

enum { STORE_WHY_BYTES = 256 };

/**
 * Open the database, or make it.
 *
 * @param path  of the file; its folder exists
 * @param why   what failed, for people
 * @return NULL if it cannot be opened, is no database of ours, or was made by a newer version
 */
struct store *store_open(const char *path, char why[STORE_WHY_BYTES]);

/** What was not committed is lost. NULL is allowed. */
void store_close(struct store *store);

/** What failed last. */
const char *store_why(const struct store *store);

/** Keep a call record. A pair of incarnation and sequence that is there already is kept once and counts as kept. */
TG_MUST_USE enum store_result store_put_record(struct store *store, uint64_t incarnation, uint64_t sequence,
                                               const struct model_call_record *record);

/** Replace the binding of this name; expires_ms 0 forgets it. */
TG_MUST_USE enum store_result store_put_binding(struct store *store, const struct model_binding *binding);

/** Make all that was put since the last commit safe. Nothing put: nothing done. */
TG_MUST_USE enum store_result store_commit(struct store *store);

/** Bindings that have not expired at now_ms (wall time), by name. Lent for the call. */
TG_MUST_USE enum store_result store_each_binding(struct store *store, uint64_t now_ms,
                                                 void (*on)(void *owner, const struct model_binding *binding),
                                                 void *owner);

/** The last `limit` call records (0: all), newest first. Lent for the call. */
TG_MUST_USE enum store_result store_each_record(struct store *store, uint32_t limit,
                                                void (*on)(void *owner, const struct model_call_record *record),
                                                void *owner);

#endif
