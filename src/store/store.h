/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_STORE_STORE_H
#define TG_STORE_STORE_H

#include "model/guardstate.h"
#include "model/record.h"

/**
 * What must outlive the daemon, in one database file: call records, registrations, what the guard must not forget, security
 * events, the audit log. Belongs to one thread. What is put is safe only after store_commit(): then it survives the loss of
 * power. A row that makes no sense, because others wrote to the file, is left out.
 */
struct store;

enum store_result {
	STORE_OK,
	STORE_FAILED, /* store_why() says what; nothing since the last commit was kept: end and start anew */
};

enum {
	STORE_WHY_BYTES = 256,
	STORE_EVENTS_MAX = 100000,   /* the newest are kept */
	STORE_ACCOUNTS_MAX = 200000, /* of those that the guard remembers */
};

/**
 * Open the database, or make it. One of an older version is brought up to date in place.
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

/** Keep a call record. paid may be NULL: nothing of it was paid. A pair of incarnation and sequence that is there already is kept once and counts as kept. */
TG_MUST_USE enum store_result store_put_record(struct store *store, uint64_t incarnation, uint64_t sequence,
                                               const struct model_call_record *record, const struct model_paid *paid);

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
                                                void (*on)(void *owner, const struct model_call_record *record,
                                                           const struct model_paid *paid),
                                                void *owner);

/** What the paid calls of the newest month used up, summed by who is charged, and class. Lent for the call. */
TG_MUST_USE enum store_result store_each_usage(struct store *store,
                                               void (*on)(void *owner, const struct model_usage *usage), void *owner);

/* ---- The guard ---- */

/** Replace the ban or allowance of this network; one that is over at now_ms is forgotten. */
TG_MUST_USE enum store_result store_put_ban(struct store *store, const struct model_ban *ban, uint64_t now_ms);

/**
 * All bans there are will be put: store_end_bans() forgets those that were not, since the last beginning. Without one, none. What
 * store_each_ban() left out as over stays: nobody can name it, and the clock may have been wrong.
 */
TG_MUST_USE enum store_result store_begin_bans(struct store *store);
TG_MUST_USE enum store_result store_end_bans(struct store *store);

/** Replace what is remembered of this account; nothing left to remember forgets it. */
TG_MUST_USE enum store_result store_put_account(struct store *store, const struct model_guard_account *account);

/** Bans and allowances that are not over at now_ms, the allowances first: who is allowed must not be dropped meanwhile. Lent for the call. */
TG_MUST_USE enum store_result store_each_ban(struct store *store, uint64_t now_ms,
                                             void (*on)(void *owner, const struct model_ban *ban), void *owner);

/** Lent for the call. */
TG_MUST_USE enum store_result store_each_account(struct store *store,
                                                 void (*on)(void *owner, const struct model_guard_account *account),
                                                 void *owner);

/**
 * Forget bans that are over, and accounts above the limit.
 *
 * @param is_sure  the clock is believed: also those that store_each_ban() left out
 */
TG_MUST_USE enum store_result store_clean(struct store *store, uint64_t now_ms, bool is_sure);

/* ---- Events and the audit log ---- */

/** Keep an event; one with the id of another is kept once. The oldest above the limit goes. */
TG_MUST_USE enum store_result store_put_event(struct store *store, const struct model_event *event);

/** Which events are wanted; zeros: all. */
struct store_events {
	struct model_event_id id; /* that one alone, whatever else is said */
	struct tg_addr addr; /* those from this network, or about one that it is in; family TG_NO_ADDR: from anywhere */
	uint32_t bits;
	uint32_t limit; /* 0: none */
};

/** Newest first. Lent for the call. */
TG_MUST_USE enum store_result store_each_event(struct store *store, const struct store_events *wanted,
                                               void (*on)(void *owner, const struct model_event *event), void *owner);

/** A line for the audit log. It is never changed nor removed. */
TG_MUST_USE enum store_result store_put_audit(struct store *store, const struct model_audit *audit);

/** The last `limit` lines (0: all), newest first. Lent for the call. */
TG_MUST_USE enum store_result store_each_audit(struct store *store, uint32_t limit,
                                               void (*on)(void *owner, const struct model_audit *audit), void *owner);

#endif
