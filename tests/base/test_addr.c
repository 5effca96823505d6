/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"

#include "check.h"

#include <netinet/in.h>
#include <sys/socket.h>

static struct tg_addr parsed(const char *text)
{
	struct tg_addr addr;

	if (!tg_addr_parse(&addr, tg_span_text(text), 4569)) {
		print_error("cannot be parsed: %s\n", text);
		fail();
	}
	return addr;
}

static void test_texts_that_are_addresses(void **state)
{
	static const struct {
		const char *text, *formatted, *host;
		enum tg_family family;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1:4569", "192.0.2.1", TG_IPV4 },
		{ "192.0.2.1:1", "192.0.2.1:1", "192.0.2.1", TG_IPV4 },
		{ "0.0.0.0:65535", "0.0.0.0:65535", "0.0.0.0", TG_IPV4 },
		{ "2001:db8::1", "[2001:db8::1]:4569", "2001:db8::1", TG_IPV6 },
		{ "[2001:db8::1]", "[2001:db8::1]:4569", "2001:db8::1", TG_IPV6 },
		{ "[2001:DB8:0:0::1]:99", "[2001:db8::1]:99", "2001:db8::1", TG_IPV6 },
		{ "::", "[::]:4569", "::", TG_IPV6 },
		{ "::ffff:192.0.2.1", "192.0.2.1:4569", "192.0.2.1", TG_IPV4 },
		{ "[::ffff:192.0.2.1]:7", "192.0.2.1:7", "192.0.2.1", TG_IPV4 },
	};
	char text[TG_ADDR_TEXT_BYTES];
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_addr addr = parsed(cases[i].text);

		CHECK_UINT(addr.family, cases[i].family);
		CHECK_TEXT(tg_addr_format(addr, text), cases[i].formatted);
		CHECK_TRUE(tg_addr_equal(parsed(text), addr));
		CHECK_TEXT(tg_addr_format_host(addr, text), cases[i].host);
	}
}

static void test_texts_that_are_none(void **state)
{
	const struct tg_span cases[] = {
		TG_SPAN_LIT(""),
		TG_SPAN_LIT("host.example"),
		TG_SPAN_LIT("192.0.2"),
		TG_SPAN_LIT("192.0.2.256"),
		TG_SPAN_LIT("192.0.2.1:"),
		TG_SPAN_LIT("192.0.2.1:0"),
		TG_SPAN_LIT("192.0.2.1:65536"),
		TG_SPAN_LIT("192.0.2.1:99999999999"),
		TG_SPAN_LIT("192.0.2.1:+1"),
		TG_SPAN_LIT(" 192.0.2.1"),
		TG_SPAN_LIT("192.0.2.1\0.5"),
		TG_SPAN_LIT("192.0.2.1\0"),
		TG_SPAN_LIT("[2001:db8::1"),
		TG_SPAN_LIT("[2001:db8::1]:"),
		TG_SPAN_LIT("[2001:db8::1]x4569"),
		TG_SPAN_LIT("[]"),
		TG_SPAN_LIT("["),
		TG_SPAN_LIT(":"),
		TG_SPAN_LIT("2001:db8::1::2"),
		TG_SPAN_LIT("1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"),
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct tg_addr addr;

		if (tg_addr_parse(&addr, cases[i], 4569)) {
			print_error("taken for an address: %.*s\n", (int)cases[i].len, (const char *)cases[i].p);
			fail();
		}
		CHECK_UINT(addr.family, TG_NO_ADDR);
	}
}

static void test_no_address_has_a_text_too(void **state)
{
	char text[TG_ADDR_TEXT_BYTES];
	(void)state;

	CHECK_TEXT(tg_addr_format_host((struct tg_addr){ 0 }, text), "(none)");
}

static void test_the_longest_text_fits(void **state)
{
	char text[TG_ADDR_TEXT_BYTES];
	const char *longest = "[1111:2222:3333:4444:5555:6666:7777:8888]:65535";
	(void)state;

	CHECK_TEXT(tg_addr_format(parsed(longest), text), longest);
}

