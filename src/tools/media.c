/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/media.h"

enum {
	FRAME_US = TOOL_AUDIO_FRAME_MS * TG_US_PER_MS,
	LATE_FRAMES_MAX = 10, /* later than this the far end has no use for them */
	GAP_FILL_MS = 1000,
	ECHO_DRIFT_MS = 200,
};

void tool_media_start(struct tool_media *media, uint64_t format, uint32_t ts_ms, uint64_t now_us)
{
	media->format = format;
	media->next_ts_ms = ts_ms;
	media->next_us = media->source->kind == TOOL_SOURCE_ECHO ? TG_NEVER : now_us;
}

void tool_media_stop(struct tool_media *media)
{
	media->next_us = TG_NEVER;
}

static void frame_send(struct tool_media *media, struct iax_endpoint *ep, struct iax_leg_id leg, uint32_t ts_ms,
                       struct tg_span payload, uint64_t now_us)
{
	if (iax_leg_voice(ep, leg, media->format, ts_ms, payload, false, now_us) == IAX_OK) {
		media->sent++;
		tool_echo_sent(&media->echo, payload);
	}
}

/* Deadlines are absolute: a late wake-up sends the missing frames and shifts nothing. */
void tool_media_send(struct tool_media *media, struct iax_endpoint *ep, struct iax_leg_id leg, uint64_t now_us)
{
	int16_t samples[TOOL_AUDIO_FRAME_SAMPLES];
	uint8_t payload[TOOL_AUDIO_FRAME_BYTES_MAX];

	while (media->next_us <= now_us) {
		tool_source_next(media->source, samples);
		if (now_us - media->next_us > (uint64_t)LATE_FRAMES_MAX * FRAME_US) {
			media->skipped++;
		} else {
			const size_t len = tool_audio_encode(media->audio, media->format, samples,
			                                     TOOL_AUDIO_FRAME_SAMPLES, payload);

			frame_send(media, ep, leg, media->next_ts_ms, (struct tg_span){ payload, len }, now_us);
		}
		media->next_us += FRAME_US;
		media->next_ts_ms += TOOL_AUDIO_FRAME_MS;
	}
}

static bool silence_put(struct tool_wav *wav, uint32_t ms)
{
	static const int16_t silence[TOOL_AUDIO_RATE_HZ / 1000];

	for (uint32_t i = 0; i < ms; i++) {
		if (!tool_wav_put(wav, silence, TG_COUNT(silence))) {
			return false;
		}
	}
	return true;
}

/*
 * Lost packets become silence, late ones are left out, so the recording keeps the sender's time. Less than half a
 * frame off is neither: a full frame may bear a later timestamp than its sound has.
 */
static bool record(struct tool_media *media, const struct iax_event *voice)
{
	int16_t samples[TOOL_AUDIO_FRAME_SAMPLES * 4];
	const size_t count = tool_audio_decode(media->audio, voice->format, voice->payload, samples, TG_COUNT(samples));
	const bool first = media->heard.packets == 0;
	const int32_t ahead_ms = first ? 0 : (int32_t)(voice->ts_ms - media->heard.next_ts_ms);
	const int32_t missing = (ahead_ms + TOOL_AUDIO_FRAME_MS / 2) / TOOL_AUDIO_FRAME_MS;

	if (count == 0 || ahead_ms < -TOOL_AUDIO_FRAME_MS / 2) {
		return true;
	}
	if (ahead_ms < GAP_FILL_MS && !silence_put(media->wav, (uint32_t)missing * TOOL_AUDIO_FRAME_MS)) {
		return false;
	}
	return tool_wav_put(media->wav, samples, count);
}

static unsigned frame_ms(const struct iax_event *voice)
{
	const size_t bytes = tool_audio_frame_bytes(voice->format);
	const size_t ms = bytes > 0 ? voice->payload.len * TOOL_AUDIO_FRAME_MS / bytes : 0;

	return ms > 0 ? (unsigned)ms : TOOL_AUDIO_FRAME_MS;
}

/* The far end's own distances between packets, on our timeline: how late one arrived is nothing that it said. */
static uint32_t echo_ts_ms(struct tool_media *media, uint32_t ts_ms, uint32_t clock_ms)
{
	const int32_t drift_ms = (int32_t)(ts_ms + media->echo_offset_ms - clock_ms);

	if (media->sent == 0 || drift_ms > ECHO_DRIFT_MS || drift_ms < -ECHO_DRIFT_MS) {
		media->echo_offset_ms = clock_ms - ts_ms;
	}
	return ts_ms + media->echo_offset_ms;
}

void tool_media_hear(struct tool_media *media, struct iax_endpoint *ep, const struct iax_event *voice, uint64_t now_us)
{
	if (media->wav != NULL && !media->record_failed && !record(media, voice)) {
		media->record_failed = true;
	}
	tool_meter_add(&media->heard, voice->ts_ms, frame_ms(voice), now_us);
	if (media->source->kind == TOOL_SOURCE_ECHO) {
		frame_send(media, ep, voice->leg,
		           echo_ts_ms(media, voice->ts_ms, iax_leg_clock_ms(ep, voice->leg, now_us)), voice->payload,
		           now_us);
		return;
	}
	tool_echo_received(&media->echo, voice->payload);
}
