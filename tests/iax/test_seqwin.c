/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/seqwin.h"

#include "check.h"

#include <stdlib.h>

struct rig {
	struct iax_seqwin win;
	struct iax_framepool *pool;
	struct crypt_random random;
};

static void rig_init(struct rig *rig, uint32_t frames)
{
	const uint8_t seed[CRYPT_SEED_BYTES] = { 7 };

	*rig = (struct rig){ .pool = iax_framepool_init(calloc(1, iax_framepool_size(frames)), frames) };
	crypt_random_init(&rig->random, seed);
}

static void rig_free(struct rig *rig)
{
	iax_seqwin_clear(&rig->win, rig->pool);
	CHECK_UINT(iax_framepool_used(rig->pool), 0);
	free(rig->pool);
}

static struct iax_held *push_at(struct rig *rig, size_t len, uint64_t first_us, uint32_t rtt_us)
{
	static const uint8_t bytes[IAX_DATAGRAM_SENT_MAX] = { 0x80 };

	return iax_seqwin_push(&rig->win, rig->pool, (struct tg_span){ bytes, len }, first_us, rtt_us);
}

/* Push and send at once. */
static void send_one(struct rig *rig, uint64_t now_us)
{
	struct iax_held *held;

	CHECK_TRUE(push_at(rig, 12, now_us, 0) != NULL);
	CHECK_UINT(iax_seqwin_next(&rig->win, rig->pool, &rig->random, now_us, &held), IAX_SEQWIN_SEND);
}

static void test_place_is_exact_at_each_distance(void **state)
{
	(void)state;
	for (unsigned iseqno = 0; iseqno < 256; iseqno++) {
		const struct iax_seqwin win = { .iseqno = (uint8_t)iseqno };

		for (unsigned k = 0; k < 256; k++) {
			const enum iax_seq_place want = k == 0 ? IAX_SEQ_NEXT : k >= 129 ? IAX_SEQ_SEEN : IAX_SEQ_GAP;

			CHECK_UINT(iax_seqwin_place(&win, (uint8_t)(iseqno + k)), want);
		}
	}
}

static void test_an_acknowledgement_counts_only_within_the_window(void **state)
{
	(void)state;
	for (unsigned start = 0; start < 256; start++) {
		for (unsigned back = 0; back < 256; back++) {
			struct rig rig;

			rig_init(&rig, 32);
			rig.win.oseqno = rig.win.rseqno = (uint8_t)start;
			for (unsigned i = 0; i < 5; i++) {
				send_one(&rig, 0);
			}
			const bool valid = back <= 5;

			CHECK_UINT(iax_seqwin_acked(&rig.win, rig.pool, (uint8_t)(start + back)), valid);
			CHECK_UINT(rig.win.count, valid ? 5 - back : 5);
			CHECK_UINT(rig.win.rseqno, (uint8_t)(start + (valid ? back : 0)));
			rig_free(&rig);
		}
	}
}

static void test_nobody_can_acknowledge_what_was_not_sent(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, 8);
	send_one(&rig, 0);
	CHECK_TRUE(push_at(&rig, 12, 1000000, 0) != NULL);
	CHECK_FALSE(iax_seqwin_acked(&rig.win, rig.pool, 2));
	CHECK_TRUE(iax_seqwin_acked(&rig.win, rig.pool, 1));
	CHECK_UINT(rig.win.count, 1);
	rig_free(&rig);
}

