/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"

#include "openings.h"

#include "check.h"

/* Opening frames as a client sends them: call tokens and what ends a call early (protocol reference 6.3). */

/* Node 0 calls the peer, who is at its address. */
static struct pair *pair_calling_for(uint32_t unheard_ms)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_leg_id leg;

	peer_init(&p->peer, &p->sim, 0, 7, 1234);
	const struct iax_call_open open = {
		.remote = p->peer.addr,
		.local = p->sim.nodes[0].addr,
		.called_number = TG_SPAN_LIT("1000"),
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMAT_ULAW | IAX_FORMAT_ALAW,
		.unheard_ms = unheard_ms,
	};

	CHECK_UINT(iax_call_open(pair_ep(p, 0), &open, p->sim.now_us, &leg), IAX_OK);
	p->a.calls[p->a.call_count++] = (struct phone_call){ .leg = leg, .live = true };
	sim_pump(&p->sim, 0);
	p->peer.iseqno = 0;
	return p;
}

static struct pair *pair_calling_peer(void)
{
	return pair_calling_for(0);
}

/* Before we know the far end's number, no INVAL can be its. */
static void test_an_inval_cannot_end_a_call_that_nobody_answered(void **state)
{
	struct pair *p = pair_calling_peer();
	const struct iax_frame inval = {
		.class = IAX_CLASS_FULL,
		.source = 1234,
		.destination = p->peer.remote_number,
		.type = IAX_FRAME_IAX,
		.subclass = IAX_INVAL,
	};

	(void)state;
	CHECK_UINT(peer_send_frame(&p->peer, &inval), IAX_ERR_MISMATCH);
	CHECK_UINT(p->a.events[IAX_EV_ENDED], 0);
	pair_free(p);
}

static enum iax_err send_token(struct pair *p, uint16_t source, struct tg_span token)
{
	uint8_t bytes[300];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u8(&w, IAX_IE_CALLTOKEN);
	tg_put_u8(&w, (uint8_t)token.len);
	tg_put_span(&w, token);
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = source,
		.destination = p->peer.remote_number,
		.iseqno = 1,
		.type = IAX_FRAME_IAX,
		.subclass = IAX_CALLTOKEN,
		.payload = tg_writer_span(&w),
	};

	return peer_send_frame(&p->peer, &frame);
}

static void test_the_request_is_repeated_with_any_token(void **state)
{
	static const uint16_t sources[] = { 0, 1, 77 };
	static const size_t lengths[] = { 1, 7, 40, 255 };
	uint8_t token[255];

	(void)state;
	for (size_t i = 0; i < sizeof(token); i++) {
		token[i] = (uint8_t)i;
	}
	for (size_t s = 0; s < TG_COUNT(sources); s++) {
		for (size_t l = 0; l < TG_COUNT(lengths); l++) {
			struct pair *p = pair_calling_peer();
			const struct peer_frame first = *peer_last(&p->peer, IAX_FRAME_IAX, IAX_NEW);

			CHECK_UINT(first.ies.call_token.len, 0);
			CHECK_UINT(first.bytes[first.len - 2], IAX_IE_CALLTOKEN);
			sim_run_ms(&p->sim, 40);
			peer_clear(&p->peer);
			CHECK_UINT(send_token(p, sources[s], (struct tg_span){ token, lengths[l] }), IAX_OK);
			CHECK_UINT(p->peer.count, 1);
			const struct peer_frame *again = peer_last(&p->peer, IAX_FRAME_IAX, IAX_NEW);

			CHECK_UINT(again->frame.source, first.frame.source);
			CHECK_UINT(again->frame.destination, 0);
			CHECK_FALSE(again->frame.retry);
			CHECK_UINT(again->frame.oseqno, 0);
			CHECK_UINT(again->frame.iseqno, 0);
			CHECK_TRUE(again->frame.ts_ms > first.frame.ts_ms);
			CHECK_UINT(again->len, first.len + lengths[l]);
			CHECK_TRUE(memcmp(again->bytes + 12, first.bytes + 12, first.len - 14) == 0);
			CHECK_SPAN(again->ies.call_token, ((struct tg_span){ token, lengths[l] }));
			pair_free(p);
		}
	}
}

