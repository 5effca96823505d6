/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_APPS_H
#define TG_SWITCH_APPS_H

#include "switch/inside.h"
#include "switch/vars.h"

/**
 * The applications: a row each. An event of the caller, of a callee, of the clock or the relay goes to the row of the application that
 * runs; what a row does not handle is ignored there.
 */

/** Those of the world, and what else a call can be busy with between two steps. */
enum app_id {
	APP_WAIT_DIGITS = WORLD_APPS, /* no step left, autofallthrough=no */
	APP_YIELD,                    /* many steps at once: the others first */
	APP_NONE,
	APP_IDS = APP_NONE,
};

/** What a handler says. */
enum app_says {
	APP_STAYS, /* the application goes on waiting */
	APP_DONE,  /* the next priority */
	APP_MOVED, /* call->todo is set already */
};

struct app_row {
	/* args are expanded, and gone when it returns. */
	enum app_says (*start)(struct tg_switch *sw, struct call *call, struct tg_span args);
	/* The application leaves the call, or the call ends; the timer and what is played are stopped by others. */
	void (*stop)(struct tg_switch *sw, struct call *call);
	enum app_says (*on_timer)(struct tg_switch *sw, struct call *call);
	enum app_says (*on_played)(struct tg_switch *sw, struct call *call);
	enum app_says (*on_caller)(struct tg_switch *sw, struct call *call, struct party *caller,
	                           const struct iax_event *event);
	enum app_says (*on_callee)(struct tg_switch *sw, struct call *call, struct party *callee,
	                           const struct iax_event *event);
	enum app_says (*on_response)(struct tg_switch *sw, struct call *call, struct party *callee, const uint8_t *md5);
	/* call->playing is in use just now. NULL: never. */
	bool (*plays)(const struct call *call);
	bool speaks;       /* the caller hears what comes of it: a tone ends */
	bool after_hangup; /* may run in "h", where nobody listens */
	bool whole_text;   /* the arguments are one text: what callers chose in it stays as it is */
};

/* One row an application, each defined where it is done. */
extern const struct app_row app_answer, app_busy, app_congestion, app_dial, app_echo, app_gosub, app_gosubif, app_goto,
	app_gotoif, app_gotoiftime, app_hangup, app_milliwatt, app_noop, app_playback, app_playtones, app_proceeding,
	app_progress, app_return, app_ringing, app_senddtmf, app_set, app_stackpop, app_stopplaytones, app_verbose,
	app_wait, app_waitexten, app_wait_digits, app_yield;

const struct app_row *app_row(enum app_id id);

/** Start a step's application. @return false if it cannot run after hang-up */
bool apps_start(struct tg_switch *sw, struct call *call, const struct world_step *step);

/** Whether a caller chose some of this part of the arguments; while an application starts. */
bool apps_is_foreign(const struct tg_switch *sw, struct tg_span part);

/** Start one without a step of its own. */
void apps_start_as(struct tg_switch *sw, struct call *call, enum app_id id, struct tg_span args);

void apps_on_caller(struct tg_switch *sw, struct call *call, struct party *caller, const struct iax_event *event);
void apps_on_callee(struct tg_switch *sw, struct call *call, struct party *callee, const struct iax_event *event);
void apps_on_response(struct tg_switch *sw, struct call *call, struct party *callee, const uint8_t *md5);
void apps_on_played(struct tg_switch *sw, struct call *call);
void apps_on_timer(struct tg_switch *sw, struct call *call);

/** Leave the application that runs, if one does. */
void apps_stop(struct tg_switch *sw, struct call *call);

/** The step whose application runs; NULL if the world was given up. */
const struct world_step *apps_step(const struct tg_switch *sw, const struct call *call);

/**
 * The arguments once more, for an application that goes on with them: they stand in the world, and mostly expand to the same.
 *
 * @param room  where they are put
 */
struct tg_span apps_args(const struct tg_switch *sw, const struct call *call, struct vars_text *room);

/** Set the application's timer. */
void apps_timer(struct tg_switch *sw, const struct call *call, uint64_t deadline_us);

#endif
