/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

#include <string.h>

/*
 * Tries out of a network where the account proved its secret: right ones always count there. A network has many hosts, though, and
 * not all are the owner's. So after many different wrong answers only the very address and port count at once that were right
 * lately. Of the others at one address:
 *
 *   - a port that was not seen before has a turn: one of them in a while. Who guesses from the ports he has takes none away;
 *   - who takes other ports all the time takes all of those. A telephone keeps its port and comes back, so a port that came back
 *     often enough has a time of its own booked. It is good for two tries: what the telephone said while it was held back is
 *     spent, and only the answer to the next challenge can count;
 *   - who guesses from n ports, and comes back with all of them as patiently, makes it wait for n such times, and for no more.
 *
 * A customer never seen before, behind an address where somebody else guesses at his account, waits in the same way, with all
 * strangers of that address, and longer: the guesser waits as well as he, and what he gets judged so is to be little.
 */

enum {
	OWN_A_DAY = 20,
	UNPROVEN_S = 10,
	DECLARED_S = 60,
	NEW_PORT_S = 20,
	VISITS = 8, /* ports that are taken at random out of tens of thousands come back less often */
	VISIT_AFTER_S = 15,
	VISIT_WITHIN_S = 180,
	BOOK_EACH_S = 30,
	BOOK_TRIES = 2,
	BOOK_LIFE_S = 600,   /* after its time has come */
	BOOK_AHEAD_S = 3600, /* at most */
	PATIENT_EACH_S = 120,
};

static uint64_t seconds(uint32_t s)
{
	return (uint64_t)s * TG_US_PER_S;
}

static struct bucket_rule own_rule(void)
{
	return bucket_rule_of(OWN_A_DAY, 24 * 3600, OWN_A_DAY);
}

static bool is_under_attack(const struct account *account, int slot, uint64_t now_us)
{
	return bucket_used(&account->own_wrong[slot], own_rule(), now_us) >= OWN_A_DAY;
}

static bool is_turn(uint64_t *next_us, uint32_t every_s, uint64_t now_us)
{
	if (*next_us > now_us) {
		return false;
	}
	*next_us = now_us + seconds(every_s);
	return true;
}

/* ---- Ports that wait ------------------------------------------------------------------------------------------------ */

static bool is_booked(const struct waiter *waiter, uint64_t now_us)
{
	return waiter->tries > 0 && now_us < waiter->due_us + seconds(BOOK_LIFE_S);
}

/* Who came back most stays longest. */
static uint32_t waiter_worth(const struct guard *guard, const void *item, uint64_t now_us)
{
	const struct waiter *waiter = item;
	(void)guard;

	if (is_booked(waiter, now_us)) {
		return VISITS + 1;
	}
	return now_us <= waiter->seen_us + seconds(VISIT_WITHIN_S) ? waiter->visits : 0;
}

static const struct table_rule waiter_rule = { waiter_worth, NULL, VISITS + 1, true };

static uint64_t waiter_hash(const struct guard *guard, const struct pair *pair, struct tg_addr from)
{
	uint8_t key[sizeof(pair->item.hash) + sizeof(from)];

	memcpy(key, &pair->item.hash, sizeof(pair->item.hash));
	memcpy(key + sizeof(pair->item.hash), &from, sizeof(from));
	return guard_hash(guard, 'p', key, sizeof(key));
}

static struct waiter *waiter_take(struct guard *guard, struct table *table, uint64_t hash, uint64_t now_us)
{
	struct waiter *waiter = table_find(guard, table, hash);

	return waiter != NULL ? waiter : table_take(guard, table, hash, &waiter_rule, now_us);
}

/* Asking more often is no more patience; nor is it less. @return true for the first one ever */
static bool visit(struct waiter *waiter, uint64_t now_us)
{
	const bool is_new = waiter->seen_us == 0;
	const uint64_t pause_us = now_us - waiter->seen_us;

	if (is_new || pause_us > seconds(VISIT_WITHIN_S)) {
		waiter->visits = 1;
		waiter->seen_us = now_us;
	} else if (pause_us >= seconds(VISIT_AFTER_S)) {
		waiter->visits = waiter->visits < VISITS ? waiter->visits + 1 : VISITS;
		waiter->seen_us = now_us;
	}
	return is_new;
}

static void book(struct waiter *waiter, uint64_t *booked_us, uint32_t each_s, uint64_t now_us)
{
	if (waiter->visits < VISITS || is_booked(waiter, now_us) || *booked_us > now_us + seconds(BOOK_AHEAD_S)) {
		return;
	}
	waiter->due_us = tg_max_u64(now_us, *booked_us);
	waiter->tries = BOOK_TRIES;
	*booked_us = waiter->due_us + seconds(each_s);
}

static bool is_its_time(struct waiter *waiter, uint64_t now_us)
{
	if (!is_booked(waiter, now_us) || now_us < waiter->due_us) {
		return false;
	}
	waiter->tries--;
	waiter->visits = 0;
	return true;
}

static bool is_ports_turn(struct guard *guard, struct pair *pair, struct tg_addr from, uint64_t now_us)
{
	struct waiter *waiter = waiter_take(guard, &guard->waiters, waiter_hash(guard, pair, from), now_us);
	const bool is_new = visit(waiter, now_us);

	book(waiter, &pair->booked_us, BOOK_EACH_S, now_us);
	return is_its_time(waiter, now_us) || (is_new && is_turn(&pair->new_port_us, NEW_PORT_S, now_us));
}

enum guard_why own_may_try(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us)
{
	struct account *account = about->account;

	if (account_is_home(guard, account, try->from, now_us) || !is_under_attack(account, about->slot, now_us)) {
		return GUARD_PASS;
	}
	if (!try->proven) { /* its address could be anybody's: all of the network together */
		return is_turn(&account->own_next_us[about->slot], about->slot == DECLARED ? DECLARED_S : UNPROVEN_S,
		               now_us)
		               ? GUARD_PASS
		               : GUARD_PAIR;
	}
	about->pair = pair_take(guard, &about->who, about->name, now_us);
	return about->pair != NULL && is_ports_turn(guard, about->pair, try->from, now_us) ? GUARD_PASS : GUARD_PAIR;
}

void own_on_failure(struct guard *guard, const struct about *about, uint64_t now_us)
{
	(void)guard;
	/* Twice as many keep it so for as long as a day after the last. */
	bucket_charge(&about->account->own_wrong[about->slot], own_rule(), 2 * OWN_A_DAY, now_us);
}

/* ---- Strangers who wait ---------------------------------------------------------------------------------------------- */

bool patient_may_try(struct guard *guard, const struct about *about, struct tg_addr from, uint64_t now_us)
{
	const uint64_t hash = waiter_hash(guard, about->pair, from);
	struct waiter *waiter = waiter_take(guard, &guard->patients, hash, now_us);

	(void)visit(waiter, now_us);
	book(waiter, &about->source->booked_us, PATIENT_EACH_S, now_us);
	if (!is_its_time(waiter, now_us)) {
		return false;
	}
	waiter->judging++; /* BOOK_TRIES of them, minutes apart */
	return true;
}

bool patient_lands(struct guard *guard, const struct pair *pair, struct tg_addr from)
{
	struct waiter *waiter = pair == NULL ? NULL
	                                     : table_find(guard, &guard->patients, waiter_hash(guard, pair, from));

	if (waiter == NULL || waiter->judging == 0) {
		return false;
	}
	waiter->judging--;
	return true;
}
