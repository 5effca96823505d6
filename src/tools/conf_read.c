/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/conf_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool tool_conf_open(struct tool_conf_folder *folder, const char *path)
{
	const bool has_zone = sys_zone_rule(folder->zone);
	const bool ok = conf_disk_open(&folder->disk, path);

	folder->files = ok ? conf_disk_files(&folder->disk) : (struct conf_files){ .owner = NULL };
	folder->files.zone = has_zone ? folder->zone : NULL;
	return ok;
}

void tool_conf_close(struct tool_conf_folder *folder)
{
	conf_disk_close(&folder->disk);
}

/* Of a load that failed, the errors alone: tollgated --check-config tells the rest. */
static void print_errors(const struct conf_problems *problems)
{
	char line[CONF_PROBLEM_BYTES];

	for (const struct conf_problem *p = problems->first; p != NULL; p = p->next) {
		if (p->severity == CONF_ERROR) {
			fprintf(stderr, "%s\n", conf_problem_format(p, line));
		}
	}
}

bool tool_conf_read(const char *tool, const char *path, const struct conf_trace *trace, struct conf_result *out)
{
	struct tool_conf_folder folder;

	*out = (struct conf_result){ .failed = true };
	if (!tool_conf_open(&folder, path)) {
		fprintf(stderr, "tollgate %s: configuration directory %s: %s\n", tool, path, strerror(errno));
		return false;
	}
	conf_load_traced(&folder.files, trace, out);
	tool_conf_close(&folder);
	conf_secrets_free(&out->secrets);
	if (out->failed) {
		print_errors(&out->problems);
		fprintf(stderr, "tollgate %s: the configuration in %s cannot be used\n", tool, path);
	}
	return !out->failed;
}
