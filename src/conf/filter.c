/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/filter.h"

#include "conf/value.h"

#include <regex.h>
#include <string.h>

enum templates { TEMPLATES_NO, TEMPLATES_INCLUDE, TEMPLATES_RESTRICT };

static bool has_line_like(const struct conf_section *section, struct tg_span name, const regex_t *regex)
{
	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		if (tg_span_equal_nocase(tg_span_text(line->name), name) &&
		    regexec(regex, line->value, 0, NULL, 0) == 0) {
			return true;
		}
	}
	return false;
}

/* Nested repetitions make a compiled pattern grow without bound, and back-references make matching take for ever. */
static bool is_modest(const char *pattern)
{
	enum { REPETITIONS_MAX = 8 };
	size_t repetitions = 0;

	for (const char *p = pattern; *p != '\0'; p++) {
		if (*p == '{' || *p == '\\') {
			return false;
		}
		repetitions += strchr("*+?", *p) != NULL ? 1 : 0;
	}
	return repetitions <= REPETITIONS_MAX;
}

static bool regex_compile(regex_t *regex, struct tg_span text)
{
	char pattern[64];

	return tg_span_copy(pattern, sizeof(pattern), text) && is_modest(pattern) &&
	       regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB) == 0;
}

static bool term_fits(const struct conf_section *section, struct tg_span term, bool *bad)
{
	const struct tg_span name = conf_value_take_item(&term, '=');
	regex_t regex;

	if (!regex_compile(&regex, term)) {
		*bad = true;
		return false;
	}
	const bool fits = has_line_like(section, name, &regex);

	regfree(&regex);
	return fits;
}

static bool is_templates_term(struct tg_span term, enum templates *templates)
{
	const struct tg_span name = conf_value_take_item(&term, '=');

	if (!tg_span_equal_nocase(name, TG_SPAN_LIT("TEMPLATES"))) {
		return false;
	}
	if (tg_span_equal_nocase(term, TG_SPAN_LIT("include"))) {
		*templates = TEMPLATES_INCLUDE;
	} else if (tg_span_equal_nocase(term, TG_SPAN_LIT("restrict"))) {
		*templates = TEMPLATES_RESTRICT;
	}
	return true;
}

bool conf_filter_fits(struct tg_span filter, const struct conf_section *section, bool *bad)
{
	enum templates templates = TEMPLATES_NO;

	while (filter.len > 0) {
		const struct tg_span term = conf_value_take_item(&filter, '&');

		if (!is_templates_term(term, &templates) && !term_fits(section, term, bad)) {
			return false;
		}
	}
	return templates == TEMPLATES_INCLUDE || section->is_template == (templates == TEMPLATES_RESTRICT);
}
