/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/listening.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

bool listening_make_way(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0) {
		return errno == ENOENT;
	}
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return false;
	}
	return unlink(path) == 0;
}

int listening_bind_unix(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int bound = -1;

	assert(strlen(path) < sizeof(name.sun_path));
	memcpy(name.sun_path, path, strlen(path) + 1);
	if (fd >= 0 && listening_make_way(path)) {
		const mode_t before = umask(0117);

		bound = bind(fd, (const struct sockaddr *)&name, sizeof(name));
		umask(before);
	}
	if (fd >= 0 && bound != 0) {
		const int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static int bind_tcp(struct tg_addr addr)
{
	struct sockaddr_storage name;
	const socklen_t len = tg_addr_to_sockaddr(addr, false, &name);
	const int on = 1;
	const int fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		return -1;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    (name.ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
	    bind(fd, (const struct sockaddr *)&name, len) != 0) {
		const int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static bool open_it(struct listening *listening, const struct model_listen *want, char why[LISTENING_WHY_BYTES])
{
	char text[LISTENING_TEXT_BYTES];

	listening->where = *want;
	listening->fd = want->kind == MODEL_LISTEN_UNIX ? listening_bind_unix(want->path) : bind_tcp(want->addr);
	if (listening->fd >= 0 && listen(listening->fd, LISTENING_BACKLOG) == 0) {
		return true;
	}
	snprintf(why, LISTENING_WHY_BYTES, "metrics: cannot listen at %s: %s", listening_text(want, text),
	         strerror(errno));
	if (listening->fd < 0) {
		listening->where = (struct model_listen){ .kind = MODEL_LISTEN_OFF };
	}
	listening_close(listening);
	return false;
}

bool listening_set(struct listening *listening, const struct model_listen *want, char why[LISTENING_WHY_BYTES])
{
	if (memcmp(&listening->where, want, sizeof(*want)) == 0) {
		return true;
	}
	listening_close(listening);
	return want->kind == MODEL_LISTEN_OFF || open_it(listening, want, why);
}

const char *listening_text(const struct model_listen *where, char text[LISTENING_TEXT_BYTES])
{
	char addr[TG_ADDR_TEXT_BYTES];

	switch ((enum model_listen_kind)where->kind) {
	case MODEL_LISTEN_TCP:
		snprintf(text, LISTENING_TEXT_BYTES, "%s", tg_addr_format(where->addr, addr));
		return text;
	case MODEL_LISTEN_UNIX:
		snprintf(text, LISTENING_TEXT_BYTES, "unix:%s", where->path);
		return text;
	case MODEL_LISTEN_OFF:
	case MODEL_LISTEN_KINDS:
		break;
	}
	snprintf(text, LISTENING_TEXT_BYTES, "nowhere");
	return text;
}

void listening_close(struct listening *listening)
{
	if (listening->fd >= 0) {
		close(listening->fd);
	}
	if (listening->where.kind == MODEL_LISTEN_UNIX) {
		unlink(listening->where.path);
	}
	listening->fd = -1;
	listening->where = (struct model_listen){ .kind = MODEL_LISTEN_OFF };
}
