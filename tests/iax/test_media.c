/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"
#include "iax/trunk.h"

#include "sim/pair.h"
#include "vectors.h"

#include "check.h"

/* Voice and video through an endpoint: protocol reference 1.4 to 1.6, 2.3; S-27, S-28. */

static const uint8_t sound[160] = { 0x55 };
static const struct tg_span voice = { sound, sizeof(sound) };

/* A call whose caller offers these formats, and whose callee takes only some. */
static struct pair *pair_linked_with(uint32_t offer, uint64_t takes)
{
	struct pair *p = pair_new(1, &pair_calm);
	struct iax_ies ies = peer_new("alice");

	ies.capability = offer;
	p->b.takes = takes;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	peer_ack(&p->peer); /* of ACCEPT */
	peer_ack(&p->peer); /* of ANSWER */
	peer_clear(&p->peer);
	return p;
}

static struct pair *pair_linked(void)
{
	return pair_linked_with(IAX_FORMAT_ULAW | IAX_FORMAT_ALAW | IAX_FORMAT_H264, UINT64_MAX);
}

static enum iax_err send_full(struct pair *p, uint32_t ts_ms, uint64_t format)
{
	p->peer.ts_ms = ts_ms - 20;
	return peer_send(&p->peer, IAX_FRAME_VOICE, format, voice);
}

static enum iax_err send_mini(struct pair *p, uint32_t ts_ms)
{
	const struct iax_frame mini = {
		.class = IAX_CLASS_MINI,
		.source = 1234,
		.ts_ms = ts_ms & 0xffff,
		.payload = voice,
	};

	return peer_send_frame(&p->peer, &mini);
}

/* The clock of the far end stands at ts_ms now. */
static void run_to(struct pair *p, uint64_t zero_us, uint32_t ts_ms)
{
	const uint64_t at_us = zero_us + (uint64_t)ts_ms * 1000;

	if (at_us > p->sim.now_us) {
		sim_run_us(&p->sim, at_us - p->sim.now_us);
	}
}

static void test_no_media_before_its_codec(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		CHECK_UINT(send_mini(p, 20 * i), IAX_ERR_NO_FORMAT);
		sim_run_ms(&p->sim, 20);
	}
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_VNAK), 5);
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 0);
	CHECK_UINT(send_full(p, 1300, IAX_FORMAT_ULAW), IAX_OK);
	CHECK_UINT(send_mini(p, 1320), IAX_OK);
	CHECK_UINT(p->b.last.format, IAX_FORMAT_ULAW);
	CHECK_UINT(p->b.last.ts_ms, 1320);
	CHECK_FALSE(p->b.last.full);
	pair_free(p);
}

static void test_a_codec_nobody_offered_changes_nothing(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ULAW), IAX_OK);
	CHECK_UINT(send_full(p, 1020, IAX_FORMAT_LPC10), IAX_OK);
	CHECK_UINT(send_full(p, 1040, 3), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 1);
	CHECK_UINT(peer_count(&p->peer, IAX_FRAME_IAX, IAX_ACK), 3);
	CHECK_UINT(send_mini(p, 1060), IAX_OK);
	CHECK_UINT(p->b.last.format, IAX_FORMAT_ULAW);
	CHECK_UINT(send_full(p, 1080, IAX_FORMAT_ALAW), IAX_OK);
	CHECK_UINT(send_mini(p, 1100), IAX_OK);
	CHECK_UINT(p->b.last.format, IAX_FORMAT_ALAW);
	pair_free(p);
}

/* 3.6 step 7: the common set is what the caller offered and the callee takes. */
static void test_a_codec_that_the_callee_does_not_take(void **state)
{
	struct pair *p = pair_linked_with(IAX_FORMAT_ULAW | IAX_FORMAT_ALAW | IAX_FORMAT_GSM | IAX_FORMAT_H264,
	                                  IAX_FORMAT_ULAW | IAX_FORMAT_GSM | IAX_FORMAT_G722);

	(void)state;
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ALAW), IAX_OK);
	CHECK_UINT(send_full(p, 1020, IAX_FORMAT_G722), IAX_OK);
	CHECK_UINT(peer_send(&p->peer, IAX_FRAME_VIDEO, IAX_FORMAT_H264, voice), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_VOICE] + p->b.events[IAX_EV_VIDEO], 0);
	CHECK_UINT(send_full(p, 1060, IAX_FORMAT_GSM), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 1);
	pair_free(p);
}

