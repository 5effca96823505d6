/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_CONSENT_H
#define TG_TOOLS_AUDIT_CONSENT_H

#include "tools/audit.h"

/** Whether a line of an allow file covers the address: `ADDRESS`, `ADDRESS/BITS`. */
bool tool_audit_line_allows(const char *line, struct tg_addr addr);

/**
 * May these be asked? Private addresses and those of this machine may; others if the file or the option says that they are the
 * operator's, or he does when he is asked on the terminal.
 *
 * @return false with why not
 */
TG_MUST_USE bool tool_audit_consent(const struct tool_audit_options *options, const struct tool_audit_host *hosts,
                                    size_t count, char wrong[TOOL_WRONG_BYTES]);

#endif
