/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_DIALPLAN_H
#define TG_SWITCH_DIALPLAN_H

#include "switch/inside.h"

/** Running the dialplan of one call (asterisk-compat 6.4). */
enum {
	DIALPLAN_STEPS_MAX = 10000,  /* of one call: a Goto loop ends here */
	DIALPLAN_BURST = 200,        /* steps at once; others get their turn, then it goes on */
	DIALPLAN_HANGUP_STEPS = 500, /* of the "h" extension */
};

/** Run steps until the call waits or ends. */
void dialplan_run(struct tg_switch *sw, struct call *call);

/** The application is done: the next priority. */
void dialplan_next(struct call *call);

/** Goto, for applications: what is absent stays. A bad target leads to "i", or ends the call. */
void dialplan_goto(struct tg_switch *sw, struct call *call, struct tg_span target);

/** Gosub, likewise; args: ARG1 and so on, with commas between. Too deep, or no room: the call ends. */
void dialplan_gosub(struct tg_switch *sw, struct call *call, struct tg_span target, struct tg_span args);

/** Behind the last Gosub. Without one the call ends. */
void dialplan_return(struct tg_switch *sw, struct call *call);

/** TIMEOUT(absolute) has passed: "T", or the end. */
void dialplan_absolute_timeout(struct tg_switch *sw, struct call *call);

/** Go to the "h" extension of the call's context. @return false if it has none */
bool dialplan_hangup_exten(struct tg_switch *sw, struct call *call);

#endif
