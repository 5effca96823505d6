/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "iax/core.h"
#include "raw_legs.h"

/* Which hosts have calls: what a ban must not cut. */

static bool has_call(const struct raw *raw, const struct tg_addr *base, unsigned bits)
{
	raw_legs_whole(raw);
	return iax_endpoint_has_call(raw->ep, *base, bits);
}

static void test_a_call_counts_while_it_stands(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_pass();
	const struct tg_addr host = raw_host(0x010203), near = raw_host(0x010204), far = raw_host(0x020000);
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	CHECK_UINT(raw_open(&raw, &host, &pass, 50, IAX_NEW), IAX_OK);
	CHECK_FALSE(has_call(&raw, &host, 32)); /* who only asks, has none */
	const struct iax_leg_id one = raw_link(&raw, &host, &pass, 100), two = raw_link(&raw, &host, &pass, 101);

	CHECK_TRUE(has_call(&raw, &host, 32));
	CHECK_FALSE(has_call(&raw, &near, 32));
	for (unsigned bits = 8; bits < 32; bits++) {
		const struct tg_addr base = tg_addr_ipv4((const uint8_t[]){ 10, 1, 2, 0 }, 0);

		CHECK_INT(has_call(&raw, &base, bits), bits <= 30); /* 10.1.2.3 is in 10.1.2.0/30 */
		CHECK_INT(has_call(&raw, &far, bits), bits <= 14);  /* 10.2.0.0 */
	}
	raw_legs_hang_up(&raw, &host, one, &pass);
	CHECK_TRUE(has_call(&raw, &host, 32));
	raw_legs_hang_up(&raw, &host, two, &pass);
	CHECK_FALSE(has_call(&raw, &host, 32));
	CHECK_FALSE(has_call(&raw, &host, 8));
	raw_free(&raw);
}

static void test_an_accepted_call_counts_until_nobody_confirms_it(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_pass();
	const struct tg_addr host = raw_host(1);
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	CHECK_UINT(raw_open(&raw, &host, &pass, 50, IAX_NEW), IAX_OK);
	CHECK_UINT(iax_call_accept(raw.ep, raw.last.leg, IAX_FORMAT_ULAW, raw.now_us), IAX_OK);
	raw_fetch(&raw);
	CHECK_TRUE(has_call(&raw, &host, 32));
	raw_run_ms(&raw, 120000);
	CHECK_UINT(raw_stats(&raw).legs, 0);
	CHECK_FALSE(has_call(&raw, &host, 32));
	raw_free(&raw);
}

/* We call: its host opened nothing here, and has a call all the same. */
static struct iax_leg_id call_out(struct raw *raw, const struct tg_addr *to, uint16_t number)
{
	const struct iax_pass pass = raw_pass();
	struct iax_leg_id leg;
	const struct iax_call_open open = {
		.remote = *to,
		.local = raw->local,
		.called_number = TG_SPAN_LIT("1"),
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMAT_ULAW,
	};

	CHECK_UINT(iax_call_open(raw->ep, &open, raw->now_us, &leg), IAX_OK);
	raw_fetch(raw);
	CHECK_FALSE(has_call(raw, to, 32));
	struct raw_frame accept = raw_reply(raw, leg, IAX_FRAME_IAX, IAX_ACCEPT);

	accept.source = number;
	accept.payload = TG_SPAN_LIT("\x09\x04\x00\x00\x00\x04");
	CHECK_UINT(raw_send(raw, to, &pass, &accept), IAX_OK);
	return leg;
}

static void test_our_own_calls_count(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct tg_addr host = raw_host(1);
	const struct iax_pass pass = raw_pass();
	struct iax_host_row row;
	uint32_t cursor = 0;
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	const struct iax_leg_id leg = call_out(&raw, &host, 77);

	CHECK_TRUE(has_call(&raw, &host, 32));
	CHECK_FALSE(iax_endpoint_host_row(raw.ep, &cursor, &row)); /* it holds no number that it opened */
	raw_legs_hang_up(&raw, &host, leg, &pass);
	CHECK_FALSE(has_call(&raw, &host, 32));
	raw_free(&raw);
}

/* As many hosts as there are legs: each has its row, however many others are remembered. */
static void test_each_call_finds_a_row(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_pass();
	uint32_t calls = 0;
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	for (uint32_t i = 0; i < LEGS; i++) { /* remembered, for a token came from there */
		const struct tg_addr host = raw_host(i);
		const struct iax_leg_id leg = raw_link(&raw, &host, &pass, 100);

		raw_legs_hang_up(&raw, &host, leg, &pass);
	}
	for (uint32_t i = 0; i < LEGS - LEGS / CORE_RESERVE_SHARE - 1; i++) {
		const struct tg_addr host = raw_host(1000 + i);

		if (i % 2 == 0) {
			raw_link(&raw, &host, &pass, 100);
		} else {
			call_out(&raw, &host, 100);
		}
	}
	for (uint32_t i = 0; i < LEGS; i++) {
		const struct tg_addr host = raw_host(1000 + i);

		calls += iax_endpoint_has_call(raw.ep, host, 32);
	}
	CHECK_UINT(calls, LEGS - LEGS / CORE_RESERVE_SHARE - 1);
	raw_legs_whole(&raw);
	raw_free(&raw);
}

static void test_ipv6_by_its_network(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_pass();
	const uint8_t ip[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9 };
	const uint8_t other_ip[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 8 };
	const struct tg_addr host = tg_addr_ipv6(ip, IAX_PORT), other = tg_addr_ipv6(other_ip, 0);
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	raw_link(&raw, &host, &pass, 100);
	CHECK_TRUE(has_call(&raw, &host, 64) && has_call(&raw, &host, 128));
	CHECK_FALSE(has_call(&raw, &other, 64));
	CHECK_TRUE(has_call(&raw, &other, 56) && has_call(&raw, &other, 48) && has_call(&raw, &other, 32));
	raw_free(&raw);
}

static void test_the_inspector_sees_a_miscount(void **state)
{
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_pass();
	const struct tg_addr host = raw_host(1);
	struct raw raw;
	(void)state;

	raw_init(&raw, &config);
	raw_link(&raw, &host, &pass, 100);
	hosts_find(raw.ep, &host)->calls++;
	CHECK_TRUE(iax_inspect(raw.ep) != NULL);
	raw_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_counts_while_it_stands),
		cmocka_unit_test(test_an_accepted_call_counts_until_nobody_confirms_it),
		cmocka_unit_test(test_our_own_calls_count),
		cmocka_unit_test(test_each_call_finds_a_row),
		cmocka_unit_test(test_ipv6_by_its_network),
		cmocka_unit_test(test_the_inspector_sees_a_miscount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
