/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"

#include "sim/pair.h"

#include "check.h"

/* Whole calls between two endpoints. */

static void run(struct pair *p, uint64_t ms)
{
	sim_run_ms(&p->sim, ms);
}

static void check_all_gone(struct pair *p)
{
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 0);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
}

static void test_a_call_with_token_and_secret(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	p->b.challenges = true;
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 500);
	CHECK_TRUE(phone_last(&p->a)->challenged);
	CHECK_TRUE(phone_last(&p->a)->accepted);
	CHECK_TRUE(phone_last(&p->b)->confirmed);
	CHECK_UINT(phone_last(&p->a)->control, 1);
	CHECK_TEXT(p->b.called, "1000");
	CHECK_UINT(phone_last(&p->a)->format, IAX_FORMAT_ULAW);
	CHECK_TEXT(pair_info(p, 0).state, "up");
	CHECK_TEXT(pair_info(p, 1).state, "up");
	CHECK_TRUE(pair_info(p, 1).authenticated);
	CHECK_UINT(pair_info(p, 1).proof, IAX_PROVEN);
	CHECK_UINT(pair_info(p, 0).remote_number, pair_info(p, 1).local_number);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	CHECK_TRUE(phone_last(&p->a)->ended);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_LOCAL);
	run(p, 100);
	CHECK_TRUE(phone_last(&p->b)->ended);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_REMOTE);
	CHECK_UINT(phone_last(&p->b)->cause, IAX_CAUSE_NORMAL_CLEARING);
	check_all_gone(p);
	pair_free(p);
}

static void test_a_wrong_secret_is_rejected_once(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	p->b.challenges = true;
	p->a.secret = "guess";
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 500);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_REJECTED);
	CHECK_UINT(phone_last(&p->a)->cause, IAX_CAUSE_NOT_SUBSCRIBED);
	CHECK_UINT(p->b.events[IAX_EV_VERIFY], 1);
	check_all_gone(p);
	pair_free(p);
}

/* R8: the ACK at once, the refusal at its time, and the owner is rid of the leg at once. */
static void test_a_refusal_leaves_at_its_time(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.rejects = IAX_CAUSE_NOT_SUBSCRIBED;
	p->b.reject_after_us = 1050000;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	const uint64_t start_us = p->sim.now_us;

	CHECK_TRUE(phone_last(&p->b)->ended);
	CHECK_UINT(p->peer.count, 1);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_ACK)->at_us, start_us);
	run(p, 1049);
	CHECK_UINT(p->peer.count, 1);
	run(p, 2);
	const struct peer_frame *reject = peer_last(&p->peer, IAX_FRAME_IAX, IAX_REJECT);

	CHECK_TRUE(reject->at_us >= start_us + 1050000);
	CHECK_FALSE(reject->frame.retry);
	CHECK_UINT(reject->ies.cause_code, IAX_CAUSE_NOT_SUBSCRIBED);
	CHECK_UINT(peer_ack(&p->peer), IAX_OK);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

/* S-02: who never answers a refusal holds a leg for half_open_ms at most. */
static void test_a_refused_stranger_is_forgotten_in_time(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.rejects = IAX_CAUSE_NOT_SUBSCRIBED;
	p->b.reject_after_us = 1000000;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	run(p, 10900);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 1);
	run(p, 200);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

static void test_a_challenge_unanswered_for_ten_seconds_is_over(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	const struct iax_ies ies = peer_new("alice");

	(void)state;
	p->b.challenges = true;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	const struct peer_frame *ask = peer_last(&p->peer, IAX_FRAME_IAX, IAX_AUTHREQ);

	CHECK_UINT(ask->ies.auth_methods, IAX_AUTH_MD5);
	CHECK_SPAN(ask->ies.username, TG_SPAN_LIT("alice"));
	run(p, 9999);
	CHECK_FALSE(phone_last(&p->b)->ended);
	run(p, 2);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_TIMEOUT);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 0);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

