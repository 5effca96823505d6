/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_COUNTERS_H
#define TG_ENGINE_COUNTERS_H

#include "engine/core.h"
#include "engine/door.h"
#include "engine/relay.h"

/** Every counter of the engine by number, for people: those of relays are summed. Read by the switch's thread. */
struct counters {
	const struct core *core;
	const struct door *door;
	const struct relay *relays;
	uint32_t relay_count;
};

/** Of the door's: what the switch's thread watches. */
void counters_door_sums(const struct counters *counters, struct watch_sums *out);

/** @return false after the last */
bool counters_at(const struct counters *counters, uint32_t number, struct rows_counter *out);

#endif
