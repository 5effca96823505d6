/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/log.h"
#include "desk/filter.h"
#include "desk/show.h"
#include "desk_world.h"

#include <stdio.h>
#include <stdlib.h>

/* Each command as people type it, with words behind it that fit, and some that do not. None may be missing here. */
static const struct {
	const char *words, *good, *bad;
} rows[] = {
	{ "iax2 show peers", "", "registered like" },
	{ "iax2 show peers", "registered like ^a", "unregistered" },
	{ "iax2 show peer", "alice", "" },
	{ "iax2 show peer", "alice load", "alice loaded" },
	{ "iax2 show users", "like ^a", "like" },
	{ "iax2 show channels", "", "now" },
	{ "iax2 show registry", "", "now" },
	{ "iax2 show netstats", "", "now" },
	{ "iax2 show callnumber usage", "192.0.2.1", "192.0.2.1 192.0.2.2" },
	{ "iax2 show stats", "", "now" },
	{ "iax2 show threads", "", "now" },
	{ "iax2 show cache", "", "now" },
	{ "iax2 show firmware", "iaxy", "a b" },
	{ "iax2 show provisioning", "default", "a b" },
	{ "iax2 provision", "192.0.2.1 default forced", "192.0.2.1" },
	{ "iax2 prune realtime", "all", "" },
	{ "iax2 set debug", "on", "" },
	{ "iax2 set debug", "off", "on off" },
	{ "iax2 set debug", "peer alice", "peer" },
	{ "iax2 set debug", "ip 192.0.2.1", "host 192.0.2.1" },
	{ "iax2 show debug", "100", "0" },
	{ "iax2 follow debug", "", "now" },
	{ "iax2 set debug trunk", "on", "maybe" },
	{ "iax2 set debug jb", "off", "" },
	{ "iax2 set mtu", "default", "" },
	{ "iax2 test losspct", "5", "" },
	{ "iax2 unregister", "alice", "" },
	{ "iax2 reload", "", "now" },
	{ "core show channel", "IAX2/alice-7", "" },
	{ "core show channels", "concise", "short" },
	{ "core show calls", "", "now" },
	{ "core show processes", "", "now" },
	{ "core show version", "", "now" },
	{ "core show uptime", "seconds", "minutes" },
	{ "core show help", "dialplan", NULL },
	{ "core complete", "iax2 s", NULL },
	{ "core reload", "", "now" },
	{ "core stop gracefully", "", "now" },
	{ "core stop now", "", "please" },
	{ "core stop when convenient", "", "please" },
	{ "core abort shutdown", "", "now" },
	{ "core restart now", "", "please" },
	{ "core restart gracefully", "", "please" },
	{ "core restart when convenient", "", "please" },
	{ "core set verbose", "3", "" },
	{ "core set verbose", "off", "on" },
	{ "core set debug", "0", "1001" },
	{ "core set debug", "5", "1 chan_iax2" },
	{ "logger set level", "DEBUG on", "DEBUG" },
	{ "logger set level", "NOTICE off", "ERROR off" },
	{ "channel request hangup", "all", "" },
	{ "channel originate", "IAX2/alice extension 600@phones", "IAX2/alice extension 600 phones" },
	{ "channel originate", "IAX2/alice/9 application Playback a&b", "IAX2/alice application" },
	{ "dialplan show", "1@phones", "1 phones" },
	{ "dialplan reload", "", "now" },
	{ "module reload", "chan_iax2.so", "a b" },
	{ "reload acl", "", "now" },
	{ "acl show", "alice", "a b" },
	{ "keys show", "", "now" },
	{ "dnsmgr status", "", "now" },
	{ "logger show channels", "", "now" },
	{ "logger reload", "", "now" },
	{ "logger rotate", "", "now" },
	{ "logger mute", "", "now" },
	{ "cdr show", "50", "0" },
	{ "cdr show", "", "10001" },
	{ "guard show bans", "192.0.2.0/24", "a b" },
	{ "guard show sources", "192.0.2.0/24", "a b" },
	{ "guard show accounts", "alice", "a b" },
	{ "guard show budgets", "", "now" },
	{ "toll show usage", "alice", "alice bob" },
	{ "guard show audit", "50", "0" },
	{ "guard ban", "192.0.2.1 reason x", "" },
	{ "guard unban", "192.0.2.1 reason x", "" },
	{ "guard allow", "192.0.2.1 reason x", "" },
	{ "guard observe", "on", "maybe" },
	{ "security show events", "192.0.2.1 7", "a b c" },
	{ "explain", "019f3f5a7c0100000000000000001234", "" },
	{ "json", NULL, "nothing" },
};

static bool fits(const struct desk_command *command, const struct desk_words *words, int used)
{
	const int argc = words->count - used;

	return command->fits != NULL ? command->fits(argc, words->word + used) : argc == 0;
}

static void check_fits(const char *command, const char *behind, bool want)
{
	struct desk_words words;
	char line[128];
	int used = 0;

	snprintf(line, sizeof(line), "%s %s", command, behind);
	CHECK_TRUE(desk_words_split(&words, line));
	const struct desk_command *found = desk_command_find(&words, &used);

	CHECK_TRUE(found != NULL);
	CHECK_TEXT(found->words, command);
	CHECK_UINT(fits(found, &words, used), want);
}

