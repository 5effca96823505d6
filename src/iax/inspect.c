/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/inspect.h"

#include "iax/core.h"

struct sums {
	uint32_t legs, frames, known, doubted, standing, refused;
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
	return check_window(ep, leg);
}

static const char *check_doubted(const struct iax_endpoint *ep, uint32_t count)
{
	const struct tg_slab *hosts = core_at(ep, ep->hosts_at);
	uint32_t listed = 0, of_hosts = 0, before = 0;

	for (uint32_t at = ep->oldest; at != 0 && listed <= count; listed++) {
		const struct leg *leg = tg_slab_at(core_legs(ep), at - 1, NULL);

		if (leg == NULL || leg->host == 0 || leg->older != before) {
			return "the list of half-open legs is broken";
		}
		before = at;
		at = leg->younger;
	}
	if (ep->youngest != before) {
		return "the list of half-open legs ends elsewhere";
	}
	for (uint32_t i = 0; i < hosts->count; i++) {
		const struct core_host *host = tg_slab_at(hosts, i, NULL);

		of_hosts += host == NULL ? 0 : host->count;
		if (host != NULL && (host->count == 0 || host->count > ep->config.half_open_host)) {
			return "a host has more half-open legs than it may";
		}
	}
	if (ep->config.half_open_max != 0 && count > ep->config.half_open_max) {
		return "more half-open legs than there may be";
	}
	return listed == count && of_hosts == count && ep->half_open == count ? NULL
	                                                                      : "half-open legs are not all listed";
}

static const char *check_crowds(const struct iax_endpoint *ep)
{
	const struct tg_slab *hosts = core_at(ep, ep->hosts_at);
	uint32_t listed = 0;

	for (uint32_t i = 0; i < CORE_CROWDS; i++) {
		for (uint32_t at = ep->crowds[i].first; at != 0 && listed <= hosts->used; listed++) {
			const struct core_host *host = tg_slab_at(hosts, at - 1, NULL);

			if (host == NULL || tg_min_u64(host->count, CORE_CROWDS) != i + 1) {
				return "a host is in the wrong crowd";
			}
			at = host->behind;
		}
	}
	return listed == hosts->used ? NULL : "hosts are in no crowd";
}

static const char *check_refused(const struct iax_endpoint *ep, uint32_t count)
{
	uint32_t listed = 0;

	for (uint32_t at = ep->refused_oldest; at != 0 && listed <= count; listed++) {
		const struct leg *leg = core_leg_at(ep, at - 1);

		if (leg == NULL || !leg->refused || leg->host != 0 || !leg->ended) {
			return "the list of refused legs is broken";
		}
		at = leg->younger;
	}
	return listed == count && ep->refused == count ? NULL : "refused legs are not all listed";
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

const char *iax_inspect(const struct iax_endpoint *ep)
{
	struct sums sums = { 0 };
	const char *wrong = NULL;

	for (uint32_t i = 0; i < ep->config.legs_max && wrong == NULL; i++) {
		const struct leg *leg = tg_slab_at(core_legs(ep), i, NULL);

		if (leg != NULL) {
			sums.legs++;
			sums.frames += leg->win.count;
			sums.known += leg->remote_number != 0;
			sums.doubted += leg->host != 0;
			sums.standing += leg->stands;
			sums.refused += leg->refused;
			wrong = check_leg(ep, i, leg);
		} else if (tg_wheel_get(core_wheel(ep), i) != TG_NEVER) {
			wrong = "a timer is set for no leg";
		}
	}
	if (wrong == NULL) {
		wrong = check_sums(ep, &sums);
	}
	if (wrong == NULL) {
		wrong = check_doubted(ep, sums.doubted);
	}
	if (wrong == NULL) {
		wrong = check_crowds(ep);
	}
	return wrong != NULL ? wrong : check_refused(ep, sums.refused);
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
