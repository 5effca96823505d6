/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

uint64_t core_hash(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number, enum core_key key)
{
	uint8_t bytes[sizeof(remote->ip) + 5];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u8(&w, (uint8_t)key);
	tg_put_span(&w, (struct tg_span){ remote->ip, sizeof(remote->ip) });
	tg_put_u16(&w, key == CORE_KEY_REMOTE || key == CORE_KEY_PEER ? remote->port : 0);
	tg_put_u16(&w, number);
	return crypt_siphash64(ep->map_key, tg_writer_span(&w));
}

static struct tg_map *by_number(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->by_number_at);
}

static struct tg_map *by_remote(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->by_remote_at);
}

static struct iax_tombs *tombs(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->tombs_at);
}

/* R7: legs that never authenticated have a smaller ring of their own, so that they cannot push others out of theirs. */
static struct iax_tombs *strangers(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->strangers_at);
}

/* ---- Peers ---------------------------------------------------------------------------------------------------- */

static struct tg_slab *peers(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->peers_at);
}

static struct tg_map *by_peer(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->by_peer_at);
}

static struct core_peer *peer_find(const struct iax_endpoint *ep, const struct tg_addr *remote)
{
	struct tg_map_walk walk = tg_map_find(by_peer(ep), core_hash(ep, remote, 0, CORE_KEY_PEER));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		struct core_peer *peer = tg_slab_at(peers(ep), index, NULL);

		if (tg_addr_equal(peer->addr, *remote)) {
			return peer;
		}
	}
	return NULL;
}

bool legs_has_standing(const struct iax_endpoint *ep, const struct tg_addr *remote)
{
	return peer_find(ep, remote) != NULL;
}

/* Slab and map have room for all legs. */
static struct core_peer *peer_new(struct iax_endpoint *ep, const struct tg_addr *remote)
{
	struct tg_ref ref;
	struct core_peer *peer = tg_slab_take(peers(ep), &ref);
	const bool inserted = peer != NULL &&
	                      tg_map_insert(by_peer(ep), core_hash(ep, remote, 0, CORE_KEY_PEER), ref.index);

	assert(inserted);
	(void)inserted;
	peer->addr = *remote;
	return peer;
}

void legs_stand(struct iax_endpoint *ep, struct leg *leg)
{
	struct core_peer *peer;

	if (leg->stands) {
		return;
	}
	peer = peer_find(ep, &leg->remote);
	if (peer == NULL) {
		peer = peer_new(ep, &leg->remote);
	}
	peer->count++;
	leg->stands = true;
}

static void leave_peer(struct iax_endpoint *ep, struct leg *leg)
{
	struct core_peer *peer = leg->stands ? peer_find(ep, &leg->remote) : NULL;

	if (peer != NULL && --peer->count == 0) {
		const struct tg_ref ref = tg_slab_ref(peers(ep), peer);

		tg_map_remove(by_peer(ep), core_hash(ep, &peer->addr, 0, CORE_KEY_PEER), ref.index);
		tg_slab_give(peers(ep), ref);
	}
	leg->stands = false;
}

/* ---- Finding and moving -------------------------------------------------------------------------------------- */

uint64_t legs_name_hash(const struct iax_endpoint *ep, struct tg_span name)
{
	return crypt_siphash64(ep->map_key, name);
}

struct leg *legs_find_number(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number)
{
	struct tg_map_walk walk = tg_map_find(by_number(ep), core_hash(ep, remote, number, CORE_KEY_NUMBER));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		struct leg *leg = core_leg_at(ep, index);

		if (leg->number == number && tg_addr_equal(leg->remote, *remote)) {
			return leg;
		}
	}
	return NULL;
}

struct leg *legs_find_remote(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t remote_number)
{
	struct tg_map_walk walk = tg_map_find(by_remote(ep), core_hash(ep, remote, remote_number, CORE_KEY_REMOTE));
	uint32_t index;

	while (remote_number != 0 && tg_map_next(&walk, &index)) {
		struct leg *leg = core_leg_at(ep, index);

		if (leg->remote_number == remote_number && tg_addr_equal(leg->remote, *remote)) {
			return leg;
		}
	}
	return NULL;
}

