/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/quality.h"

#include "iax/endpoint.h"

static void count_jitter(struct iax_quality *q, uint32_t ts_ms, uint64_t now_us)
{
	const int64_t transit_us = (int64_t)(now_us - q->last_at_us) -
	                           (int64_t)(int32_t)(ts_ms - q->last_ms) * TG_US_PER_MS;
	const uint64_t off_us = (uint64_t)(transit_us < 0 ? -transit_us : transit_us);
	const uint32_t off_ms = (uint32_t)(tg_min_u64(off_us, (uint64_t)IAX_QUALITY_PAUSE_MS * TG_US_PER_MS) /
	                                   TG_US_PER_MS);

	/* J += (|D| - J) / 16, kept in sixteenths */
	q->jitter_16 += off_ms;
	q->jitter_16 -= (q->jitter_16 + 8) / 16;
}

static void count_order(struct iax_quality *q, uint32_t ts_ms, uint32_t frame_ms)
{
	const int32_t step_ms = (int32_t)(ts_ms - q->highest_ms);

	if (step_ms <= 0) {
		q->out_of_order++;
		if (q->lost > 0) {
			q->lost--; /* it was counted when its successor came */
		}
		return;
	}
	if (frame_ms > 0 && step_ms <= IAX_QUALITY_PAUSE_MS) {
		const uint32_t steps = ((uint32_t)step_ms + frame_ms / 2) / frame_ms;

		q->lost += steps > 1 ? steps - 1 : 0;
	}
	q->highest_ms = ts_ms;
}

static bool is_repeated(const struct iax_quality *q, uint32_t ts_ms)
{
	for (uint32_t i = 0; i < IAX_QUALITY_RECENT && i < q->packets; i++) {
		if (q->recent_ms[i] == ts_ms) {
			return true;
		}
	}
	return false;
}

bool iax_quality_arrived(struct iax_quality *q, uint32_t ts_ms, uint32_t frame_ms, uint64_t now_us)
{
	if (is_repeated(q, ts_ms)) {
		return false;
	}
	if (q->packets > 0) {
		count_jitter(q, ts_ms, now_us);
		count_order(q, ts_ms, frame_ms);
	} else {
		q->highest_ms = ts_ms;
	}
	q->recent_ms[q->packets % IAX_QUALITY_RECENT] = ts_ms;
	q->packets++;
	q->last_ms = ts_ms;
	q->last_at_us = now_us;
	return true;
}

void iax_quality_dropped(struct iax_quality *q)
{
	q->dropped++;
}

void iax_quality_report(struct iax_quality *q, struct iax_report *out)
{
	const uint32_t packets = q->packets - q->told_packets;
	const uint32_t lost = q->lost > q->told_lost ? q->lost - q->told_lost : 0;

	*out = (struct iax_report){
		.packets = q->packets,
		.lost = q->lost,
		.out_of_order = q->out_of_order,
		.dropped = q->dropped,
		.jitter_ms = q->jitter_16 / 16,
		.loss_percent = (uint8_t)(lost == 0 ? 0 : (uint64_t)lost * 100 / ((uint64_t)lost + packets)),
	};
	q->told_packets = q->packets;
	q->told_lost = q->lost;
}
