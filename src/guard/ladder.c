/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/* What is done about a source, step by step: delayed, silenced, banned. Never more than delay where a network is known. */

enum { CHECKS_A_TURN = 1024 };

static uint32_t index_of(const struct guard *guard, const struct source *source)
{
	return tg_slab_ref(table_slab(guard, &guard->sources), source).index;
}

static void set_timer(struct guard *guard, const struct source *source, uint64_t now_us)
{
	const uint64_t silence_us = source->silence_until_us > now_us ? source->silence_until_us : TG_NEVER;
	const uint64_t delay_us = source->delay_until_us > now_us ? source->delay_until_us : TG_NEVER;

	guard_timer(guard, TIMER_SOURCE, index_of(guard, source), tg_min_u64(silence_us, delay_us));
}

static uint64_t step_us(const struct guard *guard)
{
	return (uint64_t)guard->limits.step_s * TG_US_PER_S;
}

static void tell(struct guard *guard, const struct source *source, enum guard_event_kind kind, enum guard_why why,
                 uint32_t count, uint64_t until_us)
{
	guard_event_put(guard, &(struct guard_event){ .kind = kind,
	                                              .why = why,
	                                              .base = source->addr,
	                                              .bits = source->bits,
	                                              .count = count,
	                                              .until_us = until_us });
}

enum guard_why ladder_step(const struct source *source, bool known, uint64_t now_us)
{
	if (source->silence_until_us > now_us && !known && !source->exempt) {
		return GUARD_SILENCED;
	}
	return source->delay_until_us > now_us ? GUARD_DELAYED : GUARD_PASS;
}

void ladder_delay(struct guard *guard, struct source *source, uint32_t count, uint64_t now_us)
{
	source->delay_until_us = now_us + step_us(guard);
	set_timer(guard, source, now_us);
	if (source->step < GUARD_DELAYED) {
		source->step = GUARD_DELAYED;
		tell(guard, source, GUARD_EVENT_GUESSING, GUARD_TRIES, count, 0);
		tell(guard, source, GUARD_EVENT_DELAYED, GUARD_TRIES, count, source->delay_until_us);
	}
}

void ladder_silence(struct guard *guard, struct source *source, enum guard_why why, uint32_t count, uint64_t now_us)
{
	source->silence_until_us = now_us + step_us(guard);
	set_timer(guard, source, now_us);
	if (source->step < GUARD_SILENCED) {
		source->step = GUARD_SILENCED;
		tell(guard, source, GUARD_EVENT_SILENCED, why, count, source->silence_until_us);
	}
	table_list(guard, &guard->sources, source, LIST_CHECK);
}

/* One more different wrong answer of a source that may be dropped. */
void ladder_climb(struct guard *guard, struct source *source, bool over_today, uint64_t now_us)
{
	const struct guard_limits *limits = &guard->limits;
	const uint32_t count = bucket_used(&source->wrong, wrong_rule(guard, 1), now_us);

	if (count >= limits->delay_at) {
		ladder_delay(guard, source, count, now_us);
	}
	if (count >= limits->silence_at || over_today) {
		ladder_silence(guard, source, GUARD_TRIES, count, now_us);
	}
	if (count >= limits->kernel_at && source->step < GUARD_BANNED) {
		table_list(guard, &guard->sources, source, LIST_WANT);
	}
}

void ladder_refuse(struct guard *guard, struct source *source, uint32_t count, uint64_t now_us)
{
	if (source->refused_us <= now_us) {
		source->refused_us = now_us + step_us(guard);
		tell(guard, source, GUARD_EVENT_BAN_REFUSED, GUARD_PAIR, count, 0);
	}
}

void ladder_forget(struct guard *guard, struct source *source, uint64_t now_us)
{
	source->delay_until_us = 0;
	source->silence_until_us = 0;
	source->wrong = (struct bucket){ 0 };
	source->step = GUARD_PASS;
	source->names = 0;
	source->day_wrong = 0;
	source->hour_failures = 0;
	for (uint32_t i = 0; i < SOURCE_ANSWERS; i++) {
		source->answers[i] = 0;
	}
	table_unlist(guard, &guard->sources, source, LIST_CHECK);
	table_unlist(guard, &guard->sources, source, LIST_WANT);
	if (source->told) {
		table_list(guard, &guard->sources, source, LIST_TELL);
	}
	set_timer(guard, source, now_us);
}

