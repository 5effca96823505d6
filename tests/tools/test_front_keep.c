/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "tools/front_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The build lets these be called instead; each is a place where a machine can stop. */
int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __real_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);
int __real_unlinkat(int folder, const char *name, int flags);
int __real_mkdir(const char *path, mode_t mode);
int __real_mkdirat(int folder, const char *name, mode_t mode);
ssize_t __real_write(int fd, const void *p, size_t len);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdirat(int folder, const char *name, mode_t mode);
int __wrap_fsync(int fd);
ssize_t __wrap_write(int fd, const void *p, size_t len);

enum { STOPPED = 9, FAILED = 8, NEVER = -1 };
static int steps_left = NEVER; /* until the machine stops */

static void step(void)
{
	if (steps_left >= 0 && steps_left-- == 0) {
		_exit(STOPPED);
	}
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	step();
	return __real_renameat(from_folder, from, to_folder, to);
}

int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
	step();
	return __real_renameat2(from_folder, from, to_folder, to, flags);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
	step();
	return __real_unlinkat(folder, name, flags);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	step();
	return __real_mkdir(path, mode);
}

int __wrap_mkdirat(int folder, const char *name, mode_t mode)
{
	step();
	return __real_mkdirat(folder, name, mode);
}

int __wrap_fsync(int fd)
{
	step();
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0; /* the disk is not what is tried here */
}

ssize_t __wrap_write(int fd, const void *p, size_t len)
{
	step();
	return __real_write(fd, p, len / 2 > 0 ? len / 2 : len); /* short, as it may be */
}

/* ---- a folder with files ---- */

struct place {
	char folder[64], state[80], old[80], other[80], fresh[80], sub[80], deep[96];
};

static void put(const char *path, const char *text, mode_t mode)
{
	const struct timespec times[2] = { { .tv_sec = 1000000000, .tv_nsec = 123456789 },
		                           { .tv_sec = 1000000000, .tv_nsec = 123456789 } };
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK_TRUE(fd >= 0);
	CHECK_INT(__real_write(fd, text, strlen(text)), (int64_t)strlen(text));
	CHECK_INT(fchmod(fd, mode), 0);
	CHECK_INT(futimens(fd, times), 0);
	close(fd);
}

static struct place place_new(void)
{
	struct place p = { .folder = "/tmp/tg-front-XXXXXX" };

	CHECK_TRUE(mkdtemp(p.folder) != NULL);
	snprintf(p.state, sizeof(p.state), "%s/state", p.folder);
	snprintf(p.old, sizeof(p.old), "%s/iax.conf", p.folder);
	snprintf(p.other, sizeof(p.other), "%s/with space.conf", p.folder);
	snprintf(p.fresh, sizeof(p.fresh), "%s/fresh.conf", p.folder);
	snprintf(p.sub, sizeof(p.sub), "%s/sub", p.folder);
	snprintf(p.deep, sizeof(p.deep), "%s/deep.conf", p.sub);
	put(p.old, "old\n", 0640);
	put(p.other, "other\n", 0604);
	return p;
}

static void place_free(struct place *p)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", p->folder);
	CHECK_INT(system(command), 0);
}

