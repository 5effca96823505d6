/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_SANDBOX_H
#define TG_SYS_SANDBOX_H

#include "base/log.h"

/** What a process may still ask of the kernel, after it has opened all it needs. */
enum sys_sandbox_role {
	SYS_SANDBOX_ENGINE, /* its sockets, memory and threads; start the threads after entering */
	SYS_SANDBOX_VAULT,  /* its channels and memory */
	SYS_SANDBOX_STORE,  /* files below one folder */
	SYS_SANDBOX_LOADER, /* reading files below some folders; name resolution */
	SYS_SANDBOX_SOUNDS, /* reading files below some folders, and no more */
	SYS_SANDBOX_DESK,   /* its channels, and unix sockets it accepts from the one it was given */
	SYS_SANDBOX_ROLES,
};

enum { SYS_SANDBOX_PATHS = 16 };

struct sys_sandbox {
	enum sys_sandbox_role role;
	const char *read_paths
		[SYS_SANDBOX_PATHS]; /* files and folders to read below, NULL after the last; absent ones are skipped */
	const char *write_path;      /* a folder to read, write, create and remove files below; NULL for none */
};

/**
 * First thing in every process: no core file, not dumpable, no new privileges, and no capability left if `drop`.
 *
 * @param drop  false for the parent, which still has ports to bind
 * @return NULL, or what failed (a constant text; errno says more)
 */
TG_MUST_USE const char *sys_sandbox_begin(bool drop);

/**
 * Become this user for good, with its groups, and keep no capability, except the one to bind ports below 1024 if `keep_bind`: give
 * that back by sys_sandbox_begin(true). Only root can.
 *
 * @return NULL, or what failed
 */
TG_MUST_USE const char *sys_sandbox_become(unsigned uid, unsigned gid, const char *user, bool keep_bind);

/**
 * Close the door: Landlock rules (none but the paths given; asked of the running kernel, and left out with a log line where it
 * has none), then a list of allowed system calls. Any other system call ends the process. Threads must not exist yet.
 *
 * @return NULL, or what failed: then the process must not go on
 */
TG_MUST_USE const char *sys_sandbox_enter(const struct sys_sandbox *sandbox, const struct tg_log *log);

/** Keep a block out of cores and, as far as the system lets us, out of swap. */
void sys_sandbox_hide_memory(void *at, size_t size_bytes);

#endif
