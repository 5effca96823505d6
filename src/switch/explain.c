/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iax/format.h"
#include "model/codec.h"
#include "model/when.h"
#include "switch/codecs.h"
#include "switch/explain_text.h"
#include "switch/explain_toll.h"
#include "switch/limits.h"
#include "switch/match.h"
#include "switch/plan.h"
#include "switch/switch.h"

enum { GUESTS_TOLD = 16, TIMES_TOLD = 8 };

struct explain {
	const struct world *world;
	const struct switch_explain_ask *ask;
	switch_explain_fn *fn;
	void *owner;
	enum model_reason why; /* of the first NO */
	uint32_t times_told;
};

/* ---- Words ------------------------------------------------------------------------------------------------------ */

const char *switch_explain_verdict_name(enum switch_explain_verdict verdict)
{
	static const char *const names[SWITCH_EXPLAIN_VERDICTS] = { "ok", "no", "note" };

	return (unsigned)verdict < SWITCH_EXPLAIN_VERDICTS ? names[verdict] : "?";
}

static TG_PRINTF(4, 5) void tell(struct explain *e, const char *what, enum model_reason why, const char *format, ...)
{
	struct switch_explain_step step = { .what = what, .why = why };
	va_list args;

	step.verdict = why != MODEL_WHY_OK ? SWITCH_EXPLAIN_NO : SWITCH_EXPLAIN_OK;
	va_start(args, format);
	vsnprintf(step.text, sizeof(step.text), format, args);
	va_end(args);
	e->why = e->why == MODEL_WHY_OK ? why : e->why;
	e->fn(e->owner, &step);
}

static TG_PRINTF(3, 4) void note(struct explain *e, const char *what, const char *format, ...)
{
	struct switch_explain_step step = { .what = what, .verdict = SWITCH_EXPLAIN_NOTE };
	va_list args;

	va_start(args, format);
	vsnprintf(step.text, sizeof(step.text), format, args);
	va_end(args);
	e->fn(e->owner, &step);
}

/* ---- Before any account is looked at ------------------------------------------------------------------------------ */

/* As the door asks: it knows of no latch. */
static void explain_token(struct explain *e)
{
	const struct switch_explain_ask *ask = e->ask;
	const bool excused = switch_token_excused(e->world, !ask->registration, ask->name, ask->from, ask->known);
	const struct switch_token_rule rule = switch_token_rule(e->world, !ask->registration, ask->name, ask->from,
	                                                        ask->latched && excused, ask->known);
	char text[LIST_BYTES];

	explain_token_text(e->world, &rule, text);
	if (ask->has_token) {
		tell(e, "call token", MODEL_WHY_OK, "The request has a valid one (%s).", text);
	} else {
		tell(e, "call token", excused ? MODEL_WHY_OK : MODEL_WHY_NO_TOKEN, "The request has none (%s).", text);
	}
}

/* Where the limit stands; "" for the one of [general]. */
static const char *limit_at(const struct explain *e, const struct switch_limit *limit, char out[PLACE_BYTES])
{
	const struct world_range *range = world_range_find(e->world, WORLD_NUMBER_LIMITS, e->ask->from);
	const struct world_peer *peer = world_peer_find(e->world, tg_span_text(limit->name));

	out[0] = '\0';
	if (limit->origin == SWITCH_LIMIT_RANGE && range != NULL) {
		explain_at(e->world, &range->origin, out);
	} else if (limit->origin == SWITCH_LIMIT_PEER && peer != NULL) {
		explain_at(e->world, &peer->origin, out);
	}
	return out;
}

static void explain_numbers(struct explain *e)
{
	static const char *const origins[] = { "maxcallnumbers in [general]", "[callnumberlimits], range",
		                               "maxcallnumbers of the peer" };
	const struct switch_limit limit = limits_in_world(e->world, e->ask->from);
	char at[PLACE_BYTES];

	tell(e, "call numbers", limit.numbers == 0 ? MODEL_WHY_NUMBERS : MODEL_WHY_OK,
	     "This address may have %u at once (%s%s%s%s), unless a peer registered there has a limit of its own.",
	     (unsigned)limit.numbers, origins[limit.origin], limit.name[0] != '\0' ? " " : "", limit.name,
	     limit_at(e, &limit, at));
}

