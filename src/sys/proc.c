/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/clock.h"

/* Between fork and exec: only what signal-safety(7) allows. */
static void child_exec(const char *const argv[], int keep_fd, int out_fd, bool with_filter)
{
	sigset_t none;

	if (with_filter) {
		/* Without the capability it fails, and the child goes without. */
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0);
	}

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

static pid_t spawn(const char *const argv[], int keep_fd, int out_fd, bool with_filter)
{
	const pid_t pid = fork();

	if (pid == 0) {
		child_exec(argv, keep_fd, out_fd, with_filter);
	}
	return pid;
}

pid_t sys_proc_spawn(const char *const argv[], int keep_fd, int out_fd)
{
	return spawn(argv, keep_fd, out_fd, false);
}

pid_t sys_proc_spawn_with_filter(const char *const argv[], int keep_fd, int out_fd)
{
	return spawn(argv, keep_fd, out_fd, true);
}

/* ---- Running a program ---- */

/* A memory file for what it reads, a pipe for what it says: neither can keep us waiting. */
static int input_of(const char *text)
{
	const int fd = memfd_create("tg-input", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void child_run(const char *const argv[], int in_fd, int out_fd)
{
	char *const no_environment[] = { NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in_fd, STDIN_FILENO) < 0 || dup2(out_fd, STDOUT_FILENO) < 0 || dup2(out_fd, STDERR_FILENO) < 0) {
		_exit(127);
	}
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execve(argv[0], (char *const *)(uintptr_t)argv, no_environment);
	_exit(127);
}

/* Until it closes its end. @return false if that takes too long */
static bool listen_to(int fd, uint64_t limit_us, char said[SYS_PROC_SAID_BYTES])
{
	const uint64_t end_us = sys_clock_us() + limit_us;
	size_t len = 0;
	char rest[256];

	for (uint64_t now_us = sys_clock_us(); now_us < end_us; now_us = sys_clock_us()) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		const bool keeps = len + 1 < SYS_PROC_SAID_BYTES;

		if (poll(&waiting, 1, (int)((end_us - now_us) / TG_US_PER_MS + 1)) <= 0) {
			continue;
		}
		const ssize_t n = read(fd, keeps ? said + len : rest,
		                       keeps ? SYS_PROC_SAID_BYTES - 1 - len : sizeof(rest));

		if (n == 0) {
			return true;
		}
		len += keeps && n > 0 ? (size_t)n : 0;
	}
	return false;
}

static bool has_ended_well(pid_t pid, bool in_time, char said[SYS_PROC_SAID_BYTES])
{
	int status;

	if (!in_time) {
		kill(pid, SIGKILL);
		snprintf(said, SYS_PROC_SAID_BYTES, "it took too long");
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			return false;
		}
	}
	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		snprintf(said, SYS_PROC_SAID_BYTES, "it cannot be started");
	}
	return in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool sys_proc_run(const char *const argv[], const char *text, uint64_t limit_us, char said[SYS_PROC_SAID_BYTES])
{
	const int in_fd = input_of(text);
	int ends[2] = { -1, -1 };
	bool well = false;

	memset(said, 0, SYS_PROC_SAID_BYTES);
	const pid_t pid = in_fd >= 0 && pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;

	if (pid == 0) {
		child_run(argv, in_fd, ends[1]);
	}
	if (ends[1] >= 0) {
		close(ends[1]);
	}
	if (pid > 0) {
		well = has_ended_well(pid, listen_to(ends[0], limit_us, said), said);
	} else {
		snprintf(said, SYS_PROC_SAID_BYTES, "%s", strerror(errno));
	}
	if (ends[0] >= 0) {
		close(ends[0]);
	}
	if (in_fd >= 0) {
		close(in_fd);
	}
	return well;
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
