/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_DIALECT_H
#define TG_CONF_DIALECT_H

#include "conf/files.h"
#include "conf/problem.h"

/**
 * The file dialect of iax.conf, extensions.conf and acl.conf, before any word in it has a meaning: comments, sections,
 * templates, includes. What comes out is sections in file order, each with its lines in order; lines that a section
 * inherits stand in front of its own and keep the place they were written at.
 */

enum {
	CONF_LINE_MAX = 8190,    /* octets of a physical line; a longer one is skipped with a warning */
	CONF_VALUE_MAX = 8191,   /* octets of a value, also after "+=" */
	CONF_SECTION_MAX = 79,   /* octets of a section's name */
	CONF_COMMENTS_MAX = 128, /* block comments inside each other */
	CONF_INCLUDES_MAX = 10,  /* includes inside each other */
	CONF_FILES_MAX = 1000,   /* files read in one load */
	CONF_ERRORS_MAX = 100,   /* then a load gives up */
};

struct conf_line {
	struct conf_line *next;
	const char *name, *value; /* trimmed; value may be "" */
	struct conf_place at;
};

struct conf_section {
	struct conf_section *next;
	const char *name;
	struct conf_place at;
	bool is_template; /* [x](!): only there to be inherited from */
	struct conf_line *lines, *last;
};

struct conf_dialect {
	struct conf_arena arena; /* of all that the sections point to */
	struct conf_section *sections, *last;
};

enum conf_loaded {
	CONF_LOADED,
	CONF_MISSING, /* no such file; nothing was reported */
	CONF_FAILED,  /* errors were reported; sections are what could be read */
};

/**
 * Read a file and all it includes.
 *
 * @param out  filled in whatever the result; conf_dialect_free() it
 */
TG_MUST_USE enum conf_loaded conf_dialect_load(struct conf_dialect *out, const struct conf_files *files,
                                               const char *path, struct conf_problems *problems);

/** Wipes it: values hold secrets. */
void conf_dialect_free(struct conf_dialect *dialect);

#endif
