/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_CHANGES_H
#define TG_CONF_CHANGES_H

#include "model/secret.h"
#include "model/world.h"

/** What one configuration has that another one has not, by names and options, for people. Both worlds are checked ones. */

struct conf_changes_ops {
	void *owner;
	/** Whether the secrets of a name differ; the names differ only for registrations. NULL: secrets are not looked at. */
	bool (*secret_differs)(void *owner, enum model_identity identity, const char *old_name, const char *new_name);
	/** One line, "changed: user alice: permit, secret". */
	void (*tell)(void *owner, const char *line);
};

enum {
	CONF_CHANGES_LINES = 40, /* at most; a last one says how many are left out */
	CONF_CHANGES_NAMES = 8,  /* at most in a line */
	CONF_CHANGES_BYTES = 400,
};

/**
 * Tell all changes. What is the same for several accounts or contexts is one line. Addresses that names of hosts were resolved to,
 * and places in files, are none.
 *
 * @return how many lines there were; 0: nothing changed
 */
uint32_t conf_changes(const struct world *old, const struct world *new, const struct conf_changes_ops *ops);

#endif
