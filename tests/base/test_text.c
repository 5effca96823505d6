/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "check.h"

static const char *option_at(const void *owner, size_t index)
{
	static const char *const names[] = { "secret", "host",    "qualify", "permit",    "deny",
		                             "type",   "context", "allow",   "maxauthreq" };
	(void)owner;

	return index < TG_COUNT(names) ? names[index] : NULL;
}

static void test_the_nearest_name(void **state)
{
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{ "secert", "secret" },
		{ "Secret", "secret" },
		{ "hots", NULL },
		{ "hst", "host" },
		{ "qualfy", "qualify" },
		{ "maxauthreqs", "maxauthreq" },
		{ "contxet", "context" },
		{ "zzzzzz", NULL },
		{ "alow", "allow" },
		{ "", NULL },
		{ "secretsecretsecret", NULL },
		{ "typ", "type" },
		{ "a234567890123456789012345678901234567890123456789012345678901234567890", NULL },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		CHECK_TEXT(tg_text_nearest(cases[i].word, option_at, NULL), cases[i].nearest);
	}
}

static void test_whole_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t min, max, value;
		bool ok;
	} cases[] = {
		{ "0", 0, 9, 0, true },
		{ "9", 0, 9, 9, true },
		{ "10", 0, 9, 0, false },
		{ "0009", 0, 9, 9, true },
		{ "1", 2, 9, 0, false },
		{ "", 0, 9, 0, false },
		{ "-1", 0, 9, 0, false },
		{ "+1", 0, 9, 0, false },
		{ " 1", 0, 9, 0, false },
		{ "1 ", 0, 9, 0, false },
		{ "1s", 0, 9, 0, false },
		{ "0x1", 0, 9, 0, false },
		{ "18446744073709551615", 0, UINT64_MAX, UINT64_MAX, true },
		{ "18446744073709551616", 0, UINT64_MAX, 0, false },
		{ "99999999999999999999999999", 0, UINT64_MAX, 0, false },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint64_t value = 0;

		if (tg_text_uint(cases[i].text, cases[i].min, cases[i].max, &value) != cases[i].ok) {
			print_error("\"%s\"\n", cases[i].text);
			fail();
		}
		if (cases[i].ok) {
			CHECK_UINT(value, cases[i].value);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_nearest_name),
		cmocka_unit_test(test_whole_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
