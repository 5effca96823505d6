/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

#include "sim/pair.h"

#include "check.h"

/* Reliable frames within a call: protocol reference 2.4 to 2.7, 5.6. */

static const struct tg_span nothing = { 0 };

static struct pair *pair_linked(void)
{
	struct pair *p = pair_new(1, &pair_calm);

	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	peer_link(&p->peer);
	peer_clear(&p->peer);
	return p;
}

static enum iax_err send_text(struct pair *p)
{
	return peer_send(&p->peer, IAX_FRAME_TEXT, 0, TG_SPAN_LIT("hi"));
}

/* S-12, 3.3: the caller of a call to us cannot answer it, and what means nothing to an owner is acknowledged alone. */
static void test_control_frames_that_count_for_nothing(void **state)
{
	static const uint8_t quiet[] = {
		IAX_CONTROL_ANSWER, IAX_CONTROL_RING, IAX_CONTROL_OPTION, IAX_CONTROL_CC, 0x22, 0xfe
	};
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	p->b.answers = false;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	const struct iax_ies ies = peer_new("alice");

	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	peer_ack(&p->peer);
	peer_clear(&p->peer);
	for (size_t i = 0; i < TG_COUNT(quiet); i++) {
		CHECK_UINT(peer_send(&p->peer, IAX_FRAME_CONTROL, quiet[i], nothing), IAX_OK);
		CHECK_UINT(p->b.events[IAX_EV_CONTROL], 0);
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), TG_COUNT(quiet));
	CHECK_TEXT(pair_info(p, 1).state, "linked");
	CHECK_UINT(peer_send(&p->peer, IAX_FRAME_CONTROL, IAX_CONTROL_HOLD, nothing), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_CONTROL], 1);
	pair_free(p);
}

/* */
static void test_an_ack_names_what_it_acknowledges(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	peer_ack(&p->peer); /* of ANSWER */
	peer_clear(&p->peer);
	p->peer.ts_ms = 7000;
	CHECK_UINT(send_text(p), IAX_OK);
	CHECK_UINT(p->peer.count, 1);
	const struct iax_frame *ack = &p->peer.frames[0].frame;

	CHECK_UINT(ack->subclass, IAX_ACK);
	CHECK_UINT(ack->ts_ms, 7020);
	CHECK_UINT(ack->oseqno, p->peer.iseqno);
	CHECK_UINT(ack->iseqno, p->peer.oseqno);
	CHECK_FALSE(ack->retry);
	pair_free(p);
}

static void test_a_repeated_frame_is_acked_and_told_once(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		CHECK_UINT(send_text(p), i == 0 ? IAX_OK : IAX_ERR_SEEN);
		p->peer.oseqno--;
	}
	CHECK_UINT(p->b.events[IAX_EV_FRAME], 1);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 4);
	pair_free(p);
}

/* 2.7: one VNAK in 100 ms, and the frame is not kept. */
static void test_a_gap_is_answered_with_vnak(void **state)
{
	struct pair *p = pair_linked();
	const uint8_t missing = p->peer.oseqno;

	(void)state;
	p->peer.oseqno++;
	for (unsigned i = 0; i < 5; i++) {
		CHECK_UINT(send_text(p), IAX_ERR_GAP);
		sim_run_ms(&p->sim, 10);
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_VNAK), 1);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_VNAK)->frame.iseqno, missing);
	CHECK_UINT(p->b.events[IAX_EV_FRAME], 0);
	sim_run_ms(&p->sim, 100);
	CHECK_UINT(send_text(p), IAX_ERR_GAP);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_VNAK), 2);
	p->peer.oseqno = missing;
	CHECK_UINT(send_text(p), IAX_OK);
	pair_free(p);
}

