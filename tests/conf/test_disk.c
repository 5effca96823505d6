/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/disk.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of its own, with a "[" in its name. */
struct place {
	char root[64], folder[80];
};

static void put(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	CHECK_TRUE(file != NULL);
	fputs(text, file);
	fclose(file);
	CHECK_INT(chmod(path, mode), 0);
}

static int set_up(void **state)
{
	struct place *place = malloc(sizeof(*place));

	snprintf(place->root, sizeof(place->root), "/tmp/tg-conf-disk.XXXXXX");
	if (mkdtemp(place->root) == NULL) {
		return -1;
	}
	snprintf(place->folder, sizeof(place->folder), "%s/c[1]", place->root);
	*state = place;
	return mkdir(place->folder, 0755);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *place = *state;
	const int failed = nftw(place->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);

	free(place);
	return failed;
}

static const char *read_one(const struct place *place, const char *name, char *text, size_t size)
{
	struct conf_disk disk;
	const char *why = NULL;
	char *bytes = NULL;
	size_t len = 0;

	CHECK_TRUE(conf_disk_open(&disk, place->folder));
	const struct conf_files files = conf_disk_files(&disk);
	const enum conf_read result = files.read(files.owner, name, &bytes, &len, &why);

	if (result == CONF_READ_OK) {
		snprintf(text, size, "%.*s", (int)len, bytes);
	}
	free(bytes);
	conf_disk_close(&disk);
	return result == CONF_READ_OK ? text : result == CONF_READ_MISSING ? "(missing)" : why;
}

static void test_only_files_to_be_trusted_are_read(void **state)
{
	const struct place *place = *state;
	char path[512], text[64], outside[512];

	put(place->root, "outside", "secret", 0644);
	put(place->folder, "a", "text of a", 0600);
	put(place->folder, "open", "x", 0666);
	snprintf(path, sizeof(path), "%s/d", place->folder);
	CHECK_INT(mkdir(path, 0755), 0);
	put(path, "b", "text of b", 0640);
	snprintf(path, sizeof(path), "%s/pipe", place->folder);
	CHECK_INT(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/link", place->folder);
	CHECK_INT(symlink("d/b", path), 0);
	snprintf(path, sizeof(path), "%s/escape", place->folder);
	CHECK_INT(symlink("../outside", path), 0);
	snprintf(path, sizeof(path), "%s/d/b", place->folder);
	snprintf(outside, sizeof(outside), "%s/outside", place->root);

	CHECK_TEXT(read_one(place, "a", text, sizeof(text)), "text of a");
	CHECK_TEXT(read_one(place, "d/b", text, sizeof(text)), "text of b");
	CHECK_TEXT(read_one(place, "d/../a", text, sizeof(text)), "text of a");
	CHECK_TEXT(read_one(place, path, text, sizeof(text)), "text of b");
	CHECK_TEXT(read_one(place, "link", text, sizeof(text)), "text of b");
	CHECK_TEXT(read_one(place, "none", text, sizeof(text)), "(missing)");
	CHECK_TEXT(read_one(place, "a/b", text, sizeof(text)), "(missing)");
	CHECK_TEXT(read_one(place, "d", text, sizeof(text)), "is not a regular file");
	CHECK_TEXT(read_one(place, "pipe", text, sizeof(text)), "is not a regular file");
	CHECK_TEXT(read_one(place, "open", text, sizeof(text)), "may be written by everybody");
	CHECK_TEXT(read_one(place, "escape", text, sizeof(text)), "is outside of the configuration directory");
	CHECK_TEXT(read_one(place, "../outside", text, sizeof(text)), "is outside of the configuration directory");
	CHECK_TEXT(read_one(place, outside, text, sizeof(text)), "is outside of the configuration directory");
	CHECK_TEXT(read_one(place, "/etc/passwd", text, sizeof(text)), "is outside of the configuration directory");
}

static void test_a_whole_configuration(void **state)
{
	const struct place *place = *state;
	struct conf_result result;
	struct conf_disk disk;
	char path[512];

	snprintf(path, sizeof(path), "%s/d", place->folder);
	CHECK_INT(mkdir(path, 0755), 0);
	put(place->folder, "iax.conf", "[general]\nbindaddr=127.0.0.1\n#include d/*.conf\n", 0600);
	put(path, "2.conf", "[b]\ntype=user\ncontext=in\nsecretfile=d/b.secret\n", 0600);
	put(path, "1.conf", "[a]\ntype=user\ncontext=in\nsecretfile=d/b.secret\n", 0600);
	put(path, "b.secret", "long-enough-for-us\n", 0600);
	put(place->folder, "extensions.conf", "[in]\nexten => 1,1,Answer\n", 0600);
	CHECK_TRUE(conf_disk_open(&disk, place->folder));
	const struct conf_files files = conf_disk_files(&disk);

	conf_load(&files, &result);
	char *problems = problems_dump(&result.problems);

	CHECK_TEXT(problems, "");
	CHECK_UINT(world_count(result.world, WORLD_USERS), 2);
	const struct world_user *first = world_row(result.world, WORLD_USERS, 0);

	CHECK_TEXT(world_text(result.world, first->name), "a");
	CHECK_TEXT(world_text(result.world, first->origin.file), "d/1.conf");
	CHECK_UINT(result.secrets.count, 2);
	free(problems);
	conf_result_free(&result);
	conf_disk_close(&disk);
}

static void test_missing_folder(void **state)
{
	struct conf_disk disk;
	(void)state;

	errno = 0;
	CHECK_FALSE(conf_disk_open(&disk, "/nonexistent/tollgate"));
	CHECK_INT(errno, ENOENT);
	conf_disk_close(&disk);
	CHECK_TRUE(conf_sound_folder_open("/nonexistent/tollgate") == NULL);
	CHECK_INT(errno, ENOENT);
	conf_sound_folder_close(NULL);
}

static void test_sounds_of_all_folders(void **state)
{
	const struct place *place = *state;
	struct conf_problems problems = { 0 };
	char path[512];
	size_t size;

	put(place->folder, "a.gsm", "0123456789012345678901234567890123456789", 0600);
	put(place->folder, "open.gsm", "0123456789012345678901234567890123456789", 0666);
	put(place->folder, ".hidden.gsm", "0123456789012345678901234567890123456789", 0600);
	snprintf(path, sizeof(path), "%s/de", place->folder);
	CHECK_INT(mkdir(path, 0755), 0);
	put(path, "b.ulaw", "x", 0600);
	struct conf_sound_folder *folder = conf_sound_folder_open(place->folder);
	const struct conf_sounds sounds = conf_sound_folder_files(folder);
	struct prompts *prompts = conf_prompts_build(&sounds, NULL, "sounds", &problems, &size);
	char *text = problems_dump(&problems);

	CHECK_TEXT(text, "open.gsm: warning: the sound may be written by everybody\n");
	CHECK_UINT(prompts->count, 6 + 2);
	CHECK_TRUE(prompts_formats(prompts, TG_SPAN_LIT("de/b")) != 0);
	CHECK_TRUE(prompts_formats(prompts, TG_SPAN_LIT("a")) != 0);
	free(text);
	free(prompts);
	conf_problems_free(&problems);
	conf_sound_folder_close(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_only_files_to_be_trusted_are_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_whole_configuration, set_up, tear_down),
		cmocka_unit_test(test_missing_folder),
		cmocka_unit_test_setup_teardown(test_sounds_of_all_folders, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
