/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

#include "iax/inspect.h"
#include "sim/sim.h"

#include "check.h"

/* Protocol reference 5.1 to 5.6, written down a second time: each pair that does something, by state. What every open state
 * does alike is in `common`. */
struct pair {
	enum leg_state in;
	enum leg_on on;
	enum leg_state out;
};

static const struct pair pairs[] = {
	{ LEG_NEW_SENT, ON_CALLTOKEN, LEG_NEW_SENT },
	{ LEG_NEW_SENT, ON_AUTHREQ, LEG_NEW_ASKED },
	{ LEG_NEW_SENT, ON_ACCEPT, LEG_LINKED },
	{ LEG_NEW_SENT, ON_BAD_ACCEPT, LEG_CLOSING },
	{ LEG_NEW_SENT, ON_REJECT, LEG_GONE },
	{ LEG_NEW_SENT, ON_HANGUP, LEG_GONE },
	{ LEG_NEW_SENT, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_NEW_SENT, ON_TIME_LIFE, LEG_CLOSING },

	{ LEG_NEW_ASKED, ON_REJECT, LEG_GONE },
	{ LEG_NEW_ASKED, ON_HANGUP, LEG_GONE },
	{ LEG_NEW_ASKED, ON_LOCAL_RESPOND, LEG_NEW_AUTHED },
	{ LEG_NEW_ASKED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_NEW_ASKED, ON_TIME_LIFE, LEG_CLOSING },

	{ LEG_NEW_AUTHED, ON_AUTHREQ, LEG_NEW_ASKED },
	{ LEG_NEW_AUTHED, ON_AUTHREQ_AGAIN, LEG_CLOSING },
	{ LEG_NEW_AUTHED, ON_ACCEPT, LEG_LINKED },
	{ LEG_NEW_AUTHED, ON_BAD_ACCEPT, LEG_CLOSING },
	{ LEG_NEW_AUTHED, ON_REJECT, LEG_GONE },
	{ LEG_NEW_AUTHED, ON_HANGUP, LEG_GONE },
	{ LEG_NEW_AUTHED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_NEW_AUTHED, ON_TIME_LIFE, LEG_CLOSING },

	{ LEG_OFFERED, ON_REJECT, LEG_GONE },
	{ LEG_OFFERED, ON_HANGUP, LEG_GONE },
	{ LEG_OFFERED, ON_LOCAL_CHALLENGE, LEG_ASKED },
	{ LEG_OFFERED, ON_LOCAL_ACCEPT, LEG_ACCEPTED },
	{ LEG_OFFERED, ON_LOCAL_REJECT, LEG_CLOSING },
	{ LEG_OFFERED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_OFFERED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_ASKED, ON_AUTHREP, LEG_ANSWERED },
	{ LEG_ASKED, ON_REJECT, LEG_GONE },
	{ LEG_ASKED, ON_HANGUP, LEG_GONE },
	{ LEG_ASKED, ON_LOCAL_REJECT, LEG_CLOSING },
	{ LEG_ASKED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_ASKED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_ANSWERED, ON_REJECT, LEG_GONE },
	{ LEG_ANSWERED, ON_HANGUP, LEG_GONE },
	{ LEG_ANSWERED, ON_LOCAL_ACCEPT, LEG_ACCEPTED },
	{ LEG_ANSWERED, ON_LOCAL_REJECT, LEG_CLOSING },
	{ LEG_ANSWERED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_ANSWERED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_ACCEPTED, ON_REJECT, LEG_GONE },
	{ LEG_ACCEPTED, ON_HANGUP, LEG_GONE },
	{ LEG_ACCEPTED, ON_CONFIRM, LEG_LINKED },
	{ LEG_ACCEPTED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_ACCEPTED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_LINKED, ON_ANSWER, LEG_UP },
	{ LEG_LINKED, ON_LOCAL_ANSWER, LEG_UP },
	{ LEG_UP, ON_ANSWER, LEG_UP },
	{ LEG_UP, ON_LOCAL_ANSWER, LEG_UP },

	{ LEG_REG_SENT, ON_CALLTOKEN, LEG_REG_SENT },
	{ LEG_REG_SENT, ON_REGAUTH, LEG_REG_ASKED },
	{ LEG_REG_SENT, ON_REGACK, LEG_GONE },
	{ LEG_REG_SENT, ON_REGREJ, LEG_GONE },
	{ LEG_REG_SENT, ON_REJECT, LEG_GONE },
	{ LEG_REG_SENT, ON_LOCAL_HANGUP, LEG_GONE },
	{ LEG_REG_SENT, ON_TIME_LIFE, LEG_GONE },

	{ LEG_REG_ASKED, ON_LOCAL_RESPOND, LEG_REG_AUTHED },
	{ LEG_REG_ASKED, ON_REGREJ, LEG_GONE },
	{ LEG_REG_ASKED, ON_REJECT, LEG_GONE },
	{ LEG_REG_ASKED, ON_LOCAL_HANGUP, LEG_GONE },
	{ LEG_REG_ASKED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_REG_AUTHED, ON_REGAUTH, LEG_REG_ASKED },
	{ LEG_REG_AUTHED, ON_REGAUTH_AGAIN, LEG_GONE },
	{ LEG_REG_AUTHED, ON_REGACK, LEG_GONE },
	{ LEG_REG_AUTHED, ON_REGREJ, LEG_GONE },
	{ LEG_REG_AUTHED, ON_REJECT, LEG_GONE },
	{ LEG_REG_AUTHED, ON_LOCAL_HANGUP, LEG_GONE },
	{ LEG_REG_AUTHED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_REG_OFFERED, ON_REJECT, LEG_GONE },
	{ LEG_REG_OFFERED, ON_HANGUP, LEG_GONE },
	{ LEG_REG_OFFERED, ON_LOCAL_CHALLENGE, LEG_REG_CHALLENGED },
	{ LEG_REG_OFFERED, ON_LOCAL_GRANT, LEG_CLOSING },
	{ LEG_REG_OFFERED, ON_LOCAL_REJECT, LEG_CLOSING },
	{ LEG_REG_OFFERED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_REG_OFFERED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_REG_CHALLENGED, ON_REGREQ, LEG_REG_ANSWERED },
	{ LEG_REG_CHALLENGED, ON_REGREL, LEG_REG_ANSWERED },
	{ LEG_REG_CHALLENGED, ON_REJECT, LEG_GONE },
	{ LEG_REG_CHALLENGED, ON_HANGUP, LEG_GONE },
	{ LEG_REG_CHALLENGED, ON_LOCAL_REJECT, LEG_CLOSING },
	{ LEG_REG_CHALLENGED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_REG_CHALLENGED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_REG_ANSWERED, ON_REJECT, LEG_GONE },
	{ LEG_REG_ANSWERED, ON_HANGUP, LEG_GONE },
	{ LEG_REG_ANSWERED, ON_LOCAL_GRANT, LEG_CLOSING },
	{ LEG_REG_ANSWERED, ON_LOCAL_REJECT, LEG_CLOSING },
	{ LEG_REG_ANSWERED, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_REG_ANSWERED, ON_TIME_LIFE, LEG_GONE },

	{ LEG_POKE_SENT, ON_PONG, LEG_GONE },
	{ LEG_POKE_SENT, ON_LOCAL_HANGUP, LEG_GONE },
	{ LEG_POKE_SENT, ON_TIME_LIFE, LEG_GONE },

	{ LEG_CLOSING, ON_QUIET, LEG_GONE },
	{ LEG_CLOSING, ON_HANGUP, LEG_GONE },
	{ LEG_CLOSING, ON_REJECT, LEG_GONE },
	{ LEG_CLOSING, ON_REGREJ, LEG_GONE },
	{ LEG_CLOSING, ON_CALLTOKEN, LEG_GONE },
	{ LEG_CLOSING, ON_TIME_LIFE, LEG_GONE },
};

