/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/hosts.h"

#include "iax/core.h"

#include <string.h>

static struct tg_map *by_host(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->by_host_at);
}

static struct tg_slab *slab(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->hosts_at);
}

struct core_host *hosts_at(const struct iax_endpoint *ep, uint32_t index)
{
	return tg_slab_at(slab(ep), index, NULL);
}

uint32_t hosts_index(const struct iax_endpoint *ep, const struct core_host *host)
{
	return tg_slab_ref(slab(ep), host).index;
}

struct core_host *hosts_find(const struct iax_endpoint *ep, const struct tg_addr *remote)
{
	const struct tg_addr addr = tg_addr_host(*remote);
	struct tg_map_walk walk = tg_map_find(by_host(ep), core_hash(ep, &addr, 0, CORE_KEY_HOST));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		struct core_host *host = hosts_at(ep, index);

		if (tg_addr_equal(host->addr, addr)) {
			return host;
		}
	}
	return NULL;
}

/* ---- Queues ---------------------------------------------------------------------------------------------------- */

static void leave(struct iax_endpoint *ep, struct core_host *host)
{
	if (host->crowd == 0) {
		return;
	}
	struct hosts_queue *queue = &ep->hosts.queues[host->crowd - 1];

	if (host->before != 0) {
		hosts_at(ep, host->before - 1)->behind = host->behind;
	} else {
		queue->first = host->behind;
	}
	if (host->behind != 0) {
		hosts_at(ep, host->behind - 1)->before = host->before;
	} else {
		queue->last = host->before;
	}
	host->before = host->behind = 0;
	host->crowd = 0;
}

static void join(struct iax_endpoint *ep, struct core_host *host, uint8_t crowd)
{
	struct hosts_queue *queue = &ep->hosts.queues[crowd - 1];
	const uint32_t self = hosts_index(ep, host) + 1;

	host->crowd = crowd;
	host->before = queue->last;
	if (queue->last != 0) {
		hosts_at(ep, queue->last - 1)->behind = self;
	} else {
		queue->first = self;
	}
	queue->last = self;
}

static unsigned queue_of(bool known, unsigned count)
{
	return (known ? HOSTS_CROWDS : 0) + (unsigned)tg_min_u64(count, HOSTS_CROWDS) - 1;
}

static uint8_t crowd_of(const struct core_host *host)
{
	if (hosts_is_unused(host)) {
		return HOSTS_UNUSED + 1;
	}
	return host->half_open == 0 ? 0 : (uint8_t)(queue_of(host->known, host->half_open) + 1);
}

static void forget(struct iax_endpoint *ep, struct core_host *host)
{
	const struct tg_ref ref = tg_slab_ref(slab(ep), host);

	leave(ep, host);
	tg_map_remove(by_host(ep), core_hash(ep, &host->addr, 0, CORE_KEY_HOST), ref.index);
	tg_slab_give(slab(ep), ref);
}

void hosts_settle(struct iax_endpoint *ep, struct core_host *host)
{
	const uint8_t crowd = crowd_of(host);

	host->peak = (uint32_t)tg_max_u64(host->peak, host->used);
	if (hosts_is_unused(host) && !host->proven) {
		forget(ep, host);
	} else if (crowd != host->crowd) {
		leave(ep, host);
		if (crowd != 0) {
			join(ep, host, crowd);
		}
	}
}

struct core_host *hosts_first(const struct iax_endpoint *ep, bool known, unsigned count)
{
	const uint32_t first = ep->hosts.queues[queue_of(known, count)].first;

	return first == 0 ? NULL : hosts_at(ep, first - 1);
}

/* ---- Rows ------------------------------------------------------------------------------------------------------ */

struct core_host *hosts_of(struct iax_endpoint *ep, const struct tg_addr *remote)
{
	const uint32_t unused = ep->hosts.queues[HOSTS_UNUSED].first;
	struct core_host *host = hosts_find(ep, remote);
	struct tg_ref ref;

	if (host != NULL) {
		return host;
	}
	if (slab(ep)->used == slab(ep)->count && unused != 0) {
		forget(ep, hosts_at(ep, unused - 1));
	}
	host = tg_slab_take(slab(ep), &ref);
	if (host == NULL) {
		return NULL;
	}
	host->addr = tg_addr_host(*remote);
	if (!tg_map_insert(by_host(ep), core_hash(ep, &host->addr, 0, CORE_KEY_HOST), ref.index)) {
		tg_slab_give(slab(ep), ref);
		return NULL;
	}
	return host;
}

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

/* There is room: each other row that is in use is so because of another leg. */
void hosts_call_begins(struct iax_endpoint *ep, const struct tg_addr *remote)
{
	struct core_host *host = hosts_of(ep, remote);

	assert(host != NULL);
	host->calls++;
	hosts_settle(ep, host);
}

void hosts_call_ended(struct iax_endpoint *ep, const struct tg_addr *remote)
{
	struct core_host *host = hosts_find(ep, remote);

	assert(host != NULL && host->calls > 0);
	host->calls--;
	hosts_settle(ep, host);
}

static bool has_call_inside(const struct iax_endpoint *ep, const struct tg_addr *base, unsigned bits)
{
	for (uint32_t i = 0; i < slab(ep)->count; i++) {
		const struct core_host *host = hosts_at(ep, i);

		if (host != NULL && host->calls > 0 && tg_addr_in_prefix(host->addr, *base, bits)) {
			return true;
		}
	}
	return false;
}

bool iax_endpoint_has_call(const struct iax_endpoint *ep, struct tg_addr base, unsigned bits)
{
	if (bits < tg_addr_host_bits(base)) {
		return has_call_inside(ep, &base, bits);
	}
	const struct core_host *host = hosts_find(ep, &base);

	return host != NULL && host->calls > 0;
}

/* ---- For people ------------------------------------------------------------------------------------------------ */

bool iax_endpoint_host_row(const struct iax_endpoint *ep, uint32_t *cursor, struct iax_host_row *row)
{
	while (*cursor < slab(ep)->count) {
		const struct core_host *host = hosts_at(ep, (*cursor)++);

		if (host != NULL && (host->used > 0 || host->proven)) {
			*row = (struct iax_host_row){
				.addr = host->addr,
				.bits = tg_addr_host_bits(host->addr),
				.used = host->used,
				.half_open = host->half_open,
				.unproven = host->unproven,
				.limit = host->limit,
				.peak = host->peak,
				.refused = host->refused,
			};
			return true;
		}
	}
	return false;
}
