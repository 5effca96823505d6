/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/takeover.h"

#include "switch/accounts.h"
#include "switch/party.h"
#include "switch/paying.h"
#include "switch/takeover_inside.h"
#include "switch/usages.h"

#include <string.h>

enum { UNIQUE_BITS = 62 }; /* of numbers of calls: more than microseconds since 1970 ever are */

/* ---- Reading the other block ------------------------------------------------------------------------------------ */

const void *takeover_at(const struct tg_slab *slab, uint32_t place)
{
	return place == 0 || place > slab->count ? NULL : tg_slab_at(slab, place - 1, NULL);
}

uint64_t takeover_timer(const struct tg_switch *sw, const struct other *other, enum timer_kind kind, uint32_t index)
{
	return tg_wheel_get(other->wheel, switch_timer_number(sw, kind, index));
}

bool takeover_is_text(const char *array, size_t size_bytes)
{
	return memchr(array, '\0', size_bytes) != NULL;
}

bool takeover_is_address(const struct tg_addr *addr)
{
	const struct tg_addr plain = addr->family == TG_IPV4   ? tg_addr_ipv4(addr->ip + 12, addr->port)
	                             : addr->family == TG_IPV6 ? tg_addr_ipv6(addr->ip, addr->port)
	                                                       : (struct tg_addr){ .family = TG_NO_ADDR };

	return plain.family != TG_NO_ADDR && addr->port != 0 && memcmp(&plain, addr, sizeof(plain)) == 0;
}

bool takeover_may_be_address(const struct tg_addr *addr)
{
	static const struct tg_addr none;

	return memcmp(addr, &none, sizeof(none)) == 0 || takeover_is_address(addr);
}

bool takeover_owns(const struct tg_switch *sw, struct iax_leg_id leg, enum owner_kind kind, struct tg_ref owner)
{
	struct iax_leg_info info;

	return iax_leg_info(sw->outside.ep, leg, &info) && info.owner == owner_pack(kind, owner);
}

static const void *part(const void *old, uint64_t at)
{
	return (const uint8_t *)old + at;
}

/* @return false if it is no slab like ours */
static bool slab_of(const struct tg_slab **slab, const void *old, const struct tg_switch *sw, uint64_t at)
{
	const struct tg_slab *own = (const struct tg_slab *)((uintptr_t)sw + at);

	*slab = part(old, at);
	return tg_slab_is_whole(*slab, own->item_bytes, own->count);
}

static uint32_t slot_of(const struct tg_switch *sw, uint64_t generation)
{
	for (uint32_t i = 0; i < SWITCH_WORLDS; i++) {
		if (sw->outside.worlds[i] != NULL && sw->uses[i].generation == generation) {
			return i;
		}
	}
	return NO_ROW;
}

static bool other_of(struct other *other, const struct tg_switch *sw, const void *old, size_t old_bytes)
{
	*other = (struct other){
		.sw = old,
		.wheel = part(old, sw->wheel_at),
		.paid_places = part(old, sw->paid_places_at),
		.paid_records = part(old, sw->paid_records_at),
	};
	if (old_bytes != switch_size(&sw->config) ||
	    !tg_wheel_is_whole(other->wheel, switch_timer_number(sw, TIMER_KINDS, 0))) {
		return false;
	}
	for (uint32_t i = 0; i < SWITCH_WORLDS; i++) {
		other->worlds[i] = slot_of(sw, other->sw->uses[i].generation);
	}
	return slab_of(&other->calls, old, sw, sw->calls_at) && slab_of(&other->parties, old, sw, sw->parties_at) &&
	       slab_of(&other->pieces, old, sw, sw->pieces_at) && slab_of(&other->frames, old, sw, sw->frames_at) &&
	       slab_of(&other->tones, old, sw, sw->tones_at) && slab_of(&other->accounts, old, sw, sw->accounts_at) &&
	       slab_of(&other->outgoings, old, sw, sw->outgoings_at) && slab_of(&other->paids, old, sw, sw->paids_at) &&
	       slab_of(&other->usages, old, sw, sw->usages_at);
}

