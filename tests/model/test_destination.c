/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up in a list made for it, whatever the shipped one says. */
#include "model/destination.h"

#include "check.h"
#include "model/world_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
	const char *prefix, *region;
	enum world_class class;
	uint8_t exact, exception, min_digits;
};

static const struct line list[] = {
	{ "+49", "DE", WORLD_CLASS_INTL_LOW, 0, 0, 0 },
	{ "+4915", "DE", WORLD_CLASS_MOBILE, 0, 0, 0 },
	{ "+49900", "DE", WORLD_CLASS_PREMIUM, 0, 0, 0 },
	{ "+49800", "DE", WORLD_CLASS_TOLLFREE, 0, 0, 0 },
	{ "+49180", "DE", WORLD_CLASS_SHARED, 0, 0, 0 },
	{ "+4930", "DE", WORLD_CLASS_NATIONAL, 0, 0, 0 },
	{ "+491", "", WORLD_CLASS_SHARED, 0, 0, 0 },
	{ "+1", "US", WORLD_CLASS_INTL_LOW, 0, 0, 0 },
	{ "+1242", "BS", WORLD_CLASS_INTL_HIGH, 0, 0, 11 },
	{ "+800", "*", WORLD_CLASS_TOLLFREE, 0, 0, 0 },
	{ "+252", "SO", WORLD_CLASS_INTL_HIGH, 0, 0, 0 },
	{ "+25261", "SO", WORLD_CLASS_PREMIUM_INTL, 0, 0, 0 },
	{ "+252615", "SO", WORLD_CLASS_INTL_LOW, 0, 1, 0 },
	{ "+25261555", "SO", WORLD_CLASS_SATELLITE, 0, 0, 0 },
	{ "+252615557", "SO", WORLD_CLASS_TEST_NUMBER, 1, 1, 0 },
	{ "+37190000000", "LV", WORLD_CLASS_TEST_NUMBER, 1, 0, 0 },
	{ "+371", "LV", WORLD_CLASS_INTL_MID, 0, 0, 0 },
	{ "112", "", WORLD_CLASS_EMERGENCY, 1, 0, 0 },
	{ "118", "", WORLD_CLASS_PREMIUM, 0, 0, 5 },
};

static struct world *build(const struct world_numbers *numbers)
{
	struct world_build *b = world_build_new();
	size_t size;

	for (size_t i = 0; i < TG_COUNT(list); i++) {
		const struct line *line = &list[(i * 7) % TG_COUNT(list)]; /* in another order than they are kept in */
		struct world_destination row = {
			.class = (uint8_t)line->class,
			.exact = line->exact,
			.exception = line->exception,
			.min_digits = line->min_digits,
		};

		snprintf(row.prefix, sizeof(row.prefix), "%s", line->prefix);
		snprintf(row.region, sizeof(row.region), "%s", line->region);
		world_build_row(b, WORLD_DESTINATIONS, &row);
	}
	if (numbers != NULL) {
		world_build_settings(b)->paying.numbers = world_build_row(b, WORLD_NUMBERS, numbers) + 1;
	}
	struct world *world = world_build_finish(b, 1, &size, NULL);

	world_build_free(b);
	CHECK_TRUE(world != NULL);
	return world;
}
static_assert(TG_COUNT(list) % 7 != 0, "each line comes once");

static const struct world_numbers germany = {
	.country = "49", .region = "DE", .national = "0", .international = { "00", "010" }, .internal_digits = 4
};
static const struct world_numbers america = { .country = "1",
	                                      .region = "US",
	                                      .national = "1",
	                                      .international = { "011" },
	                                      .internal_digits = 4,
	                                      .bare = WORLD_BARE_NATIONAL };
static const struct world_numbers carrier = { .internal_digits = 0, .bare = WORLD_BARE_INTERNATIONAL, .national = "0" };

