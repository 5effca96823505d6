/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls are followed as sets: a node is a step that a call in a context can come to, with all the numbers with which it can. What a
 * node leads to is found once more whenever it gets more numbers, and for all nodes whenever a variable can be more, until nothing
 * changes. All of it only grows, and each thing that grows has an end.
 */
#include "switch/reach.h"

#include <stdlib.h>
#include <string.h>

#include "switch/plan.h"
#include "switch/reach_inside.h"

const char *reach_kind_name(enum reach_kind kind)
{
	static const char *const names[REACH_KINDS] = { "guest", "account", "trunk", "backend" };

	return (unsigned)kind < REACH_KINDS ? names[kind] : "?";
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

void reach_give_up(struct reach_flow *flow)
{
	flow->gave_up = true;
	flow->queue_len = 0;
}

static void enqueue(struct reach_flow *flow, uint32_t node)
{
	if (flow->nodes[node].queued || flow->gave_up) {
		return;
	}
	flow->nodes[node].queued = true;
	flow->queue[(flow->queue_first + flow->queue_len++) % flow->queue_room] = node;
}

static bool same_place(const struct reach_place *a, const struct reach_place *b)
{
	return a->context == b->context && a->step == b->step && a->after_hangup == b->after_hangup;
}

static uint32_t slot_of(const struct reach_flow *flow, const struct reach_place *place)
{
	uint64_t hash = ((uint64_t)place->context << 32 | place->step) * 2 + place->after_hangup;

	hash *= UINT64_C(0x9e3779b97f4a7c15);
	uint32_t slot = (uint32_t)(hash >> 32) % flow->slot_count;

	while (flow->slots[slot] != 0 && !same_place(&flow->nodes[flow->slots[slot] - 1].place, place)) {
		slot = (slot + 1) % flow->slot_count;
	}
	return slot;
}

static bool nodes_grow(struct reach_flow *flow)
{
	const uint32_t room = flow->room == 0 ? 8 : 2 * flow->room;
	struct reach_node *nodes = room <= REACH_NODES_MAX ? realloc(flow->nodes, room * sizeof(*nodes)) : NULL;
	uint32_t *slots = calloc(2 * (size_t)room, sizeof(*slots)), *queue = calloc(room, sizeof(*queue));

	flow->nodes = nodes != NULL ? nodes : flow->nodes;
	if (nodes == NULL || slots == NULL || queue == NULL) {
		free(slots);
		free(queue);
		return false;
	}
	for (uint32_t i = 0; i < flow->queue_len; i++) {
		queue[i] = flow->queue[(flow->queue_first + i) % flow->queue_room];
	}
	free(flow->slots);
	free(flow->queue);
	flow->slots = slots;
	flow->queue = queue;
	flow->queue_first = 0;
	flow->queue_room = flow->room = room;
	flow->slot_count = 2 * room;
	for (uint32_t i = 0; i < flow->count; i++) {
		flow->slots[slot_of(flow, &flow->nodes[i].place)] = i + 1;
	}
	return true;
}

/* @return REACH_NO_PLACE if there is no room */
static uint32_t node_at(struct reach_flow *flow, const struct reach_place *place)
{
	if (flow->count == flow->room && !nodes_grow(flow)) {
		reach_give_up(flow);
		return REACH_NO_PLACE;
	}
	const uint32_t slot = slot_of(flow, place);

	if (flow->slots[slot] == 0) {
		flow->nodes[flow->count] = (struct reach_node){ .place = *place };
		flow->slots[slot] = ++flow->count;
	}
	return flow->slots[slot] - 1;
}

void reach_arrive(struct reach_flow *flow, const struct reach_place *place, const struct reach_box *box)
{
	struct reach_sets *sets = &flow->reach->sets;
	const uint32_t node = node_at(flow, place);

	if (node == REACH_NO_PLACE) {
		return;
	}
	struct reach_boxes *boxes = &flow->nodes[node].boxes;

	flow->reach->work += boxes->count;
	if (!reach_boxes_add(sets, boxes, box)) {
		return;
	}
	if (boxes->count > REACH_BOXES_MAX) {
		struct reach_box whole = flow->reach->extens[place->exten];

		whole.dashed = true;
		reach_boxes_add(sets, boxes, &whole);
	}
	flow->failed = flow->failed || boxes->failed;
	enqueue(flow, node);
}

/* ---- Where calls go by themselves ------------------------------------------------------------------------------- */

static bool go_to_name(struct reach_flow *flow, uint32_t from, uint32_t context, const char *name)
{
	const struct reach_wanted wanted = { .by = REACH_PRIORITY, .priority = 1 };
	struct reach_box box = { .len = 1, .at = { (uint8_t)name[0] } };
	const struct reach_boxes boxes = { &box, 1, 1, false };

	return reach_go(flow, from, context, &boxes, &wanted);
}

static void go_anywhere(struct reach_flow *flow, uint32_t from, uint32_t context)
{
	const struct reach_wanted wanted = { .by = REACH_PRIORITY, .priority = 1 };
	struct reach_box box = reach_box_any();
	const struct reach_boxes boxes = { &box, 1, 1, false };

	reach_go(flow, from, context, &boxes, &wanted);
}

static void go_to_exception(struct reach_flow *flow, uint32_t from, uint32_t context, const char *name)
{
	if (!go_to_name(flow, from, context, name)) {
		go_to_name(flow, from, context, "e");
	}
}

void reach_invalid(struct reach_flow *flow, uint32_t node, uint32_t context)
{
	go_to_exception(flow, node, context, "i");
}

void reach_digits(struct reach_flow *flow, uint32_t node)
{
	const uint32_t context = flow->nodes[node].place.context;

	go_anywhere(flow, node, context);
	go_to_exception(flow, node, context, "i");
	go_to_exception(flow, node, context, "t");
}

void reach_next(struct reach_flow *flow, uint32_t node)
{
	const struct reach *reach = flow->reach;
	const struct reach_place place = flow->nodes[node].place;
	const struct world_step *step = world_row(reach->world, WORLD_STEPS, place.step);
	const struct reach_wanted wanted = { .by = REACH_PRIORITY, .priority = step->priority + 1 };
	struct reach_boxes own = { NULL, 0, 0, false };

	for (uint32_t i = 0; i < flow->nodes[node].boxes.count; i++) { /* it may grow meanwhile */
		reach_boxes_add(&flow->reach->sets, &own, &flow->nodes[node].boxes.p[i]);
	}
	flow->failed = flow->failed || own.failed;
	if (!reach_go(flow, node, place.context, &own, &wanted) && reach->world->settings.autofallthrough == 0 &&
	    !place.after_hangup) {
		reach_digits(flow, node);
	}
	reach_boxes_free(&own);
}

/* Wherever a call is, its caller can hang up, and its time can be over. */
static void enter_context(struct reach_flow *flow, uint32_t node)
{
	const struct reach_place place = flow->nodes[node].place;

	uint8_t *octet = &flow->contexts[place.context / 8];
	const uint8_t bit = (uint8_t)(1 << place.context % 8);

	if ((*octet & bit) != 0 || place.after_hangup) {
		return;
	}
	*octet |= bit;
	go_to_exception(flow, node, place.context, "T");
	reach_hang_up(flow, node, place.context);
}

/* ---- What is found ---------------------------------------------------------------------------------------------- */

static struct reach_egress *egress_of(struct reach_flow *flow, uint32_t node, uint32_t peer)
{
	const uint32_t step = flow->nodes[node].place.step;

	for (uint32_t i = 0; i < flow->egress_count; i++) {
		const struct reach_egress *known = &flow->egresses[i];

		if (known->peer == peer && flow->nodes[known->place].place.step == step) {
			return &flow->egresses[i];
		}
	}
	if (flow->egress_count == flow->egress_room) {
		const uint32_t room = flow->egress_room == 0 ? 1 : 2 * flow->egress_room;
		struct reach_egress *p = room <= REACH_EGRESS_MAX ? realloc(flow->egresses, room * sizeof(*p)) : NULL;

		if (p == NULL) {
			reach_give_up(flow);
			return NULL;
		}
		flow->egresses = p;
		flow->egress_room = room;
	}
	struct reach_egress *egress = &flow->egresses[flow->egress_count++];

	egress->peer = peer;
	egress->place = node;
	egress->undecided = false;
	reach_text_none(&egress->numbers);
	return egress;
}

void reach_egress(struct reach_flow *flow, uint32_t node, uint32_t peer, const struct reach_text *numbers)
{
	struct reach_egress *egress = egress_of(flow, node, peer);

	if (egress != NULL) {
		reach_text_join(&flow->reach->sets, &egress->numbers, numbers);
	}
}

void reach_undecided(struct reach_flow *flow, uint32_t node)
{
	struct reach_egress *egress = egress_of(flow, node, REACH_ANY_PEER);
	struct reach_vars *globals = &flow->reach->globals;

	globals->changed = globals->changed || !globals->any;
	globals->any = true;
	if (egress != NULL && !egress->undecided) {
		egress->undecided = true;
		reach_text_star(&flow->reach->sets, &egress->numbers, REACH_ANY, true);
	}
}

/* ---- One account ------------------------------------------------------------------------------------------------ */

static void flow_clear(struct reach_flow *flow)
{
	for (uint32_t i = 0; i < flow->count; i++) {
		reach_boxes_free(&flow->nodes[i].boxes);
	}
	free(flow->nodes);
	free(flow->slots);
	free(flow->queue);
	free(flow->contexts);
	free(flow->egresses);
	reach_vars_free(&flow->vars);
}

static void put_setvar(struct reach_flow *flow, const struct world_variable *variable)
{
	const struct world *world = flow->reach->world;
	struct reach_text *value = calloc(1, sizeof(*value));

	if (value == NULL) {
		flow->failed = true;
		return;
	}
	reach_text_literal(&flow->reach->sets, value, world_span(world, variable->value), false);
	reach_set(flow, world_span(world, variable->name), value);
	free(value);
}

static void begin_in(struct reach_flow *flow, struct tg_span context)
{
	const struct world *world = flow->reach->world;

	if (!tg_span_equal(context, TG_SPAN_LIT("*"))) {
		go_anywhere(flow, REACH_NO_PLACE, plan_context(world, context));
		return;
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_CONTEXTS); i++) {
		go_anywhere(flow, REACH_NO_PLACE, i);
	}
}

