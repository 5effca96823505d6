/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"

#include "sim/pair.h"
#include "vectors.h"

#include "check.h"

/* Opening frames: call tokens from both sides (protocol reference 6), refusals, limits (rulings R2 to R8, R11). */

static const struct tg_span nothing = { 0 };

static struct pair *pair_calling_peer(void);

static struct pair *pair_with_peer(void)
{
	struct pair *p = pair_new(1, &pair_calm);

	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	return p;
}

/* Without tokens, as behind a door that already judged. */
static struct pair *pair_behind_door(void)
{
	struct iax_config config = sim_config();
	struct pair *p;

	config.with_door = false;
	p = pair_new_with(1, &pair_calm, &config);
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	return p;
}

static enum iax_err open_new(struct pair *p, const struct iax_ies *ies)
{
	p->peer.oseqno = p->peer.iseqno = 0;
	p->peer.remote_number = 0;
	return peer_send_ies(&p->peer, IAX_NEW, ies);
}

/* ---- The server's side ---------------------------------------------------------------------------------------- */

static void test_no_token_no_state(void **state)
{
	struct pair *p = pair_with_peer();
	struct iax_ies ies = peer_new("alice");
	size_t before;

	(void)state;
	CHECK_UINT(open_new(p, &ies), IAX_ERR_NO_TOKEN);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_REJECT)->frame.source, IAX_CALLNO_STATELESS);
	ies.has |= UINT64_C(1) << IAX_IE_CALLTOKEN;
	peer_clear(&p->peer);
	before = p->sim.nodes[1].octets_received;
	CHECK_UINT(open_new(p, &ies), IAX_ERR_ANSWERED);
	CHECK_TRUE(peer_octets(&p->peer) <= p->sim.nodes[1].octets_received - before);
	CHECK_UINT(p->peer.count, 1);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	ies.call_token = TG_SPAN_LIT("1234567");
	peer_clear(&p->peer);
	CHECK_UINT(open_new(p, &ies), IAX_ERR_BAD_TOKEN);
	CHECK_UINT(p->peer.count, 0);
	pair_free(p);
}

/* K2, K3, K4: whatever copy of the request comes when the leg exists is a duplicate, its token unseen. */
static void test_copies_of_a_request_open_one_leg(void **state)
{
	struct pair *p = pair_with_peer();
	struct iax_ies ies = peer_new("alice");

	(void)state;
	p->b.silent = true;
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	const uint16_t number = p->peer.remote_number;

	peer_clear(&p->peer);
	sim_run_ms(&p->sim, 5000);
	for (unsigned i = 0; i < 5; i++) {
		ies.has |= UINT64_C(1) << IAX_IE_CALLTOKEN;
		ies.call_token = i % 2 == 0 ? nothing : TG_SPAN_LIT("expired");
		CHECK_UINT(open_new(p, &ies), IAX_ERR_SEEN);
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
	struct pair *p = pair_with_peer();
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
	struct pair *p = pair_with_peer();
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

	CHECK_UINT(open_new(p, &ies), IAX_ERR_SEEN);
	CHECK_UINT(open_new(p, &ies), IAX_ERR_SEEN);
	CHECK_UINT(p->peer.count, 1);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_PING), 1);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_PING)->frame.source, number);
	pair_free(p);
}

/* K8 */
static void test_a_number_may_be_used_again_after_two_seconds(void **state)
{
	struct pair *p = pair_with_peer();
	const struct iax_ies ies = peer_new("alice");
	struct iax_frame copy;

	(void)state;
	peer_link(&p->peer);
	const uint16_t number = p->peer.remote_number;

	CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_OK);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	peer_clear(&p->peer);
	sim_run_ms(&p->sim, 1900);
	CHECK_UINT(open_new(p, &ies), IAX_ERR_TOMBSTONE);
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
	struct pair *p = pair_with_peer();
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
	CHECK_UINT(open_new(p, &ies), IAX_ERR_SEEN);
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
	struct pair *p = pair_with_peer();

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
	struct pair *p = pair_with_peer();
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
		struct pair *p = pair_behind_door();
		char name[90];
		struct iax_ies ies;

		memset(name, 'a', 79);
		memcpy(name + 79, rows[i].end, strlen(rows[i].end) + 1);
		ies = peer_new(name);
		p->b.challenges = true;
		CHECK_UINT(open_new(p, &ies), IAX_OK);
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
		struct pair *p = pair_with_peer();

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
	struct pair *p = pair_with_peer();
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

