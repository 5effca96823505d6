/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	SCHEMA_VERSION = 3,
	APPLICATION_ID = 0x54474154, /* so that `file` and we know it for ours */
};

static const char schema_1[] =
	"CREATE TABLE call_record ("
	" id INTEGER PRIMARY KEY,"
	" incarnation INTEGER NOT NULL, sequence INTEGER NOT NULL,"
	" unique_id INTEGER NOT NULL,"
	" started_ms INTEGER NOT NULL, answered_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,"
	" caller TEXT NOT NULL, caller_number TEXT NOT NULL, dialled TEXT NOT NULL, context TEXT NOT NULL,"
	" callee TEXT NOT NULL, last_app TEXT NOT NULL, accountcode TEXT NOT NULL,"
	" caller_addr TEXT NOT NULL, callee_addr TEXT NOT NULL,"
	" format INTEGER NOT NULL, disposition INTEGER NOT NULL, cause INTEGER NOT NULL,"
	" caller_packets INTEGER NOT NULL, caller_lost INTEGER NOT NULL, caller_out_of_order INTEGER NOT NULL,"
	" caller_dropped INTEGER NOT NULL, caller_jitter_ms INTEGER NOT NULL, caller_delay_ms INTEGER NOT NULL,"
	" callee_packets INTEGER NOT NULL, callee_lost INTEGER NOT NULL, callee_out_of_order INTEGER NOT NULL,"
	" callee_dropped INTEGER NOT NULL, callee_jitter_ms INTEGER NOT NULL, callee_delay_ms INTEGER NOT NULL,"
	" caller_rtt_ms INTEGER NOT NULL, callee_rtt_ms INTEGER NOT NULL,"
	" UNIQUE (incarnation, sequence)"
	") STRICT;"
	"CREATE TABLE binding ("
	" name TEXT PRIMARY KEY, addr TEXT NOT NULL, local TEXT NOT NULL,"
	" expires_ms INTEGER NOT NULL, refresh_s INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;";

/* What the guard must not forget, what it did, and what the operator did. Nobody takes a line of the audit log back. */
static const char schema_2[] =
	"CREATE TABLE ban ("
	" base TEXT NOT NULL, bits INTEGER NOT NULL, kind INTEGER NOT NULL,"
	" event_time INTEGER NOT NULL, event_salt INTEGER NOT NULL,"
	" since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
	" step INTEGER NOT NULL, reason INTEGER NOT NULL, in_kernel INTEGER NOT NULL,"
	" who TEXT NOT NULL, text TEXT NOT NULL,"
	" PRIMARY KEY (base, bits, kind)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE guard_account ("
	" id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" window_ms INTEGER NOT NULL, distinct_ms INTEGER NOT NULL, guarded_until_ms INTEGER NOT NULL,"
	" failures INTEGER NOT NULL, distinct_answers INTEGER NOT NULL, prefix_count INTEGER NOT NULL,"
	" prefixes BLOB NOT NULL, networks BLOB NOT NULL"
	") STRICT;"
	"CREATE TABLE event ("
	" id INTEGER PRIMARY KEY, remote TEXT NOT NULL, bits INTEGER NOT NULL,"
	" event_time INTEGER NOT NULL, event_salt INTEGER NOT NULL,"
	" wall_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, reason INTEGER NOT NULL, action INTEGER NOT NULL, class INTEGER NOT NULL,"
	" request INTEGER NOT NULL, validated INTEGER NOT NULL, suppressed INTEGER NOT NULL,"
	" count INTEGER NOT NULL, prefixes INTEGER NOT NULL, call INTEGER NOT NULL, local TEXT NOT NULL,"
	" account TEXT NOT NULL, exten TEXT NOT NULL, context TEXT NOT NULL,"
	" rule TEXT NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL,"
	" UNIQUE (event_time, event_salt)"
	") STRICT;"
	"CREATE TABLE audit ("
	" id INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, uid INTEGER NOT NULL, failed INTEGER NOT NULL,"
	" command TEXT NOT NULL, result TEXT NOT NULL"
	") STRICT;"
	"CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;"
	"CREATE TRIGGER audit_is_so BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;";

