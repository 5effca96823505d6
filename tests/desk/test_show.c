/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/show.h"

#include "desk_world.h"
#include "model/event.h"
#include "model/world.h"
#include "model/world_build.h"
#include "shown.h"

#include <stdlib.h>

/* The exchange itself, its dialplan and its call records. */

/* ---- core ---- */

static void test_processes_and_uptime(void **state)
{
	const struct ipc_process_row rows[] = {
		{ .name = "parent", .pid = 4711, .restarts = 0, .up_s = 93784 },
		{ .name = "engine", .pid = 4712, .restarts = 2, .up_s = 61 },
	};
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_processes, &view, DESK_OK,
	            "Process         Pid      Restarts Up\n"
	            "tollgated       4711     0        1 day, 2 hours, 3 minutes, 4 seconds\n"
	            "tg-engine       4712     2        1 minute, 1 second\n");
	check_shown(desk_show_uptime, &view, DESK_OK, "System uptime: 1 day, 2 hours, 3 minutes, 4 seconds\n");
	view.argc = 1;
	view.argv = WORDS("seconds");
	check_shown(desk_show_uptime, &view, DESK_OK, "System uptime: 93784\n");
}

static void test_version(void **state)
{
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	check_shown(desk_show_version, &view, DESK_OK, "Tollgate " TG_VERSION "\nConfiguration generation 7\n");
	view.world = NULL;
	check_shown(desk_show_version, &view, DESK_OK, "Tollgate " TG_VERSION "\n");
}

static void test_help(void **state)
{
	struct desk_view view = shown_view(1, WORDS("uptime"));

	(void)state;
	check_shown(desk_show_help, &view, DESK_OK,
	            "core show uptime [seconds]                           since when it runs\n");
	view = shown_view(2, WORDS("no", "such"));
	check_shown(desk_show_help, &view, DESK_FAILED, "No command has to do with 'no such'.\n");
}

/* ---- dialplan, cdr ---- */

static void test_dialplan(void **state)
{
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'phones' created by 'pbx_config' ]\n"
	            "  '12' =>            1. Dial(IAX2/bob)                                [extensions.conf:30]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:31]\n"
	            "  '_1X/200' =>       1. Dial(IAX2/alice&IAX2/bob,20)                  [extensions.conf:40]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:41]\n"
	            "  '_1X' =>           1. Dial(IAX2/alice)                              [extensions.conf:20]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:21]\n"
	            "  '_1.' =>           1. Dial(IAX2/far/${EXTEN})                       [extensions.conf:10]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:11]\n"
	            "  Include =>            'base'                                        [pbx_config]\n"
	            " \n"
	            "[ Context 'base' created by 'pbx_config' ]\n"
	            "  '_[12]2' =>        1. Dial(IAX2/carol-with-a-long-name)             [extensions.conf:50]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:51]\n"
	            " \n"
	            "[ Context 'house' created by 'pbx_config' ]\n"
	            "  Include =>            'base'                                        [pbx_config]\n"
	            "  Include =>            'phones,9:00-17:00,mon-fri'                   [pbx_config]\n"
	            " \n"
	            "-= 5 extensions (10 priorities) in 3 contexts. =-\n");
	view = shown_view(1, WORDS("base"));
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'base' created by 'pbx_config' ]\n"
	            "  '_[12]2' =>        1. Dial(IAX2/carol-with-a-long-name)             [extensions.conf:50]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:51]\n"
	            " \n"
	            "-= 1 extension (2 priorities) in 1 context. =-\n");
	view = shown_view(1, WORDS("nowhere"));
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of 'nowhere' context\n");
}

/* A context with "200" while a or b is registered, and from 2 on at any time; "300" while b is. */
static struct world *registered_world(void)
{
	struct world_build *build = world_build_new();
	const struct world_text a = world_build_text(build, TG_SPAN_LIT("a"));
	const struct world_text b = world_build_text(build, TG_SPAN_LIT("b"));
	const struct world_origin at = world_build_origin(build, "iax.conf", 7);
	struct world_step step = { .priority = 1, .app = WORLD_APP_NOOP, .registered = { 0, 2 }, .origin = at };
	struct world_exten exten = { .pattern = world_build_text(build, TG_SPAN_LIT("200")), .steps = { 0, 2 } };
	struct world_context context = { .name = world_build_text(build, TG_SPAN_LIT("here")), .extens = { 0, 2 } };
	size_t size;

	context.has_registered = 1;
	world_build_row(build, WORLD_TEXTS, &a);
	world_build_row(build, WORLD_TEXTS, &b);
	world_build_row(build, WORLD_STEPS, &step);
	step = (struct world_step){ .priority = 2, .app = WORLD_APP_HANGUP, .origin = at };
	world_build_row(build, WORLD_STEPS, &step);
	step = (struct world_step){ .priority = 1, .app = WORLD_APP_NOOP, .registered = { 1, 1 }, .origin = at };
	world_build_row(build, WORLD_STEPS, &step);
	world_build_row(build, WORLD_EXTENS, &exten);
	exten = (struct world_exten){ .pattern = world_build_text(build, TG_SPAN_LIT("300")), .steps = { 2, 1 } };
	world_build_row(build, WORLD_EXTENS, &exten);
	world_build_row(build, WORLD_CONTEXTS, &context);
	struct world *world = world_build_finish(build, 1, &size, NULL);

