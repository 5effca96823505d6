/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ASIDE_MAX = 1000 };

static const char new_suffix[] = ".tollgate-new";

bool front_file_failed(char why[FRONT_WHY_BYTES], const char *what, const char *path)
{
	snprintf(why, FRONT_WHY_BYTES, "%s %.300s: %s", what, path, strerror(errno));
	return false;
}

/* ---- folders ---- */

int front_file_folder(const char *path, int flags)
{
	const int how = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	const char *last = strrchr(path, '/');
	int fd = open("/", last == path ? flags | how : O_PATH | how);

	while (fd >= 0 && path < last) {
		char part[NAME_MAX + 1];
		const size_t len = strcspn(path + 1, "/");

		snprintf(part, sizeof(part), "%.*s", (int)(len < sizeof(part) ? len : sizeof(part) - 1), path + 1);
		path += len + 1;
		const int next = openat(fd, part, path < last ? O_PATH | how : flags | how);
		const int error = errno == ENOTDIR ? ELOOP : errno;

		close(fd);
		errno = error;
		fd = next;
	}
	return fd;
}

const char *front_file_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void close_folder(int fd)
{
	const int error = errno;

	if (fd >= 0) {
		close(fd);
	}
	errno = error;
}

/* ---- reading ---- */

static bool read_all(int fd, uint8_t *to, size_t len)
{
	size_t got = 0;

	while (got < len) {
		const ssize_t n = read(fd, to + got, len - got);

		if (n == 0) {
			errno = EIO; /* it became shorter */
		}
		if (n <= 0 && !(n < 0 && errno == EINTR)) {
			return false;
		}
		got += n > 0 ? (size_t)n : 0;
	}
	return true;
}

bool front_file_read_at(int folder, const char *name, struct tg_span *text, struct stat *st)
{
	const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint8_t *p = NULL;

	*text = (struct tg_span){ 0 };
	if (fd < 0 || fstat(fd, st) != 0 || !S_ISREG(st->st_mode)) {
		errno = fd >= 0 && !S_ISREG(st->st_mode) ? EINVAL : errno;
		goto fail;
	}
	p = malloc((size_t)st->st_size + 1);
	if (p == NULL || !read_all(fd, p, (size_t)st->st_size)) {
		goto fail;
	}
	close(fd);
	*text = (struct tg_span){ p, (size_t)st->st_size };
	return true;
fail:
	free(p);
	if (fd >= 0) {
		const int error = errno;

		close(fd);
		errno = error;
	}
	return false;
}

bool front_file_read(const char *path, struct tg_span *text, struct stat *st)
{
	const int folder = front_file_folder(path, O_PATH);
	const bool good = folder >= 0 && front_file_read_at(folder, front_file_name(path), text, st);

	close_folder(folder);
	return good;
}

void front_file_free(struct tg_span text)
{
	if (text.p != NULL) {
		crypt_wipe((void *)(uintptr_t)text.p, text.len);
		free((void *)(uintptr_t)text.p);
	}
}

/* ---- writing ---- */

static bool write_all(int fd, struct tg_span text)
{
	while (text.len > 0) {
		const ssize_t n = write(fd, text.p, text.len);

		if (n < 0 && errno != EINTR) {
			return false;
		}
		text.p += n > 0 ? (size_t)n : 0;
		text.len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Only who may gives files away; nobody needs to if it is his already. */
static bool give(int fd, const struct front_owner *owner)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		return false;
	}
	if ((st.st_uid != owner->uid || st.st_gid != owner->gid) && fchown(fd, owner->uid, owner->gid) != 0) {
		return false;
	}
	return fchmod(fd, owner->mode & 07777) == 0;
}

static bool set_mtime(int fd, const struct timespec *mtime)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, mtime != NULL ? *mtime : (struct timespec){ 0 } };

	return mtime == NULL || futimens(fd, times) == 0;
}

static bool write_new(int folder, const char *path, struct tg_span text, const struct front_owner *owner,
                      char why[FRONT_WHY_BYTES])
{
	const int fd = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		return front_file_failed(why, "cannot make", path);
	}
	const bool good = write_all(fd, text) && give(fd, owner) && set_mtime(fd, owner->mtime) && fsync(fd) == 0;

	if (!good) {
		front_file_failed(why, "cannot write", path);
	}
	close(fd);
	return good;
}

static char *new_name(const char *path)
{
	char *name = NULL;

	return asprintf(&name, "%s%s", path, new_suffix) < 0 ? NULL : name;
}

static void tidy_at(int folder, const char *name)
{
	char *left = new_name(name);

	if (left != NULL) {
		(void)unlinkat(folder, left, 0);
	}
	free(left);
}

void front_file_tidy(const char *path)
{
	const int folder = front_file_folder(path, O_PATH);

	if (folder >= 0) {
		tidy_at(folder, front_file_name(path));
	}
	close_folder(folder);
}

bool front_file_write_at(int folder, const char *name, struct tg_span text, const struct front_owner *owner,
                         char why[FRONT_WHY_BYTES])
{
	char *new = new_name(name);
	bool good = false;

	if (new == NULL) {
		return front_file_failed(why, "cannot write", name);
	}
	tidy_at(folder, name);
	if (write_new(folder, new, text, owner, why)) {
		good = (renameat(folder, new, folder, name) == 0 && fsync(folder) == 0) ||
		       front_file_failed(why, "cannot replace", name);
	}
	if (!good) {
		(void)unlinkat(folder, new, 0);
	}
	free(new);
	return good;
}

bool front_file_write(const char *path, struct tg_span text, const struct front_owner *owner, char why[FRONT_WHY_BYTES])
{
	const int folder = front_file_folder(path, O_RDONLY);
	const bool good = folder >= 0 ? front_file_write_at(folder, front_file_name(path), text, owner, why)
	                              : front_file_failed(why, "cannot write", path);

	close_folder(folder);
	return good;
}

/* ---- the rest ---- */

bool front_file_remove(const char *path, int flags)
{
	const int folder = front_file_folder(path, O_PATH);
	const bool good = folder >= 0 && unlinkat(folder, front_file_name(path), flags) == 0;

	close_folder(folder);
	return good;
}

bool front_file_aside(const char *path)
{
	const int folder = front_file_folder(path, O_PATH);
	const char *name = front_file_name(path);
	bool good = false;

	for (unsigned i = 1; folder >= 0 && !good && i <= ASIDE_MAX; i++) {
		char aside[NAME_MAX + 1], number[16] = "";

		if (i > 1) {
			snprintf(number, sizeof(number), ".%u", i);
		}
		snprintf(aside, sizeof(aside), "%.200s.changed%s", name, number);
		good = renameat2(folder, name, folder, aside, RENAME_NOREPLACE) == 0 || errno == ENOENT;
		if (!good && errno != EEXIST) {
			break;
		}
	}
	close_folder(folder);
	return good;
}

bool front_file_make_folder(const char *path, const struct front_owner *owner)
{
	const int folder = front_file_folder(path, O_PATH);
	bool good = folder >= 0 && mkdirat(folder, front_file_name(path), owner->mode) == 0;
	const int fd = good ? openat(folder, front_file_name(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
	                    : -1;

	good = fd >= 0 && give(fd, owner);
	close_folder(fd);
	close_folder(folder);
	return good;
}
