/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_VAULT_REPEAT_H
#define TG_DAEMON_VAULT_REPEAT_H

#include "ipc/msg.h"

/**
 * Challenges whose answers were refused, each kept for who gave them, to be given to him once more. One who is asked the same
 * again and has one old secret gives the same answer again; one who guesses does not. A challenge is lent to one dialog at a time,
 * and comes back with the answer, or when its time is up: a dialog that ends unanswered has it until then, and who is asked
 * meanwhile is asked something new.
 */
struct vault_repeats;

enum {
	VAULT_REPEATS_MAX = 32768,
	VAULT_REPEATS_WAYS = 16, /* places one who may have; the others there are at random */
	VAULT_REPEAT_LIFE_S = 24 * 3600,
	VAULT_REPEAT_BONUS_S = 3600, /* by so much longer is kept who came back once; */
	VAULT_REPEAT_BONUS_MAX = 3,  /* and so often at most */
};

struct vault_repeat {
	uint64_t secrets; /* stands for all secrets at the time: what was answered was judged under these only */
	uint64_t subject; /* stands for identity and name that were tried */
	bool spent;       /* the right answer to it was given, and did not count: it must never count */
	bool owed; /* then it was given again when it could have counted: it is not lent any more, new ones are asked */
	uint64_t answer; /* what stood for that answer; with owed */
	char text[IPC_CHALLENGE_CHARS];
};

/** @return NULL without memory */
struct vault_repeats *vault_repeats_new(void);
void vault_repeats_free(struct vault_repeats *repeats);

/**
 * Keep one after an answer. who: a keyed hash, so that nobody chooses collisions. If the same is there already, it is back from who
 * had it; if another is there for this who, that one stays. Either lives on. Without room, of those in the same ways the one
 * that was answered longest ago gives way, where who came back before counts as later.
 */
void vault_repeats_keep(struct vault_repeats *repeats, uint64_t who, const struct vault_repeat *one, uint64_t now_us);

/**
 * Lend what is kept for this who, until then or until it is kept again.
 *
 * @return false if there is nothing, it is too old, somebody has it, or it is owed
 */
TG_MUST_USE bool vault_repeats_lend(struct vault_repeats *repeats, uint64_t who, uint64_t now_us, uint64_t until_us,
                                    struct vault_repeat *one);

/** What is kept with this text; NULL if there is none. Lent for as long as nothing else is asked. */
struct vault_repeat *vault_repeats_find(struct vault_repeats *repeats, uint64_t who,
                                        const char text[IPC_CHALLENGE_CHARS]);

/** What is kept for this who if it is owed; NULL if it is not. Lent for as long as nothing else is asked. */
struct vault_repeat *vault_repeats_owed(struct vault_repeats *repeats, uint64_t who, uint64_t now_us);

/** This who begins anew. A text that is lent stays spent for who has it. */
void vault_repeats_forget(struct vault_repeats *repeats, uint64_t who);

/** Nobody is asked this text again. */
void vault_repeats_drop(struct vault_repeats *repeats, uint64_t who, const char text[IPC_CHALLENGE_CHARS]);

#endif
