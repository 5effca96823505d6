/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"
#include "iax/registrant.h"

#include "sim/pair.h"

#include "check.h"

/* Registrations and POKEs: protocol reference 5.4 to 5.6. */

static const struct tg_span nothing = { 0 };

static struct iax_leg_id open_reg(struct pair *p, bool release)
{
	const struct iax_reg_open open = {
		.remote = p->sim.nodes[1].addr,
		.local = p->sim.nodes[0].addr,
		.owner = 42,
		.username = TG_SPAN_LIT("bob"),
		.refresh_s = 120,
		.release = release,
	};
	struct iax_leg_id leg;

	CHECK_UINT(iax_reg_open(pair_ep(p, 0), &open, p->sim.now_us, &leg), IAX_OK);
	sim_pump(&p->sim, 0);
	return leg;
}

static void test_register_and_release(void **state)
{
	(void)state;
	for (unsigned release = 0; release < 2; release++) {
		struct pair *p = pair_new(1, &pair_calm);

		p->b.challenges = true;
		p->b.refresh_s = 90;
		open_reg(p, release != 0);
		sim_run_ms(&p->sim, 500);
		CHECK_UINT(p->b.events[IAX_EV_REG_REQUEST], 1);
		CHECK_UINT(p->b.events[IAX_EV_VERIFY], 1);
		CHECK_UINT(p->a.events[IAX_EV_CHALLENGED], 1);
		CHECK_UINT(p->a.events[IAX_EV_REG_ACKED], 1);
		CHECK_UINT(phone_last(&p->a)->end, IAX_END_DONE);
		CHECK_UINT(phone_last(&p->b)->end, IAX_END_DONE);
		CHECK_TRUE(tg_addr_equal(p->a.ies.apparent_addr, p->sim.nodes[0].addr));
		CHECK_TRUE(iax_ies_has(&p->a.ies, IAX_IE_DATETIME));
		CHECK_UINT(p->a.ies.refresh, release != 0 ? 0 : 90);
		CHECK_TEXT(p->a.username, "bob");
		CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 0);
		CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
		pair_free(p);
	}
}

static void test_a_wrong_secret_is_refused(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	p->b.challenges = true;
	p->a.secret = "guess";
	open_reg(p, false);
	sim_run_ms(&p->sim, 500);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_REJECTED);
	CHECK_UINT(phone_last(&p->a)->cause, IAX_CAUSE_FACILITY_REJECTED);
	CHECK_UINT(p->a.events[IAX_EV_REG_ACKED], 0);
	pair_free(p);
}

static void test_no_answer_to_a_challenge(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_leg_id leg;

	(void)state;
	p->b.challenges = true;
	p->a.silent = true;
	leg = open_reg(p, false);
	sim_run_ms(&p->sim, 500);
	CHECK_UINT(p->a.events[IAX_EV_CHALLENGED], 1);
	CHECK_UINT(iax_leg_hangup(pair_ep(p, 0), leg, 0, nothing, p->sim.now_us), IAX_OK);
	sim_pump(&p->sim, 0);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_LOCAL);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 0);
	sim_run_ms(&p->sim, 10000);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

/* 5.5: credentials count for the name and the kind of request that were challenged, and once. */
static void test_doubtful_credentials_are_taken_out(void **state)
{
	static const struct {
		const char *name;
		uint8_t subclass;
		bool counts;
	} rows[] = {
		{ "bob", IAX_REGREQ, true },
		{ "eve", IAX_REGREQ, false },
		{ "", IAX_REGREQ, false },
		{ "bob", IAX_REGREL, false },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct pair *p = pair_new(1, &pair_calm);
		struct iax_ies ies = { .username = TG_SPAN_LIT("bob"), .refresh = 60 };

		ies.has = UINT64_C(1) << IAX_IE_USERNAME | UINT64_C(1) << IAX_IE_REFRESH;
		p->b.challenges = true;
		peer_init(&p->peer, &p->sim, 1, 7, 1234);
		CHECK_UINT(peer_open(&p->peer, IAX_REGREQ, &ies), IAX_OK);
		CHECK_SPAN(peer_last(&p->peer, IAX_FRAME_IAX, IAX_REGAUTH)->ies.username, TG_SPAN_LIT("bob"));
		p->b.silent = true;
		ies.username = tg_span_text(rows[i].name);
		ies.has = rows[i].name[0] == '\0' ? 0 : ies.has;
		ies.md5_result = TG_SPAN_LIT("0123456789abcdef0123456789abcdef");
		ies.has |= UINT64_C(1) << IAX_IE_MD5_RESULT;
		CHECK_UINT(peer_send_ies(&p->peer, rows[i].subclass, &ies), IAX_OK);
		CHECK_UINT(p->b.events[IAX_EV_VERIFY], 1);
		CHECK_UINT(iax_ies_has(&p->b.ies, IAX_IE_MD5_RESULT), rows[i].counts);
		CHECK_UINT(p->b.ies.md5_result.len, rows[i].counts ? 32 : 0);
		CHECK_UINT(peer_send_ies(&p->peer, rows[i].subclass, &ies), IAX_ERR_UNEXPECTED);
		CHECK_UINT(p->b.events[IAX_EV_VERIFY], 1);
		CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 3);
		pair_free(p);
	}
}