/* NULL for who: the default, which knows no country. */
static const struct {
	const struct world_numbers *who;
	const char *number;
	enum world_class class;
	const char *e164;
} cases[] = {
	/* one way to write it or another */
	{ &germany, "+4930123456", WORLD_CLASS_NATIONAL, "+4930123456" },
	{ &germany, "004930123456", WORLD_CLASS_NATIONAL, "+4930123456" },
	{ &germany, "030123456", WORLD_CLASS_NATIONAL, "+4930123456" },
	{ &germany, "(030) 123-456", WORLD_CLASS_NATIONAL, "+4930123456" },
	{ &germany, "+49.30/123", WORLD_CLASS_NATIONAL, "+4930123" },
	{ &germany, "0104930123456", WORLD_CLASS_NATIONAL, "+4930123456" }, /* the longest prefix for the world */
	/* what it is at home, and from abroad */
	{ &germany, "015112345", WORLD_CLASS_MOBILE, "+4915112345" },
	{ &germany, "09001234", WORLD_CLASS_PREMIUM, "+499001234" },
	{ &germany, "08001234", WORLD_CLASS_TOLLFREE, "+498001234" },
	{ &germany, "01801234", WORLD_CLASS_SHARED, "+491801234" },
	{ &germany, "0171", WORLD_CLASS_INTERNAL, "" },
	{ &germany, "01712345", WORLD_CLASS_SHARED, "+491712345" },
	{ &germany, "0401234567", WORLD_CLASS_NATIONAL, "+49401234567" },
	{ &america, "0114930123456", WORLD_CLASS_INTL_LOW, "+4930123456" },
	{ &america, "011491512345", WORLD_CLASS_INTL_MID, "+491512345" },
	{ &america, "011499001234", WORLD_CLASS_PREMIUM_INTL, "+499001234" },
	{ &america, "011498001234", WORLD_CLASS_INTL_LOW, "+498001234" },
	{ &america, "011491801234", WORLD_CLASS_INTL_MID, "+491801234" },
	{ &america, "0118001234567", WORLD_CLASS_TOLLFREE, "+8001234567" },
	{ &germany, "008001234567", WORLD_CLASS_TOLLFREE, "+8001234567" },
	/* one calling code, two countries; a number that is too short cannot be there */
	{ &america, "12425551234", WORLD_CLASS_INTL_HIGH, "+12425551234" },
	{ &america, "2425551234", WORLD_CLASS_INTL_HIGH, "+12425551234" },
	{ &america, "2425551", WORLD_CLASS_NATIONAL, "+12425551" },
	{ &america, "2125551234", WORLD_CLASS_NATIONAL, "+12125551234" },
	{ &germany, "0012125551234", WORLD_CLASS_INTL_LOW, "+12125551234" },
	/* digits too many are no way around a line */
	{ &america, "1242555123499", WORLD_CLASS_INTL_HIGH, "+1242555123499" },
	/* without a code: national, or the world's; the worse one */
	{ &germany, "4930123456", WORLD_CLASS_NATIONAL, "+494930123456" },
	{ &germany, "12425551234", WORLD_CLASS_INTL_HIGH, "+12425551234" },
	{ &germany, "9001234", WORLD_CLASS_UNKNOWN, "+9001234" },
	{ &carrier, "4930123456", WORLD_CLASS_INTL_LOW, "+4930123456" },
	{ &carrier, "12425551234", WORLD_CLASS_INTL_HIGH, "+12425551234" },
	{ &carrier, "030123456", WORLD_CLASS_UNKNOWN, "" },
	{ NULL, "030123456", WORLD_CLASS_UNKNOWN, "" },
	{ NULL, "4930123456", WORLD_CLASS_UNKNOWN, "" },
	{ NULL, "004930123456", WORLD_CLASS_INTL_LOW, "+4930123456" },
	{ NULL, "0114930123456", WORLD_CLASS_INTL_LOW, "+4930123456" },
	{ NULL, "+4930123456", WORLD_CLASS_INTL_LOW, "+4930123456" },
	{ NULL, "12345", WORLD_CLASS_INTERNAL, "" },
	{ NULL, "123456", WORLD_CLASS_UNKNOWN, "" },
	/* exact numbers and exceptions */
	{ &germany, "0037190000000", WORLD_CLASS_TEST_NUMBER, "+37190000000" },
	{ &germany, "00371900000001", WORLD_CLASS_INTL_MID, "+371900000001" },
	{ &germany, "003719000000", WORLD_CLASS_INTL_MID, "+3719000000" },
	{ &germany, "00252611111111", WORLD_CLASS_PREMIUM_INTL, "+252611111111" },
	{ &germany, "00252615555555", WORLD_CLASS_INTL_LOW, "+252615555555" }, /* not the longer line */
	{ &germany, "00252615557", WORLD_CLASS_TEST_NUMBER, "+252615557" },
	{ &germany, "00252715557", WORLD_CLASS_INTL_HIGH, "+252715557" },
	/* as it is dialled */
	{ &germany, "112", WORLD_CLASS_EMERGENCY, "" },
	{ &germany, "1120", WORLD_CLASS_INTERNAL, "" },
	{ &germany, "11833", WORLD_CLASS_PREMIUM, "" },
	{ &germany, "118000999", WORLD_CLASS_PREMIUM, "" },
	{ &germany, "1180", WORLD_CLASS_INTERNAL, "" },
	{ &germany, "+112", WORLD_CLASS_INTL_LOW, "+112" },
	/* none */
	{ &germany, "", WORLD_CLASS_INTERNAL, "" },
	{ &germany, "s", WORLD_CLASS_INTERNAL, "" },
	{ &germany, "alice", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "030123w9", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "*31#030", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "030+12", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "+", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, " ", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "+0301234", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "00030", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "+4", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "+999123456", WORLD_CLASS_UNKNOWN, "+999123456" },
	{ &germany, "+123456789012345", WORLD_CLASS_INTL_LOW, "+123456789012345" },
	{ &germany, "+1234567890123456", WORLD_CLASS_UNKNOWN, "" },
	{ &germany, "00123456789012345678901234567890", WORLD_CLASS_UNKNOWN, "" },
};

