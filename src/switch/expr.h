/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_EXPR_H
#define TG_SWITCH_EXPR_H

#include "switch/vars.h"

/**
 * The inside of `$[ ]`, lowest first: `a ? b :: c`, `|`, `&`, `= != < > <= >=`, `+ -`, `* / %`, `! -`, `: =~`, parentheses. Numbers are
 * whole, of 64 bits; comparisons are by number if both sides are numbers, else by octets. Double quotes hold a text together
 * and do not count as part of it. `a | b` is a unless that is empty or 0, then b; `a & b` is a if neither is, else 0.
 */

enum { EXPR_DEPTH_MAX = 32 };

/** An expression in which values were already put: octets whose mark is not 0 are part of an operand, whatever they are. */
struct expr_text {
	const uint8_t *p;
	const uint8_t *marks; /* as many as octets; NULL if none is marked */
	size_t len;
};

/** A marked NUL holds the place of a value, so that an empty one is still an operand; it is left out of every text. */
enum { EXPR_MARK_VALUE = 1 };

/**
 * Add the expression's value to out.
 *
 * @return false if it cannot be read, or overflows: nothing is added then
 */
TG_MUST_USE bool expr_eval(struct expr_text in, struct vars_text *out);

/** Whether a value counts as true: neither empty nor a number equal to 0. */
bool expr_is_true(struct tg_span value);

#endif
