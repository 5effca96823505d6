/* SPDX-License-Identifier: Apache-2.0 */
/* [front]: which rows each account gets, and which configurations are refused. */
#include "conf/front.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "conf/world_dump.h"

#include <stdlib.h>
#include <string.h>

#define GENERAL "[general]\nbindaddr=0.0.0.0\nbindaddr=2001:db8::1\n"
#define FRONT "[front]\nbackend=127.0.0.1:4570\n"
#define NOTE "tollgate.conf:1: note: [front]: the dialplan is that of the backend, so extensions.conf is not read\n"

static void load(const char *iax, const char *tollgate, struct conf_result *result)
{
	const struct memory_file list[] = {
		{ "iax.conf", iax, 0 },
		{ "tollgate.conf", tollgate, 0 },
		{ "extensions.conf", "[in]\nexten => 1,1,NoSuchApplication()\nnonsense\n", 0 },
	};
	struct memory_files memory = { list, TG_COUNT(list) };
	const struct conf_files files = memory_files_io(&memory);

	conf_load(&files, result);
}

static void check_problems(const char *iax, const char *tollgate, const char *want)
{
	struct conf_result result;

	load(iax, tollgate, &result);
	char *got = problems_dump(&result.problems);

	CHECK_TEXT(got, want);
	free(got);
	conf_result_free(&result);
}

/* Every line of `want` is in the dump; lines that begin with "!" are not. */
static void check_lines(const char *got, const char *const *want)
{
	for (; *want != NULL; want++) {
		const bool absent = (*want)[0] == '!';
		char *line = NULL;

		text_append(&line, "%s\n", *want + (absent ? 1 : 0));
		if ((strstr(got, line) != NULL) == absent) {
			fail_msg("\"%s\" is %s\n%s", *want, absent ? "there" : "missing", got);
		}
		free(line);
	}
}

static void check_accounts(const char *iax, const char *tollgate, const char *const *want)
{
	struct conf_result result;

	load(iax, tollgate, &result);
	CHECK_FALSE(result.failed);
	char *got = accounts_dump(&result);

	check_lines(got, want);
	free(got);
	conf_result_free(&result);
}

static const char accounts[] = GENERAL
	"register => us:provider-secret@sip.example\n"
	"[alice]\ntype=friend\nsecret=alice-secret1\nsecret=alice-secret2\nhost=dynamic\ncontext=phones\ncontext=*\n"
	"disallow=all\nallow=gsm\npermit=203.0.113.0/24\nrequirecalltoken=no\nlanguage=de\n"
	"[desk]\ntype=user\nsecret=desk-secret1\ncontext=in\n"
	"[desk]\ntype=peer\nsecret=peer-secret1\nhost=dynamic\n"
	"[provider]\ntype=peer\nusername=us\nsecret=provider-secret\nhost=sip.example\n"
	"[open]\ntype=peer\nhost=192.0.2.5\n"
	"[mute]\ntype=peer\nhost=dynamic\n"
	"[caller]\ntype=user\nsecret=caller-secret\ncontext=in\npolicy=some\n"
	"[guest]\ntype=user\ncontext=lobby\n"
	"[locked]\ntype=friend\nauth=rsa\nsecret=locked-secret1\nhost=dynamic\ncontext=in\n"
	"[spare]\ntype=user\nsecret=spare-secret1\nsecret=\ncontext=in\n"
	"[trap]\ntype=friend\nsecret=trap-secret1\nhost=dynamic\ncontext=in\ndecoy=yes\n";

