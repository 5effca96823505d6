/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_CALL_OPTIONS_H
#define TG_TOOLS_CALL_OPTIONS_H

#include "base/addr.h"
#include "tools/options.h"
#include "tools/uri.h"

enum { TOOL_CODECS_MAX = 8 };

/** The command line of `tollgate call`, read and checked. Times in ms, 0 for "not given". */
struct tool_call_options {
	const char *secret_file, *play, *record, *dtmf, *codec_text, *local_text, *from, *name;
	uint64_t register_s; /* 0: do not register */
	uint64_t duration_ms, timeout_ms, ring_ms;
	bool answer, quiet, json, help;

	bool has_uri;
	struct tool_uri uri;
	struct tg_addr local;             /* family TG_NO_ADDR: not given */
	uint64_t codecs[TOOL_CODECS_MAX]; /* preferred first */
	size_t codec_count;
	uint64_t codec_mask;
};

extern const struct tool_option tool_call_option_table[];

/**
 * @param argv  behind the word "call"; is put in another order
 * @return false with a text for people in `wrong`
 */
TG_MUST_USE bool tool_call_options_parse(struct tool_call_options *options, int argc, char **argv,
                                         char wrong[TOOL_WRONG_BYTES]);

#endif
