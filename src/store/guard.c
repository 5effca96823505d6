/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/columns.h"
#include "store/inside.h"

/* ---- Bans ---- */

/* Take out the one of this kind, or the one of the other kind; or name it. */
static bool ban_by_key(struct store *store, enum statement which, const struct model_ban *ban)
{
	sqlite3_stmt *statement = store->statements[which];
	int at = 1;

	store_bind_addr(statement, &at, ban->base);
	store_bind_number(statement, &at, ban->bits);
	store_bind_number(statement, &at, ban->kind);
	return store_finish(statement);
}

static bool ban_write(struct store *store, const struct model_ban *ban)
{
	sqlite3_stmt *statement = store->statements[PUT_BAN];
	int at = 1;

	store_bind_addr(statement, &at, ban->base);
	store_bind_number(statement, &at, ban->bits);
	store_bind_number(statement, &at, ban->kind);
	store_bind_number(statement, &at, ban->id.time);
	store_bind_number(statement, &at, ban->id.salt);
	store_bind_number(statement, &at, ban->since_ms);
	store_bind_number(statement, &at, ban->until_ms);
	store_bind_number(statement, &at, ban->step);
	store_bind_number(statement, &at, ban->reason);
	store_bind_number(statement, &at, ban->in_kernel);
	store_bind_text(statement, &at, ban->who);
	store_bind_text(statement, &at, ban->text);
	return store_finish(statement);
}

enum store_result store_put_ban(struct store *store, const struct model_ban *ban, uint64_t now_ms)
{
	if (!store_begin(store)) {
		return store_failed(store, "a transaction cannot begin");
	}
	const bool ok = model_ban_is_gone(ban, now_ms)
	                        ? ban_by_key(store, FORGET_BAN, ban)
	                        : ban_by_key(store, FORGET_OTHER_BANS, ban) && ban_write(store, ban) &&
	                                  (!store->is_naming || ban_by_key(store, PUT_NAME, ban));

	return ok && ban_by_key(store, FORGET_UNTOLD, ban) ? STORE_OK : store_failed(store, "a ban cannot be written");
}

enum store_result store_begin_bans(struct store *store)
{
	store->is_naming = true;
	return store_begin(store) && store_finish(store->statements[CLEAR_NAMES])
	               ? STORE_OK
	               : store_failed(store, "bans cannot be named");
}

enum store_result store_end_bans(struct store *store)
{
	if (!store->is_naming) {
		return STORE_OK;
	}
	store->is_naming = false;
	return store_begin(store) && store_finish(store->statements[FORGET_UNNAMED]) &&
	                       store_finish(store->statements[CLEAR_NAMES])
	               ? STORE_OK
	               : store_failed(store, "bans that are over cannot be removed");
}

/* @return false if it makes no sense */
static bool ban_read(sqlite3_stmt *statement, struct model_ban *ban)
{
	bool ok = true;
	int at = 0;

	*ban = (struct model_ban){ 0 };
	ban->base = store_read_addr(statement, &at);
	ban->bits = store_read_at_most(statement, &at, 128, &ok);
	ban->kind = store_read_at_most(statement, &at, MODEL_BAN_KINDS - 1, &ok);
	ban->id.time = store_read_number(statement, &at);
	ban->id.salt = store_read_number(statement, &at);
	ban->since_ms = store_read_number(statement, &at);
	ban->until_ms = store_read_number(statement, &at);
	ban->step = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	ban->reason = store_read_at_most(statement, &at, MODEL_REASON_COUNT - 1, &ok);
	ban->in_kernel = store_read_at_most(statement, &at, 1, &ok);
	store_read_text(statement, &at, ban->who, sizeof(ban->who));
	store_read_text(statement, &at, ban->text, sizeof(ban->text));
	return ok && ban->base.family != TG_NO_ADDR && ban->base.port == 0 &&
	       ban->bits <= (ban->base.family == TG_IPV4 ? 32 : 128);
}

/* What is over, perhaps only by a clock that will be set back. */
static bool note_untold(struct store *store, uint64_t now_ms)
{
	sqlite3_stmt *statement = store->statements[PUT_UNTOLD];
	int at = 1;

	store_bind_number(statement, &at, now_ms);
	return store_finish(store->statements[CLEAR_UNTOLD]) && store_finish(statement);
}

