/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/switch.h"

#include "worlds.h"

#include <stdio.h>

/* Asterisk-compat 2.7 with ruling R10: the setting, whether the address is optional, whether the account may come from there. */
static const struct {
	const char *setting; /* NULL: none */
	bool excused_plain, excused_optional;
} settings[] = {
	{ NULL, false, true },
	{ "yes", false, false },
	{ "no", true, true },
	{ "auto", true, true },
};

static const char extensions_conf[] = "[phones]\nexten => 600,1,Echo()\n";

static void read_world(struct conf_result *conf, const char *name, const char *setting, const char *more)
{
	char iax[1024];

	snprintf(iax, sizeof(iax),
	         "[general]\ncalltokenoptional=203.0.113.0/24\ncalltokenoptional=2001:db8:7::/48\n"
	         "[%s]\ntype=friend\nsecret=%s-secret1\nhost=dynamic\ncontext=phones\n%s%s\n%s",
	         name, name, setting != NULL ? "requirecalltoken=" : "", setting != NULL ? setting : "", more);
	world_read(conf, iax, extensions_conf);
}

static bool excused(const struct conf_result *conf, bool is_new, const char *name, const char *from)
{
	return switch_token_excused(conf->world, is_new, tg_span_text(name), world_addr(from));
}

static void test_the_decision_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(settings); i++) {
		struct conf_result conf;

		read_world(&conf, "alice", settings[i].setting, "");
		print_message("# requirecalltoken=%s\n", settings[i].setting != NULL ? settings[i].setting : "(none)");
		for (int is_new = 0; is_new < 2; is_new++) {
			CHECK_UINT(excused(&conf, is_new, "alice", "192.0.2.1"), settings[i].excused_plain);
			CHECK_UINT(excused(&conf, is_new, "alice", "203.0.113.9"), settings[i].excused_optional);
			CHECK_UINT(excused(&conf, is_new, "alice", "2001:db8:7::1"), settings[i].excused_optional);
			/* Unknown and empty names have no setting. */
			CHECK_FALSE(excused(&conf, is_new, "nobody", "192.0.2.1"));
			CHECK_TRUE(excused(&conf, is_new, "nobody", "203.0.113.9"));
			CHECK_FALSE(excused(&conf, is_new, "", "192.0.2.1"));
			CHECK_TRUE(excused(&conf, is_new, "", "203.0.113.9"));
			CHECK_FALSE(excused(&conf, is_new, "ALICE", "192.0.2.1"));
		}
		conf_result_free(&conf);
	}
}

static void test_no_name_means_guest(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf, "guest", "no", "");
	CHECK_TRUE(excused(&conf, true, "", "192.0.2.1"));
	CHECK_TRUE(excused(&conf, false, "", "192.0.2.1"));
	conf_result_free(&conf);
}

static void test_within_the_accounts_addresses_only(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf, "alice", "no", "deny=0.0.0.0/0\npermit=198.51.100.0/24\n");
	CHECK_TRUE(excused(&conf, true, "alice", "198.51.100.7"));
	CHECK_FALSE(excused(&conf, true, "alice", "192.0.2.1"));
	CHECK_FALSE(excused(&conf, true, "alice", "203.0.113.9"));
	CHECK_FALSE(excused(&conf, true, "alice", "2001:db8::1"));
	CHECK_TRUE(excused(&conf, false, "alice", "198.51.100.7"));
	CHECK_FALSE(excused(&conf, false, "alice", "192.0.2.1"));
	conf_result_free(&conf);
}

static void test_families_do_not_mix(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf, "alice", NULL, "");
	CHECK_FALSE(excused(&conf, true, "alice", "192.0.2.1"));
	CHECK_FALSE(excused(&conf, true, "alice", "2001:db8:8::1"));
	conf_result_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_decision_table),
		cmocka_unit_test(test_no_name_means_guest),
		cmocka_unit_test(test_within_the_accounts_addresses_only),
		cmocka_unit_test(test_families_do_not_mix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
