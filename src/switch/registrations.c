/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/registrations.h"

#include "switch/accounts.h"
#include "switch/challenge.h"

#include <string.h>

enum {
	SPREAD_US = 100 * TG_US_PER_MS,      /* between two first requests */
	BOUND_SPREAD_US = 10 * TG_US_PER_MS, /* of those that follow accounts, of which there may be many */
};

static void set_timer(struct tg_switch *sw, const struct outgoing *outgoing)
{
	const uint64_t due_us = outgoing->remote.family == TG_NO_ADDR
	                                ? TG_NEVER
	                                : iax_registrant_deadline_us(&outgoing->registrant);

	switch_timer(sw, TIMER_OUTGOING, tg_slab_ref(outgoings_of(sw), outgoing).index, due_us);
}

static const struct world_registration *row_of(const struct tg_switch *sw, const struct outgoing *outgoing)
{
	return outgoing->row == NO_ROW ? NULL : world_row(world_now(sw), WORLD_REGISTRATIONS, outgoing->row);
}

/* The account that it follows, if any, has none any more. @return that one, which may be of no use now */
static struct account *detach(struct tg_switch *sw, struct outgoing *outgoing)
{
	struct account *account = outgoing->account == 0 ? NULL
	                                                 : tg_slab_at(accounts_of(sw), outgoing->account - 1, NULL);

	outgoing->account = 0;
	if (account != NULL) {
		account->outgoing = 0;
	}
	return account;
}

/* One that is not wanted any more goes when the registrar let us go, or cannot. */
static void settle(struct tg_switch *sw, struct outgoing *outgoing)
{
	if (outgoing->row == NO_ROW && !outgoing->open &&
	    iax_registrant_deadline_us(&outgoing->registrant) == TG_NEVER) {
		switch_timer(sw, TIMER_OUTGOING, tg_slab_ref(outgoings_of(sw), outgoing).index, TG_NEVER);
		(void)detach(sw, outgoing);
		tg_slab_give(outgoings_of(sw), tg_slab_ref(outgoings_of(sw), outgoing));
		return;
	}
	set_timer(sw, outgoing);
}

void registrations_on_timer(struct tg_switch *sw, uint32_t index)
{
	struct tg_ref ref;
	struct outgoing *outgoing = tg_slab_at(outgoings_of(sw), index, &ref);
	const struct world_registration *row = outgoing == NULL ? NULL : row_of(sw, outgoing);

	if (outgoing == NULL || outgoing->open) {
		return;
	}
	if (iax_registrant_expire(&outgoing->registrant, sw->now_us)) {
		const struct iax_reg_open open = {
			.remote = outgoing->remote,
			.local = outgoing->local,
			.owner = owner_pack(OWNER_OUTGOING, ref),
			.username = name_span(outgoing->username),
			.refresh_s = row != NULL && row->refresh_s != 0 ? (uint16_t)row->refresh_s
			                                                : IAX_REFRESH_DEFAULT_S,
			.release = iax_registrant_is_releasing(&outgoing->registrant),
		};
		const enum iax_err err = iax_reg_open(sw->outside.ep, &open, sw->now_us, &outgoing->id);

		outgoing->open = err == IAX_OK;
		iax_registrant_on_opened(&outgoing->registrant, err, sw->now_us);
	}
	settle(sw, outgoing);
}

static void give_up(struct tg_switch *sw, struct outgoing *outgoing)
{
	const enum iax_err err = iax_leg_hangup(sw->outside.ep, outgoing->id, IAX_CAUSE_NOT_SUBSCRIBED,
	                                        (struct tg_span){ 0 }, sw->now_us);

	(void)err; /* it ended meanwhile */
	outgoing->open = false;
	iax_registrant_on_no_secret(&outgoing->registrant, sw->now_us);
	tg_log(sw->outside.log, TG_WARNING, "register.no_secret", TG_BYTES("registration", name_span(outgoing->name)),
	       TG_ADDR("registrar", outgoing->remote));
}

