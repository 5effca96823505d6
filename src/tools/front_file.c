/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char new_suffix[] = ".tollgate-new";

bool front_file_failed(char why[FRONT_WHY_BYTES], const char *what, const char *path)
{
	snprintf(why, FRONT_WHY_BYTES, "%s %.300s: %s", what, path, strerror(errno));
	return false;
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

bool front_file_read(const char *path, struct tg_span *text, struct stat *st)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
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

bool front_file_sync_folder(const char *path)
{
	char *folder = strdup(path);
	char *slash = folder != NULL ? strrchr(folder, '/') : NULL;
	bool good = false;

	if (slash != NULL) {
		slash[slash == folder ? 1 : 0] = '\0';
		const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		good = fd >= 0 && fsync(fd) == 0;
		if (fd >= 0) {
			close(fd);
		}
	}
	free(folder);
	return good;
}

static bool write_new(const char *path, struct tg_span text, const struct front_owner *owner, char why[FRONT_WHY_BYTES])
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

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

void front_file_tidy(const char *path)
{
	char *name = new_name(path);

	if (name != NULL) {
		(void)unlink(name);
	}
	free(name);
}

bool front_file_write(const char *path, struct tg_span text, const struct front_owner *owner, char why[FRONT_WHY_BYTES])
{
	char *name = new_name(path);
	bool good = false;

	if (name == NULL) {
		return front_file_failed(why, "cannot write", path);
	}
	front_file_tidy(path);
	if (write_new(name, text, owner, why)) {
		good = (rename(name, path) == 0 && front_file_sync_folder(path)) ||
		       front_file_failed(why, "cannot replace", path);
	}
	if (!good) {
		(void)unlink(name);
	}
	free(name);
	return good;
}
