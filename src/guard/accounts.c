/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/hash.h"
#include "guard/inside.h"

#include <string.h>

enum {
	TELL_EVERY_S = 10,
	HOLD_AT = 10, /* different wrong answers of one network */
};

#define US_PER_MONTH (30 * US_PER_DAY)

/* Names that do not exist go first, so no number of them costs an owner his known networks. */
static uint32_t account_worth(const struct guard *guard, const void *item, uint64_t now_us)
{
	const struct account *account = item;

	if (account->exists) {
		return 2;
	}
	return account_guarded_us(guard, account, now_us) > 0;
}

static uint32_t index_of(const struct guard *guard, const struct account *account)
{
	return tg_slab_ref(table_slab(guard, &guard->accounts), account).index;
}

static void account_gone(struct guard *guard, void *item)
{
	const uint32_t index = index_of(guard, item);

	account_forget(guard, item);
	guard_timer(guard, TIMER_ACCOUNT, index, TG_NEVER);
	guard_timer(guard, TIMER_TELL, index, TG_NEVER);
}

static const struct table_rule stranger_rule = { account_worth, account_gone, 2, false };
static const struct table_rule owner_rule = { account_worth, account_gone, 3, false };

struct account *guard_account_find(const struct guard *guard, uint64_t name)
{
	return table_find(guard, &guard->accounts, name);
}

/* A name may be there for calls and not for registrations: what it was found to be holds until the next reload. */
static void note_terms(const struct guard *guard, struct account *account, const struct guard_try *try)
{
	const bool same = account->terms == guard->terms;

	account->weak = try->weak || (same && account->weak);
	account->exists = try->exists || (same && account->exists);
	account->terms = guard->terms;
}

struct account *guard_account_take(struct guard *guard, const struct guard_try *try, uint64_t now_us)
{
	const uint64_t hash = guard_name_hash(guard, try->account);
	struct account *account = guard_account_find(guard, hash);

	if (account == NULL) {
		account = table_take(guard, &guard->accounts, hash, try->exists ? &owner_rule : &stranger_rule, now_us);
		if (account == NULL) {
			return NULL;
		}
		(void)tg_span_copy(account->name, sizeof(account->name), try->account);
	}
	note_terms(guard, account, try);
	return account;
}

/* What was stored is by a clock that may differ: it is a day at most, since there is this one. */
static uint64_t guarded_until(const struct guard *guard, const struct account *account)
{
	const uint64_t most_us = guard_own_us(guard->clock_us) + US_PER_DAY;

	return account->until_is_stored ? tg_min_u64(account->guarded_until_us, most_us) : account->guarded_until_us;
}

uint64_t account_guarded_us(const struct guard *guard, const struct account *account, uint64_t now_us)
{
	const uint64_t until_us = guarded_until(guard, account), own_us = guard_own_us(now_us);

	return until_us > own_us ? until_us - own_us : 0;
}

bool account_is_guarded(const struct guard *guard, const struct account *account, uint64_t now_us)
{
	return account_guarded_us(guard, account, now_us) > 0;
}

/* The store hears of existing accounts alone: nobody fills its file with names he made up. */
void account_changed(struct guard *guard, struct account *account, uint64_t now_us)
{
	const uint64_t due_us = account->told_us == 0 ? now_us : account->told_us + TELL_EVERY_S * TG_US_PER_S;

	if (!account->exists || account->changed) {
		return;
	}
	account->changed = true;
	if (due_us <= now_us) {
		table_list(guard, &guard->accounts, account, LIST_TELL);
	} else {
		guard_timer(guard, TIMER_TELL, index_of(guard, account), due_us);
	}
}

void account_on_tell(struct guard *guard, uint32_t index)
{
	struct account *account = tg_slab_at(table_slab(guard, &guard->accounts), index, NULL);

	if (account != NULL && account->changed) {
		table_list(guard, &guard->accounts, account, LIST_TELL);
	}
}

