/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_URI_H
#define TG_TOOLS_URI_H

#include "base/bytes.h"

enum { TOOL_URI_PART_MAX = 80, TOOL_URI_HOST_MAX = 253, TOOL_URI_TEXT_BYTES = 1024 };

/**
 * An IAX URI, `iax:[username@]host[:port][/number[?context]]` (RFC 5456, section 5); `iax2:` is read as well. The parts
 * are without percent-encoding, the host without brackets; absent ones are "".
 */
struct tool_uri {
	char username[TOOL_URI_PART_MAX + 1];
	char host[TOOL_URI_HOST_MAX + 1];
	char number[TOOL_URI_PART_MAX + 1];
	char context[TOOL_URI_PART_MAX + 1];
	uint16_t port;
	bool host_is_ipv6; /* was in brackets */
};

/** @return NULL if it is one, else what is wrong with it (a constant text) */
TG_MUST_USE const char *tool_uri_parse(struct tool_uri *out, struct tg_span text);

/** RFC 5456, 5.2: all parts equal; without case, except for the username. A name and an address are never equal. */
bool tool_uri_equal(const struct tool_uri *a, const struct tool_uri *b);

/** As tool_uri_parse() reads it, with the port. Returns text. */
const char *tool_uri_format(const struct tool_uri *uri, char text[TOOL_URI_TEXT_BYTES]);

#endif
