/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/rx.h"

#include <string.h>

/*
 * The expression becomes a small program, and all threads of it read the text side by side, an octet at a time; a thread that reaches
 * an instruction another one is at already is dropped, so there are never more threads than instructions.
 */
enum { DEPTH_MAX = 64 }; /* groups and alternatives inside each other */

enum op {
	OP_CHAR,
	OP_ANY,
	OP_SET, /* x: offset of the set in the expression, y: its length without the brackets */
	OP_START,
	OP_END,
	OP_SPLIT, /* x is preferred to y */
	OP_JUMP,
	OP_SAVE, /* x: 0 the first group begins, 1 it ends */
	OP_DONE,
};

struct instruction {
	uint8_t op;
	uint8_t c;
	uint16_t x, y;
};

struct program {
	struct instruction code[RX_CODE_MAX];
	uint16_t len;
	bool bad;
	bool has_group;
};

struct parser {
	struct tg_span rx;
	size_t at;
	struct program *program;
	unsigned depth;
};

static uint16_t emit(struct program *program, struct instruction instruction)
{
	if (program->len >= RX_CODE_MAX) {
		program->bad = true;
		return 0;
	}
	program->code[program->len] = instruction;
	return program->len++;
}

/* Make room for one instruction in front of `at`; jumps behind it move along. */
static void insert(struct program *program, uint16_t at, struct instruction instruction)
{
	if (program->len >= RX_CODE_MAX) {
		program->bad = true;
		return;
	}
	memmove(program->code + at + 1, program->code + at, (program->len - at) * sizeof(program->code[0]));
	program->len++;
	for (uint16_t i = (uint16_t)(at + 1); i < program->len; i++) {
		struct instruction *moved = &program->code[i];

		if (moved->op == OP_SPLIT || moved->op == OP_JUMP) {
			moved->x = (uint16_t)(moved->x + (moved->x >= at));
			moved->y = (uint16_t)(moved->y + (moved->y >= at));
		}
	}
	program->code[at] = instruction;
}

static bool more(const struct parser *p)
{
	return p->at < p->rx.len && !p->program->bad;
}

static void parse_choice(struct parser *p);

static void parse_set(struct parser *p)
{
	const size_t start = p->at;

	/* A "]" right after "[" or "[^" is a member. */
	p->at += p->at < p->rx.len && p->rx.p[p->at] == '^';
	p->at += p->at < p->rx.len && p->rx.p[p->at] == ']';
	while (p->at < p->rx.len && p->rx.p[p->at] != ']') {
		p->at++;
	}
	if (p->at >= p->rx.len || p->at > UINT16_MAX) {
		p->program->bad = true;
		return;
	}
	emit(p->program, (struct instruction){ .op = OP_SET, .x = (uint16_t)start, .y = (uint16_t)(p->at - start) });
	p->at++;
}

static void parse_group(struct parser *p)
{
	const bool saves = !p->program->has_group;

	p->program->has_group = true;
	if (++p->depth > DEPTH_MAX) {
		p->program->bad = true;
		return;
	}
	if (saves) {
		emit(p->program, (struct instruction){ .op = OP_SAVE, .x = 0 });
	}
	parse_choice(p);
	if (!more(p) || p->rx.p[p->at] != ')') {
		p->program->bad = true;
		return;
	}
	p->at++;
	p->depth--;
	if (saves) {
		emit(p->program, (struct instruction){ .op = OP_SAVE, .x = 1 });
	}
}

static void parse_atom(struct parser *p)
{
	const uint8_t c = p->rx.p[p->at++];

	switch (c) {
	case '(':
		parse_group(p);
		break;
	case '[':
		parse_set(p);
		break;
	case '.':
		emit(p->program, (struct instruction){ .op = OP_ANY });
		break;
	case '^':
		emit(p->program, (struct instruction){ .op = OP_START });
		break;
	case '$':
		emit(p->program, (struct instruction){ .op = OP_END });
		break;
	case '*':
	case '+':
	case '?':
		p->program->bad = true; /* nothing to repeat */
		break;
	case '\\':
		if (p->at >= p->rx.len) {
			p->program->bad = true;
			break;
		}
		emit(p->program, (struct instruction){ .op = OP_CHAR, .c = p->rx.p[p->at++] });
		break;
	default:
		emit(p->program, (struct instruction){ .op = OP_CHAR, .c = c });
		break;
	}
}

/* What stands from `start` on may be left out, or come again. */
static void repeat(struct program *program, uint16_t start, uint8_t how)
{
	const uint16_t end = program->len;

	if (how == '+') {
		emit(program, (struct instruction){ .op = OP_SPLIT, .x = start, .y = (uint16_t)(end + 1) });
		return;
	}
	insert(program, start, (struct instruction){ .op = OP_SPLIT, .x = (uint16_t)(start + 1) });
	if (how == '*') {
		emit(program, (struct instruction){ .op = OP_JUMP, .x = start });
	}
	if (!program->bad) {
		program->code[start].y = program->len;
	}
}

static void parse_row(struct parser *p)
{
	while (more(p) && p->rx.p[p->at] != '|' && p->rx.p[p->at] != ')') {
		const uint16_t start = p->program->len;

		parse_atom(p);
		while (more(p) && strchr("*+?", p->rx.p[p->at]) != NULL && p->rx.p[p->at] != '\0') {
			repeat(p->program, start, p->rx.p[p->at++]);
		}
	}
}