bool legs_has_number(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number)
{
	struct tg_map_walk walk;
	uint32_t index;

	if (!iax_numbers_is_busy(core_at(ep, ep->numbers_at), number)) { /* most that are guessed: no hash for them */
		return false;
	}
	walk = tg_map_find(by_number(ep), core_hash(ep, remote, number, CORE_KEY_NUMBER));
	while (tg_map_next(&walk, &index)) {
		const struct leg *leg = core_leg_at(ep, index);

		if (leg->number == number && tg_addr_same_host(leg->remote, *remote)) {
			return true;
		}
	}
	return false;
}

struct leg *legs_find_moved(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number,
                            uint16_t remote_number)
{
	struct tg_map_walk walk = tg_map_find(by_number(ep), core_hash(ep, remote, number, CORE_KEY_NUMBER));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		struct leg *leg = core_leg_at(ep, index);

		if (leg->number == number && leg->remote_number == remote_number &&
		    tg_addr_same_host(leg->remote, *remote)) {
			return leg;
		}
	}
	return NULL;
}

bool legs_move(struct iax_endpoint *ep, struct leg *leg, const struct tg_addr *remote)
{
	const uint32_t index = core_leg_index(ep, leg);

	if (legs_find_remote(ep, remote, leg->remote_number) != NULL) {
		return false;
	}
	tg_map_remove(by_remote(ep), core_hash(ep, &leg->remote, leg->remote_number, CORE_KEY_REMOTE), index);
	const bool stands = leg->stands;

	leave_peer(ep, leg);
	leg->remote = *remote;
	if (stands) {
		legs_stand(ep, leg);
	}
	const bool kept = tg_map_insert(by_remote(ep), core_hash(ep, remote, leg->remote_number, CORE_KEY_REMOTE),
	                                index);

	assert(kept); /* one was just taken out */
	return kept;
}

struct leg *legs_find_id(const struct iax_endpoint *ep, struct iax_leg_id id)
{
	struct leg *leg = tg_slab_find(core_legs(ep), id.ref);

	return leg == NULL || leg->ended ? NULL : leg;
}

struct iax_leg_id legs_id(const struct iax_endpoint *ep, const struct leg *leg)
{
	return (struct iax_leg_id){ tg_slab_ref(core_legs(ep), leg) };
}

/* For the number pool: not for a host that has this number, on whatever port, or had it a minute ago. */
struct wanted {
	const struct iax_endpoint *ep;
	const struct tg_addr *remote;
	uint64_t now_us;
};

static bool is_barred(const void *owner, uint16_t number)
{
	const struct wanted *w = owner;
	struct tg_map_walk walk = tg_map_find(by_number(w->ep), core_hash(w->ep, w->remote, number, CORE_KEY_NUMBER));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		const struct leg *leg = core_leg_at(w->ep, index);

		if (leg->number == number && tg_addr_same_host(leg->remote, *w->remote)) {
			return true;
		}
	}
	return iax_tombs_bar(tombs(w->ep), *w->remote, number, w->now_us) ||
	       iax_tombs_bar(strangers(w->ep), *w->remote, number, w->now_us);
}

static void fill_in(struct leg *leg, const struct tg_addr *remote, const struct tg_addr *local, enum iax_leg_kind kind,
                    uint64_t now_us)
{
	leg->remote = *remote;
	leg->local = *local;
	leg->kind = (uint8_t)kind;
	leg->epoch_us = now_us;
	leg->life_us = leg->ping_us = leg->lagrq_us = TG_NEVER;
}

struct leg *legs_new(struct iax_endpoint *ep, const struct tg_addr *remote, const struct tg_addr *local,
                     enum iax_leg_kind kind, uint64_t now_us)
{
	const struct wanted wanted = { ep, remote, now_us };
	struct tg_ref ref;
	struct leg *leg = tg_slab_take(core_legs(ep), &ref);

