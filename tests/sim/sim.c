/* SPDX-License-Identifier: Apache-2.0 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/zeroed.h"

enum { ALIGN = 64, START_US = 1000000 };

void sim_init(struct sim *sim, uint64_t seed, const struct sim_net *net)
{
	uint8_t bytes[CRYPT_SEED_BYTES] = { 0 };

	*sim = (struct sim){ .seed = seed, .now_us = START_US, .net = *net };
	memcpy(bytes, &seed, sizeof(seed));
	crypt_random_init(&sim->random, bytes);
}

void sim_free(struct sim *sim)
{
	for (unsigned i = 0; i < sim->count; i++) {
		free(sim->nodes[i].mem);
	}
	for (uint32_t i = 0; i < sim->packet_count; i++) {
		free(sim->packets[i]);
	}
}

struct iax_config sim_config(void)
{
	struct iax_config config = iax_config_default();

	config.legs_max = 64;
	config.frames_max = 256;
	config.events_max = 64;
	config.with_door = true;
	config.token_required = true;
	return config;
}

static size_t rounded(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

unsigned sim_add(struct sim *sim, const struct iax_config *config, const struct sim_owner *owner)
{
	const unsigned number = sim->count++;
	struct sim_node *node = &sim->nodes[number];
	struct iax_config own = *config;
	const uint8_t ip[4] = { 192, 0, 2, (uint8_t)(number + 1) };

	crypt_random_bytes(&sim->random, own.seed, sizeof(own.seed));
	node->size_bytes = iax_endpoint_size(&own);
	node->mem = tg_zeroed_new(node->size_bytes);
	node->ep = iax_endpoint_init(node->mem, &own, sim->now_us);
	node->config = *config;
	node->addr = tg_addr_ipv4(ip, IAX_PORT);
	node->owner = *owner;
	return number;
}

struct iax_takeover sim_take_over(struct sim *sim, unsigned number)
{
	struct sim_node *node = &sim->nodes[number];
	struct iax_config own = node->config;
	void *mem = tg_zeroed_new(node->size_bytes);
	struct iax_takeover result;

	crypt_random_bytes(&sim->random, own.seed, sizeof(own.seed));
	node->ep = iax_endpoint_init(mem, &own, sim->now_us);
	const bool whole = iax_endpoint_take_over(node->ep, node->mem, node->size_bytes, sim->now_us, &result);

	assert(whole);
	(void)whole;
	free(node->mem);
	node->mem = mem;
	return result;
}

void sim_move(struct sim *sim, unsigned number)
{
	struct sim_node *node = &sim->nodes[number];
	void *mem = aligned_alloc(ALIGN, rounded(node->size_bytes));

	memcpy(mem, node->mem, node->size_bytes);
	memset(node->mem, 0xdd, node->size_bytes);
	free(node->mem);
	node->mem = mem;
	node->ep = mem;
}

/* ---- The network ---------------------------------------------------------------------------------------------- */

