/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* A call of ours until it is linked: protocol reference 5.1; call tokens 6.3. */

enum { TOKEN_ROUNDS_MAX = 3, IE_HEAD_BYTES = 2 };

/* 6.3 step 4: the identical request as a new beginning, with this token (none: empty) in its last element. */
static void open_again(struct leg_turn *turn, struct tg_span token)
{
	struct leg *leg = turn->leg;
	struct iax_framepool *frames = core_frames(turn->ep);
	const struct iax_held *first = iax_seqwin_first(&leg->win, frames);
	uint8_t bytes[IAX_DATAGRAM_SENT_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	struct iax_frame frame;

	if (iax_frame_decode(&frame, (struct tg_span){ first->bytes, leg->open_len }) != IAX_OK) {
		return; /* cannot be: we wrote it */
	}
	frame.ts_ms = leg_next_ts_ms(leg, turn->now_us);
	frame.retry = false;
	turn->err = iax_frame_encode(&frame, &w);
	tg_put_u8(&w, IAX_IE_CALLTOKEN);
	tg_put_u8(&w, (uint8_t)token.len);
	tg_put_span(&w, token);
	if (turn->err != IAX_OK || !tg_writer_ok(&w)) {
		turn->err = IAX_ERR_TOO_LONG;
		return;
	}
	iax_seqwin_clear(&leg->win, frames);
	leg->win = (struct iax_seqwin){ 0 };
	leg_push_opening(turn, &w);
	leg->tokened = token.len > 0;
}

/* K1: a second CALLTOKEN counts only once the request with the first token has been repeated unanswered. */
static bool may_use_token(const struct leg_turn *turn)
{
	const struct leg *leg = turn->leg;
	const struct iax_held *first = iax_seqwin_first(&leg->win, core_frames(turn->ep));

	return turn->ies->call_token.len > 0 && first != NULL && first->oseqno == 0 && leg->win.iseqno == 0 &&
	       leg->token_rounds < TOKEN_ROUNDS_MAX && (!leg->tokened || first->sent > 1);
}

void leg_open_with_token(struct leg_turn *turn)
{
	if (!may_use_token(turn)) {
		turn->err = IAX_ERR_UNEXPECTED;
		return;
	}
	turn->leg->token_rounds++;
	open_again(turn, turn->ies->call_token);
}

bool leg_restarts_token(const struct leg_turn *turn)
{
	const struct leg *leg = turn->leg;
	const struct iax_held *first = iax_seqwin_first(&leg->win, core_frames(turn->ep));

	return leg->tokened && !leg->token_restarted && first != NULL && first->oseqno == 0 && leg->win.iseqno == 0 &&
	       first->sent >= 2 && first->due_us <= turn->now_us;
}

void leg_restart_token(struct leg_turn *turn)
{
	turn->leg->token_restarted = true;
	open_again(turn, (struct tg_span){ 0 });
}

static void tell_challenged(struct leg_turn *turn)
{
	turn->leg->challenges++;
	leg_tell(turn, IAX_EV_CHALLENGED);
}

static void send_authrep(struct leg_turn *turn)
{
	leg_send_ies(turn, IAX_AUTHREP, turn->wish->ies, turn->now_us);
}

static void tell_accepted(struct leg_turn *turn)
{
	turn->leg->authenticated = turn->leg->challenges > 0;
	leg_stands(turn);
	leg_tell(turn, IAX_EV_ACCEPTED);
}

/* 3.6 step 6 */
static void refuse_accept(struct leg_turn *turn)
{
	const uint8_t cause = iax_ies_format(turn->ies) == 0 ? IAX_CAUSE_IE_MISSING : IAX_CAUSE_BEARER_UNAVAILABLE;

	leg_tell_ended(turn, IAX_END_LOCAL, cause);
	leg_send_hangup(turn, cause, (struct tg_span){ 0 });
}

static void refuse_challenge(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_LOCAL, IAX_CAUSE_REJECTED);
	leg_send_hangup(turn, IAX_CAUSE_REJECTED, (struct tg_span){ 0 });
}

static void tell_rejected(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_REJECTED, turn->ies->cause_code);
}

static void tell_hung_up(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_REMOTE, turn->ies->cause_code);
}

/* Nothing was heard yet: a NEW that is still on its way must not begin a call when its copies arrive, so they stop. The HANGUP
 * has number 1 all the same, as the acceptor of the first NEW expects. */
static void cancel(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	leg_tell_ended(turn, IAX_END_LOCAL, turn->wish->subclass);
	if (leg->remote_number == 0) {
		iax_seqwin_clear(&leg->win, core_frames(turn->ep));
	}
	leg_send_hangup(turn, turn->wish->subclass, turn->wish->payload);
}

static void give_up(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_TIMEOUT, IAX_CAUSE_TIMER_EXPIRED);
	if (turn->leg->remote_number == 0) {
		iax_seqwin_clear(&turn->leg->win, core_frames(turn->ep));
	}
	leg_send_hangup(turn, IAX_CAUSE_TIMER_EXPIRED, (struct tg_span){ 0 });
}

#define CALLING (LEG_IN(LEG_NEW_SENT) | LEG_IN(LEG_NEW_ASKED) | LEG_IN(LEG_NEW_AUTHED))

/* clang-format off */
static const struct leg_rule rules[] = {
	/* in                      on                   do                   out */
	{ LEG_IN(LEG_NEW_SENT),   ON_CALLTOKEN,        leg_open_with_token, LEG_NEW_SENT },
	{ LEG_IN(LEG_NEW_SENT),   ON_AUTHREQ,          tell_challenged,     LEG_NEW_ASKED },
	{ LEG_IN(LEG_NEW_SENT),   ON_ACCEPT,           tell_accepted,       LEG_LINKED },
	{ LEG_IN(LEG_NEW_SENT),   ON_BAD_ACCEPT,       refuse_accept,       LEG_CLOSING },
	{ LEG_IN(LEG_NEW_ASKED),  ON_LOCAL_RESPOND,    send_authrep,        LEG_NEW_AUTHED },
	{ LEG_IN(LEG_NEW_AUTHED), ON_AUTHREQ,          tell_challenged,     LEG_NEW_ASKED },
	{ LEG_IN(LEG_NEW_AUTHED), ON_AUTHREQ_AGAIN,    refuse_challenge,    LEG_CLOSING },
	{ LEG_IN(LEG_NEW_AUTHED), ON_ACCEPT,           tell_accepted,       LEG_LINKED },
	{ LEG_IN(LEG_NEW_AUTHED), ON_BAD_ACCEPT,       refuse_accept,       LEG_CLOSING },
	{ CALLING,                ON_REJECT,           tell_rejected,       LEG_GONE },
	{ CALLING,                ON_HANGUP,           tell_hung_up,        LEG_GONE },
	{ CALLING,                ON_LOCAL_HANGUP,     cancel,              LEG_CLOSING },
	{ CALLING,                ON_TIME_LIFE,        give_up,             LEG_CLOSING },
};
/* clang-format on */

const struct leg_rules leg_rules_call_out = { rules, TG_COUNT(rules) };
