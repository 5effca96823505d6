/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_STORE_INSIDE_H
#define TG_STORE_INSIDE_H

#include <sqlite3.h>

#include "store/store.h"

/* What the files of this room share. */

enum statement {
	PUT_RECORD,
	PUT_BINDING,
	FORGET_BINDING,
	EACH_BINDING,
	EACH_RECORD,
	EACH_USAGE,
	PUT_BAN,
	FORGET_BAN,
	FORGET_OTHER_BANS,
	CLEAN_BANS,
	EACH_BAN,
	CLEAR_NAMES,
	PUT_NAME,
	FORGET_UNNAMED,
	CLEAR_UNTOLD,
	PUT_UNTOLD,
	FORGET_UNTOLD,
	PUT_ACCOUNT,
	FORGET_ACCOUNT,
	CLEAN_ACCOUNTS,
	EACH_ACCOUNT,
	PUT_EVENT,
	CLEAN_EVENTS,
	EACH_EVENT,
	ONE_EVENT,
	PUT_AUDIT,
	EACH_AUDIT,
	BEGIN,
	COMMIT,
	STATEMENTS,
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	bool in_transaction;
	bool is_naming; /* bans that are put are named, until store_end_bans() */
	char why[STORE_WHY_BYTES];
};

/* Remembers what failed, for store_why(). */
enum store_result store_failed(struct store *store, const char *doing);

/* A transaction is open afterwards. */
TG_MUST_USE bool store_begin(struct store *store);

/* Run a statement that gives no rows, and make it ready for the next time. */
TG_MUST_USE bool store_finish(sqlite3_stmt *statement);

#endif
