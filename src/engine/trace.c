/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/trace.h"

#include <stdio.h>
#include <string.h>

#include "engine/frametext.h"
#include "switch/operator.h"

enum { FRAMES_A_TURN = 8 };

static void aim(struct trace *trace, enum trace_mode mode, struct tg_addr addr)
{
	struct engine_shared *shared = trace->shared;
	const uint64_t key = trace_key(shared, addr, mode == TRACE_HOST_PORT);

	atomic_store_explicit(&shared->trace_key, key, memory_order_relaxed);
	atomic_store_explicit(&shared->trace_mode, mode, memory_order_relaxed);
}

bool trace_set(struct trace *trace, const struct tg_switch *sw, bool on, struct tg_span peer, struct tg_addr addr)
{
	struct tg_addr where = { 0 };

	if (on && peer.len > 0 && !switch_peer_where(sw, peer, &where)) {
		return false;
	}
	tg_span_copy(trace->peer, sizeof(trace->peer), on ? peer : (struct tg_span){ 0 });
	if (!on) {
		aim(trace, TRACE_OFF, addr);
	} else if (peer.len > 0) {
		aim(trace, TRACE_HOST_PORT, where);
	} else if (addr.family != TG_NO_ADDR) {
		aim(trace, addr.port != 0 ? TRACE_HOST_PORT : TRACE_HOST, addr);
	} else {
		aim(trace, TRACE_ALL, addr);
	}
	return true;
}

void trace_look(struct trace *trace, const struct tg_switch *sw)
{
	struct tg_addr where = { 0 };

	if (trace->peer[0] != '\0' && switch_peer_where(sw, tg_span_text(trace->peer), &where)) {
		aim(trace, TRACE_HOST_PORT, where);
	}
}

static void see_second(struct trace *trace, uint64_t now_us)
{
	if (now_us / TG_US_PER_S != trace->second) {
		trace->second = now_us / TG_US_PER_S;
		trace->shown = 0;
	}
}

/* The older one of the two. */
static struct tg_ring *next_ring(const struct trace *trace)
{
	struct tg_ring *door = trace->shared->traces[TRACE_DOOR], *sw = trace->shared->traces[TRACE_SWITCH];
	const struct traced *at_door = tg_ring_front(door), *at_switch = tg_ring_front(sw);

	if (at_door == NULL || at_switch == NULL) {
		return at_door != NULL ? door : at_switch != NULL ? sw : NULL;
	}
	return at_door->at_us <= at_switch->at_us ? door : sw;
}

static void tell_lost(struct trace *trace)
{
	uint64_t lost = 0;

	for (int i = 0; i < TRACE_RINGS; i++) {
		lost += atomic_load_explicit(&trace->shared->trace_lost[i], memory_order_relaxed);
	}
	if (lost != trace->lost && trace->second != trace->told_second) {
		snprintf(trace->record.text, sizeof(trace->record.text), "(%llu frames are not shown)\n",
		         (unsigned long long)(lost - trace->lost));
		trace->lost = lost;
		trace->told_second = trace->second;
		trace->is_made = true;
	}
}

/* What does not fit is cut at the end of a line, and it is said so. */
static void copy_text(struct ipc_trace *record, const char *text)
{
	static const char more[] = "   (and more)\n";

	if (!tg_span_copy(record->text, sizeof(record->text) - sizeof(more), tg_span_text(text))) {
		char *end = strrchr(record->text, '\n');

		end = end != NULL ? end + 1 : record->text;
		memcpy(end, more, sizeof(more));
	}
}

/* @return false if there is nothing */
static bool make(struct trace *trace, uint64_t now_us)
{
	struct tg_ring *ring = next_ring(trace);
	const struct traced *traced = ring != NULL ? tg_ring_front(ring) : NULL;
	char text[FRAMETEXT_BYTES];

	trace->record = (struct ipc_trace){ .head.kind = IPC_TRACE };
	see_second(trace, now_us);
	tell_lost(trace);
	if (trace->is_made || traced == NULL) {
		return trace->is_made;
	}
	if (trace->shown++ < TRACE_A_SECOND) {
		(void)frametext_format(text, traced->sent, traced->remote,
		                       (struct tg_span){ traced->bytes, traced->len }, traced->total);
		copy_text(&trace->record, text);
		trace->is_made = true;
	} else {
		engine_count(&trace->shared->trace_lost[TRACE_SWITCH], 1);
	}
	tg_ring_pop(ring);
	return true;
}

bool trace_waits(const struct trace *trace)
{
	return trace->is_made || next_ring(trace) != NULL;
}

void trace_turn(struct trace *trace, struct link *desk, uint64_t now_us)
{
	for (int i = 0; i < FRAMES_A_TURN && link_is_clear(desk) && (trace->is_made || trace_waits(trace)); i++) {
		if (!trace->is_made && !make(trace, now_us)) {
			return;
		}
		if (trace->is_made && !link_send(desk, &trace->record, sizeof(trace->record))) {
			return;
		}
		trace->is_made = false;
	}
}