/* S-04: an ACCEPT is confirmed by a frame with our number alone. */
static void test_a_blind_ack_confirms_nothing(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	const struct iax_ies ies = peer_new("alice");

	(void)state;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	const uint16_t number = p->peer.remote_number;

	p->peer.remote_number = 0;
	CHECK_TRUE(peer_ack(&p->peer) != IAX_OK);
	p->peer.remote_number = number ^ 1;
	CHECK_UINT(peer_ack(&p->peer), IAX_ERR_NO_LEG);
	CHECK_FALSE(phone_last(&p->b)->confirmed);
	p->peer.remote_number = number;
	p->peer.iseqno = 0;
	CHECK_UINT(peer_ack(&p->peer), IAX_OK);
	CHECK_FALSE(phone_last(&p->b)->confirmed);
	p->peer.iseqno = 1;
	CHECK_UINT(peer_ack(&p->peer), IAX_OK);
	CHECK_TRUE(phone_last(&p->b)->confirmed);
	pair_free(p);
}

static void test_an_unconfirmed_accept_never_starts_the_application(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	const struct iax_ies ies = peer_new("alice");

	(void)state;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	CHECK_UINT(iax_leg_control(pair_ep(p, 1), pair_leg(p, 1), IAX_CONTROL_RINGING, (struct tg_span){ 0 },
	                           p->sim.now_us),
	           IAX_ERR_UNEXPECTED);
	run(p, 11000);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_TIMEOUT);
	CHECK_FALSE(phone_last(&p->b)->confirmed);
	pair_free(p);
}

/* The same for the HANGUP of a guest's call that was accepted and never confirmed. */
static void test_a_guest_is_told_the_end(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	const struct iax_ies ies = peer_new("alice");

	(void)state;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	run(p, 9500);
	p->peer.iseqno = 1;
	peer_clear(&p->peer);
	pair_hang_up(p, 1, IAX_CAUSE_NORMAL_CLEARING);
	run(p, 14000);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 4);
	pair_free(p);
}

static void test_a_callee_that_is_not_there(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	sim_lose_next(&p->sim, 0, 1000);
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 22000);
	CHECK_FALSE(phone_last(&p->a)->ended);
	run(p, 6000);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_TIMEOUT);
	CHECK_UINT(p->sim.lost, 5);
	check_all_gone(p);
	pair_free(p);
}

/* A callee that acknowledges and then says nothing: the setup timer ends it, with a HANGUP. */
static void test_setup_takes_thirty_seconds_at_most(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	p->b.silent = true;
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 29900);
	CHECK_FALSE(phone_last(&p->a)->ended);
	run(p, 200);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_TIMEOUT);
	CHECK_UINT(phone_last(&p->a)->cause, IAX_CAUSE_TIMER_EXPIRED);
	pair_free(p);
}

/* the caller gives up before it heard anything. */
static void test_an_early_hangup_ends_the_offer(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	p->b.silent = true;
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 41); /* the token is there, the NEW with it on its way */
	run(p, 25);
	CHECK_UINT(p->b.events[IAX_EV_OFFERED], 1);
	CHECK_UINT(pair_info(p, 0).remote_number, 0);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	run(p, 200);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_REMOTE);
	check_all_gone(p);
	pair_free(p);
}

static void test_a_stranger_cannot_end_a_call_that_heard_us(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	peer_link(&p->peer);
	p->peer.remote_number = 0;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_ERR_NOT_OPENING);
	CHECK_FALSE(phone_last(&p->b)->ended);
	pair_free(p);
}

static void test_a_cancelled_call_whose_request_was_lost(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	sim_lose_next(&p->sim, 0, 1);
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 500);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	run(p, 40000);
	CHECK_UINT(p->b.events[IAX_EV_OFFERED], 0);
	check_all_gone(p);
	pair_free(p);
}

