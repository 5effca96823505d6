/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *conf_severity_name(enum conf_severity severity)
{
	switch (severity) {
	case CONF_NOTE:
		return "note";
	case CONF_WARNING:
		return "warning";
	case CONF_ERROR:
		return "error";
	}
	return "(unknown)";
}

/* Files may hold anything; a terminal or a log gets printable text. */
static void make_printable(char *text)
{
	const bool plain = tg_utf8_is_plain(tg_span_text(text));

	for (char *p = text; *p != '\0'; p++) {
		const uint8_t c = (uint8_t)*p;

		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !plain)) {
			*p = '?';
		}
	}
}

static void count(struct conf_problems *problems, enum conf_severity severity)
{
	switch (severity) {
	case CONF_NOTE:
		problems->notes++;
		break;
	case CONF_WARNING:
		problems->warnings++;
		break;
	case CONF_ERROR:
		problems->errors++;
		break;
	}
}

void conf_problems_add(struct conf_problems *problems, enum conf_severity severity, struct conf_place at,
                       const char *format, ...)
{
	struct conf_problem *problem = conf_arena_alloc(&problems->arena, sizeof(*problem));
	char text[CONF_PROBLEM_BYTES];
	va_list args;

	count(problems, severity);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_printable(text);
	char *kept = conf_arena_text(&problems->arena, tg_span_text(text));
	char *file = conf_arena_text(&problems->arena, tg_span_text(at.file));

	if (problem == NULL || kept == NULL || file == NULL) {
		return;
	}
	make_printable(file);
	*problem = (struct conf_problem){ .severity = severity, .file = file, .line = at.line, .text = kept };
	if (problems->last != NULL) {
		problems->last->next = problem;
	} else {
		problems->first = problem;
	}
	problems->last = problem;
}

const char *conf_problem_format(const struct conf_problem *problem, char line[CONF_PROBLEM_BYTES])
{
	const char *severity = conf_severity_name(problem->severity);

	if (problem->line > 0) {
		snprintf(line, CONF_PROBLEM_BYTES, "%s:%u: %s: %s", problem->file, (unsigned)problem->line, severity,
		         problem->text);
	} else {
		snprintf(line, CONF_PROBLEM_BYTES, "%s: %s: %s", problem->file, severity, problem->text);
	}
	return line;
}

void conf_problems_free(struct conf_problems *problems)
{
	conf_arena_free(&problems->arena);
	*problems = (struct conf_problems){ 0 };
}