static void on_challenged(struct tg_switch *sw, struct outgoing *outgoing, const struct iax_event *event)
{
	const struct challenged who = {
		.owner = owner_pack(OWNER_LEG, event->leg.ref),
		.called = outgoing->remote,
		.name = name_span(outgoing->name),
		.registers = true,
	};

	if (!challenge_answer(sw, &who, event)) {
		give_up(sw, outgoing);
	}
}

static void log_change(const struct tg_switch *sw, const struct outgoing *outgoing, const char *before)
{
	const char *after = iax_registrant_state_text(&outgoing->registrant);

	if (strcmp(before, after) != 0) {
		tg_log(sw->outside.log, TG_INFO, "register.state", TG_BYTES("registration", name_span(outgoing->name)),
		       TG_ADDR("registrar", outgoing->remote), TG_TEXT("state", after));
	}
}

void registrations_on_event(struct tg_switch *sw, const struct iax_event *event)
{
	struct outgoing *outgoing = owner_kind(event->owner) == OWNER_OUTGOING
	                                    ? tg_slab_find(outgoings_of(sw), owner_ref(event->owner))
	                                    : NULL;

	if (outgoing == NULL || !outgoing->open || !tg_ref_equal(event->leg.ref, outgoing->id.ref)) {
		return;
	}
	const char *before = iax_registrant_state_text(&outgoing->registrant);

	iax_registrant_on_event(&outgoing->registrant, event, sw->now_us);
	if (event->kind == IAX_EV_CHALLENGED) {
		on_challenged(sw, outgoing, event);
	} else if (event->kind == IAX_EV_ENDED) {
		outgoing->open = false;
	}
	log_change(sw, outgoing, before);
	settle(sw, outgoing);
}

static struct outgoing *outgoing_of(const struct tg_switch *sw, struct iax_leg_id leg)
{
	struct iax_leg_info info;

	if (!iax_leg_info(sw->outside.ep, leg, &info) || owner_kind(info.owner) != OWNER_OUTGOING) {
		return NULL;
	}
	struct outgoing *outgoing = tg_slab_find(outgoings_of(sw), owner_ref(info.owner));

	return outgoing != NULL && tg_ref_equal(outgoing->id.ref, leg.ref) ? outgoing : NULL;
}

void registrations_on_response(struct tg_switch *sw, struct iax_leg_id leg, const uint8_t *md5)
{
	struct outgoing *outgoing = outgoing_of(sw, leg);

	if (outgoing == NULL || !outgoing->open) {
		return;
	}
	if (!challenge_respond(sw, outgoing->id, md5)) {
		give_up(sw, outgoing);
	}
	settle(sw, outgoing);
}

/* ---- Worlds ---------------------------------------------------------------------------------------------------- */

static bool is_same(const struct tg_switch *sw, const struct outgoing *outgoing, const struct world_registration *row)
{
	const struct world *world = world_now(sw);

	return tg_span_equal(name_span(outgoing->name), world_span(world, row->name)) &&
	       tg_span_equal(name_span(outgoing->username), world_span(world, row->username)) &&
	       tg_addr_equal(outgoing->remote, row->addr);
}

/* Mostly it has the row it had before. */
static uint32_t find_row(const struct tg_switch *sw, const struct outgoing *outgoing)
{
	const struct world *world = world_now(sw);
	const uint32_t count = world_count(world, WORLD_REGISTRATIONS);

	if (outgoing->row < count && is_same(sw, outgoing, world_row(world, WORLD_REGISTRATIONS, outgoing->row))) {
		return outgoing->row;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (is_same(sw, outgoing, world_row(world, WORLD_REGISTRATIONS, i))) {
			return i;
		}
	}
	return NO_ROW;
}

static void let_go(struct tg_switch *sw, struct outgoing *outgoing)
{
	outgoing->row = NO_ROW;
	iax_registrant_release(&outgoing->registrant, sw->now_us);
	settle(sw, outgoing);
}

/* It is wanted again before the registrar has let us go: a request follows the release. */
static void take_back(struct tg_switch *sw, struct outgoing *outgoing)
{
	iax_registrant_start(&outgoing->registrant, sw->now_us);
	set_timer(sw, outgoing);
}

