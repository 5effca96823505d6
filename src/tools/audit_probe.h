/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_PROBE_H
#define TG_TOOLS_AUDIT_PROBE_H

#include "tools/audit.h"
#include "tools/secret.h"

/**
 * Ask one host all there is to ask, and write down what came. Takes from a second (nobody answers) to about a minute. It never
 * fails: what could not be done is in the record.
 *
 * @param account  its secret; not known: the account is not tried
 */
void tool_audit_ask(struct tool_audit_record *record, const struct tool_audit_options *options,
                    const struct tool_secret *account, struct tg_addr remote);

#endif
