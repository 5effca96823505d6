/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_MEDIA_H
#define TG_TOOLS_MEDIA_H

#include "iax/endpoint.h"
#include "tools/audio.h"
#include "tools/meter.h"
#include "tools/source.h"
#include "tools/wav.h"

/** The sound of one call, both ways: played on time, measured, compared, recorded. */
struct tool_media {
	const struct tool_audio *audio; /* lent */
	struct tool_source *source;     /* lent */
	struct tool_wav *wav;           /* lent; NULL to record nothing */
	uint64_t format;
	uint64_t next_us; /* when the next frame is due; TG_NEVER while nothing is sent */
	uint32_t next_ts_ms;
	uint64_t sent, skipped; /* skipped: frames we were too late for */
	struct tool_meter heard;
	struct tool_echo echo;
	uint32_t echo_offset_ms; /* from the far end's timeline to ours */
	bool record_failed;
};

/** Begin to send: the first frame is due at once. ts_ms is the leg's clock now. */
void tool_media_start(struct tool_media *media, uint64_t format, uint32_t ts_ms, uint64_t now_us);

/** Send nothing more; what comes is still taken. */
void tool_media_stop(struct tool_media *media);

/** Send what is due by now. */
void tool_media_send(struct tool_media *media, struct iax_endpoint *ep, struct iax_leg_id leg, uint64_t now_us);

/** Take IAX_EV_VOICE; a source of the kind echo sends it back. */
void tool_media_hear(struct tool_media *media, struct iax_endpoint *ep, const struct iax_event *voice, uint64_t now_us);

#endif
