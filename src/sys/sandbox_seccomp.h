/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_SANDBOX_SECCOMP_H
#define TG_SYS_SANDBOX_SECCOMP_H

#include "sys/sandbox.h"

/** The system call filter of sys_sandbox_enter(). @return NULL, or what failed */
TG_MUST_USE const char *sys_seccomp_enter(enum sys_sandbox_role role);

#endif