static void forget_origins(struct account *account)
{
	account->distinct = 0;
	for (uint32_t i = 0; i < GUARD_PREFIXES; i++) {
		account->origins[i].count = 0;
	}
}

static void forget_old(struct account *account, uint64_t own_us)
{
	if (own_us >= account->window_us + US_PER_DAY) {
		account->window_us = own_us;
		account->failures = 0;
		account->prefix_count = 0;
	}
	if (own_us >= account->distinct_us + US_PER_MONTH) {
		account->distinct_us = own_us;
		forget_origins(account);
	}
}

/* @return false if it was among the latest different ones */
static bool note_answer(const struct guard *guard, struct account *account, uint64_t answer)
{
	const uint32_t mark = (uint32_t)guard_hash(guard, 'w', &answer, sizeof(answer)) | 1;

	for (uint32_t i = 0; i < ACCOUNT_ANSWERS; i++) {
		if (account->answers[i] == mark) {
			return false;
		}
	}
	account->answers[account->answer_at++ % ACCOUNT_ANSWERS] = mark;
	return true;
}

/* Its key is no secret, so that what was stored before a restart still counts. */
uint32_t account_mark(const struct who *who)
{
	static const uint8_t key[CRYPT_KEY_BYTES];
	const struct tg_span network = who == NULL ? TG_SPAN_LIT("unproven")
	                                           : (struct tg_span){ who->network.ip, sizeof(who->network.ip) };

	return (uint32_t)crypt_siphash64(key, network);
}

static void note_prefix(struct account *account, uint32_t mark)
{
	for (uint32_t i = 0; i < account->prefix_count; i++) {
		if (account->prefixes[i] == mark) {
			return;
		}
	}
	if (account->prefix_count < GUARD_PREFIXES) {
		account->prefixes[account->prefix_count++] = mark;
	}
}

static bool is_held(const struct origin *origin, uint64_t own_us)
{
	return origin->hold_until_us > own_us;
}

bool account_holds(const struct guard *guard, const struct account *account, uint32_t mark, uint64_t now_us)
{
	const uint64_t own_us = guard_own_us(now_us);
	(void)guard;

	for (uint32_t i = 0; i < GUARD_PREFIXES; i++) {
		if (account->origins[i].mark == mark && is_held(&account->origins[i], own_us)) {
			return true;
		}
	}
	return false;
}

static uint32_t count_held(const struct account *account, uint64_t own_us)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < GUARD_PREFIXES; i++) {
		count += is_held(&account->origins[i], own_us);
	}
	return count;
}

/* A new one takes the place of that with the fewest; who is held back stays. @return NULL if all are */
static struct origin *origin_take(struct account *account, uint32_t mark, uint64_t own_us)
{
	struct origin *place = NULL;

	for (uint32_t i = 0; i < GUARD_PREFIXES; i++) {
		struct origin *origin = &account->origins[i];
		const bool held = is_held(origin, own_us);

		if (origin->mark == mark && (held || origin->count > 0)) {
			return origin;
		}
		if (!held && (place == NULL || origin->count < place->count)) {
			place = origin;
		}
	}
	if (place != NULL) {
		*place = (struct origin){ .mark = mark };
	}
	return place;
}

static void tell(struct guard *guard, const struct account *account, enum guard_event_kind kind, uint64_t until_us)
{
	struct guard_event event = { .kind = kind,
		                     .why = GUARD_GUARDED,
		                     .count = account->failures > account->distinct ? account->failures
		                                                                    : account->distinct,
		                     .prefixes = account->prefix_count,
		                     .until_us = until_us };

	memcpy(event.account, account->name, sizeof(event.account));
	guard_event_put(guard, &event);
}

