/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/*
 * Answers of those who were excused from the token. Their address is charged with nothing: it could be forged. The account is, and
 * all of them together, so nobody guesses without end; a right answer to our challenge shows that it arrived, and so where its
 * sender is.
 *
 * A forged answer is believed to belong to a dialog if it hits a call number of 15 bits and the sequence: of a million there are some
 * thirty. So many can use up what an account has for devices without a token in networks that it is not known in, or be counted
 * as wrong answers, all under one network's mark: alone they never get an account guarded. Who shows a token is not
 * touched; nor is a device where it was right before, at its own address. In its network, or one that the operator declared, it
 * shares one try in a while with them as long as they come.
 *
 * What all of them have together is shared by accounts when it runs low: the less is left, the longer an account waits from one
 * judged answer to the next, up to a day. So who guesses at very many takes nothing from the others.
 */

enum { UNPROVEN_PER_H = 30, UNPROVEN_BURST = 10, ALL_TIMES = 100, LOW = UNPROVEN_BURST * ALL_TIMES / 4 };

struct bucket_rule unproven_rule(void)
{
	return bucket_times(bucket_rule_of(UNPROVEN_PER_H, 3600, UNPROVEN_BURST), ALL_TIMES);
}

static bool has_share(const struct guard *guard, const struct account *account, uint64_t now_us)
{
	const struct bucket_rule rule = unproven_rule();
	const uint32_t left = rule.burst - bucket_used(&guard->unproven, rule, now_us);

	return left >= LOW || account->unproven_us == 0 ||
	       now_us >= account->unproven_us + US_PER_DAY / LOW * (LOW - left);
}

static bool has_room(const struct guard *guard, const struct account *account, uint64_t now_us)
{
	return bucket_has(&account->unproven, bucket_rule_of(UNPROVEN_PER_H, 3600, UNPROVEN_BURST), 1, now_us) &&
	       bucket_has(&guard->unproven, unproven_rule(), 1, now_us) && has_share(guard, account, now_us);
}

static void charge(struct guard *guard, struct account *account, uint64_t now_us)
{
	const struct bucket_rule rule = bucket_rule_of(UNPROVEN_PER_H, 3600, UNPROVEN_BURST);

	bucket_charge(&account->unproven, rule, rule.burst, now_us);
	account->unproven_us = now_us;
	bucket_charge(&guard->unproven, unproven_rule(), unproven_rule().burst, now_us);
}

static void place(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us)
{
	about->account = guard_account_take(guard, try, now_us);
	about->slot = about->slot < 0 && try->declared ? DECLARED : about->slot;
}

enum guard_why unproven_may_try(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us)
{
	place(guard, about, try, now_us);
	if (about->account == NULL) {
		return GUARD_GUARDED;
	}
	if (about->slot == DECLARED && account_is_guarded(guard, about->account, now_us)) {
		return GUARD_GUARDED;
	}
	if (about->slot >= 0) {
		return own_may_try(guard, about, try, now_us);
	}
	if (try_is_guarded(guard, about, try, now_us) || !has_room(guard, about->account, now_us)) {
		guard->unproven_stopped++;
		return GUARD_GUARDED;
	}
	charge(guard, about->account, now_us);
	return GUARD_PASS;
}

void unproven_on_failure(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us)
{
	place(guard, about, try, now_us);
	if (about->account != NULL &&
	    account_on_failure(guard, about->account, account_mark(NULL), try->answer, now_us) && about->slot >= 0) {
		own_on_failure(guard, about, now_us);
	}
}
