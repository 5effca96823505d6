/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_SANDBOX_LANDLOCK_H
#define TG_SYS_SANDBOX_LANDLOCK_H

#include "sys/sandbox.h"

/** The file rules of sys_sandbox_enter(). @return NULL, or what failed */
TG_MUST_USE const char *sys_landlock_enter(const struct sys_sandbox *sandbox, const struct tg_log *log);

/** The version of Landlock that the running kernel has; 0 for none. */
unsigned sys_landlock_abi(void);

#endif