/* ---- Address ------------------------------------------------------------------------------------------------------ */

static void explain_address(struct explain *e, struct world_run acl, bool v4, bool v6)
{
	const struct world_acl_rule *rule = explain_acl_rule(e->world, acl, e->ask->from);
	const bool allowed = world_acl_allows(e->world, acl, v4, v6, e->ask->from);
	const enum model_reason why = allowed ? MODEL_WHY_OK : MODEL_WHY_ACL;
	char from[TG_ADDR_TEXT_BYTES], base[TG_ADDR_TEXT_BYTES], at[PLACE_BYTES];

	tg_addr_format_host(e->ask->from, from);
	if (acl.count == 0) {
		tell(e, "address", why, "%s: the account has no permit= and no deny=.", from);
	} else if (rule != NULL && rule->permit == WORLD_ACL_DENY && rule->origin.file.len == 0) {
		tell(e, "address", why, "%s: the list that acl= names has rules for the other kind of address only.",
		     from);
	} else if (rule != NULL && (rule->permit == WORLD_ACL_PERMIT) == allowed) {
		tell(e, "address", why, "%s: %s=%s/%u%s, is the last rule that matches.", from,
		     rule->permit == WORLD_ACL_PERMIT ? "permit" : "deny", tg_addr_format_host(rule->base, base),
		     (unsigned)rule->bits, explain_at(e->world, &rule->origin, at));
	} else if (allowed) {
		tell(e, "address", why, "%s: no rule matches.", from);
	} else {
		tell(e, "address", why, "%s: the account has rules for IPv%c only.", from, v4 ? '4' : '6');
	}
}

/* ---- Calls -------------------------------------------------------------------------------------------------------- */

static struct match_call match_of(const struct switch_explain_ask *ask)
{
	return (struct match_call){
		.name = ask->name,
		.context = ask->context,
		.from = ask->from,
		.proven = ask->has_token,
		.latched = ask->latched,
	};
}

static void explain_latch(struct explain *e, enum world_tri setting, bool lacks_token)
{
	if (lacks_token) {
		tell(e, "call token", MODEL_WHY_TOKEN,
		     "requirecalltoken=auto became yes: the account used one before.");
	} else if (setting == WORLD_AUTO && !e->ask->has_token) {
		note(e, "call token",
		     "requirecalltoken=auto: from its first call token with the right secret on, yes.");
	}
}

static void explain_context(struct explain *e, const struct world_user *user)
{
	const bool allowed = match_context_allowed(e->world, user, e->ask->context);
	const struct tg_span start = match_start_context(e->world, user, e->ask->context);
	char asked[SHOWN_BYTES], list[LIST_BYTES];

	explain_contexts(e->world, user, list);
	if (user->start.len > 0 && allowed) {
		tell(e, "context", MODEL_WHY_OK, "It begins in %s; %s%s.", world_text(e->world, user->start),
		     e->ask->context.len > 0 ? "what is asked for goes along: " : "none is asked for",
		     e->ask->context.len > 0 ? explain_shown(e->ask->context, asked) : "");
	} else if (e->ask->context.len == 0) {
		tell(e, "context", MODEL_WHY_OK, "None is asked for, so it is the account's first: %s.",
		     start.len > 0 ? explain_shown(start, asked) : "there is none");
	} else {
		tell(e, "context", allowed ? MODEL_WHY_OK : MODEL_WHY_CONTEXT, "%s is asked for; the account has: %s.",
		     explain_shown(e->ask->context, asked), list[0] != '\0' ? list : "none");
	}
}

