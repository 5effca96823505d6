/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/operator.h"

#include "switch/accounts.h"
#include "switch/apps.h"
#include "switch/calls.h"
#include "switch/party.h"
#include "switch/registrar.h"

enum switch_told switch_unregister(struct tg_switch *sw, struct tg_span peer, uint64_t now_us)
{
	const struct world *world = world_now(sw);

	switch_at_now(sw, now_us);
	if (world == NULL || peer.len > WORLD_NAME_MAX || world_peer_find(world, peer) == NULL) {
		return SWITCH_TOLD_NO_PEER;
	}
	return registrar_unbind(sw, peer) ? SWITCH_TOLD_DONE : SWITCH_TOLD_NOT_BOUND;
}

bool switch_peer_where(const struct tg_switch *sw, struct tg_span name, struct tg_addr *addr)
{
	const struct world *world = world_now(sw);
	const struct world_peer *peer = world != NULL && name.len <= WORLD_NAME_MAX ? world_peer_find(world, name)
	                                                                            : NULL;
	struct tg_addr local;

	if (peer != NULL && !accounts_locate(sw, world, peer, addr, &local)) {
		*addr = (struct tg_addr){ 0 };
	}
	return peer != NULL;
}

/* ---- Hanging up ---- */

static void hang_callee_up(struct tg_switch *sw, struct call *call, struct party *callee)
{
	const struct iax_event ended = { .kind = IAX_EV_ENDED,
		                         .leg = callee->id,
		                         .leg_kind = IAX_LEG_CALL_OUT,
		                         .remote = callee->remote,
		                         .local = callee->local,
		                         .end = IAX_END_LOCAL,
		                         .cause = IAX_CAUSE_NORMAL_CLEARING };
	const enum iax_err err = iax_leg_hangup(sw->outside.ep, callee->id, IAX_CAUSE_NORMAL_CLEARING,
	                                        (struct tg_span){ 0 }, sw->now_us);

	(void)err; /* it ended meanwhile: what follows is the same */
	apps_on_callee(sw, call, callee, &ended);
	call_settle(sw, call);
}

static void hang_up(struct tg_switch *sw, struct party *party)
{
	struct call *call = tg_slab_find(calls_of(sw), party->call);

	if (call == NULL) {
		return;
	}
	call_touch(sw, call);
	if (party->state != PARTY_CALLER) {
		hang_callee_up(sw, call, party);
	} else {
		call_end(call, IAX_CAUSE_NORMAL_CLEARING);
		call_settle(sw, call);
	}
}

enum switch_told switch_hang_up(struct tg_switch *sw, struct tg_span channel, uint32_t *count, uint64_t now_us)
{
	char name[CALL_CHANNEL_BYTES];

	switch_at_now(sw, now_us);
	*count = 0;
	for (uint32_t i = 0; i < parties_of(sw)->count; i++) {
		struct party *party = tg_slab_at(parties_of(sw), i, NULL);
		const bool is_wanted = party != NULL &&
		                       (channel.len > 0
		                                ? tg_span_equal(channel, tg_span_text(call_channel(sw, party, name)))
		                                : party->state == PARTY_CALLER);

		if (is_wanted) {
			hang_up(sw, party);
			(*count)++;
		}
	}
	return *count > 0 || channel.len == 0 ? SWITCH_TOLD_DONE : SWITCH_TOLD_NO_CHANNEL;
}
