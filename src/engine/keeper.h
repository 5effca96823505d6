/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_KEEPER_H
#define TG_ENGINE_KEEPER_H

#include "engine/link.h"
#include "engine/terms.h"

/**
 * What the guard must not forget, on its way to who keeps it: bans to the store and to the fence, accounts to the store. The
 * guard's own table is the copy that counts. What is over is not in that table any more, and waits here until it was told. A store or
 * fence that was away, or for which too much waits, begins anew: it gets all of the table, and forgets what is not in it. The fence gets
 * the allowances first, so that it never has a ban without the allowance inside. Neither
 * of them ever holds up a change on its way to the door and to the other one.
 */
enum { KEEPER_ENDS = 1024, KEEPER_ACCOUNTS = 128, KEEPER_IDS = 1024 };

/** Which event told a ban; a newer one displaces an older one. */
struct keeper_id {
	struct tg_addr base;
	uint32_t bits;
	uint32_t reserved;
	struct model_event_id id;
};

/** IPC_BANS_ANEW is to be sent; it was, and IPC_BANS_ALL is to be sent at the end of the round. */
enum keeper_anew { KEEPER_AS_IT_IS, KEEPER_ANEW_DUE, KEEPER_ANEW_SENT };

/** One that gets bans. */
struct keeper_reader {
	bool is_fence;
	bool is_behind;   /* gets bans again, once round the guard's table */
	bool has_turned;  /* it began anew at the table's start */
	bool is_allowing; /* first gets all allowances, and no ban before: the fence */
	uint32_t allowed; /* cursor of the next allowance */
	enum keeper_anew anew;
	uint32_t cursor; /* of the next one */
	uint32_t stop;   /* the round is over there */
	uint32_t first_end, end_count;
	struct model_ban ends[KEEPER_ENDS]; /* over, and not told yet; none while it is to begin anew */
};

struct keeper {
	struct guard *guard;
	bool is_restored; /* what the store remembered has come: what comes later is older than what we know */
	bool with_kernel; /* bans go to the packet filter */
	struct keeper_reader store, fence;
	uint32_t account_next, account_count;
	struct model_guard_account accounts[KEEPER_ACCOUNTS]; /* told last; a new store gets them again */
	uint32_t accounts_again;                              /* so many of them, the newest, are to be told again */
	bool has_more;                                        /* the guard has more changes than went into one turn */
	/* Each change of a ban, before it is told to others; NULL for nobody. */
	void (*on_change)(void *owner, const struct guard_ban *ban, uint64_t now_us);
	void *owner;
	struct keeper_id ids[KEEPER_IDS];
};

/** @param guard  lent */
void keeper_init(struct keeper *keeper, struct guard *guard);

/** Whether bans go to the packet filter: the operator's setting. */
void keeper_set_kernel(struct keeper *keeper, bool with_kernel);

/** There is a new store, or a new fence: it begins anew, the store when what it remembers has come. Also for a fence that asks for it. */
void keeper_on_store(struct keeper *keeper);
void keeper_on_fence(struct keeper *keeper);

/** This event told a ban of that address. */
void keeper_note_id(struct keeper *keeper, struct tg_addr base, uint32_t bits, struct model_event_id id);

/** Zeros if it is not known any more. */
struct model_event_id keeper_id_of(const struct keeper *keeper, struct tg_addr base, uint32_t bits);

/** From the store. @return false if it comes too late, or is over: nothing was done */
bool keeper_restore_ban(struct keeper *keeper, const struct model_ban *ban, struct terms_now now);
bool keeper_restore_account(struct keeper *keeper, const struct model_guard_account *account, struct terms_now now);
void keeper_restored(struct keeper *keeper);

/** Send what changed, as fast as it is taken. */
void keeper_turn(struct keeper *keeper, struct link *store, struct link *fence, struct terms_now now);

/** Whether keeper_turn() has more to send to somebody who would take it now. */
bool keeper_wait(const struct keeper *keeper, const struct link *store, const struct link *fence);

#endif
