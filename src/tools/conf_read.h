/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_CONF_READ_H
#define TG_TOOLS_CONF_READ_H

#include "conf/conf.h"
#include "conf/disk.h"
#include "sys/zone.h"

/** Configurations as tollgated reads them: the folder's files, and the machine's time zone. */

struct tool_conf_folder {
	struct conf_disk disk;
	struct conf_files
		files; /* for conf_load(); lent until it is closed. The zone is set even if it cannot be opened */
	char zone[SYS_ZONE_BYTES];
};

/** @param folder  stays where it is: files points there. @return false if there is no such folder; errno says why */
TG_MUST_USE bool tool_conf_open(struct tool_conf_folder *folder, const char *path);
void tool_conf_close(struct tool_conf_folder *folder);

/**
 * Load what is in a folder, without its secrets: what is weak in them is told among the problems.
 *
 * @param tool   whose errors they are: "check" for `tollgate check`
 * @param trace  told each line of an option; NULL: nobody is
 * @param out    filled in whatever happens; conf_result_free() it
 * @return false if it cannot be used: standard error says why
 */
TG_MUST_USE bool tool_conf_read(const char *tool, const char *path, const struct conf_trace *trace,
                                struct conf_result *out);

#endif
