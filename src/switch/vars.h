/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_VARS_H
#define TG_SWITCH_VARS_H

#include "base/bytes.h"

/**
 * Expansion of dialplan text: `${NAME}`, `${NAME:offset:length}`, `${FUNCTION(argument)}` and `$[expression]`. What a variable holds is
 * never read as dialplan text or as part of an expression again: callers choose some of it.
 */
enum { VARS_TEXT_MAX = 4096, VARS_NAME_MAX = 256, VARS_DEPTH_MAX = 4 };

/** Where text is collected. What does not fit is cut, and `cut` says so. */
struct vars_text {
	uint8_t *p;
	size_t size_bytes;
	size_t len;
	bool cut;
	bool foreign;    /* a caller chose some of it */
	uint8_t *origin; /* as long as p: not 0 for octets that a caller chose; NULL if nobody wants to know */
};

void vars_put(struct vars_text *out, struct tg_span text);
void vars_put_uint(struct vars_text *out, uint64_t number);
struct tg_span vars_span(const struct vars_text *out);

/** Who knows the variables. A name that is unknown puts nothing. */
struct vars_source {
	const void *owner;
	/* @return true if the value is foreign: a caller chose it */
	bool (*value)(const void *owner, struct tg_span name, struct vars_text *out);
};

/** What divides the arguments of applications. */
#define VARS_DIVIDERS ",&/@:?^()"

/** What the result is for. */
enum vars_use {
	VARS_FOR_TEXT,      /* values as they are */
	VARS_FOR_ARGUMENTS, /* foreign values lose VARS_DIVIDERS */
};

/** How long `${...}` or `$[...]` at the front of text is, brackets of its kind inside counted; 0 if there is none, or no end. */
size_t vars_bracket(struct tg_span text);

/** What stands in `${...}`: NAME, NAME:offset or NAME:offset:length. What is no number leaves the value whole. */
struct vars_slice {
	struct tg_span name; /* with its argument; lent */
	bool is_part, has_length;
	long offset, length; /* in octets; negative ones count from the end */
};

struct vars_slice vars_slice_read(struct tg_span inside);

/**
 * Expand `in` and add the result to out. Unfinished `${` and `$[` are taken as they stand; what nests deeper than VARS_DEPTH_MAX
 * gives nothing; an expression that cannot be read gives nothing.
 */
void vars_expand(const struct vars_source *source, enum vars_use use, struct tg_span in, struct vars_text *out);

#endif
