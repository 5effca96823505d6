/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/verdicts.h"

#include <stdio.h>
#include <string.h>

#include "crypt/hash.h"

enum {
	DAY_US_IN_S = 24 * 3600,
	EVENTS_A_TURN = 256,
	SUCCESS_AGAIN_S = 3600,
	RENEW_S = 60,
	VERDICT_S = 60, /* more than the vault ever takes */
	FACT_BITS = 128,
	SUCCEEDED = 's',
	OBSERVED = 'o',
};

/* What each reason is called, and whether it counts as a failure of whoever sent credentials: for the guard all failures are
   alike, whatever an account's own rules say. */
static const struct verdict_rule {
	enum model_event_kind kind;
	bool is_failure;
} rules[MODEL_REASON_COUNT] = {
	[MODEL_WHY_OK] = { MODEL_EVENT_SUCCESSFUL_AUTH, false },
	[MODEL_WHY_NO_ACCOUNT] = { MODEL_EVENT_INVALID_ACCOUNT, true },
	[MODEL_WHY_NO_GUEST] = { MODEL_EVENT_INVALID_ACCOUNT, true },
	[MODEL_WHY_ACL] = { MODEL_EVENT_FAILED_ACL, true },
	[MODEL_WHY_CONTEXT] = { MODEL_EVENT_REQUEST_NOT_ALLOWED, true },
	[MODEL_WHY_TOKEN] = { MODEL_EVENT_REQUEST_NOT_ALLOWED, true },
	[MODEL_WHY_STATIC] = { MODEL_EVENT_UNEXPECTED_ADDRESS, true },
	[MODEL_WHY_NO_SECRET] = { MODEL_EVENT_INVALID_ACCOUNT, true },
	[MODEL_WHY_TOO_MANY] = { MODEL_EVENT_SESSION_LIMIT, true },
	[MODEL_WHY_NO_ANSWER] = { MODEL_EVENT_CHALLENGE_FAILED, true },
	[MODEL_WHY_OTHER_NAME] = { MODEL_EVENT_CHALLENGE_FAILED, true },
	[MODEL_WHY_NOT_BOUND] = { MODEL_EVENT_REQUEST_NOT_ALLOWED, false },
	[MODEL_WHY_NO_ROOM] = { MODEL_EVENT_LOAD_LIMIT, false },
	[MODEL_WHY_WRONG] = { MODEL_EVENT_CHALLENGE_FAILED, true },
	[MODEL_WHY_NO_EXTEN] = { MODEL_EVENT_REQUEST_NOT_ALLOWED, false },
	[MODEL_WHY_NO_CODEC] = { MODEL_EVENT_REQUEST_NOT_ALLOWED, false },
	[MODEL_WHY_NO_CALLS] = { MODEL_EVENT_LOAD_LIMIT, false },
	[MODEL_WHY_STOPPING] = { MODEL_EVENT_LOAD_LIMIT, false },
	[MODEL_WHY_GUARDED] = { MODEL_EVENT_GUARDED, true },
	/* Others read logs to ban addresses: these two are about one device of an owner, perhaps behind a shared address. */
	[MODEL_WHY_STALE] = { MODEL_EVENT_STALE, true },
	[MODEL_WHY_PAIR] = { MODEL_EVENT_GUESSING, true },
	[MODEL_WHY_TRIES] = { MODEL_EVENT_CHALLENGE_FAILED, true },
	[MODEL_WHY_DECOY] = { MODEL_EVENT_DECOY, true },
	[MODEL_WHY_RATE] = { MODEL_EVENT_SESSION_LIMIT, true },
	[MODEL_WHY_RATE_NETWORK] = { MODEL_EVENT_SESSION_LIMIT, true },
	[MODEL_WHY_RATE_STRANGERS] = { MODEL_EVENT_LOAD_LIMIT, true },
	[MODEL_WHY_DELAYED] = { MODEL_EVENT_CHALLENGE_FAILED, true },
	[MODEL_WHY_SILENCED] = { MODEL_EVENT_CHALLENGE_FAILED, true },
	[MODEL_WHY_BANNED] = { MODEL_EVENT_CHALLENGE_FAILED, true },
	[MODEL_WHY_FINGERPRINT] = { MODEL_EVENT_SCANNER, false },
	[MODEL_WHY_NUMBERS] = { MODEL_EVENT_SESSION_LIMIT, false },
	[MODEL_WHY_NUMBERS_UNPROVEN] = { MODEL_EVENT_SESSION_LIMIT, false },
	[MODEL_WHY_NO_TOKEN] = { MODEL_EVENT_TOKEN_MISSING, false },
	[MODEL_WHY_BUSY_DOOR] = { MODEL_EVENT_LOAD_LIMIT, false },
	[MODEL_WHY_PAID_DENIED] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_GUEST] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_TIMES] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_CALLS] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_LONGEST] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_DAY] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_MONTH] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_RECORDS] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_ROOM] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_HOUR_CALLS] = { MODEL_EVENT_PAID_REFUSED, false },
	[MODEL_WHY_PAID_DAY_CALLS] = { MODEL_EVENT_PAID_REFUSED, false },
};

