/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/bindings.h"

#include <stdio.h>
#include <stdlib.h>

#include "far.h"

enum { NAMES = 16 };

struct rig {
	struct bindings *bindings;
	struct far store;
	uint64_t now_us;
	uint32_t heard;
	struct model_binding last;
};

static struct rig rig_new(void)
{
	static const uint8_t key[16] = { 5 };
	struct rig rig = { .now_us = 100 * TG_US_PER_S };

	rig.bindings = bindings_init(calloc(1, bindings_size(NAMES)), NAMES, key);
	far_init(&rig.store, PROC_STORE);
	far_connect(&rig.store);
	return rig;
}

static void rig_free(struct rig *rig)
{
	far_free(&rig->store);
	free(rig->bindings);
}

static void turn(struct rig *rig)
{
	const struct ipc_binding *message;

	bindings_turn(rig->bindings, &rig->store.link, rig->now_us);
	while ((message = far_next(&rig->store)) != NULL) {
		rig->heard++;
		rig->last = message->binding;
	}
	far_flush(&rig->store);
}

static enum bindings_put put(struct rig *rig, const char *name, uint16_t port)
{
	const uint8_t ip[4] = { 192, 0, 2, 7 };
	struct model_binding binding = { .addr = tg_addr_ipv4(ip, port),
		                         .expires_ms = rig->now_us / 1000 + 60000,
		                         .refresh_s = 60 };

	snprintf(binding.name, sizeof(binding.name), "%s", name);
	return bindings_put(rig->bindings, &binding, rig->now_us);
}

/* Two ports in turn, fifty times a second: the store and the log see little of it, and at last what is true. */
static void test_whoever_moves_too_often_is_told_now_and_then(void **state)
{
	enum { SECONDS = 100 };
	struct rig rig = rig_new();
	uint32_t now = 0;
	uint16_t port = 0;
	(void)state;

	for (int i = 0; i < SECONDS * 50; i++) {
		now += put(&rig, "mallory", ++port) == BINDINGS_NOW;
		turn(&rig);
		rig.now_us += TG_US_PER_S / 50;
	}
	CHECK_TRUE(now <= 5 + SECONDS / 10);
	CHECK_TRUE(rig.heard >= 5 && rig.heard <= 5 + SECONDS / 10 + 1);
	rig.now_us = tg_max_u64(rig.now_us, bindings_deadline_us(rig.bindings));
	turn(&rig);
	CHECK_UINT(rig.last.addr.port, port);
	CHECK_UINT(bindings_deadline_us(rig.bindings), TG_NEVER);
	rig_free(&rig);
}

/* Another's flood is none of bob's business; and a refresh as often as one may ask for it is told each time. */
static void test_an_honest_refresh_is_told_at_once(void **state)
{
	struct rig rig = rig_new();
	(void)state;

	for (uint32_t i = 1; i <= 100; i++) {
		(void)put(&rig, "mallory", (uint16_t)i);
		turn(&rig);
		rig.heard = 0;
		CHECK_UINT(put(&rig, "bob", 4569), BINDINGS_NOW);
		turn(&rig);
		CHECK_TEXT(rig.last.name, "bob");
		rig.now_us += 10 * TG_US_PER_S;
	}
	rig_free(&rig);
}

static void test_a_new_store_gets_all(void **state)
{
	struct rig rig = rig_new();
	struct model_binding restored = { .name = "carol", .expires_ms = 1, .refresh_s = 60 };
	(void)state;

	CHECK_UINT(put(&rig, "alice", 1), BINDINGS_NOW);
	CHECK_UINT(put(&rig, "bob", 2), BINDINGS_NOW);
	CHECK_TRUE(bindings_restore(rig.bindings, &restored));
	turn(&rig);
	CHECK_UINT(rig.heard, 2); /* what it said itself, it is not told again */
	CHECK_TRUE(bindings_last(rig.bindings, "carol") != NULL);
	rig.heard = 0;
	far_connect(&rig.store);
	bindings_repeat(rig.bindings);
	turn(&rig);
	CHECK_UINT(rig.heard, 3);
	rig_free(&rig);
}

static void test_a_full_table_takes_no_other_name(void **state)
{
	struct rig rig = rig_new();
	char name[16];
	(void)state;

	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		CHECK_UINT(put(&rig, name, 1), BINDINGS_NOW);
	}
	CHECK_UINT(put(&rig, "one more", 1), BINDINGS_FULL);
	CHECK_UINT(put(&rig, "n3", 2), BINDINGS_NOW);
	turn(&rig);
	CHECK_UINT(rig.heard, NAMES);
	CHECK_UINT(bindings_last(rig.bindings, "n3")->addr.port, 2);
	rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whoever_moves_too_often_is_told_now_and_then),
		cmocka_unit_test(test_an_honest_refresh_is_told_at_once),
		cmocka_unit_test(test_a_new_store_gets_all),
		cmocka_unit_test(test_a_full_table_takes_no_other_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
