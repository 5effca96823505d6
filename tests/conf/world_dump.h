/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_CONF_WORLD_DUMP_H
#define TG_TESTS_CONF_WORLD_DUMP_H

#include "conf/conf.h"

/**
 * The settings, accounts and registrations of a result, and its secrets, as lines "user alice:
 * language=de". malloc'd.
 */
char *accounts_dump(const struct conf_result *result);

/** Contexts with their extensions in order, includes and globals. malloc'd. */
char *dialplan_dump(const struct world *world);

#endif
