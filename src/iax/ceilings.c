/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* How many legs and call numbers there may be, of whom, and who makes room (rulings R6, R7, R11). */

enum {
	KNOWN_SHARE = 8,    /* of the half-open legs, this part is for known networks */
	UNPROVEN_SHARE = 4, /* of the numbers of those without token, this part is for strangers */
};

/* One that wants to open a leg. */
struct entrant {
	struct iax_endpoint *ep;
	struct core_host *host; /* NULL if nothing is known of it */
	const struct iax_pass *pass;
};

static bool is_unproven(const struct entrant *e)
{
	return e->pass->proof != IAX_PROVEN;
}

/* ---- One host -------------------------------------------------------------------------------------------------- */

static struct leg *one_of_host(const struct entrant *e)
{
	return e->host == NULL ? NULL : legs_to_give_of(e->ep, e->host);
}

static bool host_is_full(const struct entrant *e)
{
	return (e->host == NULL ? 0 : e->host->used) >= e->pass->numbers_max;
}

/* A limit that was lowered ends nothing. */
static struct leg *host_gives(const struct entrant *e)
{
	return e->host != NULL && e->host->used == e->pass->numbers_max ? one_of_host(e) : NULL;
}

static bool host_is_half_open(const struct entrant *e)
{
	return e->host != NULL && e->host->half_open >= e->ep->config.half_open_host;
}

static bool host_is_anonymous(const struct entrant *e)
{
	return e->host != NULL && is_unproven(e) && !e->pass->is_known &&
	       e->host->anonymous >= e->ep->config.half_open_host;
}

/* ---- All without token ----------------------------------------------------------------------------------------- */

static uint32_t strangers_share(const struct entrant *e)
{
	return e->pass->unproven_max / UNPROVEN_SHARE + (e->pass->unproven_max % UNPROVEN_SHARE != 0);
}

static bool unproven_strangers_are_full(const struct entrant *e)
{
	return is_unproven(e) && !e->pass->is_known && e->ep->unproven[false] >= strangers_share(e);
}

static struct leg *unproven_stranger_gives(const struct entrant *e)
{
	return e->ep->unproven[false] == strangers_share(e)
	               ? legs_oldest(e->ep, CORE_STRANGER_UNPROVEN, CORE_STRANGER_UNPROVEN)
	               : NULL;
}

static uint32_t unproven_used(const struct entrant *e)
{
	return e->ep->unproven[false] + e->ep->unproven[true];
}

static bool unproven_are_full(const struct entrant *e)
{
	return is_unproven(e) && unproven_used(e) >= e->pass->unproven_max;
}

static struct leg *unproven_gives(const struct entrant *e)
{
	struct leg *leg = legs_oldest(e->ep, CORE_STRANGER_UNPROVEN, CORE_STRANGER_UNPROVEN);

	if (unproven_used(e) != e->pass->unproven_max) {
		return NULL;
	}
	return leg != NULL || !e->pass->is_known ? leg : legs_oldest(e->ep, CORE_KNOWN_UNPROVEN, CORE_KNOWN_UNPROVEN);
}

/* ---- All ------------------------------------------------------------------------------------------------------- */

static bool half_open_are_full(const struct entrant *e)
{
	const uint32_t max = e->ep->config.half_open_max;

	return max != 0 && (legs_half_open(e->ep, false) >= max ||
	                    (!e->pass->is_known && legs_half_open(e->ep, true) >= max - max / KNOWN_SHARE));
}

static struct leg *half_open_gives(const struct entrant *e)
{
	return legs_half_open_to_give(e->ep, e->pass->is_known);
}

static bool legs_are_full(const struct entrant *e)
{
	const struct tg_slab *legs = core_legs(e->ep);

	return legs->count - legs->used <= legs->count / CORE_RESERVE_SHARE;
}

static struct leg *leg_gives(const struct entrant *e)
{
	return legs_to_give(e->ep, e->pass->is_known);
}

struct ceiling {
	bool (*is_reached)(const struct entrant *e);
	struct leg *(*giver)(const struct entrant *e);
	enum iax_err err;
};

/* clang-format off */
static const struct ceiling ceilings[] = {
	{ host_is_full,                host_gives,              IAX_ERR_HOST_NUMBERS },
	{ host_is_half_open,           one_of_host,             IAX_ERR_NO_ROOM },
	{ host_is_anonymous,           one_of_host,             IAX_ERR_HOST_NUMBERS },
	{ unproven_strangers_are_full, unproven_stranger_gives, IAX_ERR_UNPROVEN_NUMBERS },
	{ unproven_are_full,           unproven_gives,          IAX_ERR_UNPROVEN_NUMBERS },
	{ half_open_are_full,          half_open_gives,         IAX_ERR_NO_ROOM },
	{ legs_are_full,               leg_gives,               IAX_ERR_NO_ROOM },
};
/* clang-format on */

/* Before anything is taken from anybody. */
static enum iax_err who_says_no(const struct entrant *e)
{
	for (size_t i = 0; i < TG_COUNT(ceilings); i++) {
		if (ceilings[i].is_reached(e) && ceilings[i].giver(e) == NULL) {
			return ceilings[i].err;
		}
	}
	return IAX_OK;
}

void ceilings_evict(struct iax_endpoint *ep, struct leg *leg, uint64_t now_us)
{
	struct leg_turn turn = { .ep = ep, .leg = leg, .now_us = now_us };

	leg_tell_ended(&turn, IAX_END_EVICTED, 0);
	ep->stats.evicted++;
	legs_free(ep, leg, now_us);
}

enum iax_err ceilings_make_room(struct iax_endpoint *ep, const struct tg_addr *remote, const struct iax_pass *pass,
                                uint64_t now_us)
{
	struct entrant e = { ep, hosts_find(ep, remote), pass };
	enum iax_err err = who_says_no(&e);

	for (size_t i = 0; err == IAX_OK && i < TG_COUNT(ceilings); i++) {
		if (ceilings[i].is_reached(&e)) {
			struct leg *leg = ceilings[i].giver(&e);

			if (leg == NULL) {
				err = ceilings[i].err;
			} else {
				ceilings_evict(ep, leg, now_us);
				e.host = hosts_find(ep, remote); /* forgotten, if it was its last */
			}
		}
	}
	if (err != IAX_OK && e.host != NULL) {
		e.host->refused++;
	}
	return err;
}