/* LINKED and UP. */
static const struct pair talking[] = {
	{ LEG_SAME, ON_VOICE, LEG_SAME },
	{ LEG_SAME, ON_VIDEO, LEG_SAME },
	{ LEG_SAME, ON_DTMF, LEG_SAME },
	{ LEG_SAME, ON_DATA, LEG_SAME },
	{ LEG_SAME, ON_CONTROL, LEG_SAME },
	{ LEG_SAME, ON_QUELCH, LEG_SAME },
	{ LEG_SAME, ON_TRANSFER, LEG_SAME },
	{ LEG_SAME, ON_TXREQ, LEG_SAME },
	{ LEG_SAME, ON_HANGUP, LEG_GONE },
	{ LEG_SAME, ON_REJECT, LEG_GONE },
	{ LEG_SAME, ON_CONTROL_HANGUP, LEG_CLOSING },
	{ LEG_SAME, ON_LOCAL_HANGUP, LEG_CLOSING },
	{ LEG_SAME, ON_LOCAL_CONTROL, LEG_SAME },
	{ LEG_SAME, ON_LOCAL_DATA, LEG_SAME },
	{ LEG_SAME, ON_LOCAL_VOICE, LEG_SAME },
	{ LEG_SAME, ON_TIME_PING, LEG_SAME },
	{ LEG_SAME, ON_TIME_LAGRQ, LEG_SAME },
};

