/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "tools/ending.h"

static void test_every_end(void **state)
{
	static const struct {
		const char *name;
		enum iax_end end;
		uint8_t cause;
		bool answered, heard;
		enum tool_exit want;
	} rows[] = {
		{ "we hung up", IAX_END_LOCAL, 16, true, true, TOOL_OK },
		{ "we gave up", IAX_END_LOCAL, 0, false, true, TOOL_NO_ANSWER },
		{ "they hung up", IAX_END_REMOTE, 16, true, true, TOOL_OK },
		{ "they hung up oddly", IAX_END_REMOTE, 127, true, true, TOOL_OK },
		{ "hung up before the answer", IAX_END_REMOTE, 16, false, true, TOOL_NO_ANSWER },
		{ "the same without a cause", IAX_END_REMOTE, 0, false, true, TOOL_NO_ANSWER },
		{ "busy by HANGUP", IAX_END_REMOTE, 17, false, true, TOOL_BUSY },
		{ "busy by REJECT", IAX_END_REJECTED, 17, false, true, TOOL_BUSY },
		{ "nobody answers there", IAX_END_REJECTED, 19, false, true, TOOL_NO_ANSWER },
		{ "no user response", IAX_END_REJECTED, 18, false, true, TOOL_NO_ANSWER },
		{ "no such number", IAX_END_REJECTED, 3, false, true, TOOL_REFUSED },
		{ "wrong secret", IAX_END_REJECTED, 29, false, true, TOOL_REFUSED },
		{ "no cause at all", IAX_END_REJECTED, 0, false, true, TOOL_REFUSED },
		{ "no codec", IAX_END_REJECTED, 58, false, true, TOOL_REFUSED },
		{ "no circuit", IAX_END_REJECTED, 34, false, true, TOOL_NETWORK },
		{ "out of order", IAX_END_REJECTED, 27, false, true, TOOL_NETWORK },
		{ "network out of order", IAX_END_REJECTED, 38, false, true, TOOL_NETWORK },
		{ "temporary failure", IAX_END_REJECTED, 41, false, true, TOOL_NETWORK },
		{ "congestion", IAX_END_REJECTED, 42, false, true, TOOL_NETWORK },
		{ "silence", IAX_END_TIMEOUT, 0, false, false, TOOL_NETWORK },
		{ "silence after a word", IAX_END_TIMEOUT, 0, false, true, TOOL_NO_ANSWER },
		{ "silence during the call", IAX_END_TIMEOUT, 0, true, true, TOOL_BROKEN },
		{ "they forgot the call", IAX_END_INVAL, 0, true, true, TOOL_BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct iax_event event = { .kind = IAX_EV_ENDED, .end = rows[i].end, .cause = rows[i].cause };

		print_message("# %s\n", rows[i].name);
		CHECK_UINT(tool_exit_of_end(&event, rows[i].answered, rows[i].heard), rows[i].want);
	}
}

/* The manual promises these numbers. */
static void test_codes(void **state)
{
	(void)state;
	CHECK_INT(TOOL_OK, 0);
	CHECK_INT(TOOL_FAILED, 1);
	CHECK_INT(TOOL_USAGE, 2);
	CHECK_INT(TOOL_REFUSED, 3);
	CHECK_INT(TOOL_BUSY, 4);
	CHECK_INT(TOOL_NO_ANSWER, 5);
	CHECK_INT(TOOL_NETWORK, 6);
	CHECK_INT(TOOL_FILE, 7);
	CHECK_INT(TOOL_BROKEN, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_end),
		cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
