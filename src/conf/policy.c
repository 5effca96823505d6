/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/policy.h"

#include "base/text.h"
#include "conf/option.h"
#include "conf/value.h"

#include <string.h>
#include <strings.h>

struct conf_policy *conf_policy_find(const struct conf_loading *loading, const char *name)
{
	struct conf_policy *policy = loading->policies;

	while (policy != NULL && strcasecmp(policy->name, name) != 0) {
		policy = policy->next;
	}
	return policy;
}

static struct conf_numbers *numbers_find(const struct conf_loading *loading, const char *name)
{
	struct conf_numbers *numbers = loading->numbers;

	while (numbers != NULL && strcasecmp(numbers->name, name) != 0) {
		numbers = numbers->next;
	}
	return numbers;
}

/* ---- sections ---- */

/* What stands behind the word: "" for nothing; NULL if the section is another one. */
static const char *name_behind(const struct conf_section *section, const char *word)
{
	const size_t len = strlen(word);

	if (strncasecmp(section->name, word, len) != 0) {
		return NULL;
	}
	const char *name = section->name + len;

	if (name[0] == '\0') {
		return name;
	}
	return name[0] == ' ' || name[0] == '\t' ? name + strspn(name, " \t") : NULL;
}

static void read_lines(struct conf_loading *loading, const struct conf_section *section, enum conf_scope scope,
                       void *base)
{
	const struct conf_target target = { scope, base };

	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		conf_option_set(loading, line, &target, 1);
	}
}

static bool read_policy(struct conf_loading *loading, const struct conf_section *section, const char *name)
{
	struct conf_policy **end = &loading->policies;

	if (name[0] == '\0' || conf_policy_find(loading, name) != NULL) {
		return false;
	}
	struct conf_policy *policy = conf_arena_alloc(loading->arena, sizeof(*policy));

	if (policy == NULL) {
		return true; /* the arena has latched */
	}
	*policy = (struct conf_policy){ .name = name, .at = section->at };
	while (*end != NULL) {
		end = &(*end)->next;
	}
	*end = policy;
	read_lines(loading, section, CONF_IN_POLICY, policy);
	return true;
}

static bool read_numbers(struct conf_loading *loading, const struct conf_section *section, const char *name)
{
	struct conf_numbers **end = &loading->numbers;

	if (numbers_find(loading, name) != NULL) {
		return false;
	}
	struct conf_numbers *numbers = conf_arena_alloc(loading->arena, sizeof(*numbers));

	if (numbers == NULL) {
		return true;
	}
	*numbers = (struct conf_numbers){ .name = name, .at = section->at, .row = { .internal_digits = 5 } };
	while (*end != NULL) {
		end = &(*end)->next;
	}
	*end = numbers;
	read_lines(loading, section, CONF_IN_NUMBERS, numbers);
	return true;
}

bool conf_policy_section(struct conf_loading *loading, const struct conf_section *section)
{
	const char *policy = name_behind(section, "policy");
	const char *numbers = name_behind(section, "numbers");

	return policy != NULL ? read_policy(loading, section, policy)
	                      : numbers != NULL && read_numbers(loading, section, numbers);
}

/* ---- names ---- */

static const char *policy_at(const void *owner, size_t index)
{
	const struct conf_policy *policy = owner;

	while (policy != NULL && index-- > 0) {
		policy = policy->next;
	}
	return policy != NULL ? policy->name : NULL;
}

uint32_t conf_policy_named(struct conf_loading *loading, const struct conf_text *name, const char *option)
{
	const struct conf_policy *policy = name->text == NULL ? NULL : conf_policy_find(loading, name->text);

	if (policy == NULL && name->text != NULL) {
		const char *near = tg_text_nearest(name->text, policy_at, loading->policies);

		conf_error(loading->problems, name->at,
		           "%s: expected NAME of a section [policy NAME] of tollgate.conf, not \"%.60s\"%s%s%s", option,
		           name->text, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
		           near != NULL ? "\"?" : "");
	}
	return policy != NULL ? policy->row : 0;
}

static const char *numbers_at(const void *owner, size_t index)
{
	const struct conf_numbers *numbers = owner;

	/* The one of all has no name. */
	while (numbers != NULL && (numbers->name[0] == '\0' || index-- > 0)) {
		numbers = numbers->next;
	}
	return numbers != NULL ? numbers->name : NULL;
}

uint32_t conf_numbers_named(struct conf_loading *loading, const struct conf_text *name)
{
	const struct conf_numbers *numbers = name->text == NULL ? NULL : numbers_find(loading, name->text);

	if (numbers == NULL && name->text != NULL) {
		const char *near = tg_text_nearest(name->text, numbers_at, loading->numbers);

		conf_error(loading->problems, name->at,
		           "numbers: expected NAME of a section [numbers NAME] of tollgate.conf, not \"%.60s\"%s%s%s",
		           name->text, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
		           near != NULL ? "\"?" : "");
	}
	return numbers != NULL ? numbers->place : 0;
}
