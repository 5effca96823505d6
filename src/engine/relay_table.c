/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/relay_table.h"

#include "base/zeroed.h"
#include "crypt/hash.h"
#include "engine/seqlock.h"

enum {
	ENTRY_WORDS = sizeof(struct relay_entry) / sizeof(uint64_t),
	ADDR_WORDS = sizeof(struct tg_addr) / sizeof(uint64_t),
	PROBES_MAX = 64,     /* at a quarter full the longest walk stays far below */
	CROSSING_MS = 32768, /* where senders put in a full frame; it does not come this way */
	LOST_RUN_MAX = 5,    /* a longer gap is taken for silence */
};

enum slot_state {
	SLOT_EMPTY, /* ends a walk */
	SLOT_GONE,  /* does not */
	SLOT_LIVE,
};

struct slot {
	_Alignas(64) _Atomic uint64_t lock;
	_Atomic uint64_t words[ENTRY_WORDS];
};
static_assert(sizeof(struct slot) == 64, "one cache line");

struct counter {
	_Alignas(64) _Atomic uint32_t life;
	_Atomic uint32_t packets, lost, out_of_order, dropped, jitter_us;
	_Atomic uint64_t octets;
	/* The relay's own notes; atomic since another relay may take a leg over. */
	_Atomic uint64_t last_us;
	_Atomic uint16_t last_ts_ms, step_ms, last_delta_ms;
};
static_assert(sizeof(struct counter) == 64, "one cache line");

struct local {
	_Atomic uint64_t lock;
	_Atomic uint64_t words[ADDR_WORDS];
};

struct relay_table {
	uint8_t key[CRYPT_KEY_BYTES];
	uint32_t legs_max;
	uint32_t mask;
	uint32_t used;
	uint32_t slots_at; /* offsets from here */
	uint64_t counters_at, locals_at, places_at;
};

static uint32_t slot_count(uint32_t legs_max)
{
	uint32_t count = 256;

	while (count < (uint64_t)legs_max * 4) {
		count *= 2;
	}
	return count;
}

static struct slot *slot_at(const struct relay_table *table, uint32_t index)
{
	return (struct slot *)((uintptr_t)table + table->slots_at) + (index & table->mask);
}

static struct counter *counter_at(const struct relay_table *table, uint32_t leg)
{
	assert(leg < table->legs_max);
	return (struct counter *)((uintptr_t)table + table->counters_at) + leg;
}

static struct local *local_at(const struct relay_table *table, uint32_t leg)
{
	assert(leg < table->legs_max);
	return (struct local *)((uintptr_t)table + table->locals_at) + leg;
}

/* Where each leg's entry is: index + 1, 0 for none. The writer's own. */
static uint32_t *place_of(const struct relay_table *table, uint32_t leg)
{
	assert(leg < table->legs_max);
	return (uint32_t *)((uintptr_t)table + table->places_at) + leg;
}

struct relay_key relay_key_of(struct tg_addr remote, uint16_t number, uint32_t group)
{
	struct relay_key key = { .port = remote.port, .number = number, .group = group };

	memcpy(key.ip, remote.ip, sizeof(key.ip));
	return key;
}

static struct relay_key key_of_entry(const struct relay_entry *entry)
{
	struct relay_key key = { .port = entry->port, .number = entry->number, .group = entry->group };

	memcpy(key.ip, entry->ip, sizeof(key.ip));
	return key;
}

static bool has_key(const struct relay_entry *entry, const struct relay_key *key)
{
	return entry->port == key->port && entry->number == key->number && entry->group == key->group &&
	       memcmp(entry->ip, key->ip, sizeof(key->ip)) == 0;
}

size_t relay_table_size(uint32_t legs_max)
{
	const size_t places = ((size_t)legs_max * sizeof(uint32_t) + 63) & ~(size_t)63;

	return 64 + slot_count(legs_max) * sizeof(struct slot) +
	       legs_max * (sizeof(struct counter) + sizeof(struct local)) + places;
}

struct relay_table *relay_table_init(void *mem, uint32_t legs_max, const uint8_t key[16])
{
	struct relay_table *table = mem;

	static_assert(sizeof(struct relay_table) <= 64, "the slots start on the next line");
	tg_expect_zeroed(mem, relay_table_size(legs_max));
	memcpy(table->key, key, sizeof(table->key));
	table->legs_max = legs_max;
	table->mask = slot_count(legs_max) - 1;
	table->slots_at = 64;
	table->counters_at = table->slots_at + slot_count(legs_max) * sizeof(struct slot);
	table->locals_at = table->counters_at + legs_max * sizeof(struct counter);
	table->places_at = table->locals_at + legs_max * sizeof(struct local);
	return table;
}

static struct relay_entry slot_load(const struct slot *slot)
{
	struct relay_entry entry;

	seqlock_load(slot->words, &entry, ENTRY_WORDS);
	return entry;
}

static void slot_store(struct slot *slot, const struct relay_entry *entry)
{
	seqlock_store(&slot->lock, slot->words, entry, ENTRY_WORDS);
}

