/* SPDX-License-Identifier: Apache-2.0 */
/* The page of documentation that lists each option, from the tables that the program itself reads. */
#include "tools/config.h"

#include <stdio.h>
#include <string.h>

static const struct {
	enum conf_scope scope;
	const char *title;
} places[] = {
	{ CONF_IN_GENERAL, "`[general]` of iax.conf" },
	{ CONF_IN_USER, "A user, or the calling half of a friend" },
	{ CONF_IN_PEER, "A peer, or the called half of a friend" },
	{ CONF_IN_REGISTRATION, "A section with type=registration" },
	{ CONF_IN_TOLLGATE, "`[general]` of tollgate.conf" },
	{ CONF_IN_GUARD, "`[guard]` of tollgate.conf" },
	{ CONF_IN_NUMBERS, "`[numbers]` and `[numbers NAME]` of tollgate.conf" },
	{ CONF_IN_POLICY, "`[policy NAME]` of tollgate.conf" },
	{ CONF_IN_FRONT, "`[front]` of tollgate.conf" },
	{ CONF_IN_METRICS, "`[metrics]` of tollgate.conf" },
	{ CONF_IN_ACL, "A section of acl.conf" },
};

/* "|" would end a cell, "<" begin a tag. */
static void print_cell(const char *text)
{
	fputs(" ", stdout);
	for (; *text != '\0'; text++) {
		if (*text == '|' || *text == '<' || *text == '*' || *text == '[') {
			putchar('\\');
		}
		putchar(*text);
	}
	fputs(" |", stdout);
}

static const char *about(const struct conf_option *option, const struct conf_option_doc *doc, char text[512])
{
	const char *more = doc != NULL && doc->repeats ? "; repeatable" : "";

	if (doc != NULL) {
		snprintf(text, 512, "%s%s", doc->about, more);
	} else if (option->except != NULL) {
		snprintf(text, 512, "%s (%s is silent)", option->hint, option->except);
	} else {
		snprintf(text, 512, "%s", option->hint != NULL ? option->hint : "");
	}
	return text;
}

static void print_option(const struct conf_option *option, enum conf_scope scope)
{
	const struct conf_option_doc *doc = conf_option_doc(option, scope);
	char values[CONF_VALUES_BYTES], text[512];

	printf("| `%s` |", option->name);
	print_cell(doc != NULL ? conf_option_values(option, values) : "any");
	print_cell(doc != NULL ? doc->fallback : "");
	print_cell(conf_verdict_name(option->verdict));
	print_cell(about(option, doc, text));
	putchar('\n');
}

static void print_place(enum conf_scope scope, const char *title)
{
	const struct conf_option *option;

	printf("\n## %s\n\n| option | value | default | verdict | what it does, or why not |\n"
	       "| --- | --- | --- | --- | --- |\n",
	       title);
	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		if ((option->scopes & (unsigned)scope) != 0) {
			print_option(option, scope);
		}
	}
}

void config_reference_print(void)
{
	puts("# Every option\n"
	     "\n"
	     "This page is what `tollgate config reference` prints: the tables that the program itself reads its files "
	     "with. "
	     "`etc/reference` has\n"
	     "the same options as files with comments, [configuration.md](configuration.md) is sorted by task.\n"
	     "\n"
	     "* **yes**: it has its effect.\n"
	     "* **no effect**: accepted, and told once a load with the reason. **only off**: the same, and silent "
	     "where it is "
	     "switched off.\n"
	     "* **refused**: the configuration is not used. **refused when on**: the same, unless it is switched off.\n"
	     "\n"
	     "Values in brackets in the column of defaults are no values but words. A default is what holds without a "
	     "line; "
	     "`tollgate config\n"
	     "show NAME --origin` tells what holds for an account, and which line says so.");
	for (size_t i = 0; i < TG_COUNT(places); i++) {
		print_place(places[i].scope, places[i].title);
	}
}
