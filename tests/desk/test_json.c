/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/facts.h"
#include "desk/json.h"
#include "desk/jsontext.h"
#include "desk/metrics.h"
#include "desk_world.h"
#include "shown.h"

#include <stdio.h>

/* What scripts get: every question with every member. Tests with whole programs read the same with Python's parser. */

static const struct ipc_peer_row peer = { .name = "alice", .expires_s = 55, .rtt_ms = 2001 };
static const struct ipc_channel_row channel = {
	.channel = "IAX2/alice-1234",
	.user = "al\"ice\\\n",
	.context = "phones",
	.exten = "600\xff",
	.app = "Echo",
	.app_args = "\xc3\xa4",
	.bridged_to = "IAX2/bob-2",
	.state = "Up",
	.first_msg = "Rx:NEW",
	.last_msg = "Tx:ACK",
	.kind = "call",
	.format = 4,
	.priority = 2,
	.call_id = 7,
	.seconds = 61,
	.local_number = 1234,
	.remote_number = 4321,
	.oseqno = 5,
	.iseqno = 6,
	.rtt_ms = 20,
	.lag_ms = 21,
	.jitter_ms = 3,
	.proven = 1,
	.authenticated = 1,
	.opened_by_us = 0,
	.local = { 100, 1, 2, 3, 4, 5 },
	.remote = { 200, 6, 7, 8, 9, 10 },
};
static const struct ipc_registry_row registry = {
	.host = "sip.example", .username = "us", .state = "Registered", .refresh_s = 60
};
static const struct ipc_numbers_row numbers = {
	.used = 3,
	.limit = 32,
	.peak = 5,
	.refused = 1,
	.nonvalidated_used = 2,
	.nonvalidated_limit = 8,
	.available = 29,
	.origin = IPC_LIMIT_PEER,
	.origin_name = "alice",
};
static const struct ipc_counter_row counter = { .name = "door.received", .value = UINT64_MAX };
static const struct ipc_process_row process = { .name = "engine",
	                                        .pid = 17,
	                                        .restarts = 2,
	                                        .up_s = 99,
	                                        .started_ms = 6,
	                                        .loads = 3,
	                                        .loads_failed = 4,
	                                        .last_load_failed = 1,
	                                        .last_load_ms = 5 };
static const struct ipc_record_row call_record = {
	.record = {
		.started_ms = 1, .answered_ms = 2, .ended_ms = 3, .unique = 4, .caller = "alice", .caller_number = "100",
		.dialled = "0900", .context = "phones", .callee = "bob", .last_app = "Dial", .accountcode = "a1",
		.format = 8, .disposition = MODEL_BUSY, .cause = 17, .from_caller = { 1, 2, 3, 4, 5, 6 },
		.from_callee = { 6, 5, 4, 3, 2, 1 }, .caller_rtt_ms = 30, .callee_rtt_ms = 40,
	},
	.paid = { .chargeable = 1, .class = WORLD_CLASS_PREMIUM, .why = MODEL_WHY_PAID_DAY, .rule = "daily=10" },
};
static const struct ipc_event_row event = {
	.event = {
		.id = { 0x1122, 0x3344 }, .wall_ms = 5, .until_ms = 6, .kind = MODEL_EVENT_BANNED, .reason = MODEL_WHY_TRIES,
		.action = MODEL_ACTION_KERNEL, .class = MODEL_CLASS_SUSPECT, .request = MODEL_REQUEST_REGISTER, .validated = 1,
		.suppressed = 8, .account = "bo\033b", .exten = "1", .context = "c", .rule = "r", .who = "w", .text = "t",
	},
};
static const struct ipc_ban_row ban = {
	.ban = { .since_ms = 1,
	         .until_ms = 2,
	         .bits = 24,
	         .kind = MODEL_ALLOW,
	         .step = 3,
	         .reason = MODEL_WHY_BANNED,
	         .in_kernel = 1,
	         .who = "uid 0",
	         .text = "so" },
};
static const struct ipc_source_row source = {
	.bits = 32,
	.class = MODEL_CLASS_KNOWN,
	.step = MODEL_ACTION_DELAY,
	.failures = 1,
	.names = 2,
	.healthy = 3,
	.opened = 4,
	.held = 5,
	.left_s = 6,
};
static const struct ipc_account_row account = {
	.name = "alice",
	.failures = 1,
	.distinct = 2,
	.prefixes = 3,
	.networks = 4,
	.guarded_s = 5,
};
static const struct ipc_budget_row budget = {
	.name = "legs", .attack = "floods", .limit = 9, .used = 8, .peak = 7, .stopped = 6
};

