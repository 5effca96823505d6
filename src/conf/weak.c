/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/weak.h"

#include "conf/weak_words.h"

#include <string.h>

const char *conf_weak_text(enum conf_weakness weakness)
{
#define X(name, text) [name] = text,
	static const char *const texts[CONF_WEAKNESS_COUNT] = { CONF_WEAKNESSES(X) };
#undef X

	return (unsigned)weakness < CONF_WEAKNESS_COUNT ? texts[weakness] : "(unknown)";
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool is_letter(uint8_t c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

/* ---- names ---- */

static bool holds(struct tg_span text, struct tg_span part)
{
	for (size_t at = 0; part.len <= text.len && at <= text.len - part.len; at++) {
		if (tg_span_equal_nocase((struct tg_span){ text.p + at, part.len }, part)) {
			return true;
		}
	}
	return false;
}

static bool holds_a_name(struct tg_span secret, const struct tg_span *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (names[i].len > 0 && (names[i].len >= CONF_WEAK_NAME_MIN || names[i].len == secret.len) &&
		    holds(secret, names[i])) {
			return true;
		}
	}
	return false;
}

/* ---- digits and runs ---- */

static bool is_digits(struct tg_span secret)
{
	for (size_t i = 0; i < secret.len; i++) {
		if (!is_digit(secret.p[i])) {
			return false;
		}
	}
	return true;
}

/* By how much it counts from one octet to the next; 9 is followed by 0. */
static int step_of(uint8_t from, uint8_t to)
{
	if (is_digit(from) && is_digit(to)) {
		const int step = (to - from + 10) % 10;

		return step == 9 ? -1 : step;
	}
	return lower(to) - lower(from);
}

static bool counts(struct tg_span secret)
{
	const int step = secret.len > 1 ? step_of(secret.p[0], secret.p[1]) : 0;

	for (size_t i = 1; i < secret.len; i++) {
		if (step < -1 || step > 1 || step_of(secret.p[i - 1], secret.p[i]) != step) {
			return false;
		}
	}
	return true;
}

/* Some characters again and again, at least three times. */
static bool repeats(struct tg_span secret)
{
	for (size_t unit = 1; 3 * unit <= secret.len; unit++) {
		if (memcmp(secret.p, secret.p + unit, secret.len - unit) == 0) {
			return true;
		}
	}
	return false;
}

/* ---- common words ---- */

enum { AFFIX_MAX = 8, AFFIX_DIGITS_MAX = 6, CORE_MAX = 2 * CONF_WEAK_WORD_MAX + 1 };

/* The letter that a character stands for; 0 for none. */
static char letter_of(uint8_t c, char one)
{
	static const char leet[] = "0o3e4a@a5s$s7t+t8b9g6g2z";

	if (is_letter(c)) {
		return (char)lower(c);
	}
	if (c == '1' || c == '!' || c == '|') {
		return one;
	}
	for (size_t i = 0; i + 1 < sizeof(leet); i += 2) {
		if ((uint8_t)leet[i] == c) {
			return leet[i + 1];
		}
	}
	return '\0';
}

static bool is_word(const char *letters, size_t len)
{
	char word[CONF_WEAK_WORD_MAX + 2];

	if (len < CONF_WEAK_WORD_MIN || len > CONF_WEAK_WORD_MAX || memchr(letters, ' ', len) != NULL) {
		return false;
	}
	word[0] = word[len + 1] = ' ';
	memcpy(word + 1, letters, len);
	const char *words = conf_weak_words[letters[0] - 'a'];

	return memmem(words, strlen(words), word, len + 2) != NULL;
}

static bool is_word_or_two(const char *letters, size_t len)
{
	if (is_word(letters, len)) {
		return true;
	}
	for (size_t i = CONF_WEAK_WORD_MIN; i + CONF_WEAK_WORD_MIN <= len; i++) {
		if (is_word(letters, i) && (is_word(letters + i, len - i) || is_word(letters + i + 1, len - i - 1))) {
			return true;
		}
	}
	return false;
}

static bool is_common_core(struct tg_span core, char one)
{
	char letters[CORE_MAX];

	if (core.len < CONF_WEAK_WORD_MIN || core.len > sizeof(letters)) {
		return false;
	}
	for (size_t i = 0; i < core.len; i++) {
		const char letter = letter_of(core.p[i], one);

		letters[i] = letter != '\0' ? letter : ' ';
	}
	return is_word_or_two(letters, core.len);
}

/* How much of one end may be left away: some punctuation and up to 6 digits. forward: of the front. */
static size_t affix_len(struct tg_span text, bool forward)
{
	size_t len = 0, digits = 0;

	while (len < text.len && len < AFFIX_MAX) {
		const uint8_t c = text.p[forward ? len : text.len - 1 - len];

		digits += is_digit(c) ? 1 : 0;
		if (is_letter(c) || c >= 0x80 || digits > AFFIX_DIGITS_MAX) {
			break;
		}
		len++;
	}
	return len;
}

bool conf_weak_is_common(struct tg_span secret)
{
	const size_t front = affix_len(secret, true), back = affix_len(secret, false);

	for (size_t cut = 0; cut <= front; cut++) {
		for (size_t end = 0; end <= back && cut + end < secret.len; end++) {
			const struct tg_span core = { secret.p + cut, secret.len - cut - end };

			if (is_common_core(core, 'i') || is_common_core(core, 'l')) {
				return true;
			}
		}
	}
	return false;
}

/* ---- entropy ---- */

/* Hundredths of log2 of an alphabet: 1 lower case, 2 upper case, 4 digits, 8 all else. */
static uint32_t alphabet_centibits(struct tg_span secret)
{
	static const uint16_t centibits[16] = { 0,   470, 470, 570, 332, 516, 516, 595,
		                                504, 588, 588, 640, 542, 610, 610, 656 };
	unsigned classes = 0;

	for (size_t i = 0; i < secret.len; i++) {
		const uint8_t c = secret.p[i];

		classes |= is_digit(c) ? 4 : !is_letter(c) ? 8 : c == lower(c) ? 1 : 2;
	}
	return centibits[classes];
}

uint32_t conf_weak_bits(struct tg_span secret)
{
	uint32_t halves = 0; /* of characters that count */

	for (size_t i = 0; i < secret.len; i++) {
		const int step = i > 0 ? secret.p[i] - secret.p[i - 1] : 2;

		if (step < -1 || step > 1) {
			halves += memchr(secret.p, secret.p[i], i) != NULL ? 1 : 2;
		}
	}
	return alphabet_centibits(secret) * halves / 200;
}

enum conf_weakness conf_weak(struct tg_span secret, const struct tg_span *names, size_t count)
{
	if (holds_a_name(secret, names, count)) {
		return CONF_WEAK_NAME;
	}
	if (secret.len < CONF_WEAK_LEN_MIN) {
		return CONF_WEAK_SHORT;
	}
	if (counts(secret) || repeats(secret)) {
		return CONF_WEAK_RUN;
	}
	if (secret.len < CONF_WEAK_DIGITS_MIN && is_digits(secret)) {
		return CONF_WEAK_DIGITS;
	}
	if (conf_weak_is_common(secret)) {
		return CONF_WEAK_COMMON;
	}
	/* Twenty of ten digits cannot do without repeats. */
	const uint32_t need = is_digits(secret) ? CONF_WEAK_BITS_MIN / 2 : CONF_WEAK_BITS_MIN;

	return conf_weak_bits(secret) < need ? CONF_WEAK_ENTROPY : CONF_STRONG;
}
