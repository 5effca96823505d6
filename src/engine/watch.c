/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/watch.h"

enum {
	MINUTE_US = 60 * TG_US_PER_S,
	PAIR_US = 10 * TG_US_PER_S, /* between the starts of two sheddings that are told */
	QUIET_US = 3 * TG_US_PER_S, /* without any, shedding is over */
};

void watch_init(struct watch *watch, struct events *events, uint64_t now_us)
{
	*watch = (struct watch){ .events = events, .next_us = now_us + WATCH_US };
}

static void tell(struct watch *watch, enum model_event_kind kind, enum model_reason reason, uint64_t count,
                 struct terms_now now)
{
	struct model_event event = {
		.kind = kind,
		.reason = reason,
		.class = MODEL_CLASS_STRANGER,
		.count = (uint32_t)tg_min_u64(count, UINT32_MAX),
	};

	(void)events_tell(watch->events, &event, now);
}

static void look_at_shed(struct watch *watch, uint64_t shed, struct terms_now now)
{
	if (shed != watch->shed_seen) {
		watch->shed_us = now.now_us;
	}
	if (!watch->is_shedding && shed != watch->shed_seen && now.now_us >= watch->pair_us) {
		watch->is_shedding = true;
		watch->pair_us = now.now_us + PAIR_US;
		tell(watch, MODEL_EVENT_SHED_START, MODEL_WHY_BUSY_DOOR, shed - watch->shed_from, now);
	} else if (watch->is_shedding && now.now_us - watch->shed_us >= QUIET_US) {
		watch->is_shedding = false;
		tell(watch, MODEL_EVENT_SHED_STOP, MODEL_WHY_BUSY_DOOR, shed - watch->shed_from, now);
		watch->shed_from = shed;
	}
	watch->shed_seen = shed;
}

static void look_at_sum(struct watch *watch, struct watch_sum *sum, uint64_t value, enum model_event_kind kind,
                        enum model_reason reason, struct terms_now now)
{
	if (value == sum->seen || (sum->told_us != 0 && now.now_us - sum->told_us < MINUTE_US)) {
		return;
	}
	tell(watch, kind, reason, value - sum->seen, now);
	*sum = (struct watch_sum){ .seen = value, .told_us = now.now_us };
}

void watch_look(struct watch *watch, const struct watch_sums *sums, struct terms_now now)
{
	watch->next_us = now.now_us + WATCH_US;
	look_at_shed(watch, sums->shed, now);
	look_at_sum(watch, &watch->refused, sums->refused, MODEL_EVENT_TOKEN_MISSING, MODEL_WHY_NO_TOKEN, now);
	look_at_sum(watch, &watch->evicted, sums->evicted, MODEL_EVENT_HALF_OPEN, MODEL_WHY_BUSY_DOOR, now);
	events_expire(watch->events, now);
}
