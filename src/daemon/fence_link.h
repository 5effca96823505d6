/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_FENCE_LINK_H
#define TG_DAEMON_FENCE_LINK_H

#include "base/bytes.h"

/** One netlink socket to the packet filter, opened before the sandbox and kept open. The kernel answers within the send. */
struct fence_link;

/** @return NULL with errno */
struct fence_link *fence_link_open(void);
void fence_link_close(struct fence_link *link);

/** Somebody hears of each message that the kernel refused; of many it may not name all. */
struct fence_refused {
	void (*on)(void *owner, uint32_t seq, int error);
	void *owner;
};

/**
 * Send a transaction, or a question, and take the answer.
 *
 * @param refused  NULL for nobody
 * @return 0, or the first error that the kernel gave (a positive errno): then nothing of the transaction was done
 */
TG_MUST_USE int fence_link_do(struct fence_link *link, struct tg_span messages, const struct fence_refused *refused);

#endif
