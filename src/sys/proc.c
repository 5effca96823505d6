/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Between fork and exec: only what signal-safety(7) allows. */
static void child_exec(const char *const argv[], int keep_fd, int out_fd)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (out_fd >= 0 && (dup2(out_fd, STDOUT_FILENO) < 0 || dup2(out_fd, STDERR_FILENO) < 0)) {
		_exit(127);
	}
	if (keep_fd == SYS_PROC_CHANNEL_FD) {
		fcntl(keep_fd, F_SETFD, 0);
	} else if (dup2(keep_fd, SYS_PROC_CHANNEL_FD) < 0) {
		_exit(127);
	}
	close_range(SYS_PROC_CHANNEL_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
	_exit(127);
}

pid_t sys_proc_spawn(const char *const argv[], int keep_fd, int out_fd)
{
	const pid_t pid = fork();

	if (pid == 0) {
		child_exec(argv, keep_fd, out_fd);
	}
	return pid;
}

void sys_proc_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

void sys_proc_attach(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

void sys_proc_raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}
