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

/** The same, and the child gets the capability to change the packet filter, if we have it (see sys_sandbox_keep_filter()). */
pid_t sys_proc_spawn_with_filter(const char *const argv[], int keep_fd, int out_fd);

enum { SYS_PROC_CHANNEL_FD = 3, SYS_PROC_SAID_BYTES = 200 };

/**
 * Run a program with an empty environment, give it a text to read, and wait for its end.
 *
 * @param argv      NULL-terminated; argv[0] is the program's path
 * @param said      the beginning of what it says on standard output and error
 * @param limit_us  after so long it is ended
 * @return whether it ended with code 0; if it could not be started or took too long, said tells so
 */
TG_MUST_USE bool sys_proc_run(const char *const argv[], const char *text, uint64_t limit_us,
                              char said[SYS_PROC_SAID_BYTES]);

/** The name of the calling thread, which for the first thread is the name of the process in `ps -e` and `top`; 15 characters. */
void sys_proc_name(const char *name);

/** In a child: leave SIGINT, SIGHUP and SIGTERM to the parent, who tells the child what to do; no SIGPIPE. */
void sys_proc_attach(void);

/** Let the process have as many descriptors as the system lets it. */
void sys_proc_raise_limits(void);

#endif