static void parse_choice(struct parser *p)
{
	const uint16_t start = p->program->len;

	parse_row(p);
	if (more(p) && p->rx.p[p->at] == '|') {
		p->at++;
		insert(p->program, start, (struct instruction){ .op = OP_SPLIT, .x = (uint16_t)(start + 1) });
		const uint16_t jump = emit(p->program, (struct instruction){ .op = OP_JUMP });

		if (p->program->bad) {
			return;
		}
		p->program->code[start].y = p->program->len;
		if (++p->depth > DEPTH_MAX) {
			p->program->bad = true;
			return;
		}
		parse_choice(p);
		p->depth--;
		if (!p->program->bad) {
			p->program->code[jump].x = p->program->len;
		}
	}
}

static bool compile(struct program *program, struct tg_span rx)
{
	struct parser p = { .rx = rx, .program = program };

	program->len = 0;
	program->has_group = false;
	program->bad = rx.len > UINT16_MAX;
	parse_choice(&p);
	emit(program, (struct instruction){ .op = OP_DONE });
	return !program->bad && p.at == rx.len;
}

struct thread {
	uint16_t at;
	uint16_t begin;
	uint16_t group[2]; /* where the first group began and ended, plus 1; 0 for not yet */
};

struct threads {
	struct thread list[RX_CODE_MAX];
	uint16_t count;
};

struct machine {
	const struct program *program;
	struct tg_span rx, text;
	uint8_t seen[RX_CODE_MAX / 8];
	bool found;
	struct thread best;
	size_t best_end;
};

static bool visit(struct machine *m, uint16_t at)
{
	const uint8_t bit = (uint8_t)(1u << (at % 8));
	const bool was = (m->seen[at / 8] & bit) != 0;

	m->seen[at / 8] |= bit;
	return !was;
}

/* Add a thread, and those it leads to without reading; the preferred ones first. Bounded by `seen`. */
static void add(struct machine *m, struct threads *to, struct thread t, size_t pos)
{
	struct thread stack[RX_CODE_MAX + 1];
	unsigned depth = 0;

	stack[depth++] = t;
	while (depth > 0) {
		t = stack[--depth];
		if (!visit(m, t.at)) {
			continue;
		}
		const struct instruction *i = &m->program->code[t.at];
		struct thread next = t;

		switch ((enum op)i->op) {
		case OP_SPLIT:
			next.at = i->y;
			stack[depth++] = next;
			next.at = i->x;
			stack[depth++] = next;
			break;
		case OP_JUMP:
			next.at = i->x;
			stack[depth++] = next;
			break;
		case OP_SAVE:
			next.group[i->x] = (uint16_t)(pos + 1);
			next.at++;
			stack[depth++] = next;
			break;
		case OP_START:
		case OP_END:
			if (i->op == OP_START ? pos == 0 : pos == m->text.len) {
				next.at++;
				stack[depth++] = next;
			}
			break;
		case OP_CHAR:
		case OP_ANY:
		case OP_SET:
		case OP_DONE:
			to->list[to->count++] = t;
			break;
		}
	}
}

static bool set_has(struct tg_span set, uint8_t c)
{
	const bool negated = set.len > 0 && set.p[0] == '^';
	bool has = false;

	for (size_t i = negated; i < set.len; i++) {
		if (i + 2 < set.len && set.p[i + 1] == '-') {
			has = has || (c >= set.p[i] && c <= set.p[i + 2]);
			i += 2;
		} else {
			has = has || c == set.p[i];
		}
	}
	return has != negated;
}

static bool takes(const struct machine *m, const struct instruction *i, uint8_t c)
{
	return i->op == OP_ANY || (i->op == OP_CHAR && i->c == c) ||
	       (i->op == OP_SET && set_has((struct tg_span){ m->rx.p + i->x, i->y }, c));
}

/* One octet for all threads; a finished one wins over those behind it. */
static void step(struct machine *m, const struct threads *from, struct threads *to, size_t pos)
{
	to->count = 0;
	memset(m->seen, 0, sizeof(m->seen));
	for (uint16_t t = 0; t < from->count; t++) {
		const struct instruction *i = &m->program->code[from->list[t].at];

		if (i->op == OP_DONE) {
			m->found = true;
			m->best = from->list[t];
			m->best_end = pos;
			return;
		}
		if (pos < m->text.len && takes(m, i, m->text.p[pos])) {
			struct thread next = from->list[t];

			next.at++;
			add(m, to, next, pos + 1);
		}
	}
}

static void run(struct machine *m, bool anchored)
{
	struct threads lists[2];
	struct threads *now = &lists[0], *then = &lists[1];

	now->count = 0;
	memset(m->seen, 0, sizeof(m->seen));
	for (size_t pos = 0; pos <= m->text.len; pos++) {
		if (!m->found && (pos == 0 || !anchored)) {
			add(m, now, (struct thread){ .begin = (uint16_t)pos }, pos);
		}
		if (now->count == 0 && (anchored || m->found)) {
			return;
		}
		step(m, now, then, pos);
		struct threads *swap = now;

		now = then;
		then = swap;
	}
}

enum rx_result rx_find(struct tg_span rx, struct tg_span text, bool anchored, struct rx_match *match)
{
	struct program program;
	struct machine m = { .program = &program, .rx = rx, .text = text };

	*match = (struct rx_match){ 0 };
	if (text.len >= UINT16_MAX || !compile(&program, rx)) {
		return RX_BAD;
	}
	match->with_group = program.has_group;
	run(&m, anchored);
	if (!m.found) {
		return RX_NO;
	}
	match->at = m.best.begin;
	match->len = m.best_end - m.best.begin;
	match->has_group = m.best.group[0] != 0 && m.best.group[1] != 0;
	if (match->has_group) {
		match->group_at = m.best.group[0] - 1u;
		match->group_len = (size_t)(m.best.group[1] - m.best.group[0]);
	}
	return RX_YES;
}
