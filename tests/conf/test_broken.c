/* SPDX-License-Identifier: Apache-2.0 */
/* Every folder of broken/ is a configuration that must not load, every folder of foreign/ one that was written for another program
 * and must; each says exactly what is in its file `expect`. */
#include "check.h"
#include "conf/conf.h"
#include "conf/disk.h"
#include "conf/memory_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const char *root;
static bool must_load;

static char *expectation(const char *folder)
{
	static char text[1 << 14];
	char path[4200];

	snprintf(path, sizeof(path), "%s/expect", folder);
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		fail_msg("%s is missing", path);
	}
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static bool is_as_expected(const char *folder)
{
	struct conf_result result;
	struct conf_disk disk;

	if (!conf_disk_open(&disk, folder)) {
		fail_msg("%s cannot be opened", folder);
	}
	const struct conf_files files = conf_disk_files(&disk);

	conf_load(&files, &result);
	char *got = problems_dump(&result.problems);
	const char *want = expectation(folder);
	const bool right = result.failed != must_load && strcmp(got, want) == 0;

	if (!right) {
		print_error("%s:\n%s-- not --\n%s\n", folder, got, want);
	}
	free(got);
	conf_result_free(&result);
	conf_disk_close(&disk);
	return right;
}

static void test_each_configuration_says_what_is_expected(void **state)
{
	unsigned count = 0, wrong = 0;
	DIR *folder = opendir(root);
	const struct dirent *entry;
	(void)state;

	CHECK_TRUE(folder != NULL);
	while ((entry = readdir(folder)) != NULL) {
		char path[4096];

		if (entry->d_name[0] == '.') {
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s", root, entry->d_name);
		count++;
		wrong += is_as_expected(path) ? 0 : 1;
	}
	closedir(folder);
	CHECK_UINT(wrong, 0);
	CHECK_TRUE(count >= (must_load ? 2 : 20));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_configuration_says_what_is_expected),
	};

	must_load = argc > 2 && strcmp(argv[2], "loads") == 0;
	root = argc > 1 ? argv[1] : "broken";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
