/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "sys/sandbox.h"
#include "sys/sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENDED_BY_FILTER = 1000 };

static char inside[64], outside[64];
static int timer_fd; /* made before the sandbox, as the log does */

/* What a process in the sandbox tries; it gives 0 if it may, else errno, or is ended. */
static int try_open_file(void)
{
	const int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? 0 : errno;
}

static int try_write(const char *folder)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/file", folder);
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0 && ftruncate(fd, 0) == 0 && unlink(path) == 0
	               ? 0
	               : errno;
}

static int try_write_inside(void)
{
	return try_write(inside);
}

static int try_write_outside(void)
{
	return try_write(outside);
}

static int try_read_inside(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/config", inside);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? 0 : errno;
}

static int try_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) >= 0 ? 0 : errno;
}

static int try_execute(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int try_new_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
	               ? 0
	               : errno;
}

static void *nothing(void *arg)
{
	return arg;
}

static int try_thread(void)
{
	pthread_t thread;
	const int failed = pthread_create(&thread, NULL, nothing, NULL);

	return failed != 0 ? failed : pthread_join(thread, NULL);
}

static int try_fork(void)
{
	const pid_t pid = fork();

	if (pid == 0) {
		_exit(0);
	}
	return pid > 0 ? 0 : errno;
}

