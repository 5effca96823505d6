/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/ask.h"
#include "engine/bindings.h"

#include <stdlib.h>

/* Questions and bindings over a real channel; the test is vault and store. */
enum { COUNT = 8 };

struct rig {
	struct sys_loop *loop;
	struct link link;
	struct sys_channel *far;
	uint32_t ended;
};

static void on_record(void *owner, const void *record, int fd)
{
	(void)owner;
	(void)record;
	(void)fd;
}

static void on_end(void *owner, struct link *link, const char *why)
{
	struct rig *rig = owner;

	(void)link;
	(void)why;
	rig->ended++;
}

static void connect_far(struct rig *rig)
{
	int fds[2];

	sys_channel_free(rig->far);
	CHECK_TRUE(sys_channel_pair(fds));
	rig->far = sys_channel_new(fds[0], 16);
	CHECK_TRUE(link_open(&rig->link, fds[1], 1));
}

static void rig_init(struct rig *rig, enum ipc_proc peer)
{
	*rig = (struct rig){ .loop = sys_loop_new() };
	rig->link = (struct link){ .peer = peer, .loop = rig->loop, .on = on_record, .on_end = on_end, .owner = rig };
}

static void rig_free(struct rig *rig)
{
	link_close(&rig->link);
	sys_channel_free(rig->far);
	sys_loop_free(rig->loop);
}

/* How many records the far end has got since. */
static uint32_t arrived(struct rig *rig)
{
	_Alignas(16) uint8_t record[IPC_MSG_MAX_BYTES];
	size_t size_bytes;
	uint32_t count = 0;
	int fd;

	while (sys_channel_receive(rig->far, record, sizeof(record), &size_bytes, &fd) == SYS_CHANNEL_OK) {
		count++;
	}
	return count;
}

static bool put(struct rig *rig, struct asks *asks, uint64_t cookie, uint64_t now_us)
{
	const struct ipc_challenge_ask record = { .head.kind = IPC_CHALLENGE_ASK, .cookie = cookie };

	return asks_put(asks, &rig->link, cookie, &record, sizeof(record), now_us);
}

static void test_a_question_is_asked_until_it_is_answered(void **state)
{
	struct asks *asks = asks_init(calloc(1, asks_size(COUNT)), COUNT);
	struct rig rig;

	(void)state;
	rig_init(&rig, PROC_VAULT);
	CHECK_TRUE(put(&rig, asks, 7, 0)); /* nobody there yet */
	CHECK_TRUE(asks_wait(asks));
	connect_far(&rig);
	asks_turn(asks, &rig.link, 1000);
	CHECK_UINT(arrived(&rig), 1);
	CHECK_FALSE(asks_wait(asks));
	asks_turn(asks, &rig.link, 2000);
	CHECK_UINT(arrived(&rig), 0);

	connect_far(&rig); /* another vault */
	asks_repeat(asks);
	asks_turn(asks, &rig.link, 3000);
	CHECK_UINT(arrived(&rig), 1);
	CHECK_FALSE(asks_take(asks, 8, IPC_CHALLENGE_ASK));
	CHECK_FALSE(asks_take(asks, 7, IPC_VERIFY_ASK));
	CHECK_TRUE(asks_take(asks, 7, IPC_CHALLENGE_ASK));
	CHECK_FALSE(asks_take(asks, 7, IPC_CHALLENGE_ASK));
	asks_repeat(asks);
	asks_turn(asks, &rig.link, 4000);
	CHECK_UINT(arrived(&rig), 0);
	rig_free(&rig);
	free(asks);
}

static void test_old_questions_make_room(void **state)
{
	struct asks *asks = asks_init(calloc(1, asks_size(COUNT)), COUNT);
	struct rig rig;

	(void)state;
	rig_init(&rig, PROC_VAULT);
	connect_far(&rig);
	for (uint64_t cookie = 1; cookie <= COUNT; cookie++) {
		CHECK_TRUE(put(&rig, asks, cookie, 1000));
	}
	CHECK_FALSE(put(&rig, asks, 99, 1000));
	CHECK_TRUE(put(&rig, asks, 3, 1000)); /* again: takes its own place */
	asks_turn(asks, &rig.link, 62 * UINT64_C(1000000));
	CHECK_TRUE(put(&rig, asks, 99, 62 * UINT64_C(1000000)));
	CHECK_FALSE(asks_take(asks, 3, IPC_CHALLENGE_ASK));
	CHECK_TRUE(asks_take(asks, 99, IPC_CHALLENGE_ASK));
	rig_free(&rig);
	free(asks);
}

static struct model_binding binding_of(const char *name, uint64_t expires_ms)
{
	struct model_binding binding = { .expires_ms = expires_ms };

	(void)tg_span_copy(binding.name, sizeof(binding.name), tg_span_text(name));
	return binding;
}

static void test_a_new_store_gets_the_last_binding_of_each(void **state)
{
	static const uint8_t key[16] = { 5 };
	struct bindings *bindings = bindings_init(calloc(1, bindings_size(2)), 2, key);
	const struct model_binding first = binding_of("alice", 1), second = binding_of("alice", 2),
				   bob = binding_of("bob", 1), carol = binding_of("carol", 1);
	struct rig rig;

	(void)state;
	rig_init(&rig, PROC_STORE);
	CHECK_UINT(bindings_put(bindings, &first, 1), BINDINGS_NOW);
	CHECK_UINT(bindings_put(bindings, &second, 1), BINDINGS_NOW);
	CHECK_UINT(bindings_put(bindings, &bob, 1), BINDINGS_NOW);
	CHECK_UINT(bindings_put(bindings, &carol, 1), BINDINGS_FULL); /* no room for a third name */
	connect_far(&rig);
	bindings_turn(bindings, &rig.link, 1);
	CHECK_UINT(arrived(&rig), 2);
	CHECK_FALSE(bindings_wait(bindings));
	connect_far(&rig);
	bindings_repeat(bindings);
	CHECK_TRUE(bindings_wait(bindings));
	bindings_turn(bindings, &rig.link, 1);
	CHECK_UINT(arrived(&rig), 2);
	rig_free(&rig);
	free(bindings);
}

