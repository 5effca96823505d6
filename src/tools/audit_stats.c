/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_stats.h"

#include "crypt/hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void tool_audit_samples_add(struct tool_audit_samples *samples, uint64_t value)
{
	if (samples->count < TG_COUNT(samples->values)) {
		samples->values[samples->count++] = value;
	}
}

static int by_value(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

uint64_t tool_audit_median(const struct tool_audit_samples *samples)
{
	uint64_t sorted[TOOL_AUDIT_SAMPLES_MAX];

	if (samples->count == 0) {
		return 0;
	}
	memcpy(sorted, samples->values, samples->count * sizeof(sorted[0]));
	qsort(sorted, samples->count, sizeof(sorted[0]), by_value);
	return sorted[samples->count / 2];
}

/* The deviation of AUC that chance makes: Mann and Whitney's. */
static double chance(size_t a, size_t b)
{
	return sqrt((double)(a + b + 1) / (12.0 * (double)a * (double)b));
}

double tool_audit_apart(const struct tool_audit_samples *a, const struct tool_audit_samples *b)
{
	double larger = 0;

	if (a->count == 0 || b->count == 0) {
		return 0;
	}
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			larger += a->values[i] > b->values[j] ? 1.0 : a->values[i] == b->values[j] ? 0.5 : 0.0;
		}
	}
	return (larger / ((double)a->count * (double)b->count) - 0.5) / chance(a->count, b->count);
}

bool tool_audit_can_tell(size_t a, size_t b, double units)
{
	return a > 0 && b > 0 && 0.5 / chance(a, b) > units;
}

void tool_audit_entropy_add(struct tool_audit_entropy *entropy, struct tg_span text)
{
	static const uint8_t key[CRYPT_KEY_BYTES] = { 0 }; /* equal or not is all that is asked */
	const uint64_t hash = crypt_siphash64(key, text);
	const size_t looked_at = text.len < sizeof(entropy->first) ? text.len : sizeof(entropy->first);

	if (entropy->count >= TG_COUNT(entropy->hashes)) {
		return;
	}
	for (size_t i = 0; i < entropy->count; i++) {
		entropy->twice = entropy->twice || entropy->hashes[i] == hash;
	}
	if (entropy->count == 0) {
		entropy->least_len = text.len;
		memcpy(entropy->first, text.p, looked_at);
	}
	entropy->least_len = text.len < entropy->least_len ? text.len : entropy->least_len;
	for (size_t i = 0; i < looked_at; i++) {
		entropy->seen[text.p[i] / 32] |= UINT32_C(1) << text.p[i] % 32;
		entropy->varies |= text.p[i] != entropy->first[i] ? UINT32_C(1) << i : 0;
	}
	entropy->hashes[entropy->count++] = hash;
}

unsigned tool_audit_entropy_bits(const struct tool_audit_entropy *entropy)
{
	unsigned alphabet = 0, positions = 0;

	for (unsigned i = 0; i < 256; i++) {
		alphabet += entropy->seen[i / 32] >> i % 32 & 1;
	}
	for (unsigned i = 0; i < 32 && i < entropy->least_len; i++) {
		positions += entropy->varies >> i & 1;
	}
	return alphabet == 0 ? 0 : (unsigned)(log2(alphabet) * positions);
}