void verdicts_set_world(struct verdicts *verdicts, const struct world *world, struct terms_now now)
{
	const struct guard_limits limits = terms_limits(&world->settings.guard);

	verdicts->world = world;
	guard_set_limits(verdicts->guard, &limits, now.now_us);
	keeper_set_kernel(verdicts->keeper, world->settings.guard.kernel != 0);
	gate_set_world(verdicts->gate, world);
	verdicts->renew_us = 0;
}

/* ---- What the switch asks and tells ---- */

static struct guard_try try_of(const struct verdicts *verdicts, const struct switch_try *try, struct terms_now now)
{
	return (struct guard_try){
		.from = try->from,
		.account = try->account,
		.answer = try->answer,
		.proven = try->proven,
		.declared = !try->proven && gate_is_declared(verdicts->gate, try->from, now.now_us),
		.exists = try->exists,
		.registration = try->registration,
		.roaming = try->roaming,
		.decoy = try->decoy,
		.weak = try->weak,
	};
}

/* As an address, for a table of marks: this account at this address; each purpose has its own. */
static struct tg_addr fact_of(const struct verdicts *verdicts, const struct switch_try *try, uint16_t port,
                              char purpose)
{
	uint8_t bytes[sizeof(try->from.ip) + 3];
	struct tg_addr both = { .family = TG_IPV6 };
	struct tg_writer to = tg_writer_of(both.ip, sizeof(both.ip)), w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_span(&w, (struct tg_span){ try->from.ip, sizeof(try->from.ip) });
	tg_put_u16(&w, port);
	tg_put_u8(&w, (uint8_t)purpose);
	tg_put_u64(&to, crypt_siphash64(verdicts->gate->key, tg_writer_span(&w)));
	tg_put_u64(&to, crypt_siphash64(verdicts->gate->key, try->account));
	return both;
}

static void note_fact(struct verdicts *verdicts, const struct switch_try *try, uint16_t port, char purpose,
                      uint32_t for_s, uint64_t now_us)
{
	marks_note(verdicts->facts, fact_of(verdicts, try, port, purpose), FACT_BITS,
	           now_us + (uint64_t)for_s * TG_US_PER_S);
}

static bool has_fact(const struct verdicts *verdicts, const struct switch_try *try, uint16_t port, char purpose,
                     uint64_t now_us)
{
	return marks_has(verdicts->facts, fact_of(verdicts, try, port, purpose), FACT_BITS, now_us);
}

enum model_reason verdicts_may_try(struct verdicts *verdicts, const struct switch_try *try, struct terms_now now)
{
	const struct guard_try mine = try_of(verdicts, try, now);
	enum guard_why would = GUARD_PASS;
	const enum guard_why why = guard_may_try(verdicts->guard, &mine, &would, now.now_us);

