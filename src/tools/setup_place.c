/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup_place.h"

#include "tools/setup_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FOLDER_MODE = 0750, FILE_MODE = 0640 };

struct path {
	char text[SETUP_PATH_BYTES + 128];
};

static struct path path_of(const char *folder, const char *name, const char *behind)
{
	struct path path;

	snprintf(path.text, sizeof(path.text), "%s/%s%s", folder, name, behind);
	return path;
}

static struct path backup_of(const struct setup_place *place, size_t i)
{
	char behind[SETUP_STAMP_BYTES + 16];

	snprintf(behind, sizeof(behind), ".backup-%s", place->stamp);
	return path_of(place->folder, setup_file_names[i], behind);
}

static bool failed(char wrong[TOOL_WRONG_BYTES], const char *path)
{
	const int why = errno;

	return setup_wrong(wrong, "%.300s: %s%s", path, strerror(why),
	                   why == EACCES || why == EPERM || why == EROFS ? " (as root, or with --config DIR?)" : "");
}

/* The folder that the folder is in. */
static void parent_of(const char *folder, char out[SETUP_PATH_BYTES])
{
	char *slash = NULL;

	snprintf(out, SETUP_PATH_BYTES, "%s", folder);
	slash = strrchr(out, '/');
	if (slash == NULL) {
		snprintf(out, SETUP_PATH_BYTES, ".");
	} else {
		slash[slash == out ? 1 : 0] = '\0';
	}
}

static void stamp_now(char stamp[SETUP_STAMP_BYTES])
{
	const time_t now = time(NULL);
	struct tm tm;

	strftime(stamp, SETUP_STAMP_BYTES, "%Y%m%d-%H%M%S", gmtime_r(&now, &tm));
}

bool setup_place_look(struct setup_place *place, const char *folder, const char *group, char wrong[TOOL_WRONG_BYTES])
{
	const struct group *found = getuid() == 0 ? getgrnam(group) : NULL;
	char parent[SETUP_PATH_BYTES];
	size_t len = strlen(folder);
	struct stat st;

	*place = (struct setup_place){ .group = found != NULL ? found->gr_gid : (gid_t)-1 };
	if (len == 0 || len + 64 > sizeof(place->folder)) {
		return setup_wrong(wrong, "the folder's name is empty or too long");
	}
	snprintf(place->folder, sizeof(place->folder), "%s", folder);
	while (len > 1 && place->folder[len - 1] == '/') {
		place->folder[--len] = '\0';
	}
	stamp_now(place->stamp);
	place->is_new = stat(place->folder, &st) != 0 && errno == ENOENT;
	parent_of(place->folder, parent);
	if (access(place->is_new ? parent : place->folder, W_OK | X_OK) != 0) {
		return failed(wrong, place->is_new ? parent : place->folder);
	}
	if (!place->is_new && !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return failed(wrong, place->folder);
	}
	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		place->has[i] = lstat(path_of(place->folder, setup_file_names[i], "").text, &st) == 0;
	}
	return true;
}

bool setup_place_has_files(const struct setup_place *place)
{
	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		if (place->has[i]) {
			return true;
		}
	}
	return false;
}

bool setup_place_stage(struct setup_place *place, char wrong[TOOL_WRONG_BYTES])
{
	char parent[SETUP_PATH_BYTES];

	parent_of(place->folder, parent);
	/* On the same file system as what it becomes. */
	snprintf(place->stage, sizeof(place->stage), "%.900s/.tollgate-setup-XXXXXX",
	         place->is_new ? parent : place->folder);
	if (mkdtemp(place->stage) == NULL) {
		place->stage[0] = '\0';
		return failed(wrong, place->is_new ? parent : place->folder);
	}
	if ((place->group != (gid_t)-1 && chown(place->stage, (uid_t)-1, place->group) != 0) ||
	    chmod(place->stage, FOLDER_MODE) != 0) {
		return failed(wrong, place->stage);
	}
	return true;
}

static bool write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		const ssize_t done = write(fd, text, len);

		if (done < 0 && errno != EINTR) {
			return false;
		}
		text += done > 0 ? done : 0;
		len -= done > 0 ? (size_t)done : 0;
	}
	return true;
}

bool setup_place_write(struct setup_place *place, const char *name, const char *text, char wrong[TOOL_WRONG_BYTES])
{
	const struct path path = path_of(place->stage, name, "");
	const int fd = open(path.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	const bool ok = fd >= 0 && write_all(fd, text) &&
	                (place->group == (gid_t)-1 || fchown(fd, (uid_t)-1, place->group) == 0) &&
	                fchmod(fd, FILE_MODE) == 0 && fsync(fd) == 0;
	const bool result = ok || failed(wrong, path.text);

	if (fd >= 0) {
		close(fd);
	}
	return result;
}

/* ---- Into a folder that is there ---- */

static void put_back(struct setup_place *place)
{
	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		const struct path path = path_of(place->folder, setup_file_names[i], ""), backup = backup_of(place, i);

		/* Two names of one file: rename() would leave both. */
		if (place->kept[i] && !place->placed[i]) {
			unlink(backup.text);
		} else if (place->kept[i]) {
			rename(backup.text, path.text);
		} else if (place->placed[i]) {
			unlink(path.text);
		}
		place->kept[i] = place->placed[i] = false;
	}
}

/* A second name for what is there, so that at no time there is none. */
static bool keep_old(struct setup_place *place, char wrong[TOOL_WRONG_BYTES])
{
	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		const struct path path = path_of(place->folder, setup_file_names[i], ""), backup = backup_of(place, i);

		if (!place->has[i]) {
			continue;
		}
		if (linkat(AT_FDCWD, path.text, AT_FDCWD, backup.text, 0) != 0) {
			return failed(wrong, backup.text);
		}
		place->kept[i] = true;
	}
	return true;
}

static bool place_new(struct setup_place *place, char wrong[TOOL_WRONG_BYTES])
{
	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		const struct path from = path_of(place->stage, setup_file_names[i], ""),
				  to = path_of(place->folder, setup_file_names[i], "");
		/* What came to be there meanwhile is nobody's to replace. */
		const unsigned how = place->has[i] ? 0 : RENAME_NOREPLACE;

		if (renameat2(AT_FDCWD, from.text, AT_FDCWD, to.text, how) != 0) {
			return failed(wrong, to.text);
		}
		place->placed[i] = true;
	}
	return true;
}

static void folder_sync(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

bool setup_place_commit(struct setup_place *place, char wrong[TOOL_WRONG_BYTES])
{
	folder_sync(place->stage);
	if (place->is_new) {
		char parent[SETUP_PATH_BYTES];

		if (renameat2(AT_FDCWD, place->stage, AT_FDCWD, place->folder, RENAME_NOREPLACE) != 0) {
			return failed(wrong, place->folder);
		}
		place->stage[0] = '\0';
		parent_of(place->folder, parent);
		folder_sync(parent);
		return true;
	}
	if (!keep_old(place, wrong) || !place_new(place, wrong)) {
		put_back(place);
		return false;
	}
	folder_sync(place->folder);
	return true;
}

void setup_place_drop(struct setup_place *place)
{
	if (place->stage[0] == '\0') {
		return;
	}
	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		unlink(path_of(place->stage, setup_file_names[i], "").text);
	}
	rmdir(place->stage);
	place->stage[0] = '\0';
}
