/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_STATS_H
#define TG_TOOLS_AUDIT_STATS_H

#include "base/bytes.h"

enum { TOOL_AUDIT_SAMPLES_MAX = 128 };

/** Values measured of one kind; what is over the room is left out. */
struct tool_audit_samples {
	size_t count;
	uint64_t values[TOOL_AUDIT_SAMPLES_MAX];
};

void tool_audit_samples_add(struct tool_audit_samples *samples, uint64_t value);

/** 0 for none. */
uint64_t tool_audit_median(const struct tool_audit_samples *samples);

/**
 * How far two sets lie apart: (AUC - 1/2) in units of what chance makes of it with so many values, where AUC is the
 * probability that a value of `a` is larger than one of `b` (Mann-Whitney). 0 if one of them is empty.
 */
double tool_audit_apart(const struct tool_audit_samples *a, const struct tool_audit_samples *b);

/** Whether any difference at all between so many values could be told from chance, with that many units. */
bool tool_audit_can_tell(size_t a, size_t b, double units);

/** Texts that are meant to be unguessable, added one by one. */
struct tool_audit_entropy {
	size_t count, least_len;
	bool twice;
	uint32_t seen[8];  /* octets that came, one bit each */
	uint8_t first[32]; /* of the first one */
	uint32_t varies;   /* positions at which another one differed, one bit each */
	uint64_t hashes[TOOL_AUDIT_SAMPLES_MAX];
};

void tool_audit_entropy_add(struct tool_audit_entropy *entropy, struct tg_span text);

/** At most so many bits are in one: positions that vary, times the logarithm of the alphabet seen. */
unsigned tool_audit_entropy_bits(const struct tool_audit_entropy *entropy);

#endif