/* 2.6: 1 + 2 + 4 + 8 + 10 s, each spread by a tenth, five transmissions in all. */
static void test_the_schedule_doubles_and_gives_up(void **state)
{
	static const uint64_t waits_ms[] = { 0, 1000, 2000, 4000, 8000, 10000 };
	struct rig rig;
	uint64_t now_us = 0;

	(void)state;
	rig_init(&rig, 8);
	push_at(&rig, 12, 0, 0);
	for (size_t i = 0; i < TG_COUNT(waits_ms); i++) {
		const uint64_t due_us = iax_seqwin_due_us(&rig.win, rig.pool);
		struct iax_held *held = NULL;

		CHECK_TRUE(due_us - now_us >= waits_ms[i] * 900);
		CHECK_TRUE(due_us - now_us <= waits_ms[i] * 1100);
		if (due_us > 0) {
			CHECK_UINT(iax_seqwin_next(&rig.win, rig.pool, &rig.random, due_us - 1, &held),
			           IAX_SEQWIN_NOTHING);
		}
		rig.win.iseqno = (uint8_t)(40 + i);
		now_us = due_us;
		const enum iax_seqwin_due due = iax_seqwin_next(&rig.win, rig.pool, &rig.random, now_us, &held);

		CHECK_UINT(due, i < 5 ? IAX_SEQWIN_SEND : IAX_SEQWIN_GIVE_UP);
		if (due == IAX_SEQWIN_SEND) {
			CHECK_UINT(held->bytes[2] >> 7, i > 0);
			CHECK_UINT(held->bytes[9], 40 + i);
			CHECK_UINT(rig.win.aseqno, 40 + i);
		}
	}
	rig_free(&rig);
}

static void test_the_first_wait_follows_the_round_trip(void **state)
{
	static const struct {
		uint32_t rtt_us, wait_ms;
	} cases[] = { { 0, 1000 }, { 1000, 250 }, { 200000, 400 }, { 60000000, 10000 } };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct rig rig;
		struct iax_held *held;

		rig_init(&rig, 8);
		push_at(&rig, 12, 0, cases[i].rtt_us);
		CHECK_UINT(iax_seqwin_next(&rig.win, rig.pool, &rig.random, 0, &held), IAX_SEQWIN_SEND);
		CHECK_UINT(held->interval_ms, cases[i].wait_ms);
		rig_free(&rig);
	}
}

static void test_the_window_holds_thirty_two(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, 100);
	for (unsigned i = 0; i < IAX_SEQWIN_FRAMES; i++) {
		CHECK_UINT(iax_seqwin_has_room(&rig.win, 2), i < 30);
		send_one(&rig, 0);
	}
	CHECK_FALSE(iax_seqwin_has_room(&rig.win, 0));
	CHECK_TRUE(push_at(&rig, 12, 0, 0) == NULL);
	CHECK_TRUE(iax_seqwin_acked(&rig.win, rig.pool, 1));
	CHECK_TRUE(push_at(&rig, 12, 0, 0) != NULL);
	rig_free(&rig);
}

static void test_the_pool_is_bounded_and_keeps_long_frames(void **state)
{
	struct rig rig;
	unsigned held = 0;

	(void)state;
	rig_init(&rig, 4);
	CHECK_TRUE(push_at(&rig, IAX_DATAGRAM_SENT_MAX, 0, 0) != NULL);
	while (held < 30 && push_at(&rig, 12, 0, 0) != NULL) {
		held++;
	}
	CHECK_UINT(held, 4 + 15);
	CHECK_TRUE(push_at(&rig, IAX_DATAGRAM_SENT_MAX, 0, 0) == NULL);
	iax_seqwin_clear(&rig.win, rig.pool);
	CHECK_TRUE(push_at(&rig, IAX_DATAGRAM_SENT_MAX, 0, 0) != NULL);
	rig_free(&rig);
}

/* Frames of every length lie beside each other untouched. */
static void test_the_pool_keeps_every_octet(void **state)
{
	struct rig rig;
	iax_frame_no frames[40];
	uint8_t bytes[IAX_DATAGRAM_SENT_MAX];

	(void)state;
	rig_init(&rig, 300);
	for (size_t first = 12; first + 40 <= IAX_DATAGRAM_SENT_MAX; first += 37) {
		for (size_t i = 0; i < TG_COUNT(frames); i++) {
			memset(bytes, (int)(first + i) & 0xff, sizeof(bytes));
			frames[i] = iax_framepool_put(rig.pool, (struct tg_span){ bytes, first + i });
			CHECK_TRUE(frames[i] != 0 || first + i > 208);
		}
		for (size_t i = 0; i < TG_COUNT(frames); i++) {
			if (frames[i] == 0) {
				continue;
			}
			const struct iax_held *held = iax_framepool_at(rig.pool, frames[i]);

			memset(bytes, (int)(first + i) & 0xff, sizeof(bytes));
			CHECK_SPAN(((struct tg_span){ held->bytes, held->len }),
			           ((struct tg_span){ bytes, first + i }));
			CHECK_UINT(held->due_us + held->next + held->sent, 0);
			iax_framepool_give(rig.pool, frames[i]);
		}
	}
	rig_free(&rig);
}

