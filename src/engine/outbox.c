/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/outbox.h"

#include <stdatomic.h>
#include <string.h>

enum { OUTBOX_MAGIC = 0x54474f31, OUTBOX_VERSION = 1 };

struct row {
	_Atomic uint64_t sequence; /* 0: free. Set last, so a record is there whole or not at all */
	uint64_t sent;             /* to the store of now */
	struct model_call_record record;
};

struct outbox {
	uint32_t magic, version;
	uint32_t count;
	uint32_t row_bytes;
	uint64_t next_sequence;
	uint64_t used;
	struct row rows[];
};

uint32_t outbox_rows(size_t size_bytes)
{
	const size_t room = size_bytes < sizeof(struct outbox) ? 0 : size_bytes - sizeof(struct outbox);

	return room / sizeof(struct row) > UINT32_MAX ? UINT32_MAX : (uint32_t)(room / sizeof(struct row));
}

static uint64_t sequence_of(const struct row *row)
{
	return atomic_load_explicit(&row->sequence, memory_order_acquire);
}

static void free_row(struct outbox *outbox, struct row *row)
{
	atomic_store_explicit(&row->sequence, 0, memory_order_release);
	outbox->used--;
}

/* What was counted before the last engine died may be anything: count anew. */
static void recount(struct outbox *outbox)
{
	outbox->used = 0;
	for (uint32_t i = 0; i < outbox->count; i++) {
		struct row *row = &outbox->rows[i];

		row->sent = 0;
		outbox->used += sequence_of(row) != 0;
		outbox->next_sequence = tg_max_u64(outbox->next_sequence, sequence_of(row) + 1);
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
	    outbox->row_bytes != sizeof(struct row)) {
		memset(mem, 0, size_bytes);
		*outbox = (struct outbox){ .magic = OUTBOX_MAGIC,
			                   .version = OUTBOX_VERSION,
			                   .count = count,
			                   .row_bytes = sizeof(struct row),
			                   .next_sequence = wall_us + 1 };
	}
	recount(outbox);
	return outbox;
}

uint64_t outbox_put(struct outbox *outbox, const struct model_call_record *record)
{
	for (uint32_t i = 0; outbox->used < outbox->count && i < outbox->count; i++) {
		struct row *row = &outbox->rows[i];

		if (sequence_of(row) == 0) {
			row->record = *record;
			row->sent = 0;
			atomic_store_explicit(&row->sequence, outbox->next_sequence, memory_order_release);
			outbox->used++;
			return outbox->next_sequence++;
		}
	}
	return 0;
}

static struct row *find_row(struct outbox *outbox, uint64_t sequence)
{
	for (uint32_t i = 0; sequence != 0 && outbox->used > 0 && i < outbox->count; i++) {
		if (sequence_of(&outbox->rows[i]) == sequence) {
			return &outbox->rows[i];
		}
	}
	return NULL;
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

	for (uint32_t i = 0; outbox->used > 0 && i < outbox->count; i++) {
		struct row *row = &outbox->rows[i];

		if (sequence_of(row) != 0 && row->sent == 0 &&
		    (oldest == NULL || sequence_of(row) < sequence_of(oldest))) {
			oldest = row;
		}
	}
	return oldest;
}

bool outbox_next(struct outbox *outbox, struct ipc_call_record *out)
{
	struct row *row;

	while ((row = oldest_unsent(outbox)) != NULL) {
		*out = (struct ipc_call_record){ .head.kind = IPC_CALL_RECORD,
			                         .sequence = sequence_of(row),
			                         .record = row->record };
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

	if (row != NULL) {
		row->sent = 1;
	}
}

void outbox_repeat(struct outbox *outbox)
{
	for (uint32_t i = 0; i < outbox->count; i++) {
		outbox->rows[i].sent = 0;
	}
}

uint32_t outbox_used(const struct outbox *outbox)
{
	return (uint32_t)outbox->used;
}