static void test_only_an_offered_codec_is_accepted(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);
	const struct iax_ies ies = peer_new("alice");
	struct iax_endpoint *ep = pair_ep(p, 1);

	(void)state;
	p->b.silent = true;
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	CHECK_UINT(iax_call_accept(ep, pair_leg(p, 1), IAX_FORMAT_GSM, p->sim.now_us), IAX_ERR_BAD_FORMAT);
	CHECK_UINT(iax_call_accept(ep, pair_leg(p, 1), IAX_FORMAT_ULAW, p->sim.now_us), IAX_OK);
	sim_pump(&p->sim, 1);
	peer_ack(&p->peer);
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ALAW), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 0);
	CHECK_UINT(send_full(p, 1020, IAX_FORMAT_ULAW), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 1);
	pair_free(p);
}

/* 2.7: the peer hears mini frames and has no codec for them, and a DTMF waits as well: two requests, none forgotten. */
static void test_a_codec_asked_for_is_not_forgotten(void **state)
{
	struct pair *p = pair_linked();
	struct iax_endpoint *ep = pair_ep(p, 1);
	const struct iax_leg_id leg = pair_leg(p, 1);
	struct iax_frame vnak = {
		.class = IAX_CLASS_FULL, .source = 1234, .type = IAX_FRAME_IAX, .subclass = IAX_VNAK
	};

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		CHECK_UINT(iax_leg_voice(ep, leg, IAX_FORMAT_ULAW, 1000 + 100 * round, voice, true, p->sim.now_us),
		           IAX_OK);
		sim_pump(&p->sim, 1);
		peer_ack(&p->peer);
		vnak.destination = p->peer.remote_number;
		vnak.iseqno = p->peer.iseqno;
		if (round == 0) {
			peer_send_frame(&p->peer, &vnak); /* nothing waits */
		}
		CHECK_UINT(iax_leg_dtmf(ep, leg, '1', false, p->sim.now_us), IAX_OK);
		sim_pump(&p->sim, 1);
		peer_send_frame(&p->peer, &vnak); /* a DTMF does */
		peer_clear(&p->peer);
		CHECK_UINT(iax_leg_voice(ep, leg, IAX_FORMAT_ULAW, 1020 + 100 * round, voice, false, p->sim.now_us),
		           IAX_OK);
		sim_pump(&p->sim, 1);
		CHECK_UINT(p->peer.frames[0].frame.class, IAX_CLASS_FULL);
		peer_ack(&p->peer);
		sim_run_ms(&p->sim, 1001);
	}
	pair_free(p);
}

/* 2.3: strictly increasing over all full frames, voice too; mini frames keep media time. */
static void test_full_voice_is_later_than_any_full_frame_before(void **state)
{
	struct pair *p = pair_linked();
	struct iax_endpoint *ep = pair_ep(p, 1);
	const struct iax_leg_id leg = pair_leg(p, 1);
	uint32_t last = 0, clock_ms;

	(void)state;
	sim_run_ms(&p->sim, 100);
	clock_ms = iax_leg_clock_ms(ep, leg, p->sim.now_us);
	CHECK_UINT(iax_leg_dtmf(ep, leg, '1', false, p->sim.now_us), IAX_OK);
	CHECK_UINT(iax_leg_voice(ep, leg, IAX_FORMAT_ULAW, clock_ms, voice, false, p->sim.now_us), IAX_OK);
	CHECK_UINT(iax_leg_dtmf(ep, leg, '2', false, p->sim.now_us), IAX_OK);
	CHECK_UINT(iax_leg_voice(ep, leg, IAX_FORMAT_ALAW, 0, voice, false, p->sim.now_us), IAX_OK);
	CHECK_UINT(iax_leg_voice(ep, leg, IAX_FORMAT_ALAW, 20, voice, false, p->sim.now_us), IAX_OK);
	sim_pump(&p->sim, 1);
	CHECK_UINT(p->peer.count, 5);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_TRUE(p->peer.frames[i].frame.ts_ms > last);
		last = p->peer.frames[i].frame.ts_ms;
	}
	CHECK_UINT(p->peer.frames[4].frame.class, IAX_CLASS_MINI);
	CHECK_UINT(p->peer.frames[4].frame.ts_ms, 20);
	pair_free(p);
}

