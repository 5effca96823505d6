/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

#include <string.h>

/* Legs of those who have not shown yet who they are: rulings R7 and R11. */

enum {
	SKIPPED_MAX = 64,  /* half-open legs looked at for one that waits for its peer */
	HOST_BYTES = 8,    /* of an IPv6 address */
	REFUSED_SHARE = 4, /* R7: the smaller budget of those who only wait for their refusal to arrive */
};

static struct tg_map *by_host(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->by_host_at);
}

static struct tg_slab *hosts(const struct iax_endpoint *ep)
{
	return core_at(ep, ep->hosts_at);
}

/* What counts as one host: whoever has one IPv6 address has its /64. */
static struct tg_addr host_addr(const struct tg_addr *remote)
{
	struct tg_addr addr = *remote;

	addr.port = 0;
	if (addr.family == TG_IPV6) {
		memset(addr.ip + HOST_BYTES, 0, sizeof(addr.ip) - HOST_BYTES);
	}
	return addr;
}

static struct core_host *host_find(const struct iax_endpoint *ep, const struct tg_addr *remote)
{
	const struct tg_addr addr = host_addr(remote);
	struct tg_map_walk walk = tg_map_find(by_host(ep), core_hash(ep, &addr, 0, CORE_KEY_HOST));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		struct core_host *host = tg_slab_at(hosts(ep), index, NULL);

		if (tg_addr_equal(host->addr, addr)) {
			return host;
		}
	}
	return NULL;
}

static struct core_host *host_of(struct iax_endpoint *ep, const struct tg_addr *remote)
{
	struct core_host *host = host_find(ep, remote);
	struct tg_ref ref;

	if (host != NULL) {
		return host;
	}
	host = tg_slab_take(hosts(ep), &ref);
	if (host == NULL) {
		return NULL;
	}
	host->addr = host_addr(remote);
	if (!tg_map_insert(by_host(ep), core_hash(ep, &host->addr, 0, CORE_KEY_HOST), ref.index)) {
		tg_slab_give(hosts(ep), ref);
		return NULL;
	}
	return host;
}

static void host_free(struct iax_endpoint *ep, struct core_host *host)
{
	const struct tg_ref ref = tg_slab_ref(hosts(ep), host);

	tg_map_remove(by_host(ep), core_hash(ep, &host->addr, 0, CORE_KEY_HOST), ref.index);
	tg_slab_give(hosts(ep), ref);
}

/* Hosts by how many half-open legs they have. */
static struct core_crowd *crowd_of(struct iax_endpoint *ep, const struct core_host *host)
{
	return &ep->crowds[tg_min_u64(host->count, CORE_CROWDS) - 1];
}

static struct core_host *host_at(const struct iax_endpoint *ep, uint32_t index)
{
	return tg_slab_at(hosts(ep), index, NULL);
}

static void crowd_leave(struct iax_endpoint *ep, struct core_host *host)
{
	struct core_crowd *crowd = crowd_of(ep, host);

	if (host->before != 0) {
		host_at(ep, host->before - 1)->behind = host->behind;
	} else {
		crowd->first = host->behind;
	}
	if (host->behind != 0) {
		host_at(ep, host->behind - 1)->before = host->before;
	} else {
		crowd->last = host->before;
	}
	host->before = host->behind = 0;
}

static void crowd_join(struct iax_endpoint *ep, struct core_host *host)
{
	struct core_crowd *crowd = crowd_of(ep, host);
	const uint32_t self = tg_slab_ref(hosts(ep), host).index + 1;

	host->before = crowd->last;
	if (crowd->last != 0) {
		host_at(ep, crowd->last - 1)->behind = self;
	} else {
		crowd->first = self;
	}
	crowd->last = self;
}

bool legs_doubt(struct iax_endpoint *ep, struct leg *leg)
{
	struct core_host *host = host_of(ep, &leg->remote);
	const uint32_t self = core_leg_index(ep, leg) + 1;

	if (host == NULL) {
		return false;
	}
	leg->host = tg_slab_ref(hosts(ep), host).index + 1;
	leg->older = ep->youngest;
	leg->host_older = host->youngest;
	if (ep->youngest != 0) {
		core_leg_at(ep, ep->youngest - 1)->younger = self;
	} else {
		ep->oldest = self;
	}
	if (host->youngest != 0) {
		core_leg_at(ep, host->youngest - 1)->host_younger = self;
	} else {
		host->oldest = self;
	}
	ep->youngest = host->youngest = self;
	if (host->count > 0) {
		crowd_leave(ep, host);
	}
	host->count++;
	crowd_join(ep, host);
	ep->half_open++;
	return true;
}

static void leave_all(struct iax_endpoint *ep, const struct leg *leg)
{
	if (leg->older != 0) {
		core_leg_at(ep, leg->older - 1)->younger = leg->younger;
	} else {
		ep->oldest = leg->younger;
	}
	if (leg->younger != 0) {
		core_leg_at(ep, leg->younger - 1)->older = leg->older;
	} else {
		ep->youngest = leg->older;
	}
}

