/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_KEYS_H
#define TG_CONF_KEYS_H

#include "conf/account.h"

/**
 * Accounts that are to prove themselves by an RSA key, and by nothing less. There are no RSA keys in this version, so nobody
 * gets in as one of them: it is neither open nor good with a secret.
 */
bool conf_is_locked(const struct conf_account *account);

/** Whether it has a secret that counts. */
bool conf_has_secret(const struct conf_account *account);

/** Bits of enum world_auth that an account is asked for; 0: it is open to all. */
uint16_t conf_auth_methods(const struct conf_account *account);

/** Say which accounts are locked, in one line for all of them. */
void conf_report_locked(struct conf_loading *loading);

#endif