/* Sequence numbers 254, 255, 0, 1 in both directions. */
static void test_numbers_wrap_at_256(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	for (unsigned i = 0; i < 600; i++) {
		CHECK_UINT(iax_leg_frame(pair_ep(p, i % 2), pair_leg(p, i % 2), IAX_FRAME_TEXT, 0, TG_SPAN_LIT("x"),
		                         p->sim.now_us),
		           IAX_OK);
		sim_pump(&p->sim, i % 2);
		sim_run_ms(&p->sim, 5);
	}
	sim_run_ms(&p->sim, 100);
	CHECK_UINT(p->a.events[IAX_EV_FRAME], 300);
	CHECK_UINT(p->b.events[IAX_EV_FRAME], 300);
	CHECK_UINT(pair_info(p, 0).retransmits, 0);
	CHECK_UINT(pair_info(p, 1).retransmits, 0);
	pair_free(p);
}

static void test_a_lost_burst_comes_after_one_vnak(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	sim_lose_next(&p->sim, 0, 3);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_UINT(iax_leg_dtmf(pair_ep(p, 0), pair_leg(p, 0), (char)('1' + i), false, p->sim.now_us), IAX_OK);
		sim_pump(&p->sim, 0);
	}
	sim_run_ms(&p->sim, 100); /* sooner than any retransmission */
	CHECK_UINT(phone_last(&p->b)->dtmf, 6);
	CHECK_UINT(p->b.last.digit, '6');
	pair_free(p);
}

static void send_vnak(struct pair *p, uint8_t iseqno)
{
	const struct iax_frame vnak = {
		.class = IAX_CLASS_FULL,
		.source = p->peer.number,
		.destination = p->peer.remote_number,
		.oseqno = p->peer.oseqno,
		.iseqno = iseqno,
		.type = IAX_FRAME_IAX,
		.subclass = IAX_VNAK,
	};

	peer_send_frame(&p->peer, &vnak);
}

/* 2.7: four a second, only for what is still open. */
static void test_vnaks_are_honoured_within_limits(void **state)
{
	struct pair *p = pair_linked();
	uint8_t first;

	(void)state;
	peer_ack(&p->peer);
	first = p->peer.iseqno;
	for (unsigned i = 0; i < 3; i++) {
		CHECK_UINT(iax_leg_frame(pair_ep(p, 1), pair_leg(p, 1), IAX_FRAME_TEXT, 0, TG_SPAN_LIT("x"),
		                         p->sim.now_us),
		           IAX_OK);
		sim_pump(&p->sim, 1);
	}
	peer_clear(&p->peer);
	send_vnak(p, (uint8_t)(first + 50)); /* never sent */
	send_vnak(p, (uint8_t)(first - 1));  /* acknowledged long ago */
	CHECK_UINT(p->peer.count, 0);
	send_vnak(p, (uint8_t)(first + 1)); /* acknowledges the first, too */
	CHECK_UINT(p->peer.count, 2);
	CHECK_UINT(p->peer.frames[0].frame.oseqno, (uint8_t)(first + 1));
	CHECK_TRUE(p->peer.frames[0].frame.retry);
	peer_clear(&p->peer);
	for (unsigned i = 0; i < 20; i++) {
		send_vnak(p, (uint8_t)(first + 1));
	}
	CHECK_UINT(p->peer.count, 3 * 2);
	sim_run_ms(&p->sim, 1001);
	peer_clear(&p->peer);
	send_vnak(p, (uint8_t)(first + 2));
	CHECK_UINT(p->peer.count, 1);
	pair_free(p);
}

static void test_an_impossible_iseqno_changes_nothing(void **state)
{
	struct pair *p = pair_linked();
	struct iax_endpoint_stats before, after;
	uint8_t right;

	(void)state;
	CHECK_UINT(iax_leg_dtmf(pair_ep(p, 1), pair_leg(p, 1), '1', false, p->sim.now_us), IAX_OK);
	sim_pump(&p->sim, 1);
	iax_endpoint_stats(pair_ep(p, 1), &before);
	CHECK_UINT(before.frames_pending, 1);
	right = p->peer.iseqno;
	p->peer.iseqno = (uint8_t)(right + 77);
	CHECK_UINT(send_text(p), IAX_OK);
	iax_endpoint_stats(pair_ep(p, 1), &after);
	CHECK_UINT(after.frames_pending, 1);
	p->peer.iseqno = right;
	peer_ack(&p->peer);
	iax_endpoint_stats(pair_ep(p, 1), &after);
	CHECK_UINT(after.frames_pending, 0);
	pair_free(p);
}

