/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "tools/uri.h"

static const struct {
	const char *text;
	struct tool_uri want;
} good[] = {
	{ "iax2:alice@192.0.2.1/1000", { "alice", "192.0.2.1", "1000", "", 4569, false } },
	{ "iax:example.com", { "", "example.com", "", "", 4569, false } },
	{ "IAX:example.com:4570", { "", "example.com", "", "", 4570, false } },
	{ "iax:bob@[2001:db8::1]:65535/7?sales", { "bob", "2001:db8::1", "7", "sales", 65535, true } },
	{ "iax:[::1]/s", { "", "::1", "s", "", 4569, true } },
	{ "iax:a%40b@h/%2a1%3F?c%20d", { "a@b", "h", "*1?", "c d", 4569, false } },
	{ "iax:h/12@34", { "", "h", "12@34", "", 4569, false } },
	{ "iax:h/*43#", { "", "h", "*43#", "", 4569, false } },
};

static const struct {
	const char *text, *wrong;
} bad[] = {
	{ "", "it does not start with \"iax2:\" or \"iax:\"" },
	{ "sip:a@b", "it does not start with \"iax2:\" or \"iax:\"" },
	{ "iax2", "it does not start with \"iax2:\" or \"iax:\"" },
	{ "iax:", "no host" },
	{ "iax:/1", "no host" },
	{ "iax:@h", "nothing in front of '@'" },
	{ "iax:a@", "no host" },
	{ "iax:a:secret@h", "a secret in the URI: use --secret-file or TOLLGATE_SECRET" },
	{ "iax:h:0", "a port that is not in 1..65535 (an IPv6 address belongs in brackets)" },
	{ "iax:h:65536", "a port that is not in 1..65535 (an IPv6 address belongs in brackets)" },
	{ "iax:h:", "a port that is not in 1..65535 (an IPv6 address belongs in brackets)" },
	{ "iax:h:99999999999999999999", "a port that is not in 1..65535 (an IPv6 address belongs in brackets)" },
	{ "iax:2001:db8::1", "a port that is not in 1..65535 (an IPv6 address belongs in brackets)" },
	{ "iax:[::1", "'[' without ']'" },
	{ "iax:[192.0.2.1]", "no IPv6 address between '[' and ']'" },
	{ "iax:[]", "no IPv6 address between '[' and ']'" },
	{ "iax:[::1]x", "neither ':port' nor '/number' behind the host" },
	{ "iax:h/", "no number behind '/'" },
	{ "iax:h/?c", "no number behind '/'" },
	{ "iax:h/1%2", "'%' without two hexadecimal digits" },
	{ "iax:h/1%zz", "'%' without two hexadecimal digits" },
	{ "iax:h/%00", "a control character" },
	{ "iax:h/1\n", "a control character" },
	{ "iax:h x", "neither ':port' nor '/number' behind the host" },
	{ "iax:h/123456789012345678901234567890123456789012345678901234567890123456789012345678901",
	  "a part longer than 80 octets" },
};

static void test_parts_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(good); i++) {
		struct tool_uri uri;

		CHECK_TEXT(tool_uri_parse(&uri, tg_span_text(good[i].text)), NULL);
		CHECK_TEXT(uri.username, good[i].want.username);
		CHECK_TEXT(uri.host, good[i].want.host);
		CHECK_TEXT(uri.number, good[i].want.number);
		CHECK_TEXT(uri.context, good[i].want.context);
		CHECK_UINT(uri.port, good[i].want.port);
		CHECK_UINT(uri.host_is_ipv6, good[i].want.host_is_ipv6);
	}
}

static void test_what_is_wrong_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		struct tool_uri uri;

		CHECK_TEXT(tool_uri_parse(&uri, tg_span_text(bad[i].text)), bad[i].wrong);
	}
}

/* RFC 5456, 5.2: RFC-004 and RFC-005 of the conformance list. */
static void test_equality(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "iax:Alice@Example.COM/1?Ctx", "iax2:Alice@example.com:4569/1?ctx", true },
		{ "iax:alice@h/1", "iax:Alice@h/1", false },
		{ "iax:h/1", "iax:h:4570/1", false },
		{ "iax:h/1", "iax:h/2", false },
		{ "iax:h/1?a", "iax:h/1?b", false },
		{ "iax:h/1", "iax:a@h/1", false },
		{ "iax:[2001:db8::1]/1", "iax:[2001:DB8:0::1]/1", true },
		{ "iax:localhost/1", "iax:127.0.0.1/1", false },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct tool_uri a, b;

		CHECK_TEXT(tool_uri_parse(&a, tg_span_text(rows[i].a)), NULL);
		CHECK_TEXT(tool_uri_parse(&b, tg_span_text(rows[i].b)), NULL);
		CHECK_UINT(tool_uri_equal(&a, &b), rows[i].equal);
	}
}

static void test_what_is_written_reads_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(good); i++) {
		struct tool_uri uri, again;
		char text[TOOL_URI_TEXT_BYTES];

		CHECK_TEXT(tool_uri_parse(&uri, tg_span_text(good[i].text)), NULL);
		CHECK_TEXT(tool_uri_parse(&again, tg_span_text(tool_uri_format(&uri, text))), NULL);
		CHECK_TRUE(tool_uri_equal(&uri, &again));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_are_taken),
		cmocka_unit_test(test_what_is_wrong_is_said),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_what_is_written_reads_the_same),
	};

	return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}
