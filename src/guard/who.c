/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

#include <string.h>

uint64_t guard_prefix_hash(const struct guard *guard, struct tg_addr base, uint32_t bits)
{
	uint8_t bytes[18];

	memcpy(bytes, base.ip, 16);
	bytes[16] = base.family;
	bytes[17] = (uint8_t)bits;
	return guard_hash(guard, 'p', bytes, sizeof(bytes));
}

struct who guard_who(const struct guard *guard, struct tg_addr from)
{
	struct who who = { .source_bits = tg_addr_host_bits(from), .network_bits = tg_addr_network_bits(from) };

	who.source = tg_addr_prefix(from, who.source_bits);
	who.network = tg_addr_prefix(from, who.network_bits);
	who.source_hash = guard_prefix_hash(guard, who.source, who.source_bits);
	who.network_hash = guard_prefix_hash(guard, who.network, who.network_bits);
	return who;
}

uint64_t guard_name_hash(const struct guard *guard, struct tg_span name)
{
	return guard_hash(guard, 'n', name.p, name.len);
}