static void test_the_window_is_full_for_the_owner_before_it_is_for_the_end(void **state)
{
	struct pair *p = pair_linked();
	unsigned sent = 0;

	(void)state;
	while (sent < 40 && iax_leg_dtmf(pair_ep(p, 1), pair_leg(p, 1), '1', false, p->sim.now_us) == IAX_OK) {
		sent++;
	}
	CHECK_UINT(sent, 30); /* two places are kept */
	CHECK_UINT(iax_leg_dtmf(pair_ep(p, 1), pair_leg(p, 1), '1', false, p->sim.now_us), IAX_ERR_LIMITED);
	CHECK_UINT(iax_leg_hangup(pair_ep(p, 1), pair_leg(p, 1), 16, nothing, p->sim.now_us), IAX_OK);
	sim_pump(&p->sim, 1);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 1);
	pair_free(p);
}

/* Answers to a peer that acknowledges nothing leave room for the end as well. */
static void test_answers_to_pings_leave_room_for_the_end(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	peer_ack(&p->peer);
	peer_clear(&p->peer);
	const uint8_t acked = p->peer.iseqno;

	for (unsigned i = 0; i < 40; i++) {
		p->peer.iseqno = acked;
		peer_send_ies(&p->peer, IAX_PING, NULL);
		sim_run_ms(&p->sim, 251);
	}
	pair_hang_up(p, 1, IAX_CAUSE_NORMAL_CLEARING);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 1);
	pair_free(p);
}

/* The limit holds however many come. */
static void test_more_than_256_pings_in_a_second(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	for (unsigned i = 0; i < 600; i++) {
		peer_send_ies(&p->peer, IAX_PING, NULL);
		peer_ack(&p->peer);
		if (i >= 10) {
			CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_PONG), 0);
			peer_clear(&p->peer);
		} else if (i == 9) {
			peer_clear(&p->peer);
		}
	}
	pair_free(p);
}

/* One implementation finds the acknowledged frame by its timestamp: ours never repeat. */
static void test_timestamps_of_full_frames_differ(void **state)
{
	struct pair *p = pair_linked();
	uint32_t last = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		CHECK_UINT(iax_leg_dtmf(pair_ep(p, 1), pair_leg(p, 1), '1', false, p->sim.now_us), IAX_OK);
	}
	sim_pump(&p->sim, 1);
	for (unsigned i = 0; i < p->peer.count; i++) {
		CHECK_TRUE(p->peer.frames[i].frame.ts_ms > last);
		last = p->peer.frames[i].frame.ts_ms;
	}
	pair_free(p);
}

static void test_a_ping_is_answered_with_its_timestamp_and_a_report(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	p->peer.ts_ms = 4980;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_PING, NULL), IAX_OK);
	const struct peer_frame *pong = peer_last(&p->peer, IAX_FRAME_IAX, IAX_PONG);

	CHECK_UINT(pong->frame.ts_ms, 5000);
	CHECK_UINT(pong->frame.iseqno, p->peer.oseqno);
	CHECK_TRUE(iax_ies_has(&pong->ies, IAX_IE_RR_JITTER) && iax_ies_has(&pong->ies, IAX_IE_RR_OOO));
	CHECK_UINT(p->peer.count, 1);
	CHECK_UINT(peer_send_ies(&p->peer, IAX_LAGRQ, NULL), IAX_OK);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_LAGRP)->frame.ts_ms, 5020);
	pair_free(p);
}

