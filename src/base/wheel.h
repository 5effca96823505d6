/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_WHEEL_H
#define TG_BASE_WHEEL_H

#include "base/tg.h"

/**
 * A hierarchical timing wheel over timers 0..count-1, in memory of the caller and free of pointers. One tick is a
 * millisecond; setting and clearing are O(1). A timer never fires early and at most one tick late.
 */
struct tg_wheel;

size_t tg_wheel_size(uint32_t count);

/** @param mem  tg_wheel_size() bytes, aligned to 8, zeroed */
struct tg_wheel *tg_wheel_init(void *mem, uint32_t count, uint64_t now_us);

/** Set or move a timer; TG_NEVER clears it. A deadline in the past fires at the next expire. */
void tg_wheel_set(struct tg_wheel *wheel, uint32_t timer, uint64_t deadline_us);

/** The deadline a timer was set to, TG_NEVER if it is not set. */
uint64_t tg_wheel_get(const struct tg_wheel *wheel, uint32_t timer);

/** Bytes that may be anything: may tg_wheel_get() read so many timers there? */
bool tg_wheel_is_whole(const struct tg_wheel *wheel, uint32_t count);

/**
 * Take one expired timer (it is cleared). Call until it returns false.
 *
 * @param now_us  never smaller than in the call before
 */
bool tg_wheel_expire(struct tg_wheel *wheel, uint64_t now_us, uint32_t *timer);

/** A time not later than the next timer's expiry; TG_NEVER if none is set. Waking then makes progress. */
uint64_t tg_wheel_deadline_us(const struct tg_wheel *wheel);

#endif