	world_build_free(build);
	CHECK_TRUE(world != NULL);
	return world;
}

static void test_dialplan_registered(void **state)
{
	struct world *world = registered_world();
	struct ipc_peer_row row = { .expires_s = 60 };
	struct desk_view view = { .world = world, .argc = 1, .argv = WORDS("here") };
	(void)state;

	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'here' created by 'pbx_config' ]\n"
	            "  '200' =>           2. Hangup()                                      [iax.conf:7]\n"
	            " \n"
	            "-= 1 extension (1 priority) in 1 context. =-\n");
	tg_span_copy(row.name, sizeof(row.name), TG_SPAN_LIT("b"));
	view.rows[0] = (struct desk_rows){ &row, 1, false, false };
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'here' created by 'pbx_config' ]\n"
	            "  '200' =>           1. NoOp()                                        [iax.conf:7]\n"
	            "                     2. Hangup()                                      [iax.conf:7]\n"
	            "  '300' =>           1. NoOp()                                        [iax.conf:7]\n"
	            " \n"
	            "-= 2 extensions (3 priorities) in 1 context. =-\n");
	view.argv = WORDS("300@here");
	row.expires_s = 0; /* it has an address, and no registration */
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of 300@here extension\n");
	free(world);
}

/* asterisk-compat 6.3: what matches 12, in the order it is tried, the included context last. */
static void test_dialplan_lookup(void **state)
{
	struct desk_view view = shown_view(1, WORDS("12@phones"));

	(void)state;
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'phones' created by 'pbx_config' ]\n"
	            "  '12' =>            1. Dial(IAX2/bob)                                [extensions.conf:30]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:31]\n"
	            "  '_1X/200' =>       1. Dial(IAX2/alice&IAX2/bob,20)                  [extensions.conf:40]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:41]\n"
	            "  '_1X' =>           1. Dial(IAX2/alice)                              [extensions.conf:20]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:21]\n"
	            "  '_1.' =>           1. Dial(IAX2/far/${EXTEN})                       [extensions.conf:10]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:11]\n"
	            " \n"
	            "[ Context 'base' created by 'pbx_config' ]\n"
	            "  '_[12]2' =>        1. Dial(IAX2/carol-with-a-long-name)             [extensions.conf:50]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:51]\n"
	            " \n"
	            "-= 5 extensions (10 priorities) in 2 contexts. =-\n");
	view = shown_view(1, WORDS("22@house")); /* base is reached in two ways, and tried once */
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'base' created by 'pbx_config' ]\n"
	            "  '_[12]2' =>        1. Dial(IAX2/carol-with-a-long-name)             [extensions.conf:50]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:51]\n"
	            " \n"
	            "-= 1 extension (2 priorities) in 1 context. =-\n");
	view = shown_view(1, WORDS("99@phones"));
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of 99@phones extension\n");
	view = shown_view(1, WORDS("12@nowhere"));
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of 'nowhere' context\n");
	view = shown_view(1, WORDS("12@"));
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of '' context\n");
}

static void test_records(void **state)
{
	const struct ipc_record_row rows[] = {
		{ .record = { .started_ms = UINT64_C(1700000000000),
		              .answered_ms = UINT64_C(1700000002500),
		              .ended_ms = UINT64_C(1700000012600),
		              .caller = "alice",
		              .caller_number = "100",
		              .dialled = "200",
		              .callee = "bob",
		              .format = 4,
		              .disposition = MODEL_ANSWERED,
		              .cause = 16,
		              .from_caller = { .lost = 1 },
		              .from_callee = { .lost = 20 },
		              .caller_rtt_ms = 12,
		              .callee_rtt_ms = 140 },
		  .paid = { .chargeable = 1,
		            .class = WORLD_CLASS_INTL_LOW,
		            .why = MODEL_WHY_PAID_DAY,
		            .rule = "[office] daily=9m, tollgate.conf:9" } },
		{ .record = { .started_ms = UINT64_C(1699999999999),
		              .ended_ms = UINT64_C(1699999999000),
		              .dialled = "9\n",
		              .disposition = 99,
		              .cause = 3 } },
	};
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_records, &view, DESK_OK,
	            "Start (UTC)         From                 Number       To           Answered by     Disposition "
	            "Cause    Total     Talk Codec         Lost    RTT ms Class            Allowed or refused by\n"
	            "2023-11-14 22:13:20 alice                100          200          bob             ANSWERED       "
	            "16     12.6     10.1 ulaw          1/20    12/140 intl-low         paid-day: [office] daily=9m, "
	            "tollgate.conf:9\n"
	            "2023-11-14 22:13:19 (guest)                           9?                           ?              "
	            " 3      0.0      0.0 none           0/0       0/0 -                -\n"
	            "2 call records\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processes_and_uptime),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_dialplan),
		cmocka_unit_test(test_dialplan_registered),
		cmocka_unit_test(test_dialplan_lookup),
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests_name("show", tests, shown_setup, shown_teardown);
}
