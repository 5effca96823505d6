/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/secfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_US = TG_US_PER_S, PATH_BYTES = PATH_MAX + 32 };

static const enum seclog_form forms[SECFILES] = {
	[MODEL_EVENT_FILE_PLAIN] = SECLOG_PLAIN,
	[MODEL_EVENT_FILE_EVENTS] = SECLOG_EVENT,
	[MODEL_EVENT_FILE_JSON] = SECLOG_JSON,
};

/* As RFC 5424 wants it: printable, without blanks. */
static void host_find(char host[65])
{
	if (gethostname(host, 65) != 0 || host[0] == '\0') {
		snprintf(host, 65, "-");
	}
	host[64] = '\0';
	for (char *p = host; *p != '\0'; p++) {
		*p = *p > ' ' && *p <= '~' ? *p : '?';
	}
}

void secfiles_init(struct secfiles *files, const char *dir, bool with_syslog, const struct tg_log *log)
{
	*files = (struct secfiles){ .log = log, .syslog_fd = -1, .max_bytes = SECFILES_MAX_BYTES };
	files->syslog = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	files->writer.pid = (uint32_t)getpid();
	files->writer.host = files->host;
	host_find(files->host);
	snprintf(files->dir, sizeof(files->dir), "%s", dir);
	for (size_t i = 0; i < SECFILES; i++) {
		files->files[i].fd = -1;
	}
	if (with_syslog) {
		files->syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	}
}

static void file_close(struct secfiles *files, size_t i)
{
	if (files->files[i].fd >= 0) {
		close(files->files[i].fd);
		files->files[i].fd = -1;
	}
}

void secfiles_deinit(struct secfiles *files)
{
	for (size_t i = 0; i < SECFILES; i++) {
		file_close(files, i);
	}
	if (files->syslog_fd >= 0) {
		close(files->syslog_fd);
		files->syslog_fd = -1;
	}
}

static void tell_failure(struct secfiles *files, const char *what)
{
	if (!files->has_failed) {
		tg_log(files->log, TG_ERROR, "security.not_written", TG_TEXT("file", what),
		       TG_TEXT("why", strerror(errno)));
	}
	files->has_failed = true;
}

static void path_of(const struct secfiles *files, size_t i, const char *end, char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "%s/%s%s", files->dir, model_event_file_name((enum model_event_file)i), end);
}

static bool file_open(struct secfiles *files, size_t i)
{
	char path[PATH_BYTES];
	struct stat st;

	path_of(files, i, "", path);
	files->files[i].fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (files->files[i].fd < 0 || fstat(files->files[i].fd, &st) != 0) {
		file_close(files, i);
		return false;
	}
	files->files[i].inode = st.st_ino;
	return true;
}

/* Closed if the file is no longer what its name says; turned over if it is too large. */
static void file_look(struct secfiles *files, size_t i)
{
	char path[PATH_BYTES], old[PATH_BYTES];
	struct stat st;

	path_of(files, i, "", path);
	path_of(files, i, ".1", old);
	if (files->files[i].fd < 0) {
		return;
	}
	const bool is_there = stat(path, &st) == 0 && st.st_ino == files->files[i].inode;

	if (is_there && st.st_size < files->max_bytes) {
		return;
	}
	if (is_there && rename(path, old) != 0) {
		tell_failure(files, model_event_file_name((enum model_event_file)i));
		return;
	}
	file_close(files, i);
}

static void look(struct secfiles *files, uint64_t now_us)
{
	if (now_us < files->look_us) {
		return;
	}
	files->look_us = now_us + LOOK_US;
	for (size_t i = 0; i < SECFILES; i++) {
		file_look(files, i);
	}
}

/* One write a line: whole lines, whoever else appends. */
static bool file_write(struct secfiles *files, size_t i, const struct model_event *event)
{
	char line[SECLOG_LINE_BYTES + 1];
	size_t len = 0;

	if (files->files[i].fd < 0 && !file_open(files, i)) {
		return false;
	}
	len = seclog_format(line, forms[i], event, &files->writer);
	line[len] = '\n';
	return write(files->files[i].fd, line, len + 1) == (ssize_t)len + 1;
}

/* By name each time: who writes the system's log may be started anew. A line that it does not take now is lost. */
static void syslog_write(const struct secfiles *files, const struct model_event *event)
{
	char line[SECLOG_LINE_BYTES];

	if (files->syslog_fd >= 0) {
		const size_t len = seclog_format(line, SECLOG_SYSLOG, event, &files->writer);

		(void)!sendto(files->syslog_fd, line, len, MSG_NOSIGNAL, (const struct sockaddr *)&files->syslog,
		              sizeof(files->syslog));
	}
}

static int32_t utc_offset_of(uint64_t wall_ms)
{
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm local;

	return localtime_r(&seconds, &local) != NULL ? (int32_t)local.tm_gmtoff : 0;
}

void secfiles_write(struct secfiles *files, const struct model_event *event, uint64_t now_us)
{
	bool ok = true;

	files->writer.utc_offset_s = utc_offset_of(event->wall_ms);
	look(files, now_us);
	for (size_t i = 0; i < SECFILES; i++) {
		if (!file_write(files, i, event)) {
			tell_failure(files, model_event_file_name((enum model_event_file)i));
			ok = false;
		}
	}
	files->has_failed = files->has_failed && !ok;
	syslog_write(files, event);
}