/* Both hung up, ours is acknowledged and forgotten: the other one's HANGUP is acknowledged, not called unknown. */
static void test_a_late_hangup_is_acknowledged(void **state)
{
	struct pair *p = pair_with_peer();

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

/* ---- Vectors -------------------------------------------------------------------------------------------------- */

static enum iax_err send_vector(struct pair *p, const char *name)
{
	uint8_t bytes[VECTOR_BYTES_MAX];
	const size_t len = vector_read(name, bytes);

	return peer_send_bytes(&p->peer, (struct tg_span){ bytes, len });
}

/* What the index of vectors says of openings, once the door let them pass. */
static void test_vectors_of_bad_openings(void **state)
{
	static const struct {
		const char *name;
		uint8_t cause; /* 0: an offer */
		enum iax_err err;
		bool quiet;
	} rows[] = {
		{ "bad-03-ie-overrun", 0, IAX_ERR_TRUNCATED, true },
		{ "bad-04-ie-dangling-byte", 0, IAX_ERR_TRUNCATED, true },
		{ "bad-05-capability-len-3", IAX_CAUSE_INVALID_IE, IAX_ERR_BAD_ELEMENT, false },
		{ "bad-06-format2-empty", IAX_CAUSE_INVALID_IE, IAX_ERR_BAD_ELEMENT, false },
		{ "bad-07-osptoken-empty", 0, IAX_OK, false },
		{ "bad-17-new-version-3", IAX_CAUSE_INVALID_IE, IAX_ERR_BAD_ELEMENT, false },
		{ "bad-18-nul-in-username", IAX_CAUSE_INVALID_IE, IAX_ERR_BAD_ELEMENT, false },
		{ "bad-20-new-to-nonzero-dcall", 0, IAX_ERR_NO_LEG, true },
		{ "bad-24-source-number-0", 0, IAX_ERR_SOURCE_ZERO, true },
		{ "bad-27-datetime-nonsense", 0, IAX_OK, false },
		{ "call-40-new-old-client", 0, IAX_OK, false },
		{ "call-39-variable", 0, IAX_OK, false },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct pair *p = pair_behind_door();

		p->b.silent = true;
		CHECK_UINT(send_vector(p, rows[i].name), rows[i].err);
		CHECK_UINT(p->b.events[IAX_EV_OFFERED], rows[i].err == IAX_OK);
		CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), rows[i].err == IAX_OK);
		CHECK_UINT(p->peer.count, !rows[i].quiet);
		if (rows[i].cause != 0) {
			const struct peer_frame *reject = peer_last(&p->peer, IAX_FRAME_IAX, IAX_REJECT);

			CHECK_UINT(reject->ies.cause_code, rows[i].cause);
			CHECK_UINT(reject->frame.source, IAX_CALLNO_STATELESS);
			CHECK_UINT(reject->frame.iseqno, 1);
		}
		pair_free(p);
	}
}

/* A frame of a vector, but for this call: numbers and counters are put right. */
static enum iax_err send_in_call(struct pair *p, const char *name)
{
	uint8_t bytes[VECTOR_BYTES_MAX];
	const size_t len = vector_read(name, bytes);

	bytes[0] = 0x80 | 1234 >> 8;
	bytes[1] = 1234 & 0xff;
	bytes[2] = (uint8_t)(p->peer.remote_number >> 8);
	bytes[3] = (uint8_t)p->peer.remote_number;
	bytes[8] = p->peer.oseqno++;
	bytes[9] = p->peer.iseqno;
	return peer_send_bytes(&p->peer, (struct tg_span){ bytes, len });
}

