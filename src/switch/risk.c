/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/risk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switch/reach_toll.h"
#include "switch/toll.h"

struct finder {
	const struct world *world;
	const struct reach *reach;
	risk_fn *fn;
	void *owner;
};

struct risk_row;
typedef void find_fn(const struct finder *f, const struct risk_row *row);

struct risk_row {
	const char *id;
	enum risk_severity severity;
	find_fn *find;
	const char *mend;
};

const char *risk_severity_name(enum risk_severity severity)
{
	static const char *const names[RISK_SEVERITIES] = { "note", "warning", "critical" };

	return (unsigned)severity < RISK_SEVERITIES ? names[severity] : "?";
}

/* ---- Words ------------------------------------------------------------------------------------------------------ */

static const struct world_user *user_of(const struct finder *f, uint32_t entry)
{
	return world_row(f->world, WORLD_USERS, reach_entry_at(f->reach, entry).user);
}

static const char *peer_name(const struct world *world, uint32_t peer)
{
	if (peer == REACH_ANY_PEER) {
		return "every peer";
	}
	return world_text(world, ((const struct world_peer *)world_row(world, WORLD_PEERS, peer))->name);
}

static TG_PRINTF(4, 5) void tell(const struct finder *f, const struct risk_row *row, struct risk *risk,
                                 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(risk->text, sizeof(risk->text), format, args);
	va_end(args);
	risk->id = row->id;
	risk->severity = row->severity;
	risk->mend = risk->mend != NULL ? risk->mend : row->mend;
	f->fn(f->owner, risk);
}

bool risk_is_paid(const struct world *world, uint32_t peer)
{
	const uint32_t from = peer == REACH_ANY_PEER ? 0 : peer;
	const uint32_t to = peer == REACH_ANY_PEER ? world_count(world, WORLD_PEERS) : peer + 1;

	for (uint32_t i = from; i < to; i++) {
		if (((const struct world_peer *)world_row(world, WORLD_PEERS, i))->chargeable != 0) {
			return true;
		}
	}
	return false;
}

/* Ways are told from their end on; what does not fit is left out at the front. */
const char *risk_way(const struct world *world, const struct reach *reach, uint32_t entry, uint32_t place,
                     char out[RISK_WAY_BYTES])
{
	enum { STEPS_TOLD = 12 };
	uint32_t places[STEPS_TOLD], count = 0;
	size_t len = 0;

	for (; place != REACH_NO_PLACE && count < STEPS_TOLD; place = reach_place_at(reach, entry, place).from) {
		places[count++] = place;
	}
	out[0] = '\0';
	if (place != REACH_NO_PLACE) {
		len += (size_t)snprintf(out, RISK_WAY_BYTES, "... > ");
	}
	while (count > 0 && len + 1 < RISK_WAY_BYTES) {
		const struct reach_place at = reach_place_at(reach, entry, places[--count]);
		const struct world_context *context = world_row(world, WORLD_CONTEXTS, at.context);
		const struct world_exten *exten = world_row(world, WORLD_EXTENS, at.exten);
		const struct world_step *step = world_row(world, WORLD_STEPS, at.step);
		const int n = snprintf(out + len, RISK_WAY_BYTES - len, "%s in %s, %u %s (%s:%u)%s",
		                       world_text(world, exten->pattern), world_text(world, context->name),
		                       (unsigned)step->priority, world_app_name((enum world_app_id)step->app),
		                       world_text(world, step->origin.file), (unsigned)step->origin.line,
		                       count > 0 ? " > " : "");

		len += n > 0 ? (size_t)n : 0;
	}
	return out;
}

/* ---- What calls reach ------------------------------------------------------------------------------------------- */

static void dial_hint(const struct finder *f, uint32_t entry, uint32_t place, char out[64])
{
	uint8_t number[32];
	const int len = reach_example(f->reach, entry, place, number, sizeof(number));

	out[0] = '\0';
	if (len > 0) {
		snprintf(out, 64, " (dial %.*s)", len, (const char *)number);
	}
}

