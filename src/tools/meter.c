/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/meter.h"

enum { PAUSE_MS = 1000, SMOOTHING = 16 };

/* Timestamps wrap at 2^32 ms; a step back of less than half of that is an older packet. */
static int32_t ts_after(uint32_t ts_ms, uint32_t expected_ms)
{
	return (int32_t)(ts_ms - expected_ms);
}

/* A timestamp may be off by less than half a frame without meaning anything. */
static bool is_late(int32_t ahead_ms, unsigned frame_ms)
{
	return ahead_ms < -(int32_t)(frame_ms / 2);
}

static void count_gap(struct tool_meter *meter, int32_t ahead_ms, unsigned frame_ms)
{
	if (is_late(ahead_ms, frame_ms)) {
		meter->out_of_order++;
		meter->lost -= meter->lost > 0 ? 1 : 0;
	} else if (ahead_ms > 0 && ahead_ms < PAUSE_MS) {
		/* Senders may stop for silence: what is missing for longer than PAUSE_MS was not sent. */
		meter->lost += ((unsigned)ahead_ms + frame_ms / 2) / frame_ms;
	}
}

static void smooth(struct tool_meter *meter, int64_t step_us)
{
	const int64_t size_us = step_us < 0 ? -step_us : step_us;

	if (size_us < (int64_t)PAUSE_MS * TG_US_PER_MS) {
		meter->jitter_us += (size_us - meter->jitter_us) / SMOOTHING;
	}
}

void tool_meter_add(struct tool_meter *meter, uint32_t ts_ms, unsigned frame_ms, uint64_t now_us)
{
	const int64_t transit_us = (int64_t)now_us - (int64_t)ts_ms * TG_US_PER_MS;
	const int32_t ahead_ms = ts_after(ts_ms, meter->next_ts_ms);

	if (meter->packets++ > 0) {
		smooth(meter, transit_us - meter->transit_us);
		count_gap(meter, ahead_ms, frame_ms);
	}
	meter->transit_us = transit_us;
	if (meter->packets == 1 || !is_late(ahead_ms, frame_ms)) {
		meter->next_ts_ms = ts_ms + frame_ms;
	}
}

unsigned tool_meter_loss(const struct tool_meter *meter)
{
	const uint64_t expected = meter->packets + meter->lost;

	return expected > 0 ? (unsigned)(meter->lost * 10000 / expected) : 0;
}

/* FNV-1a, 64 bits: tells our own frames apart; nobody gains by a collision here. Never 0, which marks a free place. */
static uint64_t frame_hash(struct tg_span frame)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < frame.len; i++) {
		hash = (hash ^ frame.p[i]) * UINT64_C(0x100000001b3);
	}
	return hash | 1;
}

void tool_echo_sent(struct tool_echo *echo, struct tg_span frame)
{
	echo->sent[echo->count++ % TOOL_ECHO_FRAMES] = frame_hash(frame);
}

void tool_echo_received(struct tool_echo *echo, struct tg_span frame)
{
	const uint64_t hash = frame_hash(frame);

	for (size_t i = 0; i < TOOL_ECHO_FRAMES; i++) {
		if (echo->sent[i] == hash) {
			echo->same++;
			return;
		}
	}
}
