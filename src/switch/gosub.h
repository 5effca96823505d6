/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_GOSUB_H
#define TG_SWITCH_GOSUB_H

#include "switch/inside.h"

/**
 * Where a call goes on after Return, one frame for each Gosub that has not returned. Frames are of one pool that all calls share; a
 * call has GOSUB_DEPTH_MAX at most.
 */
enum { GOSUB_DEPTH_MAX = 7 };

/** By index + 1, as call->frames and frame->below have it; NULL for 0. */
struct frame *gosub_frame(const struct tg_switch *sw, uint32_t place);

/**
 * Note the call's place, with args as ARG1 and so on, and their number as ARGC.
 *
 * @param args  with commas between them
 * @return false if it is too deep, or there is no room: nothing is changed then
 */
bool gosub_enter(struct tg_switch *sw, struct call *call, struct tg_span args);

/** Put a frame of another process on top. @param pieces  where its locals are. @return false without room */
bool gosub_take_over(struct tg_switch *sw, struct call *call, const struct frame *old, const struct tg_slab *pieces);

/** Set a variable among locals of this call. @return false if there is no room: all locals of a call have that of one bag */
bool gosub_set(struct tg_switch *sw, struct call *call, struct bag *locals, struct tg_span name, struct tg_span value,
               bool foreign);

/** Forget the innermost one. call->frames must not be 0. */
void gosub_leave(struct tg_switch *sw, struct call *call);

/** Forget all. */
void gosub_clear(struct tg_switch *sw, struct call *call);

/**
 * The innermost locals that have this name. Arguments are looked for in the innermost frame alone: a Gosub with fewer of them must not
 * see those of the one around it.
 *
 * @return NULL for none
 */
struct bag *gosub_locals(const struct tg_switch *sw, const struct call *call, struct tg_span name);

#endif
