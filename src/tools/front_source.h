/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_FRONT_SOURCE_H
#define TG_TOOLS_FRONT_SOURCE_H

#include "conf/files.h"
#include "tools/front_text.h"

/** Remembers the files that a load reads. */

struct front_file {
	struct front_file *next;
	const char *name;  /* below the folder, plain; links of the last part are not followed */
	const char *place; /* where it is, relative to the folder: links are followed */
	struct tg_span text;
	struct front_edit *theirs; /* changes for the backend; of the first file of a place */
	struct front_edit *ours;   /* changes in our copy */
	const char *append;        /* for the backend: what is put behind it */
	struct tg_span their_text, our_text;
};

struct front_source {
	const struct conf_files *from; /* lent */
	const char *folder;            /* absolute, without links; NULL: names are places (tests) */
	struct conf_arena *arena;      /* of all that is remembered; lent */
	struct front_file *first, *last;
};

/** Relative, and never up (".."): below any folder it stays below. */
bool front_source_is_plain(const char *name);

/**
 * What the configuration calls `name`, as it is called below the folder: without "." and empty parts, and where it is absolute or
 * goes up, without links in its folders. A pattern may be its last part. What is not inside stays as it is, and is not plain.
 *
 * @return malloc'd, or NULL
 */
char *front_source_name(const char *folder, const char *name);

/** For conf_dialect_load(); lent as long as source lives. */
struct conf_files front_source_files(struct front_source *source);

/** By the name that a line's place has; NULL for none. */
struct front_file *front_source_find(const struct front_source *source, const char *name);

/** The first file that is at the same place. */
struct front_file *front_source_original(const struct front_source *source, const struct front_file *file);

/** Files as they would be after a change: some from memory, all others from below. */
struct front_view {
	const struct conf_files *under; /* lent; NULL: nothing is there */
	const char *folder;             /* names may begin with it; NULL: they do not */
	struct front_view_file {
		struct front_view_file *next;
		const char *name;
		struct tg_span text;
	} * files;
};

/** Without memory it is left out; the arena has latched then. */
void front_view_add(struct front_view *view, struct conf_arena *arena, const char *name, struct tg_span text);

/** For conf_load(); lent as long as view lives. */
struct conf_files front_view_files(struct front_view *view);

#endif
