/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "iax/core.h"
#include "iax/inspect.h"
#include "sim/raw.h"

/* Call numbers by host, and who gives way at each ceiling: rulings R6, R7, R11. */

enum { LEGS = 256 };

static struct iax_config config_of(void)
{
	struct iax_config config = iax_config_default();

	config.legs_max = LEGS;
	config.frames_max = 4 * LEGS;
	return config;
}

static void is_whole(const struct raw *raw)
{
	const char *wrong = iax_inspect(raw->ep);

	CHECK_TEXT(wrong != NULL ? wrong : "whole", "whole");
}

static struct iax_leg_id opened(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass,
                                uint16_t number)
{
	CHECK_UINT(raw_open(raw, from, pass, number, IAX_NEW), IAX_OK);
	is_whole(raw);
	for (uint32_t i = 0; i < iax_endpoint_leg_max(raw->ep); i++) {
		struct iax_leg_id leg;
		struct iax_leg_info info;

		if (iax_endpoint_leg_at(raw->ep, i, &leg) && iax_leg_info(raw->ep, leg, &info) &&
		    info.remote_number == number && tg_addr_equal(info.remote, *from)) {
			return leg;
		}
	}
	CHECK_TEXT("none", "a leg");
	return (struct iax_leg_id){ 0 };
}

static bool is_alive(const struct raw *raw, struct iax_leg_id leg)
{
	struct iax_leg_info info;

	return iax_leg_info(raw->ep, leg, &info);
}

static void test_a_host_has_its_numbers_and_no_more(void **state)
{
	const struct iax_config config = config_of();
	const struct tg_addr host = raw_host(1), other = raw_host(2);
	struct iax_pass pass = raw_pass();
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	pass.numbers_max = 3;
	for (uint16_t i = 0; i < 3; i++) {
		raw_link(&raw, &host, &pass, (uint16_t)(100 + i));
	}
	const uint64_t in = raw.octets_in, out = raw.octets_out;

	CHECK_UINT(raw_open(&raw, &host, &pass, 200, IAX_NEW), IAX_ERR_HOST_NUMBERS);
	CHECK_UINT(raw.out.subclass, IAX_REJECT);
	CHECK_UINT(raw.out.source, IAX_CALLNO_STATELESS);
	CHECK_UINT(raw_open(&raw, &host, &pass, 201, IAX_REGREQ), IAX_ERR_HOST_NUMBERS);
	CHECK_UINT(raw.out.subclass, IAX_REGREJ);
	CHECK_TRUE(raw.octets_out - out <= raw.octets_in - in);
	CHECK_UINT(raw_stats(&raw).legs, 3);
	raw_link(&raw, &other, &pass, 200);
	const struct iax_host_row row = raw_row(&raw, &host);

	CHECK_UINT(row.used, 3);
	CHECK_UINT(row.limit, 3);
	CHECK_UINT(row.peak, 3);
	CHECK_UINT(row.refused, 2);
	CHECK_UINT(row.half_open, 0);
	CHECK_UINT(row.bits, 32);
	is_whole(&raw);
	raw_free(&raw);
}

static void test_a_host_pushes_out_its_own_oldest(void **state)
{
	const struct iax_config config = config_of();
	const struct tg_addr host = raw_host(1), other = raw_host(2);
	struct iax_pass pass = raw_pass();
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	pass.numbers_max = 3;
	const struct iax_leg_id others = opened(&raw, &other, &pass, 50);
	const struct iax_leg_id call = raw_link(&raw, &host, &pass, 100);
	const struct iax_leg_id first = opened(&raw, &host, &pass, 101), second = opened(&raw, &host, &pass, 102);
	const struct iax_leg_id third = opened(&raw, &host, &pass, 103);

	CHECK_TRUE(!is_alive(&raw, first) && is_alive(&raw, second) && is_alive(&raw, third));
	CHECK_TRUE(is_alive(&raw, call) && is_alive(&raw, others));
	CHECK_TRUE(tg_ref_equal(raw.evicted.ref, first.ref));
	CHECK_UINT(raw_stats(&raw).evicted, 1);
	raw_free(&raw);
}

