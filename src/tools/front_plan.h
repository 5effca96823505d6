/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_FRONT_PLAN_H
#define TG_TOOLS_FRONT_PLAN_H

#include "base/addr.h"
#include "conf/dialect.h"
#include "tools/front_source.h"

/**
 * What stands between an Asterisk's configuration and Tollgate in front of it: the changes of its own files (the
 * overlay), and our copy of them. Nothing is written here.
 */

/** The file with all new lines of the backend; its iax.conf includes it last. */
#define FRONT_OVERLAY "tollgate-front.conf"

/** Something to be said to the operator. */
struct front_note {
	struct front_note *next;
	struct conf_place at;
	const char *text;
};

struct front_notes {
	struct front_note *first, *last;
	uint32_t count;
};

/** A line of the overlay. */
struct front_line {
	struct front_line *next;
	const char *text, *why;
};

enum { FRONT_LINE_BYTES = 512 };

/** As it stands in the file, with its reason behind it. Returns text. */
const char *front_line_format(const struct front_line *line, char text[FRONT_LINE_BYTES]);

struct front_lines {
	struct front_line *first, *last;
	size_t bytes;
};

struct front_plan {
	struct conf_arena arena;      /* of all the rest */
	struct conf_dialect iax, acl; /* as they are */
	struct front_source source;   /* iax.conf, acl.conf and what they include */
	struct tg_addr backend;       /* where it will listen */
	struct tg_addr front;         /* where it finds us */
	bool front_is_new;            /* no address of iax.conf covers it: our copy gets it */
	struct front_lines overlay;
	const char *overlay_text, *our_append;
	struct front_notes lost; /* what cannot be carried, and why */
	uint32_t accounts, trunks;
};

/**
 * Plan it.
 *
 * @param files    the backend's configuration, lent as long as plan lives
 * @param folder   its absolute path without links; NULL in tests
 * @param backend  a loopback address with a port
 * @param problems gets an error for each reason why there is no plan
 * @return false if there is none; front_plan_free() it in any case
 */
TG_MUST_USE bool front_plan_make(struct front_plan *plan, const struct conf_files *files, const char *folder,
                                 struct tg_addr backend, struct conf_problems *problems);

/** Wipes it: it holds secrets. */
void front_plan_free(struct front_plan *plan);

/* ---- the parts of it ---- */

/** What a section is, as the rules ask for it. */
enum front_fact {
	FRONT_GENERAL = 1,
	FRONT_LIMITS = 2,
	FRONT_USER = 4,
	FRONT_PEER = 8,
	FRONT_STATIC = 16,  /* a peer with an address or host name */
	FRONT_DEFAULT = 32, /* a dynamic peer with defaultip= */
	FRONT_ACL = 64,     /* permit= or deny= */
	FRONT_TRUNKED = 128,
	FRONT_SECRET = 256,
};

/** All facts of a section, ORed. */
unsigned front_facts(const struct conf_section *section);

/** The last line of that name, which is the one that counts; NULL for none. */
const struct conf_line *front_line_of(const struct conf_section *section, const char *name);

/** A value that switches on: yes and the like, or the name of an encryption. */
bool front_is_on(const char *value);

/** The value that counts switches on. */
bool front_is_true(const struct conf_section *section, const char *name);

/** Why an account cannot be carried; NULL if it can. @param general  may be NULL */
const char *front_left_out(const struct conf_section *section, const struct conf_section *general);

/** [general]; NULL for none. */
const struct conf_section *front_general(const struct conf_dialect *dialect);

bool front_is_account(const struct conf_section *section);

void front_note_add(struct front_plan *plan, struct conf_place at, const char *format, ...) TG_PRINTF(3, 4);

/** Edits of the backend's files, and the overlay. */
void front_plan_theirs(struct front_plan *plan);

/** Edits in our copy. */
void front_plan_ours(struct front_plan *plan);

/** Look for what lies in other files: realtime, users.conf, hosts in dial strings. */
void front_plan_survey(struct front_plan *plan, const struct conf_files *files);

/** Apply the edits, read the result again, and compare it with what it has to be. */
TG_MUST_USE bool front_plan_verify(struct front_plan *plan, const struct conf_files *files,
                                   struct conf_problems *problems);

#endif
