/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_COUNTER_H
#define TG_MODEL_COUNTER_H

#include "base/tg.h"

/** Whether a counter's name, such as "switch.refused.ok", ends with what stands for none of the reasons or events it is one of. */
bool model_counter_is_none(const char *name);

#endif
