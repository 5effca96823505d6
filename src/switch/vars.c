/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/vars.h"

#include <stdio.h>
#include <string.h>

#include "switch/expr.h"

/* Marks are kept only while the inside of an expression is collected. */
struct work {
	const struct vars_source *source;
	struct vars_text *out;
	uint8_t *marks;
	unsigned depth;
	enum vars_use use;
};

void vars_put(struct vars_text *out, struct tg_span text)
{
	const size_t room = out->size_bytes - out->len;
	const size_t n = text.len < room ? text.len : room;

	if (n > 0) {
		memcpy(out->p + out->len, text.p, n);
	}
	out->len += n;
	out->cut = out->cut || n < text.len;
}

void vars_put_uint(struct vars_text *out, uint64_t number)
{
	char text[24];
	const int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);

	vars_put(out, (struct tg_span){ (const uint8_t *)text, (size_t)len });
}

struct tg_span vars_span(const struct vars_text *out)
{
	return (struct tg_span){ out->p, out->len };
}

static void expand(const struct work *work, struct tg_span in);

size_t vars_bracket(struct tg_span text)
{
	if (text.len < 2 || text.p[0] != '$' || (text.p[1] != '{' && text.p[1] != '[')) {
		return 0;
	}
	const uint8_t open = text.p[1];
	const uint8_t close = open == '{' ? '}' : ']';
	unsigned depth = 0;

	for (size_t i = 1; i < text.len; i++) {
		if (text.p[i] == open) {
			depth++;
		} else if (text.p[i] == close && --depth == 0) {
			return i + 1;
		}
	}
	return 0;
}

/* An integer with an optional sign from the front of text; nothing else may follow up to the next ':'. */
static bool take_number(struct tg_span *text, long *number)
{
	bool negative = false, any = false;
	long value = 0;

	if (text->len > 0 && (text->p[0] == '-' || text->p[0] == '+')) {
		negative = text->p[0] == '-';
		text->p++;
		text->len--;
	}
	for (; text->len > 0 && text->p[0] >= '0' && text->p[0] <= '9'; text->p++, text->len--) {
		value = value < VARS_TEXT_MAX ? value * 10 + (text->p[0] - '0') : value;
		any = true;
	}
	*number = negative ? -value : value;
	return any;
}

/* Keep `length` octets from `offset` of what was put since `start`; negative ones count from the end. */
static void cut_out(struct vars_text *out, size_t start, long offset, bool has_length, long length)
{
	const long all = (long)(out->len - start);
	long from = offset < 0 ? all + offset : offset;
	long to = all;

	from = from < 0 ? 0 : from > all ? all : from;
	if (has_length) {
		to = length < 0 ? all + length : length < all - from ? from + length : all;
	}
	to = to < from ? from : to;
	memmove(out->p + start, out->p + start + from, (size_t)(to - from));
	out->len = start + (size_t)(to - from);
}

/* The first ':' outside parentheses. */
static size_t name_len(struct tg_span inside)
{
	unsigned depth = 0;

	for (size_t i = 0; i < inside.len; i++) {
		if (inside.p[i] == '(') {
			depth++;
		} else if (inside.p[i] == ')' && depth > 0) {
			depth--;
		} else if (inside.p[i] == ':' && depth == 0) {
			return i;
		}
	}
	return inside.len;
}

struct vars_slice vars_slice_read(struct tg_span inside)
{
	const size_t len = name_len(inside);
	struct tg_span rest = { inside.p + len, inside.len - len };
	struct vars_slice slice = { .name = { inside.p, len } };

	rest.p += rest.len > 0;
	rest.len -= rest.len > 0;
	if (!take_number(&rest, &slice.offset)) {
		return slice;
	}
	slice.has_length = rest.len > 1 && rest.p[0] == ':';
	if (slice.has_length) {
		rest.p++;
		rest.len--;
	}
	slice.is_part = !slice.has_length || take_number(&rest, &slice.length);
	return slice;
}

