/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_answers.h"

#include "tools/audit_consent.h"
#include "tools/audit_remedy.h"
#include "tools/audit_stats.h"

/* ---- The record ---- */

static void test_repeats_are_counted_and_kept_once(void **state)
{
	const uint8_t frame[] = { 0x80, 9, 0, 77, 0, 0, 0, 5, 0, 1, 6, 8 };
	uint8_t resent[sizeof(frame)];
	struct tool_audit_exchange *exchange = ask(AUDIT_REG_BARE, 0, NULL);

	(void)state;
	memcpy(resent, frame, sizeof(frame));
	resent[2] |= 0x80; /* R */
	tool_audit_record_answer(exchange, (struct tg_span){ frame, sizeof(frame) }, 1);
	tool_audit_record_answer(exchange, (struct tg_span){ resent, sizeof(resent) }, 2);
	resent[9] = 2;
	tool_audit_record_answer(exchange, (struct tg_span){ resent, sizeof(resent) }, 3);
	CHECK_UINT(exchange->packets_back, 3);
	CHECK_UINT(exchange->bytes_back, 36); /* of these; upkeep weighs as well, but says nothing */
	CHECK_UINT(exchange->repeats, 1);
	CHECK_UINT(exchange->answer_count, 2);
	resent[11] = IAX_LAGRQ;
	tool_audit_record_answer(exchange, (struct tg_span){ resent, sizeof(resent) }, 3);
	CHECK_UINT(exchange->packets_back, 4);
	CHECK_UINT(exchange->answer_count, 2);
	exchange->closed = true;
	tool_audit_record_answer(exchange, (struct tg_span){ frame, sizeof(frame) }, 4);
	CHECK_UINT(exchange->packets_back, 4);
}

static void test_a_hostile_host_fills_nothing(void **state)
{
	struct tool_audit_exchange *exchange = ask(AUDIT_CALL_BARE, 0, NULL);
	uint8_t bytes[4000];
	char shape[TOOL_AUDIT_SHAPE_BYTES];
	struct tool_audit_verdict verdicts[TOOL_AUDIT_ROWS_MAX];

	(void)state;
	for (size_t len = 0; len <= sizeof(bytes); len += len < 40 ? 1 : 371) {
		for (size_t i = 0; i < len; i++) {
			bytes[i] = (uint8_t)(i * 7 + len);
		}
		tool_audit_record_answer(exchange, (struct tg_span){ bytes, len }, len);
		memset(bytes, 0xff, sizeof(bytes));
	}
	CHECK_UINT(exchange->answer_count, TOOL_AUDIT_ANSWERS_KEPT);
	CHECK_TRUE(strlen(tool_audit_shape(exchange, shape)) < sizeof(shape));
	CHECK_TRUE(tool_audit_judge(record, verdicts) > 20);
	CHECK_INT(verdict_of(verdicts, "IA4")->severity, TOOL_AUDIT_HIGH);
	for (unsigned i = 0; i < 2 * TOOL_AUDIT_PACKETS_MAX; i++) {
		tool_audit_record_begin(record, AUDIT_POKE, 0, (struct tg_span){ bytes, 12 });
	}
	CHECK_UINT(record->count, TOOL_AUDIT_PACKETS_MAX);
}

static void test_the_shape_hides_what_may_differ(void **state)
{
	char one[TOOL_AUDIT_SHAPE_BYTES], two[TOOL_AUDIT_SHAPE_BYTES];
	struct tool_audit_exchange *a = ask(AUDIT_NAME_CALL, AUDIT_RANDOM_NAME, "aaaaa");
	struct tool_audit_exchange *b = ask(AUDIT_NAME_CALL, AUDIT_KNOWN_NAME, "alice");
	struct iax_ies ies = { .has = HAS(IAX_IE_CAUSE),
		               .cause = TG_SPAN_LIT("a cause that is longer than what is shown, first") };

	(void)state;
	CHECK_TEXT(tool_audit_shape(a, one), "silence");
	challenge(a);
	challenge(b);
	CHECK_TEXT(tool_audit_shape(a, one), "AUTHREQ AUTHMETHODS(2)=0002 CHALLENGE(20)");
	CHECK_TEXT(tool_audit_shape(b, two), one);
	answer_after(a, IAX_REJECT, &ies, 500);
	ies.cause = TG_SPAN_LIT("a cause that is longer than what is shown, other");
	answer_after(b, IAX_REJECT, &ies, 500);
	CHECK_TRUE(strcmp(tool_audit_shape(a, one), tool_audit_shape(b, two)) != 0);
}