static void test_numbers_are_read(void **state)
{
	unsigned broken = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct world *world = build(cases[i].who);
		struct destination got;

		destination_read(world, destination_numbers(world, 0, 0), tg_span_text(cases[i].number), &got);
		if (got.class != cases[i].class || strcmp(got.e164, cases[i].e164) != 0 ||
		    world_class_of(world, tg_span_text(cases[i].number)) != cases[i].class) {
			print_error("%s: %s %s, not %s %s\n", cases[i].number, world_class_name(got.class), got.e164,
			            world_class_name(cases[i].class), cases[i].e164);
			broken++;
		}
		free(world);
	}
	CHECK_UINT(broken, 0);
}

/* Whoever finds by looking at every line finds the same. */
static void test_the_way_up_misses_no_line(void **state)
{
	struct world *world = build(&germany);
	uint32_t seed = 7;
	(void)state;

	for (int i = 0; i < 20000; i++) {
		const struct line *near = &list[(seed >> 8) % TG_COUNT(list)];
		const struct world_destination *best = NULL;
		struct destination got;
		char number[24];

		seed = seed * 1103515245 + 12345;
		snprintf(number, sizeof(number), "%.*s%u", (int)((seed >> 20) % 12), near->prefix,
		         (unsigned)(seed >> 12) % 100000);
		destination_read(world, &germany, tg_span_text(number), &got);
		if (got.way != DESTINATION_E164 || number[0] != '+') {
			continue;
		}
		for (uint32_t k = 0; k < world_count(world, WORLD_DESTINATIONS); k++) {
			const struct world_destination *row = world_row(world, WORLD_DESTINATIONS, k);
			const size_t len = strlen(row->prefix);

			if (strncmp(number, row->prefix, len) == 0 && (row->exact == 0 || number[len] == '\0') &&
			    strlen(number) - 1 >= row->min_digits &&
			    (best == NULL || row->exception > best->exception ||
			     (row->exception == best->exception && len >= strlen(best->prefix)))) {
				best = row;
			}
		}
		CHECK_TRUE(got.row == best);
	}
	free(world);
}

static void test_the_trunk_says_what_a_number_means(void **state)
{
	struct world_build *b = world_build_new();
	const uint32_t own = world_build_row(b, WORLD_NUMBERS, &america) + 1;
	const uint32_t trunk = world_build_row(b, WORLD_NUMBERS, &carrier) + 1;
	size_t size;
	struct world *world;
	(void)state;

	world_build_settings(b)->paying.numbers = world_build_row(b, WORLD_NUMBERS, &germany) + 1;
	world = world_build_finish(b, 1, &size, NULL);
	world_build_free(b);
	CHECK_TEXT(destination_numbers(world, trunk, own)->national, "0");
	CHECK_TEXT(destination_numbers(world, trunk, own)->country, "");
	CHECK_TEXT(destination_numbers(world, 0, own)->country, "1");
	CHECK_TEXT(destination_numbers(world, 0, 0)->country, "49");
	free(world);
}

static void test_prefixes_of_policies(void **state)
{
	const struct destination destination = { .e164 = "+4930123", .dialled = "030123" };
	(void)state;

	CHECK_TRUE(destination_begins(&destination, "+4930"));
	CHECK_TRUE(destination_begins(&destination, "+4930123"));
	CHECK_FALSE(destination_begins(&destination, "+49301234"));
	CHECK_FALSE(destination_begins(&destination, "+4931"));
	CHECK_FALSE(destination_begins(&destination, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_read),
		cmocka_unit_test(test_the_way_up_misses_no_line),
		cmocka_unit_test(test_the_trunk_says_what_a_number_means),
		cmocka_unit_test(test_prefixes_of_policies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
