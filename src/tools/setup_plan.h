/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_SETUP_PLAN_H
#define TG_TOOLS_SETUP_PLAN_H

#include "base/addr.h"
#include "tools/secret.h"
#include "tools/setup_wrong.h"

#include <stdio.h>

/** What `tollgate setup` is told, judged answer by answer; and the files that come of it. Asks nobody and opens nothing. */

enum {
	SETUP_NAME_BYTES = 40,
	SETUP_NUMBER_BYTES = 16,
	SETUP_HOST_BYTES = 128,
	SETUP_SECRET_BYTES = TOOL_SECRET_MAX + 1,
	SETUP_MADE_CHARACTERS = 20, /* of 32 each: 100 bits */
	SETUP_LISTEN_MAX = 16,      /* as many as bindaddr lines */
	SETUP_PARTIES_MAX = 100,
};

enum setup_kind {
	SETUP_PHONE,
	SETUP_NODE,  /* of a hub: calls other nodes by their numbers, and nobody else */
	SETUP_SITE,  /* another exchange of ours */
	SETUP_TRUNK, /* another exchange that carries calls on, and may want money for it */
};

/** Somebody who calls us or is called. */
struct setup_party {
	enum setup_kind kind;
	char name[SETUP_NAME_BYTES];     /* of the section; digits for a node */
	char number[SETUP_NUMBER_BYTES]; /* of a phone or node; of others how the numbers behind them begin */
	char host[SETUP_HOST_BYTES];     /* "dynamic", an address or a name */
	char username[SETUP_NAME_BYTES]; /* of a trunk: how we are called there */
	char secret[SETUP_SECRET_BYTES];
};

struct setup_plan {
	struct tg_addr listen[SETUP_LISTEN_MAX]; /* port 0: that of `port` */
	size_t listens;
	uint16_t port;
	struct setup_party parties[SETUP_PARTIES_MAX];
	size_t count;
	char here[SETUP_NAME_BYTES];      /* how other sites call us */
	char inbound[SETUP_NUMBER_BYTES]; /* which phone rings for calls from trunks */
	char country[3];
	bool paid, registers, replace, start, call;
	bool show_secrets;
};

/** What holds before any answer: nobody has an account yet, nothing costs money. */
void setup_plan_init(struct setup_plan *plan);

/** Wipes the secrets. */
void setup_plan_deinit(struct setup_plan *plan);

/** One key of the file of answers. */
struct setup_key {
	const char *name;
	const char *value; /* as the help calls it */
	const char *help;
	bool (*take)(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES]); /* may cut value up */
};

/** All of them; ends with a NULL name. */
extern const struct setup_key setup_key_table[];

/**
 * One answer, as it stands in the file behind "key=".
 *
 * @param wrong  why not, for people; never holds a secret
 */
TG_MUST_USE bool setup_answer(struct setup_plan *plan, const char *key, const char *value,
                              char wrong[TOOL_WRONG_BYTES]);

/** Lines of key=value; those that are empty or begin with "#" or ";" say nothing. wrong begins with the line's number. */
TG_MUST_USE bool setup_answers_read(struct setup_plan *plan, FILE *file, char wrong[TOOL_WRONG_BYTES]);

/**
 * Fill in what was not said (all IPv4 addresses, one phone, secrets), and look at the whole.
 *
 * @return false with why, if the answers do not go together
 */
TG_MUST_USE bool setup_plan_finish(struct setup_plan *plan, char wrong[TOOL_WRONG_BYTES]);

/** A secret of SETUP_MADE_CHARACTERS from the kernel's random numbers. */
void setup_secret_make(char secret[SETUP_SECRET_BYTES]);

/** Whether a secret that somebody chose may be used for an account; else wrong says why not, without it. */
TG_MUST_USE bool setup_secret_ok(const char *secret, const char *name, const char *number,
                                 char wrong[TOOL_WRONG_BYTES]);

/** The first of a kind, NULL for none. */
const struct setup_party *setup_first(const struct setup_plan *plan, enum setup_kind kind);

/** Who makes the test call: the first phone, else the first node. */
const struct setup_party *setup_caller(const struct setup_plan *plan);

/** One of the files, by its name; the text is malloc'd, NULL without memory. Wipe and free it: iax.conf has secrets. */
char *setup_file_text(const struct setup_plan *plan, const char *name);

/** The names of the files, NULL behind the last. */
extern const char *const setup_file_names[];

#define SETUP_ECHO "600"
#define SETUP_TONE "601"

#endif
