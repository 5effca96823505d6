/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/zone.h"

#include "check.h"

#include <stdlib.h>

static void test_the_rule_at_the_end(void **state)
{
	static const struct {
		const char *end, *want;
		char version;
	} cases[] = {
		{ "\nCET-1CEST,M3.5.0,M10.5.0/3\n", "CET-1CEST,M3.5.0,M10.5.0/3", '2' },
		{ "\nUTC0\n", "UTC0", '4' },
		{ "\nUTC0\n", NULL, '\0' }, /* the first version has no rule */
		{ "\nUTC0", NULL, '2' },
		{ "\n\n", NULL, '2' }, /* a zone whose future has no rule */
		{ "UTC0\n", NULL, '2' },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t bytes[100] = "TZif";
		char rule[SYS_ZONE_BYTES];
		const size_t len = strlen(cases[i].end);

		bytes[4] = (uint8_t)cases[i].version;
		memcpy(bytes + 44, cases[i].end, len);
		CHECK_UINT(sys_zone_rule_in(bytes, 44 + len, rule), cases[i].want != NULL);
		CHECK_TEXT(cases[i].want != NULL ? rule : NULL, cases[i].want);
		bytes[0] = 'X';
		CHECK_FALSE(sys_zone_rule_in(bytes, 44 + len, rule));
	}
	CHECK_FALSE(sys_zone_rule_in((const uint8_t *)"TZif2", 5, (char[SYS_ZONE_BYTES]){ 0 }));
}

static void test_the_machines_zone(void **state)
{
	char rule[SYS_ZONE_BYTES];
	(void)state;

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	CHECK_TRUE(sys_zone_rule(rule));
	CHECK_TEXT(rule, "CET-1CEST,M3.5.0,M10.5.0/3");
	setenv("TZ", "", 1);
	CHECK_TRUE(sys_zone_rule(rule));
	CHECK_TEXT(rule, "UTC0");
	setenv("TZ", ":Etc/UTC", 1);
	CHECK_TRUE(sys_zone_rule(rule));
	CHECK_TRUE(strcmp(rule, "UTC0") == 0 || strcmp(rule, "Etc/UTC") == 0); /* where no zones are installed */
	unsetenv("TZ");
	CHECK_TRUE(!sys_zone_rule(rule) || rule[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_rule_at_the_end),
		cmocka_unit_test(test_the_machines_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
