/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_POLICY_H
#define TG_CONF_POLICY_H

#include "conf/account.h"
#include "conf/dialect.h"

/** [numbers], [numbers NAME] and [policy NAME] of tollgate.conf: how numbers are dialled, and who may make which paid calls. */

/** Reads a section, if it is one of these. @return false if it is none, or a second one of its name */
TG_MUST_USE bool conf_policy_section(struct conf_loading *loading, const struct conf_section *section);

/** All of them become rows of the world. The destinations are there already. */
void conf_policies_emit(struct conf_loading *loading);

/** Says which trunk takes money for numbers that cannot be told apart. Peers and users are rows already. */
void conf_policies_check(struct conf_loading *loading);

/** The row + 1 that a line of an account names; 0 for none. A name that is none is an error. The option is for that. */
uint32_t conf_policy_named(struct conf_loading *loading, const struct conf_text *name, const char *option);
uint32_t conf_numbers_named(struct conf_loading *loading, const struct conf_text *name);

struct conf_policy *conf_policy_find(const struct conf_loading *loading, const char *name);

#endif
