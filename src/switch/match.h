/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_MATCH_H
#define TG_SWITCH_MATCH_H

#include "iax/err.h"
#include "model/event.h"
#include "model/world.h"

/**
 * Which account a request is for, and whether it may be: pure functions of the world, shared by all who must decide alike (ruling
 * R22). What is not all right is known here only: the caller is asked for a password all the same.
 */
/** A call as it asks to be let in. */
struct match_call {
	struct tg_span name;    /* USERNAME; empty for none */
	struct tg_span context; /* CALLED_CONTEXT; empty for none */
	struct tg_addr from;
	bool proven;  /* by a call token */
	bool latched; /* a token was seen from this account: `auto` means `yes` */
};

/**
 * Asterisk-compat 3.2. From the backend ([front]), and from nowhere else, a name is that of a peer it calls: the user that was made
 * for it is the one.
 *
 * Callers without a name are matched with users without authentication only: those with an ACL first, in
 * file order.
 *
 * @param from, to  rows between which all users without authentication are
 * @param why       MODEL_WHY_OK, or what is wrong
 * @return the user, also when something is wrong with it; NULL for none
 */
const struct world_user *match_user(const struct world *world, const struct match_call *call, uint32_t from,
                                    uint32_t to, enum model_reason *why);

/** What is wrong with a call of this user: the steps of match_user() for one. */
enum model_reason match_judge_user(const struct world *world, const struct world_user *user,
                                   const struct match_call *call);

/** The account's `auto` has become `yes`, and the request has no token. is_new: a call, else a registration. */
bool match_lacks_token(const struct world *world, bool is_new, const struct match_call *call);

/**
 * Whether a user may be asked for a context, and which one a call begins in: the one made for it in front of a backend, or the one
 * asked for, or its first; "" for none.
 */
bool match_context_allowed(const struct world *world, const struct world_user *user, struct tg_span context);
struct tg_span match_start_context(const struct world *world, const struct world_user *user, struct tg_span asked);

/** A registration as it asks to be let in; `context` has no meaning. */
const struct world_peer *match_registrant(const struct world *world, const struct match_call *reg,
                                          enum model_reason *why);

#endif
