/* SPDX-License-Identifier: Apache-2.0 */
#include "model/when.h"

#include "check.h"

#include <stdlib.h>
#include <time.h>

static struct world_zone zone_of(const char *rule)
{
	struct world_zone zone;

	print_message("# %s\n", rule);
	CHECK_TRUE(when_zone_read(&zone, tg_span_text(rule)));
	return zone;
}

static void test_rules(void **state)
{
	static const char *const bad[] = {
		"",
		"CET",
		"C1",
		"CET-25",
		"CET-1CEST", /* summer time, and nobody knows when */
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,M10.5.0/3,",
		"CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M0.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.0.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,M3.5.0/168,M10.5.0",
		"CET-1CEST,J60,J300",
		"CET-1CEST,60,300",
		"Europe/Berlin",
		"<+01-1",
		"CET-1:60",
		"CET--1",
		"CET-99999999999999999999",
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		struct world_zone zone;

		print_message("# %s\n", bad[i]);
		CHECK_FALSE(when_zone_read(&zone, tg_span_text(bad[i])));
	}
	CHECK_UINT(zone_of("CET-1").standard_s, 3600);
	CHECK_TRUE(zone_of("<-0330>3:30").standard_s == -12600);
	CHECK_UINT(zone_of("IST-5:30").standard_s, 19800);
	CHECK_UINT(zone_of("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0").summer_s, 39600);
	CHECK_UINT(zone_of("CET-1CEST,M3.5.0,M10.5.0/3").summer_s, 7200);
}

/* The C library knows the same rules: each hour of some years, and each minute around the changes. */
static void test_the_clock_is_that_of_the_c_library(void **state)
{
	static const char *const rules[] = {
		"UTC0",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"EST5EDT,M3.2.0,M11.1.0",
		"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", /* the southern half, by half an hour */
		"<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
		"EET-2EEST,M4.5.5/0,M10.5.4/24",
		"IST-2IDT,M3.4.4/26,M10.5.0",
		"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
		"IST-1GMT0,M10.5.0,M3.5.0/1", /* winter time is the exception */
		"<-12>12",
		"<+14>-14",
	};
	const char *before = getenv("TZ");
	char *kept = before != NULL ? strdup(before) : NULL;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rules); i++) {
		const struct world_zone zone = zone_of(rules[i]);

		setenv("TZ", rules[i], 1);
		tzset();
		for (uint64_t s = 60; s<UINT64_C(5000000000); s += s> 1700000000 && s < 1830000000 ? 1800 : 8640007) {
			const time_t at = (time_t)s;
			const struct when when = when_local(&zone, s);
			struct tm want;

			localtime_r(&at, &want);
			if (s / 60 > 0 && ((unsigned)want.tm_hour * 60 + (unsigned)want.tm_min != when.minute ||
			                   want.tm_mday != when.day || want.tm_mon + 1 != when.month ||
			                   want.tm_wday != when.weekday || want.tm_year + 1900 != when.year ||
			                   (want.tm_isdst > 0) != (when.is_summer != 0))) {
				print_error("%llu\n", (unsigned long long)s);
				CHECK_UINT(when.minute, (unsigned)want.tm_hour * 60 + (unsigned)want.tm_min);
				CHECK_UINT(when.day, want.tm_mday);
				CHECK_UINT(when.month, want.tm_mon + 1);
				CHECK_UINT(when.weekday, want.tm_wday);
				CHECK_UINT(when.year, want.tm_year + 1900);
				CHECK_UINT(when.is_summer, want.tm_isdst > 0);
			}
		}
	}
	if (kept != NULL) {
		setenv("TZ", kept, 1);
	} else {
		unsetenv("TZ");
	}
	free(kept);
}

static void test_changes_of_clocks(void **state)
{
	static const struct {
		int32_t year;
		unsigned month, day;
		uint32_t utc_minute, local_minute;
	} cases[] = {
		{ 2027, 3, 28, 59, 119 },  /* 00:59 UTC is 1:59 */
		{ 2027, 3, 28, 60, 180 },  /* 01:00 UTC is 3:00 */
		{ 2027, 10, 31, 59, 179 }, /* 00:59 UTC is 2:59 */
		{ 2027, 10, 31, 60, 120 }, /* and a minute later 2:00 again */
		{ 2028, 2, 29, 0, 60 },
	};
	const struct world_zone zone = zone_of("CET-1CEST,M3.5.0,M10.5.0/3");
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const uint64_t s = when_utc_s(cases[i].year, cases[i].month, cases[i].day, cases[i].utc_minute * 60);

		CHECK_UINT(when_local(&zone, s).minute, cases[i].local_minute);
		CHECK_UINT(when_local(&zone, s).day, cases[i].day);
	}
}

/* Nothing an image can say leads outside of a table. */
static void test_bounds_of_zones(void **state)
{
	const struct world_zone far_west = { .standard_s = -(25 * 3600 - 1) },
				far_east = { .standard_s = 25 * 3600 - 1 };
	struct world_zone zone = { .standard_s = 25 * 3600 };
	(void)state;

	CHECK_TRUE(when_zone_is_good(&far_west) && when_zone_is_good(&far_east));
	CHECK_FALSE(when_zone_is_good(&zone));
	CHECK_TRUE(when_local(&far_west, 0).minute < 1440);
	CHECK_TRUE(when_local(&far_east, (uint64_t)UINT32_MAX * 60).minute < 1440);
	zone = (struct world_zone){ .begin = { .month = 3, .week = 1 } };
	CHECK_FALSE(when_zone_is_good(&zone));
	zone.end = (struct world_change){ .month = 4, .week = 6 };
	CHECK_FALSE(when_zone_is_good(&zone));
	zone.end.week = 5;
	CHECK_TRUE(when_zone_is_good(&zone));
	zone.end.weekday = 7;
	CHECK_FALSE(when_zone_is_good(&zone));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_the_clock_is_that_of_the_c_library),
		cmocka_unit_test(test_changes_of_clocks),
		cmocka_unit_test(test_bounds_of_zones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
