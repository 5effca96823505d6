/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_FENCE_BATCH_H
#define TG_DAEMON_FENCE_BATCH_H

#include "daemon/fence.h"

/**
 * One transaction for the packet filter: elements put into our sets and taken out of them, as netlink messages. It does the same
 * whatever the sets have: what is to go is put in first, and what is to come is taken out first, for its new time.
 */

enum {
	FENCE_BATCH_ELEMENTS = 512,     /* of ours; each is named up to three times: below 4,096 */
	FENCE_BATCH_BYTES = 200 * 1024, /* below what a socket takes in one piece */
};

struct fence_batch {
	char table[FENCE_NAME_BYTES];
	uint32_t elements;
	uint32_t messages;
	uint32_t last; /* where the last message begins */
	uint32_t len;
	uint32_t refused; /* of the elements */
	struct {
		struct fence_element element;
		uint32_t first; /* of its messages */
		bool is_refused;
	} put[FENCE_BATCH_ELEMENTS];
	uint8_t bytes[FENCE_BATCH_BYTES];
};

void fence_batch_begin(struct fence_batch *batch, const char *table);

/** @return false if it is full: end it, send it, begin another */
TG_MUST_USE bool fence_batch_add(struct fence_batch *batch, const struct fence_element *element);

/** The whole of it, its last message to be acknowledged; empty if nothing was added. */
struct tg_span fence_batch_end(struct fence_batch *batch);

/** The kernel refused this message. @return what it was about, lent; NULL for none, or one that was refused already */
const struct fence_element *fence_batch_refuse(struct fence_batch *batch, uint32_t seq);

/** The same transaction without what was refused; empty if nothing is left, or nothing was refused. */
struct tg_span fence_batch_again(struct fence_batch *batch);

/** A transaction that takes everything out of all our sets. */
struct tg_span fence_batch_empty_sets(struct fence_batch *batch, const char *table);

/** A transaction that deletes the table with all that is in it. */
struct tg_span fence_batch_delete_table(struct fence_batch *batch, const char *table);

/** A question whether our table is there (no transaction); acknowledged. */
struct tg_span fence_batch_ask_table(struct fence_batch *batch, const char *table);

#endif