static void test_vectors_of_odd_frames_in_a_call(void **state)
{
	static const struct {
		const char *name;
		enum iax_err err;
		uint8_t answer; /* besides the ACK; 0 for none */
		enum iax_event_kind event;
	} rows[] = {
		{ "bad-08-appaddr-len-5", IAX_OK, IAX_TXREJ, IAX_EVENT_KINDS },
		{ "bad-13-subclass-two-bits-voice", IAX_OK, 0, IAX_EVENT_KINDS },
		{ "bad-14-subclass-shift-63", IAX_OK, 0, IAX_EVENT_KINDS },
		{ "bad-19-null-frame", IAX_OK, 0, IAX_EVENT_KINDS },
		{ "bad-25-callno-high-bit", IAX_OK, IAX_UNSUPPORT, IAX_EVENT_KINDS },
		{ "bad-26-text-compressed-subclass", IAX_OK, 0, IAX_EV_FRAME },
		{ "call-46-unknown-ie-and-subclass", IAX_OK, IAX_UNSUPPORT, IAX_EVENT_KINDS },
		{ "call-38-control-stopsounds", IAX_OK, 0, IAX_EV_CONTROL },
		{ "call-36-html-nosupport", IAX_OK, 0, IAX_EV_FRAME },
		{ "call-37-cng", IAX_OK, 0, IAX_EV_FRAME },
		{ "call-23-dtmf-begin", IAX_OK, 0, IAX_EV_DTMF },
		{ "call-26-quelch-moh", IAX_OK, 0, IAX_EV_QUELCH },
		{ "call-33-unsupport", IAX_OK, 0, IAX_EVENT_KINDS },
		{ "dp-02-dpreq", IAX_OK, IAX_UNSUPPORT, IAX_EVENT_KINDS },
		{ "tx-01-txreq", IAX_OK, IAX_TXREJ, IAX_EVENT_KINDS },
		{ "tx-07-txmedia", IAX_OK, IAX_UNSUPPORT, IAX_EVENT_KINDS },
		{ "call-18-voice-full-lpc10", IAX_OK, 0, IAX_EVENT_KINDS }, /* not offered */
		{ "call-13-voice-full-ulaw", IAX_OK, 0, IAX_EV_VOICE },
		{ "call-19-ping", IAX_OK, IAX_PONG, IAX_EV_PINGED },
		{ "call-21-lagrq", IAX_OK, IAX_LAGRP, IAX_EVENT_KINDS },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct pair *p = pair_with_peer();
		peer_link(&p->peer);
		peer_clear(&p->peer);
		memset(p->b.events, 0, sizeof(p->b.events));
		CHECK_UINT(send_in_call(p, rows[i].name), rows[i].err);
		const bool answered = rows[i].answer == IAX_PONG || rows[i].answer == IAX_LAGRP;

		CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), !answered);
		CHECK_UINT(p->peer.count, (!answered) + (rows[i].answer != 0));
		if (rows[i].answer != 0) {
			CHECK_UINT(p->peer.frames[p->peer.count - 1].frame.subclass, rows[i].answer);
		}
		for (unsigned e = 0; e < IAX_EVENT_KINDS; e++) {
			CHECK_UINT(p->b.events[e], e == rows[i].event);
		}
		CHECK_FALSE(phone_last(&p->b)->ended);
		pair_free(p);
	}
}

static void test_unsupport_names_the_octet_and_stops_after_five(void **state)
{
	struct pair *p = pair_with_peer();

	(void)state;
	peer_link(&p->peer);
	peer_clear(&p->peer);
	for (unsigned i = 0; i < 9; i++) {
		peer_send_ies(&p->peer, 0x7e, NULL);
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_UNSUPPORT), 5);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 9);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_UNSUPPORT)->ies.iax_unknown, 0x7e);
	pair_free(p);
}

static void test_refused_openings(void **state)
{
	struct {
		const char *what;
		uint64_t without;
		uint32_t capability;
		uint8_t cause;
	} const rows[] = {
		{ "no version", UINT64_C(1) << IAX_IE_VERSION, IAX_FORMAT_ULAW, IAX_CAUSE_IE_MISSING },
		{ "no audio", UINT64_C(1) << IAX_IE_FORMAT, IAX_FORMAT_H264, IAX_CAUSE_BEARER_UNAVAILABLE },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct pair *p = pair_behind_door();
		struct iax_ies ies = peer_new("alice");

		ies.has &= ~rows[i].without;
		ies.capability = rows[i].capability;
		CHECK_UINT(open_new(p, &ies), IAX_ERR_BAD_ELEMENT);
		CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_REJECT)->ies.cause_code, rows[i].cause);
		p->peer.oseqno = 0;
		ies.has &= ~(UINT64_C(1) << IAX_IE_USERNAME);
		CHECK_UINT(peer_send_ies(&p->peer, IAX_REGREQ, &ies), IAX_ERR_BAD_ELEMENT);
		CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_REGREJ)->ies.cause_code, IAX_CAUSE_IE_MISSING);
		CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
		pair_free(p);
	}
}

