/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_JOB_H
#define TG_DESK_JOB_H

#include "desk/command.h"
#include "desk/debug.h"
#include "desk/links.h"

enum {
	DESK_QUERY_US = 2 * TG_US_PER_S,  /* for the rows of a question */
	DESK_ORDER_US = 60 * TG_US_PER_S, /* for a reload, which may have to resolve names */
	DESK_ROWS_MAX_BYTES = 48 << 20,   /* kept for one question */
};

/** Rows of one question as they come in. */
struct desk_pending {
	uint64_t query; /* 0: nothing is awaited */
	enum ipc_query_what what;
	uint8_t *rows;
	size_t room_bytes;
	uint32_t count;
	bool cut, away;
};

/** One command of one client, from its line to its text. Zeros are a job that has nothing to do. */
struct desk_job {
	const struct desk_command *command; /* NULL: idle, or done */
	struct desk_words words;
	int used; /* of these, the command's own */
	char line[DESK_COMMAND_MAX + 1];
	uint32_t uid; /* of who typed it; UINT32_MAX if unknown. Set before the start */
	struct desk_pending pending[DESK_ASKS_MAX];
	uint64_t order;   /* the query of an order or wish that is under way, 0 for none */
	char answer[128]; /* to it: the first line, for the audit log */
	uint64_t deadline_us;
	struct desk_out out;
	int exit; /* valid once done */
};

/** What a job needs of the desk. */
struct desk_context {
	struct desk_links *links;
	const struct world *world;
	struct desk_debug *debug; /* NULL: there is none */
	uint64_t *next_query;
};

/** @return true if it is done already: out and exit are complete */
TG_MUST_USE bool desk_job_start(struct desk_job *job, const struct desk_context *context, const char *line,
                                uint64_t now_us);

/** A command of our own, without words; the same. */
TG_MUST_USE bool desk_job_run(struct desk_job *job, const struct desk_context *context,
                              const struct desk_command *command, uint64_t now_us);

/** A record of engine, store or parent. @return true if it was for this job and the job is done with it */
TG_MUST_USE bool desk_job_on_record(struct desk_job *job, const struct desk_context *context, enum ipc_proc from,
                                    const union ipc_any *record);

/** That process is away. @return true if the job is done with that */
TG_MUST_USE bool desk_job_on_gone(struct desk_job *job, const struct desk_context *context, enum ipc_proc peer);

/** @return true if the deadline ended the job */
TG_MUST_USE bool desk_job_expire(struct desk_job *job, const struct desk_context *context, uint64_t now_us);

/** One that follows ends well, with what it has. */
void desk_job_stop(struct desk_job *job);

/** Frees rows and text; the job is idle again. */
void desk_job_reset(struct desk_job *job);

#endif
