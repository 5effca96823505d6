/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_SETUP_PLACE_H
#define TG_TOOLS_SETUP_PLACE_H

#include "tools/options.h"

#include <sys/types.h>

enum { SETUP_PATH_BYTES = 1024, SETUP_STAMP_BYTES = 24 };

/**
 * The folder of the configuration, and the new one that is to become it. Until setup_place_commit() nothing changes; after
 * setup_place_drop() nothing is left of what was not committed.
 *
 * A folder that is not there yet comes into being with one rename. Into one that is there the files go one by one, each with a
 * rename, after those of the same name were kept as NAME.backup-YYYYMMDD-HHMMSS; if one fails, all are put back.
 */
struct setup_place {
	char folder[SETUP_PATH_BYTES];
	char stage[SETUP_PATH_BYTES];  /* "" while there is none */
	char stamp[SETUP_STAMP_BYTES]; /* of the backups */
	bool is_new;                   /* the folder is not there yet */
	bool has[8];                   /* by setup_file_names: such a file is there */
	bool kept[8], placed[8];       /* of a commit under way */
	gid_t group;                   /* who may read, (gid_t)-1: whoever it is */
};

/**
 * Look at the folder; nothing is made.
 *
 * @param group  the name of who may read the files, if we are root and there is such a group
 * @return false with why, if no files could be written there
 */
TG_MUST_USE bool setup_place_look(struct setup_place *place, const char *folder, const char *group,
                                  char wrong[TOOL_WRONG_BYTES]);

/** Whether any of the files is there already. */
bool setup_place_has_files(const struct setup_place *place);

/** Make the new folder, 0750. @return false with why */
TG_MUST_USE bool setup_place_stage(struct setup_place *place, char wrong[TOOL_WRONG_BYTES]);

/** A file into it, 0640, and onto the disk. @return false with why */
TG_MUST_USE bool setup_place_write(struct setup_place *place, const char *name, const char *text,
                                   char wrong[TOOL_WRONG_BYTES]);

/** Make it so. @return false with why: then all is as before */
TG_MUST_USE bool setup_place_commit(struct setup_place *place, char wrong[TOOL_WRONG_BYTES]);

/** Remove what is not committed. */
void setup_place_drop(struct setup_place *place);

#endif
