/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/match.h"

#include "worlds.h"

#include <stdio.h>

static const char extensions_conf[] = "[phones]\nexten => 600,1,Echo()\n[inside]\nexten => 600,1,Echo()\n"
				      "[lobby]\nexten => 600,1,Echo()\n";

static const char iax_conf[] =
	"[general]\n"
	"[alice]\ntype=user\nsecret=alice-secret\ncontext=phones\ncontext=inside\n"
	"[fenced]\ntype=user\nsecret=fenced-secret\ncontext=phones\n"
	"deny=0.0.0.0/0\npermit=192.0.2.0/24\n"
	"[anywhere]\ntype=user\nsecret=anywhere-secret\ncontext=phones\ncontext=*\n"
	"[auto]\ntype=friend\nsecret=auto-secret1\ncontext=phones\nhost=dynamic\nrequirecalltoken=auto\n"
	"[fixed]\ntype=peer\nsecret=fixed-secret\nhost=192.0.2.7\n"
	"[moving]\ntype=peer\nsecret=moving-secret\nhost=dynamic\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n"
	"[bare]\ntype=peer\nhost=dynamic\n";

static const struct {
	const char *name, *context, *from;
	bool proven, latched;
	enum model_reason why;
	const char *start; /* context; NULL if there is no such user */
} users[] = {
	{ "alice", "", "192.0.2.1", true, false, MODEL_WHY_OK, "phones" },
	{ "alice", "inside", "192.0.2.1", true, false, MODEL_WHY_OK, "inside" },
	{ "alice", "lobby", "192.0.2.1", true, false, MODEL_WHY_CONTEXT, "lobby" },
	{ "alice", "Inside", "192.0.2.1", true, false, MODEL_WHY_CONTEXT, "Inside" },
	{ "Alice", "", "192.0.2.1", true, false, MODEL_WHY_NO_ACCOUNT, NULL },
	{ "alic", "", "192.0.2.1", true, false, MODEL_WHY_NO_ACCOUNT, NULL },
	{ "fixed", "", "192.0.2.1", true, false, MODEL_WHY_NO_ACCOUNT, NULL },
	{ "fenced", "", "192.0.2.1", true, false, MODEL_WHY_OK, "phones" },
	{ "fenced", "", "198.51.100.1", true, false, MODEL_WHY_ACL, "phones" },
	{ "fenced", "", "2001:db8::1", true, false, MODEL_WHY_ACL, "phones" },
	{ "anywhere", "lobby", "192.0.2.1", true, false, MODEL_WHY_OK, "lobby" },
	{ "anywhere", "", "192.0.2.1", true, false, MODEL_WHY_OK, "phones" },
	{ "auto", "", "192.0.2.1", false, false, MODEL_WHY_OK, "phones" },
	{ "auto", "", "192.0.2.1", true, true, MODEL_WHY_OK, "phones" },
	{ "auto", "", "192.0.2.1", false, true, MODEL_WHY_TOKEN, "phones" },
	{ "", "", "192.0.2.1", true, false, MODEL_WHY_NO_GUEST, NULL },
};

static void test_users(void **state)
{
	struct conf_result conf;
	(void)state;

	world_read(&conf, iax_conf, extensions_conf);
	for (size_t i = 0; i < TG_COUNT(users); i++) {
		const struct match_call call = {
			.name = tg_span_text(users[i].name),
			.context = tg_span_text(users[i].context),
			.from = world_addr(users[i].from),
			.proven = users[i].proven,
			.latched = users[i].latched,
		};
		enum model_reason why;
		const struct world_user *user = match_user(conf.world, &call, 0, world_count(conf.world, WORLD_USERS),
		                                           &why);

		print_message("# %s in %s from %s\n", users[i].name, users[i].context, users[i].from);
		CHECK_TEXT(model_reason_text(why), model_reason_text(users[i].why));
		CHECK_UINT(user != NULL, users[i].start != NULL);
		if (user != NULL) {
			CHECK_SPAN(match_start_context(conf.world, user, call.context), tg_span_text(users[i].start));
		}
	}
	conf_result_free(&conf);
}

