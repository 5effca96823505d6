/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/events.h"

#include <string.h>

enum { COUNT_BITS = 16 };

/* What is not named here is a refusal. */
static const enum quiet_weight weights[MODEL_EVENT_KINDS] = {
	[MODEL_EVENT_SUCCESSFUL_AUTH] = QUIET_SUCCESS,
	[MODEL_EVENT_GUESSING] = QUIET_LADDER,
	[MODEL_EVENT_STALE] = QUIET_LADDER,
	[MODEL_EVENT_DELAYED] = QUIET_LADDER,
	[MODEL_EVENT_SILENCED] = QUIET_LADDER,
	[MODEL_EVENT_BANNED] = QUIET_LADDER,
	[MODEL_EVENT_UNBANNED] = QUIET_LADDER,
	[MODEL_EVENT_BAN_REFUSED] = QUIET_LADDER,
	[MODEL_EVENT_DECOY] = QUIET_LADDER,
	[MODEL_EVENT_UNDER_ATTACK] = QUIET_ALERT,
	[MODEL_EVENT_SPRAY] = QUIET_ALERT,
	[MODEL_EVENT_GUARDED_END] = QUIET_ALERT,
	[MODEL_EVENT_MOVED] = QUIET_ALERT,
	[MODEL_EVENT_TOKEN_MISSING] = QUIET_ALERT,
	[MODEL_EVENT_HALF_OPEN] = QUIET_ALERT,
	[MODEL_EVENT_SHED_START] = QUIET_ALERT,
	[MODEL_EVENT_SHED_STOP] = QUIET_ALERT,
};

void events_init(struct events *events, const uint8_t seed[CRYPT_SEED_BYTES])
{
	uint8_t key[16];

	memset(events, 0, sizeof(*events));
	crypt_random_init(&events->random, seed);
	crypt_random_bytes(&events->random, key, sizeof(key));
	quiet_init(&events->quiet, key);
}

static struct model_event_id next_id(struct events *events, uint64_t wall_ms)
{
	struct model_event_id id = { .time = wall_ms << COUNT_BITS };

	if (id.time <= events->last) { /* the same millisecond, or a clock that was set back */
		id.time = events->last + 1;
	}
	events->last = id.time;
	crypt_random_bytes(&events->random, &id.salt, sizeof(id.salt));
	return id;
}

static void drop_oldest(struct events *events)
{
	const struct model_event *event = &events->waiting[events->first];

	events->rest += 1 + event->suppressed;
	events->dropped++;
	events->first = (events->first + 1) % EVENTS_MAX;
	events->count--;
}

static void put(struct events *events, const struct model_event *event)
{
	if (events->count == EVENTS_MAX) {
		drop_oldest(events);
	}
	events->waiting[(events->first + events->count) % EVENTS_MAX] = *event;
	events->count++;
	events->told++;
}

static void stamp(struct events *events, struct model_event *event, struct terms_now now)
{
	event->wall_ms = now.wall_us / TG_US_PER_MS;
	event->id = next_id(events, event->wall_ms);
}

static void count(struct events *events, const struct model_event *event)
{
	assert(event->kind < MODEL_EVENT_KINDS && event->reason < MODEL_REASON_COUNT);
	events->kinds[event->kind]++;
	events->reasons[event->reason]++;
}

bool events_tell(struct events *events, struct model_event *event, struct terms_now now)
{
	uint32_t held = 0;

	count(events, event);
	if (!quiet_allow(&events->quiet, weights[event->kind], event->kind, event->remote, tg_span_text(event->account),
	                 &held, now.now_us)) {
		events->suppressed++;
		return false;
	}
	stamp(events, event, now);
	event->suppressed = held;
	put(events, event);
	return true;
}

bool events_keep(struct events *events, struct model_event *event, struct terms_now now)
{
	count(events, event);
	stamp(events, event, now);
	put(events, event);
	return quiet_take(&events->quiet, weights[event->kind], now.now_us);
}

void events_put_text(char *to, size_t size_bytes, struct tg_span text)
{
	const void *end = text.len == 0 ? NULL : memchr(text.p, '\0', text.len);

	if (end != NULL) {
		text.len = (size_t)((const uint8_t *)end - text.p);
	}
	text.len = tg_min_u64(text.len, size_bytes - 1);
	memset(to, 0, size_bytes);
	(void)tg_span_copy(to, size_bytes, text); /* it fits */
}

void events_expire(struct events *events, struct terms_now now)
{
	events->rest += quiet_expire(&events->quiet, now.now_us);
	if (events->rest == 0 || events->count == EVENTS_MAX) {
		return;
	}
	struct model_event event = { .kind = MODEL_EVENT_NONE, .wall_ms = now.wall_us / TG_US_PER_MS };

	event.id = next_id(events, event.wall_ms);
	event.suppressed = (uint32_t)tg_min_u64(events->rest, UINT32_MAX);
	events->rest -= event.suppressed;
	events_put_text(event.text, sizeof(event.text), TG_SPAN_LIT("more like those before"));
	put(events, &event);
}

void events_turn(struct events *events, struct link *store)
{
	while (events->count > 0 && link_is_clear(store)) {
		const struct ipc_event message = { .head.kind = IPC_EVENT, .event = events->waiting[events->first] };

		if (!link_send(store, &message, sizeof(message))) {
			return;
		}
		events->first = (events->first + 1) % EVENTS_MAX;
		events->count--;
	}
}

bool events_wait(const struct events *events)
{
	return events->count > 0;
}