static bool sooner(const struct sim_packet *a, const struct sim_packet *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void swap(struct sim *sim, uint32_t a, uint32_t b)
{
	struct sim_packet *kept = sim->packets[a];

	sim->packets[a] = sim->packets[b];
	sim->packets[b] = kept;
}

static void heap_push(struct sim *sim, struct sim_packet *packet)
{
	uint32_t at = sim->packet_count++;

	sim->packets[at] = packet;
	while (at > 0 && sooner(sim->packets[at], sim->packets[(at - 1) / 2])) {
		swap(sim, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

static struct sim_packet *heap_pop(struct sim *sim)
{
	struct sim_packet *first = sim->packets[0];
	uint32_t at = 0;

	sim->packets[0] = sim->packets[--sim->packet_count];
	for (;;) {
		uint32_t least = at;

		for (uint32_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
			if (child < sim->packet_count && sooner(sim->packets[child], sim->packets[least])) {
				least = child;
			}
		}
		if (least == at) {
			return first;
		}
		swap(sim, at, least);
		at = least;
	}
}

static bool chance(struct sim *sim, uint32_t permille)
{
	return permille > 0 && crypt_random_below(&sim->random, 1000) < permille;
}

static uint64_t arrival(struct sim *sim)
{
	uint64_t at_us = sim->now_us + sim->net.delay_us;

	if (sim->net.spread_us > 0) {
		at_us += crypt_random_below(&sim->random, sim->net.spread_us);
	}
	if (chance(sim, sim->net.reorder_permille)) {
		sim->reordered++;
		at_us += sim->net.reorder_us;
	}
	return at_us;
}

static void put_on_wire(struct sim *sim, const struct tg_addr *from, const struct tg_addr *to, struct tg_span bytes)
{
	struct sim_packet *packet = malloc(sizeof(*packet) + bytes.len);

	if (sim->packet_count >= SIM_PACKETS || packet == NULL) {
		fprintf(stderr, "simulation: the wire is full (seed %llu)\n", (unsigned long long)sim->seed);
		abort();
	}
	*packet = (struct sim_packet){ .from = *from, .to = *to, .len = bytes.len };
	memcpy(packet->bytes, bytes.p, bytes.len);
	packet->at_us = arrival(sim);
	packet->order = sim->order++;
	heap_push(sim, packet);
}

static void send_out(struct sim *sim, unsigned number, const struct iax_datagram *out)
{
	struct sim_node *node = &sim->nodes[number];

	node->sent++;
	node->octets_sent += out->bytes.len;
	if (sim->tap != NULL) {
		sim->tap(sim->tap_owner, sim, &node->addr, &out->remote, out->bytes);
	}
	if (sim->lose_next[number] > 0) {
		sim->lose_next[number]--;
		sim->lost++;
		return;
	}
	if (chance(sim, sim->net.loss_permille)) {
		sim->lost++;
		return;
	}
	put_on_wire(sim, &node->addr, &out->remote, out->bytes);
	if (chance(sim, sim->net.repeat_permille)) {
		sim->repeated++;
		put_on_wire(sim, &node->addr, &out->remote, out->bytes);
	}
}

void sim_send(struct sim *sim, unsigned from, struct tg_addr to, struct tg_span bytes)
{
	const struct iax_datagram out = { .remote = to, .local = sim->nodes[from].addr, .bytes = bytes };

	send_out(sim, from, &out);
}

void sim_lose_next(struct sim *sim, unsigned from, uint32_t count)
{
	sim->lose_next[from] = count;
}

/* ---- Nodes ---------------------------------------------------------------------------------------------------- */

void sim_pump(struct sim *sim, unsigned number)
{
	struct sim_node *node = &sim->nodes[number];
	struct iax_event event;
	struct iax_datagram out;

	if (node->owner.turn != NULL) {
		node->owner.turn(node->owner.owner, sim, number);
	} else if (node->owner.on_event != NULL) {
		while (iax_endpoint_next_event(node->ep, &event)) {
			node->owner.on_event(node->owner.owner, sim, number, &event);
		}
	}
	while (iax_endpoint_next_datagram(node->ep, &out, sim->now_us)) {
		send_out(sim, number, &out);
	}
	sim->moved = number;
	if (sim->check != NULL) {
		sim->check(sim->check_owner, sim);
	}
}

enum iax_err sim_inject(struct sim *sim, unsigned number, struct tg_addr from, struct tg_span bytes)
{
	struct sim_node *node = &sim->nodes[number];
	const struct iax_datagram in = { .remote = from, .local = node->addr, .bytes = bytes };
	enum iax_err err;

	node->received++;
	node->octets_received += bytes.len;
	if (node->owner.receive != NULL && node->owner.receive(node->owner.owner, sim, number, &in)) {
		sim_pump(sim, number);
		return IAX_OK;
	}
	err = iax_endpoint_receive(node->ep, &in, IAX_PROVEN, sim->now_us);
	sim_pump(sim, number);
	return err;
}

static void deliver(struct sim *sim, const struct sim_packet *packet)
{
	for (unsigned i = 0; i < sim->count; i++) {
		if (tg_addr_equal(sim->nodes[i].addr, packet->to)) {
			sim_inject(sim, i, packet->from, (struct tg_span){ packet->bytes, packet->len });
			return;
		}
	}
}

static uint64_t node_deadline(const struct sim_node *node)
{
	uint64_t due_us = iax_endpoint_deadline_us(node->ep);

	if (node->owner.deadline_us != NULL) {
		due_us = tg_min_u64(due_us, node->owner.deadline_us(node->owner.owner));
	}
	return due_us;
}

static void node_expire(struct sim *sim, unsigned number)
{
	struct sim_node *node = &sim->nodes[number];

	iax_endpoint_expire(node->ep, sim->now_us);
	if (node->owner.expire != NULL) {
		node->owner.expire(node->owner.owner, sim, number);
	}
	sim_pump(sim, number);
}

/* The earliest thing: a packet, or a node's deadline. @return when; node is SIM_NODES for a packet */
static uint64_t next_thing(const struct sim *sim, unsigned *node)
{
	uint64_t due_us = sim->packet_count > 0 ? sim->packets[0]->at_us : TG_NEVER;

	*node = SIM_NODES;
	for (unsigned i = 0; i < sim->count; i++) {
		const uint64_t own_us = tg_max_u64(node_deadline(&sim->nodes[i]), sim->now_us);

		if (own_us < due_us) {
			due_us = own_us;
			*node = i;
		}
	}
	return due_us;
}

void sim_run_us(struct sim *sim, uint64_t span_us)
{
	const uint64_t end_us = sim->now_us + span_us;

	for (;;) {
		unsigned node;
		const uint64_t due_us = next_thing(sim, &node);

		if (due_us > end_us) {
			break;
		}
		sim->now_us = tg_max_u64(sim->now_us, due_us);
		sim->steps++;
		if (node < SIM_NODES) {
			node_expire(sim, node);
		} else {
			struct sim_packet *packet = heap_pop(sim);

			deliver(sim, packet);
			free(packet);
		}
	}
	sim->now_us = end_us;
}

void sim_run_ms(struct sim *sim, uint64_t span_ms)
{
	sim_run_us(sim, span_ms * TG_US_PER_MS);
}
