/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/door.h"

#include <string.h>
#include <time.h>

#include "crypt/hash.h"
#include "engine/selector.h"
#include "engine/trace.h"
#include "switch/switch.h"

enum {
	FRAMES_A_BATCH = 64,    /* that are judged; the rest of long runs is looked at for tokens at most */
	PERCENT_MOST = 60,      /* of the door's time, for strangers' answers when it is behind */
	PERCENT_LEAST = 5,      /* the same, however much is lost */
	PERCENT_CUSTOMERS = 15, /* more than for strangers */
	ANSWERS_LEAST = 16,     /* in a window, whatever they cost */
	ANSWER_NS = 3000,       /* before it is measured */
	SMOOTH = 16,
	BURST = 2, /* budgets of answers, in the first window of a flood */
};

static bool is_excused(const void *owner, bool is_new, struct tg_span username, const struct tg_addr *remote)
{
	const struct door *door = owner;

	return switch_token_excused(door->world, is_new, username, *remote, false) ||
	       (door->world->settings.guard.tokenless == WORLD_TOKENLESS_KNOWN &&
	        switch_token_excused(door->world, is_new, username, *remote, true) &&
	        tokenless_has(door->shared->tokenless, username, *remote, door->now_us));
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

	return marks_has(&door->shared->known, *remote, tg_addr_host_bits(*remote), door->now_us) ||
	       door->statics[static_place(door, hash_of(door, remote))] != 0;
}

static bool is_declared(const void *owner, const struct tg_addr *remote)
{
	const struct door *door = owner;

	return world_range_find(door->world, WORLD_TOKEN_OPTIONAL, *remote) != NULL;
}