/* The same with a callee that asks for no token: the copies of the request must stop. */
static void test_a_cancelled_request_is_not_repeated(void **state)
{
	struct iax_config config = sim_config();
	struct pair *p;

	(void)state;
	config.with_door = false;
	p = pair_new_with(1, &pair_calm, &config);
	sim_lose_next(&p->sim, 0, 1);
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 500);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	run(p, 40000);
	CHECK_UINT(p->b.events[IAX_EV_OFFERED], 0);
	check_all_gone(p);
	pair_free(p);
}

static void test_a_hangup_is_sent_again_until_acked(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	sim_lose_next(&p->sim, 0, 2);
	pair_hang_up(p, 0, IAX_CAUSE_BUSY);
	CHECK_UINT(iax_leg_hangup(pair_ep(p, 0), pair_leg(p, 0), 16, (struct tg_span){ 0 }, p->sim.now_us),
	           IAX_ERR_NO_LEG);
	run(p, 900);
	CHECK_FALSE(phone_last(&p->b)->ended);
	run(p, 3000);
	CHECK_UINT(phone_last(&p->b)->cause, IAX_CAUSE_BUSY);
	check_all_gone(p);
	pair_free(p);
}

/* R7: the ACK of a HANGUP is lost, and the leg it was for is gone. */
static void test_a_tombstone_acknowledges_a_repeated_hangup(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	sim_lose_next(&p->sim, 1, 2);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	run(p, 100);
	CHECK_TRUE(phone_last(&p->b)->ended);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 1);
	run(p, 4000);
	check_all_gone(p);
	pair_free(p);
}

static void test_both_hang_up_at_once(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	pair_hang_up(p, 1, IAX_CAUSE_BUSY);
	run(p, 100);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_LOCAL);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_LOCAL);
	check_all_gone(p);
	pair_free(p);
}

static void test_a_silent_peer_is_noticed_by_ping(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	run(p, 60000);
	CHECK_TRUE(p->a.events[IAX_EV_RTT] >= 6);
	CHECK_TRUE(pair_info(p, 0).rtt_us > 39000 && pair_info(p, 0).rtt_us < 42000);
	CHECK_TRUE(pair_info(p, 0).lag_ms >= 39 && pair_info(p, 0).lag_ms <= 42);
	sim_lose_next(&p->sim, 1, 1000000);
	run(p, 35000);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_TIMEOUT);
	CHECK_UINT(phone_last(&p->a)->cause, IAX_CAUSE_OUT_OF_ORDER);
	pair_free(p);
}

static void test_a_control_hangup_ends_the_call(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	peer_link(&p->peer);
	peer_clear(&p->peer);
	CHECK_UINT(peer_send(&p->peer, IAX_FRAME_CONTROL, IAX_CONTROL_HANGUP, (struct tg_span){ 0 }), IAX_OK);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_REMOTE);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_HANGUP)->ies.cause_code, IAX_CAUSE_NORMAL_CLEARING);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 1);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 1);
	peer_ack(&p->peer);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

