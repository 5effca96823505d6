/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_DIALOG_H
#define TG_TOOLS_DIALOG_H

#include "iax/registrant.h"
#include "tools/call_options.h"
#include "tools/media.h"
#include "tools/report.h"
#include "tools/secret.h"

/** Where one call of `tollgate call` stands; the second word is for people. */
#define TOOL_DIALOG_STATES(X)                \
	X(DIALOG_REGISTERING, "registering") \
	X(DIALOG_WAITING, "waiting")         \
	X(DIALOG_DIALLING, "dialling")       \
	X(DIALOG_OFFERED, "offered")         \
	X(DIALOG_ACCEPTED, "accepted")       \
	X(DIALOG_RINGING, "ringing")         \
	X(DIALOG_UP, "up")                   \
	X(DIALOG_DRAINING, "up, listening")  \
	X(DIALOG_OVER, "over")

#define X(name, text) name,
enum tool_dialog_state { TOOL_DIALOG_STATES(X) TOOL_DIALOG_STATE_COUNT };
#undef X

/**
 * One call over an endpoint: registers if wanted, calls or waits, plays and listens, hangs up. It owns no socket and no
 * clock: its owner brings events and time, and fetches what there is to say.
 */
struct tool_dialog {
	/* Set by the owner before tool_dialog_start(); lent. */
	const struct tool_call_options *options;
	struct iax_endpoint *ep;
	const struct tool_secret *secret;
	struct tg_addr remote; /* TG_NO_ADDR for an answerer without a registrar */
	struct tg_addr local;
	struct tool_media media;
	void (*say)(void *owner, const char *line); /* progress; NULL for silence */
	void *owner;
	uint8_t seed[32];

	/* Its own. */
	enum tool_dialog_state state;
	struct iax_registrant registrant;
	struct iax_leg_id reg_leg, call_leg;
	bool registers, has_reg_leg, has_call_leg, released;
	bool heard_far_end; /* it answered something: the host is there */
	char challenge[21]; /* ours, to a caller */
	uint64_t format;
	uint64_t dialled_us, answered_us, ended_us;         /* 0: not yet */
	uint64_t give_up_us, answer_us, hangup_us, dtmf_us; /* deadlines */
	size_t dtmf_step;                                   /* two a digit: pressed, released */
	struct tool_report report;
};

/** Begin: register, wait or call. */
void tool_dialog_start(struct tool_dialog *dialog, uint64_t now_us);

/** Each event of the endpoint. */
void tool_dialog_on_event(struct tool_dialog *dialog, const struct iax_event *event, uint64_t now_us);

/** When to call tool_dialog_expire(). */
uint64_t tool_dialog_deadline_us(const struct tool_dialog *dialog);
void tool_dialog_expire(struct tool_dialog *dialog, uint64_t now_us);

/** The operator wants to end. */
void tool_dialog_stop(struct tool_dialog *dialog, uint64_t now_us);

/** Nothing more will happen: the call is over and the registration given back. */
bool tool_dialog_is_over(const struct tool_dialog *dialog);

/** The report as of now; complete once it is over. */
const struct tool_report *tool_dialog_report(struct tool_dialog *dialog, uint64_t now_us);

const char *tool_dialog_state_name(enum tool_dialog_state state);

#endif
