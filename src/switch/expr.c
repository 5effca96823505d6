/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/expr.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "switch/rx.h"

enum token {
	T_END,
	T_OPERAND,
	T_OPEN,
	T_CLOSE,
	T_IF,   /* ? */
	T_ELSE, /* :: */
	T_OR,
	T_AND,
	T_EQ,
	T_NE,
	T_LT,
	T_LE,
	T_GT,
	T_GE,
	T_PLUS,
	T_MINUS,
	T_TIMES,
	T_OVER,
	T_REST,
	T_NOT,
	T_MATCH, /* : anchored */
	T_FIND,  /* =~ anywhere */
};

/* Longer spellings first. */
static const struct {
	char text[3];
	uint8_t token;
} operators[] = {
	{ "::", T_ELSE }, { "=~", T_FIND }, { "==", T_EQ },   { "!=", T_NE },   { "<=", T_LE },   { ">=", T_GE },
	{ "(", T_OPEN },  { ")", T_CLOSE }, { "?", T_IF },    { "|", T_OR },    { "&", T_AND },   { "=", T_EQ },
	{ "<", T_LT },    { ">", T_GT },    { "+", T_PLUS },  { "-", T_MINUS }, { "*", T_TIMES }, { "/", T_OVER },
	{ "%", T_REST },  { "!", T_NOT },   { ":", T_MATCH },
};

/* Texts of operands and results; they only grow, and go when the evaluation ends. */
struct eval {
	struct expr_text in;
	size_t at;
	enum token token;       /* the one to be looked at */
	struct tg_span operand; /* T_OPERAND: its text */
	struct vars_text *arena;
	unsigned depth;
	bool failed;
};

static bool marked(const struct eval *e, size_t at)
{
	return e->in.marks != NULL && e->in.marks[at] != 0;
}

/* The operator at a place, and its length; T_END for none. */
static enum token operator_at(const struct eval *e, size_t at, size_t *len)
{
	for (size_t i = 0; i < TG_COUNT(operators); i++) {
		const char *text = operators[i].text;

		*len = strlen(text);
		if (at + *len <= e->in.len && memcmp(e->in.p + at, text, *len) == 0 && !marked(e, at) &&
		    !marked(e, at + *len - 1)) {
			return operators[i].token;
		}
	}
	*len = 0;
	return T_END;
}

static bool is_space(const struct eval *e, size_t at)
{
	return !marked(e, at) && strchr(" \t\r\n", e->in.p[at]) != NULL && e->in.p[at] != '\0';
}

static struct tg_span keep_from(const struct eval *e, size_t start)
{
	return (struct tg_span){ e->arena->p + start, e->arena->len - start };
}

/* One operand: what follows up to a space or operator, quoted parts included. */
static void take_operand(struct eval *e)
{
	const size_t start = e->arena->len;
	bool quoted = false;
	size_t len;

	while (e->at < e->in.len) {
		const uint8_t c = e->in.p[e->at];

		if (c == '"' && !marked(e, e->at)) {
			quoted = !quoted;
		} else if (!quoted && (is_space(e, e->at) || operator_at(e, e->at, &len) != T_END)) {
			break;
		} else if (c != '\0' || !marked(e, e->at)) {
			vars_put(e->arena, (struct tg_span){ &c, 1 });
		}
		e->at++;
	}
	e->failed = e->failed || quoted || e->arena->cut;
	e->token = T_OPERAND;
	e->operand = keep_from(e, start);
}

static void take_token(struct eval *e)
{
	size_t len;

	while (e->at < e->in.len && is_space(e, e->at)) {
		e->at++;
	}
	if (e->at >= e->in.len) {
		e->token = T_END;
		return;
	}
	e->token = operator_at(e, e->at, &len);
	if (e->token == T_END) {
		take_operand(e);
	} else {
		e->at += len;
	}
}

static struct tg_span keep_number(struct eval *e, int64_t number)
{
	char text[24];
	const int len = snprintf(text, sizeof(text), "%" PRId64, number);
	const size_t start = e->arena->len;

	vars_put(e->arena, (struct tg_span){ (const uint8_t *)text, (size_t)len });
	e->failed = e->failed || e->arena->cut;
	return keep_from(e, start);
}

/* A whole number with an optional sign, and nothing else; an empty text is none. */
static bool number_of(struct tg_span text, int64_t *number)
{
	const bool negative = text.len > 0 && text.p[0] == '-';
	size_t i = negative;
	int64_t value = 0;

	if (text.len == i) {
		return false;
	}
	for (; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, text.p[i] - '0', &value)) {
			return false;
		}
	}
	/* Collected below zero, where there is room for one more. */
	return negative ? (*number = value, true) : !__builtin_sub_overflow((int64_t)0, value, number);
}

bool expr_is_true(struct tg_span value)
{
	int64_t number;

	return value.len > 0 && !(number_of(value, &number) && number == 0);
}

