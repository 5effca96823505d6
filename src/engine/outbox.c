/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/outbox.h"

#include <stdatomic.h>
#include <string.h>

enum { OUTBOX_MAGIC = 0x54474f31, OUTBOX_VERSION = 2 };

struct row {
	_Atomic uint64_t sequence; /* 0: free. Set last, so a record is there whole or not at all */
	uint64_t sent;             /* to the store of now */
};

/* A record's place follows from its sequence: the sequence modulo count. Records follow behind the rows. */
struct outbox {
	uint32_t magic, version;
	uint32_t count;
	uint32_t row_bytes;
	uint64_t next_sequence;
	uint32_t used, unsent;
	uint64_t send_at; /* no record before this sequence is unsent */
	struct row rows[];
};

struct kept {
	struct model_call_record record;
	struct model_paid paid;
};

#define SEQUENCE_END (UINT64_C(1) << 62) /* beyond what counting from any wall time reaches */
#define ROW_BYTES (sizeof(struct row) + sizeof(struct kept))

uint32_t outbox_rows(size_t size_bytes)
{
	const size_t room = size_bytes < sizeof(struct outbox) ? 0 : size_bytes - sizeof(struct outbox);

	return (uint32_t)tg_min_u64(room / ROW_BYTES, UINT32_MAX);
}

static struct kept *kept_of(const struct outbox *outbox, const struct row *row)
{
	const uintptr_t records = (uintptr_t)outbox + sizeof(*outbox) + outbox->count * sizeof(struct row);

	return (struct kept *)records + (row - outbox->rows);
}

static uint64_t sequence_of(const struct row *row)
{
	return atomic_load_explicit(&row->sequence, memory_order_acquire);
}

static void free_row(struct outbox *outbox, struct row *row)
{
	atomic_store_explicit(&row->sequence, 0, memory_order_release);
	outbox->used--;
	outbox->unsent -= row->sent == 0;
}

/* What an engine that died left may be anything: keep what is in its place, and count anew. */
static void recount(struct outbox *outbox)
{
	outbox->used = 0;
	outbox->unsent = 0;
	outbox->send_at = UINT64_MAX;
	for (uint32_t i = 0; i < outbox->count; i++) {
		struct row *row = &outbox->rows[i];
		const uint64_t sequence = sequence_of(row);

		row->sent = 0;
		if (sequence == 0 || sequence % outbox->count != i || sequence >= SEQUENCE_END) {
			atomic_store_explicit(&row->sequence, 0, memory_order_release);
			continue;
		}
		outbox->used++;
		outbox->unsent++;
		outbox->send_at = tg_min_u64(outbox->send_at, sequence);
		outbox->next_sequence = tg_max_u64(outbox->next_sequence, sequence + 1);
	}
}

struct outbox *outbox_adopt(void *mem, size_t size_bytes, uint64_t wall_us)
{
	struct outbox *outbox = mem;
	const uint32_t count = outbox_rows(size_bytes);

	if (count == 0) {
		return NULL;
	}
	if (outbox->magic != OUTBOX_MAGIC || outbox->version != OUTBOX_VERSION || outbox->count != count ||
	    outbox->row_bytes != ROW_BYTES) {
		memset(outbox->rows, 0, count * sizeof(struct row)); /* of what is in no row nothing is read */
		*outbox = (struct outbox){ .magic = OUTBOX_MAGIC,
			                   .version = OUTBOX_VERSION,
			                   .count = count,
			                   .row_bytes = ROW_BYTES,
			                   .next_sequence = wall_us + 1 };
	}
	if (outbox->next_sequence == 0 || outbox->next_sequence >= SEQUENCE_END) {
		outbox->next_sequence = wall_us + 1;
	}
	recount(outbox);
	return outbox;
}

uint64_t outbox_put(struct outbox *outbox, const struct model_call_record *record, const struct model_paid *paid)
{
	for (uint32_t i = 0; outbox->used < outbox->count && i < outbox->count; i++) {
		const uint64_t sequence = outbox->next_sequence++;
		struct row *row = &outbox->rows[sequence % outbox->count];

		if (sequence_of(row) == 0) { /* else one that waits for long: its place is left out */
			*kept_of(outbox, row) = (struct kept){ .record = *record };
			if (paid != NULL) {
				kept_of(outbox, row)->paid = *paid;
			}
			row->sent = 0;
			atomic_store_explicit(&row->sequence, sequence, memory_order_release);
			outbox->used++;
			outbox->unsent++;
			outbox->send_at = tg_min_u64(outbox->send_at, sequence);
			return sequence;
		}
	}
	return 0;
}

static struct row *find_row(struct outbox *outbox, uint64_t sequence)
{
	struct row *row = &outbox->rows[sequence % outbox->count];

	return sequence != 0 && sequence_of(row) == sequence ? row : NULL;
}

bool outbox_kept(struct outbox *outbox, uint64_t sequence)
{
	struct row *row = find_row(outbox, sequence);

	if (row == NULL) {
		return false;
	}
	free_row(outbox, row);
	return true;
}

static struct row *oldest_unsent(struct outbox *outbox)
{
	struct row *oldest = NULL;

	for (uint32_t i = 0; outbox->unsent > 0 && i < outbox->count; i++) {
		struct row *row = find_row(outbox, outbox->send_at + i);

		if (row != NULL && row->sent == 0) {
			outbox->send_at += i;
			return row;
		}
	}
	for (uint32_t i = 0; outbox->unsent > 0 && i < outbox->count; i++) { /* far ahead of an old one */
		struct row *row = &outbox->rows[i];

		if (sequence_of(row) != 0 && row->sent == 0 &&
		    (oldest == NULL || sequence_of(row) < sequence_of(oldest))) {
			oldest = row;
		}
	}
	outbox->send_at = oldest != NULL ? sequence_of(oldest) : outbox->next_sequence;
	return oldest;
}

bool outbox_next(struct outbox *outbox, struct ipc_call_record *out)
{
	struct row *row;

	while ((row = oldest_unsent(outbox)) != NULL) {
		*out = (struct ipc_call_record){ .head.kind = IPC_CALL_RECORD,
			                         .sequence = sequence_of(row),
			                         .record = kept_of(outbox, row)->record,
			                         .paid = kept_of(outbox, row)->paid };
		if (ipc_check(PROC_ENGINE, PROC_STORE, out, sizeof(*out)) == NULL) {
			return true;
		}
		free_row(outbox, row);
	}
	return false;
}

void outbox_sent(struct outbox *outbox, uint64_t sequence)
{
	struct row *row = find_row(outbox, sequence);

	if (row != NULL && row->sent == 0) {
		row->sent = 1;
		outbox->unsent--;
	}
}

void outbox_repeat(struct outbox *outbox)
{
	recount(outbox);
}

uint32_t outbox_used(const struct outbox *outbox)
{
	return outbox->used;
}

uint32_t outbox_room(const struct outbox *outbox)
{
	return outbox->count - outbox->used;
}
