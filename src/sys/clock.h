/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_CLOCK_H
#define TG_SYS_CLOCK_H

#include "base/tg.h"

/** Monotonic, never runs backwards. Read it once a turn and pass it down. */
uint64_t sys_clock_us(void);

/** Since 1970, UTC; for records and tokens only. */
uint64_t sys_clock_wall_us(void);
uint64_t sys_clock_wall_ms(void);

#endif
