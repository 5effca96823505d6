/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/* Credentials: which are judged, and what wrong and right ones do to a source, an account and the two together. */

enum {
	STALE_FAILURES = 5,
	STALE_DISTINCT = 2,
	FLYING_S = 10, /* a try not decided by then was given up */
	NAMES_WINDOW_S = 600,
};

#define ROAMING_EVERY_US (10 * US_PER_MINUTE)

/** Everything one try is about; what has no place in a full table is NULL. */
struct about {
	struct who who;
	uint64_t name;
	struct source *source;
	struct account *account;
	struct pair *pair;
	bool own; /* the account proved its secret from this network */
};

static bool names_are_old(const struct source *source, uint64_t now_us)
{
	return now_us >= source->names_us + (uint64_t)NAMES_WINDOW_S * TG_US_PER_S;
}

static bool is_counted_name(const struct source *source, const struct pair *pair)
{
	return pair != NULL && source->names > 0 && pair->names_us == source->names_us;
}

static bool too_many_names(const struct guard *guard, const struct about *about, uint64_t now_us)
{
	const struct source *source = about->source;
	const uint64_t limit = (uint64_t)guard->limits.names_per_10min * source_times(source);

	return limit > 0 && !names_are_old(source, now_us) && !is_counted_name(source, about->pair) &&
	       source->names >= limit;
}

