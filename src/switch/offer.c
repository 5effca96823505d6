/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/offer.h"

#include <string.h>

#include "iax/format.h"
#include "switch/accounts.h"
#include "switch/calls.h"
#include "switch/callvars.h"
#include "switch/codecs.h"
#include "switch/match.h"
#include "switch/plan.h"

/* `shrinkcallerid`: without ( ) and blanks, "." unless last, "-" unless in brackets. */
static void shrink(char *number)
{
	bool in_set = false;
	char *to = number;

	for (const char *c = number; *c != '\0'; c++) {
		in_set = *c == '[' || (in_set && *c != ']');
		if (strchr("() ", *c) != NULL || (*c == '.' && c[1] != '\0') || (*c == '-' && !in_set)) {
			continue;
		}
		*to++ = *c;
	}
	*to = '\0';
}

static void read_variables(struct tg_switch *sw, struct call *call, const struct iax_ies *ies)
{
	for (unsigned i = 0; i < ies->variable_count; i++) {
		/* One that does not fit is left out; no caller has a right to any number of them. */
		(void)bag_set(pieces_of(sw), &call->bag, BAG_IAX, ies->variables[i].name, ies->variables[i].value,
		              true);
	}
}

static void read_codecs(struct call *call, const struct iax_ies *ies)
{
	const size_t len = ies->codec_prefs.len < PREFS_KEPT ? ies->codec_prefs.len : PREFS_KEPT;

	call->wishes.offer = iax_ies_capability(ies) & IAX_FORMATS_AUDIO;
	call->wishes.requested = iax_ies_format(ies) & IAX_FORMATS_AUDIO;
	call->wide = iax_ies_has(ies, IAX_IE_CAPABILITY2) || iax_ies_has(ies, IAX_IE_FORMAT2);
	call->prefs_len = (uint8_t)len;
	if (len > 0) {
		memcpy(call->wishes.prefs, ies->codec_prefs.p, len);
	}
}

void offer_read(struct tg_switch *sw, struct call *call, const struct iax_ies *ies, struct tg_addr from)
{
	struct model_call_record *record = &call->record;
	const struct tg_span called = ies->called_number.len > 0 ? ies->called_number : TG_SPAN_LIT("s");
	char buf[PLAN_DIALLED_BYTES];

	record->caller_addr = from;
	/* A name that is too long is kept in part, and matches nobody. */
	tg_span_copy(record->caller, sizeof(record->caller), ies->username);
	tg_span_copy(record->dialled, sizeof(record->dialled), called);
	tg_span_copy(call->exten, sizeof(call->exten), plan_dialled(called, buf));
	tg_span_copy(call->record.caller_number, sizeof(call->record.caller_number), ies->calling_number);
	tg_span_copy(call->name, sizeof(call->name), ies->calling_name);
	tg_span_copy(record->context, sizeof(record->context), ies->called_context);
	tg_span_copy(call->language, sizeof(call->language), ies->language);
	call->presentation = ies->calling_pres;
	if (world_now(sw)->settings.shrink_caller_id) {
		shrink(call->record.caller_number);
	}
	read_codecs(call, ies);
	read_variables(sw, call, ies);
}

/* Our own call comes back: a trunk leads to ourselves. In front of a backend it could go round for ever. */
static bool comes_back(const struct tg_switch *sw, const struct call *call)
{
	const struct party *caller = tg_slab_find(parties_of(sw), call->caller);

	return call_world(sw, call)->settings.front.backend.family != TG_NO_ADDR && caller != NULL &&
	       tg_addr_equal(caller->remote, caller->local);
}

const struct world_user *offer_match(struct tg_switch *sw, struct call *call, const struct iax_ies *ies)
{
	const struct world *world = call_world(sw, call);
	const struct world_use *use = &sw->uses[call->world];
	const struct match_call match = {
		.name = ies->username,
		.context = ies->called_context,
		.from = call->record.caller_addr,
		.proven = call->proof == IAX_PROVEN,
		.latched = accounts_is_latched(sw, ies->username, true),
	};
	enum model_reason why;
	const struct world_user *user = match_user(world, &match, use->guests_from, use->guests_to, &why);

	if (comes_back(sw, call)) {
		user = NULL;
		why = MODEL_WHY_NO_ACCOUNT;
	}
	call->why = (uint8_t)why;
	if (user != NULL && user->of_backend != 0) { /* as what it calls, not as whom */
		tg_span_copy(call->record.caller, sizeof(call->record.caller), world_span(world, user->name));
	}
	if (user != NULL) {
		call->user = (uint32_t)(user - (const struct world_user *)world_row(world, WORLD_USERS, 0));
	}
	return user;
}

static void take_text(char *to, size_t size_bytes, const struct world *world, struct world_text text)
{
	if (text.len > 0) {
		tg_span_copy(to, size_bytes, world_span(world, text));
	}
}

void offer_take_account(struct tg_switch *sw, struct call *call, const struct world_user *user)
{
	const struct world *world = call_world(sw, call);

	take_text(call->record.caller_number, sizeof(call->record.caller_number), world, user->callerid_number);
	take_text(call->name, sizeof(call->name), world, user->callerid_name);
	take_text(call->language, sizeof(call->language), world, user->language);
	take_text(call->record.accountcode, sizeof(call->record.accountcode), world, user->accountcode);
	for (uint32_t i = 0; i < user->variables.count; i++) {
		const struct world_variable *variable = world_row(world, WORLD_VARIABLES, user->variables.first + i);

		if (!callvars_set(sw, call, world_span(world, variable->name), world_span(world, variable->value),
		                  false)) {
			tg_log(sw->outside.log, TG_WARNING, "call.setvar",
			       TG_BYTES("account", name_span(call->record.caller)),
			       TG_BYTES("variable", world_span(world, variable->name)));
		}
	}
	call->hears = call->wishes.offer & codecs_mask(&user->codecs);
}

bool offer_find_place(struct tg_switch *sw, struct call *call, const struct world_user *user)
{
	const struct world *world = call_world(sw, call);
	const struct tg_span context = match_start_context(world, user, name_span(call->record.context));

	/* What was asked for goes on to the backend, or to whom the backend calls. */
	if (context.p != (const uint8_t *)call->record.context &&
	    (user->start.len == 0 || call->record.context[0] == '\0')) {
		tg_span_copy(call->record.context, sizeof(call->record.context), context);
	}
	call->context = plan_context(world, context);
	call->minute = minute_now(sw);
	const struct plan_place place = { call->context, name_span(call->exten), name_span(call->record.caller_number),
		                          call->minute, accounts_registered(sw) };

	return call->exten[0] != '\0' && plan_exists(world, &place);
}
