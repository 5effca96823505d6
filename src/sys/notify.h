/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_NOTIFY_H
#define TG_SYS_NOTIFY_H

#include "base/tg.h"

/**
 * Tell the service manager how we are: "READY=1", "RELOADING=1", "STOPPING=1", "STATUS=text"; lines are separated by newlines.
 *
 * @param socket_name  the value of NOTIFY_SOCKET: a path, or "@name"; NULL if there is no service manager
 * @return false if there is one and it could not be told
 */
bool sys_notify(const char *socket_name, const char *state);

#endif
