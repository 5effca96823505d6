/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_CHECK_H
#define TG_SWITCH_CHECK_H

#include "switch/switch.h"

/**
 * Whether everything in the block fits together: to be asked between two turns, by tests after every event.
 *
 * @return NULL, or what does not (a constant text)
 */
const char *switch_check(const struct tg_switch *sw);

/** Whether nothing is left of any call: all slabs that calls use are empty. */
bool switch_is_idle(const struct tg_switch *sw);

#endif
