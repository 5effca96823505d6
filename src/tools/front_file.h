/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_FRONT_FILE_H
#define TG_TOOLS_FRONT_FILE_H

#include "tools/front_keep.h"

/**
 * Whole files, read and replaced: each is on disk, whole, before it has its name. Paths are absolute and without links: a link in one
 * of their folders fails with ELOOP, for who put it there may not be who runs this.
 */

/** What a file is given beside its octets. */
struct front_owner {
	uid_t uid;
	gid_t gid;
	mode_t mode;
	const struct timespec *mtime; /* NULL: now */
};

/**
 * @param text  malloc'd; the caller frees it
 * @param st    of the file that was read
 * @return false with errno; ENOENT if there is none
 */
TG_MUST_USE bool front_file_read(const char *path, struct tg_span *text, struct stat *st);
TG_MUST_USE bool front_file_read_at(int folder, const char *name, struct tg_span *text, struct stat *st);
void front_file_free(struct tg_span text);

/** Replace it, or make it. What a crash leaves behind is called PATH.tollgate-new. */
TG_MUST_USE bool front_file_write(const char *path, struct tg_span text, const struct front_owner *owner,
                                  char why[FRONT_WHY_BYTES]);

/** @param folder  open for reading */
TG_MUST_USE bool front_file_write_at(int folder, const char *name, struct tg_span text, const struct front_owner *owner,
                                     char why[FRONT_WHY_BYTES]);

/** Remove what a crash left behind. */
void front_file_tidy(const char *path);

/** @param flags  AT_REMOVEDIR or 0. @return false with errno */
TG_MUST_USE bool front_file_remove(const char *path, int flags);

/** Rename to PATH.changed, or to PATH.changed.2 and so on if that is there. @return false with errno */
TG_MUST_USE bool front_file_aside(const char *path);

/** @return false with errno */
TG_MUST_USE bool front_file_make_folder(const char *path, const struct front_owner *owner);

/** The folder that has the last part of path: a descriptor, -1 with errno. @param flags  O_RDONLY or O_PATH */
TG_MUST_USE int front_file_folder(const char *path, int flags);

/** The last part, in path. */
const char *front_file_name(const char *path);

/** Sets why to "what PATH: the text of errno". @return false */
bool front_file_failed(char why[FRONT_WHY_BYTES], const char *what, const char *path);

#endif
