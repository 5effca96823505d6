/* SPDX-License-Identifier: Apache-2.0 */
/* Lines find their rows, and have their effect. */
#include "conf/option.h"

#include "base/text.h"
#include "conf/setting.h"
#include "conf/value.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	U = CONF_IN_USER,
	P = CONF_IN_PEER,
	R = CONF_IN_REGISTRATION,
};

/* Once a load for each option. */
static void note(struct conf_loading *loading, const struct conf_option *option, struct conf_place at)
{
	const size_t index = (size_t)(option - conf_option_at(0));

	if (loading->noted[index] == 0) {
		loading->noted[index] = 1;
		conf_problems_add(loading->problems,
		                  option->verdict == CONF_VERDICT_WARN_TRUE ? CONF_WARNING : CONF_NOTE, at,
		                  "%s has no effect: %s", option->name, option->hint);
	}
}

/* ---- finding and applying ---- */

static const struct conf_option *option_find(const char *name, unsigned scopes)
{
	const struct conf_option *option;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		if ((option->scopes & scopes) != 0 && strcasecmp(option->name, name) == 0) {
			return option;
		}
	}
	return NULL;
}

/* Names that some target may have. */
struct names {
	size_t *at;
	unsigned scopes;
};

static const char *next_option_name(const void *owner, size_t index)
{
	const struct names *names = owner;

	const struct conf_option *option;

	(void)index;
	while ((option = conf_option_at(*names->at)) != NULL && (option->scopes & names->scopes) == 0) {
		(*names->at)++;
	}
	if (option == NULL) {
		return NULL;
	}
	(*names->at)++;
	return option->name;
}

static void report_unknown(struct conf_loading *loading, const struct conf_line *line, unsigned scopes)
{
	const enum conf_severity severity = loading->general.strict != 0 ? CONF_ERROR : CONF_WARNING;
	size_t at = 0;
	const struct names names = { &at, scopes };
	const char *nearest = tg_text_nearest(line->name, next_option_name, &names);

	if (nearest != NULL) {
		conf_problems_add(loading->problems, severity, line->at,
		                  "unknown option \"%.60s\"; did you mean \"%s\"?", line->name, nearest);
	} else {
		conf_problems_add(loading->problems, severity, line->at, "unknown option \"%.60s\"", line->name);
	}
}

static void scopes_list(unsigned scopes, char *text, size_t size_bytes)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned scope = CONF_IN_GENERAL; scope <= CONF_IN_LAST; scope <<= 1) {
		if ((scopes & scope) != 0 && len < size_bytes) {
			len += (size_t)snprintf(text + len, size_bytes - len, "%s%s", len > 0 ? " or " : "",
			                        conf_scope_name((enum conf_scope)scope));
		}
	}
}

/* Known, but not here. A template may serve users and peers, so their options may meet the other half. */
static void report_elsewhere(struct conf_loading *loading, const struct conf_line *line, unsigned here)
{
	const unsigned halves = U | P;
	unsigned elsewhere = 0;
	char places[128];

	const struct conf_option *option;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		elsewhere |= strcasecmp(option->name, line->name) == 0 ? option->scopes : 0;
	}
	if (elsewhere == 0) {
		report_unknown(loading, line, here);
		return;
	}
	scopes_list(elsewhere, places, sizeof(places));
	if ((here & halves) != 0 && (elsewhere & halves) != 0) {
		conf_warning(loading->problems, line->at, "%s has no effect here, it belongs to %s", line->name,
		             places);
	} else {
		conf_problems_add(loading->problems, loading->general.strict != 0 ? CONF_ERROR : CONF_WARNING, line->at,
		                  "%s does not belong here, but to %s", line->name, places);
	}
}

static bool asks_for_nothing(const struct conf_line *line)
{
	bool on;

	return conf_value_bool(tg_span_text(line->value), &on) && !on;
}

