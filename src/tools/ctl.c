/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/ctl.h"

#include "base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct tool_ctl {
	int fd;
	FILE *in;
	char *line; /* getline()'s */
	size_t line_room;
};

static const char *why_text(int why)
{
	if (why == ENOENT || why == ECONNREFUSED) {
		return "no tollgated runs there (another state directory? --state DIR)";
	}
	return why == EACCES ? "not allowed: who may use the console is in the socket's group" : strerror(why);
}

static int ctl_connect(const char *state_dir, char *wrong, size_t wrong_bytes)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int len = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/tollgate.ctl", state_dir);
	int fd = -1;

	if (len < 0 || (size_t)len >= sizeof(addr.sun_path)) {
		snprintf(wrong, wrong_bytes, "%s/tollgate.ctl: the path is too long for a socket", state_dir);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0) {
		return fd;
	}
	snprintf(wrong, wrong_bytes, "%s: %s", addr.sun_path, why_text(errno));
	if (fd >= 0) {
		close(fd);
	}
	return -1;
}

struct tool_ctl *tool_ctl_open(const char *state_dir, char *wrong, size_t wrong_bytes)
{
	struct tool_ctl *ctl = calloc(1, sizeof(*ctl));

	if (ctl == NULL) {
		snprintf(wrong, wrong_bytes, "no memory");
		return NULL;
	}
	ctl->fd = ctl_connect(state_dir, wrong, wrong_bytes);
	ctl->in = ctl->fd >= 0 ? fdopen(ctl->fd, "r") : NULL;
	if (ctl->in == NULL) {
		if (ctl->fd >= 0) {
			snprintf(wrong, wrong_bytes, "no memory");
			close(ctl->fd);
		}
		free(ctl);
		return NULL;
	}
	return ctl;
}

void tool_ctl_free(struct tool_ctl *ctl)
{
	if (ctl == NULL) {
		return;
	}
	fclose(ctl->in);
	free(ctl->line);
	free(ctl);
}

void tool_ctl_limit(struct tool_ctl *ctl, unsigned seconds)
{
	const struct timeval limit = { .tv_sec = seconds };

	/* Where it cannot be set there is none. */
	(void)setsockopt(ctl->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

static bool send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR) {
			return false;
		}
		bytes += sent > 0 ? sent : 0;
		len -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

static bool command_ok(const char *command)
{
	for (const char *c = command; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			return false;
		}
	}
	return strlen(command) <= TOOL_CTL_LINE_MAX;
}

int tool_ctl_ask(struct tool_ctl *ctl, const char *command, tool_ctl_on_line *on_line, void *owner)
{
	static const char mark[] = "\001END ";
	uint64_t code = 0;

	if (!command_ok(command)) {
		return TOOL_CTL_BAD_LINE;
	}
	if (!send_all(ctl->fd, command, strlen(command)) || !send_all(ctl->fd, "\n", 1)) {
		return TOOL_CTL_LOST;
	}
	for (;;) {
		const ssize_t len = getline(&ctl->line, &ctl->line_room, ctl->in);

		if (len <= 0 || ctl->line[len - 1] != '\n') {
			return TOOL_CTL_LOST;
		}
		ctl->line[len - 1] = '\0';
		if (strncmp(ctl->line, mark, sizeof(mark) - 1) == 0) {
			return tg_text_uint(ctl->line + sizeof(mark) - 1, 0, UINT8_MAX, &code) ? (int)code
			                                                                       : TOOL_CTL_LOST;
		}
		on_line(owner, ctl->line);
	}
}

/* ---- whole answers ---- */

struct gathering {
	FILE *to;
	size_t bytes;
};

static void gather(void *owner, const char *line)
{
	struct gathering *gathering = owner;

	gathering->bytes += strlen(line) + 1;
	if (gathering->bytes <= TOOL_CTL_TEXT_MAX) {
		fprintf(gathering->to, "%s\n", line);
	}
}

int tool_ctl_text(struct tool_ctl *ctl, const char *command, char **text)
{
	size_t len = 0;
	struct gathering gathering = { .to = open_memstream(text, &len) };
	int code = TOOL_CTL_LOST;
	bool whole = false;

	*text = gathering.to != NULL ? *text : NULL;
	if (gathering.to == NULL) {
		return TOOL_CTL_LOST;
	}
	code = tool_ctl_ask(ctl, command, gather, &gathering);
	whole = ferror(gathering.to) == 0 && gathering.bytes <= TOOL_CTL_TEXT_MAX;
	whole = fclose(gathering.to) == 0 && whole;
	if (!whole) {
		free(*text);
		*text = NULL;
	}
	return whole ? code : TOOL_CTL_LOST;
}
