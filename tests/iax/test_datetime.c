/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/datetime.h"

#include "check.h"

static void test_times(void **state)
{
	static const struct {
		uint64_t wall_s;
		uint32_t wire;
		struct iax_datetime want;
	} cases[] = {
		{ 1772600768, 0x346428c4, { 2026, 3, 4, 5, 6, 8 } },
		{ 1772600769, 0x346428c4, { 2026, 3, 4, 5, 6, 8 } }, /* odd seconds are lost */
		{ 946684800, 0x00210000, { 2000, 1, 1, 0, 0, 0 } },
		{ 1709251199, 0x305dbf7d, { 2024, 2, 29, 23, 59, 58 } },
		{ 4985971199, 0xff9fbf7d, { 2127, 12, 31, 23, 59, 58 } },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct iax_datetime got;

		CHECK_UINT(iax_datetime_encode(cases[i].wall_s * TG_US_PER_S + 999999), cases[i].wire);
		CHECK_TRUE(iax_datetime_decode(&got, cases[i].wire));
		CHECK_UINT(got.year, cases[i].want.year);
		CHECK_UINT(got.month, cases[i].want.month);
		CHECK_UINT(got.day, cases[i].want.day);
		CHECK_UINT(got.hour, cases[i].want.hour);
		CHECK_UINT(got.minute, cases[i].want.minute);
		CHECK_UINT(got.second, cases[i].want.second);
	}
}

static void test_times_that_the_field_cannot_hold(void **state)
{
	(void)state;

	CHECK_UINT(iax_datetime_encode(0), 0x00210000);
	CHECK_UINT(iax_datetime_encode(UINT64_C(946684799) * TG_US_PER_S), 0x00210000);
	CHECK_UINT(iax_datetime_encode(UINT64_C(4985971200) * TG_US_PER_S), 0xff9fbf7d);
	CHECK_UINT(iax_datetime_encode(UINT64_MAX), 0xff9fbf7d);
}

static void test_what_no_clock_shows(void **state)
{
	static const struct {
		const char *name;
		uint32_t wire;
	} cases[] = {
		{ "month 0", 0x34040000 | 4 << 16 },
		{ "month 13", 26u << 25 | 13 << 21 | 4 << 16 },
		{ "day 0", 26u << 25 | 3 << 21 },
		{ "hour 24", 26u << 25 | 3 << 21 | 4 << 16 | 24 << 11 },
		{ "minute 60", 26u << 25 | 3 << 21 | 4 << 16 | 60 << 5 },
		{ "second 60", 26u << 25 | 3 << 21 | 4 << 16 | 30 },
		{ "all ones", UINT32_MAX },
		{ "zero", 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct iax_datetime got;

		print_message("# %s\n", cases[i].name);
		CHECK_FALSE(iax_datetime_decode(&got, cases[i].wire));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_times_that_the_field_cannot_hold),
		cmocka_unit_test(test_what_no_clock_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
