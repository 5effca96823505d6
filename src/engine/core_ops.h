/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_CORE_OPS_H
#define TG_ENGINE_CORE_OPS_H

#include "engine/core.h"

/** What the switch asks of its thread: questions for the vault, records for the store, entries for the relays, and the guard's word. */
struct switch_ops core_ops_of(struct core *core);

/** Both clocks, as this turn read them. */
static inline struct terms_now core_now(const struct core *core)
{
	return (struct terms_now){ core->now_us, core->wall_us };
}

#endif
