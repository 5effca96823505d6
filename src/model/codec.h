/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_CODEC_H
#define TG_MODEL_CODEC_H

#include "base/bytes.h"

/** A codec as configuration names it; bits as RFC 5456, 8.7, and what grew from it. */
struct codec {
	const char *name;
	uint64_t bit;
	uint16_t frame_bytes; /* 20 ms of it; 0 where that is no whole or no fixed number */
	bool in_all;          /* `allow=all` stands for these, in this order */
};

enum {
	CODEC_GSM_BIT = 1,
	CODEC_ULAW_BIT = 2,
	CODEC_ALAW_BIT = 3,
	CODEC_SLIN_BIT = 6,
	CODEC_G722_BIT = 12,
};

/** By its place in the order of preference; NULL after the last. */
const struct codec *codec_at(size_t index);

/** By name or another known spelling, without case; NULL for none. */
const struct codec *codec_find(struct tg_span name);

/** By its single bit; NULL for none. */
const struct codec *codec_of(uint64_t bit);

#endif