/* Vectors call-15 and call-16: across 65536 ms without a full frame. */
static void test_the_wrap_that_no_full_frame_announced(void **state)
{
	struct pair *p = pair_linked();
	uint8_t bytes[VECTOR_BYTES_MAX];
	const uint64_t zero_us = p->sim.now_us;
	size_t len;

	(void)state;
	CHECK_UINT(send_full(p, 20, IAX_FORMAT_ULAW), IAX_OK);
	for (uint32_t ts_ms = 15000; ts_ms < 65536; ts_ms += 15000) {
		run_to(p, zero_us, ts_ms);
		p->peer.ts_ms = ts_ms;
		CHECK_UINT(peer_send_ies(&p->peer, IAX_LAGRQ, NULL), IAX_OK);
		peer_ack(&p->peer);
	}
	run_to(p, zero_us, 65520);
	len = vector_read("call-15-voice-mini-before-wrap", bytes);
	bytes[0] = 1234 >> 8;
	bytes[1] = 1234 & 0xff;
	CHECK_UINT(peer_send_bytes(&p->peer, (struct tg_span){ bytes, len }), IAX_OK);
	CHECK_UINT(p->b.last.ts_ms, 65520);
	run_to(p, zero_us, 65540);
	len = vector_read("call-16-voice-mini-after-wrap", bytes);
	bytes[0] = 1234 >> 8;
	bytes[1] = 1234 & 0xff;
	CHECK_UINT(peer_send_bytes(&p->peer, (struct tg_span){ bytes, len }), IAX_OK);
	CHECK_UINT(p->b.last.ts_ms, 65540);
	CHECK_UINT(send_mini(p, 65530), IAX_OK); /* a straggler from before it */
	CHECK_UINT(p->b.last.ts_ms, 65530);
	pair_free(p);
}

/* Two endpoints, two minutes: each packet has its own full timestamp at the other side, and a full frame goes out at each
 * multiple of 32768 ms. */
static void test_two_minutes_of_voice(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);
	unsigned full = 0;

	(void)state;
	sim_run_ms(&p->sim, 20);
	const uint32_t first = iax_leg_clock_ms(pair_ep(p, 0), pair_leg(p, 0), p->sim.now_us);

	for (uint32_t i = 0; i < 6000; i++) {
		pair_say(p, 0, first + 20 * i);
		sim_run_ms(&p->sim, 20);
		CHECK_UINT(phone_last(&p->b)->voice, i + 1);
		const struct tg_span got = { p->b.payload, 4 };
		struct tg_reader r = tg_reader_of(got);

		CHECK_UINT(phone_last(&p->b)->last_ts_ms, first + 20 * i);
		if (p->b.last.kind == IAX_EV_VOICE) {
			CHECK_UINT(tg_take_u32(&r), first + 20 * i);
			full += p->b.last.full;
		}
	}
	CHECK_UINT(full, 1 + (first + 20 * 5999) / 32768);
	pair_free(p);
}

static void test_a_full_frame_when_the_codec_changes_or_is_asked_for(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);
	struct iax_endpoint *ep = pair_ep(p, 0);
	const struct iax_leg_id leg = pair_leg(p, 0);
	static const struct {
		uint64_t format;
		uint32_t ts_ms;
		bool asked, full;
	} rows[] = {
		{ IAX_FORMAT_ULAW, 1020, false, true }, { IAX_FORMAT_ULAW, 1040, false, false },
		{ IAX_FORMAT_ALAW, 1060, false, true }, { IAX_FORMAT_ALAW, 1080, false, false },
		{ IAX_FORMAT_ALAW, 1100, true, true },  { IAX_FORMAT_ALAW, 1120, false, false },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		CHECK_UINT(iax_leg_voice(ep, leg, rows[i].format, rows[i].ts_ms, voice, rows[i].asked, p->sim.now_us),
		           IAX_OK);
		sim_pump(&p->sim, 0);
		sim_run_ms(&p->sim, 21);
		CHECK_UINT(p->b.last.full, rows[i].full);
		CHECK_UINT(p->b.last.ts_ms, rows[i].ts_ms);
		CHECK_UINT(p->b.last.format, rows[i].format);
	}
	CHECK_UINT(iax_leg_voice(ep, leg, 3, 1140, voice, false, p->sim.now_us), IAX_ERR_BAD_FORMAT);
	pair_free(p);
}