static void test_every_command_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		print_message("# %s\n", rows[i].words);
		if (rows[i].good != NULL) {
			check_fits(rows[i].words, rows[i].good, true);
		}
		if (rows[i].bad != NULL) {
			check_fits(rows[i].words, rows[i].bad, false);
		}
	}
}

static void test_every_row_is_tested_and_whole(void **state)
{
	(void)state;
	for (const struct desk_command *command = desk_commands; command->words != NULL; command++) {
		bool tested = false;

		for (size_t i = 0; i < TG_COUNT(rows); i++) {
			tested = tested || strcmp(rows[i].words, command->words) == 0;
		}
		print_message("# %s\n", command->words);
		CHECK_TRUE(tested);
		CHECK_TRUE(command->help != NULL && command->help[0] != '\0');
		CHECK_TRUE((command->args[0] == '\0') == (command->fits == NULL));
		CHECK_TRUE(command->print != NULL || command->ask_count == 0);
		CHECK_TRUE((command->print == desk_show_words) == (command->says != NULL));
	}
}

/* Which process a command's rows come from; an order goes to the parent. */
static void test_who_is_asked(void **state)
{
	static const struct {
		enum ipc_query_what what;
		enum ipc_proc who;
	} asked[] = {
		{ IPC_ASK_PEERS, PROC_ENGINE },   { IPC_ASK_CHANNELS, PROC_ENGINE }, { IPC_ASK_REGISTRY, PROC_ENGINE },
		{ IPC_ASK_NUMBERS, PROC_ENGINE }, { IPC_ASK_COUNTERS, PROC_ENGINE }, { IPC_ASK_PROCESSES, PROC_PARENT },
		{ IPC_ASK_RECORDS, PROC_STORE },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(asked); i++) {
		CHECK_UINT(desk_asked(asked[i].what), asked[i].who);
	}
}

static void test_orders(void **state)
{
	static const struct {
		const char *words;
		enum ipc_command_what order;
	} orders[] = {
		{ "iax2 reload", IPC_DO_RELOAD },
		{ "core reload", IPC_DO_RELOAD },
		{ "dialplan reload", IPC_DO_RELOAD },
		{ "reload acl", IPC_DO_RELOAD },
		{ "module reload", IPC_DO_RELOAD },
		{ "core stop now", IPC_DO_STOP_NOW },
		{ "core stop gracefully", IPC_DO_STOP_GRACEFULLY },
		{ "core stop when convenient", IPC_DO_STOP_WHEN_CONVENIENT },
		{ "core abort shutdown", IPC_DO_ABORT },
		{ "core restart now", IPC_DO_RESTART_NOW },
		{ "core restart gracefully", IPC_DO_RESTART_GRACEFULLY },
		{ "core restart when convenient", IPC_DO_RESTART_WHEN_CONVENIENT },
		{ "core set verbose", IPC_DO_LOG },
		{ "core set debug", IPC_DO_LOG },
		{ "logger set level", IPC_DO_LOG },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(orders); i++) {
		struct desk_words words;
		int used;

		CHECK_TRUE(desk_words_split(&words, orders[i].words));
		const struct desk_command *command = desk_command_find(&words, &used);

		CHECK_TRUE(command != NULL && command->print == NULL);
		CHECK_UINT(command->order, orders[i].order);
	}
}

/* What an order is about, from the words behind it. */
static void test_values(void **state)
{
	static const struct {
		const char *line;
		enum tg_level level;
	} values[] = {
		{ "core set verbose 3", TG_INFO },
		{ "core set verbose 0", TG_NOTICE },
		{ "core set verbose off", TG_NOTICE },
		{ "core set debug 1", TG_DEBUG },
		{ "core set debug 0", TG_INFO },
		{ "core set debug off", TG_INFO },
		{ "logger set level DEBUG on", TG_DEBUG },
		{ "logger set level DEBUG off", TG_INFO },
		{ "logger set level VERBOSE on", TG_INFO },
		{ "logger set level INFO off", TG_NOTICE },
		{ "logger set level NOTICE off", TG_WARNING },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(values); i++) {
		struct desk_words words;
		int used;

		CHECK_TRUE(desk_words_split(&words, values[i].line));
		const struct desk_command *command = desk_command_find(&words, &used);

		print_message("# %s\n", values[i].line);
		CHECK_TRUE(command != NULL && fits(command, &words, used));
		CHECK_UINT(command->value(words.count - used, words.word + used), values[i].level);
	}
}

