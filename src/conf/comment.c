/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/comment.h"

#include <string.h>

static bool starts(const char *line, size_t len, size_t at, const char *what)
{
	const size_t what_len = strlen(what);

	return len - at >= what_len && memcmp(line + at, what, what_len) == 0;
}

/* ";--" opens a block, ";---" is an ordinary comment. */
static bool opens_block(const char *line, size_t len, size_t at)
{
	return starts(line, len, at, ";--") && !starts(line, len, at, ";---");
}

static void open_block(struct conf_comments *comments, uint32_t line_number, bool *too_deep)
{
	if (comments->depth == CONF_COMMENTS_MAX) {
		*too_deep = true;
		return;
	}
	comments->began[comments->depth++] = line_number;
}

/* One step inside a block comment: how many octets it swallows. */
static size_t skip_in_block(struct conf_comments *comments, const char *line, size_t len, size_t at,
                            uint32_t line_number, bool *too_deep)
{
	if (starts(line, len, at, "\\;")) {
		return 2;
	}
	if (starts(line, len, at, "--;")) {
		comments->depth--;
		return 3;
	}
	if (opens_block(line, len, at)) {
		open_block(comments, line_number, too_deep);
		return 3;
	}
	return 1;
}

struct tg_span conf_comments_strip(struct conf_comments *comments, char *line, size_t len, uint32_t line_number,
                                   bool *too_deep)
{
	size_t kept = 0;

	for (size_t at = 0; at < len;) {
		if (comments->depth > 0) {
			at += skip_in_block(comments, line, len, at, line_number, too_deep);
		} else if (starts(line, len, at, "\\;")) {
			line[kept++] = ';';
			at += 2;
		} else if (opens_block(line, len, at)) {
			open_block(comments, line_number, too_deep);
			at += 3;
		} else if (line[at] == ';') {
			break;
		} else {
			line[kept++] = line[at++];
		}
	}
	return (struct tg_span){ (const uint8_t *)line, kept };
}
