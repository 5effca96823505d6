/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/options.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { SECONDS_TEXT_MAX = 15 };

bool tool_seconds_parse(const char *text, uint64_t *ms)
{
	const char *point = strchr(text, '.');
	const size_t whole_len = point != NULL ? (size_t)(point - text) : strlen(text);
	char digits[SECONDS_TEXT_MAX + 4];
	size_t decimals = point != NULL ? strlen(point + 1) : 0;

	if (whole_len == 0 || whole_len > SECONDS_TEXT_MAX || decimals > 3 || (point != NULL && decimals == 0)) {
		return false;
	}
	snprintf(digits, sizeof(digits), "%.*s%s%.*s", (int)whole_len, text, point != NULL ? point + 1 : "",
	         (int)(3 - decimals), "000");
	return tg_text_uint(digits, 0, UINT64_MAX / 2, ms);
}

static const struct tool_option *option_find(const struct tool_option *table, const char *arg, size_t len)
{
	for (const struct tool_option *option = table; option->name != NULL; option++) {
		if (strlen(option->name) == len && strncmp(option->name, arg, len) == 0) {
			return option;
		}
	}
	return NULL;
}

static const char *option_name_at(const void *table, size_t index)
{
	return ((const struct tool_option *)table)[index].name;
}

static int unknown_option(const struct tool_option *table, const char *arg, char wrong[TOOL_WRONG_BYTES])
{
	char name[64];
	const char *near = NULL;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg, "="), arg);
	near = tg_text_nearest(name, option_name_at, table);
	snprintf(wrong, TOOL_WRONG_BYTES, "unknown option %s%s%s%s", name, near != NULL ? "; did you mean " : "",
	         near != NULL ? near : "", near != NULL ? "?" : "");
	return -1;
}

static bool number_store(const struct tool_option *option, void *field, const char *value)
{
	uint64_t *number = field;

	if (option->kind == TOOL_OPTION_SECONDS) {
		return tool_seconds_parse(value, number) && *number >= option->min && *number <= option->max;
	}
	return tg_text_uint(value, option->min, option->max, number);
}

static bool option_store(const struct tool_option *option, void *into, const char *value, char wrong[TOOL_WRONG_BYTES])
{
	void *field = (uint8_t *)into + option->offset;
	const unsigned unit = option->kind == TOOL_OPTION_SECONDS ? 1000 : 1;

	if (option->kind == TOOL_OPTION_FLAG) {
		*(bool *)field = true;
		return true;
	}
	if (option->kind == TOOL_OPTION_TEXT) {
		*(const char **)field = value;
		return true;
	}
	if (number_store(option, field, value)) {
		return true;
	}
	snprintf(wrong, TOOL_WRONG_BYTES, "%s %s: expected a number from %llu to %llu", option->name, value,
	         (unsigned long long)(option->min / unit), (unsigned long long)(option->max / unit));
	return false;
}

static bool is_digits(const char *text)
{
	return text != NULL && text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* The value of the option at *i, which moves on if the value is an argument of its own. */
static const char *option_value(const struct tool_option *option, char **argv, int argc, int *i)
{
	const char *equals = strchr(argv[*i], '=');
	const char *next = *i + 1 < argc ? argv[*i + 1] : NULL;

	if (equals != NULL) {
		return equals + 1;
	}
	if (option->kind == TOOL_OPTION_MAYBE_COUNT && !is_digits(next)) {
		return NULL;
	}
	*i += next != NULL ? 1 : 0;
	return next;
}

static bool take_option(const struct tool_option *option, void *into, int argc, char **argv, int *i,
                        char wrong[TOOL_WRONG_BYTES])
{
	const bool takes = option->kind != TOOL_OPTION_FLAG;
	const char *value = takes ? option_value(option, argv, argc, i) : NULL;

	if (!takes && strchr(argv[*i], '=') != NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s takes no value", option->name);
		return false;
	}
	if (takes && value == NULL) {
		if (option->kind == TOOL_OPTION_MAYBE_COUNT) {
			*(uint64_t *)(void *)((uint8_t *)into + option->offset) = option->absent;
			return true;
		}
		snprintf(wrong, TOOL_WRONG_BYTES, "%s needs a value: %s %s", option->name, option->name, option->value);
		return false;
	}
	return option_store(option, into, value, wrong);
}

int tool_options_parse(const struct tool_option *table, void *into, int argc, char **argv, char wrong[TOOL_WRONG_BYTES])
{
	int kept = 0;
	bool ended = false;

	for (int i = 0; i < argc; i++) {
		const struct tool_option *option = NULL;

		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[kept++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			ended = true;
			continue;
		}
		option = option_find(table, argv[i], strcspn(argv[i], "="));
		if (option == NULL) {
			return unknown_option(table, argv[i], wrong);
		}
		if (!take_option(option, into, argc, argv, &i, wrong)) {
			return -1;
		}
	}
	return kept;
}

void tool_options_print(const struct tool_option *table)
{
	for (const struct tool_option *option = table; option->name != NULL; option++) {
		char left[64];

		snprintf(left, sizeof(left), option->value != NULL ? "%s %s" : "%s", option->name,
		         option->value != NULL ? option->value : "");
		printf("  %-24s %s\n", left, option->help);
	}
}
