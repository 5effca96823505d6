/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_FILES_H
#define TG_CONF_FILES_H

#include "base/tg.h"

enum conf_read {
	CONF_READ_OK,
	CONF_READ_MISSING,
	CONF_READ_REFUSED, /* there, but not readable or not to be trusted */
};

enum { CONF_NAMES_MAX = 1000 };

/** Collects the names that a glob found. */
struct conf_names {
	char *names[CONF_NAMES_MAX];
	size_t count;
	bool incomplete; /* there were more, or no memory for them */
};

/** Copies the path. */
void conf_names_add(struct conf_names *names, const char *path);
void conf_names_sort(struct conf_names *names);
void conf_names_free(struct conf_names *names);

/** Where configuration files come from: a folder (conf/disk.h), or memory in tests. */
struct conf_files {
	void *owner;
	/**
	 * One whole file.
	 *
	 * @param path  relative to the configuration directory, or absolute
	 * @param text  malloc'd, need not end in NUL; the caller wipes and frees it
	 * @param why   for CONF_READ_REFUSED: a constant text such as "is not a regular file"
	 */
	enum conf_read (*read)(void *owner, const char *path, char **text, size_t *len, const char **why);
	/** Names of the files that a pattern matches, in any order, as read() takes them. */
	void (*glob)(void *owner, const char *pattern, struct conf_names *names);
	const char *zone; /* the machine's time zone as a rule (model/when.h), lent; NULL for UTC */
};

#endif
