/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/* What wrong answers do to a source, its network, an account and all of them together. */

enum { STALE_FAILURES = 5, STALE_DISTINCT = 2 };

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

/* @return false if it was among the first different ones of the day */
static bool pair_note_answer(const struct guard *guard, struct pair *pair, uint64_t answer)
{
	const uint32_t mark = (uint32_t)guard_hash(guard, 'w', &answer, sizeof(answer)) | 1;

	for (uint32_t i = 0; i < pair->distinct && i < TG_COUNT(pair->answers); i++) {
		if (pair->answers[i] == mark) {
			return false;
		}
	}
	if (pair->distinct < TG_COUNT(pair->answers)) {
		pair->answers[pair->distinct] = mark;
	}
	pair->distinct += pair->distinct <= STALE_DISTINCT;
	return true;
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

/* A device with an old secret gives the same wrong answer; who guesses, others. @return false for the same */
static bool note_stale(struct guard *guard, const struct about *about, const struct guard_try *try, uint64_t now_us)
{
	struct pair *pair = about->pair;

	if (now_us >= pair->last_us + US_PER_DAY) {
		pair->failures = pair->distinct = 0;
		pair->stale = pair->judged = false;
		pair->turns = 0;
	}
	pair->since_us = pair->failures == 0 ? now_us : pair->since_us;
	pair->last_us = now_us;
	pair->failures++;
	const bool is_new = pair_note_answer(guard, pair, try->answer);
	const bool stale = pair->failures >= STALE_FAILURES && pair->distinct <= STALE_DISTINCT;

	if (stale && !pair->stale) {
		tell_stale(guard, about, try);
	}
	pair->stale = stale;
	return is_new;
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

/* Its network as a whole: who has many addresses gains little by it. */
static void charge_network(struct guard *guard, const struct about *about, uint64_t now_us)
{
	struct network *network = network_take(guard, &about->who, now_us);

	if (network != NULL) {
		const struct bucket_rule rule = wrong_rule(guard, network_times(network));

		bucket_charge(&network->wrong, rule, rule.burst, now_us);
		ladder_climb_network(guard, network, now_us);
	}
}

static void charge_day(struct source *source, uint64_t now_us)
{
	if (now_us >= source->day_us + US_PER_DAY) {
		source->day_us = now_us;
		source->day_wrong = 0;
	}
	source->day_wrong++;
}

/* @param judged  it was not held back for the sake of these very budgets */
static void charge(struct guard *guard, const struct about *about, const struct guard_try *try, bool judged,
                   uint64_t now_us)
{
	struct source *source = about->source;

	if (!note_answer(guard, source, about->name, try->answer)) {
		return;
	}
	if (about->slot >= 0) {
		own_on_failure(guard, about, now_us);
		if (about->pair != NULL) {
			charge_own(guard, about, now_us);
		}
		return;
	}
	note_name(source, about->pair, now_us);
	if (judged) {
		charge_network(guard, about, now_us);
		charge_day(source, now_us);
	}
	if (!is_shared(guard, about, now_us)) {
		charge_source(guard, source, now_us);
		ladder_climb(guard, source, too_many_today(source, now_us), now_us);
	} else if (about->pair != NULL) {
		charge_pair(guard, about, now_us);
	} else {
		charge_source(guard, source, now_us);
	}
}

/* What a budget stops is no evidence against an account either: one source alone gets no account guarded. */
static bool was_judged(const struct guard *guard, const struct about *about, uint64_t now_us)
{
	if (about->slot >= 0 || about->source == NULL) {
		return about->slot >= 0;
	}
	return (about->pair == NULL || about->pair->held_until_us <= now_us) && !is_over(guard, about, now_us);
}

static void on_source_failure(struct guard *guard, const struct about *about, const struct guard_try *try, bool judged,
                              bool is_new, uint64_t now_us)
{
	if (is_new) {
		charge(guard, about, try, judged, now_us);
	}
	if (about->slot < 0) { /* an office whose telephones all have old secrets tries many accounts, too */
		spray_on_failure(guard, about->source, &about->who, about->account, now_us);
	}
	if (try->decoy) {
		guard_on_mark(guard, try->from, now_us);
	}
}

/* Which of them it was is not told. That it was a held one errs, if at all, by milliseconds, and never lets more through. */
static void land(struct source *source)
{
	if (source->flying_held > 0) {
		source->flying_held--;
	} else {
		source->flying -= source->flying > 0;
	}
}

static void on_proven_failure(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us)
{
	const bool allowed = ban_is_allowed(guard, try->from, now_us);

	about->source = allowed ? NULL : source_take(guard, &about->who, now_us);
	if (about->source != NULL && about->slot < 0) {
		land(about->source);
	}
	about->pair = about->source == NULL ? NULL : pair_take(guard, &about->who, about->name, now_us);
	const bool waited = about->slot < 0 && patient_lands(guard, about->pair, try->from);
	const bool judged = was_judged(guard, about, now_us) || waited;

	bool is_new = true;

	if (about->pair != NULL) {
		is_new = note_stale(guard, about, try, now_us);
		about->pair->judged |= judged && !too_many_names(guard, about, now_us);
	}
	if (is_new && (allowed || judged)) {
		about->account = guard_account_take(guard, try, now_us);
		if (about->account != NULL) {
			(void)account_on_failure(guard, about->account, account_mark(&about->who), try->answer, now_us);
		}
	}
	if (about->source != NULL) {
		on_source_failure(guard, about, try, judged, is_new, now_us);
	}
}

void guard_on_failure(struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	if (guard->mode == GUARD_OFF) {
		return;
	}
	struct about about = about_of(guard, try, now_us);

	if (try->proven) {
		on_proven_failure(guard, &about, try, now_us);
	} else {
		unproven_on_failure(guard, &about, try, now_us);
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
