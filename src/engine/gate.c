/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/gate.h"

#include <stdio.h>
#include <string.h>

#include "crypt/hash.h"
#include "engine/fingerprints.h"

enum {
	TOLD_MINUTES = 60, /* a scanner is told once in this time for each rule */
	TOLD_BITS = 20,
	MINUTE_US = 60 * TG_US_PER_S,
	OPENING_KEY_BYTES = 4, /* remote port and source call number */
};

void gate_init(struct gate *gate, struct guard *guard, struct iax_endpoint *endpoint, const struct tg_switch *sw,
               struct events *events, const uint8_t key[16])
{
	memset(gate, 0, sizeof(*gate));
	gate->guard = guard;
	gate->endpoint = endpoint;
	gate->sw = sw;
	gate->events = events;
	memcpy(gate->key, key, sizeof(gate->key));
	marks_init(&gate->statics, key);
}

void gate_set_world(struct gate *gate, const struct world *world)
{
	gate->world = world;
	marks_init(&gate->statics, gate->key);
	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(world, WORLD_PEERS, i);

		if (peer->host_kind == WORLD_HOST_STATIC && peer->addr.family != TG_NO_ADDR) {
			marks_note(&gate->statics, peer->addr, marks_host_bits(peer->addr), TG_NEVER);
			marks_note(&gate->statics, peer->addr, tg_addr_host_bits(peer->addr), TG_NEVER);
		}
	}
}

static bool is_static(const struct gate *gate, struct tg_addr from, uint64_t now_us)
{
	return marks_has(&gate->statics, from, marks_host_bits(from), now_us);
}

bool gate_has_static(const struct gate *gate, struct tg_addr base, uint64_t now_us)
{
	return marks_has(&gate->statics, base, tg_addr_host_bits(base), now_us);
}

bool gate_is_declared(const struct gate *gate, struct tg_addr from, uint64_t now_us)
{
	return is_static(gate, from, now_us) || world_range_find(gate->world, WORLD_TOKEN_OPTIONAL, from) != NULL;
}

enum model_class gate_class_of(const struct gate *gate, struct tg_addr from, bool proven, uint64_t now_us)
{
	if (!proven || from.family == TG_NO_ADDR) {
		return MODEL_CLASS_STRANGER;
	}
	const enum guard_class class = guard_class_of(gate->guard, from, now_us);

	return class == GUARD_CLASS_STRANGER && is_static(gate, from, now_us) ? MODEL_CLASS_PEER : terms_class(class);
}

/* ---- Events ---- */

static struct model_event event_of(const struct gate *gate, const struct iax_datagram *in, enum iax_proof proof,
                                   enum model_event_kind kind, enum model_reason reason, uint64_t now_us)
{
	return (struct model_event){
		.kind = kind,
		.reason = reason,
		.class = gate_class_of(gate, in->remote, proof == IAX_PROVEN, now_us),
		.validated = proof == IAX_PROVEN,
		.remote = in->remote,
		.local = in->local,
		.count = 1,
	};
}

/* True once an hour for one source and rule; a newer pair may displace an older one. */
static bool is_news(struct gate *gate, struct tg_addr from, const struct world_fingerprint *rule, uint64_t now_us)
{
	const uint64_t mask = (UINT64_C(1) << TOLD_BITS) - 1;
	const uint64_t minute = (now_us / MINUTE_US + 1) & mask;
	uint8_t bytes[sizeof(from.ip) + 4];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_span(&w, (struct tg_span){ from.ip, from.family == TG_IPV6 ? 8 : sizeof(from.ip) });
	tg_put_u32(&w, rule->name.offset);
	const uint64_t hash = crypt_siphash64(gate->key, tg_writer_span(&w));
	uint64_t *slot = &gate->told[hash % GATE_TOLD];
	const bool is_same = *slot != 0 && (*slot & ~mask) == (hash & ~mask);

	if (is_same && ((minute - *slot) & mask) < TOLD_MINUTES) {
		return false;
	}
	*slot = (hash & ~mask) | minute;
	return true;
}

