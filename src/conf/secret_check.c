/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/secret_check.h"

#include "conf/weak.h"

static enum conf_weakness weakness_of(const struct conf_account *account, const char *secret)
{
	const char *const texts[] = { account->name, account->username, account->callerid_number, account->regexten };
	struct tg_span names[TG_COUNT(texts)];

	for (size_t i = 0; i < TG_COUNT(texts); i++) {
		names[i] = tg_span_text(texts[i] != NULL ? texts[i] : "");
	}
	return conf_weak(tg_span_text(secret), names, TG_COUNT(names));
}

static bool is_told(const struct conf_loading *loading, const struct conf_account *account,
                    const struct conf_text *secret)
{
	const struct conf_account *user = account->half == CONF_PEER
	                                          ? conf_account_find(loading, CONF_USER, tg_span_text(account->name))
	                                          : NULL;

	for (const struct conf_text *other = user != NULL ? user->secrets.first : NULL; other != NULL;
	     other = other->next) {
		if (tg_span_equal(tg_span_text(other->text), tg_span_text(secret->text)) &&
		    weakness_of(user, other->text) != CONF_STRONG) {
			return true;
		}
	}
	return false;
}

static void report(struct conf_loading *loading, struct conf_place at, const char *name, enum conf_weakness weakness)
{
	conf_warning(loading->problems, at, "[%s]: " CONF_WEAK_SAYS "%s" CONF_WEAK_OFFER, name,
	             conf_weak_text(weakness));
}

bool conf_secret_check(struct conf_loading *loading, const struct conf_account *account, const struct conf_text *secret)
{
	if (secret->text[0] == '\0') {
		return false;
	}
	const enum conf_weakness weakness = weakness_of(account, secret->text);

	if (weakness != CONF_STRONG && !is_told(loading, account, secret)) {
		report(loading, secret->at, account->name, weakness);
	}
	return weakness != CONF_STRONG;
}

bool conf_register_check(struct conf_loading *loading, const struct conf_register *entry)
{
	const struct tg_span user = tg_span_text(entry->username);
	const enum conf_weakness weakness = entry->secret != NULL && entry->secret[0] != '\0'
	                                            ? conf_weak(tg_span_text(entry->secret), &user, 1)
	                                            : CONF_STRONG;

	if (weakness != CONF_STRONG) {
		report(loading, entry->at, entry->username, weakness);
	}
	return weakness != CONF_STRONG;
}
