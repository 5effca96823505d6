/* SPDX-License-Identifier: Apache-2.0 */
/* What each application does to a call of which only the possibilities are known: a row each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switch/apps.h"
#include "switch/args.h"
#include "switch/plan.h"
#include "switch/reach_inside.h"

/* One application at one node: `args` are expanded for it, and it looks at one sequence of them after the other. */
struct step {
	struct reach_flow *flow;
	uint32_t node;
	struct reach_sets *sets;
};

typedef void seq_fn(const struct step *step, const struct reach_seq *args);
typedef void apply_fn(const struct step *step);

/* ---- Dividing --------------------------------------------------------------------------------------------------- */

enum found { FOUND, NOT_FOUND, PERHAPS };

/* The first place of a divider from an item on. */
static enum found find(const struct reach_sets *sets, const struct reach_seq *seq, size_t from, uint8_t divider,
                       size_t *at)
{
	for (size_t i = from; i < seq->len; i++) {
		if (reach_sets_has(sets, seq->at[i] & REACH_SET, divider)) {
			*at = i;
			return (seq->at[i] & (REACH_SET | REACH_STAR)) == divider ? FOUND : PERHAPS;
		}
	}
	*at = seq->len;
	return NOT_FOUND;
}

/* As args_take(). @return false if it cannot be said where the divider is */
static bool take(struct reach_sets *sets, struct reach_seq *rest, uint8_t divider, struct reach_seq *part)
{
	size_t at;
	const enum found found = find(sets, rest, 0, divider, &at);

	if (found == PERHAPS) {
		return false;
	}
	*part = reach_seq_part(rest, 0, at);
	*rest = reach_seq_part(rest, found == FOUND ? at + 1 : at, rest->len);
	reach_seq_trim(sets, part);
	return true;
}

/* As args_take_outside(). */
static bool take_outside(struct reach_sets *sets, struct reach_seq *rest, uint8_t divider, struct reach_seq *part)
{
	unsigned depth = 0;
	size_t i = 0;

	for (; i < rest->len; i++) {
		const uint16_t item = rest->at[i] & (REACH_SET | REACH_STAR), set = item & REACH_SET;

		if (item == divider && depth == 0) {
			break;
		}
		if (item == '(' || item == ')') {
			depth += item == '(';
			depth -= item == ')' && depth > 0;
		} else if (reach_sets_has(sets, set, '(') || reach_sets_has(sets, set, ')') ||
		           (item != divider && reach_sets_has(sets, set, divider) && depth == 0)) {
			return false;
		}
	}
	*part = reach_seq_part(rest, 0, i);
	*rest = reach_seq_part(rest, i < rest->len ? i + 1 : i, rest->len);
	reach_seq_trim(sets, part);
	return true;
}

static bool is_nothing(const struct reach_seq *seq)
{
	return seq->len == 0;
}

/* ---- Places ----------------------------------------------------------------------------------------------------- */

static void to_any_priority(struct reach_wanted *wanted, const struct reach_seq *seq, uint8_t label[BAG_NAME_MAX])
{
	const int len = reach_seq_literal(seq, label, BAG_NAME_MAX);
	const struct tg_span text = { label, len > 0 ? (size_t)len : 0 };

	*wanted = (struct reach_wanted){ .by = REACH_ANY_PRIORITY };
	if (len >= 0 && args_uint(text, UINT32_MAX - 1, &wanted->priority)) {
		wanted->by = REACH_PRIORITY;
	} else if (len >= 0) {
		wanted->by = REACH_LABEL;
		wanted->label = text;
	}
}

/* Numbers, and whether there are some among them that are no place anywhere. */
struct numbers {
	struct reach_boxes boxes;
	bool may_fail;
};

/* One context that is meant, or perhaps. */
static void go_to(const struct step *step, uint32_t context, const struct numbers *numbers,
                  const struct reach_wanted *wanted)
{
	if (!reach_go(step->flow, step->node, context, &numbers->boxes, wanted) || numbers->may_fail) {
		reach_invalid(step->flow, step->node, context);
	}
}

static uint32_t own_context(const struct step *step)
{
	return step->flow->nodes[step->node].place.context;
}