/* The next record that the far end gets. */
static const void *next(struct rig *rig)
{
	static _Alignas(16) uint8_t record[IPC_MSG_MAX_BYTES];
	size_t size_bytes;
	int fd;

	CHECK_INT(sys_channel_receive(rig->far, record, sizeof(record), &size_bytes, &fd), SYS_CHANNEL_OK);
	return record;
}

static void check_next_asks(struct rig *rig, const uint64_t *cookies, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CHECK_UINT(((const struct ipc_challenge_ask *)next(rig))->cookie, cookies[i]);
	}
	CHECK_UINT(arrived(rig), 0);
}

/* Whichever place in the table it has: a place that is free again is taken first. */
static void test_questions_wait_in_a_line(void **state)
{
	struct asks *asks = asks_init(calloc(1, asks_size(COUNT)), COUNT);
	struct rig rig;

	(void)state;
	rig_init(&rig, PROC_VAULT);
	for (uint64_t cookie = 1; cookie <= 4; cookie++) {
		CHECK_TRUE(put(&rig, asks, cookie, cookie));
	}
	CHECK_TRUE(asks_take(asks, 1, IPC_CHALLENGE_ASK)); /* the first, */
	CHECK_TRUE(asks_take(asks, 3, IPC_CHALLENGE_ASK)); /* one between, */
	CHECK_TRUE(put(&rig, asks, 5, 5));
	CHECK_TRUE(put(&rig, asks, 6, 6));
	CHECK_TRUE(asks_take(asks, 6, IPC_CHALLENGE_ASK)); /* and the last */
	CHECK_TRUE(put(&rig, asks, 7, 7));
	CHECK_TRUE(put(&rig, asks, 2, 8)); /* asked again: he has a new question */
	connect_far(&rig);
	CHECK_TRUE(put(&rig, asks, 8, 9)); /* the channel is there, but the others come first */
	CHECK_UINT(arrived(&rig), 0);
	asks_turn(asks, &rig.link, 10);
	check_next_asks(&rig, (const uint64_t[]){ 4, 5, 7, 2, 8 }, 5);
	CHECK_TRUE(asks_take(asks, 7, IPC_CHALLENGE_ASK));
	CHECK_TRUE(put(&rig, asks, 9, 11));
	connect_far(&rig);
	asks_repeat(asks);
	asks_turn(asks, &rig.link, 12);
	check_next_asks(&rig, (const uint64_t[]){ 4, 5, 2, 8, 9 }, 5);

	/* Those of the first 8 us are forgotten, sent or not. */
	asks_repeat(asks);
	asks_turn(asks, &rig.link, 8 + 60 * TG_US_PER_S);
	check_next_asks(&rig, (const uint64_t[]){ 2, 8, 9 }, 3);
	rig_free(&rig);
	free(asks);
}

static void test_bindings_wait_in_a_line(void **state)
{
	static const uint8_t key[16] = { 5 };
	static const char *const names[] = { "alice", "bob", "carol" }, *const again[] = { "carol", "alice" };
	struct bindings *bindings = bindings_init(calloc(1, bindings_size(3)), 3, key);
	struct rig rig;

	(void)state;
	rig_init(&rig, PROC_STORE);
	connect_far(&rig);
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		CHECK_UINT(bindings_put(bindings, &(struct model_binding[]){ binding_of(names[i], 1) }[0], 1),
		           BINDINGS_NOW);
	}
	bindings_turn(bindings, &rig.link, 1);
	CHECK_UINT(arrived(&rig), 3);
	for (size_t i = 0; i < TG_COUNT(again); i++) {
		CHECK_UINT(bindings_put(bindings, &(struct model_binding[]){ binding_of(again[i], 2) }[0], 1),
		           BINDINGS_NOW);
	}
	CHECK_UINT(bindings_put(bindings, &(struct model_binding[]){ binding_of("carol", 3) }[0], 1), BINDINGS_NOW);
	bindings_turn(bindings, &rig.link, 1);
	const struct ipc_binding *first = next(&rig);

	CHECK_TEXT(first->binding.name, "carol");
	CHECK_UINT(first->binding.expires_ms, 3);
	CHECK_TEXT(((const struct ipc_binding *)next(&rig))->binding.name, "alice");
	CHECK_UINT(arrived(&rig), 0);
	rig_free(&rig);
	free(bindings);
}

static void test_the_end_of_a_channel_is_told_once(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, PROC_VAULT);
	connect_far(&rig);
	sys_channel_free(rig.far);
	rig.far = NULL;
	CHECK_TRUE(sys_loop_turn(rig.loop, 0) >= 0);
	CHECK_TRUE(sys_loop_turn(rig.loop, 0) >= 0);
	CHECK_UINT(rig.ended, 1);
	CHECK_FALSE(link_send(&rig.link, "12345678", 8));
	rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_question_is_asked_until_it_is_answered),
		cmocka_unit_test(test_old_questions_make_room),
		cmocka_unit_test(test_a_new_store_gets_the_last_binding_of_each),
		cmocka_unit_test(test_questions_wait_in_a_line),
		cmocka_unit_test(test_bindings_wait_in_a_line),
		cmocka_unit_test(test_the_end_of_a_channel_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
