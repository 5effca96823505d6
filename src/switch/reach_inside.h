/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_REACH_INSIDE_H
#define TG_SWITCH_REACH_INSIDE_H

#include "switch/bag.h"
#include "switch/reach.h"

/** What reach.c, reach_vars.c and reach_apps.c share. */

enum {
	REACH_NODES_MAX = 1 << 16,
	REACH_VARS_MAX = 128,
	REACH_EGRESS_MAX = 512,
	REACH_BOXES_MAX = 32,           /* of a node; of more, the whole extension */
	REACH_REST_MAX = 64,            /* of what a lookup has not found yet */
	REACH_WORK_MAX = 100 * 1000000, /* boxes compared for all of them, once */
	REACH_PASSES_MAX = 16,
};

/** What a variable can be. They are not told apart by where they were set, so what one was before it still can be. */
struct reach_var {
	uint8_t name[BAG_NAME_MAX];
	size_t len;
	struct reach_text text;
};

struct reach_vars {
	struct reach_var *rows;
	uint32_t count, room;
	bool any; /* one that is not known by name was set: each can be anything */
	bool changed, failed;
};

/** A step that a call in a context can come to, and the numbers with which it can. */
struct reach_node {
	struct reach_place place;
	struct reach_boxes boxes;
	bool queued;
};

/** All that calls of one account can do. Accounts that begin alike share it. */
struct reach_flow {
	struct reach *reach;
	uint32_t user;
	struct reach_node *nodes;
	uint32_t count, room;
	uint32_t *slots; /* node + 1, by place */
	uint32_t slot_count;
	uint32_t *queue; /* a ring of nodes */
	uint32_t queue_first, queue_len, queue_room;
	uint8_t *contexts; /* a bit for each: calls were here */
	struct reach_egress *egresses;
	uint32_t egress_count, egress_room;
	struct reach_vars vars;
	bool gave_up, failed;
};

struct reach {
	const struct world *world;
	struct reach_sets sets;
	struct reach_box *extens; /* by row */
	uint8_t *exact;           /* the box is no more than the extension */
	struct reach_vars globals;
	struct reach_flow *flows;
	uint32_t flow_count;
	struct {
		uint32_t user, flow;
	} * entries;
	uint32_t entry_count;
	uint64_t work;
};

/** Expansion, as callvars_expand() does it. */
enum reach_use { REACH_TEXT_USE, REACH_ARGUMENTS };
void reach_expand(struct reach_flow *flow, uint32_t node, enum reach_use use, struct tg_span in,
                  struct reach_text *out);

/** What Set does with one name. */
void reach_set(struct reach_flow *flow, struct tg_span name, const struct reach_text *value);
void reach_vars_put(struct reach *reach, struct reach_vars *vars, struct tg_span name, const struct reach_text *value);
void reach_vars_free(struct reach_vars *vars);

/** Which priority is meant. */
struct reach_wanted {
	enum { REACH_PRIORITY, REACH_LABEL, REACH_ANY_PRIORITY } by;
	uint32_t priority;
	struct tg_span label;
};

/** Too large, or no memory: all that can be said is everything. */
void reach_give_up(struct reach_flow *flow);

/** Numbers come to a place. If they are too many kinds, all of its extension do. */
void reach_arrive(struct reach_flow *flow, const struct reach_place *place, const struct reach_box *box);

/**
 * A call goes to a place with one of these numbers.
 *
 * @param from  the node it comes from, or REACH_NO_PLACE
 * @return false if there may be numbers for which there is no such place
 */
bool reach_go(struct reach_flow *flow, uint32_t from, uint32_t context, const struct reach_boxes *numbers,
              const struct reach_wanted *wanted);

/** The caller hangs up: "h". */
void reach_hang_up(struct reach_flow *flow, uint32_t from, uint32_t context);

/** The next step, and what happens if there is none. */
void reach_next(struct reach_flow *flow, uint32_t node);

/** Digits are waited for. */
void reach_digits(struct reach_flow *flow, uint32_t node);

/** "i", or "e". */
void reach_invalid(struct reach_flow *flow, uint32_t node, uint32_t context);

void reach_egress(struct reach_flow *flow, uint32_t node, uint32_t peer, const struct reach_text *numbers);

/** Nothing can be said of what happens here. */
void reach_undecided(struct reach_flow *flow, uint32_t node);

/** What the application of a node does. */
void reach_apply(struct reach_flow *flow, uint32_t node);

#endif