static void go_to_contexts(const struct step *step, const struct reach_seq *name, const struct numbers *numbers,
                           const struct reach_wanted *wanted)
{
	const struct world *world = step->flow->reach->world;
	uint8_t text[WORLD_NAME_MAX];
	const int len = reach_seq_literal(name, text, sizeof(text));
	const uint32_t row = len > 0 ? plan_context(world, (struct tg_span){ text, (size_t)len }) : UINT32_MAX;

	if (reach_seq_can_be_empty(name) || row != UINT32_MAX) {
		go_to(step, is_nothing(name) || row == UINT32_MAX ? own_context(step) : row, numbers, wanted);
	}
	if (is_nothing(name) || row != UINT32_MAX) {
		return;
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_CONTEXTS); i++) {
		const struct world_context *context = world_row(world, WORLD_CONTEXTS, i);

		if (reach_seq_matches(step->sets, name, world_span(world, context->name))) {
			go_to(step, i, numbers, wanted);
		}
	}
	reach_invalid(step->flow, step->node, own_context(step));
}

/* [[context,]exten,]priority. @return false if it cannot be taken apart */
static bool place_parts(const struct step *step, const struct reach_seq *args, struct reach_seq parts[3])
{
	struct reach_seq rest = *args, taken[3];
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		parts[i] = taken[i] = (struct reach_seq){ .len = 0 };
	}
	while (n < 3 && rest.len > 0) {
		if (reach_seq_can_be_empty(&rest) && n > 0) {
			return false; /* with or without one more part */
		}
		if (!take(step->sets, &rest, ',', &taken[n++])) {
			return false;
		}
	}
	for (size_t i = 0; i < n; i++) {
		parts[3 - n + i] = taken[i];
	}
	return true;
}

static void go(const struct step *step, const struct reach_seq *args)
{
	struct numbers numbers = { .may_fail = false };
	struct reach_wanted wanted;
	struct reach_seq parts[3];
	uint8_t label[BAG_NAME_MAX];
	struct reach_box box;

	if (!place_parts(step, args, parts)) {
		reach_undecided(step->flow, step->node);
		return;
	}
	to_any_priority(&wanted, &parts[2], label);
	for (size_t i = 0; i < parts[1].len; i++) {
		numbers.may_fail = numbers.may_fail || (parts[1].at[i] & REACH_STAR) != 0; /* too long for one */
	}
	if (!is_nothing(&parts[1])) {
		reach_seq_box(step->sets, &parts[1], &box);
		reach_boxes_add(step->sets, &numbers.boxes, &box);
	}
	if (reach_seq_can_be_empty(&parts[1])) {
		const struct reach_boxes *own = &step->flow->nodes[step->node].boxes;

		for (uint32_t i = 0; i < own->count; i++) {
			reach_boxes_add(step->sets, &numbers.boxes, &own->p[i]);
		}
	}
	step->flow->failed = step->flow->failed || numbers.boxes.failed;
	go_to_contexts(step, &parts[0], &numbers, &wanted);
	reach_boxes_free(&numbers.boxes);
}

/* ---- Dial ------------------------------------------------------------------------------------------------------- */

static void dial_peers(const struct step *step, const struct reach_seq *peer, const struct reach_seq *number)
{
	const struct world *world = step->flow->reach->world;
	uint8_t name[WORLD_NAME_MAX];
	const int len = reach_seq_literal(peer, name, sizeof(name));
	struct reach_text numbers;

	reach_text_none(&numbers);
	if (!is_nothing(number)) {
		reach_text_add(step->sets, &numbers, number);
	}
	if (reach_seq_can_be_empty(number)) {
		reach_text_literal(step->sets, &numbers, TG_SPAN_LIT("s"), false);
	}
	if (len >= 0) { /* one name, mostly; there may be many peers */
		const struct world_peer *one = world_peer_find(world, (struct tg_span){ name, (size_t)len });
		const struct world_peer *first = one != NULL ? world_row(world, WORLD_PEERS, 0) : NULL;

		if (one != NULL) {
			reach_egress(step->flow, step->node, (uint32_t)(one - first), &numbers);
		}
		return;
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		const struct world_peer *row = world_row(world, WORLD_PEERS, i);

		if (reach_seq_matches(step->sets, peer, world_span(world, row->name))) {
			reach_egress(step->flow, step->node, i, &numbers);
		}
	}
}

