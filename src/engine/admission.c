/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/admission.h"

#include <string.h>

#include "crypt/hash.h"

enum { NAMES_THAT_ARE_NONE = 4096 };

struct guard_config admission_config(const struct world *world, uint64_t wall_us)
{
	struct guard_config config = guard_config_default();

	config.accounts_max = world_count(world, WORLD_USERS) + world_count(world, WORLD_PEERS) + NAMES_THAT_ARE_NONE;
	config.wall_us = wall_us;
	config.limits = terms_limits(&world->settings.guard);
	crypt_seed_from_kernel(config.seed);
	return config;
}

/* ---- Who is never banned ---- */

/* Who serves the loopback, serves nobody else there: then it is an address as others are. */
static bool serves_loopback(const struct engine_shared *shared)
{
	for (uint32_t i = 0; i < shared->group_count; i++) {
		if (tg_addr_is_loopback(shared->groups[i].local)) {
			return true;
		}
	}
	return false;
}

static bool is_own(const struct engine_shared *shared, struct tg_addr addr)
{
	for (uint32_t i = 0; i < shared->group_count; i++) {
		if (!shared->groups[i].wildcard && tg_addr_same_host(shared->groups[i].local, addr)) {
			return true;
		}
	}
	return false;
}

static bool has_neverban(const struct world *world, struct tg_addr base, unsigned bits)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_NEVER_BAN); i++) {
		const struct world_range *range = world_row(world, WORLD_NEVER_BAN, i);

		if (tg_addr_in_prefix(range->base, base, bits) || tg_addr_in_prefix(base, range->base, range->bits)) {
			return true;
		}
	}
	return false;
}

/* Static peers are of the operator's own choice; where somebody registers, is of an account's, which may be an attacker's. */
static bool has_static(const struct world *world, struct tg_addr base, unsigned bits)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(world, WORLD_PEERS, i);

		if (peer->host_kind == WORLD_HOST_STATIC && tg_addr_in_prefix(peer->addr, base, bits)) {
			return true;
		}
	}
	return false;
}

/* A source of IPv6 is a network of 64 bits: whoever is inside of it, counts. */
static bool is_never(const void *owner, struct tg_addr addr)
{
	const struct admission *admission = owner;

	if (has_neverban(admission->verdicts.world, addr, tg_addr_host_bits(addr)) ||
	    gate_has_static(&admission->gate, addr, 0)) {
		return true;
	}
	return tg_addr_is_loopback(addr) ? !serves_loopback(admission->shared) : is_own(admission->shared, addr);
}

/* Whether such an address is in this network. */
static bool has_never(const void *owner, struct tg_addr base, unsigned bits)
{
	const struct admission *admission = owner;
	const struct world *world = admission->verdicts.world;
	const struct engine_shared *shared = admission->shared;

	if (has_neverban(world, base, bits) || has_static(world, base, bits)) {
		return true;
	}
	for (uint32_t i = 0; i < shared->group_count; i++) {
		if (!shared->groups[i].wildcard && tg_addr_in_prefix(shared->groups[i].local, base, bits)) {
			return true;
		}
	}
	return false;
}

static bool has_call(const void *owner, struct tg_addr base, unsigned bits)
{
	const struct admission *admission = owner;

	return iax_endpoint_has_call(admission->gate.endpoint, base, bits);
}

/* ---- Life ---- */

void admission_init(struct admission *admission, struct engine_shared *shared, void *memory,
                    const struct guard_config *config, struct iax_endpoint *endpoint, const struct tg_switch *sw,
                    uint64_t now_us)
{
	uint8_t seed[CRYPT_SEED_BYTES];

	admission->shared = shared;
	admission->accounts_max = config->accounts_max;
	admission->guard = guard_init(memory, config, now_us);
	admission->never = (struct guard_never){ is_never, has_call, has_never, admission };
	crypt_seed_from_kernel(seed);
	events_init(&admission->events, seed);
	crypt_seed_from_kernel(seed);
	keeper_init(&admission->keeper, admission->guard);
	gate_init(&admission->gate, admission->guard, endpoint, sw, &admission->events, seed);
	crypt_wipe(seed, sizeof(seed));
	watch_init(&admission->watch, &admission->events, now_us);
	admission->verdicts = (struct verdicts){
		.shared = shared,
		.guard = admission->guard,
		.events = &admission->events,
		.keeper = &admission->keeper,
		.gate = &admission->gate,
		.facts = &admission->facts,
	};
	marks_init(&admission->facts, admission->gate.key);
	admission->keeper.on_change = verdicts_on_ban;
	admission->keeper.owner = &admission->verdicts;
}

void admission_set_world(struct admission *admission, const struct world *world, struct terms_now now)
{
	const uint32_t accounts = world_count(world, WORLD_USERS) + world_count(world, WORLD_PEERS);

	verdicts_set_world(&admission->verdicts, world, now);
	admission->accounts_over = accounts > admission->accounts_max ? accounts - admission->accounts_max : 0;
	if (admission->accounts_over > 0) {
		tg_log(admission->shared->log, TG_WARNING, "guard.too_few_places", TG_UINT("accounts", accounts),
		       TG_UINT("places", admission->accounts_max),
		       TG_TEXT("what", "accounts forget their networks; restart to give each its place"));
	}
}

/* ---- What other processes say ---- */

bool admission_on_store(struct admission *admission, const void *record, struct terms_now now)
{
	const struct ipc_head *head = record;
	const struct ipc_ban *ban = record;
	const struct ipc_guard_account *account = record;

	switch (head->kind) {
	case IPC_BAN:
		(void)keeper_restore_ban(&admission->keeper, &ban->ban, now); /* too late or over: we know better */
		return true;
	case IPC_GUARD_ACCOUNT:
		verdicts_on_restored_account(&admission->verdicts, &account->account, now);
		return true;
	case IPC_GUARD_END:
		keeper_restored(&admission->keeper);
		return true;
	default:
		return false;
	}
}

void admission_on_fence(struct admission *admission, const struct ipc_fence_state *state)
{
	admission->fence_works = state->works == 1;
	if (state->again == 1) {
		keeper_on_fence(&admission->keeper);
	}
}

/* ---- A turn ---- */

void admission_turn(struct admission *admission, const struct watch_sums *sums, struct link *store, struct link *fence,
                    struct terms_now now)
{
	if (guard_set_wall(admission->guard, now.wall_us, now.now_us)) {
		keeper_on_store(&admission->keeper); /* what it keeps is by the clock of before */
		verdicts_on_clock(&admission->verdicts);
		tg_log(admission->shared->log, TG_NOTICE, "clock.stepped",
		       TG_TEXT("what", "the wall clock was set; what is stored is told again"));
	}
	verdicts_turn(&admission->verdicts, &admission->never, now);
	if (admission->watch.next_us <= now.now_us) {
		watch_look(&admission->watch, sums, now);
	}
	events_turn(&admission->events, store);
	keeper_turn(&admission->keeper, store, fence, now);
}

uint64_t admission_deadline_us(const struct admission *admission, const struct link *store, const struct link *fence)
{
	if (keeper_wait(&admission->keeper, store, fence) ||
	    (events_wait(&admission->events) && link_is_clear(store))) {
		return 0;
	}
	return tg_min_u64(admission->watch.next_us, guard_deadline_us(admission->guard));
}
