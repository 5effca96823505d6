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
	SYS_SANDBOX_DESK,   /* its channels, and what it accepts from the sockets it was given */
	SYS_SANDBOX_FENCE,  /* its channels, and the netlink socket it has */
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
 * @param drop  false for the parent, which still has ports to bind, and for the fence: both call sys_sandbox_keep_filter()
 * @return NULL, or what failed (a constant text; errno says more)
 */
TG_MUST_USE const char *sys_sandbox_begin(bool drop);

/** How a process has the capability to change the packet filter, CAP_NET_ADMIN. */
enum sys_sandbox_filter {
	SYS_SANDBOX_ASIDE, /* for a child alone (see sys_proc_spawn()): cannot be used */
	SYS_SANDBOX_LENT,  /* programs that are started have it, too */
	SYS_SANDBOX_OWN,
};

/** Drop all capabilities but this one, if it is there. @return NULL, or what failed */
TG_MUST_USE const char *sys_sandbox_keep_filter(enum sys_sandbox_filter how);

/** Whether this process may try to change the packet filter. In a container the kernel may refuse all the same. */
bool sys_sandbox_has_filter(void);

/**
 * Become this user for good, with its groups, and keep no capability, except the packet filter's, aside, and the one to bind ports
 * below 1024 if `keep_bind`: give that back by sys_sandbox_keep_filter(). Only root can.
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
