/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_FRONT_KEEP_H
#define TG_TOOLS_FRONT_KEEP_H

#include "crypt/hash.h"

#include <sys/stat.h>

/**
 * Changes files so that it can be taken back: old files and a manifest are on disk before the first file changes, so a
 * crash at any point leaves what front_keep_undo() mends. Lives in STATE/front, which is its owner's alone.
 */

enum { FRONT_WHY_BYTES = 512, FRONT_ENTRIES_MAX = 2500 };

/** Whose a file is that exists. */
enum front_kind {
	FRONT_OLD,   /* the backend's */
	FRONT_COPY,  /* ours, all of it: it may hold secrets that what was there had not. Changes do not stop undo */
	FRONT_ADDED, /* ours, with front_added.h at its end: what else is changed in it stays */
	FRONT_KINDS,
};

/** A file to write. */
struct front_write {
	struct front_write *next;
	const char *path;    /* absolute, without links */
	struct tg_span text; /* what will be in it */
	struct tg_span was;  /* what must be in it now; p NULL: it must not exist */
	enum front_kind kind;
	mode_t mode; /* of a new file, and of FRONT_COPY; others that exist keep their own, and their owner */
	uid_t uid;
	gid_t gid;
};

/** A folder to make if it is not there; owner as of a new file. */
struct front_folder {
	struct front_folder *next;
	const char *path;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/** How a file stands to what was written. */
enum front_found {
	FRONT_IS_OLD, /* as before; also a new file that is not there */
	FRONT_IS_NEW, /* as written */
	FRONT_IS_CHANGED,
};

/** One line of the manifest. */
struct front_entry {
	bool is_folder, existed;
	enum front_kind kind; /* of one that existed */
	char *path, *backup;  /* backup: a name below STATE/front; NULL for none */
	uint8_t old_hash[CRYPT_SHA256_BYTES], new_hash[CRYPT_SHA256_BYTES];
	uid_t uid;
	gid_t gid;
	mode_t mode;
	struct timespec mtime;
};

struct front_keep {
	char *folder; /* STATE/front */
	int fd;       /* of the folder, locked */
	struct front_entry *entries;
	size_t count; /* 0: nothing was changed */
};

enum front_keep_opened {
	FRONT_KEEP_OPEN,
	FRONT_KEEP_NONE,   /* there is no such folder, and it was not to be made */
	FRONT_KEEP_FAILED, /* why says it */
};

/**
 * Open and lock STATE/front, and read its manifest.
 *
 * @param make  make the folder, and the state directory, if they are not there
 * @return front_keep_close() it in any case
 */
enum front_keep_opened front_keep_open(struct front_keep *keep, const char *state_dir, bool make,
                                       char why[FRONT_WHY_BYTES]);
void front_keep_close(struct front_keep *keep);

/** Look at one file now. Folders are FRONT_IS_NEW if they are there. */
enum front_found front_keep_look(const struct front_entry *entry);

/** Write all. The keep must have no entries. After a failure undo mends, if there are entries then. */
TG_MUST_USE bool front_keep_apply(struct front_keep *keep, const struct front_folder *folders,
                                  const struct front_write *writes, char why[FRONT_WHY_BYTES]);

/** Told for each file that undo touched, or left. */
typedef void front_keep_told(void *owner, const char *path, const char *what);

/**
 * Give back what was before, last change first. Changed files that existed before stop it before it begins; with force
 * they are kept as PATH.changed, as changed copies are without. New files that were changed since stay; so does what was changed beside
 * what we added.
 */
TG_MUST_USE bool front_keep_undo(struct front_keep *keep, bool force, front_keep_told *told, void *owner,
                                 char why[FRONT_WHY_BYTES]);

#endif