/* S-27 */
static void test_media_far_from_its_time_is_dropped(void **state)
{
	static const struct {
		int32_t off_ms;
		enum iax_err err;
	} rows[] = {
		{ 0, IAX_OK },
		{ -990, IAX_OK },
		{ -1100, IAX_ERR_STALE_MEDIA },
		{ 4900, IAX_OK },
		{ 5100, IAX_ERR_STALE_MEDIA },
		{ 20000, IAX_ERR_STALE_MEDIA },
		{ -20000, IAX_ERR_STALE_MEDIA },
		{ 32000, IAX_ERR_STALE_MEDIA },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct pair *p = pair_linked();

		CHECK_UINT(send_full(p, 100000, IAX_FORMAT_ULAW), IAX_OK);
		sim_run_ms(&p->sim, 10000);
		CHECK_UINT(send_mini(p, (uint32_t)(110000 + rows[i].off_ms)), rows[i].err);
		if (rows[i].err == IAX_OK) {
			CHECK_UINT(p->b.last.ts_ms, (uint32_t)(110000 + rows[i].off_ms));
		}
		pair_free(p);
	}
}

/* An injected packet cannot pull the timeline away from the caller's own. */
static void test_injected_media_does_not_shut_out_the_caller(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ULAW), IAX_OK);
	for (unsigned i = 0; i < 50; i++) {
		CHECK_UINT(send_mini(p, 1000 + 20 * i + 4500), IAX_OK);
		CHECK_UINT(send_mini(p, 1020 + 20 * i), IAX_OK);
		sim_run_ms(&p->sim, 20);
	}
	pair_free(p);
}

static void test_a_pause_longer_than_the_wrap(void **state)
{
	struct pair *p = pair_linked();
	const uint64_t zero_us = p->sim.now_us;

	(void)state;
	CHECK_UINT(send_full(p, 20, IAX_FORMAT_ULAW), IAX_OK);
	for (uint32_t s = 10; s < 200; s += 10) {
		run_to(p, zero_us, s * 1000);
		p->peer.ts_ms = s * 1000;
		CHECK_UINT(peer_send_ies(&p->peer, IAX_PING, NULL), IAX_OK);
		peer_ack(&p->peer);
		peer_clear(&p->peer);
	}
	run_to(p, zero_us, 199000);
	CHECK_UINT(send_mini(p, 199000), IAX_OK);
	CHECK_UINT(p->b.last.ts_ms, 199000);
	pair_free(p);
}

static void test_the_same_packet_counts_once(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ULAW), IAX_OK);
	CHECK_UINT(send_mini(p, 1020), IAX_OK);
	CHECK_UINT(send_mini(p, 1020), IAX_ERR_SEEN);
	CHECK_UINT(send_mini(p, 1040), IAX_OK);
	CHECK_UINT(send_mini(p, 1020), IAX_ERR_SEEN);
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 3);
	pair_free(p);
}

static void test_media_from_elsewhere_is_nobody_s(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ULAW), IAX_OK);
	p->peer.addr.port++;
	CHECK_UINT(send_mini(p, 1020), IAX_ERR_NO_LEG);
	p->peer.addr.port--;
	const struct iax_frame other = { .class = IAX_CLASS_MINI, .source = 1235, .ts_ms = 1020, .payload = voice };

	CHECK_UINT(peer_send_frame(&p->peer, &other), IAX_ERR_NO_LEG);
	CHECK_UINT(p->peer.count, 1); /* the ACK of the full frame */
	pair_free(p);
}

static void test_video_has_fifteen_bits_and_a_marker(void **state)
{
	struct pair *p = pair_linked();
	struct iax_frame meta = { .class = IAX_CLASS_META_VIDEO, .source = 1234, .payload = voice };

	(void)state;
	meta.ts_ms = 20;
	CHECK_UINT(peer_send_frame(&p->peer, &meta), IAX_ERR_NO_FORMAT);
	p->peer.ts_ms = 32700;
	CHECK_UINT(peer_send(&p->peer, IAX_FRAME_VIDEO, IAX_FORMAT_H263, voice), IAX_OK); /* not offered */
	CHECK_UINT(p->b.events[IAX_EV_VIDEO], 0);
	CHECK_UINT(peer_send(&p->peer, IAX_FRAME_VIDEO, IAX_FORMAT_H264, voice), IAX_OK);
	CHECK_UINT(p->b.last.kind, IAX_EV_VIDEO);
	CHECK_TRUE(p->b.last.full);
	meta.marker = true;
	meta.ts_ms = 12; /* 32780 */
	CHECK_UINT(peer_send_frame(&p->peer, &meta), IAX_OK);
	CHECK_UINT(p->b.last.ts_ms, 32780);
	CHECK_TRUE(p->b.last.marker);
	CHECK_UINT(p->b.last.format, IAX_FORMAT_H264);
	pair_free(p);
}

