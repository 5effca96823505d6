/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

#include <string.h>

/* A proven port opens so much on its own account: what one telephone or trunk needs. */
enum { PORT_PER_S = 2, PORT_BURST = 10 };

/* ---- Who goes when a table is full: strangers, then offenders, then those who were right once ------------------- */

static uint32_t source_worth(const struct guard *guard, const void *item, uint64_t now_us)
{
	const struct source *source = item;
	(void)guard;

	if (source->healthy > 0) {
		return 2 + source_times(source);
	}
	if (source->step != GUARD_PASS || source->silence_until_us > now_us) {
		return 2;
	}
	return source->wrong.idle_ns / 1000 > now_us;
}

static void source_gone(struct guard *guard, void *item)
{
	const struct source *source = item;

	guard_timer(guard, TIMER_SOURCE, tg_slab_ref(table_slab(guard, &guard->sources), source).index, TG_NEVER);
}

static uint32_t network_worth(const struct guard *guard, const void *item, uint64_t now_us)
{
	const struct network *network = item;
	(void)guard;

	if (network->known_until_us > now_us) {
		return 2 + (uint32_t)((network->known_until_us - now_us) / US_PER_HOUR);
	}
	return network->open.idle_ns / 1000 > now_us || network->wrong.idle_ns / 1000 > now_us;
}

static uint32_t port_worth(const struct guard *guard, const void *item, uint64_t now_us)
{
	const struct port *port = item;
	(void)guard;

	/* By hours left: who was right most recently stays longest. */
	return port->until_us > now_us ? 1 + (uint32_t)((port->until_us - now_us) / US_PER_HOUR) : 0;
}

static uint32_t pair_worth(const struct guard *guard, const void *item, uint64_t now_us)
{
	const struct pair *pair = item;
	(void)guard;

	if (!tg_ref_is_none(pair->counted)) {
		return 3 + (uint32_t)(pair->last_us / US_PER_MINUTE);
	}
	return pair->held_until_us > now_us || pair->stale ? 2 : pair->wrong.idle_ns / 1000 > now_us;
}

void pair_uncount(struct guard *guard, struct pair *pair)
{
	if (pair == NULL) {
		return;
	}
	struct source *source = tg_slab_find(table_slab(guard, &guard->sources), pair->counted);

	if (source != NULL) {
		source->healthy--;
	}
	pair->counted = TG_NO_REF;
}

static void pair_gone(struct guard *guard, void *item)
{
	pair_uncount(guard, item);
	guard_timer(guard, TIMER_PAIR, tg_slab_ref(table_slab(guard, &guard->pairs), item).index, TG_NEVER);
}

const struct table_rule source_rule = { source_worth, source_gone, 3, true };
const struct table_rule network_rule = { network_worth, NULL, 2, true };
const struct table_rule port_rule = { port_worth, NULL, UINT32_MAX, true };
const struct table_rule pair_rule = { pair_worth, pair_gone, 3, true };

/* ---- Sources and networks ------------------------------------------------------------------------------------------ */

struct source *source_find(const struct guard *guard, const struct who *who)
{
	return table_find(guard, &guard->sources, who->source_hash);
}

struct source *source_take(struct guard *guard, const struct who *who, uint64_t now_us)
{
	struct source *source = source_find(guard, who);

	if (source == NULL) {
		source = table_take(guard, &guard->sources, who->source_hash, &source_rule, now_us);
		if (source != NULL) {
			source->addr = who->source;
			source->bits = who->source_bits;
		}
	}
	return source;
}

struct network *network_find(const struct guard *guard, const struct who *who)
{
	return table_find(guard, &guard->networks, who->network_hash);
}

struct network *network_take(struct guard *guard, const struct who *who, uint64_t now_us)
{
	struct network *network = network_find(guard, who);

	if (network == NULL) {
		network = table_take(guard, &guard->networks, who->network_hash, &network_rule, now_us);
		if (network != NULL) {
			network->addr = who->network;
			network->bits = who->network_bits;
		}
	}
	return network;
}

bool network_is_known(const struct guard *guard, const struct who *who, uint64_t now_us)
{
	const struct network *network = network_find(guard, who);

	return network != NULL && network->known_until_us > now_us;
}

