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

/** Exactly as written in `name` above, or by a known other spelling, without case. NULL if unknown. */
const struct iax_format *iax_format_by_name(struct tg_span name);

/** The name of exactly one format; "none" for 0, "unknown" for any other mask. */
const char *iax_format_name(uint64_t bits);

/** `(ulaw|alaw|gsm)` as the console shows a set, cut to fit; "(nothing)" for none. Returns text. */
const char *iax_format_set_text(char *text, size_t size_bytes, uint64_t set);

/** Exactly one bit, and an audio format. */
bool iax_format_is_audio(uint64_t bits);

/** Exactly one bit, and a video format. */
bool iax_format_is_video(uint64_t bits);

/** An ordered list of formats: formats[0] is preferred. */
struct iax_prefs {
	uint64_t formats[IAX_CODEC_PREFS_MAX];
	uint32_t count;
};

/**
 * Read the letters of CODEC_PREFS. From L on two assignments of letters are in use: one whose format is not offered is
 * read the other way; if both fit, the newer. Unknown letters, and formats that are not offered, are left out.
 *
 * @param offer  what the sender offers, iax_ies_capability()
 */
void iax_prefs_decode(struct iax_prefs *out, struct tg_span letters, uint64_t offer);

/**
 * Write letters by the newer assignment. Formats without a letter are left out.
 *
 * @return how many letters were written to out
 */
size_t iax_prefs_encode(uint8_t out[IAX_CODEC_PREFS_MAX], const uint64_t *formats, size_t count);

/** Who orders the choice (`codecpriority`). The values are those of the configuration. */
enum iax_codec_priority {
	IAX_CODEC_HOST,     /* our order, then the caller's */
	IAX_CODEC_CALLER,   /* the caller's order, then ours */
	IAX_CODEC_DISABLED, /* what the caller asks for, then the best by a fixed ranking */
	IAX_CODEC_REQONLY,  /* what the caller asks for, nothing else */
};

/** One codec choice: what each side can and wants. */
struct iax_choice {
	enum iax_codec_priority priority;
	const uint64_t *own_formats;    /* our list, preferred first */
	size_t own_count;
	uint64_t own;                   /* mask of all we take */
	uint64_t offer;                 /* mask of what the caller takes, iax_ies_capability() */
	uint64_t requested;             /* what the caller asks for, iax_ies_format(); several audio bits: no preference */
	const struct iax_prefs *caller; /* the caller's order; NULL or empty if it sent none */
	bool wide;                      /* the caller understands FORMAT2: formats over bit 31 may be chosen */
};

/** @return exactly one audio format both sides have; 0 for none: REJECT with cause 58 */
uint64_t iax_format_choose(const struct iax_choice *choice);

/** The best of a set by a fixed ranking, best quality for its robustness first; 0 if it has no audio format. */
uint64_t iax_format_best(uint64_t set);

#endif
