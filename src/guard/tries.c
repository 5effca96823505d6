/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/* Credentials: which of them are judged. */

enum {
	FLYING_S = 10, /* a try not decided by then was given up */
	NAMES_WINDOW_S = 600,
	ANSWERS_A_DAY = 50, /* different wrong ones of a source that are judged */
	PATIENCE_S = 20,
	NEWCOMERS = 5, /* in ten minutes */
	NEWCOMERS_TURNS = 2,
};

#define ROAMING_EVERY_US (10 * US_PER_MINUTE)

bool names_are_old(const struct source *source, uint64_t now_us)
{
	return now_us >= source->names_us + (uint64_t)NAMES_WINDOW_S * TG_US_PER_S;
}

bool is_counted_name(const struct source *source, const struct pair *pair)
{
	return pair != NULL && source->names > 0 && pair->names_us == source->names_us;
}

bool too_many_names(const struct guard *guard, const struct about *about, uint64_t now_us)
{
	const struct source *source = about->source;
	const uint64_t limit = (uint64_t)guard->limits.names_per_10min * source_times(source);

	return limit > 0 && !names_are_old(source, now_us) && !is_counted_name(source, about->pair) &&
	       source->names >= limit;
}

/* A guesser who keeps below the budget of minutes has one of days. */
bool too_many_today(const struct source *source, uint64_t now_us)
{
	return now_us < source->day_us + US_PER_DAY && source->day_wrong >= ANSWERS_A_DAY * source_times(source);
}

/*
 * An IPv6 network of 48 bits has one owner, and 65,536 sources of his. The 256 hosts of an IPv4 network have many, and each has a
 * budget of its own: the network stands only for those that have no place.
 */
static bool network_is_over(const struct guard *guard, const struct about *about, uint64_t now_us)
{
	const struct network *network = network_find(guard, &about->who);
	const bool counts = network != NULL && (about->source == NULL || network->addr.family == TG_IPV6);

	return counts && !bucket_has(&network->wrong, wrong_rule(guard, network_times(network)), 1, now_us);
}

/* By what was decided. Where the source has no place, its network stands for it. */
bool is_over(const struct guard *guard, const struct about *about, uint64_t now_us)
{
	const struct source *source = about->source;

	return network_is_over(guard, about, now_us) ||
	       (source != NULL && (too_many_today(source, now_us) ||
	                           !bucket_has(&source->wrong, wrong_rule(guard, source_times(source)), 1, now_us)));
}

/* And by what is under way. */
static bool too_many_tries(const struct guard *guard, struct source *source, uint64_t now_us)
{
	if (now_us >= source->flying_us + (uint64_t)FLYING_S * TG_US_PER_S) {
		source->flying = source->flying_held = 0;
	}
	return !bucket_has(&source->wrong, wrong_rule(guard, source_times(source)), source->flying + 1, now_us);
}

/* One judged try in a while. */
static bool is_its_turn(struct pair *pair, uint64_t every_us, uint64_t now_us)
{
	if (pair->next_try_us > now_us) {
		return false;
	}
	pair->next_try_us = now_us + every_us;
	return true;
}

/*
 * Somebody behind a shared address, or in a network, whose budget others use up: who gave one and the same answer for a while,
 * and was never judged, is judged, twice: what it said while it was held back is spent, and only the answer to the next challenge can
 * count. A telephone repeats itself; who guesses has to wait with each guess, they are few, and the second turn is for the same one.
 */
