/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_WIRE_H
#define TG_TOOLS_AUDIT_WIRE_H

#include "tools/audit_record.h"
#include "tools/secret.h"

enum { AUDIT_PORT_A, AUDIT_PORT_B, AUDIT_PORTS };

/** What we still owe to a dialog that the host opened. */
enum audit_todo { AUDIT_TODO_NOTHING, AUDIT_TODO_ACK, AUDIT_TODO_HANGUP, AUDIT_TODO_AUTHREP };

/** One exchange's dialog while it lives. */
struct audit_dialog {
	unsigned port;
	uint16_t peer; /* its call number; 0: none yet */
	uint32_t peer_ts_ms;
	uint8_t oseqno, iseqno; /* of our next frame */
	bool held;              /* nothing is said before the end, to see what it sends again */
	bool accepted, hung_up; /* hung_up: it was acknowledged */
	uint8_t hangups;
	enum audit_todo todo;
};

/**
 * Two UDP ports of ours towards one host: polite (never faster than the rate, never more than TOOL_AUDIT_PACKETS_MAX) and
 * without illusions: what comes is recorded, an accepted call is hung up at once, nothing else is done.
 */
struct audit_wire {
	struct tool_audit_record *record;
	int fds[AUDIT_PORTS];
	uint64_t gap_us, next_us;
	uint16_t next_source;
	bool gave_up;                                /* nothing more is sent */
	const struct tool_secret *account, *invalid; /* for AUDIT_ACCOUNT and AUDIT_LOGIN */
	struct audit_dialog dialogs[TOOL_AUDIT_PACKETS_MAX];
};

/** @return false with why in the record */
TG_MUST_USE bool audit_wire_open(struct audit_wire *wire, struct tg_addr remote, struct tg_addr local);
void audit_wire_close(struct audit_wire *wire);

/** The next call number of ours. */
uint16_t audit_wire_source(struct audit_wire *wire);

/** Send a request once it is its turn. @return the exchange; NULL if nothing may be sent any more */
struct tool_audit_exchange *audit_wire_ask(struct audit_wire *wire, unsigned port, enum tool_audit_probe probe,
                                           unsigned variant, bool held, struct tg_span request);

/** Take in what comes until then, and say what is owed. */
void audit_wire_wait(struct audit_wire *wire, uint64_t until_us);

/** Wait until an exchange has an answer, or until then. */
void audit_wire_await(struct audit_wire *wire, const struct tool_audit_exchange *exchange, uint64_t until_us);

/** End all that is held or still open. */
void audit_wire_release(struct audit_wire *wire);

#endif