/* Of the bans that an engine names, see store_begin_bans(): in memory, and gone with this process. */
static const char names[] = "CREATE TEMP TABLE named ("
			    " base TEXT NOT NULL, bits INTEGER NOT NULL, kind INTEGER NOT NULL,"
			    " PRIMARY KEY (base, bits, kind)"
			    ") STRICT, WITHOUT ROWID;"
			    /* Over by a clock that may be wrong: no engine can name them. */
			    "CREATE TEMP TABLE untold ("
			    " base TEXT NOT NULL, bits INTEGER NOT NULL, kind INTEGER NOT NULL,"
			    " PRIMARY KEY (base, bits, kind)"
			    ") STRICT, WITHOUT ROWID;";

/* Paid calls: which rule allowed or refused them, and what they are charged to. */
static const char schema_3[] = "ALTER TABLE call_record ADD COLUMN paid INTEGER NOT NULL DEFAULT 0;"
			       "ALTER TABLE call_record ADD COLUMN paid_class INTEGER NOT NULL DEFAULT 0;"
			       "ALTER TABLE call_record ADD COLUMN paid_why INTEGER NOT NULL DEFAULT 0;"
			       "ALTER TABLE call_record ADD COLUMN paid_guest INTEGER NOT NULL DEFAULT 0;"
			       "ALTER TABLE call_record ADD COLUMN paid_seconds INTEGER NOT NULL DEFAULT 0;"
			       "ALTER TABLE call_record ADD COLUMN paid_day INTEGER NOT NULL DEFAULT 0;"
			       "ALTER TABLE call_record ADD COLUMN paid_month INTEGER NOT NULL DEFAULT 0;"
			       "ALTER TABLE call_record ADD COLUMN paid_rule TEXT NOT NULL DEFAULT '';"
			       "CREATE INDEX call_record_paid ON call_record (paid_month) WHERE paid_seconds > 0;";

/* From each version to the next; the first from an empty file. */
static const char *const schemas[] = { schema_1, schema_2, schema_3 };
static_assert(TG_COUNT(schemas) == SCHEMA_VERSION, "a step for each version");

/* As model_ban_is_gone() has it. */
#define BAN_MEMORY "(CASE WHEN kind = 0 AND who = '' AND until_ms > 1 THEN (step + 1) * 604800000 ELSE 0 END)"
#define BAN_FIELDS "base, bits, kind, event_time, event_salt, since_ms, until_ms, step, reason, in_kernel, who, text"
#define ACCOUNT_FIELDS \
	"name, window_ms, distinct_ms, guarded_until_ms, failures, distinct_answers, prefix_count, prefixes, networks"
#define EVENT_FIELDS                                                                                                \
	"remote, bits, event_time, event_salt, wall_ms, until_ms, kind, reason, action, class, request, validated," \
	" suppressed, count, prefixes, call, local, account, exten, context, rule, who, text"

/* Fields in the order of model_call_record, as fields_bind() and fields_read() have them. */
#define FIELDS                                                                                                     \
	"unique_id, started_ms, answered_ms, ended_ms, caller, caller_number, dialled, context, callee, last_app," \
	" accountcode, caller_addr, callee_addr, format, disposition, cause,"                                      \
	" caller_packets, caller_lost, caller_out_of_order, caller_dropped, caller_jitter_ms, caller_delay_ms,"    \
	" callee_packets, callee_lost, callee_out_of_order, callee_dropped, callee_jitter_ms, callee_delay_ms,"    \
	" caller_rtt_ms, callee_rtt_ms,"                                                                           \
	" paid, paid_class, paid_why, paid_guest, paid_seconds, paid_day, paid_month, paid_rule"

#define OF_THE_MONTH \
	"paid_seconds > 0 AND paid_month = (SELECT max(paid_month) FROM call_record WHERE paid_seconds > 0)"

#define IS_TOLD                                        \
	"NOT EXISTS (SELECT 1 FROM temp.untold AS one" \
	" WHERE one.base = ban.base AND one.bits = ban.bits AND one.kind = ban.kind)"

