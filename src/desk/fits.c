/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include "base/text.h"

#include <string.h>

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

bool desk_fits_peer(int argc, const char *const *argv)
{
	return argc == 1 || (argc == 2 && strcmp(argv[1], "load") == 0);
}

bool desk_fits_provision(int argc, const char *const *argv)
{
	return argc == 2 || (argc == 3 && strcmp(argv[2], "forced") == 0);
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

bool desk_fits_up_to_two(int argc, const char *const *argv)
{
	(void)argv;
	return argc <= 2;
}

bool desk_fits_on_off(int argc, const char *const *argv)
{
	return argc == 1 && (strcmp(argv[0], "on") == 0 || strcmp(argv[0], "off") == 0);
}

bool desk_fits_some(int argc, const char *const *argv)
{
	(void)argv;
	return argc > 0;
}

bool desk_fits_originate(int argc, const char *const *argv)
{
	return argc >= 3 && (strcmp(argv[1], "application") == 0 || (strcmp(argv[1], "extension") == 0 && argc == 3));
}

bool desk_fits_debug(int argc, const char *const *argv)
{
	return desk_fits_on_off(argc, argv) ||
	       (argc == 2 && (strcmp(argv[0], "peer") == 0 || strcmp(argv[0], "ip") == 0));
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