static void test_prefixes(void **state)
{
	static const struct {
		const char *addr, *base;
		unsigned bits;
		bool inside;
	} cases[] = {
		{ "192.0.2.1", "0.0.0.0", 0, true },
		{ "192.0.2.1", "192.0.2.0", 24, true },
		{ "192.0.3.1", "192.0.2.0", 24, false },
		{ "192.0.3.1", "192.0.2.0", 23, true },
		{ "192.0.2.1", "192.0.2.1", 32, true },
		{ "192.0.2.0", "192.0.2.1", 32, false },
		{ "192.0.2.7", "192.0.2.0", 29, true },
		{ "192.0.2.8", "192.0.2.0", 29, false },
		{ "192.0.2.1", "::", 0, false },
		{ "2001:db8::1", "0.0.0.0", 0, false },
		{ "2001:db8::1", "::", 0, true },
		{ "2001:db8::1", "2001:db8::", 32, true },
		{ "2001:db9::1", "2001:db8::", 32, false },
		{ "2001:db8::1", "2001:db8::", 127, true },
		{ "2001:db8::2", "2001:db8::", 127, false },
		{ "2001:db8::1", "2001:db8::1", 128, true },
		{ "192.0.2.1", "192.0.2.1", 33, false },
		{ "2001:db8::1", "2001:db8::1", 129, false },
		{ "::ffff:192.0.2.1", "192.0.2.0", 24, true },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		if (tg_addr_in_prefix(parsed(cases[i].addr), parsed(cases[i].base), cases[i].bits) != cases[i].inside) {
			print_error("%s in %s/%u\n", cases[i].addr, cases[i].base, cases[i].bits);
			fail();
		}
	}
	CHECK_FALSE(tg_addr_in_prefix((struct tg_addr){ 0 }, (struct tg_addr){ 0 }, 0));
}

static void test_comparisons(void **state)
{
	(void)state;
	CHECK_TRUE(tg_addr_same_host(parsed("192.0.2.1:1"), parsed("192.0.2.1:2")));
	CHECK_FALSE(tg_addr_equal(parsed("192.0.2.1:1"), parsed("192.0.2.1:2")));
	CHECK_FALSE(tg_addr_same_host(parsed("192.0.2.1"), parsed("192.0.2.2")));
	CHECK_TRUE(tg_addr_is_any(parsed("0.0.0.0")) && tg_addr_is_any(parsed("::")));
	CHECK_FALSE(tg_addr_is_any(parsed("0.0.0.1")) || tg_addr_is_any(parsed("::1")));
	CHECK_FALSE(tg_addr_is_any((struct tg_addr){ 0 }));
}

static void test_socket_addresses_come_back(void **state)
{
	static const char *const texts[] = { "192.0.2.1:4569", "[2001:db8::1]:1", "127.0.0.1:65535" };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(texts); i++) {
		const struct tg_addr addr = parsed(texts[i]);
		struct sockaddr_storage out;

		CHECK_UINT(tg_addr_to_sockaddr(addr, false, &out),
		           addr.family == TG_IPV4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
		CHECK_UINT(out.ss_family, addr.family == TG_IPV4 ? AF_INET : AF_INET6);
		CHECK_TRUE(tg_addr_equal(tg_addr_from_sockaddr((const struct sockaddr *)&out), addr));
		CHECK_UINT(tg_addr_to_sockaddr(addr, true, &out), sizeof(struct sockaddr_in6));
		CHECK_UINT(out.ss_family, AF_INET6);
		CHECK_TRUE(tg_addr_equal(tg_addr_from_sockaddr((const struct sockaddr *)&out), addr));
	}
}

static void test_other_families_are_no_address(void **state)
{
	struct sockaddr_storage other = { .ss_family = AF_UNIX };
	(void)state;

	CHECK_UINT(tg_addr_from_sockaddr((const struct sockaddr *)&other).family, TG_NO_ADDR);
	CHECK_UINT(tg_addr_to_sockaddr((struct tg_addr){ 0 }, false, &other), 0);
}

