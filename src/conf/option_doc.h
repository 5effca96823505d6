/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_OPTION_DOC_H
#define TG_CONF_OPTION_DOC_H

#include "conf/option.h"

/** What people are told of an option, beside its row: of those that have an effect. */
struct conf_option_doc {
	const char *name;
	unsigned scopes;      /* ORed, as in the option's row */
	const char *fallback; /* what holds without it: a value, or words in brackets */
	const char *about;
	bool repeats; /* each of its lines counts */
};

/** NULL for an option without effect. @param scope  one of them */
const struct conf_option_doc *conf_option_doc(const struct conf_option *option, enum conf_scope scope);

enum { CONF_VALUES_BYTES = 160 };

/** What may stand behind the "=", "10 to 3600" or "yes, no". Returns text. */
const char *conf_option_values(const struct conf_option *option, char text[CONF_VALUES_BYTES]);

/** "yes", "no effect", "refused" and so on. */
const char *conf_verdict_name(enum conf_verdict verdict);

#endif