static void test_users_get_a_way_to_the_backend(void **state)
{
	static const char *const want[] = {
		"user alice: start=front.alice",
		"user alice: context=phones",
		"user alice: permit=203.0.113.0/24",
		"user alice: of_backend=0",
		"peer front.alice: username=alice",
		"peer front.alice: host=127.0.0.1",
		"peer front.alice: addr=127.0.0.1:4570",
		"peer front.alice: source=127.0.0.1:4569",
		"peer front.alice: host_kind=1",
		"peer front.alice: codecs=gsm",
		"peer front.alice: to_backend=1",
		"peer front.alice: chargeable=0",
		"peer alice: to_backend=0",
		"secret of our peer front.alice=alice-secret2",
		"!secret of our peer front.alice=alice-secret1",
		"secret of our peer front.desk=desk-secret1",
		"peer front.caller: chargeable=1",
		"peer front.guest: has_secret=0",
		"user locked: auth_methods=4",
		"peer front.locked: auth_methods=4",
		"peer front.locked: has_secret=0",
		"!secret of our peer front.locked=locked-secret1",
		"peer front.spare: has_secret=1",
		"secret of our peer front.spare=spare-secret1",
		"!peer front.provider: to_backend=1",
		"!peer front.trap: to_backend=1",
		"user trap: start=front.",
		"secret of caller alice=alice-secret1",
		"secret of registrant alice=alice-secret2",
		NULL,
	};
	(void)state;

	check_accounts(accounts, FRONT "[policy some]\nallow=all\n", want);
}

static void test_peers_get_a_way_from_the_backend(void **state)
{
	static const char *const want[] = {
		"user backend.alice: start=backend.alice",
		"user backend.alice: context=*",
		"user backend.alice: of_backend=1",
		"user backend.alice: auth_methods=2",
		"user backend.alice: require_call_token=2",
		"user backend.alice: max_auth_req=0",
		"!user backend.alice: permit=203.0.113.0/24",
		"secret of caller backend.alice=alice-secret2",
		"!secret of caller backend.alice=alice-secret1",
		"secret of caller backend.desk=peer-secret1",
		"secret of caller backend.provider=provider-secret",
		"user backend.open: auth_methods=0",
		"user backend.open: mayspend=1",
		"user backend.provider: mayspend=0",
		"user backend.locked: auth_methods=4",
		"user backend.locked: has_secret=0",
		"user backend.locked: mayspend=0",
		"!secret of caller backend.locked=locked-secret1",
		"!user backend.caller: of_backend=1",
		"!user backend.trap: of_backend=1",
		"peer provider: username=us",
		"peer provider: host=sip.example",
		NULL,
	};
	(void)state;

	check_accounts(accounts, FRONT "[policy some]\nallow=all\n", want);
}

static void test_registrations_follow_those_of_telephones(void **state)
{
	static const char *const want[] = {
		"registration register:1: host=sip.example",
		"registration register:1: bound_to=0",
		"registration front.alice: username=alice",
		"registration front.alice: addr=127.0.0.1:4570",
		"registration front.alice: source=127.0.0.1:4569",
		"registration front.alice: bound_to=1",
		"registration front.desk: bound_to=2",
		"secret of our register front.alice=alice-secret2",
		"secret of our register front.desk=peer-secret1",
		"!registration front.mute: username=mute",
		"!registration front.open: username=open",
		"!registration front.locked: username=locked",
		"!secret of our register front.locked=locked-secret1",
		"!registration front.provider: username=provider",
		"!registration front.trap: username=trap",
		NULL,
	};
	(void)state;

	check_accounts(accounts, FRONT "[policy some]\nallow=all\n", want);
}

