/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/limits.h"

#include <stdio.h>

#include "switch/auth.h"

static uint64_t hash_of(const struct tg_switch *sw, struct tg_addr host)
{
	return iax_keyed_hash(sw->key, (struct tg_span){ 0 }, host);
}

/* Place of the first of a host: index + 1; 0 for none. */
static uint32_t head_of(const struct tg_switch *sw, struct tg_addr host)
{
	struct tg_map_walk walk = tg_map_find(limits_of(sw), hash_of(sw, host));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		const struct account *account = tg_slab_at(accounts_of(sw), index, NULL);

		if (account != NULL && tg_addr_equal(account->limit_host, host)) {
			return index + 1;
		}
	}
	return 0;
}

static struct account *at_place(const struct tg_switch *sw, uint32_t place)
{
	return place == 0 ? NULL : tg_slab_at(accounts_of(sw), place - 1, NULL);
}

/* Never without room: the map is as large as the slab. */
static void set_head(struct tg_switch *sw, struct tg_addr host, uint32_t before, uint32_t after)
{
	if (before != 0) {
		(void)tg_map_remove(limits_of(sw), hash_of(sw, host), before - 1);
	}
	if (after != 0 && !tg_map_insert(limits_of(sw), hash_of(sw, host), after - 1)) {
		assert(false);
	}
}

static void leave(struct tg_switch *sw, struct account *account)
{
	const uint32_t self = tg_slab_ref(accounts_of(sw), account).index + 1;
	struct account *before = at_place(sw, account->limit_before);
	struct account *next = at_place(sw, account->limit_next);

	if (before != NULL) {
		before->limit_next = account->limit_next;
	} else {
		set_head(sw, account->limit_host, self, account->limit_next);
	}
	if (next != NULL) {
		next->limit_before = account->limit_before;
	}
	account->limit = account->limit_next = account->limit_before = 0;
	account->limit_host = (struct tg_addr){ 0 };
}

/* Before all of its own size: thousands behind one address mostly have the same one, and are not walked through. */
static void join(struct tg_switch *sw, struct account *account, struct tg_addr host, uint32_t limit)
{
	const uint32_t self = tg_slab_ref(accounts_of(sw), account).index + 1;
	const uint32_t head = head_of(sw, host);
	uint32_t before = 0, next = head;

	for (struct account *at = at_place(sw, next); at != NULL && at->limit > limit; at = at_place(sw, next)) {
		before = next;
		next = at->limit_next;
	}
	account->limit = limit;
	account->limit_host = host;
	account->limit_before = before;
	account->limit_next = next;
	if (next != 0) {
		at_place(sw, next)->limit_before = self;
	}
	if (before != 0) {
		at_place(sw, before)->limit_next = self;
	} else {
		set_head(sw, host, head, self);
	}
}

/* Where a limit of the peer holds; family 0 for nowhere. */
static struct tg_addr host_of(const struct world_peer *peer, const struct account *account)
{
	if (peer->host_kind == WORLD_HOST_STATIC) {
		return tg_addr_host(peer->addr);
	}
	return account->binding.expires_ms != 0 ? tg_addr_host(account->binding.addr) : (struct tg_addr){ 0 };
}

void limits_settle(struct tg_switch *sw, struct account *account)
{
	const struct world *world = world_now(sw);
	const struct world_peer *peer = account->peer == NO_ROW || world == NULL
	                                        ? NULL
	                                        : world_row(world, WORLD_PEERS, account->peer);
	const uint32_t limit = peer == NULL ? 0 : peer->max_call_numbers;
	const struct tg_addr host = limit == 0 ? (struct tg_addr){ 0 } : host_of(peer, account);

	if (account->limit == limit && tg_addr_equal(account->limit_host, host)) {
		return;
	}
	if (account->limit != 0) {
		leave(sw, account);
	}
	if (host.family != TG_NO_ADDR) {
		join(sw, account, host, limit);
	}
}

static struct switch_limit limit_of_ranges(const struct world *world, struct tg_addr from)
{
	const struct world_range *range = world_range_find(world, WORLD_NUMBER_LIMITS, from);
	struct switch_limit limit = { .numbers = world->settings.max_call_numbers };
	char text[TG_ADDR_TEXT_BYTES];

	if (range != NULL) {
		limit.numbers = range->value;
		limit.origin = SWITCH_LIMIT_RANGE;
		snprintf(limit.name, sizeof(limit.name), "%s/%u", tg_addr_format_host(range->base, text), range->bits);
	}
	return limit;
}

struct switch_limit limits_in_world(const struct world *world, struct tg_addr from)
{
	const struct tg_addr host = tg_addr_host(from);
	const struct world_peer *best = NULL;
	struct switch_limit limit;

	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(world, WORLD_PEERS, i);

		if (peer->host_kind == WORLD_HOST_STATIC && peer->max_call_numbers > 0 &&
		    tg_addr_equal(tg_addr_host(peer->addr), host) &&
		    (best == NULL || peer->max_call_numbers > best->max_call_numbers)) {
			best = peer;
		}
	}
	if (best == NULL) {
		return limit_of_ranges(world, from);
	}
	limit = (struct switch_limit){ .numbers = best->max_call_numbers, .origin = SWITCH_LIMIT_PEER };
	tg_span_copy(limit.name, sizeof(limit.name), world_span(world, best->name));
	return limit;
}

struct switch_limit switch_number_limit(const struct tg_switch *sw, struct tg_addr from)
{
	const struct account *account = at_place(sw, head_of(sw, tg_addr_host(from)));
	struct switch_limit limit = { 0 };

	if (account != NULL) {
		limit = (struct switch_limit){ .numbers = account->limit, .origin = SWITCH_LIMIT_PEER };
		tg_span_copy(limit.name, sizeof(limit.name), name_span(account->name));
	} else if (world_now(sw) != NULL) {
		limit = limit_of_ranges(world_now(sw), from);
	}
	return limit;
}

static const char *check_one(const struct tg_switch *sw, const struct account *account, uint32_t self)
{
	const struct account *before = at_place(sw, account->limit_before);
	const struct account *next = at_place(sw, account->limit_next);

	if ((account->limit != 0) != (account->limit_host.family != TG_NO_ADDR)) {
		return "a limit of no host";
	}
	if (account->limit == 0) {
		return before == NULL && next == NULL ? NULL : "in a list without a limit";
	}
	if (before == NULL && head_of(sw, account->limit_host) != self) {
		return "a limit that is not found by its host";
	}
	if (before != NULL && (before->limit_next != self || before->limit < account->limit)) {
		return "limits of a host out of order";
	}
	return next == NULL || next->limit_before == self ? NULL : "limits of a host are not a list";
}

const char *limits_check(const struct tg_switch *sw)
{
	uint32_t heads = 0;

	for (uint32_t i = 0; i < accounts_of(sw)->count; i++) {
		const struct account *account = tg_slab_at(accounts_of(sw), i, NULL);
		const char *wrong = account == NULL ? NULL : check_one(sw, account, i + 1);

		if (wrong != NULL) {
			return wrong;
		}
		heads += account != NULL && account->limit != 0 && account->limit_before == 0;
	}
	return heads == limits_of(sw)->used ? NULL : "limits of hosts without peers";
}
