/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup_io.h"

#include "sys/clock.h"
#include "sys/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { RUN_SAID_MAX = 64 << 10, RUN_LOOK_MS = 20, NO_PROGRAM = 127 };

bool setup_io_open(struct setup_io *io)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP };

	*io = (struct setup_io){ .signal_fd = sys_signals_open(wanted, TG_COUNT(wanted)) };
	return io->signal_fd >= 0;
}

void setup_io_close(struct setup_io *io)
{
	if (io->signal_fd >= 0) {
		close(io->signal_fd);
	}
}

bool setup_io_interrupted(struct setup_io *io)
{
	while (sys_signals_take(io->signal_fd) != 0) {
		io->interrupted = true;
	}
	return io->interrupted;
}

/* ---- A line ---- */

/* Waits for input or a signal. */
static bool input_comes(struct setup_io *io)
{
	struct pollfd waits[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = io->signal_fd, .events = POLLIN } };

	while (poll(waits, TG_COUNT(waits), -1) < 0 && errno == EINTR) {
	}
	return !setup_io_interrupted(io);
}

/* A terminal gives no more than a line at once; octet by octet nothing of the next line is lost. */
static bool line_read(struct setup_io *io, char *line, size_t size_bytes)
{
	size_t len = 0;
	char octet = '\0';

	for (;;) {
		if (!input_comes(io) || read(STDIN_FILENO, &octet, 1) != 1) {
			io->interrupted = true;
			return false;
		}
		if (octet == '\n') {
			line[len] = '\0';
			return true;
		}
		line[len] = octet;
		len += len + 1 < size_bytes && octet != '\r' ? 1 : 0;
	}
}

bool setup_io_line(struct setup_io *io, bool hidden, char *line, size_t size_bytes)
{
	struct termios before, silent;
	const bool quiet = hidden && tcgetattr(STDIN_FILENO, &before) == 0;
	bool ok = false;

	fflush(stdout);
	if (quiet) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	ok = line_read(io, line, size_bytes);
	if (quiet) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		putchar('\n');
	}
	return ok;
}

/* ---- A program ---- */

/* Between fork and exec: only what signal-safety(7) allows, but for the environment, which no other thread touches. */
static void child_exec(const char *const argv[], const char *secret, int out_fd, int err_fd)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(out_fd, STDOUT_FILENO) < 0 || dup2(err_fd, STDERR_FILENO) < 0 ||
	    (secret != NULL && setenv("TOLLGATE_SECRET", secret, 1) != 0)) {
		_exit(NO_PROGRAM);
	}
	close_range(STDERR_FILENO + 1, ~0U, 0);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(NO_PROGRAM);
}

/* Its exit code, when it ends; ended by us when it may not go on. */
static int child_wait(struct setup_io *io, pid_t pid, uint64_t limit_us)
{
	const uint64_t end_us = sys_clock_us() + limit_us;
	const struct timespec pause = { .tv_nsec = RUN_LOOK_MS * 1000000L };
	bool told = false;
	int status = 0;

	for (;;) {
		const pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended != 0) {
			return ended == pid && !told && WIFEXITED(status) && WEXITSTATUS(status) != NO_PROGRAM
			               ? WEXITSTATUS(status)
			               : SETUP_RUN_LOST;
		}
		if (!told && (setup_io_interrupted(io) || sys_clock_us() > end_us)) {
			kill(pid, io->interrupted ? SIGTERM : SIGKILL);
			told = true;
		}
		if (told && sys_clock_us() > end_us) {
			kill(pid, SIGKILL);
		}
		nanosleep(&pause, NULL);
	}
}

static char *file_text(int fd)
{
	struct stat st;
	char *text = NULL;
	ssize_t len = -1;

	if (fd < 0 || fstat(fd, &st) != 0) {
		return NULL;
	}
	st.st_size = st.st_size < RUN_SAID_MAX ? st.st_size : RUN_SAID_MAX;
	text = calloc(1, (size_t)st.st_size + 1);
	len = text != NULL ? pread(fd, text, (size_t)st.st_size, 0) : -1;
	if (len >= 0) {
		text[len] = '\0';
	}
	return text;
}

int setup_run(struct setup_io *io, const char *const argv[], const char *secret, uint64_t limit_us, char **said,
              char **complained)
{
	/* Files in memory: a daemon that stays in the background may keep them open. */
	const int out_fd = memfd_create("setup-out", MFD_CLOEXEC), err_fd = memfd_create("setup-err", MFD_CLOEXEC);
	int code = SETUP_RUN_LOST;

	fflush(stdout);
	if (out_fd >= 0 && err_fd >= 0) {
		const pid_t pid = fork();

		if (pid == 0) {
			child_exec(argv, secret, out_fd, complained != NULL ? err_fd : out_fd);
		}
		code = pid > 0 ? child_wait(io, pid, limit_us) : SETUP_RUN_LOST;
	}
	*said = file_text(out_fd);
	if (complained != NULL) {
		*complained = file_text(err_fd);
	}
	close(out_fd);
	close(err_fd);
	return code;
}

void setup_program(const char *name, char *path, size_t size_bytes)
{
	static const char *const places[] = { ".", "../sbin", "../daemon", "../bin", "../tools" };
	char here[512];
	const ssize_t len = readlink("/proc/self/exe", here, sizeof(here) - 1);
	char *slash = NULL;

	path[0] = '\0';
	here[len > 0 ? len : 0] = '\0';
	slash = strrchr(here, '/');
	if (slash == NULL) {
		return;
	}
	*slash = '\0';
	for (size_t i = 0; i < TG_COUNT(places); i++) {
		if ((size_t)snprintf(path, size_bytes, "%s/%s/%s", here, places[i], name) < size_bytes &&
		    access(path, X_OK) == 0) {
			return;
		}
	}
	path[0] = '\0';
}
