/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/keeper.h"

#include <stdlib.h>

#include "base/zeroed.h"
#include "far.h"

enum { BANS = 8192 };

/* What a store or a fence has by now, as told. */
struct has {
	struct model_ban bans[BANS];
	bool is_named[BANS];
	uint32_t count;
	uint32_t begun;  /* anew: so often */
	uint32_t steps;  /* told since then, of bans that are over and remembered */
	bool is_begun;   /* and not all is told */
	bool is_at_once; /* it forgets then, and not at the end */
};

/* A guard whose bans are an operator's; store and fence are the test. */
struct rig {
	struct guard *guard;
	struct keeper *keeper;
	struct far store, fence;
	struct terms_now now;
	struct has store_has, fence_has;
	uint32_t changes; /* that the door heard of */
	uint32_t store_heard, fence_heard, accounts_heard;
};

static void on_change(void *owner, const struct guard_ban *ban, uint64_t now_us)
{
	struct rig *rig = owner;

	(void)ban;
	(void)now_us;
	rig->changes++;
}

/* The store has not told what it remembers. */
static struct rig *rig_of_the_first_second(void)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct guard_config config = guard_config_default();
	void *memory;

	CHECK_TRUE(rig != NULL);
	rig->now = (struct terms_now){ 1000 * UINT64_C(1000000), 1800000000 * UINT64_C(1000000) };
	config.sources_max = 256;
	config.accounts_max = 64;
	config.bans_max = BANS;
	config.events_max = 64;
	config.wall_us = rig->now.wall_us;
	memory = tg_zeroed_new(guard_size(&config));
	CHECK_TRUE(memory != NULL);
	rig->guard = guard_init(memory, &config, rig->now.now_us);
	rig->keeper = malloc(sizeof(*rig->keeper));
	CHECK_TRUE(rig->keeper != NULL);
	keeper_init(rig->keeper, rig->guard);
	rig->keeper->on_change = on_change;
	rig->keeper->owner = rig;
	rig->fence_has.is_at_once = true;
	far_init(&rig->store, PROC_STORE);
	far_init(&rig->fence, PROC_FENCE);
	return rig;
}

static struct rig *rig_new(void)
{
	struct rig *rig = rig_of_the_first_second();

	keeper_restored(rig->keeper);
	return rig;
}

static void rig_free(struct rig *rig)
{
	far_free(&rig->store);
	far_free(&rig->fence);
	free(rig->guard);
	free(rig->keeper);
	free(rig);
}

static void connect_store(struct rig *rig)
{
	far_connect(&rig->store);
	keeper_on_store(rig->keeper);
}

/* It has what it was told by whoever was here before. */
static void connect_fence(struct rig *rig)
{
	far_connect(&rig->fence);
	keeper_on_fence(rig->keeper);
}

static void forget_unnamed(struct has *has, bool is_all)
{
	for (uint32_t i = has->count; i > 0; i--) {
		if (is_all || !has->is_named[i - 1]) {
			has->bans[i - 1] = has->bans[--has->count];
			has->is_named[i - 1] = has->is_named[has->count];
		}
	}
}

static void take_ban(struct has *has, const struct model_ban *ban, uint64_t now_ms)
{
	uint32_t at = 0;

	while (at < has->count && (!tg_addr_same_host(has->bans[at].base, ban->base) ||
	                           has->bans[at].bits != ban->bits || has->bans[at].kind != ban->kind)) {
		at++;
	}
	if (ban->until_ms != 0 && ban->until_ms <= now_ms) {
		has->steps += has->is_begun && ban->until_ms > 1;
		if (at < has->count) {
			has->bans[at] = has->bans[--has->count];
			has->is_named[at] = has->is_named[has->count];
		}
		return;
	}
	CHECK_TRUE(at < BANS);
	has->bans[at] = *ban;
	has->is_named[at] = true;
	has->count += at == has->count;
}

/* As the store does it, and the fence. */
static void take(struct has *has, const struct ipc_ban *record, uint64_t now_ms)
{
	if (record->head.kind == IPC_BANS_ANEW) {
		has->is_begun = true;
		has->begun++;
		has->steps = 0;
		memset(has->is_named, 0, sizeof(has->is_named));
		if (has->is_at_once) {
			forget_unnamed(has, true);
		}
	} else if (record->head.kind == IPC_BANS_ALL) {
		CHECK_TRUE(has->is_begun);
		has->is_begun = false;
		forget_unnamed(has, false);
	} else {
		CHECK_UINT(record->head.kind, IPC_BAN);
		take_ban(has, &record->ban, now_ms);
	}
}

