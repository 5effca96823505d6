/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_SIM_H
#define TG_TESTS_SIM_H

#include "crypt/random.h"
#include "iax/endpoint.h"
#include "iax/takeover.h"

/*
 * A deterministic world for endpoints: virtual time, and a network that loses, repeats, reorders and delays by a seed. The
 * same seed gives the same run. A node is one endpoint at one address with an owner; anything that keeps time of its own (a
 * switch) hangs in by the callbacks.
 */
struct sim;

enum { SIM_NODES = 8, SIM_PACKETS = 4096 };

/** What belongs to a node besides its endpoint. All may be NULL. */
struct sim_owner {
	void *owner;
	/** Called for each event; views in it die on return. Without it events wait for the test. */
	void (*on_event)(void *owner, struct sim *sim, unsigned node, const struct iax_event *event);
	/** Instead of on_event: fetch the events yourself (a switch does). */
	void (*turn)(void *owner, struct sim *sim, unsigned node);
	/** Sees each datagram before the endpoint; true if it took it (a relay takes mini frames). */
	bool (*receive)(void *owner, struct sim *sim, unsigned node, const struct iax_datagram *in);
	uint64_t (*deadline_us)(const void *owner);
	void (*expire)(void *owner, struct sim *sim, unsigned node);
};

struct sim_node {
	struct iax_endpoint *ep;
	void *mem;
	size_t size_bytes;
	struct iax_config config;
	struct tg_addr addr;
	struct sim_owner owner;
	uint64_t sent, received, octets_sent, octets_received;
};

/** What the network does to each datagram. */
struct sim_net {
	uint32_t loss_permille, repeat_permille, reorder_permille;
	uint32_t delay_us;   /* of every datagram */
	uint32_t spread_us;  /* even, on top: reorders by itself when larger than the gaps */
	uint32_t reorder_us; /* extra delay of those that are reordered */
};

struct sim_packet {
	uint64_t at_us;
	uint64_t order; /* breaks ties */
	struct tg_addr from, to;
	size_t len;
	uint8_t bytes[]; /* exactly so many, so that a sanitizer sees each octet read beyond them */
};

struct sim {
	uint64_t now_us;
	uint64_t seed;
	struct crypt_random random;
	struct sim_net net;
	struct sim_node nodes[SIM_NODES];
	unsigned count;
	uint32_t lose_next[SIM_NODES];           /* datagrams of this node that will be lost */
	struct sim_packet *packets[SIM_PACKETS]; /* a heap by time */
	uint32_t packet_count;
	unsigned moved; /* the node that something happened to last */
	uint64_t order, lost, repeated, reordered, steps;
	/** Sees each datagram as it is sent, before the network has its way. */
	void (*tap)(void *owner, struct sim *sim, const struct tg_addr *from, const struct tg_addr *to,
	            struct tg_span bytes);
	/** Called after each thing that happened. */
	void (*check)(void *owner, struct sim *sim);
	void *tap_owner, *check_owner;
};

void sim_init(struct sim *sim, uint64_t seed, const struct sim_net *net);
void sim_free(struct sim *sim);

/** A small endpoint for tests; the seed is the simulation's. */
struct iax_config sim_config(void);

/** @return the new node's number; its address is 192.0.2.(number + 1):4569 */
unsigned sim_add(struct sim *sim, const struct iax_config *config, const struct sim_owner *owner);

/** Fetch what a node's endpoint has: events to the owner, datagrams to the network. After each action of a test. */
void sim_pump(struct sim *sim, unsigned node);

/** Let time pass; everything due happens in order. */
void sim_run_us(struct sim *sim, uint64_t span_us);
void sim_run_ms(struct sim *sim, uint64_t span_ms);

/** Lose the next datagrams that a node sends, whatever the network would do. */
void sim_lose_next(struct sim *sim, unsigned from, uint32_t count);

/** Send a datagram of the owner's own from a node's address. */
void sim_send(struct sim *sim, unsigned from, struct tg_addr to, struct tg_span bytes);

/** Give a datagram of nobody's to a node, at once. Its address may be any. */
enum iax_err sim_inject(struct sim *sim, unsigned node, struct tg_addr from, struct tg_span bytes);

/** The node's process died: another endpoint takes its legs over. What waited is lost. */
struct iax_takeover sim_take_over(struct sim *sim, unsigned node);

/** Move a node's whole memory to another address and go on there. */
void sim_move(struct sim *sim, unsigned node);

#endif
