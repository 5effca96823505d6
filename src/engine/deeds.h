/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_DEEDS_H
#define TG_ENGINE_DEEDS_H

#include "engine/trace.h"
#include "switch/switch.h"

/** An operator's wishes for calls and registrations, from the desk. */

/**
 * @param text  what was done, or why not; for people
 * @return false if it was not done
 */
bool deeds_do(struct tg_switch *sw, struct trace *trace, const struct ipc_engine_do *order, char text[IPC_TEXT_BYTES],
              uint64_t now_us);

#endif
