/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"
#include "iax/format.h"

enum {
	VNAKS_FOR_MEDIA = 5, /* 2.7: a leg whose codec we never heard */
	BOUNDARY_BITS = 15,  /* a full frame at each multiple of 32768 ms */
	FRAME_MS = 20,       /* of a packet of varying length */
};

/* What this packet holds, for counting those that are missing. */
static uint32_t packet_ms(uint64_t bits, size_t len)
{
	const struct iax_format *format = iax_format_find(bits);

	if (format == NULL || len == 0) {
		return 0;
	}
	if (format->frame_bytes == 0 || len < format->frame_bytes) {
		return FRAME_MS;
	}
	return (uint32_t)(len / format->frame_bytes) * format->frame_ms;
}

/* an empty payload is no media. */
static enum iax_err voice_arrived(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	const struct iax_frame *frame = turn->frame;

	if (frame->payload.len == 0) {
		return IAX_OK;
	}
	if (!iax_quality_arrived(&leg->quality, frame->ts_ms, packet_ms(leg->rx_format, frame->payload.len),
	                         turn->now_us)) {
		return IAX_ERR_SEEN;
	}
	leg_tell(turn, IAX_EV_VOICE);
	return IAX_OK;
}

void leg_take_voice(struct leg_turn *turn)
{
	turn->leg->rx_format = turn->frame->subclass;
	voice_arrived(turn);
}

void leg_take_video(struct leg_turn *turn)
{
	turn->leg->rx_video = turn->frame->subclass;
	if (turn->frame->payload.len > 0) {
		leg_tell(turn, IAX_EV_VIDEO);
	}
}

static enum iax_err no_format(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (leg->vnaks_media < VNAKS_FOR_MEDIA && leg_send_vnak(turn)) {
		leg->vnaks_media++;
	}
	return IAX_ERR_NO_FORMAT;
}

/* A trunk whose clock jumped begins anew; more than one entry in a frame come one millisecond after the other. */
uint32_t leg_trunk_ts_ms(struct leg_turn *turn, uint32_t trunk_ms)
{
	struct leg *leg = turn->leg;
	const uint16_t trunks = turn->ep->trunks;

	leg->trunk_repeats = leg->trunk == trunks ? (uint8_t)(leg->trunk_repeats + 1) : 0;
	if (leg->trunk == 0 || !iax_timeline_is_plausible(&leg->line, trunk_ms + leg->trunk_offset_ms, turn->now_us)) {
		leg->trunk_offset_ms = iax_timeline_expect_ms(&leg->line, turn->now_us) - trunk_ms;
	}
	leg->trunk = trunks;
	return trunk_ms + leg->trunk_offset_ms + leg->trunk_repeats;
}

static bool is_talking(const struct leg *leg)
{
	return leg->state == LEG_LINKED || leg->state == LEG_UP;
}

enum iax_err leg_media_short(struct leg_turn *turn, uint32_t low_ms, bool video)
{
	struct leg *leg = turn->leg;
	struct iax_frame frame = *turn->frame;

	if (!is_talking(leg)) {
		return IAX_ERR_UNEXPECTED;
	}
	if ((video ? leg->rx_video : leg->rx_format) == 0) { /* RFC 5456, 8.1.2: a full frame names the codec first */
		return no_format(turn);
	}
	frame.ts_ms = iax_timeline_rebuild(&leg->line, (uint16_t)low_ms, video ? IAX_TS_VIDEO_BITS : IAX_TS_VOICE_BITS,
	                                   turn->now_us);
	turn->frame = &frame;
	enum iax_err err = IAX_ERR_STALE_MEDIA;

	if (!iax_timeline_is_plausible(&leg->line, frame.ts_ms, turn->now_us)) {
		iax_quality_dropped(&leg->quality);
	} else if (video) {
		leg_tell(turn, IAX_EV_VIDEO);
		err = IAX_OK;
	} else {
		err = voice_arrived(turn);
	}
	turn->frame = NULL;
	return err;
}

static bool must_be_full(const struct leg *leg, const struct leg_wish *wish)
{
	return wish->full || !leg->voice_sent || leg->full_wanted || leg->tx_format != wish->format ||
	       leg->voice_ts_ms >> BOUNDARY_BITS != wish->ts_ms >> BOUNDARY_BITS;
}

/* 2.3: media time, but later than any full frame before. The mini frames behind it keep media time. */
static uint32_t full_ts_ms(const struct leg *leg, uint32_t ts_ms)
{
	return (int32_t)(ts_ms - leg->last_ts_ms) > 0 ? ts_ms : leg->last_ts_ms + 1;
}

static void give_full(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	const struct iax_frame frame = {
		.type = IAX_FRAME_VOICE,
		.subclass = turn->wish->format,
		.ts_ms = full_ts_ms(leg, turn->wish->ts_ms),
		.payload = turn->wish->payload,
	};

	if (leg_send_frame(turn, &frame)) {
		leg->last_ts_ms = frame.ts_ms;
		leg->voice_sent = true;
		leg->full_wanted = false;
		leg->tx_format = turn->wish->format;
	}
}

static void give_mini(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	uint8_t bytes[IAX_DATAGRAM_SENT_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	const struct iax_frame frame = {
		.class = IAX_CLASS_MINI,
		.source = leg->number,
		.ts_ms = turn->wish->ts_ms & 0xffff,
		.payload = turn->wish->payload,
	};

	turn->err = iax_frame_encode(&frame, &w);
	if (turn->err == IAX_OK) {
		core_send(turn->ep, &leg->remote, &leg->local, tg_writer_span(&w));
	}
}

/* While quelched, voice is thrown away before it takes a place in time (5.6.4). */
void leg_give_voice(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (!iax_format_is_audio(turn->wish->format)) {
		turn->err = IAX_ERR_BAD_FORMAT;
		return;
	}
	if (leg->quelched) {
		return;
	}
	if (must_be_full(leg, turn->wish)) {
		give_full(turn);
	} else {
		give_mini(turn);
	}
	if (turn->err == IAX_OK) {
		leg->voice_ts_ms = turn->wish->ts_ms;
	}
}
