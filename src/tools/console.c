/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/ctl.h"
#include "tools/tool.h"

#include <histedit.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_LINES = 500, COMPLETIONS_MAX = 64, WORD_MAX = 64, PATH_BYTES = 512 };

/* The words that may stand next, as the daemon says. */
struct completions {
	char words[COMPLETIONS_MAX][WORD_MAX];
	size_t count;
};

struct console {
	const struct tool_env *env;
	struct tool_ctl *ctl;
	EditLine *el;
	History *history;
	char history_path[PATH_BYTES];
	enum tool_exit exit; /* of the last command */
};

static void print_line(void *owner, const char *line)
{
	(void)owner;
	puts(line);
}

static enum tool_exit say_lost(const char *wrong)
{
	fflush(stdout);
	fprintf(stderr, "tollgate: %s\n", wrong);
	return TOOL_FAILED;
}

static enum tool_exit ask(struct tool_ctl *ctl, const char *command)
{
	const int code = tool_ctl_ask(ctl, command, print_line, NULL);

	fflush(stdout);
	if (code == TOOL_CTL_LOST) {
		return say_lost("the daemon went away before it had answered");
	}
	if (code == TOOL_CTL_BAD_LINE) {
		say_lost("a command is one line of at most 1023 octets without control characters");
		return TOOL_USAGE;
	}
	return (enum tool_exit)code;
}

enum tool_exit tool_execute(const struct tool_env *env, const char *command)
{
	char wrong[PATH_BYTES];
	struct tool_ctl *ctl = tool_ctl_open(env->state_dir, wrong, sizeof(wrong));
	enum tool_exit exit = TOOL_FAILED;

	if (ctl == NULL) {
		return say_lost(wrong);
	}
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* who follows frames through a pipe sees each line */
	exit = ask(ctl, command);
	tool_ctl_free(ctl);
	return exit;
}

/* ---- Completion ---- */

static void add_completion(void *owner, const char *line)
{
	struct completions *all = owner;

	if (all->count < COMPLETIONS_MAX) {
		snprintf(all->words[all->count++], WORD_MAX, "%s", line);
	}
}

/* How many first characters all words share. */
static size_t common_len(const struct completions *all)
{
	size_t len = strlen(all->words[0]);

	for (size_t i = 1; i < all->count; i++) {
		size_t same = 0;

		while (same < len && all->words[0][same] == all->words[i][same]) {
			same++;
		}
		len = same;
	}
	return len;
}

static unsigned char completion_insert(EditLine *el, const struct completions *all, size_t typed)
{
	const size_t len = common_len(all);
	char rest[WORD_MAX + 1] = "";

	if (len > typed) {
		snprintf(rest, sizeof(rest), "%.*s", (int)(len - typed), all->words[0] + typed);
	}
	if (all->count == 1) {
		rest[strlen(rest) + 1] = '\0';
		rest[strlen(rest)] = ' ';
	}
	if (rest[0] != '\0') {
		return el_insertstr(el, rest) == 0 ? CC_REFRESH : CC_ERROR;
	}
	putchar('\n');
	for (size_t i = 0; i < all->count; i++) {
		printf("%s%s", all->words[i], i + 1 < all->count ? "  " : "\n");
	}
	fflush(stdout);
	return CC_REDISPLAY;
}

static unsigned char complete(EditLine *el, int key)
{
	struct console *console = NULL;
	struct completions all = { .count = 0 };
	char question[TOOL_CTL_LINE_MAX + 1];
	const LineInfo *line = el_line(el);
	const int len = (int)(line->cursor - line->buffer);
	size_t typed = 0;

	(void)key;
	while (typed < (size_t)len && line->cursor[-1 - (ptrdiff_t)typed] != ' ') {
		typed++;
	}
	if (el_get(el, EL_CLIENTDATA, &console) != 0 || len > TOOL_CTL_LINE_MAX - 16) {
		return CC_ERROR;
	}
	snprintf(question, sizeof(question), "core complete %.*s", len, line->buffer);
	if (tool_ctl_ask(console->ctl, question, add_completion, &all) != 0 || all.count == 0) {
		return CC_ERROR;
	}
	return completion_insert(el, &all, typed);
}