static void report_expected(const struct conf_setting *s)
{
	struct conf_problems *problems = s->loading->problems;

	if (s->quiet) {
		return;
	}
	if (s->option->is_secret) {
		conf_error(problems, s->line->at, "%s: expected %s", s->option->name, s->expected);
	} else {
		conf_error(problems, s->line->at, "%s: expected %s, not \"%.60s\"", s->option->name, s->expected,
		           s->line->value);
	}
}

static bool is_excepted(const struct conf_setting *s)
{
	bool wanted, given;

	if (s->option->except == NULL) {
		return false;
	}
	return strcasecmp(s->line->value, s->option->except) == 0 ||
	       (conf_value_bool(tg_span_text(s->option->except), &wanted) &&
	        conf_value_bool(tg_span_text(s->line->value), &given) && wanted == given);
}

/* @return true if the line has the effect it should have on this target */
static bool apply(struct conf_setting *s)
{
	if (s->option->parse != NULL && !s->option->parse(s, (uint8_t *)s->base + s->option->offset)) {
		report_expected(s);
		return true;
	}
	switch (s->option->verdict) {
	case CONF_VERDICT_YES:
		return true;
	case CONF_VERDICT_NOTE:
		return is_excepted(s);
	case CONF_VERDICT_NOTE_TRUE:
	case CONF_VERDICT_WARN_TRUE:
		return asks_for_nothing(s->line);
	case CONF_VERDICT_REFUSE:
	case CONF_VERDICT_REFUSE_TRUE:
		if (!s->quiet && (s->option->verdict == CONF_VERDICT_REFUSE || !asks_for_nothing(s->line))) {
			conf_error(s->loading->problems, s->line->at, "%s is refused: %s", s->option->name,
			           s->option->hint);
		}
		return true;
	}
	return false;
}

/* ---- telling where values come from ---- */

static void name_target(const struct conf_target *target, struct conf_traced *traced)
{
	const unsigned accounts = U | P | R;

	if ((target->scope & accounts) != 0) {
		const struct conf_account *account = target->base;

		traced->section = account->name;
		traced->begins = account->at;
	} else if (target->scope == CONF_IN_NUMBERS) {
		const struct conf_numbers *numbers = target->base;

		traced->section = numbers->name;
		traced->begins = numbers->at;
	} else if (target->scope == CONF_IN_POLICY) {
		const struct conf_policy *policy = target->base;

		traced->section = policy->name;
		traced->begins = policy->at;
	}
}

static void trace(const struct conf_loading *loading, const struct conf_option *option, const struct conf_line *line,
                  const struct conf_target *target, bool has_effect)
{
	char text[CONF_VALUE_SHOWN_BYTES];
	struct conf_traced traced = {
		.option = option,
		.scope = target->scope,
		.section = "",
		.value = line->value,
		.has_effect = has_effect,
		.at = line->at,
	};

	if (loading->trace == NULL) {
		return;
	}
	name_target(target, &traced);
	if (option->parse == conf_parse_register) {
		traced.value = conf_value_without_secret(line->value, text);
	} else if (option->is_secret) {
		traced.value = "(hidden)";
	}
	loading->trace->told(loading->trace->owner, &traced);
}

void conf_option_set(struct conf_loading *loading, const struct conf_line *line, const struct conf_target *targets,
                     size_t count)
{
	const struct conf_option *to_note = NULL;
	bool effective = false;
	unsigned scopes = 0;

	for (size_t i = 0; i < count; i++) {
		struct conf_setting s = {
			.loading = loading, .line = line, .base = targets[i].base, .quiet = effective
		};

		scopes |= targets[i].scope;
		s.option = option_find(line->name, targets[i].scope);
		if (s.option == NULL) {
			continue;
		}
		const bool applied = apply(&s);

		trace(loading, s.option, line, &targets[i], applied);
		if (applied) {
			effective = true;
		} else {
			to_note = s.option;
		}
	}
	if (!effective && to_note != NULL) {
		note(loading, to_note, line->at);
	} else if (!effective) {
		report_elsewhere(loading, line, scopes);
	}
}
