/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_ROLES_H
#define TG_DAEMON_ROLES_H

#include "ipc/msg.h"

/** What a child process of tollgated is told on its command line: nothing secret. */
struct role_args {
	int channel_fd;         /* to the parent; the role closes it */
	const char *config_dir; /* loader */
	const char *state_dir;  /* store, fence */
	bool with_syslog;       /* store */
	uint64_t generation;    /* loader: of the images it makes */
};

/** One kind of child process. main gives the exit code. */
struct role {
	enum ipc_proc proc;
	const char *name; /* for --role, and with "tg-" in front for ps */
	int (*main)(const struct role_args *args);
};

/**
 * All roles, one each of enum ipc_proc but the parent. The program is put together here, and so a test can put another engine
 * into it.
 */
extern const struct role roles[];
extern const size_t role_count;

int loader_main(const struct role_args *args);
int vault_main(const struct role_args *args);
int store_main(const struct role_args *args);
int fence_main(const struct role_args *args);

#endif