static void slot_set_state(struct slot *slot, enum slot_state state)
{
	struct relay_entry entry = slot_load(slot);

	entry.state = (uint8_t)state;
	slot_store(slot, &entry);
}

/* A walk that would end behind these may as well end at them. */
static void sweep_gone_before(struct relay_table *table, uint32_t index)
{
	if (slot_load(slot_at(table, index + 1)).state != SLOT_EMPTY) {
		return;
	}
	while (slot_load(slot_at(table, index)).state == SLOT_GONE) {
		slot_set_state(slot_at(table, index), SLOT_EMPTY);
		index--;
	}
}

void relay_table_clear(struct relay_table *table, uint32_t leg)
{
	uint32_t *place = place_of(table, leg);

	if (*place == 0) {
		return;
	}
	slot_set_state(slot_at(table, *place - 1), SLOT_GONE);
	sweep_gone_before(table, *place - 1);
	*place = 0;
	table->used--;
}

bool relay_table_get(const struct relay_table *table, uint32_t leg, struct relay_entry *out)
{
	const uint32_t place = *place_of(table, leg);

	if (place == 0) {
		return false;
	}
	*out = slot_load(slot_at(table, place - 1));
	return true;
}

/* The writer's walk: the slot of the key, else the first free one; false for neither. */
static bool find_place(const struct relay_table *table, const struct relay_key *key, uint32_t *index, bool *taken)
{
	const uint32_t first = (uint32_t)relay_table_hash(table, key);
	bool found = false;

	*taken = false;
	for (uint32_t i = 0; i < PROBES_MAX; i++) {
		const struct relay_entry entry = slot_load(slot_at(table, first + i));

		if (entry.state == SLOT_LIVE && has_key(&entry, key)) {
			*index = (first + i) & table->mask;
			*taken = true;
			return true;
		}
		if (entry.state != SLOT_LIVE && !found) {
			*index = (first + i) & table->mask;
			found = true;
		}
		if (entry.state == SLOT_EMPTY) {
			break;
		}
	}
	return found;
}

bool relay_table_set(struct relay_table *table, const struct relay_entry *entry, struct tg_addr to_local)
{
	struct local *local = local_at(table, entry->leg);
	const struct relay_key key = key_of_entry(entry);
	uint32_t *place = place_of(table, entry->leg);
	struct relay_entry live = *entry;
	uint32_t index = 0;
	bool taken = false;

	live.state = SLOT_LIVE;
	seqlock_store(&local->lock, local->words, &to_local, ADDR_WORDS);
	if (*place != 0) {
		const struct relay_entry old = slot_load(slot_at(table, *place - 1));

		if (has_key(&old, &key)) {
			slot_store(slot_at(table, *place - 1), &live);
			return true;
		}
		relay_table_clear(table, entry->leg);
	}
	if (!find_place(table, &key, &index, &taken)) {
		return false;
	}
	if (taken) {
		*place_of(table, slot_load(slot_at(table, index)).leg) = 0;
		table->used--;
	}
	slot_store(slot_at(table, index), &live);
	*place = index + 1;
	table->used++;
	return true;
}

uint32_t relay_table_used(const struct relay_table *table)
{
	return table->used;
}

uint64_t relay_table_hash(const struct relay_table *table, const struct relay_key *key)
{
	return crypt_siphash64(table->key, (struct tg_span){ (const uint8_t *)key, sizeof(*key) });
}

void relay_table_prefetch(const struct relay_table *table, uint64_t hash)
{
	__builtin_prefetch(slot_at(table, (uint32_t)hash));
}

bool relay_table_find(const struct relay_table *table, const struct relay_key *key, uint64_t hash,
                      struct relay_entry *out)
{
	for (uint32_t i = 0; i < PROBES_MAX; i++) {
		const struct slot *slot = slot_at(table, (uint32_t)hash + i);

		if (!seqlock_read(&slot->lock, slot->words, out, ENTRY_WORDS) || out->state == SLOT_EMPTY) {
			return false;
		}
		if (out->state == SLOT_LIVE && has_key(out, key)) {
			return true;
		}
	}
	return false;
}

struct tg_addr relay_table_local(const struct relay_table *table, uint32_t leg)
{
	const struct local *local = local_at(table, leg);
	struct tg_addr addr;

	return seqlock_read(&local->lock, local->words, &addr, ADDR_WORDS) ? addr : (struct tg_addr){ 0 };
}

/* ---- Counters ---- */