static void act(struct rig *rig)
{
	if (guard_deadline_us(rig->guard) <= rig->now.now_us) {
		guard_expire(rig->guard, NULL, rig->now.now_us);
	}
	keeper_turn(rig->keeper, &rig->store.link, &rig->fence.link, rig->now);
}

/* They read what has come. */
static void hear(struct rig *rig)
{
	const uint64_t now_ms = rig->now.wall_us / 1000;
	const struct ipc_ban *ban;

	while (rig->store.channel != NULL && (ban = far_next(&rig->store)) != NULL) {
		if (ban->head.kind == IPC_GUARD_ACCOUNT) {
			rig->accounts_heard++;
			continue;
		}
		rig->store_heard++;
		take(&rig->store_has, ban, now_ms);
	}
	while (rig->fence.channel != NULL && (ban = far_next(&rig->fence)) != NULL) {
		rig->fence_heard++;
		take(&rig->fence_has, ban, now_ms);
	}
	if (rig->store.link.channel != NULL) {
		far_flush(&rig->store);
	}
	if (rig->fence.link.channel != NULL) {
		far_flush(&rig->fence);
	}
}

static void turn(struct rig *rig)
{
	act(rig);
	hear(rig);
}

static bool fence_has(const struct rig *rig, struct tg_addr base, uint32_t bits, enum model_ban_kind kind)
{
	for (uint32_t i = 0; i < rig->fence_has.count; i++) {
		const struct model_ban *ban = &rig->fence_has.bans[i];

		if (tg_addr_same_host(ban->base, base) && ban->bits == bits && ban->kind == (uint32_t)kind) {
			return kind == MODEL_ALLOW || ban->in_kernel == 1;
		}
	}
	return false;
}

static void turns(struct rig *rig, int count)
{
	for (int i = 0; i < count; i++) {
		rig->now.now_us += 100000;
		rig->now.wall_us += 100000;
		turn(rig);
	}
}

static struct tg_addr host(uint32_t number)
{
	const uint8_t ip[4] = { 198, 51, (uint8_t)(number >> 8), (uint8_t)number };

	return tg_addr_ipv4(ip, 0);
}

static void ban(struct rig *rig, uint32_t number, bool allow)
{
	const struct guard_ban ban = { .base = host(number), .bits = 32, .why = GUARD_BANNED, .allow = allow };

	CHECK_TEXT(guard_ban(rig->guard, &ban, 3600 * UINT64_C(1000000), rig->now.now_us), NULL);
}

static void own_bans(struct rig *rig, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		const struct guard_ban own = { .base = host(i),
			                       .bits = 32,
			                       .why = GUARD_TRIES,
			                       .since_us = rig->now.now_us,
			                       .until_us = rig->now.now_us + 3600 * UINT64_C(1000000),
			                       .in_kernel = true };

		guard_restore_ban(rig->guard, &own, rig->now.now_us);
	}
}

static void unban(struct rig *rig, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		CHECK_TRUE(guard_unban(rig->guard, host(i), 32, rig->now.now_us));
	}
}

static void test_bans_reach_store_and_fence(void **state)
{
	struct rig *rig = rig_new();
	(void)state;

	connect_store(rig);
	connect_fence(rig);
	ban(rig, 1, false);
	ban(rig, 2, true);
	turns(rig, 3);
	CHECK_UINT(rig->store_has.count, 2);
	CHECK_UINT(rig->fence_has.count, 2);
	CHECK_TRUE(fence_has(rig, host(1), 32, MODEL_BAN));
	CHECK_TRUE(fence_has(rig, host(2), 32, MODEL_ALLOW));
	CHECK_TRUE(guard_unban(rig->guard, host(1), 32, rig->now.now_us));
	turns(rig, 3);
	CHECK_UINT(rig->store_has.count, 1);
	CHECK_UINT(rig->fence_has.count, 1);
	CHECK_TRUE(guard_unban(rig->guard, host(2), 32, rig->now.now_us));
	turns(rig, 3);
	CHECK_UINT(rig->fence_has.count, 0);
	rig_free(rig);
}

