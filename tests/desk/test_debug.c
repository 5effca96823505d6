/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/debug.h"
#include "desk/show.h"
#include "shown.h"

#include <stdio.h>

/* The last frames that the engine showed. */

static void test_shown(void **state)
{
	struct desk_debug debug = { 0 };
	struct desk_view view = { .debug = &debug };

	(void)state;
	check_shown(desk_show_debug, &view, DESK_OK, "No frames yet: iax2 set debug on\n");
	desk_debug_add(&debug, "one\n  two\n\n");
	desk_debug_add(&debug, "three \033\nand its end is cut");
	check_shown(desk_show_debug, &view, DESK_OK, "one\n  two\n\nthree ?\nand its end is cut\n");
	view.argc = 1;
	view.argv = WORDS("2");
	check_shown(desk_show_debug, &view, DESK_OK, "three ?\nand its end is cut\n");
	view.argv = WORDS("4");
	check_shown(desk_show_debug, &view, DESK_OK, "  two\n\nthree ?\nand its end is cut\n");
	view.argv = WORDS("100");
	check_shown(desk_show_debug, &view, DESK_OK, "one\n  two\n\nthree ?\nand its end is cut\n");
	desk_debug_deinit(&debug);
}

/* However much comes, so much is kept: whole lines, the newest. */
static void test_bounded(void **state)
{
	struct desk_debug debug = { 0 };
	char line[64];

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(line, sizeof(line), "line %07u of many\n", i);
		desk_debug_add(&debug, line);
		CHECK_TRUE(debug.text.len <= DESK_DEBUG_BYTES + sizeof(line));
	}
	CHECK_TRUE(debug.text.len > DESK_DEBUG_BYTES / 2 - 100);
	CHECK_INT(strncmp(desk_out_text(&debug.text), "line ", 5), 0);
	CHECK_TEXT(desk_out_text(&debug.text) + debug.text.len - strlen(line), line);
	CHECK_FALSE(debug.text.cut);
	desk_debug_deinit(&debug);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shown), cmocka_unit_test(test_bounded) };

	return cmocka_run_group_tests_name("debug", tests, NULL, NULL);
}
