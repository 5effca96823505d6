/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/originate.h"

#include <strings.h>

#include "iax/choice.h"
#include "switch/accounts.h"
#include "switch/apps.h"
#include "switch/calls.h"
#include "switch/challenge.h"
#include "switch/codecs.h"
#include "switch/offer.h"
#include "switch/operator.h"
#include "switch/party.h"
#include "switch/plan.h"

/* Where the arguments wait until the phone answers; the application may read them again later. */
#define ARGS_VARIABLE TG_SPAN_LIT("ORIGINATE_ARGS")

/* ---- What is wanted ---- */

static int app_find(struct tg_span name)
{
	char text[32];

	for (int i = 0; name.len < sizeof(text) && i < WORLD_APPS; i++) {
		tg_span_copy(text, sizeof(text), name);
		if (strcasecmp(text, world_app_name((enum world_app_id)i)) == 0) {
			return i;
		}
	}
	return -1;
}

static enum switch_told look(const struct tg_switch *sw, const struct switch_originate *wish,
                             const struct world_peer **peer)
{
	const struct world *world = world_now(sw);
	const struct plan_place place = { world != NULL ? plan_context(world, wish->context) : NO_ROW, wish->exten,
		                          (struct tg_span){ 0 }, minute_now(sw), accounts_registered(sw) };

	if (world == NULL || sw->stopping) {
		return SWITCH_TOLD_STOPPING;
	}
	*peer = world_peer_find(world, wish->peer);
	if (*peer == NULL) {
		return SWITCH_TOLD_NO_PEER;
	}
	if ((*peer)->chargeable != 0) {
		return SWITCH_TOLD_PAID;
	}
	if (wish->app.len > 0) {
		return app_find(wish->app) >= 0 ? SWITCH_TOLD_DONE : SWITCH_TOLD_NO_APP;
	}
	return plan_exists(world, &place) && wish->exten.len < EXTEN_BYTES ? SWITCH_TOLD_DONE : SWITCH_TOLD_NO_EXTEN;
}

/* ---- The call ---- */

static void take_account(struct tg_switch *sw, struct call *call, struct tg_span name)
{
	const struct world *world = call_world(sw, call);
	const struct world_user *user = world_user_find(world, name);

	if (user != NULL) {
		call->user = (uint32_t)(user - (const struct world_user *)world_row(world, WORLD_USERS, 0));
		offer_take_account(sw, call, user);
	}
}

static bool take_goal(struct tg_switch *sw, struct call *call, const struct switch_originate *wish)
{
	call->minute = minute_now(sw);
	if (wish->app.len > 0) {
		call->answer_app = (uint8_t)app_find(wish->app);
		tg_span_copy(call->record.dialled, sizeof(call->record.dialled), wish->app);
		return wish->args.len == 0 ||
		       bag_set(pieces_of(sw), &call->bag, BAG_PLAIN, ARGS_VARIABLE, wish->args, false);
	}
	call->context = plan_context(call_world(sw, call), wish->context);
	tg_span_copy(call->exten, sizeof(call->exten), wish->exten);
	tg_span_copy(call->record.dialled, sizeof(call->record.dialled), wish->exten);
	tg_span_copy(call->record.context, sizeof(call->record.context), wish->context);
	return true;
}

/* The one it likes best. */
static uint64_t preferred(const struct world_codecs *codecs)
{
	for (uint32_t i = 0; i < codecs->count; i++) {
		if ((codecs->formats[i] & codecs_mask(codecs)) != 0) {
			return codecs->formats[i];
		}
	}
	return 0;
}

static enum iax_err open_leg(struct tg_switch *sw, struct call *call, struct party *phone,
                             const struct world_peer *peer, struct tg_span number)
{
	const struct world *world = call_world(sw, call);
	uint8_t prefs[IAX_CODEC_PREFS_MAX];
	const struct iax_call_open open = {
		.remote = phone->remote,
		.local = phone->local,
		.owner = owner_pack(OWNER_PARTY, call->caller),
		.called_number = number.len > 0 ? number : TG_SPAN_LIT("s"),
		.called_context = world_span(world, peer->peercontext),
		.username = world_span(world, peer->username),
		.language = name_span(call->language),
		.dnid = name_span(call->record.dialled),
		.format = preferred(&peer->codecs),
		.capability = codecs_mask(&peer->codecs),
		.unheard_ms = accounts_unheard_ms(world, peer),
		.codec_prefs = { prefs, iax_prefs_encode(prefs, peer->codecs.formats, peer->codecs.count) },
	};

	return iax_call_open(sw->outside.ep, &open, sw->now_us, &phone->id);
}

static bool begin(struct tg_switch *sw, struct call *call, struct party *phone, const struct world_peer *peer,
                  const struct switch_originate *wish)
{
	call->state = CALL_CALLED;
	call->decided = true; /* nobody asked to be let in */
	tg_span_copy(phone->name, sizeof(phone->name), wish->peer);
	tg_span_copy(call->record.caller, sizeof(call->record.caller), wish->peer);
	call->record.caller_addr = phone->remote;
	call->wishes.offer = codecs_mask(&peer->codecs);
	take_account(sw, call, wish->peer);
	if (!take_goal(sw, call, wish) || open_leg(sw, call, phone, peer, wish->number) != IAX_OK) {
		return false;
	}
	call->admitted = true;
	sw->admitted++;
	sw->stats.calls_offered++;
	apps_timer(sw, call, sw->now_us + wish->ring_us);
	return true;
}

