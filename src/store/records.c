/* SPDX-License-Identifier: Apache-2.0 */
#include "model/world.h"
#include "store/columns.h"
#include "store/inside.h"

/* ---- Putting ---- */

static void bind_report(sqlite3_stmt *statement, int *at, const struct model_report *report)
{
	store_bind_number(statement, at, report->packets);
	store_bind_number(statement, at, report->lost);
	store_bind_number(statement, at, report->out_of_order);
	store_bind_number(statement, at, report->dropped);
	store_bind_number(statement, at, report->jitter_ms);
	store_bind_number(statement, at, report->delay_ms);
}

static void paid_bind(sqlite3_stmt *statement, int *at, const struct model_paid *paid)
{
	store_bind_number(statement, at, paid->chargeable);
	store_bind_number(statement, at, paid->class);
	store_bind_number(statement, at, paid->why);
	store_bind_number(statement, at, paid->guest);
	store_bind_number(statement, at, paid->seconds);
	store_bind_number(statement, at, paid->day);
	store_bind_number(statement, at, paid->month);
	store_bind_text(statement, at, paid->rule);
}

static void fields_bind(sqlite3_stmt *statement, int *at, const struct model_call_record *record)
{
	store_bind_number(statement, at, record->unique);
	store_bind_number(statement, at, record->started_ms);
	store_bind_number(statement, at, record->answered_ms);
	store_bind_number(statement, at, record->ended_ms);
	store_bind_text(statement, at, record->caller);
	store_bind_text(statement, at, record->caller_number);
	store_bind_text(statement, at, record->dialled);
	store_bind_text(statement, at, record->context);
	store_bind_text(statement, at, record->callee);
	store_bind_text(statement, at, record->last_app);
	store_bind_text(statement, at, record->accountcode);
	store_bind_addr(statement, at, record->caller_addr);
	store_bind_addr(statement, at, record->callee_addr);
	store_bind_number(statement, at, record->format);
	store_bind_number(statement, at, record->disposition);
	store_bind_number(statement, at, record->cause);
	bind_report(statement, at, &record->from_caller);
	bind_report(statement, at, &record->from_callee);
	store_bind_number(statement, at, record->caller_rtt_ms);
	store_bind_number(statement, at, record->callee_rtt_ms);
}

enum store_result store_put_record(struct store *store, uint64_t incarnation, uint64_t sequence,
                                   const struct model_call_record *record, const struct model_paid *paid)
{
	static const struct model_paid nothing;
	sqlite3_stmt *statement = store->statements[PUT_RECORD];
	int at = 1;

	if (!store_begin(store)) {
		return store_failed(store, "a transaction cannot begin");
	}
	store_bind_number(statement, &at, incarnation);
	store_bind_number(statement, &at, sequence);
	fields_bind(statement, &at, record);
	paid_bind(statement, &at, paid != NULL ? paid : &nothing);
	return store_finish(statement) ? STORE_OK : store_failed(store, "a call record cannot be written");
}

static bool binding_write(struct store *store, const struct model_binding *binding)
{
	sqlite3_stmt *statement = store->statements[PUT_BINDING];
	int at = 1;

	store_bind_text(statement, &at, binding->name);
	store_bind_addr(statement, &at, binding->addr);
	store_bind_addr(statement, &at, binding->local);
	store_bind_number(statement, &at, binding->expires_ms);
	store_bind_number(statement, &at, binding->refresh_s);
	return store_finish(statement);
}

static bool binding_forget(struct store *store, const char *name)
{
	sqlite3_stmt *statement = store->statements[FORGET_BINDING];
	int at = 1;

	store_bind_text(statement, &at, name);
	return store_finish(statement);
}

enum store_result store_put_binding(struct store *store, const struct model_binding *binding)
{
	if (!store_begin(store)) {
		return store_failed(store, "a transaction cannot begin");
	}
	const bool ok = binding->expires_ms == 0 ? binding_forget(store, binding->name) : binding_write(store, binding);

	return ok ? STORE_OK : store_failed(store, "a registration cannot be written");
}

/* ---- Reading. The file may have been written to by others: what makes no sense is read as nothing. ---- */

static struct model_report read_report(sqlite3_stmt *statement, int *at)
{
	struct model_report report;

	report.packets = store_read_u32(statement, at);
	report.lost = store_read_u32(statement, at);
	report.out_of_order = store_read_u32(statement, at);
	report.dropped = store_read_u32(statement, at);
	report.jitter_ms = store_read_u32(statement, at);
	report.delay_ms = store_read_u32(statement, at);
	return report;
}

