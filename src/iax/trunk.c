/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/trunk.h"

struct iax_trunk_walk iax_trunk_walk_of(const struct iax_frame *frame)
{
	assert(frame->class == IAX_CLASS_META_TRUNK);
	return (struct iax_trunk_walk){ .r = tg_reader_of(frame->payload), .stamped = frame->stamped };
}

bool iax_trunk_next(struct iax_trunk_walk *walk, struct iax_trunk_entry *out)
{
	struct tg_reader *r = &walk->r;
	uint16_t len_bytes;

	*out = (struct iax_trunk_entry){ 0 };
	if (tg_reader_left(r) == 0) {
		return false;
	}
	if (walk->stamped) { /* the length, then a whole mini frame */
		len_bytes = tg_take_u16(r);
		out->source = tg_take_u16(r) & IAX_CALLNO_MASK;
		out->ts_low_ms = tg_take_u16(r);
	} else {
		out->source = tg_take_u16(r) & IAX_CALLNO_MASK;
		len_bytes = tg_take_u16(r);
	}
	out->payload = tg_take_span(r, len_bytes);
	return tg_reader_ok(r);
}

bool iax_trunk_is_cut(const struct iax_trunk_walk *walk)
{
	return !tg_reader_ok(&walk->r);
}

enum iax_err iax_trunk_put_entry(struct tg_writer *w, bool stamped, const struct iax_trunk_entry *entry)
{
	const size_t head = stamped ? IAX_TRUNK_ENTRY_STAMP_BYTES : IAX_TRUNK_ENTRY_BYTES;

	if (entry->source == IAX_CALLNO_NONE || entry->source > IAX_CALLNO_MAX || entry->payload.len > UINT16_MAX) {
		return IAX_ERR_NOT_SENDABLE;
	}
	if (!tg_writer_ok(w) || head + entry->payload.len > w->size_bytes - w->len) {
		return IAX_ERR_TOO_LONG;
	}
	const uint16_t len_bytes = (uint16_t)entry->payload.len;

	tg_put_u16(w, stamped ? len_bytes : entry->source);
	tg_put_u16(w, stamped ? entry->source : len_bytes);
	if (stamped) {
		tg_put_u16(w, entry->ts_low_ms);
	}
	tg_put_span(w, entry->payload);
	return IAX_OK;
}
