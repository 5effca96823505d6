/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_LOAD_H
#define TG_TOOLS_LOAD_H

#include "base/addr.h"
#include "tools/options.h"
#include "tools/uri.h"

enum { TOOL_LOAD_CALLS_MAX = 5000, TOOL_LOAD_FRAME_BYTES = 160 };

/** The command line of `tollgate load`. */
struct tool_load_options {
	const char *secret_file;
	uint64_t calls, rate, duration_ms;
	bool json, help;
	struct tool_uri uri;
};

extern const struct tool_option tool_load_option_table[];

/** @return false with a text for people in `wrong` */
TG_MUST_USE bool tool_load_options_parse(struct tool_load_options *options, int argc, char **argv,
                                         char wrong[TOOL_WRONG_BYTES]);

/** 127.0.0.0/8 or ::1: nothing else may be loaded. */
bool tool_load_allows(struct tg_addr target);

/** Which packets of one call came back: each counts once, a second time or another call's is counted apart. */
struct tool_load_tally {
	uint64_t sent, received, twice, foreign;
	uint8_t *seen; /* one bit a packet; lent */
	uint32_t room; /* packets that fit */
};

/** The payload of a packet: says whose it is, so that an exchange that mixes calls up is found out. */
void tool_load_frame(uint8_t out[TOOL_LOAD_FRAME_BYTES], uint32_t call, uint32_t packet);

void tool_load_count(struct tool_load_tally *tally, uint32_t call, struct tg_span payload);

#endif
