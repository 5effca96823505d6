/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_wire.h"

#include "sys/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HANGUPS_MAX = 3, BATCH = 64 };

static void cut_short(struct audit_wire *wire, const char *why)
{
	wire->gave_up = true;
	if (!wire->record->cut_short) {
		wire->record->cut_short = true;
		snprintf(wire->record->wrong, sizeof(wire->record->wrong), "%s", why);
	}
}

/* ---- Sockets ---- */

static int socket_towards(struct tg_addr remote, struct tg_addr local)
{
	struct sockaddr_storage to, from;
	const socklen_t len = tg_addr_to_sockaddr(remote, false, &to);
	const socklen_t from_len = local.family == remote.family ? tg_addr_to_sockaddr(local, false, &from) : 0;
	const int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		return -1;
	}
	/* Connected: only what comes from there arrives, and so does word that nobody listens. */
	if ((from_len > 0 && bind(fd, (const struct sockaddr *)&from, from_len) != 0) ||
	    connect(fd, (const struct sockaddr *)&to, len) != 0) {
		const int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

bool audit_wire_open(struct audit_wire *wire, struct tg_addr remote, struct tg_addr local)
{
	local.port = 0;
	for (unsigned port = 0; port < AUDIT_PORTS; port++) {
		wire->fds[port] = -1;
	}
	for (unsigned port = 0; port < AUDIT_PORTS; port++) {
		wire->fds[port] = socket_towards(remote, local);
		if (wire->fds[port] < 0) {
			cut_short(wire, strerror(errno));
			audit_wire_close(wire);
			return false;
		}
	}
	wire->next_us = sys_clock_us();
	return true;
}

void audit_wire_close(struct audit_wire *wire)
{
	for (unsigned port = 0; port < AUDIT_PORTS; port++) {
		if (wire->fds[port] >= 0) {
			close(wire->fds[port]);
			wire->fds[port] = -1;
		}
	}
}

uint16_t audit_wire_source(struct audit_wire *wire)
{
	return wire->next_source++;
}

/* ---- What comes ---- */

static struct tool_audit_exchange *exchange_of(struct audit_wire *wire, unsigned port, uint16_t number)
{
	for (size_t i = wire->record->count; i-- > 0;) {
		struct tool_audit_exchange *exchange = &wire->record->exchanges[i];

		if (exchange->source == number && wire->dialogs[i].port == port) {
			return exchange;
		}
	}
	return NULL;
}

static enum audit_todo todo_of(const struct tool_audit_exchange *exchange, uint8_t subclass)
{
	switch (subclass) {
	case IAX_AUTHREQ:
		return exchange->probe == AUDIT_LOGIN || exchange->probe == AUDIT_ACCOUNT ? AUDIT_TODO_AUTHREP
		                                                                          : AUDIT_TODO_HANGUP;
	case IAX_ACCEPT:
	case IAX_REGAUTH: /* so that it need not wait until it gives us up */
		return AUDIT_TODO_HANGUP;
	case IAX_REGACK:
	case IAX_REJECT:
	case IAX_REGREJ:
	case IAX_HANGUP:
	case IAX_PONG:
	case IAX_UNSUPPORT:
	case IAX_FWDATA:
	case IAX_PROVISION:
		return AUDIT_TODO_ACK;
	default:
		return AUDIT_TODO_NOTHING;
	}
}

static void dialog_take(struct audit_dialog *dialog, const struct tool_audit_exchange *exchange,
                        const struct iax_frame *frame)
{
	const enum audit_todo todo = frame->type == IAX_FRAME_IAX ? todo_of(exchange, frame->subclass_byte)
	                                                          : AUDIT_TODO_NOTHING;

	if (frame->type == IAX_FRAME_IAX && frame->subclass_byte == IAX_ACK) {
		dialog->hung_up = dialog->hung_up || (exchange->closed && dialog->hangups > 0);
		return;
	}
	if (!iax_frame_is_unnumbered(frame)) {
		dialog->peer = frame->source;
		dialog->peer_ts_ms = frame->ts_ms;
		dialog->iseqno = (uint8_t)(frame->oseqno + 1);
	}
	if (frame->type == IAX_FRAME_IAX && frame->subclass_byte == IAX_ACCEPT) {
		dialog->accepted = true;
	}
	if (dialog->accepted && exchange->closed) { /* it has not heard that we hung up */
		dialog->todo = dialog->hangups < HANGUPS_MAX && !dialog->hung_up ? AUDIT_TODO_HANGUP
		                                                                 : AUDIT_TODO_NOTHING;
	} else if (todo != AUDIT_TODO_NOTHING) {
		dialog->todo = todo;
	}
	if (dialog->accepted) {
		dialog->held = false;
	}
}

static void take(struct audit_wire *wire, unsigned port, struct tg_span bytes, uint64_t at_us)
{
	struct tool_audit_exchange *exchange = NULL;
	struct iax_frame frame;

	if (iax_frame_decode(&frame, bytes) == IAX_OK && frame.class == IAX_CLASS_FULL) {
		exchange = exchange_of(wire, port, frame.destination);
	}
	if (exchange == NULL) {
		wire->record->strays++;
		return;
	}
	tool_audit_record_answer(exchange, bytes, at_us);
	dialog_take(&wire->dialogs[exchange - wire->record->exchanges], exchange, &frame);
}

static void receive(struct audit_wire *wire, unsigned port)
{
	uint8_t bytes[IAX_DATAGRAM_RECEIVED_MAX];

	for (unsigned i = 0; i < BATCH; i++) {
		const ssize_t len = recv(wire->fds[port], bytes, sizeof(bytes), 0);

		if (len >= 0) {
			take(wire, port, (struct tg_span){ bytes, (size_t)len }, sys_clock_us());
		} else if (errno == ECONNREFUSED) {
			wire->record->unreachable = true;
		} else {
			return;
		}
	}
}

/* Until then, or until something came. */
static void pump(struct audit_wire *wire, uint64_t until_us)
{
	struct pollfd polled[AUDIT_PORTS];
	const uint64_t now_us = sys_clock_us();
	const uint64_t left_ms = until_us > now_us ? (until_us - now_us + TG_US_PER_MS - 1) / TG_US_PER_MS : 0;

	for (unsigned port = 0; port < AUDIT_PORTS; port++) {
		polled[port] = (struct pollfd){ .fd = wire->fds[port], .events = POLLIN };
	}
	if (poll(polled, AUDIT_PORTS, (int)tg_min_u64(left_ms, 1000)) <= 0) {
		return;
	}
	for (unsigned port = 0; port < AUDIT_PORTS; port++) {
		if (polled[port].revents != 0) {
			receive(wire, port);
		}
	}
}

/* ---- What goes ---- */

/* Wait for our turn and send. The time it went, 0 if it did not. */
static uint64_t send_in_turn(struct audit_wire *wire, unsigned port, struct tg_span bytes)
{
	uint64_t now_us = sys_clock_us();

	if (wire->gave_up) {
		return 0;
	}
	if (wire->record->packets_sent >= TOOL_AUDIT_PACKETS_MAX) {
		cut_short(wire, "as many packets as one host may get were sent");
		return 0;
	}
	for (; now_us < wire->next_us; now_us = sys_clock_us()) {
		pump(wire, wire->next_us);
	}
	wire->next_us = now_us + wire->gap_us;
	wire->record->packets_sent++;
	now_us = sys_clock_us();
	if (send(wire->fds[port], bytes.p, bytes.len, 0) < 0) {
		if (errno != ECONNREFUSED) {
			cut_short(wire, strerror(errno));
			return 0;
		}
		wire->record->unreachable = true; /* word of an earlier one; this one was not sent */
	}
	return now_us;
}

static bool put_frame(struct tg_writer *w, const struct tool_audit_exchange *exchange,
                      const struct audit_dialog *dialog, enum iax_subclass subclass, const struct iax_ies *ies)
{
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = exchange->source,
		.destination = dialog->peer,
		.ts_ms = subclass == IAX_ACK ? dialog->peer_ts_ms
		                             : (uint32_t)((sys_clock_us() - exchange->sent_us) / TG_US_PER_MS) + 1,
		.oseqno = dialog->oseqno,
		.iseqno = dialog->iseqno,
		.type = IAX_FRAME_IAX,
		.subclass = subclass,
	};

	return iax_frame_put_header(&frame, w) == IAX_OK && iax_ies_encode(ies, w) == IAX_OK;
}

