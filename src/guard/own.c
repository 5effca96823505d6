/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/*
 * Tries out of a network where the account proved its secret: right ones always count there. A network has many hosts, though, and
 * not all are the owner's. So after many different wrong answers only the very address and port count at once that were right
 * lately; of others one in a while for each source, and a port that is new there has a turn of its own, sooner: whoever guesses
 * from the ports he has does not keep out a telephone that changed its own.
 */

enum { OWN_A_DAY = 20, NEW_PORT_S = 10, ANY_PORT_S = 60 };

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
	*next_us = now_us + (uint64_t)every_s * TG_US_PER_S;
	return true;
}

static bool was_tried(const struct pair *pair, uint16_t port)
{
	for (uint32_t i = 0; i < PORTS_TRIED; i++) {
		if (pair->ports[i] == port) {
			return true;
		}
	}
	return false;
}

static bool is_ports_turn(struct pair *pair, uint16_t port, uint64_t now_us)
{
	if (was_tried(pair, port)) {
		return is_turn(&pair->any_port_us, ANY_PORT_S, now_us);
	}
	if (!is_turn(&pair->new_port_us, NEW_PORT_S, now_us)) {
		return false;
	}
	pair->ports[pair->port_at++ % PORTS_TRIED] = port;
	return true;
}

enum guard_why own_may_try(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us)
{
	struct account *account = about->account;

	if (account_is_home(guard, account, try->from, now_us) || !is_under_attack(account, about->slot, now_us)) {
		return GUARD_PASS;
	}
	if (!try->proven) { /* its address could be anybody's: all of the network together */
		return is_turn(&account->own_next_us[about->slot], about->slot == DECLARED ? ANY_PORT_S : NEW_PORT_S,
		               now_us)
		               ? GUARD_PASS
		               : GUARD_PAIR;
	}
	about->pair = pair_take(guard, &about->who, about->name, now_us);
	return about->pair != NULL && is_ports_turn(about->pair, try->from.port, now_us) ? GUARD_PASS : GUARD_PAIR;
}

void own_on_failure(struct guard *guard, const struct about *about, uint64_t now_us)
{
	(void)guard;
	/* Twice as many keep it so for as long as a day after the last. */
	bucket_charge(&about->account->own_wrong[about->slot], own_rule(), 2 * OWN_A_DAY, now_us);
}