static void challenge(struct raw *raw, struct iax_leg_id leg)
{
	CHECK_UINT(iax_leg_challenge(raw->ep, leg, IAX_AUTH_MD5, TG_SPAN_LIT("once"), raw->now_us), IAX_OK);
	raw_fetch(raw);
}

/*
 * 50 openings a second of one port, whose challenges are not answered; a caller at another port of the same address needs 500 ms for
 * his answer.
 */
static void test_a_slow_caller_behind_the_address_of_a_flood(void **state)
{
	enum { A_SECOND = 50, DELAY = A_SECOND / 2, FLOOD_PORTS = 4 };
	const struct iax_config config = config_of();
	const struct iax_pass pass = raw_pass();

	(void)state;
	for (uint16_t ports = 1; ports <= FLOOD_PORTS; ports++) {
		struct tg_addr flooder = raw_host(1), caller = raw_host(1);
		struct iax_leg_id leg;
		struct raw raw;

		raw_init(&raw, &config);
		caller.port = 40000;
		for (uint16_t i = 0; i < 4 * A_SECOND; i++) {
			if (i == 2 * A_SECOND) {
				leg = opened(&raw, &caller, &pass, 77);
				challenge(&raw, leg);
			}
			flooder.port = (uint16_t)(50000 + i % ports);
			challenge(&raw, opened(&raw, &flooder, &pass, (uint16_t)(100 + i)));
			if (i == 2 * A_SECOND + DELAY) {
				CHECK_TRUE(is_alive(&raw, leg));
				struct raw_frame frame = raw_reply(&raw, leg, IAX_FRAME_IAX, IAX_AUTHREP);

				frame.payload = TG_SPAN_LIT("\x10\x20"
				                            "0123456789abcdef0123456789abcdef");
				CHECK_UINT(raw_send(&raw, &caller, &pass, &frame), IAX_OK);
				CHECK_UINT(raw.last.kind, IAX_EV_VERIFY);
			}
			raw_run_ms(&raw, 1000 / A_SECOND);
		}
		CHECK_UINT(raw_row(&raw, &caller).half_open, config.half_open_host);
		CHECK_TRUE(is_alive(&raw, leg)); /* its owner has to act */
		raw_free(&raw);
	}
}

/* For every name the same octets. */
static void test_a_refusal_knows_no_names(void **state)
{
	static const char *const names[] = { "bob", "eve", "admin", "a-name-that-is-not-there" };
	const struct iax_config config = config_of();
	const struct tg_addr host = raw_host(1);
	struct iax_pass pass = raw_pass();
	uint8_t first[64];
	size_t first_len = 0;
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	pass.numbers_max = 0;
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		const struct tg_span name = tg_span_text(names[i]);
		uint8_t bytes[64], buffer[128];
		struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
		struct iax_datagram out;

		tg_put_span(&w, TG_SPAN_LIT("\x0b\x02\x00\x02\x06"));
		tg_put_u8(&w, (uint8_t)name.len);
		tg_put_span(&w, name);
		const struct raw_frame frame = {
			.source = 100, .type = IAX_FRAME_IAX, .subclass = IAX_NEW, .payload = tg_writer_span(&w)
		};
		const struct iax_datagram in = { host, raw.local, raw_write(&frame, buffer, sizeof(buffer)) };

		CHECK_UINT(iax_endpoint_open(raw.ep, &in, &pass, raw.now_us), IAX_ERR_HOST_NUMBERS);
		CHECK_TRUE(iax_endpoint_next_datagram(raw.ep, &out, raw.now_us));
		CHECK_TRUE(out.bytes.len <= in.bytes.len && out.bytes.len <= sizeof(first));
		if (i == 0) {
			first_len = out.bytes.len;
			memcpy(first, out.bytes.p, first_len);
		}
		CHECK_SPAN(out.bytes, ((struct tg_span){ first, first_len }));
		CHECK_FALSE(iax_endpoint_next_datagram(raw.ep, &out, raw.now_us));
	}
	raw_free(&raw);
}