static struct outgoing *begin(struct tg_switch *sw, uint32_t row, uint64_t after_us)
{
	const struct world *world = world_now(sw);
	const struct world_registration *registration = world_row(world, WORLD_REGISTRATIONS, row);
	struct tg_ref ref;
	struct outgoing *outgoing = tg_slab_take(outgoings_of(sw), &ref);

	if (outgoing == NULL) {
		tg_log(sw->outside.log, TG_WARNING, "register.no_room",
		       TG_BYTES("registration", world_span(world, registration->name)));
		return NULL;
	}
	outgoing->row = row;
	outgoing->remote = registration->addr.family == TG_NO_ADDR ? (struct tg_addr){ 0 } : registration->addr;
	outgoing->local = registration->source.family != TG_NO_ADDR ? registration->source
	                                                            : accounts_local_for(sw, outgoing->remote);
	tg_span_copy(outgoing->name, sizeof(outgoing->name), world_span(world, registration->name));
	tg_span_copy(outgoing->username, sizeof(outgoing->username), world_span(world, registration->username));
	tg_span_copy(outgoing->host, sizeof(outgoing->host), world_span(world, registration->host_text));
	iax_registrant_init(&outgoing->registrant, (uint16_t)registration->refresh_s,
	                    iax_keyed_hash(sw->key, name_span(outgoing->name), outgoing->remote),
	                    sw->now_us + after_us);
	set_timer(sw, outgoing);
	return outgoing;
}

static bool is_running(const struct tg_switch *sw, uint32_t row)
{
	for (uint32_t i = 0; i < outgoings_of(sw)->count; i++) {
		const struct outgoing *outgoing = tg_slab_at(outgoings_of(sw), i, NULL);

		if (outgoing != NULL && outgoing->row == row) {
			return true;
		}
	}
	return false;
}

/* ---- Those that last as long as an account's own ------------------------------------------------------------------ */

static bool is_bound(const struct account *account)
{
	return account != NULL && account->binding.expires_ms != 0;
}

static struct account *account_of(const struct tg_switch *sw, const struct world_registration *row)
{
	const struct world *world = world_now(sw);
	const struct world_peer *peer = row->bound_to == 0 ? NULL : world_row(world, WORLD_PEERS, row->bound_to - 1);

	return peer == NULL ? NULL : account_find(sw, world_span(world, peer->name));
}

static bool is_wanted(const struct tg_switch *sw, uint32_t row, const struct outgoing *outgoing)
{
	const struct world_registration *registration = world_row(world_now(sw), WORLD_REGISTRATIONS, row);

	return registration->bound_to == 0 || (outgoing->account != 0 && is_bound(account_of(sw, registration)));
}

static void follow(struct tg_switch *sw, struct account *account, uint32_t row, uint64_t after_us)
{
	struct outgoing *outgoing = begin(sw, row, after_us);

	if (outgoing != NULL) {
		account->outgoing = tg_slab_ref(outgoings_of(sw), outgoing).index + 1;
		outgoing->account = tg_slab_ref(accounts_of(sw), account).index + 1;
	}
}

static uint32_t row_for(const struct tg_switch *sw, const struct account *account)
{
	const struct world *world = world_now(sw);

	for (uint32_t i = 0; account->peer != NO_ROW && i < world_count(world, WORLD_REGISTRATIONS); i++) {
		const struct world_registration *row = world_row(world, WORLD_REGISTRATIONS, i);

		if (row->bound_to == account->peer + 1) {
			return i;
		}
	}
	return NO_ROW;
}

void registrations_on_binding(struct tg_switch *sw, struct account *account)
{
	struct outgoing *outgoing = account->outgoing == 0 ? NULL
	                                                   : tg_slab_at(outgoings_of(sw), account->outgoing - 1, NULL);
	const bool runs = outgoing != NULL && outgoing->row != NO_ROW;
	const bool bound = is_bound(account);

	if (bound == runs || world_now(sw) == NULL || world_now(sw)->settings.front.backend.family == TG_NO_ADDR) {
		return;
	}
	const uint32_t row = row_for(sw, account);

	if (!bound) {
		let_go(sw, outgoing);
	} else if (outgoing != NULL && row != NO_ROW) {
		outgoing->row = row;
		take_back(sw, outgoing);
	} else if (row != NO_ROW) {
		follow(sw, account, row, 0);
	}
}