static void test_all_that_is_dialled_goes_one_way(void **state)
{
	struct conf_result result;
	(void)state;

	load(accounts, FRONT "[policy some]\nallow=all\n", &result);
	char *got = dialplan_dump(result.world);

	CHECK_TRUE(strstr(got, "IAX2/front.alice/${EXTEN}") != NULL);
	CHECK_TRUE(strstr(got, "IAX2/provider/${EXTEN}") != NULL);
	CHECK_TRUE(strstr(got, "IAX2/front.provider") == NULL);
	for (uint32_t i = 0; i < world_count(result.world, WORLD_CONTEXTS); i++) {
		const struct world_context *context = world_row(result.world, WORLD_CONTEXTS, i);
		const struct world_exten *exten = world_row(result.world, WORLD_EXTENS, context->extens.first);
		const struct world_step *step = world_row(result.world, WORLD_STEPS, exten->steps.first);

		CHECK_UINT(context->extens.count, 1);
		CHECK_TEXT(world_text(result.world, exten->pattern), "_!");
		CHECK_UINT(exten->steps.count, 2);
		CHECK_UINT(step[0].app, WORLD_APP_DIAL);
		CHECK_UINT(step[1].app, WORLD_APP_HANGUP);
		CHECK_TEXT(world_text(result.world, step[1].args), "${HANGUPCAUSE}");
		CHECK_TEXT(world_text(result.world, context->origin.file), "iax.conf");
	}
	CHECK_UINT(world_count(result.world, WORLD_CONTEXTS), 6 + 6);
	free(got);
	conf_result_free(&result);
}

static void test_the_place_of_the_backend(void **state)
{
	static const char *const at_loopback[] = { "general: front.backend=127.0.0.1:4570",
		                                   "general: front.local=127.0.0.1:4569", "never ban 127.0.0.1/32=0",
		                                   "limit 127.0.0.1/32=16384", NULL };
	static const char *const at_six[] = { "general: front.backend=[fd00::2]:4569", "never ban fd00::2/128=0",
		                              "!never ban 127.0.0.1/32=0", NULL };
	static const char *const chosen[] = { "general: front.local=127.0.0.9:4569", "limit 127.0.0.1/32=7",
		                              "!limit 127.0.0.1/32=16384", NULL };
	struct conf_result result;
	(void)state;

	check_accounts(GENERAL, FRONT, at_loopback);
	check_accounts(GENERAL, "[front]\nbackend=[fd00::2]:4569\n", at_six);
	check_accounts(GENERAL "[callnumberlimits]\n127.0.0.1/32=7\n", FRONT "local=127.0.0.9\n", chosen);
	load("[general]\nbindaddr=192.0.2.1\n", FRONT, &result); /* not bound to the loopback: any of ours */
	CHECK_FALSE(result.failed);
	CHECK_UINT(result.world->settings.front.local.family, TG_NO_ADDR);
	conf_result_free(&result);
}

static void test_what_is_refused_or_told(void **state)
{
	(void)state;
	check_problems(GENERAL, FRONT, NOTE);
	check_problems(GENERAL, "[front]\n", "tollgate.conf:1: error: [front]: expected a line backend=ADDRESS:PORT\n");
	check_problems(GENERAL, FRONT FRONT,
	               "tollgate.conf:3: error: a second [front]; [front](+) adds to the first\n");
	check_problems(GENERAL FRONT, "",
	               "iax.conf:4: error: [front] belongs into tollgate.conf\n"
	               "extensions.conf:3: warning: expected name = value; the line is skipped\n"
	               "extensions.conf:2: error: unknown application \"NoSuchApplication\"\n");
	check_problems(GENERAL, "[front]\nbackend=198.51.100.1:4569\n",
	               "tollgate.conf:2: warning: backend: this address is neither of this machine nor of a private "
	               "network: what is said goes there in clear, and the backend is open to everybody\n" NOTE);
	check_problems(
		"[general]\nbindaddr=2001:db8::1\n", FRONT,
		"tollgate.conf:2: error: backend: no bindaddr line has an address of its kind to reach it from\n");
	check_problems(
		"[general]\nbindaddr=10.0.0.1\n", "[front]\nbackend=10.0.0.1:4569\n",
		"tollgate.conf:2: error: backend: this is our own address and port; give the backend another port, "
		"such as 4570\n");
	check_problems(
		GENERAL "[front.x]\ntype=peer\nhost=192.0.2.1\n", FRONT,
		"iax.conf:4: error: [front.x]: with [front] no name may begin with \"front.\" or \"backend.\"\n");
	check_problems(
		GENERAL "[backend.x]\ntype=user\nsecret=long-enough-for-us\ncontext=in\n", FRONT,
		"iax.conf:4: error: [backend.x]: with [front] no name may begin with \"front.\" or \"backend.\"\n");
	/* The overlay of the backend, instead of what it had before. */
	check_problems(
		GENERAL "[provider]\ntype=peer\nhost=127.0.0.1\n", FRONT,
		"iax.conf:4: error: [provider]: host= leads to the backend or back to this exchange; in front of a "
		"backend this file says where the accounts really are\n");
	check_problems(
		GENERAL "[provider]\ntype=peer\nhost=127.0.0.1\nport=4570\n", FRONT,
		"iax.conf:4: error: [provider]: host= leads to the backend or back to this exchange; in front of a "
		"backend this file says where the accounts really are\n");
	check_problems(GENERAL "[provider]\ntype=peer\nhost=127.0.0.1\nport=4571\n", FRONT, NOTE);
	/* The dialplan is the backend's, and so is the context where a call begins. */
	check_problems(GENERAL "[x]\ntype=user\nsecret=long-enough-for-us\n", FRONT, NOTE);
}

