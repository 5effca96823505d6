/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wheel.h"

#include "base/zeroed.h"

#include <string.h>

/* 5 levels of 64 slots: 2^30 ms, some 12 days; what lies further waits in the last slot and is sorted in again. */
enum { LEVELS = 5, SLOT_BITS = 6, SLOTS = 1 << SLOT_BITS, NOWHERE = 0, DUE = LEVELS * SLOTS };

struct node {
	uint64_t deadline_us;
	uint32_t next; /* timer + 1, 0 for none */
	uint32_t prev; /* timer + 1, or 0 for the first of its list */
	uint32_t list; /* list + 1, 0 when not set */
	uint32_t reserved;
};

struct tg_wheel {
	uint64_t tick; /* all ticks before this one were handled */
	uint64_t occupied[LEVELS];
	uint32_t heads[LEVELS * SLOTS + 1]; /* timer + 1; the last list holds what is due */
	uint32_t count;
};

static struct node *nodes(const struct tg_wheel *wheel)
{
	return (struct node *)((uintptr_t)wheel + ((sizeof(struct tg_wheel) + 7) & ~(size_t)7));
}

size_t tg_wheel_size(uint32_t count)
{
	return ((sizeof(struct tg_wheel) + 7) & ~(size_t)7) + count * sizeof(struct node);
}

struct tg_wheel *tg_wheel_init(void *mem, uint32_t count, uint64_t now_us)
{
	struct tg_wheel *wheel = mem;

	tg_expect_zeroed(mem, tg_wheel_size(count));
	wheel->count = count;
	wheel->tick = now_us / TG_US_PER_MS;
	return wheel;
}

static void list_push(struct tg_wheel *wheel, uint32_t list, uint32_t timer)
{
	struct node *n = nodes(wheel);

	n[timer].next = wheel->heads[list];
	n[timer].prev = 0;
	n[timer].list = list + 1;
	if (wheel->heads[list] != 0) {
		n[wheel->heads[list] - 1].prev = timer + 1;
	}
	wheel->heads[list] = timer + 1;
	if (list < DUE) {
		wheel->occupied[list / SLOTS] |= UINT64_C(1) << (list % SLOTS);
	}
}

static void list_remove(struct tg_wheel *wheel, uint32_t timer)
{
	struct node *n = nodes(wheel);
	const uint32_t list = n[timer].list - 1;

	if (n[timer].next != 0) {
		n[n[timer].next - 1].prev = n[timer].prev;
	}
	if (n[timer].prev != 0) {
		n[n[timer].prev - 1].next = n[timer].next;
	} else {
		wheel->heads[list] = n[timer].next;
	}
	if (list < DUE && wheel->heads[list] == 0) {
		wheel->occupied[list / SLOTS] &= ~(UINT64_C(1) << (list % SLOTS));
	}
	n[timer].list = NOWHERE;
}

/* The first tick at which the deadline has passed. */
static uint64_t tick_of(uint64_t deadline_us)
{
	return deadline_us / TG_US_PER_MS + (deadline_us % TG_US_PER_MS != 0);
}

static uint32_t list_for(const struct tg_wheel *wheel, uint64_t tick)
{
	if (tick < wheel->tick) {
		return DUE;
	}
	const uint64_t reach = UINT64_C(1) << (SLOT_BITS * LEVELS);
	const uint64_t last = (wheel->tick | (reach - 1));

	tick = tg_min_u64(tick, last);
	for (unsigned level = 0; level < LEVELS; level++) {
		const unsigned shift = SLOT_BITS * (level + 1);

		if (tick >> shift == wheel->tick >> shift) {
			return level * SLOTS + (uint32_t)((tick >> (SLOT_BITS * level)) & (SLOTS - 1));
		}
	}
	return DUE - 1;
}

