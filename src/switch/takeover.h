/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_TAKEOVER_H
#define TG_SWITCH_TAKEOVER_H

#include "switch/switch.h"

/*
 * A switch goes on with the calls of another one, whose process is gone, perhaps in the middle of a change. Nothing of its block is
 * believed: each row is looked at alone, and all that ties rows together is made anew. Not installed.
 */

/** What came of what was there. */
struct switch_takeover {
	uint32_t calls;         /* that go on */
	uint32_t ended;         /* that do not: being changed at that moment, without a leg or a world, or broken */
	uint32_t bindings;      /* phones that stay registered */
	uint32_t registrations; /* of ours that go on */
	uint32_t legs;          /* hung up, since nothing that was taken over owns them */
};

/**
 * A world that calls of the other process may have begun in, besides the one of now: after switch_set_world(), before
 * switch_take_over(). It is in use as long as a call holds it. @return false without a place
 */
bool switch_add_world(struct tg_switch *sw, const struct world *world, const struct prompts *prompts);

/**
 * Take over what is whole. Calls, parties, accounts and registrations keep their places, so cookies of questions and owners of legs
 * stay true. A call that cannot go on is hung up on both sides, and has its record. The relay is told of each leg again.
 *
 * @param sw   fresh from switch_init(), with its worlds; its endpoint has taken over its legs already
 * @param old  the other block, aligned to 64, never written; may hold anything
 * @return false if it is no block of a switch of this size: then all legs were hung up, and else sw is as it was
 */
bool switch_take_over(struct tg_switch *sw, const void *old, size_t old_bytes, uint64_t now_us, uint64_t wall_us,
                      struct switch_takeover *out);

#endif
