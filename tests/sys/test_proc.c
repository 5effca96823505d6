/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "sys/channel.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STRAY_FD = 200 };

/* What the started program finds, told as text over its channel. */
static int child(void)
{
	char report[128], name[32] = "";
	struct sigaction action;
	sigset_t mask;

	sys_proc_name("tg-test");
	sys_proc_attach();
	prctl(PR_GET_NAME, name);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigaction(SIGTERM, NULL, &action);
	const int n = snprintf(report, sizeof(report), "%s stray=%d blocked=%d ignored=%d", name,
	                       fcntl(STRAY_FD, F_GETFD) >= 0, sigismember(&mask, SIGHUP), action.sa_handler == SIG_IGN);

	if (write(STDERR_FILENO, "to standard error", 17) != 17) {
		return 2;
	}
	return write(SYS_PROC_CHANNEL_FD, report, (size_t)n) == n ? 42 : 1;
}

static void test_the_child_is_this_program_with_one_descriptor(void **state)
{
	static const char *const argv[] = { "tg-child", "child", NULL };
	char report[128] = "";
	sigset_t hup;
	int fds[2], ends[2], status;

	(void)state;
	CHECK_TRUE(sys_channel_pair(fds));
	CHECK_INT(pipe(ends), 0);
	CHECK_INT(dup2(0, STRAY_FD), STRAY_FD);
	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hup, NULL);
	const pid_t pid = sys_proc_spawn(argv, fds[1], ends[1]);

	CHECK_TRUE(pid > 0);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_TRUE(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 42);
	CHECK_TRUE(read(fds[0], report, sizeof(report) - 1) > 0);
	CHECK_TEXT(report, "tg-test stray=0 blocked=0 ignored=1");
	memset(report, 0, sizeof(report));
	CHECK_TRUE(read(ends[0], report, sizeof(report) - 1) > 0);
	CHECK_TEXT(report, "to standard error");
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(ends[i]);
	}
	close(STRAY_FD);
}

static void test_a_program_is_run_and_heard(void **state)
{
	static const struct {
		const char *path, *what, *text, *said;
		bool well;
	} cases[] = {
		{ "/bin/sh", "cat", "to be read", "to be read", true },
		{ "/bin/sh", "cat >&2; exit 3", "wrong", "wrong", false },
		{ "/bin/sh", "env | grep -v ^PWD=; exit 0", "", "", true },
		{ "/bin/sh", "kill -9 $$", "", "", false },
		{ "/bin/sh", "echo first; exec sleep 60", "", "it took too long", false },
		{ "/nowhere/program", "", "", "it cannot be started", false },
	};
	char said[SYS_PROC_SAID_BYTES];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const char *const argv[] = { cases[i].path, "-c", cases[i].what, NULL };
		const bool got = sys_proc_run(argv, cases[i].text, 2 * TG_US_PER_S, said);

		CHECK_TEXT(said, cases[i].said);
		CHECK_INT(got, cases[i].well);
	}
}

static void test_of_much_that_is_said_the_beginning_is_kept(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x", NULL };
	char said[SYS_PROC_SAID_BYTES];

	(void)state;
	CHECK_TRUE(sys_proc_run(argv, "", 10 * (uint64_t)TG_US_PER_S, said));
	CHECK_UINT(strlen(said), SYS_PROC_SAID_BYTES - 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_child_is_this_program_with_one_descriptor),
		cmocka_unit_test(test_a_program_is_run_and_heard),
		cmocka_unit_test(test_of_much_that_is_said_the_beginning_is_kept),
	};

	if (argc > 1 && strcmp(argv[1], "child") == 0) {
		return child();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