static int compare(struct tg_span a, struct tg_span b)
{
	int64_t x, y;

	if (number_of(a, &x) && number_of(b, &y)) {
		return x < y ? -1 : x > y;
	}
	const int order = a.len > 0 && b.len > 0 ? memcmp(a.p, b.p, a.len < b.len ? a.len : b.len) : 0;

	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

static struct tg_span apply_comparison(struct eval *e, enum token op, struct tg_span a, struct tg_span b)
{
	const int order = compare(a, b);
	const bool is = op == T_EQ   ? order == 0
	                : op == T_NE ? order != 0
	                : op == T_LT ? order < 0
	                : op == T_LE ? order <= 0
	                : op == T_GT ? order > 0
	                             : order >= 0;

	return keep_number(e, is);
}

/* A text that is no number counts as 0 only if it is empty. */
static bool operand_number(struct tg_span text, int64_t *number)
{
	*number = 0;
	return text.len == 0 || number_of(text, number);
}

static struct tg_span apply_arithmetic(struct eval *e, enum token op, struct tg_span a, struct tg_span b)
{
	int64_t x, y, result = 0;
	bool bad = !operand_number(a, &x) || !operand_number(b, &y);

	if (!bad && op == T_PLUS) {
		bad = __builtin_add_overflow(x, y, &result);
	} else if (!bad && op == T_MINUS) {
		bad = __builtin_sub_overflow(x, y, &result);
	} else if (!bad && op == T_TIMES) {
		bad = __builtin_mul_overflow(x, y, &result);
	} else if (!bad) {
		bad = y == 0 || (x == INT64_MIN && y == -1);
		result = bad ? 0 : op == T_OVER ? x / y : x % y;
	}
	e->failed = e->failed || bad;
	return keep_number(e, result);
}

static struct tg_span apply_match(struct eval *e, enum token op, struct tg_span a, struct tg_span b)
{
	struct rx_match match;
	const enum rx_result result = rx_find(b, a, op == T_MATCH, &match);

	e->failed = e->failed || result == RX_BAD;
	if (match.with_group) {
		return match.has_group ? (struct tg_span){ a.p + match.group_at, match.group_len }
		                       : (struct tg_span){ a.p, 0 };
	}
	return keep_number(e, result == RX_YES ? (int64_t)match.len : 0);
}

static struct tg_span apply_logic(struct eval *e, enum token op, struct tg_span a, struct tg_span b)
{
	if (op == T_OR) {
		return expr_is_true(a) ? a : b;
	}
	return expr_is_true(a) && expr_is_true(b) ? a : keep_number(e, 0);
}

/* From what binds least to what binds most; all group from the left. */
static const struct {
	uint8_t first, last;
	struct tg_span (*apply)(struct eval *e, enum token op, struct tg_span a, struct tg_span b);
} levels[] = {
	{ T_OR, T_OR, apply_logic },           { T_AND, T_AND, apply_logic },         { T_EQ, T_GE, apply_comparison },
	{ T_PLUS, T_MINUS, apply_arithmetic }, { T_TIMES, T_REST, apply_arithmetic }, { T_MATCH, T_FIND, apply_match },
};
enum { LEVEL_MATCH = 5, LEVELS = 6 };

static struct tg_span take_choice(struct eval *e);
static struct tg_span take_level(struct eval *e, unsigned level);

static bool deeper(struct eval *e)
{
	e->failed = e->failed || ++e->depth > EXPR_DEPTH_MAX;
	return !e->failed;
}

static struct tg_span take_primary(struct eval *e)
{
	struct tg_span value = { 0 };

	if (e->token == T_OPEN && deeper(e)) {
		take_token(e);
		value = take_choice(e);
		e->depth--;
		e->failed = e->failed || e->token != T_CLOSE;
	} else if (e->token == T_OPERAND) {
		value = e->operand;
	} else {
		e->failed = true;
	}
	if (!e->failed) {
		take_token(e);
	}
	return value;
}

static struct tg_span take_unary(struct eval *e)
{
	const enum token op = e->token;

	if ((op != T_NOT && op != T_MINUS) || !deeper(e)) {
		return take_level(e, LEVEL_MATCH);
	}
	take_token(e);
	const struct tg_span value = take_unary(e);

	e->depth--;
	return op == T_NOT ? keep_number(e, !expr_is_true(value))
	                   : apply_arithmetic(e, T_MINUS, (struct tg_span){ 0 }, value);
}

static struct tg_span take_level(struct eval *e, unsigned level)
{
	struct tg_span value = level == LEVELS            ? take_primary(e)
	                       : level + 1 == LEVEL_MATCH ? take_unary(e)
	                                                  : take_level(e, level + 1);

	while (level < LEVELS && !e->failed && e->token >= levels[level].first && e->token <= levels[level].last) {
		const enum token op = e->token;

		take_token(e);
		value = levels[level].apply(e, op, value,
		                            level + 1 == LEVEL_MATCH ? take_unary(e) : take_level(e, level + 1));
	}
	return value;
}

static struct tg_span take_choice(struct eval *e)
{
	struct tg_span value = take_level(e, 0);

	if (e->failed || e->token != T_IF || !deeper(e)) {
		return value;
	}
	take_token(e);
	const struct tg_span yes = take_choice(e);

	e->failed = e->failed || e->token != T_ELSE;
	if (e->failed) {
		return value;
	}
	take_token(e);
	const struct tg_span no = take_choice(e);

	e->depth--;
	return expr_is_true(value) ? yes : no;
}

bool expr_eval(struct expr_text in, struct vars_text *out)
{
	uint8_t bytes[2 * VARS_TEXT_MAX];
	struct vars_text arena = { .p = bytes, .size_bytes = sizeof(bytes) };
	struct eval e = { .in = in, .arena = &arena };

	take_token(&e);
	const struct tg_span value = take_choice(&e);

	if (e.failed || e.token != T_END) {
		return false;
	}
	vars_put(out, value);
	return true;
}
