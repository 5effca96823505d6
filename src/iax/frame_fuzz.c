/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram that decodes encodes to the same bytes again, but for a format written in an unusual way. */
#include "iax/frame.h"
#include "iax/fuzz.h"

enum { BUFFER_BYTES = 70000 };

static bool same_frame(const struct iax_frame *a, const struct iax_frame *b)
{
	return a->class == b->class && a->source == b->source && a->destination == b->destination &&
	       a->ts_ms == b->ts_ms && a->oseqno == b->oseqno && a->iseqno == b->iseqno && a->type == b->type &&
	       a->subclass == b->subclass && a->retry == b->retry && a->marker == b->marker &&
	       a->stamped == b->stamped && tg_span_equal(a->payload, b->payload);
}

/* Subclasses of media may be written in ways that we never use; nothing else may differ. */
static bool same_bytes(struct tg_span a, struct tg_span b, const struct iax_frame *frame)
{
	const bool media = frame->class == IAX_CLASS_FULL &&
	                   (frame->type == IAX_FRAME_VOICE || frame->type == IAX_FRAME_VIDEO ||
	                    frame->type == IAX_FRAME_IMAGE);

	if (a.len != b.len) {
		return false;
	}
	for (size_t i = 0; i < a.len; i++) {
		if (a.p[i] != b.p[i] && !(media && i == IAX_FULL_BYTES - 1)) {
			return false;
		}
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buffer[BUFFER_BYTES];
	const struct tg_span bytes = { data, size };
	struct tg_writer w = tg_writer_of(buffer, sizeof(buffer));
	struct iax_frame frame, again;
	const enum iax_err err = iax_frame_decode(&frame, bytes);

	if (err != IAX_OK) {
		assert(err == IAX_ERR_SHORT || err == IAX_ERR_BAD_META);
		return 0;
	}
	assert(fuzz_is_within(frame.payload, bytes));
	assert(frame.source <= IAX_CALLNO_MAX && frame.destination <= IAX_CALLNO_MAX);
	assert(frame.class != IAX_CLASS_MINI || frame.source != IAX_CALLNO_NONE);
	assert(iax_frame_encode(&frame, &w) == IAX_OK);
	assert(same_bytes(tg_writer_span(&w), bytes, &frame));
	assert(iax_frame_decode(&again, tg_writer_span(&w)) == IAX_OK);
	assert(same_frame(&frame, &again));
	return 0;
}