/* Which of the includes on the way look at the clock, and what it shows them. */
static void explain_times(struct explain *e, uint32_t row, uint32_t depth)
{
	if (row == UINT32_MAX || depth == WORLD_INCLUDE_DEPTH || e->times_told == TIMES_TOLD) {
		return;
	}
	const struct world_context *context = world_row(e->world, WORLD_CONTEXTS, row);

	for (uint32_t i = 0; i < context->includes.count; i++) {
		const struct world_include *include = world_row(e->world, WORLD_INCLUDES, context->includes.first + i);

		if (include->is_limited != 0 && e->times_told < TIMES_TOLD) {
			char text[LIST_BYTES], at[PLACE_BYTES];

			e->times_told++;
			note(e, "time", "include %s, %s: %s.", world_text(e->world, include->name),
			     explain_place(e->world, &include->origin, at),
			     explain_when(e->world, include, e->ask->minute, text));
		}
		if (when_is_open(include, &e->world->settings.zone, e->ask->minute)) {
			explain_times(e, plan_context(e->world, world_span(e->world, include->name)), depth + 1);
		}
	}
}

/* Of an extension with several routes only the last one that fails decides. */
struct dials {
	struct explain *e;
	enum model_reason denied;
	bool goes;
};

static void on_dial(void *owner, enum explain_dial what, enum model_reason why, const char *text)
{
	struct dials *dials = owner;
	struct switch_explain_step step = { .what = "paid call", .why = why, .verdict = SWITCH_EXPLAIN_NOTE };

	if (what == EXPLAIN_DIAL_ALLOWED) {
		step.verdict = SWITCH_EXPLAIN_OK;
	} else if (what == EXPLAIN_DIAL_DENIED) {
		step.verdict = SWITCH_EXPLAIN_NO;
		dials->denied = dials->denied == MODEL_WHY_OK ? why : dials->denied;
	}
	dials->goes = dials->goes || what != EXPLAIN_DIAL_DENIED;
	snprintf(step.text, sizeof(step.text), "%s", text);
	dials->e->fn(dials->e->owner, &step);
}

static void explain_paying(struct explain *e, const struct world_user *user, const struct plan_place *where,
                           const struct world_exten *exten)
{
	const struct explain_dials ask = {
		.world = e->world,
		.user = user,
		.exten = exten,
		.number = where->exten,
		.caller = where->caller,
		.context = match_start_context(e->world, user, e->ask->context),
		.wall_ms = e->ask->wall_ms,
	};
	struct dials dials = { .e = e };

	explain_dials(&ask, on_dial, &dials);
	if (!dials.goes && e->why == MODEL_WHY_OK) {
		e->why = dials.denied;
	}
}

/* Who must be registered for it to be there: the first few. */
static void explain_registered(struct explain *e, const struct world_step *step)
{
	enum { NAMED = 4 };
	char names[LIST_BYTES];
	size_t len = 0;

	for (uint32_t i = 0; i < step->registered.count && i < NAMED && len < sizeof(names); i++) {
		const struct world_text *peer = world_row(e->world, WORLD_TEXTS, step->registered.first + i);

		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i > 0 ? " or " : "",
		                        world_text(e->world, *peer));
	}
	if (step->registered.count > 0) {
		note(e, "registration", "The extension is there while %s%s is registered (regcontext).", names,
		     step->registered.count > NAMED ? " or another one" : "");
	}
}

static void explain_extension(struct explain *e, const struct world_user *user)
{
	const struct switch_explain_ask *ask = e->ask;
	const struct tg_span context = match_start_context(e->world, user, ask->context);
	const struct tg_span number = ask->number.len > 0 ? ask->number : TG_SPAN_LIT("s");
	char dialled[PLAN_DIALLED_BYTES];
	const struct plan_place where = {
		.context = plan_context(e->world, context),
		.exten = plan_dialled(number, dialled),
		.caller = user->callerid_number.len > 0 ? world_span(e->world, user->callerid_number) : ask->caller,
		.minute = ask->minute,
	};
	struct plan_trace trace = { 0 };
	const struct world_step *step = where.exten.len > 0 ? plan_find_traced(e->world, &where, 1, &trace) : NULL;
	char asked[SHOWN_BYTES], in[SHOWN_BYTES], path[LIST_BYTES], at[PLACE_BYTES];

	explain_times(e, where.context, 0);
	if (step == NULL) {
		tell(e, "extension", MODEL_WHY_NO_EXTEN, "%s is not in %s%s.", explain_shown(number, asked),
		     context.len > 0 ? explain_shown(context, in) : "any context of the account",
		     where.context == UINT32_MAX ? ", which extensions.conf does not have" : "");
		return;
	}
	explain_path(e->world, &trace, path);
	tell(e, "extension", MODEL_WHY_OK, "%s is %s in %s; the first step is %s(), %s.", explain_shown(number, asked),
	     world_text(e->world, trace.exten->pattern), path, world_app_name((enum world_app_id)step->app),
	     explain_place(e->world, &step->origin, at));
	explain_registered(e, step);
	explain_paying(e, user, &where, trace.exten);
}