static bool put_authrep(struct audit_wire *wire, struct tg_writer *w, const struct tool_audit_exchange *exchange,
                        const struct audit_dialog *dialog)
{
	const struct tool_secret *secret = exchange->probe == AUDIT_ACCOUNT ? wire->account : wire->invalid;
	const int at = tool_audit_find(exchange, IAX_AUTHREQ);
	struct iax_ies asked, ies = { .has = UINT64_C(1) << IAX_IE_MD5_RESULT };
	struct iax_frame frame;
	char digits[IAX_MD5_DIGITS + 1];

	if (at < 0 || !tool_audit_decode(&exchange->answers[at], &frame, &asked) ||
	    (asked.auth_methods & IAX_AUTH_MD5) == 0 || !tool_secret_answer(secret, asked.challenge, digits)) {
		return false;
	}
	ies.md5_result = tg_span_text(digits);
	return put_frame(w, exchange, dialog, IAX_AUTHREP, &ies);
}

static bool put_hangup(struct tg_writer *w, const struct tool_audit_exchange *exchange,
                       const struct audit_dialog *dialog)
{
	const struct iax_ies ies = { .has = UINT64_C(1) << IAX_IE_CAUSECODE, .cause_code = IAX_CAUSE_NORMAL_CLEARING };

	return put_frame(w, exchange, dialog, IAX_HANGUP, &ies);
}

static void close_exchange(struct tool_audit_exchange *exchange)
{
	if (!exchange->closed) {
		exchange->closed = true;
		exchange->closed_us = sys_clock_us();
	}
}