static void test_trunks_of_both_layouts_reach_their_legs(void **state)
{
	(void)state;
	for (unsigned stamped = 0; stamped < 2; stamped++) {
		struct pair *p = pair_linked();
		uint8_t bytes[512];
		struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
		const struct iax_frame head = { .class = IAX_CLASS_META_TRUNK, .ts_ms = 77, .stamped = stamped != 0 };
		struct iax_trunk_entry entry = { .source = 999, .ts_low_ms = 1020, .payload = voice };

		CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ULAW), IAX_OK);
		sim_run_ms(&p->sim, 30);
		CHECK_UINT(iax_frame_put_header(&head, &w), IAX_OK);
		CHECK_UINT(iax_trunk_put_entry(&w, stamped != 0, &entry), IAX_OK);
		entry.source = 1234;
		CHECK_UINT(iax_trunk_put_entry(&w, stamped != 0, &entry), IAX_OK);
		CHECK_UINT(peer_send_bytes(&p->peer, tg_writer_span(&w)), IAX_OK);
		CHECK_UINT(p->b.events[IAX_EV_VOICE], 2);
		CHECK_UINT(p->b.last.ts_ms, stamped != 0 ? 1020 : 1030);
		pair_free(p);
	}
}

/* Trunk frames of layout A with this clock and so many entries for the call. */
static enum iax_err send_trunk(struct pair *p, uint32_t trunk_ms, unsigned others, unsigned entries)
{
	uint8_t bytes[IAX_DATAGRAM_RECEIVED_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	const struct iax_frame head = { .class = IAX_CLASS_META_TRUNK, .ts_ms = trunk_ms };
	struct iax_trunk_entry entry = { .source = 999, .payload = TG_SPAN_LIT("v") };

	CHECK_UINT(iax_frame_put_header(&head, &w), IAX_OK);
	for (unsigned i = 0; i < others + entries; i++) {
		entry.source = i < others ? 999 : 1234;
		CHECK_UINT(iax_trunk_put_entry(&w, false, &entry), IAX_OK);
	}
	return peer_send_bytes(&p->peer, tg_writer_span(&w));
}

/* 1.6: the trunk's own clock tells when its entries were spoken, not the moment they came. */
static void test_a_trunk_without_stamps_keeps_its_own_time(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ULAW), IAX_OK);
	sim_run_ms(&p->sim, 20);
	CHECK_UINT(send_trunk(p, 500, 0, 3), IAX_OK);
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 4);
	CHECK_UINT(p->b.last.ts_ms, 1022);
	sim_run_ms(&p->sim, 35); /* late, and the next one with it */
	CHECK_UINT(send_trunk(p, 520, 0, 1), IAX_OK);
	CHECK_UINT(p->b.last.ts_ms, 1040);
	CHECK_UINT(send_trunk(p, 540, 0, 1), IAX_OK);
	CHECK_UINT(p->b.last.ts_ms, 1060);
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 6);
	CHECK_UINT(send_trunk(p, 540, 0, 1), IAX_ERR_NO_LEG); /* a copy of the datagram */
	CHECK_UINT(p->b.events[IAX_EV_VOICE], 6);
	sim_run_ms(&p->sim, 25);
	CHECK_UINT(send_trunk(p, 90000, 0, 1), IAX_OK); /* the trunk began anew */
	CHECK_UINT(p->b.last.ts_ms, 1080);
	CHECK_UINT(send_trunk(p, 90020, 0, 1), IAX_OK);
	CHECK_UINT(p->b.last.ts_ms, 1100);
	pair_free(p);
}

