/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_keep.h"

#include "tools/front_added.h"
#include "tools/front_file.h"
#include "tools/front_manifest.h"
#include "tools/places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static char *join(const char *folder, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* ---- the folder ---- */

/* The daemon's user owns the folder above: what lies there is believed only if it is ours alone. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* The daemon's own, if its user is known. */
static void give_to_daemon(const char *state_dir)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam(TOOL_DAEMON) : NULL;

	if (user != NULL && chown(state_dir, user->pw_uid, user->pw_gid) != 0) {
		fprintf(stderr, "tollgate front: %s cannot be given to the user tollgate\n", state_dir);
	}
}

static bool make_folders(const char *state_dir, const char *folder, char why[FRONT_WHY_BYTES])
{
	if (mkdir(state_dir, 0750) == 0) {
		give_to_daemon(state_dir);
	} else if (errno != EEXIST) {
		return front_file_failed(why, "cannot make the state directory", state_dir);
	}
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		return front_file_failed(why, "cannot make", folder);
	}
	return true;
}

/* Old files without a manifest are of an init that stopped before it changed any. */
static void remove_strays(const struct front_keep *keep)
{
	const int fd = openat(keep->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

	for (const struct dirent *at; folder != NULL && (at = readdir(folder)) != NULL;) {
		if (at->d_name[0] >= '0' && at->d_name[0] <= '9') {
			(void)unlinkat(keep->fd, at->d_name, 0);
		}
	}
	if (folder != NULL) {
		closedir(folder);
	} else if (fd >= 0) {
		close(fd);
	}
}

static enum front_keep_opened lock(struct front_keep *keep, char why[FRONT_WHY_BYTES])
{
	if (!is_ours(keep->fd)) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s does not belong to who runs this, or others may write there",
		         keep->folder);
		return FRONT_KEEP_FAILED;
	}
	if (flock(keep->fd, LOCK_EX | LOCK_NB) != 0) {
		snprintf(why, FRONT_WHY_BYTES, "another \"tollgate front\" is at work in %.300s", keep->folder);
		return FRONT_KEEP_FAILED;
	}
	if (!front_manifest_read(keep, why)) {
		return FRONT_KEEP_FAILED;
	}
	if (keep->count == 0) {
		remove_strays(keep);
	}
	return FRONT_KEEP_OPEN;
}

enum front_keep_opened front_keep_open(struct front_keep *keep, const char *state_dir, bool make,
                                       char why[FRONT_WHY_BYTES])
{
	*keep = (struct front_keep){ .folder = join(state_dir, "front"), .fd = -1 };
	if (keep->folder == NULL || (make && !make_folders(state_dir, keep->folder, why))) {
		return FRONT_KEEP_FAILED;
	}
	keep->fd = open(keep->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (keep->fd < 0 && errno == ENOENT) {
		return FRONT_KEEP_NONE;
	}
	if (keep->fd < 0) {
		front_file_failed(why, "cannot open", keep->folder);
		return FRONT_KEEP_FAILED;
	}
	return lock(keep, why);
}

void front_keep_close(struct front_keep *keep)
{
	front_manifest_free(keep);
	if (keep->fd >= 0) {
		close(keep->fd);
	}
	free(keep->folder);
	*keep = (struct front_keep){ .fd = -1 };
}

/* ---- looking ---- */

static bool is_hash_of(const uint8_t hash[CRYPT_SHA256_BYTES], struct tg_span text)
{
	uint8_t found[CRYPT_SHA256_BYTES];

	crypt_sha256(found, text);
	return memcmp(hash, found, sizeof(found)) == 0;
}

enum front_found front_keep_look(const struct front_entry *entry)
{
	struct tg_span text;
	struct stat st;

	if (entry->is_folder) {
		return lstat(entry->path, &st) == 0 ? FRONT_IS_NEW : FRONT_IS_OLD;
	}
	if (!front_file_read(entry->path, &text, &st)) {
		return errno == ENOENT && !entry->existed ? FRONT_IS_OLD : FRONT_IS_CHANGED;
	}
	const enum front_found found = is_hash_of(entry->new_hash, text)                     ? FRONT_IS_NEW
	                               : entry->existed && is_hash_of(entry->old_hash, text) ? FRONT_IS_OLD
	                                                                                     : FRONT_IS_CHANGED;

	front_file_free(text);
	return found;
}

/* ---- doing ---- */

static void remove_backups(const struct front_keep *keep)
{
	for (size_t i = 0; i < keep->count; i++) {
		if (keep->entries[i].backup != NULL) {
			(void)unlinkat(keep->fd, keep->entries[i].backup, 0);
		}
	}
}

/* What was planned must be about the file that is there. */
static bool check_unchanged(const struct front_write *write, struct tg_span text, const struct stat *st,
                            char why[FRONT_WHY_BYTES])
{
	if (write->was.p == NULL || write->was.len != text.len || memcmp(write->was.p, text.p, text.len) != 0) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s changed meanwhile: run this again", write->path);
		return false;
	}
	if (st->st_nlink != 1) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s has other names (hard links), which would keep the old file",
		         write->path);
		return false;
	}
	return true;
}

