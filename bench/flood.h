/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BENCH_FLOOD_H
#define TG_BENCH_FLOOD_H

#include "iax/endpoint.h"
#include "tools/load.h"
#include "tools/secret.h"

/**
 * The load of `./dev bench flood` and `./dev bench siege`: strangers' floods and honest callers in one loop of one thread, so neither starves
 * the other. All addresses are of 127.0.0.0/8, where every address is this machine's; nothing else can be a target.
 */

enum { FLOOD_FRAME_MAX = 128, FLOOD_RUN = 60 };

/** The forged prefix: 127.64.0.0/16. */
struct tg_addr flood_inside(uint32_t n);

/** 127.a.b.c */
struct tg_addr flood_addr(uint8_t a, uint8_t b, uint8_t c);

/* ---- What is sent by strangers ---- */

struct flood_kind {
	const char *name;
	uint8_t len;
	void (*make)(uint8_t *frame, uint32_t random);
};

/** @return NULL for none of that name */
const struct flood_kind *flood_kind_find(const char *name);

struct flood;

/**
 * @param run  datagrams in one segmented send; 1: plain sends
 * @param per_s  no more datagrams a second than that; 0: as many as can be
 * @return NULL with a message
 */
struct flood *flood_new(const struct flood_kind *kind, uint16_t port, uint32_t run, uint64_t per_s);
void flood_free(struct flood *flood);

/** One batch of sends, and a look at what was answered. */
void flood_turn(struct flood *flood, uint64_t now_us);

struct flood_sums {
	uint64_t sent, bytes_in;
	uint64_t answers, bytes_out; /* estimated: one answer in 16 is looked at */
	uint64_t longer;             /* of those looked at: longer than the request */
};
struct flood_sums flood_sums(const struct flood *flood);

/* ---- Proven addresses, each inside its limits ---- */

struct siege;

/**
 * @param count  at most 65536
 * @param guesses  each challenge is answered wrongly, instead of not at all
 * @return NULL with a message
 */
struct siege *siege_new(uint32_t count, uint16_t port, bool guesses);
void siege_free(struct siege *siege);

/** Send what is due, take what was answered. */
void siege_turn(struct siege *siege, uint64_t now_us);

struct siege_sums {
	uint64_t asked, opened; /* for a token; with one */
	uint64_t challenged;
	uint64_t guessed, refused;
	uint64_t left_out; /* due, but the load's core was too slow */
};
struct siege_sums siege_sums(const struct siege *siege);

/* ---- Callers: an endpoint with a socket for all addresses ---- */

struct party;

typedef void party_on(void *owner, const struct iax_event *event, uint64_t now_us);

struct party *party_new(uint32_t legs_max, uint16_t port, party_on *on_event, void *owner);
void party_free(struct party *party);
struct iax_endpoint *party_endpoint(struct party *party);

/** The address called, and the one that calls: with the port of the socket. */
struct tg_addr party_remote(const struct party *party);
struct tg_addr party_local(const struct party *party, struct tg_addr host);

/** Take in what came, do what is due, send. */
void party_turn(struct party *party, uint64_t now_us);

/** A call of that account to the echo. */
bool party_call(struct party *party, const char *account, struct tg_addr from, uint64_t owner, uint64_t now_us,
                struct iax_leg_id *leg);

#endif