	if (why != GUARD_PASS) {
		verdicts->held[why]++;
	} else if (would != GUARD_PASS) {
		verdicts->observed[would]++;
		note_fact(verdicts, try, try->from.port, OBSERVED, VERDICT_S, now.now_us);
	}
	return terms_reason(why);
}

/* The door serves this network first from now on, for as long as the guard knows it. */
static void note_customer(struct verdicts *verdicts, struct tg_addr addr, uint64_t until_us)
{
	marks_note(&verdicts->shared->customers, addr, tg_addr_network_bits(addr), until_us);
}

static uint64_t known_us(const struct verdicts *verdicts)
{
	return (uint64_t)verdicts->world->settings.guard.known_days * DAY_US_IN_S * TG_US_PER_S;
}

static bool is_excused(uint32_t require)
{
	return require == WORLD_NO || require == WORLD_AUTO;
}

/* And lets the account come from there without a call token, if it is one of those that need none (tokenless=known). */
static void note_tokenless(struct verdicts *verdicts, struct tg_span account, struct tg_addr addr, uint64_t until_us)
{
	const struct world_user *user = world_user_find(verdicts->world, account);
	const struct world_peer *peer = world_peer_find(verdicts->world, account);

	if (is_excused(user == NULL ? WORLD_DEFAULT : user->require_call_token) ||
	    is_excused(peer == NULL ? WORLD_DEFAULT : peer->require_call_token)) {
		if (!tokenless_note(verdicts->shared->tokenless, account, addr, until_us)) {
			verdicts->renew_us = verdicts->renewed_us + (uint64_t)RENEW_S * TG_US_PER_S;
		}
	}
}

/* All that the guard knows: the clock was set right, the accounts are others, or some that are gone have filled the table. */
static void renew_networks(struct verdicts *verdicts, uint64_t now_us)
{
	struct tokenless *tokenless = verdicts->shared->tokenless;
	struct guard_network_row row;

	tokenless_begin_anew(tokenless);
	for (uint32_t cursor = 0; guard_network_row(verdicts->guard, &cursor, now_us, &row);) {
		note_customer(verdicts, row.base, now_us + row.left_us);
		note_tokenless(verdicts, tg_span_text(row.account), row.base, now_us + row.left_us);
	}
	tokenless_end_anew(tokenless);
	verdicts->renewed_us = now_us;
	verdicts->renew_us = TG_NEVER;
}

void verdicts_on_clock(struct verdicts *verdicts)
{
	verdicts->renew_us = 0;
}

static void tell_guard(struct verdicts *verdicts, const struct switch_decision *decision, struct terms_now now)
{
	const struct guard_try try = try_of(verdicts, &decision->try, now);

	if (!decision->tried) {
		return;
	}
	if (decision->trusted) {
		verdicts->successes++;
		guard_on_success(verdicts->guard, &try, now.now_us);
		note_tokenless(verdicts, try.account, try.from, now.now_us + known_us(verdicts));
		if (try.proven) {
			note_customer(verdicts, try.from, now.now_us + known_us(verdicts));
		}
	} else if (rules[decision->why].is_failure) {
		verdicts->failures++;
		guard_on_failure(verdicts->guard, &try, now.now_us);
	}
}

static void put_rule(const struct verdicts *verdicts, struct model_event *event)
{
	const struct world_guard *guard = &verdicts->world->settings.guard;

	switch (event->reason) {
	case MODEL_WHY_TRIES:
		snprintf(event->rule, sizeof(event->rule), "failures=%u/min,%u", guard->failures_per_min,
		         guard->failures_burst);
		break;
	case MODEL_WHY_GUARDED:
		snprintf(event->rule, sizeof(event->rule), "accountfailures=%u,%u", guard->account_failures,
		         guard->account_prefixes);
		break;
	case MODEL_WHY_TOO_MANY:
		events_put_text(event->rule, sizeof(event->rule), TG_SPAN_LIT("maxauthreq"));
		break;
	default:
		events_put_text(event->rule, sizeof(event->rule),
		                tg_span_text(model_reason_code((enum model_reason)event->reason)));
		break;
	}
}