static void test_a_repeat_is_told(void **state)
{
	const struct iax_config config = config_of();
	const struct tg_addr host = raw_host(1);
	const struct iax_pass pass = raw_pass();
	static const uint8_t again[] = { 0x80, 100, 0, 0, 0, 0, 0, 1, 0, 0, IAX_FRAME_IAX, IAX_NEW };
	static const uint8_t fresh[] = { 0x80, 101, 0, 0, 0, 0, 0, 1, 0, 0, IAX_FRAME_IAX, IAX_NEW };
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	const struct iax_datagram same = { host, raw.local, { again, sizeof(again) } };
	const struct iax_datagram next = { host, raw.local, { fresh, sizeof(fresh) } };
	const struct iax_datagram short_one = { host, raw.local, { again, 5 } };

	CHECK_TRUE(!iax_endpoint_is_repeat(raw.ep, &same, raw.now_us));
	const struct iax_leg_id leg = opened(&raw, &host, &pass, 100);

	CHECK_TRUE(iax_endpoint_is_repeat(raw.ep, &same, raw.now_us));
	CHECK_TRUE(!iax_endpoint_is_repeat(raw.ep, &next, raw.now_us));
	CHECK_TRUE(!iax_endpoint_is_repeat(raw.ep, &short_one, raw.now_us));
	CHECK_UINT(iax_leg_reject(raw.ep, leg, 0, (struct tg_span){ 0 }, 0, raw.now_us), IAX_OK);
	raw_run_ms(&raw, 60000); /* nobody acknowledges: its timer ends it */
	CHECK_UINT(raw_stats(&raw).legs, 0);
	CHECK_TRUE(!iax_endpoint_is_repeat(raw.ep, &same, raw.now_us));
	const struct iax_leg_id call = raw_link(&raw, &host, &pass, 100);
	const struct raw_frame hangup = raw_reply(&raw, call, IAX_FRAME_IAX, IAX_HANGUP);

	CHECK_UINT(raw_send(&raw, &host, &pass, &hangup), IAX_OK);
	CHECK_UINT(raw_stats(&raw).legs, 0);
	CHECK_TRUE(iax_endpoint_is_repeat(raw.ep, &same, raw.now_us)); /* of its tombstone */
	raw_run_ms(&raw, 2000);
	CHECK_TRUE(!iax_endpoint_is_repeat(raw.ep, &same, raw.now_us));
	raw_free(&raw);
}

static void test_a_refused_dialog_counts_no_more(void **state)
{
	const struct iax_config config = config_of();
	const struct tg_addr host = raw_host(1);
	struct iax_pass pass = raw_pass();
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	pass.numbers_max = 1;
	const struct iax_leg_id leg = opened(&raw, &host, &pass, 100);

	CHECK_UINT(raw_row(&raw, &host).used, 1);
	CHECK_UINT(iax_leg_reject(raw.ep, leg, 0, (struct tg_span){ 0 }, 0, raw.now_us), IAX_OK);
	CHECK_UINT(raw_row(&raw, &host).used, 0);
	CHECK_UINT(raw_row(&raw, &host).peak, 1);
	CHECK_UINT(raw_stats(&raw).legs, 1);
	opened(&raw, &host, &pass, 101);
	CHECK_UINT(raw_stats(&raw).evicted, 0);
	raw_free(&raw);
}

/* ---- All numbers in use (R6) ------------------------------------------------------------------------------------- */

enum {
	FULL_HOSTS = 16,
	FULL_EACH = 2048, /* `maxcallnumbers`, the default */
	FULL_LEGS = 36000,
	FULL_NUMBERS = IAX_CALLNO_MAX - IAX_CALLNO_MIN + 1,
};

