/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_host_has_its_numbers_and_no_more),
		cmocka_unit_test(test_a_host_pushes_out_its_own_oldest),
		cmocka_unit_test(test_a_repeat_is_told),
		cmocka_unit_test(test_a_refused_dialog_counts_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
