/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_CONF_MEMORY_FILES_H
#define TG_TESTS_CONF_MEMORY_FILES_H

#include "conf/files.h"
#include "conf/problem.h"

/** One file in memory; text NULL: refused as unreadable. */
struct memory_file {
	const char *path, *text;
	size_t len; /* 0: as long as the text */
};

struct memory_files {
	const struct memory_file *files;
	size_t count;
};

/** Files that read and glob from an array. */
struct conf_files memory_files_io(struct memory_files *files);

/** All problems, a line each, into a malloc'd text. */
char *problems_dump(const struct conf_problems *problems);

/** Text that grows; starts as NULL. */
void text_append(char **text, const char *format, ...) TG_PRINTF(2, 3);

#endif
