/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"

#include "openings.h"

#include "check.h"

/* Opening frames as a server sees them: tokens, copies, tombstones (protocol reference 6; rulings R2 to R8). */

static void test_no_token_no_state(void **state)
{
	struct pair *p = openings_pair();
	struct iax_ies ies = peer_new("alice");
	size_t before;

	(void)state;
	CHECK_UINT(openings_new(p, &ies), IAX_ERR_NO_TOKEN);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_REJECT)->frame.source, IAX_CALLNO_STATELESS);
	ies.has |= UINT64_C(1) << IAX_IE_CALLTOKEN;
	peer_clear(&p->peer);
	before = p->sim.nodes[1].octets_received;
	CHECK_UINT(openings_new(p, &ies), IAX_ERR_ANSWERED);
	CHECK_TRUE(peer_octets(&p->peer) <= p->sim.nodes[1].octets_received - before);
	CHECK_UINT(p->peer.count, 1);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	ies.call_token = TG_SPAN_LIT("1234567");
	peer_clear(&p->peer);
	CHECK_UINT(openings_new(p, &ies), IAX_ERR_BAD_TOKEN);
	CHECK_UINT(p->peer.count, 0);
	pair_free(p);
}

/* K2, K3, K4: whatever copy of the request comes when the leg exists is a duplicate, its token unseen. */
static void test_copies_of_a_request_open_one_leg(void **state)
{
	struct pair *p = openings_pair();
	struct iax_ies ies = peer_new("alice");

	(void)state;
	p->b.silent = true;
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	const uint16_t number = p->peer.remote_number;

	peer_clear(&p->peer);
	sim_run_ms(&p->sim, 5000);
	for (unsigned i = 0; i < 5; i++) {
		ies.has |= UINT64_C(1) << IAX_IE_CALLTOKEN;
		ies.call_token = i % 2 == 0 ? (struct tg_span){ 0 } : TG_SPAN_LIT("expired");
		CHECK_UINT(openings_new(p, &ies), IAX_ERR_SEEN);
	}
	CHECK_UINT(p->peer.count, 5);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 5);
	CHECK_UINT(p->peer.frames[0].frame.source, number);
	CHECK_UINT(p->peer.frames[0].frame.oseqno, 0);
	CHECK_UINT(p->peer.frames[0].frame.iseqno, 1);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 1);
	CHECK_UINT(p->b.events[IAX_EV_OFFERED], 1);
	pair_free(p);
}

static void test_another_kind_of_request_with_a_number_in_use_is_dropped(void **state)
{
	struct pair *p = openings_pair();
	const struct iax_ies ies = peer_new("alice");

	(void)state;
	p->b.silent = true;
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	peer_clear(&p->peer);
	p->peer.oseqno = 0;
	p->peer.remote_number = 0;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_REGREQ, &ies), IAX_ERR_NOT_OPENING);
	CHECK_UINT(p->peer.count, 0);
	pair_free(p);
}

/* 2.8: on an old call the same request means a restarted peer, or a forger: one PING asks. */
static void test_an_opening_on_an_old_call_is_probed(void **state)
{
	struct pair *p = openings_pair();
	struct iax_ies ies = peer_new("alice");

	(void)state;
	peer_link(&p->peer);
	for (unsigned i = 0; i < 61; i++) {
		sim_run_ms(&p->sim, 1000);
		peer_ack(&p->peer);
		peer_clear(&p->peer);
	}
	CHECK_FALSE(phone_last(&p->b)->ended);
	const uint16_t number = p->peer.remote_number;

	CHECK_UINT(openings_new(p, &ies), IAX_ERR_SEEN);
	CHECK_UINT(openings_new(p, &ies), IAX_ERR_SEEN);
	CHECK_UINT(p->peer.count, 1);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_PING), 1);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_PING)->frame.source, number);
	pair_free(p);
}

/* K8 */
static void test_a_number_may_be_used_again_after_two_seconds(void **state)
{
	struct pair *p = openings_pair();
	const struct iax_ies ies = peer_new("alice");
	struct iax_frame copy;

	(void)state;
	peer_link(&p->peer);
	const uint16_t number = p->peer.remote_number;

	CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_OK);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	peer_clear(&p->peer);
	sim_run_ms(&p->sim, 1900);
	CHECK_UINT(openings_new(p, &ies), IAX_ERR_TOMBSTONE);
	sim_run_ms(&p->sim, 200);
	copy = (struct iax_frame){
		.class = IAX_CLASS_FULL,
		.source = 1234,
		.type = IAX_FRAME_IAX,
		.subclass = IAX_NEW,
		.retry = true,
	};
	CHECK_UINT(peer_send_frame(&p->peer, &copy), IAX_ERR_TOMBSTONE);
	CHECK_UINT(p->peer.count, 0);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	CHECK_TRUE(p->peer.remote_number != number); /* R7: not the same within a minute */
	pair_free(p);
}