/* Only strangers are looked at: whoever comes from a known network is none, whatever his frames look like. */
static bool is_suspect(struct gate *gate, const struct iax_datagram *in, enum guard_class class, struct terms_now now)
{
	struct fingerprint_facts facts;

	if (world_count(gate->world, WORLD_FINGERPRINTS) == 0 || class == GUARD_CLASS_KNOWN ||
	    !fingerprint_facts_of(&facts, in->bytes, now.wall_us)) {
		return false;
	}
	const struct world_fingerprint *rule = fingerprints_match(gate->world, &facts);

	if (rule == NULL) {
		return false;
	}
	gate->counters.suspects++;
	if (is_news(gate, in->remote, rule, now.now_us)) {
		struct model_event event = event_of(gate, in, IAX_PROVEN, MODEL_EVENT_SCANNER, MODEL_WHY_FINGERPRINT,
		                                    now.now_us);

		event.count = rule->score;
		events_put_text(event.rule, sizeof(event.rule), world_span(gate->world, rule->name));
		(void)events_tell(gate->events, &event, now);
	}
	return rule->score >= FINGERPRINT_SUSPECT;
}

static void put_rate_rule(const struct gate *gate, struct model_event *event, enum guard_why why, bool is_known)
{
	const struct world_guard *guard = &gate->world->settings.guard;
	const uint32_t per_s = is_known ? guard->known_dialogs_per_s : guard->new_dialogs_per_s;
	const uint32_t burst = is_known ? guard->known_dialogs_burst : guard->new_dialogs_burst;

	if (why == GUARD_RATE_STRANGERS) {
		snprintf(event->rule, sizeof(event->rule), "strangers=%u", guard->strangers_per_s);
	} else {
		snprintf(event->rule, sizeof(event->rule), "%s=%u,%u%s", is_known ? "knowndialogs" : "newdialogs",
		         per_s, burst, why == GUARD_RATE_NETWORK ? " x10" : "");
	}
}

/* The steps of the ladder told themselves when they began; each drop of theirs is in the counters and in the source's row. */
static void tell_rate(struct gate *gate, const struct iax_datagram *in, enum guard_why why, bool observed,
                      struct terms_now now)
{
	if (why != GUARD_RATE && why != GUARD_RATE_NETWORK && why != GUARD_RATE_STRANGERS) {
		return;
	}
	struct model_event event = event_of(
		gate, in, IAX_PROVEN, why == GUARD_RATE_STRANGERS ? MODEL_EVENT_LOAD_LIMIT : MODEL_EVENT_SESSION_LIMIT,
		terms_reason(why), now.now_us);

	event.action = observed ? MODEL_ACTION_OBSERVE : MODEL_ACTION_SILENCE;
	put_rate_rule(gate, &event, why, event.class == MODEL_CLASS_KNOWN);
	(void)events_tell(gate->events, &event, now);
}

static void put_limit_rule(struct model_event *event, const struct switch_limit *limit)
{
	static const char *const names[] = {
		[SWITCH_LIMIT_GLOBAL] = "maxcallnumbers",
		[SWITCH_LIMIT_RANGE] = "callnumberlimits",
		[SWITCH_LIMIT_PEER] = "maxcallnumbers of",
	};

	snprintf(event->rule, sizeof(event->rule), "%s%s%.36s=%u", names[limit->origin],
	         limit->name[0] == '\0' ? "" : " ", limit->name, limit->numbers);
}

/* Anybody can send without proof: one line a minute stands for all of them. */
static void tell_unproven(struct gate *gate, const struct iax_datagram *in, struct terms_now now)
{
	gate->unproven_refused++;
	if (gate->unproven_told_us != 0 && now.now_us - gate->unproven_told_us < MINUTE_US) {
		return;
	}
	struct model_event event = event_of(gate, in, IAX_UNPROVEN, MODEL_EVENT_SESSION_LIMIT,
	                                    MODEL_WHY_NUMBERS_UNPROVEN, now.now_us);

	event.count = (uint32_t)tg_min_u64(gate->unproven_refused, UINT32_MAX);
	snprintf(event.rule, sizeof(event.rule), "maxcallnumbers_nonvalidated=%u",
	         gate->world->settings.max_call_numbers_nonvalidated);
	(void)events_tell(gate->events, &event, now);
	gate->unproven_refused = 0;
	gate->unproven_told_us = now.now_us;
}