static void find_guest_paid(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		const struct reach_entry entry = reach_entry_at(f->reach, i);

		const bool meant = user_of(f, i)->may_spend != 0;

		if (entry.kind == REACH_GUEST && meant == (row->severity != RISK_CRITICAL) && entry.gave_up &&
		    risk_is_paid(f->world, REACH_ANY_PEER)) {
			struct risk risk = { .at = user_of(f, i)->origin };

			tell(f, row, &risk,
			     "[%s] needs no secret, and the dialplan is too large to tell where its calls go",
			     world_text(f->world, user_of(f, i)->name));
		}

		for (uint32_t k = 0;
		     entry.kind == REACH_GUEST && meant == (row->severity != RISK_CRITICAL) && k < entry.egresses;
		     k++) {
			const struct reach_egress *egress = reach_egress_at(f->reach, i, k);
			struct risk risk = { .at = user_of(f, i)->origin };
			char hint[64];

			if (!risk_is_paid(f->world, egress->peer)) {
				continue;
			}
			dial_hint(f, i, egress->place, hint);
			risk_way(f->world, f->reach, i, egress->place, risk.way);
			tell(f, row, &risk, "[%s] needs no secret, and its calls reach %s%s%s",
			     world_text(f->world, user_of(f, i)->name), peer_name(f->world, egress->peer),
			     egress->undecided ? ", as far as can be decided" : ", where calls cost money", hint);
		}
	}
}

static void find_undecided(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		const struct reach_entry entry = reach_entry_at(f->reach, i);
		struct risk risk = { .at = user_of(f, i)->origin };
		bool undecided = entry.gave_up;

		for (uint32_t k = 0; k < entry.egresses && !undecided; k++) {
			const struct reach_egress *egress = reach_egress_at(f->reach, i, k);

			if (egress->peer == REACH_ANY_PEER) {
				undecided = true;
				risk_way(f->world, f->reach, i, egress->place, risk.way);
			}
		}
		if (undecided) {
			tell(f, row, &risk, "[%s]: it cannot be decided where its calls go, so it counts as everywhere",
			     world_text(f->world, user_of(f, i)->name));
		}
	}
}

/* Numbers that begin with whatever the caller likes. */
static bool is_unfiltered(const struct finder *f, const struct reach_egress *egress)
{
	static const char *const some[] = { "0", "00", "+1", "9", "900", "011" };
	const struct reach_sets *sets = reach_sets_of(f->reach);

	for (size_t i = 0; i < TG_COUNT(some); i++) {
		char number[24];

		snprintf(number, sizeof(number), "%s2345678", some[i]);
		if (!reach_text_matches(sets, &egress->numbers, tg_span_text(number))) {
			return false;
		}
	}
	return true;
}

static bool goes_or_comes_there(const struct finder *f, const struct reach_entry *entry,
                                const struct reach_egress *egress)
{
	return entry->kind == REACH_BACKEND ||
	       (egress->peer != REACH_ANY_PEER &&
	        ((const struct world_peer *)world_row(f->world, WORLD_PEERS, egress->peer))->to_backend != 0);
}

static void find_unfiltered(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		const struct reach_entry entry = reach_entry_at(f->reach, i);

		for (uint32_t k = 0; k < entry.egresses; k++) {
			const struct reach_egress *egress = reach_egress_at(f->reach, i, k);
			const struct reach_place place = reach_place_at(f->reach, i, egress->place);
			const struct world_step *step = world_row(f->world, WORLD_STEPS, place.step);
			struct risk risk = { .at = step->origin };

			/* In front of a backend its dialplan says which numbers those are. */
			if (goes_or_comes_there(f, &entry, egress) || egress->undecided ||
			    !risk_is_paid(f->world, egress->peer) || !is_unfiltered(f, egress)) {
				continue;
			}
			risk_way(f->world, f->reach, i, egress->place, risk.way);
			tell(f, row, &risk, "any number at all that [%s] dials is sent to %s",
			     world_text(f->world, user_of(f, i)->name), peer_name(f->world, egress->peer));
		}
	}
}

