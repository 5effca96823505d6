/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_CHANGES_INSIDE_H
#define TG_CONF_CHANGES_INSIDE_H

#include "conf/changes.h"

/* What the files of conf/changes.h share: changes.c (lines), changes_fields.c (options), changes_plan.c (contexts). */

enum { CHANGES_WHAT_BYTES = 200 };

/** The same change of several things: one line. */
struct changes_group {
	char kind[24];                 /* "added: user" */
	char what[CHANGES_WHAT_BYTES]; /* "permit, secret", or "" */
	char names[CHANGES_WHAT_BYTES];
	uint32_t count, named; /* of all, and of those in names */
};

struct changes {
	const struct world *old, *new;
	const struct conf_changes_ops *ops;
	struct changes_group groups[CONF_CHANGES_LINES];
	uint32_t count, left_out;
	uint64_t scanned; /* extensions looked at to find others; there is an end to it */
};

/** A list of words that grows, each once: "permit, secret". */
struct changes_words {
	char text[CHANGES_WHAT_BYTES];
	const char *last;
};
void changes_word(struct changes_words *words, const char *word);

/** One thing that changed. @param name  "" for what there is once */
void changes_add(struct changes *c, const char *kind, const char *name, const char *what);

/** Texts of two worlds. */
bool changes_same_text(const struct changes *c, struct world_text old, struct world_text new);

/** @param place  row + 1; 0 for none, which is "" */
const char *changes_policy_name(const struct world *world, uint32_t place);

void changes_settings(struct changes *c);
void changes_lists(struct changes *c);

/* The same thing in both worlds: rows of the table that the name says. */
void changes_user(struct changes *c, const void *old_row, const void *new_row);
void changes_peer(struct changes *c, const void *old_row, const void *new_row);
void changes_registration(struct changes *c, const void *old_row, const void *new_row);
void changes_policy(struct changes *c, const void *old_row, const void *new_row);
void changes_numbers(struct changes *c, const void *old_row, const void *new_row);
void changes_context(struct changes *c, const void *old_row, const void *new_row);

#endif
