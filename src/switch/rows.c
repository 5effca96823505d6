/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/inside.h"

#include "switch/accounts.h"
#include "switch/apps.h"
#include "switch/calls.h"
#include "switch/callvars.h"
#include "switch/party.h"

#include <stdio.h>

/* Rows are asked for between two turns. */
static uint64_t wall_ms_at(const struct tg_switch *sw, uint64_t now_us)
{
	return (sw->wall_us + (now_us - sw->now_us)) / TG_US_PER_MS;
}

bool switch_peer_row(const struct tg_switch *sw, uint32_t *cursor, uint64_t now_us, struct switch_peer_row *row)
{
	const struct world *world = world_now(sw);
	struct tg_addr local;

	if (world == NULL || *cursor >= world_count(world, WORLD_PEERS)) {
		return false;
	}
	const struct world_peer *peer = world_row(world, WORLD_PEERS, (*cursor)++);
	const struct account *account = account_find(sw, world_span(world, peer->name));
	const uint64_t wall_ms = wall_ms_at(sw, now_us);

	*row = (struct switch_peer_row){ .rtt_ms = account != NULL ? account->rtt_ms : -1 };
	tg_span_copy(row->name, sizeof(row->name), world_span(world, peer->name));
	if (!accounts_locate(sw, world, peer, &row->addr, &local)) {
		row->addr = (struct tg_addr){ 0 };
	}
	row->user_latched = accounts_is_latched(sw, world_span(world, peer->name), true);
	row->peer_latched = accounts_is_latched(sw, world_span(world, peer->name), false);
	if (account != NULL && account->binding.expires_ms > wall_ms) {
		row->expires_s = (uint32_t)((account->binding.expires_ms - wall_ms) / 1000);
	}
	return true;
}

static const char *state_text(const struct call *call, const struct party *party)
{
	if (party->state != PARTY_CALLER || call->state == CALL_CALLED) {
		return party->state == PARTY_ANSWERED ? "Up" : party->ringing ? "Ringing" : "Down";
	}
	return call->answered ? "Up" : call->state >= CALL_ACCEPTED ? "Ring" : "Down";
}

static void put_text(char *to, size_t size_bytes, const char *text)
{
	tg_span_copy(to, size_bytes, tg_span_text(text));
}

static void fill_place(const struct tg_switch *sw, const struct call *call, struct switch_channel_row *row)
{
	const struct world *world = call_world(sw, call);
	const struct world_step *step = call->app < WORLD_APPS ? apps_step(sw, call) : NULL;
	struct vars_text args = { .p = (uint8_t *)row->app_args, .size_bytes = sizeof(row->app_args) - 1 };

	put_text(row->exten, sizeof(row->exten), call->exten);
	row->priority = call->priority;
	if (world != NULL && call->context < world_count(world, WORLD_CONTEXTS)) {
		const struct world_context *context = world_row(world, WORLD_CONTEXTS, call->context);

		tg_span_copy(row->context, sizeof(row->context), world_span(world, context->name));
	}
	if (call->app < WORLD_APPS) {
		put_text(row->app, sizeof(row->app), world_app_name((enum world_app_id)call->app));
	}
	if (step != NULL) {
		callvars_expand(sw, call, VARS_FOR_TEXT, world_span(world, step->args), &args);
	}
}

static void fill_party(const struct tg_switch *sw, const struct call *call, const struct party *party,
                       struct switch_channel_row *row)
{
	const bool is_caller = party->state == PARTY_CALLER;
	const struct party *other = is_caller ? party_at(sw, call->talks) : party_caller(sw, call);
	char name[CALL_CHANNEL_BYTES];

	put_text(row->channel, sizeof(row->channel), call_channel(sw, party, name));
	put_text(row->user, sizeof(row->user), is_caller ? call->record.caller : party->name);
	put_text(row->caller_number, sizeof(row->caller_number), is_caller ? call->record.caller_number : "");
	put_text(row->state, sizeof(row->state), state_text(call, party));
	if (other != NULL && call->talks != 0 && (is_caller || party_place(sw, party) == call->talks)) {
		put_text(row->bridged_to, sizeof(row->bridged_to), call_channel(sw, other, name));
	}
	row->call_id = (uint32_t)call->record.unique;
	if (is_caller) {
		fill_place(sw, call, row);
	}
}

bool switch_channel_row(const struct tg_switch *sw, uint32_t *cursor, uint64_t now_us, struct switch_channel_row *row)
{
	const struct iax_endpoint *ep = sw->outside.ep;

	for (; *cursor < iax_endpoint_leg_max(ep); (*cursor)++) {
		*row = (struct switch_channel_row){ 0 };
		if (!iax_endpoint_leg_at(ep, *cursor, &row->leg) || !iax_leg_info(ep, row->leg, &row->info)) {
			continue;
		}
		const struct party *party = owner_kind(row->info.owner) == OWNER_PARTY
		                                    ? party_find(sw, owner_ref(row->info.owner))
		                                    : NULL;
		const struct call *call = party == NULL ? NULL : tg_slab_find(calls_of(sw), party->call);
		struct iax_report report;

		put_text(row->channel, sizeof(row->channel), "(None)");
		if (call != NULL) {
			fill_party(sw, call, party, row);
			row->seconds = (uint32_t)((now_us - call->started_us) / TG_US_PER_S);
		}
		if (party != NULL && party->relayed &&
		    sw->outside.ops.relay_report(sw->outside.ops.owner, party->id, &report)) {
			row->info.local_report = report;
		}
		(*cursor)++;
		return true;
	}
	return false;
}

bool switch_registry_row(const struct tg_switch *sw, uint32_t *cursor, uint64_t now_us, struct switch_registry_row *row)
{
	(void)now_us;
	for (; *cursor < outgoings_of(sw)->count; (*cursor)++) {
		const struct outgoing *outgoing = tg_slab_at(outgoings_of(sw), *cursor, NULL);

		if (outgoing == NULL || outgoing->row == NO_ROW) {
			continue;
		}
		*row = (struct switch_registry_row){
			.perceived = outgoing->registrant.perceived,
			.refresh_s = outgoing->registrant.granted_s != 0 ? outgoing->registrant.granted_s
			                                                 : outgoing->registrant.asked_s,
			.is_registered = outgoing->registrant.state == IAX_REGISTRANT_REGISTERED,
		};
		put_text(row->host, sizeof(row->host), outgoing->host);
		put_text(row->username, sizeof(row->username), outgoing->username);
		put_text(row->state, sizeof(row->state), iax_registrant_state_text(&outgoing->registrant));
		(*cursor)++;
		return true;
	}
	return false;
}

void switch_stats(const struct tg_switch *sw, struct switch_stats *out)
{
	*out = sw->stats;
	out->calls = calls_of(sw)->used;
}
