/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_TOP_DRAW_H
#define TG_TOOLS_TOP_DRAW_H

#include "tools/top_keys.h"

/** The terminal of `tollgate top`. */

struct top_terminal;

/** @param colour  if the terminal can. @return NULL if it can do nothing that is needed here */
struct top_terminal *top_terminal_new(bool colour);
void top_terminal_free(struct top_terminal *terminal);

void top_terminal_size(const struct top_terminal *terminal, unsigned *width, unsigned *height);
void top_terminal_draw(struct top_terminal *terminal, const struct top_screen *screen);

/** Wait for a key, or for wake_fd to be readable, or for so long. */
int top_terminal_key(struct top_terminal *terminal, int wake_fd, int wait_ms);

#endif