/* A result before any challenge means nothing. */
static void test_credentials_without_a_challenge(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_ies ies = {
		.username = TG_SPAN_LIT("bob"),
		.md5_result = TG_SPAN_LIT("0123456789abcdef0123456789abcdef"),
	};

	(void)state;
	ies.has = UINT64_C(1) << IAX_IE_USERNAME | UINT64_C(1) << IAX_IE_MD5_RESULT;
	p->b.challenges = true;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_REGREQ, &ies), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_REG_REQUEST], 1);
	CHECK_UINT(p->b.events[IAX_EV_VERIFY], 0);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_REGAUTH), 1);
	pair_free(p);
}

static void test_an_unsolicited_grant_is_dropped(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_ies ies = { .username = TG_SPAN_LIT("bob"), .refresh = 60 };

	(void)state;
	open_reg(p, false);
	peer_init(&p->peer, &p->sim, 0, 7, 1234);
	for (unsigned i = 2; i < 200; i++) {
		p->peer.remote_number = (uint16_t)i;
		p->peer.oseqno = 0;
		CHECK_UINT(peer_send_ies(&p->peer, IAX_REGACK, &ies), IAX_ERR_NO_LEG);
	}
	CHECK_UINT(p->a.events[IAX_EV_REG_ACKED], 0);
	CHECK_UINT(p->peer.count, 0);
	pair_free(p);
}

/* A REGACK that nobody acknowledges is repeated, then forgotten; the owner heard at once. */
static void test_the_grant_is_delivered_behind_the_scenes(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_ies ies = { .username = TG_SPAN_LIT("bob"), .refresh = 60 };

	(void)state;
	ies.has = UINT64_C(1) << IAX_IE_USERNAME | UINT64_C(1) << IAX_IE_REFRESH;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_REGREQ, &ies), IAX_OK);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_DONE);
	sim_run_ms(&p->sim, 20000);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_REGACK), 5);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 1);
	sim_run_ms(&p->sim, 8000);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

static void test_a_poke_is_answered_and_measured(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_leg_id leg;

	(void)state;
	CHECK_UINT(
		iax_poke_open(pair_ep(p, 0), p->sim.nodes[1].addr, p->sim.nodes[0].addr, 2000, 7, p->sim.now_us, &leg),
		IAX_OK);
	sim_pump(&p->sim, 0);
	sim_run_ms(&p->sim, 100);
	CHECK_UINT(p->a.events[IAX_EV_POKED], 1);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_DONE);
	CHECK_UINT(p->a.last.owner, 7);
	CHECK_UINT(p->a.last.rtt_us, 40000);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	CHECK_UINT(p->sim.nodes[1].sent, 1);
	pair_free(p);
}

static void test_a_poke_to_nobody_times_out(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_leg_id leg;

	(void)state;
	sim_lose_next(&p->sim, 1, 100);
	CHECK_UINT(
		iax_poke_open(pair_ep(p, 0), p->sim.nodes[1].addr, p->sim.nodes[0].addr, 2000, 7, p->sim.now_us, &leg),
		IAX_OK);
	sim_pump(&p->sim, 0);
	sim_run_ms(&p->sim, 1999);
	CHECK_UINT(p->a.events[IAX_EV_ENDED], 0);
	sim_run_ms(&p->sim, 2);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_TIMEOUT);
	CHECK_UINT(p->sim.nodes[0].sent, 2);
	pair_free(p);
}

