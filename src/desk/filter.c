/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/filter.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { EXPRESSION_MAX = 128 };

struct desk_filter {
	bool any;
	regex_t expression;
};

/* Nested counted repeats can fill all memory, and references back can take for ever: neither is taken. */
static bool expression_ok(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '{' || (*c == '\\' && c[1] >= '1' && c[1] <= '9')) {
			return false;
		}
	}
	return strlen(text) <= EXPRESSION_MAX;
}

struct desk_filter *desk_filter_new(int argc, const char *const *argv, struct desk_out *out)
{
	struct desk_filter *filter = calloc(1, sizeof(*filter));
	const bool like = argc >= 2 && strcmp(argv[argc - 2], "like") == 0;

	if (filter == NULL) {
		desk_line(out, "No memory");
		return NULL;
	}
	filter->any = !like;
	if (like && (!expression_ok(argv[argc - 1]) ||
	             regcomp(&filter->expression, argv[argc - 1], REG_EXTENDED | REG_NOSUB) != 0)) {
		desk_line(out,
		          "like %s: expected a regular expression of at most 128 characters, without counts and "
		          "references back",
		          argv[argc - 1]);
		free(filter);
		return NULL;
	}
	return filter;
}

void desk_filter_free(struct desk_filter *filter)
{
	if (filter != NULL && !filter->any) {
		regfree(&filter->expression);
	}
	free(filter);
}

bool desk_filter_passes(const struct desk_filter *filter, const char *name)
{
	return filter->any || regexec(&filter->expression, name, 0, NULL, 0) == 0;
}