/* They are in different sets: what it was before must not stay. */
static void test_the_fence_hears_that_a_ban_became_an_allowance(void **state)
{
	struct rig *rig = rig_new();
	(void)state;

	connect_fence(rig);
	for (int i = 0; i < 3; i++) {
		ban(rig, 1, false);
		turns(rig, 3);
		CHECK_UINT(rig->fence_has.count, 1);
		CHECK_TRUE(fence_has(rig, host(1), 32, MODEL_BAN));
		ban(rig, 1, true);
		turns(rig, 3);
		CHECK_UINT(rig->fence_has.count, 1);
		CHECK_TRUE(fence_has(rig, host(1), 32, MODEL_ALLOW));
	}
	connect_fence(rig); /* and a new one gets it, too */
	turns(rig, 3);
	CHECK_TRUE(fence_has(rig, host(1), 32, MODEL_ALLOW));
	keeper_set_kernel(rig->keeper, false);
	turns(rig, 3);
	CHECK_UINT(rig->fence_has.count, 0);
	rig_free(rig);
}

/* 198.51.0.0/30 is elements of single addresses, and so is what is in it. */
static void test_a_network_of_odd_length_takes_nothing_along(void **state)
{
	struct rig *rig = rig_new();
	const struct guard_ban wide = { .base = host(0), .bits = 30, .why = GUARD_BANNED, .allow = true };
	(void)state;

	connect_fence(rig);
	ban(rig, 1, true);
	CHECK_TEXT(guard_ban(rig->guard, &wide, 0, rig->now.now_us), NULL);
	turns(rig, 3);
	CHECK_TRUE(guard_unban(rig->guard, host(0), 30, rig->now.now_us));
	rig->fence_has.count = 0; /* as if it had gone with it */
	turns(rig, 3);
	CHECK_TRUE(fence_has(rig, host(1), 32, MODEL_ALLOW));
	rig_free(rig);
}

static void allow(struct rig *rig, struct tg_addr base, uint32_t bits)
{
	const struct guard_ban ban = { .base = base, .bits = bits, .why = GUARD_BANNED, .allow = true };

	CHECK_TEXT(guard_ban(rig->guard, &ban, 0, rig->now.now_us), NULL);
}

static void ban_network(struct rig *rig, struct tg_addr base, uint32_t bits)
{
	const struct guard_ban ban = { .base = base, .bits = bits, .why = GUARD_BANNED };

	CHECK_TEXT(guard_ban(rig->guard, &ban, 0, rig->now.now_us), NULL);
}

/* One of them shares the other's elements, and is taken back. */
static void check_nothing_goes_along(struct tg_addr kept, uint32_t kept_bits, struct tg_addr gone, uint32_t gone_bits)
{
	struct rig *rig = rig_new();

	connect_fence(rig);
	allow(rig, kept, kept_bits);
	allow(rig, gone, gone_bits);
	turns(rig, 3);
	CHECK_UINT(rig->fence_has.count, 2);
	CHECK_TRUE(guard_unban(rig->guard, gone, gone_bits, rig->now.now_us));
	rig->fence_has.count = 0; /* as if all had gone with it */
	turns(rig, 3);
	CHECK_UINT(rig->fence_has.count, 1);
	CHECK_TRUE(fence_has(rig, kept, kept_bits, MODEL_ALLOW));
	CHECK_FALSE(keeper_wait(rig->keeper, &rig->store.link, &rig->fence.link));
	rig_free(rig);
}

/* 10.1.0.0/20 is 16 networks of 24 bits, 2001:db8::/44 as many of 48, and each of them may be allowed, too. */
static void test_what_is_inside_a_network_of_odd_length_takes_nothing_along(void **state)
{
	const struct tg_addr wide4 = tg_addr_ipv4((const uint8_t[4]){ 10, 1, 0, 0 }, 0);
	const struct tg_addr narrow4 = tg_addr_ipv4((const uint8_t[4]){ 10, 1, 2, 0 }, 0);
	const struct tg_addr wide6 = { .family = TG_IPV6, .ip = { 0x20, 0x01, 0x0d, 0xb8 } };
	const struct tg_addr narrow6 = { .family = TG_IPV6, .ip = { 0x20, 0x01, 0x0d, 0xb8, 0, 2 } };
	(void)state;

	check_nothing_goes_along(wide4, 20, narrow4, 24);
	check_nothing_goes_along(narrow4, 24, wide4, 20);
	check_nothing_goes_along(wide6, 44, narrow6, 48);
	check_nothing_goes_along(narrow6, 48, wide6, 44);
	/* An allowance of 36 bits is the whole network of 32 there. */
	check_nothing_goes_along(wide6, 36, wide6, 32);
}