static void check_heard(struct raw *raw, const struct tg_addr *from, struct iax_leg_id leg, const struct iax_pass *pass)
{
	const unsigned heard = raw->events[IAX_EV_VOICE];
	struct raw_frame voice = raw_reply(raw, leg, IAX_FRAME_VOICE, IAX_FORMAT_ULAW);
	uint8_t mini[16];
	struct tg_writer w = tg_writer_of(mini, sizeof(mini));

	voice.payload = TG_SPAN_LIT("full");
	CHECK_UINT(raw_send(raw, from, pass, &voice), IAX_OK);
	CHECK_TRUE(tg_ref_equal(raw->last.leg.ref, leg.ref));
	tg_put_u16(&w, voice.source);
	tg_put_u16(&w, (uint16_t)(voice.ts_ms + 20));
	tg_put_span(&w, TG_SPAN_LIT("mini"));
	CHECK_UINT(raw_receive(raw, from, pass, tg_writer_span(&w)), IAX_OK);
	CHECK_TRUE(tg_ref_equal(raw->last.leg.ref, leg.ref));
	CHECK_UINT(raw->events[IAX_EV_VOICE], heard + 2);
}

static void hang_up(struct raw *raw, const struct tg_addr *from, struct iax_leg_id leg, const struct iax_pass *pass)
{
	const struct raw_frame frame = raw_reply(raw, leg, IAX_FRAME_IAX, IAX_HANGUP);

	CHECK_UINT(raw_send(raw, from, pass, &frame), IAX_OK);
	CHECK_UINT(raw->last.kind, IAX_EV_ENDED);
	CHECK_TRUE(tg_ref_equal(raw->last.leg.ref, leg.ref));
}

/* The other call that has our number of this one, and its peer. */
static struct iax_leg_id twin_of(const struct raw *raw, struct iax_leg_id leg, struct iax_leg_info *info)
{
	struct iax_leg_info own;
	struct iax_leg_id other;

	CHECK_TRUE(iax_leg_info(raw->ep, leg, &own));
	for (uint32_t i = 0; i < iax_endpoint_leg_max(raw->ep); i++) {
		if (iax_endpoint_leg_at(raw->ep, i, &other) && !tg_ref_equal(other.ref, leg.ref) &&
		    iax_leg_info(raw->ep, other, info) && info->local_number == own.local_number) {
			return other;
		}
	}
	CHECK_TEXT("no twin", "a twin");
	return leg;
}

/* Sixteen hosts at their limits, all proven and authenticated, hold every number there is. */
static void test_with_all_numbers_in_use_another_host_calls(void **state)
{
	struct iax_config config = iax_config_default();
	struct iax_pass pass = raw_pass();
	struct iax_leg_info twins;
	struct raw raw;
	(void)state;

	config.legs_max = FULL_LEGS;
	config.frames_max = FULL_LEGS;
	raw_init(&raw, &config);
	pass.numbers_max = FULL_EACH;
	for (uint32_t i = 0; i < FULL_HOSTS * FULL_EACH; i++) {
		const struct tg_addr host = raw_host(i % FULL_HOSTS);

		raw_link(&raw, &host, &pass, (uint16_t)(2 + i / FULL_HOSTS));
	}
	CHECK_UINT(raw_stats(&raw).numbers_used, FULL_NUMBERS);
	for (uint32_t i = 0; i < FULL_HOSTS; i++) {
		const struct tg_addr host = raw_host(i);

		CHECK_UINT(raw_open(&raw, &host, &pass, 9999, IAX_NEW), IAX_ERR_HOST_NUMBERS);
	}
	const struct tg_addr other = raw_host(FULL_HOSTS);

	for (uint16_t number = 2; number < 50; number++) { /* its own numbers are those of others, too */
		const struct iax_leg_id leg = raw_link(&raw, &other, &pass, number);
		const struct iax_leg_id twin = twin_of(&raw, leg, &twins);
		const struct tg_addr host = twins.remote;

		check_heard(&raw, &other, leg, &pass);
		check_heard(&raw, &host, twin, &pass);
		hang_up(&raw, &other, leg, &pass);
		CHECK_TRUE(is_alive(&raw, twin));
	}
	CHECK_UINT(raw_stats(&raw).legs, FULL_HOSTS * FULL_EACH);
	CHECK_UINT(raw_stats(&raw).evicted, 0);
	raw_free(&raw);
}

/* ---- Shares ------------------------------------------------------------------------------------------------------- */

static struct iax_pass pass_of(enum iax_proof proof, bool known)
{
	struct iax_pass pass = raw_pass();

