/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_FRONT_H
#define TG_CONF_FRONT_H

#include "conf/account.h"
#include "conf/dialect.h"

/**
 * [front] of tollgate.conf: another exchange stands behind this one and keeps the accounts' dialplan. Nothing is new in a world
 * in front of it but rows: each account gets a peer and a context that carry its calls on, and a user and a context for what the
 * backend calls as that name. What they are is said with WORLD_FRONT_TO and WORLD_FRONT_FROM in model/world.h.
 */

/** There is a section, and its lines were read. */
void conf_front_section(struct conf_loading *loading, const struct conf_section *section);

/** A backend was named, rightly or not. */
bool conf_front_is_on(const struct conf_loading *loading);

/** The section as a whole, once all lines of [general] were read; finds our own address for the backend. */
void conf_front_check(struct conf_loading *loading);

/** Whether somebody who is called at an address would be this exchange itself, or its backend. */
bool conf_front_is_loop(const struct conf_loading *loading, struct tg_addr addr);

/** All generated rows. Only after conf_iax_emit(). */
void conf_front_emit(struct conf_loading *loading);

#endif
