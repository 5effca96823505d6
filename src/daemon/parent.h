/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_PARENT_H
#define TG_DAEMON_PARENT_H

#include "daemon/options.h"

/**
 * The process that starts, connects, watches and restarts the others, holds sockets and images, and meets nobody.
 *
 * @return the exit code: 0 ended as asked, 1 could not start or run
 */
int parent_main(const struct options *options);

/** --check-config: run the loader once and print what it says. @return 0 if the configuration can be used, else 1 */
int parent_check_config(const struct options *options);

#endif
