/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_FINGERPRINT_H
#define TG_CONF_FINGERPRINT_H

#include "conf/account.h"

/**
 * fingerprints.conf: marks of tools, a rule a line: `name | score | conditions | provenance`. Conditions are joined by commas,
 * each `fact test value`: a fact by world_fact_name(), a test of = != < >, a whole number; a subclass may be a word. A line that
 * begins with a semicolon is a comment.
 */
enum {
	CONF_FINGERPRINTS_MAX = 256, /* rules of a file */
	CONF_CONDITIONS_MAX = 16,    /* of a rule */
};

/** The rules of loading->general.fingerprints become rows of the world. The file may be missing unless a line named it. */
void conf_fingerprints_read(struct conf_loading *loading);

#endif