static void test_what_the_relay_counted_is_reported(void **state)
{
	struct pair *p = pair_linked();
	const struct iax_report report = {
		.packets = 1000,
		.lost = 10,
		.out_of_order = 3,
		.dropped = 2,
		.jitter_ms = 7,
		.delay_ms = 40,
		.loss_percent = 1,
	};

	(void)state;
	iax_leg_set_report(pair_ep(p, 1), pair_leg(p, 1), &report);
	CHECK_UINT(peer_send_ies(&p->peer, IAX_PING, NULL), IAX_OK);
	const struct peer_frame *pong = peer_last(&p->peer, IAX_FRAME_IAX, IAX_PONG);

	CHECK_UINT(pong->ies.rr_pkts, 1000);
	CHECK_UINT(pong->ies.rr_loss, 0x100000a);
	CHECK_UINT(pong->ies.rr_jitter, 7);
	CHECK_UINT(pong->ies.rr_delay, 40);
	CHECK_UINT(pair_info(p, 1).local_report.packets, 1000);
	pair_free(p);
}

/* S-43: more PINGs than four a second are acknowledged only. */
static void test_a_flood_of_pings_is_acknowledged_only(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		peer_send_ies(&p->peer, IAX_PING, NULL);
		peer_ack(&p->peer);
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_PONG), 4);
	CHECK_UINT(p->b.events[IAX_EV_PINGED], 4); /* told for each that was answered */
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 46);
	CHECK_FALSE(phone_last(&p->b)->ended);
	pair_free(p);
}

static enum iax_err send_echo(struct pair *p, uint8_t subclass, uint32_t ts_ms)
{
	struct iax_ies ies = { .rr_pkts = 5, .rr_loss = 0x02000003, .rr_jitter = 9 };
	uint8_t bytes[64];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	ies.has = UINT64_C(1) << IAX_IE_RR_PKTS | UINT64_C(1) << IAX_IE_RR_LOSS | UINT64_C(1) << IAX_IE_RR_JITTER;
	CHECK_UINT(iax_ies_encode(&ies, &w), IAX_OK);
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = p->peer.number,
		.destination = p->peer.remote_number,
		.ts_ms = ts_ms,
		.oseqno = p->peer.oseqno++,
		.iseqno = p->peer.iseqno,
		.type = IAX_FRAME_IAX,
		.subclass = subclass,
		.payload = tg_writer_span(&w),
	};

	return peer_send_frame(&p->peer, &frame);
}

/* 5.6.1: the peer can echo anything; only the right timestamp of the PING that is out measures. */
static void test_only_the_right_echo_measures(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	peer_ack(&p->peer);
	sim_run_ms(&p->sim, 21010);
	const uint32_t ts_ms = peer_last(&p->peer, IAX_FRAME_IAX, IAX_PING)->frame.ts_ms;

	sim_run_ms(&p->sim, 80);
	CHECK_UINT(send_echo(p, IAX_PONG, ts_ms + 1), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_RTT], 0);
	CHECK_UINT(send_echo(p, IAX_PONG, ts_ms), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_RTT], 1);
	CHECK_TRUE(p->b.last.rtt_us >= 80000 && p->b.last.rtt_us <= 91000);
	CHECK_UINT(p->b.ies.rr_pkts, 5);
	CHECK_UINT(pair_info(p, 1).remote_report.loss_percent, 2);
	CHECK_UINT(pair_info(p, 1).remote_report.lost, 3);
	CHECK_UINT(send_echo(p, IAX_PONG, ts_ms), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_RTT], 1);
	pair_free(p);
}

