/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_DESK_SHOWN_H
#define TG_TESTS_DESK_SHOWN_H

#include "desk/show.h"

/** The rows of a view, and the words of a command. */
#define ROWS(array)                                       \
	{                                                 \
		.rows = (array), .count = TG_COUNT(array) \
	}
#define WORDS(...)            \
	(const char *const[]) \
	{                     \
		__VA_ARGS__   \
	}

/** Make and free the world of desk_world.h, for a group of tests. */
int shown_setup(void **state);
int shown_teardown(void **state);

/** A view of that world, without rows. */
struct desk_view shown_view(int argc, const char *const *argv);

/** What a command answers, and how it exits. */
void check_shown(int (*show)(const struct desk_view *, struct desk_out *), const struct desk_view *view, int exit,
                 const char *want);

#endif