static bool is_newcomers_turn(struct guard *guard, const struct about *about, uint64_t now_us)
{
	struct pair *pair = about->pair;
	const struct network *known = network_find(guard, &about->who);
	const bool shared = about->source->healthy > 0 || (known != NULL && known->known_until_us > now_us);
	struct network *network = shared ? NULL : network_find(guard, &about->who);
	struct bucket *bucket = shared ? &about->source->newcomers : network != NULL ? &network->newcomers : NULL;
	const struct bucket_rule rule = bucket_times(bucket_rule_of(NEWCOMERS, NAMES_WINDOW_S, NEWCOMERS),
	                                             source_times(about->source));

	if (bucket == NULL || pair == NULL || pair->judged || pair->turns >= NEWCOMERS_TURNS || pair->failures == 0 ||
	    pair->distinct > 1 || now_us < pair->since_us + (uint64_t)PATIENCE_S * TG_US_PER_S) {
		return false;
	}
	if (pair->turns == 0 && !bucket_has(bucket, rule, 1, now_us)) {
		return false;
	}
	if (!shared && about->source->wrong.idle_ns / 1000 > now_us) {
		return false; /* it has wrong answers of its own */
	}
	if (pair->turns++ == 0) {
		bucket_charge(bucket, rule, rule.burst, now_us);
	}
	return true;
}

/*
 * Nor may that somebody be kept out by wrong answers that others behind his address give for his very name, however few or many.
 * Where nobody is a customer yet, the address is not shared: then what it did holds for all of it.
 */
static bool is_patients_turn(struct guard *guard, const struct about *about, struct tg_addr from, uint64_t now_us)
{
	const bool shared = about->source->healthy > 0 || network_is_known(guard, &about->who, now_us);

	return shared && about->pair != NULL && patient_may_try(guard, about, from, now_us);
}

bool try_is_guarded(const struct guard *guard, const struct about *about, const struct guard_try *try, uint64_t now_us)
{
	if (about->account != NULL &&
	    (account_is_guarded(guard, about->account, now_us) ||
	     account_holds(guard, about->account, account_mark(try->proven ? &about->who : NULL), now_us))) {
		return true;
	}
	return try->weak && spray_is_on(guard, now_us);
}

/* What the budgets of its source and its network say. */
static enum guard_why judge_budgets(struct guard *guard, struct about *about, struct tg_addr from, uint64_t now_us)
{
	about->source = source_take(guard, &about->who, now_us);
	if (about->source == NULL) {
		return is_over(guard, about, now_us) ? GUARD_TRIES : GUARD_PASS;
	}
	about->pair = pair_find(guard, &about->who, about->name);
	if (about->pair != NULL && about->pair->held_until_us > now_us) {
		about->waited = is_patients_turn(guard, about, from, now_us);
		return about->waited ? GUARD_PASS : GUARD_PAIR;
	}
	if (!is_over(guard, about, now_us) && !too_many_names(guard, about, now_us) &&
	    !too_many_tries(guard, about->source, now_us)) {
		return GUARD_PASS;
	}
	about->waited = is_newcomers_turn(guard, about, now_us) || is_patients_turn(guard, about, from, now_us);
	return about->waited ? GUARD_PASS : GUARD_TRIES;
}

/* One a minute. Where somebody else behind the address repeats himself and takes them all, who waits has turns, too. */
static bool is_stale_turn(struct guard *guard, const struct about *about, struct tg_addr from, uint64_t now_us)
{
	const uint64_t taker = guard_hash(guard, 't', &from, sizeof(from));

	if (is_its_turn(about->pair, US_PER_MINUTE, now_us)) {
		about->pair->taker = taker;
		return true;
	}
	return about->pair->taker != taker && patient_may_try(guard, about, from, now_us);
}

static enum guard_why judge_pair(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us)
{
	if (try_is_guarded(guard, about, try, now_us)) {
		if (!try->roaming) {
			return GUARD_GUARDED;
		}
		about->pair = pair_take(guard, &about->who, about->name, now_us);
		return about->pair != NULL && is_its_turn(about->pair, ROAMING_EVERY_US, now_us) ? GUARD_PASS
		                                                                                 : GUARD_GUARDED;
	}
	const bool held = about->pair != NULL && about->pair->stale && !about->waited;

	return held && !is_stale_turn(guard, about, try->from, now_us) ? GUARD_STALE : GUARD_PASS;
}

/* By what becomes of it: who only observes lets it through. A try that passes tells when the ones before were given up. */
static void take_off(const struct guard *guard, struct source *source, enum guard_why why, uint64_t now_us)
{
	*(why == GUARD_PASS || guard->mode != GUARD_ENFORCE ? &source->flying : &source->flying_held) += 1;
	source->flying_us = why == GUARD_PASS ? now_us : source->flying_us;
}

