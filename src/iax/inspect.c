/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/inspect.h"

#include "iax/core.h"

struct sums {
	uint32_t legs, frames, known, doubted, standing, refused, counted, calls;
	uint32_t unproven[2];
};

static const char *check_window(const struct iax_endpoint *ep, const struct leg *leg)
{
	uint32_t count = 0;
	uint8_t number = leg->win.rseqno;
	iax_frame_no last = 0;

	for (iax_frame_no no = leg->win.first; no != 0 && count <= IAX_SEQWIN_FRAMES; count++) {
		const struct iax_held *held = iax_framepool_at(core_frames(ep), no);

		if (iax_seq_before(held->oseqno, number)) {
			return "the window is out of order";
		}
		number = held->oseqno;
		last = no;
		no = held->next;
	}
	if (count != leg->win.count || last != leg->win.last || count > IAX_SEQWIN_FRAMES) {
		return "the window's list and count differ";
	}
	if ((uint8_t)(leg->win.oseqno - leg->win.rseqno) > IAX_SEQWIN_FRAMES) {
		return "the window is too wide";
	}
	return NULL;
}

static uint64_t first_deadline(const struct iax_endpoint *ep, const struct leg *leg)
{
	return tg_min_u64(tg_min_u64(leg->life_us, iax_seqwin_due_us(&leg->win, core_frames(ep))),
	                  tg_min_u64(leg->ping_us, leg->lagrq_us));
}

static bool is_half_open(const struct leg *leg)
{
	return leg->list != CORE_NO_LIST && leg->list != CORE_REFUSED;
}

/* Only who opened a leg with us counts, and a refused one no more. */
static const char *check_standing(const struct leg *leg)
{
	const bool opened = leg->kind == IAX_LEG_CALL_IN || leg->kind == IAX_LEG_REG_IN;

	if ((leg->host != 0) != (opened && leg->list != CORE_REFUSED)) {
		return "a leg counts for nobody, or for whom it should not";
	}
	if (leg->list == CORE_REFUSED && !leg->ended) {
		return "a refused leg is not over";
	}
	return leg->host == 0 && is_half_open(leg) ? "a half-open leg of nobody" : NULL;
}

static const char *check_leg(const struct iax_endpoint *ep, uint32_t index, const struct leg *leg)
{
	const struct iax_numbers *numbers = core_at(ep, ep->numbers_at);

	if (leg->number < IAX_CALLNO_MIN || leg->number > IAX_CALLNO_MAX || numbers->legs[leg->number] == 0) {
		return "a leg without a number";
	}
	if (legs_find_number(ep, &leg->remote, leg->number) != leg) {
		return "a leg is not found by its number";
	}
	if (leg->remote_number != 0 && legs_find_remote(ep, &leg->remote, leg->remote_number) == NULL) {
		return "a leg is not found by its peer's number";
	}
	if (leg->state >= LEG_GONE || leg->ended != (leg->state == LEG_CLOSING)) {
		return "a leg's state and what its owner was told differ";
	}
	if (leg->state == LEG_CLOSING && leg->win.count == 0) {
		return "a closing leg waits for nothing";
	}
	if (tg_wheel_get(core_wheel(ep), index) != first_deadline(ep, leg)) {
		return "a leg's timer is not what is due first";
	}
	if (first_deadline(ep, leg) == TG_NEVER) {
		return "a leg that nothing will ever end";
	}
	const char *wrong = check_standing(leg);

	return wrong != NULL ? wrong : check_window(ep, leg);
}

static const char *check_list(const struct iax_endpoint *ep, unsigned which)
{
	const struct core_queue *list = &ep->lists[which];
	uint32_t listed = 0, before = 0;

	for (uint32_t at = list->oldest; at != 0 && listed <= list->count; listed++) {
		const struct leg *leg = core_leg_at(ep, at - 1);

		if (leg == NULL || leg->list != which || leg->older != before) {
			return "a list of strangers' legs is broken";
		}
		before = at;
		at = leg->younger;
	}
	return listed == list->count && list->youngest == before ? NULL : "a list of strangers' legs ends elsewhere";
}

static const char *check_lists(const struct iax_endpoint *ep, const struct sums *sums)
{
	const char *wrong = NULL;

	for (unsigned i = CORE_NO_LIST + 1; i < CORE_LISTS && wrong == NULL; i++) {
		wrong = check_list(ep, i);
	}
	if (wrong == NULL &&
	    (legs_half_open(ep, false) != sums->doubted || ep->lists[CORE_REFUSED].count != sums->refused)) {
		wrong = "legs of strangers are not all listed";
	}
	if (wrong == NULL && ep->config.half_open_max != 0 && sums->doubted > ep->config.half_open_max) {
		wrong = "more half-open legs than there may be";
	}
	return wrong;
}

/* What the legs say of one host. */
static struct core_host tally(const struct iax_endpoint *ep, uint32_t index)
{
	struct core_host host = { 0 };
	const struct core_host *self = hosts_at(ep, index);

	for (uint32_t i = 0; i < ep->config.legs_max; i++) {
		const struct leg *leg = core_leg_at(ep, i);

		host.calls += leg != NULL && leg_has_call(leg) && hosts_find(ep, &leg->remote) == self;
		if (leg != NULL && leg->host == index + 1) {
			host.used++;
			host.half_open += is_half_open(leg);
			host.unproven += leg->proof != IAX_PROVEN;
			host.anonymous += leg->proof != IAX_PROVEN && !leg->authenticated;
		}
	}
	return host;
}

