/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_FRONT_TEXT_H
#define TG_TOOLS_FRONT_TEXT_H

#include "conf/arena.h"

/** Changes of single lines in a file of the iax.conf family; all other octets stay as they are. */

#define FRONT_MARK "; tollgate front"
#define FRONT_OFF_MARK ";tollgate front: " /* before a line that is switched off */

enum front_act {
	FRONT_OFF,     /* the line becomes a comment */
	FRONT_REPLACE, /* another line stands there, marked */
};

struct front_edit {
	struct front_edit *next;
	uint32_t line; /* from 1 */
	enum front_act act;
	const char *text;  /* FRONT_REPLACE: without an end of line */
	const char *shown; /* the old line as it may be printed: without secrets */
	const char *why;
};

/**
 * Put an edit into a list that is sorted by line. An earlier edit of the same line stays.
 *
 * @return the edit, or NULL if there was one or memory is used up; texts are lent
 */
struct front_edit *front_edit_add(struct conf_arena *arena, struct front_edit **list, uint32_t line);

/**
 * The text with its edits, and `append` behind it.
 *
 * @param append      whole lines, or NULL
 * @param out         in the arena
 * @param wrong_line  a line that cannot be edited alone, because a block comment begins or ends in it; 0 without memory
 */
TG_MUST_USE bool front_text_edit(struct conf_arena *arena, struct tg_span text, const struct front_edit *edits,
                                 const char *append, struct tg_span *out, uint32_t *wrong_line);

#endif
