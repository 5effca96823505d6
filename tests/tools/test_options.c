/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "iax/wire.h"
#include "tools/call_options.h"

#include <stdio.h>

enum { ARGS_MAX = 12 };

/* Splits at blanks, as a shell would without quotes. */
static int split(char *line, char *argv[ARGS_MAX])
{
	int count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " ", &rest); word != NULL && count < ARGS_MAX;
	     word = strtok_r(NULL, " ", &rest)) {
		argv[count++] = word;
	}
	return count;
}

static bool parse(struct tool_call_options *options, const char *text, char *wrong)
{
	static char line[256];
	char *argv[ARGS_MAX];

	snprintf(line, sizeof(line), "%s", text);
	return tool_call_options_parse(options, split(line, argv), argv, wrong);
}

static void test_defaults(void **state)
{
	struct tool_call_options o;
	char wrong[TOOL_WRONG_BYTES] = "";

	(void)state;
	CHECK_TRUE(parse(&o, "iax2:a@h/1", wrong));
	CHECK_TEXT(o.play, "tone");
	CHECK_UINT(o.timeout_ms, 60000);
	CHECK_UINT(o.duration_ms, 0);
	CHECK_UINT(o.register_s, 0);
	CHECK_UINT(o.codec_count, 3);
	CHECK_UINT(o.codecs[0], IAX_FORMAT_ULAW);
	CHECK_UINT(o.codec_mask, IAX_FORMAT_ULAW | IAX_FORMAT_ALAW | IAX_FORMAT_SLIN);
	CHECK_FALSE(o.answer || o.quiet || o.json || o.help);
	CHECK_UINT(o.local.family, TG_NO_ADDR);
}

static void test_every_option(void **state)
{
	struct tool_call_options o;
	char wrong[TOOL_WRONG_BYTES] = "", addr[TG_ADDR_TEXT_BYTES];

	(void)state;
	CHECK_TRUE(parse(&o, "--play silence --record=r.wav iax2:a@h/1 --duration 1.5 --timeout=2", wrong));
	CHECK_TEXT(o.play, "silence");
	CHECK_TEXT(o.record, "r.wav");
	CHECK_UINT(o.duration_ms, 1500);
	CHECK_UINT(o.timeout_ms, 2000);
	CHECK_TEXT(o.uri.username, "a");
	CHECK_TRUE(parse(&o, "--dtmf 12#A --codec alaw,ulaw --secret-file s --from 100 --name Al iax:h/1", wrong));
	CHECK_TEXT(o.dtmf, "12#A");
	CHECK_UINT(o.codec_count, 2);
	CHECK_UINT(o.codecs[0], IAX_FORMAT_ALAW);
	CHECK_UINT(o.codec_mask, IAX_FORMAT_ULAW | IAX_FORMAT_ALAW);
	CHECK_TEXT(o.secret_file, "s");
	CHECK_TEXT(o.from, "100");
	CHECK_TEXT(o.name, "Al");
	CHECK_TRUE(parse(&o, "--answer --local [::1]:20123 --ring 2 --json --quiet", wrong));
	CHECK_TRUE(o.answer && o.json && o.quiet && !o.has_uri);
	CHECK_UINT(o.ring_ms, 2000);
	CHECK_TEXT(tg_addr_format(o.local, addr), "[::1]:20123");
	CHECK_TRUE(parse(&o, "--help", wrong));
	CHECK_TRUE(o.help);
}

static void test_register_with_and_without_a_time(void **state)
{
	struct tool_call_options o;
	char wrong[TOOL_WRONG_BYTES] = "";

	(void)state;
	CHECK_TRUE(parse(&o, "--register iax2:a@h/1", wrong));
	CHECK_UINT(o.register_s, 60);
	CHECK_TRUE(o.has_uri);
	CHECK_TRUE(parse(&o, "--register 120 iax2:a@h/1", wrong));
	CHECK_UINT(o.register_s, 120);
	CHECK_TRUE(parse(&o, "iax2:a@h/1 --register", wrong));
	CHECK_UINT(o.register_s, 60);
	CHECK_TRUE(parse(&o, "iax2:a@h/1 --register=300", wrong));
	CHECK_UINT(o.register_s, 300);
	CHECK_TRUE(parse(&o, "--answer iax2:a@h", wrong));
	CHECK_UINT(o.register_s, 60);
}

