/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SCHEMA_VERSION = 1,
	APPLICATION_ID = 0x54474154, /* so that `file` and we know it for ours */
};

static const char schema[] =
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

/* Fields in the order of model_call_record, as fields_bind() and fields_read() have them. */
#define FIELDS                                                                                                     \
	"unique_id, started_ms, answered_ms, ended_ms, caller, caller_number, dialled, context, callee, last_app," \
	" accountcode, caller_addr, callee_addr, format, disposition, cause,"                                      \
	" caller_packets, caller_lost, caller_out_of_order, caller_dropped, caller_jitter_ms, caller_delay_ms,"    \
	" callee_packets, callee_lost, callee_out_of_order, callee_dropped, callee_jitter_ms, callee_delay_ms,"    \
	" caller_rtt_ms, callee_rtt_ms"

enum statement {
	PUT_RECORD,
	PUT_BINDING,
	FORGET_BINDING,
	EACH_BINDING,
	EACH_RECORD,
	BEGIN,
	COMMIT,
	STATEMENTS,
};

static const char *const texts[STATEMENTS] = {
	[PUT_RECORD] =
		"INSERT INTO call_record (incarnation, sequence, " FIELDS ") VALUES"
		" (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (incarnation, sequence) DO NOTHING",
	[PUT_BINDING] =
		"INSERT OR REPLACE INTO binding (name, addr, local, expires_ms, refresh_s) VALUES (?, ?, ?, ?, ?)",
	[FORGET_BINDING] = "DELETE FROM binding WHERE name = ?",
	[EACH_BINDING] =
		"SELECT name, addr, local, expires_ms, refresh_s FROM binding WHERE expires_ms > ? ORDER BY name",
	[EACH_RECORD] = "SELECT " FIELDS " FROM call_record ORDER BY id DESC LIMIT ?",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	bool in_transaction;
	char why[STORE_WHY_BYTES];
};

static enum store_result failed(struct store *store, const char *doing)
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

static bool schema_make(struct store *store)
{
	char versions[128];

	snprintf(versions, sizeof(versions), "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID,
	         SCHEMA_VERSION);
	return run(store, "BEGIN IMMEDIATE") && run(store, schema) && run(store, versions) && run(store, "COMMIT");
}

