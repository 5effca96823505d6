/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/counters.h"

#include <ctype.h>
#include <stdio.h>

#include "engine/selector.h"

/* "IAX_ERR_BAD_TOKEN" becomes "bad_token". */
static const char *const err_names[IAX_ERR_COUNT] = {
#define X(name, text) [name] = #name,
	IAX_ERRORS(X)
#undef X
};

#define DOOR(member)                                                    \
	{                                                               \
		"door." #member, offsetof(struct door_counters, member) \
	}
static const struct {
	const char *name;
	size_t offset;
} door_rows[] = { DOOR(received),
	          DOOR(answered),
	          DOOR(refused),
	          DOOR(passed),
	          DOOR(too_long),
	          DOOR(silenced),
	          DOOR(shed),
	          { "door.ring_full.known", offsetof(struct door_counters, ring_full[OPENING_KNOWN]) },
	          { "door.ring_full.strangers", offsetof(struct door_counters, ring_full[OPENING_STRANGER]) },
	          { "door.ring_full.unproven", offsetof(struct door_counters, ring_full[OPENING_UNPROVEN]) },
	          { "door.ring_full.hangups", offsetof(struct door_counters, ring_full[OPENING_HANGUP]) } };

#define RELAY(member)                                                     \
	{                                                                 \
		"relay." #member, offsetof(struct relay_counters, member) \
	}
static const struct {
	const char *name;
	size_t offset;
} relay_rows[] = {
	RELAY(received), RELAY(forwarded), RELAY(played),    RELAY(unknown),
	RELAY(dropped),  RELAY(promoted),  RELAY(malformed), RELAY(notices_full),
};

static uint64_t load(const void *counters, size_t offset)
{
	return atomic_load_explicit((const _Atomic uint64_t *)((uintptr_t)counters + offset), memory_order_relaxed);
}

static uint64_t relay_sum(const struct counters *counters, size_t offset)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < counters->relay_count; i++) {
		sum += load(&counters->relays[i].counters, offset);
	}
	return sum;
}

/* What the kernel had no room for, by socket. */
static const struct {
	const char *name;
	uint32_t first, count; /* sockets of a group */
} overflow_rows[] = {
	{ "door.overflowed", SELECTOR_DOOR, 1 },
	{ "switch.overflowed", SELECTOR_SWITCH, 1 },
	{ "relay.overflowed", SELECTOR_RELAYS, ENGINE_RELAYS_MAX },
};

static uint64_t overflow_sum(const struct engine_shared *shared, uint32_t first, uint32_t count)
{
	const uint32_t end = (uint32_t)tg_min_u64(first + count, SELECTOR_RELAYS + shared->relay_count);
	uint64_t sum = 0;

	for (uint32_t group = 0; group < shared->group_count; group++) {
		for (uint32_t i = first; i < end; i++) {
			sum += sys_udp_overflowed(shared->groups[group].sockets[i]);
		}
	}
	return sum;
}

static void put_err(struct rows_counter *out, const char *prefix, uint32_t err, uint64_t value)
{
	const char *name = err_names[err];
	const size_t skip = sizeof("IAX_ERR_") - 1;

	out->value = value;
	out->is_idle = value == 0;
	snprintf(out->name, sizeof(out->name), "%s%s", prefix, err == IAX_OK ? "ok" : name + skip);
	for (char *at = out->name; *at != '\0'; at++) {
		*at = (char)tolower((unsigned char)*at);
	}
}

/* "gate.dropped." and the reason's code. */
static void put_why(struct rows_counter *out, const char *prefix, uint32_t why, uint64_t value)
{
	out->value = value;
	out->is_idle = value == 0;
	snprintf(out->name, sizeof(out->name), "%s%s", prefix, model_reason_code(terms_reason((enum guard_why)why)));
	for (char *at = out->name; *at != '\0'; at++) {
		*at = *at == '-' ? '_' : *at;
	}
}

/* Security events by name, then by the code of their reason. */
static bool events_at(const struct events *events, uint32_t number, struct rows_counter *out)
{
	if (number < MODEL_EVENT_KINDS) {
		out->value = events->kinds[number];
		snprintf(out->name, sizeof(out->name), "event.%s", model_event_name((enum model_event_kind)number));
	} else if (number - MODEL_EVENT_KINDS < MODEL_REASON_COUNT) {
		number -= MODEL_EVENT_KINDS;
		out->value = events->reasons[number];
		snprintf(out->name, sizeof(out->name), "reason.%s", model_reason_code((enum model_reason)number));
	} else {
		return false;
	}
	out->is_idle = out->value == 0;
	return true;
}

static bool whys_at(const struct admission *admission, uint32_t number, struct rows_counter *out)
{
	const struct {
		const char *prefix;
		const uint64_t *values;
	} rows[] = {
		{ "gate.dropped.", admission->gate.counters.dropped },
		{ "gate.observed.", admission->gate.counters.observed },
		{ "guard.held.", admission->verdicts.held },
		{ "guard.observed.", admission->verdicts.observed },
	};
	const uint32_t row = number / GUARD_WHY_COUNT, why = number % GUARD_WHY_COUNT;

	if (row >= TG_COUNT(rows)) {
		return events_at(&admission->events, number - (uint32_t)TG_COUNT(rows) * GUARD_WHY_COUNT, out);
	}
	put_why(out, rows[row].prefix, why, rows[row].values[why]);
	return true;
}

