/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_PATTERN_H
#define TG_MODEL_PATTERN_H

#include "base/bytes.h"

/**
 * Extension names and patterns of extensions.conf. A name that starts with "_" is a pattern: X is 0-9, Z
 * 1-9, N 2-9 (either case), [15-9] a set, a final "." one or more of anything, a final "!" none or more;
 * everything else is itself. "-" outside a set is decoration, in patterns, plain names and dialled numbers
 * alike.
 *
 * All functions are safe on any bytes; what pattern_check() refuses matches something unspecified.
 */

bool pattern_is(struct tg_span exten);

/** @return NULL for a good pattern or plain name, else what is wrong with it (a constant text) */
TG_MUST_USE const char *pattern_check(struct tg_span exten);

bool pattern_match(struct tg_span exten, struct tg_span number);

/**
 * The order in which a lookup tries the extensions of one context: plain names before patterns; patterns
 * position by position, the one with fewer possibilities first, then the one with the lower characters,
 * then ".", "!" and the pattern's end.
 *
 * @return below, equal to or above 0, as strcmp(); 0 means the same pattern, however it is written
 */
int pattern_compare(struct tg_span a, struct tg_span b);

/** What stands at one place of a pattern. */
enum pattern_place {
	PATTERN_SET,  /* one of some octets */
	PATTERN_DOT,  /* one or more of anything */
	PATTERN_BANG, /* none or more of anything */
	PATTERN_END,
};

/**
 * Take the next place off the front of a pattern (behind its "_").
 *
 * @param set  PATTERN_SET: bit 7 of octet 0 is character 0
 */
enum pattern_place pattern_take(struct tg_span *left, uint8_t set[32]);

#endif