static bool keep_old(struct front_keep *keep, struct front_entry *entry, const struct front_write *write,
                     struct tg_span text, const struct stat *st, char why[FRONT_WHY_BYTES])
{
	const struct front_owner mine = { .uid = geteuid(), .gid = getegid(), .mode = 0600 };

	if (!check_unchanged(write, text, st, why)) {
		return false;
	}
	entry->existed = true;
	entry->uid = st->st_uid;
	entry->gid = st->st_gid;
	entry->mode = st->st_mode & 07777;
	entry->mtime = st->st_mtim;
	crypt_sha256(entry->old_hash, text);
	if (asprintf(&entry->backup, "%zu", (size_t)(entry - keep->entries)) < 0) {
		entry->backup = NULL;
		return front_file_failed(why, "cannot keep", write->path);
	}
	return front_file_write_at(keep->fd, entry->backup, text, &mine, why);
}

static bool enter_file(struct front_keep *keep, const struct front_write *write, char why[FRONT_WHY_BYTES])
{
	struct front_entry *entry = &keep->entries[keep->count];
	struct tg_span text;
	struct stat st;
	bool good;

	*entry = (struct front_entry){ .path = strdup(write->path), .kind = write->kind };
	crypt_sha256(entry->new_hash, write->text);
	keep->count++;
	if (front_file_read(write->path, &text, &st)) {
		good = keep_old(keep, entry, write, text, &st, why);
		front_file_free(text);
		return good;
	}
	entry->uid = write->uid;
	entry->gid = write->gid;
	entry->mode = write->mode;
	if (errno == ENOENT && write->was.p != NULL) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s went away meanwhile: run this again", write->path);
		return false;
	}
	return errno == ENOENT || front_file_failed(why, "cannot read", write->path);
}

static void enter_folder(struct front_keep *keep, const struct front_folder *folder)
{
	struct stat st;

	if (stat(folder->path, &st) != 0) {
		keep->entries[keep->count++] = (struct front_entry){ .is_folder = true,
			                                             .path = strdup(folder->path),
			                                             .mode = folder->mode,
			                                             .uid = folder->uid,
			                                             .gid = folder->gid };
	}
}

static size_t count_all(const struct front_folder *folders, const struct front_write *writes)
{
	size_t count = 0;

	for (; folders != NULL; folders = folders->next) {
		count++;
	}
	for (; writes != NULL; writes = writes->next) {
		count++;
	}
	return count;
}

static bool enter_all(struct front_keep *keep, const struct front_folder *folders, const struct front_write *writes,
                      char why[FRONT_WHY_BYTES])
{
	const size_t count = count_all(folders, writes);

	keep->entries = calloc(count + 1, sizeof(*keep->entries));
	if (keep->entries == NULL || count > FRONT_ENTRIES_MAX) {
		snprintf(why, FRONT_WHY_BYTES, "too many files");
		return false;
	}
	for (; folders != NULL; folders = folders->next) {
		enter_folder(keep, folders);
	}
	for (; writes != NULL; writes = writes->next) {
		if (!enter_file(keep, writes, why)) {
			return false;
		}
	}
	return front_manifest_write(keep, why);
}

static bool make_folder(const struct front_entry *entry, char why[FRONT_WHY_BYTES])
{
	const struct front_owner owner = { .uid = entry->uid, .gid = entry->gid, .mode = entry->mode };

	return front_file_make_folder(entry->path, &owner) || front_file_failed(why, "cannot make", entry->path);
}