static void test_only_beyond_private_networks_is_warned(void **state)
{
	static const struct {
		const char *backend;
		uint32_t warnings;
	} rows[] = {
		{ "127.9.9.9:4570", 0 },    { "10.9.9.9:4569", 0 },      { "172.31.0.1:4569", 0 },
		{ "192.168.9.9:4569", 0 },  { "169.254.9.9:4569", 0 },   { "[::1]:4570", 0 },
		{ "[fd00::9]:4569", 0 },    { "[fe80::9]:4569", 0 },     { "100.64.9.9:4569", 1 },
		{ "198.51.100.1:4569", 1 }, { "[2001:db8::9]:4569", 1 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char *tollgate = NULL;
		struct conf_result result;

		text_append(&tollgate, "[front]\nbackend=%s\n", rows[i].backend);
		load(GENERAL, tollgate, &result);
		if (result.failed || result.problems.warnings != rows[i].warnings) {
			fail_msg("%s: %u warnings", rows[i].backend, (unsigned)result.problems.warnings);
		}
		conf_result_free(&result);
		free(tollgate);
	}
}

static void test_names_that_dial_cannot_say_are_left_out(void **state)
{
	static const char *const names[] = { "a/b", "a&b", "a@b", "a,b", "a:b", "${b}", "a(b" };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		char *iax = NULL, *of_backend = NULL;
		struct conf_result result;

		text_append(&iax, GENERAL "[%s]\ntype=friend\nsecret=long-enough-for-us\nhost=dynamic\ncontext=in\n",
		            names[i]);
		text_append(&of_backend, "backend.%s", names[i]);
		load(iax, FRONT, &result);
		CHECK_FALSE(result.failed);
		CHECK_UINT(result.problems.warnings, 1); /* of both halves */
		CHECK_UINT(world_count(result.world, WORLD_CONTEXTS), 0);
		CHECK_UINT(world_count(result.world, WORLD_PEERS), 1);
		CHECK_UINT(world_count(result.world, WORLD_USERS), 1);
		CHECK_TRUE(world_user_find(result.world, tg_span_text(of_backend)) == NULL);
		CHECK_TEXT(world_text(result.world,
		                      ((const struct world_user *)world_row(result.world, WORLD_USERS, 0))->start),
		           "front.");
		conf_result_free(&result);
		free(iax);
		free(of_backend);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users_get_a_way_to_the_backend),
		cmocka_unit_test(test_peers_get_a_way_from_the_backend),
		cmocka_unit_test(test_registrations_follow_those_of_telephones),
		cmocka_unit_test(test_all_that_is_dialled_goes_one_way),
		cmocka_unit_test(test_the_place_of_the_backend),
		cmocka_unit_test(test_what_is_refused_or_told),
		cmocka_unit_test(test_only_beyond_private_networks_is_warned),
		cmocka_unit_test(test_names_that_dial_cannot_say_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