/* Somebody behind it was right: nobody is dropped there, and the door hears so. The delay stays, as for all shared ones. */
void ladder_end(struct guard *guard, struct source *source, uint64_t now_us)
{
	if (source->silence_until_us == 0 && source->step < GUARD_SILENCED) {
		return;
	}
	source->silence_until_us = 0;
	source->step = ladder_step(source, false, now_us);
	table_unlist(guard, &guard->sources, source, LIST_CHECK);
	table_unlist(guard, &guard->sources, source, LIST_WANT);
	if (source->told) {
		table_list(guard, &guard->sources, source, LIST_TELL);
	}
	set_timer(guard, source, now_us);
}

void ladder_on_timer(struct guard *guard, uint32_t index, uint64_t now_us)
{
	struct source *source = tg_slab_at(table_slab(guard, &guard->sources), index, NULL);

	if (source == NULL) {
		return;
	}
	if (source->silence_until_us <= now_us && source->told) {
		table_list(guard, &guard->sources, source, LIST_TELL);
	}
	source->step = ladder_step(source, false, now_us);
	set_timer(guard, source, now_us);
}

/* May this one be dropped at all? If not, its silence ends before anybody heard of it. */
static bool may_be_dropped(struct guard *guard, struct source *source, const struct guard_never *never, uint64_t now_us)
{
	const struct who who = guard_who(guard, source->addr);
	const bool is_never = never != NULL && never->is_never != NULL && never->is_never(never->owner, source->addr);

	source->exempt = is_never;
	if (!is_never && source->healthy == 0 && !network_is_known(guard, &who, now_us) &&
	    !ban_is_allowed(guard, source->addr, now_us)) {
		return true;
	}
	source->silence_until_us = 0;
	source->step = ladder_step(source, false, now_us);
	ladder_refuse(guard, source, bucket_used(&source->wrong, wrong_rule(guard, 1), now_us), now_us);
	table_unlist(guard, &guard->sources, source, LIST_WANT);
	if (source->told) {
		table_list(guard, &guard->sources, source, LIST_TELL);
	}
	return false;
}

static void check_silences(struct guard *guard, const struct guard_never *never, uint64_t now_us)
{
	for (int i = 0; i < CHECKS_A_TURN; i++) {
		struct source *source = table_pop(guard, &guard->sources, LIST_CHECK);

		if (source == NULL) {
			return;
		}
		if (may_be_dropped(guard, source, never, now_us) && guard->mode == GUARD_ENFORCE) {
			source->told = true;
			table_list(guard, &guard->sources, source, LIST_TELL);
		}
	}
}

static void ban_one(struct guard *guard, struct source *source, const struct guard_never *never, uint64_t now_us)
{
	const uint32_t count = bucket_used(&source->wrong, wrong_rule(guard, 1), now_us);

	source->step = GUARD_BANNED;
	if (guard->mode == GUARD_OBSERVE) {
		tell(guard, source, GUARD_EVENT_BANNED, GUARD_TRIES, count, now_us + step_us(guard));
		return;
	}
	const struct ban *ban = ban_make(guard, source, never, now_us);

	if (ban != NULL) {
		tell(guard, source, GUARD_EVENT_BANNED, GUARD_TRIES, count, ban->told.until_us);
	}
}

/* At most so many a second; the others stay silenced. */
static void make_bans(struct guard *guard, const struct guard_never *never, uint64_t now_us)
{
	const struct bucket_rule rule = bucket_rule_of(BANS_PER_S, 1, BANS_PER_S);

	while (guard->sources.lists[LIST_WANT].count > 0 && bucket_has(&guard->banning, rule, 1, now_us)) {
		struct source *source = table_pop(guard, &guard->sources, LIST_WANT);

		if (may_be_dropped(guard, source, never, now_us)) {
			bucket_charge(&guard->banning, rule, BANS_PER_S, now_us);
			ban_one(guard, source, never, now_us);
		}
	}
}