static bool has_premium(const struct reach_tolls *tolls, char example[REACH_NUMBER_BYTES])
{
	static const enum world_class dear[] = { WORLD_CLASS_PREMIUM_INTL, WORLD_CLASS_PREMIUM, WORLD_CLASS_SATELLITE };

	for (size_t i = 0; i < TG_COUNT(dear); i++) {
		if ((tolls->allowed >> dear[i] & 1) != 0) {
			memcpy(example, tolls->examples[dear[i]], REACH_NUMBER_BYTES);
			return true;
		}
	}
	return false;
}

/* NULL: that of the risk. */
static const char *mend_of_backend(const struct finder *f, uint32_t entry)
{
	return reach_entry_at(f->reach, entry).kind == REACH_BACKEND
	               ? "trunkpolicy=NAME for the peer, or a [policy trunks] in tollgate.conf, with what may be spent "
	                 "and "
	                 "deny=premium-national,premium-intl,satellite"
	               : NULL;
}

static void find_premium(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		const struct reach_entry entry = reach_entry_at(f->reach, i);

		for (uint32_t k = 0; k < entry.egresses; k++) {
			const struct reach_egress *egress = reach_egress_at(f->reach, i, k);
			struct risk risk = { .at = user_of(f, i)->origin, .mend = mend_of_backend(f, i) };
			char example[REACH_NUMBER_BYTES];
			struct reach_tolls tolls;

			if (egress->peer == REACH_ANY_PEER || !risk_is_paid(f->world, egress->peer)) {
				continue;
			}
			reach_tolls(f->reach, f->world, i, egress, egress->peer, &tolls);
			if (has_premium(&tolls, example)) {
				risk_way(f->world, f->reach, i, egress->place, risk.way);
				tell(f, row, &risk, "[%s] may call premium and satellite numbers: %s is sent to %s",
				     world_text(f->world, user_of(f, i)->name), example,
				     peer_name(f->world, egress->peer));
			}
		}
	}
}

/* Of what the backend calls the trunk's own policy says it, for accounts are known there only. */
static bool is_limited_trunk(const struct finder *f, uint32_t peer)
{
	return peer != REACH_ANY_PEER &&
	       (f->world->settings.paying.trunks != 0 ||
	        ((const struct world_peer *)world_row(f->world, WORLD_PEERS, peer))->policy != 0);
}

static bool reaches_paid(const struct finder *f, uint32_t entry)
{
	const bool of_backend = reach_entry_at(f->reach, entry).kind == REACH_BACKEND;

	for (uint32_t k = 0; k < reach_entry_at(f->reach, entry).egresses; k++) {
		const uint32_t peer = reach_egress_at(f->reach, entry, k)->peer;

		if (risk_is_paid(f->world, peer) && !(of_backend && is_limited_trunk(f, peer))) {
			return true;
		}
	}
	return false;
}

static void find_unlimited(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		struct risk risk = { .at = user_of(f, i)->origin, .mend = mend_of_backend(f, i) };

		if (user_of(f, i)->policy == 0 && f->world->settings.paying.system == 0 && reaches_paid(f, i)) {
			tell(f, row, &risk, "[%s] reaches paid trunks, and %s",
			     world_text(f->world, user_of(f, i)->name),
			     reach_entry_at(f->reach, i).kind == REACH_BACKEND
			             ? "no policy limits what it may spend"
			             : "no policy says what it may spend: limits that are built in hold");
		}
	}
}

/* ---- Contexts --------------------------------------------------------------------------------------------------- */

static bool shares_context(const struct finder *f, const struct world_user *a, const struct world_user *b)
{
	for (uint32_t i = 0; i < a->contexts.count; i++) {
		for (uint32_t k = 0; k < b->contexts.count; k++) {
			const struct world_text *one = world_row(f->world, WORLD_TEXTS, a->contexts.first + i);
			const struct world_text *other = world_row(f->world, WORLD_TEXTS, b->contexts.first + k);

			if (tg_span_equal(world_span(f->world, *one), world_span(f->world, *other))) {
				return true;
			}
		}
	}
	return false;
}

