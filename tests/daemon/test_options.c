/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "daemon/options.h"

enum { WORDS_MAX = 8 };

static bool parse(struct options *options, const char *const words[WORDS_MAX], char why[OPTIONS_WHY_BYTES])
{
	char *argv[WORDS_MAX + 2] = { (char[]){ "tollgated" } };
	int argc = 1;

	why[0] = '\0';
	for (; argc <= WORDS_MAX && words[argc - 1] != NULL; argc++) {
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	}
	return options_parse(options, argc, argv, why);
}

static void test_what_is_said_is_taken(void **state)
{
	struct options options;
	char why[OPTIONS_WHY_BYTES];

	(void)state;
	CHECK_TRUE(parse(&options, (const char *const[WORDS_MAX]){ NULL }, why));
	CHECK_TEXT(options.config_dir, "/etc/tollgate");
	CHECK_TEXT(options.state_dir, "/var/lib/tollgate");
	CHECK_TEXT(options.user, NULL);
	CHECK_FALSE(options.foreground);
	CHECK_TRUE(parse(
		&options,
		(const char *const[WORDS_MAX]){ "--config", "a", "--state=b", "--foreground", "--user", "c", NULL },
		why));
	CHECK_TEXT(options.config_dir, "a");
	CHECK_TEXT(options.state_dir, "b");
	CHECK_TEXT(options.user, "c");
	CHECK_TRUE(options.foreground);
	CHECK_FALSE(options.check_config);
	CHECK_TRUE(
		parse(&options, (const char *const[WORDS_MAX]){ "--check-config", "--help", "--version", NULL }, why));
	CHECK_TRUE(options.check_config && options.help && options.version);
}

static const struct {
	const char *words[WORDS_MAX], *why;
} wrong[] = {
	{ { "--forground" }, "unknown option \"--forground\"; did you mean \"--foreground\"?" },
	{ { "--check" }, "unknown option \"--check\"; try --help" },
	{ { "-x" }, "unknown option \"-x\"; try --help" },
	{ { "word" }, "unknown option \"word\"; try --help" },
	{ { "--config" }, "--config needs a value" },
	{ { "--config=" }, "--config needs a value" },
	{ { "--state", "" }, "--state needs a value" },
	{ { "--foreground=yes" }, "--foreground takes no value" },
	{ { "--channel", "x" }, "--channel needs a value" },
	{ { "--chanel", "3" }, "unknown option \"--chanel\"; try --help" },
};

static void test_what_is_wrong_is_explained(void **state)
{
	struct options options;
	char why[OPTIONS_WHY_BYTES];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(wrong); i++) {
		CHECK_FALSE(parse(&options, wrong[i].words, why));
		CHECK_TEXT(why, wrong[i].why);
	}
}

static void test_the_help_names_what_there_is(void **state)
{
	static const char *const shown[] = { "--config", "--state",        "--user",   "--foreground",
		                             "--help",   "--check-config", "--version" };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(shown); i++) {
		CHECK_TRUE(strstr(options_help, shown[i]) != NULL);
	}
	CHECK_TRUE(strstr(options_help, "--role") == NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said_is_taken),
		cmocka_unit_test(test_what_is_wrong_is_explained),
		cmocka_unit_test(test_the_help_names_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