/* What ends elsewhere costs no round. */
static void test_an_end_among_even_lengths_costs_no_round(void **state)
{
	struct rig *rig = rig_new();
	(void)state;

	connect_fence(rig);
	allow(rig, tg_addr_prefix(host(0), 16), 16);
	allow(rig, host(0), 24);
	turns(rig, 3);
	rig->fence_heard = 0;
	CHECK_TRUE(guard_unban(rig->guard, host(0), 24, rig->now.now_us));
	turns(rig, 3);
	CHECK_UINT(rig->fence_heard, 2); /* neither banned nor allowed */
	rig_free(rig);
}

/* It reads record by record. @return how often it had one of the bans of networks, and not all allowances */
static uint32_t dropped_customers(struct rig *rig, uint32_t allowances)
{
	const struct ipc_ban *ban;
	uint32_t dropped = 0;

	rig->now.now_us += 100000;
	rig->now.wall_us += 100000;
	act(rig);
	while ((ban = far_next(&rig->fence)) != NULL) {
		uint32_t allowed = 0;

		take(&rig->fence_has, ban, rig->now.wall_us / 1000);
		for (uint32_t i = 0; i < rig->fence_has.count; i++) {
			allowed += rig->fence_has.bans[i].kind == MODEL_ALLOW;
		}
		dropped += allowed < allowances &&
		           (fence_has(rig, host(0), 16, MODEL_BAN) || fence_has(rig, host(0), 17, MODEL_BAN));
	}
	far_flush(&rig->fence);
	return dropped;
}

/* A network is banned, and many in it are allowed: there is no moment in which the filter has the one without the others. */
static void test_who_is_allowed_is_told_first(void **state)
{
	enum { ALLOWED = 300, OTHERS = 400 };
	struct rig *rig = rig_new();
	(void)state;

	ban_network(rig, host(0), 16);
	own_bans(rig, 1000, 1000 + OTHERS);
	for (uint32_t i = 0; i < ALLOWED; i++) {
		allow(rig, host(i), 32);
	}
	turns(rig, 20); /* the door has heard of them */
	for (uint32_t round = 0; round < 3; round++) {
		connect_fence(rig);
		for (int i = 0; i < 30; i++) {
			CHECK_UINT(dropped_customers(rig, ALLOWED), 0);
			if (i == 2 && round == 1) { /* among the allowances */
				ban_network(rig, host(0), 17);
			}
			if (i == 2 && round == 2) { /* one that was told already */
				CHECK_TRUE(guard_unban(rig->guard, host(0), 32, rig->now.now_us));
				allow(rig, host(0), 32);
			}
		}
		CHECK_UINT(rig->fence_has.count, 1 + OTHERS + ALLOWED + (round >= 1 ? 1 : 0));
		CHECK_FALSE(rig->fence_has.is_begun);
		CHECK_FALSE(keeper_wait(rig->keeper, &rig->store.link, &rig->fence.link));
	}
	rig_free(rig);
}

/* The operator lets bans go to the filter again. */
static void test_who_is_allowed_is_told_first_to_a_filter_that_comes_back(void **state)
{
	enum { ALLOWED = 300 };
	struct rig *rig = rig_new();
	(void)state;

	connect_fence(rig);
	ban_network(rig, host(0), 16);
	for (uint32_t i = 0; i < ALLOWED; i++) {
		allow(rig, host(i), 32);
	}
	turns(rig, 30);
	keeper_set_kernel(rig->keeper, false);
	turns(rig, 30);
	CHECK_UINT(rig->fence_has.count, 0);
	keeper_set_kernel(rig->keeper, true);
	for (int i = 0; i < 30; i++) {
		CHECK_UINT(dropped_customers(rig, ALLOWED), 0);
	}
	CHECK_UINT(rig->fence_has.count, 1 + ALLOWED);
	rig_free(rig);
}

