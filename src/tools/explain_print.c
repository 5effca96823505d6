/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/explain.h"

#include "tools/ctl.h"
#include "tools/report.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_BYTES = 96 };

/* How a verdict looks: as a word, and on a terminal. */
static const struct {
	const char *mark, *on, *off;
} marks[SWITCH_EXPLAIN_VERDICTS] = {
	[SWITCH_EXPLAIN_OK] = { "ok", "\033[32m", "\033[0m" },
	[SWITCH_EXPLAIN_NO] = { "NO", "\033[1;31m", "\033[0m" },
	[SWITCH_EXPLAIN_NOTE] = { "note", "\033[2m", "\033[0m" },
};

/* ---- For people ---- */

static void print_word(const char *word, const char *text)
{
	char shown[SHOWN_BYTES];

	if (text != NULL) {
		tool_report_say(shown, sizeof(shown), tg_span_text(text));
		printf(" %s %s", word, shown);
	}
}

static void print_request(const struct tool_explain_options *options)
{
	char from[TG_ADDR_TEXT_BYTES];

	printf("A %s from %s", options->registration ? "registration" : "call",
	       tg_addr_format_host(options->from, from));
	print_word("as", options->user);
	print_word("to", options->number);
	print_word("in", options->context);
	print_word("of number", options->caller);
	print_word("with", options->codec_text);
	printf("%s, by the files in %s as they are now:\n", options->no_token ? ", without a call token" : "",
	       options->config_dir);
}

static void print_step(const struct switch_explain_step *step, size_t number, bool colour)
{
	const enum switch_explain_verdict verdict = step->verdict;

	printf("%3zu. %s%-4s%s  %-12s  %s\n", number, colour ? marks[verdict].on : "", marks[verdict].mark,
	       colour ? marks[verdict].off : "", step->what, step->text);
}

static void print_result(const struct tool_explanation *all, bool colour)
{
	const bool is_in = all->why == MODEL_WHY_OK;
	const enum switch_explain_verdict verdict = is_in ? SWITCH_EXPLAIN_OK : SWITCH_EXPLAIN_NO;
	const char *mend = model_reason_mend(all->why);

	printf("%sResult: %s.%s %s: %s.%s%s%s\n", colour ? marks[verdict].on : "",
	       is_in ? "it would be let in" : "it would be refused", colour ? marks[verdict].off : "",
	       model_reason_code(all->why), model_reason_text(all->why), mend[0] != '\0' ? " What to do: " : "", mend,
	       mend[0] != '\0' ? "." : "");
}

static void print_lines(const char *text)
{
	while (*text != '\0') {
		const size_t len = strcspn(text, "\n");

		printf("    %.*s\n", (int)len, text);
		text += len + (text[len] == '\n' ? 1 : 0);
	}
}

static void print_live(const struct tool_explanation *all)
{
	if (all->no_daemon[0] != '\0') {
		printf("\nWhat really happened is not known: %s\n", all->no_daemon);
		return;
	}
	puts("\nWhat really happened, as the daemon says:");
	for (size_t i = 0; i < all->answer_count; i++) {
		const struct tool_explain_answer *answer = &all->answers[i];

		printf("  %s (%s):\n", answer->title, answer->command);
		print_lines(answer->text != NULL ? answer->text : "");
		if (answer->code == TOOL_CTL_LOST) {
			puts("    the daemon went away before it had answered");
		}
	}
}

void tool_explain_print(const struct tool_explanation *all, bool colour)
{
	print_request(all->options);
	for (size_t i = 0; i < all->step_count; i++) {
		print_step(&all->steps[i], i + 1, colour);
	}
	if (all->unresolved > 0) {
		printf("Host names without an address now: %u. Limits of call numbers there are not known.\n",
		       (unsigned)all->unresolved);
	}
	print_result(all, colour);
	print_live(all);
}

/* ---- For programs ---- */

