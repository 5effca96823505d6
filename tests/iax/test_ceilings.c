/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "iax/core.h"
#include "raw_legs.h"

/* Who gives way at each ceiling: rulings R6, R7, R11. */

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
		raw_legs_hang_up(&raw, &other, leg, &pass);
		CHECK_TRUE(raw_legs_alive(&raw, twin));
	}
	CHECK_UINT(raw_stats(&raw).legs, FULL_HOSTS * FULL_EACH);
	CHECK_UINT(raw_stats(&raw).evicted, 0);
	raw_free(&raw);
}

/* ---- Shares ------------------------------------------------------------------------------------------------------- */

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
	const struct iax_config config = raw_legs_config();
	struct iax_pass stranger = raw_legs_pass(IAX_UNPROVEN, false), known = raw_legs_pass(IAX_UNPROVEN, true);
	const struct iax_pass proven = raw_legs_pass(IAX_PROVEN, false);
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
	raw_legs_whole(&raw);
	raw_free(&raw);
}

static void test_calls_without_token_are_not_evicted(void **state)
{
	const struct iax_config config = raw_legs_config();
	struct iax_pass pass = raw_legs_pass(IAX_UNPROVEN, true);
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
	const struct iax_config config = raw_legs_config();
	const struct tg_addr host = raw_host(1);
	struct iax_pass pass = raw_pass();
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	for (uint16_t i = 0; i < 4; i++) {
		raw_legs_open(&raw, &host, &pass, (uint16_t)(100 + i));
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
	struct iax_config config = raw_legs_config();
	const struct iax_pass stranger = raw_legs_pass(IAX_PROVEN, false), known = raw_legs_pass(IAX_PROVEN, true);
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
	raw_legs_whole(&raw);
	raw_free(&raw);
}

/* However many wait for our owner: a stranger that waits for its peer is found behind them. */
static void test_a_known_sender_finds_a_place_behind_those_who_acted(void **state)
{
	struct iax_config config = raw_legs_config();
	const struct iax_pass stranger = raw_legs_pass(IAX_PROVEN, false), known = raw_legs_pass(IAX_PROVEN, true);
	enum { ANSWERED = 150, MAX = 176 };
	struct raw raw;
	(void)state;

	config.half_open_max = MAX;
	raw_init(&raw, &config);
	for (uint32_t i = 0; i < ANSWERED; i++) {
		const struct tg_addr host = raw_host(i);
		const struct iax_leg_id leg = raw_legs_open(&raw, &host, &stranger, 100);

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
	raw_legs_whole(&raw);
	raw_free(&raw);
}

static void test_a_known_sender_finds_a_leg_where_strangers_have_all(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct iax_pass stranger = raw_legs_pass(IAX_PROVEN, false), known = raw_legs_pass(IAX_PROVEN, true);
	struct raw raw;
	(void)state;

	raw_init(&raw, &config); /* half_open_max 0: all legs but the reserve of our own calls */
	CHECK_UINT(open_many(&raw, &stranger, 0, 2 * LEGS), 2 * LEGS);
	const uint32_t legs = raw_stats(&raw).legs;

	CHECK_TRUE(legs < LEGS);
	CHECK_UINT(open_many(&raw, &known, 10000, legs), legs);
	CHECK_UINT(raw_stats(&raw).legs, legs);
	CHECK_UINT(open_many(&raw, &stranger, 20000, 1), 0);
	raw_legs_whole(&raw);
	raw_free(&raw);
}

/* A guest without a token: at most so many numbers of one host, standing ones too. */
static void test_who_shows_nothing_at_all_has_sixteen(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct tg_addr host = raw_host(1);
	const struct iax_pass stranger = raw_legs_pass(IAX_UNPROVEN, false), known = raw_legs_pass(IAX_UNPROVEN, true);
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	raw_link(&raw, &host, &stranger, 50); /* it authenticated, so it is none of them */
	for (uint16_t i = 0; i < 16; i++) {
		const struct iax_leg_id leg = raw_legs_open(&raw, &host, &stranger, (uint16_t)(100 + i));

		CHECK_UINT(iax_call_accept(raw.ep, leg, IAX_FORMAT_ULAW, raw.now_us), IAX_OK);
		raw_fetch(&raw);
		const struct raw_frame ack = raw_reply(&raw, leg, IAX_FRAME_IAX, IAX_ACK);

		CHECK_UINT(raw_send(&raw, &host, &stranger, &ack), IAX_OK);
	}
	CHECK_UINT(raw.events[IAX_EV_CONFIRMED], 17);
	CHECK_UINT(raw_open(&raw, &host, &stranger, 200, IAX_NEW), IAX_ERR_HOST_NUMBERS);
	CHECK_UINT(raw_open(&raw, &host, &known, 201, IAX_NEW), IAX_OK);
	raw_legs_whole(&raw);
	raw_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_all_numbers_in_use_another_host_calls),
		cmocka_unit_test(test_strangers_without_token_have_a_quarter),
		cmocka_unit_test(test_calls_without_token_are_not_evicted),
		cmocka_unit_test(test_a_lowered_limit_ends_nothing),
		cmocka_unit_test(test_an_eighth_of_the_half_open_is_for_known_networks),
		cmocka_unit_test(test_a_known_sender_finds_a_place_behind_those_who_acted),
		cmocka_unit_test(test_a_known_sender_finds_a_leg_where_strangers_have_all),
		cmocka_unit_test(test_who_shows_nothing_at_all_has_sixteen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
