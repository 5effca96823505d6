/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_CHOICE_H
#define TG_IAX_CHOICE_H

#include "iax/format.h"

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
	IAX_CODEC_CALLER,   /* the caller's order, then ours; a caller without one gets what it asks for, or the best */
	IAX_CODEC_DISABLED, /* what the caller asks for, then the best by a fixed ranking */
	IAX_CODEC_REQONLY,  /* what the caller asks for, nothing else */
};

/** One codec choice: what each side can and wants. */
struct iax_choice {
	enum iax_codec_priority priority;
	const uint64_t *own_formats; /* our list, preferred first */
	size_t own_count;
	uint64_t own;       /* mask of all we take */
	uint64_t offer;     /* mask of what the caller takes, iax_ies_capability() */
	uint64_t requested; /* what the caller asks for, iax_ies_format(); several audio bits: no preference */
	const struct iax_prefs *caller; /* the caller's order; NULL or empty if it sent none */
	bool wide;                      /* the caller understands FORMAT2: formats over bit 31 may be chosen */
};

/** @return exactly one audio format both sides have; 0 for none: REJECT with cause 58 */
uint64_t iax_format_choose(const struct iax_choice *choice);

/** The best of a set by a fixed ranking; 0 if it has no audio format. */
uint64_t iax_format_best(uint64_t set);

#endif
