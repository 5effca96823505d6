/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/outbox.h"

#include <stdlib.h>

enum { BYTES = 64 * 1024 };

static struct model_call_record record_of(uint64_t unique)
{
	return (struct model_call_record){ .unique = unique, .caller = "alice", .disposition = MODEL_ANSWERED };
}

static void test_a_record_stays_until_it_is_kept(void **state)
{
	void *mem = calloc(1, BYTES);
	struct outbox *outbox = outbox_adopt(mem, BYTES, 1000);
	const struct model_call_record first = record_of(1), second = record_of(2);
	const uint64_t a = outbox_put(outbox, &first, NULL), b = outbox_put(outbox, &second, NULL);
	struct ipc_call_record message;

	(void)state;
	CHECK_TRUE(a > 1000 && b > a);
	CHECK_TRUE(outbox_next(outbox, &message));
	CHECK_UINT(message.sequence, a);
	CHECK_UINT(message.record.unique, 1);
	CHECK_TEXT(message.record.caller, "alice");
	outbox_sent(outbox, a);
	CHECK_TRUE(outbox_next(outbox, &message));
	CHECK_UINT(message.sequence, b);
	outbox_sent(outbox, b);
	CHECK_FALSE(outbox_next(outbox, &message));
	CHECK_TRUE(outbox_kept(outbox, a));
	CHECK_FALSE(outbox_kept(outbox, a));
	outbox_repeat(outbox);
	CHECK_TRUE(outbox_next(outbox, &message));
	CHECK_UINT(message.sequence, b);
	CHECK_UINT(outbox_used(outbox), 1);
	free(mem);
}

static void test_the_next_engine_finds_what_was_not_kept(void **state)
{
	void *mem = calloc(1, BYTES);
	struct outbox *outbox = outbox_adopt(mem, BYTES, 1000);
	const struct model_call_record record = record_of(9);
	const uint64_t sequence = outbox_put(outbox, &record, NULL);
	struct ipc_call_record message;

	(void)state;
	outbox_sent(outbox, sequence);
	outbox = outbox_adopt(mem, BYTES, 5);
	CHECK_UINT(outbox_used(outbox), 1);
	CHECK_TRUE(outbox_next(outbox, &message));
	CHECK_UINT(message.record.unique, 9);
	CHECK_TRUE(outbox_put(outbox, &record, NULL) > sequence);
	free(mem);
}

static void test_a_full_outbox_refuses_and_recovers(void **state)
{
	void *mem = calloc(1, BYTES);
	struct outbox *outbox = outbox_adopt(mem, BYTES, 1000);
	const struct model_call_record record = record_of(1);
	uint64_t last = 0;

	(void)state;
	for (uint32_t i = 0; i < outbox_rows(BYTES); i++) {
		last = outbox_put(outbox, &record, NULL);
		CHECK_TRUE(last != 0);
	}
	CHECK_UINT(outbox_put(outbox, &record, NULL), 0);
	CHECK_TRUE(outbox_kept(outbox, last - 1));
	CHECK_TRUE(outbox_put(outbox, &record, NULL) > last);
	CHECK_UINT(outbox_put(outbox, &record, NULL), 0);
	CHECK_UINT(outbox_adopt(mem, 40, 1) == NULL, 1);
	free(mem);
}

/* In order, each once, however many come and go around one that is never kept. */
static void test_records_leave_in_order(void **state)
{
	void *mem = calloc(1, BYTES);
	struct outbox *outbox = outbox_adopt(mem, BYTES, 1000);
	struct model_call_record record = record_of(0);
	const uint64_t stuck = outbox_put(outbox, &record, NULL);
	struct ipc_call_record message;
	uint64_t last = stuck;

	(void)state;
	outbox_sent(outbox, stuck);
	for (uint64_t i = 1; i < 1000; i++) {
		record = record_of(i);
		CHECK_TRUE(outbox_put(outbox, &record, NULL) > last);
		CHECK_TRUE(outbox_next(outbox, &message));
		CHECK_UINT(message.record.unique, i);
		CHECK_TRUE(message.sequence > last);
		last = message.sequence;
		outbox_sent(outbox, last);
		CHECK_FALSE(outbox_next(outbox, &message));
		CHECK_TRUE(i % 10 == 0 || outbox_kept(outbox, last));
		if (i % 10 == 0) {
			outbox_repeat(outbox);
			CHECK_TRUE(outbox_next(outbox, &message));
			CHECK_UINT(message.sequence, stuck);
			outbox_sent(outbox, stuck);
			CHECK_TRUE(outbox_next(outbox, &message));
			CHECK_UINT(message.sequence, last);
			CHECK_TRUE(outbox_kept(outbox, last));
		}
	}
	CHECK_UINT(outbox_used(outbox), 1);
	free(mem);
}

/* Whatever a dying engine left: it is taken over without harm, and what leaves passes the check. */
static void test_any_bytes_can_be_adopted(void **state)
{
	const struct model_call_record record = record_of(1);
	uint8_t *mem = malloc(BYTES);
	struct ipc_call_record message;
	uint32_t random = 1;

	(void)state;
	for (uint32_t round = 0; round < 300; round++) {
		struct outbox *outbox;

		memset(mem, 0, BYTES);
		outbox = outbox_adopt(mem, BYTES, round);
		for (int i = 0; i < 20; i++) {
			(void)outbox_put(outbox, &record, NULL);
		}
		for (uint32_t i = 0; i < 400; i++) {
			random = random * 1664525 + 1013904223;
			mem[random % BYTES / (round % 2 ? 1 : 4)] = (uint8_t)(random >> 24);
		}
		outbox = outbox_adopt(mem, BYTES, round);
		while (outbox_next(outbox, &message)) {
			CHECK_TEXT(ipc_check(PROC_ENGINE, PROC_STORE, &message, sizeof(message)), NULL);
			CHECK_TRUE(outbox_kept(outbox, message.sequence));
		}
		CHECK_UINT(outbox_used(outbox), 0);
	}
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_record_stays_until_it_is_kept),
		cmocka_unit_test(test_the_next_engine_finds_what_was_not_kept),
		cmocka_unit_test(test_a_full_outbox_refuses_and_recovers),
		cmocka_unit_test(test_records_leave_in_order),
		cmocka_unit_test(test_any_bytes_can_be_adopted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
