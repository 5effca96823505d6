/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/check.h"

#include "tools/conf_read.h"
#include "tools/places.h"

#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct tool_check_options, field)

static const struct tool_option option_table[] = {
	{ "--diff", NULL, "two folders: what the second one newly allows", TOOL_OPTION_FLAG, AT(diff), 0, 0, 0 },
	{ "--strict", NULL, "warnings count as critical risks do", TOOL_OPTION_FLAG, AT(strict), 0, 0, 0 },
	{ "--json", NULL, "one line of JSON", TOOL_OPTION_FLAG, AT(json), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

static enum tool_exit help(void)
{
	puts("usage: tollgate check [OPTION]... [DIR]\n"
	     "       tollgate check --diff OLD NEW\n"
	     "\n"
	     "What the configuration in DIR (" TOOL_CONFIG_DIR
	     ", or an Asterisk's) allows: errors, risky settings and their "
	     "mends,\n"
	     "and to which peers, with which numbers, calls of each account can be sent. What cannot be decided counts "
	     "as\n"
	     "everything.\n");
	tool_options_print(option_table);
	puts("\nExit codes: 0 nothing critical, 1 a critical risk (--strict: or a warning), 2 wrong usage, or the "
	     "configuration\n"
	     "cannot be used; of --diff: 0 nothing is newly allowed, 1 something is.");
	return TOOL_OK;
}

static enum tool_exit wrong_is(const char *wrong)
{
	fprintf(stderr, "tollgate check: %s\n", wrong);
	return TOOL_USAGE;
}

bool tool_check_read(struct tool_checked *checked, const char *folder)
{
	checked->reach = NULL;
	if (tool_conf_read("check", folder, NULL, &checked->conf)) {
		checked->reach = reach_new(checked->conf.world);
		if (checked->reach == NULL) {
			fputs("tollgate check: no memory\n", stderr);
		}
	}
	return checked->reach != NULL;
}

void tool_check_free(struct tool_checked *checked)
{
	reach_free(checked->reach);
	conf_result_free(&checked->conf);
}

static enum tool_exit check_one(const struct tool_check_options *options)
{
	struct tool_checked checked;
	enum tool_exit exit = TOOL_USAGE;

	if (tool_check_read(&checked, options->folder)) {
		const int worst = options->json ? tool_check_json(&checked) : tool_check_print(&checked);

		exit = worst >= (options->strict ? RISK_WARNING : RISK_CRITICAL) ? TOOL_FAILED : TOOL_OK;
	}
	tool_check_free(&checked);
	return exit;
}

static enum tool_exit check_two(const struct tool_check_options *options)
{
	struct tool_checked old, new;
	const bool has_old = tool_check_read(&old, options->folder), has_new = tool_check_read(&new, options->other);
	enum tool_exit exit = TOOL_USAGE;

	if (has_old && has_new) {
		exit = tool_check_diff(&old, &new, options->json) ? TOOL_FAILED : TOOL_OK;
	}
	tool_check_free(&old);
	tool_check_free(&new);
	return exit;
}

enum tool_exit tool_check_main(const struct tool_env *env, int argc, char **argv)
{
	struct tool_check_options options = { .folder = TOOL_CONFIG_DIR };
	char wrong[TOOL_WRONG_BYTES];
	const int count = tool_options_parse(option_table, &options, argc, argv, wrong);

	(void)env;
	if (count < 0) {
		return wrong_is(wrong);
	}
	if (options.help) {
		return help();
	}
	if (count > (options.diff ? 2 : 1) || (options.diff && count != 2)) {
		return wrong_is(options.diff ? "--diff needs two folders: OLD NEW" : "expected one folder");
	}
	options.folder = count > 0 ? argv[0] : options.folder;
	options.other = count > 1 ? argv[1] : NULL;
	return options.diff ? check_two(&options) : check_one(&options);
}