static bool is_iax2(const struct step *step, const struct reach_seq *technology)
{
	uint8_t text[8];
	const int len = reach_seq_literal(technology, text, sizeof(text));

	(void)step;
	return technology->len == 4 ? len != 4 || tg_span_equal_nocase((struct tg_span){ text, 4 }, TG_SPAN_LIT("IAX2"))
	                            : len < 0;
}

/* As args_target(). @return false if it cannot be taken apart */
static bool dial_target(const struct step *step, struct reach_seq *targets)
{
	struct reach_seq target, technology, peer, context, number, user;
	size_t at;

	if (!take(step->sets, targets, '&', &target) || !take(step->sets, &target, '/', &technology) ||
	    !take(step->sets, &target, '/', &peer) || !take(step->sets, &target, '/', &context) ||
	    !take(step->sets, &context, '@', &number)) {
		return false;
	}
	const enum found user_found = find(step->sets, &peer, 0, '@', &at);

	user = (struct reach_seq){ .len = 0 };
	if (user_found == PERHAPS || (user_found == FOUND && !take(step->sets, &peer, '@', &user))) {
		return false;
	}
	const enum found in_user = find(step->sets, &user, 0, ':', &at), in_peer = find(step->sets, &peer, 0, ':', &at);

	if (is_iax2(step, &technology) && in_user != FOUND && in_peer != FOUND) {
		dial_peers(step, &peer, &number);
	}
	return true;
}

static void dial_one(const struct step *step, const struct reach_seq *args)
{
	struct reach_seq rest = *args, targets;
	bool good = take(step->sets, &rest, ',', &targets);

	while (good && targets.len > 0) {
		good = dial_target(step, &targets);
	}
	if (!good) {
		reach_undecided(step->flow, step->node);
	}
}

/* ---- Set -------------------------------------------------------------------------------------------------------- */

static void set_text(const struct step *step, const char *name, const char *const *values, size_t count)
{
	struct reach_text *text = calloc(1, sizeof(*text));

	if (text == NULL) {
		step->flow->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		reach_text_literal(step->sets, text, tg_span_text(values[i]), false);
	}
	if (count == 0) {
		reach_text_star(step->sets, text, REACH_DIGITS, false);
	}
	reach_set(step->flow, tg_span_text(name), text);
	free(text);
}

static void set_seq(const struct step *step, struct tg_span name, const struct reach_seq *value)
{
	struct reach_text *text = calloc(1, sizeof(*text));

	if (text == NULL) {
		step->flow->failed = true;
		return;
	}
	reach_text_add(step->sets, text, value);
	reach_set(step->flow, name, text);
	free(text);
}

/* It is not known what is set: it may be any variable, of this call or of all. */
static void set_anything(const struct step *step)
{
	struct reach_vars *const all[] = { &step->flow->vars, &step->flow->reach->globals };

	for (size_t i = 0; i < TG_COUNT(all); i++) {
		all[i]->changed = all[i]->changed || !all[i]->any;
		all[i]->any = true;
	}
}

static void set_one(const struct step *step, const struct reach_seq *args)
{
	struct reach_seq name;
	uint8_t text[BAG_NAME_MAX + 16];
	size_t at;
	const enum found found = find(step->sets, args, 0, '=', &at);

	if (found == NOT_FOUND) {
		return;
	}
	name = reach_seq_part(args, 0, at);
	reach_seq_trim(step->sets, &name);
	const int len = found == FOUND ? reach_seq_literal(&name, text, sizeof(text)) : -1;

	if (len < 0) {
		set_anything(step);
	} else {
		const struct reach_seq value = reach_seq_part(args, at + 1, args->len);

		set_seq(step, (struct tg_span){ text, (size_t)len }, &value);
	}
}

/* ---- Gosub ------------------------------------------------------------------------------------------------------ */