static void leave_host(struct iax_endpoint *ep, const struct leg *leg, struct core_host *host)
{
	if (leg->host_older != 0) {
		core_leg_at(ep, leg->host_older - 1)->host_younger = leg->host_younger;
	} else {
		host->oldest = leg->host_younger;
	}
	if (leg->host_younger != 0) {
		core_leg_at(ep, leg->host_younger - 1)->host_older = leg->host_older;
	} else {
		host->youngest = leg->host_older;
	}
	crowd_leave(ep, host);
	if (--host->count == 0) {
		host_free(ep, host);
	} else {
		crowd_join(ep, host);
	}
}

void legs_prove(struct iax_endpoint *ep, struct leg *leg)
{
	if (leg->host == 0) {
		return;
	}
	ep->half_open--;
	leave_all(ep, leg);
	leave_host(ep, leg, tg_slab_at(hosts(ep), leg->host - 1, NULL));
	leg->host = leg->older = leg->younger = leg->host_older = leg->host_younger = 0;
}

/* Its peer has to do something, not our owner: evicting it takes nothing from anybody who acted. */
static bool is_unanswered(const struct leg *leg)
{
	return leg->state != LEG_ANSWERED && leg->state != LEG_REG_ANSWERED;
}

static struct leg *oldest_unanswered(const struct iax_endpoint *ep, uint32_t oldest, bool of_host)
{
	uint32_t at = oldest;

	for (unsigned i = 0; at != 0 && i < SKIPPED_MAX; i++) {
		struct leg *leg = core_leg_at(ep, at - 1);

		if (is_unanswered(leg)) {
			return leg;
		}
		at = of_host ? leg->host_younger : leg->younger;
	}
	return NULL;
}

/* Who holds many gives first. */
static struct leg *of_a_crowd(const struct iax_endpoint *ep)
{
	for (unsigned i = CORE_CROWDS - 1; i > 0; i--) {
		const uint32_t first = ep->crowds[i].first;
		struct leg *leg = first == 0 ? NULL : oldest_unanswered(ep, host_at(ep, first - 1)->oldest, true);

		if (leg != NULL) {
			return leg;
		}
	}
	return NULL;
}

static struct leg *half_open_to_give(const struct iax_endpoint *ep)
{
	struct leg *leg = of_a_crowd(ep);

	return leg != NULL ? leg : oldest_unanswered(ep, ep->oldest, false);
}

struct leg *legs_to_give(const struct iax_endpoint *ep)
{
	struct leg *leg = half_open_to_give(ep);

	return leg != NULL || ep->refused_oldest == 0 ? leg : core_leg_at(ep, ep->refused_oldest - 1);
}

struct leg *legs_to_evict(const struct iax_endpoint *ep, const struct tg_addr *remote, bool *full)
{
	const struct core_host *host = host_find(ep, remote);
	const struct tg_slab *slab = core_legs(ep);
	struct leg *leg = NULL;

	*full = false;
	if (host != NULL && host->count >= ep->config.half_open_host) {
		leg = oldest_unanswered(ep, host->oldest, true);
		*full = leg == NULL;
	} else if (ep->config.half_open_max != 0 && ep->half_open >= ep->config.half_open_max) {
		leg = half_open_to_give(ep);
		*full = leg == NULL;
	} else if (slab->count - slab->used <= slab->count / CORE_RESERVE_SHARE) {
		leg = legs_to_give(ep);
		*full = leg == NULL;
	}
	return leg;
}

/* ---- Refused -------------------------------------------------------------------------------------------------- */

void legs_unrefuse(struct iax_endpoint *ep, struct leg *leg)
{
	if (!leg->refused) {
		return;
	}
	if (leg->older != 0) {
		core_leg_at(ep, leg->older - 1)->younger = leg->younger;
	} else {
		ep->refused_oldest = leg->younger;
	}
	if (leg->younger != 0) {
		core_leg_at(ep, leg->younger - 1)->older = leg->older;
	} else {
		ep->refused_youngest = leg->older;
	}
	leg->older = leg->younger = 0;
	leg->refused = false;
	ep->refused--;
}

void legs_refuse(struct iax_endpoint *ep, struct leg *leg, uint64_t now_us)
{
	const uint32_t self = core_leg_index(ep, leg) + 1;

	if (leg->host == 0) {
		return;
	}
	legs_prove(ep, leg);
	if (ep->refused > 0 && ep->refused >= ep->config.legs_max / REFUSED_SHARE) {
		legs_free(ep, core_leg_at(ep, ep->refused_oldest - 1), now_us);
	}
	leg->refused = true;
	leg->older = ep->refused_youngest;
	if (ep->refused_youngest != 0) {
		core_leg_at(ep, ep->refused_youngest - 1)->younger = self;
	} else {
		ep->refused_oldest = self;
	}
	ep->refused_youngest = self;
	ep->refused++;
}
