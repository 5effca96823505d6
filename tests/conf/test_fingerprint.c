/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/fingerprint.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "conf/world_dump.h"

#include <stdlib.h>

static char *load(const char *rules, struct conf_result *result)
{
	const struct memory_file list[] = {
		{ "iax.conf", "[general]\nbindaddr=127.0.0.1\n", 0 },
		{ "extensions.conf", "[in]\n", 0 },
		{ "fingerprints.conf", rules, 0 },
	};
	struct memory_files memory = { list, TG_COUNT(list) };
	const struct conf_files files = memory_files_io(&memory);

	conf_load(&files, result);
	return problems_dump(&result->problems);
}

static void check_rule(const char *line, const char *want)
{
	struct conf_result result;
	char *problems = load(line, &result);

	CHECK_TEXT(problems, "");
	char *dump = accounts_dump(&result);

	if (strstr(dump, want) == NULL) {
		fail_msg("%s: no \"%s\" in\n%s", line, want, dump);
	}
	free(dump);
	free(problems);
	conf_result_free(&result);
}

static void test_rules_become_rows(void **state)
{
	(void)state;
	check_rule("iax2-brute | 80 | subclass = 17, epoch < 100000, version = 0, bound = 0 | seen on loopback\n",
	           "fingerprint iax2-brute: 80, subclass=17, epoch<100000, version=0, bound=0 "
	           "(fingerprints.conf:1: seen on loopback)\n");
	check_rule("; first\n\n  a|1|Subclass!=regrel,source>4294967295|x y",
	           "fingerprint a: 1, subclass!=17, source>4294967295 "
	           "(fingerprints.conf:3: x y)\n");
	check_rule("a | 100 | subclass = NEW | x\r\n", "fingerprint a: 100, subclass=1 (fingerprints.conf:1: x)\n");
	check_rule("a | 100 | subclass = REGREQ | x\n", "subclass=13 ");
	check_rule("a | 100 | subclass = POKE | x\n", "subclass=30 ");
	check_rule("a | 100 | subclass = FWDOWNL | x\n", "subclass=36 ");
}

static void test_what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "a | 1 | source = 0", "expected name | score | conditions | provenance" },
		{ "a | 1 | source = 0 | x | y", "expected name | score | conditions | provenance" },
		{ " | 1 | source = 0 | x", "expected a name of 1 to 80 octets" },
		{ "a | 0 | source = 0 | x", "expected a score from 1 to 100, not \"0\"" },
		{ "a | 101 | source = 0 | x", "expected a score from 1 to 100, not \"101\"" },
		{ "a | high | source = 0 | x", "expected a score from 1 to 100, not \"high\"" },
		{ "a | 1 | | x", "expected a condition such as source = 0, with =, !=, < or >, not \"\"" },
		{ "a | 1 | source 0 | x",
		  "expected a condition such as source = 0, with =, !=, < or >, not \"source 0\"" },
		{ "a | 1 | source == 0 | x", "expected a whole number from 0 to 4294967295, not \"= 0\"" },
		{ "a | 1 | source = 4294967296 | x",
		  "expected a whole number from 0 to 4294967295, not \"4294967296\"" },
		{ "a | 1 | source = NEW | x", "expected a whole number from 0 to 4294967295, not \"NEW\"" },
		{ "a | 1 | subclass = OLD | x", "expected a whole number from 0 to 4294967295, or NEW, REGREQ, REGREL, "
		                                "POKE or FWDOWNL, not \"OLD\"" },
		{ "a | 1 | sorce = 0 | x", "unknown fact \"sorce\"; did you mean \"source\"?" },
		{ "a | 1 | colour = 0 | x", "unknown fact \"colour\"" },
		{ "a | 1 | source = 0 | ", "expected where the rule comes from, behind the last |" },
		{ "a\1b | 1 | source = 0 | x", "expected a text in UTF-8 without control characters" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct conf_result result;
		char *want = NULL, *got = load(cases[i].line, &result);

		text_append(&want, "fingerprints.conf:1: error: %s\n", cases[i].want);
		CHECK_TEXT(got, want);
		CHECK_TRUE(result.failed);
		free(got);
		free(want);
		conf_result_free(&result);
	}
}

static void test_a_name_stands_once(void **state)
{
	struct conf_result result;
	char *got = load("a | 1 | source = 0 | x\nA | 2 | source = 1 | y\n", &result);
	(void)state;

	CHECK_TEXT(got, "fingerprints.conf:2: error: there is a rule \"A\" already\n");
	free(got);
	conf_result_free(&result);
}

static char *many_rules(int count)
{
	char *text = NULL;

	for (int i = 0; i < count; i++) {
		text_append(&text, "rule%d | 1 | source = %d | x\n", i, i);
	}
	return text;
}

static void test_as_many_rules_as_fit(void **state)
{
	struct conf_result result;
	char *text = many_rules(CONF_FINGERPRINTS_MAX);
	char *got = load(text, &result);
	(void)state;

	CHECK_TEXT(got, "");
	CHECK_UINT(world_count(result.world, WORLD_FINGERPRINTS), 256);
	free(got);
	conf_result_free(&result);
	free(text);
	text = many_rules(CONF_FINGERPRINTS_MAX + 1);
	got = load(text, &result);
	CHECK_TEXT(got, "fingerprints.conf:257: error: more than 256 rules\n");
	free(got);
	conf_result_free(&result);
	free(text);
}

static void test_as_many_conditions_as_fit(void **state)
{
	struct conf_result result;
	char *text = NULL;
	(void)state;

	text_append(&text, "a | 1 | source = 0");
	for (int i = 1; i <= CONF_CONDITIONS_MAX; i++) {
		text_append(&text, ", source != %d", i);
	}
	text_append(&text, " | x\n");
	char *got = load(text, &result);

	CHECK_TEXT(got, "fingerprints.conf:1: error: more than 16 conditions\n");
	free(got);
	free(text);
	conf_result_free(&result);
}

/* A file of nonsense gives up after some errors. */
static void test_errors_are_bounded(void **state)
{
	struct conf_result result;
	char *text = NULL;
	(void)state;

	for (int i = 0; i < 1000; i++) {
		text_append(&text, "nonsense\n");
	}
	free(load(text, &result));
	CHECK_UINT(result.problems.errors, 100);
	free(text);
	conf_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_become_rows),         cmocka_unit_test(test_what_is_wrong_is_told),
		cmocka_unit_test(test_a_name_stands_once),        cmocka_unit_test(test_as_many_rules_as_fit),
		cmocka_unit_test(test_as_many_conditions_as_fit), cmocka_unit_test(test_errors_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