/* One argument. Whether a caller chose some of it depends on which part of the text it is. */
static void set_argument(const struct step *step, unsigned number, struct reach_seq value)
{
	struct reach_seq ours = { .len = 0 };
	char name[16];
	bool theirs = false, maybe = false;

	snprintf(name, sizeof(name), "ARG%u", number);
	for (size_t i = 0; i < value.len; i++) {
		const bool foreign = (value.at[i] & REACH_FOREIGN) != 0, star = (value.at[i] & REACH_STAR) != 0;

		theirs = theirs || (foreign && !star);
		maybe = maybe || (foreign && star);
		if (!foreign) {
			ours.at[ours.len++] = value.at[i];
		}
	}
	if (!theirs) {
		set_seq(step, tg_span_text(name), &ours);
	}
	if (theirs || maybe) {
		value.foreign = true;
		set_seq(step, tg_span_text(name), &value);
	}
}

static void set_arguments(const struct step *step, struct reach_seq args)
{
	unsigned count = 0;

	reach_seq_trim(step->sets, &args);
	if (args.len > 0 && (args.at[args.len - 1] & (REACH_SET | REACH_STAR)) == ')') {
		args = reach_seq_part(&args, 0, (size_t)args.len - 1);
		reach_seq_trim(step->sets, &args);
	}
	while (args.len > 0) {
		struct reach_seq value;

		if (!take_outside(step->sets, &args, ',', &value)) {
			set_anything(step);
			return;
		}
		set_argument(step, ++count, value);
	}
	set_text(step, "ARGC", NULL, 0);
}

static void gosub_one(const struct step *step, const struct reach_seq *args)
{
	struct reach_seq rest = *args, place;

	if (!take(step->sets, &rest, '(', &place)) {
		reach_undecided(step->flow, step->node);
		return;
	}
	set_arguments(step, rest);
	go(step, &place);
}

/* ---- Conditions ------------------------------------------------------------------------------------------------- */

static void one_of_two(const struct step *step, const struct reach_seq *args,
                       bool (*divide)(struct reach_sets *, struct reach_seq *, uint8_t, struct reach_seq *), seq_fn *fn)
{
	struct reach_seq rest = *args, condition, yes;

	if (!take(step->sets, &rest, '?', &condition) || !divide(step->sets, &rest, ':', &yes)) {
		reach_undecided(step->flow, step->node);
		return;
	}
	reach_seq_trim(step->sets, &rest);
	if (!is_nothing(&yes)) {
		fn(step, &yes);
	}
	if (!is_nothing(&rest)) {
		fn(step, &rest);
	}
	if (reach_seq_can_be_empty(&yes) || reach_seq_can_be_empty(&rest)) {
		reach_next(step->flow, step->node);
	}
}

static void gotoif_one(const struct step *step, const struct reach_seq *args)
{
	one_of_two(step, args, take, go);
}

static void gosubif_one(const struct step *step, const struct reach_seq *args)
{
	one_of_two(step, args, take_outside, gosub_one);
}

/* ---- Rows ------------------------------------------------------------------------------------------------------- */

static struct tg_span raw_args(const struct step *step)
{
	const struct reach_flow *flow = step->flow;
	const struct world_step *row = world_row(flow->reach->world, WORLD_STEPS, flow->nodes[step->node].place.step);

	return world_span(flow->reach->world, row->args);
}

static void each(const struct step *step, enum reach_use use, seq_fn *fn)
{
	struct reach_flow *flow = step->flow;
	struct reach_text *args = calloc(1, sizeof(*args));

	if (args == NULL) {
		flow->failed = true;
		return;
	}
	reach_expand(flow, step->node, use, raw_args(step), args);
	if (args->lost) {
		reach_undecided(flow, step->node);
	}
	for (size_t i = 0; i < args->count && !args->lost; i++) {
		fn(step, &args->seqs[i]);
	}
	free(args);
}

static void next(const struct step *step)
{
	reach_next(step->flow, step->node);
}

static void end(const struct step *step)
{
	(void)step;
}

static void apply_dial(const struct step *step)
{
	static const char *const statuses[] = { "ANSWER",     "BUSY",        "NOANSWER",   "CANCEL",
		                                "CONGESTION", "CHANUNAVAIL", "INVALIDARGS" };

	each(step, REACH_ARGUMENTS, dial_one);
	set_text(step, "DIALSTATUS", statuses, TG_COUNT(statuses));
	set_text(step, "DIALEDTIME", NULL, 0);
	set_text(step, "ANSWEREDTIME", NULL, 0);
	next(step);
}

