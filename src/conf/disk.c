/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool conf_disk_open(struct conf_disk *disk, const char *folder)
{
	disk->folder = realpath(folder, NULL);
	return disk->folder != NULL;
}

void conf_disk_close(struct conf_disk *disk)
{
	free(disk->folder);
	disk->folder = NULL;
}

/* "folder/name", or name if that is absolute; malloc'd. */
static char *path_of(const struct conf_disk *disk, const char *name)
{
	char *path = NULL;

	if (name[0] == '/') {
		return strdup(name);
	}
	return asprintf(&path, "%s/%s", disk->folder, name) < 0 ? NULL : path;
}

static bool is_inside(const struct conf_disk *disk, const char *path)
{
	const size_t len = strlen(disk->folder);

	return strncmp(path, disk->folder, len) == 0 && (path[len] == '/' || (len == 1 && len < strlen(path)));
}

static const char *refusal_of(const struct stat *st, size_t max_bytes)
{
	if (!S_ISREG(st->st_mode)) {
		return "is not a regular file";
	}
	if ((st->st_mode & S_IWOTH) != 0) {
		return "may be written by everybody";
	}
	return (uint64_t)st->st_size > max_bytes ? "is too large" : NULL;
}

/* Exactly as many octets as the file had when it was opened. */
static bool read_all(int fd, char *to, size_t len)
{
	size_t got = 0;

	while (got < len) {
		const ssize_t n = read(fd, to + got, len - got);

		if (n <= 0 && !(n < 0 && errno == EINTR)) {
			return false;
		}
		got += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Takes the descriptor. @return NULL if all is well, else why not */
static const char *read_open(int fd, size_t max_bytes, char **text, size_t *len)
{
	const char *why = "cannot be read";
	struct stat st;

	if (fstat(fd, &st) == 0) {
		why = refusal_of(&st, max_bytes);
		*len = why == NULL ? (size_t)st.st_size : 0;
		*text = why == NULL ? malloc(*len + 1) : NULL;
		if (why == NULL && (*text == NULL || !read_all(fd, *text, *len))) {
			why = "cannot be read";
			free(*text);
			*text = NULL;
		}
	}
	close(fd);
	return why;
}

static const char *errno_text(int error)
{
	return error == EACCES || error == EPERM ? "cannot be read: permission denied" : "cannot be read";
}

/* O_NONBLOCK: opening a pipe must not wait for its other end. */
static enum conf_read read_path(const char *path, char **text, size_t *len, const char **why)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	*why = fd < 0 ? errno_text(errno) : read_open(fd, CONF_FILE_MAX_BYTES, text, len);
	return *why == NULL ? CONF_READ_OK : CONF_READ_REFUSED;
}

static enum conf_read disk_read(void *owner, const char *name, char **text, size_t *len, const char **why)
{
	const struct conf_disk *disk = owner;
	char *written = path_of(disk, name);
	char *path = written != NULL ? realpath(written, NULL) : NULL;
	const int error = errno;
	enum conf_read result = CONF_READ_REFUSED;

	free(written);
	if (path == NULL) {
		*why = errno_text(error);
		return error == ENOENT || error == ENOTDIR ? CONF_READ_MISSING : CONF_READ_REFUSED;
	}
	if (is_inside(disk, path)) {
		result = read_path(path, text, len, why);
	} else {
		*why = "is outside of the configuration directory";
	}
	free(path);
	return result;
}

/* The folder's own name is no pattern. */
static char *pattern_of(const struct conf_disk *disk, const char *pattern)
{
	char *escaped = malloc(2 * strlen(disk->folder) + strlen(pattern) + 2);
	size_t len = 0;

	if (escaped == NULL) {
		return NULL;
	}
	for (const char *p = pattern[0] == '/' ? "" : disk->folder; *p != '\0'; p++) {
		if (strchr("*?[]{}\\~", *p) != NULL) {
			escaped[len++] = '\\';
		}
		escaped[len++] = *p;
	}
	if (pattern[0] != '/') {
		escaped[len++] = '/';
	}
	memcpy(escaped + len, pattern, strlen(pattern) + 1);
	return escaped;
}

static void disk_glob(void *owner, const char *pattern, struct conf_names *names)
{
	const struct conf_disk *disk = owner;
	const size_t folder_len = strlen(disk->folder);
	char *escaped = pattern_of(disk, pattern);
	glob_t found;

	if (escaped != NULL && glob(escaped, GLOB_BRACE | GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *path = found.gl_pathv[i];

			conf_names_add(names, is_inside(disk, path) ? path + folder_len + 1 : path);
		}
		globfree(&found);
	}
	free(escaped);
}

struct conf_files conf_disk_files(struct conf_disk *disk)
{
	return (struct conf_files){ .owner = disk, .read = disk_read, .glob = disk_glob };
}
