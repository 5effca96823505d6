/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "crypt/random.h"
#include "daemon/parent_inside.h"
#include "sys/clock.h"

/* As those of the engine: sorts by time, and cannot be guessed. */
static struct model_event_id event_id(uint64_t wall_ms)
{
	struct model_event_id id = { .time = wall_ms << 16 };
	uint8_t seed[CRYPT_SEED_BYTES];

	crypt_seed_from_kernel(seed);
	memcpy(&id.salt, seed, sizeof(id.salt));
	return id;
}

void parent_tell_event(struct parent *parent, enum model_event_kind kind, uint64_t generation)
{
	const uint64_t wall_ms = sys_clock_wall_ms();
	struct ipc_event record = {
		.head.kind = IPC_EVENT,
		.event = { .id = event_id(wall_ms), .wall_ms = wall_ms, .kind = kind, .class = MODEL_CLASS_LOCAL },
	};

	snprintf(record.event.text, sizeof(record.event.text),
	         kind == MODEL_EVENT_LOADED ? "generation %llu is used" : "generation %llu is still used; see the log",
	         (unsigned long long)generation);
	family_send(&parent->family, PROC_STORE, &record, sizeof(record), -1);
}