static void test_words(void **state)
{
	static char many[200];
	struct desk_words words;

	(void)state;
	CHECK_TRUE(desk_words_split(&words, "  iax2\tshow  \"two words\"x "));
	CHECK_INT(words.count, 3);
	CHECK_TEXT(words.word[0], "iax2");
	CHECK_TEXT(words.word[2], "two wordsx");
	CHECK_TRUE(desk_words_split(&words, ""));
	CHECK_INT(words.count, 0);
	CHECK_TRUE(desk_words_split(&words, "\"\""));
	CHECK_INT(words.count, 1);
	CHECK_FALSE(desk_words_split(&words, "say \"no end"));
	for (size_t i = 0; i < 66; i++) {
		many[i] = i % 2 == 0 ? 'a' : ' ';
	}
	CHECK_FALSE(desk_words_split(&words, many));
	many[64] = '\0';
	CHECK_TRUE(desk_words_split(&words, many));
	CHECK_INT(words.count, DESK_WORDS_MAX);
}

static void check_unknown(const char *line, const char *want)
{
	struct desk_words words;
	struct desk_out out;
	int used;

	desk_out_init(&out);
	CHECK_TRUE(desk_words_split(&words, line));
	CHECK_TRUE(desk_command_find(&words, &used) == NULL);
	desk_command_unknown(&words, &out);
	CHECK_TEXT(desk_out_text(&out), want);
	desk_out_deinit(&out);
}

static void test_unknown_commands_name_the_nearest(void **state)
{
	(void)state;
	check_unknown("iax2 shw peers",
	              "No such command: 'iax2 shw peers'; did you mean 'iax2 show peers'?\nTry: core show help\n");
	check_unknown("core show chanels verbose",
	              "No such command: 'core show chanels verbose'; did you mean 'core show channels'?\n"
	              "Try: core show help\n");
	check_unknown("xyzzy", "No such command: 'xyzzy'\nTry: core show help\n");
	check_unknown("core stop", "'core stop' is not a whole command. There are:\n  core stop gracefully\n  core "
	                           "stop now\n  core stop when convenient\n");
	check_unknown("iax2 show p",
	              "No such command: 'iax2 show p'; did you mean 'iax2 show peer'?\nTry: core show help\n");
}

static void test_usage(void **state)
{
	struct desk_words words;
	struct desk_out out;
	int used;

	(void)state;
	desk_out_init(&out);
	CHECK_TRUE(desk_words_split(&words, "iax2 show peer"));
	desk_command_usage(desk_command_find(&words, &used), &out);
	CHECK_TEXT(desk_out_text(&out), "Usage: iax2 show peer NAME [load]\n       all about one peer\n");
	desk_out_deinit(&out);
}

static void test_completion(void **state)
{
	static const struct {
		const char *line, *want;
	} lines[] = {
		{ "", "iax2\ncore\nchannel\ndialplan\nmodule\nreload\nacl\nkeys\ndnsmgr\nlogger\ncdr\nguard\ntoll\nsecu"
		      "rity\n"
		      "explain\n"
		      "json\n" },
		{ "c", "core\nchannel\ncdr\n" },
		{ "iax2 show p", "peers\npeer\nprovisioning\n" },
		{ "iax2 show ", "peers\npeer\nusers\nchannels\nregistry\nnetstats\ncallnumber\nstats\nthreads\ncache\nf"
		                "irmware\nprovisioning\ndebug\n" },
		{ "iax2 show callnumber ", "usage\n" },
		{ "iax2 show peer ", "alice\nbob\ncarol-with-a-long-name\n" },
		{ "iax2 show peer b", "bob\n" },
		{ "guard ", "show\nban\nunban\nallow\nobserve\n" },
		{ "guard show ", "bans\nsources\naccounts\nbudgets\naudit\n" },
		{ "guard show accounts b", "bob\n" },
		{ "toll show usage b", "bob\n" },
		{ "dialplan show p", "phones\n" },
		{ "dialplan show ", "phones\nbase\nhouse\n" },
		{ "core stop n", "now\n" },
		{ "xyzzy ", "" },
		{ "core stop now ", "" },
		{ "\"", "" },
	};
	size_t size;
	struct world *world = desk_world(&size);

	(void)state;
	for (size_t i = 0; i < TG_COUNT(lines); i++) {
		struct desk_out out;

		desk_out_init(&out);
		desk_complete(world, lines[i].line, &out);
		CHECK_TEXT(desk_out_text(&out), lines[i].want);
		desk_out_deinit(&out);
	}
	free(world);
}

static void test_filters(void **state)
{
	static const char *const like[] = { "like", "^al" };
	static const char *const bad[][2] = { { "like", "(" }, { "like", "a{2}" }, { "like", "(a)\\1" } };
	struct desk_out out;

	(void)state;
	desk_out_init(&out);
	struct desk_filter *filter = desk_filter_new(2, like, &out);

	CHECK_TRUE(desk_filter_passes(filter, "alice"));
	CHECK_FALSE(desk_filter_passes(filter, "bob"));
	desk_filter_free(filter);
	filter = desk_filter_new(0, NULL, &out);
	CHECK_TRUE(desk_filter_passes(filter, "bob"));
	desk_filter_free(filter);
	CHECK_TEXT(desk_out_text(&out), "");
	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		CHECK_TRUE(desk_filter_new(2, bad[i], &out) == NULL);
	}
	desk_out_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_command_is_found),
		cmocka_unit_test(test_every_row_is_tested_and_whole),
		cmocka_unit_test(test_who_is_asked),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_unknown_commands_name_the_nearest),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
