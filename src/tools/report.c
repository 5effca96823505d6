/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void tool_report_say(char *out, size_t size_bytes, struct tg_span said)
{
	size_t len = 0;

	for (; len < said.len && len + 1 < size_bytes; len++) {
		out[len] = said.p[len] >= ' ' && said.p[len] < 0x7f ? (char)said.p[len] : '?';
	}
	out[len] = '\0';
}

static void add(char *text, size_t size_bytes, const char *format, ...) TG_PRINTF(3, 4);

static void add(char *text, size_t size_bytes, const char *format, ...)
{
	const size_t len = strlen(text);
	va_list values;

	va_start(values, format);
	vsnprintf(text + len, size_bytes - len, format, values);
	va_end(values);
}

/* "1.250" for 1250. */
static void add_thousandths(char *text, size_t size_bytes, const char *name, uint64_t value, const char *unit)
{
	add(text, size_bytes, "%-12s %llu.%03u %s\n", name, (unsigned long long)(value / 1000),
	    (unsigned)(value % 1000), unit);
}

static void add_media(const struct tool_report *r, char *text, size_t size_bytes)
{
	const unsigned loss = tool_meter_loss(&r->heard);

	add(text, size_bytes, "%-12s %llu sent, %llu received, %llu lost (%u.%02u %%), %llu out of order\n", "packets",
	    (unsigned long long)r->sent, (unsigned long long)r->heard.packets, (unsigned long long)r->heard.lost,
	    loss / 100, loss % 100, (unsigned long long)r->heard.out_of_order);
	if (r->remote_packets > 0) {
		add(text, size_bytes, "%-12s %u received, %u lost, jitter %u ms\n", "far end", r->remote_packets,
		    r->remote_lost, r->remote_jitter_ms);
	}
	add(text, size_bytes, "%-12s %llu of %llu received packets equal a sent one\n", "echo",
	    (unsigned long long)r->same, (unsigned long long)r->heard.packets);
	add_thousandths(text, size_bytes, "jitter", (uint64_t)r->heard.jitter_us, "ms");
}

const char *tool_report_text(const struct tool_report *r, char text[TOOL_REPORT_TEXT_BYTES])
{
	const size_t size = TOOL_REPORT_TEXT_BYTES;
	char addr[TG_ADDR_TEXT_BYTES];

	text[0] = '\0';
	add(text, size, "%-12s %s\n", "state", r->state);
	if (r->remote.family != TG_NO_ADDR) {
		add(text, size, "%-12s %s\n", "far address", tg_addr_format(r->remote, addr));
	}
	if (r->codec[0] != '\0') {
		add(text, size, "%-12s %s\n", "codec", r->codec);
		add_thousandths(text, size, "set-up", r->setup_us, "ms");
		add_thousandths(text, size, "duration", r->talk_ms, "s");
		add_media(r, text, size);
	}
	if (r->rtt_us > 0) {
		add_thousandths(text, size, "round trip", r->rtt_us, "ms");
	}
	if (r->retransmits > 0) {
		add(text, size, "%-12s %u frames\n", "sent again", r->retransmits);
	}
	if (r->digits[0] != '\0') {
		add(text, size, "%-12s %s\n", "digits", r->digits);
	}
	if (r->cause != 0) {
		add(text, size, "%-12s %u (%s)\n", "cause", r->cause, r->cause_text);
	}
	if (r->said[0] != '\0') {
		add(text, size, "%-12s \"%s\"\n", "far end said", r->said);
	}
	return text;
}

static json_t *json_heard(const struct tool_report *r)
{
	return json_pack("{s:I, s:I, s:I, s:f, s:f}", "packets", (json_int_t)r->heard.packets, "lost",
	                 (json_int_t)r->heard.lost, "out_of_order", (json_int_t)r->heard.out_of_order, "loss_percent",
	                 tool_meter_loss(&r->heard) / 100.0, "jitter_ms", (double)r->heard.jitter_us / TG_US_PER_MS);
}

char *tool_report_json(const struct tool_report *r)
{
	char addr[TG_ADDR_TEXT_BYTES];
	json_t *top = json_pack(
		"{s:s, s:i, s:s, s:s, s:f, s:f, s:I, s:o, s:I, s:{s:i, s:i, s:i}, s:f, s:i, s:i, s:s, s:s, s:s}",
		"state", r->state, "exit", (int)r->exit, "address",
		r->remote.family != TG_NO_ADDR ? tg_addr_format(r->remote, addr) : "", "codec", r->codec, "setup_ms",
		(double)r->setup_us / TG_US_PER_MS, "duration_s", (double)r->talk_ms / 1000, "sent",
		(json_int_t)r->sent, "received", json_heard(r), "same", (json_int_t)r->same, "far_end", "packets",
		(int)r->remote_packets, "lost", (int)r->remote_lost, "jitter_ms", (int)r->remote_jitter_ms, "rtt_ms",
		r->rtt_us / 1000.0, "retransmits", (int)r->retransmits, "cause", r->cause, "cause_text", r->cause_text,
		"far_end_said", r->said, "digits", r->digits);
	char *text = top != NULL ? json_dumps(top, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;

	json_decref(top);
	return text;
}

const char *tool_report_live(const struct tool_report *r, char text[TOOL_LIVE_TEXT_BYTES])
{
	const unsigned loss = tool_meter_loss(&r->heard);
	const uint64_t seconds = r->talk_ms / 1000;

	snprintf(text, TOOL_LIVE_TEXT_BYTES,
	         "%-10s %02llu:%02u  rtt %u.%u ms  loss %u.%02u %%  jitter %u.%u ms  tx %llu  rx %llu", r->state,
	         (unsigned long long)(seconds / 60), (unsigned)(seconds % 60), r->rtt_us / 1000, r->rtt_us / 100 % 10,
	         loss / 100, loss % 100, (unsigned)(r->heard.jitter_us / 1000),
	         (unsigned)(r->heard.jitter_us / 100 % 10), (unsigned long long)r->sent,
	         (unsigned long long)r->heard.packets);
	return text;
}
