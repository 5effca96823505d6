/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "raw_legs.h"

/* Call numbers by host (R7, R11): its own limit, what counts in it, and which hosts are remembered. */

static void test_a_host_has_its_numbers_and_no_more(void **state)
{
	const struct iax_config config = raw_legs_config();
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
	raw_legs_whole(&raw);
	raw_free(&raw);
}

static void test_a_host_pushes_out_its_own_oldest(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct tg_addr host = raw_host(1), other = raw_host(2);
	struct iax_pass pass = raw_pass();
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	pass.numbers_max = 3;
	const struct iax_leg_id others = raw_legs_open(&raw, &other, &pass, 50);
	const struct iax_leg_id call = raw_link(&raw, &host, &pass, 100);
	const struct iax_leg_id first = raw_legs_open(&raw, &host, &pass, 101),
				second = raw_legs_open(&raw, &host, &pass, 102);
	const struct iax_leg_id third = raw_legs_open(&raw, &host, &pass, 103);

	CHECK_TRUE(!raw_legs_alive(&raw, first) && raw_legs_alive(&raw, second) && raw_legs_alive(&raw, third));
	CHECK_TRUE(raw_legs_alive(&raw, call) && raw_legs_alive(&raw, others));
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
	const struct iax_config config = raw_legs_config();
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
				leg = raw_legs_open(&raw, &caller, &pass, 77);
				challenge(&raw, leg);
			}
			flooder.port = (uint16_t)(50000 + i % ports);
			challenge(&raw, raw_legs_open(&raw, &flooder, &pass, (uint16_t)(100 + i)));
			if (i == 2 * A_SECOND + DELAY) {
				CHECK_TRUE(raw_legs_alive(&raw, leg));
				struct raw_frame frame = raw_reply(&raw, leg, IAX_FRAME_IAX, IAX_AUTHREP);

				frame.payload = TG_SPAN_LIT("\x10\x20"
				                            "0123456789abcdef0123456789abcdef");
				CHECK_UINT(raw_send(&raw, &caller, &pass, &frame), IAX_OK);
				CHECK_UINT(raw.last.kind, IAX_EV_VERIFY);
			}
			raw_run_ms(&raw, 1000 / A_SECOND);
		}
		CHECK_UINT(raw_row(&raw, &caller).half_open, config.half_open_host);
		CHECK_TRUE(raw_legs_alive(&raw, leg)); /* its owner has to act */
		raw_free(&raw);
	}
}

/* For every name the same octets. */
static void test_a_refusal_knows_no_names(void **state)
{
	static const char *const names[] = { "bob", "eve", "admin", "a-name-that-is-not-there" };
	const struct iax_config config = raw_legs_config();
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
	const struct iax_config config = raw_legs_config();
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
	const struct iax_leg_id leg = raw_legs_open(&raw, &host, &pass, 100);

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
	const struct iax_config config = raw_legs_config();
	const struct tg_addr host = raw_host(1);
	struct iax_pass pass = raw_pass();
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	pass.numbers_max = 1;
	const struct iax_leg_id leg = raw_legs_open(&raw, &host, &pass, 100);

	CHECK_UINT(raw_row(&raw, &host).used, 1);
	CHECK_UINT(iax_leg_reject(raw.ep, leg, 0, (struct tg_span){ 0 }, 0, raw.now_us), IAX_OK);
	CHECK_UINT(raw_row(&raw, &host).used, 0);
	CHECK_UINT(raw_row(&raw, &host).peak, 1);
	CHECK_UINT(raw_stats(&raw).legs, 1);
	raw_legs_open(&raw, &host, &pass, 101);
	CHECK_UINT(raw_stats(&raw).evicted, 0);
	raw_free(&raw);
}

/* ---- Hosts that are remembered --------------------------------------------------------------------------------- */