static const struct ipc_usage_row usage = { .usage = { .name = "alice",
	                                               .role = 2,
	                                               .is_limit = 1,
	                                               .class = 3,
	                                               .calls = 4,
	                                               .hour_calls = 5,
	                                               .day_calls = 6,
	                                               .day_s = 7,
	                                               .month_s = 8,
	                                               .seconds = 1,
	                                               .used = 9,
	                                               .most = 10,
	                                               .anew_ms = 11,
	                                               .text = "daily=10s" } };

static const struct {
	const char *line;
	const void *row;
	size_t bytes, addr_at; /* where 192.0.2.7:4569 is put; 0 for nowhere */
	const char *want;
} questions[] = {
#define R(line, what, type, addr, want)                                 \
	{                                                               \
		line, &(what), sizeof(what), offsetof(type, addr), want \
	}
#define N(line, what, want)                          \
	{                                            \
		line, &(what), sizeof(what), 0, want \
	}
	R("json peers", peer, struct ipc_peer_row, addr,
	  "{\"schema\":1,\"question\":\"peers\",\"complete\":false,\"rows\":[\n{\"name\":\"alice\",\"status\":"
	  "\"lagged\",\"dynamic\":true,\"registered\":true,\"description\":\"Alice's phone on the second floor, "
	  "left\",\"address\":\"192.0.2.7:4569\",\"expires_s\":55,\"rtt_ms\":2001}]}\n"),
	R("json channels", channel, struct ipc_channel_row, peer,
	  "{\"schema\":1,\"question\":\"channels\",\"complete\":true,\"rows\":[\n{\"channel\":\"IAX2/"
	  "alice-1234\",\"kind\":\"call\",\"call_id\":7,\"state\":\"Up\",\"seconds\":61,\"account\":\"al\\\"ice\\\\?\","
	  "\"address\":\"192.0.2.7:4569\",\"context\":\"phones\",\"exten\":\"600?\",\"priority\":2,\"app\":\"Echo\","
	  "\"app_args\":\"ä\",\"bridged_to\":\"IAX2/"
	  "bob-2\",\"codec\":\"ulaw\",\"local_number\":1234,\"remote_number\":4321,\"oseqno\":5,\"iseqno\":6,\"first_"
	  "msg\":\"Rx:NEW\",\"last_msg\":\"Tx:ACK\",\"rtt_ms\":20,\"lag_ms\":21,\"jitter_ms\":3,\"proven\":true,"
	  "\"authenticated\":true,\"encrypted\":false,\"opened_by_us\":false,\"local\":{\"packets\":100,\"lost\":1,"
	  "\"out_of_order\":2,\"dropped\":3,\"jitter_ms\":4,\"delay_ms\":5},\"remote\":{\"packets\":200,\"lost\":6,"
	  "\"out_of_order\":7,\"dropped\":8,\"jitter_ms\":9,\"delay_ms\":10}}]}\n"),
	R("json registry", registry, struct ipc_registry_row, perceived,
	  "{\"schema\":1,\"question\":\"registry\",\"complete\":true,\"rows\":[\n{\"host\":\"sip.example\","
	  "\"username\":\"us\",\"state\":\"Registered\",\"perceived\":\"192.0.2.7:4569\",\"refresh_s\":60}]}\n"),
	N("json numbers", numbers,
	  "{\"schema\":1,\"question\":\"numbers\",\"complete\":true,\"rows\":[\n{\"address\":null,\"used\":3,\"limit\":"
	  "32,\"limit_by\":\"peer\",\"limit_name\":\"alice\",\"peak\":5,\"refused\":1,\"nonvalidated_used\":2,"
	  "\"nonvalidated_limit\":8,\"available\":29}]}\n"),
	N("json counters", counter,
	  "{\"schema\":1,\"question\":\"counters\",\"complete\":true,\"rows\":[\n{\"name\":\"door.received\",\"value\":"
	  "18446744073709551615}]}\n"),
	N("json processes", process,
	  "{\"schema\":1,\"question\":\"processes\",\"complete\":true,\"rows\":[\n{\"name\":\"engine\",\"pid\":17,"
	  "\"restarts\":2,\"up_s\":99,\"started_ms\":6,\"loads\":3,\"loads_failed\":4,\"last_load_failed\":true,\"last_"
	  "load_ms\":5}]}\n"),
	R("json records", call_record, struct ipc_record_row, record.caller_addr,
	  "{\"schema\":1,\"question\":\"records\",\"complete\":true,\"rows\":[\n{\"started_ms\":1,\"answered_ms\":2,"
	  "\"ended_ms\":3,\"unique\":4,\"caller\":\"alice\",\"caller_number\":\"100\",\"caller_address\":\"192.0.2.7:"
	  "4569\",\"dialled\":\"0900\",\"context\":\"phones\",\"callee\":\"bob\",\"callee_address\":null,\"last_app\":"
	  "\"Dial\",\"accountcode\":\"a1\",\"disposition\":\"BUSY\",\"cause\":17,\"codec\":\"alaw\",\"from_caller\":{"
	  "\"packets\":1,\"lost\":2,\"out_of_order\":3,\"dropped\":4,\"jitter_ms\":5,\"delay_ms\":6},\"from_callee\":{"
	  "\"packets\":6,\"lost\":5,\"out_of_order\":4,\"dropped\":3,\"jitter_ms\":2,\"delay_ms\":1},\"caller_rtt_ms\":"
	  "30,\"callee_rtt_ms\":40,\"chargeable\":true,\"class\":\"premium-national\",\"reason\":\"paid-day\",\"rule\":"
	  "\"daily=10\"}]}\n"),
	R("json events", event, struct ipc_event_row, event.remote,
	  "{\"schema\":1,\"question\":\"events\",\"complete\":true,\"rows\":[\n{\"id\":"
	  "\"00000000000011220000000000003344\",\"time_ms\":5,\"until_ms\":6,\"event\":\"Banned\",\"reason\":\"too-"
	  "many-tries\",\"action\":\"kernel\",\"class\":\"suspect\",\"request\":\"register\",\"validated\":true,"
	  "\"suppressed\":8,\"remote\":\"192.0.2.7:4569\",\"account\":\"bo?b\",\"exten\":\"1\",\"context\":\"c\","
	  "\"rule\":\"r\",\"who\":\"w\",\"text\":\"t\"}]}\n"),
	R("json bans", ban, struct ipc_ban_row, ban.base,
	  "{\"schema\":1,\"question\":\"bans\",\"complete\":true,\"rows\":[\n{\"network\":\"192.0.2.7/"
	  "24\",\"kind\":\"allow\",\"since_ms\":1,\"until_ms\":2,\"step\":3,\"reason\":\"banned\",\"in_kernel\":true,"
	  "\"by\":\"uid 0\",\"text\":\"so\"}]}\n"),
	R("json sources", source, struct ipc_source_row, addr,
	  "{\"schema\":1,\"question\":\"sources\",\"complete\":true,\"rows\":[\n{\"network\":\"192.0.2.7\",\"class\":"
	  "\"known\",\"action\":\"delay\",\"failures\":1,\"names\":2,\"healthy\":3,\"opened\":4,\"held\":5,\"left_s\":"
	  "6}]}\n"),
	N("json accounts", account,
	  "{\"schema\":1,\"question\":\"accounts\",\"complete\":true,\"rows\":[\n{\"account\":\"alice\",\"failures\":1,"
	  "\"distinct\":2,\"prefixes\":3,\"networks\":4,\"guarded_s\":5}]}\n"),
	N("json budgets", budget,
	  "{\"schema\":1,\"question\":\"budgets\",\"complete\":true,\"rows\":[\n{\"name\":\"legs\",\"limit\":9,"
	  "\"used\":8,\"peak\":7,\"stopped\":6,\"stops\":\"floods\"}]}\n"),
	N("json usage", usage,
	  "{\"schema\":1,\"question\":\"usage\",\"complete\":true,\"rows\":[\n{\"name\":\"alice\",\"role\":2,\"is_"
	  "limit\":1,"
	  "\"class\":3,\"calls\":4,\"hour_calls\":5,\"day_calls\":6,\"day_s\":7,\"month_s\":8,\"is_seconds\":1,"
	  "\"used\":9,"
	  "\"most\":10,\"anew_ms\":11,\"limit\":\"daily=10s\"}]}\n"),
#undef R
#undef N
};