enum store_result store_each_ban(struct store *store, uint64_t now_ms,
                                 void (*on)(void *owner, const struct model_ban *ban), void *owner)
{
	sqlite3_stmt *statement = store->statements[EACH_BAN];
	struct model_ban ban;
	int result, at = 1;

	if (!note_untold(store, now_ms)) {
		return store_failed(store, "the bans cannot be read");
	}
	store_bind_number(statement, &at, now_ms);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		if (ban_read(statement, &ban)) {
			on(owner, &ban);
		}
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : store_failed(store, "the bans cannot be read");
}

/* ---- Accounts ---- */

static bool is_nothing(const struct model_guard_account *account)
{
	static const struct model_guard_network none[MODEL_GUARD_NETWORKS];

	return account->failures == 0 && account->distinct == 0 && account->guarded_until_ms == 0 &&
	       memcmp(account->networks, none, sizeof(none)) == 0;
}

static bool account_forget(struct store *store, const char *name)
{
	sqlite3_stmt *statement = store->statements[FORGET_ACCOUNT];
	int at = 1;

	store_bind_text(statement, &at, name);
	return store_finish(statement);
}

static bool account_write(struct store *store, const struct model_guard_account *account)
{
	sqlite3_stmt *statement = store->statements[PUT_ACCOUNT];
	int at = 1;

	store_bind_text(statement, &at, account->name);
	store_bind_number(statement, &at, account->window_ms);
	store_bind_number(statement, &at, account->distinct_ms);
	store_bind_number(statement, &at, account->guarded_until_ms);
	store_bind_number(statement, &at, account->failures);
	store_bind_number(statement, &at, account->distinct);
	store_bind_number(statement, &at, account->prefix_count);
	store_bind_bytes(statement, &at, account->prefixes, sizeof(account->prefixes));
	store_bind_bytes(statement, &at, account->networks, sizeof(account->networks));
	return store_finish(statement);
}

enum store_result store_put_account(struct store *store, const struct model_guard_account *account)
{
	if (!store_begin(store)) {
		return store_failed(store, "a transaction cannot begin");
	}
	const bool ok = is_nothing(account) ? account_forget(store, account->name) : account_write(store, account);

	return ok ? STORE_OK : store_failed(store, "what the guard knows of an account cannot be written");
}

static bool networks_make_sense(const struct model_guard_network *networks)
{
	for (size_t i = 0; i < MODEL_GUARD_NETWORKS; i++) {
		const uint8_t family = networks[i].family;

		if ((family != TG_NO_ADDR && family != TG_IPV4 && family != TG_IPV6) || networks[i].zero != 0) {
			return false;
		}
	}
	return true;
}

/* @return false if it makes no sense */
static bool account_read(sqlite3_stmt *statement, struct model_guard_account *account)
{
	bool ok = true;
	int at = 0;

	*account = (struct model_guard_account){ 0 };
	store_read_text(statement, &at, account->name, sizeof(account->name));
	account->window_ms = store_read_number(statement, &at);
	account->distinct_ms = store_read_number(statement, &at);
	account->guarded_until_ms = store_read_number(statement, &at);
	account->failures = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	account->distinct = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	account->prefix_count = store_read_at_most(statement, &at, MODEL_GUARD_PREFIXES, &ok);
	store_read_bytes(statement, &at, account->prefixes, sizeof(account->prefixes), &ok);
	store_read_bytes(statement, &at, account->networks, sizeof(account->networks), &ok);
	return ok && networks_make_sense(account->networks);
}

enum store_result store_each_account(struct store *store,
                                     void (*on)(void *owner, const struct model_guard_account *account), void *owner)
{
	sqlite3_stmt *statement = store->statements[EACH_ACCOUNT];
	struct model_guard_account account;
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		if (account_read(statement, &account)) {
			on(owner, &account);
		}
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : store_failed(store, "the guard's accounts cannot be read");
}

/* ---- Cleaning ---- */

static bool clean_bans(struct store *store, uint64_t now_ms, bool is_sure)
{
	sqlite3_stmt *statement = store->statements[CLEAN_BANS];
	int at = 1;

	store_bind_number(statement, &at, now_ms);
	store_bind_number(statement, &at, is_sure);
	return store_finish(statement);
}

static bool clean_accounts(struct store *store)
{
	sqlite3_stmt *statement = store->statements[CLEAN_ACCOUNTS];
	int at = 1;

	store_bind_number(statement, &at, STORE_ACCOUNTS_MAX);
	return store_finish(statement);
}

enum store_result store_clean(struct store *store, uint64_t now_ms, bool is_sure)
{
	if (!store_begin(store)) {
		return store_failed(store, "a transaction cannot begin");
	}
	return clean_bans(store, now_ms, is_sure) && clean_accounts(store)
	               ? STORE_OK
	               : store_failed(store, "what is over cannot be removed");
}
