/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* One attempt of ours to register: protocol reference 5.4. */

static void tell_challenged(struct leg_turn *turn)
{
	turn->leg->challenges++;
	leg_tell(turn, IAX_EV_CHALLENGED);
}

static void send_credentials(struct leg_turn *turn)
{
	leg_send_ies(turn, turn->leg->opening, turn->wish->ies, turn->now_us);
}

static void tell_granted(struct leg_turn *turn)
{
	leg_tell(turn, IAX_EV_REG_ACKED);
	leg_tell_ended(turn, IAX_END_DONE, 0);
}

static void tell_rejected(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_REJECTED, turn->ies->cause_code);
}

/* A third challenge is no registrar's: stop answering. */
static void give_in(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_REJECTED, IAX_CAUSE_FACILITY_REJECTED);
}

static void leave(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_LOCAL, turn->wish->subclass);
}

static void give_up(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_TIMEOUT, IAX_CAUSE_TIMER_EXPIRED);
}

#define ASKING (LEG_IN(LEG_REG_SENT) | LEG_IN(LEG_REG_ASKED) | LEG_IN(LEG_REG_AUTHED))

/* clang-format off */
static const struct leg_rule rules[] = {
	/* in                      on                do                   out */
	{ LEG_IN(LEG_REG_SENT),   ON_CALLTOKEN,     leg_open_with_token, LEG_REG_SENT },
	{ LEG_IN(LEG_REG_SENT),   ON_REGAUTH,       tell_challenged,     LEG_REG_ASKED },
	{ LEG_IN(LEG_REG_SENT),   ON_REGACK,        tell_granted,        LEG_GONE },
	{ LEG_IN(LEG_REG_ASKED),  ON_LOCAL_RESPOND, send_credentials,    LEG_REG_AUTHED },
	{ LEG_IN(LEG_REG_AUTHED), ON_REGAUTH,       tell_challenged,     LEG_REG_ASKED },
	{ LEG_IN(LEG_REG_AUTHED), ON_REGAUTH_AGAIN, give_in,             LEG_GONE },
	{ LEG_IN(LEG_REG_AUTHED), ON_REGACK,        tell_granted,        LEG_GONE },
	{ ASKING,                 ON_REGREJ,        tell_rejected,       LEG_GONE },
	{ ASKING,                 ON_REJECT,        tell_rejected,       LEG_GONE },
	{ ASKING,                 ON_LOCAL_HANGUP,  leave,               LEG_GONE },
	{ ASKING,                 ON_TIME_LIFE,     give_up,             LEG_GONE },
};
/* clang-format on */

const struct leg_rules leg_rules_reg_out = { rules, TG_COUNT(rules) };
