/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

#include <string.h>

/** The address with all bits behind the prefix, and the port, zero. */
struct tg_addr guard_mask(struct tg_addr addr, uint32_t bits)
{
	const uint32_t total = addr.family == TG_IPV4 ? bits + 96 : bits;

	for (uint32_t i = 0; i < sizeof(addr.ip); i++) {
		const uint32_t left = total > i * 8 ? total - i * 8 : 0;

		addr.ip[i] &= (uint8_t)(left >= 8 ? 0xff : 0xff00 >> left);
	}
	addr.port = 0;
	return addr;
}

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
	const bool four = from.family == TG_IPV4;
	struct who who = { .source_bits = four ? 32 : 64, .network_bits = four ? 24 : 48 };

	who.source = guard_mask(from, who.source_bits);
	who.network = guard_mask(from, who.network_bits);
	who.source_hash = guard_prefix_hash(guard, who.source, who.source_bits);
	who.network_hash = guard_prefix_hash(guard, who.network, who.network_bits);
	return who;
}

uint64_t guard_name_hash(const struct guard *guard, struct tg_span name)
{
	return guard_hash(guard, 'n', name.p, name.len);
}