static bool write_entry(const struct front_entry *entry, const struct front_write *write, char why[FRONT_WHY_BYTES])
{
	const bool is_new = !entry->existed || write->kind == FRONT_COPY;
	const struct front_owner owner = { .uid = is_new ? write->uid : entry->uid,
		                           .gid = is_new ? write->gid : entry->gid,
		                           .mode = is_new ? write->mode : entry->mode };

	return front_file_write(entry->path, write->text, &owner, why);
}

bool front_keep_apply(struct front_keep *keep, const struct front_folder *folders, const struct front_write *writes,
                      char why[FRONT_WHY_BYTES])
{
	if (!enter_all(keep, folders, writes, why)) {
		remove_backups(keep);
		front_manifest_free(keep);
		(void)rmdir(keep->folder);
		return false;
	}
	for (size_t i = 0; i < keep->count; i++) {
		const struct front_entry *entry = &keep->entries[i];

		if (entry->is_folder ? !make_folder(entry, why) : !write_entry(entry, writes, why)) {
			return false;
		}
		writes = entry->is_folder ? writes : writes->next;
	}
	return true;
}

/* ---- undoing ---- */

static bool read_backup(const struct front_keep *keep, const struct front_entry *entry, struct tg_span *text,
                        char why[FRONT_WHY_BYTES])
{
	struct stat st;

	if (!front_file_read_at(keep->fd, entry->backup, text, &st)) {
		return front_file_failed(why, "cannot read what was kept of", entry->path);
	}
	if (!is_hash_of(entry->old_hash, *text)) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s/%s is not what was kept there", keep->folder, entry->backup);
		front_file_free(*text);
		return false;
	}
	return true;
}

static bool check_backup(const struct front_keep *keep, const struct front_entry *entry, char why[FRONT_WHY_BYTES])
{
	struct tg_span text;

	if (!read_backup(keep, entry, &text, why)) {
		return false;
	}
	front_file_free(text);
	return true;
}

/* What undo can do with a file that was changed since. */
enum changed {
	CHANGED_ASIDE,    /* only as PATH.changed */
	CHANGED_TAKE_OUT, /* what we added is there as it was: the rest stays */
	CHANGED_STAYS,    /* what we added is there no more */
};

static enum changed look_at_change(const struct front_entry *entry, struct tg_span *text, struct stat *st)
{
	enum changed can = CHANGED_ASIDE;
	struct front_added added;

	*text = (struct tg_span){ 0 };
	if ((entry->kind == FRONT_ADDED || !entry->existed) && front_file_read(entry->path, text, st)) {
		added = front_added_find(*text);
		can = added.len == 0 ? CHANGED_STAYS : added.is_intact ? CHANGED_TAKE_OUT : CHANGED_ASIDE;
	}
	return can;
}

static bool check_unchanged_since(const struct front_entry *entry, char why[FRONT_WHY_BYTES])
{
	struct tg_span text;
	struct stat st;

	if (front_keep_look(entry) != FRONT_IS_CHANGED || entry->kind == FRONT_COPY) {
		return true;
	}
	const enum changed can = look_at_change(entry, &text, &st);

	front_file_free(text);
	if (can != CHANGED_ASIDE) {
		return true;
	}
	snprintf(why, FRONT_WHY_BYTES,
	         "%.300s was changed since. Take your change out of it, or use --force: the changed file is kept as "
	         "%.40s.changed, and the old one given back",
	         entry->path, front_file_name(entry->path));
	return false;
}

/* Before anything is given back. */
static bool check_all(const struct front_keep *keep, bool force, char why[FRONT_WHY_BYTES])
{
	for (size_t i = 0; i < keep->count; i++) {
		const struct front_entry *entry = &keep->entries[i];

		if (entry->existed &&
		    (!check_backup(keep, entry, why) || (!force && !check_unchanged_since(entry, why)))) {
			return false;
		}
	}
	return true;
}

static bool put_aside(const struct front_entry *entry, char why[FRONT_WHY_BYTES])
{
	return front_file_aside(entry->path) || front_file_failed(why, "cannot keep the changed", entry->path);
}

