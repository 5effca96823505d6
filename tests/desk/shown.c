/* SPDX-License-Identifier: Apache-2.0 */
#include "shown.h"

#include "check.h"
#include "desk_world.h"

#include <stdlib.h>

static struct world *world;

int shown_setup(void **state)
{
	size_t size;

	(void)state;
	world = desk_world(&size);
	return world != NULL ? 0 : -1;
}

int shown_teardown(void **state)
{
	(void)state;
	free(world);
	return 0;
}

struct desk_view shown_view(int argc, const char *const *argv)
{
	return (struct desk_view){ .world = world, .argc = argc, .argv = argv };
}

void check_shown(int (*show)(const struct desk_view *, struct desk_out *), const struct desk_view *view, int exit,
                 const char *want)
{
	struct desk_out out;

	desk_out_init(&out);
	CHECK_INT(show(view, &out), exit);
	CHECK_TEXT(desk_out_text(&out), want);
	desk_out_deinit(&out);
}
