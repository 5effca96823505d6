/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_OUTBOX_H
#define TG_ENGINE_OUTBOX_H

#include "ipc/msg.h"

/**
 * Call records that the store has not confirmed. They live in a memory file that outlives the engine, so that a record written here
 * is not lost by the death of engine or store. Adopting one treats it as hostile.
 */
struct outbox;

/** As many records as fit; 0 if not even one does. */
uint32_t outbox_rows(size_t size_bytes);

/**
 * Take a block over, or start it anew if it is all zeros or makes no sense.
 *
 * @param mem      aligned to 8; outlives the outbox
 * @param wall_us  a fresh outbox counts its sequences from here, so that they differ from those of any earlier one
 * @return NULL if not even one record fits
 */
struct outbox *outbox_adopt(void *mem, size_t size_bytes, uint64_t wall_us);

/**
 * @param paid  may be NULL: nothing of it was paid
 * @return the record's sequence; 0 if all places are taken: it is lost
 */
uint64_t outbox_put(struct outbox *outbox, const struct model_call_record *record, const struct model_paid *paid);

/** The store has it. @return false for a sequence that is not here */
bool outbox_kept(struct outbox *outbox, uint64_t sequence);

/**
 * The message for the oldest record not sent since outbox_repeat(); false if there is none.
 *
 * A record that ipc_check() would refuse is dropped on the way: it was not written by a sane engine.
 */
bool outbox_next(struct outbox *outbox, struct ipc_call_record *out);

/** The message was taken by the channel. */
void outbox_sent(struct outbox *outbox, uint64_t sequence);

/** Another store: send all of them again. */
void outbox_repeat(struct outbox *outbox);

uint32_t outbox_used(const struct outbox *outbox);

/** So many more records fit. */
uint32_t outbox_room(const struct outbox *outbox);

#endif
