/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over a trunk frame ends, and what it gave can be put together again. */
#include "iax/fuzz.h"
#include "iax/trunk.h"

enum { BUFFER_BYTES = 70000 };

/* What cannot be sent is left out: entries for number 0. */
static size_t put_again(const struct iax_frame *frame, struct tg_writer *w)
{
	struct iax_trunk_walk walk = iax_trunk_walk_of(frame);
	struct iax_trunk_entry entry;
	size_t count = 0, used = 0;

	while (iax_trunk_next(&walk, &entry)) {
		assert(fuzz_is_within(entry.payload, frame->payload));
		assert(entry.source <= IAX_CALLNO_MAX && (frame->stamped || entry.ts_low_ms == 0));
		used += entry.payload.len + (frame->stamped ? IAX_TRUNK_ENTRY_STAMP_BYTES : IAX_TRUNK_ENTRY_BYTES);
		assert(used <= frame->payload.len);
		if (entry.source != IAX_CALLNO_NONE) {
			assert(iax_trunk_put_entry(w, frame->stamped, &entry) == IAX_OK);
			count++;
		}
	}
	assert(!iax_trunk_next(&walk, &entry));
	assert(iax_trunk_is_cut(&walk) == (used != frame->payload.len));
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tg_span bytes = { data, size };
	static uint8_t first[BUFFER_BYTES], second[BUFFER_BYTES];
	struct tg_writer w1 = tg_writer_of(first, sizeof(first));
	struct tg_writer w2 = tg_writer_of(second, sizeof(second));
	struct iax_frame frame;

	if (iax_frame_decode(&frame, bytes) != IAX_OK || frame.class != IAX_CLASS_META_TRUNK) {
		return 0;
	}
	const size_t count = put_again(&frame, &w1);

	frame.payload = tg_writer_span(&w1);
	assert(put_again(&frame, &w2) == count);
	assert(tg_span_equal(tg_writer_span(&w1), tg_writer_span(&w2)));
	return 0;
}