static void test_whoever_comes_anew_gets_all(void **state)
{
	struct rig *rig = rig_new();
	(void)state;

	connect_store(rig);
	for (uint32_t i = 0; i < 200; i++) {
		ban(rig, i, false);
	}
	turns(rig, 20);
	CHECK_UINT(rig->store_has.count, 200);
	connect_fence(rig);
	turns(rig, 20);
	CHECK_UINT(rig->fence_has.count, 200);
	for (int i = 0; i < 3; i++) { /* and again */
		connect_fence(rig);
		turns(rig, 20);
		CHECK_UINT(rig->fence_has.count, 200);
	}
	link_close(&rig->fence.link);
	CHECK_TRUE(guard_unban(rig->guard, host(7), 32, rig->now.now_us));
	turns(rig, 3);
	connect_fence(rig);
	turns(rig, 20);
	CHECK_UINT(rig->fence_has.count, 199);
	rig->store_heard = 0;
	connect_store(rig);
	turns(rig, 20);
	CHECK_TRUE(rig->store_heard >= 199);
	rig_free(rig);
}

/* The store was away when a ban was taken back: it must not come back from there some day. */
static void test_an_end_waits_for_the_store(void **state)
{
	struct rig *rig = rig_new();
	(void)state;

	connect_store(rig);
	ban(rig, 1, false);
	ban(rig, 2, false);
	turns(rig, 3);
	CHECK_UINT(rig->store_has.count, 2);
	link_close(&rig->store.link);
	CHECK_TRUE(guard_unban(rig->guard, host(1), 32, rig->now.now_us));
	turns(rig, 3);
	CHECK_UINT(rig->store_has.count, 2);
	connect_store(rig);
	turns(rig, 3);
	CHECK_UINT(rig->store_has.count, 1);
	CHECK_TRUE(tg_addr_same_host(rig->store_has.bans[0].base, host(2)));
	/* Taken back and banned again while it was away. */
	link_close(&rig->store.link);
	CHECK_TRUE(guard_unban(rig->guard, host(2), 32, rig->now.now_us));
	turns(rig, 2);
	ban(rig, 2, false);
	turns(rig, 2);
	connect_store(rig);
	turns(rig, 3);
	CHECK_UINT(rig->store_has.count, 1);
	rig_free(rig);
}

/* All at once, while store and fence are busy for hundreds of turns, which are short. */
static void test_no_end_is_lost_to_a_slow_reader(void **state)
{
	enum { MANY = 5000, SLOW = 500 };
	struct rig *rig = rig_new();
	(void)state;

	connect_store(rig);
	connect_fence(rig);
	own_bans(rig, 0, MANY);
	turns(rig, 200);
	CHECK_UINT(rig->store_has.count, MANY);
	CHECK_UINT(rig->fence_has.count, MANY);
	guard_set_mode(rig->guard, GUARD_OBSERVE, rig->now.now_us);
	for (int i = 0; i < SLOW; i++) {
		rig->now.now_us += 50;
		act(rig);
	}
	turns(rig, 400);
	CHECK_UINT(rig->store_has.count, 0);
	CHECK_UINT(rig->fence_has.count, 0);
	CHECK_FALSE(keeper_wait(rig->keeper, &rig->store.link, &rig->fence.link));
	rig_free(rig);
}

/* Whether it is dead, or alive and stuck: the door and the packet filter hear of each change, and the store is right again after. */
static void check_store_holds_nothing_up(bool is_dead)
{
	enum { MANY = 3000, NEW = 100 };
	struct rig *rig = rig_new();

	connect_store(rig);
	connect_fence(rig);
	own_bans(rig, 0, MANY + 1);
	turns(rig, 200);
	CHECK_UINT(rig->store_has.count, MANY + 1);
	if (is_dead) {
		link_close(&rig->store.link);
	}
	unban(rig, 0, MANY);
	own_bans(rig, MANY + 1, MANY + 1 + NEW);
	rig->changes = 0;
	for (int i = 0; i < 200; i++) {
		rig->now.now_us += 1000;
		act(rig);
		const struct ipc_ban *ban;

		while ((ban = far_next(&rig->fence)) != NULL) {
			take(&rig->fence_has, ban, rig->now.wall_us / 1000);
		}
		far_flush(&rig->fence);
	}
	CHECK_UINT(rig->changes, MANY + NEW);
	CHECK_UINT(rig->fence_has.count, 1 + NEW);
	CHECK_UINT(rig->store_has.count, MANY + 1); /* as it was */
	CHECK_FALSE(keeper_wait(rig->keeper, &rig->store.link, &rig->fence.link));
	const uint32_t before = rig->store_has.begun;

	if (is_dead) {
		connect_store(rig);
	}
	turns(rig, 400);
	CHECK_UINT(rig->store_has.count, 1 + NEW);
	CHECK_UINT(rig->store_has.begun, before + 1);
	CHECK_FALSE(rig->store_has.is_begun);
	CHECK_FALSE(keeper_wait(rig->keeper, &rig->store.link, &rig->fence.link));
	rig_free(rig);
}