static void test_what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *line, *wrong;
	} rows[] = {
		{ "", "whom? expected iax2:user@host[:port]/number" },
		{ "iax2:a@h/1 iax2:b@h/1", "one URI, not 2: iax2:a@h/1 iax2:b@h/1" },
		{ "sip:a@h", "sip:a@h: it does not start with \"iax2:\" or \"iax:\"" },
		{ "iax2:a@h/1 --durtion 5", "unknown option --durtion; did you mean --duration?" },
		{ "iax2:a@h/1 --xyzzy", "unknown option --xyzzy" },
		{ "iax2:a@h/1 --play", "--play needs a value: --play WHAT" },
		{ "iax2:a@h/1 --json=1", "--json takes no value" },
		{ "iax2:a@h/1 --duration x", "--duration x: expected a number from 0 to 86400" },
		{ "iax2:a@h/1 --duration 1.", "--duration 1.: expected a number from 0 to 86400" },
		{ "iax2:a@h/1 --register 5", "--register 5: expected a number from 10 to 3600" },
		{ "iax2:a@h/1 --codec opus", "--codec opus: expected ulaw, alaw or slin" },
		{ "iax2:a@h/1 --codec ulaw,", "--codec : expected ulaw, alaw or slin" },
		{ "iax2:a@h/1 --local here", "--local here: expected an address, or [address]:port" },
		{ "iax2:a@h/1 --dtmf 12x", "--dtmf: expected at most 64 of 0-9 * # A-D" },
		{ "iax2:a@h/1 --ring 2", "--ring goes with --answer" },
		{ "--answer", "--answer without a URI needs --local ADDR[:PORT]" },
		{ "--answer --local 127.0.0.1 --register", "--register needs the URI of the registrar" },
		{ "--answer iax2:h", "registering needs a user name: iax2:user@host" },
		{ "--register iax2:h/1", "registering needs a user name: iax2:user@host" },
		{ "-- --answer", "--answer: it does not start with \"iax2:\" or \"iax:\"" },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct tool_call_options o;
		char wrong[TOOL_WRONG_BYTES] = "";

		CHECK_FALSE(parse(&o, rows[i].line, wrong));
		CHECK_TEXT(wrong, rows[i].wrong);
	}
}

static void test_seconds(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t ms;
	} rows[] = {
		{ "0", true, 0 },        { "1", true, 1000 },
		{ "0.5", true, 500 },    { "1.25", true, 1250 },
		{ "2.001", true, 2001 }, { "", false, 0 },
		{ ".5", false, 0 },      { "1.", false, 0 },
		{ "1.0001", false, 0 },  { "-1", false, 0 },
		{ "1e3", false, 0 },     { "1.2.3", false, 0 },
		{ " 1", false, 0 },      { "9999999999999999", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		uint64_t ms = 0;

		CHECK_UINT(tool_seconds_parse(rows[i].text, &ms), rows[i].ok);
		CHECK_UINT(rows[i].ok ? ms : 0, rows[i].ms);
	}
}

/* The secret has no option of its own: it would be seen in the list of processes. */
static void test_no_secret_on_the_command_line(void **state)
{
	(void)state;
	for (const struct tool_option *o = tool_call_option_table; o->name != NULL; o++) {
		CHECK_TRUE(strcmp(o->name, "--secret") != 0 && strcmp(o->name, "--password") != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_option),
		cmocka_unit_test(test_register_with_and_without_a_time),
		cmocka_unit_test(test_what_is_wrong_is_said),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_no_secret_on_the_command_line),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