static const char *check_host(const struct iax_endpoint *ep, uint32_t index, const struct core_host *host)
{
	const struct core_host legs = tally(ep, index);

	if (host->used != legs.used || host->half_open != legs.half_open || host->unproven != legs.unproven ||
	    host->anonymous != legs.anonymous || host->calls != legs.calls) {
		return "a host's counts are not those of its legs";
	}
	if (host->half_open > ep->config.half_open_host) {
		return "a host has more half-open legs than it may";
	}
	if (hosts_is_unused(host) && !host->proven) {
		return "a host is remembered that never proved itself";
	}
	if (hosts_find(ep, &host->addr) != host) {
		return "a host is not found";
	}
	return host->used > host->peak ? "a host has more numbers than it ever had" : NULL;
}

static const char *check_hosts(const struct iax_endpoint *ep, const struct sums *sums)
{
	const struct tg_slab *slab = core_at(ep, ep->hosts_at);
	const char *wrong = NULL;
	uint32_t used = 0, calls = 0;

	for (uint32_t i = 0; i < slab->count && wrong == NULL; i++) {
		const struct core_host *host = hosts_at(ep, i);

		if (host != NULL) {
			used += host->used;
			calls += host->calls;
			wrong = check_host(ep, i, host);
		}
	}
	if (wrong == NULL && (used != sums->counted || calls != sums->calls)) {
		wrong = "a leg counts for a host that is not there";
	}
	if (wrong == NULL &&
	    (ep->unproven[false] != sums->unproven[false] || ep->unproven[true] != sums->unproven[true])) {
		wrong = "the dialogs without token are miscounted";
	}
	return wrong;
}

static uint8_t crowd_of(const struct core_host *host)
{
	const uint32_t place = (host->known ? HOSTS_CROWDS : 0) + (uint32_t)tg_min_u64(host->half_open, HOSTS_CROWDS);

	if (hosts_is_unused(host)) {
		return HOSTS_UNUSED + 1;
	}
	return host->half_open == 0 ? 0 : (uint8_t)place;
}

static const char *check_crowds(const struct iax_endpoint *ep)
{
	const struct tg_slab *slab = core_at(ep, ep->hosts_at);
	uint32_t listed = 0, apart = 0;

	for (uint32_t i = 0; i < HOSTS_QUEUES; i++) {
		for (uint32_t at = ep->hosts.queues[i].first; at != 0 && listed <= slab->used; listed++) {
			const struct core_host *host = hosts_at(ep, at - 1);

			if (host == NULL || host->crowd != i + 1 || crowd_of(host) != i + 1) {
				return "a host is in the wrong crowd";
			}
			at = host->behind;
		}
	}
	for (uint32_t i = 0; i < slab->count; i++) {
		const struct core_host *host = hosts_at(ep, i);

		apart += host != NULL && crowd_of(host) == 0;
	}
	return listed + apart == slab->used ? NULL : "hosts are in no crowd";
}

static const char *check_sums(const struct iax_endpoint *ep, const struct sums *sums)
{
	const struct iax_numbers *numbers = core_at(ep, ep->numbers_at);
	const struct tg_map *by_number = core_at(ep, ep->by_number_at);
	const struct tg_map *by_remote = core_at(ep, ep->by_remote_at);

	if (iax_framepool_used(core_frames(ep)) != sums->frames) {
		return "frames are held by no leg";
	}
	if (by_number->used != sums->legs || by_remote->used != sums->known) {
		return "a table names legs that are not there";
	}
	const struct tg_slab *peers = core_at(ep, ep->peers_at);
	uint32_t of_peers = 0;

	for (uint32_t i = 0; i < peers->count; i++) {
		const struct core_peer *peer = tg_slab_at(peers, i, NULL);

		of_peers += peer == NULL ? 0 : peer->count;
	}
	if (of_peers != sums->standing) {
		return "peers have other legs than stand";
	}
	return numbers->used > sums->legs ? "numbers are held by no leg" : NULL;
}

static void add_leg(struct sums *sums, const struct leg *leg)
{
	sums->legs++;
	sums->frames += leg->win.count;
	sums->known += leg->remote_number != 0;
	sums->doubted += is_half_open(leg);
	sums->standing += leg->stands;
	sums->refused += leg->list == CORE_REFUSED;
	sums->counted += leg->host != 0;
	sums->calls += leg_has_call(leg);
	sums->unproven[leg->known] += leg->host != 0 && leg->proof != IAX_PROVEN;
}

const char *iax_inspect(const struct iax_endpoint *ep)
{
	struct sums sums = { 0 };
	const char *wrong = NULL;

	for (uint32_t i = 0; i < ep->config.legs_max && wrong == NULL; i++) {
		const struct leg *leg = tg_slab_at(core_legs(ep), i, NULL);

		if (leg != NULL) {
			add_leg(&sums, leg);
			wrong = check_leg(ep, i, leg);
		} else if (tg_wheel_get(core_wheel(ep), i) != TG_NEVER) {
			wrong = "a timer is set for no leg";
		}
	}
	if (wrong == NULL) {
		wrong = check_sums(ep, &sums);
	}
	if (wrong == NULL) {
		wrong = check_lists(ep, &sums);
	}
	if (wrong == NULL) {
		wrong = check_hosts(ep, &sums);
	}
	return wrong != NULL ? wrong : check_crowds(ep);
}

uint32_t iax_inspect_legs(const struct iax_endpoint *ep)
{
	return core_legs(ep)->used;
}

int iax_inspect_state(const struct iax_endpoint *ep, uint32_t index)
{
	const struct leg *leg = tg_slab_at(core_legs(ep), index, NULL);

	return leg == NULL ? -1 : leg->state;
}