/* All but CLOSING and a POKE. */
static const struct pair open[] = {
	{ LEG_SAME, ON_PONG, LEG_SAME },
	{ LEG_SAME, ON_LAGRP, LEG_SAME },
};

/* The same without what a stranger opened (5.2: "anything else: ack, drop"). */
static const struct pair served[] = {
	{ LEG_SAME, ON_PING, LEG_SAME },
	{ LEG_SAME, ON_LAGRQ, LEG_SAME },
	{ LEG_SAME, ON_ODD, LEG_SAME },
};

static const struct pair all[] = {
	{ LEG_SAME, ON_ECHO, LEG_SAME },  { LEG_SAME, ON_UNSUPPORT, LEG_SAME }, { LEG_SAME, ON_IGNORED, LEG_SAME },
	{ LEG_SAME, ON_INVAL, LEG_GONE }, { LEG_SAME, ON_TIME_DEAD, LEG_GONE },
};

static const struct pair *find_in(const struct pair *list, size_t count, enum leg_state in, enum leg_on on)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].on == on && (list[i].in == in || list[i].in == LEG_SAME)) {
			return &list[i];
		}
	}
	return NULL;
}

static bool is_asking(enum leg_state in)
{
	return (in >= LEG_OFFERED && in <= LEG_ACCEPTED) || (in >= LEG_REG_OFFERED && in <= LEG_REG_ANSWERED);
}

/* What the reference says; NULL: the pair does nothing. */
static const struct pair *find_pair(enum leg_state in, enum leg_on on)
{
	const struct pair *pair = find_in(pairs, TG_COUNT(pairs), in, on);

	if (pair == NULL && (in == LEG_LINKED || in == LEG_UP)) {
		pair = find_in(talking, TG_COUNT(talking), in, on);
	}
	if (pair == NULL && in != LEG_CLOSING && in != LEG_POKE_SENT) {
		pair = find_in(open, TG_COUNT(open), in, on);
	}
	if (pair == NULL && in != LEG_CLOSING && in != LEG_POKE_SENT && !is_asking(in)) {
		pair = find_in(served, TG_COUNT(served), in, on);
	}
	return pair != NULL ? pair : find_in(all, TG_COUNT(all), in, on);
}

static void test_the_table_is_the_reference(void **state)
{
	(void)state;
	for (int in = 0; in < LEG_GONE; in++) {
		for (int on = 0; on < LEG_ON_COUNT; on++) {
			const struct pair *want = find_pair((enum leg_state)in, (enum leg_on)on);
			const struct leg_rule *rule = leg_rule_find((enum leg_state)in, (enum leg_on)on);

			if ((rule != NULL) != (want != NULL) ||
			    (rule != NULL && rule->out != want->out && rule->out != LEG_SAME)) {
				print_error("state %s on %s\n", leg_state_text((enum leg_state)in),
				            leg_on_name((enum leg_on)on));
			}
			CHECK_UINT(rule != NULL, want != NULL);
			if (rule != NULL) {
				const int out = rule->out == LEG_SAME ? in : (int)rule->out;

				CHECK_INT(out, want->out == LEG_SAME ? in : (int)want->out);
			}
		}
	}
	for (int on = 0; on < LEG_ON_COUNT; on++) {
		CHECK_TRUE(leg_rule_find(LEG_GONE, (enum leg_on)on) == NULL);
	}
}

static enum iax_leg_kind kind_for(enum leg_state state)
{
	if (state <= LEG_NEW_AUTHED) {
		return IAX_LEG_CALL_OUT;
	}
	if (state >= LEG_REG_SENT && state <= LEG_REG_AUTHED) {
		return IAX_LEG_REG_OUT;
	}
	if (state >= LEG_REG_OFFERED && state <= LEG_REG_ANSWERED) {
		return IAX_LEG_REG_IN;
	}
	return state == LEG_POKE_SENT ? IAX_LEG_POKE_OUT : IAX_LEG_CALL_IN;
}

/* A leg that was brought into a state by hand, with one frame on its way and one of the peer's just taken. */
struct rig {
	struct iax_endpoint *ep;
	struct leg *leg;
	struct iax_frame frame;
	struct iax_ies ies;
	struct leg_wish wish;
	struct leg_turn turn;
	uint8_t payload[40];
};

