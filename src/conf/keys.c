/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/keys.h"

#include <stdio.h>

/* Of a user each secret counts, of any other account the last one. */
static bool names_a_secret(const struct conf_account *account)
{
	const struct conf_texts *secrets = &account->secrets;

	if (account->half != CONF_USER) {
		return secrets->last != NULL && secrets->last->text[0] != '\0';
	}
	for (const struct conf_text *secret = secrets->first; secret != NULL; secret = secret->next) {
		if (secret->text[0] != '\0') {
			return true;
		}
	}
	return false;
}

bool conf_is_locked(const struct conf_account *account)
{
	return account->half != CONF_REGISTRATION &&
	       (account->common.rsa_only || (account->has_keys && !names_a_secret(account)));
}

bool conf_has_secret(const struct conf_account *account)
{
	return !conf_is_locked(account) && names_a_secret(account);
}

uint16_t conf_auth_methods(const struct conf_account *account)
{
	return conf_is_locked(account) ? WORLD_AUTH_RSA : conf_has_secret(account) ? WORLD_AUTH_MD5 : 0;
}

/* The two halves of a friend are one. */
static bool is_told_as_user(const struct conf_loading *loading, const struct conf_account *account)
{
	const struct conf_account *user = conf_account_find(loading, CONF_USER, tg_span_text(account->name));

	return user != NULL && user != account && conf_is_locked(user);
}

void conf_report_locked(struct conf_loading *loading)
{
	const struct conf_account *first = NULL;
	char others[32] = "";
	uint32_t count = 0;

	for (const struct conf_account *account = loading->accounts; account != NULL; account = account->next) {
		if (conf_is_locked(account) && !is_told_as_user(loading, account)) {
			first = first != NULL ? first : account;
			count++;
		}
	}
	if (first == NULL) {
		return;
	}
	if (count > 1) {
		snprintf(others, sizeof(others), " and %u more", (unsigned)count - 1);
	}
	conf_warning(loading->problems, first->at,
	             "[%s]%s: nobody gets in, because RSA keys are not supported in this version; auth=md5 and secret= "
	             "open it",
	             first->name, others);
}
