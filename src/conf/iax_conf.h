/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_IAX_CONF_H
#define TG_CONF_IAX_CONF_H

#include "conf/account.h"
#include "conf/dialect.h"
#include "conf/option.h"

/** How a section of tollgate.conf may be written. */
enum conf_section_form {
	CONF_SECTION_ONCE = 1,  /* [guard] */
	CONF_SECTION_NAMED = 2, /* [policy NAME] */
};

struct conf_section_kind {
	const char *name;
	enum conf_scope scope; /* of its options */
	unsigned forms;        /* of enum conf_section_form, ORed */
	bool holds_unwritten;  /* its defaults are in force without it, too */
};

/** All sections that tollgate.conf may have, for messages and tools; NULL after the last. */
const struct conf_section_kind *conf_section_kind_at(size_t index);

/** iax.conf, tollgate.conf and acl.conf: from sections to the rows of a world. To be called in this order. */

/** Named lists. */
void conf_acl_read(struct conf_loading *loading, const struct conf_dialect *acl);

/** [general] of both files, then all accounts. Either dialect may be empty. */
void conf_iax_read(struct conf_loading *loading, const struct conf_dialect *iax, const struct conf_dialect *tollgate);

/** Settings, accounts and registrations become rows, secrets go into loading->secrets. */
void conf_iax_emit(struct conf_loading *loading);

#endif
