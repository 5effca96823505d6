/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_RELAY_TABLE_H
#define TG_ENGINE_RELAY_TABLE_H

#include "base/addr.h"

/**
 * Where the mini frames of each leg go: written by the switch's thread alone, read by any number of relays without a lock. An entry
 * is one cache line under a sequence lock, found by the address and the call number that a mini frame came with. Beside it each
 * leg has one line of counters, written by the relay that gets its frames.
 *
 * One block of memory of the caller, without pointers; all of it is touched by relay_table_init().
 */
struct relay_table;

/** What a mini frame is found by. `group` is the address of ours it came to (its row among the sockets). */
struct relay_key {
	uint8_t ip[16]; /* as in struct tg_addr */
	uint16_t port;
	uint16_t number; /* the sender's call number */
	uint32_t group;
};
static_assert(sizeof(struct relay_key) == 24, "hashed as bytes: no padding");

struct relay_key relay_key_of(struct tg_addr remote, uint16_t number, uint32_t group);

enum relay_media {
	RELAY_DROP,    /* known, and dropped */
	RELAY_FORWARD, /* sent on */
	RELAY_PLAY,    /* dropped, while a prompt is played to this leg (engine/player.h) */
};

/** One entry, as it is copied out of the table. */
struct relay_entry {
	uint8_t ip[16], to_ip[16];
	uint16_t port, number;
	uint16_t to_port;
	uint16_t to_number;    /* FORWARD: our number on the leg it leaves on */
	uint32_t leg;          /* index: the place of its counters */
	uint32_t life;         /* differs between two legs at the same place */
	uint16_t ts_offset_ms; /* added to the 16 bits of a mini frame */
	uint16_t zero;
	uint8_t group, to_group;
	uint8_t media; /* enum relay_media */
	uint8_t state; /* the table's own */
};
static_assert(sizeof(struct relay_entry) == 56, "with its lock one cache line");

size_t relay_table_size(uint32_t legs_max);

/**
 * @param mem  relay_table_size() bytes, aligned to 64, zeroed
 * @param key  for the hash, so that a peer cannot choose collisions; 16 random octets
 */
struct relay_table *relay_table_init(void *mem, uint32_t legs_max, const uint8_t key[16]);

/* ---- The switch's thread ---- */

/**
 * Set or replace the entry of entry->leg (below legs_max). An entry of another leg with the same key gives way.
 *
 * @param to_local  what relay_table_local() gives for this leg
 * @return false if there is no place near enough: the leg then has no entry
 */
TG_MUST_USE bool relay_table_set(struct relay_table *table, const struct relay_entry *entry, struct tg_addr to_local);

/** Nothing happens if the leg has none. */
void relay_table_clear(struct relay_table *table, uint32_t leg);

/** The entry as it was set; false for none. */
bool relay_table_get(const struct relay_table *table, uint32_t leg, struct relay_entry *out);

uint32_t relay_table_used(const struct relay_table *table);

/* ---- Relays ---- */

uint64_t relay_table_hash(const struct relay_table *table, const struct relay_key *key);

/** Bring the line where a look-up starts towards the processor. */
void relay_table_prefetch(const struct relay_table *table, uint64_t hash);

/** @return false if there is no such entry, or it is just being written */
bool relay_table_find(const struct relay_table *table, const struct relay_key *key, uint64_t hash,
                      struct relay_entry *out);

/** The address to leave from; only asked behind a wildcard, since it is on another line. TG_NO_ADDR if it is being written. */
struct tg_addr relay_table_local(const struct relay_table *table, uint32_t leg);

/* ---- Counters ---- */

/** What came in on one leg. Plain sums over the leg's life; lost is an estimate from the timestamps. */
struct relay_count {
	uint64_t octets;
	uint32_t packets, lost, out_of_order, dropped;
	uint32_t jitter_us; /* RFC 3550, 6.4.1, from the times of batches */
};

/** What the relay does when a mini frame of a leg came. `entry` is what relay_table_find() gave. */
void relay_count_frame(struct relay_table *table, const struct relay_entry *entry, uint16_t ts_ms, size_t octets,
                       bool dropped, uint64_t now_us);

void relay_count_prefetch(const struct relay_table *table, const struct relay_entry *entry);

/** The switch's thread: the counters of a leg; all zero if nothing came yet. */
void relay_count_read(const struct relay_table *table, uint32_t leg, uint32_t life, struct relay_count *out);

#endif
