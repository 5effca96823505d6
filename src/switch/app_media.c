/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that send voice of their own: Echo, Milliwatt, Playback, Playtones. */
#include "switch/apps.h"
#include "switch/args.h"
#include "switch/bridge.h"
#include "switch/calls.h"
#include "switch/callvars.h"
#include "switch/party.h"
#include "switch/playing.h"
#include "switch/tones.h"

#include <string.h>

/* ---- Echo: what comes in as mini frames the relay sends back; all else does so here ----------------------------- */

static enum app_says echo_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	struct party *caller = party_caller(sw, call);
	(void)args;

	if (caller != NULL && caller->rx_format != 0) {
		bridge_join(sw, caller, caller);
	}
	return APP_STAYS;
}

static enum app_says echo_on_caller(struct tg_switch *sw, struct call *call, struct party *caller,
                                    const struct iax_event *event)
{
	(void)call;
	if (event->kind == IAX_EV_DTMF && !event->begun && event->digit == '#') {
		return APP_DONE;
	}
	bridge_pass(sw, caller, caller, event);
	return APP_STAYS;
}

const struct app_row app_echo = { .speaks = true, .start = echo_start, .on_caller = echo_on_caller };

/* ---- Milliwatt ------------------------------------------------------------------------------------------------- */

static enum app_says play_on_caller(struct tg_switch *sw, struct call *call, struct party *caller,
                                    const struct iax_event *event)
{
	(void)caller;
	if (event->kind == IAX_EV_QUELCH) {
		playing_hold(sw, call, event->subclass == IAX_QUELCH);
	}
	return APP_STAYS;
}

/* What app_count says of it. */
enum milliwatt { ON_AND_ON, SOUNDS, PAUSES };

enum { TEST_SOUNDS_US = 9 * TG_US_PER_S, TEST_PAUSE_US = TG_US_PER_S };

static enum app_says milliwatt_sounds(struct tg_switch *sw, struct call *call)
{
	call->app_count = SOUNDS;
	if (!playing_start(sw, call, TG_SPAN_LIT(PROMPT_MILLIWATT), true)) {
		return APP_DONE;
	}
	apps_timer(sw, call, sw->now_us + TEST_SOUNDS_US);
	return APP_STAYS;
}

static enum app_says milliwatt_pauses(struct tg_switch *sw, struct call *call)
{
	struct party *caller = party_caller(sw, call);

	call->app_count = PAUSES;
	if (caller != NULL) {
		party_relay(sw, caller, NULL);
	}
	apps_timer(sw, call, sw->now_us + TEST_PAUSE_US);
	return APP_STAYS;
}

/* Milliwatt([m|o]) */
static enum app_says milliwatt_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const struct tg_span option = args_trim(args);
	const struct tg_span name = tg_span_equal(option, TG_SPAN_LIT("o")) ? TG_SPAN_LIT(PROMPT_MILLIWATT_1000)
	                                                                    : TG_SPAN_LIT(PROMPT_MILLIWATT);

	if (tg_span_equal(option, TG_SPAN_LIT("m"))) {
		return milliwatt_sounds(sw, call);
	}
	call->app_count = ON_AND_ON;
	return playing_start(sw, call, name, true) ? APP_STAYS : APP_DONE;
}

static enum app_says milliwatt_on_timer(struct tg_switch *sw, struct call *call)
{
	if (call->app_count == ON_AND_ON) {
		return playing_go_on(sw, call) ? APP_STAYS : APP_DONE;
	}
	return call->app_count == SOUNDS ? milliwatt_pauses(sw, call) : milliwatt_sounds(sw, call);
}

/* A pause ends in its time, whoever asks for silence meanwhile. */
static enum app_says milliwatt_on_caller(struct tg_switch *sw, struct call *call, struct party *caller,
                                         const struct iax_event *event)
{
	if (event->kind != IAX_EV_QUELCH || call->app_count == ON_AND_ON) {
		return play_on_caller(sw, call, caller, event);
	}
	caller->quelched = event->subclass == IAX_QUELCH;
	return call->app_count == SOUNDS ? milliwatt_pauses(sw, call) : APP_STAYS;
}

