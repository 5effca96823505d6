/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_CLIENTS_H
#define TG_DESK_CLIENTS_H

#include "desk/job.h"

enum {
	DESK_CLIENTS_MAX = 16,
	DESK_SLOW_US = 10 * TG_US_PER_S, /* who takes nothing for so long is dropped */
};

/** One console: its line, its job, its text. */
struct desk_client {
	int fd; /* -1: this place is free */
	char in[DESK_COMMAND_MAX + 2];
	size_t in_len;
	struct desk_job job;
	bool is_working; /* the job is under way; further lines wait in `in` */
	size_t sent;     /* of the job's text */
	bool is_sending;
	uint64_t slow_us; /* dropped then, if it takes nothing; TG_NEVER while nothing is to be sent */
	bool ends;        /* after what is to be sent */
	uint32_t missed;  /* pieces that a console that follows had no room for */
	bool eof;         /* nothing more comes: ends with its last line */
};

/**
 * The consoles at the listening socket. What a client sends is a line a command; what it gets is text lines and then
 * `\001END CODE`.
 */
struct desk_clients {
	struct desk_client all[DESK_CLIENTS_MAX];
	struct sys_loop *loop;        /* lent */
	struct desk_context *context; /* lent */
	int listener;                 /* owned; -1 before it has come */
};

void desk_clients_init(struct desk_clients *clients, struct sys_loop *loop, struct desk_context *context);
void desk_clients_deinit(struct desk_clients *clients);

/** fd is owned from now on. @return false if it cannot be waited for */
TG_MUST_USE bool desk_clients_listen(struct desk_clients *clients, int fd);

/** To whichever job it belongs. */
void desk_clients_on_record(struct desk_clients *clients, enum ipc_proc from, const union ipc_any *record);
void desk_clients_on_gone(struct desk_clients *clients, enum ipc_proc peer);

/** Frames as text, to the consoles that follow. Who does not keep up misses some, and is told how many pieces. */
void desk_clients_on_trace(struct desk_clients *clients, const char *text);

uint64_t desk_clients_deadline_us(const struct desk_clients *clients);
void desk_clients_expire(struct desk_clients *clients, uint64_t now_us);

#endif
