/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_BELL_H
#define TG_ENGINE_BELL_H

#include <stdatomic.h>

#include "base/tg.h"

/**
 * Wakes one thread that waits in its loop. Who puts something into a ring of that thread rings afterwards; a system call is made only
 * if the thread sleeps, or is about to: it arms the bell, looks at its rings once more, and then waits.
 */
struct bell {
	int fd; /* becomes readable; for the thread's loop */
	_Atomic uint32_t armed;
};

/** @return false with errno */
TG_MUST_USE bool bell_init(struct bell *bell);
void bell_deinit(struct bell *bell);

/** Any thread. */
void bell_ring(struct bell *bell);

/** The waiting thread: from now on, look at the rings again, then wait. */
void bell_arm(struct bell *bell);
void bell_disarm(struct bell *bell);

/** The descriptor was readable. */
void bell_heard(struct bell *bell);

#endif
