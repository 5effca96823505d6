/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"

#include "openings.h"
#include "vectors.h"

#include "check.h"

/* Frames that are broken or unknown: which openings are refused, and what is only acknowledged in a call. */

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
		struct pair *p = openings_behind_door();

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
		struct pair *p = openings_pair();
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
	struct pair *p = openings_pair();

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
		struct pair *p = openings_behind_door();
		struct iax_ies ies = peer_new("alice");

		ies.has &= ~rows[i].without;
		ies.capability = rows[i].capability;
		CHECK_UINT(openings_new(p, &ies), IAX_ERR_BAD_ELEMENT);
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
	struct pair *p = openings_behind_door();

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
	struct pair *p = openings_behind_door();

	(void)state;
	CHECK_UINT(peer_send(&p->peer, IAX_FRAME_IAX, IAX_NEW, (struct tg_span){ twice, sizeof(twice) }),
	           IAX_ERR_BAD_ELEMENT);
	CHECK_UINT(peer_last(&p->peer, IAX_FRAME_IAX, IAX_REJECT)->ies.cause_code, IAX_CAUSE_INVALID_IE);
	pair_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_of_bad_openings),
		cmocka_unit_test(test_vectors_of_odd_frames_in_a_call),
		cmocka_unit_test(test_unsupport_names_the_octet_and_stops_after_five),
		cmocka_unit_test(test_refused_openings),
		cmocka_unit_test(test_a_request_shorter_than_its_refusal_gets_none),
		cmocka_unit_test(test_a_name_given_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
