/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_WEAK_H
#define TG_CONF_WEAK_H

#include "base/bytes.h"

/** Whether a secret is easy to guess. Knows no files and keeps nothing. */

/* clang-format off */
#define CONF_WEAKNESSES(X) \
	X(CONF_STRONG, "nothing speaks against it") \
	X(CONF_WEAK_SHORT, "it is shorter than 12 characters") \
	X(CONF_WEAK_NAME, "it holds the account's own name or number") \
	X(CONF_WEAK_DIGITS, "it is less than 20 digits and nothing else") \
	X(CONF_WEAK_RUN, "it repeats or counts and does nothing else") \
	X(CONF_WEAK_COMMON, "it is a common word or two with little around them") \
	X(CONF_WEAK_ENTROPY, "it has too few different characters")
/* clang-format on */
#define X(name, text) name,
enum conf_weakness { CONF_WEAKNESSES(X) CONF_WEAKNESS_COUNT };
#undef X

const char *conf_weak_text(enum conf_weakness weakness);

enum { CONF_WEAK_LEN_MIN = 12, CONF_WEAK_DIGITS_MIN = 20, CONF_WEAK_BITS_MIN = 50, CONF_WEAK_NAME_MIN = 3 };

/**
 * The first thing that speaks against a secret.
 *
 * @param names  of the account: what it is called, dials, or presents itself as; shorter ones than CONF_WEAK_NAME_MIN count
 *               only as the whole secret
 */
enum conf_weakness conf_weak(struct tg_span secret, const struct tg_span *names, size_t count);

/**
 * Whether it is one of the common words, or two of them with at most one character between; in any case, with digits or signs for
 * letters that look like them, with up to 6 digits and some punctuation before and behind.
 *
 * The words are CONF_WEAK_WORDS. CONF_WEAK_SPELLED secrets are spelled out from them by the test, one word at a time: lower case,
 * Capital, UPPER CASE, with and without leet letters, plain or with one digit, a year from 2015 to 2029, 123, 1234 or an
 * exclamation mark behind it. Two words are 3 million more.
 */
bool conf_weak_is_common(struct tg_span secret);

enum { CONF_WEAK_WORDS = 1816, CONF_WEAK_SPELLED = 295597 };

/**
 * Estimated bits, rounded down: b * (n - h/2 - r). b is log2 of the alphabet that the secret draws from (26 for lower case, 26 for
 * upper case, 10 for digits, 33 for all else), n its octets, r those that are equal to the one before or its neighbour in order,
 * h the other ones that stood further left already. Fewer than CONF_WEAK_BITS_MIN are too few; of digits alone, half of that.
 */
uint32_t conf_weak_bits(struct tg_span secret);

/** How a weak secret is told of: `[name]: its secret is weak: why; tollgated --check-config offers a new one`. */
#define CONF_WEAK_SAYS "its secret is weak: "
#define CONF_WEAK_OFFER "; tollgated --check-config offers a new one"

#endif
