/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_JUDGE_H
#define TG_TOOLS_AUDIT_JUDGE_H

#include "tools/audit.h"

/**
 * What the rows judge by. Each gets a verdict that is CLEAR with the row's severity, and an empty `seen`; it looks at the
 * exchanges of the row's probes.
 */
typedef void tool_audit_judge_fn(const struct tool_audit_row *row, const struct tool_audit_record *record,
                                 struct tool_audit_verdict *verdict);

tool_audit_judge_fn audit_judge_present, audit_judge_answered, audit_judge_opened, audit_judge_taken_as_good,
	audit_judge_token_short, audit_judge_token_clock, audit_judge_amplification, audit_judge_repeats;
tool_audit_judge_fn audit_judge_plaintext, audit_judge_guest, audit_judge_guest_tells, audit_judge_login,
	audit_judge_names_bytes, audit_judge_names_time, audit_judge_firmware, audit_judge_challenge,
	audit_judge_encryption, audit_judge_inval, audit_judge_disclosure, audit_judge_account;

/** Says what was seen, and about which exchange. */
void audit_found(struct tool_audit_verdict *verdict, enum tool_audit_severity severity,
                 const struct tool_audit_exchange *evidence, const char *format, ...) TG_PRINTF(4, 5);
void audit_clear(struct tool_audit_verdict *verdict, const char *format, ...) TG_PRINTF(2, 3);
void audit_untested(struct tool_audit_verdict *verdict, const char *format, ...) TG_PRINTF(2, 3);

/** The next exchange of the row's probes at or behind *at, which moves on; NULL at the end. */
const struct tool_audit_exchange *audit_next(const struct tool_audit_row *row, const struct tool_audit_record *record,
                                             size_t *at);

#endif
