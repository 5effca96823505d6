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

static bool is_said(const struct conf_problems *problems, const struct conf_problem *problem)
{
	for (size_t i = 0; i < CONF_RECENT_PROBLEMS && problems->recent[i] != NULL; i++) {
		const struct conf_problem *other = problems->recent[i];

		if (other->line == problem->line && other->severity == problem->severity &&
		    strcmp(other->file, problem->file) == 0 && strcmp(other->text, problem->text) == 0) {
			return true;
		}
	}
	return false;
}

static void append(struct conf_problems *problems, struct conf_problem *problem)
{
	if (problems->last != NULL) {
		problems->last->next = problem;
	} else {
		problems->first = problem;
	}
	problems->last = problem;
	problems->recent[problems->recent_at++ % CONF_RECENT_PROBLEMS] = problem;
}

static struct conf_problem *keep(struct conf_problems *problems, const struct conf_problem *problem)
{
	struct conf_problem *kept = conf_arena_alloc(&problems->arena, sizeof(*kept));
	char *text = conf_arena_text(&problems->arena, tg_span_text(problem->text));
	char *file = conf_arena_text(&problems->arena, tg_span_text(problem->file));

	if (kept == NULL || text == NULL || file == NULL) {
		return NULL;
	}
	make_printable(file);
	*kept = *problem;
	kept->text = text;
	kept->file = file;
	return kept;
}

void conf_problems_add(struct conf_problems *problems, enum conf_severity severity, struct conf_place at,
                       const char *format, ...)
{
	char text[CONF_PROBLEM_BYTES];
	const struct conf_problem problem = { .severity = severity, .file = at.file, .line = at.line, .text = text };
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_printable(text);
	if (at.line > 0 && is_said(problems, &problem)) {
		return;
	}
	count(problems, severity);
	struct conf_problem *kept = keep(problems, &problem);

	if (kept != NULL) {
		append(problems, kept);
	}
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