static void test_a_store_that_is_away_holds_nothing_up(void **state)
{
	(void)state;
	check_store_holds_nothing_up(true);
}

static void test_a_store_that_is_stuck_holds_nothing_up(void **state)
{
	(void)state;
	check_store_holds_nothing_up(false);
}

/* The same the other way round: the store hears, and so does the door. */
static void test_a_fence_that_is_stuck_holds_nothing_up(void **state)
{
	enum { MANY = 3000 };
	struct rig *rig = rig_new();
	(void)state;

	connect_store(rig);
	connect_fence(rig);
	own_bans(rig, 0, MANY + 1);
	turns(rig, 200);
	CHECK_UINT(rig->fence_has.count, MANY + 1);
	const uint32_t before = rig->fence_has.begun;

	unban(rig, 0, MANY);
	rig->changes = 0;
	for (int i = 0; i < 200; i++) {
		rig->now.now_us += 1000;
		act(rig);
	}
	CHECK_UINT(rig->changes, MANY);
	turns(rig, 400);
	CHECK_UINT(rig->fence_has.count, 1);
	CHECK_UINT(rig->fence_has.begun, before + 1);
	CHECK_UINT(rig->store_has.count, 1);
	rig_free(rig);
}

/* What ended while the store was away is over there, and is no first time. */
static void test_steps_outlive_a_store(void **state)
{
	struct rig *rig = rig_new();
	(void)state;

	connect_store(rig);
	own_bans(rig, 0, 3);
	turns(rig, 3);
	CHECK_UINT(rig->store_has.count, 3);
	link_close(&rig->store.link);
	guard_set_mode(rig->guard, GUARD_OBSERVE, rig->now.now_us); /* all end, and are remembered */
	turns(rig, 3);
	connect_store(rig);
	turns(rig, 3);
	CHECK_UINT(rig->store_has.count, 0);
	CHECK_UINT(rig->store_has.steps, 3);
	CHECK_FALSE(rig->store_has.is_begun);
	rig_free(rig);
}

/* A new engine forgets nothing that the store has not told yet, and does not spin until then. */
static void test_nobody_begins_anew_before_the_store_has_told_all(void **state)
{
	struct rig *rig = rig_of_the_first_second();
	(void)state;

	connect_store(rig);
	ban(rig, 1, false);
	turns(rig, 5);
	CHECK_UINT(rig->store_has.count, 1);
	CHECK_UINT(rig->store_has.begun, 0);
	CHECK_FALSE(keeper_wait(rig->keeper, &rig->store.link, &rig->fence.link));
	keeper_restored(rig->keeper);
	CHECK_TRUE(keeper_wait(rig->keeper, &rig->store.link, &rig->fence.link));
	turns(rig, 3);
	CHECK_UINT(rig->store_has.begun, 1);
	CHECK_FALSE(rig->store_has.is_begun);
	CHECK_UINT(rig->store_has.count, 1);
	rig_free(rig);
}

/* Half of it told, and then more bans that do not fit: it goes on from where it was. */
static void test_a_round_goes_on_where_it_was(void **state)
{
	enum { MANY = 4000 };
	struct rig *rig = rig_new();
	(void)state;

	connect_store(rig);
	for (uint32_t i = 0; i < MANY; i++) {
		ban(rig, i, false);
	}
	turns(rig, 100);
	CHECK_UINT(rig->store_has.count, MANY);
	connect_fence(rig);
	for (uint32_t i = 0; i < 200; i++) {
		rig->now.now_us += 1000;
		ban(rig, MANY + i, false); /* each of them while it does not read */
		for (int j = 0; j < 12; j++) {
			act(rig);
		}
		if (i % 2 == 0) {
			hear(rig);
		}
	}
	CHECK_TRUE(rig->fence_has.count >= MANY);
	turns(rig, 200);
	CHECK_UINT(rig->fence_has.count, MANY + 200);
	CHECK_UINT(rig->store_has.count, MANY + 200);
	rig_free(rig);
}