static void run_queue(struct reach_flow *flow)
{
	while (flow->queue_len > 0 && !flow->gave_up) {
		const uint32_t node = flow->queue[flow->queue_first];

		flow->queue_first = (flow->queue_first + 1) % flow->queue_room;
		flow->queue_len--;
		flow->nodes[node].queued = false;
		enter_context(flow, node);
		reach_apply(flow, node);
		if (flow->failed || flow->vars.failed) {
			reach_give_up(flow);
		}
	}
}

/* Until no variable can be more than before. @return false if that did not happen */
static bool flow_settles(struct reach_flow *flow)
{
	for (unsigned pass = 0; pass < REACH_PASSES_MAX * 4; pass++) {
		flow->vars.changed = false;
		run_queue(flow);
		if (flow->gave_up || !flow->vars.changed) {
			return true;
		}
		for (uint32_t i = 0; i < flow->count; i++) {
			enqueue(flow, i);
		}
	}
	return false;
}

static void flow_run(const struct reach *reach, struct reach_flow *flow)
{
	const struct world *world = reach->world;
	const struct world_user *user = world_row(world, WORLD_USERS, flow->user);

	assert(flow->reach == reach);
	for (uint32_t i = 0; i < user->variables.count; i++) {
		put_setvar(flow, world_row(world, WORLD_VARIABLES, user->variables.first + i));
	}
	if (user->start.len > 0) {
		begin_in(flow, world_span(world, user->start));
	}
	for (uint32_t i = 0; i < user->contexts.count && user->start.len == 0; i++) {
		const struct world_text *context = world_row(world, WORLD_TEXTS, user->contexts.first + i);

		begin_in(flow, world_span(world, *context));
	}
	for (uint32_t i = 0; i < flow->count; i++) {
		enqueue(flow, i);
	}
	if (!flow_settles(flow)) {
		reach_give_up(flow);
	}
}

