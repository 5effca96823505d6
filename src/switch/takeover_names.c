/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of names: where phones are registered, and our own registrations with others. */
#include "switch/accounts.h"
#include "switch/registrar.h"
#include "switch/registrations.h"
#include "switch/takeover_inside.h"

#include <string.h>

enum { RTT_MAX_MS = 3600 * 1000, NO_ANSWER = -2, NOT_YET = -1 };

/* ---- Accounts ---------------------------------------------------------------------------------------------------- */

/* What is not known well is not known. */
static int32_t rtt_of(int32_t rtt_ms, int32_t least)
{
	return rtt_ms < least || rtt_ms > RTT_MAX_MS ? NOT_YET : rtt_ms;
}

/* No registration lasts longer, whatever the clock did meanwhile. */
static uint64_t bound_expiry(const struct tg_switch *sw, uint64_t expires_ms)
{
	return tg_min_u64(expires_ms, sw->wall_us / TG_US_PER_MS + (UINT16_MAX + REGISTRAR_GRACE_S) * UINT64_C(1000));
}

static void take_binding(struct tg_switch *sw, struct account *account, const struct model_binding *old)
{
	if (old->expires_ms == 0 || !TAKEOVER_IS_TEXT(old->name) || strcmp(old->name, account->name) != 0 ||
	    !takeover_is_address(&old->addr) || !takeover_may_be_address(&old->local)) {
		return;
	}
	account->binding = *old;
	account->binding.expires_ms = bound_expiry(sw, old->expires_ms);
	account->binding.zero = 0;
	registrar_resume(sw, account);
}

static void take_account(struct tg_switch *sw, struct account *account, const struct account *old)
{
	const struct tg_ref ref = tg_slab_ref(accounts_of(sw), account);

	account->rtt_ms = rtt_of(old->rtt_ms, NO_ANSWER);
	account->last_rtt_ms = rtt_of(old->last_rtt_ms, NOT_YET);
	account->user_latched = old->user_latched != 0;
	account->peer_latched = old->peer_latched != 0;
	account->poking = old->poking != 0 && takeover_owns(sw, old->poke, OWNER_ACCOUNT, ref);
	account->poke = account->poking ? old->poke : (struct iax_leg_id){ TG_NO_REF };
	take_binding(sw, account, &old->binding);
}

static bool account_is_whole(const struct tg_switch *sw, const struct account *old)
{
	return TAKEOVER_IS_TEXT(old->name) && old->name[0] != '\0' && strlen(old->name) <= WORLD_NAME_MAX &&
	       account_find(sw, name_span(old->name)) == NULL;
}

static void take_accounts(struct tg_switch *sw, const struct other *other)
{
	for (uint32_t i = 0; i < other->accounts->begun; i++) {
		const uint32_t gen = tg_slab_gen(other->accounts, i);
		const struct account *row = tg_slab_at(other->accounts, i, NULL);
		struct account old = { 0 };

		if (row != NULL) {
			memcpy(&old, row, sizeof(old));
		}
		const bool whole = row != NULL && account_is_whole(sw, &old);
		struct account *account = accounts_resume(sw, row == NULL || whole ? gen : gen + 1, old.name);

		if (account != NULL) {
			take_account(sw, account, &old);
		}
	}
}

/* ---- Registrations of ours --------------------------------------------------------------------------------------- */

/* A bool that may hold anything must not be read as one. */
static bool truth(const bool *value)
{
	return *(const uint8_t *)value != 0;
}

static bool registrant_is_whole(const struct iax_registrant *r)
{
	return r->state < IAX_REGISTRANT_STATE_COUNT && takeover_may_be_address(&r->perceived);
}

static bool outgoing_is_whole(const struct outgoing *old)
{
	return registrant_is_whole(&old->registrant) && takeover_may_be_address(&old->remote) &&
	       takeover_may_be_address(&old->local) && TAKEOVER_IS_TEXT(old->name) && TAKEOVER_IS_TEXT(old->username) &&
	       TAKEOVER_IS_TEXT(old->host);
}

/* Nothing about it lies further ahead than a registration can last. */
static void bound_times(const struct tg_switch *sw, struct iax_registrant *r)
{
	const uint64_t most_us = sw->now_us + UINT16_MAX * (uint64_t)TG_US_PER_S;

	r->due_us = r->due_us == TG_NEVER ? TG_NEVER : tg_min_u64(r->due_us, most_us);
	r->granted_until_us = tg_min_u64(r->granted_until_us, most_us);
	r->releasing = truth(&r->releasing);
	r->leg_releases = truth(&r->leg_releases);
}

static void take_outgoing(struct tg_switch *sw, const struct other *other, uint32_t index, struct switch_takeover *out)
{
	const uint32_t gen = tg_slab_gen(other->outgoings, index);
	const struct outgoing *row = tg_slab_at(other->outgoings, index, NULL);
	struct outgoing old;

	if (row == NULL) {
		tg_slab_resume(outgoings_of(sw), gen);
		return;
	}
	memcpy(&old, row, sizeof(old));
	const bool whole = outgoing_is_whole(&old) && !registrations_has(sw, &old);
	struct outgoing *outgoing = tg_slab_resume(outgoings_of(sw), whole ? gen : gen + 1);

	if (outgoing != NULL) {
		const struct tg_ref ref = tg_slab_ref(outgoings_of(sw), outgoing);

		*outgoing = old;
		outgoing->open = old.open != 0 && takeover_owns(sw, old.id, OWNER_OUTGOING, ref);
		bound_times(sw, &outgoing->registrant);
		registrations_resume(sw, outgoing);
		out->registrations += outgoing->row != NO_ROW;
	}
}

void takeover_names(struct tg_switch *sw, const struct other *other, struct switch_takeover *out)
{
	registrations_forget(sw);
	accounts_forget(sw);
	take_accounts(sw, other);
	for (uint32_t i = 0; i < other->outgoings->begun; i++) {
		take_outgoing(sw, other, i, out);
	}
	accounts_on_world(sw);
	registrations_on_world(sw);
	out->bindings = sw->bound;
}