/* What nobody has proven to have sent must not be read by whoever bans addresses: it stands on a lower level. */
static void write_line(const struct verdicts *verdicts, const struct model_event *event)
{
	const bool is_call = event->request == MODEL_REQUEST_CALL;
	char id[MODEL_EVENT_ID_TEXT_BYTES];

	tg_log(verdicts->shared->log, event->validated ? TG_NOTICE : TG_INFO, is_call ? "call.refused" : "reg.refused",
	       TG_TEXT("event", model_event_id_format(event->id, id)), TG_ADDR("from", event->remote),
	       TG_BYTES("account", tg_span_text(event->account)),
	       TG_TEXT("why", model_reason_text((enum model_reason)event->reason)),
	       TG_BYTES("exten", tg_span_text(event->exten)), TG_UINT("call", event->call),
	       TG_UINT("more", event->suppressed));
}

static void tell_operator(struct verdicts *verdicts, const struct switch_decision *decision, bool observed,
                          struct terms_now now)
{
	const struct switch_try *try = &decision->try;
	struct model_event event = {
		.kind = rules[decision->why].kind,
		.reason = decision->why,
		.action = observed ? MODEL_ACTION_OBSERVE : MODEL_ACTION_NONE,
		.class = gate_class_of(verdicts->gate, try->from, try->proven, now.now_us),
		.request = decision->request,
		.validated = try->proven,
		.count = 1,
		.call = decision->call,
		.remote = try->from,
		.local = decision->local,
	};

	events_put_text(event.account, sizeof(event.account), try->account);
	events_put_text(event.exten, sizeof(event.exten), decision->exten);
	events_put_text(event.context, sizeof(event.context), decision->context);
	if (decision->why != MODEL_WHY_OK) {
		put_rule(verdicts, &event);
	}
	if (events_tell(verdicts->events, &event, now) && decision->why != MODEL_WHY_OK) {
		write_line(verdicts, &event);
	}
}

/* Phones prove themselves all day: of each account and address one in an hour is told. A guest is no account. */
static bool is_new_success(struct verdicts *verdicts, const struct switch_decision *decision, uint64_t now_us)
{
	const struct switch_try *try = &decision->try;

	if (!decision->trusted) {
		return false;
	}
	if (has_fact(verdicts, try, 0, SUCCEEDED, now_us)) {
		verdicts->successes_again++;
		return false;
	}
	note_fact(verdicts, try, 0, SUCCEEDED, SUCCESS_AGAIN_S, now_us);
	return true;
}

void verdicts_on_decided(struct verdicts *verdicts, const struct switch_decision *decision, struct terms_now now)
{
	const bool observed = decision->tried &&
	                      has_fact(verdicts, &decision->try, decision->try.from.port, OBSERVED, now.now_us);

	tell_guard(verdicts, decision, now);
	if (decision->why != MODEL_WHY_OK || is_new_success(verdicts, decision, now.now_us) || observed) {
		tell_operator(verdicts, decision, observed, now);
	}
	if (observed) {
		marks_drop(verdicts->facts, fact_of(verdicts, &decision->try, decision->try.from.port, OBSERVED),
		           FACT_BITS);
	}
}

/* ---- Paid calls ---- */

void verdicts_on_toll(struct verdicts *verdicts, const struct switch_toll *toll, struct terms_now now)
{
	struct model_event event = {
		.kind = toll->ended ? MODEL_EVENT_PAID_ENDED : MODEL_EVENT_PAID_REFUSED,
		.reason = toll->why,
		.class = gate_class_of(verdicts->gate, toll->from, toll->proven, now.now_us),
		.request = MODEL_REQUEST_CALL,
		.validated = toll->proven,
		.count = 1,
		.call = toll->call,
		.remote = toll->from,
		.local = toll->local,
	};

	events_put_text(event.account, sizeof(event.account), toll->account);
	events_put_text(event.exten, sizeof(event.exten), toll->number);
	events_put_text(event.context, sizeof(event.context), toll->context);
	events_put_text(event.rule, sizeof(event.rule), tg_span_text(toll->rule));
	snprintf(event.text, sizeof(event.text), "%s to %.*s", world_class_name(toll->class),
	         (int)tg_min_u64(toll->trunk.len, MODEL_NAME_BYTES), (const char *)toll->trunk.p);
	(void)events_tell(verdicts->events, &event, now);
}

