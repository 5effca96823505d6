/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

#include "sim/pair.h"
#include "sim/raw.h"

#include "check.h"

#include <stdlib.h>

/* Who guesses ends no call, burdens none, and is heard in none (TD-H1, TD-H3). */

enum { CALLS = 100, FORGED = 1000000, FIRST_NUMBER = 1000, STEP_US = 1, WRONG_SEQUENCES = 254 };

static struct pair *pair_with_peer(void)
{
	struct pair *p = pair_new(1, &pair_calm);

	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	return p;
}

static void test_a_hangup_shows_what_its_sender_saw(void **state)
{
	/* What is wrong with each: ISeqno, timestamp. The last one is right, if older than the newest frame by some seconds. */
	static const struct {
		int iseqno, age_ms;
		bool is_believed;
	} cases[] = {
		{ 1, 0, false },       { 128, 0, false }, { -5, 0, false },   { 0, 10001, false },
		{ 0, 1 << 30, false }, { -4, 0, true },   { 0, 10000, true },
	};
	static const uint8_t subclasses[] = { IAX_HANGUP, IAX_REJECT };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(subclasses) * TG_COUNT(cases); i++) {
		struct pair *p = pair_with_peer();
		const unsigned row = (unsigned)(i / TG_COUNT(subclasses));

		peer_link(&p->peer);
		p->peer.ts_ms += 60000;
		CHECK_UINT(peer_send(&p->peer, IAX_FRAME_TEXT, 0, TG_SPAN_LIT("hello")), IAX_OK);
		const struct iax_frame frame = {
			.class = IAX_CLASS_FULL,
			.source = p->peer.number,
			.destination = p->peer.remote_number,
			.ts_ms = p->peer.ts_ms - (uint32_t)cases[row].age_ms,
			.oseqno = p->peer.oseqno,
			.iseqno = (uint8_t)(p->peer.iseqno + cases[row].iseqno),
			.type = IAX_FRAME_IAX,
			.subclass = subclasses[i % TG_COUNT(subclasses)],
		};

		peer_clear(&p->peer);
		CHECK_UINT(peer_send_frame(&p->peer, &frame), cases[row].is_believed ? IAX_OK : IAX_ERR_MISMATCH);
		CHECK_UINT(phone_last(&p->b)->ended, cases[row].is_believed);
		CHECK_UINT(p->peer.count, cases[row].is_believed);
		pair_free(p);
	}
}

/* ---- A million guesses ----------------------------------------------------------------------------------------- */

/* All that would show that a forged frame did something. */
struct picture {
	uint32_t legs, frames, numbers, unproven, hosts, peers, tombs, strangers;
	unsigned events[IAX_EVENT_KINDS];
	uint8_t oseqnos[CALLS], iseqnos[CALLS];
};

struct calls {
	struct raw raw;
	struct iax_pass pass;
	struct tg_addr hosts[CALLS];
	struct iax_leg_id legs[CALLS];
	uint64_t dice;
};

static uint32_t roll(struct calls *c, uint32_t bound)
{
	c->dice ^= c->dice << 13;
	c->dice ^= c->dice >> 7;
	c->dice ^= c->dice << 17;
	return (uint32_t)(c->dice >> 32) % bound;
}

static struct picture picture_of(const struct calls *c)
{
	const struct iax_endpoint *ep = c->raw.ep;
	const struct iax_endpoint_stats stats = raw_stats(&c->raw);
	const struct tg_slab *hosts = core_at(ep, ep->hosts_at), *peers = core_at(ep, ep->peers_at);
	struct picture picture = {
		.legs = stats.legs,
		.frames = stats.frames_pending,
		.numbers = stats.numbers_used,
		.unproven = stats.unproven_used,
		.hosts = hosts->used,
		.peers = peers->used,
		.tombs = iax_tombs_count(core_at(ep, ep->tombs_at)),
		.strangers = iax_tombs_count(core_at(ep, ep->strangers_at)),
	};

