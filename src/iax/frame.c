/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/frame.h"

enum { EXPONENT_MAX = 62 };

static enum iax_err decode_full(struct iax_frame *out, struct tg_reader *r)
{
	const uint16_t first = tg_take_u16(r);
	const uint16_t second = tg_take_u16(r);

	out->class = IAX_CLASS_FULL;
	out->source = first & IAX_CALLNO_MASK;
	out->destination = second & IAX_CALLNO_MASK;
	out->retry = (second & IAX_RETRY_BIT) != 0;
	out->ts_ms = tg_take_u32(r);
	out->oseqno = tg_take_u8(r);
	out->iseqno = tg_take_u8(r);
	out->type = tg_take_u8(r);
	out->subclass_byte = tg_take_u8(r);
	out->subclass = iax_subclass_decode(out->subclass_byte, out->type, &out->marker);
	out->payload = tg_take_rest(r);
	return tg_reader_ok(r) ? IAX_OK : IAX_ERR_SHORT;
}

static enum iax_err decode_mini(struct iax_frame *out, struct tg_reader *r)
{
	out->class = IAX_CLASS_MINI;
	out->source = tg_take_u16(r);
	out->ts_ms = tg_take_u16(r);
	out->payload = tg_take_rest(r);
	return tg_reader_ok(r) ? IAX_OK : IAX_ERR_SHORT;
}

static enum iax_err decode_meta_video(struct iax_frame *out, struct tg_reader *r)
{
	(void)tg_take_u16(r);
	const uint16_t second = tg_take_u16(r);
	const uint16_t stamp = tg_take_u16(r);

	out->class = IAX_CLASS_META_VIDEO;
	out->source = second & IAX_CALLNO_MASK;
	out->marker = (stamp & IAX_MARKER_BIT) != 0;
	out->ts_ms = stamp & ~IAX_MARKER_BIT;
	out->payload = tg_take_rest(r);
	return tg_reader_ok(r) ? IAX_OK : IAX_ERR_SHORT;
}

static enum iax_err decode_meta(struct iax_frame *out, struct tg_reader *r)
{
	(void)tg_take_u16(r);
	const uint8_t command = tg_take_u8(r);
	const uint8_t flags = tg_take_u8(r);

	out->class = IAX_CLASS_META_TRUNK;
	if (command != IAX_META_TRUNK) {
		return IAX_ERR_BAD_META;
	}
	out->stamped = flags == 1;
	out->ts_ms = tg_take_u32(r);
	out->payload = tg_take_rest(r);
	if (!tg_reader_ok(r)) {
		return IAX_ERR_SHORT;
	}
	return flags <= 1 ? IAX_OK : IAX_ERR_BAD_META;
}

enum iax_err iax_frame_decode(struct iax_frame *out, struct tg_span bytes)
{
	struct tg_reader peek = tg_reader_of(bytes);
	struct tg_reader r = peek;
	const uint16_t first = tg_take_u16(&peek);
	const uint16_t second = tg_take_u16(&peek);

	*out = (struct iax_frame){ 0 };
	if (!tg_reader_ok(&peek)) {
		return IAX_ERR_SHORT;
	}
	if ((first & IAX_FULL_BIT) != 0) {
		return decode_full(out, &r);
	}
	if (first != IAX_CALLNO_NONE) {
		return decode_mini(out, &r);
	}
	return (second & IAX_VIDEO_BIT) != 0 ? decode_meta_video(out, &r) : decode_meta(out, &r);
}

static bool is_media(uint8_t type)
{
	return type == IAX_FRAME_VOICE || type == IAX_FRAME_VIDEO || type == IAX_FRAME_IMAGE;
}

uint64_t iax_subclass_decode(uint8_t octet, uint8_t type, bool *marker)
{
	*marker = type == IAX_FRAME_VIDEO && (octet & IAX_SUBCLASS_MARKER) != 0;
	if (!is_media(type)) {
		return octet;
	}
	if (*marker) {
		octet &= (uint8_t)~IAX_SUBCLASS_MARKER;
	}
	if ((octet & IAX_SUBCLASS_POWER) == 0) {
		return octet;
	}
	const unsigned exponent = octet & IAX_SUBCLASS_EXPONENT;

	return exponent <= EXPONENT_MAX ? UINT64_C(1) << exponent : 0;
}

/* The octet of a power of two; 0 if the value is none, or over 2^62. */
static uint8_t power_octet(uint64_t value)
{
	for (unsigned exponent = 0; exponent <= EXPONENT_MAX; exponent++) {
		if (value == UINT64_C(1) << exponent) {
			return (uint8_t)(IAX_SUBCLASS_POWER | exponent);
		}
	}
	return 0;
}

