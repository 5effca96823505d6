/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>
#include <strings.h>

enum { WORD_MAX = 63 };

static uint8_t lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : (uint8_t)c;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	const unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein distance by one row of the table. Words longer than WORD_MAX are far from everything. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1];
	const size_t len_a = strlen(a), len_b = strlen(b);

	if (len_a > WORD_MAX || len_b > WORD_MAX) {
		return WORD_MAX;
	}
	for (size_t k = 0; k <= len_b; k++) {
		row[k] = (unsigned)k;
	}
	for (size_t i = 0; i < len_a; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t k = 0; k < len_b; k++) {
			const unsigned changed = diagonal + (lower(a[i]) != lower(b[k]));

			diagonal = row[k + 1];
			row[k + 1] = min3(changed, row[k] + 1, row[k + 1] + 1);
		}
	}
	return row[len_b];
}

const char *tg_text_nearest(const char *word, const char *(*name_at)(const void *owner, size_t index),
                            const void *owner)
{
	unsigned best = (unsigned)strlen(word) / 3;
	const char *nearest = NULL;
	const char *name;

	best = best < 1 ? 1 : best;
	for (size_t i = 0; (name = name_at(owner, i)) != NULL; i++) {
		const unsigned d = distance(word, name);

		if (d < best || (d == best && nearest == NULL)) {
			best = d;
			nearest = name;
		}
	}
	return nearest;
}

bool tg_text_uint(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	if (*text == '\0') {
		return false;
	}
	for (const char *p = text; *p != '\0'; p++) {
		const unsigned digit = (unsigned)(*p - '0');

		if (*p < '0' || *p > '9' || sum > (UINT64_MAX - digit) / 10) {
			return false;
		}
		sum = sum * 10 + digit;
	}
	*value = sum;
	return sum >= min && sum <= max;
}