static void fill_leg(struct rig *rig, enum leg_state in)
{
	struct leg *leg = rig->leg;

	leg->state = (uint8_t)in;
	if (leg_has_call(leg)) {
		hosts_call_begins(rig->ep, &leg->remote);
	}
	leg->opening = leg->kind == IAX_LEG_CALL_OUT || leg->kind == IAX_LEG_CALL_IN ? IAX_NEW : IAX_REGREQ;
	leg->allowed = IAX_FORMAT_ULAW;
	leg->life_us = rig->turn.now_us + 1000000;
	leg->ended = in == LEG_CLOSING;
	leg_set_name(leg, TG_SPAN_LIT("alice"));
	leg_send_ies(&rig->turn, IAX_NEW, NULL, rig->turn.now_us);
	leg->open_len = IAX_FULL_BYTES;
	iax_timeline_note(&leg->line, 1000, false, rig->turn.now_us);
}

static void rig_init(struct rig *rig, struct sim *sim, enum leg_state in, bool wish)
{
	const uint8_t ip[4] = { 192, 0, 2, 200 };
	const struct tg_addr remote = tg_addr_ipv4(ip, 4569);

	*rig = (struct rig){ .ep = sim->nodes[0].ep };
	rig->leg = legs_new(rig->ep, &remote, &sim->nodes[0].addr, kind_for(in), sim->now_us);
	rig->turn = (struct leg_turn){ .ep = rig->ep, .leg = rig->leg, .now_us = sim->now_us };
	if (rig->leg->kind == IAX_LEG_CALL_IN || rig->leg->kind == IAX_LEG_REG_IN) {
		const struct iax_pass pass = { .proof = IAX_PROVEN, .numbers_max = UINT32_MAX };

		CHECK_TRUE(legs_doubt(rig->ep, rig->leg, &pass));
	}
	fill_leg(rig, in);
	rig->frame = (struct iax_frame){
		.class = IAX_CLASS_FULL,
		.source = 4242,
		.destination = rig->leg->number,
		.ts_ms = 1000,
		.subclass = IAX_FORMAT_ULAW,
		.payload = { rig->payload, sizeof(rig->payload) },
	};
	rig->ies = (struct iax_ies){ .format = IAX_FORMAT_ULAW, .has = UINT64_C(1) << IAX_IE_FORMAT };
	rig->ies.call_token = TG_SPAN_LIT("token");
	rig->wish = (struct leg_wish){
		.ies = &rig->ies,
		.format = IAX_FORMAT_ULAW,
		.type = IAX_FRAME_TEXT,
		.ts_ms = 20,
		.payload = { rig->payload, sizeof(rig->payload) },
	};
	rig->turn.frame = wish ? NULL : &rig->frame;
	rig->turn.ies = wish ? NULL : &rig->ies;
	rig->turn.wish = wish ? &rig->wish : NULL;
}

static bool is_wish(enum leg_on on)
{
	return on >= ON_LOCAL_CHALLENGE && on <= ON_LOCAL_VOICE;
}

/* Whatever happens to a leg in whatever state, the tables of the endpoint stay whole, and the owner hears of the end once. */
static void test_every_pair_happens(void **state)
{
	(void)state;
	for (int in = 0; in < LEG_GONE; in++) {
		for (int on = 0; on < LEG_ON_COUNT; on++) {
			const struct pair *want = find_pair((enum leg_state)in, (enum leg_on)on);
			const struct sim_net net = { 0 };
			const struct iax_config config = sim_config();
			const struct sim_owner nobody = { 0 };
			struct sim sim;
			struct rig rig;
			struct iax_event event;
			unsigned ends = in == LEG_CLOSING;

			sim_init(&sim, 1, &net);
			sim_add(&sim, &config, &nobody);
			rig_init(&rig, &sim, (enum leg_state)in, is_wish((enum leg_on)on));
			const enum iax_err err = leg_happen(&rig.turn, (enum leg_on)on);
			const int out = want == NULL || want->out == LEG_SAME ? in : (int)want->out;

			CHECK_UINT(err, want == NULL ? IAX_ERR_UNEXPECTED : IAX_OK);
			CHECK_INT(rig.leg->state, out);
			while (iax_endpoint_next_event(rig.ep, &event)) {
				ends += event.kind == IAX_EV_ENDED;
			}
			CHECK_UINT(ends, out == LEG_GONE || out == LEG_CLOSING);
			legs_settle(&rig.turn);
			CHECK_TEXT(iax_inspect(rig.ep), NULL);
			CHECK_UINT(iax_inspect_legs(rig.ep), out != LEG_GONE);
			sim_free(&sim);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_the_reference),
		cmocka_unit_test(test_every_pair_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