void door_init(struct door *door, struct engine_shared *shared)
{
	*door = (struct door){
		.shared = shared,
		.policy = { .token_required = true,
		            .is_excused = is_excused,
		            .is_declared = is_declared,
		            .is_known = is_known,
		            .owner = door },
	};
	door->time.answer_ns = ANSWER_NS * SMOOTH;
	door->time.percent = PERCENT_MOST;
	share_init(&door->strangers, shared->known.key);
	share_init(&door->customers, shared->customers.key);
	door->strangers.burst = door->customers.burst = BURST;
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

static bool is_customer(const struct door *door, struct tg_addr remote)
{
	return marks_has(&door->shared->customers, remote, tg_addr_network_bits(remote), door->now_us);
}

/* Only who proved his address has the place of those who are known: anybody can write their address on a frame. */
static enum opening_class class_of(const struct door *door, const struct sys_udp_packet *packet,
                                   const struct iax_door_verdict *verdict)
{
	if (verdict->kind == IAX_DOOR_EXISTING) {
		return OPENING_HANGUP;
	}
	if (verdict->proof != IAX_PROVEN) {
		return OPENING_UNPROVEN;
	}
	return is_customer(door, packet->remote) ? OPENING_KNOWN : OPENING_STRANGER;
}

static void pass_on(struct door *door, const struct sys_udp_packet *packet, const struct iax_door_verdict *verdict)
{
	const enum opening_class class = class_of(door, packet, verdict);
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
	opening->proof = verdict->proof;
	opening->len = (uint32_t)packet->bytes.len;
	memcpy(opening->bytes, packet->bytes.p, packet->bytes.len);
	tg_ring_push(ring);
	engine_count(&door->counters.passed, 1);
}

/* The lengths that are in use: two without bans of networks, and few more with them. */
static bool is_silenced(const struct door *door, struct tg_addr remote)
{
	const bool is_six = remote.family != TG_IPV4;
	const struct marks *silenced = &door->shared->silenced;
	const unsigned host_bits = tg_addr_host_bits(remote);

	if (marks_has(silenced, remote, host_bits, door->now_us)) {
		return true;
	}
	for (unsigned i = 0; i < SILENCED_WORDS; i++) {
		uint64_t word = atomic_load_explicit(&door->shared->silenced_lengths[is_six][i], memory_order_relaxed);

		for (; word != 0; word &= word - 1) {
			const unsigned bits = i * 64 + (unsigned)__builtin_ctzll(word);

			if (bits != host_bits && marks_has(silenced, remote, bits, door->now_us)) {
				return true;
			}
		}
	}
	return false;
}

/* ---- What answers may cost ---- */

static uint64_t cpu_ns(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) {
		return 0;
	}
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint32_t answers_of(const struct door_time *time, uint32_t percent)
{
	const uint64_t answers = time->last_cpu_ns * percent / 100 * SMOOTH / tg_max_u64(time->answer_ns, 1);

	return (uint32_t)tg_min_u64(tg_max_u64(answers, ANSWERS_LEAST), UINT32_MAX);
}

/* What is never taken in may be a valid token: while anything is lost, answers give way to draining. */
static uint32_t next_percent(struct door *door)
{
	struct door_time *time = &door->time;
	const uint64_t before = time->overflowed;

	time->overflowed = 0;
	for (uint32_t i = 0; i < door->shared->group_count; i++) {
		time->overflowed += sys_udp_overflowed(door->shared->groups[i].sockets[SELECTOR_DOOR]);
	}
	return (uint32_t)(time->overflowed != before ? tg_max_u64(time->percent * 3 / 4, PERCENT_LEAST)
	                                             : tg_min_u64(time->percent + 1, PERCENT_MOST));
}

/* A ceiling is a share of the time that the door really gets: another thread may have the rest of its core. */
static void look_at_time(struct door *door, uint64_t now_us)
{
	struct door_time *time = &door->time;

	if (now_us / SHARE_WINDOW_US == time->window) {
		return;
	}
	time->window = now_us / SHARE_WINDOW_US;
	time->last_cpu_ns = time->cpu_ns;
	time->cpu_ns = 0;
	time->percent = next_percent(door);
	time->customers = answers_of(time, time->percent + PERCENT_CUSTOMERS);
	time->strangers = answers_of(time, time->percent);
}

static void note_answers(struct door_time *time, unsigned answers, uint64_t spent_ns)
{
	if (answers >= SYS_UDP_BATCH / 4) { /* of few, the call itself is most of it */
		time->answer_ns += spent_ns / answers;
		time->answer_ns -= time->answer_ns / SMOOTH;
	}
}

/* Nothing is held back while the door keeps up. */
static bool may_answer(struct door *door, struct tg_addr remote)
{
	if (!door->is_behind || door->is_unlimited) {
		return true;
	}
	return is_customer(door, remote) ? share_allow(&door->customers, remote, door->time.customers, door->now_us)
	                                 : share_allow(&door->strangers, remote, door->time.strangers, door->now_us);
}

/* ---- A batch ---- */

static void answer(struct door *door, struct sys_udp *udp, const struct sys_udp_packet *packet,
                   const struct iax_door_verdict *verdict)
{
	if (!may_answer(door, packet->remote)) {
		engine_count(&door->counters.shed, 1);
		return;
	}
	sys_udp_queue(udp, packet->remote, packet->local, (struct tg_span){ verdict->answer, verdict->answer_len });
	if (door->is_traced) {
		door->has_traced |= trace_put(door->shared, TRACE_DOOR, true, packet->remote,
		                              (struct tg_span){ verdict->answer, verdict->answer_len }, door->now_us);
	}
	door->queued++;
	engine_count(&door->counters.answered, 1);
	engine_count(&door->counters.refused, verdict->why == IAX_ERR_NO_TOKEN ? 1 : 0);
}

static void judge(struct door *door, struct sys_udp *udp, const struct sys_udp_packet *packet)
{
	struct iax_door_verdict verdict;

	switch (iax_door_judge(&verdict, &door->policy, &door->shared->token_keys, &packet->remote, &packet->local,
	                       packet->bytes, door->now_us)) {
	case IAX_DOOR_DROP:
		engine_count(&door->counters.dropped[verdict.why], 1);
		break;
	case IAX_DOOR_ANSWER:
		answer(door, udp, packet, &verdict);
		break;
	case IAX_DOOR_PASS:
		if (verdict.proof == IAX_PROVEN) {
			marks_note(&door->shared->known, packet->remote, tg_addr_host_bits(packet->remote),
			           door->now_us + (uint64_t)ENGINE_KNOWN_S * TG_US_PER_S);
		}
		pass_on(door, packet, &verdict);
		break;
	case IAX_DOOR_EXISTING:
		pass_on(door, packet, &verdict);
		break;
	}
}

static bool is_proven(const struct door *door, const struct sys_udp_packet *packet)
{
	return iax_door_is_proven(&door->shared->token_keys, &packet->remote, &packet->local, packet->bytes,
	                          door->now_us);
}

/* While more waits than can be looked at, of those alone who proved their address or their network before. */
static bool may_be_proven(const struct door *door, const struct sys_udp_packet *packet)
{
	return !door->is_behind || is_customer(door, packet->remote) ||
	       marks_has(&door->shared->known, packet->remote, tg_addr_host_bits(packet->remote), door->now_us);
}

/*
 * One datagram, or a run of them, of which the first `most` are judged; and valid tokens, wherever they are: who forges an address gets
 * his frames before those of whoever has it. @return how many came
 */
static uint64_t take(struct door *door, struct sys_udp *udp, const struct sys_udp_packet *packet, unsigned most)
{
	const size_t segment = packet->segment == 0 ? packet->bytes.len : packet->segment;
	const uint64_t count = packet->segment == 0 ? 1 : (packet->bytes.len + segment - 1) / segment;
	struct sys_udp_packet one = *packet;
	const bool looks = count > most && may_be_proven(door, packet);
	uint64_t shed = 0;

	if (is_silenced(door, packet->remote)) {
		engine_count(&door->counters.silenced, count);
		return count;
	}
	for (uint64_t i = 0; i < count; i++) {
		one.bytes.p = packet->bytes.p + i * segment;
		one.bytes.len = tg_min_u64(packet->bytes.len - i * segment, segment);
		if (i < most || (looks && is_proven(door, &one))) {
			judge(door, udp, &one);
		} else {
			shed++;
		}
	}
	engine_count(&door->counters.shed, shed);
	return count;
}

/* Reading this clock is a call of the kernel: as seldom as it can be. @return when it was done */
static uint64_t send_answers(struct door *door, struct sys_udp *udp)
{
	const uint64_t began_ns = door->queued > 0 ? cpu_ns() : 0;

	sys_udp_send(udp);
	const uint64_t done_ns = cpu_ns();

	note_answers(&door->time, door->queued, done_ns - began_ns);
	door->queued = 0;
	return done_ns;
}

unsigned door_receive(struct door *door, uint32_t group, uint64_t now_us)
{
	struct sys_udp *udp = door->shared->groups[group].sockets[SELECTOR_DOOR];
	const uint64_t passed = atomic_load_explicit(&door->counters.passed, memory_order_relaxed);
	const uint64_t began_ns = cpu_ns();
	const unsigned count = sys_udp_receive(udp, door->packets);
	uint64_t received = 0;

	door->now_us = now_us;
	door->is_behind = count == SYS_UDP_BATCH;
	look_at_time(door, now_us);
	door->is_traced = trace_is_on(door->shared);
	door->has_traced = door->is_traced && trace_packets(door->shared, TRACE_DOOR, door->packets, count, now_us);
	for (unsigned i = 0; i < count; i++) {
		received += take(door, udp, &door->packets[i], FRAMES_A_BATCH / count);
	}
	engine_count(&door->counters.received, received);
	door->time.cpu_ns += send_answers(door, udp) - began_ns;
	if (door->shared->door_thread != 0 &&
	    (door->has_traced || atomic_load_explicit(&door->counters.passed, memory_order_relaxed) != passed)) {
		bell_ring(&door->shared->bells[0]);
	}
	return count;
}