	if (leg == NULL) {
		return NULL;
	}
	fill_in(leg, remote, local, kind, now_us);
	leg->number = iax_numbers_take(core_at(ep, ep->numbers_at), &ep->random, is_barred, &wanted);
	if (leg->number == IAX_CALLNO_NONE ||
	    !tg_map_insert(by_number(ep), core_hash(ep, remote, leg->number, CORE_KEY_NUMBER), ref.index)) {
		tg_slab_give(core_legs(ep), ref);
		return NULL;
	}
	return leg;
}

void legs_learn(struct iax_endpoint *ep, struct leg *leg, uint16_t remote_number)
{
	assert(leg->remote_number == 0 && remote_number != 0);
	if (!tg_map_insert(by_remote(ep), core_hash(ep, &leg->remote, remote_number, CORE_KEY_REMOTE),
	                   core_leg_index(ep, leg))) {
		return; /* cannot be: the map has room for all legs */
	}
	leg->remote_number = remote_number;
	iax_seqwin_set_destination(&leg->win, core_frames(ep), remote_number);
}

/* ---- The end of a leg ----------------------------------------------------------------------------------------- */

static void leave_tomb(struct iax_endpoint *ep, const struct leg *leg, uint64_t now_us)
{
	const struct iax_tomb tomb = {
		.remote = leg->remote,
		.number = leg->number,
		.remote_number = leg->remote_number,
		.iseqno = leg->win.iseqno,
		.opening = leg->kind == IAX_LEG_CALL_IN || leg->kind == IAX_LEG_REG_IN ? leg->opening : 0,
	};

	iax_tombs_add(leg_is_stranger(leg) ? strangers(ep) : tombs(ep), &tomb, now_us);
}

struct iax_tomb *legs_find_tomb(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number,
                                uint64_t now_us)
{
	struct iax_tomb *tomb = iax_tombs_find(tombs(ep), *remote, number, now_us);

	return tomb != NULL ? tomb : iax_tombs_find(strangers(ep), *remote, number, now_us);
}

struct iax_tomb *legs_find_tomb_remote(const struct iax_endpoint *ep, const struct tg_addr *remote,
                                       uint16_t remote_number, uint64_t now_us)
{
	struct iax_tomb *tomb = iax_tombs_find_remote(tombs(ep), *remote, remote_number, now_us);

	return tomb != NULL ? tomb : iax_tombs_find_remote(strangers(ep), *remote, remote_number, now_us);
}

void legs_free(struct iax_endpoint *ep, struct leg *leg, uint64_t now_us)
{
	const struct tg_ref ref = tg_slab_ref(core_legs(ep), leg);

	assert(leg->ended);
	leave_tomb(ep, leg, now_us);
	iax_seqwin_clear(&leg->win, core_frames(ep));
	legs_leave(ep, leg);
	if (leg_has_call(leg)) {
		hosts_call_ended(ep, &leg->remote);
	}
	leave_peer(ep, leg);
	tg_wheel_set(core_wheel(ep), ref.index, TG_NEVER);
	tg_map_remove(by_number(ep), core_hash(ep, &leg->remote, leg->number, CORE_KEY_NUMBER), ref.index);
	if (leg->remote_number != 0) {
		tg_map_remove(by_remote(ep), core_hash(ep, &leg->remote, leg->remote_number, CORE_KEY_REMOTE),
		              ref.index);
	}
	iax_numbers_give(core_at(ep, ep->numbers_at), leg->number);
	tg_slab_give(core_legs(ep), ref);
}

void legs_arm(struct iax_endpoint *ep, struct leg *leg)
{
	uint64_t due_us = tg_min_u64(leg->life_us, iax_seqwin_due_us(&leg->win, core_frames(ep)));

	due_us = tg_min_u64(due_us, tg_min_u64(leg->ping_us, leg->lagrq_us));
	tg_wheel_set(core_wheel(ep), core_leg_index(ep, leg), due_us);
}

void legs_settle(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (leg->state == LEG_CLOSING && leg->win.count == 0) {
		leg_happen(turn, ON_QUIET);
	}
	if (leg->state == LEG_GONE) {
		legs_free(turn->ep, leg, turn->now_us);
		turn->leg = NULL;
	} else {
		legs_arm(turn->ep, leg);
	}
}
