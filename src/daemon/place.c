/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/place.h"

#include "daemon/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static_assert(PLACE_PATH_BYTES >= PATH_MAX, "realpath() writes that much");

static bool fail(char why[PLACE_WHY_BYTES], const char *what, const char *path, int error)
{
	snprintf(why, PLACE_WHY_BYTES, "%s %.300s: %s", what, path, strerror(error));
	return false;
}

bool place_user_find(struct place_user *user, const char *name, char why[PLACE_WHY_BYTES])
{
	const struct passwd *found = getpwnam(name);

	if (found == NULL) {
		snprintf(why, PLACE_WHY_BYTES, "there is no user \"%.100s\"", name);
		return false;
	}
	*user = (struct place_user){ name, found->pw_uid, found->pw_gid };
	return true;
}

static bool is_folder(const char *path, char why[PLACE_WHY_BYTES], const char *what)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		return fail(why, what, path, errno);
	}
	return S_ISDIR(st.st_mode) || fail(why, what, path, ENOTDIR);
}

bool place_init_config(struct place *place, const char *config_dir, char why[PLACE_WHY_BYTES])
{
	place->lock_fd = -1;
	place->state_dir[0] = '\0';
	if (realpath(config_dir, place->config_dir) == NULL) {
		return fail(why, "configuration directory", config_dir, errno);
	}
	return is_folder(place->config_dir, why, "configuration directory");
}

bool place_init(struct place *place, const char *config_dir, const char *state_dir, const struct place_user *user,
                char why[PLACE_WHY_BYTES])
{
	if (!place_init_config(place, config_dir, why)) {
		return false;
	}
	const bool made = mkdir(state_dir, 0750) == 0;

	if (!made && errno != EEXIST) {
		return fail(why, "the state directory cannot be made:", state_dir, errno);
	}
	if (realpath(state_dir, place->state_dir) == NULL) {
		return fail(why, "state directory", state_dir, errno);
	}
	if (!is_folder(place->state_dir, why, "state directory")) {
		return false;
	}
	/* Only the folder itself: what is in an old one belongs to whom it belongs. */
	if (user != NULL && chown(place->state_dir, user->uid, user->gid) != 0) {
		return fail(why, "the state directory cannot be given to the user:", place->state_dir, errno);
	}
	return true;
}

static bool join(char path[PLACE_PATH_BYTES], const struct place *place, const char *name)
{
	return (size_t)snprintf(path, PLACE_PATH_BYTES, "%s/%s", place->state_dir, name) < PLACE_PATH_BYTES;
}

static bool tell_holder(int fd, const struct place *place, char why[PLACE_WHY_BYTES])
{
	char pid[16] = "";
	const ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
	snprintf(why, PLACE_WHY_BYTES, "another tollgated (process %s) uses the state directory %.300s",
	         pid[0] != '\0' ? pid : "unknown", place->state_dir);
	return false;
}

bool place_lock(struct place *place, char why[PLACE_WHY_BYTES])
{
	char path[PLACE_PATH_BYTES], pid[16];

	if (!join(path, place, "tollgated.pid")) {
		return fail(why, "lock file in", place->state_dir, ENAMETOOLONG);
	}
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0) {
		return fail(why, "lock file", path, errno);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		tell_holder(fd, place, why);
		close(fd);
		return false;
	}
	const int len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len) {
		fail(why, "lock file", path, errno);
		close(fd);
		return false;
	}
	place->lock_fd = fd;
	return true;
}

static int socket_failed(int fd, const char *path, char why[PLACE_WHY_BYTES])
{
	fail(why, "console socket", path, errno);
	if (fd >= 0) {
		close(fd);
	}
	return -1;
}

int place_console(const struct place *place, char why[PLACE_WHY_BYTES])
{
	char path[PLACE_PATH_BYTES];

	if (!join(path, place, "tollgate.ctl") || strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		errno = ENAMETOOLONG;
		return socket_failed(-1, place->state_dir, why);
	}
	const int fd = listening_bind_unix(path);

	return fd >= 0 && listen(fd, 16) == 0 ? fd : socket_failed(fd, path, why);
}

int place_log(const struct place *place, char why[PLACE_WHY_BYTES])
{
	char path[PLACE_PATH_BYTES];

	if (!join(path, place, "tollgated.log")) {
		fail(why, "log file in", place->state_dir, ENAMETOOLONG);
		return -1;
	}
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0) {
		fail(why, "log file", path, errno);
	}
	return fd;
}

void place_deinit(struct place *place)
{
	char path[PLACE_PATH_BYTES];

	if (place->lock_fd < 0) {
		return;
	}
	if (join(path, place, "tollgate.ctl")) {
		const bool removed = listening_make_way(path);

		(void)removed;
	}
	/* The lock file stays: who removes one lets two others lock a file of the same name. */
	const int emptied = ftruncate(place->lock_fd, 0);

	(void)emptied;
	close(place->lock_fd);
	place->lock_fd = -1;
}
