/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_CTL_H
#define TG_TOOLS_CTL_H

#include "base/tg.h"

/** The console's end of the daemon's socket: one command line out, text lines and an exit code back. */
struct tool_ctl;

/** @return NULL with a text for people in `wrong`, which names the socket */
struct tool_ctl *tool_ctl_open(const char *state_dir, char *wrong, size_t wrong_bytes);
void tool_ctl_free(struct tool_ctl *ctl);

/** From now on an answer of which nothing comes for so long is TOOL_CTL_LOST; without it there is no limit. */
void tool_ctl_limit(struct tool_ctl *ctl, unsigned seconds);

/** One line of an answer, without its newline. */
typedef void tool_ctl_on_line(void *owner, const char *line);

enum {
	TOOL_CTL_LINE_MAX = 1023,     /* of a command */
	TOOL_CTL_TEXT_MAX = 16 << 20, /* octets of an answer that is gathered */
	TOOL_CTL_LOST = -1,           /* the daemon went away, or what it says is no answer */
	TOOL_CTL_BAD_LINE = -2,       /* the command is too long or has a control character */
};

/** @return the exit code the daemon gives, 0..255, or one of the above */
TG_MUST_USE int tool_ctl_ask(struct tool_ctl *ctl, const char *command, tool_ctl_on_line *on_line, void *owner);

/**
 * The same, with the lines gathered.
 *
 * @param text  what was said, each line with its newline; free() it. NULL without memory, and of more than TOOL_CTL_TEXT_MAX
 * @return as tool_ctl_ask(); TOOL_CTL_LOST whenever text is NULL
 */
TG_MUST_USE int tool_ctl_text(struct tool_ctl *ctl, const char *command, char **text);

#endif