/* Do what is owed to one dialog. */
static void pay(struct audit_wire *wire, struct tool_audit_exchange *exchange, struct audit_dialog *dialog)
{
	uint8_t bytes[TOOL_AUDIT_REQUEST_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	const struct iax_ies none = { 0 };
	enum audit_todo todo = dialog->todo;
	bool ok = false;

	dialog->todo = AUDIT_TODO_NOTHING;
	if (todo == AUDIT_TODO_AUTHREP && dialog->oseqno > 1) {
		return; /* asked again before it had our answer; once is all there is */
	}
	if (todo == AUDIT_TODO_AUTHREP) {
		ok = put_authrep(wire, &w, exchange, dialog);
		if (!ok) { /* it wants something else than MD5 */
			w = tg_writer_of(bytes, sizeof(bytes));
			todo = AUDIT_TODO_HANGUP;
		}
	}
	if (todo == AUDIT_TODO_HANGUP) {
		dialog->hangups++;
		ok = put_hangup(&w, exchange, dialog);
	} else if (todo == AUDIT_TODO_ACK) {
		ok = put_frame(&w, exchange, dialog, IAX_ACK, &none);
	}
	if (!ok) {
		return;
	}
	if (todo != AUDIT_TODO_ACK) {
		dialog->oseqno++;
	}
	if (todo != AUDIT_TODO_AUTHREP) {
		close_exchange(exchange);
	}
	send_in_turn(wire, dialog->port, tg_writer_span(&w));
}

static bool pay_one(struct audit_wire *wire)
{
	for (size_t i = 0; i < wire->record->count; i++) {
		if (wire->dialogs[i].todo != AUDIT_TODO_NOTHING && !wire->dialogs[i].held) {
			pay(wire, &wire->record->exchanges[i], &wire->dialogs[i]);
			return true;
		}
	}
	return false;
}

static void pay_all(struct audit_wire *wire)
{
	for (unsigned i = 0; i < TOOL_AUDIT_PACKETS_MAX && !wire->gave_up && pay_one(wire); i++) {
	}
}

/* ---- Public ---- */

struct tool_audit_exchange *audit_wire_ask(struct audit_wire *wire, unsigned port, enum tool_audit_probe probe,
                                           unsigned variant, bool held, struct tg_span request)
{
	struct tool_audit_exchange *exchange = NULL;
	struct iax_frame frame;

	pay_all(wire);
	exchange = wire->gave_up ? NULL : tool_audit_record_begin(wire->record, probe, variant, request);
	if (exchange == NULL) {
		return NULL;
	}
	exchange->source = iax_frame_decode(&frame, request) == IAX_OK ? frame.source : 0;
	wire->dialogs[exchange - wire->record->exchanges] = (struct audit_dialog){ .port = port,
		                                                                   .oseqno = 1,
		                                                                   .held = held };
	exchange->sent_us = send_in_turn(wire, port, request);
	if (exchange->sent_us == 0) {
		wire->record->count--;
		return NULL;
	}
	return exchange;
}

void audit_wire_wait(struct audit_wire *wire, uint64_t until_us)
{
	do {
		pay_all(wire);
		pump(wire, until_us);
	} while (sys_clock_us() < until_us);
	pay_all(wire);
}

void audit_wire_await(struct audit_wire *wire, const struct tool_audit_exchange *exchange, uint64_t until_us)
{
	while (exchange != NULL && exchange->answer_count == 0 && !wire->record->unreachable &&
	       sys_clock_us() < until_us) {
		pay_all(wire);
		pump(wire, until_us);
	}
}

/* Whether it waits for a word of ours: it sends again, or holds a dialog. */
static bool is_owed(const struct tool_audit_exchange *exchange, const struct audit_dialog *dialog)
{
	return !exchange->closed && dialog->peer != 0 &&
	       (exchange->repeats > 0 || dialog->todo == AUDIT_TODO_HANGUP || exchange->probe == AUDIT_LOGIN ||
	        exchange->probe == AUDIT_ACCOUNT);
}

static enum audit_todo last_word(const struct tool_audit_exchange *exchange, const struct audit_dialog *dialog)
{
	const bool is_up = dialog->accepted && !dialog->hung_up && dialog->hangups < HANGUPS_MAX;

	if (!is_up && !is_owed(exchange, dialog)) {
		return AUDIT_TODO_NOTHING;
	}
	return is_up || dialog->todo == AUDIT_TODO_NOTHING ? AUDIT_TODO_HANGUP : dialog->todo;
}

void audit_wire_release(struct audit_wire *wire)
{
	for (size_t i = 0; i < wire->record->count; i++) {
		struct audit_dialog *dialog = &wire->dialogs[i];
		struct tool_audit_exchange *exchange = &wire->record->exchanges[i];

		dialog->todo = last_word(exchange, dialog);
		close_exchange(exchange);
		dialog->held = false;
	}
	pay_all(wire);
}
