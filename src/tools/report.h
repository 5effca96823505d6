/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_REPORT_H
#define TG_TOOLS_REPORT_H

#include "base/addr.h"
#include "tools/exit.h"
#include "tools/meter.h"

enum { TOOL_REPORT_TEXT_BYTES = 2048, TOOL_LIVE_TEXT_BYTES = 160 };

/** What a call came to. 0 where there was none. */
struct tool_report {
	enum tool_exit exit;
	const char *state; /* "answered", "refused", ... */
	const char *codec; /* "" before one was agreed */
	struct tg_addr remote;
	uint64_t setup_us; /* from NEW to the answer */
	uint64_t talk_ms;
	uint64_t sent;                                          /* media packets */
	uint64_t same;                                          /* received ones that equal a sent one */
	struct tool_meter heard;                                /* how we received */
	uint32_t remote_packets, remote_lost, remote_jitter_ms; /* how the far end received, as it told last */
	uint32_t rtt_us;                                        /* smoothed; 0: never measured */
	uint32_t retransmits;
	uint8_t cause;          /* 0: none was named */
	const char *cause_text; /* ours for the number */
	char said[128];         /* what the far end said, made harmless for a terminal */
	char digits[64];        /* DTMF received */
};

/** Lines for people, ending in a newline. Returns text. */
const char *tool_report_text(const struct tool_report *report, char text[TOOL_REPORT_TEXT_BYTES]);

/** One line of JSON without its newline; free() it. NULL without memory. */
char *tool_report_json(const struct tool_report *report);

/** The live line: state, time, RTT, loss, jitter. Returns text. */
const char *tool_report_live(const struct tool_report *report, char text[TOOL_LIVE_TEXT_BYTES]);

/** Octets from the network for a terminal: printable ASCII stays, other octets become '?', cut to fit. */
void tool_report_say(char *out, size_t size_bytes, struct tg_span said);

#endif
