/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/shared.h"

#include "base/bytes.h"
#include "crypt/hash.h"

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

struct tg_addr shared_tokenless(const struct engine_shared *shared, struct tg_span account, struct tg_addr from)
{
	const struct tg_addr network = tg_addr_prefix(from, tg_addr_network_bits(from));
	struct tg_addr both = { .family = TG_IPV6 };
	struct tg_writer w = tg_writer_of(both.ip, sizeof(both.ip));

	tg_put_u64(&w, crypt_siphash64(shared->tokenless.key, (struct tg_span){ network.ip, sizeof(network.ip) }));
	tg_put_u64(&w, crypt_siphash64(shared->tokenless.key, account));
	return both;
}

void engine_ring_all(struct engine_shared *shared)
{
	for (uint32_t i = 0; i < shared->thread_count; i++) {
		bell_ring(&shared->bells[i]);
	}
}