/* R21: both numbers, the sequence and the host fit, and the new port answers a PING. */
static void test_a_peer_may_move_to_another_port(void **state)
{
	struct pair *p = pair_linked();
	const uint16_t old_port = p->peer.addr.port;

	(void)state;
	p->peer.addr.port = 40000;
	CHECK_UINT(send_text(p), IAX_ERR_NO_LEG);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_PING), 2);
	CHECK_UINT(p->peer.frames[0].to.port, old_port);
	CHECK_UINT(p->peer.frames[1].to.port, 40000);
	p->peer.oseqno--;
	CHECK_UINT(send_text(p), IAX_ERR_NO_LEG);
	CHECK_UINT(p->peer.count, 2); /* once a second */
	p->peer.oseqno--;
	CHECK_UINT(send_echo(p, IAX_PONG, p->peer.frames[0].frame.ts_ms), IAX_OK);
	CHECK_UINT(p->b.last.kind, IAX_EV_RTT);
	CHECK_UINT(p->b.last.remote.port, 40000);
	CHECK_UINT(send_text(p), IAX_OK);
	CHECK_UINT(p->peer.frames[p->peer.count - 1].to.port, 40000);
	CHECK_UINT(pair_info(p, 1).remote.port, 40000);
	CHECK_TRUE(legs_has_standing(pair_ep(p, 1), &p->peer.addr)); /* its trunk frames, too */
	p->peer.addr.port = old_port;
	CHECK_UINT(send_text(p), IAX_ERR_NO_LEG);
	pair_free(p);
}

static void test_a_move_that_does_not_fit_is_not_followed(void **state)
{
	static const struct {
		uint8_t host;
		uint16_t port, number;
		uint8_t oseqno, iseqno;
	} off[] = {
		{ 1, 0, 0, 0, 0 },
		{ 0, 1, 1, 0, 0 },
		{ 0, 1, 0, 1, 0 },
		{ 0, 1, 0, 0, 50 },
	};
	struct pair *p = pair_linked();
	const struct peer right = p->peer;

	(void)state;
	for (size_t i = 0; i < TG_COUNT(off); i++) {
		p->peer.addr.ip[15] ^= off[i].host;
		p->peer.addr.port ^= off[i].port;
		p->peer.number ^= off[i].number;
		p->peer.oseqno = (uint8_t)(right.oseqno + off[i].oseqno);
		p->peer.iseqno = (uint8_t)(right.iseqno + off[i].iseqno);
		CHECK_UINT(send_text(p), IAX_ERR_NO_LEG);
		CHECK_UINT(p->peer.count, 0);
		p->peer.addr = right.addr;
		p->peer.number = right.number;
	}
	p->peer.oseqno = right.oseqno;
	p->peer.iseqno = right.iseqno;
	p->peer.addr.port = 40000;
	CHECK_UINT(send_text(p), IAX_ERR_NO_LEG); /* it fits, and a PING asks */
	const uint32_t ts_ms = p->peer.frames[0].frame.ts_ms;

	p->peer.oseqno--;
	p->peer.addr.port = 40001;
	CHECK_UINT(send_echo(p, IAX_PONG, ts_ms), IAX_ERR_NO_LEG); /* of another port */
	p->peer.oseqno--;
	p->peer.addr = right.addr;
	CHECK_UINT(send_echo(p, IAX_PONG, ts_ms), IAX_OK); /* the old port is still there */
	p->peer.addr.port = 40000;
	CHECK_UINT(send_echo(p, IAX_PONG, ts_ms), IAX_ERR_NO_LEG);
	CHECK_UINT(pair_info(p, 1).remote.port, right.addr.port);
	pair_free(p);
}

/* An owner who fetches no events is fed no more than fits; what was refused comes again. */
static void test_a_flood_of_events_waits_outside(void **state)
{
	struct pair *p = pair_linked();
	struct iax_event event;
	unsigned taken = 0, told = 0;

	(void)state;
	p->sim.nodes[1].owner = (struct sim_owner){ 0 };
	for (unsigned i = 0; i < 3000; i++) {
		const enum iax_err err = send_text(p);

		peer_clear(&p->peer);
		taken += err == IAX_OK;
		if (err != IAX_OK) {
			CHECK_UINT(err, IAX_ERR_NO_ROOM);
			p->peer.oseqno--;
		}
	}
	CHECK_TRUE(taken > 64 && taken < 3000);
	while (iax_endpoint_next_event(pair_ep(p, 1), &event)) {
		told += event.kind == IAX_EV_FRAME;
	}
	CHECK_UINT(told, taken);
	CHECK_UINT(send_text(p), IAX_OK);
	pair_free(p);
}

