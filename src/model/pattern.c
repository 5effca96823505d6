/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pattern.h"

#include <string.h>

/* A position's weight is its number of possible characters; these three come after the largest set. */
enum { WEIGHT_DOT = 0x1000, WEIGHT_BANG, WEIGHT_END };

/* One position of a pattern. */
struct position {
	unsigned weight;
	uint8_t set[32]; /* bit 7 of octet 0 is character 0, so memcmp() puts the lower characters in front */
};

static void set_add(struct position *at, uint8_t c)
{
	const uint8_t bit = (uint8_t)(0x80 >> (c % 8));

	if ((at->set[c / 8] & bit) == 0) {
		at->set[c / 8] |= bit;
		at->weight++;
	}
}

static bool set_has(const struct position *at, uint8_t c)
{
	return (at->set[c / 8] & 0x80 >> (c % 8)) != 0;
}

static void set_add_range(struct position *at, uint8_t first, uint8_t last)
{
	for (unsigned c = first; c <= last; c++) {
		set_add(at, (uint8_t)c);
	}
}

/* The inside of [...]. "-" is a range only between two characters. */
static void set_add_all(struct position *at, struct tg_span inside)
{
	for (size_t i = 0; i < inside.len; i++) {
		if (i + 2 < inside.len && inside.p[i + 1] == '-') {
			set_add_range(at, inside.p[i], inside.p[i + 2]);
			i += 2;
		} else {
			set_add(at, inside.p[i]);
		}
	}
}

/* Takes "[...]" from the front; without a "]" all that is left is the inside. */
static struct tg_span take_set(struct tg_span *left)
{
	const uint8_t *close = memchr(left->p, ']', left->len);
	const struct tg_span inside = { left->p + 1, (close != NULL ? (size_t)(close - left->p) : left->len) - 1 };
	const size_t used = close != NULL ? inside.len + 2 : left->len;

	left->p += used;
	left->len -= used;
	return inside;
}

static uint8_t take_char(struct tg_span *left)
{
	left->len--;
	return *left->p++;
}

static void position_of_char(struct position *at, uint8_t c)
{
	switch (c) {
	case 'X':
	case 'x':
		set_add_range(at, '0', '9');
		break;
	case 'Z':
	case 'z':
		set_add_range(at, '1', '9');
		break;
	case 'N':
	case 'n':
		set_add_range(at, '2', '9');
		break;
	case '.':
		at->weight = WEIGHT_DOT;
		break;
	case '!':
		at->weight = WEIGHT_BANG;
		break;
	default:
		set_add(at, c);
		break;
	}
}

/* The next position of a pattern (after its "_"); empty sets and "-" take none. */
static struct position take_position(struct tg_span *left)
{
	struct position at = { 0 };

	while (left->len > 0 && at.weight == 0) {
		if (left->p[0] == '[') {
			set_add_all(&at, take_set(left));
		} else if (left->p[0] == '-') {
			take_char(left);
		} else {
			position_of_char(&at, take_char(left));
		}
	}
	if (at.weight == 0) {
		at.weight = WEIGHT_END;
	}
	return at;
}

bool pattern_is(struct tg_span exten)
{
	return exten.len > 0 && exten.p[0] == '_';
}

static struct tg_span without_mark(struct tg_span exten)
{
	return (struct tg_span){ exten.p + 1, exten.len - 1 };
}

static const char *check_set(struct tg_span inside)
{
	if (inside.len == 0) {
		return "a set [...] needs at least one character";
	}
	for (size_t i = 0; i + 2 < inside.len; i++) {
		if (inside.p[i + 1] == '-') {
			if (inside.p[i] > inside.p[i + 2]) {
				return "a range in a set [...] runs backwards";
			}
			i += 2;
		}
	}
	return NULL;
}

static const char *check_pattern(struct tg_span left)
{
	while (left.len > 0) {
		if (left.p[0] == '[') {
			if (memchr(left.p, ']', left.len) == NULL) {
				return "a set [...] is not closed";
			}
			const char *wrong = check_set(take_set(&left));

			if (wrong != NULL) {
				return wrong;
			}
			continue;
		}
		const uint8_t c = take_char(&left);

		if ((c == '.' || c == '!') && left.len > 0) {
			return "nothing may follow \".\" or \"!\"";
		}
	}
	return NULL;
}

const char *pattern_check(struct tg_span exten)
{
	if (!pattern_is(exten)) {
		return exten.len > 0 ? NULL : "an extension needs a name";
	}
	return exten.len > 1 ? check_pattern(without_mark(exten)) : "a pattern needs something after \"_\"";
}

/* The next character that counts, or -1. */
static int take_plain(struct tg_span *left)
{
	while (left->len > 0) {
		const uint8_t c = take_char(left);

		if (c != '-') {
			return c;
		}
	}
	return -1;
}

static int compare_plain(struct tg_span a, struct tg_span b)
{
	int ca, cb;

	do {
		ca = take_plain(&a);
		cb = take_plain(&b);
	} while (ca == cb && ca >= 0);
	return ca - cb;
}

bool pattern_match(struct tg_span exten, struct tg_span number)
{
	if (!pattern_is(exten)) {
		return compare_plain(exten, number) == 0;
	}
	struct tg_span left = without_mark(exten);

	while (true) {
		const struct position at = take_position(&left);
		const int c = take_plain(&number);

		if (at.weight == WEIGHT_BANG) {
			return true;
		}
		if (at.weight == WEIGHT_DOT || at.weight == WEIGHT_END) {
			return (at.weight == WEIGHT_DOT) == (c >= 0);
		}
		if (c < 0 || !set_has(&at, (uint8_t)c)) {
			return false;
		}
	}
}

int pattern_compare(struct tg_span a, struct tg_span b)
{
	struct position at_a, at_b;
	int order;

	if (!pattern_is(a) || !pattern_is(b)) {
		return pattern_is(a) != pattern_is(b) ? (int)pattern_is(a) - (int)pattern_is(b) : compare_plain(a, b);
	}
	a = without_mark(a);
	b = without_mark(b);
	do {
		at_a = take_position(&a);
		at_b = take_position(&b);
		order = at_a.weight != at_b.weight ? (int)at_a.weight - (int)at_b.weight
		                                   : memcmp(at_b.set, at_a.set, sizeof(at_a.set));
	} while (order == 0 && at_a.weight < WEIGHT_DOT);
	return order;
}

enum pattern_place pattern_take(struct tg_span *left, uint8_t set[32])
{
	const struct position at = take_position(left);

	memcpy(set, at.set, sizeof(at.set));
	switch (at.weight) {
	case WEIGHT_DOT:
		return PATTERN_DOT;
	case WEIGHT_BANG:
		return PATTERN_BANG;
	case WEIGHT_END:
		return PATTERN_END;
	default:
		return PATTERN_SET;
	}
}
