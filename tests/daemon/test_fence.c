/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "daemon/fence.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { NOW_MS = 1000000 };

static struct model_ban ban_of(const char *base, uint32_t bits, uint64_t until_ms)
{
	struct model_ban ban = { .bits = bits, .kind = MODEL_BAN, .in_kernel = 1, .until_ms = until_ms };

	CHECK_TRUE(tg_addr_parse(&ban.base, tg_span_text(base), 0));
	return ban;
}

static void check_element(const struct fence_element *element, const char *set, const char *key)
{
	char text[INET6_ADDRSTRLEN];

	CHECK_TEXT(fence_sets[element->set].name, set);
	CHECK_TRUE(inet_ntop(element->key_bytes == 4 ? AF_INET : AF_INET6, element->key, text, sizeof(text)) != NULL);
	CHECK_TEXT(text, key);
}

static const struct {
	const char *base;
	uint32_t bits, count;
	const char *set, *first, *last;
} cases[] = {
	{ "192.0.2.7", 32, 1, "ban4", "192.0.2.7", "192.0.2.7" },
	{ "192.0.2.7", 31, 2, "ban4", "192.0.2.6", "192.0.2.7" },
	{ "192.0.2.0", 25, 128, "ban4", "192.0.2.0", "192.0.2.127" },
	{ "192.0.2.77", 24, 1, "ban4_24", "192.0.2.0", "192.0.2.0" },
	{ "192.0.0.0", 17, 128, "ban4_24", "192.0.0.0", "192.0.127.0" },
	{ "192.9.0.0", 16, 1, "ban4_16", "192.9.0.0", "192.9.0.0" },
	{ "10.0.0.0", 8, 256, "ban4_16", "10.0.0.0", "10.255.0.0" },
	{ "10.0.0.0", 7, 0, "", "", "" },
	{ "0.0.0.0", 0, 0, "", "", "" },
	{ "2001:db8:1:2:3:4:5:6", 64, 1, "ban6", "2001:db8:1:2::", "2001:db8:1:2::" },
	{ "2001:db8:1:2::", 63, 2, "ban6", "2001:db8:1:2::", "2001:db8:1:3::" },
	{ "2001:db8:1:ff12::", 56, 1, "ban6_56", "2001:db8:1:ff00::", "2001:db8:1:ff00::" },
	{ "2001:db8:1::", 48, 1, "ban6_48", "2001:db8:1::", "2001:db8:1::" },
	{ "2001:db8::", 40, 256, "ban6_48", "2001:db8::", "2001:db8:ff::" },
	{ "2001:db8::", 33, 0, "", "", "" }, /* 32,768 of the next longer ones */
	{ "2001:db8::", 32, 1, "ban6_32", "2001:db8::", "2001:db8::" },
	{ "2000::", 24, 256, "ban6_32", "2000::", "2000:ff::" },
	{ "2000::", 20, 0, "", "", "" },
	{ "2001:db8::1", 128, 0, "", "", "" }, /* would hit a whole network */
	{ "2001:db8::1", 65, 0, "", "", "" },
};

static void test_networks_become_elements(void **state)
{
	struct fence_element out[FENCE_ELEMENTS_MAX];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct model_ban ban = ban_of(cases[i].base, cases[i].bits, 0);
		const uint32_t count = fence_elements(&ban, NOW_MS, out);

		CHECK_UINT(count, cases[i].count);
		if (count > 0) {
			check_element(&out[0], cases[i].set, cases[i].first);
			check_element(&out[count - 1], cases[i].set, cases[i].last);
		}
	}
}

static void test_when_it_ends(void **state)
{
	static const struct {
		uint64_t until_ms;
		uint32_t in_kernel;
		bool in;
		uint64_t timeout_ms;
	} ends[] = {
		{ 0, 1, true, 0 },
		{ NOW_MS + 1, 1, true, 1 },
		{ NOW_MS + 600000, 1, true, 600000 },
		{ NOW_MS, 1, false, 0 },
		{ 1, 1, false, 0 },
		{ NOW_MS + 600000, 0, false, 0 },
		{ 0, 0, false, 0 },
		{ UINT64_MAX, 1, true, UINT64_C(400) * 24 * 3600 * 1000 },
	};
	struct fence_element out[FENCE_ELEMENTS_MAX];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(ends); i++) {
		struct model_ban ban = ban_of("192.0.2.7", 32, ends[i].until_ms);

		ban.in_kernel = ends[i].in_kernel;
		CHECK_UINT(fence_elements(&ban, NOW_MS, out), 1);
		CHECK_INT(out[0].in, ends[i].in);
		CHECK_UINT(out[0].timeout_ms, ends[i].timeout_ms);
	}
}