/* ---- All of them ------------------------------------------------------------------------------------------------ */

static bool same_texts(const struct world *world, struct world_run a, struct world_run b)
{
	for (uint32_t i = 0; i < a.count && a.count == b.count; i++) {
		const struct world_text *one = world_row(world, WORLD_TEXTS, a.first + i);
		const struct world_text *other = world_row(world, WORLD_TEXTS, b.first + i);

		if (!tg_span_equal(world_span(world, *one), world_span(world, *other))) {
			return false;
		}
	}
	return a.count == b.count;
}

static bool same_variables(const struct world *world, struct world_run a, struct world_run b)
{
	for (uint32_t i = 0; i < a.count && a.count == b.count; i++) {
		const struct world_variable *one = world_row(world, WORLD_VARIABLES, a.first + i);
		const struct world_variable *other = world_row(world, WORLD_VARIABLES, b.first + i);

		if (!tg_span_equal(world_span(world, one->name), world_span(world, other->name)) ||
		    !tg_span_equal(world_span(world, one->value), world_span(world, other->value))) {
			return false;
		}
	}
	return a.count == b.count;
}

static uint32_t flow_of(struct reach *reach, uint32_t row)
{
	const struct world_user *user = world_row(reach->world, WORLD_USERS, row);

	/* Who begins in a context made for him is alone there. */
	for (uint32_t i = 0; i < reach->flow_count && user->start.len == 0; i++) {
		const struct world_user *other = world_row(reach->world, WORLD_USERS, reach->flows[i].user);

		if (same_texts(reach->world, user->contexts, other->contexts) &&
		    same_variables(reach->world, user->variables, other->variables)) {
			return i;
		}
	}
	reach->flows[reach->flow_count] = (struct reach_flow){ .reach = reach, .user = row };
	return reach->flow_count++;
}

