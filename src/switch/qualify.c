/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/qualify.h"

#include <string.h>

#include "switch/accounts.h"

enum {
	POKE_SLACK_MS = 20000, /* on top of the limit: a late answer is still one */
	NEW_ADDRESS_US = 500 * TG_US_PER_MS,
	NO_ANSWER = -2,
	NOT_YET = -1,
};

static const struct world_peer *peer_of(const struct tg_switch *sw, const struct account *account)
{
	return account->peer == NO_ROW ? NULL : world_row(world_now(sw), WORLD_PEERS, account->peer);
}

static bool is_fine(const struct account *account, const struct world_peer *peer)
{
	return account->rtt_ms >= 0 && account->rtt_ms <= (int32_t)peer->qualify_ms;
}

static uint32_t period_ms(const struct account *account, const struct world_peer *peer)
{
	const uint32_t period = is_fine(account, peer) ? peer->qualify_ok_ms : peer->qualify_notok_ms;

	return period < 1000 ? 1000 : period;
}

static void set_timer(struct tg_switch *sw, const struct account *account, uint64_t at_us)
{
	switch_timer(sw, TIMER_QUALIFY, tg_slab_ref(accounts_of(sw), account).index, at_us);
}

static const char *status_text(int32_t rtt_ms, const struct world_peer *peer)
{
	return rtt_ms == NO_ANSWER ? "UNREACHABLE" : rtt_ms > (int32_t)peer->qualify_ms ? "LAGGED" : "OK";
}

static void set_status(struct tg_switch *sw, struct account *account, const struct world_peer *peer, int32_t rtt_ms)
{
	const char *before = account->rtt_ms == NOT_YET ? "UNKNOWN" : status_text(account->rtt_ms, peer);
	const char *after = status_text(rtt_ms, peer);

	account->rtt_ms = rtt_ms;
	if (strcmp(before, after) != 0) {
		tg_log(sw->outside.log, TG_NOTICE, "peer.status", TG_BYTES("peer", name_span(account->name)),
		       TG_TEXT("status", after), TG_UINT("rtt_ms", rtt_ms < 0 ? 0 : (uint64_t)rtt_ms));
	}
}

void qualify_on_timer(struct tg_switch *sw, uint32_t index)
{
	struct tg_ref ref;
	struct account *account = tg_slab_at(accounts_of(sw), index, &ref);
	const struct world_peer *peer = account == NULL ? NULL : peer_of(sw, account);
	struct tg_addr remote, local;

	if (peer == NULL || peer->qualify_ms == 0) {
		return;
	}
	const uint32_t period = period_ms(account, peer);
	const uint32_t timeout_ms = peer->qualify_ms + POKE_SLACK_MS;

	set_timer(sw, account, sw->now_us + (uint64_t)period * TG_US_PER_MS);
	if (account->poking) { /* since before a reload */
		return;
	}
	if (!accounts_locate(sw, world_now(sw), peer, &remote, &local)) {
		return;
	}
	account->poking = iax_poke_open(sw->outside.ep, remote, local,
	                                timeout_ms < period / 6 * 5 ? timeout_ms : period / 6 * 5,
	                                owner_pack(OWNER_ACCOUNT, ref), sw->now_us, &account->poke) == IAX_OK;
}

static void on_answer(struct tg_switch *sw, struct account *account, const struct world_peer *peer, uint32_t rtt_us)
{
	const int32_t now_ms = (int32_t)(rtt_us / TG_US_PER_MS);
	const int32_t before_ms = account->last_rtt_ms;

	account->last_rtt_ms = now_ms;
	set_status(sw, account, peer, peer->qualify_smoothing && before_ms >= 0 ? (before_ms + now_ms) / 2 : now_ms);
}

void qualify_on_event(struct tg_switch *sw, const struct iax_event *event)
{
	struct account *account = owner_kind(event->owner) == OWNER_ACCOUNT
	                                  ? tg_slab_find(accounts_of(sw), owner_ref(event->owner))
	                                  : NULL;
	const struct world_peer *peer = account == NULL ? NULL : peer_of(sw, account);

	if (account == NULL || !account->poking || !tg_ref_equal(event->leg.ref, account->poke.ref)) {
		return;
	}
	if (event->kind == IAX_EV_POKED && peer != NULL) {
		on_answer(sw, account, peer, event->rtt_us);
	}
	if (event->kind != IAX_EV_ENDED) {
		return;
	}
	account->poking = false;
	if (peer != NULL && event->end != IAX_END_DONE && event->end != IAX_END_LOCAL) {
		account->last_rtt_ms = NOT_YET;
		set_status(sw, account, peer, NO_ANSWER);
	}
	account_settle(sw, account);
}

/* The address is another: what was known says nothing of it. */
void qualify_on_moved(struct tg_switch *sw, struct account *account)
{
	const struct world_peer *peer = peer_of(sw, account);

	account->rtt_ms = NOT_YET;
	account->last_rtt_ms = NOT_YET;
	account->poke = (struct iax_leg_id){ TG_NO_REF };
	account->poking = false;
	if (peer != NULL && peer->qualify_ms != 0) {
		set_timer(sw, account, sw->now_us + NEW_ADDRESS_US);
	}
}

static uint32_t watched_count(const struct tg_switch *sw)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < accounts_of(sw)->count; i++) {
		const struct account *account = tg_slab_at(accounts_of(sw), i, NULL);
		const struct world_peer *peer = account == NULL ? NULL : peer_of(sw, account);

		count += peer != NULL && peer->qualify_ms != 0;
	}
	return count;
}

/* n-th of all: so far apart that they fit into the peer's own period. */
static uint64_t spread_us(uint32_t n, uint32_t all, const struct world_peer *peer)
{
	const uint64_t period_us = (uint64_t)peer->qualify_ok_ms * TG_US_PER_MS;
	const uint64_t fair_us = period_us / (all > 0 ? all : 1);
	const uint64_t step_us = fair_us < QUALIFY_SPREAD_US ? fair_us : QUALIFY_SPREAD_US;

	return (n + 1) * step_us;
}

void qualify_on_world(struct tg_switch *sw)
{
	const uint32_t all = watched_count(sw);
	uint32_t n = 0;

	for (uint32_t i = 0; i < accounts_of(sw)->count; i++) {
		struct account *account = tg_slab_at(accounts_of(sw), i, NULL);
		const struct world_peer *peer = account == NULL ? NULL : peer_of(sw, account);

		if (account == NULL) {
			continue;
		}
		if (peer == NULL || peer->qualify_ms == 0) {
			account->rtt_ms = NOT_YET;
			switch_timer(sw, TIMER_QUALIFY, i, TG_NEVER);
		} else {
			switch_timer(sw, TIMER_QUALIFY, i, sw->now_us + spread_us(n++, all, peer));
		}
	}
}