static const struct {
	const char *name, *from;
	bool proven, latched;
	enum model_reason why;
} registrants[] = {
	{ "moving", "192.0.2.1", true, false, MODEL_WHY_OK },
	{ "moving", "198.51.100.1", true, false, MODEL_WHY_ACL },
	{ "fixed", "192.0.2.7", true, false, MODEL_WHY_STATIC },
	{ "bare", "192.0.2.1", true, false, MODEL_WHY_NO_SECRET },
	{ "alice", "192.0.2.1", true, false, MODEL_WHY_NO_ACCOUNT },
	{ "auto", "192.0.2.1", false, true, MODEL_WHY_TOKEN },
	{ "auto", "192.0.2.1", false, false, MODEL_WHY_OK },
	{ "", "192.0.2.1", true, false, MODEL_WHY_NO_ACCOUNT },
};

static void test_registrants(void **state)
{
	struct conf_result conf;
	(void)state;

	world_read(&conf, iax_conf, extensions_conf);
	for (size_t i = 0; i < TG_COUNT(registrants); i++) {
		const struct match_call call = {
			.name = tg_span_text(registrants[i].name),
			.from = world_addr(registrants[i].from),
			.proven = registrants[i].proven,
			.latched = registrants[i].latched,
		};
		enum model_reason why;

		print_message("# %s from %s\n", registrants[i].name, registrants[i].from);
		CHECK_UINT(match_registrant(conf.world, &call, &why) != NULL,
		           registrants[i].why != MODEL_WHY_NO_ACCOUNT);
		CHECK_TEXT(model_reason_text(why), model_reason_text(registrants[i].why));
	}
	conf_result_free(&conf);
}

/* The table of asterisk-compat 3.2: with an ACL before without, in file order; those with a secret never. */
static const char *const guests[] = {
	"[secret-acl]\ntype=user\nsecret=secret-secret\ncontext=phones\npermit=192.0.2.0/24\n",
	"[secret-open]\ntype=user\nsecret=secret-secret\ncontext=phones\n",
	"[guest-acl]\ntype=user\ncontext=phones\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n",
	"[guest-open]\ntype=user\ncontext=lobby\n",
};

static const struct {
	const char *from, *context, *forward, *backward; /* who is found, in either file order */
} guest_calls[] = {
	{ "192.0.2.1", "", "guest-acl", "guest-acl" },        { "198.51.100.1", "", "guest-open", "guest-open" },
	{ "192.0.2.1", "lobby", "guest-open", "guest-open" }, { "192.0.2.1", "inside", NULL, NULL },
	{ "2001:db8::1", "", "guest-open", "guest-open" },
};

static void check_guests(bool backward)
{
	char iax[1024] = "[general]\n";
	struct conf_result conf;

	for (size_t i = 0; i < TG_COUNT(guests); i++) {
		const size_t len = strlen(iax);

		snprintf(iax + len, sizeof(iax) - len, "%s", guests[backward ? TG_COUNT(guests) - 1 - i : i]);
	}
	world_read(&conf, iax, extensions_conf);
	for (size_t i = 0; i < TG_COUNT(guest_calls); i++) {
		const char *want = backward ? guest_calls[i].backward : guest_calls[i].forward;
		const struct match_call call = {
			.context = tg_span_text(guest_calls[i].context),
			.from = world_addr(guest_calls[i].from),
		};
		enum model_reason why;
		const struct world_user *user = match_user(conf.world, &call, 0, world_count(conf.world, WORLD_USERS),
		                                           &why);

		CHECK_TEXT(user != NULL ? world_text(conf.world, user->name) : NULL, want);
		CHECK_UINT(why, want != NULL ? MODEL_WHY_OK : MODEL_WHY_NO_GUEST);
	}
	conf_result_free(&conf);
}

static void test_nameless_callers(void **state)
{
	(void)state;
	check_guests(false);
	check_guests(true);
}

static void test_ties_go_by_file_order(void **state)
{
	static const char iax[] = "[general]\n[z]\ntype=user\ncontext=phones\n[a]\ntype=user\ncontext=phones\n";
	const struct match_call call = { .from = world_addr("192.0.2.1") };
	struct conf_result conf;
	enum model_reason why;
	(void)state;

	world_read(&conf, iax, extensions_conf);
	CHECK_TEXT(world_text(conf.world, match_user(conf.world, &call, 0, 2, &why)->name), "z");
	conf_result_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_registrants),
		cmocka_unit_test(test_nameless_callers),
		cmocka_unit_test(test_ties_go_by_file_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