static const char *const texts[STATEMENTS] = {
	[PUT_RECORD] = "INSERT INTO call_record (incarnation, sequence, " FIELDS ") VALUES"
		       " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		       "?, ?, ?, ?, ?, ?,"
		       " ?, ?, ?)"
		       " ON CONFLICT (incarnation, sequence) DO NOTHING",
	[PUT_BINDING] =
		"INSERT OR REPLACE INTO binding (name, addr, local, expires_ms, refresh_s) VALUES (?, ?, ?, ?, ?)",
	[FORGET_BINDING] = "DELETE FROM binding WHERE name = ?",
	[EACH_BINDING] =
		"SELECT name, addr, local, expires_ms, refresh_s FROM binding WHERE expires_ms > ? ORDER BY name",
	[EACH_RECORD] = "SELECT " FIELDS " FROM call_record ORDER BY id DESC LIMIT ?",
	/* Each call is charged to one side and to the other: the account, or all guests together, and the trunk. */
	[EACH_USAGE] = "SELECT name, role, paid_class, newest, max(paid_month),"
		       " sum(CASE WHEN paid_day = newest THEN paid_seconds ELSE 0 END), sum(paid_seconds),"
		       " sum(paid_day = newest) FROM ("
		       "SELECT CASE paid_guest WHEN 0 THEN caller ELSE '' END AS name, paid_guest AS role, paid_class,"
		       " paid_day, paid_month, paid_seconds FROM call_record WHERE " OF_THE_MONTH
		       " UNION ALL SELECT callee, 2, paid_class, paid_day, paid_month, paid_seconds FROM call_record"
		       " WHERE " OF_THE_MONTH "), (SELECT max(paid_day) AS newest FROM call_record WHERE " OF_THE_MONTH
		       ")"
		       " GROUP BY name, role, paid_class",
	[PUT_BAN] = "INSERT OR REPLACE INTO ban (" BAN_FIELDS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[FORGET_BAN] = "DELETE FROM ban WHERE base = ? AND bits = ? AND kind = ?",
	[FORGET_OTHER_BANS] = "DELETE FROM ban WHERE base = ? AND bits = ? AND kind <> ?",
	[CLEAN_BANS] = "DELETE FROM ban WHERE until_ms <> 0 AND until_ms + " BAN_MEMORY " <= ? AND (? OR " IS_TOLD ")",
	[EACH_BAN] = "SELECT " BAN_FIELDS " FROM ban WHERE until_ms = 0 OR until_ms + " BAN_MEMORY
		     " > ? ORDER BY kind DESC",
	[CLEAR_NAMES] = "DELETE FROM temp.named",
	[PUT_NAME] = "INSERT OR IGNORE INTO temp.named (base, bits, kind) VALUES (?, ?, ?)",
	[FORGET_UNNAMED] = "DELETE FROM ban WHERE NOT EXISTS (SELECT 1 FROM temp.named AS one"
			   " WHERE one.base = ban.base AND one.bits = ban.bits AND one.kind = ban.kind) AND " IS_TOLD,
	[CLEAR_UNTOLD] = "DELETE FROM temp.untold",
	[PUT_UNTOLD] = "INSERT INTO temp.untold SELECT base, bits, kind FROM ban"
		       " WHERE until_ms <> 0 AND until_ms + " BAN_MEMORY " <= ?",
	[FORGET_UNTOLD] = "DELETE FROM temp.untold WHERE base = ? AND bits = ? AND kind = ?",
	[PUT_ACCOUNT] = "INSERT OR REPLACE INTO guard_account (" ACCOUNT_FIELDS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[FORGET_ACCOUNT] = "DELETE FROM guard_account WHERE name = ?",
	/* Those go first that never proved anything, and of these the oldest. */
	[CLEAN_ACCOUNTS] = "DELETE FROM guard_account WHERE id IN (SELECT id FROM guard_account"
			   " ORDER BY networks <> zeroblob(length(networks)), id"
			   " LIMIT max(0, (SELECT count(*) FROM guard_account) - ?))",
	[EACH_ACCOUNT] = "SELECT " ACCOUNT_FIELDS " FROM guard_account ORDER BY id",
	[PUT_EVENT] = "INSERT INTO event (" EVENT_FIELDS ") VALUES"
		      " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (event_time, event_salt) DO NOTHING",
	[CLEAN_EVENTS] = "DELETE FROM event WHERE id <= ?",
	[EACH_EVENT] = "SELECT " EVENT_FIELDS " FROM event ORDER BY id DESC",
	[ONE_EVENT] = "SELECT " EVENT_FIELDS " FROM event WHERE event_time = ? AND event_salt = ?",
	[PUT_AUDIT] = "INSERT INTO audit (wall_ms, uid, failed, command, result) VALUES (?, ?, ?, ?, ?)",
	[EACH_AUDIT] = "SELECT wall_ms, uid, failed, command, result FROM audit ORDER BY id DESC LIMIT ?",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
};