static bool milliwatt_plays(const struct call *call)
{
	return call->app_count != PAUSES;
}

const struct app_row app_milliwatt = {
	.speaks = true,
	.plays = milliwatt_plays,
	.start = milliwatt_start,
	.on_timer = milliwatt_on_timer,
	.on_caller = milliwatt_on_caller,
};

/* ---- Playback: file[&file][,skip|noanswer] ---------------------------------------------------------------------- */

static struct tg_span file_at(struct tg_span files, unsigned n)
{
	struct tg_span file;

	do {
		file = args_take(&files, '&');
	} while (n-- > 0 && files.len > 0);
	return file;
}

static unsigned file_count(struct tg_span files)
{
	unsigned count = 0;

	for (size_t i = 0; i < files.len; i++) {
		count += files.p[i] == '&';
	}
	return files.len > 0 ? count + 1 : 0;
}

static enum app_says playback_end(struct tg_switch *sw, struct call *call, bool well)
{
	callvars_put(sw, call, "PLAYBACKSTATUS", well ? TG_SPAN_LIT("SUCCESS") : TG_SPAN_LIT("FAILED"));
	return APP_DONE;
}

static enum app_says play_file(struct tg_switch *sw, struct call *call, struct tg_span files)
{
	const unsigned count = file_count(files);

	while (call->app_count < count) {
		const struct tg_span file = file_at(files, call->app_count++);

		if (playing_start(sw, call, file, false)) {
			return APP_STAYS;
		}
		call->app_flag = true;
		tg_log(sw->outside.log, TG_WARNING, "playback.missing", TG_UINT("call", call->record.unique),
		       TG_BYTES("file", file));
	}
	return playback_end(sw, call, !call->app_flag);
}

/* app_count counts the files begun, app_flag remembers a missing one. */
static enum app_says playback_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const struct tg_span files = args_take(&args, ',');
	const struct tg_span option = args_take(&args, ',');

	if (!call->answered && tg_span_equal_nocase(option, TG_SPAN_LIT("skip"))) {
		return playback_end(sw, call, true);
	}
	if (!tg_span_equal_nocase(option, TG_SPAN_LIT("noanswer"))) {
		call_answer(sw, call);
	}
	call->app_count = 0;
	call->app_flag = false;
	return play_file(sw, call, files);
}

static enum app_says playback_next(struct tg_switch *sw, struct call *call)
{
	uint8_t bytes[VARS_TEXT_MAX];
	struct vars_text text = { .p = bytes, .size_bytes = sizeof(bytes) };
	struct tg_span args = apps_args(sw, call, &text);

	return play_file(sw, call, args_take(&args, ','));
}

static enum app_says playback_on_timer(struct tg_switch *sw, struct call *call)
{
	return playing_go_on(sw, call) ? APP_STAYS : playback_next(sw, call);
}

static bool playback_plays(const struct call *call)
{
	(void)call;
	return true;
}

const struct app_row app_playback = {
	.speaks = true,
	.plays = playback_plays,
	.start = playback_start,
	.on_timer = playback_on_timer,
	.on_played = playback_next,
	.on_caller = play_on_caller,
};

/* ---- Playtones: a name or a list; the dialplan goes on meanwhile ------------------------------------------------- */

static enum app_says playtones_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	if (!tones_start(sw, call, args)) {
		tg_log(sw->outside.log, TG_WARNING, "playtones.none", TG_UINT("call", call->record.unique),
		       TG_BYTES("tones", args));
	}
	return APP_DONE;
}

const struct app_row app_playtones = { .start = playtones_start, .whole_text = true };

static enum app_says stopplaytones_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	(void)args;
	tones_stop(sw, call);
	return APP_DONE;
}

const struct app_row app_stopplaytones = { .start = stopplaytones_start };
