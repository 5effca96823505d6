/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* A call to us until it is linked: protocol reference 5.2. The application starts after the third step of the handshake. */

static void send_authreq(struct leg_turn *turn)
{
	leg_send_ies(turn, IAX_AUTHREQ, turn->wish->ies, turn->now_us);
}

static void tell_verify(struct leg_turn *turn)
{
	legs_answered(turn->ep, turn->leg);
	leg_tell(turn, IAX_EV_VERIFY);
}

static void accept(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	leg->accept_seq = leg->win.oseqno;
	if (leg_send_ies(turn, IAX_ACCEPT, turn->wish->ies, turn->now_us)) {
		leg->allowed = (leg->allowed & turn->wish->takes) | turn->wish->format;
	}
}

static void accept_proven(struct leg_turn *turn)
{
	accept(turn);
	if (turn->err == IAX_OK) {
		turn->leg->authenticated = true;
		turn->leg->life_us = TG_NEVER; /* the ACCEPT's own schedule ends it */
		legs_prove(turn->ep, turn->leg);
	}
}

/* R8: the owner hears the end at once, the peer at the time that tells it nothing. */
static void refuse(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	const uint64_t at_us = tg_max_u64(turn->wish->not_before_us, turn->now_us);

	leg_tell_ended(turn, IAX_END_LOCAL, turn->wish->ies->cause_code);
	leg_send_ies(turn, IAX_REJECT, turn->wish->ies, at_us);
	legs_refuse(turn->ep, leg, turn->now_us);
	leg->life_us = at_us + (uint64_t)turn->ep->config.half_open_ms * TG_US_PER_MS;
	turn->err = IAX_OK;
}

static void tell_confirmed(struct leg_turn *turn)
{
	leg_stands(turn);
	leg_tell(turn, IAX_EV_CONFIRMED);
}

static void tell_hung_up(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_REMOTE, turn->ies->cause_code);
}

static void hang_up(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_LOCAL, turn->wish->subclass);
	leg_send_hangup(turn, turn->wish->subclass, turn->wish->payload);
}

/* S-02: whatever the peer does, a leg that has not authenticated ends after its time, without another word. */
static void forget(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_TIMEOUT, IAX_CAUSE_TIMER_EXPIRED);
}

#define WAITING (LEG_IN(LEG_OFFERED) | LEG_IN(LEG_ASKED) | LEG_IN(LEG_ANSWERED))
#define EARLY (WAITING | LEG_IN(LEG_ACCEPTED))

/* clang-format off */
static const struct leg_rule rules[] = {
	/* in                    on                   do              out */
	{ LEG_IN(LEG_OFFERED),  ON_LOCAL_CHALLENGE,  send_authreq,   LEG_ASKED },
	{ LEG_IN(LEG_OFFERED),  ON_LOCAL_ACCEPT,     accept,         LEG_ACCEPTED },
	{ LEG_IN(LEG_ASKED),    ON_AUTHREP,          tell_verify,    LEG_ANSWERED },
	{ LEG_IN(LEG_ANSWERED), ON_LOCAL_ACCEPT,     accept_proven,  LEG_ACCEPTED },
	{ LEG_IN(LEG_ACCEPTED), ON_CONFIRM,          tell_confirmed, LEG_LINKED },
	{ LEG_IN(LEG_ACCEPTED), ON_LOCAL_HANGUP,     hang_up,        LEG_CLOSING },
	{ WAITING,              ON_LOCAL_REJECT,     refuse,         LEG_CLOSING },
	{ WAITING,              ON_LOCAL_HANGUP,     refuse,         LEG_CLOSING },
	{ EARLY,                ON_HANGUP,           tell_hung_up,   LEG_GONE },
	{ EARLY,                ON_REJECT,           tell_hung_up,   LEG_GONE },
	{ EARLY,                ON_TIME_LIFE,        forget,         LEG_GONE },
};
/* clang-format on */

const struct leg_rules leg_rules_call_in = { rules, TG_COUNT(rules) };