/* K1: the second CALLTOKEN counts only when the request with the first has been repeated. */
static void test_a_second_token_waits_for_a_repetition(void **state)
{
	struct pair *p = pair_calling_peer();

	(void)state;
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("first")), IAX_OK);
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("second")), IAX_ERR_UNEXPECTED);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_NEW), 2);
	sim_run_ms(&p->sim, 1200);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_NEW), 3);
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("third")), IAX_OK);
	CHECK_SPAN(peer_last(&p->peer, IAX_FRAME_IAX, IAX_NEW)->ies.call_token, TG_SPAN_LIT("third"));
	pair_free(p);
}

/* Whatever was repeated before, the request with the token is a first transmission. */
static void test_a_token_after_a_repetition(void **state)
{
	struct pair *p = pair_calling_peer();

	(void)state;
	sim_run_ms(&p->sim, 1200);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_NEW), 2);
	CHECK_TRUE(peer_last(&p->peer, IAX_FRAME_IAX, IAX_NEW)->frame.retry);
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("token")), IAX_OK);
	CHECK_SPAN(peer_last(&p->peer, IAX_FRAME_IAX, IAX_NEW)->ies.call_token, TG_SPAN_LIT("token"));
	CHECK_FALSE(peer_last(&p->peer, IAX_FRAME_IAX, IAX_NEW)->frame.retry);
	pair_free(p);
}

/* A CALLTOKEN that comes twice says nothing of the call whose request with the token is out. */
static void test_a_late_token_stops_no_hangup(void **state)
{
	struct pair *p = pair_calling_peer();

	(void)state;
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("token")), IAX_OK);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("token")), IAX_ERR_UNEXPECTED);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 1);
	sim_run_ms(&p->sim, 20000);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 5);
	pair_free(p);
}

/* 2.4 step 4: only who acknowledges what we sent can be the one we sent it to. */
static void test_an_ack_of_nothing_teaches_no_number(void **state)
{
	static const struct {
		uint8_t subclass, iseqno;
	} rows[] = { { IAX_ACK, 99 }, { IAX_ACK, 0 }, { IAX_VNAK, 99 } };
	struct pair *p = pair_calling_peer();
	const struct iax_ies ies = { .format = IAX_FORMAT_ULAW, .has = UINT64_C(1) << IAX_IE_FORMAT };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct iax_frame frame = {
			.class = IAX_CLASS_FULL,
			.source = 666,
			.destination = p->peer.remote_number,
			.ts_ms = 1,
			.iseqno = rows[i].iseqno,
			.type = IAX_FRAME_IAX,
			.subclass = rows[i].subclass,
		};

		peer_send_frame(&p->peer, &frame);
		CHECK_UINT(pair_info(p, 0).remote_number, 0);
	}
	p->peer.iseqno = 1;
	CHECK_UINT(peer_ack(&p->peer), IAX_OK);
	CHECK_UINT(pair_info(p, 0).remote_number, 1234);
	CHECK_UINT(peer_send_ies(&p->peer, IAX_ACCEPT, &ies), IAX_OK);
	CHECK_TRUE(phone_last(&p->a)->accepted);
	pair_free(p);
}

/* The HANGUP has its whole schedule, whatever was left of the time for the set-up. */
static void test_a_hangup_outlives_the_time_for_the_setup(void **state)
{
	struct pair *p = pair_calling_peer();

	(void)state;
	p->peer.iseqno = 1;
	CHECK_UINT(peer_ack(&p->peer), IAX_OK);
	sim_run_ms(&p->sim, 29500);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	sim_run_ms(&p->sim, 40000);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 5);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 0);
	pair_free(p);
}