static void explain_codec(struct explain *e, const struct world_user *user)
{
	const uint64_t offer = e->ask->codecs & IAX_FORMATS_AUDIO;
	const struct wishes wishes = { .offer = offer, .requested = offer };
	char list[LIST_BYTES];

	explain_codecs(&user->codecs, list);
	if (e->ask->codecs == 0) {
		note(e, "codec", "The account may have %s.", list[0] != '\0' ? list : "none");
		return;
	}
	if (user->codec_priority == WORLD_CODEC_REQONLY && (offer & codecs_mask(&user->codecs)) != 0 &&
	    !iax_format_is_audio(offer)) {
		note(e, "codec", "The account may have %s; codecpriority=reqonly: only the one that the call asks for.",
		     list);
		return;
	}
	const uint64_t format = codecs_choose_among(user, &wishes, 0, true, UINT64_MAX);
	const struct codec *codec = codec_of(format);

	tell(e, "codec", format != 0 ? MODEL_WHY_OK : MODEL_WHY_NO_CODEC, "The account may have %s; %s.",
	     list[0] != '\0' ? list : "none", codec != NULL ? codec->name : "none of them is offered");
}

static void explain_user(struct explain *e, const struct world_user *user)
{
	const struct switch_explain_ask *ask = e->ask;

	if (user->decoy != 0) {
		tell(e, "account", MODEL_WHY_DECOY, "decoy=yes: no secret is right for it.");
	}
	explain_address(e, user->acl, user->acl_v4 != 0, user->acl_v6 != 0);
	explain_context(e, user);
	const struct match_call match = match_of(ask);

	explain_latch(e, (enum world_tri)user->require_call_token, match_lacks_token(e->world, true, &match));
	if (user->of_backend != 0 && !e->ask->has_token) {
		tell(e, "call token", MODEL_WHY_TOKEN, "Without one it is not known that the backend is there.");
	}
	if (user->auth_methods == 0) {
		note(e, "secret", "The account has none: nobody is asked for one.");
	} else {
		note(e, "secret", "The caller must know %s.%s",
		     user->has_secret != 0 ? "the account's" : "the account's key",
		     user->weak_secret != 0 ? " It is easy to guess." : "");
	}
	explain_extension(e, user);
	explain_codec(e, user);
}

/* Nameless callers: why each guest is not the one. */
static void explain_guests(struct explain *e, const struct world_user *taken)
{
	const struct match_call match = match_of(e->ask);
	uint32_t told = 0;
	char at[PLACE_BYTES];

	for (uint32_t i = 0; i < world_count(e->world, WORLD_USERS) && told < GUESTS_TOLD; i++) {
		const struct world_user *user = world_row(e->world, WORLD_USERS, i);

		if (user->auth_methods == 0 && user != taken) {
			const enum model_reason why = match_judge_user(e->world, user, &match);

			note(e, "guest", "Not [%s], %s: %s.", world_text(e->world, user->name),
			     explain_place(e->world, &user->origin, at),
			     why != MODEL_WHY_OK ? model_reason_text(why) : "another one goes first");
			told++;
		}
	}
}