	memcpy(picture.events, c->raw.events, sizeof(picture.events));
	for (unsigned i = 0; i < CALLS; i++) {
		struct iax_leg_info info;

		CHECK_TRUE(iax_leg_info(ep, c->legs[i], &info));
		picture.oseqnos[i] = info.oseqno;
		picture.iseqnos[i] = info.iseqno;
	}
	return picture;
}

/* Each has named its codec, so a mini frame that is taken for one of its would be heard. */
static struct calls *calls_new(void)
{
	struct calls *c = calloc(1, sizeof(*c));
	struct iax_config config = iax_config_default();

	CHECK_TRUE(c != NULL);
	c->dice = 0x9e3779b97f4a7c15;
	c->pass = raw_pass();
	raw_init(&c->raw, &config);
	for (unsigned i = 0; i < CALLS; i++) {
		c->hosts[i] = raw_host(i + 1);
		c->legs[i] = raw_link(&c->raw, &c->hosts[i], &c->pass, (uint16_t)(FIRST_NUMBER + i));
		struct raw_frame voice = raw_reply(&c->raw, c->legs[i], IAX_FRAME_VOICE, IAX_FORMAT_ULAW);

		voice.payload = TG_SPAN_LIT("voice");
		CHECK_UINT(raw_send(&c->raw, &c->hosts[i], &c->pass, &voice), IAX_OK);
	}
	CHECK_UINT(c->raw.events[IAX_EV_VOICE], CALLS);
	return c;
}

static void calls_free(struct calls *c)
{
	raw_free(&c->raw);
	free(c);
}

static const uint8_t kinds[] = { IAX_INVAL, IAX_HANGUP, IAX_REJECT, IAX_VNAK,   IAX_ACK,
	                         IAX_LAGRQ, IAX_NEW,    IAX_TXREJ,  IAX_REGREJ, 0 /* a mini frame */ };

enum way { OTHER_ADDRESS, OTHER_PORT, OTHER_OWN_NUMBER, OTHER_NUMBER, OTHER_SEQUENCE, WAYS };

/* What only the peer of this call knows, but for one thing. */
static struct raw_frame forge(struct calls *c, unsigned call, enum way way, uint8_t kind, struct tg_addr *from)
{
	struct raw_frame frame = raw_reply(&c->raw, c->legs[call], IAX_FRAME_IAX, kind);

	*from = c->hosts[call];
	switch (way) {
	case OTHER_ADDRESS:
		*from = raw_host(CALLS + 1 + roll(c, 1 << 20));
		break;
	case OTHER_PORT: /* there, an exact frame makes us look for a peer that moved: with a PING, which is no forger's gain */
		from->port = (uint16_t)(1024 + roll(c, 3000));
		frame.oseqno = (uint8_t)(frame.oseqno + 1 + roll(c, WRONG_SEQUENCES));
		break;
	case OTHER_OWN_NUMBER:
		frame.source = (uint16_t)(2 + (frame.source + roll(c, 30000)) % 32766);
		frame.source = frame.source == FIRST_NUMBER + call ? 2 : frame.source;
		break;
	case OTHER_NUMBER:
		frame.destination ^= (uint16_t)(1 + roll(c, 32766));
		break;
	case OTHER_SEQUENCE:
	case WAYS:
		frame.oseqno = (uint8_t)(frame.oseqno + 1 + roll(c, WRONG_SEQUENCES));
		frame.iseqno = (uint8_t)(frame.iseqno + 1 + roll(c, WRONG_SEQUENCES - 4));
		break;
	}
	if (kind == IAX_NEW) { /* of the same numbers, or opening the same again */
		frame.destination = roll(c, 2) == 0 ? 0 : frame.destination;
		frame.oseqno = 0;
	}
	return frame;
}

static struct tg_span write_mini(const struct raw_frame *frame, uint8_t *buffer, size_t size)
{
	struct tg_writer w = tg_writer_of(buffer, size);

	tg_put_u16(&w, frame->source);
	tg_put_u16(&w, (uint16_t)frame->ts_ms);
	tg_put_span(&w, TG_SPAN_LIT("not his voice"));
	return tg_writer_span(&w);
}

