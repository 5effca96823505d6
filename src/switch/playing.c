/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/playing.h"

#include "iax/choice.h"
#include "switch/apps.h"
#include "switch/calls.h"
#include "switch/party.h"

enum {
	ANNOUNCE_US = 30 * TG_US_PER_S,
	FRAME_US = PROMPT_FRAME_MS * TG_US_PER_MS,
	OVERDUE_US = 2 * TG_US_PER_S, /* the relay should have told by then */
};

/* The agreed codec, or else the best of those the caller takes that the prompt exists in. */
static int find_prompt(const struct prompts *prompts, const struct party *caller, struct tg_span name, uint64_t *format)
{
	const uint64_t both = prompts_formats(prompts, name) & caller->takes;

	*format = (both & caller->format) != 0 ? caller->format : iax_format_best(both);
	return *format == 0 ? -1 : prompts_find(prompts, name, *format);
}

/* Frame n leaves as a full frame now, the ones behind it as mini frames by the relay. */
static void announce(struct tg_switch *sw, const struct call *call, const struct playing *p, struct party *caller,
                     uint64_t n)
{
	const struct prompts *prompts = call_prompts(sw, call);
	const uint32_t frame = (uint32_t)(n % p->frames);
	const uint32_t ts_ms = p->ts_ms + (uint32_t)n * PROMPT_FRAME_MS;
	struct switch_relay entry = { .leg = caller->id, .media = SWITCH_MEDIA_PLAY };
	struct iax_leg_info info;
	enum iax_err err;

	if (prompts == NULL || caller->quelched || !iax_leg_info(sw->outside.ep, caller->id, &info)) {
		return;
	}
	err = iax_leg_voice(sw->outside.ep, caller->id, p->format, ts_ms, prompts_frame(prompts, p->prompt, frame),
	                    true, sw->now_us);
	(void)err; /* the leg ends meanwhile */
	entry.remote = caller->remote;
	entry.local = caller->local;
	entry.remote_number = info.remote_number;
	entry.local_number = info.local_number;
	entry.loop = p->loop;
	entry.ts_start_ms = ts_ms;
	entry.frame_start = frame;
	entry.prompt = p->prompt;
	entry.prompts_generation = prompts->generation;
	entry.format = p->format;
	caller->relayed = true;
	caller->anchored = TG_NO_REF;
	sw->outside.ops.relay_set(sw->outside.ops.owner, &entry);
}

static uint64_t length_us(const struct playing *p)
{
	return p->loop ? TG_NEVER : (uint64_t)p->frames * FRAME_US;
}

uint64_t playing_deadline_us(const struct tg_switch *sw, const struct playing *p)
{
	const uint64_t end_us = p->loop ? TG_NEVER : p->started_us + length_us(p) + OVERDUE_US;

	return tg_min_u64(sw->now_us + ANNOUNCE_US, end_us);
}

static void set_timer(struct tg_switch *sw, const struct call *call)
{
	apps_timer(sw, call, playing_deadline_us(sw, &call->playing));
}

bool playing_begin(struct tg_switch *sw, const struct call *call, struct playing *p, struct tg_span name, bool loop)
{
	const struct prompts *prompts = call_prompts(sw, call);
	struct party *caller = party_caller(sw, call);
	uint64_t format;

	if (prompts == NULL || caller == NULL) {
		return false;
	}
	const int row = find_prompt(prompts, caller, name, &format);

	if (row < 0 || prompts_row(prompts, (uint32_t)row)->frames == 0) {
		return false;
	}
	*p = (struct playing){
		.prompt = (uint32_t)row,
		.frames = prompts_row(prompts, (uint32_t)row)->frames,
		.ts_ms = iax_leg_clock_ms(sw->outside.ep, caller->id, sw->now_us),
		.started_us = sw->now_us,
		.format = format,
		.loop = loop,
	};
	announce(sw, call, p, caller, 0);
	return true;
}

bool playing_continue(struct tg_switch *sw, const struct call *call, const struct playing *p)
{
	struct party *caller = party_caller(sw, call);
	const uint64_t n = (sw->now_us - p->started_us) / FRAME_US;

	if (caller == NULL || sw->now_us - p->started_us >= length_us(p)) {
		return false;
	}
	announce(sw, call, p, caller, n);
	return true;
}

bool playing_start(struct tg_switch *sw, struct call *call, struct tg_span name, bool loop)
{
	if (!playing_begin(sw, call, &call->playing, name, loop)) {
		return false;
	}
	set_timer(sw, call);
	return true;
}

bool playing_go_on(struct tg_switch *sw, struct call *call)
{
	if (!playing_continue(sw, call, &call->playing)) {
		return false;
	}
	set_timer(sw, call);
	return true;
}

void playing_hold(struct tg_switch *sw, struct call *call, bool quelch)
{
	struct party *caller = party_caller(sw, call);

	if (caller == NULL) {
		return;
	}
	caller->quelched = quelch;
	if (quelch) {
		party_relay(sw, caller, NULL);
	} else if (!playing_go_on(sw, call)) {
		apps_timer(sw, call, sw->now_us);
	}
}

void playing_stop(struct call *call)
{
	call->dial = (struct dialling){ 0 }; /* shares its place, and is not shorter */
}