/* One writer at a time: no read-modify-write instruction is needed. */
static void add_u32(_Atomic uint32_t *counter, uint32_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

static uint32_t load_u32(const _Atomic uint32_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void store_u16(_Atomic uint16_t *to, uint16_t value)
{
	atomic_store_explicit(to, value, memory_order_relaxed);
}

static uint16_t load_u16(const _Atomic uint16_t *from)
{
	return atomic_load_explicit(from, memory_order_relaxed);
}

static void counter_restart(struct counter *counter, uint32_t life)
{
	atomic_store_explicit(&counter->life, 0, memory_order_release);
	atomic_store_explicit(&counter->packets, 0, memory_order_relaxed);
	atomic_store_explicit(&counter->lost, 0, memory_order_relaxed);
	atomic_store_explicit(&counter->out_of_order, 0, memory_order_relaxed);
	atomic_store_explicit(&counter->dropped, 0, memory_order_relaxed);
	atomic_store_explicit(&counter->jitter_us, 0, memory_order_relaxed);
	atomic_store_explicit(&counter->octets, 0, memory_order_relaxed);
	store_u16(&counter->step_ms, 0);
	store_u16(&counter->last_delta_ms, 0);
	atomic_store_explicit(&counter->life, life, memory_order_release);
}

static void count_jitter(struct counter *counter, int32_t delta_ms, uint64_t now_us)
{
	const uint64_t last_us = atomic_load_explicit(&counter->last_us, memory_order_relaxed);
	const int64_t late_us = (int64_t)(now_us - last_us) - (int64_t)delta_ms * TG_US_PER_MS;
	const int64_t size_us = late_us < 0 ? -late_us : late_us;
	const int64_t jitter_us = load_u32(&counter->jitter_us);

	if (size_us < TG_US_PER_S) { /* else a pause of the speaker */
		atomic_store_explicit(&counter->jitter_us, (uint32_t)(jitter_us + (size_us - jitter_us) / 16),
		                      memory_order_relaxed);
	}
}

/* The frames missing in front of one that is delta_ms after its forerunner; a full frame at a crossing is not missing. */
static uint32_t missing_frames(const struct counter *counter, uint16_t ts_ms, uint32_t delta_ms)
{
	const uint32_t step_ms = load_u16(&counter->step_ms);
	const uint16_t last_ms = load_u16(&counter->last_ts_ms);
	uint32_t missing;

	if (step_ms == 0 || delta_ms % step_ms != 0 || delta_ms / step_ms > LOST_RUN_MAX) {
		return 0;
	}
	missing = delta_ms / step_ms - 1;
	if (missing > 0 && last_ms / CROSSING_MS != ts_ms / CROSSING_MS) {
		missing--;
	}
	return missing;
}

static void count_order(struct counter *counter, uint16_t ts_ms, uint64_t now_us)
{
	const int16_t delta_ms = (int16_t)(uint16_t)(ts_ms - load_u16(&counter->last_ts_ms));

	if (delta_ms <= 0) {
		add_u32(&counter->out_of_order, 1);
		if (delta_ms < 0 && load_u32(&counter->lost) > 0) {
			add_u32(&counter->lost, UINT32_MAX);
		}
		return;
	}
	add_u32(&counter->lost, missing_frames(counter, ts_ms, (uint32_t)delta_ms));
	if (delta_ms == load_u16(&counter->last_delta_ms)) {
		store_u16(&counter->step_ms, (uint16_t)delta_ms);
	}
	store_u16(&counter->last_delta_ms, (uint16_t)delta_ms);
	count_jitter(counter, delta_ms, now_us);
	store_u16(&counter->last_ts_ms, ts_ms);
	atomic_store_explicit(&counter->last_us, now_us, memory_order_relaxed);
}

void relay_count_frame(struct relay_table *table, const struct relay_entry *entry, uint16_t ts_ms, size_t octets,
                       bool dropped, uint64_t now_us)
{
	struct counter *counter = counter_at(table, entry->leg);

	if (load_u32(&counter->life) != entry->life) {
		counter_restart(counter, entry->life);
	}
	if (load_u32(&counter->packets) == 0) {
		store_u16(&counter->last_ts_ms, ts_ms);
		atomic_store_explicit(&counter->last_us, now_us, memory_order_relaxed);
	} else {
		count_order(counter, ts_ms, now_us);
	}
	add_u32(&counter->packets, 1);
	add_u32(&counter->dropped, dropped ? 1 : 0);
	atomic_store_explicit(&counter->octets, atomic_load_explicit(&counter->octets, memory_order_relaxed) + octets,
	                      memory_order_relaxed);
}

void relay_count_prefetch(const struct relay_table *table, const struct relay_entry *entry)
{
	__builtin_prefetch(counter_at(table, entry->leg), 1);
}

void relay_count_read(const struct relay_table *table, uint32_t leg, uint32_t life, struct relay_count *out)
{
	const struct counter *counter = counter_at(table, leg);

	*out = (struct relay_count){ 0 };
	if (atomic_load_explicit(&counter->life, memory_order_acquire) != life) {
		return;
	}
	out->octets = atomic_load_explicit(&counter->octets, memory_order_relaxed);
	out->packets = load_u32(&counter->packets);
	out->lost = load_u32(&counter->lost);
	out->out_of_order = load_u32(&counter->out_of_order);
	out->dropped = load_u32(&counter->dropped);
	out->jitter_us = load_u32(&counter->jitter_us);
}