/* What comes in from others begins where one's own phones do. */
static void find_shared(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		const enum reach_kind kind = reach_entry_at(f->reach, i).kind;

		for (uint32_t k = 0; kind != REACH_ACCOUNT && kind != REACH_BACKEND && k < reach_entries(f->reach);
		     k++) {
			struct risk risk = { .at = user_of(f, i)->origin };

			if (reach_entry_at(f->reach, k).kind == REACH_ACCOUNT &&
			    shares_context(f, user_of(f, i), user_of(f, k))) {
				tell(f, row, &risk,
				     "[%s] is a %s, and its calls begin in the same context as those of [%s]",
				     world_text(f->world, user_of(f, i)->name), reach_kind_name(kind),
				     world_text(f->world, user_of(f, k)->name));
				break;
			}
		}
	}
}

static void find_any_context(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		const struct world_user *user = user_of(f, i);
		struct risk risk = { .at = user->origin };

		for (uint32_t k = 0; k < user->contexts.count && user->of_backend == 0; k++) {
			const struct world_text *name = world_row(f->world, WORLD_TEXTS, user->contexts.first + k);

			if (tg_span_equal(world_span(f->world, *name), TG_SPAN_LIT("*"))) {
				tell(f, row, &risk, "[%s] has context=*: it may call in every context there is",
				     world_text(f->world, user->name));
				break;
			}
		}
	}
}

static void find_catch_all(const struct finder *f, const struct risk_row *row)
{
	/* In front of a backend all that is dialled is carried there. */
	const bool in_front = f->world->settings.front.backend.family != TG_NO_ADDR;

	for (uint32_t i = 0; i < world_count(f->world, WORLD_EXTENS) && !in_front; i++) {
		const struct world_exten *exten = world_row(f->world, WORLD_EXTENS, i);
		const char *pattern = world_text(f->world, exten->pattern);
		struct risk risk = { .at = { .line = 0 } };

		if ((strcmp(pattern, "_.") != 0 && strcmp(pattern, "_!") != 0) || exten->steps.count == 0) {
			continue;
		}
		risk.at = ((const struct world_step *)world_row(f->world, WORLD_STEPS, exten->steps.first))->origin;
		tell(f, row, &risk, "%s is for everything, also for i, t, h and whatever else is not a number",
		     pattern);
	}
}

/* ---- Accounts --------------------------------------------------------------------------------------------------- */

static void find_guest(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		struct risk risk = { .at = user_of(f, i)->origin };

		if (reach_entry_at(f->reach, i).kind == REACH_GUEST && user_of(f, i)->acl.count == 0) {
			tell(f, row, &risk, "[%s] has no secret and no permit=: anybody may call in",
			     world_text(f->world, user_of(f, i)->name));
		}
	}
}

static void find_tokenless(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < reach_entries(f->reach); i++) {
		const struct world_user *user = user_of(f, i);
		struct risk risk = { .at = user->origin };

		if (user->require_call_token == WORLD_NO && user->acl.count == 0) {
			tell(f, row, &risk,
			     "[%s] has requirecalltoken=no and no permit=: its name may be used with "
			     "addresses that are not the sender's",
			     world_text(f->world, user->name));
		}
	}
}

static void find_weak(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < world_count(f->world, WORLD_USERS); i++) {
		const struct world_user *user = world_row(f->world, WORLD_USERS, i);
		struct risk risk = { .at = user->origin };

		if (user->weak_secret != 0) {
			tell(f, row, &risk, "[%s]: its secret is easy to guess", world_text(f->world, user->name));
		}
	}
	for (uint32_t i = 0; i < world_count(f->world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(f->world, WORLD_PEERS, i);
		const struct world_user *user = world_user_find(f->world, world_span(f->world, peer->name));
		struct risk risk = { .at = peer->origin };

		if (peer->weak_secret != 0 && (user == NULL || user->weak_secret == 0)) {
			tell(f, row, &risk, "[%s]: its secret is easy to guess", world_text(f->world, peer->name));
		}
	}
}

static void find_wide(const struct finder *f, const struct risk_row *row)
{
	for (uint32_t i = 0; i < world_count(f->world, WORLD_TOKEN_OPTIONAL); i++) {
		const struct world_range *range = world_row(f->world, WORLD_TOKEN_OPTIONAL, i);
		const bool loopback = range->base.family == TG_IPV4 && range->base.ip[12] == 127;
		const bool wide = !loopback && range->bits < (range->base.family == TG_IPV4 ? 16 : 32);
		char base[TG_ADDR_TEXT_BYTES];
		struct risk risk = { .at = range->origin };

		if (wide) {
			tell(f, row, &risk,
			     "calltokenoptional=%s/%u excuses that many addresses from proving that they are "
			     "the sender's",
			     tg_addr_format_host(range->base, base), (unsigned)range->bits);
		}
	}
}

