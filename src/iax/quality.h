/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_QUALITY_H
#define TG_IAX_QUALITY_H

#include "base/tg.h"

struct iax_report;

/**
 * Counts how the voice of one leg arrives: jitter as RFC 3550 has it (6.4.1), loss from gaps between timestamps, order. A plain
 * value.
 */
enum { IAX_QUALITY_RECENT = 16 };

struct iax_quality {
	uint64_t last_at_us;
	uint32_t highest_ms; /* timestamp */
	uint32_t last_ms;
	uint32_t packets, lost, out_of_order, dropped;
	uint32_t jitter_16;                     /* in sixteenths of a millisecond */
	uint32_t recent_ms[IAX_QUALITY_RECENT]; /* timestamps of the last packets, in a ring by `packets` */
	uint32_t told_packets, told_lost;
};

/** A gap longer than this is a pause of the sender, not a loss. */
enum { IAX_QUALITY_PAUSE_MS = 2000 };

/**
 * @param frame_ms  what this packet holds; 0 if it cannot be known: then no loss is counted
 * @return false for a timestamp that just came: a repeated packet
 */
bool iax_quality_arrived(struct iax_quality *q, uint32_t ts_ms, uint32_t frame_ms, uint64_t now_us);

void iax_quality_dropped(struct iax_quality *q);

/** The report for a PONG; loss_percent covers the time since the last report. */
void iax_quality_report(struct iax_quality *q, struct iax_report *out);

#endif
