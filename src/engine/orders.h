/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_ORDERS_H
#define TG_ENGINE_ORDERS_H

#include "engine/verdicts.h"

/** An operator's wishes for the guard, from the desk. */

/**
 * Do it, and tell the store as an event.
 *
 * @param text  what was done, or why not; for people
 * @return false if it was not done
 */
bool orders_do(struct verdicts *verdicts, const struct ipc_guard_do *order, char text[IPC_TEXT_BYTES],
               struct terms_now now);

#endif