static const struct desk_command *find(const char *line)
{
	struct desk_words words;
	int used = 0;

	CHECK_TRUE(desk_words_split(&words, line));
	const struct desk_command *command = desk_command_find(&words, &used);

	CHECK_TRUE(command != NULL);
	CHECK_INT(used, words.count);
	return command;
}

static void test_each_question(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(questions); i++) {
		union ipc_any place;
		uint8_t *const row = place.bytes;
		struct desk_view view = shown_view(0, NULL);
		const struct tg_addr addr = desk_addr("192.0.2.7:4569");

		print_message("# %s\n", questions[i].line);
		memcpy(row, questions[i].row, questions[i].bytes);
		if (questions[i].addr_at != 0) {
			memcpy(row + questions[i].addr_at, &addr, sizeof(addr));
		}
		view.command = find(questions[i].line);
		view.rows[0] = (struct desk_rows){ .rows = row, .count = 1, .cut = i == 0 };
		check_shown(view.command->print, &view, DESK_OK, questions[i].want);
	}
}

/* In the usage, as a whole word. */
static bool is_listed(const char *question)
{
	char list[sizeof(DESK_JSON_QUESTIONS) + 2], word[64];

	snprintf(list, sizeof(list), "|%s|", DESK_JSON_QUESTIONS);
	snprintf(word, sizeof(word), "|%s|", question);
	return strstr(list, word) != NULL;
}