/* JSON is UTF-8; what is not becomes ASCII. */
static json_t *json_words(const char *text, size_t len)
{
	char plain[1024];
	json_t *words = json_stringn(text, len);

	if (words == NULL) {
		tool_report_say(plain, sizeof(plain), (struct tg_span){ (const uint8_t *)text, len });
		words = json_string(plain);
	}
	return words;
}

static json_t *json_maybe(const char *text)
{
	return text != NULL ? json_words(text, strlen(text)) : json_null();
}

static json_t *json_request(const struct tool_explain_options *options)
{
	char from[TG_ADDR_TEXT_BYTES];

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:o}", "request",
	                 options->registration ? "register" : "call", "from", tg_addr_format_host(options->from, from),
	                 "user", json_maybe(options->user), "number", json_maybe(options->number), "context",
	                 json_maybe(options->context), "caller", json_maybe(options->caller), "codec",
	                 json_maybe(options->codec_text), "token", !options->no_token, "latched", options->latched,
	                 "known", options->known, "config", json_maybe(options->config_dir));
}

static json_t *json_steps(const struct tool_explanation *all)
{
	json_t *steps = json_array();

	for (size_t i = 0; steps != NULL && i < all->step_count; i++) {
		const struct switch_explain_step *step = &all->steps[i];
		json_t *row = json_pack("{s:s, s:s, s:o, s:o}", "verdict", switch_explain_verdict_name(step->verdict),
		                        "what", step->what, "reason",
		                        step->verdict == SWITCH_EXPLAIN_NO ? json_string(model_reason_code(step->why))
		                                                           : json_null(),
		                        "text", json_words(step->text, strlen(step->text)));

		if (json_array_append_new(steps, row) != 0) {
			json_decref(steps);
			return NULL;
		}
	}
	return steps;
}

static json_t *json_lines(const char *text)
{
	json_t *lines = json_array();

	while (lines != NULL && text != NULL && *text != '\0') {
		const size_t len = strcspn(text, "\n");

		if (json_array_append_new(lines, json_words(text, len)) != 0) {
			json_decref(lines);
			return NULL;
		}
		text += len + (text[len] == '\n' ? 1 : 0);
	}
	return lines;
}

static json_t *json_answer(const struct tool_explain_answer *answer)
{
	return json_pack("{s:s, s:b, s:o}", "command", answer->command, "answered", answer->code == TOOL_OK, "lines",
	                 json_lines(answer->text));
}

static json_t *json_live(const struct tool_explanation *all)
{
	json_t *live = json_object();

	for (size_t i = 0; live != NULL && i < all->answer_count; i++) {
		if (json_object_set_new(live, all->answers[i].key, json_answer(&all->answers[i])) != 0) {
			json_decref(live);
			return NULL;
		}
	}
	return live;
}

/* Takes it. */
static char *dumped(json_t *top)
{
	char *text = top != NULL ? json_dumps(top, JSON_COMPACT) : NULL;

	json_decref(top);
	return text;
}

char *tool_explain_json(const struct tool_explanation *all)
{
	const bool is_live = all->no_daemon[0] == '\0';

	return dumped(json_pack("{s:o, s:o, s:{s:b, s:s, s:s, s:s}, s:i, s:o, s:o}", "asked",
	                        json_request(all->options), "steps", json_steps(all), "result", "let_in",
	                        all->why == MODEL_WHY_OK, "reason", model_reason_code(all->why), "text",
	                        model_reason_text(all->why), "mend", model_reason_mend(all->why), "unresolved",
	                        (int)all->unresolved, "no_daemon", is_live ? json_null() : json_maybe(all->no_daemon),
	                        "happened", is_live ? json_live(all) : json_null()));
}

char *tool_explain_event_json(const char *event, const struct tool_explain_answer *answer)
{
	return dumped(json_pack("{s:s, s:b, s:o}", "event", event, "found", answer->code == TOOL_OK, "lines",
	                        json_lines(answer->text)));
}
