/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_FORMAT_H
#define TG_IAX_FORMAT_H

#include "base/bytes.h"
#include "iax/wire.h"

/** What is known of a media format (RFC 5456, section 8.7, corrected by practice). */
struct iax_format {
	uint64_t bit;
	const char *name;         /* as configuration and console write it: "ulaw", "g722", ... */
	uint32_t rate_hz;         /* sampling rate */
	uint16_t frame_bytes;     /* octets of payload per frame_ms; 0 where the length varies */
	uint16_t frame_ms;        /* the shortest time a packet can hold, 20 for most; 0 for none */
	uint16_t bytes_per_20_ms; /* 0 where that is no whole number, or varies */
};

/** All formats, in the order of their bits. */
extern const struct iax_format iax_formats[];
extern const size_t iax_format_count;

/** @return NULL unless bits is exactly one known format */
const struct iax_format *iax_format_find(uint64_t bits);

/** By `name`, or by another known spelling, without case. NULL if unknown. */
const struct iax_format *iax_format_by_name(struct tg_span name);

/** The name of exactly one format; "none" for 0, "unknown" for any other mask. */
const char *iax_format_name(uint64_t bits);

/** `(ulaw|alaw|gsm)` as the console shows a set, cut to fit; "(nothing)" for none. Returns text. */
const char *iax_format_set_text(char *text, size_t size_bytes, uint64_t set);

/** Exactly one bit, and an audio format. */
bool iax_format_is_audio(uint64_t bits);

/** Exactly one bit, and a video format. */
bool iax_format_is_video(uint64_t bits);

#endif