/* @return NULL, or what is wrong */
static const char *schema_check(struct store *store)
{
	const int64_t version = ask_number(store, "PRAGMA user_version");
	const int64_t tables = ask_number(store, "SELECT count(*) FROM sqlite_schema");

	if (version < 0 || tables < 0) {
		return "it is no database";
	}
	if (version == 0 && tables == 0) {
		return schema_make(store) ? NULL : "the tables cannot be made";
	}
	if (ask_number(store, "PRAGMA application_id") != APPLICATION_ID) {
		return "it is a database of another program";
	}
	if (version != SCHEMA_VERSION) {
		return "it was made by a newer version of tollgated";
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
	       run(store, "PRAGMA temp_store = MEMORY");
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

/* ---- Putting ---- */

static void bind_number(sqlite3_stmt *statement, int *at, uint64_t value)
{
	sqlite3_bind_int64(statement, (*at)++, (sqlite3_int64)value);
}

/* The caller keeps the text until the statement has run. */
static void bind_text(sqlite3_stmt *statement, int *at, const char *text)
{
	sqlite3_bind_text(statement, (*at)++, text, -1, SQLITE_STATIC);
}

static void bind_addr(sqlite3_stmt *statement, int *at, struct tg_addr addr)
{
	char text[TG_ADDR_TEXT_BYTES] = "";

	if (addr.family != TG_NO_ADDR) {
		tg_addr_format(addr, text);
	}
	sqlite3_bind_text(statement, (*at)++, text, -1, SQLITE_TRANSIENT);
}

static void bind_report(sqlite3_stmt *statement, int *at, const struct model_report *report)
{
	bind_number(statement, at, report->packets);
	bind_number(statement, at, report->lost);
	bind_number(statement, at, report->out_of_order);
	bind_number(statement, at, report->dropped);
	bind_number(statement, at, report->jitter_ms);
	bind_number(statement, at, report->delay_ms);
}

static void fields_bind(sqlite3_stmt *statement, int *at, const struct model_call_record *record)
{
	bind_number(statement, at, record->unique);
	bind_number(statement, at, record->started_ms);
	bind_number(statement, at, record->answered_ms);
	bind_number(statement, at, record->ended_ms);
	bind_text(statement, at, record->caller);
	bind_text(statement, at, record->caller_number);
	bind_text(statement, at, record->dialled);
	bind_text(statement, at, record->context);
	bind_text(statement, at, record->callee);
	bind_text(statement, at, record->last_app);
	bind_text(statement, at, record->accountcode);
	bind_addr(statement, at, record->caller_addr);
	bind_addr(statement, at, record->callee_addr);
	bind_number(statement, at, record->format);
	bind_number(statement, at, record->disposition);
	bind_number(statement, at, record->cause);
	bind_report(statement, at, &record->from_caller);
	bind_report(statement, at, &record->from_callee);
	bind_number(statement, at, record->caller_rtt_ms);
	bind_number(statement, at, record->callee_rtt_ms);
}

/* Run a statement that gives no rows. */
static bool finish(sqlite3_stmt *statement)
{
	const int result = sqlite3_step(statement);

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result == SQLITE_DONE;
}

static bool begin(struct store *store)
{
	if (!store->in_transaction) {
		store->in_transaction = finish(store->statements[BEGIN]);
	}
	return store->in_transaction;
}

enum store_result store_put_record(struct store *store, uint64_t incarnation, uint64_t sequence,
                                   const struct model_call_record *record)
{
	sqlite3_stmt *statement = store->statements[PUT_RECORD];
	int at = 1;

	if (!begin(store)) {
		return failed(store, "a transaction cannot begin");
	}
	bind_number(statement, &at, incarnation);
	bind_number(statement, &at, sequence);
	fields_bind(statement, &at, record);
	return finish(statement) ? STORE_OK : failed(store, "a call record cannot be written");
}

static bool binding_write(struct store *store, const struct model_binding *binding)
{
	sqlite3_stmt *statement = store->statements[PUT_BINDING];
	int at = 1;

	bind_text(statement, &at, binding->name);
	bind_addr(statement, &at, binding->addr);
	bind_addr(statement, &at, binding->local);
	bind_number(statement, &at, binding->expires_ms);
	bind_number(statement, &at, binding->refresh_s);
	return finish(statement);
}

static bool binding_forget(struct store *store, const char *name)
{
	sqlite3_stmt *statement = store->statements[FORGET_BINDING];
	int at = 1;

	bind_text(statement, &at, name);
	return finish(statement);
}

enum store_result store_put_binding(struct store *store, const struct model_binding *binding)
{
	if (!begin(store)) {
		return failed(store, "a transaction cannot begin");
	}
	const bool ok = binding->expires_ms == 0 ? binding_forget(store, binding->name) : binding_write(store, binding);

	return ok ? STORE_OK : failed(store, "a registration cannot be written");
}

enum store_result store_commit(struct store *store)
{
	if (!store->in_transaction) {
		return STORE_OK;
	}
	if (!finish(store->statements[COMMIT])) {
		return failed(store, "the transaction cannot be completed");
	}
	store->in_transaction = false;
	return STORE_OK;
}

/* ---- Reading. The file may have been written to by others: what makes no sense is read as nothing. ---- */

static uint64_t read_number(sqlite3_stmt *statement, int *at)
{
	return (uint64_t)sqlite3_column_int64(statement, (*at)++);
}

static uint32_t read_u32(sqlite3_stmt *statement, int *at)
{
	return (uint32_t)read_number(statement, at);
}

static void read_text(sqlite3_stmt *statement, int *at, char *to, size_t size_bytes)
{
	const struct tg_span text = { sqlite3_column_text(statement, *at),
		                      (size_t)sqlite3_column_bytes(statement, *at) };

	(*at)++;
	memset(to, 0, size_bytes);
	tg_span_copy(to, size_bytes, text);
}

static struct tg_addr read_addr(sqlite3_stmt *statement, int *at)
{
	char text[TG_ADDR_TEXT_BYTES];
	struct tg_addr addr;

	read_text(statement, at, text, sizeof(text));
	return tg_addr_parse(&addr, tg_span_text(text), 0) ? addr : (struct tg_addr){ .family = TG_NO_ADDR };
}

static struct model_report read_report(sqlite3_stmt *statement, int *at)
{
	struct model_report report;

	report.packets = read_u32(statement, at);
	report.lost = read_u32(statement, at);
	report.out_of_order = read_u32(statement, at);
	report.dropped = read_u32(statement, at);
	report.jitter_ms = read_u32(statement, at);
	report.delay_ms = read_u32(statement, at);
	return report;
}

static void fields_read(sqlite3_stmt *statement, struct model_call_record *record)
{
	int at = 0;

	*record = (struct model_call_record){ 0 };
	record->unique = read_number(statement, &at);
	record->started_ms = read_number(statement, &at);
	record->answered_ms = read_number(statement, &at);
	record->ended_ms = read_number(statement, &at);
	read_text(statement, &at, record->caller, sizeof(record->caller));
	read_text(statement, &at, record->caller_number, sizeof(record->caller_number));
	read_text(statement, &at, record->dialled, sizeof(record->dialled));
	read_text(statement, &at, record->context, sizeof(record->context));
	read_text(statement, &at, record->callee, sizeof(record->callee));
	read_text(statement, &at, record->last_app, sizeof(record->last_app));
	read_text(statement, &at, record->accountcode, sizeof(record->accountcode));
	record->caller_addr = read_addr(statement, &at);
	record->callee_addr = read_addr(statement, &at);
	record->format = read_number(statement, &at);
	record->disposition = (uint32_t)tg_min_u64(read_number(statement, &at), MODEL_DISPOSITIONS - 1);
	record->cause = read_u32(statement, &at);
	record->from_caller = read_report(statement, &at);
	record->from_callee = read_report(statement, &at);
	record->caller_rtt_ms = read_u32(statement, &at);
	record->callee_rtt_ms = read_u32(statement, &at);
}

static void binding_read(sqlite3_stmt *statement, struct model_binding *binding)
{
	int at = 0;

	*binding = (struct model_binding){ 0 };
	read_text(statement, &at, binding->name, sizeof(binding->name));
	binding->addr = read_addr(statement, &at);
	binding->local = read_addr(statement, &at);
	binding->expires_ms = read_number(statement, &at);
	binding->refresh_s = read_u32(statement, &at);
}

enum store_result store_each_binding(struct store *store, uint64_t now_ms,
                                     void (*on)(void *owner, const struct model_binding *binding), void *owner)
{
	sqlite3_stmt *statement = store->statements[EACH_BINDING];
	struct model_binding binding;
	int result, at = 1;

	bind_number(statement, &at, now_ms);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		binding_read(statement, &binding);
		on(owner, &binding);
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : failed(store, "the registrations cannot be read");
}

enum store_result store_each_record(struct store *store, uint32_t limit,
                                    void (*on)(void *owner, const struct model_call_record *record), void *owner)
{
	sqlite3_stmt *statement = store->statements[EACH_RECORD];
	struct model_call_record record;
	int result;

	sqlite3_bind_int64(statement, 1, limit > 0 ? (sqlite3_int64)limit : -1); /* SQLite: a negative LIMIT is none */
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		fields_read(statement, &record);
		on(owner, &record);
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : failed(store, "the call records cannot be read");
}