/* ---- Registrations ---- */

static uint64_t binding_until_us(const struct model_binding *binding, struct terms_now now)
{
	const uint64_t now_ms = now.wall_us / TG_US_PER_MS;

	return binding->expires_ms > now_ms ? now.now_us + (binding->expires_ms - now_ms) * TG_US_PER_MS : 0;
}

/* For as long as the registration is good: a stealthy listener answers that address, and the door serves its network first. */
static void note_binding(struct verdicts *verdicts, const struct model_binding *binding, struct terms_now now)
{
	const uint64_t until_us = binding_until_us(binding, now);

	if (until_us != 0) {
		marks_note(&verdicts->shared->known, binding->addr, tg_addr_host_bits(binding->addr),
		           until_us + (uint64_t)ENGINE_KNOWN_S * TG_US_PER_S);
		note_customer(verdicts, binding->addr, until_us);
	}
}

void verdicts_on_binding(struct verdicts *verdicts, const struct model_binding *binding,
                         const struct model_binding *before, struct terms_now now)
{
	note_binding(verdicts, binding, now);
	if (before == NULL || binding_until_us(binding, now) == 0 || binding_until_us(before, now) == 0 ||
	    tg_addr_same_host(before->addr, binding->addr)) {
		return;
	}
	struct model_event event = {
		.kind = MODEL_EVENT_MOVED,
		.class = gate_class_of(verdicts->gate, binding->addr, true, now.now_us),
		.request = MODEL_REQUEST_REGISTER,
		.validated = 1,
		.count = 1,
		.remote = binding->addr,
		.local = binding->local,
	};
	char host[TG_ADDR_TEXT_BYTES];

	events_put_text(event.account, sizeof(event.account), tg_span_text(binding->name));
	snprintf(event.text, sizeof(event.text), "was at %s", tg_addr_format_host(before->addr, host));
	(void)events_tell(verdicts->events, &event, now);
}

void verdicts_on_restored_account(struct verdicts *verdicts, const struct model_guard_account *account,
                                  struct terms_now now)
{
	const struct guard_account mine = terms_guard_account(account);
	const uint64_t today = now.wall_us / TG_US_PER_S / DAY_US_IN_S;

	if (!keeper_restore_account(verdicts->keeper, account, now)) {
		return;
	}
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		const struct guard_network *network = &mine.networks[i];
		const uint64_t age = (today - tg_min_u64(today, network->seen_day)) * DAY_US_IN_S * TG_US_PER_S;

		if (network->base.family != TG_NO_ADDR && age < known_us(verdicts)) {
			note_customer(verdicts, network->base, now.now_us + known_us(verdicts) - age);
			note_tokenless(verdicts, tg_span_text(mine.name), network->base,
			               now.now_us + known_us(verdicts) - age);
		}
	}
}

void verdicts_on_restored_binding(struct verdicts *verdicts, const struct model_binding *binding, struct terms_now now)
{
	note_binding(verdicts, binding, now);
	if (binding_until_us(binding, now) != 0) {
		guard_restore_network(verdicts->guard, tg_span_text(binding->name), binding->addr, now.now_us);
		note_tokenless(verdicts, tg_span_text(binding->name), binding->addr, now.now_us + known_us(verdicts));
	}
}

/* ---- What the guard decided ---- */