	pass.proof = proof;
	pass.is_known = known;
	return pass;
}

/* Sixteen strangers' networks can be forged without end: for these rows each opening has a host of its own. */
static uint32_t open_many(struct raw *raw, const struct iax_pass *pass, uint32_t first, uint32_t count)
{
	uint32_t done = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct tg_addr host = raw_host(first + i);

		done += raw_open(raw, &host, pass, 100, IAX_NEW) == IAX_OK;
	}
	return done;
}

static void test_strangers_without_token_have_a_quarter(void **state)
{
	const struct iax_config config = config_of();
	struct iax_pass stranger = pass_of(IAX_UNPROVEN, false), known = pass_of(IAX_UNPROVEN, true);
	const struct iax_pass proven = pass_of(IAX_PROVEN, false);
	struct raw raw;
	(void)state;

	stranger.unproven_max = known.unproven_max = 40;
	raw_init(&raw, &config);
	CHECK_UINT(open_many(&raw, &stranger, 0, 30), 30);
	CHECK_UINT(raw_stats(&raw).unproven_used, 10);
	CHECK_UINT(raw_stats(&raw).evicted, 20);
	CHECK_UINT(open_many(&raw, &proven, 1000, 5), 5); /* who has a token is not of them */
	CHECK_UINT(raw_stats(&raw).unproven_used, 10);
	CHECK_UINT(open_many(&raw, &known, 2000, 30), 30);
	CHECK_UINT(raw_stats(&raw).unproven_used, 40);
	CHECK_UINT(raw_stats(&raw).evicted, 20);
	CHECK_UINT(open_many(&raw, &known, 3000, 10), 10); /* strangers go first */
	CHECK_UINT(raw_stats(&raw).unproven_used, 40);
	CHECK_UINT(raw_stats(&raw).evicted, 30);
	CHECK_UINT(open_many(&raw, &stranger, 4000, 1), 0);
	CHECK_UINT(raw_stats(&raw).refused[IAX_ERR_UNPROVEN_NUMBERS], 1);
	CHECK_UINT(raw.out.subclass, IAX_REJECT);
	CHECK_UINT(open_many(&raw, &known, 5000, 1), 1);
	CHECK_UINT(raw_stats(&raw).evicted, 31);
	is_whole(&raw);
	raw_free(&raw);
}

static void test_calls_without_token_are_not_evicted(void **state)
{
	const struct iax_config config = config_of();
	struct iax_pass pass = pass_of(IAX_UNPROVEN, true);
	const struct tg_addr late = raw_host(9);
	struct raw raw;
	(void)state;

	pass.unproven_max = 3;
	raw_init(&raw, &config);
	for (uint16_t i = 0; i < 3; i++) {
		const struct tg_addr host = raw_host(i);

		raw_link(&raw, &host, &pass, 100);
	}
	CHECK_UINT(raw_open(&raw, &late, &pass, 100, IAX_NEW), IAX_ERR_UNPROVEN_NUMBERS);
	CHECK_UINT(raw_stats(&raw).legs, 3);
	pass.unproven_max = 2; /* lowered: what there is stays */
	CHECK_UINT(raw_open(&raw, &late, &pass, 100, IAX_NEW), IAX_ERR_UNPROVEN_NUMBERS);
	CHECK_UINT(raw_stats(&raw).legs, 3);
	pass.unproven_max = 4;
	CHECK_UINT(raw_open(&raw, &late, &pass, 100, IAX_NEW), IAX_OK);
	pass.unproven_max = 0;
	pass.is_known = false;
	CHECK_UINT(raw_open(&raw, &late, &pass, 101, IAX_NEW), IAX_ERR_UNPROVEN_NUMBERS);
	CHECK_UINT(raw_stats(&raw).legs, 4);
	raw_free(&raw);
}