static void test_hosts_are_forgotten_when_their_place_is_needed(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_pass();
	struct iax_host_row row;
	uint32_t cursor = 0, rows = 0;
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	for (uint32_t i = 0; i < 3 * LEGS; i++) {
		const struct tg_addr host = raw_host(i);
		const struct iax_leg_id leg = raw_link(&raw, &host, &pass, 100);

		raw_legs_hang_up(&raw, &host, leg, &pass);
	}
	raw_legs_whole(&raw);
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
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_legs_pass(IAX_UNPROVEN, false);
	const struct tg_addr host = raw_host(1);
	struct iax_host_row row;
	uint32_t cursor = 0;
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	raw_legs_open(&raw, &host, &pass, 100);
	CHECK_UINT(raw_row(&raw, &host).unproven, 1);
	CHECK_UINT(raw_row(&raw, &host).half_open, 1);
	raw_run_ms(&raw, 11000);
	CHECK_UINT(raw_stats(&raw).legs, 0);
	CHECK_FALSE(iax_endpoint_host_row(raw.ep, &cursor, &row));
	raw_free(&raw);
}

static void test_an_ipv6_network_is_one_host(void **state)
{
	const struct iax_config config = raw_legs_config();
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
	raw_legs_whole(&raw);
	raw_free(&raw);
}

/* What may be for a leg: its own number and host, whatever the port; and short frames of an address that has a leg. */
static void test_frames_for_a_leg_are_told_from_others(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_pass();
	const struct tg_addr host = raw_host(1), other = raw_host(2);
	struct tg_addr moved = host;
	uint8_t full[] = { 0x80, 100, 0, 0, 0, 0, 0, 1, 1, 1, IAX_FRAME_IAX, IAX_PING };
	const uint8_t mini[] = { 0, 100, 0, 20, 1, 2, 3, 4 };
	struct iax_leg_info info;
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	const struct iax_leg_id leg = raw_legs_open(&raw, &host, &pass, 100);

	moved.port++;
	CHECK_TRUE(iax_leg_info(raw.ep, leg, &info));
	full[2] = (uint8_t)(info.local_number >> 8);
	full[3] = (uint8_t)info.local_number;
	const struct iax_datagram from[] = { { host, raw.local, { full, sizeof(full) } },
		                             { moved, raw.local, { full, sizeof(full) } },
		                             { other, raw.local, { full, sizeof(full) } },
		                             { host, raw.local, { full, 3 } } };

	CHECK_TRUE(iax_endpoint_has_leg(raw.ep, &from[0]));
	CHECK_TRUE(iax_endpoint_has_leg(raw.ep, &from[1]));
	CHECK_FALSE(iax_endpoint_has_leg(raw.ep, &from[2]));
	CHECK_FALSE(iax_endpoint_has_leg(raw.ep, &from[3]));
	full[2] |= 0x80; /* R: it is repeated */
	CHECK_TRUE(iax_endpoint_has_leg(raw.ep, &from[0]));
	full[3] ^= 1;
	CHECK_FALSE(iax_endpoint_has_leg(raw.ep, &from[0]));
	full[2] = full[3] = 0;
	CHECK_FALSE(iax_endpoint_has_leg(raw.ep, &from[0]));
	const struct iax_datagram voice[] = { { host, raw.local, { mini, sizeof(mini) } },
		                              { other, raw.local, { mini, sizeof(mini) } } };

	CHECK_FALSE(iax_endpoint_has_leg(raw.ep, &voice[1]));
	raw_link(&raw, &other, &pass, 100);
	CHECK_TRUE(iax_endpoint_has_leg(raw.ep, &voice[1]));
	raw_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_host_has_its_numbers_and_no_more),
		cmocka_unit_test(test_a_host_pushes_out_its_own_oldest),
		cmocka_unit_test(test_a_slow_caller_behind_the_address_of_a_flood),
		cmocka_unit_test(test_a_refusal_knows_no_names),
		cmocka_unit_test(test_a_repeat_is_told),
		cmocka_unit_test(test_frames_for_a_leg_are_told_from_others),
		cmocka_unit_test(test_a_refused_dialog_counts_no_more),
		cmocka_unit_test(test_hosts_are_forgotten_when_their_place_is_needed),
		cmocka_unit_test(test_who_proved_nothing_is_not_remembered),
		cmocka_unit_test(test_an_ipv6_network_is_one_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