static void apply_playback(const struct step *step)
{
	static const char *const statuses[] = { "SUCCESS", "FAILED" };

	set_text(step, "PLAYBACKSTATUS", statuses, TG_COUNT(statuses));
	next(step);
}

static void apply_goto(const struct step *step)
{
	each(step, REACH_ARGUMENTS, go);
}

static void apply_gotoif(const struct step *step)
{
	each(step, REACH_ARGUMENTS, gotoif_one);
}

/* It may return. */
static void apply_gosub(const struct step *step)
{
	each(step, REACH_ARGUMENTS, gosub_one);
	next(step);
}

static void apply_gosubif(const struct step *step)
{
	each(step, REACH_ARGUMENTS, gosubif_one);
	next(step);
}

/* The value of a variable that is known by name. */
static void set_expanded(const struct step *step, struct tg_span name, struct tg_span value)
{
	struct reach_text *text = calloc(1, sizeof(*text));

	if (text == NULL) {
		step->flow->failed = true;
		return;
	}
	reach_expand(step->flow, step->node, REACH_TEXT_USE, value, text);
	reach_set(step->flow, name, text);
	free(text);
}

/* Where it goes on is where each Gosub said already. */
static void apply_return(const struct step *step)
{
	set_expanded(step, TG_SPAN_LIT("GOSUB_RETVAL"), raw_args(step));
}

static void apply_set(const struct step *step)
{
	struct tg_span value = raw_args(step);
	const bool has_value = value.len > 0 && memchr(value.p, '=', value.len) != NULL;
	const struct tg_span name = args_take(&value, '=');

	if (has_value && (name.len == 0 || memchr(name.p, '$', name.len) == NULL)) {
		set_expanded(step, name, value);
	} else {
		each(step, REACH_TEXT_USE, set_one);
	}
	next(step);
}

static void apply_waitexten(const struct step *step)
{
	reach_digits(step->flow, step->node);
}

static apply_fn *const rows[] = {
	[WORLD_APP_ANSWER] = next,
	[WORLD_APP_BUSY] = end,
	[WORLD_APP_CONGESTION] = end,
	[WORLD_APP_DIAL] = apply_dial,
	[WORLD_APP_ECHO] = next,
	[WORLD_APP_GOSUB] = apply_gosub,
	[WORLD_APP_GOSUBIF] = apply_gosubif,
	[WORLD_APP_GOTO] = apply_goto,
	[WORLD_APP_GOTOIF] = apply_gotoif,
	[WORLD_APP_GOTOIFTIME] = apply_gotoif,
	[WORLD_APP_HANGUP] = end,
	[WORLD_APP_MILLIWATT] = next,
	[WORLD_APP_NOOP] = next,
	[WORLD_APP_PLAYBACK] = apply_playback,
	[WORLD_APP_PLAYTONES] = next,
	[WORLD_APP_PROCEEDING] = next,
	[WORLD_APP_PROGRESS] = next,
	[WORLD_APP_RETURN] = apply_return,
	[WORLD_APP_RINGING] = next,
	[WORLD_APP_SENDDTMF] = next,
	[WORLD_APP_SET] = apply_set,
	[WORLD_APP_STACKPOP] = next,
	[WORLD_APP_STOPPLAYTONES] = next,
	[WORLD_APP_VERBOSE] = next,
	[WORLD_APP_WAIT] = next,
	[WORLD_APP_WAITEXTEN] = apply_waitexten,
};
static_assert(TG_COUNT(rows) == WORLD_APPS && WORLD_APPS == 26,
              "a new application needs a row here: what it can reach");

void reach_apply(struct reach_flow *flow, uint32_t node)
{
	const struct reach_place place = flow->nodes[node].place;
	const struct world_step *row = world_row(flow->reach->world, WORLD_STEPS, place.step);
	const struct step step = { flow, node, &flow->reach->sets };

	if (place.after_hangup && !app_row((enum app_id)row->app)->after_hangup) {
		reach_next(flow, node);
	} else {
		rows[row->app](&step);
	}
}