static void test_a_lowered_limit_ends_nothing(void **state)
{
	const struct iax_config config = config_of();
	const struct tg_addr host = raw_host(1);
	struct iax_pass pass = raw_pass();
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	for (uint16_t i = 0; i < 4; i++) {
		opened(&raw, &host, &pass, (uint16_t)(100 + i));
	}
	for (uint32_t max = 0; max < 4; max++) {
		pass.numbers_max = max;
		CHECK_UINT(raw_open(&raw, &host, &pass, 200, IAX_NEW), IAX_ERR_HOST_NUMBERS);
		CHECK_UINT(raw_row(&raw, &host).limit, UINT32_MAX); /* of what was opened last */
	}
	CHECK_UINT(raw_stats(&raw).legs, 4);
	CHECK_UINT(raw_stats(&raw).evicted, 0);
	CHECK_UINT(raw_row(&raw, &host).refused, 4);
	raw_free(&raw);
}

static void test_an_eighth_of_the_half_open_is_for_known_networks(void **state)
{
	struct iax_config config = config_of();
	const struct iax_pass stranger = pass_of(IAX_PROVEN, false), known = pass_of(IAX_PROVEN, true);
	struct raw raw;
	(void)state;

	config.half_open_max = 64;
	raw_init(&raw, &config);
	CHECK_UINT(open_many(&raw, &stranger, 0, 100), 100);
	CHECK_UINT(raw_stats(&raw).legs, 56);
	CHECK_UINT(raw_stats(&raw).evicted, 44);
	CHECK_UINT(open_many(&raw, &known, 1000, 8), 8);
	CHECK_UINT(raw_stats(&raw).evicted, 44);
	CHECK_UINT(open_many(&raw, &known, 2000, 56), 56); /* in place of all strangers */
	CHECK_UINT(raw_stats(&raw).legs, 64);
	CHECK_UINT(open_many(&raw, &stranger, 3000, 1), 0); /* of known networks, none goes for a stranger */
	CHECK_UINT(raw_stats(&raw).refused[IAX_ERR_NO_ROOM], 1);
	CHECK_UINT(open_many(&raw, &known, 4000, 1), 1);
	CHECK_UINT(raw_stats(&raw).legs, 64);
	is_whole(&raw);
	raw_free(&raw);
}

/* However many wait for our owner: a stranger that waits for its peer is found behind them. */
static void test_a_known_sender_finds_a_place_behind_those_who_acted(void **state)
{
	struct iax_config config = config_of();
	const struct iax_pass stranger = pass_of(IAX_PROVEN, false), known = pass_of(IAX_PROVEN, true);
	enum { ANSWERED = 150, MAX = 176 };
	struct raw raw;
	(void)state;

	config.half_open_max = MAX;
	raw_init(&raw, &config);
	for (uint32_t i = 0; i < ANSWERED; i++) {
		const struct tg_addr host = raw_host(i);
		const struct iax_leg_id leg = opened(&raw, &host, &stranger, 100);

		CHECK_UINT(iax_leg_challenge(raw.ep, leg, IAX_AUTH_MD5, TG_SPAN_LIT("once"), raw.now_us), IAX_OK);
		raw_fetch(&raw);
		const struct raw_frame frame = raw_reply(&raw, leg, IAX_FRAME_IAX, IAX_AUTHREP);

		CHECK_UINT(raw_send(&raw, &host, &stranger, &frame), IAX_OK);
	}
	CHECK_UINT(raw.events[IAX_EV_VERIFY], ANSWERED);
	CHECK_UINT(open_many(&raw, &stranger, 1000, 4), 4); /* seven eighths */
	CHECK_UINT(open_many(&raw, &known, 2000, 22), 22);
	CHECK_UINT(raw_stats(&raw).legs, MAX);
	CHECK_UINT(raw_stats(&raw).evicted, 0);
	CHECK_UINT(open_many(&raw, &known, 3000, 4), 4);
	CHECK_UINT(legs_half_open(raw.ep, true), ANSWERED);
	CHECK_UINT(open_many(&raw, &known, 4000, 4), 4); /* now in place of their own */
	CHECK_UINT(legs_half_open(raw.ep, true), ANSWERED);
	CHECK_UINT(raw_stats(&raw).legs, MAX);
	is_whole(&raw);
	raw_free(&raw);
}