/* 5.6.2: some servers allocate a number and number their PONG: any source will do, and it is acknowledged to it. */
static void test_a_pong_from_any_number(void **state)
{
	static const uint16_t sources[] = { 1, 5678 };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(sources); i++) {
		struct pair *p = pair_new(1, &pair_calm);
		struct iax_leg_id leg;

		peer_init(&p->peer, &p->sim, 0, 7, sources[i]);
		CHECK_UINT(
			iax_poke_open(pair_ep(p, 0), p->peer.addr, p->sim.nodes[0].addr, 2000, 7, p->sim.now_us, &leg),
			IAX_OK);
		sim_pump(&p->sim, 0);
		CHECK_UINT(p->peer.frames[0].len, 12);
		p->peer.iseqno = 1;
		p->peer.ts_ms = p->peer.frames[0].frame.ts_ms - 20;
		CHECK_UINT(peer_send_ies(&p->peer, IAX_PONG, NULL), IAX_OK);
		CHECK_UINT(p->a.events[IAX_EV_POKED], 1);
		CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_ACK)->frame.destination, sources[i]);
		CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 0);
		peer_clear(&p->peer);
		p->peer.oseqno = 0; /* the ACK was lost: a numbered PONG comes again */
		peer_send_ies(&p->peer, IAX_PONG, NULL);
		CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), sources[i] > IAX_CALLNO_STATELESS);
		CHECK_UINT(p->peer.count, sources[i] > IAX_CALLNO_STATELESS);
		pair_free(p);
	}
}

/* The registrant and the endpoint together: it keeps a registration alive for an hour. */
struct client {
	struct iax_registrant reg;
	struct phone *phone;
	unsigned grants, opened;
};

static void client_event(void *owner, struct sim *sim, unsigned node, const struct iax_event *event)
{
	struct client *c = owner;

	if (event->kind == IAX_EV_CHALLENGED) {
		const struct sim_owner inner = phone_owner(c->phone);

		inner.on_event(c->phone, sim, node, event);
		c->phone->call_count = 0;
	}
	c->grants += event->kind == IAX_EV_REG_ACKED;
	iax_registrant_on_event(&c->reg, event, sim->now_us);
}

static uint64_t client_deadline(const void *owner)
{
	return iax_registrant_deadline_us(&((const struct client *)owner)->reg);
}

static void client_expire(void *owner, struct sim *sim, unsigned node)
{
	struct client *c = owner;
	struct iax_leg_id leg;
	const struct iax_reg_open open = {
		.remote = sim->nodes[1].addr,
		.local = sim->nodes[node].addr,
		.username = TG_SPAN_LIT("bob"),
		.refresh_s = c->reg.asked_s,
		.release = iax_registrant_is_releasing(&c->reg),
	};

	if (iax_registrant_expire(&c->reg, sim->now_us)) {
		c->opened++;
		iax_registrant_on_opened(&c->reg, iax_reg_open(sim->nodes[node].ep, &open, sim->now_us, &leg),
		                         sim->now_us);
	}
}

static void test_a_registration_is_kept_for_an_hour(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct client c = { .phone = &p->a };

	(void)state;
	iax_registrant_init(&c.reg, 60, 1, p->sim.now_us);
	p->b.challenges = true;
	p->sim.nodes[0].owner = (struct sim_owner){
		.owner = &c,
		.on_event = client_event,
		.deadline_us = client_deadline,
		.expire = client_expire,
	};
	for (unsigned minute = 0; minute < 60; minute++) {
		sim_run_ms(&p->sim, 60000);
		p->b.call_count = 0;
		CHECK_TRUE(iax_registrant_is_registered(&c.reg, p->sim.now_us));
	}
	CHECK_TRUE(c.grants >= 71 && c.grants <= 81);
	CHECK_TRUE(tg_addr_equal(c.reg.perceived, p->sim.nodes[0].addr));
	iax_registrant_release(&c.reg, p->sim.now_us);
	sim_run_ms(&p->sim, 60000);
	CHECK_TEXT(iax_registrant_state_text(&c.reg), "Unregistered");
	CHECK_TRUE(p->b.last.kind == IAX_EV_ENDED);
	pair_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_register_and_release),
		cmocka_unit_test(test_a_wrong_secret_is_refused),
		cmocka_unit_test(test_no_answer_to_a_challenge),
		cmocka_unit_test(test_doubtful_credentials_are_taken_out),
		cmocka_unit_test(test_credentials_without_a_challenge),
		cmocka_unit_test(test_an_unsolicited_grant_is_dropped),
		cmocka_unit_test(test_the_grant_is_delivered_behind_the_scenes),
		cmocka_unit_test(test_a_poke_is_answered_and_measured),
		cmocka_unit_test(test_a_poke_to_nobody_times_out),
		cmocka_unit_test(test_a_pong_from_any_number),
		cmocka_unit_test(test_a_registration_is_kept_for_an_hour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
