/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_TOLL_H
#define TG_SWITCH_TOLL_H

#include "model/destination.h"
#include "model/event.h"

/**
 * Whether somebody may make a call that costs money: a pure function of the world, what he uses already and the time, shared by all
 * who must decide alike (ruling R22). A call to a trunk must be allowed by the policy of the account and by that of the trunk.
 */

/** What one account, one trunk, or all guests together use now. */
struct toll_usage {
	uint32_t day;   /* that day_s counts, in days since 1970 at the place of timezone= */
	uint32_t month; /* that month_s counts: years since 1970, times 12, and months */
	uint32_t calls[WORLD_CLASSES];
	uint32_t hour;                                                /* that hour_calls counts, in hours since 1970 */
	uint32_t hour_calls[WORLD_CLASSES], day_calls[WORLD_CLASSES]; /* that began, answered or not */
	uint32_t day_s[WORLD_CLASSES], month_s[WORLD_CLASSES]; /* what calls were granted and have not given back */
};

/** Count a new day or month from nothing. A clock that goes back begins no new one, unless it was wrong by more than a day. */
void toll_roll(const struct world *world, struct toll_usage *usage, uint64_t wall_ms);

/** What is asked. */
struct toll_ask {
	const struct world_user *user;  /* whose call it is; NULL: nobody's, which is a guest's */
	const struct world_peer *trunk; /* who is called */
	struct tg_span number;          /* as it is sent there */
	uint64_t wall_ms;
	const struct toll_usage *account_use, *trunk_use; /* rolled; NULL: nothing is used, or it is not known */
	bool running; /* it was allowed and wants more time: how many calls there are, and the hour, are no matter any more */
};

/** Whose policies say it. */
enum toll_role { TOLL_ACCOUNT, TOLL_GUEST, TOLL_TRUNK };

/** What decided. Without a policy it is what is built in; without a rule, that the policy does not name it. */
struct toll_rule {
	enum toll_role role;
	const struct world_policy *policy;
	const struct world_policy_rule *rule;
};

#define TOLL_NO_LIMIT UINT32_MAX

struct toll_decision {
	bool chargeable;       /* otherwise nothing else is looked at, and it is allowed */
	enum model_reason why; /* MODEL_WHY_OK: allowed */
	struct destination destination;
	struct toll_rule rule;                  /* that allowed or denied it */
	struct toll_rule longest, left;         /* that the next two come from */
	uint32_t longest_s;                     /* a call may last; TOLL_NO_LIMIT */
	uint32_t left_s;                        /* of the day or the month; TOLL_NO_LIMIT */
	enum model_reason left_why;             /* what it is when they are used up */
	uint32_t calls_max;                     /* at once; TOLL_NO_LIMIT */
	uint32_t hour_calls_max, day_calls_max; /* that may begin */
	bool counted;                           /* there are limits that need to know what is used */
};

void toll_decide(const struct world *world, const struct toll_ask *ask, struct toll_decision *out);

/** Calls of this user are charged to himself; else to all guests together. */
bool toll_is_account(const struct world_user *user);

/** "[office] allow=national, tollgate.conf:12", cut to fit. Returns out. */
enum { TOLL_RULE_BYTES = MODEL_RULE_BYTES };
const char *toll_rule_text(const struct world *world, const struct toll_rule *rule, char out[TOLL_RULE_BYTES]);

#endif