static void test_a_known_sender_finds_a_leg_where_strangers_have_all(void **state)
{
	const struct iax_config config = config_of();
	const struct iax_pass stranger = pass_of(IAX_PROVEN, false), known = pass_of(IAX_PROVEN, true);
	struct raw raw;
	(void)state;

	raw_init(&raw, &config); /* half_open_max 0: all legs but the reserve of our own calls */
	CHECK_UINT(open_many(&raw, &stranger, 0, 2 * LEGS), 2 * LEGS);
	const uint32_t legs = raw_stats(&raw).legs;

	CHECK_TRUE(legs < LEGS);
	CHECK_UINT(open_many(&raw, &known, 10000, legs), legs);
	CHECK_UINT(raw_stats(&raw).legs, legs);
	CHECK_UINT(open_many(&raw, &stranger, 20000, 1), 0);
	is_whole(&raw);
	raw_free(&raw);
}

/* A guest without a token: at most so many numbers of one host, standing ones too. */
static void test_who_shows_nothing_at_all_has_sixteen(void **state)
{
	const struct iax_config config = config_of();
	const struct tg_addr host = raw_host(1);
	const struct iax_pass stranger = pass_of(IAX_UNPROVEN, false), known = pass_of(IAX_UNPROVEN, true);
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	raw_link(&raw, &host, &stranger, 50); /* it authenticated, so it is none of them */
	for (uint16_t i = 0; i < 16; i++) {
		const struct iax_leg_id leg = opened(&raw, &host, &stranger, (uint16_t)(100 + i));

		CHECK_UINT(iax_call_accept(raw.ep, leg, IAX_FORMAT_ULAW, raw.now_us), IAX_OK);
		raw_fetch(&raw);
		const struct raw_frame ack = raw_reply(&raw, leg, IAX_FRAME_IAX, IAX_ACK);

		CHECK_UINT(raw_send(&raw, &host, &stranger, &ack), IAX_OK);
	}
	CHECK_UINT(raw.events[IAX_EV_CONFIRMED], 17);
	CHECK_UINT(raw_open(&raw, &host, &stranger, 200, IAX_NEW), IAX_ERR_HOST_NUMBERS);
	CHECK_UINT(raw_open(&raw, &host, &known, 201, IAX_NEW), IAX_OK);
	is_whole(&raw);
	raw_free(&raw);
}

/* ---- Hosts that are remembered --------------------------------------------------------------------------------- */

static void test_hosts_are_forgotten_when_their_place_is_needed(void **state)
{
	const struct iax_config config = config_of();
	const struct iax_pass pass = raw_pass();
	struct iax_host_row row;
	uint32_t cursor = 0, rows = 0;
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	for (uint32_t i = 0; i < 3 * LEGS; i++) {
		const struct tg_addr host = raw_host(i);
		const struct iax_leg_id leg = raw_link(&raw, &host, &pass, 100);

		hang_up(&raw, &host, leg, &pass);
	}
	is_whole(&raw);
	while (iax_endpoint_host_row(raw.ep, &cursor, &row)) {
		CHECK_UINT(row.used, 0);
		CHECK_UINT(row.peak, 1);
		rows++;
	}
	CHECK_UINT(rows, LEGS);
	const struct tg_addr oldest = raw_host(2 * LEGS), gone = raw_host(2 * LEGS - 1);

	CHECK_UINT(raw_row(&raw, &oldest).peak, 1);
	CHECK_UINT(raw_row(&raw, &gone).peak, 0);
	raw_free(&raw);
}

static void test_who_proved_nothing_is_not_remembered(void **state)
{
	const struct iax_config config = config_of();
	const struct iax_pass pass = pass_of(IAX_UNPROVEN, false);
	const struct tg_addr host = raw_host(1);
	struct iax_host_row row;
	uint32_t cursor = 0;
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	opened(&raw, &host, &pass, 100);
	CHECK_UINT(raw_row(&raw, &host).unproven, 1);
	CHECK_UINT(raw_row(&raw, &host).half_open, 1);
	raw_run_ms(&raw, 11000);
	CHECK_UINT(raw_stats(&raw).legs, 0);
	CHECK_FALSE(iax_endpoint_host_row(raw.ep, &cursor, &row));
	raw_free(&raw);
}

