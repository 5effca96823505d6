/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "switch/refusals.h"

#include <stdio.h>

struct bench {
	struct refusals refusals;
	struct tg_log log;
	char text[65536];
	size_t len;
	unsigned lines;
};

static void keep_line(void *owner, enum tg_level level, const char *line)
{
	struct bench *bench = owner;
	const size_t room = sizeof(bench->text) - bench->len;
	const int len = snprintf(bench->text + bench->len, room, "%s %s\n", tg_level_name(level), line);

	bench->lines++;
	bench->len += len > 0 && (size_t)len < room ? (size_t)len : 0;
}

static void bench_init(struct bench *bench)
{
	*bench = (struct bench){ .log = { keep_line, bench, TG_DEBUG } };
}

static struct tg_addr host(unsigned number)
{
	return tg_addr_ipv4((const uint8_t[]){ 192, 0, (uint8_t)(number >> 8), (uint8_t)number }, 4569);
}

static bool call_is_told(struct bench *bench, struct tg_addr from, bool proven, uint64_t now_us)
{
	return refusals_log(&bench->refusals, &bench->log, REFUSAL_CALL, proven, from, now_us) == &bench->log;
}

static void test_the_first_is_told_and_the_others_are_counted(void **state)
{
	static struct bench bench;
	struct tg_addr port = host(7);
	(void)state;

	bench_init(&bench);
	port.port = 40000;
	CHECK_UINT(refusals_deadline_us(&bench.refusals), TG_NEVER);
	CHECK_TRUE(call_is_told(&bench, host(7), true, 5));
	for (uint64_t i = 0; i < 1000; i++) {
		CHECK_FALSE(call_is_told(&bench, i % 2 == 0 ? port : host(7), true, 5 + i));
	}
	CHECK_TRUE(call_is_told(&bench, host(8), true, 600)); /* somebody else */
	CHECK_TRUE(refusals_log(&bench.refusals, &bench.log, REFUSAL_REGISTRATION, true, host(7), 700) == &bench.log);
	CHECK_UINT(refusals_deadline_us(&bench.refusals), 5 + UINT64_C(10000000));
	refusals_expire(&bench.refusals, &bench.log, UINT64_C(10000000));
	CHECK_UINT(bench.lines, 0);
	refusals_expire(&bench.refusals, &bench.log, 5 + UINT64_C(10000000));
	CHECK_UINT(bench.lines, 1);
	CHECK_TEXT(bench.text, "NOTICE call.refused from=192.0.0.7:4569 more=1000\n");

	CHECK_FALSE(call_is_told(&bench, host(7), true, UINT64_C(11000000))); /* he goes on */
	refusals_expire(&bench.refusals, &bench.log, UINT64_C(21000000));
	CHECK_UINT(bench.lines, 2);
	refusals_expire(&bench.refusals, &bench.log, UINT64_C(31000000));
	CHECK_UINT(bench.lines, 2);
	CHECK_UINT(refusals_deadline_us(&bench.refusals), TG_NEVER);
	CHECK_TRUE(call_is_told(&bench, host(7), true, UINT64_C(32000000))); /* another day */
}

static void test_an_ipv6_network_is_one_source(void **state)
{
	static struct bench bench;
	uint8_t ip[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9 };
	(void)state;

	bench_init(&bench);
	CHECK_TRUE(call_is_told(&bench, tg_addr_ipv6(ip, 4569), true, 1));
	ip[15] = 77;
	CHECK_FALSE(call_is_told(&bench, tg_addr_ipv6(ip, 4569), true, 2));
	ip[7] = 2;
	CHECK_TRUE(call_is_told(&bench, tg_addr_ipv6(ip, 4569), true, 3));
}

static void test_who_proves_nothing_is_one_of_a_crowd(void **state)
{
	static struct bench bench;
	(void)state;

	bench_init(&bench);
	for (unsigned i = 0; i < 500; i++) {
		CHECK_INT(call_is_told(&bench, host(i), false, 1), i == 0);
	}
	CHECK_TRUE(call_is_told(&bench, host(3), true, 1)); /* they took nobody's place */
	refusals_expire(&bench.refusals, &bench.log, UINT64_C(10000001));
	CHECK_TEXT(bench.text, "INFO call.refused from=\"unproven\" more=499\n");
}

static void test_a_full_table_counts_the_others_together(void **state)
{
	static struct bench bench;
	(void)state;

	bench_init(&bench);
	for (unsigned i = 0; i < REFUSALS_SOURCES + 50; i++) {
		CHECK_INT(call_is_told(&bench, host(i), true, i), i <= REFUSALS_SOURCES);
	}
	CHECK_FALSE(call_is_told(&bench, host(0), true, 300));
	refusals_expire(&bench.refusals, &bench.log, UINT64_C(20000000));
	CHECK_TEXT(bench.text, "NOTICE call.refused from=192.0.0.0:4569 more=1\n"
	                       "NOTICE call.refused from=\"others\" more=49\n");
	CHECK_TRUE(call_is_told(&bench, host(5000), true, UINT64_C(20000001))); /* there is room again */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_is_told_and_the_others_are_counted),
		cmocka_unit_test(test_an_ipv6_network_is_one_source),
		cmocka_unit_test(test_who_proves_nothing_is_one_of_a_crowd),
		cmocka_unit_test(test_a_full_table_counts_the_others_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
