/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/accounts.h"

#include "switch/limits.h"
#include "switch/qualify.h"

static uint64_t hash_of(const struct tg_switch *sw, struct tg_span name)
{
	return iax_keyed_hash(sw->key, name, (struct tg_addr){ 0 });
}

struct account *account_find(const struct tg_switch *sw, struct tg_span name)
{
	struct tg_map_walk walk = tg_map_find(names_of(sw), hash_of(sw, name));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		struct account *account = tg_slab_at(accounts_of(sw), index, NULL);

		if (account != NULL && tg_span_equal(name_span(account->name), name)) {
			return account;
		}
	}
	return NULL;
}

static void begin(struct tg_switch *sw, struct account *account, struct tg_span name)
{
	const struct world *world = world_now(sw);
	const struct world_peer *peer = world == NULL ? NULL : world_peer_find(world, name);

	tg_span_copy(account->name, sizeof(account->name), name);
	account->rtt_ms = -1;
	account->last_rtt_ms = -1;
	account->peer = peer == NULL ? NO_ROW
	                             : (uint32_t)(peer - (const struct world_peer *)world_row(world, WORLD_PEERS, 0));
}

struct account *account_take(struct tg_switch *sw, struct tg_span name)
{
	struct account *account = name.len <= WORLD_NAME_MAX ? account_find(sw, name) : NULL;
	struct tg_ref ref;

	if (account != NULL || name.len == 0 || name.len > WORLD_NAME_MAX) {
		return account;
	}
	account = tg_slab_take(accounts_of(sw), &ref);
	if (account != NULL && !tg_map_insert(names_of(sw), hash_of(sw, name), ref.index)) {
		tg_slab_give(accounts_of(sw), ref);
		return NULL;
	}
	if (account != NULL) {
		begin(sw, account, name);
		limits_settle(sw, account);
	}
	return account;
}

void account_settle(struct tg_switch *sw, struct account *account)
{
	const struct tg_ref ref = tg_slab_ref(accounts_of(sw), account);

	if (account->peer != NO_ROW || account->binding.expires_ms != 0 || account->user_latched ||
	    account->peer_latched || account->poking || account->outgoing != 0) {
		return;
	}
	switch_timer(sw, TIMER_QUALIFY, ref.index, TG_NEVER);
	switch_timer(sw, TIMER_BINDING, ref.index, TG_NEVER);
	tg_map_remove(names_of(sw), hash_of(sw, name_span(account->name)), ref.index);
	tg_slab_give(accounts_of(sw), ref);
}

/* Each account's row in the new world; a latch lasts as long as the name stands in the configuration. */
static void look_again(struct tg_switch *sw, struct account *account)
{
	const struct world *world = world_now(sw);
	const struct tg_span name = name_span(account->name);
	const struct world_user *user = world_user_find(world, name);
	const struct world_peer *peer = world_peer_find(world, name);

	account->peer = peer == NULL ? NO_ROW
	                             : (uint32_t)(peer - (const struct world_peer *)world_row(world, WORLD_PEERS, 0));
	account->user_latched = account->user_latched && user != NULL && user->require_call_token == WORLD_AUTO;
	account->peer_latched = account->peer_latched && peer != NULL && peer->require_call_token == WORLD_AUTO;
	limits_settle(sw, account);
}

void accounts_on_world(struct tg_switch *sw)
{
	const struct world *world = world_now(sw);
	uint32_t without_room = 0;

	for (uint32_t i = 0; i < accounts_of(sw)->count; i++) {
		struct account *account = tg_slab_at(accounts_of(sw), i, NULL);

		if (account != NULL) {
			look_again(sw, account);
			account_settle(sw, account);
		}
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(world, WORLD_PEERS, i);

		without_room += peer->to_backend == 0 && account_take(sw, world_span(world, peer->name)) == NULL;
	}
	if (without_room > 0) {
		tg_log(sw->outside.log, TG_WARNING, "peer.no_room", TG_UINT("peers", without_room),
		       TG_UINT("limit", sw->config.bindings_max));
	}
	qualify_on_world(sw);
}

