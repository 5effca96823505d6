/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 8, PATH_BYTES = 512 };

/* The folders that are open, one in the other, and the file that was given last. */
struct conf_sound_folder {
	DIR *folders[DEPTH_MAX];
	size_t path_len[DEPTH_MAX]; /* of each folder's own path below the first one */
	size_t depth;               /* 0: all was given */
	char path[PATH_BYTES];
	uint8_t *bytes;
};

static DIR *open_folder(int at, const char *name)
{
	const int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

	if (folder == NULL && fd >= 0) {
		close(fd);
	}
	return folder;
}

struct conf_sound_folder *conf_sound_folder_open(const char *folder)
{
	struct conf_sound_folder *sounds = calloc(1, sizeof(*sounds));

	if (sounds == NULL) {
		return NULL;
	}
	sounds->folders[0] = open_folder(AT_FDCWD, folder);
	if (sounds->folders[0] == NULL) {
		const int error = errno;

		free(sounds);
		errno = error;
		return NULL;
	}
	sounds->depth = 1;
	return sounds;
}

void conf_sound_folder_close(struct conf_sound_folder *sounds)
{
	if (sounds == NULL) {
		return;
	}
	while (sounds->depth > 0) {
		closedir(sounds->folders[--sounds->depth]);
	}
	free(sounds->bytes);
	free(sounds);
}

/* The entry's path; false if it is too long. */
static bool set_path(struct conf_sound_folder *sounds, const char *name)
{
	const size_t at = sounds->path_len[sounds->depth - 1];

	return tg_span_copy(sounds->path + at, sizeof(sounds->path) - at, tg_span_text(name));
}

static void enter(struct conf_sound_folder *sounds, const char *name)
{
	const size_t len = strlen(sounds->path);
	DIR *folder = sounds->depth < DEPTH_MAX && len + 1 < sizeof(sounds->path)
	                      ? open_folder(dirfd(sounds->folders[sounds->depth - 1]), name)
	                      : NULL;

	if (folder != NULL) {
		sounds->path[len] = '/';
		sounds->path[len + 1] = '\0';
		sounds->path_len[sounds->depth] = len + 1;
		sounds->folders[sounds->depth++] = folder;
	}
}

static const char *refusal_of(const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		return "is not a regular file";
	}
	return (st->st_mode & S_IWOTH) != 0          ? "may be written by everybody"
	       : st->st_size > CONF_SOUNDS_MAX_BYTES ? "is too large"
	                                             : NULL;
}

static const char *read_sound(struct conf_sound_folder *sounds, const char *name, struct tg_span *bytes)
{
	const int fd = openat(dirfd(sounds->folders[sounds->depth - 1]), name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why = "cannot be read";
	struct stat st;

	if (fd < 0) {
		return why;
	}
	free(sounds->bytes);
	sounds->bytes = NULL;
	if (fstat(fd, &st) == 0 && (why = refusal_of(&st)) == NULL) {
		sounds->bytes = malloc((size_t)st.st_size + 1);
		const ssize_t got = sounds->bytes != NULL ? read(fd, sounds->bytes, (size_t)st.st_size) : -1;

		why = got == st.st_size ? NULL : "cannot be read";
		*bytes = (struct tg_span){ sounds->bytes, why == NULL ? (size_t)got : 0 };
	}
	close(fd);
	return why;
}

static bool is_folder(const struct conf_sound_folder *sounds, const char *name)
{
	struct stat st;

	return fstatat(dirfd(sounds->folders[sounds->depth - 1]), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static bool next(void *owner, const char **path, struct tg_span *bytes, const char **why)
{
	struct conf_sound_folder *sounds = owner;

	while (sounds->depth > 0) {
		const struct dirent *entry = readdir(sounds->folders[sounds->depth - 1]);

		if (entry == NULL) {
			closedir(sounds->folders[--sounds->depth]);
		} else if (entry->d_name[0] == '.' || !set_path(sounds, entry->d_name)) {
			continue; /* hidden, or a path longer than any name in the dialplan */
		} else if (is_folder(sounds, entry->d_name)) {
			enter(sounds, entry->d_name);
		} else {
			*path = sounds->path;
			*why = read_sound(sounds, entry->d_name, bytes);
			return true;
		}
	}
	return false;
}

struct conf_sounds conf_sound_folder_files(struct conf_sound_folder *sounds)
{
	return (struct conf_sounds){ .owner = sounds, .next = next };
}