/* A leg that is closing acknowledges and does no more, and asks for nothing. */
static void test_a_closing_leg_only_acknowledges(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	pair_hang_up(p, 1, IAX_CAUSE_NORMAL_CLEARING);
	peer_clear(&p->peer);
	p->peer.iseqno--; /* the HANGUP is not acknowledged */
	CHECK_UINT(send_text(p), IAX_ERR_UNEXPECTED);
	CHECK_UINT(peer_send_ies(&p->peer, IAX_PING, NULL), IAX_ERR_UNEXPECTED);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 2);
	p->peer.oseqno++;
	CHECK_UINT(send_text(p), IAX_ERR_GAP);
	CHECK_UINT(p->peer.count, 2);
	pair_free(p);
}

static void test_the_schedule_of_a_lost_frame(void **state)
{
	struct pair *p = pair_linked();
	static const uint64_t after_ms[] = { 0, 1000, 3000, 7000, 15000 };

	(void)state;
	peer_ack(&p->peer);
	peer_clear(&p->peer);
	const uint64_t start_us = p->sim.now_us;

	CHECK_UINT(iax_leg_dtmf(pair_ep(p, 1), pair_leg(p, 1), '7', false, start_us), IAX_OK);
	sim_pump(&p->sim, 1);
	sim_run_ms(&p->sim, 22000);
	unsigned seen = 0;

	for (unsigned i = 0; i < p->peer.count; i++) {
		const struct peer_frame *f = &p->peer.frames[i];

		if (f->frame.type != IAX_FRAME_DTMF_END) {
			continue;
		}
		CHECK_TRUE(f->at_us - start_us >= after_ms[seen] * 900);
		CHECK_TRUE(f->at_us - start_us <= after_ms[seen] * 1100 + 1000);
		CHECK_UINT(f->frame.retry, seen > 0);
		seen++;
	}
	CHECK_UINT(seen, 5);
	CHECK_FALSE(phone_last(&p->b)->ended);
	sim_run_ms(&p->sim, 6000);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_TIMEOUT);
	pair_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control_frames_that_count_for_nothing),
		cmocka_unit_test(test_an_ack_names_what_it_acknowledges),
		cmocka_unit_test(test_a_repeated_frame_is_acked_and_told_once),
		cmocka_unit_test(test_a_gap_is_answered_with_vnak),
		cmocka_unit_test(test_numbers_wrap_at_256),
		cmocka_unit_test(test_a_lost_burst_comes_after_one_vnak),
		cmocka_unit_test(test_vnaks_are_honoured_within_limits),
		cmocka_unit_test(test_an_impossible_iseqno_changes_nothing),
		cmocka_unit_test(test_the_window_is_full_for_the_owner_before_it_is_for_the_end),
		cmocka_unit_test(test_answers_to_pings_leave_room_for_the_end),
		cmocka_unit_test(test_more_than_256_pings_in_a_second),
		cmocka_unit_test(test_timestamps_of_full_frames_differ),
		cmocka_unit_test(test_a_ping_is_answered_with_its_timestamp_and_a_report),
		cmocka_unit_test(test_what_the_relay_counted_is_reported),
		cmocka_unit_test(test_a_flood_of_pings_is_acknowledged_only),
		cmocka_unit_test(test_only_the_right_echo_measures),
		cmocka_unit_test(test_a_peer_may_move_to_another_port),
		cmocka_unit_test(test_a_move_that_does_not_fit_is_not_followed),
		cmocka_unit_test(test_a_flood_of_events_waits_outside),
		cmocka_unit_test(test_a_closing_leg_only_acknowledges),
		cmocka_unit_test(test_the_schedule_of_a_lost_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