void tg_wheel_set(struct tg_wheel *wheel, uint32_t timer, uint64_t deadline_us)
{
	struct node *n = nodes(wheel);

	assert(timer < wheel->count);
	if (n[timer].list != NOWHERE) {
		list_remove(wheel, timer);
	}
	n[timer].deadline_us = deadline_us;
	if (deadline_us != TG_NEVER) {
		list_push(wheel, list_for(wheel, tick_of(deadline_us)), timer);
	}
}

uint64_t tg_wheel_get(const struct tg_wheel *wheel, uint32_t timer)
{
	assert(timer < wheel->count);
	return nodes(wheel)[timer].list == NOWHERE ? TG_NEVER : nodes(wheel)[timer].deadline_us;
}

bool tg_wheel_is_whole(const struct tg_wheel *wheel, uint32_t count)
{
	return wheel->count == count;
}

/* Sort one slot of an upper level into the levels below, now that its time has come. */
static void cascade(struct tg_wheel *wheel, unsigned level)
{
	const uint32_t list = level * SLOTS + (uint32_t)((wheel->tick >> (SLOT_BITS * level)) & (SLOTS - 1));
	uint32_t timer = wheel->heads[list];

	while (timer != 0) {
		const uint32_t next = nodes(wheel)[timer - 1].next;

		list_remove(wheel, timer - 1);
		list_push(wheel, list_for(wheel, tick_of(nodes(wheel)[timer - 1].deadline_us)), timer - 1);
		timer = next;
	}
}

/* Step to the next tick; what waited for this one becomes due, unless it lies beyond the wheel's reach. */
static void step(struct tg_wheel *wheel)
{
	const uint32_t list = wheel->tick & (SLOTS - 1);

	wheel->tick++;
	while (wheel->heads[list] != 0) {
		const uint32_t timer = wheel->heads[list] - 1;

		list_remove(wheel, timer);
		list_push(wheel, list_for(wheel, tick_of(nodes(wheel)[timer].deadline_us)), timer);
	}
	for (unsigned level = 1; level < LEVELS; level++) {
		if ((wheel->tick & ((UINT64_C(1) << (SLOT_BITS * level)) - 1)) != 0) {
			break;
		}
		cascade(wheel, level);
	}
}

/* The next tick at which anything can happen: an occupied slot of level 0, or a level boundary. */
static uint64_t next_tick(const struct tg_wheel *wheel)
{
	for (unsigned level = 0; level < LEVELS; level++) {
		const unsigned shift = SLOT_BITS * level;
		const unsigned here = (unsigned)(wheel->tick >> shift) & (SLOTS - 1);
		const uint64_t ahead = wheel->occupied[level] >> here;

		if (ahead != 0) {
			const uint64_t base = (wheel->tick >> shift) + (unsigned)__builtin_ctzll(ahead);

			return tg_max_u64(base << shift, wheel->tick);
		}
	}
	return TG_NEVER;
}

bool tg_wheel_expire(struct tg_wheel *wheel, uint64_t now_us, uint32_t *timer)
{
	const uint64_t now_tick = now_us / TG_US_PER_MS;

	while (wheel->heads[DUE] == 0 && wheel->tick <= now_tick) {
		const uint64_t next = next_tick(wheel);

		if (next > now_tick) {
			wheel->tick = now_tick;
			return false;
		}
		if (next > wheel->tick) {
			wheel->tick = next - 1; /* nothing in between; stepping onto `next` sorts upper slots in */
		}
		step(wheel);
	}
	if (wheel->heads[DUE] == 0) {
		return false;
	}
	*timer = wheel->heads[DUE] - 1;
	list_remove(wheel, *timer);
	return true;
}

uint64_t tg_wheel_deadline_us(const struct tg_wheel *wheel)
{
	if (wheel->heads[DUE] != 0) {
		return 0;
	}
	const uint64_t tick = next_tick(wheel);

	return tick == TG_NEVER ? TG_NEVER : tick * TG_US_PER_MS;
}