static void test_everything_passes_between_two_phones(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);
	struct iax_endpoint *ep = pair_ep(p, 0);
	const struct iax_leg_id leg = pair_leg(p, 0);
	const uint64_t now = p->sim.now_us;

	(void)state;
	CHECK_UINT(iax_leg_dtmf(ep, leg, '5', true, now), IAX_OK);
	CHECK_UINT(iax_leg_dtmf(ep, leg, '5', false, now), IAX_OK);
	CHECK_UINT(iax_leg_frame(ep, leg, IAX_FRAME_TEXT, 0, TG_SPAN_LIT("hello"), now), IAX_OK);
	CHECK_UINT(iax_leg_frame(ep, leg, IAX_FRAME_HTML, IAX_HTML_URL, TG_SPAN_LIT("http://x"), now), IAX_OK);
	CHECK_UINT(iax_leg_frame(ep, leg, IAX_FRAME_CNG, 60, (struct tg_span){ 0 }, now), IAX_OK);
	CHECK_UINT(iax_leg_frame(ep, leg, IAX_FRAME_IMAGE, 0x90, TG_SPAN_LIT("jpeg"), now), IAX_OK);
	CHECK_UINT(iax_leg_frame(ep, leg, IAX_FRAME_IAX, IAX_NEW, (struct tg_span){ 0 }, now), IAX_ERR_NOT_SENDABLE);
	CHECK_UINT(iax_leg_control(ep, leg, IAX_CONTROL_HOLD, TG_SPAN_LIT("jazz"), now), IAX_OK);
	CHECK_UINT(iax_leg_quelch(ep, leg, true, now), IAX_OK);
	sim_pump(&p->sim, 0);
	run(p, 100);
	CHECK_UINT(phone_last(&p->b)->dtmf, 2);
	CHECK_UINT(p->b.events[IAX_EV_FRAME], 4);
	CHECK_UINT(phone_last(&p->b)->control, 1);
	CHECK_UINT(p->b.events[IAX_EV_QUELCH], 1);
	CHECK_UINT(p->b.last.subclass, IAX_QUELCH);
	CHECK_UINT(pair_info(p, 0).retransmits, 0);
	pair_say(p, 1, 20); /* quelched: goes nowhere */
	run(p, 100);
	CHECK_UINT(phone_last(&p->a)->voice, 0);
	CHECK_UINT(iax_leg_quelch(ep, leg, false, p->sim.now_us), IAX_OK);
	sim_pump(&p->sim, 0);
	run(p, 100);
	pair_say(p, 1, 300);
	run(p, 100);
	CHECK_UINT(phone_last(&p->a)->voice, 1);
	pair_free(p);
}

/* The block holds no pointer: it goes on at another address, whatever is on its way. */
static void test_the_memory_can_move_at_any_time(void **state)
{
	const struct sim_net rough = { .loss_permille = 200, .delay_us = 20000, .spread_us = 30000 };
	struct pair *p = pair_new(3, &rough);

	(void)state;
	p->b.challenges = true;
	phone_dial(&p->sim, 0, 1, "alice");
	for (unsigned i = 0; i < 2000; i++) {
		run(p, 5);
		sim_move(&p->sim, i % 2);
		if (phone_last(&p->a)->accepted && i % 4 == 0) {
			pair_say(p, 0, 20 * i + 20);
		}
	}
	CHECK_TRUE(phone_last(&p->b)->confirmed);
	CHECK_TRUE(phone_last(&p->b)->minis > 100);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	sim_move(&p->sim, 0);
	run(p, 30000);
	CHECK_TRUE(phone_last(&p->b)->ended);
	check_all_gone(p);
	pair_free(p);
}

/* Events that wait are inside the block, too. */
static void test_waiting_events_move_along(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_event event;

	(void)state;
	p->sim.nodes[1].owner = (struct sim_owner){ 0 };
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 100);
	sim_move(&p->sim, 1);
	CHECK_TRUE(iax_endpoint_next_event(pair_ep(p, 1), &event));
	CHECK_UINT(event.kind, IAX_EV_OFFERED);
	CHECK_SPAN(event.ies->called_number, TG_SPAN_LIT("1000"));
	CHECK_FALSE(iax_endpoint_next_event(pair_ep(p, 1), &event));
	pair_free(p);
}

/* The views of an event outlive what its owner does about it. */
static void test_an_event_stays_readable_while_it_is_handled(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_event event;

	(void)state;
	p->sim.nodes[1].owner = (struct sim_owner){ 0 };
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 100);
	CHECK_TRUE(iax_endpoint_next_event(pair_ep(p, 1), &event));
	CHECK_UINT(iax_leg_reject(pair_ep(p, 1), event.leg, IAX_CAUSE_NO_ROUTE,
	                          TG_SPAN_LIT("No such context/extension"), 0, p->sim.now_us),
	           IAX_OK);
	CHECK_SPAN(event.ies->called_number, TG_SPAN_LIT("1000"));
	CHECK_SPAN(event.ies->username, TG_SPAN_LIT("alice"));
	CHECK_TRUE(iax_endpoint_next_event(pair_ep(p, 1), &event));
	CHECK_UINT(event.kind, IAX_EV_ENDED);
	pair_free(p);
}