enum switch_told switch_originate(struct tg_switch *sw, const struct switch_originate *wish,
                                  char channel[SWITCH_CHANNEL_BYTES], uint64_t now_us)
{
	static_assert((int)SWITCH_CHANNEL_BYTES == (int)CALL_CHANNEL_BYTES, "the same names");
	const struct world_peer *peer = NULL;
	struct party *phone = NULL;
	struct tg_addr remote, local;

	switch_at_now(sw, now_us);
	const enum switch_told told = look(sw, wish, &peer);

	if (told != SWITCH_TOLD_DONE) {
		return told;
	}
	if (!accounts_reach(sw, world_now(sw), peer, &remote, &local) || codecs_mask(&peer->codecs) == 0) {
		return SWITCH_TOLD_NOT_HERE;
	}
	struct call *call = sw->admitted < sw->config.calls_max ? call_new(sw, &phone) : NULL;

	if (call == NULL) {
		return SWITCH_TOLD_NO_ROOM;
	}
	phone->remote = remote;
	phone->local = local;
	if (!begin(sw, call, phone, peer, wish)) {
		call_end(call, IAX_CAUSE_SWITCH_CONGESTION);
		call_settle(sw, call);
		return SWITCH_TOLD_NO_ROOM;
	}
	call_leave(sw);
	call_channel(sw, phone, channel);
	return SWITCH_TOLD_DONE;
}

/* ---- The phone ---- */

static void on_accepted(struct call *call, struct party *phone, const struct iax_event *event)
{
	if ((event->format & call->wishes.offer) == 0) {
		call_end(call, IAX_CAUSE_BEARER_UNAVAILABLE);
		return;
	}
	phone->format = phone->takes = call->hears = event->format;
	call->record.format = event->format;
}

static void on_challenged(struct tg_switch *sw, struct call *call, const struct party *phone,
                          const struct iax_event *event)
{
	if (!party_answer_challenge(sw, phone, event)) {
		call_end(call, IAX_CAUSE_NOT_SUBSCRIBED);
	}
}

void originate_on_response(struct tg_switch *sw, struct call *call, const struct party *phone, const uint8_t *md5)
{
	if (!challenge_respond(sw, phone->id, md5)) {
		call_end(call, IAX_CAUSE_NOT_SUBSCRIBED);
	}
}

/* From here on the phone is a caller whose call was answered. */
static void on_answer(struct tg_switch *sw, struct call *call)
{
	const enum world_app_id app = (enum world_app_id)call->answer_app;

	if (call->hears == 0 || call->record.format == 0) {
		return; /* before ACCEPT it means nothing */
	}
	apps_timer(sw, call, TG_NEVER);
	call_answered(sw, call);
	call->state = CALL_RUNNING;
	call->steps = 0;
	call->digits_len = 0;
	if (call->context != NO_ROW) {
		call->priority = 1;
		call->todo = TODO_STEP;
		return;
	}
	uint8_t bytes[VARS_TEXT_MAX];
	struct vars_text args = { .p = bytes, .size_bytes = sizeof(bytes) };

	originate_args(sw, call, &args);
	call->app_count = 0;
	tg_span_copy(call->record.last_app, sizeof(call->record.last_app), tg_span_text(world_app_name(app)));
	apps_start_as(sw, call, (enum app_id)app, vars_span(&args));
}

static void on_control(struct tg_switch *sw, struct call *call, struct party *phone, const struct iax_event *event)
{
	switch (event->subclass) {
	case IAX_CONTROL_ANSWER:
		on_answer(sw, call);
		break;
	case IAX_CONTROL_RINGING:
		phone->ringing = true;
		break;
	case IAX_CONTROL_BUSY:
		call_end(call, IAX_CAUSE_BUSY);
		break;
	case IAX_CONTROL_CONGESTION:
		call_end(call, IAX_CAUSE_NO_CIRCUIT);
		break;
	default:
		break;
	}
}

void originate_on_event(struct tg_switch *sw, struct call *call, struct party *phone, const struct iax_event *event)
{
	/* What else is sent while it rings is for nobody. */
	if (event->kind == IAX_EV_ACCEPTED) {
		on_accepted(call, phone, event);
	} else if (event->kind == IAX_EV_CHALLENGED) {
		on_challenged(sw, call, phone, event);
	} else if (event->kind == IAX_EV_CONTROL) {
		on_control(sw, call, phone, event);
	} else if (event->kind == IAX_EV_VOICE && event->full) {
		party_heard(sw, phone, event);
	}
}

void originate_on_timer(struct call *call)
{
	call_end(call, IAX_CAUSE_NO_ANSWER);
}

void originate_args(const struct tg_switch *sw, const struct call *call, struct vars_text *room)
{
	uint8_t value[BAG_VALUE_MAX];
	const size_t len = bag_get(pieces_of(sw), &call->bag, BAG_PLAIN, ARGS_VARIABLE, value, NULL);

	vars_put(room, (struct tg_span){ value, len });
}