static void put_variable(const struct work *work, struct tg_span inside)
{
	const struct vars_slice slice = vars_slice_read(inside);
	const size_t start = work->out->len;

	work->out->foreign |= work->source->value(work->source->owner, slice.name, work->out);
	if (slice.is_part) {
		cut_out(work->out, start, slice.offset, slice.has_length, slice.length);
	}
}

static void expand_variable(const struct work *work, struct tg_span inside)
{
	uint8_t name[VARS_NAME_MAX];
	struct vars_text text = { .p = name, .size_bytes = sizeof(name) };
	const struct work inner = { work->source, &text, NULL, work->depth + 1, VARS_FOR_TEXT };

	expand(&inner, inside);
	if (!text.cut) {
		put_variable(work, vars_span(&text));
	}
}

static void expand_expression(const struct work *work, struct tg_span inside)
{
	uint8_t bytes[VARS_TEXT_MAX], marks[VARS_TEXT_MAX];
	struct vars_text text = { .p = bytes, .size_bytes = sizeof(bytes) };
	const struct work inner = { work->source, &text, marks, work->depth + 1, VARS_FOR_TEXT };

	expand(&inner, inside);
	if (!text.cut && expr_eval((struct expr_text){ bytes, marks, text.len }, work->out)) {
		work->out->foreign |= text.foreign;
	}
}

static void put_marked(const struct work *work, struct tg_span text, uint8_t mark)
{
	const size_t start = work->out->len;

	vars_put(work->out, text);
	if (work->out->origin != NULL) {
		memset(work->out->origin + start, 0, work->out->len - start);
	}
	if (work->marks != NULL) {
		memset(work->marks + start, mark, work->out->len - start);
	}
}

/* A caller must not divide our arguments: not dial a second target, not go elsewhere. */
static void remove_dividers(struct vars_text *out, size_t start)
{
	size_t to = start;

	for (size_t i = start; i < out->len; i++) {
		if (out->p[i] == '\0' || strchr(VARS_DIVIDERS, out->p[i]) == NULL) {
			out->p[to++] = out->p[i];
		}
	}
	out->len = to;
}

/* What a bracket stands for, marked as one operand. */
static void expand_bracket(const struct work *work, struct tg_span bracket)
{
	const struct tg_span inside = { bracket.p + 2, bracket.len - 3 };
	const size_t start = work->out->len;
	const bool was_foreign = work->out->foreign;

	work->out->foreign = false;
	if (work->marks != NULL) {
		put_marked(work, (struct tg_span){ (const uint8_t *)"", 1 }, EXPR_MARK_VALUE);
	}
	if (work->depth < VARS_DEPTH_MAX) {
		if (bracket.p[1] == '{') {
			expand_variable(work, inside);
		} else {
			expand_expression(work, inside);
		}
	}
	if (work->out->foreign && work->use == VARS_FOR_ARGUMENTS) {
		remove_dividers(work->out, start);
	}
	if (work->out->origin != NULL) {
		memset(work->out->origin + start, work->out->foreign, work->out->len - start);
	}
	work->out->foreign |= was_foreign;
	if (work->marks != NULL) {
		memset(work->marks + start, EXPR_MARK_VALUE, work->out->len - start);
	}
}

static void expand(const struct work *work, struct tg_span in)
{
	while (in.len > 0) {
		const size_t len = vars_bracket(in);

		if (len > 0) {
			expand_bracket(work, (struct tg_span){ in.p, len });
		} else {
			put_marked(work, (struct tg_span){ in.p, 1 }, 0);
		}
		in.p += len > 0 ? len : 1;
		in.len -= len > 0 ? len : 1;
	}
}

void vars_expand(const struct vars_source *source, enum vars_use use, struct tg_span in, struct vars_text *out)
{
	expand(&(struct work){ source, out, NULL, 0, use }, in);
}
