/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_INCLUDE_H
#define TG_CONF_INCLUDE_H

#include "conf/app.h"

/**
 * The times behind the name of `include => context,times,weekdays,days,months,zone`: a part that is missing or "*" is no limit.
 *
 * @param row  its name, texts and origin are left alone
 * @return false with what was expected
 */
TG_MUST_USE bool conf_include_times(struct tg_span text, struct world_include *row, char expected[CONF_EXPECTED_BYTES]);

#endif
