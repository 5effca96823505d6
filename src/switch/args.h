/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_ARGS_H
#define TG_SWITCH_ARGS_H

#include "base/bytes.h"

/** Reading the arguments of applications. */

/** Takes the part up to the next separator off the front of `rest`, blanks trimmed; rest loses the separator, too. */
struct tg_span args_take(struct tg_span *rest, char separator);

/** Blanks at both ends removed. */
struct tg_span args_trim(struct tg_span text);

/** Seconds with an optional fraction, up to a day; nothing else. */
TG_MUST_USE bool args_seconds(struct tg_span text, uint64_t *us);

/** A whole number, nothing else. */
TG_MUST_USE bool args_uint(struct tg_span text, uint32_t max, uint32_t *number);

/** What Dial is asked to do. */
struct dial_args {
	struct tg_span targets; /* IAX2/...&IAX2/..., see args_target() */
	bool has_timeout;
	uint64_t timeout_us;
	bool rings;            /* r: ringing at once, no early media */
	bool goes_on;          /* g: the dialplan goes on when the callee hangs up */
	uint64_t limit_us;     /* L(milliseconds), S(seconds): how long they may talk; 0 for as long as they like */
	struct tg_span digits; /* D(digits): sent to the callee when he answers */
};

/** @return false for a timeout that is no number, or no target at all: DIALSTATUS INVALIDARGS */
TG_MUST_USE bool args_dial(struct tg_span args, struct dial_args *out);

/** `IAX2/[user@]peer[/exten[@context]]`; all but peer may be empty. */
struct dial_target {
	struct tg_span user, peer, exten, context;
};

/**
 * Take the next target.
 *
 * @return false if there is none left; peer is empty if this one cannot be read: another technology, or a secret in it
 */
bool args_target(struct tg_span *targets, struct dial_target *out);

/** A place to go to: [[context,]exten,]priority-or-label; absent parts are empty. */
struct goto_args {
	struct tg_span context, exten, priority;
};
struct goto_args args_goto(struct tg_span args);

/** Gosub's `place(argument,...)` taken apart: place and arguments; without parentheses there are none. */
struct gosub_args {
	struct tg_span place, args;
};
struct gosub_args args_gosub(struct tg_span args);

/** args_take() with a separator outside of parentheses. */
struct tg_span args_take_outside(struct tg_span *rest, char separator);

#endif
