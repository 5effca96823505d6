/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_COMMAND_H
#define TG_DESK_COMMAND_H

#include "desk/out.h"
#include "ipc/msg.h"
#include "model/world.h"

enum { DESK_WORDS_MAX = 32, DESK_ASKS_MAX = 8, DESK_COMMAND_MAX = 1023 };

/** Exit codes of commands, as `tollgate -x` gives them on. */
enum desk_exit {
	DESK_OK = 0,
	DESK_FAILED = 1, /* it could not be done, or there is no such thing */
	DESK_USAGE = 2,  /* no such command, or wrong words behind it */
};

/** The rows of one question, in the order they came. */
struct desk_rows {
	const void *rows; /* of the kind that was asked for */
	uint32_t count;
	bool cut;  /* there were more than can be kept */
	bool away; /* who was asked did not answer; with `partial` alone */
};

/** All that a command's output is made of; lent for the call. */
struct desk_view {
	const struct world *world;      /* NULL before the first one came */
	const struct desk_debug *debug; /* NULL: there is none */
	int log_level;                  /* enum tg_level: the lowest that is logged */
	const struct desk_command *command;
	int argc; /* the words behind the command's own */
	const char *const *argv;
	const char *rest; /* the same words as they were typed, with the blanks at the end */
	uint64_t now_ms;  /* wall time */
	struct desk_rows rows[DESK_ASKS_MAX];
};

/** What a row names, for completion. */
enum desk_names {
	DESK_NO_NAMES,
	DESK_PEER_NAMES,
	DESK_CONTEXT_NAMES,
};

/** One command: all that the desk knows of it. */
struct desk_command {
	const char *words; /* typed exactly */
	const char *args;  /* behind them, for the usage; "" for none */
	const char *help;
	bool (*fits)(int argc, const char *const *argv); /* the words behind; NULL: none allowed */
	int (*print)(const struct desk_view *view,
	             struct desk_out *out); /* a pure function; NULL for what changes something */
	enum ipc_query_what asks[DESK_ASKS_MAX];
	uint32_t limits[DESK_ASKS_MAX]; /* rows of each question; 0 for all, or as `aim` says */
	uint8_t ask_count;
	bool partial; /* goes on without who is away */
	bool needs_world;
	/* What the questions are about; NULL: everything. Says in `out` what is wrong with the words. */
	bool (*aim)(int argc, const char *const *argv, struct ipc_query *query, struct desk_out *out);
	/* With print == NULL: for the guard, in the engine. The same. */
	bool (*wish)(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out);
	/* Or for calls and registrations, in the engine. The same. */
	bool (*deed)(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out);
	enum ipc_command_what order;                          /* with neither: passed on to the parent */
	uint32_t (*value)(int argc, const char *const *argv); /* of the order, from the words; NULL: 0 */
	enum desk_names names;
	const struct desk_command *family; /* whose words go on behind these, ends with NULL; this row is their usage */
	const char *says;                  /* for desk_show_words(): its lines */
	bool refuses;                      /* they say why it is not done */
	bool follows;                      /* goes on until the console leaves: frames as they come */
};

/** All commands in the order of their help; ends with a row whose words are NULL. */
extern const struct desk_command desk_commands[];

/** A line, taken apart at blanks. Quotes keep blanks together: "..." */
struct desk_words {
	char text[DESK_COMMAND_MAX + 2];
	const char *word[DESK_WORDS_MAX];
	int count;
};

/** @return false if the line is too long, has too many words or a quote without its end */
TG_MUST_USE bool desk_words_split(struct desk_words *words, const char *line);

/**
 * The command with the most words that the line begins with.
 *
 * @param used  how many words are the command's own
 * @return NULL for none
 */
const struct desk_command *desk_command_find(const struct desk_words *words, int *used);

/** Says that there is no such command, and which is nearest or begins so. */
void desk_command_unknown(const struct desk_words *words, struct desk_out *out);

/** "Usage: ..." */
void desk_command_usage(const struct desk_command *command, struct desk_out *out);

/** The words that may stand where the line ends, one a line: the last, unfinished word completed, or the next one. */
void desk_complete(const struct world *world, const char *line, struct desk_out *out);

/** Who answers a question. */
enum ipc_proc desk_asked(enum ipc_query_what what);

/** The size of an answer's rows, and their kind. */
size_t desk_row_bytes(enum ipc_query_what what, uint32_t *kind);

#endif