static bool make_entries(struct reach *reach)
{
	const uint32_t users = world_count(reach->world, WORLD_USERS);
	const uint32_t contexts = world_count(reach->world, WORLD_CONTEXTS);

	reach->entries = calloc(users > 0 ? users : 1, sizeof(*reach->entries));
	reach->flows = calloc(users > 0 ? users : 1, sizeof(*reach->flows));
	if (reach->entries == NULL || reach->flows == NULL) {
		return false;
	}
	for (uint32_t i = 0; i < users; i++) {
		const struct world_user *user = world_row(reach->world, WORLD_USERS, i);

		if (user->decoy == 0) {
			reach->entries[reach->entry_count].user = i;
			reach->entries[reach->entry_count++].flow = flow_of(reach, i);
		}
	}
	for (uint32_t i = 0; i < reach->flow_count; i++) {
		reach->flows[i].contexts = calloc(contexts / 8 + 1, 1);
		if (reach->flows[i].contexts == NULL || !nodes_grow(&reach->flows[i])) {
			return false;
		}
	}
	return true;
}

static bool make_boxes(struct reach *reach)
{
	const uint32_t count = world_count(reach->world, WORLD_EXTENS);

	reach->extens = calloc(count > 0 ? count : 1, sizeof(*reach->extens));
	reach->exact = calloc(count > 0 ? count : 1, 1);
	if (reach->extens == NULL || reach->exact == NULL) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct world_exten *exten = world_row(reach->world, WORLD_EXTENS, i);

		reach->exact[i] = reach_box_of(&reach->sets, world_span(reach->world, exten->pattern),
		                               &reach->extens[i]);
	}
	return true;
}

static bool make_globals(struct reach *reach)
{
	struct reach_text *value = calloc(1, sizeof(*value));

	for (uint32_t i = 0; value != NULL && i < world_count(reach->world, WORLD_GLOBALS); i++) {
		const struct world_variable *variable = world_row(reach->world, WORLD_GLOBALS, i);

		reach_text_none(value);
		reach_text_literal(&reach->sets, value, world_span(reach->world, variable->value), false);
		reach_vars_put(reach, &reach->globals, world_span(reach->world, variable->name), value);
	}
	free(value);
	return value != NULL;
}

/* Those without a secret, or the others. Who is too large can have set anything. */
static void run_all(struct reach *reach, bool guests)
{
	for (uint32_t i = 0; i < reach->flow_count; i++) {
		struct reach_flow *flow = &reach->flows[i];
		const struct world_user *user = world_row(reach->world, WORLD_USERS, flow->user);

		if (flow->gave_up || (user->auth_methods == 0) != guests) {
			continue;
		}
		flow_run(reach, flow);
		if (flow->gave_up) {
			reach->globals.changed = reach->globals.changed || !reach->globals.any;
			reach->globals.any = true;
		}
	}
}

