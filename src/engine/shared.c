/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/shared.h"

int engine_group_of(const struct engine_shared *shared, struct tg_addr local)
{
	int wildcard = -1;

	for (uint32_t i = 0; i < shared->group_count; i++) {
		const struct engine_group *group = &shared->groups[i];

		if (tg_addr_equal(group->local, local)) {
			return (int)i;
		}
		if (group->wildcard && group->local.family == local.family &&
		    (local.port == 0 || local.port == group->local.port)) {
			wildcard = (int)i;
		}
	}
	return wildcard;
}

void engine_ring_all(struct engine_shared *shared)
{
	for (uint32_t i = 0; i < shared->thread_count; i++) {
		bell_ring(&shared->bells[i]);
	}
}
