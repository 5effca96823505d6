/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "conf/option.h"
#include "tools/conf_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	char folder[64], iax[96], extensions[96];
};

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	CHECK_TRUE(file != NULL);
	fputs(text, file);
	CHECK_INT(fclose(file), 0);
}

static void place_make(struct place *place, const char *extensions)
{
	snprintf(place->folder, sizeof(place->folder), "/tmp/tg-conf-read-XXXXXX");
	CHECK_TRUE(mkdtemp(place->folder) != NULL);
	snprintf(place->iax, sizeof(place->iax), "%s/iax.conf", place->folder);
	snprintf(place->extensions, sizeof(place->extensions), "%s/extensions.conf", place->folder);
	put(place->iax, "[general]\n[bob]\ntype=user\ncontext=c\nsecret=long-enough-for-us\n");
	put(place->extensions, extensions);
}

static void place_remove(const struct place *place)
{
	CHECK_INT(unlink(place->iax), 0);
	CHECK_INT(unlink(place->extensions), 0);
	CHECK_INT(rmdir(place->folder), 0);
}

/* Whoever reads a configuration judges its times by the same clock as tollgated. */
static void test_times_are_by_the_machines_clock(void **state)
{
	static const struct {
		const char *zone, *extensions;
		uint32_t standard_s;
	} rows[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "[c]\ninclude => d,9:00-17:00\n[d]\n", 3600 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "[c]\nexten => 1,1,GotoIfTime(9:00-17:00?c,1,1)\n", 3600 },
		{ "UTC0", "[c]\ninclude => d,9:00-17:00\n[d]\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct conf_result result;
		struct place place;

		CHECK_INT(setenv("TZ", rows[i].zone, 1), 0);
		place_make(&place, rows[i].extensions);
		CHECK_TRUE(tool_conf_read("test", place.folder, NULL, &result));
		CHECK_UINT(result.world->settings.zone.standard_s, rows[i].standard_s);
		CHECK_UINT(result.problems.errors, 0);
		CHECK_UINT(result.secrets.count, 0);
		conf_result_free(&result);
		place_remove(&place);
	}
}

/* What is not there yet has the zone in which it will be read. */
static void test_a_folder_that_is_not_there(void **state)
{
	struct tool_conf_folder folder;
	struct conf_result result;

	(void)state;
	CHECK_INT(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	CHECK_FALSE(tool_conf_open(&folder, "/nowhere/at/all"));
	CHECK_TEXT(folder.files.zone, "CET-1CEST,M3.5.0,M10.5.0/3");
	tool_conf_close(&folder);
	CHECK_FALSE(tool_conf_read("test", "/nowhere/at/all", NULL, &result));
	CHECK_TRUE(result.failed);
	conf_result_free(&result);
}

static void count(void *owner, const struct conf_traced *traced)
{
	(void)traced;
	++*(unsigned *)owner;
}

static void test_lines_are_told_on_the_way(void **state)
{
	unsigned told = 0;
	const struct conf_trace trace = { &told, count };
	struct conf_result result;
	struct place place;

	(void)state;
	place_make(&place, "");
	CHECK_TRUE(tool_conf_read("test", place.folder, &trace, &result));
	CHECK_UINT(told, 3);
	conf_result_free(&result);
	place_remove(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times_are_by_the_machines_clock),
		cmocka_unit_test(test_a_folder_that_is_not_there),
		cmocka_unit_test(test_lines_are_told_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