/* ---- Legs that nobody owns --------------------------------------------------------------------------------------- */

static bool is_same_leg(struct iax_leg_id a, struct iax_leg_id b)
{
	return tg_ref_equal(a.ref, b.ref);
}

static bool is_owned(const struct tg_switch *sw, struct iax_leg_id leg, uint64_t owner)
{
	const struct tg_ref ref = owner_ref(owner);
	const struct party *party;
	const struct outgoing *outgoing;
	const struct account *account;

	switch (owner_kind(owner)) {
	case OWNER_PARTY:
		party = party_find(sw, ref);
		return party != NULL && is_same_leg(party->id, leg);
	case OWNER_OUTGOING:
		outgoing = tg_slab_find(outgoings_of(sw), ref);
		return outgoing != NULL && outgoing->open != 0 && is_same_leg(outgoing->id, leg);
	case OWNER_ACCOUNT:
		account = tg_slab_find(accounts_of(sw), ref);
		return account != NULL && account->poking != 0 && is_same_leg(account->poke, leg);
	case OWNER_PENDING:
	case OWNER_LEG:
		break;
	}
	return false;
}

static void hang_up_rest(struct tg_switch *sw, struct switch_takeover *out)
{
	struct iax_leg_id leg;
	struct iax_leg_info info;

	for (uint32_t i = 0; i < iax_endpoint_leg_max(sw->outside.ep); i++) {
		if (!iax_endpoint_leg_at(sw->outside.ep, i, &leg) || !iax_leg_info(sw->outside.ep, leg, &info) ||
		    is_owned(sw, leg, info.owner)) {
			continue;
		}
		out->legs += iax_leg_hangup(sw->outside.ep, leg, IAX_CAUSE_TEMPORARY_FAILURE, (struct tg_span){ 0 },
		                            sw->now_us) == IAX_OK;
	}
}

/* ---- All --------------------------------------------------------------------------------------------------------- */

bool switch_add_world(struct tg_switch *sw, const struct world *world, const struct prompts *prompts)
{
	for (uint32_t i = 0; i < SWITCH_WORLDS; i++) {
		if (sw->outside.worlds[i] == NULL) {
			sw->uses[i] = (struct world_use){ .generation = world->generation };
			sw->outside.worlds[i] = world;
			sw->outside.prompts[i] = prompts;
			switch_find_guests(world, &sw->uses[i]);
			return true;
		}
	}
	return false;
}

/* No number is given twice. */
static void go_on_counting(struct tg_switch *sw, const struct other *other)
{
	const uint64_t next = other->sw->next_unique;

	if (next < UINT64_C(1) << UNIQUE_BITS) {
		sw->next_unique = tg_max_u64(sw->next_unique, next);
	}
}

static void take_usages(struct tg_switch *sw, const struct other *other)
{
	for (uint32_t i = 0; i < other->usages->begun; i++) {
		const struct usage *usage = tg_slab_at(other->usages, i, NULL);

		if (usage != NULL && usage->role <= TOLL_TRUNK && TAKEOVER_IS_TEXT(usage->name)) {
			usages_take_over(sw, usage);
		}
	}
}

bool switch_take_over(struct tg_switch *sw, const void *old, size_t old_bytes, uint64_t now_us, uint64_t wall_us,
                      struct switch_takeover *out)
{
	struct other other;

	*out = (struct switch_takeover){ 0 };
	assert(calls_of(sw)->begun == 0 && parties_of(sw)->begun == 0 && sw->world != NO_ROW);
	sw->now_us = now_us;
	sw->wall_us = wall_us;
	const bool whole = other_of(&other, sw, old, old_bytes);

	if (whole) {
		go_on_counting(sw, &other);
		(void)bag_take_over(pieces_of(sw), &sw->globals, other.pieces, other.sw->globals);
		takeover_names(sw, &other, out);
		take_usages(sw, &other);
		takeover_calls(sw, &other, out);
	}
	hang_up_rest(sw, out);
	return whole;
}
