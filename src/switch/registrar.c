/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/registrar.h"

#include "switch/accounts.h"
#include "switch/auth.h"
#include "switch/decide.h"
#include "switch/limits.h"
#include "switch/match.h"
#include "switch/qualify.h"
#include "switch/registrations.h"

/* ---- Bindings -------------------------------------------------------------------------------------------------- */

static void set_binding(struct tg_switch *sw, struct account *account, const struct model_binding *binding)
{
	const uint32_t index = tg_slab_ref(accounts_of(sw), account).index;
	const uint64_t wall_ms = sw->wall_us / TG_US_PER_MS;
	const uint64_t left_ms = binding->expires_ms > wall_ms ? binding->expires_ms - wall_ms : 0;

	sw->bound += (binding->expires_ms != 0) - (account->binding.expires_ms != 0);
	account->binding = *binding;
	switch_timer(sw, TIMER_BINDING, index,
	             binding->expires_ms == 0 ? TG_NEVER : sw->now_us + left_ms * TG_US_PER_MS);
	limits_settle(sw, account);
	registrations_on_binding(sw, account);
}

void registrar_resume(struct tg_switch *sw, const struct account *account)
{
	const uint64_t wall_ms = sw->wall_us / TG_US_PER_MS, expires_ms = account->binding.expires_ms;
	const uint64_t left_ms = expires_ms > wall_ms ? expires_ms - wall_ms : 0;

	sw->bound++;
	switch_timer(sw, TIMER_BINDING, tg_slab_ref(accounts_of(sw), account).index,
	             sw->now_us + left_ms * TG_US_PER_MS);
}

/* Everybody who keeps bindings learns of it. @return false if it changed too often for a line */
static bool put_binding(struct tg_switch *sw, struct account *account, const struct model_binding *binding)
{
	set_binding(sw, account, binding);
	return sw->outside.ops.put_binding(sw->outside.ops.owner, &account->binding);
}

static void unbind(struct tg_switch *sw, struct account *account, const char *event)
{
	struct model_binding binding = account->binding;

	binding.expires_ms = 0;
	if (put_binding(sw, account, &binding)) {
		tg_log(sw->outside.log, TG_INFO, event, TG_BYTES("peer", name_span(account->name)),
		       TG_ADDR("from", binding.addr));
	}
	qualify_on_moved(sw, account);
	account_settle(sw, account);
}

bool registrar_unbind(struct tg_switch *sw, struct tg_span peer)
{
	struct account *account = account_find(sw, peer);

	if (account == NULL || account->binding.expires_ms == 0) {
		return false;
	}
	unbind(sw, account, "reg.unregistered");
	return true;
}

void registrar_on_timer(struct tg_switch *sw, uint32_t index)
{
	struct account *account = tg_slab_at(accounts_of(sw), index, NULL);

	if (account != NULL && account->binding.expires_ms != 0) {
		unbind(sw, account, "reg.expired");
	}
}

void registrar_restore(struct tg_switch *sw, const struct model_binding *binding)
{
	struct account *account;

	if (binding->expires_ms <= sw->wall_us / TG_US_PER_MS || binding->addr.family == TG_NO_ADDR) {
		return;
	}
	account = account_take(sw, name_span(binding->name));
	if (account != NULL && account->binding.expires_ms == 0) {
		set_binding(sw, account, binding);
		qualify_on_moved(sw, account);
	}
}

static uint32_t bindings_limit(const struct tg_switch *sw)
{
	const uint32_t wished = world_now(sw)->settings.registrations_max;

	return wished == 0 || wished > sw->config.bindings_max ? sw->config.bindings_max : wished;
}

/* ---- Requests -------------------------------------------------------------------------------------------------- */

static void pending_free(struct tg_switch *sw, struct pending *pending)
{
	tg_slab_give(pendings_of(sw), tg_slab_ref(pendings_of(sw), pending));
}

static void refuse(struct tg_switch *sw, struct pending *pending)
{
	const uint64_t not_before_us = auth_refusal_us(sw, pending->arrived_us, pending->remote);
	const enum iax_err err = iax_leg_reject(sw->outside.ep, pending->id, IAX_CAUSE_FACILITY_REJECTED,
	                                        TG_SPAN_LIT("Registration Refused"), not_before_us, sw->now_us);

	(void)err; /* it ended meanwhile */
	sw->stats.registrations_refused++;
	pending_free(sw, pending);
}

