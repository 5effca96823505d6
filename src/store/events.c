/* SPDX-License-Identifier: Apache-2.0 */
#include "store/columns.h"
#include "store/inside.h"

/* ---- Security events ---- */

static void event_bind(sqlite3_stmt *statement, const struct model_event *event)
{
	int at = 1;

	store_bind_addr(statement, &at, event->remote);
	store_bind_number(statement, &at, event->bits);
	store_bind_number(statement, &at, event->id.time);
	store_bind_number(statement, &at, event->id.salt);
	store_bind_number(statement, &at, event->wall_ms);
	store_bind_number(statement, &at, event->until_ms);
	store_bind_number(statement, &at, event->kind);
	store_bind_number(statement, &at, event->reason);
	store_bind_number(statement, &at, event->action);
	store_bind_number(statement, &at, event->class);
	store_bind_number(statement, &at, event->request);
	store_bind_number(statement, &at, event->validated);
	store_bind_number(statement, &at, event->suppressed);
	store_bind_number(statement, &at, event->count);
	store_bind_number(statement, &at, event->prefixes);
	store_bind_number(statement, &at, event->call);
	store_bind_addr(statement, &at, event->local);
	store_bind_text(statement, &at, event->account);
	store_bind_text(statement, &at, event->exten);
	store_bind_text(statement, &at, event->context);
	store_bind_text(statement, &at, event->rule);
	store_bind_text(statement, &at, event->who);
	store_bind_text(statement, &at, event->text);
}

/* The ids of rows only grow: the newest one tells which are too old. */
static bool clean_old(struct store *store)
{
	sqlite3_stmt *statement = store->statements[CLEAN_EVENTS];

	sqlite3_bind_int64(statement, 1, sqlite3_last_insert_rowid(store->db) - STORE_EVENTS_MAX);
	return store_finish(statement);
}

enum store_result store_put_event(struct store *store, const struct model_event *event)
{
	sqlite3_stmt *statement = store->statements[PUT_EVENT];

	if (!store_begin(store)) {
		return store_failed(store, "a transaction cannot begin");
	}
	event_bind(statement, event);
	if (!store_finish(statement)) {
		return store_failed(store, "an event cannot be written");
	}
	const bool ok = sqlite3_changes(store->db) == 0 || clean_old(store);

	return ok ? STORE_OK : store_failed(store, "old events cannot be removed");
}

/* @return false if it makes no sense */
static bool event_read(sqlite3_stmt *statement, struct model_event *event)
{
	bool ok = true;
	int at = 0;

	*event = (struct model_event){ 0 };
	event->remote = store_read_addr(statement, &at);
	event->bits = store_read_at_most(statement, &at, 128, &ok);
	event->id.time = store_read_number(statement, &at);
	event->id.salt = store_read_number(statement, &at);
	event->wall_ms = store_read_number(statement, &at);
	event->until_ms = store_read_number(statement, &at);
	event->kind = store_read_at_most(statement, &at, MODEL_EVENT_KINDS - 1, &ok);
	event->reason = store_read_at_most(statement, &at, MODEL_REASON_COUNT - 1, &ok);
	event->action = store_read_at_most(statement, &at, MODEL_ACTION_COUNT - 1, &ok);
	event->class = store_read_at_most(statement, &at, MODEL_CLASS_COUNT - 1, &ok);
	event->request = store_read_at_most(statement, &at, MODEL_REQUESTS - 1, &ok);
	event->validated = store_read_at_most(statement, &at, 1, &ok);
	event->suppressed = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	event->count = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	event->prefixes = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	event->call = store_read_number(statement, &at);
	event->local = store_read_addr(statement, &at);
	store_read_text(statement, &at, event->account, sizeof(event->account));
	store_read_text(statement, &at, event->exten, sizeof(event->exten));
	store_read_text(statement, &at, event->context, sizeof(event->context));
	store_read_text(statement, &at, event->rule, sizeof(event->rule));
	store_read_text(statement, &at, event->who, sizeof(event->who));
	store_read_text(statement, &at, event->text, sizeof(event->text));
	return ok;
}

/* Also an event about a network that what is asked for lies in. */
static bool is_wanted(const struct store_events *wanted, const struct model_event *event)
{
	return wanted->addr.family == TG_NO_ADDR || tg_addr_in_prefix(event->remote, wanted->addr, wanted->bits) ||
	       (event->bits > 0 && event->bits < wanted->bits &&
	        tg_addr_in_prefix(wanted->addr, event->remote, event->bits));
}

static bool has_id(const struct store_events *wanted)
{
	return wanted->id.time != 0 || wanted->id.salt != 0;
}

static sqlite3_stmt *events_find(struct store *store, const struct store_events *wanted)
{
	sqlite3_stmt *statement = store->statements[has_id(wanted) ? ONE_EVENT : EACH_EVENT];
	int at = 1;

	if (has_id(wanted)) {
		store_bind_number(statement, &at, wanted->id.time);
		store_bind_number(statement, &at, wanted->id.salt);
	}
	return statement;
}

enum store_result store_each_event(struct store *store, const struct store_events *wanted,
                                   void (*on)(void *owner, const struct model_event *event), void *owner)
{
	sqlite3_stmt *statement = events_find(store, wanted);
	struct model_event event;
	uint32_t count = 0;
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!event_read(statement, &event) || (!has_id(wanted) && !is_wanted(wanted, &event))) {
			continue;
		}
		on(owner, &event);
		if (++count == wanted->limit) {
			result = SQLITE_DONE;
			break;
		}
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : store_failed(store, "the events cannot be read");
}

/* ---- The audit log ---- */

enum store_result store_put_audit(struct store *store, const struct model_audit *audit)
{
	sqlite3_stmt *statement = store->statements[PUT_AUDIT];
	int at = 1;

	if (!store_begin(store)) {
		return store_failed(store, "a transaction cannot begin");
	}
	store_bind_number(statement, &at, audit->wall_ms);
	store_bind_number(statement, &at, audit->uid);
	store_bind_number(statement, &at, audit->failed);
	store_bind_text(statement, &at, audit->command);
	store_bind_text(statement, &at, audit->result);
	return store_finish(statement) ? STORE_OK : store_failed(store, "the audit log cannot be written");
}

/* @return false if it makes no sense */
static bool audit_read(sqlite3_stmt *statement, struct model_audit *audit)
{
	bool ok = true;
	int at = 0;

	*audit = (struct model_audit){ 0 };
	audit->wall_ms = store_read_number(statement, &at);
	audit->uid = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	audit->failed = store_read_at_most(statement, &at, 1, &ok);
	store_read_text(statement, &at, audit->command, sizeof(audit->command));
	store_read_text(statement, &at, audit->result, sizeof(audit->result));
	return ok;
}

enum store_result store_each_audit(struct store *store, uint32_t limit,
                                   void (*on)(void *owner, const struct model_audit *audit), void *owner)
{
	sqlite3_stmt *statement = store->statements[EACH_AUDIT];
	struct model_audit audit;
	int result;

	sqlite3_bind_int64(statement, 1, limit > 0 ? (sqlite3_int64)limit : -1); /* SQLite: a negative LIMIT is none */
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		if (audit_read(statement, &audit)) {
			on(owner, &audit);
		}
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : store_failed(store, "the audit log cannot be read");
}
