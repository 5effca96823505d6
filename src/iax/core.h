/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_CORE_H
#define TG_IAX_CORE_H

#include "base/map.h"
#include "base/wheel.h"
#include "iax/fifo.h"
#include "iax/leg.h"
#include "iax/numbers.h"
#include "iax/token.h"
#include "iax/tombs.h"

/*
 * The endpoint's one block of memory. Not for others, except for tests. Everything in it is reached by offset or index,
 * so the block can be moved.
 */

enum {
	CORE_OLD_US = 60 * TG_US_PER_S, /* 2.8: from this age on, an opening frame of a leg is no duplicate */
	CORE_RESERVE_SHARE = 20,        /* S-01: the last twentieth of the legs is for our own calls */
	CORE_CROWDS = 16,               /* hosts with so many half-open legs, or more, are alike */
};

/** A remote host with half-open legs: an IPv4 address, or an IPv6 network of 64 bits. */
struct core_host {
	struct tg_addr addr;       /* its port is 0 */
	uint32_t oldest, youngest; /* leg index + 1 */
	uint32_t before, behind;   /* hosts with as many: index + 1 */
	uint32_t count;
	uint32_t reserved;
};

/** The hosts with one number of half-open legs: index + 1. */
struct core_crowd {
	uint32_t first, last;
};

/** A remote address with standing legs. */
struct core_peer {
	struct tg_addr addr;
	uint32_t count;
	uint32_t reserved;
};

/** What an event's record holds behind itself. */
enum core_body { CORE_NO_BODY, CORE_PAYLOAD, CORE_IES };

/** An event that waits. Its pointers are made when it is fetched. */
struct core_event {
	struct iax_event event;
	uint8_t body;  /* enum core_body */
	bool stripped; /* credentials that must not count are taken out of the elements */
};

struct iax_endpoint {
	struct iax_config config;
	struct crypt_random random;
	struct iax_token_keys token_keys;
	struct iax_endpoint_stats stats;
	uint64_t start_us;
	uint64_t size_bytes;
	uint64_t legs_at, hosts_at, peers_at, by_number_at, by_remote_at, by_host_at, by_peer_at, frames_at, events_at,
		out_at, numbers_at, tombs_at, strangers_at, wheel_at;
	uint64_t
		events_reserve; /* octets of the event queue kept for IAX_EV_ENDED, so that a wish can always be told */
	uint32_t oldest, youngest; /* half-open legs: index + 1 */
	uint32_t half_open;
	struct core_crowd crowds[CORE_CROWDS];
	uint32_t refused_oldest, refused_youngest; /* legs whose refusal is on its way: index + 1 */
	uint32_t refused;
	uint16_t trunks; /* trunk frames that came */
	uint8_t map_key[CRYPT_KEY_BYTES];
	struct iax_ies fetched; /* elements of the event fetched last; pointers that nobody here follows */
};

static inline void *core_at(const struct iax_endpoint *ep, uint64_t offset)
{
	return (void *)((uintptr_t)ep + offset);
}

static inline struct tg_slab *core_legs(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->legs_at);
}

static inline struct iax_framepool *core_frames(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->frames_at);
}

static inline struct iax_fifo *core_events(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->events_at);
}

static inline struct iax_fifo *core_out(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->out_at);
}

static inline struct tg_wheel *core_wheel(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->wheel_at);
}

/** What the keys of the maps are made of: our number, the peer's, the host alone, the address alone. */
enum core_key { CORE_KEY_NUMBER, CORE_KEY_REMOTE, CORE_KEY_HOST, CORE_KEY_PEER };

uint64_t core_hash(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number, enum core_key key);

static inline struct leg *core_leg_at(const struct iax_endpoint *ep, uint32_t index)
{
	return tg_slab_at(core_legs(ep), index, NULL);
}

static inline uint32_t core_leg_index(const struct iax_endpoint *ep, const struct leg *leg)
{
	return tg_slab_ref(core_legs(ep), leg).index;
}

/** True if what one datagram or deadline can cause still fits into the queues. */
bool core_has_room(const struct iax_endpoint *ep, size_t datagram_bytes);

/** Queue a datagram. A full queue loses it, as a network would: whatever matters is sent again. */
void core_send(struct iax_endpoint *ep, const struct tg_addr *remote, const struct tg_addr *local,
               struct tg_span bytes);

/* ---- Legs in their tables (legs.c) ---------------------------------------------------------------------------- */

/** A leg with a number of its own, or NULL without room. Its state is for the caller to set. */
struct leg *legs_new(struct iax_endpoint *ep, const struct tg_addr *remote, const struct tg_addr *local,
                     enum iax_leg_kind kind, uint64_t now_us);

/** Leave a tombstone and give everything back. */
void legs_free(struct iax_endpoint *ep, struct leg *leg, uint64_t now_us);

struct leg *legs_find_number(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number);
struct leg *legs_find_remote(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t remote_number);

/** A leg with both these numbers at another port of this host; NULL for none. */
struct leg *legs_find_moved(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number,
                            uint16_t remote_number);

/** It is at another port of its host from now on. @return false if that would collide with another leg */
bool legs_move(struct iax_endpoint *ep, struct leg *leg, const struct tg_addr *remote);

/** NULL for a stale id, and for a leg that is over for its owner. */
struct leg *legs_find_id(const struct iax_endpoint *ep, struct iax_leg_id id);
struct iax_leg_id legs_id(const struct iax_endpoint *ep, const struct leg *leg);

/** What is left of a leg that ended in the last 10 s, by our number or by the far end's; NULL for none. */
struct iax_tomb *legs_find_tomb(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number,
                                uint64_t now_us);
struct iax_tomb *legs_find_tomb_remote(const struct iax_endpoint *ep, const struct tg_addr *remote,
                                       uint16_t remote_number, uint64_t now_us);

/** Stands for a USERNAME where keeping it would cost memory. */
uint64_t legs_name_hash(const struct iax_endpoint *ep, struct tg_span name);

/** The far end's number is known now. */
void legs_learn(struct iax_endpoint *ep, struct leg *leg, uint16_t remote_number);

/** It stands for a stranger from now on, until legs_prove() or legs_free(). @return false without room */
bool legs_doubt(struct iax_endpoint *ep, struct leg *leg);
void legs_prove(struct iax_endpoint *ep, struct leg *leg);

/** It is linked: its address may send trunk frames, until legs_free(). */
void legs_stand(struct iax_endpoint *ep, struct leg *leg);
bool legs_has_standing(const struct iax_endpoint *ep, const struct tg_addr *remote);

/**
 * R11: the half-open leg that has to make room for another one from this remote, or NULL if none has to. *full says that there
 * is no room, and none to be made.
 */
struct leg *legs_to_evict(const struct iax_endpoint *ep, const struct tg_addr *remote, bool *full);

/**
 * The leg that gives its place at the ceiling: the oldest of a host with the most half-open ones that waits for its peer, else
 * the oldest refused one; NULL for none.
 */
struct leg *legs_to_give(const struct iax_endpoint *ep);

/** R7: a half-open leg is refused. It counts for its host no more, but within a budget of its own, until legs_free(). */
void legs_refuse(struct iax_endpoint *ep, struct leg *leg, uint64_t now_us);
void legs_unrefuse(struct iax_endpoint *ep, struct leg *leg);

/** Set the leg's timer to what is due first. */
void legs_arm(struct iax_endpoint *ep, struct leg *leg);

/** After anything happened to a leg: free it if it is gone, else plan what is next. */
void legs_settle(struct leg_turn *turn);

#endif