static void forge_one(struct calls *c, unsigned i)
{
	const uint64_t in = c->raw.octets_in, out = c->raw.octets_out, sent = c->raw.datagrams_out;
	const uint8_t kind = kinds[i % TG_COUNT(kinds)];
	const unsigned call = i / TG_COUNT(kinds) % CALLS;
	const unsigned ways = kind == 0 ? OTHER_NUMBER : WAYS; /* a mini frame has one number, and no sequence */
	uint8_t buffer[64];
	struct tg_addr from;
	const struct raw_frame frame = forge(c, call, (enum way)roll(c, ways), kind, &from);

	raw_arrive(&c->raw, &from,
	           kind == 0 ? write_mini(&frame, buffer, sizeof(buffer)) : raw_write(&frame, buffer, sizeof(buffer)));
	CHECK_TRUE(c->raw.octets_out - out <= c->raw.octets_in - in && c->raw.datagrams_out - sent <= 1);
	CHECK_TRUE(c->raw.datagrams_out == sent || tg_addr_equal(c->raw.to, from));
	c->raw.now_us += STEP_US;
}

static void test_a_million_guesses_end_no_call(void **state)
{
	struct calls *c = calls_new();
	const struct picture before = picture_of(c);
	(void)state;

	for (unsigned i = 0; i < FORGED; i++) {
		forge_one(c, i);
	}
	const struct picture after = picture_of(c);

	CHECK_TRUE(memcmp(&before, &after, sizeof(before)) == 0);
	CHECK_TRUE(iax_inspect(c->raw.ep) == NULL);
	for (unsigned i = 0; i < CALLS; i++) { /* the peer itself still can */
		const struct raw_frame frame = raw_reply(&c->raw, c->legs[i], IAX_FRAME_IAX, IAX_HANGUP);

		CHECK_UINT(raw_send(&c->raw, &c->hosts[i], &c->pass, &frame), IAX_OK);
	}
	CHECK_UINT(c->raw.events[IAX_EV_ENDED], CALLS);
	CHECK_UINT(raw_stats(&c->raw).legs, 0);
	calls_free(c);
}

/* A call older than a minute is asked whether it is still there when its NEW seems to come again: once in ten seconds, and its
 * peer's answer keeps it. */
static void test_old_calls_outlive_forged_openings(void **state)
{
	enum { OPENINGS = 100000, AGE_US = 61 * TG_US_PER_S };
	struct calls *c = calls_new();
	uint8_t buffer[64];
	unsigned asked = 0;
	(void)state;

	c->raw.now_us += AGE_US; /* nobody lets its timers run: nothing but the forged frames happens */
	for (unsigned i = 0; i < OPENINGS; i++) {
		const unsigned call = i % CALLS;
		const uint64_t sent = c->raw.datagrams_out;
		struct raw_frame frame = raw_reply(&c->raw, c->legs[call], IAX_FRAME_IAX, IAX_NEW);

		frame.destination = frame.oseqno = frame.iseqno = 0;
		frame.payload = TG_SPAN_LIT("\x0b\x02\x00\x02");
		raw_receive(&c->raw, &c->hosts[call], &c->pass, raw_write(&frame, buffer, sizeof(buffer)));
		if (c->raw.datagrams_out != sent) {
			CHECK_UINT(c->raw.out.subclass, IAX_PING);
			CHECK_TRUE(tg_addr_equal(c->raw.to, c->hosts[call]));
			asked++;
			frame = raw_reply(&c->raw, c->legs[call], IAX_FRAME_IAX, IAX_PONG);
			frame.ts_ms = c->raw.out.ts_ms;
			CHECK_UINT(raw_send(&c->raw, &c->hosts[call], &c->pass, &frame), IAX_OK);
		}
		c->raw.now_us += STEP_US;
	}
	CHECK_UINT(asked, CALLS);
	CHECK_UINT(raw_stats(&c->raw).legs, CALLS);
	CHECK_UINT(raw_stats(&c->raw).frames_pending, 0);
	CHECK_UINT(c->raw.events[IAX_EV_ENDED], 0);
	calls_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hangup_shows_what_its_sender_saw),
		cmocka_unit_test(test_a_million_guesses_end_no_call),
		cmocka_unit_test(test_old_calls_outlive_forged_openings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