static void test_a_prefix_keeps_its_bits_alone(void **state)
{
	static const struct {
		const char *addr;
		unsigned bits;
		const char *want;
	} cases[] = {
		{ "203.0.113.255:4569", 32, "203.0.113.255" },
		{ "203.0.113.255:4569", 25, "203.0.113.128" },
		{ "203.0.113.255:4569", 24, "203.0.113.0" },
		{ "203.0.113.255:4569", 1, "128.0.0.0" },
		{ "203.0.113.255:4569", 0, "0.0.0.0" },
		{ "[2001:db8:ffff:ffff::ff]:4569", 128, "2001:db8:ffff:ffff::ff" },
		{ "[2001:db8:ffff:ffff::ff]:4569", 127, "2001:db8:ffff:ffff::fe" },
		{ "[2001:db8:ffff:ffff::ff]:4569", 64, "2001:db8:ffff:ffff::" },
		{ "[2001:db8:ffff:ffff::ff]:4569", 47, "2001:db8:fffe::" },
		{ "[2001:db8:ffff:ffff::ff]:4569", 0, "::" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_addr prefix = tg_addr_prefix(parsed(cases[i].addr), cases[i].bits);
		char text[TG_ADDR_TEXT_BYTES];

		CHECK_TEXT(tg_addr_format_host(prefix, text), cases[i].want);
		CHECK_UINT(prefix.port, 0);
		CHECK_TRUE(tg_addr_in_prefix(parsed(cases[i].addr), prefix, cases[i].bits));
	}
	CHECK_TRUE(tg_addr_equal(tg_addr_host(parsed("192.0.2.1:9")), tg_addr_prefix(parsed("192.0.2.1:7"), 32)));
	CHECK_TRUE(tg_addr_equal(tg_addr_host(parsed("2001:db8::1")), tg_addr_prefix(parsed("2001:db8::2"), 64)));
}

/* Each network's first and last address, and those beside it. */
static void test_networks_with_a_meaning(void **state)
{
	enum { PUBLIC, PRIVATE, LOOPBACK };
	static const struct {
		const char *addr;
		int kind;
	} cases[] = {
		{ "9.255.255.255", PUBLIC },
		{ "10.0.0.0", PRIVATE },
		{ "10.255.255.255", PRIVATE },
		{ "11.0.0.0", PUBLIC },
		{ "100.64.0.0", PUBLIC },
		{ "126.255.255.255", PUBLIC },
		{ "127.0.0.0", LOOPBACK },
		{ "127.255.255.255", LOOPBACK },
		{ "128.0.0.0", PUBLIC },
		{ "169.253.255.255", PUBLIC },
		{ "169.254.0.0", PRIVATE },
		{ "169.254.255.255", PRIVATE },
		{ "169.255.0.0", PUBLIC },
		{ "172.15.255.255", PUBLIC },
		{ "172.16.0.0", PRIVATE },
		{ "172.31.255.255", PRIVATE },
		{ "172.32.0.0", PUBLIC },
		{ "192.167.255.255", PUBLIC },
		{ "192.168.0.0", PRIVATE },
		{ "192.168.255.255", PRIVATE },
		{ "192.169.0.0", PUBLIC },
		{ "0.0.0.0", PUBLIC },
		{ "::ffff:127.0.0.1", LOOPBACK },
		{ "::ffff:192.168.0.1", PRIVATE },
		{ "::ffff:8.8.8.8", PUBLIC },
		{ "::", PUBLIC },
		{ "::1", LOOPBACK },
		{ "::2", PUBLIC },
		{ "7f00::", PUBLIC },
		{ "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PUBLIC },
		{ "fc00::", PRIVATE },
		{ "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PRIVATE },
		{ "fe00::", PUBLIC },
		{ "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PUBLIC },
		{ "fe80::", PRIVATE },
		{ "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PRIVATE },
		{ "fec0::", PUBLIC },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_addr addr = parsed(cases[i].addr);

		if (tg_addr_is_loopback(addr) != (cases[i].kind == LOOPBACK) ||
		    tg_addr_is_private(addr) != (cases[i].kind != PUBLIC)) {
			fail_msg("%s", cases[i].addr);
		}
	}
	CHECK_FALSE(tg_addr_is_loopback((struct tg_addr){ 0 }));
	CHECK_FALSE(tg_addr_is_private((struct tg_addr){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_that_are_addresses),
		cmocka_unit_test(test_texts_that_are_none),
		cmocka_unit_test(test_no_address_has_a_text_too),
		cmocka_unit_test(test_the_longest_text_fits),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_socket_addresses_come_back),
		cmocka_unit_test(test_other_families_are_no_address),
		cmocka_unit_test(test_a_prefix_keeps_its_bits_alone),
		cmocka_unit_test(test_networks_with_a_meaning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
