/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_BASELINE_H
#define TG_TOOLS_AUDIT_BASELINE_H

#include "tools/audit.h"

/**
 * A baseline is a text of lines `HOST ID [SEVERITY]`: on that host (as it is typed, its address with the port, or `*`) the finding
 * ID is allowed, up to that severity (without one: whichever the row has). `#` begins a comment.
 */

/**
 * Mark what one line allows.
 *
 * @return NULL; else what is wrong with the line (a constant text)
 */
TG_MUST_USE const char *tool_audit_baseline_line(const char *line, struct tool_audit_host *hosts, size_t count);

/** @return false with what is wrong: the file and the line */
TG_MUST_USE bool tool_audit_baseline_read(const char *file, struct tool_audit_host *hosts, size_t count,
                                          char wrong[TOOL_WRONG_BYTES]);

/** Replaces the file at once and whole. @return false with what is wrong */
TG_MUST_USE bool tool_audit_baseline_write(const char *file, const struct tool_audit_host *hosts, size_t count,
                                           char wrong[TOOL_WRONG_BYTES]);

#endif
