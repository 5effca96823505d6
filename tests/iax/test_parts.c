/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"
#include "iax/fifo.h"
#include "iax/quality.h"
#include "iax/timeline.h"

#include "check.h"

#include <stdlib.h>

/* Small parts of a leg: the queue, the far end's timeline, how media arrive. */

static struct tg_span bytes_of(const void *p, size_t len)
{
	return (struct tg_span){ p, len };
}

/* Whatever is put in comes out, in order and whole, at any pattern of puts and takes. */
static void test_a_queue_gives_back_what_was_put(void **state)
{
	struct iax_fifo *q = iax_fifo_init(malloc(iax_fifo_size(512)), 512);
	uint32_t put = 0, taken = 0, random = 1;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		random = random * 1664525 + 1013904223;
		const size_t len = random >> 8 & 127;
		uint8_t body[128];

		memset(body, (int)(put & 0xff), sizeof(body));
		const bool fits = iax_fifo_room(q) >= iax_fifo_cost(sizeof(put) + len);

		if ((random >> 30) < 2) {
			const bool kept = iax_fifo_put(q, bytes_of(&put, sizeof(put)), bytes_of(body, len));

			CHECK_TRUE(kept || !fits);
			put += kept;
		} else {
			struct tg_span record;
			uint32_t number;

			CHECK_UINT(q->count, put - taken);
			if (!iax_fifo_take(q, &record)) {
				CHECK_UINT(put, taken);
				continue;
			}
			CHECK_TRUE(((uintptr_t)record.p & 7) == 0);
			memcpy(&number, record.p, sizeof(number));
			CHECK_UINT(number, taken);
			for (size_t k = sizeof(number); k < record.len; k++) {
				CHECK_UINT(record.p[k], taken & 0xff);
			}
			taken++;
		}
	}
	CHECK_TRUE(taken > 10000);
	free(q);
}

static void test_a_lent_record_stays_while_others_are_put(void **state)
{
	struct iax_fifo *q = iax_fifo_init(malloc(iax_fifo_size(64)), 64);
	struct tg_span record;

	(void)state;
	CHECK_TRUE(iax_fifo_put(q, TG_SPAN_LIT("first"), TG_SPAN_LIT("-record")));
	CHECK_TRUE(iax_fifo_take(q, &record));
	while (iax_fifo_put(q, TG_SPAN_LIT("xxxx"), TG_SPAN_LIT("yyyy"))) {
	}
	CHECK_SPAN(record, TG_SPAN_LIT("first-record"));
	free(q);
}

/* Every timestamp within half a span of the expected one is rebuilt exactly, on either side of any wrap. */
static void test_timestamps_are_rebuilt_around_every_wrap(void **state)
{
	static const uint32_t bases[] = { 0, 1000, 65530, 65536, 131000, 0x7fffffff, 0xfffffff0 };
	static const unsigned widths[] = { IAX_TS_VOICE_BITS, IAX_TS_VIDEO_BITS };

	(void)state;
	for (size_t b = 0; b < TG_COUNT(bases); b++) {
		for (size_t w = 0; w < TG_COUNT(widths); w++) {
			struct iax_timeline line = { 0 };
			const int32_t half = 1 << (widths[w] - 1);

			iax_timeline_note(&line, bases[b], false, 5000000);
			for (int32_t off = -half + 1; off < half; off += 13) {
				const uint32_t want = bases[b] + 3000 + (uint32_t)off;

				CHECK_UINT(iax_timeline_rebuild(&line, (uint16_t)want, widths[w], 8000000), want);
			}
		}
	}
}

static void test_a_late_first_frame_does_not_shut_out_media(void **state)
{
	struct iax_timeline line = { 0 };

	(void)state;
	CHECK_FALSE(iax_timeline_is_plausible(&line, 0, 0));
	iax_timeline_note(&line, 100, true, 15000000); /* a retransmission, 15 s old */
	CHECK_TRUE(iax_timeline_is_plausible(&line, 15100, 15000000));
	iax_timeline_note(&line, 15200, false, 15100000);
	CHECK_FALSE(iax_timeline_is_plausible(&line, 30200, 15100000));
	iax_timeline_note(&line, 100, true, 15100000); /* it counts no more */
	CHECK_TRUE(iax_timeline_is_plausible(&line, 15300, 15200000));
	CHECK_FALSE(iax_timeline_is_plausible(&line, 14000, 15200000));
}

/* RFC 3550, A.8: a steady 8 ms between early and late packets shows as a jitter of 8 ms. */
static void test_jitter_is_what_it_is(void **state)
{
	struct iax_quality q = { 0 };
	struct iax_report report;

	(void)state;
	for (uint32_t i = 0; i < 500; i++) {
		CHECK_TRUE(iax_quality_arrived(&q, 20 * i, 20, (uint64_t)i * 20000 + (i % 2) * 8000));
	}
	iax_quality_report(&q, &report);
	CHECK_UINT(report.packets, 500);
	CHECK_UINT(report.lost, 0);
	CHECK_TRUE(report.jitter_ms >= 7 && report.jitter_ms <= 8);
}

static void test_loss_is_counted_but_pauses_are_not(void **state)
{
	struct iax_quality q = { 0 };
	struct iax_report report;

	(void)state;
	CHECK_TRUE(iax_quality_arrived(&q, 1000, 20, 0));
	CHECK_TRUE(iax_quality_arrived(&q, 1080, 20, 80000));     /* three missing */
	CHECK_TRUE(iax_quality_arrived(&q, 1060, 20, 90000));     /* one came after all */
	CHECK_TRUE(iax_quality_arrived(&q, 21080, 20, 20080000)); /* silence */
	CHECK_FALSE(iax_quality_arrived(&q, 1060, 20, 20090000)); /* again */
	CHECK_TRUE(iax_quality_arrived(&q, 21140, 30, 20140000)); /* 30 ms packets: one missing */
	CHECK_TRUE(iax_quality_arrived(&q, 21300, 0, 20300000));  /* of unknown length */
	iax_quality_report(&q, &report);
	CHECK_UINT(report.packets, 6);
	CHECK_UINT(report.lost, 3);
	CHECK_UINT(report.out_of_order, 1);
	CHECK_UINT(report.loss_percent, 33);
	iax_quality_report(&q, &report);
	CHECK_UINT(report.loss_percent, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_queue_gives_back_what_was_put),
		cmocka_unit_test(test_a_lent_record_stays_while_others_are_put),
		cmocka_unit_test(test_timestamps_are_rebuilt_around_every_wrap),
		cmocka_unit_test(test_a_late_first_frame_does_not_shut_out_media),
		cmocka_unit_test(test_jitter_is_what_it_is),
		cmocka_unit_test(test_loss_is_counted_but_pauses_are_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
