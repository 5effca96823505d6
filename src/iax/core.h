/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_CORE_H
#define TG_IAX_CORE_H

#include "base/map.h"
#include "base/wheel.h"
#include "iax/fifo.h"
#include "iax/hosts.h"
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
};

/** Which legs of strangers are in one list, from the oldest on. */
enum core_list {
	CORE_NO_LIST,
	CORE_STRANGER, /* half-open, and its peer has to act next; with a token */
	CORE_STRANGER_UNPROVEN,
	CORE_KNOWN, /* the same, from a known network */
	CORE_KNOWN_UNPROVEN,
	CORE_STRANGER_ANSWERED, /* our owner has to act next: evicting one would take from somebody who acted */
	CORE_KNOWN_ANSWERED,
	CORE_REFUSED, /* its refusal is on its way */
	CORE_LISTS,
};

/** Legs: index + 1. */
struct core_queue {
	uint32_t oldest, youngest, count;
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
	struct core_queue lists[CORE_LISTS];
	struct hosts hosts;
	uint32_t unproven[2]; /* numbers of dialogs without token: of strangers, of known networks */
	uint16_t trunks;      /* trunk frames that came */
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
/** A leg with this number and host, whatever its port. */
bool legs_has_number(const struct iax_endpoint *ep, const struct tg_addr *remote, uint16_t number);
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

/**
 * It is half-open from now on, until legs_prove(), and counts for its host until legs_free(); legs_refuse() ends both.
 *
 * @return false without room
 */
bool legs_doubt(struct iax_endpoint *ep, struct leg *leg, const struct iax_pass *pass);
void legs_prove(struct iax_endpoint *ep, struct leg *leg);

/** Its peer has acted: what comes next is our owner's. */
void legs_answered(struct iax_endpoint *ep, struct leg *leg);

/** The end of a leg: it is in no list and counts for nobody. */
void legs_leave(struct iax_endpoint *ep, struct leg *leg);

/** Half-open legs, of strangers alone or of all. */
uint32_t legs_half_open(const struct iax_endpoint *ep, bool of_strangers);

/** It is linked: its address may send trunk frames, until legs_free(). */
void legs_stand(struct iax_endpoint *ep, struct leg *leg);
bool legs_has_standing(const struct iax_endpoint *ep, const struct tg_addr *remote);

/* R11: who gives its place, an unanswered half-open leg; NULL for none. */

/** The oldest of these two lists. */
struct leg *legs_oldest(const struct iax_endpoint *ep, enum core_list one, enum core_list other);

/**
 * One of a host: the oldest of the port that has the most. Behind an address there may be many, so who asks without end at one port
 * takes from himself and not from a neighbour who is slow to answer.
 */
struct leg *legs_to_give_of(const struct iax_endpoint *ep, const struct core_host *host);

/** The oldest of a host with the most of them, strangers' first; known networks' only for_known. */
struct leg *legs_half_open_to_give(const struct iax_endpoint *ep, bool for_known);

/** The same where legs are scarce: also one whose refusal is on its way, rather than one of a known network. */
struct leg *legs_to_give(const struct iax_endpoint *ep, bool for_known);

/** R7: a half-open leg is refused. It counts for its host no more, but within a budget of its own, until legs_free(). */
void legs_refuse(struct iax_endpoint *ep, struct leg *leg, uint64_t now_us);

/* ---- Who may open a leg (ceilings.c) --------------------------------------------------------------------------- */

/** R11: make room for one more leg of this sender. @return IAX_OK, or which ceiling it is */
enum iax_err ceilings_make_room(struct iax_endpoint *ep, const struct tg_addr *remote, const struct iax_pass *pass,
                                uint64_t now_us);

void ceilings_evict(struct iax_endpoint *ep, struct leg *leg, uint64_t now_us);

/** Set the leg's timer to what is due first. */
void legs_arm(struct iax_endpoint *ep, struct leg *leg);

/** After anything happened to a leg: free it if it is gone, else plan what is next. */
void legs_settle(struct leg_turn *turn);

#endif
