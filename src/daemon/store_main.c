/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/child.h"
#include "daemon/roles.h"
#include "daemon/secfiles.h"
#include "store/store.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "sys/clock.h"

enum {
	GROUP_ROWS = 1000, /* one commit for this many, or for what came in this time */
	GROUP_US = 50 * TG_US_PER_MS,
	LIST_ROWS_MAX = 10000,
	/* All registrations of a large exchange, at once, and all that the guard remembers. */
	QUEUE_MAX = 200000 + STORE_ACCOUNTS_MAX + 100000,
	CLEAN_S = 3600,
	TRUST_S =
		3600, /* a clock that is wrong at the start is set by then; the guard believes it after the same time */
};

struct writer {
	struct child child;
	struct store *store;
	struct secfiles logs;
	uint64_t clean_us;   /* what is over is removed then */
	uint64_t trust_us;   /* and from then on also what was over at the start */
	uint32_t rows;       /* put since the last commit */
	uint32_t kept_count; /* of these, records to acknowledge */
	uint64_t kept[GROUP_ROWS];
	bool has_failed;
};

/* What the database refuses is not lost: the engine keeps it and sends it to the next store. */
static void give_up(struct writer *writer)
{
	tg_log(&writer->child.log, TG_ERROR, "store.failed", TG_TEXT("why", store_why(writer->store)));
	writer->has_failed = true;
	child_stop(&writer->child, EXIT_FAILURE);
}

static void acknowledge(struct writer *writer)
{
	for (uint32_t i = 0; i < writer->kept_count; i++) {
		const struct ipc_plain kept = { .head.kind = IPC_RECORD_KEPT, .value = writer->kept[i] };

		child_send(&writer->child, PROC_ENGINE, &kept, sizeof(kept));
	}
	writer->kept_count = 0;
}

static void commit(struct writer *writer)
{
	writer->child.deadline_us = TG_NEVER;
	writer->rows = 0;
	if (writer->has_failed) {
		return;
	}
	if (store_commit(writer->store) != STORE_OK) {
		give_up(writer);
		return;
	}
	acknowledge(writer);
}

static void count_row(struct writer *writer, enum store_result result)
{
	if (result != STORE_OK) {
		give_up(writer);
		return;
	}
	if (writer->rows++ == 0) {
		writer->child.deadline_us = sys_clock_us() + GROUP_US;
	}
	if (writer->rows >= GROUP_ROWS) {
		commit(writer);
	}
}

static void on_call_record(struct writer *writer, const struct ipc_call_record *body)
{
	writer->kept[writer->kept_count++] = body->sequence;
	count_row(writer,
	          store_put_record(writer->store, body->incarnation, body->sequence, &body->record, &body->paid));
}

/* ---- What an engine that begins is told ---- */

static void send_binding(void *owner, const struct model_binding *binding)
{
	struct writer *writer = owner;
	const struct ipc_binding record = { .head.kind = IPC_BINDING, .binding = *binding };

	child_send(&writer->child, PROC_ENGINE, &record, sizeof(record));
}

static void send_ban(void *owner, const struct model_ban *ban)
{
	struct writer *writer = owner;
	const struct ipc_ban record = { .head.kind = IPC_BAN, .ban = *ban };

	child_send(&writer->child, PROC_ENGINE, &record, sizeof(record));
}

static void send_account(void *owner, const struct model_guard_account *account)
{
	struct writer *writer = owner;
	const struct ipc_guard_account record = { .head.kind = IPC_GUARD_ACCOUNT, .account = *account };

	child_send(&writer->child, PROC_ENGINE, &record, sizeof(record));
}

static void send_usage(void *owner, const struct model_usage *usage)
{
	struct writer *writer = owner;
	const struct ipc_usage record = { .head.kind = IPC_USAGE, .usage = *usage };

	child_send(&writer->child, PROC_ENGINE, &record, sizeof(record));
}

