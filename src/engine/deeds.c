/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deeds.h"

#include <stdio.h>

#include "switch/operator.h"

enum { RING_US = 30 * TG_US_PER_S };

static const char *const why_not[SWITCH_TOLDS] = {
	[SWITCH_TOLD_NO_PEER] = "there is no such peer",
	[SWITCH_TOLD_NOT_HERE] = "no address of it is known, or it does not answer",
	[SWITCH_TOLD_NO_EXTEN] = "there is no such extension in this context",
	[SWITCH_TOLD_NO_APP] = "there is no such application",
	[SWITCH_TOLD_PAID] = "calls to this peer may cost money: call a phone, and let its dialplan call on",
	[SWITCH_TOLD_NO_ROOM] = "there is no room for another call",
	[SWITCH_TOLD_STOPPING] = "no new calls are taken: it is stopping",
};

static bool unregister(struct tg_switch *sw, const struct ipc_engine_do *order, char text[IPC_TEXT_BYTES],
                       uint64_t now_us)
{
	const enum switch_told told = switch_unregister(sw, tg_span_text(order->name), now_us);

	if (told == SWITCH_TOLD_NO_PEER) {
		snprintf(text, IPC_TEXT_BYTES, "Peer unknown: %s. Not unregistered", order->name);
		return false;
	}
	snprintf(text, IPC_TEXT_BYTES, "Peer %s %s", order->name,
	         told == SWITCH_TOLD_DONE ? "unregistered" : "not registered");
	return told == SWITCH_TOLD_DONE;
}

static bool hang_up(struct tg_switch *sw, const struct ipc_engine_do *order, char text[IPC_TEXT_BYTES], uint64_t now_us)
{
	uint32_t count;
	const enum switch_told told = switch_hang_up(sw, tg_span_text(order->name), &count, now_us);

	if (told != SWITCH_TOLD_DONE) {
		snprintf(text, IPC_TEXT_BYTES, "%s is not a known channel", order->name);
		return false;
	}
	if (order->name[0] != '\0') {
		snprintf(text, IPC_TEXT_BYTES, "Channel %s was hung up", order->name);
	} else {
		snprintf(text, IPC_TEXT_BYTES, "%u call%s hung up", count, count == 1 ? " was" : "s were");
	}
	return true;
}

static bool originate(struct tg_switch *sw, const struct ipc_engine_do *order, char text[IPC_TEXT_BYTES],
                      uint64_t now_us)
{
	const struct switch_originate wish = {
		.peer = tg_span_text(order->name),
		.number = tg_span_text(order->number),
		.exten = tg_span_text(order->exten),
		.context = tg_span_text(order->context),
		.app = tg_span_text(order->app),
		.args = tg_span_text(order->args),
		.ring_us = RING_US,
	};
	char channel[SWITCH_CHANNEL_BYTES];
	const enum switch_told told = switch_originate(sw, &wish, channel, now_us);

	if (told == SWITCH_TOLD_DONE) {
		snprintf(text, IPC_TEXT_BYTES, "Channel %s is called, for 30 seconds at most", channel);
	} else {
		snprintf(text, IPC_TEXT_BYTES, "IAX2/%s: %s", order->name, why_not[told]);
	}
	return told == SWITCH_TOLD_DONE;
}

/* To the one who typed it, and to all who look. */
static bool debug(const struct tg_switch *sw, struct trace *trace, const struct ipc_engine_do *order,
                  char text[IPC_TEXT_BYTES])
{
	if (!trace_set(trace, sw, order->on == 1, tg_span_text(order->name), order->addr)) {
		snprintf(text, IPC_TEXT_BYTES, "IAX2/%s: %s", order->name, why_not[SWITCH_TOLD_NO_PEER]);
		return false;
	}
	snprintf(text, IPC_TEXT_BYTES, "IAX2 Debugging %s",
	         order->on == 1 ? "Enabled: frames are in iax2 follow debug, and in iax2 show debug" : "Disabled");
	return true;
}

bool deeds_do(struct tg_switch *sw, struct trace *trace, const struct ipc_engine_do *order, char text[IPC_TEXT_BYTES],
              uint64_t now_us)
{
	switch ((enum ipc_engine_what)order->what) {
	case IPC_ENGINE_UNREGISTER:
		return unregister(sw, order, text, now_us);
	case IPC_ENGINE_HANG_UP:
		return hang_up(sw, order, text, now_us);
	case IPC_ENGINE_ORIGINATE:
		return originate(sw, order, text, now_us);
	case IPC_ENGINE_DEBUG:
		return debug(sw, trace, order, text);
	case IPC_ENGINE_WHATS:
		break;
	}
	snprintf(text, IPC_TEXT_BYTES, "no such order");
	return false;
}
