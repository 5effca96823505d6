/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/* Many sources that try many accounts a little each: seen only over all of them. */

bool spray_is_on(const struct guard *guard, uint64_t now_us)
{
	return guard->spray.until_us > now_us;
}

static bool is_fresh(const struct spray_mark *mark, uint64_t now_us)
{
	return mark->hash != 0 && now_us < mark->seen_us + US_PER_HOUR;
}

/* Put or renew a mark, and count the fresh ones. A full set loses the new one: it is beyond all limits anyway. */
static uint32_t note(struct spray_mark *marks, uint32_t size, struct spray_mark mark)
{
	struct spray_mark *place = NULL;
	uint32_t count = 0;

	for (uint32_t i = 0; i < size; i++) {
		if (!is_fresh(&marks[i], mark.seen_us)) {
			marks[i].hash = 0;
			place = place != NULL && place->hash == mark.hash ? place : &marks[i];
		} else if (marks[i].hash == mark.hash) {
			place = &marks[i];
		} else {
			count++;
		}
	}
	if (place == NULL) {
		return count;
	}
	/* Who was first stays its source: one guesser among many takes nobody else's marks with him. */
	place->source = place->hash == mark.hash ? place->source : mark.source;
	place->hash = mark.hash;
	place->network = mark.network;
	place->seen_us = mark.seen_us;
	return count + 1;
}

/* So many of them were seen from one network. */
static uint32_t count_from(const struct spray_mark *marks, uint32_t size, uint64_t network, uint64_t now_us)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < size; i++) {
		count += marks[i].network == network && is_fresh(&marks[i], now_us);
	}
	return count;
}

static void take_back(struct spray_mark *marks, uint32_t size, uint64_t source)
{
	for (uint32_t i = 0; i < size; i++) {
		if (marks[i].source == source) {
			marks[i].hash = 0;
		}
	}
}

/* Weak accounts that were tried lately are guarded at once, the others as soon as they are tried. */
static void guard_the_weak(struct guard *guard, uint64_t now_us)
{
	const struct tg_slab *slab = table_slab(guard, &guard->accounts);

	for (uint32_t i = 0; i < slab->count; i++) {
		struct account *account = tg_slab_at(slab, i, NULL);

		if (account != NULL && account->weak && account_was_tried(account, now_us)) {
			account_guard(guard, account, guard->spray.until_us - now_us, now_us);
		}
	}
}

static void begin(struct guard *guard, uint32_t accounts, uint32_t networks, uint64_t now_us)
{
	guard->spray.until_us = now_us + US_PER_DAY;
	if (guard->spray.told_us <= now_us) {
		guard->spray.told_us = now_us + US_PER_HOUR;
		guard_event_put(guard, &(struct guard_event){ .kind = GUARD_EVENT_SPRAY,
		                                              .why = GUARD_GUARDED,
		                                              .count = accounts,
		                                              .prefixes = networks,
		                                              .until_us = guard->spray.until_us });
		guard_the_weak(guard, now_us);
	}
}

/* @return how many accounts it failed at in the hour, as far as that matters */
static uint32_t note_account(struct source *source, uint64_t account)
{
	const uint32_t mark = (uint32_t)account | 1;
	uint32_t i = 0;

	while (i < HOUR_ACCOUNTS && source->hour_accounts[i] != 0 && source->hour_accounts[i] != mark) {
		i++;
	}
	if (i < HOUR_ACCOUNTS) {
		source->hour_accounts[i] = mark;
		i++;
	}
	while (i < HOUR_ACCOUNTS && source->hour_accounts[i] != 0) {
		i++;
	}
	return i;
}

static void begin_hour(struct source *source, uint64_t now_us)
{
	source->hour_us = now_us;
	source->hour_failures = 0;
	for (uint32_t i = 0; i < HOUR_ACCOUNTS; i++) {
		source->hour_accounts[i] = 0;
	}
}

/* Who fails often at few accounts is a guesser, whom others deal with, and his marks are taken back. */
static bool is_sprayer(struct guard *guard, struct source *source, uint64_t account, uint64_t now_us)
{
	if (now_us >= source->hour_us + US_PER_HOUR) {
		begin_hour(source, now_us);
	}
	source->hour_failures += source->hour_failures <= SPRAY_EACH;
	const bool many = note_account(source, account) > SPRAY_EACH;
	const bool sprays = many || source->hour_failures <= SPRAY_EACH;

	if (!sprays) {
		take_back(guard->spray.accounts, SPRAY_ACCOUNTS, source->item.hash);
		take_back(guard->spray.networks, SPRAY_NETWORKS, source->item.hash);
	}
	return sprays;
}

void spray_on_failure(struct guard *guard, struct source *source, const struct who *who, struct account *account,
                      uint64_t now_us)
{
	const struct guard_limits *limits = &guard->limits;

	if (account == NULL || !is_sprayer(guard, source, account->item.hash, now_us)) {
		return;
	}
	const uint32_t accounts = note(
		guard->spray.accounts, SPRAY_ACCOUNTS,
		(struct spray_mark){ account->item.hash, source->item.hash, who->network_hash, now_us });
	const uint32_t networks = note(guard->spray.networks, SPRAY_NETWORKS,
	                               (struct spray_mark){ who->network_hash, source->item.hash, 0, now_us });

	const uint32_t here = count_from(guard->spray.accounts, SPRAY_ACCOUNTS, who->network_hash, now_us);

	if (limits->spray_accounts == 0) {
		return;
	}
	if (accounts >= limits->spray_accounts && networks >= limits->spray_prefixes) {
		begin(guard, accounts, networks, now_us);
	} else if (here >= limits->spray_accounts) {
		begin(guard, here, 1, now_us);
	}
	if (account->weak && spray_is_on(guard, now_us)) {
		account_guard(guard, account, guard->spray.until_us - now_us, now_us);
	}
}
