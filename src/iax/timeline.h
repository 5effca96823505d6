/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_TIMELINE_H
#define TG_IAX_TIMELINE_H

#include "base/tg.h"

/**
 * The far end's timeline of one leg: where its clock must be by now, so that the short timestamps of mini and meta frames
 * can be rebuilt to 32 bits and implausible media told apart (protocol reference 2.3; S-27). A plain value.
 */
struct iax_timeline {
	uint64_t at_us; /* arrival of the full frame that `ts_ms` stood in */
	uint32_t ts_ms;
	bool known;
	bool firm; /* from a frame that was not a retransmission, so it is no older than its journey */
};

enum {
	IAX_TS_VOICE_BITS = 16,
	IAX_TS_VIDEO_BITS = 15,
	IAX_TS_AHEAD_MS = 5000,
	IAX_TS_BEHIND_MS = 1000,
};

/** A full frame that was sent from the far end's clock (no ACK, PONG or LAGRP: their timestamps are ours). */
void iax_timeline_note(struct iax_timeline *line, uint32_t ts_ms, bool retry, uint64_t now_us);

/** Where the far end's clock should be. */
uint32_t iax_timeline_expect_ms(const struct iax_timeline *line, uint64_t now_us);

/**
 * The timestamp whose low bits these are and which is nearest to the expected one: right for a wrap that no full frame
 * announced, and for a straggler from before one.
 */
uint32_t iax_timeline_rebuild(const struct iax_timeline *line, uint16_t low_ms, unsigned bits, uint64_t now_us);

/** Not more than 5 s ahead of, nor 1 s behind, where it should be. */
bool iax_timeline_is_plausible(const struct iax_timeline *line, uint32_t ts_ms, uint64_t now_us);

#endif
