/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_VAULT_REPEAT_H
#define TG_DAEMON_VAULT_REPEAT_H

#include "ipc/msg.h"

/**
 * Challenges that were answered wrongly, each kept for who failed it, to be given to him once more. One who is asked the same
 * again and has one old secret gives the same answer again; one who guesses does not.
 */
struct vault_repeats;

enum {
	VAULT_REPEATS_MAX = 32768, /* the one whose wrong answer is longest ago gives way */
	VAULT_REPEAT_LIFE_S = 24 * 3600,
};

struct vault_repeat {
	uint64_t secrets; /* stands for all secrets at the time: the answers were wrong under these only */
	uint64_t subject; /* stands for identity and name that were tried */
	char text[IPC_CHALLENGE_CHARS];
};

/** @return NULL without memory */
struct vault_repeats *vault_repeats_new(void);
void vault_repeats_free(struct vault_repeats *repeats);

/** Keep one. who: a keyed hash, so that nobody chooses collisions. One that is there already for the same who stays, and lives on. */
void vault_repeats_keep(struct vault_repeats *repeats, uint64_t who, const struct vault_repeat *one, uint64_t now_us);

/**
 * Take out what is kept for this who, so that nobody else is asked the same meanwhile.
 *
 * @return false if there is nothing, or it is too old
 */
TG_MUST_USE bool vault_repeats_take(struct vault_repeats *repeats, uint64_t who, uint64_t now_us,
                                    struct vault_repeat *one);

#endif