/* S-23: nothing is looked up for an address without a call, and only so much for the others. */
static void test_trunks_are_for_those_who_have_a_call(void **state)
{
	struct pair *p = pair_linked();
	struct iax_endpoint *ep = pair_ep(p, 1);
	struct tg_addr elsewhere = p->peer.addr;

	(void)state;
	elsewhere.port++;
	CHECK_TRUE(legs_has_standing(ep, &p->peer.addr));
	CHECK_FALSE(legs_has_standing(ep, &elsewhere));
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ULAW), IAX_OK);
	sim_run_ms(&p->sim, 20);
	CHECK_UINT(send_trunk(p, 20, 255, 1), IAX_OK);
	CHECK_UINT(send_trunk(p, 40, 256, 1), IAX_ERR_NO_LEG);
	CHECK_UINT(ep->trunks, 2);
	p->peer.addr = elsewhere;
	CHECK_UINT(send_trunk(p, 60, 0, 1), IAX_ERR_NO_LEG);
	CHECK_UINT(ep->trunks, 2);
	p->peer.addr.port--;
	CHECK_UINT(peer_send_ies(&p->peer, IAX_HANGUP, NULL), IAX_OK);
	CHECK_FALSE(legs_has_standing(ep, &p->peer.addr));
	p->b.silent = true;
	const struct iax_ies ies = peer_new("mallory");

	p->peer.number = 77;
	CHECK_UINT(peer_open(&p->peer, IAX_NEW, &ies), IAX_OK);
	CHECK_FALSE(legs_has_standing(ep, &p->peer.addr)); /* half-open */
	pair_free(p);
}

/* RR of the next PONG: half of 100 packets lost, and two swapped. */
static void test_what_arrived_is_counted(void **state)
{
	struct pair *p = pair_linked();

	(void)state;
	CHECK_UINT(send_full(p, 1000, IAX_FORMAT_ULAW), IAX_OK);
	for (uint32_t i = 1; i <= 100; i++) {
		sim_run_ms(&p->sim, 20);
		if (i % 2 == 0) {
			CHECK_UINT(send_mini(p, 1000 + 20 * i), IAX_OK);
		}
	}
	CHECK_UINT(send_mini(p, 1000 + 20 * 99), IAX_OK);
	CHECK_UINT(send_mini(p, 90000), IAX_ERR_STALE_MEDIA);
	CHECK_UINT(peer_send_ies(&p->peer, IAX_PING, NULL), IAX_OK);
	const struct iax_ies *ies = &peer_last(&p->peer, IAX_FRAME_IAX, IAX_PONG)->ies;

	CHECK_UINT(ies->rr_pkts, 52);
	CHECK_UINT(ies->rr_loss & 0xffffff, 49);
	CHECK_UINT(ies->rr_loss >> 24, 48);
	CHECK_UINT(ies->rr_ooo, 1);
	CHECK_UINT(ies->rr_dropped, 1);
	CHECK_TRUE(ies->rr_jitter <= 2);
	pair_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_media_before_its_codec),
		cmocka_unit_test(test_a_codec_nobody_offered_changes_nothing),
		cmocka_unit_test(test_a_codec_that_the_callee_does_not_take),
		cmocka_unit_test(test_only_an_offered_codec_is_accepted),
		cmocka_unit_test(test_a_codec_asked_for_is_not_forgotten),
		cmocka_unit_test(test_full_voice_is_later_than_any_full_frame_before),
		cmocka_unit_test(test_the_wrap_that_no_full_frame_announced),
		cmocka_unit_test(test_two_minutes_of_voice),
		cmocka_unit_test(test_a_full_frame_when_the_codec_changes_or_is_asked_for),
		cmocka_unit_test(test_media_far_from_its_time_is_dropped),
		cmocka_unit_test(test_injected_media_does_not_shut_out_the_caller),
		cmocka_unit_test(test_a_pause_longer_than_the_wrap),
		cmocka_unit_test(test_the_same_packet_counts_once),
		cmocka_unit_test(test_media_from_elsewhere_is_nobody_s),
		cmocka_unit_test(test_video_has_fifteen_bits_and_a_marker),
		cmocka_unit_test(test_trunks_of_both_layouts_reach_their_legs),
		cmocka_unit_test(test_a_trunk_without_stamps_keeps_its_own_time),
		cmocka_unit_test(test_trunks_are_for_those_who_have_a_call),
		cmocka_unit_test(test_what_arrived_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