static int try_kill_parent(void)
{
	return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int try_memory(void)
{
	char *block = malloc(1 << 22);

	if (block == NULL) {
		return ENOMEM;
	}
	memset(block, 1, 1 << 22);
	sys_sandbox_hide_memory(block, 4096);
	free(block);
	return 0;
}

static int try_timer(void)
{
	const struct itimerspec at_once = { .it_value.tv_nsec = 1 };

	return timerfd_settime(timer_fd, 0, &at_once, NULL) == 0 ? 0 : errno;
}

static int try_abort(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static int try_host_name(void)
{
	struct addrinfo *found = NULL;
	const int failed = getaddrinfo("localhost", NULL, &(struct addrinfo){ .ai_socktype = SOCK_DGRAM }, &found);

	freeaddrinfo(found);
	return failed;
}

static int status_number(const char *field)
{
	char line[128];
	int number = -1;
	FILE *file = fopen("/proc/self/status", "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, field, strlen(field)) == 0) {
			number = (int)strtol(line + strlen(field), NULL, 16);
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	return number;
}

/* Run in a child, with the sandbox of a role. @return its exit code, ENDED_BY_FILTER, or 2000 and its signal */
static int outcome(const struct sys_sandbox *sandbox, int (*attempt)(void))
{
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		const struct tg_log *quiet = NULL;

		if (sys_sandbox_begin(true) != NULL || sys_sandbox_enter(sandbox, quiet) != NULL) {
			_exit(99);
		}
		_exit(attempt());
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		return WTERMSIG(status) == SIGSYS ? ENDED_BY_FILTER : 2000 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

static const struct {
	const char *name;
	enum sys_sandbox_role role;
	int (*attempt)(void);
	int want, want_without_landlock;
} cases[] = {
	{ "engine: memory", SYS_SANDBOX_ENGINE, try_memory, 0, 0 },
	{ "engine: threads", SYS_SANDBOX_ENGINE, try_thread, 0, 0 },
	{ "engine: abort", SYS_SANDBOX_ENGINE, try_abort, 2000 + SIGABRT, 2000 + SIGABRT },
	{ "engine: files", SYS_SANDBOX_ENGINE, try_open_file, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "engine: sockets", SYS_SANDBOX_ENGINE, try_socket, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "engine: programs", SYS_SANDBOX_ENGINE, try_execute, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "engine: new code", SYS_SANDBOX_ENGINE, try_new_code, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "engine: processes", SYS_SANDBOX_ENGINE, try_fork, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "engine: signals", SYS_SANDBOX_ENGINE, try_kill_parent, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "vault: memory", SYS_SANDBOX_VAULT, try_memory, 0, 0 },
	{ "vault: the timer of its log", SYS_SANDBOX_VAULT, try_timer, 0, 0 },
	{ "vault: files", SYS_SANDBOX_VAULT, try_open_file, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "vault: sockets", SYS_SANDBOX_VAULT, try_socket, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "vault: threads", SYS_SANDBOX_VAULT, try_thread, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "store: its folder", SYS_SANDBOX_STORE, try_write_inside, 0, 0 },
	{ "store: elsewhere", SYS_SANDBOX_STORE, try_write_outside, EACCES, 0 },
	{ "store: other files", SYS_SANDBOX_STORE, try_open_file, EACCES, 0 },
	{ "store: sockets", SYS_SANDBOX_STORE, try_socket, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "store: programs", SYS_SANDBOX_STORE, try_execute, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "loader: reads", SYS_SANDBOX_LOADER, try_read_inside, 0, 0 },
	{ "loader: writes", SYS_SANDBOX_LOADER, try_write_inside, EACCES, 0 },
	{ "loader: other files", SYS_SANDBOX_LOADER, try_open_file, EACCES, 0 },
	{ "loader: host names", SYS_SANDBOX_LOADER, try_host_name, 0, 0 },
	{ "loader: programs", SYS_SANDBOX_LOADER, try_execute, EPERM, EPERM },
	{ "loader: signals", SYS_SANDBOX_LOADER, try_kill_parent, EPERM, EPERM },
	{ "sounds: reads", SYS_SANDBOX_SOUNDS, try_read_inside, 0, 0 },
	{ "sounds: writes", SYS_SANDBOX_SOUNDS, try_write_inside, EACCES, ENDED_BY_FILTER },
	{ "sounds: other files", SYS_SANDBOX_SOUNDS, try_open_file, EACCES, 0 },
	{ "sounds: sockets", SYS_SANDBOX_SOUNDS, try_socket, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "sounds: new code", SYS_SANDBOX_SOUNDS, try_new_code, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "sounds: programs", SYS_SANDBOX_SOUNDS, try_execute, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "desk: files", SYS_SANDBOX_DESK, try_open_file, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "desk: sockets", SYS_SANDBOX_DESK, try_socket, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "fence: memory", SYS_SANDBOX_FENCE, try_memory, 0, 0 },
	{ "fence: files", SYS_SANDBOX_FENCE, try_open_file, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "fence: sockets", SYS_SANDBOX_FENCE, try_socket, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "fence: programs", SYS_SANDBOX_FENCE, try_execute, ENDED_BY_FILTER, ENDED_BY_FILTER },
	{ "fence: processes", SYS_SANDBOX_FENCE, try_fork, ENDED_BY_FILTER, ENDED_BY_FILTER },
};

static bool is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return true;
#endif
#endif
	return false;
}

static struct sys_sandbox sandbox_of(enum sys_sandbox_role role)
{
	struct sys_sandbox sandbox = { .role = role };

	if (role == SYS_SANDBOX_STORE) {
		sandbox.write_path = inside;
	}
	if (role == SYS_SANDBOX_LOADER || role == SYS_SANDBOX_SOUNDS) {
		sandbox.read_paths[0] = inside;
		sandbox.read_paths[1] = "/etc/hosts";
		sandbox.read_paths[2] = "/nowhere";
	}
	return sandbox;
}

static void test_each_role_may_do_its_work_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct sys_sandbox sandbox = sandbox_of(cases[i].role);
		const int want = sys_landlock_abi() > 0 ? cases[i].want : cases[i].want_without_landlock;
		const int got = outcome(&sandbox, cases[i].attempt);

		if (got != want) {
			print_error("%s: %d, not %d\n", cases[i].name, got, want);
		}
		CHECK_INT(got, want);
	}
}

static int look_at_status(void)
{
	return status_number("CapEff:") == 0 && status_number("CapPrm:") == 0 && status_number("NoNewPrivs:") == 1 &&
	                       status_number("Seccomp:") == 2
	               ? 0
	               : 1;
}

static void test_status_shows_the_sandbox(void **state)
{
	struct sys_sandbox sandbox = sandbox_of(SYS_SANDBOX_LOADER);

	(void)state;
	sandbox.read_paths[0] = "/proc";
	CHECK_INT(outcome(&sandbox, look_at_status), 0);
}

/* @return 0, or which of the promises was not kept */
static int become_somebody(bool keep_bind)
{
	if (sys_sandbox_become(65534, 65534, "nobody", keep_bind) != NULL) {
		return 1;
	}
	if (getuid() != 65534 || getgid() != 65534 || setuid(0) == 0 || setgid(0) == 0) {
		return 2;
	}
	if (prctl(PR_GET_DUMPABLE) != 0) {
		return 3;
	}
	if (status_number("CapEff:") != (keep_bind ? 1 << CAP_NET_BIND_SERVICE : 0) || status_number("CapBnd:") != 0) {
		return 4;
	}
	return sys_sandbox_begin(true) != NULL || status_number("CapPrm:") != 0 ? 5 : 0;
}

/* @return 0, or which of the promises was not kept */
static int hand_on_the_filter(void)
{
	const long filter = 1 << CAP_NET_ADMIN;

	if (sys_sandbox_become(65534, 65534, "nobody", true) != NULL || status_number("CapPrm:") == 0) {
		return 1;
	}
	if (sys_sandbox_keep_filter(SYS_SANDBOX_ASIDE) != NULL || sys_sandbox_has_filter() ||
	    status_number("CapEff:") != 0 || status_number("CapPrm:") != filter || status_number("CapInh:") != filter) {
		return 2;
	}
	if (sys_sandbox_keep_filter(SYS_SANDBOX_LENT) != NULL || !sys_sandbox_has_filter() ||
	    status_number("CapEff:") != filter || status_number("CapAmb:") != filter) {
		return 3;
	}
	if (sys_sandbox_keep_filter(SYS_SANDBOX_OWN) != NULL || !sys_sandbox_has_filter() ||
	    status_number("CapInh:") != 0 || status_number("CapAmb:") != 0 || status_number("CapPrm:") != filter) {
		return 4;
	}
	return sys_sandbox_begin(true) != NULL || status_number("CapPrm:") != 0 || sys_sandbox_has_filter() ? 5 : 0;
}

static int has_filter(void)
{
	return sys_sandbox_has_filter() ? 0 : 1;
}

static void test_the_filter_is_kept_aside_lent_and_used(void **state)
{
	int status;

	(void)state;
	if (getuid() != 0 || has_filter() != 0) {
		CHECK_SKIP("only root with all rights can try this");
	}
	const pid_t pid = fork();

	if (pid == 0) {
		_exit(hand_on_the_filter());
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_TRUE(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

static void test_root_becomes_somebody_for_good(void **state)
{
	(void)state;
	if (getuid() != 0) {
		CHECK_SKIP("only root can become somebody else");
	}
	for (int keep_bind = 0; keep_bind <= 1; keep_bind++) {
		const pid_t pid = fork();
		int status;

		if (pid == 0) {
			_exit(become_somebody(keep_bind == 1));
		}
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK_INT(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_role_may_do_its_work_and_no_more),
		cmocka_unit_test(test_status_shows_the_sandbox),
		cmocka_unit_test(test_root_becomes_somebody_for_good),
		cmocka_unit_test(test_the_filter_is_kept_aside_lent_and_used),
	};
	char path[96];

	if (is_sanitized()) {
		printf("1..0 # SKIP a sanitizer needs what the sandbox takes away\n");
		return EXIT_SUCCESS;
	}
	snprintf(inside, sizeof(inside), "/tmp/tg-sandbox-in-XXXXXX");
	snprintf(outside, sizeof(outside), "/tmp/tg-sandbox-out-XXXXXX");
	if (mkdtemp(inside) == NULL || mkdtemp(outside) == NULL) {
		return EXIT_FAILURE;
	}
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	snprintf(path, sizeof(path), "%s/config", inside);
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	close(fd);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	unlink(path);
	rmdir(inside);
	rmdir(outside);
	return failed;
}
