/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include "base/text.h"
#include "model/codec.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPRESSION_MAX = 128 };

static bool is_like(int argc, const char *const *argv)
{
	return argc == 2 && strcmp(argv[0], "like") == 0;
}

bool desk_fits_like(int argc, const char *const *argv)
{
	return argc == 0 || is_like(argc, argv);
}

bool desk_fits_peers(int argc, const char *const *argv)
{
	const int skip = argc > 0 && strcmp(argv[0], "registered") == 0 ? 1 : 0;

	return desk_fits_like(argc - skip, argv + skip);
}

bool desk_fits_one(int argc, const char *const *argv)
{
	(void)argv;
	return argc == 1;
}

bool desk_fits_maybe_one(int argc, const char *const *argv)
{
	(void)argv;
	return argc <= 1;
}

bool desk_fits_any(int argc, const char *const *argv)
{
	(void)argc;
	(void)argv;
	return true;
}

bool desk_fits_channels(int argc, const char *const *argv)
{
	return argc == 0 || (argc == 1 && (strcmp(argv[0], "concise") == 0 || strcmp(argv[0], "verbose") == 0 ||
	                                   strcmp(argv[0], "count") == 0));
}

bool desk_fits_seconds(int argc, const char *const *argv)
{
	return argc == 0 || (argc == 1 && strcmp(argv[0], "seconds") == 0);
}

bool desk_fits_count(int argc, const char *const *argv)
{
	uint64_t count;

	return argc == 0 || (argc == 1 && tg_text_uint(argv[0], 1, DESK_RECORDS_MAX, &count));
}

uint32_t desk_records_wanted(int argc, const char *const *argv)
{
	uint64_t count = DESK_RECORDS_DEFAULT;

	if (argc == 1 && !tg_text_uint(argv[0], 1, DESK_RECORDS_MAX, &count)) {
		return DESK_RECORDS_DEFAULT;
	}
	return (uint32_t)count;
}

const char *desk_codec_name(uint64_t format)
{
	const struct codec *codec = codec_of(format);

	if (format == 0) {
		return "none";
	}
	return codec != NULL ? codec->name : "unknown";
}

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
	const bool like = argc >= 2 && is_like(2, argv + argc - 2);

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

const char *desk_span_text(uint64_t seconds, char text[DESK_SPAN_BYTES])
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = { { "day", 86400 }, { "hour", 3600 }, { "minute", 60 }, { "second", 1 } };
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < TG_COUNT(units); i++) {
		const uint64_t count = seconds / units[i].seconds;

		seconds %= units[i].seconds;
		if (len > 0 || count > 0 || units[i].seconds == 1) {
			len += (size_t)snprintf(text + len, DESK_SPAN_BYTES - len, "%s%llu %s%s", len > 0 ? ", " : "",
			                        (unsigned long long)count, units[i].name, count == 1 ? "" : "s");
		}
	}
	return text;
}
