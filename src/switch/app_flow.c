/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that only move the dialplan: Goto, GotoIf, GotoIfTime, Set, NoOp, Verbose, Wait. */
#include "model/times.h"
#include "model/when.h"
#include "switch/apps.h"
#include "switch/args.h"
#include "switch/calls.h"
#include "switch/callvars.h"
#include "switch/dialplan.h"
#include "switch/expr.h"

#include <string.h>

static enum app_says goto_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	dialplan_goto(sw, call, args);
	return APP_MOVED;
}

const struct app_row app_goto = { .start = goto_start, .after_hangup = true };

/* there:else there; without a target for the case the next priority comes. */
static enum app_says go_one_way(struct tg_switch *sw, struct call *call, bool first, struct tg_span places)
{
	const struct tg_span yes = args_take(&places, ':');
	const struct tg_span no = args_trim(places);
	const struct tg_span target = first ? yes : no;

	if (target.len == 0) {
		return APP_DONE;
	}
	dialplan_goto(sw, call, target);
	return APP_MOVED;
}

/* condition?there:else there */
static enum app_says gotoif_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const struct tg_span condition = args_take(&args, '?');

	return go_one_way(sw, call, expr_is_true(condition), args);
}

const struct app_row app_gotoif = { .start = gotoif_start, .after_hangup = true };

/* times,weekdays,days,months[,zone]?there:else there. What variables made of the times may be none at all: then it is no such time. */
static enum app_says gotoiftime_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const struct tg_span text = args_take(&args, '?');
	const struct world *world = call_world(sw, call);
	struct world_include times = { .is_limited = 0 };
	const bool good = times_read(&times, text) == NULL;

	if (!good) {
		tg_log(sw->outside.log, TG_WARNING, "dialplan.times", TG_UINT("call", call->record.unique),
		       TG_BYTES("exten", tg_span_text(call->exten)), TG_UINT("priority", call->priority),
		       TG_BYTES("times", text));
	}
	return go_one_way(sw, call,
	                  good && world != NULL && when_is_open(&times, &world->settings.zone, minute_now(sw)), args);
}

const struct app_row app_gotoiftime = { .start = gotoiftime_start, .after_hangup = true };

/* The first "=" divides; all behind it is the value, commas too. */
static enum app_says set_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const bool has_value = args.len > 0 && memchr(args.p, '=', args.len) != NULL;
	const struct tg_span name = args_take(&args, '=');

	if (!has_value || !callvars_set(sw, call, name, args, call->foreign_args)) {
		tg_log(sw->outside.log, TG_WARNING, "dialplan.set", TG_UINT("call", call->record.unique),
		       TG_BYTES("exten", tg_span_text(call->exten)), TG_UINT("priority", call->priority),
		       TG_BYTES("name", name));
	}
	return APP_DONE;
}

const struct app_row app_set = { .start = set_start, .after_hangup = true, .whole_text = true };

static enum app_says say(struct tg_switch *sw, const struct call *call, enum tg_level level, struct tg_span text)
{
	tg_log(sw->outside.log, level, "dialplan.says", TG_UINT("call", call->record.unique), TG_BYTES("text", text));
	return APP_DONE;
}

static enum app_says noop_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	return say(sw, call, TG_DEBUG, args);
}

const struct app_row app_noop = { .start = noop_start, .after_hangup = true, .whole_text = true };

/* [level,]text; level 0 is always shown. */
static enum app_says verbose_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	struct tg_span text = args;
	const struct tg_span first = args_take(&text, ',');
	uint32_t level = 0;

	if (text.p == args.p || text.len == 0 || !args_uint(first, 10, &level)) {
		return say(sw, call, TG_NOTICE, args);
	}
	return say(sw, call, level < 3 ? TG_NOTICE : TG_INFO, args_trim(text));
}

const struct app_row app_verbose = { .start = verbose_start, .after_hangup = true, .whole_text = true };

static enum app_says wait_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	uint64_t for_us;

	if (!args_seconds(args_trim(args), &for_us)) {
		return APP_DONE;
	}
	apps_timer(sw, call, sw->now_us + for_us);
	return APP_STAYS;
}

static enum app_says wait_over(struct tg_switch *sw, struct call *call)
{
	(void)sw;
	(void)call;
	return APP_DONE;
}

const struct app_row app_wait = { .start = wait_start, .on_timer = wait_over };
