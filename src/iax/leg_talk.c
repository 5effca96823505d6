/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* A call that is linked or up, from either side, and its end: protocol reference 5.1, lower half. */

static void tell_control(struct leg_turn *turn)
{
	leg_tell(turn, IAX_EV_CONTROL);
}

static void tell_dtmf(struct leg_turn *turn)
{
	leg_tell(turn, IAX_EV_DTMF);
}

static void tell_data(struct leg_turn *turn)
{
	leg_tell(turn, IAX_EV_FRAME);
}

static void tell_transfer(struct leg_turn *turn)
{
	leg_tell(turn, IAX_EV_TRANSFER);
}

static void tell_quelch(struct leg_turn *turn)
{
	turn->leg->quelched = turn->frame->subclass == IAX_QUELCH;
	leg_tell(turn, IAX_EV_QUELCH);
}

/* R16: transfers are off; the middle peer goes on by itself. */
static void refuse_transfer(struct leg_turn *turn)
{
	leg_send_ies(turn, IAX_TXREJ, NULL, turn->now_us);
}

static void tell_hung_up(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_REMOTE, turn->ies->cause_code);
}

static void answer_control_hangup(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_REMOTE, IAX_CAUSE_NORMAL_CLEARING);
	leg_send_hangup(turn, IAX_CAUSE_NORMAL_CLEARING, (struct tg_span){ 0 });
}

static void hang_up(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_LOCAL, turn->wish->subclass);
	leg_send_hangup(turn, turn->wish->subclass, turn->wish->payload);
}

static void send_control(struct leg_turn *turn)
{
	const struct iax_frame frame = {
		.type = IAX_FRAME_CONTROL,
		.subclass = turn->wish->subclass,
		.payload = turn->wish->payload,
	};

	leg_send_frame(turn, &frame);
}

static void send_data(struct leg_turn *turn)
{
	const struct leg_wish *wish = turn->wish;
	struct iax_frame frame = { .type = wish->type, .payload = wish->payload };

	if (wish->type == IAX_FRAME_IAX) {
		leg_send_ies(turn, wish->subclass, NULL, turn->now_us);
		return;
	}
	frame.subclass = iax_subclass_decode(wish->subclass, wish->type, &frame.marker);
	leg_send_frame(turn, &frame);
}

/* The far end never had the call, unless a request with a token went out after this answer to the first one. */
static void leave_untokened(struct leg_turn *turn)
{
	if (turn->leg->tokened) {
		turn->err = IAX_ERR_UNEXPECTED;
	}
}

static void nothing(struct leg_turn *turn)
{
	(void)turn;
}

#define LINKED LEG_IN(LEG_LINKED)
#define TALKING (LEG_IN(LEG_LINKED) | LEG_IN(LEG_UP))
#define CLOSING LEG_IN(LEG_CLOSING)

/* clang-format off */
static const struct leg_rule rules[] = {
	/* in       on                 do                      out */
	{ TALKING, ON_VOICE,          leg_take_voice,         LEG_SAME },
	{ TALKING, ON_VIDEO,          leg_take_video,         LEG_SAME },
	{ TALKING, ON_DTMF,           tell_dtmf,              LEG_SAME },
	{ TALKING, ON_DATA,           tell_data,              LEG_SAME },
	{ TALKING, ON_CONTROL,        tell_control,           LEG_SAME },
	{ TALKING, ON_ANSWER,         tell_control,           LEG_UP },
	{ TALKING, ON_QUELCH,         tell_quelch,            LEG_SAME },
	{ TALKING, ON_TRANSFER,       tell_transfer,          LEG_SAME },
	{ TALKING, ON_TXREQ,          refuse_transfer,        LEG_SAME },
	{ TALKING, ON_HANGUP,         tell_hung_up,           LEG_GONE },
	{ TALKING, ON_REJECT,         tell_hung_up,           LEG_GONE },
	{ TALKING, ON_CONTROL_HANGUP, answer_control_hangup,  LEG_CLOSING },
	{ TALKING, ON_LOCAL_HANGUP,   hang_up,                LEG_CLOSING },
	{ TALKING, ON_LOCAL_CONTROL,  send_control,           LEG_SAME },
	{ TALKING, ON_LOCAL_ANSWER,   send_control,           LEG_UP },
	{ TALKING, ON_LOCAL_DATA,     send_data,              LEG_SAME },
	{ TALKING, ON_LOCAL_VOICE,    leg_give_voice,         LEG_SAME },
	{ TALKING, ON_TIME_PING,      leg_send_ping,          LEG_SAME },
	{ TALKING, ON_TIME_LAGRQ,     leg_send_lagrq,         LEG_SAME },
	{ CLOSING, ON_QUIET,          nothing,                LEG_GONE },
	{ CLOSING, ON_HANGUP,         nothing,                LEG_GONE },
	{ CLOSING, ON_REJECT,         nothing,                LEG_GONE },
	{ CLOSING, ON_REGREJ,         nothing,                LEG_GONE },
	{ CLOSING, ON_CALLTOKEN,      leave_untokened,        LEG_GONE },
	{ CLOSING, ON_TIME_LIFE,      nothing,                LEG_GONE },
};
/* clang-format on */

const struct leg_rules leg_rules_talk = { rules, TG_COUNT(rules) };
