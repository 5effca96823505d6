/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_SECRET_CHECK_H
#define TG_CONF_SECRET_CHECK_H

#include "conf/account.h"

/**
 * Warn of an account's secret if it is easy to guess: file, line, the account's name and the reason, and nothing of the secret.
 * What the user half of a friend was told of, its peer half is not told again.
 *
 * @return whether it is weak
 */
bool conf_secret_check(struct conf_loading *loading, const struct conf_account *account,
                       const struct conf_text *secret);

/** The same of a `register =>` line. */
bool conf_register_check(struct conf_loading *loading, const struct conf_register *entry);

#endif