static enum guard_why judge_stranger(struct guard *guard, struct about *about, const struct guard_try *try,
                                     uint64_t now_us)
{
	enum guard_why why = judge_budgets(guard, about, try->from, now_us);

	why = why == GUARD_PASS ? judge_pair(guard, about, try, now_us) : why;
	if (about->source != NULL) {
		take_off(guard, about->source, why, now_us);
	}
	return why;
}

struct about about_of(const struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	struct about about = { .who = guard_who(guard, try->from),
		               .name = guard_name_hash(guard, try->account),
		               .slot = -1 };

	about.account = guard_account_find(guard, about.name);
	if (about.account != NULL) {
		about.slot = account_slot(guard, about.account, &about.who, now_us);
	}
	return about;
}

static enum guard_why judge(struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	struct about about = about_of(guard, try, now_us);

	if (!try->proven) {
		return unproven_may_try(guard, &about, try, now_us);
	}
	return about.slot >= 0 ? own_may_try(guard, &about, try, now_us) : judge_stranger(guard, &about, try, now_us);
}

enum guard_why guard_may_try(struct guard *guard, const struct guard_try *try, enum guard_why *would, uint64_t now_us)
{
	enum guard_why why = GUARD_PASS;

	if (guard->mode != GUARD_OFF && !ban_is_allowed(guard, try->from, now_us)) {
		why = judge(guard, try, now_us);
	}
	if (would != NULL) {
		*would = why;
	}
	guard->tries_stopped += why != GUARD_PASS;
	return guard->mode == GUARD_ENFORCE ? why : GUARD_PASS;
}

/* ---- Right ones -------------------------------------------------------------------------------------------------------- */

/* Its source is nobody to be dropped any more, whatever others behind it did before. */
static void end_measures(struct guard *guard, struct source *source, const struct guard_try *try, uint64_t now_us)
{
	struct ban *ban = ban_find(guard, try->from, now_us);

	ladder_end(guard, source, now_us);
	if (ban != NULL && !ban_is_by_hand(ban)) {
		ban_end(guard, ban, now_us);
	}
}

static void learn(struct guard *guard, struct account *account, const struct guard_try *try, const struct who *who,
                  uint64_t now_us)
{
	const bool is_news = account_learn(guard, account, try, who, now_us);

	account_learn_home(account, try->from, now_us);
	if (is_news) {
		account_changed(guard, account, now_us);
	}
}

/* A right one was let through. Those that never took off are none: out of the account's own network, or the operator's allowance. */
static void land_right(struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	const struct about about = about_of(guard, try, now_us);
	struct source *source = source_find(guard, &about.who);

	if (source != NULL && try->proven && about.slot < 0 && !ban_is_allowed(guard, try->from, now_us)) {
		source->flying -= source->flying > 0;
	}
}

void guard_on_success(struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	const struct who who = guard_who(guard, try->from);

	land_right(guard, try, now_us);
	struct account *account = guard_account_take(guard, try, now_us);

	if (account == NULL) {
		return;
	}
	learn(guard, account, try, &who, now_us);
	if (!try->proven) {
		return; /* its answer shows where it is, but that is the account's affair alone */
	}
	port_learn(guard, try->from, now_us);
	struct source *source = source_take(guard, &who, now_us);
	struct pair *pair = source == NULL ? NULL
	                                   : pair_take(guard, &who, guard_name_hash(guard, try->account), now_us);

	if (pair != NULL) {
		pair_on_success(guard, pair, source, now_us);
		account_learn_pair(guard, account, pair);
		end_measures(guard, source, try, now_us);
	}
}

void guard_restore_network(struct guard *guard, struct tg_span account, struct tg_addr from, uint64_t now_us)
{
	guard_on_success(guard, &(struct guard_try){ .from = from, .account = account, .proven = true, .exists = true },
	                 now_us);
}
