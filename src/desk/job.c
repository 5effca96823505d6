/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/job.h"

#include "desk/show.h"
#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void rows_free(struct desk_job *job)
{
	for (size_t i = 0; i < DESK_ASKS_MAX; i++) {
		struct desk_pending *pending = &job->pending[i];

		free(pending->rows);
		memset(pending, 0, sizeof(*pending));
	}
}

/* @return true, for the callers that end with it */
static bool job_done(struct desk_job *job, int exit)
{
	rows_free(job);
	job->order = 0;
	job->command = NULL;
	job->deadline_us = TG_NEVER;
	job->exit = exit;
	if (job->out.cut) {
		job->exit = job->exit != DESK_OK ? job->exit : DESK_FAILED;
	}
	return true;
}

static bool job_failed(struct desk_job *job, enum ipc_proc who, const char *what)
{
	desk_line(&job->out, "The process %s %s", ipc_proc_name(who), what);
	return job_done(job, DESK_FAILED);
}

/* The line behind the command's own words. */
static const char *rest_of(const struct desk_job *job)
{
	const char *at = job->line;

	for (int i = 0; i < job->used; i++) {
		at += strspn(at, " \t");
		at += strcspn(at, " \t");
	}
	return at + strspn(at, " \t");
}

static bool job_print(struct desk_job *job, const struct desk_context *context)
{
	struct desk_view view = {
		.world = context->world,
		.debug = context->debug,
		.log_level = atomic_load_explicit(&context->links->log->min_level, memory_order_relaxed),
		.command = job->command,
		.now_ms = sys_clock_wall_ms(),
		.argc = job->words.count - job->used,
		.argv = job->words.word + job->used,
		.rest = rest_of(job),
	};

	for (size_t i = 0; i < job->command->ask_count; i++) {
		const struct desk_pending *pending = &job->pending[i];

		view.rows[i] = (struct desk_rows){
			.rows = pending->rows, .count = pending->count, .cut = pending->cut, .away = pending->away
		};
	}
	return job_done(job, job->command->print(&view, &job->out));
}

/* Who changed what, and what came of it. */
static void audit(struct desk_job *job, const struct desk_context *context, bool failed, const char *result)
{
	struct ipc_audit record = { .head.kind = IPC_AUDIT };

	record.audit.wall_ms = sys_clock_wall_ms();
	record.audit.uid = job->uid;
	record.audit.failed = failed ? 1 : 0;
	tg_span_copy(record.audit.command, sizeof(record.audit.command), tg_span_text(job->line));
	tg_span_copy(record.audit.result, sizeof(record.audit.result), tg_span_text(result));
	tg_log(context->links->log, TG_NOTICE, "desk.order", TG_TEXT("command", job->command->words),
	       TG_UINT("uid", job->uid), TG_TEXT("result", failed ? "failed" : "done"));
	if (!desk_links_send(context->links, PROC_STORE, &record, sizeof(record))) {
		tg_log(context->links->log, TG_ERROR, "audit.not_kept");
		desk_line(&job->out, "This is not in the audit log: the process store is away.");
	}
}

static bool is_for_engine(const struct desk_command *command)
{
	return command->wish != NULL || command->deed != NULL;
}

static enum ipc_proc ordered(const struct desk_command *command)
{
	return is_for_engine(command) ? PROC_ENGINE : PROC_PARENT;
}

/* An order or wish that was not answered. */
static bool order_failed(struct desk_job *job, const struct desk_context *context, const char *what)
{
	audit(job, context, true, what);
	return job_failed(job, ordered(job->command), what);
}

/* @return true if the job is done with it: nobody took it */
static bool give_engine(struct desk_job *job, const struct desk_context *context, uint64_t now_us, const void *record,
                        size_t size_bytes)
{
	job->order = *context->next_query;
	job->deadline_us = now_us + DESK_QUERY_US;
	return !desk_links_send(context->links, PROC_ENGINE, record, size_bytes) &&
	       order_failed(job, context, "is away; it is being started again: try again in a moment");
}

static bool give_deed(struct desk_job *job, const struct desk_context *context, uint64_t now_us)
{
	struct ipc_engine_do record = { .head.kind = IPC_ENGINE_DO };

	if (!job->command->deed(job->words.count - job->used, job->words.word + job->used, &record, &job->out)) {
		return job_done(job, DESK_USAGE);
	}
	record.query = ++*context->next_query;
	return give_engine(job, context, now_us, &record, sizeof(record));
}

static bool give_wish(struct desk_job *job, const struct desk_context *context, uint64_t now_us)
{
	struct ipc_guard_do record = { .head.kind = IPC_GUARD_DO };

	if (!job->command->wish(job->words.count - job->used, job->words.word + job->used, &record, &job->out)) {
		return job_done(job, DESK_USAGE);
	}
	record.query = ++*context->next_query;
	snprintf(record.who, sizeof(record.who), job->uid == UINT32_MAX ? "an operator" : "uid %u", job->uid);
	return give_engine(job, context, now_us, &record, sizeof(record));
}