static void send_end(struct writer *writer, enum ipc_kind kind)
{
	const struct ipc_plain end = { .head.kind = kind };

	child_send(&writer->child, PROC_ENGINE, &end, sizeof(end));
}

/* Bans first: who is banned gets nothing while the rest comes. */
static void restore(struct writer *writer)
{
	const uint64_t now_ms = sys_clock_wall_ms();

	if (store_each_ban(writer->store, now_ms, send_ban, writer) != STORE_OK ||
	    store_each_account(writer->store, send_account, writer) != STORE_OK) {
		give_up(writer);
		return;
	}
	send_end(writer, IPC_GUARD_END);
	if (store_each_binding(writer->store, now_ms, send_binding, writer) != STORE_OK ||
	    store_each_usage(writer->store, send_usage, writer) != STORE_OK) {
		give_up(writer);
		return;
	}
	send_end(writer, IPC_BINDINGS_END);
}

/* ---- What the desk asks ---- */

struct listing {
	struct writer *writer;
	uint64_t query;
	uint32_t rows;
};

static void send_row(struct listing *listing, const void *row, size_t row_bytes)
{
	listing->rows += child_send(&listing->writer->child, PROC_DESK, row, row_bytes) ? 1 : 0;
}

static void send_record_row(void *owner, const struct model_call_record *record, const struct model_paid *paid)
{
	struct listing *listing = owner;
	const struct ipc_record_row row = {
		.head.kind = IPC_RECORD_ROW, .query = listing->query, .record = *record, .paid = *paid
	};

	send_row(listing, &row, sizeof(row));
}

static void send_event_row(void *owner, const struct model_event *event)
{
	struct listing *listing = owner;
	const struct ipc_event_row row = { .head.kind = IPC_EVENT_ROW, .query = listing->query, .event = *event };

	send_row(listing, &row, sizeof(row));
}

static void send_audit_row(void *owner, const struct model_audit *audit)
{
	struct listing *listing = owner;
	const struct ipc_audit_row row = { .head.kind = IPC_AUDIT_ROW, .query = listing->query, .audit = *audit };

	send_row(listing, &row, sizeof(row));
}

static enum store_result answer(struct listing *listing, const struct ipc_query *asked)
{
	const uint32_t limit = asked->limit > 0 && asked->limit < LIST_ROWS_MAX ? asked->limit : LIST_ROWS_MAX;
	const struct store_events wanted = { asked->id, asked->addr, asked->bits, limit };
	struct store *store = listing->writer->store;

	if (asked->what == IPC_ASK_RECORDS) {
		return store_each_record(store, limit, send_record_row, listing);
	}
	if (asked->what == IPC_ASK_EVENTS) {
		return store_each_event(store, &wanted, send_event_row, listing);
	}
	if (asked->what == IPC_ASK_AUDIT) {
		return store_each_audit(store, limit, send_audit_row, listing);
	}
	return STORE_OK; /* not ours to answer: no rows */
}

static void on_query(struct writer *writer, const struct ipc_query *asked)
{
	struct listing listing = { .writer = writer, .query = asked->query };

	if (answer(&listing, asked) != STORE_OK) {
		give_up(writer);
		return;
	}
	const struct ipc_rows_end end = { .head.kind = IPC_ROWS_END, .query = asked->query, .rows = listing.rows };

	child_send(&writer->child, PROC_DESK, &end, sizeof(end));
}

/* ---- What is to be kept ---- */

static void on_event(struct writer *writer, const struct ipc_event *body)
{
	secfiles_write(&writer->logs, &body->event, sys_clock_us());
	count_row(writer, store_put_event(writer->store, &body->event));
}

static void on_ban(struct writer *writer, const struct ipc_ban *body)
{
	count_row(writer, store_put_ban(writer->store, &body->ban, sys_clock_wall_ms()));
}

