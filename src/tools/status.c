/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/tool.h"

#include "base/text.h"
#include "tools/ctl.h"
#include "tools/options.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* How the exchange is: the daemon's `json status`, as it is or for people. */

struct status_options {
	bool json, help;
};

static const struct tool_option table[] = {
	{ "--json", NULL, "as JSON, for scripts", TOOL_OPTION_FLAG, offsetof(struct status_options, json), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, offsetof(struct status_options, help), 0, 0, 0 },
	{ 0 },
};

static enum tool_exit failed(const char *why)
{
	fprintf(stderr, "tollgate status: %s\n", why);
	return TOOL_FAILED;
}

/* ---- For people ---- */

static long long number(const json_t *from, const char *group, const char *name)
{
	return json_integer_value(json_object_get(json_object_get(from, group), name));
}

static void print_processes(const json_t *status)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(status, "processes"), i, row)
	{
		printf("  %-8s %s, %lld restarts\n", json_string_value(json_object_get(row, "name")),
		       json_is_true(json_object_get(row, "up")) ? "up" : "AWAY",
		       (long long)json_integer_value(json_object_get(row, "restarts")));
	}
}

static void print_limits(const json_t *status)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(status, "limits"), i, row)
	{
		const long long stopped = json_integer_value(json_object_get(row, "stopped"));

		if (stopped > 0) {
			printf("Limit reached: %s, %lld times\n", json_string_value(json_object_get(row, "name")),
			       stopped);
		}
	}
}

static void print_status(const json_t *status)
{
	size_t i;
	json_t *row;

	printf("Tollgate %s\n", json_string_value(json_object_get(status, "version")));
	print_processes(status);
	json_array_foreach(json_object_get(status, "away"), i, row)
	{
		printf("No answer from: %s\n", json_string_value(row));
	}
	printf("Configuration: generation %lld%s\n", number(status, "config", "generation"),
	       json_is_true(json_object_get(json_object_get(status, "config"), "last_load_failed"))
	               ? "; a newer one was REFUSED"
	               : "");
	printf("Peers: %lld ok, %lld lagged, %lld unreachable, %lld unknown, %lld unmonitored; %lld registered\n",
	       number(status, "peers", "ok"), number(status, "peers", "lagged"), number(status, "peers", "unreachable"),
	       number(status, "peers", "unknown"), number(status, "peers", "unmonitored"),
	       number(status, "peers", "registered"));
	printf("Our registrations: %lld of %lld\n", number(status, "registrations", "registered"),
	       number(status, "registrations", "all"));
	printf("Calls: %lld now, %lld offered, %lld answered, %lld refused\n", number(status, "calls", "now"),
	       number(status, "calls", "offered"), number(status, "calls", "answered"),
	       number(status, "calls", "refused"));
	printf("Call records: %lld waiting, %lld lost\n", number(status, "records", "waiting"),
	       number(status, "records", "lost"));
	print_limits(status);
}

/* ---- ---- */

static enum tool_exit show(const char *answer, bool as_json)
{
	json_t *status = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);

	if (status == NULL) {
		return failed("the daemon's answer makes no sense; is it of another version?");
	}
	if (as_json) {
		fputs(answer, stdout);
	} else {
		print_status(status);
	}
	json_decref(status);
	return TOOL_OK;
}

static enum tool_exit ask(const struct tool_env *env, bool as_json)
{
	char wrong[TOOL_WRONG_BYTES], *answer = NULL;
	struct tool_ctl *ctl = tool_ctl_open(env->state_dir, wrong, sizeof(wrong));

	if (ctl == NULL) {
		return failed(wrong);
	}
	const int code = tool_ctl_text(ctl, "json status", &answer);

	tool_ctl_free(ctl);
	const enum tool_exit exit = code != 0 ? failed("the daemon did not answer") : show(answer, as_json);

	free(answer);
	return exit;
}

enum tool_exit tool_status_main(const struct tool_env *env, int argc, char **argv)
{
	struct status_options options = { .json = false };
	char wrong[TOOL_WRONG_BYTES];
	const int count = tool_options_parse(table, &options, argc, argv, wrong);

	if (count != 0) {
		fprintf(stderr, "tollgate status: %s\n", count < 0 ? wrong : "no arguments, please");
		return TOOL_USAGE;
	}
	if (!options.help) {
		return ask(env, options.json);
	}
	puts("usage: tollgate [--state DIR] status [--json]\n\nHow the exchange is.\n");
	tool_options_print(table);
	return TOOL_OK;
}