static bool give_order(struct desk_job *job, const struct desk_context *context, uint64_t now_us)
{
	const struct ipc_command record = {
		.head.kind = IPC_COMMAND,
		.query = ++*context->next_query,
		.what = job->command->order,
		.value = job->command->value != NULL
		                 ? job->command->value(job->words.count - job->used, job->words.word + job->used)
		                 : 0,
	};

	job->order = record.query;
	job->deadline_us = now_us + DESK_ORDER_US;
	if (!desk_links_send(context->links, PROC_PARENT, &record, sizeof(record))) {
		return order_failed(job, context, "takes no orders now");
	}
	return false;
}

static bool give(struct desk_job *job, const struct desk_context *context, uint64_t now_us)
{
	if (job->command->deed != NULL) {
		return give_deed(job, context, now_us);
	}
	return job->command->wish != NULL ? give_wish(job, context, now_us) : give_order(job, context, now_us);
}

static bool ask(struct desk_job *job, const struct desk_context *context, const struct ipc_query *aimed, size_t i)
{
	struct ipc_query record = *aimed;

	record.head.kind = IPC_QUERY;
	record.query = ++*context->next_query;
	record.what = job->command->asks[i];
	record.limit = job->command->limits[i] != 0 ? job->command->limits[i] : aimed->limit;
	job->pending[i] = (struct desk_pending){ .query = record.query, .what = record.what };
	return desk_links_send(context->links, desk_asked(record.what), &record, sizeof(record));
}

/* Nothing comes any more: what came is all there is. */
static void give_up_on(struct desk_pending *pending)
{
	pending->query = 0;
	pending->away = true;
}

static bool is_waiting(const struct desk_job *job)
{
	for (size_t i = 0; i < DESK_ASKS_MAX; i++) {
		if (job->pending[i].query != 0) {
			return true;
		}
	}
	return false;
}

static bool ask_all(struct desk_job *job, const struct desk_context *context, uint64_t now_us)
{
	struct ipc_query aimed = { .limit = 0 };

	if (job->command->aim != NULL &&
	    !job->command->aim(job->words.count - job->used, job->words.word + job->used, &aimed, &job->out)) {
		return job_done(job, DESK_USAGE);
	}
	job->deadline_us = now_us + DESK_QUERY_US;
	for (size_t i = 0; i < job->command->ask_count; i++) {
		if (!ask(job, context, &aimed, i)) {
			if (job->command->partial) {
				give_up_on(&job->pending[i]);
				continue;
			}
			return job_failed(job, desk_asked(job->command->asks[i]),
			                  "is away; it is being started again: try again in a moment");
		}
	}
	return is_waiting(job) ? false : job_print(job, context);
}

static bool words_fit(const struct desk_job *job)
{
	const int argc = job->words.count - job->used;

	return job->command->fits != NULL ? job->command->fits(argc, job->words.word + job->used) : argc == 0;
}

bool desk_job_start(struct desk_job *job, const struct desk_context *context, const char *line, uint64_t now_us)
{
	desk_job_reset(job);
	snprintf(job->line, sizeof(job->line), "%s", line);
	if (!desk_words_split(&job->words, line)) {
		desk_line(&job->out, "Too many words, or a quote without its end");
		return job_done(job, DESK_USAGE);
	}
	if (job->words.count == 0) {
		return job_done(job, DESK_OK);
	}
	job->command = desk_command_find(&job->words, &job->used);
	if (job->command == NULL) {
		desk_command_unknown(&job->words, &job->out);
		return job_done(job, DESK_USAGE);
	}
	if (!words_fit(job)) {
		desk_command_usage(job->command, &job->out);
		return job_done(job, DESK_USAGE);
	}
	if (job->command->needs_world && context->world == NULL) {
		desk_line(&job->out, "There is no configuration yet");
		return job_done(job, DESK_FAILED);
	}
	if (job->command->follows) {
		return false;
	}
	if (job->command->print == NULL) {
		return give(job, context, now_us);
	}
	return job->command->ask_count > 0 ? ask_all(job, context, now_us) : job_print(job, context);
}

bool desk_job_run(struct desk_job *job, const struct desk_context *context, const struct desk_command *command,
                  uint64_t now_us)
{
	desk_job_reset(job);
	job->words.count = 0;
	job->line[0] = '\0';
	job->command = command;
	return ask_all(job, context, now_us);
}

/* ---- Rows ---- */

static struct desk_pending *pending_find(struct desk_job *job, enum ipc_proc from, uint64_t query)
{
	for (size_t i = 0; i < DESK_ASKS_MAX; i++) {
		if (job->pending[i].query != 0 && job->pending[i].query == query &&
		    desk_asked(job->pending[i].what) == from) {
			return &job->pending[i];
		}
	}
	return NULL;
}