static void test_a_cause_text_arrives(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);
	struct iax_event event = { 0 };

	(void)state;
	p->sim.nodes[1].owner = (struct sim_owner){ 0 };
	CHECK_UINT(iax_leg_hangup(pair_ep(p, 0), pair_leg(p, 0), IAX_CAUSE_BUSY, TG_SPAN_LIT("gone fishing"),
	                          p->sim.now_us),
	           IAX_OK);
	sim_pump(&p->sim, 0);
	run(p, 100);
	CHECK_TRUE(iax_endpoint_next_event(pair_ep(p, 1), &event));
	CHECK_UINT(event.kind, IAX_EV_ENDED);
	CHECK_SPAN(event.text, TG_SPAN_LIT("gone fishing"));
	CHECK_UINT(event.cause, IAX_CAUSE_BUSY);
	pair_free(p);
}

/* Full queues: an owner who fetches nothing is told of each end all the same, and nothing is lost but what comes again. */
static void test_an_owner_who_does_not_fetch_loses_nothing(void **state)
{
	struct iax_config config = sim_config();
	struct pair *p;
	struct iax_event event;
	struct iax_leg_id legs[64];
	unsigned count = 0, ends = 0;

	(void)state;
	config.events_max = 1;
	config.legs_max = 32;
	p = pair_new_with(1, &pair_calm, &config);
	p->sim.nodes[0].owner = (struct sim_owner){ 0 };
	for (unsigned i = 0; i < 32; i++) {
		legs[count++] = phone_dial(&p->sim, 0, 1, "alice");
	}
	run(p, 5000);
	for (unsigned i = 0; i < count; i++) {
		CHECK_UINT(iax_leg_hangup(pair_ep(p, 0), legs[i], 16, (struct tg_span){ 0 }, p->sim.now_us), IAX_OK);
	}
	for (unsigned i = 0; i < 2000 && iax_endpoint_next_event(pair_ep(p, 0), &event); i++) {
		ends += event.kind == IAX_EV_ENDED;
	}
	CHECK_UINT(ends, 32);
	pair_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_with_token_and_secret),
		cmocka_unit_test(test_a_wrong_secret_is_rejected_once),
		cmocka_unit_test(test_a_refusal_leaves_at_its_time),
		cmocka_unit_test(test_a_refused_stranger_is_forgotten_in_time),
		cmocka_unit_test(test_a_challenge_unanswered_for_ten_seconds_is_over),
		cmocka_unit_test(test_a_blind_ack_confirms_nothing),
		cmocka_unit_test(test_an_unconfirmed_accept_never_starts_the_application),
		cmocka_unit_test(test_a_guest_is_told_the_end),
		cmocka_unit_test(test_a_callee_that_is_not_there),
		cmocka_unit_test(test_setup_takes_thirty_seconds_at_most),
		cmocka_unit_test(test_an_early_hangup_ends_the_offer),
		cmocka_unit_test(test_a_stranger_cannot_end_a_call_that_heard_us),
		cmocka_unit_test(test_a_cancelled_call_whose_request_was_lost),
		cmocka_unit_test(test_a_cancelled_request_is_not_repeated),
		cmocka_unit_test(test_a_hangup_is_sent_again_until_acked),
		cmocka_unit_test(test_a_tombstone_acknowledges_a_repeated_hangup),
		cmocka_unit_test(test_both_hang_up_at_once),
		cmocka_unit_test(test_a_silent_peer_is_noticed_by_ping),
		cmocka_unit_test(test_a_control_hangup_ends_the_call),
		cmocka_unit_test(test_everything_passes_between_two_phones),
		cmocka_unit_test(test_the_memory_can_move_at_any_time),
		cmocka_unit_test(test_waiting_events_move_along),
		cmocka_unit_test(test_an_event_stays_readable_while_it_is_handled),
		cmocka_unit_test(test_a_cause_text_arrives),
		cmocka_unit_test(test_an_owner_who_does_not_fetch_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
