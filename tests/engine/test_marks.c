/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/marks.h"

#include "net.h"

static const uint8_t key[16] = { 1, 2, 3 };

static struct marks *marks_new(void)
{
	struct marks *marks = malloc(sizeof(*marks));

	CHECK_TRUE(marks != NULL);
	marks_init(marks, key);
	return marks;
}

static const struct {
	const char *noted, *asked;
	unsigned bits;
	bool has;
} rows[] = {
	{ "192.0.2.9:4569", "192.0.2.9:1", 32, true },
	{ "192.0.2.9", "192.0.2.8", 32, false },
	{ "192.0.2.9", "192.0.2.200", 24, true },
	{ "192.0.2.9", "192.0.3.9", 24, false },
	{ "192.0.2.9", "192.0.3.9", 23, true },
	{ "192.0.2.9", "::c000:209", 32, false },
	{ "2001:db8:0:1::7", "2001:db8:0:1:8000::", 64, true },
	{ "2001:db8:0:1::7", "2001:db8:0:2::7", 64, false },
	{ "2001:db8:0:1::7", "2001:db8:0:ff::", 56, true },
	{ "2001:db8:0:1::7", "2001:db8:0:100::", 56, false },
	{ "2001:db8:0:1::7", "2001:db8:0:ffff::", 48, true },
	{ "2001:db8:0:1::7", "2001:db8:0:1::8", 128, false },
};

static void test_a_mark_is_of_its_network(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct marks *marks = marks_new();
		const struct tg_addr asked = net_addr(rows[i].asked, 9);

		print_message("# %s/%u, %s\n", rows[i].noted, rows[i].bits, rows[i].asked);
		marks_note(marks, net_addr(rows[i].noted, 4569), rows[i].bits, 50 * TG_US_PER_S);
		CHECK_UINT(marks_has(marks, asked, rows[i].bits, 49 * TG_US_PER_S), rows[i].has);
		CHECK_FALSE(marks_has(marks, asked, rows[i].bits - 1, 49 * TG_US_PER_S)); /* of another length */
		marks_drop(marks, asked, rows[i].bits);
		CHECK_UINT(marks_has(marks, net_addr(rows[i].noted, 1), rows[i].bits, 0), !rows[i].has);
		free(marks);
	}
}

static void test_a_mark_ends_and_is_not_shortened(void **state)
{
	struct marks *marks = marks_new();
	const struct tg_addr addr = net_addr("192.0.2.9", 1), other = net_addr("192.0.2.10", 1);

	(void)state;
	marks_note(marks, addr, 32, 100 * TG_US_PER_S);
	marks_note(marks, addr, 32, 20 * TG_US_PER_S);
	CHECK_TRUE(marks_has(marks, addr, 32, 99 * TG_US_PER_S));
	CHECK_FALSE(marks_has(marks, addr, 32, 102 * TG_US_PER_S));
	marks_note(marks, addr, 32, 200 * TG_US_PER_S);
	CHECK_TRUE(marks_has(marks, addr, 32, 199 * TG_US_PER_S));
	marks_note(marks, other, 32, TG_NEVER);
	CHECK_TRUE(marks_has(marks, other, 32, UINT64_C(4000000000) * TG_US_PER_S));
	CHECK_FALSE(marks_has(marks, net_addr("192.0.2.11", 1), 32, 0));
	free(marks);
}

/* Those that end later stay; none is taken for another. */
static void test_what_ends_first_makes_room(void **state)
{
	struct marks *marks = marks_new();
	uint32_t kept = 0, wrong = 0;

	(void)state;
	for (uint32_t i = 0; i < 10 * MARKS_ROWS; i++) {
		const uint8_t ip[4] = { (uint8_t)(10 + (i < 1000)), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

		marks_note(marks, tg_addr_ipv4(ip, 1), 32, (i < 1000 ? 900 : 100) * TG_US_PER_S);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		const uint8_t ip[4] = { 11, 0, (uint8_t)(i >> 8), (uint8_t)i }, never[4] = { 12, 0, ip[2], ip[3] };

		kept += marks_has(marks, tg_addr_ipv4(ip, 1), 32, 1);
		wrong += marks_has(marks, tg_addr_ipv4(never, 1), 32, 1);
	}
	CHECK_UINT(kept, 1000);
	CHECK_UINT(wrong, 0);
	free(marks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mark_is_of_its_network),
		cmocka_unit_test(test_a_mark_ends_and_is_not_shortened),
		cmocka_unit_test(test_what_ends_first_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