static uint16_t clamp_refresh(const struct tg_switch *sw, uint16_t asked_s)
{
	const struct world_settings *settings = &world_now(sw)->settings;
	uint32_t refresh_s = asked_s < settings->min_reg_expire_s ? settings->min_reg_expire_s : asked_s;

	refresh_s = refresh_s > settings->max_reg_expire_s ? settings->max_reg_expire_s : refresh_s;
	return (uint16_t)(refresh_s > UINT16_MAX ? UINT16_MAX : refresh_s);
}

static void acknowledge(struct tg_switch *sw, const struct pending *pending, const struct world_peer *peer,
                        uint16_t refresh_s)
{
	const struct world *world = world_now(sw);
	const struct iax_reg_grant grant = {
		.username = name_span(pending->name),
		.refresh_s = refresh_s,
		.calling_number = world_span(world, peer->callerid_number),
		.calling_name = world_span(world, peer->callerid_name),
	};
	const enum iax_err err = iax_reg_accept(sw->outside.ep, pending->id, &grant, sw->now_us);

	(void)err; /* it ended meanwhile; what was proven stays true */
	sw->stats.registrations_granted++;
}

static void bind_peer(struct tg_switch *sw, const struct pending *pending, struct account *account, uint16_t refresh_s)
{
	struct model_binding binding = {
		.addr = pending->remote,
		.local = pending->local,
		.expires_ms = sw->wall_us / TG_US_PER_MS + (uint64_t)(refresh_s + REGISTRAR_GRACE_S) * 1000,
		.refresh_s = refresh_s,
	};
	const bool was_bound = account->binding.expires_ms != 0;
	const struct tg_addr before = account->binding.addr;
	const bool moved = was_bound && !tg_addr_equal(before, pending->remote);

	tg_span_copy(binding.name, sizeof(binding.name), name_span(account->name));
	const bool has_line = put_binding(sw, account, &binding);

	if (moved && has_line) {
		tg_log(sw->outside.log, TG_NOTICE, "reg.moved", TG_BYTES("peer", name_span(account->name)),
		       TG_ADDR("from", before), TG_ADDR("to", pending->remote));
	} else if (!was_bound && has_line) {
		tg_log(sw->outside.log, TG_INFO, "reg.bound", TG_BYTES("peer", name_span(account->name)),
		       TG_ADDR("from", pending->remote), TG_UINT("refresh_s", refresh_s));
	}
	if (moved || !was_bound) {
		qualify_on_moved(sw, account);
	}
}

/* The secret was right. */
static enum model_reason grant(struct tg_switch *sw, struct pending *pending)
{
	const struct world *world = world_now(sw);
	const struct world_peer *peer = world_peer_find(world, name_span(pending->name));
	struct account *account = account_find(sw, name_span(pending->name));
	const bool bound = account != NULL && account->binding.expires_ms != 0;
	const uint16_t refresh_s = clamp_refresh(sw, pending->refresh_s);

	if (peer == NULL) {
		return MODEL_WHY_NO_ACCOUNT; /* the world changed since the request */
	}
	if (pending->release && !bound) {
		return MODEL_WHY_NOT_BOUND;
	}
	if (!pending->release && !bound && sw->bound >= bindings_limit(sw)) {
		return MODEL_WHY_NO_ROOM;
	}
	account = account_take(sw, name_span(pending->name));
	if (account == NULL) {
		return MODEL_WHY_NO_ROOM;
	}
	accounts_latch(sw, name_span(pending->name), false,
	               pending->proof == IAX_PROVEN && peer->require_call_token == WORLD_AUTO);
	acknowledge(sw, pending, peer, refresh_s);
	if (pending->release) {
		unbind(sw, account, "reg.released");
	} else {
		bind_peer(sw, pending, account, refresh_s);
	}
	return MODEL_WHY_OK;
}

static void turn_away(struct tg_switch *sw, const struct iax_event *event, enum model_reason why, uint8_t cause,
                      const char *text)
{
	const enum iax_err err = iax_leg_reject(sw->outside.ep, event->leg, cause, tg_span_text(text), sw->now_us,
	                                        sw->now_us);

	(void)err; /* it ended meanwhile */
	sw->stats.registrations_refused++;
	decide_turned_away(sw, event, why);
}

static void read_request(struct tg_switch *sw, struct pending *pending, const struct iax_event *event)
{
	const struct match_call match = {
		.name = event->ies->username,
		.from = event->remote,
		.proven = event->proof == IAX_PROVEN,
		.latched = accounts_is_latched(sw, event->ies->username, false),
	};
	enum model_reason why;

	(void)match_registrant(world_now(sw), &match, &why);
	*pending = (struct pending){
		.id = event->leg,
		.arrived_us = sw->now_us,
		.remote = event->remote,
		.local = event->local,
		.refresh_s = event->refresh_s,
		.release = event->release,
		.why = (uint8_t)why,
		.proof = (uint8_t)event->proof,
	};
	tg_span_copy(pending->name, sizeof(pending->name), event->ies->username);
}

