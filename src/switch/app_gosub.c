/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that come back: Gosub, GosubIf, Return, StackPop. */
#include "switch/apps.h"
#include "switch/args.h"
#include "switch/callvars.h"
#include "switch/dialplan.h"
#include "switch/expr.h"
#include "switch/gosub.h"

static enum app_says gosub_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const struct gosub_args gosub = args_gosub(args);

	dialplan_gosub(sw, call, gosub.place, gosub.args);
	return APP_MOVED;
}

const struct app_row app_gosub = { .start = gosub_start, .after_hangup = true };

/* condition?there(arguments):else there(arguments) */
static enum app_says gosubif_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const struct tg_span condition = args_take(&args, '?');
	const struct tg_span yes = args_take_outside(&args, ':');
	const struct tg_span no = args_trim(args);
	const struct tg_span target = expr_is_true(condition) ? yes : no;

	return target.len > 0 ? gosub_start(sw, call, target) : APP_DONE;
}

const struct app_row app_gosubif = { .start = gosubif_start, .after_hangup = true };

/* Return([value]) */
static enum app_says return_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	if (!callvars_set(sw, call, TG_SPAN_LIT("GOSUB_RETVAL"), args, call->foreign_args)) {
		tg_log(sw->outside.log, TG_WARNING, "dialplan.no_room", TG_UINT("call", call->record.unique),
		       TG_TEXT("variable", "GOSUB_RETVAL"));
	}
	dialplan_return(sw, call);
	return APP_MOVED;
}

const struct app_row app_return = { .start = return_start, .after_hangup = true, .whole_text = true };

/* The way back is forgotten, and the call goes on here. */
static enum app_says stackpop_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	(void)args;
	if (call->frames != 0) {
		gosub_leave(sw, call);
	}
	return APP_DONE;
}

const struct app_row app_stackpop = { .start = stackpop_start, .after_hangup = true };