static enum model_event_kind kind_of(enum guard_event_kind kind)
{
	static const enum model_event_kind kinds[GUARD_EVENT_KINDS] = {
		[GUARD_EVENT_GUESSING] = MODEL_EVENT_GUESSING,
		[GUARD_EVENT_STALE] = MODEL_EVENT_STALE,
		[GUARD_EVENT_UNDER_ATTACK] = MODEL_EVENT_UNDER_ATTACK,
		[GUARD_EVENT_GUARDED_END] = MODEL_EVENT_GUARDED_END,
		[GUARD_EVENT_SPRAY] = MODEL_EVENT_SPRAY,
		[GUARD_EVENT_DELAYED] = MODEL_EVENT_DELAYED,
		[GUARD_EVENT_SILENCED] = MODEL_EVENT_SILENCED,
		[GUARD_EVENT_BANNED] = MODEL_EVENT_BANNED,
		[GUARD_EVENT_UNBANNED] = MODEL_EVENT_UNBANNED,
		[GUARD_EVENT_BAN_REFUSED] = MODEL_EVENT_BAN_REFUSED,
	};

	return kinds[kind];
}

static enum model_action action_of(const struct guard_event *event)
{
	static const enum model_action actions[GUARD_EVENT_KINDS] = {
		[GUARD_EVENT_DELAYED] = MODEL_ACTION_DELAY,
		[GUARD_EVENT_SILENCED] = MODEL_ACTION_SILENCE,
		[GUARD_EVENT_BANNED] = MODEL_ACTION_KERNEL,
	};

	return event->observed ? MODEL_ACTION_OBSERVE : actions[event->kind];
}

static void put_ladder_rule(const struct verdicts *verdicts, struct model_event *event)
{
	const struct world_guard *guard = &verdicts->world->settings.guard;
	const struct {
		enum model_event_kind kind;
		const char *name;
		uint32_t value;
	} ladder[] = {
		{ MODEL_EVENT_DELAYED, "delay", guard->delay_at },
		{ MODEL_EVENT_SILENCED, "silence", guard->silence_at },
		{ MODEL_EVENT_BANNED, "kernel", guard->kernel_at },
		{ MODEL_EVENT_UNDER_ATTACK, "accountfailures", guard->account_failures },
		{ MODEL_EVENT_SPRAY, "sprayaccounts", guard->spray_accounts },
	};

	for (size_t i = 0; i < TG_COUNT(ladder); i++) {
		if (ladder[i].kind == (enum model_event_kind)event->kind) {
			snprintf(event->rule, sizeof(event->rule), "%s=%u", ladder[i].name, ladder[i].value);
			return;
		}
	}
	events_put_text(event->rule, sizeof(event->rule),
	                tg_span_text(model_reason_code((enum model_reason)event->reason)));
}

/* A ban lasts, and whoever asks for it is told its event. @return true if a line may be written */
static bool tell_or_keep(struct verdicts *verdicts, const struct guard_event *from, struct model_event *event,
                         struct terms_now now)
{
	if (from->kind != GUARD_EVENT_BANNED) {
		return events_tell(verdicts->events, event, now);
	}
	const bool has_line = events_keep(verdicts->events, event, now);

	keeper_note_id(verdicts->keeper, from->base, from->bits, event->id);
	return has_line;
}

static void tell_guard_event(struct verdicts *verdicts, const struct guard_event *from, struct terms_now now)
{
	const bool has_addr = from->base.family != TG_NO_ADDR;
	struct model_event event = {
		.kind = kind_of(from->kind),
		.reason = terms_reason(from->why),
		.action = action_of(from),
		.class = gate_class_of(verdicts->gate, from->base, has_addr, now.now_us),
		.until_ms = from->until_us == 0 ? 0 : terms_wall_ms(from->until_us, now),
		.validated = has_addr, /* the guard remembers nobody else */
		.bits = from->bits,
		.count = from->count,
		.prefixes = from->prefixes,
		.remote = from->base,
	};

	events_put_text(event.account, sizeof(event.account), tg_span_text(from->account));
	put_ladder_rule(verdicts, &event);
	if (!tell_or_keep(verdicts, from, &event, now)) {
		return;
	}
	char id[MODEL_EVENT_ID_TEXT_BYTES];

	tg_log(verdicts->shared->log, TG_NOTICE, "guard.event", TG_TEXT("event", model_event_id_format(event.id, id)),
	       TG_TEXT("what", model_event_name(kind_of(from->kind))), TG_ADDR("from", event.remote),
	       TG_BYTES("account", tg_span_text(event.account)), TG_TEXT("rule", event.rule),
	       TG_TEXT("action", model_action_name((enum model_action)event.action)), TG_UINT("count", event.count),
	       TG_UINT("networks", event.prefixes), TG_UINT("more", event.suppressed));
}

