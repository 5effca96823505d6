/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/tool.h"

#include "base/text.h"
#include "base/tg.h"
#include "tools/places.h"

#include <stdio.h>
#include <string.h>

static enum tool_exit help_main(const struct tool_env *env, int argc, char **argv);
static enum tool_exit version_main(const struct tool_env *env, int argc, char **argv);

const struct tool tool_table[] = {
	{ "console", "console", "talk to the daemon, line by line", tool_console_main },
	{ "call", "call [OPTION]... URI", "place or answer a call and measure it", tool_call_main },
	{ "load", "load [OPTION]... URI", "many calls at once, over loopback only", tool_load_main },
	{ "check", "check [OPTION]... [DIR]", "what a configuration allows, and its risks", tool_check_main },
	{ "config", "config show [NAME]", "which values hold, and which lines say so", tool_config_main },
	{ "explain", "explain ID|OPTION...", "why something was, or would be, refused", tool_explain_main },
	{ "audit", "audit [OPTION]... HOST", "what strangers can do at hosts of yours", tool_audit_main },
	{ "top", "top [OPTION]...", "calls, sources, bans, rates and limits, live", tool_top_main },
	{ "setup", "setup [OPTION]...", "a first configuration, checked and tried", tool_setup_main },
	{ "front", "front init|undo [OPTION]...", "in front of an Asterisk, and back again", tool_front_main },
	{ "status", "status [--json]", "how the exchange is", tool_status_main },
	{ "probe", "probe OPTION... URI", "a check for Nagios and the like", tool_probe_main },
	{ "version", "version", "which version this is", version_main },
	{ "help", "help", "this text", help_main },
	{ 0 },
};

static void usage(FILE *to)
{
	fputs("usage: tollgate [--state DIR] -x \"COMMAND\"\n", to);
	for (const struct tool *tool = tool_table; tool->name != NULL; tool++) {
		fprintf(to, "       tollgate %-22s %s\n", tool->usage, tool->help);
	}
	fprintf(to,
	        "\n--state DIR is the daemon's state directory (%s).\n"
	        "-x asks the daemon for one command's answer; try -x \"core show help\".\n",
	        TOOL_STATE_DIR);
}

static enum tool_exit help_main(const struct tool_env *env, int argc, char **argv)
{
	(void)env;
	(void)argc;
	(void)argv;
	usage(stdout);
	return TOOL_OK;
}

static enum tool_exit version_main(const struct tool_env *env, int argc, char **argv)
{
	(void)env;
	(void)argc;
	(void)argv;
	puts("tollgate " TG_VERSION);
	return TOOL_OK;
}

static const char *tool_name_at(const void *table, size_t index)
{
	return ((const struct tool *)table)[index].name;
}

static int unknown(const char *word)
{
	const char *near = tg_text_nearest(word, tool_name_at, tool_table);

	fprintf(stderr, "tollgate: %s is no sub-command%s%s%s\n", word, near != NULL ? "; did you mean " : "",
	        near != NULL ? near : "", near != NULL ? "?" : "");
	fputs("Try: tollgate help\n", stderr);
	return TOOL_USAGE;
}

static int needs_value(const char *option)
{
	fprintf(stderr, "tollgate: %s needs a value\n", option);
	return TOOL_USAGE;
}

static int run_named(const struct tool_env *env, int argc, char **argv)
{
	for (const struct tool *tool = tool_table; tool->name != NULL; tool++) {
		if (strcmp(tool->name, argv[0]) == 0) {
			return (int)tool->run(env, argc - 1, argv + 1);
		}
	}
	return unknown(argv[0]);
}

/* Other words for the sub-commands, as people type them. */
static char *spelled(char *word)
{
	static char console[] = "console", version[] = "version", help[] = "help";
	const struct {
		const char *typed;
		char *meant;
	} rows[] = {
		{ "-r", console }, { "--version", version }, { "-V", version }, { "--help", help }, { "-h", help },
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		if (strcmp(rows[i].typed, word) == 0) {
			return rows[i].meant;
		}
	}
	return word;
}

int tool_main(int argc, char **argv)
{
	struct tool_env env = { .state_dir = TOOL_STATE_DIR };
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strncmp(argv[i], "--state=", 8) == 0) {
			env.state_dir = argv[i] + 8;
		} else if (strcmp(argv[i], "--state") == 0) {
			if (++i >= argc) {
				return needs_value("--state");
			}
			env.state_dir = argv[i];
		} else if (strcmp(argv[i], "-x") == 0 || strcmp(argv[i], "-rx") == 0) {
			return i + 1 < argc ? (int)tool_execute(&env, argv[i + 1]) : needs_value(argv[i]);
		} else {
			argv[i] = spelled(argv[i]);
			break;
		}
	}
	if (i >= argc) {
		usage(stderr);
		return TOOL_USAGE;
	}
	return run_named(&env, argc - i, argv + i);
}
