/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

#include <string.h>

/* What people are shown, and what tests check. */

bool guard_source_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_source_row *row)
{
	const struct tg_slab *slab = table_slab(guard, &guard->sources);
	const struct source *source = NULL;

	while (source == NULL && *cursor < slab->count) {
		source = tg_slab_at(slab, (*cursor)++, NULL);
	}
	if (source == NULL) {
		return false;
	}
	const struct who who = guard_who(guard, source->addr);
	const struct ban *ban = ban_find(guard, source->addr, now_us);
	const bool banned = ban != NULL && !ban->told.allow;
	const enum guard_why step = ladder_step(source, network_is_known(guard, &who, now_us), now_us);
	const uint64_t until_us = banned                   ? ban->told.until_us
	                          : step == GUARD_SILENCED ? source->silence_until_us
	                                                   : source->delay_until_us;

	*row = (struct guard_source_row){
		.addr = source->addr,
		.bits = source->bits,
		.failures = bucket_used(&source->wrong, wrong_rule(guard, source_times(source)), now_us),
		.names = source->names,
		.healthy = source->healthy,
		.opened = source->opened,
		.held = source->held,
		.class = guard_class_of(guard, source->addr, now_us),
		.step = banned ? GUARD_BANNED : step,
		.left_us = until_us == TG_NEVER ? TG_NEVER
		           : until_us > now_us  ? until_us - now_us
		                                : 0,
	};
	return true;
}

bool guard_account_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_account_row *row)
{
	const struct tg_slab *slab = table_slab(guard, &guard->accounts);
	const struct account *account = NULL;

	while (account == NULL && *cursor < slab->count) {
		account = tg_slab_at(slab, (*cursor)++, NULL);
	}
	if (account == NULL) {
		return false;
	}
	*row = (struct guard_account_row){
		.failures = account->failures,
		.distinct = account->distinct,
		.prefixes = account->prefix_count,
		.guarded_us = account_guarded_us(guard, account, now_us),
	};
	memcpy(row->name, account->name, sizeof(row->name));
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		row->networks += account_knows_us(guard, account, i, now_us) > 0;
	}
	return true;
}

bool guard_network_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_network_row *row)
{
	const struct tg_slab *slab = table_slab(guard, &guard->accounts);

	while (*cursor / GUARD_NETWORKS < slab->count) {
		const int slot = (int)(*cursor % GUARD_NETWORKS);
		const struct account *account = tg_slab_at(slab, (*cursor)++ / GUARD_NETWORKS, NULL);
		const uint64_t left_us = account == NULL ? 0 : account_knows_us(guard, account, slot, now_us);

		if (left_us > 0) {
			memcpy(row->account, account->name, sizeof(row->account));
			row->base = account->networks[slot].base;
			row->left_us = left_us;
			return true;
		}
	}
	return false;
}

static struct guard_budget_row table_row(const struct guard *guard, const struct table *table, const char *name,
                                         const char *attack)
{
	const struct tg_slab *slab = table_slab(guard, table);

	return (struct guard_budget_row){ name,       attack,     slab->count,
		                          slab->used, slab->peak, (uint64_t)table->evicted + table->refused };
}

bool guard_budget_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_budget_row *row)
{
	const struct guard_limits *limits = &guard->limits;
	const struct bucket_rule strangers = bucket_rule_of(limits->strangers_per_s, 1, limits->strangers_per_s);
	const struct bucket_rule bans = bucket_rule_of(BANS_PER_S, 1, BANS_PER_S);
	const struct guard_budget_row rows[] = {
		{ "openings of strangers", "floods from many proven addresses", limits->strangers_per_s,
		  bucket_used(&guard->strangers, strangers, now_us), guard->strangers_peak, guard->strangers_stopped },
		{ "openings of one source", "floods from one address or network", limits->new_dialogs_burst, 0, 0,
		  guard->rates_stopped },
		{ "wrong answers of one source", "guessing", limits->failures_burst, 0, 0, guard->tries_stopped },
		{ "answers without a token", "guessing without a token", unproven_rule().burst,
		  bucket_used(&guard->unproven, unproven_rule(), now_us), 0, guard->unproven_stopped },
		table_row(guard, &guard->sources, "sources", "many proven addresses"),
		table_row(guard, &guard->networks, "networks", "many proven networks"),
		table_row(guard, &guard->ports, "proven ports", "an attacker behind a customer's address"),
		table_row(guard, &guard->pairs, "sources and accounts", "guessing from many addresses"),
		table_row(guard, &guard->accounts, "account names", "guessing of names"),
		table_row(guard, &guard->bans, "bans", "more offenders than can be banned"),
		{ "bans a second", "many offenders at once", BANS_PER_S, bucket_used(&guard->banning, bans, now_us), 0,
		  guard->sources.lists[LIST_WANT].count },
		{ "events that wait", "floods of events", guard->config.events_max, guard->events, guard->events_peak,
		  guard->events_lost },
	};

	if (*cursor >= TG_COUNT(rows)) {
		return false;
	}
	*row = rows[(*cursor)++];
	return true;
}

/* ---- Is all well? -------------------------------------------------------------------------------------------------------- */

/* Each source's healthy accounts are the pairs that are counted there. */
static const char *check_healthy(const struct guard *guard)
{
	const struct tg_slab *sources = table_slab(guard, &guard->sources);
	const struct tg_slab *pairs = table_slab(guard, &guard->pairs);
	uint64_t claimed = 0, found = 0;

	for (uint32_t i = 0; i < sources->count; i++) {
		const struct source *source = tg_slab_at(sources, i, NULL);

		claimed += source == NULL ? 0 : source->healthy;
	}
	for (uint32_t i = 0; i < pairs->count; i++) {
		const struct pair *pair = tg_slab_at(pairs, i, NULL);

		if (pair == NULL || tg_ref_is_none(pair->counted)) {
			continue;
		}
		if (tg_wheel_get(guard_wheel(guard), guard->timers[TIMER_PAIR] + i) == TG_NEVER) {
			return "a healthy account never ends";
		}
		const struct source *source = tg_slab_find(sources, pair->counted);

		found += source != NULL;
		if (source != NULL && source->item.hash != pair->source_hash) {
			return "a pair is counted at another source";
		}
	}
	return claimed == found ? NULL : "healthy accounts are miscounted";
}

const char *guard_check(const struct guard *guard)
{
	const struct table *const tables[] = { &guard->sources, &guard->networks, &guard->ports,
		                               &guard->pairs,   &guard->accounts, &guard->bans,
		                               &guard->wides,   &guard->waiters,  &guard->patients };
	const char *wrong = NULL;

	for (size_t i = 0; i < TG_COUNT(tables) && wrong == NULL; i++) {
		wrong = table_check(guard, tables[i]);
	}
	if (wrong == NULL) {
		wrong = bans_check(guard);
	}
	if (wrong == NULL && guard->events > guard->config.events_max) {
		wrong = "more events than there is room for";
	}
	if (wrong == NULL) {
		wrong = owners_check(guard);
	}
	return wrong != NULL ? wrong : check_healthy(guard);
}
