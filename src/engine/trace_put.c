/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypt/hash.h"
#include "engine/trace.h"
#include "iax/wire.h"

/* The end of whoever sees frames. */

uint64_t trace_key(const struct engine_shared *shared, struct tg_addr addr, bool with_port)
{
	uint8_t bytes[sizeof(addr.ip) + 2];

	memcpy(bytes, addr.ip, sizeof(addr.ip));
	bytes[sizeof(addr.ip)] = with_port ? (uint8_t)(addr.port >> 8) : 0;
	bytes[sizeof(addr.ip) + 1] = with_port ? (uint8_t)addr.port : 0;
	return crypt_siphash64(shared->known.key, (struct tg_span){ bytes, sizeof(bytes) });
}

static bool is_wanted(const struct engine_shared *shared, struct tg_addr remote)
{
	const enum trace_mode mode = (enum trace_mode)atomic_load_explicit(&shared->trace_mode, memory_order_relaxed);

	return mode == TRACE_ALL ||
	       (mode != TRACE_OFF && trace_key(shared, remote, mode == TRACE_HOST_PORT) ==
	                                     atomic_load_explicit(&shared->trace_key, memory_order_relaxed));
}

bool trace_put(struct engine_shared *shared, enum trace_ring who, bool sent, struct tg_addr remote,
               struct tg_span bytes, uint64_t now_us)
{
	struct traced *traced = NULL;

	if (bytes.len < IAX_FULL_BYTES || (bytes.p[0] & IAX_FULL_BIT >> 8) == 0 || !is_wanted(shared, remote)) {
		return false;
	}
	traced = tg_ring_room(shared->traces[who]);
	if (traced == NULL) {
		engine_count(&shared->trace_lost[who], 1);
		return false;
	}
	traced->at_us = now_us;
	traced->remote = remote;
	traced->sent = sent;
	traced->total = (uint16_t)bytes.len;
	traced->len = (uint16_t)tg_min_u64(bytes.len, sizeof(traced->bytes));
	memcpy(traced->bytes, bytes.p, traced->len);
	tg_ring_push(shared->traces[who]);
	return true;
}

bool trace_packets(struct engine_shared *shared, enum trace_ring who, const struct sys_udp_packet *packets,
                   unsigned count, uint64_t now_us)
{
	bool kept = false;

	for (unsigned i = 0; i < count; i++) {
		const struct tg_span bytes = packets[i].bytes;
		const size_t segment = packets[i].segment == 0 ? bytes.len : packets[i].segment;

		for (size_t at = 0; at < bytes.len; at += segment) {
			kept |= trace_put(shared, who, false, packets[i].remote,
			                  (struct tg_span){ bytes.p + at, tg_min_u64(bytes.len - at, segment) },
			                  now_us);
		}
	}
	return kept;
}
