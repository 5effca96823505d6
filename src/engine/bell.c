/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/bell.h"

#include <sys/eventfd.h>
#include <unistd.h>

bool bell_init(struct bell *bell)
{
	atomic_init(&bell->armed, 0);
	bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return bell->fd >= 0;
}

void bell_deinit(struct bell *bell)
{
	if (bell->fd >= 0) {
		close(bell->fd);
		bell->fd = -1;
	}
}

void bell_ring(struct bell *bell)
{
	const uint64_t one = 1;

	/* Exchanges on both sides: either we see it armed, or it sees what we put in before. */
	if (atomic_exchange_explicit(&bell->armed, 0, memory_order_acq_rel) != 0) {
		(void)!write(bell->fd, &one, sizeof(one)); /* a full counter is readable, too */
	}
}

void bell_arm(struct bell *bell)
{
	atomic_exchange_explicit(&bell->armed, 1, memory_order_acq_rel);
}

void bell_disarm(struct bell *bell)
{
	atomic_store_explicit(&bell->armed, 0, memory_order_relaxed);
}

void bell_heard(struct bell *bell)
{
	uint64_t count;

	(void)!read(bell->fd, &count, sizeof(count));
}