/* R5: a refusal is no longer than what it refuses. */
static void test_a_request_shorter_than_its_refusal_gets_none(void **state)
{
	struct pair *p = pair_behind_door();

	(void)state;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_NEW, NULL), IAX_ERR_BAD_ELEMENT);
	p->peer.oseqno = 0;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_REGREL, NULL), IAX_ERR_BAD_ELEMENT);
	CHECK_UINT(p->peer.count, 0);
	pair_free(p);
}

/* 4.1 rule 7: an element that stands twice could mean two things to two readers. */
static void test_a_name_given_twice_is_refused(void **state)
{
	static const uint8_t twice[] = {
		IAX_IE_VERSION, 2, 0, 2, IAX_IE_FORMAT, 4, 0, 0, 0, 4, IAX_IE_USERNAME, 1, 'a', IAX_IE_USERNAME, 1, 'b'
	};
	struct pair *p = pair_behind_door();

	(void)state;
	CHECK_UINT(peer_send(&p->peer, IAX_FRAME_IAX, IAX_NEW, (struct tg_span){ twice, sizeof(twice) }),
	           IAX_ERR_BAD_ELEMENT);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_REJECT)->ies.cause_code, IAX_CAUSE_INVALID_IE);
	pair_free(p);
}

/* ---- Limits (R11) --------------------------------------------------------------------------------------------- */

static void test_one_host_holds_sixteen_and_the_oldest_goes(void **state)
{
	struct pair *p = pair_behind_door();
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.silent = true;
	for (uint16_t i = 0; i < 40; i++) {
		p->peer.number = (uint16_t)(100 + i);
		p->peer.addr.port = (uint16_t)(5000 + i % 3); /* the port does not count */
		CHECK_UINT(open_new(p, &ies), IAX_OK);
		CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), i < 16 ? i + 1 : 16);
		if (i >= 16) {
			CHECK_TRUE(p->b.calls[i - 16].ended);
			CHECK_UINT(p->b.calls[i - 16].end, IAX_END_EVICTED);
		}
	}
	CHECK_FALSE(p->b.calls[24].ended);
	peer_init(&p->peer, &p->sim, 1, 8, 100);
	CHECK_UINT(open_new(p, &ies), IAX_OK);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 17);
	pair_free(p);
}

