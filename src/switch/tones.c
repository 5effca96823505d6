/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/tones.h"

#include <stdio.h>

#include "switch/calls.h"
#include "switch/party.h"
#include "switch/playing.h"

struct tone *tones_find(const struct tg_switch *sw, uint32_t place)
{
	return place == 0 ? NULL : tg_slab_at(tones_of(sw), place - 1, NULL);
}

static void set_timer(struct tg_switch *sw, const struct tone *tone)
{
	switch_timer(sw, TIMER_TONE, tg_slab_ref(tones_of(sw), tone).index, playing_deadline_us(sw, &tone->playing));
}

/* A part by its place in the prompts. */
static bool begin(struct tg_switch *sw, struct call *call, struct tone *tone, const char *head, bool loop)
{
	char name[sizeof(((struct prompt *)NULL)->name)];
	const int len = snprintf(name, sizeof(name), "%s%s", head, tone->text);

	if ((size_t)len >= sizeof(name) ||
	    !playing_begin(sw, call, &tone->playing, (struct tg_span){ (const uint8_t *)name, (size_t)len }, loop)) {
		return false;
	}
	set_timer(sw, tone);
	return true;
}

bool tones_start(struct tg_switch *sw, struct call *call, struct tg_span text)
{
	struct tg_ref ref;

	tones_stop(sw, call);
	struct tone *tone = text.len < sizeof(tone->text) ? tg_slab_take(tones_of(sw), &ref) : NULL;

	if (tone == NULL) {
		return false;
	}
	tone->call = tg_slab_ref(calls_of(sw), call);
	tg_span_copy(tone->text, sizeof(tone->text), text);
	call->tone_place = (uint16_t)(ref.index + 1);
	if (!begin(sw, call, tone, PROMPT_TONE_ONCE, false) && !begin(sw, call, tone, PROMPT_TONE, true)) {
		tones_stop(sw, call);
		return false;
	}
	return true;
}

void tones_stop(struct tg_switch *sw, struct call *call)
{
	struct party *caller = party_caller(sw, call);
	const struct tone *tone = tones_find(sw, call->tone_place);

	if (tone == NULL) {
		return;
	}
	const struct tg_ref ref = tg_slab_ref(tones_of(sw), tone);

	switch_timer(sw, TIMER_TONE, ref.index, TG_NEVER);
	tg_slab_give(tones_of(sw), ref);
	call->tone_place = 0;
	if (caller != NULL && caller->relayed) {
		party_relay(sw, caller, NULL);
	}
}

static void go_on(struct tg_switch *sw, struct call *call, struct tone *tone)
{
	if (playing_continue(sw, call, &tone->playing)) {
		set_timer(sw, tone);
	} else if (!begin(sw, call, tone, PROMPT_TONE, true)) {
		tones_stop(sw, call);
	}
}

void tones_on_played(struct tg_switch *sw, struct call *call)
{
	struct tone *tone = tones_find(sw, call->tone_place);

	if (tone != NULL && tone->playing.loop == 0 && !begin(sw, call, tone, PROMPT_TONE, true)) {
		tones_stop(sw, call);
	}
}

void tones_on_timer(struct tg_switch *sw, uint32_t index)
{
	struct tone *tone = tones_find(sw, index + 1);
	struct call *call = tone == NULL ? NULL : tg_slab_find(calls_of(sw), tone->call);

	if (call != NULL) {
		call_touch(sw, call);
		go_on(sw, call, tone);
		call_leave(sw);
	}
}

void tones_hold(struct tg_switch *sw, struct call *call, bool quelch)
{
	struct party *caller = party_caller(sw, call);
	struct tone *tone = tones_find(sw, call->tone_place);

	if (caller == NULL || tone == NULL) {
		return;
	}
	caller->quelched = quelch;
	if (quelch) {
		party_relay(sw, caller, NULL);
	} else {
		go_on(sw, call, tone);
	}
}

bool tones_take_over(struct tg_switch *sw, struct call *call, const struct tone *old)
{
	struct tg_ref ref;
	struct tone *tone = tg_slab_take(tones_of(sw), &ref);

	if (tone == NULL) {
		return false;
	}
	*tone = *old;
	tone->call = tg_slab_ref(calls_of(sw), call);
	call->tone_place = (uint16_t)(ref.index + 1);
	return true;
}

void tones_again(struct tg_switch *sw, struct call *call)
{
	struct tone *tone = tones_find(sw, call->tone_place);

	if (tone != NULL) {
		go_on(sw, call, tone);
	}
}
