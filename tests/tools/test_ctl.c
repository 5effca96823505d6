/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "tools/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A daemon that says one thing, whatever it is asked. */
struct daemon {
	char folder[64];
	struct sockaddr_un addr;
	pid_t pid;
};

static void say(FILE *to, const char *text, size_t times)
{
	char question[TOOL_CTL_LINE_MAX + 2];

	if (fgets(question, sizeof(question), to) == NULL) {
		_exit(0);
	}
	for (size_t i = 0; i < times; i++) {
		fputs(text, to);
	}
	fputs("\001END 3\n", to);
	fflush(to);
	_exit(0);
}

static void daemon_start(struct daemon *daemon, const char *text, size_t times)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*daemon = (struct daemon){ .folder = "/tmp/tg-test-ctl-XXXXXX", .addr = { .sun_family = AF_UNIX } };
	CHECK_TRUE(mkdtemp(daemon->folder) != NULL);
	snprintf(daemon->addr.sun_path, sizeof(daemon->addr.sun_path), "%s/tollgate.ctl", daemon->folder);
	CHECK_INT(bind(fd, (const struct sockaddr *)&daemon->addr, sizeof(daemon->addr)), 0);
	CHECK_INT(listen(fd, 1), 0);
	daemon->pid = fork();
	if (daemon->pid == 0) {
		say(fdopen(accept(fd, NULL, NULL), "r+"), text, times);
	}
	close(fd);
}

static void daemon_end(struct daemon *daemon)
{
	CHECK_INT(waitpid(daemon->pid, NULL, 0), daemon->pid);
	CHECK_INT(unlink(daemon->addr.sun_path), 0);
	CHECK_INT(rmdir(daemon->folder), 0);
}

static char megabyte[(1 << 20) + 1];

static void test_answers_are_gathered(void **state)
{
	static const struct {
		const char *text;
		size_t times;
		int code;
		size_t len; /* 0: there is no text */
	} rows[] = {
		{ "two\nlines\n", 1, 3, sizeof("two\nlines\n") - 1 },
		{ megabyte, 16, 3, TOOL_CTL_TEXT_MAX },
		{ megabyte, 17, TOOL_CTL_LOST, 0 },
		{ "\001END x\n", 1, TOOL_CTL_LOST, 0 },
	};

	(void)state;
	memset(megabyte, 'x', sizeof(megabyte) - 2);
	megabyte[sizeof(megabyte) - 2] = '\n';
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char wrong[200], *text = NULL;
		struct daemon daemon;

		daemon_start(&daemon, rows[i].text, rows[i].times);
		struct tool_ctl *ctl = tool_ctl_open(daemon.folder, wrong, sizeof(wrong));

		CHECK_TRUE(ctl != NULL);
		CHECK_INT(tool_ctl_text(ctl, "say it", &text), rows[i].code);
		CHECK_UINT(text != NULL ? strlen(text) : 0, rows[i].len);
		CHECK_TRUE(rows[i].times > 1 || rows[i].len == 0 || strcmp(text, rows[i].text) == 0);
		free(text);
		tool_ctl_free(ctl);
		daemon_end(&daemon);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_are_gathered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