static void test_every_question_is_tested_and_in_the_usage(void **state)
{
	(void)state;
	for (const struct desk_command *command = desk_json_commands; command->words != NULL; command++) {
		bool tested = strcmp(command->words, "json status") == 0; /* above */

		for (size_t i = 0; i < TG_COUNT(questions); i++) {
			tested = tested || strcmp(questions[i].line, command->words) == 0;
		}
		print_message("# %s\n", command->words);
		CHECK_TRUE(tested);
		CHECK_TRUE(is_listed(command->words + 5));
	}
	for (const char *at = DESK_JSON_QUESTIONS; *at != '\0'; at += strcspn(at, "|"), at += *at == '|' ? 1 : 0) {
		char line[64];

		snprintf(line, sizeof(line), "json %.*s", (int)strcspn(at, "|"), at);
		CHECK_TEXT(find(line)->words, line);
	}
}

/* What no process told is no 0. */
static void test_counters_that_are_missing(void **state)
{
	struct desk_view view = shown_view(0, NULL);
	struct desk_out out;

	(void)state;
	view.command = find("json status");
	desk_out_init(&out);
	CHECK_INT(view.command->print(&view, &out), DESK_OK);
	CHECK_TRUE(strstr(desk_out_text(&out), "\"guard\":{\"wrong_secrets\":null,\"banned\":null}") != NULL);
	desk_out_deinit(&out);
}

static void test_status(void **state)
{
	const struct ipc_counter_row counters[] = {
		{ .name = "switch.calls", .value = 3 },         { .name = "switch.calls_peak", .value = 4 },
		{ .name = "switch.calls_offered", .value = 5 }, { .name = "switch.calls_answered", .value = 6 },
		{ .name = "switch.calls_refused", .value = 7 }, { .name = "switch.legs", .value = 8 },
		{ .name = "switch.legs_peak", .value = 9 },     { .name = "switch.records_waiting", .value = 10 },
		{ .name = "switch.records_lost", .value = 11 }, { .name = "guard.failures", .value = 12 },
		{ .name = "event.Banned", .value = 13 }
	};
	const struct ipc_peer_row peers[] = { { .name = "alice", .addr = desk_addr("192.0.2.7:4569"), .rtt_ms = 5 } };
	const struct ipc_registry_row ours[] = { { .state = "Registered", .is_registered = 1 },
		                                 { .state = "Rejected" } };
	const struct ipc_process_row processes[] = {
		{ .name = "parent",
		  .pid = 1,
		  .up_s = 7,
		  .loads = 3,
		  .loads_failed = 1,
		  .last_load_failed = 1,
		  .last_load_ms = 9 },
		{ .name = "store", .restarts = 2 },
	};
	const struct ipc_budget_row budgets[] = { { .name = "bans", .limit = 9, .used = 8, .peak = 7, .stopped = 6 } };
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	view.command = find("json status");
	view.now_ms = 77;
	view.rows[METRICS_COUNTERS] = (struct desk_rows)ROWS(counters);
	view.rows[METRICS_PEERS] = (struct desk_rows)ROWS(peers);
	view.rows[METRICS_REGISTRY] = (struct desk_rows)ROWS(ours);
	view.rows[METRICS_PROCESSES] = (struct desk_rows)ROWS(processes);
	view.rows[METRICS_BUDGETS] = (struct desk_rows)ROWS(budgets);
	view.rows[METRICS_NUMBERS].away = true;
	check_shown(view.command->print, &view, DESK_OK,
	            "{\"schema\":1,\"question\":\"status\",\"version\":\"0.1.0\",\"time_ms\":77,\"away\":[\"engine\"],"
	            "\"config\":{\"generation\":7,\"loads\":3,\"loads_failed\":1,\"last_load_failed\":true,\"last_load_"
	            "ms\":9},\"peers\":{\"ok\":1,\"lagged\":0,\"unreachable\":0,\"unknown\":0,\"unmonitored\":0,"
	            "\"registered\":1},\"registrations\":{\"all\":2,\"registered\":1},\"calls\":{\"now\":3,\"peak\":4,"
	            "\"offered\":5,\"answered\":6,\"refused\":7},\"channels\":{\"now\":8,\"peak\":9},\"records\":{"
	            "\"waiting\":10,\"lost\":11},\"guard\":{\"wrong_secrets\":12,\"banned\":13},\"processes\":[\n{"
	            "\"name\":\"parent\",\"up\":true,\"restarts\":0,\"up_s\":7},\n{\"name\":\"store\",\"up\":false,"
	            "\"restarts\":2,\"up_s\":0}],\"limits\":[\n{\"name\":\"bans\",\"limit\":9,\"used\":8,\"stopped\":6}"
	            "]}\n");
}

