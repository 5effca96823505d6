/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* A registration with us: protocol reference 5.5. Every request is challenged or judged by the owner. */

static void send_regauth(struct leg_turn *turn)
{
	leg_send_ies(turn, IAX_REGAUTH, turn->wish->ies, turn->now_us);
}

static void tell_verify(struct leg_turn *turn)
{
	legs_answered(turn->ep, turn->leg);
	leg_tell(turn, IAX_EV_VERIFY);
}

static void grant(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (!leg_send_ies(turn, IAX_REGACK, turn->wish->ies, turn->now_us)) {
		return;
	}
	leg->authenticated = leg->state == LEG_REG_ANSWERED;
	leg->life_us = TG_NEVER; /* the REGACK's own schedule ends it */
	leg_tell_ended(turn, IAX_END_DONE, 0);
	legs_prove(turn->ep, leg);
}

/* R8, as for calls. */
static void refuse(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	const uint64_t at_us = tg_max_u64(turn->wish->not_before_us, turn->now_us);

	leg_tell_ended(turn, IAX_END_LOCAL, turn->wish->ies->cause_code);
	leg_send_ies(turn, IAX_REGREJ, turn->wish->ies, at_us);
	legs_refuse(turn->ep, leg, turn->now_us);
	leg->life_us = at_us + (uint64_t)turn->ep->config.half_open_ms * TG_US_PER_MS;
	turn->err = IAX_OK;
}

static void tell_left(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_REMOTE, turn->ies->cause_code);
}

static void forget(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_TIMEOUT, IAX_CAUSE_TIMER_EXPIRED);
}

#define WAITING (LEG_IN(LEG_REG_OFFERED) | LEG_IN(LEG_REG_CHALLENGED) | LEG_IN(LEG_REG_ANSWERED))

/* clang-format off */
static const struct leg_rule rules[] = {
	/* in                          on                   do             out */
	{ LEG_IN(LEG_REG_OFFERED),    ON_LOCAL_CHALLENGE,  send_regauth,  LEG_REG_CHALLENGED },
	{ LEG_IN(LEG_REG_OFFERED),    ON_LOCAL_GRANT,      grant,         LEG_CLOSING },
	{ LEG_IN(LEG_REG_CHALLENGED), ON_REGREQ,           tell_verify,   LEG_REG_ANSWERED },
	{ LEG_IN(LEG_REG_CHALLENGED), ON_REGREL,           tell_verify,   LEG_REG_ANSWERED },
	{ LEG_IN(LEG_REG_ANSWERED),   ON_LOCAL_GRANT,      grant,         LEG_CLOSING },
	{ WAITING,                    ON_LOCAL_REJECT,     refuse,        LEG_CLOSING },
	{ WAITING,                    ON_LOCAL_HANGUP,     refuse,        LEG_CLOSING },
	{ WAITING,                    ON_HANGUP,           tell_left,     LEG_GONE },
	{ WAITING,                    ON_REJECT,           tell_left,     LEG_GONE },
	{ WAITING,                    ON_TIME_LIFE,        forget,        LEG_GONE },
};
/* clang-format on */

const struct leg_rules leg_rules_reg_in = { rules, TG_COUNT(rules) };
