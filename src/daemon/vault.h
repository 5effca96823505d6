/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_VAULT_H
#define TG_DAEMON_VAULT_H

#include "daemon/secrets.h"
#include "ipc/msg.h"

/**
 * Who knows the secrets, without process, channel or clock. It makes each challenge itself, lets it be used once and soon,
 * and does the same work for names it knows and names it does not know.
 */
struct vault;

enum {
	VAULT_CHALLENGES_MAX = 32768, /* waiting at once; the oldest gives way */
	/* No dialog waits longer for its answer than 10 s (ruling R11), and the question has to come here. What was lent is back then. */
	VAULT_CHALLENGE_LIFE_S = 12,
	VAULT_OLD_SECRETS_S = 60,      /* how long the generation before is still answered for */
	VAULT_QUESTIONS_PER_S = 20000, /* above what one engine can set up; a taken-over engine guesses no faster */
};

/** @param seed  from crypt_seed_from_kernel(). @return NULL without memory */
struct vault *vault_new(const uint8_t seed[32]);
void vault_free(struct vault *vault);

/**
 * Answer from these secrets from now on; questions of the generation before are answered from the ones before for a minute.
 *
 * @param secrets  checked by secrets_check(); belongs to the caller, who asks vault_unused() when to let it go
 */
void vault_set_secrets(struct vault *vault, const struct secrets *secrets, uint64_t now_us);

/** Whether an image that was set is not used any more. */
bool vault_is_unused(const struct vault *vault, const struct secrets *secrets, uint64_t now_us);

/**
 * A challenge for ask->cookie; an earlier one of it is void. It is new, but for a `who` (0 for none) whose last answer did not
 * count: then it is the same as the last time, if no other dialog was asked it within VAULT_CHALLENGE_LIFE_S and has not answered.
 */
void vault_challenge(struct vault *vault, const struct ipc_challenge_ask *ask, uint64_t now_us,
                     char text[IPC_CHALLENGE_CHARS]);

struct vault_verdict {
	bool right;      /* never if it is held */
	uint64_t answer; /* stands for challenge and answer; one and the same value for all that were not judged */
};

/**
 * Judge an answer. A challenge whose answer did not count is kept (see vault_repeat.h). If ask->held says that it is refused
 * anyway, right and wrong answers leave the same behind: but a right one is never right again for that challenge; who gives it
 * again when it could count is asked a new one the next time. What is kept is worth nothing once the secrets or the name are
 * others.
 */
TG_MUST_USE struct vault_verdict vault_verify(struct vault *vault, const struct ipc_verify_ask *ask, uint64_t now_us);

/**
 * Our answer to a challenge of somebody else. Only for the identities that answer (IPC_OUR_PEER, IPC_OUR_REGISTER): a caller's
 * answer is never given away.
 *
 * @return false if there is no secret for it
 */
TG_MUST_USE bool vault_respond(struct vault *vault, const struct ipc_respond_ask *ask, uint64_t now_us,
                               uint8_t md5_result[16]);

#endif
