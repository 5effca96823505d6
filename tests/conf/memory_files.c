/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/memory_files.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum conf_read memory_read(void *owner, const char *path, char **text, size_t *len, const char **why)
{
	const struct memory_files *files = owner;

	for (size_t i = 0; i < files->count; i++) {
		const struct memory_file *file = &files->files[i];

		if (strcmp(file->path, path) != 0) {
			continue;
		}
		if (file->text == NULL) {
			*why = "is not a regular file";
			return CONF_READ_REFUSED;
		}
		*len = file->len > 0 ? file->len : strlen(file->text);
		*text = malloc(*len > 0 ? *len : 1);
		memcpy(*text, file->text, *len);
		return CONF_READ_OK;
	}
	return CONF_READ_MISSING;
}

static void memory_glob(void *owner, const char *pattern, struct conf_names *names)
{
	const struct memory_files *files = owner;

	for (size_t i = 0; i < files->count; i++) {
		if (fnmatch(pattern, files->files[i].path, FNM_PATHNAME) == 0) {
			conf_names_add(names, files->files[i].path);
		}
	}
}

struct conf_files memory_files_io(struct memory_files *files)
{
	return (struct conf_files){ .owner = files, .read = memory_read, .glob = memory_glob };
}

void text_append(char **text, const char *format, ...)
{
	const size_t before = *text != NULL ? strlen(*text) : 0;
	va_list args;

	va_start(args, format);
	const int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	*text = realloc(*text, before + (size_t)len + 1);
	va_start(args, format);
	vsnprintf(*text + before, (size_t)len + 1, format, args);
	va_end(args);
}

char *problems_dump(const struct conf_problems *problems)
{
	char line[CONF_PROBLEM_BYTES];
	char *text = NULL;

	text_append(&text, "%s", "");
	for (const struct conf_problem *p = problems->first; p != NULL; p = p->next) {
		text_append(&text, "%s\n", conf_problem_format(p, line));
	}
	return text;
}