/* What is heard within unheard_ms gives the call the time that any has to be set up. */
static void test_a_call_that_nothing_is_heard_of(void **state)
{
	static const struct {
		uint32_t unheard_ms;
		bool acks, sends_token;
		uint32_t ends_ms;
	} cases[] = {
		{ 4000, false, false, 4000 },  { 4000, true, false, 30000 }, { 4000, false, true, 0 },
		{ 60000, true, false, 30000 }, { 0, true, false, 30000 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct pair *p = pair_calling_for(cases[i].unheard_ms);
		const struct iax_frame ack = {
			.class = IAX_CLASS_FULL,
			.source = 1234,
			.destination = p->peer.remote_number,
			.iseqno = 1,
			.type = IAX_FRAME_IAX,
			.subclass = IAX_ACK,
		};

		CHECK_TRUE(!cases[i].acks || peer_send_frame(&p->peer, &ack) == IAX_OK);
		CHECK_TRUE(!cases[i].sends_token || send_token(p, 1, TG_SPAN_LIT("token")) == IAX_OK);
		sim_run_ms(&p->sim, cases[i].ends_ms != 0 ? cases[i].ends_ms - 1 : 5000);
		CHECK_FALSE(phone_last(&p->a)->ended);
		if (cases[i].ends_ms != 0) {
			sim_run_ms(&p->sim, 2);
			CHECK_UINT(phone_last(&p->a)->end, IAX_END_TIMEOUT);
		}
		pair_free(p);
	}
}

/* 6.3 step 7, K6, K7, K9: two transmissions with a token unanswered, then once from the beginning. */
static void test_a_dead_token_is_replaced_once(void **state)
{
	struct pair *p = pair_calling_peer();
	struct tg_span want[] = { { 0 }, TG_SPAN_LIT("dead"), TG_SPAN_LIT("dead"), { 0 }, TG_SPAN_LIT("live") };

	(void)state;
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("dead")), IAX_OK);
	sim_run_ms(&p->sim, 3500);
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("live")), IAX_OK);
	CHECK_UINT(p->peer.count, 5);
	for (unsigned i = 0; i < 5; i++) {
		CHECK_SPAN(p->peer.frames[i].ies.call_token, want[i]);
		CHECK_UINT(p->peer.frames[i].frame.retry, i == 2);
		CHECK_UINT(p->peer.frames[i].frame.oseqno, 0);
	}
	sim_run_ms(&p->sim, 10000);
	for (unsigned i = 5; i < p->peer.count; i++) {
		CHECK_SPAN(p->peer.frames[i].ies.call_token, want[4]);
	}
	pair_free(p);
}

static void test_three_rounds_at_most(void **state)
{
	struct pair *p = pair_calling_peer();
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		taken += send_token(p, 1, TG_SPAN_LIT("again")) == IAX_OK;
		sim_run_ms(&p->sim, 1200);
	}
	CHECK_UINT(taken, 3);
	sim_run_ms(&p->sim, 30000);
	CHECK_TRUE(phone_last(&p->a)->ended);
	pair_free(p);
}

/* K5, K10: later, for another number, from another address, or empty, a token changes nothing. */
static void test_tokens_that_count_for_nothing(void **state)
{
	struct pair *p = pair_calling_peer();
	const uint16_t number = p->peer.remote_number;

	(void)state;
	CHECK_UINT(send_token(p, 1, (struct tg_span){ 0 }), IAX_ERR_UNEXPECTED);
	p->peer.remote_number = number ^ 1;
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("x")), IAX_ERR_NO_LEG);
	p->peer.remote_number = number;
	p->peer.addr.port++;
	CHECK_UINT(send_token(p, 1, TG_SPAN_LIT("x")), IAX_ERR_NO_LEG);
	p->peer.addr.port--;
	CHECK_UINT(p->peer.count, 1);
	struct iax_ies ies = { .format = IAX_FORMAT_ULAW, .has = UINT64_C(1) << IAX_IE_FORMAT };

	p->peer.iseqno = 1;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_ACCEPT, &ies), IAX_OK);
	CHECK_TRUE(phone_last(&p->a)->accepted);
	peer_clear(&p->peer);
	CHECK_TRUE(send_token(p, 1, TG_SPAN_LIT("late")) != IAX_OK);
	CHECK_UINT(p->peer.count, 0);
	pair_free(p);
}

