/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/show.h"
#include "shown.h"

#include <stdio.h>

/* What operators want of calls and registrations, as the engine is told. */

static bool deed_of(const char *line, struct ipc_engine_do *deed, struct desk_out *out)
{
	struct desk_words words;
	int used;

	*deed = (struct ipc_engine_do){ .what = IPC_ENGINE_WHATS };
	CHECK_TRUE(desk_words_split(&words, line));
	const struct desk_command *command = desk_command_find(&words, &used);

	CHECK_TRUE(command != NULL && command->print == NULL && command->deed != NULL);
	CHECK_TRUE(command->fits(words.count - used, words.word + used));
	return command->deed(words.count - used, words.word + used, deed, out);
}

static void test_deeds(void **state)
{
	static const struct {
		const char *line;
		struct ipc_engine_do want;
	} rows[] = {
		{ "iax2 unregister alice", { .what = IPC_ENGINE_UNREGISTER, .name = "alice" } },
		{ "iax2 set debug on", { .what = IPC_ENGINE_DEBUG, .on = 1 } },
		{ "iax2 set debug off", { .what = IPC_ENGINE_DEBUG } },
		{ "iax2 set debug peer alice", { .what = IPC_ENGINE_DEBUG, .on = 1, .name = "alice" } },
		{ "iax2 set debug ip 192.0.2.1:4570",
		  { .what = IPC_ENGINE_DEBUG,
		    .on = 1,
		    .addr = { .ip = { 192, 0, 2, 1 }, .port = 4570, .family = TG_IPV4 } } },
		{ "channel request hangup IAX2/alice-7", { .what = IPC_ENGINE_HANG_UP, .name = "IAX2/alice-7" } },
		{ "channel request hangup all", { .what = IPC_ENGINE_HANG_UP } },
		{ "channel originate IAX2/alice extension 600@phones",
		  { .what = IPC_ENGINE_ORIGINATE, .name = "alice", .exten = "600", .context = "phones" } },
		{ "channel originate IAX2/alice/42 extension 600",
		  { .what = IPC_ENGINE_ORIGINATE,
		    .name = "alice",
		    .number = "42",
		    .exten = "600",
		    .context = "default" } },
		{ "channel originate IAX2/alice application Dial IAX2/bob,20 and  more",
		  { .what = IPC_ENGINE_ORIGINATE, .name = "alice", .app = "Dial", .args = "IAX2/bob,20 and more" } },
		{ "channel originate IAX2/alice application Echo",
		  { .what = IPC_ENGINE_ORIGINATE, .name = "alice", .app = "Echo" } },
	};
	struct ipc_engine_do deed;
	struct desk_out out;

	(void)state;
	desk_out_init(&out);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		print_message("# %s\n", rows[i].line);
		CHECK_TRUE(deed_of(rows[i].line, &deed, &out));
		CHECK_UINT(deed.what, rows[i].want.what);
		CHECK_UINT(deed.on, rows[i].want.on);
		CHECK_UINT(deed.addr.port, rows[i].want.addr.port);
		CHECK_UINT(deed.addr.family, rows[i].want.addr.family);
		CHECK_TEXT(deed.name, rows[i].want.name);
		CHECK_TEXT(deed.number, rows[i].want.number);
		CHECK_TEXT(deed.exten, rows[i].want.exten);
		CHECK_TEXT(deed.context, rows[i].want.context);
		CHECK_TEXT(deed.app, rows[i].want.app);
		CHECK_TEXT(deed.args, rows[i].want.args);
	}
	CHECK_TEXT(desk_out_text(&out), "");
	desk_out_deinit(&out);
}

/* A number of 90 digits. */
#define TOO_LONG                                  \
	"channel originate IAX2/alice extension " \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890@phones"

static void test_words_that_make_no_sense(void **state)
{
	static const char *const lines[] = {
		"channel request hangup \"\"", /* not all calls by a slip */
		"channel originate SIP/alice extension 600@phones",
		"channel originate IAX2/ extension 600@phones",
		TOO_LONG,
		"channel originate IAX2/alice application 0123456789012345678901234567890123",
		"iax2 unregister \xff",
		"iax2 set debug peer \"\"",
		"iax2 set debug ip here",
		"iax2 set debug ip 192.0.2.0/24",
	};
	struct ipc_engine_do deed;

	(void)state;
	for (size_t i = 0; i < TG_COUNT(lines); i++) {
		struct desk_out out;

		desk_out_init(&out);
		print_message("# %zu\n", i);
		CHECK_FALSE(deed_of(lines[i], &deed, &out));
		CHECK_TRUE(strstr(desk_out_text(&out), "Nothing was done.\n") != NULL);
		desk_out_deinit(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deeds),
		cmocka_unit_test(test_words_that_make_no_sense),
	};

	return cmocka_run_group_tests_name("deed", tests, NULL, NULL);
}