static void test_a_resend_walks_from_the_number_on_across_the_wrap(void **state)
{
	struct rig rig;
	struct iax_held *held;
	unsigned got = 0;

	(void)state;
	rig_init(&rig, 32);
	rig.win.oseqno = rig.win.rseqno = 250;
	for (unsigned i = 0; i < 10; i++) {
		send_one(&rig, 0);
	}
	push_at(&rig, 12, 99, 0); /* planned, not sent: nobody misses it */
	const uint64_t due_us = iax_seqwin_due_us(&rig.win, rig.pool);
	struct iax_seqwin_walk walk = iax_seqwin_resend(&rig.win, 254);

	while (iax_seqwin_resend_next(&rig.win, rig.pool, &walk, &held)) {
		CHECK_UINT(held->oseqno, (uint8_t)(254 + got));
		CHECK_UINT(held->bytes[2] >> 7, 1);
		CHECK_UINT(held->sent, 1);
		got++;
	}
	CHECK_UINT(got, 6);
	CHECK_UINT(iax_seqwin_due_us(&rig.win, rig.pool), due_us);
	rig_free(&rig);
}

static void test_a_resend_is_bounded_in_octets(void **state)
{
	struct rig rig;
	struct iax_held *held;
	size_t octets = 0;

	(void)state;
	rig_init(&rig, 256);
	for (unsigned i = 0; i < 30; i++) {
		push_at(&rig, 1400, 0, 0);
		CHECK_UINT(iax_seqwin_next(&rig.win, rig.pool, &rig.random, 0, &held), IAX_SEQWIN_SEND);
	}
	struct iax_seqwin_walk walk = iax_seqwin_resend(&rig.win, 0);

	while (iax_seqwin_resend_next(&rig.win, rig.pool, &walk, &held)) {
		octets += held->len;
	}
	CHECK_UINT(octets, 11 * 1400);
	rig_free(&rig);
}

static void test_the_destination_is_written_into_what_waits(void **state)
{
	struct rig rig;
	struct iax_held *held;

	(void)state;
	rig_init(&rig, 8);
	send_one(&rig, 0);
	iax_seqwin_set_destination(&rig.win, rig.pool, 0x1234);
	held = iax_seqwin_first(&rig.win, rig.pool);
	CHECK_UINT(held->bytes[2], 0x12);
	CHECK_UINT(held->bytes[3], 0x34);
	iax_seqwin_next(&rig.win, rig.pool, &rig.random, 2000000, &held);
	iax_seqwin_set_destination(&rig.win, rig.pool, 0x1235);
	CHECK_UINT(held->bytes[2], 0x92);
	rig_free(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_is_exact_at_each_distance),
		cmocka_unit_test(test_an_acknowledgement_counts_only_within_the_window),
		cmocka_unit_test(test_nobody_can_acknowledge_what_was_not_sent),
		cmocka_unit_test(test_the_schedule_doubles_and_gives_up),
		cmocka_unit_test(test_the_first_wait_follows_the_round_trip),
		cmocka_unit_test(test_the_window_holds_thirty_two),
		cmocka_unit_test(test_the_pool_is_bounded_and_keeps_long_frames),
		cmocka_unit_test(test_the_pool_keeps_every_octet),
		cmocka_unit_test(test_a_resend_walks_from_the_number_on_across_the_wrap),
		cmocka_unit_test(test_a_resend_is_bounded_in_octets),
		cmocka_unit_test(test_the_destination_is_written_into_what_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
