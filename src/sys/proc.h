/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_PROC_H
#define TG_SYS_PROC_H

#include "base/tg.h"

#include <sys/types.h>

/**
 * Start this very program again (/proc/self/exe) with other arguments. The child keeps standard input, output and error and
 * one more descriptor, nothing else; its signal mask is empty.
 *
 * @param argv     NULL-terminated; argv[0] is what `ps` shows first
 * @param keep_fd  in the child it has the number SYS_PROC_CHANNEL_FD
 * @param out_fd   becomes the child's standard output and error; -1 to leave them
 * @return the child's process id, or -1 with errno
 */
pid_t sys_proc_spawn(const char *const argv[], int keep_fd, int out_fd);

enum { SYS_PROC_CHANNEL_FD = 3 };

/** The name of the calling thread, which for the first thread is the name of the process in `ps -e` and `top`; 15 characters. */
void sys_proc_name(const char *name);

/** In a child: leave SIGINT, SIGHUP and SIGTERM to the parent, who tells the child what to do; no SIGPIPE. */
void sys_proc_attach(void);

/** Let the process have as many descriptors as the system lets it. */
void sys_proc_raise_limits(void);

#endif