void account_guard(struct guard *guard, struct account *account, uint64_t for_us, uint64_t now_us)
{
	const uint64_t own_us = guard_own_us(now_us);

	if (!account_is_guarded(guard, account, now_us)) {
		tell(guard, account, GUARD_EVENT_UNDER_ATTACK, now_us + for_us);
	}
	if (guarded_until(guard, account) < own_us + for_us) {
		account->guarded_until_us = own_us + for_us;
		account->until_is_stored = false;
		account->guarding = true;
		guard_timer(guard, TIMER_ACCOUNT, index_of(guard, account), now_us + for_us);
	}
	/* What began it is used up: for it to last longer, as much has to come again. */
	account->window_us = own_us;
	account->failures = 0;
	account->prefix_count = 0;
	account_changed(guard, account, now_us);
}

/*
 * Many answers out of few networks: these alone are held back, or one of them could keep the owner out of all others. A network is
 * for what came from it, not for what came from elsewhere.
 */
static void hold(struct guard *guard, struct account *account, struct origin *origin, uint64_t now_us)
{
	const uint64_t own_us = guard_own_us(now_us);

	if (count_held(account, own_us) == 0) {
		tell(guard, account, GUARD_EVENT_UNDER_ATTACK, now_us + US_PER_DAY);
	}
	origin->hold_until_us = own_us + US_PER_DAY;
	origin->count = 0; /* used up, too */
	if (count_held(account, own_us) >= guard->limits.account_prefixes) {
		account_guard(guard, account, US_PER_DAY, now_us);
	}
}

static void judge_origin(struct guard *guard, struct account *account, uint32_t mark, uint64_t now_us)
{
	const uint64_t own_us = guard_own_us(now_us);
	const uint32_t limit = guard->limits.account_distinct;
	struct origin *origin = origin_take(account, mark, own_us);

	if (origin == NULL) {
		return;
	}
	origin->count++;
	if (account->distinct >= limit && origin->count >= tg_min_u64(limit, HOLD_AT)) {
		hold(guard, account, origin, now_us);
	} else if (account->distinct == limit && count_held(account, own_us) == 0) {
		tell(guard, account, GUARD_EVENT_UNDER_ATTACK, 0); /* from so many that there is none to hold back */
	}
}

/*
 * What was not judged is no evidence: it may have been the owner's right answer, from a network that is not known for him. Else his
 * own telephone kept his account guarded. A judged turn of a roaming one is too little to matter.
 */
static bool is_held_back(const struct guard *guard, const struct account *account, uint32_t mark, uint64_t now_us)
{
	return (account_is_guarded(guard, account, now_us) || account_holds(guard, account, mark, now_us)) &&
	       !account_has_mark(guard, account, mark, now_us);
}

bool account_was_tried(const struct account *account, uint64_t now_us)
{
	return account->failures > 0 && guard_own_us(now_us) < account->window_us + US_PER_DAY;
}

bool account_on_failure(struct guard *guard, struct account *account, uint32_t mark, uint64_t answer, uint64_t now_us)
{
	const struct guard_limits *limits = &guard->limits;

	forget_old(account, guard_own_us(now_us));
	if (!note_answer(guard, account, answer)) {
		return false;
	}
	if (is_held_back(guard, account, mark, now_us)) {
		return true;
	}
	account->failures++;
	account->distinct++;
	note_prefix(account, mark);
	if (account->failures >= limits->account_failures && account->prefix_count >= limits->account_prefixes) {
		account_guard(guard, account, US_PER_DAY, now_us);
	} else {
		judge_origin(guard, account, mark, now_us);
	}
	account_changed(guard, account, now_us);
	return true;
}

void account_on_timer(struct guard *guard, uint32_t index, uint64_t now_us)
{
	struct account *account = tg_slab_at(table_slab(guard, &guard->accounts), index, NULL);

	if (account == NULL || !account->guarding) {
		return;
	}
	tell(guard, account, GUARD_EVENT_GUARDED_END, 0);
	account->guarded_until_us = 0;
	account->until_is_stored = account->guarding = false;
	account->failures = 0;
	account->prefix_count = 0;
	forget_origins(account);
	account_changed(guard, account, now_us);
}

