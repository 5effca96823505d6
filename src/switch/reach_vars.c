/* SPDX-License-Identifier: Apache-2.0 */
/* Variables and their expansion where it is not known what they are: follows vars.c and callvars.c row by row. */
#include <stdlib.h>
#include <string.h>

#include "switch/reach_inside.h"
#include "switch/vars.h"

/* ---- The store -------------------------------------------------------------------------------------------------- */

static struct reach_text *var_find(const struct reach_vars *vars, struct tg_span name)
{
	for (uint32_t i = 0; i < vars->count; i++) {
		if (tg_span_equal((struct tg_span){ vars->rows[i].name, vars->rows[i].len }, name)) {
			return &vars->rows[i].text;
		}
	}
	return NULL;
}

static struct reach_text *var_new(struct reach_vars *vars, struct tg_span name)
{
	if (vars->count == vars->room) {
		const uint32_t room = vars->room == 0 ? 8 : 2 * vars->room;
		struct reach_var *rows = realloc(vars->rows, room * sizeof(*rows));

		if (rows == NULL) {
			vars->failed = true;
			return NULL;
		}
		vars->rows = rows;
		vars->room = room;
	}
	struct reach_var *row = &vars->rows[vars->count++];

	memcpy(row->name, name.p, name.len);
	row->len = name.len;
	reach_text_none(&row->text);
	return &row->text;
}

/* A name that is too long is not set by anybody. */
void reach_vars_put(struct reach *reach, struct reach_vars *vars, struct tg_span name, const struct reach_text *value)
{
	struct reach_text *text = var_find(vars, name);

	if (name.len == 0 || name.len > BAG_NAME_MAX) {
		return;
	}
	if (text == NULL && vars->count == REACH_VARS_MAX) {
		vars->changed = vars->changed || !vars->any;
		vars->any = true;
		return;
	}
	text = text != NULL ? text : var_new(vars, name);
	if (text == NULL) {
		return;
	}
	const bool many = !text->lost && text->count + value->count > REACH_TEXT_MAX;

	text->lost = text->lost || many; /* it grows and grows, and somewhere it is cut */
	vars->changed = reach_text_join(&reach->sets, text, value) || many || vars->changed;
}

void reach_vars_free(struct reach_vars *vars)
{
	free(vars->rows);
	*vars = (struct reach_vars){ NULL, 0, 0, false, false, false };
}

/* ---- Setting ---------------------------------------------------------------------------------------------------- */

static struct tg_span take_argument(struct tg_span *name)
{
	const uint8_t *open = name->len > 0 ? memchr(name->p, '(', name->len) : NULL;

	if (open == NULL || name->p[name->len - 1] != ')') {
		return (struct tg_span){ 0 };
	}
	const size_t at = (size_t)(open - name->p);
	const struct tg_span argument = { open + 1, name->len - at - 2 };

	name->len = at;
	return argument;
}

/* What other functions set is either not read again or counts as anything. */
void reach_set(struct reach_flow *flow, struct tg_span name, const struct reach_text *value)
{
	const struct tg_span argument = take_argument(&name);

	if (argument.p != NULL) {
		if (tg_span_equal(name, TG_SPAN_LIT("GLOBAL"))) {
			reach_vars_put(flow->reach, &flow->reach->globals, argument, value);
		} else if (tg_span_equal(name, TG_SPAN_LIT("LOCAL"))) {
			reach_vars_put(flow->reach, &flow->vars, argument, value);
		}
		return;
	}
	for (int i = 0; i < 2 && name.len > 0 && name.p[0] == '_'; i++) {
		name.p++;
		name.len--;
	}
	reach_vars_put(flow->reach, &flow->vars, name, value);
}

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

struct asker {
	struct reach_flow *flow;
	uint32_t node;
	bool calculates; /* for an expression, which has no value if its text must be cut */
};

typedef void value_fn(const struct asker *asker, struct tg_span argument, struct reach_text *out);

static struct reach_sets *sets_of(const struct asker *asker)
{
	return &asker->flow->reach->sets;
}

static void put_exten(const struct asker *asker, struct tg_span argument, struct reach_text *out)
{
	const struct reach_boxes *boxes = &asker->flow->nodes[asker->node].boxes;
	struct reach_seq seq;
	(void)argument;

	for (uint32_t i = 0; i < boxes->count; i++) {
		reach_box_text(sets_of(asker), &boxes->p[i], &seq);
		reach_text_add(sets_of(asker), out, &seq);
	}
}

static void put_context(const struct asker *asker, struct tg_span argument, struct reach_text *out)
{
	const struct world *world = asker->flow->reach->world;
	const struct world_context *context = world_row(world, WORLD_CONTEXTS,
	                                                asker->flow->nodes[asker->node].place.context);
	(void)argument;
	reach_text_literal(sets_of(asker), out, world_span(world, context->name), false);
}

