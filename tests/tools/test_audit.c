/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_answers.h"

#include "tools/audit_baseline.h"

#include <jansson.h>

/* ---- One thing wrong ---- */

static void bad_poke(void)
{
	answer(exchange_of(AUDIT_POKE, 0), IAX_PONG);
}

static void bad_poke_zero(void)
{
	answer(exchange_of(AUDIT_POKE_ZERO, 0), IAX_PONG);
}

static void bad_call_without_token(void)
{
	challenge(again(AUDIT_CALL_NO_TOKEN, AUDIT_RANDOM_NAME));
}

static void bad_call_of_a_name_without_token(void)
{
	challenge(again(AUDIT_CALL_NO_TOKEN, AUDIT_KNOWN_NAME));
}

static void bad_registration_without_token(void)
{
	challenge(again(AUDIT_REG_NO_TOKEN, AUDIT_RANDOM_NAME));
}

static void bad_no_offer(void)
{
	challenge(again(AUDIT_CALL_EMPTY, AUDIT_RANDOM_NAME));
}

static void bad_forged(void)
{
	challenge(exchange_of(AUDIT_CALL_FORGED, AUDIT_RANDOM_NAME));
}

/* Refused, but as one whose token is good: */
static void bad_forged_seen_by_its_refusal(void)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->exchanges[i].probe == AUDIT_NAME_CALL) {
			record->exchanges[i].answer_count = 0;
			answer_cause(&record->exchanges[i], IAX_REJECT, 50);
		}
	}
	answer_cause(exchange_of(AUDIT_CALL_FORGED, AUDIT_RANDOM_NAME), IAX_REJECT, 50);
}

static void bad_other_port(void)
{
	challenge(exchange_of(AUDIT_CALL_OTHER_PORT, AUDIT_RANDOM_NAME));
}

static void bad_old_token(void)
{
	challenge(exchange_of(AUDIT_CALL_OLD_TOKEN, AUDIT_RANDOM_NAME));
}

static void bad_short_token(void)
{
	give_token(again(AUDIT_CALL_EMPTY, AUDIT_RANDOM_NAME), TG_SPAN_LIT("\x8f\x13\x99q\xfe"));
}

static void bad_readable_clock(void)
{
	give_token(again(AUDIT_CALL_EMPTY, AUDIT_RANDOM_NAME), TG_SPAN_LIT("x1795290000:zzzz"));
}

static void bad_binary_clock(void)
{
	const uint8_t token[] = { 9, 0x6b, 0x02, 0x2d, 0xb1, 8, 7 };

	record->wall_s = 0x6b022db2;
	give_token(again(AUDIT_CALL_EMPTY, AUDIT_RANDOM_NAME), (struct tg_span){ token, sizeof(token) });
}

static void bad_amplified(void)
{
	const struct iax_ies ies = { .has = HAS(IAX_IE_CAUSE),
		                     .cause = TG_SPAN_LIT("a long story, told to whoever asks for it") };
	struct tool_audit_exchange *exchange = ask(AUDIT_CALL_BARE, 0, NULL);

	answer_after(exchange, IAX_REJECT, &ies, 300);
}

static void bad_amplified_a_little(void)
{
	answer_cause(ask(AUDIT_CALL_BARE, 0, NULL), IAX_REJECT, 50); /* 15 for 12 */
}

static void bad_plaintext(void)
{
	char text[21];

	challenge_with(again(AUDIT_NAME_CALL, AUDIT_RANDOM_NAME), good_challenge(text),
	               IAX_AUTH_MD5 | IAX_AUTH_PLAINTEXT, 300);
}

static void bad_guest_abroad(void)
{
	answer(again(AUDIT_GUEST, AUDIT_TO_S), IAX_ACCEPT);
	answer(again(AUDIT_GUEST, AUDIT_TO_INTERNATIONAL), IAX_ACCEPT);
}

static void bad_guest_here(void)
{
	answer(again(AUDIT_GUEST, AUDIT_TO_RANDOM), IAX_ACCEPT);
}

static void bad_guest_s(void)
{
	answer(again(AUDIT_GUEST, AUDIT_TO_S), IAX_ACCEPT);
}

static void bad_guest_tells(void)
{
	answer_cause(again(AUDIT_GUEST, AUDIT_TO_RANDOM), IAX_REJECT, 3);
}