static void test_text_of_the_wire_is_masked(void **state)
{
	static const uint8_t frame[] = {
		0x80, 9, 0, 77, 0, 0, 0, 5, 0, 1, 6, 6, 0x16, 6, 'a', 0x1b, '[', '2', 'J', 0xff
	};
	struct tool_audit_exchange *exchange = ask(AUDIT_GUEST, AUDIT_TO_S, NULL);
	char shape[TOOL_AUDIT_SHAPE_BYTES];

	(void)state;
	tool_audit_record_answer(exchange, (struct tg_span){ frame, sizeof(frame) }, 1);
	tool_audit_shape(exchange, shape);
	for (size_t i = 0; i < strlen(shape); i++) {
		CHECK_TRUE(shape[i] >= ' ' && shape[i] < 0x7f);
	}
	CHECK_TRUE(strstr(shape, "CAUSE(6)=a?[2J?~") != NULL);
}

static void test_tokens_and_challenges_are_not_in_the_evidence(void **state)
{
	struct tool_audit_exchange *exchange = ask(AUDIT_CALL_EMPTY, AUDIT_RANDOM_NAME, "whoisthat");
	char text[200];

	(void)state;
	give_token(exchange, TG_SPAN_LIT("secret!"));
	tool_audit_hex((struct tg_span){ exchange->answers[0].bytes, exchange->answers[0].len }, text, sizeof(text));
	CHECK_TEXT(text, "8009004d0000000000010628"
	                 "3607"
	                 "..............");
	tool_audit_hex((struct tg_span){ exchange->answers[0].bytes, exchange->answers[0].len }, text, 26);
	CHECK_UINT(strlen(text), 24);
}

/* ---- Statistics ---- */

static void test_times_that_are_chance_are_no_finding(void **state)
{
	struct tool_audit_samples a = { 0 }, b = { 0 };

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		tool_audit_samples_add(&a, 1000 + i * 7919 % 400);
		tool_audit_samples_add(&b, 1000 + (i * 104729 + 13) % 400);
	}
	CHECK_TRUE(tool_audit_apart(&a, &b) < 3 && tool_audit_apart(&a, &b) > -3);
	for (unsigned i = 0; i < 20; i++) {
		a.values[i] += 400;
	}
	CHECK_TRUE(tool_audit_apart(&a, &b) > 4);
	CHECK_TRUE(tool_audit_apart(&b, &a) < -4);
	CHECK_TRUE(tool_audit_can_tell(20, 20, 4));
	CHECK_FALSE(tool_audit_can_tell(6, 6, 4));
	CHECK_FALSE(tool_audit_can_tell(0, 20, 4));
	a = (struct tool_audit_samples){ .count = 3, .values = { 9, 1, 5 } };
	CHECK_UINT(tool_audit_median(&a), 5);
}

static void test_entropy(void **state)
{
	struct tool_audit_entropy digits = { 0 }, good = { 0 };
	char text[21];

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		snprintf(text, sizeof(text), "%09u", (i * 123456789) % 1000000000);
		tool_audit_entropy_add(&digits, tg_span_text(text));
		tool_audit_entropy_add(&good, tg_span_text(good_challenge(text)));
	}
	CHECK_FALSE(digits.twice);
	CHECK_UINT(tool_audit_entropy_bits(&digits), 29); /* nine digits */
	CHECK_UINT(tool_audit_entropy_bits(&good), 100);  /* twenty of 32 characters */
	tool_audit_entropy_add(&good, tg_span_text(text));
	CHECK_TRUE(good.twice);
}

/* ---- Whom we may ask ---- */

static void test_lines_of_the_allow_file(void **state)
{
	static const struct {
		const char *line;
		bool allows;
	} rows[] = {
		{ "192.0.2.7\n", true },     { "192.0.2.8\n", false }, { " 192.0.2.0/24 # ours\n", true },
		{ "192.0.2.0/33\n", false }, { "0.0.0.0/0\n", false }, { "# 192.0.2.7\n", false },
		{ "192.0.2.7x\n", false },   { "\n", false },          { "::/1\n", false },
		{ "192.0.2.0/\n", false },
	};
	struct tg_addr addr;

	(void)state;
	CHECK_TRUE(tg_addr_parse(&addr, TG_SPAN_LIT("192.0.2.7"), 4569));
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		CHECK_TEXT(tool_audit_line_allows(rows[i].line, addr) == rows[i].allows ? rows[i].line : "wrong",
		           rows[i].line);
	}
}

