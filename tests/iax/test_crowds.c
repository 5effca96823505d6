/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"

#include "openings.h"

#include "check.h"

/* Limits of openings (R11): what one host may hold, and who makes room. */

static void test_one_host_holds_sixteen_and_the_oldest_goes(void **state)
{
	struct pair *p = openings_behind_door();
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.silent = true;
	for (uint16_t i = 0; i < 40; i++) {
		p->peer.number = (uint16_t)(100 + i);
		p->peer.addr.port = (uint16_t)(5000 + i % 3); /* the port does not count */
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
		CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), i < 16 ? i + 1 : 16);
		if (i >= 16) {
			CHECK_TRUE(p->b.calls[i - 16].ended);
			CHECK_UINT(p->b.calls[i - 16].end, IAX_END_EVICTED);
		}
	}
	CHECK_FALSE(p->b.calls[24].ended);
	peer_init(&p->peer, &p->sim, 1, 8, 100);
	CHECK_UINT(openings_new(p, &ies), IAX_OK);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 17);
	pair_free(p);
}

/* R7, R8: who was refused counts no more, and hears of it, whoever else comes from there. */
static void test_a_refused_call_leaves_its_place(void **state)
{
	struct pair *p = openings_behind_door();
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.rejects = IAX_CAUSE_NOT_SUBSCRIBED;
	p->b.reject_after_us = 1000000;
	for (uint16_t i = 0; i < 16; i++) {
		p->peer.number = (uint16_t)(100 + i);
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
	}
	p->b.silent = true;
	for (uint16_t i = 0; i < 16; i++) {
		p->peer.number = (uint16_t)(200 + i);
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
	}
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 32);
	CHECK_UINT(p->b.events[IAX_EV_ENDED], 16);
	sim_run_ms(&p->sim, 1100);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_REJECT), 16);
	sim_run_ms(&p->sim, 12000);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

/* R7: they have a smaller budget. */
static void test_refused_calls_have_a_budget(void **state)
{
	struct pair *p = openings_behind_door();
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.rejects = IAX_CAUSE_NOT_SUBSCRIBED;
	p->b.reject_after_us = 1000000;
	for (uint16_t i = 0; i < 60; i++) {
		p->peer.number = (uint16_t)(100 + i);
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
		CHECK_TRUE(iax_inspect_legs(pair_ep(p, 1)) <= 16);
	}
	peer_clear(&p->peer);
	sim_run_ms(&p->sim, 1100);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_REJECT), 16);
	for (unsigned i = 0; i < 16; i++) {
		CHECK_TRUE(p->peer.frames[i].frame.destination >= 144); /* the youngest */
	}
	pair_free(p);
}

/* Whoever has an IPv6 address has 2^64 of them. */
static void test_a_network_of_64_bits_is_one_host(void **state)
{
	struct pair *p = openings_behind_door();
	const struct iax_ies ies = peer_new("mallory");
	uint8_t ip[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1 };

	(void)state;
	p->b.silent = true;
	for (uint8_t i = 0; i < 20; i++) {
		ip[8] = ip[15] = i;
		p->peer.addr = tg_addr_ipv6(ip, IAX_PORT);
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
	}
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 16);
	ip[7] = 2;
	p->peer.addr = tg_addr_ipv6(ip, IAX_PORT);
	CHECK_UINT(openings_new(p, &ies), IAX_OK);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 17);
	pair_free(p);
}

/* At the ceiling hosts that hold many give first, however young their calls are. */
static void test_at_the_ceiling_crowds_make_room(void **state)
{
	struct iax_config config = sim_config();
	struct pair *p;
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	config.with_door = false;
	config.legs_max = 40;
	p = pair_new_with(1, &pair_calm, &config);
	p->b.silent = true;
	peer_init(&p->peer, &p->sim, 1, 7, 99);
	CHECK_UINT(openings_new(p, &ies), IAX_OK); /* one call, and the oldest */
	for (uint16_t i = 0; i < 60; i++) {
		p->peer.number = (uint16_t)(100 + i);
		p->peer.addr.ip[15] = (uint8_t)(10 + i / 12);
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
	}
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 38);
	CHECK_FALSE(p->b.calls[0].ended);
	CHECK_UINT(p->b.events[IAX_EV_ENDED], 61 - 38);
	pair_free(p);
}