static void bad_login(void)
{
	struct tool_audit_exchange *login = again(AUDIT_LOGIN, AUDIT_RANDOM_NAME);

	challenge(login);
	answer(login, IAX_ACCEPT);
}

static void bad_names(void)
{
	for (size_t i = 0; i < record->count; i++) {
		struct tool_audit_exchange *exchange = &record->exchanges[i];

		if (exchange->probe == AUDIT_NAME_REG && exchange->variant == AUDIT_RANDOM_NAME) {
			exchange->answer_count = 0;
			answer_cause(exchange, IAX_REGREJ, 29);
		}
	}
}

static void bad_times(void)
{
	for (size_t i = 0; i < record->count; i++) {
		struct tool_audit_exchange *exchange = &record->exchanges[i];

		if (exchange->probe == AUDIT_NAME_CALL) {
			const uint64_t more_us = exchange->variant == AUDIT_KNOWN_NAME ? 900 : 0;
			char text[21];

			exchange->answer_count = 0;
			challenge_with(exchange, good_challenge(text), IAX_AUTH_MD5, 300 + i % 7 * 100 + more_us);
		}
	}
}

static void bad_repeats(void)
{
	struct tool_audit_exchange *exchange = exchange_of(AUDIT_REG_NO_TOKEN, AUDIT_RANDOM_NAME);

	tool_audit_record_answer(exchange, (struct tg_span){ exchange->answers[0].bytes, exchange->answers[0].len }, 1);
}

static void bad_firmware(void)
{
	answer(again(AUDIT_FIRMWARE, 0), IAX_FWDATA);
}

static void bad_challenges(void)
{
	for (size_t i = 0; i < record->count; i++) {
		struct tool_audit_exchange *exchange = &record->exchanges[i];
		char text[21];

		if (tool_audit_find(exchange, IAX_AUTHREQ) == 0 || tool_audit_find(exchange, IAX_REGAUTH) == 0) {
			exchange->answer_count = 0;
			snprintf(text, sizeof(text), "aaaaaaaaaaaa%08zu", i * 99991 % 100000000);
			challenge_with(exchange, text, IAX_AUTH_MD5, 300);
		}
	}
}

static void bad_challenge_twice(void)
{
	const char *same = "abcdefghijklmnopqrst";

	challenge_with(again(AUDIT_NAME_CALL, AUDIT_KNOWN_NAME), same, IAX_AUTH_MD5, 300);
	challenge_with(again(AUDIT_NAME_REG, AUDIT_KNOWN_NAME), same, IAX_AUTH_MD5, 300);
}

static void bad_no_encryption(void)
{
	challenge(again(AUDIT_ENCRYPTION, AUDIT_RANDOM_NAME));
}

static void bad_invals(void)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->exchanges[i].probe == AUDIT_UNKNOWN_CALL && record->exchanges[i].answer_count == 0) {
			answer(&record->exchanges[i], IAX_INVAL);
		}
	}
}

static void bad_disclosure(void)
{
	const struct iax_ies ies = { .has = HAS(IAX_IE_DEVICETYPE), .device_type = TG_SPAN_LIT("box 1.2") };

	answer_after(exchange_of(AUDIT_GUEST, AUDIT_TO_S), IAX_HANGUP, &ies, 400);
}

static void bad_account(void)
{
	struct tool_audit_exchange *account = again(AUDIT_ACCOUNT, AUDIT_KNOWN_NAME);

	challenge(account);
	answer_cause(account, IAX_REJECT, 50); /* as the invalid login */
}