static void on_request(struct tg_switch *sw, const struct iax_event *event)
{
	struct iax_leg_info info;
	struct tg_ref ref;
	struct pending *pending;

	if (!iax_leg_info(sw->outside.ep, event->leg, &info)) {
		return; /* over already */
	}
	if (event->ies == NULL || event->ies->username.len == 0) {
		turn_away(sw, event, MODEL_WHY_NO_ACCOUNT, IAX_CAUSE_IE_MISSING, "No user name");
		return;
	}
	pending = sw->world == NO_ROW ? NULL : tg_slab_take(pendings_of(sw), &ref);
	if (pending == NULL) {
		turn_away(sw, event, MODEL_WHY_NO_ROOM, IAX_CAUSE_SWITCH_CONGESTION, "No room for registrations");
		return;
	}
	read_request(sw, pending, event);
	iax_leg_set_owner(sw->outside.ep, event->leg, owner_pack(OWNER_PENDING, ref));
	sw->outside.ops.ask_challenge(sw->outside.ops.owner, owner_pack(OWNER_PENDING, ref),
	                              auth_who(sw, true, name_span(pending->name), pending->remote));
}

/* Credentials. What they are for must be what was asked for. */
static void on_credentials(struct tg_switch *sw, struct pending *pending, const struct iax_event *event)
{
	const struct tg_ref ref = tg_slab_ref(pendings_of(sw), pending);
	const struct tg_span name = event->ies != NULL ? event->ies->username : (struct tg_span){ 0 };
	uint8_t md5[16];
	const bool answered = auth_digest(event->ies, md5);

	if (pending->judged) {
		return;
	}
	pending->judged = true;
	pending->arrived_us = sw->now_us;
	if (pending->why == MODEL_WHY_OK && !answered) {
		pending->why = MODEL_WHY_NO_ANSWER;
	}
	if (pending->why == MODEL_WHY_OK &&
	    (!tg_span_equal(name, name_span(pending->name)) || event->release != (bool)pending->release)) {
		pending->why = MODEL_WHY_OTHER_NAME;
	}
	pending->why = (uint8_t)decide_may_try_registration(sw, pending);
	const struct switch_answer answer = {
		.cookie = owner_pack(OWNER_PENDING, ref),
		.who = auth_who(sw, true, name_span(pending->name), pending->remote),
		.registrant = true,
		.held = pending->why != MODEL_WHY_OK,
		.name = name_span(pending->name),
		.md5 = md5,
	};

	sw->outside.ops.ask_verify(sw->outside.ops.owner, &answer);
}

void registrar_on_event(struct tg_switch *sw, const struct iax_event *event)
{
	struct pending *pending = owner_kind(event->owner) == OWNER_PENDING
	                                  ? tg_slab_find(pendings_of(sw), owner_ref(event->owner))
	                                  : NULL;

	if (event->kind == IAX_EV_REG_REQUEST) {
		on_request(sw, event);
	} else if (pending != NULL && event->kind == IAX_EV_VERIFY) {
		on_credentials(sw, pending, event);
	} else if (pending != NULL && event->kind == IAX_EV_ENDED) {
		decide_registration_left(sw, pending);
		pending_free(sw, pending);
	}
}

void registrar_on_challenge(struct tg_switch *sw, struct tg_ref ref, struct tg_span text)
{
	const struct pending *pending = tg_slab_find(pendings_of(sw), ref);

	if (pending != NULL) {
		const enum iax_err err = iax_leg_challenge(sw->outside.ep, pending->id, IAX_AUTH_MD5, text, sw->now_us);

		(void)err; /* it ended meanwhile; that event comes */
	}
}

void registrar_on_verdict(struct tg_switch *sw, struct tg_ref ref, bool right, uint64_t answer)
{
	struct pending *pending = tg_slab_find(pendings_of(sw), ref);

	if (pending == NULL) {
		decide_late(sw, owner_pack(OWNER_PENDING, ref), right, answer);
		return;
	}
	if (!pending->judged) {
		return;
	}
	if (!right && pending->why == MODEL_WHY_OK) {
		pending->why = MODEL_WHY_WRONG;
	}
	if (pending->why == MODEL_WHY_OK) {
		pending->why = (uint8_t)grant(sw, pending);
	}
	decide_registration(sw, pending, answer);
	if (pending->why == MODEL_WHY_OK) {
		pending_free(sw, pending);
	} else {
		refuse(sw, pending);
	}
}
