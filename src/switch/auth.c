/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/auth.h"

#include <string.h>

#include "switch/accounts.h"
#include "switch/calls.h"

enum { MINUTE_US = 60 * TG_US_PER_S };

uint64_t auth_who(const struct tg_switch *sw, bool registration, struct tg_span name, struct tg_addr source)
{
	uint8_t bytes[1 + MODEL_NAME_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u8(&w, registration);
	tg_put_span(&w, name);
	return iax_keyed_hash(sw->key, tg_writer_span(&w), tg_addr_host(source));
}

static uint64_t jitter_us(const struct tg_switch *sw, struct tg_addr source)
{
	uint8_t bytes[8];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u64(&w, sw->now_us / MINUTE_US);
	return iax_keyed_hash(sw->key, tg_writer_span(&w), source) % AUTH_JITTER_US;
}

uint64_t auth_refusal_us(const struct tg_switch *sw, uint64_t arrived_us, struct tg_addr source)
{
	/* A vault that took longer than the delay must not show either: the grid goes on. */
	const uint64_t earliest = tg_max_u64(arrived_us + AUTH_REFUSAL_US, sw->now_us);

	return (earliest + AUTH_GRID_US - 1) / AUTH_GRID_US * AUTH_GRID_US + jitter_us(sw, source);
}

/* ---- Unanswered challenges of one account and host ---------------------------------------------------------------- */

static struct call *asked_call(const struct tg_switch *sw, uint32_t index)
{
	const struct party *party = tg_slab_at(parties_of(sw), index, NULL);

	return party == NULL ? NULL : tg_slab_find(calls_of(sw), party->call);
}

static uint64_t asked_hash(const struct tg_switch *sw, const struct call *call)
{
	return iax_keyed_hash(sw->key, name_span(call->record.caller), tg_addr_host(call->record.caller_addr));
}

/* The next one of the same account and host. */
static struct call *asked_next(const struct tg_switch *sw, const struct call *like, struct tg_map_walk *walk)
{
	uint32_t index;

	while (tg_map_next(walk, &index)) {
		struct call *call = asked_call(sw, index);

		if (call != NULL && call->asked &&
		    tg_addr_same_host(tg_addr_host(call->record.caller_addr), tg_addr_host(like->record.caller_addr)) &&
		    tg_span_equal(name_span(call->record.caller), name_span(like->record.caller))) {
			return call;
		}
	}
	return NULL;
}

/* How many there are; of one port, if that is not NULL. */
static uint32_t asked_count(const struct tg_switch *sw, const struct call *like, const struct tg_addr *port)
{
	struct tg_map_walk walk = tg_map_find(asked_of(sw), asked_hash(sw, like));
	const struct call *call;
	uint32_t count = 0;

	while ((call = asked_next(sw, like, &walk)) != NULL) {
		count += port == NULL || tg_addr_equal(call->record.caller_addr, *port);
	}
	return count;
}

static bool is_registered_at(const struct tg_switch *sw, struct tg_span name, struct tg_addr from)
{
	const struct account *account = account_find(sw, name);

	return account != NULL && account->binding.expires_ms != 0 && tg_addr_equal(account->binding.addr, from);
}

static bool is_static_at(const struct world *world, struct tg_span name, struct tg_addr from)
{
	const struct world_peer *peer = world == NULL || name.len == 0 ? NULL : world_peer_find(world, name);

	return peer != NULL && peer->host_kind == WORLD_HOST_STATIC && tg_addr_equal(peer->addr, from);
}

/*
 * A trunk that begins many calls at once, at the address and port that are the account's own. What keeps the many in bounds there
 * is the endpoint's limit of unanswered dialogs of a host; whoever guesses from there is judged and charged for each guess.
 */
static bool is_home(const struct tg_switch *sw, const struct call *call)
{
	const struct switch_ops *ops = &sw->outside.ops;
	const struct tg_span name = name_span(call->record.caller);
	const struct tg_addr from = call->record.caller_addr;

	return is_registered_at(sw, name, from) || is_static_at(call_world(sw, call), name, from) ||
	       (ops->is_home != NULL && ops->is_home(ops->owner, name, from));
}

/** Who gives way: the one with the least of these. */
struct claim {
	uint32_t crowd;
	uint64_t since_us;
};

static struct claim claim_of(const struct tg_switch *sw, const struct call *call)
{
	return (struct claim){
		.crowd = asked_count(sw, call, &call->record.caller_addr),
		.since_us = call->started_us,
	};
}

static bool is_less(const struct claim *a, const struct claim *b)
{
	return a->crowd != b->crowd ? a->crowd > b->crowd : a->since_us < b->since_us;
}

/* Everybody is challenged in the same way and fails in the same way, so it shows to nobody who it was. */
static void give_way(struct tg_switch *sw, const struct call *newcomer)
{
	struct tg_map_walk walk = tg_map_find(asked_of(sw), asked_hash(sw, newcomer));
	struct claim least = { .since_us = TG_NEVER };
	struct call *call, *victim = NULL;

	while ((call = asked_next(sw, newcomer, &walk)) != NULL) {
		const struct claim claim = claim_of(sw, call);

		if (call != newcomer && (victim == NULL || is_less(&claim, &least))) {
			least = claim;
			victim = call;
		}
	}
	if (victim == NULL) {
		return; /* alone */
	}
	auth_asked_remove(sw, victim);
	if (victim->why == MODEL_WHY_OK) {
		victim->why = MODEL_WHY_TOO_MANY;
	}
}

void auth_asked_add(struct tg_switch *sw, struct call *call, uint32_t party, uint32_t max)
{
	if (is_home(sw, call)) {
		return;
	}
	call->asked = tg_map_insert(asked_of(sw), asked_hash(sw, call), party);
	if (max != 0 && asked_count(sw, call, NULL) > max) {
		give_way(sw, call);
	}
}

void auth_asked_remove(struct tg_switch *sw, struct call *call)
{
	if (call->asked) {
		tg_map_remove(asked_of(sw), asked_hash(sw, call), call->caller.index);
		call->asked = false;
	}
}

bool auth_digest(const struct iax_ies *ies, uint8_t md5[16])
{
	size_t len = 0;

	if (ies != NULL && iax_ies_has(ies, IAX_IE_MD5_RESULT) && ies->md5_result.len == IAX_MD5_DIGITS &&
	    tg_hex_decode(md5, 16, ies->md5_result, &len) && len == 16) {
		return true;
	}
	memset(md5, 0, 16);
	return false;
}
