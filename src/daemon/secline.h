/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_SECLINE_H
#define TG_DAEMON_SECLINE_H

#include "daemon/seclog.h"

/** A line of a security log as it grows; text has SECLOG_LINE_BYTES. */
struct secline {
	char *text;
	size_t len;
};

/** Words of ours. */
void secline_add(struct secline *line, const char *format, ...) TG_PRINTF(2, 3);

/** A name that a stranger chose: at most 40 octets of it. @param slash  stands for one backslash: two of them inside JSON */
void secline_name(struct secline *line, const char *name, const char *slash);

/** What an operator or we wrote: with blanks and signs, but without what ends a field. */
void secline_text(struct secline *line, const char *text, const char *slash);

/** `[2026-08-05 14:34:56]` */
void secline_local_time(struct secline *line, uint64_t wall_ms, int32_t offset_s);

/** ISO 8601 with ms. @param between  stands between the hours and the minutes of the offset */
void secline_iso_time(struct secline *line, uint64_t wall_ms, int32_t offset_s, const char *between);

/** `IPV6/UDP/2001:db8::5/4569` */
void secline_transport(struct secline *line, struct tg_addr addr);

#endif