static bool too_many_tries(const struct guard *guard, struct source *source, uint64_t now_us)
{
	if (now_us >= source->flying_us + (uint64_t)FLYING_S * TG_US_PER_S) {
		source->flying = 0;
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

static bool is_guarded(const struct guard *guard, const struct about *about, const struct guard_try *try,
                       uint64_t now_us)
{
	return (about->account != NULL && account_is_guarded(guard, about->account, now_us)) ||
	       (try->weak && spray_is_on(guard, now_us));
}

static enum guard_why judge_stranger(struct guard *guard, struct about *about, const struct guard_try *try,
                                     uint64_t now_us)
{
	about->source = source_take(guard, &about->who, now_us);
	if (about->source == NULL) {
		return GUARD_TRIES;
	}
	about->pair = pair_find(guard, &about->who, about->name);
	if (about->pair != NULL && about->pair->held_until_us > now_us) {
		return GUARD_PAIR;
	}
	if (too_many_names(guard, about, now_us) || too_many_tries(guard, about->source, now_us)) {
		return GUARD_TRIES;
	}
	if (is_guarded(guard, about, try, now_us)) {
		if (!try->roaming) {
			return GUARD_GUARDED;
		}
		about->pair = pair_take(guard, &about->who, about->name, now_us);
		if (about->pair == NULL || !is_its_turn(about->pair, ROAMING_EVERY_US, now_us)) {
			return GUARD_GUARDED;
		}
	} else if (about->pair != NULL && about->pair->stale && !is_its_turn(about->pair, US_PER_MINUTE, now_us)) {
		return GUARD_STALE;
	}
	about->source->flying++;
	about->source->flying_us = now_us;
	return GUARD_PASS;
}

static struct about about_of(const struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	struct about about = { .who = guard_who(guard, try->from), .name = guard_name_hash(guard, try->account) };

	about.account = guard_account_find(guard, about.name);
	about.own = about.account != NULL && account_knows(guard, about.account, &about.who, now_us);
	return about;
}

enum guard_why guard_may_try(struct guard *guard, const struct guard_try *try, enum guard_why *would, uint64_t now_us)
{
	enum guard_why why = GUARD_PASS;

	if (guard->mode != GUARD_OFF && try->proven && !ban_is_allowed(guard, try->from, now_us)) {
		struct about about = about_of(guard, try, now_us);

		why = about.own ? GUARD_PASS : judge_stranger(guard, &about, try, now_us);
	}
	if (would != NULL) {
		*would = why;
	}
	guard->tries_stopped += why != GUARD_PASS;
	return guard->mode == GUARD_ENFORCE ? why : GUARD_PASS;
}

/* ---- Wrong ones -------------------------------------------------------------------------------------------------------- */

/* @return false if it was among the latest different ones of the source */
static bool note_answer(const struct guard *guard, struct source *source, uint64_t name, uint64_t answer)
{
	const uint64_t both[2] = { name, answer };
	const uint32_t mark = (uint32_t)guard_hash(guard, 's', both, sizeof(both)) | 1;

	for (uint32_t i = 0; i < SOURCE_ANSWERS; i++) {
		if (source->answers[i] == mark) {
			return false;
		}
	}
	source->answers[source->answer_at++ % SOURCE_ANSWERS] = mark;
	return true;
}

static void note_name(struct source *source, struct pair *pair, uint64_t now_us)
{
	if (source->names == 0 || names_are_old(source, now_us)) {
		source->names = 0;
		source->names_us = now_us;
	}
	if (!is_counted_name(source, pair)) {
		source->names++;
		if (pair != NULL) {
			pair->names_us = source->names_us;
		}
	}
}

static void pair_note_answer(const struct guard *guard, struct pair *pair, uint64_t answer)
{
	const uint32_t mark = (uint32_t)guard_hash(guard, 'w', &answer, sizeof(answer)) | 1;

	for (uint32_t i = 0; i < pair->distinct && i < TG_COUNT(pair->answers); i++) {
		if (pair->answers[i] == mark) {
			return;
		}
	}
	if (pair->distinct < TG_COUNT(pair->answers)) {
		pair->answers[pair->distinct] = mark;
	}
	pair->distinct += pair->distinct <= STALE_DISTINCT;
}

static void tell_stale(struct guard *guard, const struct about *about, const struct guard_try *try)
{
	struct guard_event event = { .kind = GUARD_EVENT_STALE,
		                     .why = GUARD_STALE,
		                     .base = about->who.source,
		                     .bits = about->who.source_bits,
		                     .count = about->pair->failures };

	(void)tg_span_copy(event.account, sizeof(event.account), try->account);
	guard_event_put(guard, &event);
}

/* A device with an old secret gives the same wrong answer; who guesses, others. */
static void note_stale(struct guard *guard, const struct about *about, const struct guard_try *try, uint64_t now_us)
{
	struct pair *pair = about->pair;

	if (now_us >= pair->last_us + US_PER_DAY) {
		pair->failures = pair->distinct = 0;
		pair->stale = false;
	}
	pair->last_us = now_us;
	pair->failures++;
	pair_note_answer(guard, pair, try->answer);
	const bool stale = pair->failures >= STALE_FAILURES && pair->distinct <= STALE_DISTINCT;

	if (stale && !pair->stale) {
		tell_stale(guard, about, try);
	}
	pair->stale = stale;
}

/* From the account's own network: it is judged as ever; at most the source is delayed, if nobody else is behind it. */
static void charge_own(struct guard *guard, const struct about *about, uint64_t now_us)
{
	const struct bucket_rule rule = wrong_rule(guard, 1);

	bucket_charge(&about->pair->wrong, rule, guard->limits.delay_at, now_us);
	const uint32_t count = bucket_used(&about->pair->wrong, rule, now_us);

	if (count >= guard->limits.delay_at && source_others(guard, about->source, about->pair) == 0) {
		ladder_delay(guard, about->source, count, now_us);
	}
}

static void charge_source(struct guard *guard, struct source *source, uint64_t now_us)
{
	const struct bucket_rule rule = wrong_rule(guard, source_times(source));

	bucket_charge(&source->wrong, rule, guard->limits.kernel_at, now_us);
}

/* Somebody healthy is behind the source, or its network is known: the source and this account are held back together. */
static void charge_pair(struct guard *guard, const struct about *about, uint64_t now_us)
{
	const struct bucket_rule rule = wrong_rule(guard, 1);
	struct pair *pair = about->pair;

	if (pair->held_until_us > now_us) {
		return;
	}
	charge_source(guard, about->source, now_us);
	bucket_charge(&pair->wrong, rule, guard->limits.silence_at, now_us);
	const uint32_t count = bucket_used(&pair->wrong, rule, now_us);

	if (count >= guard->limits.silence_at) {
		pair->held_until_us = now_us + (uint64_t)guard->limits.step_s * TG_US_PER_S;
		ladder_refuse(guard, about->source, count, now_us);
	}
}

static bool is_shared(const struct guard *guard, const struct about *about, uint64_t now_us)
{
	return about->source->healthy > 0 || network_is_known(guard, &about->who, now_us);
}

static void charge(struct guard *guard, const struct about *about, const struct guard_try *try, uint64_t now_us)
{
	struct source *source = about->source;

	if (!note_answer(guard, source, about->name, try->answer)) {
		return;
	}
	if (about->own && about->pair != NULL) {
		charge_own(guard, about, now_us);
		return;
	}
	note_name(source, about->pair, now_us);
	if (is_shared(guard, about, now_us)) {
		if (about->pair != NULL) {
			charge_pair(guard, about, now_us);
		} else {
			charge_source(guard, source, now_us);
		}
		return;
	}
	charge_source(guard, source, now_us);
	ladder_climb(guard, source, now_us);
}

/* What a source's budget stops is no evidence against an account either: one source alone gets no account guarded. */
static bool was_judged(const struct guard *guard, const struct about *about, uint64_t now_us)
{
	if (about->own || about->source == NULL) {
		return about->own;
	}
	return (about->pair == NULL || about->pair->held_until_us <= now_us) &&
	       bucket_has(&about->source->wrong, wrong_rule(guard, source_times(about->source)), 1, now_us);
}

static void on_source_failure(struct guard *guard, const struct about *about, const struct guard_try *try,
                              uint64_t now_us)
{
	if (about->pair != NULL) {
		note_stale(guard, about, try, now_us);
	}
	charge(guard, about, try, now_us);
	spray_on_failure(guard, about->source, &about->who, about->account, now_us);
	if (try->decoy) {
		guard_on_mark(guard, try->from, now_us);
	}
}

void guard_on_failure(struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	if (guard->mode == GUARD_OFF || !try->proven) {
		return;
	}
	struct about about = about_of(guard, try, now_us);
	const bool allowed = ban_is_allowed(guard, try->from, now_us);

	about.source = allowed ? NULL : source_take(guard, &about.who, now_us);
	if (about.source != NULL && !about.own && about.source->flying > 0) {
		about.source->flying--;
	}
	about.pair = about.source == NULL ? NULL : pair_take(guard, &about.who, about.name, now_us);
	if (allowed || was_judged(guard, &about, now_us)) {
		about.account = guard_account_take(guard, try, now_us);
		if (about.account != NULL) {
			account_on_failure(guard, about.account, &about.who, try->answer, now_us);
		}
	}
	if (about.source != NULL) {
		on_source_failure(guard, &about, try, now_us);
	}
}

void guard_on_mark(struct guard *guard, struct tg_addr from, uint64_t now_us)
{
	const struct who who = guard_who(guard, from);

	if (guard->mode == GUARD_OFF || ban_is_allowed(guard, from, now_us)) {
		return;
	}
	struct source *source = source_take(guard, &who, now_us);

	if (source == NULL) {
		return;
	}
	if (source->healthy > 0 || network_is_known(guard, &who, now_us)) {
		ladder_refuse(guard, source, 1, now_us);
	} else {
		ladder_silence(guard, source, GUARD_SILENCED, 1, now_us);
	}
}

/* ---- Right ones -------------------------------------------------------------------------------------------------------- */

void guard_on_success(struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	const struct who who = guard_who(guard, try->from);

	if (!try->proven) {
		return;
	}
	struct account *account = guard_account_take(guard, try, now_us);

	if (account != NULL) {
		account_learn(guard, account, &who, now_us);
	}
	network_learn(guard, &who, now_us + guard->limits.known_days * US_PER_DAY, now_us);
	port_learn(guard, try->from, now_us);
	struct source *source = source_take(guard, &who, now_us);
	struct pair *pair = source == NULL ? NULL
	                                   : pair_take(guard, &who, guard_name_hash(guard, try->account), now_us);

	if (pair != NULL) {
		source->flying -= source->flying > 0;
		pair_on_success(guard, pair, source, now_us);
	}
}

void guard_restore_network(struct guard *guard, struct tg_span account, struct tg_addr from, uint64_t now_us)
{
	guard_on_success(guard, &(struct guard_try){ .from = from, .account = account, .proven = true, .exists = true },
	                 now_us);
}
