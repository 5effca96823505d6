/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_OPTION_H
#define TG_CONF_OPTION_H

#include "conf/account.h"
#include "conf/dialect.h"

/** Every option of iax.conf, acl.conf and tollgate.conf: one row each, which is all that is known of it. */

enum conf_scope {
	CONF_IN_GENERAL = 1,
	CONF_IN_USER = 2,
	CONF_IN_PEER = 4,
	CONF_IN_REGISTRATION = 8,
	CONF_IN_TOLLGATE = 16,  /* [general] of tollgate.conf */
	CONF_IN_ACL = 32,       /* a section of acl.conf */
	CONF_IN_GUARD = 64,     /* [guard] of tollgate.conf */
	CONF_IN_NUMBERS = 128,  /* [numbers] and [numbers NAME] of tollgate.conf */
	CONF_IN_POLICY = 256,   /* [policy NAME] of tollgate.conf */
	CONF_IN_FRONT = 512,    /* [front] of tollgate.conf */
	CONF_IN_METRICS = 1024, /* [metrics] of tollgate.conf */
	CONF_IN_LAST = CONF_IN_METRICS,
};

enum conf_verdict {
	CONF_VERDICT_YES,         /* has the effect it should have */
	CONF_VERDICT_NOTE,        /* accepted without effect, said once a load */
	CONF_VERDICT_NOTE_TRUE,   /* the same, unless it is switched off: then there is nothing to say */
	CONF_VERDICT_WARN_TRUE,   /* the same as a warning: protection that was asked for is not there */
	CONF_VERDICT_REFUSE,      /* an error */
	CONF_VERDICT_REFUSE_TRUE, /* an error, unless it is switched off */
};

struct conf_setting;

struct conf_option {
	const char *name;
	unsigned scopes; /* of enum conf_scope, ORed */
	enum conf_verdict verdict;
	const char *hint; /* of a note or refusal: why, and what to do */
	bool (*parse)(struct conf_setting *setting, void *field);
	uint32_t offset; /* of the field, in the struct that the scope is about */
	uint32_t min, max;
	bool is_secret; /* its value is in no message */
	const char
		*except; /* of a note: the one value that has its effect here, so there is nothing to say; NULL: none */
};

/** All rows, for documentation and tests; NULL after the last. */
const struct conf_option *conf_option_at(size_t index);

const char *conf_scope_name(enum conf_scope scope);

/** A line that was given to an option, for who tells people where a value comes from. Lent for the time of the call. */
struct conf_traced {
	const struct conf_option *option;
	enum conf_scope scope;
	const char *section;      /* the account's or section's name; "" for what there is once */
	struct conf_place begins; /* the first line of that account or section; file NULL: not known */
	const char *value;        /* no secret is in it */
	bool has_effect;
	struct conf_place at;
};

struct conf_trace {
	void *owner;
	/** Lines of a friend come once for each half. */
	void (*told)(void *owner, const struct conf_traced *traced);
};

/** What a line is about: a struct conf_general, conf_account, conf_acl, conf_numbers, conf_policy or conf_front, by scope. */
struct conf_target {
	enum conf_scope scope;
	void *base;
};

/** Give one line its effect. A friend is two targets; findings are reported once. */
void conf_option_set(struct conf_loading *loading, const struct conf_line *line, const struct conf_target *targets,
                     size_t count);

#endif
