/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "check.h"

#include <ctype.h>

struct sink {
	char line[TG_LOG_LINE_BYTES];
	enum tg_level level;
	unsigned lines;
};

static void keep_line(void *owner, enum tg_level level, const char *line)
{
	struct sink *sink = owner;

	CHECK_TRUE(tg_span_copy(sink->line, sizeof(sink->line), tg_span_text(line)));
	sink->level = level;
	sink->lines++;
}

static void test_an_event_and_its_fields(void **state)
{
	static const uint8_t ip[4] = { 192, 0, 2, 1 };
	struct sink sink = { .lines = 0 };
	const struct tg_log log = { keep_line, &sink, TG_INFO };
	(void)state;

	tg_log(&log, TG_NOTICE, "reg.refused", TG_BYTES("account", TG_SPAN_LIT("alice")),
	       TG_ADDR("from", tg_addr_ipv4(ip, 4569)), TG_UINT("count", UINT64_MAX), TG_TEXT("why", "wrong password"));
	CHECK_TEXT(sink.line, "reg.refused account='alice' from=192.0.2.1:4569 count=18446744073709551615 "
	                      "why=\"wrong password\"");
	CHECK_UINT(sink.level, TG_NOTICE);
	CHECK_UINT(sink.lines, 1);
}

static void test_levels_below_the_least_say_nothing(void **state)
{
	struct sink sink = { .lines = 0 };
	const struct tg_log log = { keep_line, &sink, TG_NOTICE };
	(void)state;

	tg_log(&log, TG_INFO, "quiet", TG_UINT("n", 1));
	CHECK_UINT(sink.lines, 0);
	tg_log(NULL, TG_ERROR, "nobody.listens", TG_UINT("n", 1));
	tg_log(&log, TG_ERROR, "loud", TG_UINT("n", 1));
	CHECK_TEXT(sink.line, "loud n=1");
}

/* What a stranger may want a name to do to a line of ours. */
static void test_names_cannot_forge(void **state)
{
	const struct {
		struct tg_span name;
		const char *line;
	} cases[] = {
		{ TG_SPAN_LIT("a' from=198.51.100.7:4569 x='"),
		  "e name='a\\x27\\x20from\\x3d198.51.100.7\\x3a4569\\x20x\\x3d\\x27'" },
		{ TG_SPAN_LIT("a\nreg.granted"), "e name='a\\x0areg.granted'" },
		{ TG_SPAN_LIT("\033[2J"), "e name='\\x1b\\x5b2J'" },
		{ TG_SPAN_LIT("a\0b"), "e name='a\\x00b'" },
		{ TG_SPAN_LIT("\\x27"), "e name='\\x5cx27'" },
		{ TG_SPAN_LIT("%s%n"), "e name='\\x25s\\x25n'" },
		{ TG_SPAN_LIT("M\xc3\xbcller"), "e name='M\\xc3\\xbcller'" },
		{ TG_SPAN_LIT("x: Host 198.51.100.77"), "e name='x\\x3a\\x20Host\\x20198.51.100.77'" },
		{ TG_SPAN_LIT(""), "e name=''" },
		{ TG_SPAN_LIT("0123456789012345678901234567890123456789"),
		  "e name='0123456789012345678901234567890123456789'" },
		{ TG_SPAN_LIT("0123456789012345678901234567890123456789z"),
		  "e name='0123456789012345678901234567890123456789...'" },
	};
	struct sink sink = { .lines = 0 };
	const struct tg_log log = { keep_line, &sink, TG_DEBUG };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		tg_log(&log, TG_INFO, "e", TG_BYTES("name", cases[i].name));
		CHECK_TEXT(sink.line, cases[i].line);
	}
}

/* Every octet, alone: the line stays one printable line with exactly our two quotes and our two equal signs. */
static void test_no_octet_escapes(void **state)
{
	struct sink sink = { .lines = 0 };
	const struct tg_log log = { keep_line, &sink, TG_DEBUG };
	(void)state;

	for (unsigned octet = 0; octet <= UINT8_MAX; octet++) {
		const uint8_t name[1] = { (uint8_t)octet };
		unsigned quotes = 0, equals = 0, blanks = 0;

		tg_log(&log, TG_INFO, "e", TG_BYTES("name", ((struct tg_span){ name, 1 })), TG_UINT("n", 1));
		for (const char *c = sink.line; *c != '\0'; c++) {
			CHECK_TRUE(isprint((unsigned char)*c));
			quotes += *c == '\'' || *c == '"';
			equals += *c == '=';
			blanks += *c == ' ';
		}
		CHECK_UINT(quotes, 2);
		CHECK_UINT(equals, 2);
		CHECK_UINT(blanks, 2);
	}
}

static void test_a_long_line_is_cut(void **state)
{
	char text[2 * TG_LOG_LINE_BYTES];
	struct sink sink = { .lines = 0 };
	const struct tg_log log = { keep_line, &sink, TG_DEBUG };
	(void)state;

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	tg_log(&log, TG_INFO, "e", TG_TEXT("long", text), TG_UINT("n", 1));
	CHECK_UINT(strlen(sink.line), TG_LOG_LINE_BYTES - 1);
}

static void test_level_names(void **state)
{
	(void)state;
	CHECK_TEXT(tg_level_name(TG_DEBUG), "DEBUG");
	CHECK_TEXT(tg_level_name(TG_ERROR), "ERROR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_event_and_its_fields),
		cmocka_unit_test(test_levels_below_the_least_say_nothing),
		cmocka_unit_test(test_names_cannot_forge),
		cmocka_unit_test(test_no_octet_escapes),
		cmocka_unit_test(test_a_long_line_is_cut),
		cmocka_unit_test(test_level_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