static void test_an_ipv6_network_is_one_host(void **state)
{
	const struct iax_config config = config_of();
	struct iax_pass pass = raw_pass();
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	pass.numbers_max = 4;
	for (uint8_t i = 0; i < 5; i++) {
		const uint8_t ip[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 7, i, 0, 0, 0, 0, 0, 0, i };
		const struct tg_addr host = tg_addr_ipv6(ip, IAX_PORT);

		if (i < 4) {
			raw_link(&raw, &host, &pass, 100);
			CHECK_UINT(raw_row(&raw, &host).bits, 64);
			CHECK_UINT(raw_row(&raw, &host).used, i + 1);
		} else {
			CHECK_UINT(raw_open(&raw, &host, &pass, 100, IAX_NEW), IAX_ERR_HOST_NUMBERS);
		}
	}
	is_whole(&raw);
	raw_free(&raw);
}

/* ---- The inspector sees what goes wrong --------------------------------------------------------------------------- */

static void miscount_used(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->used++;
}

static void miscount_half_open(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->half_open--;
}

static void miscount_unproven(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->unproven++;
}

static void miscount_anonymous(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->anonymous++;
}

static void miscount_all(struct iax_endpoint *ep, struct leg *leg)
{
	ep->unproven[leg->known]++;
}

static void forget_host(struct iax_endpoint *ep, struct leg *leg)
{
	(void)ep;
	leg->host = 0;
}

static void swap_trust(struct iax_endpoint *ep, struct leg *leg)
{
	(void)ep;
	leg->known = !leg->known;
}

static void leave_list(struct iax_endpoint *ep, struct leg *leg)
{
	(void)ep;
	leg->list = CORE_KNOWN;
}

static void leave_crowd(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->crowd = 0;
}

static void test_the_inspector_sees_each_miscount(void **state)
{
	static void (*const spoilers[])(struct iax_endpoint *, struct leg *) = {
		miscount_used, miscount_half_open, miscount_unproven, miscount_anonymous, miscount_all,
		forget_host,   swap_trust,         leave_list,        leave_crowd,
	};
	const struct iax_config config = config_of();
	const struct iax_pass pass = pass_of(IAX_UNPROVEN, false);
	const struct tg_addr host = raw_host(1);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(spoilers); i++) {
		struct raw raw;

		raw_init(&raw, &config);
		const struct iax_leg_id leg = opened(&raw, &host, &pass, 100);

		spoilers[i](raw.ep, legs_find_id(raw.ep, leg));
		CHECK_TRUE(iax_inspect(raw.ep) != NULL);
		raw_free(&raw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_host_has_its_numbers_and_no_more),
		cmocka_unit_test(test_a_host_pushes_out_its_own_oldest),
		cmocka_unit_test(test_a_slow_caller_behind_the_address_of_a_flood),
		cmocka_unit_test(test_a_refusal_knows_no_names),
		cmocka_unit_test(test_a_repeat_is_told),
		cmocka_unit_test(test_a_refused_dialog_counts_no_more),
		cmocka_unit_test(test_with_all_numbers_in_use_another_host_calls),
		cmocka_unit_test(test_strangers_without_token_have_a_quarter),
		cmocka_unit_test(test_calls_without_token_are_not_evicted),
		cmocka_unit_test(test_a_lowered_limit_ends_nothing),
		cmocka_unit_test(test_an_eighth_of_the_half_open_is_for_known_networks),
		cmocka_unit_test(test_a_known_sender_finds_a_place_behind_those_who_acted),
		cmocka_unit_test(test_a_known_sender_finds_a_leg_where_strangers_have_all),
		cmocka_unit_test(test_who_shows_nothing_at_all_has_sixteen),
		cmocka_unit_test(test_hosts_are_forgotten_when_their_place_is_needed),
		cmocka_unit_test(test_who_proved_nothing_is_not_remembered),
		cmocka_unit_test(test_an_ipv6_network_is_one_host),
		cmocka_unit_test(test_the_inspector_sees_each_miscount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