static bool admission_at(const struct admission *admission, uint32_t number, struct rows_counter *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "gate.opened", admission->gate.counters.opened },
		{ "gate.repeats", admission->gate.counters.repeats },
		{ "gate.unproven", admission->gate.counters.unproven },
		{ "gate.unproven_deaf", admission->gate.counters.unproven_deaf },
		{ "gate.suspects", admission->gate.counters.suspects },
		{ "guard.failures", admission->verdicts.failures },
		{ "guard.successes", admission->verdicts.successes },
		{ "guard.successes_again", admission->verdicts.successes_again },
		{ "events.told", admission->events.told },
		{ "events.suppressed", admission->events.suppressed },
		{ "events.dropped", admission->events.dropped },
		{ "guard.accounts_over", admission->accounts_over },
		{ "guard.fence_works", admission->fence_works },
	};

	if (number >= TG_COUNT(rows)) {
		return whys_at(admission, number - (uint32_t)TG_COUNT(rows), out);
	}
	snprintf(out->name, sizeof(out->name), "%s", rows[number].name);
	out->value = rows[number].value;
	return true;
}

/* The switch's own, all of one thread. */
static bool core_at(const struct core *core, uint32_t number, struct rows_counter *out)
{
	struct iax_endpoint_stats endpoint;
	struct switch_stats sw;

	iax_endpoint_stats(core->endpoint, &endpoint);
	switch_stats(core->sw, &sw);
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "switch.received", core->received },
		{ "switch.misplaced", core->misplaced },
		{ "switch.shed", core->shed },
		{ "switch.openings", core->openings },
		{ "switch.calls", sw.calls },
		{ "switch.calls_peak", sw.calls_peak },
		{ "switch.calls_offered", sw.calls_offered },
		{ "switch.calls_answered", sw.calls_answered },
		{ "switch.calls_refused", sw.calls_refused },
		{ "switch.registrations_granted", sw.registrations_granted },
		{ "switch.registrations_refused", sw.registrations_refused },
		{ "switch.verdicts_lost", sw.verdicts_lost },
		{ "switch.legs", endpoint.legs },
		{ "switch.legs_peak", endpoint.legs_peak },
		{ "switch.unproven", endpoint.unproven_used },
		{ "switch.evicted", endpoint.evicted },
		{ "switch.frames_pending", endpoint.frames_pending },
		{ "switch.frames_sent", endpoint.sent },
		{ "switch.retransmitted", endpoint.retransmitted },
		{ "switch.not_ours", core->not_ours },
		{ "switch.questions_lost", core->asks_lost },
		{ "switch.records_waiting", outbox_used(core->outbox) },
		{ "switch.records_lost", core->records_lost },
		{ "switch.bindings_lost", core->bindings_lost },
		{ "switch.bindings_late", core->bindings_late },
		{ "switch.media_no_room", core->media.no_room },
		{ "switch.media_bad", core->media.bad },
		{ "switch.media_refused", core->media.refused },
	};

	if (number < TG_COUNT(rows)) {
		snprintf(out->name, sizeof(out->name), "%s", rows[number].name);
		out->value = rows[number].value;
		return true;
	}
	number -= (uint32_t)TG_COUNT(rows);
	if (number < IAX_ERR_COUNT) {
		put_err(out, "switch.refused.", number, endpoint.refused[number]);
		return true;
	}
	number -= IAX_ERR_COUNT;
	if (tally_at(&core->tally, number, out)) {
		return true;
	}
	return admission_at(core->admission, number - TALLY_COUNTERS, out);
}

void counters_door_sums(const struct counters *counters, struct watch_sums *out)
{
	const struct door_counters *door = &counters->door->counters;

	out->refused = load(&door->refused, 0);
	out->shed = load(&door->shed, 0);
	for (int i = 0; i < OPENING_CLASSES; i++) {
		out->shed += load(&door->ring_full[i], 0);
	}
}

bool counters_at(const struct counters *counters, uint32_t number, struct rows_counter *out)
{
	if (number < TG_COUNT(door_rows)) {
		snprintf(out->name, sizeof(out->name), "%s", door_rows[number].name);
		out->value = load(&counters->door->counters, door_rows[number].offset);
		return true;
	}
	number -= (uint32_t)TG_COUNT(door_rows);
	if (number < IAX_ERR_COUNT) {
		put_err(out, "door.dropped.", number, load(&counters->door->counters.dropped[number], 0));
		return true;
	}
	number -= IAX_ERR_COUNT;
	if (number < TG_COUNT(relay_rows)) {
		snprintf(out->name, sizeof(out->name), "%s", relay_rows[number].name);
		out->value = relay_sum(counters, relay_rows[number].offset);
		return true;
	}
	number -= (uint32_t)TG_COUNT(relay_rows);
	if (number < TG_COUNT(overflow_rows)) {
		snprintf(out->name, sizeof(out->name), "%s", overflow_rows[number].name);
		out->value = overflow_sum(counters->core->shared, overflow_rows[number].first,
		                          overflow_rows[number].count);
		return true;
	}
	return core_at(counters->core, number - (uint32_t)TG_COUNT(overflow_rows), out);
}
