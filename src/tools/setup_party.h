/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_SETUP_PARTY_H
#define TG_TOOLS_SETUP_PARTY_H

#include "tools/setup_plan.h"

/** Answers about accounts, sites and trunks, and the words that they are made of. */

#define SETUP_DIGITS "0123456789"
#define SETUP_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SETUP_BLANKS " \t"

/** 1 to `most` of these characters. */
bool setup_is_made_of(const char *text, const char *characters, size_t most);

/** The word at *rest, up to any of the characters in gaps; *rest moves on behind it. */
char *setup_word_cut(char **rest, const char *gaps);

/** Whether it can be a section of iax.conf; an extension. */
bool setup_name_ok(const char *name, char wrong[TOOL_WRONG_BYTES]);
bool setup_number_ok(const char *number, char wrong[TOOL_WRONG_BYTES]);

/** For setup_key_table. */
bool setup_take_account(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES]);
bool setup_take_node(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES]);
bool setup_take_site(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES]);
bool setup_take_trunk(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES]);

#endif
