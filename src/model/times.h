/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_TIMES_H
#define TG_MODEL_TIMES_H

#include "model/world.h"

/**
 * `times,weekdays,days,months,zone` as behind the name of an include, and in front of the "?" of GotoIfTime: a part that is missing or
 * "*" is no limit. Whether it is open at a minute says when_is_open(). Pure.
 *
 * @param row  its name, texts and origin are left alone
 * @return NULL, or what was expected (a constant text)
 */
TG_MUST_USE const char *times_read(struct world_include *row, struct tg_span text);

#endif