static void explain_call(struct explain *e)
{
	const struct match_call match = match_of(e->ask);
	enum model_reason why;
	const struct world_user *user = match_user(e->world, &match, 0, world_count(e->world, WORLD_USERS), &why);
	const struct world_peer *peer = world_peer_find(e->world, e->ask->name);
	char name[SHOWN_BYTES], at[PLACE_BYTES];

	peer = peer != NULL && peer->to_backend != 0 ? NULL : peer;
	explain_shown(e->ask->name, name);
	if (e->ask->name.len == 0) {
		explain_guests(e, user);
	}
	if (user != NULL) {
		tell(e, "account", MODEL_WHY_OK, "[%s], %s%s.", world_text(e->world, user->name),
		     explain_place(e->world, &user->origin, at),
		     e->ask->name.len == 0 ? ", is the guest that callers without a name are taken for" : "");
		explain_user(e, user);
	} else if (world_is_backend(e->world, e->ask->from)) {
		tell(e, "account", why,
		     "The backend names the peer it calls; no type=peer or type=friend [%s] is carried.", name);
	} else if (e->ask->name.len == 0) {
		tell(e, "account", why, "No name is sent, and no type=user without a secret takes such a call.");
	} else if (peer != NULL) {
		tell(e, "account", why, "[%s], %s, is type=peer: calls need type=user or type=friend.", name,
		     explain_place(e->world, &peer->origin, at));
	} else {
		tell(e, "account", why, "There is no [%s]; case counts.", name);
	}
}

/* ---- Registrations ------------------------------------------------------------------------------------------------ */

static void explain_peer(struct explain *e, const struct world_peer *peer)
{
	const struct match_call match = match_of(e->ask);

	if (peer->decoy != 0) {
		tell(e, "account", MODEL_WHY_DECOY, "decoy=yes: no secret is right for it.");
	}
	tell(e, "static host", peer->host_kind == WORLD_HOST_DYNAMIC ? MODEL_WHY_OK : MODEL_WHY_STATIC, "host=%s: %s.",
	     world_text(e->world, peer->host_text),
	     peer->host_kind == WORLD_HOST_DYNAMIC ? "it may register" : "only host=dynamic registers");
	if (world_is_backend(e->world, e->ask->from)) {
		tell(e, "address", MODEL_WHY_ACL, "The backend does not register: calls to it would go round.");
	}
	explain_address(e, peer->acl, peer->acl_v4 != 0, peer->acl_v6 != 0);
	tell(e, "secret", peer->has_secret != 0 ? MODEL_WHY_OK : MODEL_WHY_NO_SECRET, "The account has %s.%s",
	     peer->has_secret != 0 ? "one, which the peer must know" : "none, and nobody registers without",
	     peer->weak_secret != 0 ? " It is easy to guess." : "");
	explain_latch(e, (enum world_tri)peer->require_call_token, match_lacks_token(e->world, false, &match));
}

static void explain_registration(struct explain *e)
{
	const struct match_call match = match_of(e->ask);
	enum model_reason why;
	const struct world_peer *peer = match_registrant(e->world, &match, &why);
	const struct world_user *named = world_user_find(e->world, e->ask->name);
	const struct world_user *user = named != NULL && named->of_backend != 0 ? NULL : named;
	char name[SHOWN_BYTES], at[PLACE_BYTES];

	explain_shown(e->ask->name, name);
	if (peer != NULL) {
		tell(e, "account", MODEL_WHY_OK, "[%s], %s.", name, explain_place(e->world, &peer->origin, at));
		explain_peer(e, peer);
	} else if (user != NULL) {
		tell(e, "account", why, "[%s], %s, is type=user: registrations need type=peer or type=friend.", name,
		     explain_place(e->world, &user->origin, at));
	} else {
		tell(e, "account", why, "There is no [%s]; case counts.", name);
	}
}

enum model_reason switch_explain(const struct world *world, const struct switch_explain_ask *ask, switch_explain_fn *fn,
                                 void *owner)
{
	struct explain e = { world, ask, fn, owner, MODEL_WHY_OK, 0 };

	explain_token(&e);
	explain_numbers(&e);
	if (ask->registration) {
		explain_registration(&e);
	} else {
		explain_call(&e);
	}
	return e.why;
}
