/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/notify.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool sys_notify(const char *socket_name, const char *state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (socket_name == NULL || socket_name[0] == '\0') {
		return true;
	}
	const size_t len = strlen(socket_name);

	if (len >= sizeof(to.sun_path) || (socket_name[0] != '/' && socket_name[0] != '@')) {
		return false;
	}
	memcpy(to.sun_path, socket_name, len);
	if (to.sun_path[0] == '@') { /* unix(7): an abstract name begins with NUL */
		to.sun_path[0] = '\0';
	}
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		return false;
	}
	const ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
	                            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));

	close(fd);
	return sent == (ssize_t)strlen(state);
}
