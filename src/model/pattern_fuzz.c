/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as patterns: their order is total, and patterns that are the same match the same numbers. The
 * input is cut at NUL. */
#include "model/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

static struct tg_span take(struct tg_span *left)
{
	struct tg_span part = *left;

	for (size_t i = 0; i < left->len; i++) {
		if (left->p[i] == '\0') {
			part.len = i;
			*left = (struct tg_span){ left->p + i + 1, left->len - i - 1 };
			return part;
		}
	}
	left->len = 0;
	return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tg_span left = { data, size < 512 ? size : 512 };
	const struct tg_span a = take(&left), b = take(&left), c = take(&left), number = take(&left);
	const int ab = sign(pattern_compare(a, b)), bc = sign(pattern_compare(b, c)), ac = sign(pattern_compare(a, c));

	assert(pattern_compare(a, a) == 0 && sign(pattern_compare(b, a)) == -ab);
	assert(!(ab <= 0 && bc <= 0) || ac <= 0);
	assert(!(ab >= 0 && bc >= 0) || ac >= 0);
	assert(ab != 0 || pattern_match(a, number) == pattern_match(b, number));
	assert(pattern_check(a) == NULL || pattern_check(a)[0] != '\0');
	return 0;
}