uint32_t source_times(const struct source *source)
{
	return source->healthy < 1 ? 1 : source->healthy > HEALTHY_MAX ? HEALTHY_MAX : source->healthy;
}

uint32_t network_times(const struct network *network)
{
	return NETWORK_TIMES * (network->accounts < 1             ? 1
	                        : network->accounts > HEALTHY_MAX ? HEALTHY_MAX
	                                                          : network->accounts);
}

struct bucket_rule wrong_rule(const struct guard *guard, uint32_t times)
{
	return bucket_times(bucket_rule_of(guard->limits.failures_per_min, 60, guard->limits.failures_burst), times);
}

uint32_t source_others(const struct guard *guard, const struct source *source, const struct pair *pair)
{
	const bool own = pair != NULL &&
	                 tg_slab_find(table_slab(guard, &guard->sources), pair->counted) == (const void *)source;

	return source->healthy - (own ? 1 : 0);
}

/* ---- Proven ports ---------------------------------------------------------------------------------------------------- */

static uint64_t port_hash(const struct guard *guard, struct tg_addr from)
{
	return guard_hash(guard, 'a', &from, sizeof(from));
}

bool port_allow(struct guard *guard, struct tg_addr from, uint64_t now_us)
{
	const struct bucket_rule rule = bucket_rule_of(PORT_PER_S, 1, PORT_BURST);
	struct port *port = table_find(guard, &guard->ports, port_hash(guard, from));

	if (port == NULL || port->until_us <= now_us || !bucket_has(&port->open, rule, 1, now_us)) {
		return false;
	}
	bucket_charge(&port->open, rule, PORT_BURST, now_us);
	return true;
}

void port_learn(struct guard *guard, struct tg_addr from, uint64_t now_us)
{
	const uint64_t hash = port_hash(guard, from);
	struct port *port = table_find(guard, &guard->ports, hash);

	if (port == NULL) {
		port = table_take(guard, &guard->ports, hash, &port_rule, now_us);
	}
	if (port != NULL) {
		port->until_us = now_us + US_PER_DAY;
	}
}

/* ---- A source and an account ------------------------------------------------------------------------------------------ */

static uint64_t pair_hash(const struct guard *guard, const struct who *who, uint64_t name)
{
	const uint64_t both[2] = { who->source_hash, name };

	return guard_hash(guard, '2', both, sizeof(both));
}

struct pair *pair_find(const struct guard *guard, const struct who *who, uint64_t name)
{
	return table_find(guard, &guard->pairs, pair_hash(guard, who, name));
}

struct pair *pair_take(struct guard *guard, const struct who *who, uint64_t name, uint64_t now_us)
{
	const uint64_t hash = pair_hash(guard, who, name);
	struct pair *pair = table_find(guard, &guard->pairs, hash);

	if (pair == NULL) {
		pair = table_take(guard, &guard->pairs, hash, &pair_rule, now_us);
		if (pair != NULL) {
			pair->source_hash = who->source_hash;
			pair->last_us = now_us;
		}
	}
	return pair;
}

void pair_forget(struct pair *pair)
{
	pair->wrong = (struct bucket){ 0 };
	pair->held_until_us = pair->next_try_us = 0;
	pair->failures = pair->distinct = 0;
	pair->stale = pair->judged = false;
	pair->turns = 0;
}

/* It is healthy for a day, and nothing is held against it any more. */
void pair_on_success(struct guard *guard, struct pair *pair, struct source *source, uint64_t now_us)
{
	const struct tg_ref ref = tg_slab_ref(table_slab(guard, &guard->sources), source);

	if (!tg_ref_equal(pair->counted, ref)) {
		pair_uncount(guard, pair);
		pair->counted = ref;
		source->healthy++;
	}
	guard_timer(guard, TIMER_PAIR, tg_slab_ref(table_slab(guard, &guard->pairs), pair).index, now_us + US_PER_DAY);
	pair_forget(pair);
	pair->last_us = now_us;
}

void pair_on_timer(struct guard *guard, uint32_t index)
{
	struct pair *pair = tg_slab_at(table_slab(guard, &guard->pairs), index, NULL);

	if (pair != NULL) {
		pair_uncount(guard, pair);
	}
}