static bool holds(const char *path, const char *text)
{
	struct tg_span found;
	struct stat st;

	if (!front_file_read(path, &found, &st)) {
		return false;
	}
	const bool same = tg_span_equal(found, tg_span_text(text));

	front_file_free(found);
	return same;
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void check_as_before(const struct place *p)
{
	struct stat st;

	CHECK_TRUE(holds(p->old, "old\n"));
	CHECK_TRUE(holds(p->other, "other\n"));
	CHECK_INT(stat(p->old, &st), 0);
	CHECK_UINT(st.st_mode & 07777, 0640);
	CHECK_UINT(st.st_uid, geteuid());
	CHECK_INT(st.st_mtim.tv_sec, 1000000000);
	CHECK_INT(st.st_mtim.tv_nsec, 123456789);
	CHECK_INT(stat(p->other, &st), 0);
	CHECK_UINT(st.st_mode & 07777, 0604);
	CHECK_FALSE(is_there(p->fresh));
	CHECK_FALSE(is_there(p->sub));
}

static void check_no_traces(const struct place *p)
{
	char command[256];

	snprintf(command, sizeof(command), "find '%s' -name '*.tollgate-new' -o -path '%s/*' | grep -q .", p->folder,
	         p->state);
	CHECK_TRUE(system(command) != 0);
}

static bool apply_with(struct place *p, const char *was, char why[FRONT_WHY_BYTES])
{
	struct front_write last = { .path = p->old, .text = TG_SPAN_LIT("new\n"), .was = tg_span_text(was) };
	struct front_write other = {
		.next = &last, .path = p->other, .text = TG_SPAN_LIT("else\n"), .was = TG_SPAN_LIT("other\n")
	};
	struct front_write deep = { .next = &other,
		                    .path = p->deep,
		                    .text = TG_SPAN_LIT(""),
		                    .mode = 0600,
		                    .uid = geteuid(),
		                    .gid = getegid() };
	struct front_write fresh = { .next = &deep,
		                     .path = p->fresh,
		                     .text = TG_SPAN_LIT("fresh\n"),
		                     .mode = 0640,
		                     .uid = geteuid(),
		                     .gid = getegid() };
	const struct front_folder sub = { .path = p->sub, .mode = 0750, .uid = geteuid(), .gid = getegid() };
	struct front_keep keep;
	const bool good = front_keep_open(&keep, p->state, true, why) == FRONT_KEEP_OPEN && keep.count == 0 &&
	                  front_keep_apply(&keep, &sub, &fresh, why);

	front_keep_close(&keep);
	return good;
}

static bool apply(struct place *p, char why[FRONT_WHY_BYTES])
{
	return apply_with(p, "old\n", why);
}

static void told(void *owner, const char *path, const char *what)
{
	(void)path;
	(void)what;
	(*(unsigned *)owner)++;
}

static bool undo(struct place *p, bool force, char why[FRONT_WHY_BYTES])
{
	struct front_keep keep;
	unsigned count = 0;
	const enum front_keep_opened opened = front_keep_open(&keep, p->state, false, why);
	const bool good = opened == FRONT_KEEP_NONE ||
	                  (opened == FRONT_KEEP_OPEN &&
	                   (keep.count == 0 || front_keep_undo(&keep, force, told, &count, why)));

	front_keep_close(&keep);
	return good;
}

/* ---- tests ---- */

static void test_there_and_back(void **state)
{
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "";
	struct stat st;

	(void)state;
	CHECK_TRUE(apply(&p, why));
	CHECK_TRUE(holds(p.old, "new\n"));
	CHECK_TRUE(holds(p.other, "else\n"));
	CHECK_TRUE(holds(p.fresh, "fresh\n"));
	CHECK_TRUE(holds(p.deep, ""));
	CHECK_INT(stat(p.old, &st), 0);
	CHECK_UINT(st.st_mode & 07777, 0640);
	CHECK_INT(stat(p.fresh, &st), 0);
	CHECK_UINT(st.st_mode & 07777, 0640);
	CHECK_FALSE(apply(&p, why));
	CHECK_TRUE(undo(&p, false, why));
	check_as_before(&p);
	check_no_traces(&p);
	CHECK_TRUE(undo(&p, false, why));
	place_free(&p);
}

/* Stop before each step of init in turn; undo, which is also stopped before each of its own, mends it. */
static int run_until(struct place *p, bool (*run)(struct place *p, char why[FRONT_WHY_BYTES]), int steps)
{
	const pid_t child = fork();
	int status = 0;

	if (child == 0) {
		char why[FRONT_WHY_BYTES];

		steps_left = steps;
		_exit(run(p, why) ? 0 : FAILED);
	}
	CHECK_TRUE(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool undo_plain(struct place *p, char why[FRONT_WHY_BYTES])
{
	return undo(p, false, why);
}

static void test_stopped_at_each_step_of_init(void **state)
{
	int steps = 0, code = STOPPED;
	char why[FRONT_WHY_BYTES] = "";

	(void)state;
	for (; code == STOPPED; steps++) {
		struct place p = place_new();

		code = run_until(&p, apply, steps);
		CHECK_TRUE(code == STOPPED || code == 0);
		CHECK_TRUE(undo(&p, false, why));
		check_as_before(&p);
		/* And again from the start. */
		CHECK_TRUE(apply(&p, why));
		CHECK_TRUE(undo(&p, false, why));
		check_as_before(&p);
		check_no_traces(&p);
		place_free(&p);
	}
	CHECK_TRUE(steps > 30);
}

static void test_stopped_at_each_step_of_undo(void **state)
{
	int steps = 0, code = STOPPED;
	char why[FRONT_WHY_BYTES] = "";

	(void)state;
	for (; code == STOPPED; steps++) {
		struct place p = place_new();

		CHECK_TRUE(apply(&p, why));
		code = run_until(&p, undo_plain, steps);
		CHECK_TRUE(code == STOPPED || code == 0);
		CHECK_TRUE(undo(&p, false, why));
		check_as_before(&p);
		place_free(&p);
	}
	CHECK_TRUE(steps > 10);
}

static void test_changed_since(void **state)
{
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "", aside[96];

	(void)state;
	CHECK_TRUE(apply(&p, why));
	put(p.other, "mine\n", 0600);
	put(p.fresh, "mine too\n", 0600);
	CHECK_FALSE(undo(&p, false, why));
	CHECK_TRUE(strstr(why, "with space.conf was changed since") != NULL);
	CHECK_TRUE(holds(p.old, "new\n"));
	CHECK_TRUE(undo(&p, true, why));
	CHECK_TRUE(holds(p.other, "other\n"));
	snprintf(aside, sizeof(aside), "%s.changed", p.other);
	CHECK_TRUE(holds(aside, "mine\n"));
	CHECK_TRUE(holds(p.fresh, "mine too\n"));
	CHECK_TRUE(holds(p.old, "old\n"));
	place_free(&p);
}

/* Whoever may write in the folder above could lead root anywhere. */
static void test_a_folder_that_became_a_link(void **state)
{
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "", moved[96], elsewhere[96], victim[128];
	static const char *const changed[] = { "mine\n", "new\n" };

	(void)state;
	snprintf(moved, sizeof(moved), "%s.moved", p.folder);
	snprintf(elsewhere, sizeof(elsewhere), "%s.elsewhere", p.folder);
	for (size_t i = 0; i < TG_COUNT(changed); i++) {
		char state_dir[sizeof(p.state)] = "/tmp/tg-front-state-XXXXXX";

		CHECK_TRUE(mkdtemp(state_dir) != NULL);
		snprintf(p.state, sizeof(p.state), "%s", state_dir);
		CHECK_TRUE(apply(&p, why));
		CHECK_INT(__real_renameat(AT_FDCWD, p.folder, AT_FDCWD, moved), 0);
		CHECK_INT(__real_mkdir(elsewhere, 0700), 0);
		CHECK_INT(symlink(elsewhere, p.folder), 0);
		snprintf(victim, sizeof(victim), "%s/iax.conf", elsewhere);
		put(victim, changed[i], 0600);
		CHECK_FALSE(undo(&p, false, why));
		CHECK_FALSE(undo(&p, true, why));
		CHECK_TRUE(holds(victim, changed[i]));
		CHECK_INT(unlink(victim), 0);
		CHECK_INT(rmdir(elsewhere), 0);
		CHECK_INT(unlink(p.folder), 0);
		CHECK_INT(__real_renameat(AT_FDCWD, moved, AT_FDCWD, p.folder), 0);
		CHECK_TRUE(undo(&p, true, why));
		check_as_before(&p);
		CHECK_INT(rmdir(state_dir), 0);
	}
	place_free(&p);
}

static void test_changed_twice_keeps_both(void **state)
{
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "", aside[96], second[104];

	(void)state;
	for (int i = 0; i < 2; i++) {
		CHECK_TRUE(apply(&p, why));
		put(p.other, i == 0 ? "first\n" : "second\n", 0600);
		CHECK_TRUE(undo(&p, true, why));
		CHECK_TRUE(holds(p.other, "other\n"));
	}
	snprintf(aside, sizeof(aside), "%s.changed", p.other);
	snprintf(second, sizeof(second), "%s.2", aside);
	CHECK_TRUE(holds(aside, "first\n"));
	CHECK_TRUE(holds(second, "second\n"));
	place_free(&p);
}

static void test_old_files_without_a_manifest_go(void **state)
{
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "", front[96], stray[128];

	(void)state;
	CHECK_INT(__real_mkdir(p.state, 0700), 0);
	snprintf(front, sizeof(front), "%s/front", p.state);
	CHECK_INT(__real_mkdir(front, 0700), 0);
	snprintf(stray, sizeof(stray), "%s/17", front);
	put(stray, "a secret\n", 0600);
	CHECK_TRUE(apply(&p, why));
	CHECK_FALSE(is_there(stray));
	place_free(&p);
}

static void test_changed_between_plan_and_writing(void **state)
{
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "";

	(void)state;
	CHECK_FALSE(apply_with(&p, "older\n", why));
	CHECK_TRUE(strstr(why, "changed meanwhile") != NULL);
	check_as_before(&p);
	check_no_traces(&p);
	put(p.fresh, "somebody's\n", 0600);
	CHECK_FALSE(apply(&p, why));
	CHECK_TRUE(strstr(why, "changed meanwhile") != NULL);
	CHECK_TRUE(holds(p.fresh, "somebody's\n"));
	put(p.fresh, "", 0600);
	CHECK_FALSE(apply(&p, why));
	place_free(&p);
}

static void test_hard_links(void **state)
{
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "", link_path[96];

	(void)state;
	snprintf(link_path, sizeof(link_path), "%s/link", p.folder);
	CHECK_INT(link(p.old, link_path), 0);
	CHECK_FALSE(apply(&p, why));
	CHECK_TRUE(strstr(why, "hard links") != NULL);
	check_as_before(&p);
	place_free(&p);
}

/* Whoever may write there could have any file overwritten. */
static void test_folder_of_others(void **state)
{
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "", front[96], backup[128];

	(void)state;
	CHECK_TRUE(apply(&p, why));
	snprintf(front, sizeof(front), "%s/front", p.state);
	CHECK_INT(chmod(front, 0770), 0);
	CHECK_FALSE(undo(&p, false, why));
	CHECK_TRUE(strstr(why, "others may write there") != NULL);
	CHECK_INT(chmod(front, 0700), 0);
	/* sub, fresh, deep, other, old: 3 is the backup of other, which is given back after old. */
	snprintf(backup, sizeof(backup), "%s/3", front);
	put(backup, "forged\n", 0600);
	CHECK_FALSE(undo(&p, false, why));
	CHECK_TRUE(strstr(why, "is not what was kept there") != NULL);
	CHECK_TRUE(holds(p.old, "new\n"));
	place_free(&p);
}

static void test_broken_manifests(void **state)
{
	static const char *const texts[] = {
		"",
		"tollgate front 2\nend 0\n",
		"tollgate front 1\n",
		"tollgate front 1\nend 1\n",
		"tollgate front 1\nold 00 00 0 0 0 0.0 1 /etc/passwd\nend 1\n",
		"tollgate front 1\nfolder 0 0 0 relative\nend 1\n",
		"tollgate front 1\nwhat\nend 1\n",
	};
	struct place p = place_new();
	char why[FRONT_WHY_BYTES] = "", manifest[128];

	(void)state;
	CHECK_TRUE(apply(&p, why));
	snprintf(manifest, sizeof(manifest), "%s/front/manifest", p.state);
	for (size_t i = 0; i < TG_COUNT(texts); i++) {
		put(manifest, texts[i], 0600);
		CHECK_FALSE(undo(&p, false, why));
		CHECK_TRUE(strstr(why, "cannot be understood") != NULL);
	}
	place_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_stopped_at_each_step_of_init),
		cmocka_unit_test(test_stopped_at_each_step_of_undo),
		cmocka_unit_test(test_changed_since),
		cmocka_unit_test(test_a_folder_that_became_a_link),
		cmocka_unit_test(test_changed_twice_keeps_both),
		cmocka_unit_test(test_old_files_without_a_manifest_go),
		cmocka_unit_test(test_changed_between_plan_and_writing),
		cmocka_unit_test(test_hard_links),
		cmocka_unit_test(test_folder_of_others),
		cmocka_unit_test(test_broken_manifests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