/* The same while our HANGUP still waits for the ACK of a peer that restarted. */
static void test_a_restarted_peer_calls_while_we_hang_up(void **state)
{
	struct pair *p = openings_pair();
	const struct iax_ies ies = peer_new("alice");
	struct iax_frame copy = {
		.class = IAX_CLASS_FULL,
		.source = 1234,
		.type = IAX_FRAME_IAX,
		.subclass = IAX_NEW,
		.retry = true,
	};

	(void)state;
	peer_link(&p->peer);
	pair_hang_up(p, 1, IAX_CAUSE_NORMAL_CLEARING);
	const uint16_t number = p->peer.remote_number;

	sim_run_ms(&p->sim, 1900);
	CHECK_UINT(openings_new(p, &ies), IAX_ERR_SEEN);
	sim_run_ms(&p->sim, 200);
	CHECK_UINT(peer_send_frame(&p->peer, &copy), IAX_ERR_SEEN);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 1);
	peer_clear(&p->peer);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_OFFERED], 2);
	CHECK_TRUE(p->peer.remote_number != number);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 1);
	peer_ack(&p->peer);
	CHECK_TRUE(phone_last(&p->b)->confirmed);
	pair_free(p);
}

/* R7: the exact owner of an ended call is told so, three times; nobody else gets a word. */
static void test_late_frames_meet_a_tombstone(void **state)
{
	struct pair *p = openings_pair();

	(void)state;
	peer_link(&p->peer);
	CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_OK);
	peer_clear(&p->peer);
	for (unsigned i = 0; i < 5; i++) {
		CHECK_UINT(peer_send_ies(&p->peer, IAX_PING, NULL), IAX_ERR_TOMBSTONE);
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_INVAL), 3);
	const struct peer_frame *inval = peer_last(&p->peer, IAX_FRAME_IAX, IAX_INVAL);

	CHECK_UINT(inval->len, 12);
	CHECK_UINT(inval->frame.destination, 1234);
	CHECK_UINT(inval->frame.oseqno, 0);
	CHECK_UINT(inval->frame.iseqno, 0);
	peer_clear(&p->peer);
	p->peer.number = 1235;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_PING, NULL), IAX_ERR_NO_LEG);
	p->peer.number = 1234;
	sim_run_ms(&p->sim, 10001);
	CHECK_UINT(peer_send_ies(&p->peer, IAX_PING, NULL), IAX_ERR_NO_LEG);
	CHECK_UINT(p->peer.count, 0);
	pair_free(p);
}

/* The ACK of an early HANGUP was lost. */
static void test_a_copy_of_an_early_hangup_is_acknowledged(void **state)
{
	struct pair *p = openings_pair();
	const struct iax_ies ies = peer_new("alice");

	(void)state;
	p->b.silent = true;
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	const uint16_t number = p->peer.remote_number;

	p->peer.remote_number = 0;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_OK);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	peer_clear(&p->peer);
	for (unsigned i = 0; i < 12; i++) {
		p->peer.oseqno = 1;
		p->peer.remote_number = 0;
		CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_ERR_TOMBSTONE);
	}
	CHECK_UINT(p->peer.count, 8);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 8);
	CHECK_UINT(p->peer.frames[0].frame.source, number);
	pair_free(p);
}

/* A name that is too long to keep is cut between two characters, so that the challenge can repeat it. */
static void test_a_long_name_is_cut_between_characters(void **state)
{
	static const struct {
		const char *end;
		size_t len;
	} rows[] = { { "\xc3\xa9", 79 }, { "x\xc3\xa9", 80 }, { "\xf0\x9f\x93\x9e", 79 }, { "xyz", 80 } };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct pair *p = openings_behind_door();
		char name[90];
		struct iax_ies ies;

		memset(name, 'a', 79);
		memcpy(name + 79, rows[i].end, strlen(rows[i].end) + 1);
		ies = peer_new(name);
		p->b.challenges = true;
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
		CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_AUTHREQ)->ies.username.len, rows[i].len);
		pair_free(p);
	}
}

