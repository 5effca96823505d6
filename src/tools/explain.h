/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_EXPLAIN_H
#define TG_TOOLS_EXPLAIN_H

#include "switch/explain.h"
#include "tools/options.h"
#include "tools/tool.h"

/**
 * Why something was refused: an event that happened, told by the daemon; or a request as somebody thinks it up, walked through
 * the configuration files by the functions that decide in the exchange.
 */

struct tool_explain_options {
	const char *event; /* what else is asked has no meaning then */
	const char *from_text, *user, *number, *context, *caller, *codec_text, *at_text;
	const char *config_dir, *state_dir;
	bool registration, no_token, latched, known, json, help;
	struct tg_addr from;
	uint64_t codecs; /* offered; 0: not said */
	uint32_t minute; /* when: minutes since 1970, UTC */
};

extern const struct tool_option tool_explain_option_table[];

/** @return false with what is wrong */
TG_MUST_USE bool tool_explain_options_parse(struct tool_explain_options *options, const struct tool_env *env, int argc,
                                            char **argv, char wrong[TOOL_WRONG_BYTES]);

/** The request that the options describe. */
struct switch_explain_ask tool_explain_ask(const struct tool_explain_options *options);

enum { TOOL_EXPLAIN_STEPS = 40, TOOL_EXPLAIN_ANSWERS = 3, TOOL_EXPLAIN_COMMAND_BYTES = 96 };

/** What the daemon says to one command of the console. */
struct tool_explain_answer {
	const char *key, *title; /* constant; for JSON, for people */
	char command[TOOL_EXPLAIN_COMMAND_BYTES];
	int code;   /* of the command; TOOL_CTL_LOST */
	char *text; /* malloc'd lines, each with its newline; NULL without memory */
};

/** All there is to tell. */
struct tool_explanation {
	const struct tool_explain_options *options;
	struct switch_explain_step steps[TOOL_EXPLAIN_STEPS];
	size_t step_count;
	enum model_reason why;
	uint32_t unresolved;              /* hosts that are names without an address now, where limits depend on such */
	char no_daemon[TOOL_WRONG_BYTES]; /* why there are no answers; "" if there are */
	struct tool_explain_answer answers[TOOL_EXPLAIN_ANSWERS];
	size_t answer_count;
};

/** Load the configuration and walk the request through it. @return false, and standard error says why */
TG_MUST_USE bool tool_explain_walk(struct tool_explanation *all);

/** What the guard of the running daemon knows of the address, and what was really decided. */
void tool_explain_live(struct tool_explanation *all);

/** @param answer  free() its text. @return false with why nobody can be asked */
TG_MUST_USE bool tool_explain_ask_event(struct tool_explain_answer *answer, const char *state_dir, const char *event,
                                        char wrong[TOOL_WRONG_BYTES]);

/** The answers' texts. */
void tool_explain_free(struct tool_explanation *all);

/** For people; colour: with the terminal's colours. */
void tool_explain_print(const struct tool_explanation *all, bool colour);

/** One line of JSON without its newline; free() it. NULL without memory. */
char *tool_explain_json(const struct tool_explanation *all);
char *tool_explain_event_json(const char *event, const struct tool_explain_answer *answer);

enum tool_exit tool_explain_main(const struct tool_env *env, int argc, char **argv);

#endif