static void test_the_operator_may_keep_the_filter_out(void **state)
{
	struct rig *rig = rig_new();
	(void)state;

	connect_fence(rig);
	ban(rig, 1, false);
	turns(rig, 3);
	CHECK_UINT(rig->fence_has.count, 1);
	keeper_set_kernel(rig->keeper, false);
	turns(rig, 3);
	CHECK_UINT(rig->fence_has.count, 0);
	keeper_set_kernel(rig->keeper, true);
	turns(rig, 3);
	CHECK_UINT(rig->fence_has.count, 1);
	rig_free(rig);
}

static void test_what_is_restored_reaches_the_fence_and_nothing_comes_late(void **state)
{
	struct rig *rig = rig_of_the_first_second();
	struct model_ban kept = { .id = { 11, 12 }, .base = host(7), .bits = 32, .reason = MODEL_WHY_TRIES };
	struct guard_ban row;
	uint32_t cursor = 0;
	(void)state;

	connect_store(rig);
	connect_fence(rig);
	kept.in_kernel = 1;
	kept.until_ms = rig->now.wall_us / 1000 + 600000;
	CHECK_TRUE(keeper_restore_ban(rig->keeper, &kept, rig->now));
	keeper_restored(rig->keeper);
	kept.base = host(8);
	CHECK_FALSE(keeper_restore_ban(rig->keeper, &kept, rig->now));
	turns(rig, 3);
	CHECK_UINT(rig->fence_has.count, 1);
	CHECK_UINT(rig->fence_has.bans[0].id.time, 11);
	CHECK_TRUE(guard_ban_row(rig->guard, &cursor, rig->now.now_us, &row));
	CHECK_TRUE(tg_addr_same_host(row.base, host(7)));
	CHECK_FALSE(guard_ban_row(rig->guard, &cursor, rig->now.now_us, &row));
	rig_free(rig);
}

static void test_a_new_store_gets_the_last_accounts_again(void **state)
{
	struct rig *rig = rig_new();
	struct guard_try try = { .account = TG_SPAN_LIT("alice"), .from = host(1), .proven = true, .exists = true };
	(void)state;

	connect_store(rig);
	guard_on_success(rig->guard, &try, rig->now.now_us);
	turns(rig, 200);
	CHECK_TRUE(rig->accounts_heard >= 1);
	rig->accounts_heard = 0;
	connect_store(rig);
	turns(rig, 3);
	CHECK_UINT(rig->accounts_heard, 1);
	/* Away when something changes: it hears of it when it is back. */
	link_close(&rig->store.link);
	try.from = host(70000);
	guard_on_success(rig->guard, &try, rig->now.now_us);
	turns(rig, 200);
	rig->accounts_heard = 0;
	connect_store(rig);
	turns(rig, 200);
	CHECK_TRUE(rig->accounts_heard >= 2);
	CHECK_TEXT(rig->keeper->accounts[0].name, "alice");
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bans_reach_store_and_fence),
		cmocka_unit_test(test_the_fence_hears_that_a_ban_became_an_allowance),
		cmocka_unit_test(test_a_network_of_odd_length_takes_nothing_along),
		cmocka_unit_test(test_what_is_inside_a_network_of_odd_length_takes_nothing_along),
		cmocka_unit_test(test_an_end_among_even_lengths_costs_no_round),
		cmocka_unit_test(test_who_is_allowed_is_told_first),
		cmocka_unit_test(test_who_is_allowed_is_told_first_to_a_filter_that_comes_back),
		cmocka_unit_test(test_whoever_comes_anew_gets_all),
		cmocka_unit_test(test_an_end_waits_for_the_store),
		cmocka_unit_test(test_no_end_is_lost_to_a_slow_reader),
		cmocka_unit_test(test_a_round_goes_on_where_it_was),
		cmocka_unit_test(test_the_operator_may_keep_the_filter_out),
		cmocka_unit_test(test_what_is_restored_reaches_the_fence_and_nothing_comes_late),
		cmocka_unit_test(test_a_new_store_gets_the_last_accounts_again),
		cmocka_unit_test(test_a_store_that_is_away_holds_nothing_up),
		cmocka_unit_test(test_a_store_that_is_stuck_holds_nothing_up),
		cmocka_unit_test(test_a_fence_that_is_stuck_holds_nothing_up),
		cmocka_unit_test(test_steps_outlive_a_store),
		cmocka_unit_test(test_nobody_begins_anew_before_the_store_has_told_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
