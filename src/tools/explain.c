/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/explain.h"

#include "tools/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum tool_exit wrong_is(enum tool_exit exit, const char *wrong)
{
	fflush(stdout);
	fprintf(stderr, "tollgate explain: %s\n", wrong);
	return exit;
}

static enum tool_exit help(void)
{
	puts("usage: tollgate explain EVENT-ID\n"
	     "       tollgate explain --from ADDR [--user NAME] [--number N] [OPTION]...\n"
	     "       tollgate explain --from ADDR --user NAME --register [OPTION]...\n"
	     "\n"
	     "Why something was refused: an event of the security logs, or what the configuration says of a request\n"
	     "and what really became of those from its address.\n");
	tool_options_print(tool_explain_option_table);
	puts("\nExit codes: 0 it would be let in, 1 it would be refused, 2 wrong usage or configuration;\n"
	     "of an event: 0 told, 1 not there or no daemon.");
	return TOOL_OK;
}

static bool has_colour(void)
{
	const char *terminal = getenv("TERM");
	const char *none = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0 &&
	       (none == NULL || none[0] == '\0');
}

/* Takes the text. */
static enum tool_exit print_json(char *text, enum tool_exit exit)
{
	if (text == NULL) {
		return wrong_is(TOOL_USAGE, "no memory");
	}
	puts(text);
	free(text);
	return exit;
}

static enum tool_exit event_main(const struct tool_explain_options *options)
{
	struct tool_explain_answer answer = { 0 };
	char wrong[TOOL_WRONG_BYTES];
	enum tool_exit exit = TOOL_FAILED;

	if (!tool_explain_ask_event(&answer, options->state_dir, options->event, wrong)) {
		return wrong_is(TOOL_FAILED, wrong);
	}
	if (answer.code < 0) {
		exit = wrong_is(TOOL_FAILED, "the daemon went away before it had answered");
	} else if (options->json) {
		exit = print_json(tool_explain_event_json(options->event, &answer), (enum tool_exit)answer.code);
	} else {
		fputs(answer.text, stdout);
		exit = (enum tool_exit)answer.code;
	}
	free(answer.text);
	return exit;
}

static enum tool_exit request_main(const struct tool_explain_options *options)
{
	struct tool_explanation all = { .options = options };
	enum tool_exit exit = TOOL_USAGE;

	if (!tool_explain_walk(&all)) {
		return TOOL_USAGE;
	}
	exit = all.why == MODEL_WHY_OK ? TOOL_OK : TOOL_FAILED;
	tool_explain_live(&all);
	if (options->json) {
		exit = print_json(tool_explain_json(&all), exit);
	} else {
		tool_explain_print(&all, has_colour());
	}
	tool_explain_free(&all);
	return exit;
}

enum tool_exit tool_explain_main(const struct tool_env *env, int argc, char **argv)
{
	struct tool_explain_options options;
	char wrong[TOOL_WRONG_BYTES];

	if (!tool_explain_options_parse(&options, env, argc, argv, wrong)) {
		return wrong_is(TOOL_USAGE, wrong);
	}
	if (options.help) {
		return help();
	}
	return options.event != NULL ? event_main(&options) : request_main(&options);
}