/* ---- The store's side ------------------------------------------------------------------------------------------------ */

bool guard_next_account(struct guard *guard, struct guard_account *out, uint64_t now_us)
{
	struct account *account = table_pop(guard, &guard->accounts, LIST_TELL);

	if (account == NULL) {
		return false;
	}
	account->changed = false;
	account->told_us = now_us;
	*out = (struct guard_account){
		.window_ms = guard_wall_ms_of(guard, account->window_us),
		.distinct_ms = guard_wall_ms_of(guard, account->distinct_us),
		.guarded_until_ms = guard_wall_ms_of(guard, account->guarded_until_us),
		.failures = account->failures,
		.distinct = account->distinct,
		.prefix_count = account->prefix_count,
	};
	memcpy(out->name, account->name, sizeof(out->name));
	memcpy(out->prefixes, account->prefixes, sizeof(out->prefixes));
	memcpy(out->networks, account->networks, sizeof(out->networks));
	return true;
}

/* Which of them are too old is not sure before the clock is. */
static void restore_networks(struct guard *guard, struct account *account, const struct guard_account *from,
                             uint64_t now_us)
{
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		const struct guard_network *in = &from->networks[i];

		if (in->base.family != TG_IPV4 && in->base.family != TG_IPV6) {
			continue;
		}
		account->networks[i] = (struct guard_network){ guard_who(guard, in->base).network, in->seen_day };
		account->seen_us[i] = 0;
	}
	account_see_days(guard, account, now_us);
}

/* As this clock has it; what it says is over, ends at once. */
static void guard_until_stored(struct guard *guard, struct account *account, uint64_t now_us)
{
	const uint64_t left_us = account_guarded_us(guard, account, now_us);

	account->guarding |= left_us > 0;
	if (account->guarding) {
		guard_timer(guard, TIMER_ACCOUNT, index_of(guard, account), now_us + left_us);
	}
}

static void restore_counts(struct guard *guard, struct account *account, const struct guard_account *from,
                           uint64_t now_us)
{
	const uint64_t own_us = guard_own_us(now_us);

	account->window_us = tg_min_u64(guard_own_us_of(guard, from->window_ms), own_us);
	account->distinct_us = tg_min_u64(guard_own_us_of(guard, from->distinct_ms), own_us);
	account->failures = from->failures;
	account->distinct = from->distinct;
	account->prefix_count = (uint32_t)tg_min_u64(from->prefix_count, GUARD_PREFIXES);
	memcpy(account->prefixes, from->prefixes, sizeof(account->prefixes));
	if (from->guarded_until_ms != 0) {
		account->guarded_until_us = guard_own_us_of(guard, from->guarded_until_ms);
		account->until_is_stored = true;
		guard_until_stored(guard, account, now_us);
	}
}

void guard_restore_account(struct guard *guard, const struct guard_account *from, uint64_t now_us)
{
	const size_t len = strnlen(from->name, sizeof(from->name));

	if (len == 0 || len == sizeof(from->name)) {
		return;
	}
	struct account *account = guard_account_take(
		guard, &(struct guard_try){ .account = { (const uint8_t *)from->name, len }, .exists = true }, now_us);

	if (account == NULL) {
		return;
	}
	restore_counts(guard, account, from, now_us);
	restore_networks(guard, account, from, now_us);
}

/* ---- The wall clock -------------------------------------------------------------------------------------------------- */

void account_on_step(struct guard *guard, struct account *account, int64_t step_us, uint64_t now_us)
{
	if (account->until_is_stored) {
		account->guarded_until_us -= (uint64_t)step_us;
		guard_until_stored(guard, account, now_us);
	}
}

bool account_on_proof(const struct guard *guard, struct account *account, uint64_t now_us)
{
	if (!account->until_is_stored) {
		return false;
	}
	account->guarded_until_us = account_is_guarded(guard, account, now_us) ? guarded_until(guard, account) : 0;
	account->until_is_stored = false;
	return true;
}