static bool take_out(const struct front_entry *entry, struct tg_span text, const struct stat *st,
                     char why[FRONT_WHY_BYTES])
{
	const struct front_owner owner = { .uid = st->st_uid, .gid = st->st_gid, .mode = st->st_mode & 07777 };
	const struct front_added added = front_added_find(text);
	uint8_t *rest = malloc(text.len + 1);

	if (rest == NULL) {
		return front_file_failed(why, "cannot write", entry->path);
	}
	memcpy(rest, text.p, added.at);
	memcpy(rest + added.at, text.p + added.at + added.len, text.len - added.at - added.len);
	const bool good = front_file_write(entry->path, (struct tg_span){ rest, text.len - added.len }, &owner, why);

	front_file_free((struct tg_span){ rest, text.len - added.len });
	return good;
}

/* @return 1 done, 0 failed, -1 it has to be put aside, or to stay */
static int keep_change(const struct front_entry *entry, front_keep_told *told, void *owner, char why[FRONT_WHY_BYTES])
{
	struct tg_span text;
	struct stat st;
	int done = -1;

	switch (look_at_change(entry, &text, &st)) {
	case CHANGED_TAKE_OUT:
		told(owner, entry->path, "[front] is taken out; what was changed since stays");
		done = take_out(entry, text, &st, why) ? 1 : 0;
		break;
	case CHANGED_STAYS:
		told(owner, entry->path, "was changed since, and stays");
		done = 1;
		break;
	case CHANGED_ASIDE:
		break;
	}
	front_file_free(text);
	return done;
}

static bool give_back(const struct front_keep *keep, const struct front_entry *entry, char why[FRONT_WHY_BYTES])
{
	const struct front_owner owner = {
		.uid = entry->uid, .gid = entry->gid, .mode = entry->mode, .mtime = &entry->mtime
	};
	struct tg_span text;

	if (!read_backup(keep, entry, &text, why)) {
		return false;
	}
	const bool good = front_file_write(entry->path, text, &owner, why);

	front_file_free(text);
	return good;
}

static bool undo_old(const struct front_keep *keep, const struct front_entry *entry, front_keep_told *told, void *owner,
                     char why[FRONT_WHY_BYTES])
{
	switch (front_keep_look(entry)) {
	case FRONT_IS_OLD:
		return true;
	case FRONT_IS_NEW:
		told(owner, entry->path, "given back");
		return give_back(keep, entry, why);
	case FRONT_IS_CHANGED:
		break;
	}
	const int kept = entry->kind == FRONT_ADDED ? keep_change(entry, told, owner, why) : -1;

	if (kept >= 0) {
		return kept > 0;
	}
	told(owner, entry->path, "given back; the changed file is beside it (.changed)");
	return put_aside(entry, why) && give_back(keep, entry, why);
}

static bool undo_new(const struct front_entry *entry, front_keep_told *told, void *owner, char why[FRONT_WHY_BYTES])
{
	if (entry->is_folder) {
		const bool gone = front_file_remove(entry->path, AT_REMOVEDIR);

		(void)gone; /* others may have put something there */
		return true;
	}
	switch (front_keep_look(entry)) {
	case FRONT_IS_OLD:
		return true;
	case FRONT_IS_NEW:
		told(owner, entry->path, "removed");
		return front_file_remove(entry->path, 0) || front_file_failed(why, "cannot remove", entry->path);
	case FRONT_IS_CHANGED:
		break;
	}
	const int kept = keep_change(entry, told, owner, why);

	if (kept < 0) {
		told(owner, entry->path, "was changed since, and stays");
	}
	return kept != 0;
}

/* The manifest first: without it there is nothing to undo. */
static bool forget(struct front_keep *keep, char why[FRONT_WHY_BYTES])
{
	if (!front_manifest_remove(keep, why)) {
		return false;
	}
	remove_backups(keep);
	(void)rmdir(keep->folder);
	return true;
}

bool front_keep_undo(struct front_keep *keep, bool force, front_keep_told *told, void *owner, char why[FRONT_WHY_BYTES])
{
	if (!check_all(keep, force, why)) {
		return false;
	}
	for (size_t i = keep->count; i-- > 0;) {
		const struct front_entry *entry = &keep->entries[i];

		if (!entry->is_folder) {
			front_file_tidy(entry->path);
		}
		if (entry->existed ? !undo_old(keep, entry, told, owner, why) : !undo_new(entry, told, owner, why)) {
			return false;
		}
	}
	return forget(keep, why);
}