static void on_record(void *owner, enum ipc_proc from, const union ipc_any *record, int fd)
{
	struct writer *writer = owner;
	const void *body = record;

	(void)from;
	(void)fd;
	if (writer->has_failed) {
		return; /* nothing of what comes can be kept */
	}
	if (record->head.kind == IPC_CALL_RECORD) {
		on_call_record(writer, body);
	} else if (record->head.kind == IPC_BINDING) {
		count_row(writer, store_put_binding(writer->store, &((const struct ipc_binding *)body)->binding));
	} else if (record->head.kind == IPC_EVENT) {
		on_event(writer, body);
	} else if (record->head.kind == IPC_BAN) {
		on_ban(writer, body);
	} else if (record->head.kind == IPC_BANS_ANEW) {
		count_row(writer, store_begin_bans(writer->store));
	} else if (record->head.kind == IPC_BANS_ALL) {
		count_row(writer, store_end_bans(writer->store));
	} else if (record->head.kind == IPC_GUARD_ACCOUNT) {
		count_row(writer, store_put_account(writer->store, &((const struct ipc_guard_account *)body)->account));
	} else if (record->head.kind == IPC_AUDIT) {
		count_row(writer, store_put_audit(writer->store, &((const struct ipc_audit *)body)->audit));
	} else if (record->head.kind == IPC_QUERY) {
		on_query(writer, body);
	}
}

static void on_channel(void *owner, enum ipc_proc to, bool is_there)
{
	struct writer *writer = owner;

	if (to != PROC_ENGINE) {
		return;
	}
	/* What another engine sent is committed, but there is nobody left to tell. */
	writer->kept_count = 0;
	if (is_there) {
		restore(writer);
	}
}

/* With a commit that is due anyway: an exchange that writes nothing has nothing to clean. */
static void clean(struct writer *writer, uint64_t now_us)
{
	if (now_us < writer->clean_us || writer->has_failed) {
		return;
	}
	writer->clean_us = now_us + CLEAN_S * (uint64_t)TG_US_PER_S;
	if (store_clean(writer->store, sys_clock_wall_ms(), now_us >= writer->trust_us) != STORE_OK) {
		give_up(writer);
	}
}

static void expire(void *owner, uint64_t now_us)
{
	clean(owner, now_us);
	commit(owner);
}

static const struct child_ops ops = { .on_record = on_record, .on_channel = on_channel, .expire = expire };

static bool open_store(struct writer *writer, const char *state_dir)
{
	char path[PATH_MAX], why[STORE_WHY_BYTES];

	if ((size_t)snprintf(path, sizeof(path), "%s/tollgate.db", state_dir) >= sizeof(path)) {
		tg_log(&writer->child.log, TG_ERROR, "store.path_too_long");
		return false;
	}
	writer->store = store_open(path, why);
	if (writer->store == NULL) {
		tg_log(&writer->child.log, TG_ERROR, "store.not_opened", TG_TEXT("why", why));
	}
	return writer->store != NULL;
}

int store_main(const struct role_args *args)
{
	static struct writer writer;
	const struct sys_sandbox sandbox = { .role = SYS_SANDBOX_STORE, .write_path = args->state_dir };

	if (!child_init(&writer.child, PROC_STORE, args->channel_fd, &ops, &writer, QUEUE_MAX)) {
		return EXIT_FAILURE;
	}
	writer.trust_us = sys_clock_us() + TRUST_S * (uint64_t)TG_US_PER_S;
	secfiles_init(&writer.logs, args->state_dir, args->with_syslog, &writer.child.log);
	umask(027);
	/* The file is opened inside the sandbox: a database is input, too. */
	if (!child_enter(&writer.child, &sandbox) || !open_store(&writer, args->state_dir)) {
		return EXIT_FAILURE;
	}
	child_run(&writer.child);
	/* The engine has ended before us: what it left in the channel is all there will be. */
	child_drain(&writer.child, PROC_ENGINE);
	child_drain(&writer.child, PROC_DESK); /* the audit log has the order to stop */
	commit(&writer);
	store_close(writer.store);
	secfiles_deinit(&writer.logs);
	child_deinit(&writer.child);
	return writer.has_failed ? EXIT_FAILURE : writer.child.exit_code;
}
