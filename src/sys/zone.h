/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_ZONE_H
#define TG_SYS_ZONE_H

#include "base/tg.h"

enum { SYS_ZONE_BYTES = 128 };

/**
 * The machine's time zone as a rule, such as "CET-1CEST,M3.5.0,M10.5.0/3": from TZ, a name of a zone or a rule, or else from
 * /etc/localtime. Reads files: before the sandbox.
 *
 * @return false if there is none
 */
TG_MUST_USE bool sys_zone_rule(char rule[SYS_ZONE_BYTES]);

/** The rule at the end of a file of zone data (RFC 8536, 3.3). @return false if it has none */
TG_MUST_USE bool sys_zone_rule_in(const uint8_t *bytes, size_t len, char rule[SYS_ZONE_BYTES]);

#endif