enum store_result store_failed(struct store *store, const char *doing)
{
	snprintf(store->why, sizeof(store->why), "%s: %s", doing, sqlite3_errmsg(store->db));
	return STORE_FAILED;
}

/* ---- Opening ---- */

static bool run(struct store *store, const char *sql)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static int64_t ask_number(struct store *store, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = -1;

	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		number = sqlite3_column_int64(statement, 0);
	}
	sqlite3_finalize(statement);
	return number;
}

/* Each step whole or not at all. */
static bool schema_step(struct store *store, size_t from)
{
	char versions[128];

	snprintf(versions, sizeof(versions), "PRAGMA application_id = %d; PRAGMA user_version = %zu;", APPLICATION_ID,
	         from + 1);
	if (run(store, "BEGIN IMMEDIATE") && run(store, schemas[from]) && run(store, versions) &&
	    run(store, "COMMIT")) {
		return true;
	}
	run(store, "ROLLBACK");
	return false;
}

/* @return NULL, or what is wrong */
static const char *schema_check(struct store *store)
{
	const int64_t version = ask_number(store, "PRAGMA user_version");
	const int64_t tables = ask_number(store, "SELECT count(*) FROM sqlite_schema");

	if (version < 0 || tables < 0) {
		return "it is no database";
	}
	if ((version > 0 || tables > 0) && ask_number(store, "PRAGMA application_id") != APPLICATION_ID) {
		return "it is a database of another program";
	}
	if (version > SCHEMA_VERSION) {
		return "it was made by a newer version of tollgated";
	}
	for (size_t from = (size_t)version; from < SCHEMA_VERSION; from++) {
		if (!schema_step(store, from)) {
			return "the tables cannot be made";
		}
	}
	return NULL;
}

/* A commit has reached the disk when it returns; nothing in a schema that somebody planted is run. */
static bool settings_make(struct store *store)
{
	return sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK &&
	       sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK &&
	       sqlite3_busy_timeout(store->db, 2000) == SQLITE_OK && run(store, "PRAGMA journal_mode = WAL") &&
	       run(store, "PRAGMA synchronous = FULL") && run(store, "PRAGMA foreign_keys = ON") &&
	       run(store, "PRAGMA temp_store = MEMORY") && run(store, names);
}

static bool statements_make(struct store *store)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		if (sqlite3_prepare_v3(store->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i],
		                       NULL) != SQLITE_OK) {
			return false;
		}
	}
	return true;
}

static const char *open_all(struct store *store, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	                  SQLITE_OPEN_EXRESCODE;

	if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK || !settings_make(store)) {
		return sqlite3_errmsg(store->db);
	}
	const char *wrong = schema_check(store);

	if (wrong != NULL) {
		return wrong;
	}
	return statements_make(store) ? NULL : sqlite3_errmsg(store->db);
}

struct store *store_open(const char *path, char why[STORE_WHY_BYTES])
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL) {
		snprintf(why, STORE_WHY_BYTES, "%s: no memory", path);
		return NULL;
	}
	const char *wrong = open_all(store, path);

	if (wrong != NULL) {
		snprintf(why, STORE_WHY_BYTES, "%s: %s", path, wrong);
		store_close(store);
		return NULL;
	}
	return store;
}

void store_close(struct store *store)
{
	if (store == NULL) {
		return;
	}
	for (size_t i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(store->statements[i]);
	}
	sqlite3_close(store->db);
	free(store);
}

const char *store_why(const struct store *store)
{
	return store->why;
}

/* ---- Transactions ---- */

bool store_finish(sqlite3_stmt *statement)
{
	const int result = sqlite3_step(statement);

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result == SQLITE_DONE;
}

bool store_begin(struct store *store)
{
	if (!store->in_transaction) {
		store->in_transaction = store_finish(store->statements[BEGIN]);
	}
	return store->in_transaction;
}

enum store_result store_commit(struct store *store)
{
	if (!store->in_transaction) {
		return STORE_OK;
	}
	if (!store_finish(store->statements[COMMIT])) {
		return store_failed(store, "the transaction cannot be completed");
	}
	store->in_transaction = false;
	return STORE_OK;
}
