/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/door.h"

#include <string.h>

#include "crypt/hash.h"
#include "engine/selector.h"
#include "switch/switch.h"

static bool is_excused(const void *owner, bool is_new, struct tg_span username, const struct tg_addr *remote)
{
	const struct door *door = owner;

	return switch_token_excused(door->world, is_new, username, *remote);
}

/* Where a host is looked for among the static ones; never 0, which is a free place. */
static uint64_t hash_of(const struct door *door, const struct tg_addr *addr)
{
	return crypt_siphash64(door->shared->known.key, (struct tg_span){ addr->ip, sizeof(addr->ip) }) | 1;
}

static uint32_t static_place(const struct door *door, uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 1) % DOOR_STATICS;

	while (door->statics[at] != 0 && door->statics[at] != hash) {
		at = (at + 1) % DOOR_STATICS;
	}
	return at;
}

/* Of more peers than half the places hold, the last ones are answered only when they are known otherwise. */
static void note_statics(struct door *door)
{
	uint32_t count = 0;

	memset(door->statics, 0, sizeof(door->statics));
	for (uint32_t i = 0; i < world_count(door->world, WORLD_PEERS) && count < DOOR_STATICS / 2; i++) {
		const struct world_peer *peer = world_row(door->world, WORLD_PEERS, i);

		if (peer->host_kind == WORLD_HOST_STATIC && peer->addr.family != TG_NO_ADDR) {
			const uint64_t hash = hash_of(door, &peer->addr);

			door->statics[static_place(door, hash)] = hash;
			count++;
		}
	}
}

static bool is_known(const void *owner, const struct tg_addr *remote)
{
	const struct door *door = owner;

	return marks_has(&door->shared->known, *remote, marks_host_bits(*remote), door->now_us) ||
	       door->statics[static_place(door, hash_of(door, remote))] != 0;
}

void door_init(struct door *door, struct engine_shared *shared)
{
	*door = (struct door){
		.shared = shared,
		.policy = { .token_required = true, .is_excused = is_excused, .is_known = is_known, .owner = door },
	};
	door_turn(door);
}

void door_turn(struct door *door)
{
	const struct world *world = atomic_load_explicit(&door->shared->world, memory_order_acquire);

	door->policy.stealth = world->settings.stealth != 0;
	if (world != door->world) {
		door->world = world;
		note_statics(door);
	}
}

/* Only who proved his address has the place of those who are known: anybody can write their address on a frame. */
static enum opening_class class_of(const struct door *door, const struct sys_udp_packet *packet, enum iax_proof proof)
{
	const unsigned bits = marks_network_bits(packet->remote);

	if (proof != IAX_PROVEN) {
		return OPENING_UNPROVEN;
	}
	return marks_has(&door->shared->customers, packet->remote, bits, door->now_us) ? OPENING_KNOWN
	                                                                               : OPENING_STRANGER;
}

static void pass_on(struct door *door, const struct sys_udp_packet *packet, enum iax_proof proof)
{
	const enum opening_class class = class_of(door, packet, proof);
	struct tg_ring *ring = door->shared->openings[class];
	struct opening *opening;

	if (packet->bytes.len > OPENING_BYTES_MAX) {
		engine_count(&door->counters.too_long, 1);
		return;
	}
	opening = tg_ring_room(ring);
	if (opening == NULL) {
		engine_count(&door->counters.ring_full[class], 1);
		return;
	}
	opening->remote = packet->remote;
	opening->local = packet->local;
	opening->proof = proof;
	opening->len = (uint32_t)packet->bytes.len;
	memcpy(opening->bytes, packet->bytes.p, packet->bytes.len);
	tg_ring_push(ring);
	engine_count(&door->counters.passed, 1);
}

static bool is_silenced(const struct door *door, struct tg_addr remote)
{
	static const unsigned wide[] = { 64, 56, 48 };
	const struct marks *silenced = &door->shared->silenced;

	if (remote.family == TG_IPV4) {
		return marks_has(silenced, remote, 32, door->now_us);
	}
	for (size_t i = 0; i < TG_COUNT(wide); i++) {
		if (marks_has(silenced, remote, wide[i], door->now_us)) {
			return true;
		}
	}
	return false;
}

static void judge(struct door *door, struct sys_udp *udp, const struct sys_udp_packet *packet, uint64_t now_us)
{
	struct iax_door_verdict verdict;

	if (is_silenced(door, packet->remote)) {
		engine_count(&door->counters.silenced, 1);
		return;
	}
	switch (iax_door_judge(&verdict, &door->policy, &door->shared->token_keys, &packet->remote, &packet->local,
	                       packet->bytes, now_us)) {
	case IAX_DOOR_DROP:
		engine_count(&door->counters.dropped[verdict.why], 1);
		break;
	case IAX_DOOR_ANSWER:
		sys_udp_queue(udp, packet->remote, packet->local,
		              (struct tg_span){ verdict.answer, verdict.answer_len });
		engine_count(&door->counters.answered, 1);
		engine_count(&door->counters.refused, verdict.why == IAX_ERR_NO_TOKEN ? 1 : 0);
		break;
	case IAX_DOOR_PASS:
		if (verdict.proof == IAX_PROVEN) {
			marks_note(&door->shared->known, packet->remote, marks_host_bits(packet->remote),
			           now_us + (uint64_t)ENGINE_KNOWN_S * TG_US_PER_S);
		}
		pass_on(door, packet, verdict.proof);
		break;
	case IAX_DOOR_EXISTING:
		pass_on(door, packet, verdict.proof);
		break;
	}
}

unsigned door_receive(struct door *door, uint32_t group, uint64_t now_us)
{
	struct sys_udp *udp = door->shared->groups[group].sockets[SELECTOR_DOOR];
	const uint64_t passed = atomic_load_explicit(&door->counters.passed, memory_order_relaxed);
	const unsigned count = sys_udp_receive(udp, door->packets);

	door->now_us = now_us;
	for (unsigned i = 0; i < count; i++) {
		judge(door, udp, &door->packets[i], now_us);
	}
	engine_count(&door->counters.received, count);
	sys_udp_send(udp);
	if (door->shared->door_thread != 0 &&
	    atomic_load_explicit(&door->counters.passed, memory_order_relaxed) != passed) {
		bell_ring(&door->shared->bells[0]);
	}
	return count;
}