static void put_digits(const struct asker *asker, struct tg_span argument, struct reach_text *out)
{
	(void)argument;
	reach_text_star(sets_of(asker), out, REACH_DIGITS, false);
}

/* Ours, but nobody knows which. */
static void put_ours(const struct asker *asker, struct tg_span argument, struct reach_text *out)
{
	(void)argument;
	reach_text_star(sets_of(asker), out, REACH_ANY, false);
}

static void put_theirs(const struct asker *asker, struct tg_span argument, struct reach_text *out)
{
	(void)argument;
	reach_text_star(sets_of(asker), out, REACH_ANY, true);
}

/* These can be so long that what stands behind them is cut. */
static void put_long(const struct asker *asker, struct tg_span argument, struct reach_text *out)
{
	put_theirs(asker, argument, out);
	out->lost = out->lost || !asker->calculates;
}

static void put_from(const struct asker *asker, const struct reach_vars *vars, struct tg_span name,
                     struct reach_text *out)
{
	const struct reach_text *text = var_find(vars, name);

	if (text != NULL) {
		reach_text_join(sets_of(asker), out, text);
	}
	if (vars->any) {
		put_ours(asker, name, out);
		put_theirs(asker, name, out);
	}
}

static void put_global(const struct asker *asker, struct tg_span argument, struct reach_text *out)
{
	reach_text_literal(sets_of(asker), out, (struct tg_span){ 0 }, false);
	put_from(asker, &asker->flow->reach->globals, argument, out);
}

static void put_local(const struct asker *asker, struct tg_span argument, struct reach_text *out)
{
	reach_text_literal(sets_of(asker), out, (struct tg_span){ 0 }, false);
	put_from(asker, &asker->flow->vars, argument, out);
}

/* As the names of callvars.c; what is not here is a variable. */
static const struct {
	const char *name;
	bool calls;
	value_fn *put;
} names[] = {
	{ "EXTEN", false, put_exten },     { "CONTEXT", false, put_context }, { "PRIORITY", false, put_digits },
	{ "UNIQUEID", false, put_digits }, { "EPOCH", false, put_digits },    { "HANGUPCAUSE", false, put_digits },
	{ "DNID", false, put_theirs },     { "CHANNEL", false, put_ours },    { "CALLERID", true, put_theirs },
	{ "CHANNEL", true, put_theirs },   { "CDR", true, put_theirs },       { "GLOBAL", true, put_global },
	{ "IAXPEER", true, put_ours },     { "IAXVAR", true, put_long },      { "LOCAL", true, put_local },
};

static void put_value(const struct asker *asker, struct tg_span name, struct reach_text *out)
{
	const struct tg_span whole = name;
	const struct tg_span argument = take_argument(&name);

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (names[i].calls == (argument.p != NULL) && tg_span_equal(name, tg_span_text(names[i].name))) {
			names[i].put(asker, argument, out);
			return;
		}
	}
	put_local(asker, whole, out);
	put_global(asker, whole, out);
}

/* ---- Expansion -------------------------------------------------------------------------------------------------- */

static void put_variable(const struct asker *asker, struct tg_span inside, struct reach_text *out)
{
	const struct vars_slice slice = vars_slice_read(inside);
	struct reach_text whole, part;

	reach_text_none(&whole);
	put_value(asker, slice.name, &whole);
	if (!slice.is_part) {
		reach_text_join(sets_of(asker), out, &whole);
		return;
	}
	reach_text_slice(sets_of(asker), &whole, slice.offset, slice.has_length, slice.length, &part);
	reach_text_join(sets_of(asker), out, &part);
}

static void expand(const struct asker *asker, enum reach_use use, unsigned depth, struct tg_span in,
                   struct reach_text *out);

/* A name that is computed: each that it can be, if that is known. */
static void expand_variable(const struct asker *asker, unsigned depth, struct tg_span inside, struct reach_text *out)
{
	struct reach_text *computed = calloc(1, sizeof(*computed));
	uint8_t name[VARS_NAME_MAX];

	if (computed == NULL) {
		out->lost = true;
		return;
	}
	expand(asker, REACH_TEXT_USE, depth + 1, inside, computed);
	for (size_t i = 0; i < computed->count && !computed->lost; i++) {
		const int len = reach_seq_literal(&computed->seqs[i], name, sizeof(name));

		if (len < 0) {
			computed->lost = true;
		} else {
			put_variable(asker, (struct tg_span){ name, (size_t)len }, out);
		}
	}
	if (computed->lost) {
		put_ours(asker, inside, out);
		put_theirs(asker, inside, out);
	}
	free(computed);
}