static const struct {
	const char *id;
	void (*spoil)(void);
	enum tool_audit_severity severity;
} bad[] = {
	{ "IA1", bad_poke, TOOL_AUDIT_LOW },
	{ "IA1.zero", bad_poke_zero, TOOL_AUDIT_LOW },
	{ "IA2.call", bad_call_without_token, TOOL_AUDIT_HIGH },
	{ "IA2.call", bad_call_of_a_name_without_token, TOOL_AUDIT_HIGH },
	{ "IA2.registration", bad_registration_without_token, TOOL_AUDIT_HIGH },
	{ "IA2.offer", bad_no_offer, TOOL_AUDIT_HIGH },
	{ "IA3.forged", bad_forged, TOOL_AUDIT_HIGH },
	{ "IA3.forged", bad_forged_seen_by_its_refusal, TOOL_AUDIT_HIGH },
	{ "IA3.port", bad_other_port, TOOL_AUDIT_HIGH },
	{ "IA3.life", bad_old_token, TOOL_AUDIT_HIGH },
	{ "IA3.short", bad_short_token, TOOL_AUDIT_MEDIUM },
	{ "IA3.clock", bad_readable_clock, TOOL_AUDIT_LOW },
	{ "IA3.clock", bad_binary_clock, TOOL_AUDIT_LOW },
	{ "IA4", bad_amplified, TOOL_AUDIT_HIGH },
	{ "IA4", bad_amplified_a_little, TOOL_AUDIT_MEDIUM },
	{ "IA5", bad_plaintext, TOOL_AUDIT_HIGH },
	{ "IA6", bad_guest_abroad, TOOL_AUDIT_CRITICAL },
	{ "IA6", bad_guest_here, TOOL_AUDIT_HIGH },
	{ "IA6", bad_guest_s, TOOL_AUDIT_MEDIUM },
	{ "IA6.numbers", bad_guest_tells, TOOL_AUDIT_LOW },
	{ "IA6.login", bad_login, TOOL_AUDIT_CRITICAL },
	{ "IA7.answers", bad_names, TOOL_AUDIT_MEDIUM },
	{ "IA7.answers", bad_call_of_a_name_without_token, TOOL_AUDIT_MEDIUM },
	{ "IA7.times", bad_times, TOOL_AUDIT_MEDIUM },
	{ "IA8", bad_repeats, TOOL_AUDIT_MEDIUM },
	{ "IA9", bad_firmware, TOOL_AUDIT_HIGH },
	{ "IA10", bad_challenges, TOOL_AUDIT_MEDIUM },
	{ "IA10", bad_challenge_twice, TOOL_AUDIT_MEDIUM },
	{ "IA11", bad_no_encryption, TOOL_AUDIT_LOW },
	{ "IA12", bad_invals, TOOL_AUDIT_LOW },
	{ "IA13", bad_disclosure, TOOL_AUDIT_INFO },
	{ "AC1", bad_account, TOOL_AUDIT_MEDIUM },
};

static void test_each_row_finds_its_fault(void **state)
{
	struct tool_audit_verdict verdicts[TOOL_AUDIT_ROWS_MAX];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		memset(record, 0, sizeof(*record));
		record->wall_s = WALL_S;
		sound_host();
		tool_audit_judge(record, verdicts);
		CHECK_TEXT(verdict_of(verdicts, bad[i].id)->state == TOOL_AUDIT_CLEAR
		                   ? bad[i].id
		                   : verdict_of(verdicts, bad[i].id)->seen,
		           bad[i].id);
		bad[i].spoil();
		tool_audit_judge(record, verdicts);
		if (verdict_of(verdicts, bad[i].id)->state != TOOL_AUDIT_FOUND) {
			fail_msg("row %zu, %s, finds nothing: %s", i, bad[i].id, verdict_of(verdicts, bad[i].id)->seen);
		}
		CHECK_TEXT(tool_audit_severity_name(verdict_of(verdicts, bad[i].id)->severity),
		           tool_audit_severity_name(bad[i].severity));
		CHECK_TRUE(verdict_of(verdicts, bad[i].id)->seen[0] != '\0');
	}
}

static void test_every_row_has_a_case(void **state)
{
	(void)state;
	for (size_t row = 0; tool_audit_rows[row].id != NULL; row++) {
		bool covered = strcmp(tool_audit_rows[row].id, "IA0") == 0; /* found with the sound host */

		for (size_t i = 0; i < TG_COUNT(bad); i++) {
			covered = covered || strcmp(bad[i].id, tool_audit_rows[row].id) == 0;
		}
		CHECK_TEXT(covered ? tool_audit_rows[row].id : "no case", tool_audit_rows[row].id);
	}
}

static void test_every_row_says_what_to_do(void **state)
{
	(void)state;
	for (const struct tool_audit_row *row = tool_audit_rows; row->id != NULL; row++) {
		CHECK_TRUE(row->why[0] != '\0' && row->expected[0] != '\0' && row->verify[0] != '\0' &&
		           row->remedies != 0);
		CHECK_TRUE((row->remedies & TOOL_AUDIT_BY_SETTING) == 0 ||
		           (row->setting[0] != '\0' && row->undo[0] != '\0'));
	}
}

