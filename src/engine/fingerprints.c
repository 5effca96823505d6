/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fingerprints.h"

#include "iax/frame.h"
#include "iax/ies.h"

static void count_element(struct fingerprint_facts *facts, uint64_t seen[4], uint8_t id)
{
	uint64_t *word = &seen[id / 64];

	if (facts->values[WORLD_FACT_ELEMENTS]++ == 0) {
		facts->values[WORLD_FACT_FIRST_ELEMENT] = id;
	}
	facts->values[WORLD_FACT_DUPLICATES] += (uint32_t)(*word >> id % 64 & 1);
	*word |= UINT64_C(1) << id % 64;
	switch (id) {
	case IAX_IE_USERNAME:
		facts->values[WORLD_FACT_HAS_USERNAME] = 1;
		break;
	case IAX_IE_VERSION:
		facts->values[WORLD_FACT_HAS_VERSION] = 1;
		break;
	case IAX_IE_CAPABILITY:
		facts->values[WORLD_FACT_HAS_CAPABILITY] = 1;
		break;
	case IAX_IE_REFRESH:
		facts->values[WORLD_FACT_HAS_REFRESH] = 1;
		break;
	default:
		break;
	}
}

/* How far a timestamp is from the clock that counts seconds since 1970; small for who takes one for the other. */
static uint32_t distance(uint32_t ts, uint32_t seconds)
{
	const uint32_t ahead = ts - seconds, behind = seconds - ts;

	return ahead < behind ? ahead : behind;
}

bool fingerprint_facts_of(struct fingerprint_facts *out, struct tg_span datagram, uint64_t wall_us)
{
	uint64_t seen[4] = { 0 };
	struct iax_frame frame;
	struct tg_span data;
	uint8_t id;

	*out = (struct fingerprint_facts){ 0 };
	if (iax_frame_decode(&frame, datagram) != IAX_OK || frame.class != IAX_CLASS_FULL ||
	    frame.type != IAX_FRAME_IAX) {
		return false;
	}
	out->values[WORLD_FACT_SUBCLASS] = (uint32_t)frame.subclass;
	out->values[WORLD_FACT_SOURCE] = frame.source;
	out->values[WORLD_FACT_TIMESTAMP] = frame.ts_ms;
	out->values[WORLD_FACT_LENGTH] = (uint32_t)datagram.len;
	out->values[WORLD_FACT_EPOCH] = distance(frame.ts_ms, (uint32_t)(wall_us / TG_US_PER_S));
	struct tg_reader r = tg_reader_of(frame.payload);

	while (out->values[WORLD_FACT_ELEMENTS] <= IAX_IES_MAX && iax_ies_next(&r, &id, &data)) {
		count_element(out, seen, id);
	}
	return true;
}

static bool holds(const struct world_condition *condition, const struct fingerprint_facts *facts)
{
	const uint32_t value = facts->values[condition->fact];

	switch ((enum world_test)condition->test) {
	case WORLD_EQUAL:
		return value == condition->value;
	case WORLD_UNEQUAL:
		return value != condition->value;
	case WORLD_LESS:
		return value < condition->value;
	case WORLD_MORE:
		return value > condition->value;
	case WORLD_TESTS:
		break;
	}
	return false;
}

static bool matches(const struct world *world, const struct world_fingerprint *fingerprint,
                    const struct fingerprint_facts *facts)
{
	for (uint32_t i = 0; i < fingerprint->conditions.count; i++) {
		if (!holds(world_row(world, WORLD_CONDITIONS, fingerprint->conditions.first + i), facts)) {
			return false;
		}
	}
	return fingerprint->conditions.count > 0;
}

const struct world_fingerprint *fingerprints_match(const struct world *world, const struct fingerprint_facts *facts)
{
	const struct world_fingerprint *best = NULL;

	for (uint32_t i = 0; i < world_count(world, WORLD_FINGERPRINTS); i++) {
		const struct world_fingerprint *fingerprint = world_row(world, WORLD_FINGERPRINTS, i);

		if ((best == NULL || fingerprint->score > best->score) && matches(world, fingerprint, facts)) {
			best = fingerprint;
		}
	}
	return best;
}