bool iax_subclass_encode(uint8_t *octet, uint8_t type, uint64_t subclass, bool marker)
{
	/* The marker takes bit 6 from VIDEO, so there it is 64, not 128, that must be compressed first. */
	const uint64_t plain_max = type == IAX_FRAME_VIDEO ? IAX_SUBCLASS_MARKER - 1 : IAX_SUBCLASS_POWER - 1;

	if (!is_media(type)) {
		*octet = (uint8_t)subclass;
		return subclass <= UINT8_MAX && !marker;
	}
	*octet = subclass <= plain_max ? (uint8_t)subclass : power_octet(subclass);
	if (*octet == 0 && subclass != 0) {
		return false;
	}
	if (marker) {
		*octet |= IAX_SUBCLASS_MARKER;
	}
	return !marker || type == IAX_FRAME_VIDEO;
}

static enum iax_err put_full(const struct iax_frame *frame, struct tg_writer *w)
{
	uint8_t octet;

	if (frame->source > IAX_CALLNO_MAX || frame->destination > IAX_CALLNO_MAX ||
	    !iax_subclass_encode(&octet, frame->type, frame->subclass, frame->marker)) {
		return IAX_ERR_NOT_SENDABLE;
	}
	tg_put_u16(w, frame->source | IAX_FULL_BIT);
	tg_put_u16(w, (uint16_t)(frame->destination | (frame->retry ? IAX_RETRY_BIT : 0)));
	tg_put_u32(w, frame->ts_ms);
	tg_put_u8(w, frame->oseqno);
	tg_put_u8(w, frame->iseqno);
	tg_put_u8(w, frame->type);
	tg_put_u8(w, octet);
	return IAX_OK;
}

static enum iax_err put_mini(const struct iax_frame *frame, struct tg_writer *w)
{
	if (frame->source == IAX_CALLNO_NONE || frame->source > IAX_CALLNO_MAX) {
		return IAX_ERR_NOT_SENDABLE;
	}
	tg_put_u16(w, frame->source);
	tg_put_u16(w, (uint16_t)frame->ts_ms);
	return IAX_OK;
}

static enum iax_err put_meta_video(const struct iax_frame *frame, struct tg_writer *w)
{
	const unsigned marker = frame->marker ? IAX_MARKER_BIT : 0;

	if (frame->source > IAX_CALLNO_MAX) {
		return IAX_ERR_NOT_SENDABLE;
	}
	tg_put_u16(w, 0);
	tg_put_u16(w, frame->source | IAX_VIDEO_BIT);
	tg_put_u16(w, (uint16_t)((frame->ts_ms & ~(uint32_t)IAX_MARKER_BIT) | marker));
	return IAX_OK;
}

static enum iax_err put_trunk(const struct iax_frame *frame, struct tg_writer *w)
{
	tg_put_u16(w, 0);
	tg_put_u8(w, IAX_META_TRUNK);
	tg_put_u8(w, frame->stamped ? 1 : 0);
	tg_put_u32(w, frame->ts_ms);
	return IAX_OK;
}

unsigned iax_frame_kind(struct tg_span bytes)
{
	struct tg_reader r = tg_reader_of(bytes);
	const uint16_t first = tg_take_u16(&r);
	const uint16_t second = tg_take_u16(&r);

	if ((first & IAX_FULL_BIT) == 0) {
		return IAX_KIND_OTHER;
	}
	return (second & IAX_CALLNO_MASK) == IAX_CALLNO_NONE ? IAX_KIND_OPENING : IAX_KIND_FULL;
}

enum iax_err iax_frame_put_header(const struct iax_frame *frame, struct tg_writer *w)
{
	static enum iax_err (*const put[])(const struct iax_frame *, struct tg_writer *) = {
		[IAX_CLASS_FULL] = put_full,
		[IAX_CLASS_MINI] = put_mini,
		[IAX_CLASS_META_VIDEO] = put_meta_video,
		[IAX_CLASS_META_TRUNK] = put_trunk,
	};
	const enum iax_err err = put[frame->class](frame, w);

	if (err != IAX_OK) {
		return err;
	}
	return tg_writer_ok(w) ? IAX_OK : IAX_ERR_TOO_LONG;
}

enum iax_err iax_frame_encode(const struct iax_frame *frame, struct tg_writer *w)
{
	const enum iax_err err = iax_frame_put_header(frame, w);

	if (err != IAX_OK) {
		return err;
	}
	tg_put_span(w, frame->payload);
	return tg_writer_ok(w) ? IAX_OK : IAX_ERR_TOO_LONG;
}

bool iax_frame_is_unnumbered(const struct iax_frame *frame)
{
	if (frame->class != IAX_CLASS_FULL || frame->type != IAX_FRAME_IAX) {
		return false;
	}
	return frame->subclass == IAX_ACK || frame->subclass == IAX_INVAL || frame->subclass == IAX_VNAK ||
	       frame->subclass == IAX_TXCNT || frame->subclass == IAX_TXACC;
}