static void tell_refusal(struct gate *gate, const struct iax_datagram *in, enum iax_proof proof, enum iax_err err,
                         const struct switch_limit *limit, struct terms_now now)
{
	if (err == IAX_ERR_UNPROVEN_NUMBERS) {
		tell_unproven(gate, in, now);
	} else if (err == IAX_ERR_HOST_NUMBERS || err == IAX_ERR_NO_ROOM) {
		const bool is_host = err == IAX_ERR_HOST_NUMBERS;
		struct model_event event = event_of(gate, in, proof,
		                                    is_host ? MODEL_EVENT_SESSION_LIMIT : MODEL_EVENT_LOAD_LIMIT,
		                                    is_host ? MODEL_WHY_NUMBERS : MODEL_WHY_NO_CALLS, now.now_us);

		if (is_host) {
			put_limit_rule(&event, limit);
		}
		(void)events_tell(gate->events, &event, now);
	}
}

/* ---- The way of an opening ---- */

static uint64_t key_of(const struct gate *gate, const struct iax_datagram *in)
{
	uint8_t bytes[OPENING_KEY_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u16(&w, in->remote.port);
	tg_put_span(&w, (struct tg_span){ in->bytes.p, in->bytes.len < 2 ? 0 : 2 });
	return crypt_siphash64(gate->key, tg_writer_span(&w));
}

/* @return false to drop it */
static bool is_let_in(struct gate *gate, const struct iax_datagram *in, enum guard_class class, struct terms_now now)
{
	/* What will be dropped anyway, is not looked at: that is the dearest part of a flood. */
	const bool is_deaf = guard_is_deaf_to(gate->guard, in->remote, now.now_us);
	const struct guard_opening opening = { .from = in->remote,
		                               .key = key_of(gate, in),
		                               .suspect = !is_deaf && is_suspect(gate, in, class, now) };
	enum guard_why would = GUARD_PASS;
	const enum guard_why why = guard_open(gate->guard, &opening, &would, now.now_us);

	if (why != GUARD_PASS) {
		gate->counters.dropped[why]++;
		tell_rate(gate, in, why, false, now);
	} else if (would != GUARD_PASS) {
		gate->counters.observed[would]++;
		tell_rate(gate, in, would, true, now);
	}
	return why == GUARD_PASS;
}

/* A dialog that would be a new one. Dropping what nobody has proven to have sent charges nobody either. */
static bool is_heard(struct gate *gate, const struct iax_datagram *in, enum iax_proof proof, enum guard_class class,
                     struct terms_now now)
{
	if (proof == IAX_PROVEN) {
		return is_let_in(gate, in, class, now);
	}
	const bool is_deaf = guard_is_deaf_to(gate->guard, in->remote, now.now_us);

	gate->counters.unproven++;
	gate->counters.unproven_deaf += is_deaf;
	return !is_deaf;
}

enum iax_err gate_open(struct gate *gate, const struct iax_datagram *in, enum iax_proof proof, struct terms_now now)
{
	const bool is_repeat = iax_endpoint_is_repeat(gate->endpoint, in, now.now_us);
	const enum guard_class class = guard_class_of(gate->guard, in->remote, now.now_us);

	gate->counters.repeats += is_repeat;
	if (!is_repeat && !is_heard(gate, in, proof, class, now)) {
		return IAX_ERR_NO_LEG;
	}
	const struct switch_limit limit = switch_number_limit(gate->sw, in->remote);
	const struct iax_pass pass = {
		.proof = proof,
		.numbers_max = limit.numbers,
		.unproven_max = gate->world->settings.max_call_numbers_nonvalidated,
		.is_known = gate_is_declared(gate, in->remote, now.now_us) ||
		            (proof == IAX_PROVEN && class == GUARD_CLASS_KNOWN),
	};
	const enum iax_err err = iax_endpoint_open(gate->endpoint, in, &pass, now.now_us);

	gate->counters.opened += err == IAX_OK && !is_repeat;
	tell_refusal(gate, in, proof, err, &limit, now);
	return err;
}