void ladder_expire(struct guard *guard, const struct guard_never *never, uint64_t now_us)
{
	check_silences(guard, never, now_us);
	make_bans(guard, never, now_us);
}

/* ---- Networks ---------------------------------------------------------------------------------------------------------- */

/* By numbers for one source: ten times as many are its network's. */
void ladder_climb_network(struct guard *guard, struct network *network, uint64_t now_us)
{
	const struct guard_limits *limits = &guard->limits;
	const uint32_t count = bucket_used(&network->wrong, wrong_rule(guard, network_times(network)), now_us);
	const enum guard_why step = ladder_network_step(network, now_us);
	struct guard_event event = { .why = GUARD_TRIES,
		                     .base = network->addr,
		                     .bits = network->bits,
		                     .count = count,
		                     .until_us = now_us + step_us(guard) };

	if (network->known_until_us > now_us || count < limits->delay_at * NETWORK_TIMES) {
		return;
	}
	const bool is_told = network->delay_until_us > now_us;

	network->delay_until_us = now_us + step_us(guard);
	if (!is_told) {
		event.kind = GUARD_EVENT_GUESSING;
		guard_event_put(guard, &event);
	}
	/* An IPv4 network has many owners: it is told, and its hosts answer for themselves. */
	if (network->addr.family != TG_IPV6) {
		return;
	}
	if (step == GUARD_PASS) {
		event.kind = GUARD_EVENT_DELAYED;
		guard_event_put(guard, &event);
	}
	if (count >= limits->silence_at * NETWORK_TIMES) {
		network->silence_until_us = now_us + step_us(guard);
		if (step != GUARD_SILENCED) {
			event.kind = GUARD_EVENT_SILENCED;
			guard_event_put(guard, &event);
		}
	}
}

enum guard_why ladder_network_step(const struct network *network, uint64_t now_us)
{
	if (network == NULL || network->addr.family != TG_IPV6) {
		return GUARD_PASS;
	}
	return network->silence_until_us > now_us ? GUARD_SILENCED
	       : network->delay_until_us > now_us ? GUARD_DELAYED
	                                          : GUARD_PASS;
}

/* ---- Modes --------------------------------------------------------------------------------------------------------------- */

/* What was gathered while nothing was held back is not held against anybody now. */
void ladder_begin(struct guard *guard, uint64_t now_us)
{
	const struct tg_slab *sources = table_slab(guard, &guard->sources);
	const struct tg_slab *networks = table_slab(guard, &guard->networks);
	const struct tg_slab *pairs = table_slab(guard, &guard->pairs);

	for (uint32_t i = 0; i < sources->count; i++) {
		struct source *source = tg_slab_at(sources, i, NULL);

		if (source != NULL) {
			ladder_forget(guard, source, now_us);
		}
	}
	for (uint32_t i = 0; i < networks->count; i++) {
		struct network *network = tg_slab_at(networks, i, NULL);

		if (network != NULL) {
			network->wrong = (struct bucket){ 0 };
			network->delay_until_us = network->silence_until_us = 0;
		}
	}
	for (uint32_t i = 0; i < pairs->count; i++) {
		struct pair *pair = tg_slab_at(pairs, i, NULL);

		if (pair != NULL) {
			pair_forget(pair);
		}
	}
}

/* Nothing is held back from now on: the door hears that its silences are over. */
void ladder_stop(struct guard *guard, uint64_t now_us)
{
	const struct tg_slab *slab = table_slab(guard, &guard->sources);

	for (uint32_t i = 0; i < slab->count; i++) {
		struct source *source = tg_slab_at(slab, i, NULL);

		if (source != NULL && source->told) {
			source->silence_until_us = 0;
			source->step = ladder_step(source, false, now_us);
			table_list(guard, &guard->sources, source, LIST_TELL);
		}
	}
}