/* Its value is a number, an operand, or a part of one. */
static void expand_expression(const struct asker *asker, unsigned depth, struct tg_span inside, struct reach_text *out)
{
	const uint16_t sign = reach_sets_either(sets_of(asker), REACH_DIGITS, '-');
	struct reach_text *computed = calloc(1, sizeof(*computed));

	if (computed == NULL) {
		out->lost = true;
		return;
	}
	const struct asker inner = { asker->flow, asker->node, true };

	expand(&inner, REACH_TEXT_USE, depth + 1, inside, computed);
	for (size_t i = 0; i < computed->count && !computed->lost; i++) {
		const uint16_t octets = reach_seq_octets(sets_of(asker), &computed->seqs[i]);

		reach_text_star(sets_of(asker), out, reach_sets_either(sets_of(asker), octets, sign),
		                computed->seqs[i].foreign);
		if (computed->seqs[i].foreign) { /* one that cannot be read is nobody's */
			reach_text_literal(sets_of(asker), out, (struct tg_span){ 0 }, false);
		}
	}
	out->lost = out->lost || computed->lost;
	free(computed);
}

static uint16_t dividers(struct reach_sets *sets)
{
	struct reach_octets octets = { { 0 } };

	for (const char *c = VARS_DIVIDERS; *c != '\0'; c++) {
		octets.bits[(uint8_t)*c / 64] |= UINT64_C(1) << (uint8_t)*c % 64;
	}
	return reach_sets_put(sets, &octets);
}

/* As remove_dividers() does to what callers chose. */
static struct reach_seq without_dividers(struct reach_sets *sets, const struct reach_seq *seq)
{
	const uint16_t divides = dividers(sets);
	struct reach_seq out = { .len = 0, .foreign = seq->foreign };

	for (size_t i = 0; i < seq->len; i++) {
		const uint16_t set = seq->at[i] & REACH_SET, flags = seq->at[i] & (uint16_t)~REACH_SET;
		const uint16_t rest = reach_sets_without(sets, set, divides);

		if (rest != REACH_EMPTY) {
			(void)reach_seq_push(&out, (uint16_t)(rest | flags | (rest != set ? REACH_STAR : 0)));
		}
	}
	return out;
}

/* All octets of a value that a caller chose some of are marked. */
static void mark(struct reach_seq *seq)
{
	for (size_t i = 0; i < seq->len; i++) {
		seq->at[i] = (uint16_t)((seq->at[i] & ~REACH_FOREIGN) | (seq->foreign ? REACH_FOREIGN : 0));
	}
}

static void expand_bracket(const struct asker *asker, enum reach_use use, unsigned depth, struct tg_span bracket,
                           struct reach_text *out)
{
	const struct tg_span inside = { bracket.p + 2, bracket.len - 3 };
	struct reach_text *value = calloc(2, sizeof(*value));

	if (value == NULL) {
		out->lost = true;
		return;
	}
	if (depth < VARS_DEPTH_MAX && bracket.p[1] == '{') {
		expand_variable(asker, depth, inside, &value[0]);
	} else if (depth < VARS_DEPTH_MAX) {
		expand_expression(asker, depth, inside, &value[0]);
	} else {
		reach_text_empty(&value[0]);
	}
	value[1].lost = value[0].lost;
	for (size_t i = 0; i < value[0].count; i++) {
		struct reach_seq seq = value[0].seqs[i];

		if (seq.foreign && use == REACH_ARGUMENTS) {
			seq = without_dividers(sets_of(asker), &seq);
		}
		mark(&seq);
		reach_text_add(sets_of(asker), &value[1], &seq);
	}
	reach_text_append(sets_of(asker), out, &value[1]);
	free(value);
}

/* How long it can become: no value of a caller is longer than STAR_OCTETS, but for those of put_long(). */
static bool may_be_cut(const struct reach_text *text)
{
	enum { STAR_OCTETS = 192, DASH_OCTETS = 40 };

	for (size_t i = 0; i < text->count; i++) {
		size_t octets = 0;

		for (size_t k = 0; k < text->seqs[i].len; k++) {
			const uint16_t item = text->seqs[i].at[k];

			octets += (item & REACH_STAR) == 0 ? 1 : (item & REACH_SET) == '-' ? DASH_OCTETS : STAR_OCTETS;
		}
		if (octets > VARS_TEXT_MAX) {
			return true;
		}
	}
	return false;
}

/* Depth is bounded by VARS_DEPTH_MAX, as in vars.c. */
static void expand(const struct asker *asker, enum reach_use use, unsigned depth, struct tg_span in,
                   struct reach_text *out)
{
	reach_text_empty(out);
	while (in.len > 0 && !out->lost) {
		const size_t len = vars_bracket(in);

		if (len > 0) {
			expand_bracket(asker, use, depth, (struct tg_span){ in.p, len }, out);
		} else {
			reach_text_append_octet(out, in.p[0]);
		}
		in.p += len > 0 ? len : 1;
		in.len -= len > 0 ? len : 1;
	}
	out->lost = out->lost || (may_be_cut(out) && !asker->calculates);
}

void reach_expand(struct reach_flow *flow, uint32_t node, enum reach_use use, struct tg_span in, struct reach_text *out)
{
	expand(&(struct asker){ flow, node, false }, use, 0, in, out);
}