void accounts_forget(struct tg_switch *sw)
{
	for (uint32_t i = 0; i < accounts_of(sw)->begun; i++) {
		struct account *account = tg_slab_at(accounts_of(sw), i, NULL);

		if (account != NULL) {
			account->peer = NO_ROW;
			account->binding = (struct model_binding){ 0 };
			account->user_latched = account->peer_latched = account->poking = 0;
			limits_settle(sw, account);
			account_settle(sw, account);
		}
	}
	sw->bound = 0;
	tg_slab_init(accounts_of(sw), sizeof(struct account), sw->config.bindings_max);
}

struct account *accounts_resume(struct tg_switch *sw, uint32_t gen, const char *name)
{
	struct account *account = tg_slab_resume(accounts_of(sw), gen);

	if (account == NULL) {
		return NULL;
	}
	const bool inserted = tg_map_insert(names_of(sw), hash_of(sw, name_span(name)),
	                                    tg_slab_ref(accounts_of(sw), account).index);

	assert(inserted); /* the map is as large as the slab */
	(void)inserted;
	begin(sw, account, name_span(name));
	return account;
}

void accounts_latch(struct tg_switch *sw, struct tg_span name, bool user, bool latch)
{
	struct account *account = latch ? account_take(sw, name) : NULL;

	if (account != NULL) {
		account->user_latched = account->user_latched || user;
		account->peer_latched = account->peer_latched || !user;
	}
}

bool accounts_is_latched(const struct tg_switch *sw, struct tg_span name, bool user)
{
	const struct account *account = name.len <= WORLD_NAME_MAX ? account_find(sw, name) : NULL;

	return account != NULL && (user ? account->user_latched : account->peer_latched);
}

struct tg_addr accounts_local_for(const struct tg_switch *sw, struct tg_addr remote)
{
	const struct world *world = world_now(sw);

	for (uint32_t i = 0; world != NULL && i < world->settings.bind_count; i++) {
		if (world->settings.binds[i].family == remote.family) {
			return world->settings.binds[i];
		}
	}
	return (struct tg_addr){ 0 };
}

/* We are bound to it, or to all addresses of its family. */
static bool is_ours(const struct tg_switch *sw, struct tg_addr local)
{
	const struct world *world = world_now(sw);

	for (uint32_t i = 0; world != NULL && i < world->settings.bind_count; i++) {
		const struct tg_addr bind = world->settings.binds[i];

		if (bind.family == local.family && bind.port == local.port &&
		    (tg_addr_is_any(bind) || tg_addr_equal(bind, local))) {
			return true;
		}
	}
	return false;
}

bool accounts_locate(const struct tg_switch *sw, const struct world *world, const struct world_peer *peer,
                     struct tg_addr *remote, struct tg_addr *local)
{
	const struct account *account = account_find(sw, world_span(world, peer->name));

	*remote = (struct tg_addr){ 0 };
	*local = peer->source;
	if (peer->host_kind == WORLD_HOST_STATIC) {
		*remote = peer->addr;
	} else if (account != NULL && account->binding.expires_ms != 0) {
		*remote = account->binding.addr;
		/* A binding kept from before a restart may have come to an address we have no more. */
		if (local->family != remote->family && is_ours(sw, account->binding.local)) {
			*local = account->binding.local;
		}
	} else {
		*remote = peer->default_ip;
	}
	if (local->family != remote->family) {
		*local = accounts_local_for(sw, *remote);
	}
	return remote->family != TG_NO_ADDR && remote->port != 0 && local->family == remote->family;
}

bool accounts_reach(const struct tg_switch *sw, const struct world *world, const struct world_peer *peer,
                    struct tg_addr *remote, struct tg_addr *local)
{
	const struct account *account = account_find(sw, world_span(world, peer->name));
	const bool silent = peer->qualify_ms != 0 && account != NULL &&
	                    (account->rtt_ms == -2 || account->rtt_ms > (int32_t)peer->qualify_ms);

	return !silent && accounts_locate(sw, world, peer, remote, local);
}

uint32_t accounts_unheard_ms(const struct world *world, const struct world_peer *peer)
{
	return peer->qualify_ms != 0 ? 0 : 2 * world->settings.autokill_ms;
}

static bool is_registered(const void *owner, struct tg_span peer)
{
	const struct account *account = account_find(owner, peer);

	return account != NULL && account->binding.expires_ms != 0;
}

struct plan_registered accounts_registered(const struct tg_switch *sw)
{
	return (struct plan_registered){ is_registered, sw };
}