static void test_a_sound_host_is_there_and_no_more(void **state)
{
	struct tool_audit_verdict verdicts[TOOL_AUDIT_ROWS_MAX];
	size_t count = 0;

	(void)state;
	sound_host();
	count = tool_audit_judge(record, verdicts);
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].state != (i == 0 ? TOOL_AUDIT_FOUND : TOOL_AUDIT_CLEAR)) {
			fail_msg("%s: %s", tool_audit_rows[i].id, verdicts[i].seen);
		}
	}
	CHECK_TEXT(tool_audit_rows[0].id, "IA0");
	CHECK_INT(verdicts[0].severity, TOOL_AUDIT_INFO);
}

static void test_what_was_not_asked_is_not_clear(void **state)
{
	struct tool_audit_verdict verdicts[TOOL_AUDIT_ROWS_MAX];

	(void)state;
	answer(ask(AUDIT_POKE, 0, NULL), IAX_PONG);
	tool_audit_judge(record, verdicts);
	CHECK_INT(verdict_of(verdicts, "IA1")->state, TOOL_AUDIT_FOUND);
	for (size_t i = 0; tool_audit_rows[i].id != NULL; i++) {
		const uint64_t with_pokes = tool_audit_rows[i].probes & TOOL_AUDIT_BIT(AUDIT_POKE);

		CHECK_TRUE(with_pokes != 0 || verdicts[i].state == TOOL_AUDIT_UNTESTED);
	}
	CHECK_INT(verdict_of(verdicts, "IA5")->state, TOOL_AUDIT_UNTESTED);
	CHECK_INT(verdict_of(verdicts, "IA10")->state, TOOL_AUDIT_UNTESTED);
}

static void test_the_account_is_told_from_a_wrong_secret(void **state)
{
	struct tool_audit_verdict verdicts[TOOL_AUDIT_ROWS_MAX];
	struct tool_audit_exchange *account = NULL;

	(void)state;
	sound_host();
	account = again(AUDIT_ACCOUNT, AUDIT_KNOWN_NAME);
	challenge(account);
	answer_cause(account, IAX_REJECT, 3); /* no such number: but it was let in to ask */
	tool_audit_judge(record, verdicts);
	CHECK_INT(verdict_of(verdicts, "AC1")->state, TOOL_AUDIT_CLEAR);
	again(AUDIT_LOGIN, AUDIT_RANDOM_NAME);
	tool_audit_judge(record, verdicts);
	CHECK_INT(verdict_of(verdicts, "AC1")->state, TOOL_AUDIT_UNTESTED);
}

/* ---- The outcome ---- */

static struct tool_audit_host host_of(const char *target)
{
	struct tool_audit_host host = { .target = target, .record = record };

	CHECK_TRUE(tg_addr_parse(&host.remote, tg_span_text(target), IAX_PORT));
	host.presence = tool_audit_presence(record);
	host.row_count = tool_audit_judge(record, host.verdicts);
	return host;
}

static void test_exit_codes(void **state)
{
	struct tool_audit_host host;

	(void)state;
	sound_host();
	host = host_of("192.0.2.1");
	CHECK_INT(tool_audit_exit(&host, 1, false), 0);
	record->cut_short = true;
	CHECK_INT(tool_audit_exit(&host, 1, false), 4);
	record->cut_short = false;
	bad_poke();
	host = host_of("192.0.2.1");
	CHECK_INT(tool_audit_exit(&host, 1, false), 0);
	bad_repeats();
	host = host_of("192.0.2.1");
	record->cut_short = true;
	CHECK_INT(tool_audit_exit(&host, 1, false), 1); /* worse than not to know all */
	bad_plaintext();
	host = host_of("192.0.2.1");
	CHECK_INT(tool_audit_exit(&host, 1, false), 2);
	bad_guest_abroad();
	host = host_of("192.0.2.1");
	CHECK_INT(tool_audit_exit(&host, 1, false), 3);
}

