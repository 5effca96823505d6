/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_APP_H
#define TG_CONF_APP_H

#include "conf/account.h"

/** The applications of the dialplan, one row each, and what can be said of their arguments before a call comes. */

enum { CONF_EXPECTED_BYTES = 256 };

/** One application's arguments under examination. */
struct conf_args {
	const struct conf_loading *loading;
	struct tg_span text;
	char expected[CONF_EXPECTED_BYTES]; /* set by a check that fails */
	char ignored[CONF_EXPECTED_BYTES];  /* set if something has no effect */
};

struct conf_app {
	const char *name;
	enum world_app_id id;
	bool (*check)(struct conf_args *args);
};

/** By name, without case; NULL for none. */
const struct conf_app *conf_app_find(struct tg_span name);

/** Why an application that conf_app_find() does not know is none, and which one may be meant. Returns text. */
const char *conf_app_unknown(struct tg_span name, char text[CONF_EXPECTED_BYTES]);

/** The place in Gosub's `place(argument,...)`; *inside is what is behind the "(", with the ")". */
struct tg_span conf_app_gosub_place(struct tg_span text, struct tg_span *inside);

/** Whether it may ask the machine's clock: GotoIfTime, unless a zone stands behind its times. */
bool conf_app_looks_at_clock(const struct conf_app *app, struct tg_span args);

/**
 * Whether `${...}` and `$[...]` are closed and name functions that exist.
 *
 * @param expected  says what is wrong, if it fails
 */
TG_MUST_USE bool conf_vars_check(struct tg_span text, char expected[CONF_EXPECTED_BYTES]);

/** Whether a variable or function may be given a value. */
TG_MUST_USE bool conf_vars_can_set(struct tg_span name, char expected[CONF_EXPECTED_BYTES]);

/** Whether a text holds `${` or `$[`, so that its value is known in a call only. */
bool conf_vars_has_any(struct tg_span text);

/** Takes the text up to a separator outside of `${...}` and `$[...]`, trimmed. *found says whether it was there. */
struct tg_span conf_vars_take(struct tg_span *left, char separator, bool *found);

/** The same outside of "(...)", too. */
struct tg_span conf_vars_take_outside(struct tg_span *left, char separator);

#endif
