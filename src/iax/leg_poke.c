/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* A POKE of ours: protocol reference 5.6.2. */

static void tell_poked(struct leg_turn *turn)
{
	/* For the tombstone: a peer that numbers its PONG sends it again until it is acknowledged. */
	if (turn->frame->source > IAX_CALLNO_STATELESS) {
		legs_learn(turn->ep, turn->leg, turn->frame->source);
	}
	turn->leg->rtt_us = (uint32_t)(turn->now_us - turn->leg->ping_sent_us);
	leg_tell(turn, IAX_EV_POKED);
	leg_tell_ended(turn, IAX_END_DONE, 0);
}

static void leave(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_LOCAL, 0);
}

static void give_up(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_TIMEOUT, 0);
}

/* clang-format off */
static const struct leg_rule rules[] = {
	/* in                     on                do          out */
	{ LEG_IN(LEG_POKE_SENT), ON_PONG,          tell_poked, LEG_GONE },
	{ LEG_IN(LEG_POKE_SENT), ON_LOCAL_HANGUP,  leave,      LEG_GONE },
	{ LEG_IN(LEG_POKE_SENT), ON_TIME_LIFE,     give_up,    LEG_GONE },
};
/* clang-format on */

const struct leg_rules leg_rules_poke = { rules, TG_COUNT(rules) };