static void test_targets(void **state)
{
	static const char *const wrong_ones[] = { "192.0.2.0/24", "192.0.2.1-9", "",         "host:0",
		                                  "host:x",       "0.0.0.0",     "iax2:host" };
	char wrong[TOOL_WRONG_BYTES], text[TG_ADDR_TEXT_BYTES];
	struct tg_addr addr;

	(void)state;
	CHECK_TRUE(tool_audit_target(&addr, "127.0.0.1", wrong));
	CHECK_TEXT(tg_addr_format(addr, text), "127.0.0.1:4569");
	CHECK_TRUE(tool_audit_target(&addr, "[::1]:4600", wrong));
	CHECK_TEXT(tg_addr_format(addr, text), "[::1]:4600");
	for (size_t i = 0; i < TG_COUNT(wrong_ones); i++) {
		CHECK_FALSE(tool_audit_target(&addr, wrong_ones[i], wrong));
	}
}

/* ---- The command line ---- */

static bool parse(struct tool_audit_options *options, const char *line, char wrong[TOOL_WRONG_BYTES])
{
	static char words[16][64];
	char *argv[16];
	int count = 0;

	for (const char *at = line; *at != '\0' && count < 16; count++) {
		const size_t len = strcspn(at, " ");

		snprintf(words[count], sizeof(words[count]), "%.*s", (int)len, at);
		argv[count] = words[count];
		at += len + strspn(at + len, " ");
	}
	return tool_audit_options_parse(options, count, argv, wrong);
}

static void test_options(void **state)
{
	struct tool_audit_options options;
	char wrong[TOOL_WRONG_BYTES];

	(void)state;
	CHECK_TRUE(parse(&options, "--names alice,bob 192.0.2.1 --account carol pbx:4570", wrong));
	CHECK_UINT(options.target_count, 2);
	CHECK_UINT(options.name_count, 3);
	CHECK_TEXT(options.names[2], "carol");
	CHECK_UINT(options.samples, 20);
	CHECK_UINT(options.rate, 10);
	CHECK_FALSE(parse(&options, "", wrong));
	CHECK_TEXT(wrong, "which hosts? expected HOST[:PORT]...");
	CHECK_FALSE(parse(&options, "--rate 11 host", wrong)); /* never faster */
	CHECK_FALSE(parse(&options, "--names a,,b host", wrong));
	CHECK_FALSE(parse(&options, "--secret-file f host", wrong));
	CHECK_FALSE(parse(&options, "--secret s host", wrong)); /* not on the command line, which everybody sees */
}

/* ---- Remedies ---- */

static void test_remedies_name_the_port(void **state)
{
	(void)state;
	for (const struct tool_audit_remedy *remedy = tool_audit_remedies; remedy->name != NULL; remedy++) {
		char name[32], *text = NULL;
		size_t size = 0;

		for (unsigned undo = 0; undo < 2; undo++) {
			FILE *out = open_memstream(&text, &size);

			snprintf(name, sizeof(name), "%s%s", remedy->name, undo != 0 ? "-undo" : "");
			CHECK_TRUE(tool_audit_remedy_print(out, name, 4570));
			fclose(out);
			CHECK_TRUE(strstr(text, "@PORT@") == NULL);
			CHECK_TRUE(undo != 0 || strstr(text, "4570") != NULL);
			CHECK_TRUE(strstr(text, "4569") == NULL);
			free(text);
		}
	}
	CHECK_FALSE(tool_audit_remedy_print(stdout, "nft", 4569));
	CHECK_FALSE(tool_audit_remedy_print(stdout, "-undo", 4569));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_repeats_are_counted_and_kept_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_hostile_host_fills_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_shape_hides_what_may_differ, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_text_of_the_wire_is_masked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tokens_and_challenges_are_not_in_the_evidence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_times_that_are_chance_are_no_finding, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_entropy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lines_of_the_allow_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_targets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remedies_name_the_port, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