/* What one account sets for all, the others see. Guests come first, should it become too much. */
static void run(struct reach *reach)
{
	for (unsigned pass = 0; pass < REACH_PASSES_MAX; pass++) {
		reach->globals.changed = false;
		reach->work = 0;
		run_all(reach, true);
		run_all(reach, false);
		if (!reach->globals.changed) {
			return;
		}
	}
	for (uint32_t i = 0; i < reach->flow_count; i++) {
		reach_give_up(&reach->flows[i]);
	}
}

struct reach *reach_new(const struct world *world)
{
	struct reach *reach = calloc(1, sizeof(*reach));

	if (reach == NULL) {
		return NULL;
	}
	reach->world = world;
	reach_sets_init(&reach->sets);
	if (!make_boxes(reach) || !make_globals(reach) || !make_entries(reach)) {
		reach_free(reach);
		return NULL;
	}
	run(reach);
	return reach;
}

void reach_free(struct reach *reach)
{
	if (reach == NULL) {
		return;
	}
	for (uint32_t i = 0; i < reach->flow_count; i++) {
		flow_clear(&reach->flows[i]);
	}
	reach_vars_free(&reach->globals);
	free(reach->flows);
	free(reach->entries);
	free(reach->extens);
	free(reach->exact);
	free(reach);
}

/* ---- Asking ----------------------------------------------------------------------------------------------------- */

static const struct reach_flow *entry_flow(const struct reach *reach, uint32_t entry)
{
	return &reach->flows[reach->entries[entry].flow];
}

static enum reach_kind kind_of(const struct world *world, const struct world_user *user)
{
	const struct world_peer *peer = world_peer_find(world, world_span(world, user->name));

	if (user->of_backend != 0) {
		return REACH_BACKEND;
	}
	if (user->auth_methods == 0) {
		return REACH_GUEST;
	}
	return peer != NULL && peer->host_kind == WORLD_HOST_STATIC ? REACH_TRUNK : REACH_ACCOUNT;
}

uint32_t reach_entries(const struct reach *reach)
{
	return reach->entry_count;
}

struct reach_entry reach_entry_at(const struct reach *reach, uint32_t entry)
{
	const struct reach_flow *flow = entry_flow(reach, entry);
	const struct world_user *user = world_row(reach->world, WORLD_USERS, reach->entries[entry].user);
	const enum reach_kind kind = kind_of(reach->world, user);

	return (struct reach_entry){
		.user = reach->entries[entry].user,
		.kind = kind,
		.nameless = kind == REACH_GUEST,
		.gave_up = flow->gave_up,
		.egresses = flow->egress_count,
	};
}

const struct reach_egress *reach_egress_at(const struct reach *reach, uint32_t entry, uint32_t egress)
{
	return &entry_flow(reach, entry)->egresses[egress];
}

struct reach_place reach_place_at(const struct reach *reach, uint32_t entry, uint32_t place)
{
	return entry_flow(reach, entry)->nodes[place].place;
}

const struct reach_sets *reach_sets_of(const struct reach *reach)
{
	return &reach->sets;
}

bool reach_has(const struct reach *reach, uint32_t entry, uint32_t peer, struct tg_span number)
{
	const struct reach_flow *flow = entry_flow(reach, entry);

	for (uint32_t i = 0; i < flow->egress_count; i++) {
		const struct reach_egress *egress = &flow->egresses[i];

		if (egress->peer == REACH_ANY_PEER ||
		    (egress->peer == peer && reach_text_matches(&reach->sets, &egress->numbers, number))) {
			return true;
		}
	}
	return flow->gave_up;
}

int reach_example(const struct reach *reach, uint32_t entry, uint32_t place, uint8_t *out, size_t size_bytes)
{
	const struct reach_flow *flow = entry_flow(reach, entry);
	struct reach_seq seq = { .len = 0 };

	for (uint32_t hops = 0; flow->nodes[place].place.from != REACH_NO_PLACE; hops++) {
		if (hops > flow->count) {
			return -1;
		}
		place = flow->nodes[place].place.from;
	}
	const struct reach_boxes *boxes = &flow->nodes[place].boxes;

	for (uint32_t i = 0; i < boxes->count; i++) {
		for (size_t k = 0; k < boxes->p[i].len; k++) {
			(void)reach_seq_push(&seq, boxes->p[i].at[k]);
		}
		if (seq.len > 0) {
			return reach_seq_example(&reach->sets, &seq, out, size_bytes);
		}
	}
	return -1;
}