/* Silence and ban of one address share a mark: while one of them lasts, the other's end takes nothing away. */
static void mark_silence(struct verdicts *verdicts, const struct guard_silence *silence, uint64_t now_us)
{
	struct marks *marks = &verdicts->shared->silenced;

	if (silence->until_us > now_us) {
		marks_note(marks, silence->base, silence->bits, silence->until_us);
	} else if (guard_class_of(verdicts->guard, silence->base, now_us) != GUARD_CLASS_BANNED) {
		marks_drop(marks, silence->base, silence->bits);
	}
}

/* The door looks up the lengths that are in use, and no other. */
static void publish_lengths(const struct verdicts *verdicts, bool is_six)
{
	uint64_t words[GUARD_LENGTH_WORDS];

	static_assert((int)GUARD_LENGTH_WORDS == (int)SILENCED_WORDS, "the door has room for all lengths");
	guard_ban_lengths(verdicts->guard, is_six, words);
	for (int i = 0; i < SILENCED_WORDS; i++) {
		atomic_store_explicit(&verdicts->shared->silenced_lengths[is_six][i], words[i], memory_order_relaxed);
	}
}

/* Somebody inside a network is allowed: then the door must not be deaf to all of it. */
static void mark_ban(struct verdicts *verdicts, const struct guard_ban *ban)
{
	const bool is_host = ban->bits >= tg_addr_host_bits(ban->base);

	if (is_host || !guard_has_allowed(verdicts->guard, ban->base, ban->bits)) {
		marks_note(&verdicts->shared->silenced, ban->base, ban->bits, ban->until_us);
	}
}

/* The door hears all networks around it from now on; the guard still knows who is banned there. */
static void unmark_around(struct verdicts *verdicts, const struct guard_ban *allowance)
{
	for (unsigned bits = 0; bits <= allowance->bits; bits++) {
		marks_drop(&verdicts->shared->silenced, allowance->base, bits);
	}
}

/* An allowance is over: bans around it hold at the door again. */
static void mark_around(struct verdicts *verdicts, const struct guard_ban *allowance, uint64_t now_us)
{
	struct guard_ban row;

	for (uint32_t cursor = 0;
	     guard_ban_around(verdicts->guard, allowance->base, allowance->bits, &cursor, now_us, &row);) {
		mark_ban(verdicts, &row);
	}
}

void verdicts_on_ban(void *owner, const struct guard_ban *ban, uint64_t now_us)
{
	struct verdicts *verdicts = owner;

	if (ban->allow && ban->until_us > now_us) {
		unmark_around(verdicts, ban);
	} else if (ban->allow) {
		mark_around(verdicts, ban, now_us);
	} else if (ban->until_us > now_us) {
		mark_ban(verdicts, ban);
	} else {
		marks_drop(&verdicts->shared->silenced, ban->base, ban->bits);
	}
	publish_lengths(verdicts, ban->base.family != TG_IPV4);
}

void verdicts_turn(struct verdicts *verdicts, const struct guard_never *never, struct terms_now now)
{
	struct guard_event event;
	struct guard_silence silence;

	if (guard_deadline_us(verdicts->guard) <= now.now_us) {
		guard_expire(verdicts->guard, never, now.now_us);
	}
	for (int i = 0; i < EVENTS_A_TURN && guard_next_event(verdicts->guard, &event); i++) {
		tell_guard_event(verdicts, &event, now);
	}
	while (guard_next_silence(verdicts->guard, &silence)) {
		mark_silence(verdicts, &silence, now.now_us);
	}
	if (verdicts->renew_us <= now.now_us) {
		renew_networks(verdicts, now.now_us);
	}
}