/* ---- Another world ------------------------------------------------------------------------------------------------ */

static void look_again(struct tg_switch *sw, struct outgoing *outgoing)
{
	const uint32_t row = find_row(sw, outgoing);

	if (row == NO_ROW || !is_wanted(sw, row, outgoing)) {
		struct account *account = detach(sw, outgoing); /* another one may follow it */

		let_go(sw, outgoing);
		if (account != NULL) {
			account_settle(sw, account);
		}
		return;
	}
	outgoing->row = row;
	if (iax_registrant_is_releasing(&outgoing->registrant)) {
		take_back(sw, outgoing);
	}
}

void registrations_on_world(struct tg_switch *sw)
{
	uint32_t begun = 0, followed = 0;

	for (uint32_t i = 0; i < outgoings_of(sw)->count; i++) {
		struct outgoing *outgoing = tg_slab_at(outgoings_of(sw), i, NULL);

		if (outgoing != NULL) {
			look_again(sw, outgoing);
		}
	}
	for (uint32_t i = 0; i < world_count(world_now(sw), WORLD_REGISTRATIONS); i++) {
		const struct world_registration *row = world_row(world_now(sw), WORLD_REGISTRATIONS, i);
		struct account *account = account_of(sw, row);

		if (row->bound_to == 0 && !is_running(sw, i)) {
			(void)begin(sw, i, begun++ * (uint64_t)SPREAD_US);
		} else if (is_bound(account) && account->outgoing == 0) {
			follow(sw, account, i, followed++ * (uint64_t)BOUND_SPREAD_US);
		}
	}
}

/* ---- Those of another process ------------------------------------------------------------------------------------- */

void registrations_forget(struct tg_switch *sw)
{
	for (uint32_t i = 0; i < outgoings_of(sw)->begun; i++) {
		struct tg_ref ref;
		struct outgoing *outgoing = tg_slab_at(outgoings_of(sw), i, &ref);

		if (outgoing != NULL) {
			switch_timer(sw, TIMER_OUTGOING, i, TG_NEVER);
			(void)detach(sw, outgoing);
			tg_slab_give(outgoings_of(sw), ref);
		}
	}
	tg_slab_init(outgoings_of(sw), sizeof(struct outgoing), sw->config.registrations_max);
}

bool registrations_has(const struct tg_switch *sw, const struct outgoing *outgoing)
{
	const uint32_t row = find_row(sw, outgoing);

	return row != NO_ROW && is_running(sw, row);
}

/* It follows the account that its line says, and no other. */
static void follow_again(struct tg_switch *sw, struct outgoing *outgoing)
{
	const struct world_registration *row = row_of(sw, outgoing);
	struct account *account = row == NULL || outgoing->account == 0 ? NULL : account_of(sw, row);

	outgoing->account = 0;
	if (account != NULL && account->outgoing == 0) {
		account->outgoing = tg_slab_ref(outgoings_of(sw), outgoing).index + 1;
		outgoing->account = tg_slab_ref(accounts_of(sw), account).index + 1;
	}
}

/* The attempt that was under way is lost with its leg: the next one is due. */
static void ask_again(struct tg_switch *sw, struct outgoing *outgoing)
{
	struct iax_registrant *r = &outgoing->registrant;
	const bool lost = iax_registrant_deadline_us(r) == TG_NEVER;

	iax_registrant_on_opened(r, IAX_ERR_NO_LEG, sw->now_us);
	if (lost && !iax_registrant_is_releasing(r)) {
		iax_registrant_start(r, sw->now_us);
	}
}

void registrations_resume(struct tg_switch *sw, struct outgoing *outgoing)
{
	outgoing->row = find_row(sw, outgoing);
	follow_again(sw, outgoing);
	if (!outgoing->open) {
		ask_again(sw, outgoing);
	}
	set_timer(sw, outgoing);
}