static void test_silence(void **state)
{
	struct tool_audit_host host;

	(void)state;
	ask(AUDIT_POKE, 0, NULL);
	host = host_of("192.0.2.1");
	CHECK_INT(host.presence, TOOL_AUDIT_SILENT);
	CHECK_INT(tool_audit_exit(&host, 1, false), 4);
	CHECK_INT(tool_audit_exit(&host, 1, true), 0);
	record->unreachable = true;
	host = host_of("192.0.2.1");
	CHECK_INT(host.presence, TOOL_AUDIT_CLOSED);
	CHECK_INT(tool_audit_exit(&host, 1, false), 4);
	CHECK_INT(tool_audit_exit(&host, 1, true), 0);
	record->unreachable = false;
	record->cut_short = true;
	host = host_of("192.0.2.1");
	CHECK_INT(host.presence, TOOL_AUDIT_BROKEN);
	CHECK_INT(tool_audit_exit(&host, 1, true), 4);
}

static void test_baseline(void **state)
{
	struct tool_audit_host host;

	(void)state;
	sound_host();
	bad_guest_here();
	host = host_of("192.0.2.1");
	CHECK_INT(tool_audit_exit(&host, 1, false), 2);
	CHECK_TRUE(tool_audit_baseline_line("# nothing\n", &host, 1) == NULL);
	CHECK_TRUE(tool_audit_baseline_line("  \n", &host, 1) == NULL);
	CHECK_TRUE(tool_audit_baseline_line("192.0.2.2 IA6\n", &host, 1) == NULL);
	CHECK_TRUE(tool_audit_baseline_line("192.0.2.1 IA6 medium\n", &host, 1) == NULL);
	CHECK_INT(tool_audit_exit(&host, 1, false), 2);
	CHECK_TRUE(tool_audit_baseline_line("192.0.2.1:4569 IA6 high # until May\n", &host, 1) == NULL);
	CHECK_INT(tool_audit_exit(&host, 1, false), 0);
	bad_guest_abroad(); /* worse than what is allowed */
	host = host_of("192.0.2.1");
	CHECK_TRUE(tool_audit_baseline_line("* IA6 high", &host, 1) == NULL);
	CHECK_INT(tool_audit_exit(&host, 1, false), 3);
	CHECK_TRUE(tool_audit_baseline_line("* IA6", &host, 1) == NULL);
	CHECK_INT(tool_audit_exit(&host, 1, false), 0);
	CHECK_TEXT(tool_audit_baseline_line("* IA99", &host, 1), "there is no check of that id");
	CHECK_TEXT(tool_audit_baseline_line("IA6", &host, 1), "expected HOST ID [SEVERITY]");
	CHECK_TEXT(tool_audit_baseline_line("* IA6 high more", &host, 1), "expected HOST ID [SEVERITY]");
	CHECK_TEXT(tool_audit_baseline_line("* IA6 bad", &host, 1), "expected info, low, medium, high or critical");
}

static void test_json(void **state)
{
	struct tool_audit_host host;
	char *text = NULL;
	json_t *top = NULL;
	const json_t *checks = NULL;

	(void)state;
	sound_host();
	bad_plaintext();
	host = host_of("192.0.2.1");
	text = tool_audit_json(&host, 1, 2);
	CHECK_TRUE(text != NULL && strchr(text, '\n') == NULL);
	top = json_loads(text, 0, NULL);
	CHECK_TRUE(top != NULL);
	checks = json_object_get(json_array_get(json_object_get(top, "hosts"), 0), "checks");
	CHECK_UINT(json_array_size(checks), host.row_count);
	for (size_t i = 0; i < json_array_size(checks); i++) {
		const json_t *check = json_array_get(checks, i);

		CHECK_TEXT(json_string_value(json_object_get(check, "id")), tool_audit_rows[i].id);
		if (strcmp(tool_audit_rows[i].id, "IA5") == 0) {
			CHECK_TEXT(json_string_value(json_object_get(check, "state")), "found");
			CHECK_TRUE(json_array_size(json_object_get(json_object_get(check, "evidence"), "answers")) ==
			           1);
		}
	}
	json_decref(top);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_row_finds_its_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_row_has_a_case, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_row_says_what_to_do, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_sound_host_is_there_and_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_was_not_asked_is_not_clear, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_account_is_told_from_a_wrong_secret, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_exit_codes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_silence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_baseline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_json, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
