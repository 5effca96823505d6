/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* What every state does the same: link monitoring (5.6), INVAL (2.9), messages of no feature of ours (3.2), and the end
 * of patience. These rows come after all others. */

enum {
	PONGS_PER_S = 4,    /* S-43 */
	UNSUPPORTS_MAX = 5, /* 3.2 */
};

static struct iax_ies report_ies(const struct iax_report *report)
{
	struct iax_ies ies = {
		.rr_jitter = report->jitter_ms,
		.rr_loss = (uint32_t)report->loss_percent << 24 | (report->lost & 0xffffff),
		.rr_pkts = report->packets,
		.rr_delay = report->delay_ms,
		.rr_dropped = report->dropped,
		.rr_ooo = report->out_of_order,
	};

	for (unsigned element = IAX_IE_RR_JITTER; element <= IAX_IE_RR_OOO; element++) {
		ies.has |= UINT64_C(1) << element;
	}
	return ies;
}

/* PONG and LAGRP carry the timestamp they answer, so they do not go through leg_send_ies(). */
static void echo(struct leg_turn *turn, uint8_t subclass, const struct iax_ies *ies)
{
	uint8_t bytes[IAX_IES_SENT_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	struct iax_frame frame = { .type = IAX_FRAME_IAX, .subclass = subclass, .ts_ms = turn->frame->ts_ms };

	if (ies != NULL && iax_ies_encode(ies, &w) == IAX_OK) {
		frame.payload = tg_writer_span(&w);
	}
	leg_send_frame(turn, &frame);
}

static bool may_answer(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (leg->pings_answered == 0 || turn->now_us - leg->ping_window_us >= TG_US_PER_S) {
		leg->ping_window_us = turn->now_us;
		leg->pings_answered = 0;
	}
	if (leg->pings_answered >= PONGS_PER_S) {
		return false;
	}
	leg->pings_answered++;
	return true;
}

static void answer_ping(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (!may_answer(turn)) {
		turn->err = IAX_ERR_LIMITED;
		return;
	}
	if (!leg->report_given) {
		iax_quality_report(&leg->quality, &leg->local_report);
	}
	const struct iax_ies ies = report_ies(&leg->local_report);

	echo(turn, IAX_PONG, &ies);
	leg_tell(turn, IAX_EV_PINGED);
}

static void answer_lagrq(struct leg_turn *turn)
{
	if (may_answer(turn)) {
		echo(turn, IAX_LAGRP, NULL);
	} else {
		turn->err = IAX_ERR_LIMITED;
	}
}

static void take_report(struct leg *leg, const struct iax_ies *ies)
{
	leg->remote_report = (struct iax_report){
		.packets = ies->rr_pkts,
		.lost = ies->rr_loss & 0xffffff,
		.out_of_order = ies->rr_ooo,
		.dropped = ies->rr_dropped,
		.jitter_ms = ies->rr_jitter,
		.delay_ms = ies->rr_delay,
		.loss_percent = (uint8_t)(ies->rr_loss >> 24),
	};
}

static void take_pong(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	const uint64_t rtt_us = turn->now_us - leg->ping_sent_us;

	leg->ping_out = false;
	leg->rtt_us = (uint32_t)(leg->rtt_us == 0 ? rtt_us : (2 * (uint64_t)leg->rtt_us + rtt_us) / 3);
	leg->rtt_us += leg->rtt_us == 0; /* 0 means "not measured" */
	take_report(leg, turn->ies);
	leg_tell(turn, IAX_EV_RTT);
}

static void take_lagrp(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	leg->lagrq_out = false;
	leg->lag_ms = (uint32_t)((turn->now_us - leg->lagrq_sent_us) / TG_US_PER_MS);
	leg_tell(turn, IAX_EV_RTT);
}

void leg_send_ping(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	leg->ping_us = turn->now_us + (uint64_t)turn->ep->config.ping_period_ms * TG_US_PER_MS;
	leg->ping_seq = leg->win.oseqno;
	if (leg_send_ies(turn, IAX_PING, NULL, turn->now_us)) {
		leg->ping_out = true;
		leg->ping_sent_us = turn->now_us;
		leg->ping_ts_ms = leg->last_ts_ms;
	}
}

void leg_send_lagrq(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	leg->lagrq_us = turn->now_us + (uint64_t)turn->ep->config.lagrq_period_ms * TG_US_PER_MS;
	if (leg_send_ies(turn, IAX_LAGRQ, NULL, turn->now_us)) {
		leg->lagrq_out = true;
		leg->lagrq_sent_us = turn->now_us;
		leg->lagrq_ts_ms = leg->last_ts_ms;
	}
}

static void answer_unsupport(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	const struct iax_ies ies = {
		.has = UINT64_C(1) << IAX_IE_IAX_UNKNOWN,
		.iax_unknown = turn->frame->subclass_byte,
	};

	if (leg->unsupports >= UNSUPPORTS_MAX) {
		turn->err = IAX_ERR_LIMITED;
		return;
	}
	leg->unsupports++;
	leg_send_ies(turn, IAX_UNSUPPORT, &ies, turn->now_us);
}

static void tell_invalid(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_INVAL, IAX_CAUSE_INVALID_CALL_REFERENCE);
}

/* 2.6: a leg that gives up ends without another frame. */
static void tell_dead(struct leg_turn *turn)
{
	leg_tell_ended(turn, IAX_END_TIMEOUT, IAX_CAUSE_OUT_OF_ORDER);
}

static void nothing(struct leg_turn *turn)
{
	(void)turn;
}

#define OPEN (LEG_ALL & ~LEG_IN(LEG_CLOSING) & ~LEG_IN(LEG_POKE_SENT))

/* 5.2: whoever opened a leg with us and is not yet linked gets an ACK and no more, so that a stranger makes us hold nothing but
 * what the handshake needs (S-38, 9.3). */
#define ASKING                                                                                   \
	(LEG_IN(LEG_OFFERED) | LEG_IN(LEG_ASKED) | LEG_IN(LEG_ANSWERED) | LEG_IN(LEG_ACCEPTED) | \
	 LEG_IN(LEG_REG_OFFERED) | LEG_IN(LEG_REG_CHALLENGED) | LEG_IN(LEG_REG_ANSWERED))
#define SERVED (OPEN & ~ASKING)

/* clang-format off */
static const struct leg_rule rules[] = {
	/* in       on              do                out */
	{ SERVED,  ON_PING,        answer_ping,      LEG_SAME },
	{ OPEN,    ON_PONG,        take_pong,        LEG_SAME },
	{ SERVED,  ON_LAGRQ,       answer_lagrq,     LEG_SAME },
	{ OPEN,    ON_LAGRP,       take_lagrp,       LEG_SAME },
	{ SERVED,  ON_ODD,         answer_unsupport, LEG_SAME },
	{ LEG_ALL, ON_ECHO,        nothing,          LEG_SAME },
	{ LEG_ALL, ON_UNSUPPORT,   nothing,          LEG_SAME },
	{ LEG_ALL, ON_IGNORED,     nothing,          LEG_SAME },
	{ LEG_ALL, ON_INVAL,       tell_invalid,     LEG_GONE },
	{ LEG_ALL, ON_TIME_DEAD,   tell_dead,        LEG_GONE },
};
/* clang-format on */

const struct leg_rules leg_rules_any = { rules, TG_COUNT(rules) };