/* R7, R8: who was refused counts no more, and hears of it, whoever else comes from there. */
static void test_a_refused_call_leaves_its_place(void **state)
{
	struct pair *p = pair_behind_door();
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.rejects = IAX_CAUSE_NOT_SUBSCRIBED;
	p->b.reject_after_us = 1000000;
	for (uint16_t i = 0; i < 16; i++) {
		p->peer.number = (uint16_t)(100 + i);
		CHECK_UINT(open_new(p, &ies), IAX_OK);
	}
	p->b.silent = true;
	for (uint16_t i = 0; i < 16; i++) {
		p->peer.number = (uint16_t)(200 + i);
		CHECK_UINT(open_new(p, &ies), IAX_OK);
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
	struct pair *p = pair_behind_door();
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.rejects = IAX_CAUSE_NOT_SUBSCRIBED;
	p->b.reject_after_us = 1000000;
	for (uint16_t i = 0; i < 60; i++) {
		p->peer.number = (uint16_t)(100 + i);
		CHECK_UINT(open_new(p, &ies), IAX_OK);
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
	struct pair *p = pair_behind_door();
	const struct iax_ies ies = peer_new("mallory");
	uint8_t ip[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1 };

	(void)state;
	p->b.silent = true;
	for (uint8_t i = 0; i < 20; i++) {
		ip[8] = ip[15] = i;
		p->peer.addr = tg_addr_ipv6(ip, IAX_PORT);
		CHECK_UINT(open_new(p, &ies), IAX_OK);
	}
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 16);
	ip[7] = 2;
	p->peer.addr = tg_addr_ipv6(ip, IAX_PORT);
	CHECK_UINT(open_new(p, &ies), IAX_OK);
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
	CHECK_UINT(open_new(p, &ies), IAX_OK); /* one call, and the oldest */
	for (uint16_t i = 0; i < 60; i++) {
		p->peer.number = (uint16_t)(100 + i);
		p->peer.addr.ip[15] = (uint8_t)(10 + i / 12);
		CHECK_UINT(open_new(p, &ies), IAX_OK);
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
	CHECK_UINT(open_new(p, &ies), IAX_OK);
	peer_ack(&p->peer);
	CHECK_TRUE(p->b.calls[0].confirmed);
	p->b.silent = true;
	for (uint16_t i = 0; i < 60; i++) {
		p->peer.number = (uint16_t)(2000 + i);
		p->peer.addr.ip[15] = (uint8_t)(10 + i);
		CHECK_UINT(open_new(p, &ies), IAX_OK);
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
	struct pair *p = pair_behind_door();
	struct iax_endpoint_stats stats;
	const struct iax_ies ies = peer_new("mallory");

	(void)state;
	p->b.challenges = true;
	CHECK_UINT(open_new(p, &ies), IAX_OK);
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
	CHECK_UINT(open_new(p, &ies), IAX_OK);
	peer_ack(&p->peer);
	peer_ack(&p->peer);
	const struct iax_leg_id good = p->b.calls[0].leg;

	p->b.silent = true;
	for (uint16_t i = 0; i < 40; i++) {
		p->peer.addr.ip[15] = (uint8_t)(10 + i);
		CHECK_UINT(open_new(p, &ies), IAX_OK);
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
	CHECK_UINT(iax_leg_hangup(pair_ep(p, 1), good, IAX_CAUSE_NORMAL_CLEARING, nothing, p->sim.now_us), IAX_OK);
	sim_pump(&p->sim, 1);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_HANGUP), 1);
	pair_free(p);
}

/* ---- The client's side (6.3) ---------------------------------------------------------------------------------- */

/* Node 0 calls the peer, who is at its address. */
static struct pair *pair_calling_peer(void)
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
	};

	CHECK_UINT(iax_call_open(pair_ep(p, 0), &open, p->sim.now_us, &leg), IAX_OK);
	p->a.calls[p->a.call_count++] = (struct phone_call){ .leg = leg, .live = true };
	sim_pump(&p->sim, 0);
	p->peer.iseqno = 0;
	return p;
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
	CHECK_UINT(send_token(p, 1, nothing), IAX_ERR_UNEXPECTED);
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
	static const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(test_an_inval_cannot_end_a_call_that_nobody_answered),
		cmocka_unit_test(test_a_late_hangup_is_acknowledged),
		cmocka_unit_test(test_vectors_of_bad_openings),
		cmocka_unit_test(test_vectors_of_odd_frames_in_a_call),
		cmocka_unit_test(test_unsupport_names_the_octet_and_stops_after_five),
		cmocka_unit_test(test_refused_openings),
		cmocka_unit_test(test_a_request_shorter_than_its_refusal_gets_none),
		cmocka_unit_test(test_a_name_given_twice_is_refused),
		cmocka_unit_test(test_one_host_holds_sixteen_and_the_oldest_goes),
		cmocka_unit_test(test_a_refused_call_leaves_its_place),
		cmocka_unit_test(test_refused_calls_have_a_budget),
		cmocka_unit_test(test_a_network_of_64_bits_is_one_host),
		cmocka_unit_test(test_at_the_ceiling_crowds_make_room),
		cmocka_unit_test(test_at_the_ceiling_the_oldest_unanswered_makes_room),
		cmocka_unit_test(test_a_half_open_call_is_acknowledged_only),
		cmocka_unit_test(test_strangers_leave_a_share_of_the_frames),
		cmocka_unit_test(test_the_request_is_repeated_with_any_token),
		cmocka_unit_test(test_a_second_token_waits_for_a_repetition),
		cmocka_unit_test(test_a_token_after_a_repetition),
		cmocka_unit_test(test_a_late_token_stops_no_hangup),
		cmocka_unit_test(test_an_ack_of_nothing_teaches_no_number),
		cmocka_unit_test(test_a_hangup_outlives_the_time_for_the_setup),
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
