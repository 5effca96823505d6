/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of a load failing in turn: it fails as a whole, or does without, and nothing leaks. */
#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "conf/prompts_build.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

/* Allocations until one fails; below 0: none does. */
static long left = -1;

static bool fails(void)
{
	return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

static const struct memory_file list[] = {
	{ "iax.conf",
	  "[general]\nregister => a:long-enough-for-us@far.example\nnosuch=1\nstrict=no\n"
	  "[t](!)\ntype=friend\ncontext=in\nhost=dynamic\n"
	  "[bob](t)\nsecret=long-enough-for-us\nsetvar=A=1\npermit=::/0\nacl=x\nsecretfile=s\n#tryinclude d/*\n"
	  "[callnumberlimits]\n192.0.2.0/24=1\n"
	  "[up]\ntype=registration\nusername=u\nhost=192.0.2.1\nsecret=long-enough-for-us\n",
	  0 },
	{ "acl.conf", "[x]\npermit=192.0.2.0/24\n", 0 },
	{ "tollgate.conf", "[general]\nthreads=2\n", 0 },
	{ "extensions.conf",
	  "[globals]\nA=1\nB=${A}\n[in]\ninclude => out\nexten => 1,1(l),Goto(l)\nexten => "
	  "_X,1,Dial(IAX2/bob)\n[out]\n",
	  0 },
	{ "fingerprints.conf", "m | 7 | source = 0, length != 1 | a test\n", 0 },
	{ "s", "another-long-secret\n", 0 },
	{ "d/1", "callerid=Bob <1>\n", 0 },
};

static enum conf_read read_unfailing(void *owner, const char *path, char **text, size_t *len, const char **why)
{
	const long before = left;

	left = -1; /* what the operating system does with its memory is another story */
	const struct conf_files files = memory_files_io(owner);
	const enum conf_read result = files.read(owner, path, text, len, why);

	left = before;
	return result;
}

/* @return whether the load had all its memory */
static bool load_with(long allocations)
{
	struct memory_files memory = { list, TG_COUNT(list) };
	const struct conf_files inner = memory_files_io(&memory);
	const struct conf_files files = { .owner = &memory, .read = read_unfailing, .glob = inner.glob };
	struct conf_result result;

	left = allocations;
	conf_load(&files, &result);
	const bool had_all = left >= 0;

	left = -1;
	CHECK_UINT(result.failed, result.world == NULL);
	if (!result.failed) {
		CHECK_TEXT(world_check(result.world, result.world_bytes), NULL);
		CHECK_UINT(result.secrets.count, 2 + 1 + 1 + 1 + 1);
	}
	char *problems = problems_dump(&result.problems);

	if (had_all && result.failed) {
		fail_msg("%s", problems);
	}
	free(problems);
	conf_result_free(&result);
	return had_all;
}

static void test_every_allocation_of_a_load(void **state)
{
	long n = 0;
	(void)state;

	while (!load_with(n)) {
		n++;
	}
	CHECK_TRUE(n > 20 && n < 10000);
}

static void test_every_allocation_of_prompts(void **state)
{
	bool had_all = false;
	long n = 0;
	(void)state;

	for (; !had_all; n++) {
		struct conf_problems problems = { 0 };
		size_t size;

		left = n;
		struct prompts *prompts = conf_prompts_build(NULL, NULL, "sounds", &problems, &size);

		had_all = left >= 0;
		left = -1;
		CHECK_UINT(prompts != NULL, had_all);
		CHECK_UINT(problems.errors, had_all ? 0 : 1);
		free(prompts);
		conf_problems_free(&problems);
	}
	CHECK_TRUE(n > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation_of_a_load),
		cmocka_unit_test(test_every_allocation_of_prompts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
