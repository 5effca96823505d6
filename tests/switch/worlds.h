/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_SWITCH_WORLDS_H
#define TG_TESTS_SWITCH_WORLDS_H

#include "conf/conf.h"

#include "check.h"

/** A world from the text of both files; problems fail the test. conf_result_free() it. */
void world_read(struct conf_result *conf, const char *iax, const char *extensions);

/** The same with a tollgate.conf; NULL for none. */
void world_read_with(struct conf_result *conf, const char *iax, const char *extensions, const char *tollgate);

/** An address with port 4569. */
struct tg_addr world_addr(const char *text);

#endif