static void row_keep(struct desk_pending *pending, const void *row, size_t row_bytes)
{
	const size_t used = pending->count * row_bytes;

	if (used + row_bytes > pending->room_bytes) {
		const size_t room = pending->room_bytes > 0 ? pending->room_bytes * 2 : 64 * row_bytes;
		uint8_t *rows = room <= DESK_ROWS_MAX_BYTES ? realloc(pending->rows, room) : NULL;

		if (rows == NULL) {
			pending->cut = true;
			return;
		}
		pending->rows = rows;
		pending->room_bytes = room;
	}
	memcpy(pending->rows + used, row, row_bytes);
	pending->count++;
}

/* All rows begin with the head and the query's number. */
struct row_head {
	struct ipc_head head;
	uint64_t query;
};

static bool on_row(struct desk_job *job, const struct desk_context *context, enum ipc_proc from,
                   const union ipc_any *record)
{
	const struct row_head *row = (const void *)record;
	struct desk_pending *pending = pending_find(job, from, row->query);
	uint32_t kind = 0;
	const size_t row_bytes = pending != NULL ? desk_row_bytes(pending->what, &kind) : 0;

	if (pending == NULL) {
		return false;
	}
	if (record->head.kind == kind) {
		row_keep(pending, record, row_bytes);
		return false;
	}
	if (record->head.kind != IPC_ROWS_END) {
		return false;
	}
	pending->query = 0;
	return is_waiting(job) ? false : job_print(job, context);
}

static bool on_order(struct desk_job *job, const struct desk_context *context, const union ipc_any *record)
{
	if (record->head.kind == IPC_TEXT) {
		const char *text = ((const struct ipc_text *)(const void *)record)->text;

		desk_line(&job->out, "%s", text);
		if (job->answer[0] == '\0') {
			tg_span_copy(job->answer, sizeof(job->answer), tg_span_text(text));
		}
		return false;
	}
	const struct ipc_done *done = (const void *)record;

	audit(job, context, done->failed != 0, job->answer);
	if (done->failed != 0 && job->command->deed == NULL) { /* these say it in the words that scripts know */
		desk_line(&job->out, "Not done.");
	} else if (!is_for_engine(job->command) && job->command->order == IPC_DO_RELOAD) {
		desk_line(&job->out, "Reloaded.");
	}
	return job_done(job, done->failed != 0 ? DESK_FAILED : DESK_OK);
}

bool desk_job_on_record(struct desk_job *job, const struct desk_context *context, enum ipc_proc from,
                        const union ipc_any *record)
{
	if (job->command == NULL) {
		return false;
	}
	if (record->head.kind != IPC_TEXT && record->head.kind != IPC_DONE) {
		return on_row(job, context, from, record);
	}
	return job->order != 0 && from == ordered(job->command) &&
	       ((const struct row_head *)(const void *)record)->query == job->order && on_order(job, context, record);
}

bool desk_job_on_gone(struct desk_job *job, const struct desk_context *context, enum ipc_proc peer)
{
	if (job->command == NULL) {
		return false;
	}
	if (job->order != 0 && peer == ordered(job->command)) {
		return order_failed(job, context, "ended before it had answered; it may have done it");
	}
	bool gone = false;

	for (size_t i = 0; i < DESK_ASKS_MAX; i++) {
		if (job->pending[i].query == 0 || desk_asked(job->pending[i].what) != peer) {
			continue;
		}
		if (!job->command->partial) {
			return job_failed(job, peer, "ended before it had answered; it is being started again");
		}
		give_up_on(&job->pending[i]);
		gone = true;
	}
	return gone && !is_waiting(job) && job_print(job, context);
}

bool desk_job_expire(struct desk_job *job, const struct desk_context *context, uint64_t now_us)
{
	if (job->command == NULL || now_us < job->deadline_us) {
		return false;
	}
	for (size_t i = 0; i < DESK_ASKS_MAX; i++) {
		if (job->pending[i].query != 0 && !job->command->partial) {
			return job_failed(job, desk_asked(job->pending[i].what), "did not answer in 2 s");
		}
		if (job->pending[i].query != 0) {
			give_up_on(&job->pending[i]);
		}
	}
	if (job->command->partial) {
		return job_print(job, context);
	}
	return order_failed(job, context,
	                    is_for_engine(job->command) ? "did not answer in 2 s; it may still do it"
	                                                : "has not finished this order after 60 s; it may still do so");
}

void desk_job_stop(struct desk_job *job)
{
	(void)job_done(job, DESK_OK);
}

void desk_job_reset(struct desk_job *job)
{
	rows_free(job);
	desk_out_deinit(&job->out);
	job->command = NULL;
	job->order = 0;
	job->answer[0] = '\0';
	job->used = 0;
	job->exit = DESK_OK;
	job->deadline_us = TG_NEVER;
}
