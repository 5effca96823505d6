/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_SECLOG_H
#define TG_DAEMON_SECLOG_H

#include "model/event.h"

/**
 * Security events as lines of text, without file or clock. What comes from a peer stands in quotes, at most 40 octets of it,
 * and everything outside `A-Z a-z 0-9 . _ + @ -` is written as \xHH: no name can forge a quote, a field, an address or a line.
 * A line is plain ASCII. There is no field for a secret, a token or a digest.
 */

enum seclog_form {
	/**
	 * `[2026-08-05 12:34:56] NOTICE[4711] iax2.c:1 reg_verify: Registration from 'bob' failed for '192.0.2.7:4569' - Wrong
	 * password`: one line that log watchers count for each that seclog_is_counted(), level INFO and another text for the rest.
	 */
	SECLOG_PLAIN,
	/** `[...] SECURITY[4711] iax2.c:1 event_tell: SecurityEvent="ChallengeResponseFailed",...`; INFO as above. */
	SECLOG_EVENT,
	SECLOG_JSON,   /* one object */
	SECLOG_SYSLOG, /* RFC 5424, with the fields of SECLOG_EVENT as its message */
	SECLOG_FORMS,
};

struct seclog_writer {
	uint32_t pid;
	int32_t utc_offset_s; /* of local time */
	const char *host;     /* for syslog; plain ASCII without blanks */
};

enum { SECLOG_LINE_BYTES = 4096 };

/**
 * Whether a log watcher is to count this as a failed attempt: a proven address, and nothing that speaks for a customer behind
 * it (the same old secret again and again; a shared address; a guarded account, whose owner may be abroad).
 */
bool seclog_is_counted(const struct model_event *event);

/** One line without its end. @return its length */
size_t seclog_format(char line[SECLOG_LINE_BYTES], enum seclog_form form, const struct model_event *event,
                     const struct seclog_writer *writer);

#endif
