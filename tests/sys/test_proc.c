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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_child_is_this_program_with_one_descriptor),
	};

	if (argc > 1 && strcmp(argv[1], "child") == 0) {
		return child();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