static const struct {
	const char *base;
	uint32_t bits, count;
	const char *set, *first, *last;
} allowed[] = {
	{ "192.0.2.7", 32, 1, "allow4", "192.0.2.7", "192.0.2.7" },
	{ "192.0.2.7", 30, 4, "allow4", "192.0.2.4", "192.0.2.7" },
	{ "192.0.2.7", 24, 1, "allow4_24", "192.0.2.0", "192.0.2.0" },
	{ "192.9.0.0", 16, 1, "allow4_16", "192.9.0.0", "192.9.0.0" },
	{ "10.0.0.0", 8, 256, "allow4_16", "10.0.0.0", "10.255.0.0" },
	{ "2001:db8::1", 128, 1, "allow6_host", "2001:db8::1", "2001:db8::1" },
	{ "2001:db8::1", 120, 256, "allow6_host", "2001:db8::", "2001:db8::ff" },
	{ "2001:db8:1:2::", 112, 1, "allow6", "2001:db8:1:2::", "2001:db8:1:2::" }, /* what is around it goes on */
	{ "2001:db8:1:2:3::", 65, 1, "allow6", "2001:db8:1:2::", "2001:db8:1:2::" },
	{ "2001:db8:100::", 36, 1, "allow6_32", "2001:db8::", "2001:db8::" },
	{ "2001:d00::", 20, 0, "", "", "" }, /* there is no ban around it in the filter */
	{ "10.0.0.0", 7, 0, "", "", "" },
	{ "2001:db8:1:2:3::", 64, 1, "allow6", "2001:db8:1:2::", "2001:db8:1:2::" },
	{ "2001:db8:1::", 56, 1, "allow6_56", "2001:db8:1::", "2001:db8:1::" },
	{ "2001:db8:1::", 48, 1, "allow6_48", "2001:db8:1::", "2001:db8:1::" },
	{ "2001:db8::", 32, 1, "allow6_32", "2001:db8::", "2001:db8::" },
};

static void test_allowances_have_sets_of_their_own(void **state)
{
	struct fence_element out[FENCE_ELEMENTS_MAX];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(allowed); i++) {
		struct model_ban ban = ban_of(allowed[i].base, allowed[i].bits, NOW_MS + 5);

		ban.kind = MODEL_ALLOW;
		ban.in_kernel = 0;
		const uint32_t count = fence_elements(&ban, NOW_MS, out);

		CHECK_UINT(count, allowed[i].count);
		if (count > 0) {
			check_element(&out[0], allowed[i].set, allowed[i].first);
			check_element(&out[count - 1], allowed[i].set, allowed[i].last);
			CHECK_TRUE(out[0].in);
			CHECK_UINT(out[0].timeout_ms, 5);
			CHECK_UINT(fence_elements(&ban, NOW_MS + 5, out), count);
			CHECK_FALSE(out[0].in);
		}
	}
}

static void test_what_is_no_network(void **state)
{
	struct fence_element out[FENCE_ELEMENTS_MAX];
	struct model_ban ban = ban_of("192.0.2.7", 32, 0);

	(void)state;
	ban.kind = MODEL_BAN_KINDS;
	CHECK_UINT(fence_elements(&ban, NOW_MS, out), 0);
	ban = (struct model_ban){ .in_kernel = 1, .bits = 32 };
	CHECK_UINT(fence_elements(&ban, NOW_MS, out), 0); /* no address */
	ban = ban_of("192.0.2.7", 64, 0);
	CHECK_UINT(fence_elements(&ban, NOW_MS, out), 0); /* longer than it can be */
}

static void test_each_folder_has_its_table(void **state)
{
	char usual[FENCE_NAME_BYTES], one[FENCE_NAME_BYTES], same[FENCE_NAME_BYTES], two[FENCE_NAME_BYTES];

	(void)state;
	fence_table_name(usual, "/var/lib/tollgate");
	fence_table_name(one, "/srv/one");
	fence_table_name(same, "/srv/one");
	fence_table_name(two, "/srv/two");
	CHECK_TEXT(usual, "tollgate");
	CHECK_TEXT(one, same);
	CHECK_TRUE(strcmp(one, two) != 0);
	CHECK_UINT(strlen(one), strlen("tollgate-00000000"));
}

static void test_the_script(void **state)
{
	static const uint16_t all[16] = { 65535, 65534, 65533, 65532, 65531, 65530, 65529, 65528,
		                          65527, 65526, 65525, 65524, 65523, 65522, 65521, 65520 };
	static const uint16_t two[] = { 4569, 5036 };
	char script[FENCE_SCRIPT_BYTES];
	const char *before = script;

	(void)state;
	CHECK_FALSE(fence_script(script, "tollgate", two, 0));
	CHECK_TRUE(fence_script(script, "tollgate", two, 2));
	CHECK_TRUE(strstr(script, "delete table inet tollgate\n") != NULL);
	CHECK_TRUE(strstr(script, "hook prerouting priority -310;") != NULL);
	CHECK_TRUE(strstr(script, "udp dport { 4569, 5036 } jump banned") != NULL);
	for (size_t i = 0; i < FENCE_SETS; i++) {
		char rule[64];

		snprintf(rule, sizeof(rule), "@%s %s\n", fence_sets[i].name,
		         fence_sets[i].kind == MODEL_ALLOW ? "return" : "counter drop");
		const char *at = strstr(script, rule);

		CHECK_TRUE(at != NULL && at > before); /* in this order */
		before = at;
	}
	/* The narrowest decides: longer ones first, and of one length who is allowed. */
	for (size_t i = 1; i < FENCE_SETS; i++) {
		const struct fence_set *one = &fence_sets[i - 1], *next = &fence_sets[i];

		CHECK_TRUE(one->family != next->family || one->bits > next->bits ||
		           (one->bits == next->bits && one->kind == MODEL_ALLOW && next->kind == MODEL_BAN));
	}
	CHECK_TRUE(fence_script(script, "tollgate-ffffffff", all, 16)); /* the longest there is */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks_become_elements),          cmocka_unit_test(test_when_it_ends),
		cmocka_unit_test(test_allowances_have_sets_of_their_own), cmocka_unit_test(test_what_is_no_network),
		cmocka_unit_test(test_each_folder_has_its_table),         cmocka_unit_test(test_the_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
