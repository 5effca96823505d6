/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_METER_H
#define TG_TOOLS_METER_H

#include "base/bytes.h"

/** How one direction of media is received, judged by the sender's timestamps. A plain value; zero is the start. */
struct tool_meter {
	uint64_t packets, lost, out_of_order;
	int64_t jitter_us;   /* smoothed over 16 packets (RFC 3550, 6.4.1) */
	uint32_t next_ts_ms; /* expected next */
	int64_t transit_us;  /* arrival minus timestamp of the packet before */
};

/** @param ts_ms  the sender's time of a packet that holds frame_ms of sound */
void tool_meter_add(struct tool_meter *meter, uint32_t ts_ms, unsigned frame_ms, uint64_t now_us);

/** Lost out of what was expected, in hundredths of a percent. */
unsigned tool_meter_loss(const struct tool_meter *meter);

enum { TOOL_ECHO_FRAMES = 512 };

/** Finds out whether received media is what was sent lately: compares with the last TOOL_ECHO_FRAMES frames. */
struct tool_echo {
	uint64_t sent[TOOL_ECHO_FRAMES]; /* hashes */
	uint64_t count;                  /* frames sent so far */
	uint64_t same;                   /* received frames that were among those sent */
};

void tool_echo_sent(struct tool_echo *echo, struct tg_span frame);
void tool_echo_received(struct tool_echo *echo, struct tg_span frame);

#endif
