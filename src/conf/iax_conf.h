/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_IAX_CONF_H
#define TG_CONF_IAX_CONF_H

#include "conf/account.h"
#include "conf/dialect.h"

/** iax.conf, tollgate.conf and acl.conf: from sections to the rows of a world. To be called in this order. */

/** Named lists. */
void conf_acl_read(struct conf_loading *loading, const struct conf_dialect *acl);

/** [general] of both files, then all accounts. Either dialect may be empty. */
void conf_iax_read(struct conf_loading *loading, const struct conf_dialect *iax, const struct conf_dialect *tollgate);

/** A row of [callnumberlimits] is about the same addresses. */
bool conf_limit_is_known(const struct conf_loading *loading, const struct world_range *range);

/** Settings, accounts and registrations become rows, secrets go into loading->secrets. */
void conf_iax_emit(struct conf_loading *loading);

#endif