static void test_json_alone_is_no_question(void **state)
{
	struct desk_words words;
	int used = 0;

	(void)state;
	CHECK_TRUE(desk_words_split(&words, "json nothing"));
	const struct desk_command *command = desk_command_find(&words, &used);

	CHECK_TEXT(command->words, "json");
	CHECK_FALSE(command->fits(1, WORDS("nothing")));
	CHECK_FALSE(command->fits(0, NULL));
	CHECK_FALSE(find("json records")->fits(1, WORDS("0")));
	CHECK_TRUE(find("json records")->fits(1, WORDS("7")));
}

static void test_completion_knows_the_questions(void **state)
{
	struct desk_out out;

	(void)state;
	desk_out_init(&out);
	desk_complete(NULL, "json ba", &out);
	CHECK_TEXT(desk_out_text(&out), "bans\n");
	desk_out_deinit(&out);
}

static void test_rows_are_parted(void **state)
{
	const struct ipc_counter_row rows[] = { { .name = "a" }, { .name = "b", .value = 2 } };
	struct desk_view view = { .command = find("json counters") };

	(void)state;
	check_shown(desk_json_print, &view, DESK_OK,
	            "{\"schema\":1,\"question\":\"counters\",\"complete\":true,\"rows\":[]}\n");
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(
		desk_json_print, &view, DESK_OK,
		"{\"schema\":1,\"question\":\"counters\",\"complete\":true,\"rows\":[\n{\"name\":\"a\",\"value\":0},\n"
		"{\"name\":\"b\",\"value\":2}]}\n");
}

static void test_peer_status(void **state)
{
	static const struct {
		uint32_t qualify_ms;
		int32_t rtt_ms;
		bool has_row;
		const char *want;
	} cases[] = {
		{ 0, 5, true, "unmonitored" },    { 100, 100, true, "ok" },     { 100, 101, true, "lagged" },
		{ 100, -2, true, "unreachable" }, { 100, -1, true, "unknown" }, { 100, 0, false, "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct world_peer of = { .qualify_ms = cases[i].qualify_ms };
		const struct ipc_peer_row row = { .rtt_ms = cases[i].rtt_ms };

		CHECK_TEXT(desk_peer_status_name(desk_peer_status(&of, cases[i].has_row ? &row : NULL)), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_question),
		cmocka_unit_test(test_every_question_is_tested_and_in_the_usage),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_counters_that_are_missing),
		cmocka_unit_test(test_json_alone_is_no_question),
		cmocka_unit_test(test_completion_knows_the_questions),
		cmocka_unit_test(test_rows_are_parted),
		cmocka_unit_test(test_peer_status),
	};

	return cmocka_run_group_tests(tests, shown_setup, shown_teardown);
}
