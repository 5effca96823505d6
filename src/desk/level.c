/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/text.h"
#include "desk/show.h"

#include <string.h>

/* One level is kept for all processes: it and those above are logged. The words are those that people know. */

enum { VERBOSITY_MAX = 1000 };

static const struct {
	const char *name;
	enum tg_level level;
} rows[] = { { "DEBUG", TG_DEBUG }, { "INFO", TG_INFO }, { "VERBOSE", TG_INFO }, { "NOTICE", TG_NOTICE } };

static size_t row_of(const char *name)
{
	size_t i = 0;

	while (i < TG_COUNT(rows) && strcmp(rows[i].name, name) != 0) {
		i++;
	}
	return i;
}

static uint64_t number_of(const char *word)
{
	uint64_t number = 0;

	return tg_text_uint(word, 0, VERBOSITY_MAX, &number) ? number : 0;
}

bool desk_fits_verbosity(int argc, const char *const *argv)
{
	uint64_t number;

	return argc == 1 && (strcmp(argv[0], "off") == 0 || tg_text_uint(argv[0], 0, VERBOSITY_MAX, &number));
}

/* Warnings and errors are logged always. */
bool desk_fits_level(int argc, const char *const *argv)
{
	return argc == 2 && row_of(argv[0]) < TG_COUNT(rows) &&
	       (strcmp(argv[1], "on") == 0 || strcmp(argv[1], "off") == 0);
}

uint32_t desk_value_verbose(int argc, const char *const *argv)
{
	(void)argc;
	return number_of(argv[0]) > 0 ? TG_INFO : TG_NOTICE;
}

uint32_t desk_value_debug(int argc, const char *const *argv)
{
	(void)argc;
	return number_of(argv[0]) > 0 ? TG_DEBUG : TG_INFO;
}

uint32_t desk_value_level(int argc, const char *const *argv)
{
	const uint32_t level = rows[row_of(argv[0])].level;

	(void)argc;
	return strcmp(argv[1], "on") == 0 ? level : level + 1;
}
