/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "sys/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int manager(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const size_t len = strlen(name);
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(at.sun_path, name, len);
	at.sun_path[0] = name[0] == '@' ? '\0' : name[0];
	CHECK_INT(bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
	return fd;
}

static void check_told(const char *name)
{
	const int fd = manager(name);
	char got[64] = "";

	CHECK_TRUE(sys_notify(name, "READY=1"));
	CHECK_INT(recv(fd, got, sizeof(got) - 1, 0), 7);
	CHECK_TEXT(got, "READY=1");
	close(fd);
}

static void test_both_kinds_of_names(void **state)
{
	char folder[] = "/tmp/tg-notify-XXXXXX", path[64], abstract[64];

	(void)state;
	CHECK_TRUE(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(abstract, sizeof(abstract), "@tollgate-test-%d", (int)getpid());
	check_told(path);
	check_told(abstract);
	unlink(path);
	rmdir(folder);
}

static void test_nobody_to_tell(void **state)
{
	char long_name[200];

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[0] = '/';
	long_name[sizeof(long_name) - 1] = '\0';
	CHECK_TRUE(sys_notify(NULL, "READY=1"));
	CHECK_TRUE(sys_notify("", "READY=1"));
	CHECK_FALSE(sys_notify("/nowhere/at/all", "READY=1"));
	CHECK_FALSE(sys_notify("relative", "READY=1"));
	CHECK_FALSE(sys_notify(long_name, "READY=1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_kinds_of_names),
		cmocka_unit_test(test_nobody_to_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