static const struct risk_row rows[] = {
	{ "guest-paid", RISK_CRITICAL, find_guest_paid, /* the first: risk_open_relay() asks for it alone */
	  "give the account a secret, or its context no way to the trunk; chargeable=no if calls there are free; "
	  "mayspend=yes if it is meant" },
	{ "guest-spends", RISK_WARNING, find_guest_paid,
	  "limit what guests may spend: [policy guests] in tollgate.conf" },
	{ "undecided", RISK_WARNING, find_undecided,
	  "name peers in Dial and contexts in Goto literally, not by what a caller sends" },
	{ "unfiltered", RISK_WARNING, find_unfiltered,
	  "match the numbers that are meant, such as _0[1-9]X. or _00ZX., instead of everything" },
	{ "premium", RISK_WARNING, find_premium,
	  "deny=premium-national,premium-intl,satellite in the account's policy (tollgate.conf, [policy NAME])" },
	{ "unlimited", RISK_WARNING, find_unlimited,
	  "policy=NAME for the account, or a [policy system] in tollgate.conf" },
	{ "shared-context", RISK_WARNING, find_shared,
	  "give it a context of its own with only what outsiders may reach" },
	{ "any-context", RISK_WARNING, find_any_context, "name the contexts that are meant" },
	{ "catch-all", RISK_WARNING, find_catch_all, "_X. or narrower" },
	{ "weak-secret", RISK_WARNING, find_weak, "choose another one; tollgated --check-config offers one" },
	{ "tokenless", RISK_WARNING, find_tokenless, "add permit= with the device's addresses, or remove the line" },
	{ "wide-optional", RISK_WARNING, find_wide, "name the addresses of the devices that know no tokens" },
	{ "guest", RISK_NOTE, find_guest, "nothing, if that is meant; else a secret" },
};

void risk_find(const struct world *world, const struct reach *reach, risk_fn *fn, void *owner)
{
	const struct finder f = { world, reach, fn, owner };

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		rows[i].find(&f, &rows[i]);
	}
}

static void keep_first(void *owner, const struct risk *risk)
{
	struct risk *first = owner;

	if (first->id == NULL) {
		*first = *risk;
	}
}

/* In front of a backend a call of a guest can go there, the way that was made for him, and nowhere else. */
static bool costs_there(const struct world *world, const struct world_user *user)
{
	char bytes[WORLD_NAME_MAX];
	struct tg_writer w = tg_writer_of((uint8_t *)bytes, sizeof(bytes));

	tg_put_span(&w, TG_SPAN_LIT(WORLD_FRONT_TO));
	tg_put_span(&w, world_span(world, user->name));
	const struct world_peer *peer = w.failed ? NULL : world_peer_find(world, tg_writer_span(&w));

	return peer != NULL && peer->chargeable != 0;
}

static bool has_guests(const struct world *world)
{
	const bool in_front = world->settings.front.backend.family != TG_NO_ADDR;

	for (uint32_t i = 0; i < world_count(world, WORLD_USERS); i++) {
		const struct world_user *user = world_row(world, WORLD_USERS, i);

		if (user->auth_methods == 0 && user->decoy == 0 && user->may_spend == 0 &&
		    (!in_front || costs_there(world, user))) {
			return true;
		}
	}
	return false;
}

bool risk_open_relay(const struct world *world, struct risk *risk)
{
	*risk = (struct risk){ .id = NULL };
	if (!has_guests(world) || !risk_is_paid(world, REACH_ANY_PEER)) {
		return false;
	}
	struct reach *reach = reach_new(world);

	if (reach == NULL) {
		snprintf(risk->text, sizeof(risk->text), "there is no memory to find out where guests' calls can go");
		return true;
	}
	const struct finder f = { world, reach, keep_first, risk };

	rows[0].find(&f, &rows[0]);
	reach_free(reach);
	return risk->id != NULL;
}