/* A stateless refusal comes from number 1; it is acknowledged to number 1, and nothing of it stays. */
static void test_a_stateless_reject_ends_our_call(void **state)
{
	struct pair *p = pair_calling_peer();
	struct iax_ies ies = { .cause_code = 50, .has = UINT64_C(1) << IAX_IE_CAUSECODE };

	(void)state;
	p->peer.number = 1;
	p->peer.iseqno = 1;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_REJECT, &ies), IAX_OK);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_REJECTED);
	CHECK_UINT(phone_last(&p->a)->cause, 50);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_ACK)->frame.destination, 1);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 0);
	pair_free(p);
}

/* 1.8: an old client may own number 1 like any other. */
static void test_a_peer_with_number_one(void **state)
{
	struct pair *p = pair_calling_peer();
	struct iax_ies ies = { .format = IAX_FORMAT_ALAW, .has = UINT64_C(1) << IAX_IE_FORMAT };

	(void)state;
	p->peer.number = 1;
	p->peer.iseqno = 1;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_ACCEPT, &ies), IAX_OK);
	CHECK_UINT(phone_last(&p->a)->format, IAX_FORMAT_ALAW);
	CHECK_UINT(pair_info(p, 0).remote_number, 1);
	pair_free(p);
}

static void test_an_accept_without_an_offered_format_is_refused(void **state)
{
	static const struct {
		uint32_t format;
		uint8_t cause;
	} rows[] = {
		{ 0, IAX_CAUSE_IE_MISSING },
		{ IAX_FORMAT_GSM, IAX_CAUSE_BEARER_UNAVAILABLE },
		{ IAX_FORMAT_ULAW | IAX_FORMAT_ALAW, IAX_CAUSE_BEARER_UNAVAILABLE },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct pair *p = pair_calling_peer();
		struct iax_ies ies = { .format = rows[i].format };

		ies.has = rows[i].format == 0 ? 0 : UINT64_C(1) << IAX_IE_FORMAT;
		p->peer.iseqno = 1;
		CHECK_UINT(peer_send_ies(&p->peer, IAX_ACCEPT, &ies), IAX_OK);
		CHECK_FALSE(phone_last(&p->a)->accepted);
		CHECK_UINT(phone_last(&p->a)->end, IAX_END_LOCAL);
		CHECK_UINT(phone_last(&p->a)->cause, rows[i].cause);
		CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_HANGUP)->ies.cause_code, rows[i].cause);
		pair_free(p);
	}
}

/* one more challenge is answered, a third ends the call. */
static void test_challenges_are_answered_twice(void **state)
{
	struct pair *p = pair_calling_peer();
	struct iax_ies ies = { .auth_methods = IAX_AUTH_MD5, .challenge = TG_SPAN_LIT("12345") };

	(void)state;
	ies.has = UINT64_C(1) << IAX_IE_AUTHMETHODS | UINT64_C(1) << IAX_IE_CHALLENGE;
	p->peer.iseqno = 1;
	for (unsigned i = 0; i < 3; i++) {
		CHECK_UINT(p->a.events[IAX_EV_ENDED], 0);
		CHECK_UINT(peer_send_ies(&p->peer, IAX_AUTHREQ, &ies), IAX_OK);
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_AUTHREP), 2);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 1);
	CHECK_UINT(phone_last(&p->a)->end, IAX_END_LOCAL);
	pair_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_inval_cannot_end_a_call_that_nobody_answered),
		cmocka_unit_test(test_the_request_is_repeated_with_any_token),
		cmocka_unit_test(test_a_second_token_waits_for_a_repetition),
		cmocka_unit_test(test_a_token_after_a_repetition),
		cmocka_unit_test(test_a_late_token_stops_no_hangup),
		cmocka_unit_test(test_an_ack_of_nothing_teaches_no_number),
		cmocka_unit_test(test_a_hangup_outlives_the_time_for_the_setup),
		cmocka_unit_test(test_a_call_that_nothing_is_heard_of),
		cmocka_unit_test(test_a_dead_token_is_replaced_once),
		cmocka_unit_test(test_three_rounds_at_most),
		cmocka_unit_test(test_tokens_that_count_for_nothing),
		cmocka_unit_test(test_a_stateless_reject_ends_our_call),
		cmocka_unit_test(test_a_peer_with_number_one),
		cmocka_unit_test(test_an_accept_without_an_offered_format_is_refused),
		cmocka_unit_test(test_challenges_are_answered_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
