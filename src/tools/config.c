/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/config.h"

#include "tools/conf_read.h"
#include "tools/places.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct tool_config_options, field)

static const struct tool_option option_table[] = {
	{ "--config", "DIR", "the configuration; default " TOOL_CONFIG_DIR, TOOL_OPTION_TEXT, AT(folder), 0, 0, 0 },
	{ "--origin", NULL, "file and line of each value, or default", TOOL_OPTION_FLAG, AT(origin), 0, 0, 0 },
	{ "--json", NULL, "one line of JSON, with file and line", TOOL_OPTION_FLAG, AT(json), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

static enum tool_exit help(void)
{
	puts("usage: tollgate config show [NAME] [OPTION]...\n"
	     "       tollgate config reference\n"
	     "\n"
	     "show: the values that hold for an account, or without a name in [general], templates and defaults put "
	     "in. NAME\n"
	     "may also be guard, front, metrics, numbers, \"numbers NAME\" or \"policy NAME\". Secrets are not "
	     "shown.\n"
	     "reference: all options, as a page of documentation.\n");
	tool_options_print(option_table);
	puts("\nExit codes: 0 shown, 1 there is nothing of that name, 2 wrong usage, or the configuration cannot be "
	     "used.");
	return TOOL_OK;
}

static enum tool_exit wrong_is(const char *wrong)
{
	fprintf(stderr, "tollgate config: %s\n", wrong);
	return TOOL_USAGE;
}

/* ---- For people ------------------------------------------------------------------------------------------------- */

struct printing {
	bool origin;
	json_t *all, *options; /* for programs */
};

static void print_section(void *owner, const struct config_view *view)
{
	const struct printing *p = owner;

	const bool named = view->name[0] != '\0';

	printf("[%s]%s%s", named ? view->name : view->kind, named ? " " : "", named ? view->kind : "");
	if (p->origin && view->file != NULL) {
		printf("\t; %s:%u", view->file, (unsigned)view->line);
	}
	putchar('\n');
}

static void print_value(void *owner, const struct config_value *value)
{
	const struct printing *p = owner;
	char text[1100];

	snprintf(text, sizeof(text), "%s = %s", value->option, value->value);
	if (p->origin && value->file != NULL) {
		printf("%-44s ; %s:%u%s", text, value->file, (unsigned)value->line,
		       value->inherited ? ", [general]" : "");
	} else if (p->origin) {
		printf("%-44s ; default", text);
	} else {
		fputs(text, stdout);
	}
	if (value->why != NULL) {
		printf("%s no effect: %s", p->origin ? "," : " ;", value->why);
	}
	putchar('\n');
}

/* ---- For programs ----------------------------------------------------------------------------------------------- */

static json_t *words(const char *text)
{
	json_t *json = text != NULL ? json_string(text) : json_null();

	return json != NULL ? json : json_string("(not UTF-8)");
}

static void gather_section(void *owner, const struct config_view *view)
{
	struct printing *p = owner;

	p->options = json_array();
	json_array_append_new(p->all,
	                      json_pack("{s:s, s:o, s:o, s:i, s:o}", "kind", view->kind, "name", words(view->name),
	                                "file", words(view->file), "line", (int)view->line, "options", p->options));
}

static void gather_value(void *owner, const struct config_value *value)
{
	const struct printing *p = owner;

	json_array_append_new(p->options, json_pack("{s:s, s:o, s:b, s:o, s:i, s:b, s:b}", "option", value->option,
	                                            "value", words(value->value), "default", value->file == NULL,
	                                            "file", words(value->file), "line", (int)value->line, "inherited",
	                                            (int)value->inherited, "effect", value->why == NULL));
}

static bool tell_json(const struct config_lines *lines, const struct world *world, const char *name)
{
	struct printing printing = { .all = json_array() };
	const struct config_teller teller = { &printing, gather_section, gather_value };
	const bool found = config_tell(lines, world, name, &teller);
	char *text = json_dumps(printing.all, JSON_COMPACT);

	if (found) {
		puts(text != NULL ? text : "null");
	}
	free(text);
	json_decref(printing.all);
	return found;
}

/* ---- The whole -------------------------------------------------------------------------------------------------- */

static bool read_all(const char *folder, struct conf_result *conf, struct config_lines *lines)
{
	const struct conf_trace trace = { lines, config_lines_keep };

	if (!tool_conf_read("config", folder, &trace, conf)) {
		return false;
	}
	if (lines->failed) {
		fputs("tollgate config: no memory\n", stderr);
	}
	return !lines->failed;
}

static enum tool_exit nothing_of(const struct config_lines *lines, const char *name)
{
	const char *nearest = config_nearest(lines, name);

	fprintf(stderr, "tollgate config: nothing is called %s%s%s%s\n", name, nearest != NULL ? "; did you mean " : "",
	        nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
	return TOOL_FAILED;
}

static enum tool_exit show(const struct tool_config_options *options, const char *name)
{
	struct config_lines lines = { .rows = NULL };
	struct printing printing = { .origin = options->origin };
	const struct config_teller teller = { &printing, print_section, print_value };
	struct conf_result conf;
	enum tool_exit exit = TOOL_USAGE;

	if (read_all(options->folder, &conf, &lines)) {
		const bool found = options->json ? tell_json(&lines, conf.world, name)
		                                 : config_tell(&lines, conf.world, name, &teller);

		exit = found ? TOOL_OK : nothing_of(&lines, name);
	}
	config_lines_free(&lines);
	conf_result_free(&conf);
	return exit;
}

enum tool_exit tool_config_main(const struct tool_env *env, int argc, char **argv)
{
	struct tool_config_options options = { .folder = TOOL_CONFIG_DIR };
	char wrong[TOOL_WRONG_BYTES];
	const int count = tool_options_parse(option_table, &options, argc, argv, wrong);

	(void)env;
	if (count < 0) {
		return wrong_is(wrong);
	}
	if (options.help) {
		return help();
	}
	if (count == 1 && strcmp(argv[0], "reference") == 0) {
		config_reference_print();
		return TOOL_OK;
	}
	if (count < 1 || count > 2 || strcmp(argv[0], "show") != 0) {
		return wrong_is("expected show [NAME], or reference");
	}
	return show(&options, count > 1 ? argv[1] : NULL);
}
