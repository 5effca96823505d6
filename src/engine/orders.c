/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/orders.h"

#include <stdio.h>
#include <string.h>

enum { PREFIX_TEXT_BYTES = TG_ADDR_TEXT_BYTES + 8, TIME_TEXT_BYTES = 48 };

static const char *format_prefix(const struct ipc_guard_do *order, char text[PREFIX_TEXT_BYTES])
{
	char host[TG_ADDR_TEXT_BYTES];

	snprintf(text, PREFIX_TEXT_BYTES, "%s/%u", tg_addr_format_host(order->base, host), order->bits);
	return text;
}

static const char *format_time(uint64_t for_s, char text[TIME_TEXT_BYTES])
{
	if (for_s == 0) {
		snprintf(text, TIME_TEXT_BYTES, "until it is taken back");
	} else {
		snprintf(text, TIME_TEXT_BYTES, "for %llu s", (unsigned long long)for_s);
	}
	return text;
}

/* What the guard counts with, and 136 years. */
static uint64_t seconds_of(const struct ipc_guard_do *order)
{
	return tg_min_u64(order->for_s, UINT32_MAX);
}

/* As it is before the order is done: it says who that address was. */
static struct model_event event_of(const struct verdicts *verdicts, const struct ipc_guard_do *order,
                                   enum model_event_kind kind, struct terms_now now)
{
	struct model_event event = {
		.kind = kind,
		.reason = kind == MODEL_EVENT_BANNED ? MODEL_WHY_BANNED : MODEL_WHY_OK,
		.action = kind == MODEL_EVENT_BANNED ? MODEL_ACTION_KERNEL : MODEL_ACTION_NONE,
		.class = gate_class_of(verdicts->gate, order->base, true, now.now_us),
		.until_ms = order->for_s == 0 ? 0 : now.wall_us / TG_US_PER_MS + seconds_of(order) * 1000,
		.bits = order->bits,
		.count = 1,
		.remote = order->base,
	};

	events_put_text(event.who, sizeof(event.who), tg_span_text(order->who));
	events_put_text(event.text, sizeof(event.text), tg_span_text(order->text));
	events_put_text(event.rule, sizeof(event.rule), TG_SPAN_LIT("operator"));
	return event;
}

static bool ban(struct verdicts *verdicts, const struct ipc_guard_do *order, char text[IPC_TEXT_BYTES],
                struct terms_now now)
{
	const bool allow = order->what == IPC_GUARD_ALLOW;
	struct guard_ban ban = { .base = order->base, .bits = order->bits, .why = GUARD_BANNED, .allow = allow };
	struct model_event event = event_of(verdicts, order, MODEL_EVENT_BANNED, now);
	char prefix[PREFIX_TEXT_BYTES], how_long[TIME_TEXT_BYTES];
	const char *why;

	ban.base.port = 0;
	events_put_text(ban.who, sizeof(ban.who), tg_span_text(order->who));
	events_put_text(ban.text, sizeof(ban.text), tg_span_text(order->text));
	why = guard_ban(verdicts->guard, &ban, seconds_of(order) * TG_US_PER_S, now.now_us);
	format_prefix(order, prefix);
	if (why != NULL) {
		snprintf(text, IPC_TEXT_BYTES, "%s: %s", prefix, why);
		return false;
	}
	if (!allow) { /* what an operator did, is never left out; and the ban, told later in this turn, names it */
		(void)events_keep(verdicts->events, &event, now);
		keeper_note_id(verdicts->keeper, order->base, order->bits, event.id);
	}
	snprintf(text, IPC_TEXT_BYTES, "%s is %s %s", prefix, allow ? "allowed" : "banned",
	         format_time(order->for_s, how_long));
	return true;
}

static bool unban(struct verdicts *verdicts, const struct ipc_guard_do *order, char text[IPC_TEXT_BYTES],
                  struct terms_now now)
{
	const bool was = guard_unban(verdicts->guard, order->base, order->bits, now.now_us);
	char prefix[PREFIX_TEXT_BYTES];

	snprintf(text, IPC_TEXT_BYTES, "%s %s", format_prefix(order, prefix),
	         was ? "is held back no more" : "was not held back: there was nothing to take back");
	if (was) {
		struct model_event event = event_of(verdicts, order, MODEL_EVENT_UNBANNED, now);

		(void)events_keep(verdicts->events, &event, now);
	}
	return was;
}

static bool set_mode(struct verdicts *verdicts, const struct ipc_guard_do *order, char text[IPC_TEXT_BYTES],
                     struct terms_now now)
{
	const bool observe = order->what == IPC_GUARD_OBSERVE;

	guard_set_mode(verdicts->guard, observe ? GUARD_OBSERVE : GUARD_ENFORCE, now.now_us);
	snprintf(text, IPC_TEXT_BYTES, "%s",
	         observe ? "the guard says what it would do, and holds nobody back" : "the guard acts on what it sees");
	return true;
}

bool orders_do(struct verdicts *verdicts, const struct ipc_guard_do *order, char text[IPC_TEXT_BYTES],
               struct terms_now now)
{
	switch ((enum ipc_guard_what)order->what) {
	case IPC_GUARD_BAN:
	case IPC_GUARD_ALLOW:
		return ban(verdicts, order, text, now);
	case IPC_GUARD_UNBAN:
		return unban(verdicts, order, text, now);
	case IPC_GUARD_OBSERVE:
	case IPC_GUARD_ENFORCE:
		return set_mode(verdicts, order, text, now);
	case IPC_GUARD_WHATS:
		break;
	}
	snprintf(text, IPC_TEXT_BYTES, "no such order");
	return false;
}