static void fields_read(sqlite3_stmt *statement, int *from, struct model_call_record *record)
{
	int at = *from;

	*record = (struct model_call_record){ 0 };
	record->unique = store_read_number(statement, &at);
	record->started_ms = store_read_number(statement, &at);
	record->answered_ms = store_read_number(statement, &at);
	record->ended_ms = store_read_number(statement, &at);
	store_read_text(statement, &at, record->caller, sizeof(record->caller));
	store_read_text(statement, &at, record->caller_number, sizeof(record->caller_number));
	store_read_text(statement, &at, record->dialled, sizeof(record->dialled));
	store_read_text(statement, &at, record->context, sizeof(record->context));
	store_read_text(statement, &at, record->callee, sizeof(record->callee));
	store_read_text(statement, &at, record->last_app, sizeof(record->last_app));
	store_read_text(statement, &at, record->accountcode, sizeof(record->accountcode));
	record->caller_addr = store_read_addr(statement, &at);
	record->callee_addr = store_read_addr(statement, &at);
	record->format = store_read_number(statement, &at);
	record->disposition = (uint32_t)tg_min_u64(store_read_number(statement, &at), MODEL_DISPOSITIONS - 1);
	record->cause = store_read_u32(statement, &at);
	record->from_caller = read_report(statement, &at);
	record->from_callee = read_report(statement, &at);
	record->caller_rtt_ms = store_read_u32(statement, &at);
	record->callee_rtt_ms = store_read_u32(statement, &at);
	*from = at;
}

static void paid_read(sqlite3_stmt *statement, int *at, struct model_paid *paid)
{
	*paid = (struct model_paid){ 0 };
	paid->chargeable = (uint32_t)tg_min_u64(store_read_number(statement, at), 1);
	paid->class = (uint32_t)tg_min_u64(store_read_number(statement, at), WORLD_CLASSES - 1);
	paid->why = (uint32_t)tg_min_u64(store_read_number(statement, at), MODEL_REASON_COUNT - 1);
	paid->guest = (uint32_t)tg_min_u64(store_read_number(statement, at), 1);
	paid->seconds = store_read_u32(statement, at);
	paid->day = store_read_u32(statement, at);
	paid->month = store_read_u32(statement, at);
	store_read_text(statement, at, paid->rule, sizeof(paid->rule));
}

static void binding_read(sqlite3_stmt *statement, struct model_binding *binding)
{
	int at = 0;

	*binding = (struct model_binding){ 0 };
	store_read_text(statement, &at, binding->name, sizeof(binding->name));
	binding->addr = store_read_addr(statement, &at);
	binding->local = store_read_addr(statement, &at);
	binding->expires_ms = store_read_number(statement, &at);
	binding->refresh_s = store_read_u32(statement, &at);
}

enum store_result store_each_binding(struct store *store, uint64_t now_ms,
                                     void (*on)(void *owner, const struct model_binding *binding), void *owner)
{
	sqlite3_stmt *statement = store->statements[EACH_BINDING];
	struct model_binding binding;
	int result, at = 1;

	store_bind_number(statement, &at, now_ms);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		binding_read(statement, &binding);
		on(owner, &binding);
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : store_failed(store, "the registrations cannot be read");
}

enum store_result store_each_record(struct store *store, uint32_t limit,
                                    void (*on)(void *owner, const struct model_call_record *record,
                                               const struct model_paid *paid),
                                    void *owner)
{
	sqlite3_stmt *statement = store->statements[EACH_RECORD];
	struct model_call_record record;
	struct model_paid paid;
	int result;

	sqlite3_bind_int64(statement, 1, limit > 0 ? (sqlite3_int64)limit : -1); /* SQLite: a negative LIMIT is none */
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		int at = 0;

		fields_read(statement, &at, &record);
		paid_read(statement, &at, &paid);
		on(owner, &record, &paid);
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : store_failed(store, "the call records cannot be read");
}

/* @return false if it makes no sense */
static bool usage_read(sqlite3_stmt *statement, struct model_usage *usage)
{
	bool ok = true;
	int at = 0;

	*usage = (struct model_usage){ 0 };
	store_read_text(statement, &at, usage->name, sizeof(usage->name));
	usage->role = store_read_at_most(statement, &at, 2, &ok);
	usage->class = store_read_at_most(statement, &at, WORLD_CLASSES - 1, &ok);
	usage->day = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	usage->month = store_read_at_most(statement, &at, UINT32_MAX, &ok);
	usage->day_s = (uint32_t)tg_min_u64(store_read_number(statement, &at), UINT32_MAX);
	usage->month_s = (uint32_t)tg_min_u64(store_read_number(statement, &at), UINT32_MAX);
	usage->day_calls = (uint32_t)tg_min_u64(store_read_number(statement, &at), UINT32_MAX);
	return ok;
}

enum store_result store_each_usage(struct store *store, void (*on)(void *owner, const struct model_usage *usage),
                                   void *owner)
{
	sqlite3_stmt *statement = store->statements[EACH_USAGE];
	struct model_usage usage;
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		if (usage_read(statement, &usage)) {
			on(owner, &usage);
		}
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? STORE_OK : store_failed(store, "what paid calls used up cannot be read");
}
