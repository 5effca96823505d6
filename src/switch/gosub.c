/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/gosub.h"

#include <stdio.h>
#include <string.h>

#include "switch/apps.h"
#include "switch/args.h"

struct frame *gosub_frame(const struct tg_switch *sw, uint32_t place)
{
	return place == 0 ? NULL : tg_slab_at(frames_of(sw), place - 1, NULL);
}

static bool is_argument(struct tg_span name)
{
	uint32_t number;

	return tg_span_equal(name, TG_SPAN_LIT("ARGC")) ||
	       (name.len > 3 && memcmp(name.p, "ARG", 3) == 0 &&
	        args_uint((struct tg_span){ name.p + 3, name.len - 3 }, UINT32_MAX, &number));
}

static uint32_t pieces_held(const struct tg_switch *sw, const struct call *call)
{
	uint32_t pieces = 0;

	for (const struct frame *frame = gosub_frame(sw, call->frames); frame != NULL;
	     frame = gosub_frame(sw, frame->below)) {
		pieces += frame->locals.pieces;
	}
	return pieces;
}

bool gosub_set(struct tg_switch *sw, struct call *call, struct bag *locals, struct tg_span name, struct tg_span value,
               bool foreign)
{
	const bool is_set = bag_set(pieces_of(sw), locals, BAG_PLAIN, name, value, foreign);
	const bool fits = pieces_held(sw, call) <= BAG_PIECES_MAX;
	const bool removed = !fits && bag_set(pieces_of(sw), locals, BAG_PLAIN, name, (struct tg_span){ 0 }, false);

	return is_set && !removed;
}

static bool set_arguments(struct tg_switch *sw, struct call *call, struct frame *frame, struct tg_span args)
{
	char name[16], number[16];
	unsigned count = 0;

	while (args.len > 0) {
		const struct tg_span value = args_take_outside(&args, ',');

		snprintf(name, sizeof(name), "ARG%u", ++count);
		if (!gosub_set(sw, call, &frame->locals, tg_span_text(name), value, apps_is_foreign(sw, value))) {
			return false;
		}
	}
	snprintf(number, sizeof(number), "%u", count);
	return gosub_set(sw, call, &frame->locals, TG_SPAN_LIT("ARGC"), tg_span_text(number), false);
}

static unsigned depth_of(const struct tg_switch *sw, const struct call *call)
{
	unsigned depth = 0;

	for (const struct frame *frame = gosub_frame(sw, call->frames); frame != NULL;
	     frame = gosub_frame(sw, frame->below)) {
		depth++;
	}
	return depth;
}

bool gosub_enter(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	struct tg_ref ref;
	struct frame *frame = depth_of(sw, call) < GOSUB_DEPTH_MAX ? tg_slab_take(frames_of(sw), &ref) : NULL;

	if (frame == NULL) {
		return false;
	}
	frame->below = call->frames;
	frame->context = call->context;
	frame->priority = call->priority;
	frame->minute = call->minute;
	memcpy(frame->exten, call->exten, sizeof(frame->exten));
	call->frames = ref.index + 1;
	if (!set_arguments(sw, call, frame, args)) {
		gosub_leave(sw, call);
		return false;
	}
	return true;
}

void gosub_leave(struct tg_switch *sw, struct call *call)
{
	struct frame *frame = gosub_frame(sw, call->frames);

	call->frames = frame->below;
	bag_clear(pieces_of(sw), &frame->locals);
	tg_slab_give(frames_of(sw), tg_slab_ref(frames_of(sw), frame));
}

void gosub_clear(struct tg_switch *sw, struct call *call)
{
	while (call->frames != 0) {
		gosub_leave(sw, call);
	}
}

struct bag *gosub_locals(const struct tg_switch *sw, const struct call *call, struct tg_span name)
{
	struct frame *frame = gosub_frame(sw, call->frames);
	uint8_t value[BAG_VALUE_MAX];

	if (frame != NULL && is_argument(name)) {
		return &frame->locals;
	}
	while (frame != NULL && bag_get(pieces_of(sw), &frame->locals, BAG_PLAIN, name, value, NULL) == 0) {
		frame = gosub_frame(sw, frame->below);
	}
	return frame != NULL ? &frame->locals : NULL;
}

bool gosub_take_over(struct tg_switch *sw, struct call *call, const struct frame *old, const struct tg_slab *pieces)
{
	struct tg_ref ref;
	struct frame *frame = tg_slab_take(frames_of(sw), &ref);

	if (frame == NULL) {
		return false;
	}
	*frame = *old;
	frame->locals = (struct bag){ 0 };
	frame->below = call->frames;
	call->frames = ref.index + 1;
	return bag_take_over(pieces_of(sw), &frame->locals, pieces, old->locals) &&
	       pieces_held(sw, call) <= BAG_PIECES_MAX;
}