/* A flood of half-open calls from everywhere takes no place from anybody who answers. */
static void test_at_the_ceiling_the_oldest_unanswered_makes_room(void **state)
{
	struct iax_config config = sim_config();
	struct pair *p;
	struct iax_ies ies = peer_new("alice");

	(void)state;
	config.with_door = false;
	config.legs_max = 40;
	p = pair_new_with(1, &pair_calm, &config);
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(openings_new(p, &ies), IAX_OK);
	peer_ack(&p->peer);
	CHECK_TRUE(p->b.calls[0].confirmed);
	p->b.silent = true;
	for (uint16_t i = 0; i < 60; i++) {
		p->peer.number = (uint16_t)(2000 + i);
		p->peer.addr.ip[15] = (uint8_t)(10 + i);
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
		sim_run_ms(&p->sim, 1);
	}
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 38); /* S-01: a twentieth is ours */
	CHECK_FALSE(p->b.calls[0].ended);
	CHECK_TRUE(p->b.calls[1].ended);
	CHECK_UINT(p->b.calls[1].end, IAX_END_EVICTED);
	CHECK_FALSE(p->b.calls[p->b.call_count - 1].ended);
	for (unsigned i = 0; i < 5; i++) {
		phone_dial(&p->sim, 1, 0, "bob"); /* ours find room, in the end at a stranger's cost */
	}
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 40);
	CHECK_FALSE(p->b.calls[0].ended);
	pair_free(p);
}

/* 5.2, S-38: what a stranger sends on his half-open call is acknowledged, and makes us hold nothing. */
static void test_a_half_open_call_is_acknowledged_only(void **state)
{
	static const uint8_t asked[] = { IAX_PING, IAX_LAGRQ, 0x7e };
	struct pair *p = openings_behind_door();
	struct iax_endpoint_stats stats;
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.challenges = true;
	CHECK_UINT(openings_new(p, &ies), IAX_OK);
	peer_clear(&p->peer);
	for (unsigned i = 0; i < 24; i++) {
		p->peer.iseqno = 0; /* nothing of ours is acknowledged */
		CHECK_UINT(peer_send_ies(&p->peer, asked[i % TG_COUNT(asked)], NULL), IAX_ERR_UNEXPECTED);
		sim_run_ms(&p->sim, 251);
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 24);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_PONG), 0);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_LAGRP), 0);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_UNSUPPORT), 0);
	iax_endpoint_stats(pair_ep(p, 1), &stats);
	CHECK_UINT(stats.frames_pending, 1);
	pair_free(p);
}

/* Strangers find the pool of frames full while a quarter is left for others, and the last of it is for the end of calls. */
static void test_strangers_leave_a_share_of_the_frames(void **state)
{
	struct iax_config config = sim_config();
	struct iax_endpoint_stats stats;
	const struct iax_ies ies = peer_new("alice");
	struct pair *p;

	(void)state;
	config.with_door = false;
	config.frames_max = 32;
	p = pair_new_with(1, &pair_calm, &config);
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(openings_new(p, &ies), IAX_OK);
	peer_ack(&p->peer);
	peer_ack(&p->peer);
	const struct iax_leg_id good = p->b.calls[0].leg;

	p->b.silent = true;
	for (uint16_t i = 0; i < 40; i++) {
		p->peer.addr.ip[15] = (uint8_t)(10 + i);
		CHECK_UINT(openings_new(p, &ies), IAX_OK);
		CHECK_UINT(iax_leg_challenge(pair_ep(p, 1), phone_last(&p->b)->leg, IAX_AUTH_MD5,
		                             TG_SPAN_LIT("challenge"), p->sim.now_us),
		           i < 24 ? IAX_OK : IAX_ERR_NO_ROOM);
	}
	iax_endpoint_stats(pair_ep(p, 1), &stats);
	CHECK_UINT(stats.frames_pending, 24);
	for (unsigned i = 0; i < 10; i++) {
		CHECK_UINT(iax_leg_dtmf(pair_ep(p, 1), good, '1', false, p->sim.now_us),
		           i < 6 ? IAX_OK : IAX_ERR_NO_ROOM);
	}
	peer_clear(&p->peer);
	CHECK_UINT(iax_leg_hangup(pair_ep(p, 1), good, IAX_CAUSE_NORMAL_CLEARING, (struct tg_span){ 0 }, p->sim.now_us),
	           IAX_OK);
	sim_pump(&p->sim, 1);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 1);
	pair_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_host_holds_sixteen_and_the_oldest_goes),
		cmocka_unit_test(test_a_refused_call_leaves_its_place),
		cmocka_unit_test(test_refused_calls_have_a_budget),
		cmocka_unit_test(test_a_network_of_64_bits_is_one_host),
		cmocka_unit_test(test_at_the_ceiling_crowds_make_room),
		cmocka_unit_test(test_at_the_ceiling_the_oldest_unanswered_makes_room),
		cmocka_unit_test(test_a_half_open_call_is_acknowledged_only),
		cmocka_unit_test(test_strangers_leave_a_share_of_the_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
