/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/auth.h"

#include <string.h>

enum { MINUTE_US = 60 * TG_US_PER_S };

struct tg_addr auth_host(struct tg_addr addr)
{
	addr.port = 0;
	if (addr.family == TG_IPV6) {
		memset(addr.ip + 8, 0, 8);
	}
	return addr;
}

uint64_t auth_who(const struct tg_switch *sw, bool registration, struct tg_span name, struct tg_addr source)
{
	uint8_t bytes[1 + MODEL_NAME_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u8(&w, registration);
	tg_put_span(&w, name);
	return iax_keyed_hash(sw->key, tg_writer_span(&w), auth_host(source));
}

static uint64_t jitter_us(const struct tg_switch *sw, struct tg_addr source)
{
	uint8_t bytes[8];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u64(&w, sw->now_us / MINUTE_US);
	return iax_keyed_hash(sw->key, tg_writer_span(&w), source) % AUTH_JITTER_US;
}

uint64_t auth_refusal_us(const struct tg_switch *sw, uint64_t arrived_us, struct tg_addr source)
{
	/* A vault that took longer than the delay must not show either: the grid goes on. */
	const uint64_t earliest = tg_max_u64(arrived_us + AUTH_REFUSAL_US, sw->now_us);

	return (earliest + AUTH_GRID_US - 1) / AUTH_GRID_US * AUTH_GRID_US + jitter_us(sw, source);
}

static const struct call *asked_call(const struct tg_switch *sw, uint32_t index)
{
	const struct party *party = tg_slab_at(parties_of(sw), index, NULL);

	return party == NULL ? NULL : tg_slab_find(calls_of(sw), party->call);
}

static uint32_t asked_count(const struct tg_switch *sw, uint64_t hash, struct tg_span name, struct tg_addr source)
{
	struct tg_map_walk walk = tg_map_find(asked_of(sw), hash);
	uint32_t count = 0;
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		const struct call *call = asked_call(sw, index);

		count += call != NULL && tg_addr_same_host(auth_host(call->record.caller_addr), auth_host(source)) &&
		         tg_span_equal(name_span(call->record.caller), name);
	}
	return count;
}

bool auth_asked_add(struct tg_switch *sw, struct tg_span name, struct tg_addr source, uint32_t party, uint32_t max)
{
	const uint64_t hash = iax_keyed_hash(sw->key, name, auth_host(source));
	const bool few = max == 0 || asked_count(sw, hash, name, source) < max;

	return tg_map_insert(asked_of(sw), hash, party) && few;
}

void auth_asked_remove(struct tg_switch *sw, struct tg_span name, struct tg_addr source, uint32_t party)
{
	tg_map_remove(asked_of(sw), iax_keyed_hash(sw->key, name, auth_host(source)), party);
}

bool auth_digest(const struct iax_ies *ies, uint8_t md5[16])
{
	size_t len = 0;

	if (ies != NULL && iax_ies_has(ies, IAX_IE_MD5_RESULT) && ies->md5_result.len == IAX_MD5_DIGITS &&
	    tg_hex_decode(md5, 16, ies->md5_result, &len) && len == 16) {
		return true;
	}
	memset(md5, 0, 16);
	return false;
}
