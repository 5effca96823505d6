/* SPDX-License-Identifier: Apache-2.0 */
/* The configurations in etc/: the sample loads without a word, the reference names every option. */
#include "check.h"
#include "conf/conf.h"
#include "conf/disk.h"
#include "conf/memory_files.h"
#include "conf/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static const char *etc;

static char *load(const char *name, struct conf_result *result)
{
	struct conf_disk disk;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", etc, name);
	if (!conf_disk_open(&disk, path)) {
		fail_msg("%s cannot be opened", path);
	}
	const struct conf_files files = conf_disk_files(&disk);

	conf_load(&files, result);
	conf_disk_close(&disk);
	return problems_dump(&result->problems);
}

static void test_the_sample_loads_without_a_word(void **state)
{
	struct conf_result result;
	char *problems = load("sample", &result);
	(void)state;

	CHECK_TEXT(problems, "iax.conf: note: no bindaddr: listening on 0.0.0.0, port 4569, and not on IPv6 "
	                     "(bindaddr=:: adds it)\n");
	CHECK_TRUE(world_user_find(result.world, TG_SPAN_LIT("alice")) != NULL);
	CHECK_TRUE(world_peer_find(result.world, TG_SPAN_LIT("bob")) != NULL);
	free(problems);
	conf_result_free(&result);
}

static void test_the_samples_sounds_are_there(void **state)
{
	struct conf_problems problems = { 0 };
	struct conf_result result;
	char path[4096];
	size_t size;
	(void)state;

	free(load("sample", &result));
	snprintf(path, sizeof(path), "%s/sample/%s", etc, result.sounds);
	struct conf_sound_folder *folder = conf_sound_folder_open(path);

	CHECK_TRUE(folder != NULL);
	const struct conf_sounds sounds = conf_sound_folder_files(folder);
	struct prompts *prompts = conf_prompts_build(&sounds, NULL, "sounds", &problems, &size);

	conf_check_sounds(result.world, prompts, &problems);
	CHECK_UINT(problems.notes + problems.warnings + problems.errors, 0);
	CHECK_UINT(prompts_row(prompts, 0)->frames, 75);
	free(prompts);
	conf_sound_folder_close(folder);
	conf_problems_free(&problems);
	conf_result_free(&result);
}

static void test_the_reference_loads_with_notes_alone(void **state)
{
	struct conf_result result;
	char *problems = load("reference", &result);
	(void)state;

	if (result.problems.errors + result.problems.warnings > 0) {
		fail_msg("%s", problems);
	}
	free(problems);
	conf_result_free(&result);
}

static char *text_of(const char *name)
{
	char path[4096];
	char *text = calloc(1, 1 << 16);

	snprintf(path, sizeof(path), "%s/%s", etc, name);
	FILE *file = fopen(path, "r");

	CHECK_TRUE(file != NULL);
	CHECK_TRUE(fread(text, 1, (1 << 16) - 1, file) > 0);
	fclose(file);
	return text;
}

/* A line "name=", also commented out as ";name=". */
static bool names(const char *text, const char *option)
{
	const size_t len = strlen(option);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n' ? 1 : 0;
		line += *line == ';' ? 1 : 0;
		if (strncasecmp(line, option, len) == 0 && (line[len] == '=' || strncmp(line + len, " =>", 3) == 0)) {
			return true;
		}
	}
	return false;
}

/* Also every fact and every test. */
static void test_the_fingerprints_are_read(void **state)
{
	unsigned facts = 0, tests = 0;
	struct conf_result result;
	(void)state;

	free(load("sample", &result));
	CHECK_TRUE(world_count(result.world, WORLD_FINGERPRINTS) >= 5);
	conf_result_free(&result);
	free(load("reference", &result));
	for (uint32_t i = 0; i < world_count(result.world, WORLD_CONDITIONS); i++) {
		const struct world_condition *condition = world_row(result.world, WORLD_CONDITIONS, i);

		facts |= 1U << condition->fact;
		tests |= 1U << condition->test;
	}
	CHECK_UINT(facts, (1U << WORLD_FACTS) - 1);
	CHECK_UINT(tests, (1U << WORLD_TESTS) - 1);
	conf_result_free(&result);
}

static void test_the_reference_names_every_option(void **state)
{
	char *iax = text_of("reference/iax.conf"), *acl = text_of("reference/acl.conf");
	char *tollgate = text_of("reference/tollgate.conf");
	const struct conf_option *option;
	(void)state;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		const unsigned in_iax = CONF_IN_GENERAL | CONF_IN_USER | CONF_IN_PEER | CONF_IN_REGISTRATION;

		if (((option->scopes & in_iax) != 0 && !names(iax, option->name)) ||
		    ((option->scopes & CONF_IN_ACL) != 0 && !names(acl, option->name)) ||
		    ((option->scopes & (CONF_IN_TOLLGATE | CONF_IN_GUARD | CONF_IN_NUMBERS | CONF_IN_POLICY |
		                        CONF_IN_FRONT | CONF_IN_METRICS)) != 0 &&
		     !names(tollgate, option->name))) {
			fail_msg("%s is not in etc/reference", option->name);
		}
	}
	free(iax);
	free(acl);
	free(tollgate);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_sample_loads_without_a_word),
		cmocka_unit_test(test_the_samples_sounds_are_there),
		cmocka_unit_test(test_the_reference_loads_with_notes_alone),
		cmocka_unit_test(test_the_fingerprints_are_read),
		cmocka_unit_test(test_the_reference_names_every_option),
	};

	etc = argc > 1 ? argv[1] : "etc";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