/* ---- A terminal ---- */

static char *prompt(EditLine *el)
{
	static char text[] = "\1\033[1m\1tollgate>\1\033[0m\1 ";

	(void)el;
	return text;
}

static void history_open(struct console *console)
{
	const char *home = getenv("HOME");
	HistEvent event;

	console->history = history_init();
	if (console->history == NULL) {
		return;
	}
	history(console->history, &event, H_SETSIZE, HISTORY_LINES);
	history(console->history, &event, H_SETUNIQUE, 1);
	if (home != NULL && (size_t)snprintf(console->history_path, sizeof(console->history_path),
	                                     "%s/.tollgate_history", home) < sizeof(console->history_path)) {
		history(console->history, &event, H_LOAD, console->history_path);
	} else {
		console->history_path[0] = '\0';
	}
	el_set(console->el, EL_HIST, history, console->history);
}

static void history_close(struct console *console)
{
	HistEvent event;

	if (console->history == NULL) {
		return;
	}
	if (console->history_path[0] != '\0') {
		const mode_t before = umask(S_IRWXG | S_IRWXO);

		history(console->history, &event, H_SAVE, console->history_path);
		umask(before);
	}
	history_end(console->history);
}

/* One line; false to leave. */
static bool obey(struct console *console, char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
	line += strspn(line, " \t");
	if (line[0] == '\0' || line[0] == ';') {
		return true;
	}
	if (strcmp(line, "exit") == 0 || strcmp(line, "quit") == 0) {
		return false;
	}
	console->exit = ask(console->ctl, line);
	return true;
}

static bool terminal_line(struct console *console)
{
	int len = 0;
	const char *got = el_gets(console->el, &len);
	char line[TOOL_CTL_LINE_MAX + 3];
	HistEvent event;

	if (got == NULL || len <= 0) {
		putchar('\n');
		return false;
	}
	snprintf(line, sizeof(line), "%s", got);
	if (console->history != NULL && line[strspn(line, " \t\r\n")] != '\0') {
		history(console->history, &event, H_ENTER, line);
	}
	return obey(console, line);
}

static void run_terminal(struct console *console)
{
	console->el = el_init("tollgate", stdin, stdout, stderr);
	if (console->el == NULL) {
		console->exit = say_lost("this terminal cannot be used; try with input from a pipe");
		return;
	}
	el_set(console->el, EL_CLIENTDATA, console);
	el_set(console->el, EL_PROMPT_ESC, prompt, '\1');
	el_set(console->el, EL_EDITOR, "emacs");
	el_set(console->el, EL_ADDFN, "tollgate-complete", "complete a command", complete);
	el_set(console->el, EL_BIND, "^I", "tollgate-complete", NULL);
	history_open(console);
	puts("Type \"core show help\" for the commands, \"exit\" to leave.");
	while (terminal_line(console)) {
	}
	history_close(console);
	el_end(console->el);
}

/* ---- A pipe ---- */

static void run_pipe(struct console *console)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0 && obey(console, line)) {
	}
	free(line);
}

enum tool_exit tool_console_main(const struct tool_env *env, int argc, char **argv)
{
	struct console console = { .env = env };
	char wrong[PATH_BYTES];

	if (argc > 0) {
		fprintf(stderr, "tollgate console: unexpected: %s\n", argv[0]);
		return TOOL_USAGE;
	}
	console.ctl = tool_ctl_open(env->state_dir, wrong, sizeof(wrong));
	if (console.ctl == NULL) {
		return say_lost(wrong);
	}
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
		run_terminal(&console);
	} else {
		run_pipe(&console);
	}
	tool_ctl_free(console.ctl);
	return console.exit;
}