/* 2.9: what is never answered, on a live call, an ended one, or none. */
static void test_nothing_answers_an_ack_an_inval_or_a_vnak(void **state)
{
	static const uint8_t quiet[] = { IAX_ACK, IAX_INVAL, IAX_VNAK, IAX_TXCNT, IAX_TXACC, IAX_CALLTOKEN };

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		struct pair *p = openings_pair();

		peer_link(&p->peer);
		if (round == 1) {
			CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_OK);
		}
		peer_clear(&p->peer);
		for (unsigned i = 0; i < 100; i++) {
			struct iax_frame frame = {
				.class = IAX_CLASS_FULL,
				.source = 1234,
				.destination = p->peer.remote_number,
				.ts_ms = 5 + i,
				.oseqno = (uint8_t)(i * 7),
				.iseqno = (uint8_t)(i * 13),
				.type = IAX_FRAME_IAX,
				.subclass = quiet[i % TG_COUNT(quiet)],
			};

			if (round == 2) {
				frame.source = 999;
				frame.destination = (uint16_t)(i * 300 + 3);
			} else if (frame.subclass == IAX_INVAL) {
				frame.source = 999; /* of another call: not believed */
			}
			peer_send_frame(&p->peer, &frame);
		}
		CHECK_UINT(p->peer.count, 0);
		CHECK_UINT(phone_last(&p->b)->ended, round == 1);
		pair_free(p);
	}
}

/* It is an answer, so something of ours must be out. */
static void check_inval_to_nothing(struct pair *p, const struct iax_frame *inval)
{
	CHECK_UINT(peer_send_frame(&p->peer, inval), IAX_ERR_MISMATCH);
	CHECK_FALSE(phone_last(&p->b)->ended);
	CHECK_UINT(iax_leg_dtmf(pair_ep(p, 1), pair_leg(p, 1), '5', false, p->sim.now_us), IAX_OK);
	sim_pump(&p->sim, 1);
}

static void test_an_inval_ends_a_call_only_with_all_three_numbers(void **state)
{
	struct pair *p = openings_pair();
	struct iax_frame inval = { .class = IAX_CLASS_FULL, .type = IAX_FRAME_IAX, .subclass = IAX_INVAL };
	const struct tg_addr right = p->peer.addr;

	(void)state;
	peer_link(&p->peer);
	const uint16_t number = p->peer.remote_number;

	for (unsigned guess = 1; guess <= IAX_CALLNO_MAX; guess += 97) {
		inval.source = 1234;
		inval.destination = guess == number ? 2 : (uint16_t)guess;
		CHECK_TRUE(peer_send_frame(&p->peer, &inval) != IAX_OK);
		inval.source = guess == 1234 ? 2 : (uint16_t)guess;
		inval.destination = number;
		CHECK_TRUE(peer_send_frame(&p->peer, &inval) != IAX_OK);
	}
	inval.source = 1234;
	p->peer.addr.port++;
	CHECK_TRUE(peer_send_frame(&p->peer, &inval) != IAX_OK);
	p->peer.addr = right;
	CHECK_FALSE(phone_last(&p->b)->ended);
	check_inval_to_nothing(p, &inval);
	CHECK_UINT(peer_send_frame(&p->peer, &inval), IAX_OK);
	CHECK_UINT(phone_last(&p->b)->end, IAX_END_INVAL);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

/* Both hung up, ours is acknowledged and forgotten: the other one's HANGUP is acknowledged, not called unknown. */
static void test_a_late_hangup_is_acknowledged(void **state)
{
	struct pair *p = openings_pair();

	(void)state;
	peer_link(&p->peer);
	pair_hang_up(p, 1, IAX_CAUSE_NORMAL_CLEARING);
	peer_ack(&p->peer);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	peer_clear(&p->peer);
	for (unsigned i = 0; i < 2; i++) {
		CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_ERR_TOMBSTONE);
		p->peer.oseqno--;
		CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), i + 1);
		CHECK_UINT(p->peer.frames[i].frame.iseqno, (uint8_t)(p->peer.oseqno + 1));
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_INVAL), 0);
	pair_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_token_no_state),
		cmocka_unit_test(test_copies_of_a_request_open_one_leg),
		cmocka_unit_test(test_another_kind_of_request_with_a_number_in_use_is_dropped),
		cmocka_unit_test(test_an_opening_on_an_old_call_is_probed),
		cmocka_unit_test(test_a_number_may_be_used_again_after_two_seconds),
		cmocka_unit_test(test_a_restarted_peer_calls_while_we_hang_up),
		cmocka_unit_test(test_late_frames_meet_a_tombstone),
		cmocka_unit_test(test_a_copy_of_an_early_hangup_is_acknowledged),
		cmocka_unit_test(test_a_long_name_is_cut_between_characters),
		cmocka_unit_test(test_nothing_answers_an_ack_an_inval_or_a_vnak),
		cmocka_unit_test(test_an_inval_ends_a_call_only_with_all_three_numbers),
		cmocka_unit_test(test_a_late_hangup_is_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
