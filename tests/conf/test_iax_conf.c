/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/iax_conf.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "conf/prompts_build.h"
#include "conf/world_dump.h"

#include <stdio.h>
#include <stdlib.h>

/* Files of one test; NULL for none. */
struct input {
	const char *iax, *acl, *tollgate, *extensions;
};

static void load(const struct input *input, struct conf_result *result)
{
	struct memory_file list[4];
	struct memory_files memory = { list, 0 };
	const char *const names[] = { "iax.conf", "acl.conf", "tollgate.conf", "extensions.conf" };
	const char *const texts[] = { input->iax, input->acl, input->tollgate, input->extensions };

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (texts[i] != NULL) {
			list[memory.count++] = (struct memory_file){ names[i], texts[i], 0 };
		}
	}
	const struct conf_files files = memory_files_io(&memory);

	conf_load(&files, result);
}

static void check_problems(const struct input *input, const char *want)
{
	struct conf_result result;

	load(input, &result);
	char *got = problems_dump(&result.problems);

	CHECK_TEXT(got, want);
	free(got);
	conf_result_free(&result);
}

/* Every line of `want` is in the dump; lines that begin with "!" are not. */
static void check_accounts(const struct input *input, const char *const *want)
{
	struct conf_result result;

	load(input, &result);
	char *problems = problems_dump(&result.problems);

	CHECK_TEXT(result.world != NULL ? "" : problems, "");
	char *got = accounts_dump(&result);

	for (; *want != NULL; want++) {
		const bool absent = (*want)[0] == '!';
		char *line = NULL;

		text_append(&line, "%s\n", *want + (absent ? 1 : 0));
		if ((strstr(got, line) != NULL) == absent) {
			fail_msg("\"%s\" is %s\n%s", *want, absent ? "there" : "missing", got);
		}
		free(line);
	}
	free(got);
	free(problems);
	conf_result_free(&result);
}

#define GENERAL "[general]\nbindaddr=127.0.0.1\n"
#define SECRET "secret=long-enough-for-us\n"
#define PLAN "[in]\n[out]\n"

static void test_a_friend_is_a_user_and_a_peer(void **state)
{
	static const struct input input = { GENERAL "[bob]\ntype=friend\n" SECRET "context=in\nhost=dynamic\n"
		                                    "permit=192.0.2.0/24\npermit=2001:db8::/32\nqualify=yes\n"
		                                    "requirecalltoken=auto\ncallerid=Bob <200>\n",
		                            NULL, NULL, PLAN };
	static const char *const want[] = {
		"user bob: context=in",
		"user bob: permit=192.0.2.0/24",
		"user bob: require_call_token=3",
		"user bob: auth_methods=2",
		"peer bob: host=dynamic",
		"peer bob: permit=192.0.2.0/24",
		"peer bob: require_call_token=3",
		"peer bob: qualify_ms=2000",
		"peer bob: callerid_name=Bob",
		"user bob: callerid_number=200",
		"secret of caller bob=long-enough-for-us",
		"secret of registrant bob=long-enough-for-us",
		"secret of our peer bob=long-enough-for-us",
		NULL,
	};
	(void)state;

	check_accounts(&input, want);
	check_problems(&input, "");
}

/* Less than a key is no replacement for it. */
static void test_with_a_key_alone_nobody_gets_in(void **state)
{
	static const struct input input = { GENERAL "[bob]\ntype=friend\n" SECRET "context=in\nhost=dynamic\nauth=rsa\n"
		                                    "[eve]\ntype=user\ncontext=in\ninkeys=eve\n"
		                                    "[kim]\ntype=user\ncontext=in\ninkeys=kim\n" SECRET,
		                            NULL, NULL, PLAN };
	static const char *const want[] = {
		"user bob: auth_methods=4",
		"peer bob: auth_methods=4",
		"peer bob: has_secret=0",
		"!secret of caller bob=long-enough-for-us",
		"!secret of registrant bob=long-enough-for-us",
		"!secret of our peer bob=long-enough-for-us",
		"user eve: auth_methods=4",
		"user kim: auth_methods=2",
		"secret of caller kim=long-enough-for-us",
		NULL,
	};
	(void)state;

	check_accounts(&input, want);
	check_problems(&input,
	               "iax.conf:12: note: inkeys has no effect: RSA keys are not supported in this version; use a "
	               "secret\n"
	               "iax.conf:3: warning: [bob] and 1 more: nobody gets in, because RSA keys are not supported "
	               "in this version; auth=md5 and secret= open it\n");
}

static void test_users_take_every_secret_peers_the_last(void **state)
{
	static const struct input input = { GENERAL "[t](!)\nsecret=the-one-of-the-template\n"
		                                    "[bob](t)\ntype=friend\nsecret=the-one-of-its-own\ncontext=in\n"
		                                    "host=dynamic\n",
		                            NULL, NULL, PLAN };
	static const char *const want[] = {
		"secret of caller bob=the-one-of-the-template",
		"secret of caller bob=the-one-of-its-own",
		"secret of registrant bob=the-one-of-its-own",
		"!secret of registrant bob=the-one-of-the-template",
		NULL,
	};
	(void)state;

	check_accounts(&input, want);
	check_problems(&input, "iax.conf:5: note: [bob]: each of its 2 secrets is good for a call\n");
}

static void test_an_empty_secret_is_none(void **state)
{
	static const struct input input = { GENERAL "[bob]\ntype=friend\nsecret=\ncontext=in\nhost=dynamic\n", NULL,
		                            NULL, PLAN };
	static const char *const want[] = { "user bob: has_secret=0", "user bob: auth_methods=0",
		                            "peer bob: has_secret=0", "peer bob: auth_methods=0", NULL };
	(void)state;

	check_accounts(&input, want);
	check_problems(&input, "iax.conf:3: note: [bob] has no secret: whoever calls reaches in\n"
	                       "iax.conf:3: note: [bob] has no secret, so nobody can register as it\n");
}

static void test_an_open_user_is_told_with_its_contexts(void **state)
{
	static const struct input input = { GENERAL "[guest]\ntype=user\ncontext=in\ncontext=out\n"
		                                    "permit=192.0.2.0/24\npermit=::1\n",
		                            NULL, NULL, PLAN };
	(void)state;

	check_problems(&input, "iax.conf:3: note: [guest] has no secret: whoever calls from an address it permits "
	                       "reaches in, out\n");
}

static void test_sections_of_one_name_and_type_are_one_account(void **state)
{
	static const struct input input = { GENERAL "[bob]\ntype=user\n" SECRET "context=in\nlanguage=de\n"
		                                    "permit=192.0.2.0/24\n"
		                                    "[amy]\ntype=user\n" SECRET "context=in\n"
		                                    "[bob]\ntype=friend\nhost=dynamic\ncontext=out\nlanguage=fr\n"
		                                    "permit=2001:db8::/32\n"
		                                    "[Bob]\ntype=user\n" SECRET "context=in\n",
		                            NULL, NULL, PLAN };
	static const char *const want[] = {
		"user bob: line=3",
		"user bob: context=in",
		"user bob: context=out",
		"user bob: language=fr",
		"user bob: permit=192.0.2.0/24",
		"user bob: permit=2001:db8::/32",
		"peer bob: line=13",
		"!peer bob: permit=192.0.2.0/24",
		"user Bob: line=19",
		NULL,
	};
	(void)state;

	check_accounts(&input, want);
}

static void test_general_counts_wherever_it_stands(void **state)
{
	static const struct input input = { "[bob]\ntype=user\n" SECRET "context=in\n"
		                            "[amy]\ntype=user\n" SECRET "context=in\nlanguage=en\ncodecpriority=host\n"
		                            "disallow=ulaw\n"
		                            "[general]\nbindaddr=127.0.0.1\nlanguage=de\ncodecpriority=caller\n"
		                            "disallow=all\nallow=gsm,ulaw\nmaxauthreq=9\naccountcode=x\n",
		                            NULL, NULL, PLAN };
	static const char *const want[] = {
		"user bob: language=de",      "user bob: codec_priority=1", "user bob: codecs=gsm,ulaw",
		"user bob: max_auth_req=9",   "user bob: accountcode=x",    "user amy: language=en",
		"user amy: codec_priority=0", "user amy: codecs=gsm",       NULL,
	};
	(void)state;

	check_accounts(&input, want);
	check_problems(&(struct input){ GENERAL "[general]\nthreads=2\n", NULL, NULL, PLAN },
	               "iax.conf:3: error: a second [general]; [general](+) adds to the first\n");
}

static void test_general_of_both_files(void **state)
{
	static const struct input input = { GENERAL "threads=2\ncalls=10\n", NULL,
		                            "[general]\nthreads=3\nsounds=here\n", PLAN };
	static const char *const want[] = { "general: threads=3", "general: calls_max=10", "sounds=here", NULL };
	(void)state;

	check_accounts(&input, want);
	check_problems(&(struct input){ GENERAL, NULL, "[bob]\ntype=user\n", PLAN },
	               "tollgate.conf:1: error: expected [general], [guard], [front], [metrics], [numbers], [numbers "
	               "NAME] or [policy "
	               "NAME], not [bob]\n");
	check_problems(&(struct input){ GENERAL, NULL, "[gard]\nmode=off\n", PLAN },
	               "tollgate.conf:1: error: expected [general], [guard], [front], [metrics], [numbers], [numbers "
	               "NAME] or [policy "
	               "NAME], not [gard]; did you mean [guard]?\n");
	check_problems(&(struct input){ GENERAL, NULL, "[guard]\nmode=off\n[guard]\nmode=observe\n", PLAN },
	               "tollgate.conf:3: error: a second [guard]; [guard](+) adds to the first\n");
	check_problems(&(struct input){ GENERAL "[guard]\nmode=off\n", NULL, NULL, PLAN },
	               "iax.conf:3: error: [guard] belongs into tollgate.conf\n");
	check_problems(&(struct input){ GENERAL "nosuch=1\n", NULL, "[general]\nstrict=no\n", PLAN },
	               "iax.conf:3: warning: unknown option \"nosuch\"\n");
}

static void test_an_empty_configuration_has_the_defaults_of_its_limits(void **state)
{
	struct conf_result result;
	(void)state;

	load(&(struct input){ "", NULL, NULL, NULL }, &result);
	CHECK_FALSE(result.failed);
	CHECK_UINT(result.world->settings.call_token_expiration_s, 8);
	CHECK_UINT(result.world->settings.max_call_numbers, 2048);
	CHECK_UINT(result.world->settings.max_call_numbers_nonvalidated, 8192);
	CHECK_UINT(world_count(result.world, WORLD_NUMBER_LIMITS), 0);
	CHECK_UINT(world_count(result.world, WORLD_NEVER_BAN), 0);
	CHECK_UINT(world_count(result.world, WORLD_FINGERPRINTS), 0);
	conf_result_free(&result);
}

/* The error stands at the last line that says something about the ladder. */
static void test_the_steps_of_the_guard_grow(void **state)
{
	(void)state;
	check_problems(&(struct input){ GENERAL, NULL, "[guard]\nsilenceat=10\ndelayat=4\nnames=7\n", PLAN },
	               "tollgate.conf:3: error: delayat=4, silenceat=10 and banat=10 must grow in this order\n");
	check_problems(&(struct input){ GENERAL, NULL, "[guard]\nbanat=30\nsilenceat=20\ndelayat=10\n", PLAN }, "");
}

/* Once a load, and a friend is one account. */
static void test_excused_names_without_addresses_are_counted_once(void **state)
{
	static const char account[] = "type=friend\n" SECRET "context=in\nhost=dynamic\n";
	char *iax = NULL;
	(void)state;

	text_append(&iax,
	            GENERAL "[t](!)\n%srequirecalltoken=auto\n[a](t)\n[b](t)\n[c](t)\npermit=192.0.2.1,::1\n[d]\n%s",
	            account, account);
	check_problems(
		&(struct input){ iax, NULL, NULL, PLAN },
		"iax.conf:9: warning: [a] and 1 more has requirecalltoken=auto and no permit= range: its name is "
		"excused from proving an address wherever it is used; add permit= with the addresses of the "
		"device, or remove the line and name them with calltokenoptional=\n");
	free(iax);
}

static void test_the_type_is_the_last_one(void **state)
{
	static const struct input input = { GENERAL "[t](!)\ntype=friend\n" SECRET
		                                    "[bob](t)\ntype=peer\nhost=dynamic\n",
		                            NULL, NULL, PLAN };
	static const char *const want[] = { "peer bob: host=dynamic", "!user bob: line=6", NULL };
	(void)state;

	check_accounts(&input, want);
}

static void test_default_bind(void **state)
{
	static const struct input input = { "[general]\nbindport=4600\n", NULL, NULL, PLAN };
	static const char *const want[] = { "general: bind=0.0.0.0:4600", NULL };
	(void)state;

	check_accounts(&input, want);
	check_problems(&input, "iax.conf: note: no bindaddr: listening on 0.0.0.0, port 4600, and not on IPv6 "
	                       "(bindaddr=:: adds it)\n");
}

static void test_seventeen_binds_are_too_many(void **state)
{
	char *iax = NULL;
	(void)state;

	text_append(&iax, "[general]\n");
	for (int i = 1; i <= 17; i++) {
		text_append(&iax, "bindaddr=127.0.0.%d\n", i);
	}
	check_problems(&(struct input){ iax, NULL, NULL, PLAN },
	               "iax.conf:18: error: bindaddr: expected at most 16 bindaddr lines, not \"127.0.0.17\"\n");
	free(iax);
}

static void test_named_lists_must_all_let_an_address_in(void **state)
{
	static const struct input input = { GENERAL "[bob]\ntype=user\n" SECRET
		                                    "context=in\npermit=0.0.0.0/0\npermit=::/0\ndeny=192.0.2.9\n"
		                                    "acl=office,four\n",
		                            "[office]\ndeny=0.0.0.0/0\ndeny=::/0\npermit=192.0.2.0/"
		                            "24\npermit=198.51.100.0/24\npermit=2001:db8::/32\n"
		                            "[four]\ndeny=198.51.100.7\n",
		                            NULL, PLAN };
	static const struct {
		const char *from;
		bool want;
	} cases[] = {
		{ "192.0.2.1", true },    { "192.0.2.9", false },    { "203.0.113.1", false },
		{ "198.51.100.1", true }, { "198.51.100.7", false }, { "2001:db8::1", false }, /* by the list of IPv4 */
		{ "2001:db9::1", false },
	};
	struct conf_result result;
	(void)state;

	load(&input, &result);
	const struct world_user *bob = world_user_find(result.world, TG_SPAN_LIT("bob"));

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct tg_addr from;

		CHECK_TRUE(tg_addr_parse(&from, tg_span_text(cases[i].from), 0));
		if (world_acl_allows(result.world, bob->acl, bob->acl_v4 != 0, bob->acl_v6 != 0, from) !=
		    cases[i].want) {
			fail_msg("%s is %d", cases[i].from, !cases[i].want);
		}
	}
	conf_result_free(&result);
}

static void test_families_without_rules_are_counted_once(void **state)
{
	static const struct input input = { GENERAL "[a]\ntype=user\n" SECRET "context=in\ndeny=192.0.2.1\n"
		                                    "[b]\ntype=user\n" SECRET "context=in\ndeny=192.0.2.1\n"
		                                    "[c]\ntype=user\n" SECRET "context=in\ndeny=192.0.2.1\n",
		                            NULL, NULL, PLAN };
	(void)state;

	check_problems(&input, "iax.conf:3: note: [a] and 2 more: rules for IPv4 only, so IPv6 is denied\n");
}

static void test_notes_come_once_a_load(void **state)
{
	static const struct input input = { GENERAL "jitterbuffer=yes\n[a]\ntype=user\n" SECRET "context=in\n"
		                                    "jitterbuffer=yes\ntrunk=yes\n"
		                                    "[b]\ntype=user\n" SECRET
		                                    "context=in\ntrunk=yes\njitterbuffer=yes\n",
		                            NULL, NULL, PLAN };
	(void)state;

	check_problems(
		&input,
		"iax.conf:3: note: jitterbuffer has no effect: voice is passed on as it comes, the phones smooth it\n"
		"iax.conf:9: note: trunk has no effect: calls travel one by one in this version, without trunk "
		"frames\n");
}

static void test_call_number_limits(void **state)
{
	static const struct input input = { GENERAL "[callnumberlimits]\n192.0.2.0/24=100\n192.0.2.0/28 = 10\n"
		                                    "2001:db8::/32 => 5\n198.51.100.1=0\n",
		                            NULL, NULL, PLAN };
	static const char *const want[] = { "limit 192.0.2.0/24=100", "limit 192.0.2.0/28=10", "limit 2001:db8::/32=5",
		                            "limit 198.51.100.1/32=0", NULL };
	(void)state;

	check_accounts(&input, want);
	check_problems(&(struct input){ GENERAL "[callnumberlimits]\n192.0.2.0/24=100\n192.0.2.77/255.255.255.0=9\n"
	                                        "here=1\n192.0.2.1=65536\n",
	                                NULL, NULL, PLAN },
	               "iax.conf:5: error: the range \"192.0.2.77/255.255.255.0\" has a limit already\n"
	               "iax.conf:6: error: expected an address range such as 192.0.2.0/24, not \"here\"\n"
	               "iax.conf:7: error: expected a limit from 0 to 65535, not \"65536\"\n");
}

static void test_registrations_are_numbered_or_named(void **state)
{
	static const struct input input = { GENERAL "register => a:long-enough-for-us@192.0.2.1\n"
		                                    "register => b:long-enough-for-us@far.example:4600\n"
		                                    "[up]\ntype=registration\nusername=c\nsecret=with:all@of;it\n"
		                                    "host=2001:db8::1\nport=4700\nrefresh=300\n",
		                            NULL, NULL, PLAN };
	static const char *const want[] = {
		"registration register:1: username=a",
		"registration register:1: addr=192.0.2.1:4569",
		"registration register:2: host=far.example",
		"registration register:2: addr=(none):4600",
		"registration up: addr=[2001:db8::1]:4700",
		"registration up: refresh_s=300",
		"registration register:1: refresh_s=60",
		"secret of our register up=with:all@of",
		NULL,
	};
	(void)state;

	check_accounts(&input, want);
	check_problems(&(struct input){ GENERAL "[up]\ntype=registration\nhost=192.0.2.1\n", NULL, NULL, PLAN },
	               "iax.conf:3: error: [up]: a registration needs a line username=\n");
}

static void test_contexts_of_users_exist(void **state)
{
	check_problems(
		&(struct input){ GENERAL "[a]\ntype=user\n" SECRET "context=inn\ncontext=*\n", NULL, NULL, PLAN },
		"iax.conf:6: warning: [a]: extensions.conf has no context \"inn\", so it reaches nothing; did you "
		"mean \"in\"?\n");
	check_problems(&(struct input){ GENERAL "[a]\ntype=user\n" SECRET "context=*\ncontext=in\n", NULL, NULL, PLAN },
	               "iax.conf:6: error: context: \"*\" lets a caller ask for any, so it cannot be the first one\n");
	check_problems(&(struct input){ GENERAL "[a]\ntype=user\n" SECRET, NULL, NULL, PLAN },
	               "iax.conf:3: error: [a]: a user needs a line context=\n");
	(void)state;
}

static void test_missing_files(void **state)
{
	check_problems(&(struct input){ NULL, NULL, NULL, PLAN },
	               "iax.conf: error: there is no such file in the configuration directory\n");
	check_problems(&(struct input){ GENERAL, NULL, NULL, NULL },
	               "extensions.conf: note: there is no such file, so every call is refused\n");
	(void)state;
}

/* What could be read of a broken file would only give errors that follow from the first. */
static void test_one_broken_file_does_not_blame_the_others(void **state)
{
	check_problems(&(struct input){ GENERAL "[bob\ntype=peer\nhost=dynamic\n", NULL, NULL,
	                                "[in]\nexten => 1,1,Dial(IAX2/bob)\nexten => 2,1,Ehco\n" },
	               "iax.conf:3: error: a section header needs a closing \"]\"\n"
	               "extensions.conf:3: error: unknown application \"Ehco\"\n");
	(void)state;
}

static const struct input everything = {
	GENERAL "register => me:hushhushhush-1@far.example\n[callnumberlimits]\n192.0.2.0/24=9\n"
		"[bob]\ntype=friend\nsecret=hushhushhush-2\nsecret=hushhushhush-3\ncontext=in\nhost=dynamic\n"
		"setvar=A=1\npermit=::/0\nacl=x\n[far]\ntype=peer\nhost=far.example\nport=4570\n"
		"secret=hushhushhush-4\n[up]\ntype=registration\nusername=u\nhost=up.example\nsecret=hushhushhush-5\n",
	"[x]\npermit=192.0.2.0/24\n", "[general]\nthreads=2\nsounds=s\n",
	"[globals]\nG=1\n[in]\ninclude => out\nexten => 1,1,Playback(hello&there)\nexten => "
	"_X,1,Dial(IAX2/bob)\n[out]\n"
};

static void test_secrets_are_in_their_list_alone(void **state)
{
	struct conf_result result;
	(void)state;

	load(&everything, &result);
	CHECK_UINT(result.secrets.count, 1 + 2 + 1 + 1 + 1 + 1);
	CHECK_TRUE(memmem(result.world, result.world_bytes, "hush", 4) == NULL);
	CHECK_TRUE(memmem(result.world, result.world_bytes, "far.example", 11) != NULL);
	char *problems = problems_dump(&result.problems);

	CHECK_TRUE(strstr(problems, "hush") == NULL);
	free(problems);
	conf_result_free(&result);
}

static void test_broken_secrets_are_in_no_message(void **state)
{
	static const char *const lines[] = {
		"[general]\nregister => hush:hush@hush@hush!\n",
		"[general]\nregister => u:[hush]@host\n",
		"[general]\nregister => u:hush@a b\n",
		"[a]\ntype=user\ncontext=in\nsecret=hush\1hush\n",
		"[a]\ntype=user\ncontext=in\ndbsecret=hush/hush\n",
		"[general]\nsecret=hush\n",
		"[a]\ntype=user\ncontext=in\nsecert=hush\n",
		"[a]\ntype=user\nsecret hush\n",
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(lines); i++) {
		struct conf_result result;

		load(&(struct input){ lines[i], NULL, NULL, PLAN }, &result);
		char *problems = problems_dump(&result.problems);

		CHECK_TRUE(result.failed);
		CHECK_TRUE(result.world == NULL && result.secrets.first == NULL);
		if (strstr(problems, "hush") != NULL) {
			fail_msg("%s", problems);
		}
		free(problems);
		conf_result_free(&result);
	}
}

static void test_the_same_files_give_the_same_octets(void **state)
{
	struct conf_result a, b;
	(void)state;

	load(&everything, &a);
	load(&everything, &b);
	CHECK_UINT(a.world_bytes, b.world_bytes);
	CHECK_INT(memcmp(a.world, b.world, a.world_bytes), 0);
	CHECK_TEXT(a.sounds, "s");
	conf_result_free(&a);
	conf_result_free(&b);
}

struct answers {
	const char *known;
	unsigned asked;
};

static bool look_up(void *owner, const char *host, struct tg_addr *addr)
{
	struct answers *answers = owner;

	answers->asked++;
	return strcmp(host, answers->known) == 0 && tg_addr_parse(addr, TG_SPAN_LIT("198.51.100.3"), 1);
}

static void test_names_are_resolved_into_the_world(void **state)
{
	struct answers answers = { .known = "far.example" };
	struct conf_result result;
	char text[TG_ADDR_TEXT_BYTES];
	(void)state;

	load(&everything, &result);
	CHECK_UINT(conf_resolve(result.world, look_up, &answers), 1);
	CHECK_UINT(answers.asked, 3);
	CHECK_TEXT(tg_addr_format(world_peer_find(result.world, TG_SPAN_LIT("far"))->addr, text), "198.51.100.3:4570");
	const struct world_registration *first = world_row(result.world, WORLD_REGISTRATIONS, 0);
	const struct world_registration *second = world_row(result.world, WORLD_REGISTRATIONS, 1);

	CHECK_TEXT(tg_addr_format(first->addr, text), "198.51.100.3:4569");
	CHECK_UINT(second->addr.family, TG_NO_ADDR);
	CHECK_TEXT(world_check(result.world, result.world_bytes), NULL);
	answers.known = "up.example"; /* what was known stays */
	CHECK_UINT(conf_resolve(result.world, look_up, &answers), 0);
	CHECK_TEXT(tg_addr_format(first->addr, text), "198.51.100.3:4569");
	conf_result_free(&result);
}

static void test_missing_sounds_are_told(void **state)
{
	struct conf_problems problems = { 0 };
	struct conf_result result;
	size_t size;
	(void)state;

	load(&everything, &result);
	struct prompts *prompts = conf_prompts_build(NULL, NULL, "sounds", &problems, &size);

	conf_check_sounds(result.world, prompts, &problems);
	char *text = problems_dump(&problems);

	CHECK_TEXT(text, "extensions.conf:5: warning: Playback: there is no sound \"hello\"\n"
	                 "extensions.conf:5: warning: Playback: there is no sound \"there\"\n");
	free(text);
	free(prompts);
	conf_problems_free(&problems);
	conf_result_free(&result);
}

static void test_ten_thousand_accounts(void **state)
{
	enum { ROOM = 4 << 20 };
	char *iax = malloc(ROOM);
	size_t len = (size_t)snprintf(iax, ROOM, GENERAL "[t](!)\ntype=friend\ncontext=in\nhost=dynamic\n" SECRET);
	struct conf_result result;
	(void)state;

	for (int i = 0; i < 10000; i++) {
		len += (size_t)snprintf(iax + len, ROOM - len, "[phone%d](t)\ncallerid=%d\n", i, i);
	}
	load(&(struct input){ iax, NULL, NULL, PLAN }, &result);
	CHECK_FALSE(result.failed);
	CHECK_UINT(world_count(result.world, WORLD_USERS), 10000);
	CHECK_UINT(result.world->settings.registrations_max, 20000);
	CHECK_TRUE(world_user_find(result.world, TG_SPAN_LIT("phone9999")) != NULL);
	free(iax);
	conf_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_friend_is_a_user_and_a_peer),
		cmocka_unit_test(test_with_a_key_alone_nobody_gets_in),
		cmocka_unit_test(test_users_take_every_secret_peers_the_last),
		cmocka_unit_test(test_an_empty_secret_is_none),
		cmocka_unit_test(test_an_open_user_is_told_with_its_contexts),
		cmocka_unit_test(test_sections_of_one_name_and_type_are_one_account),
		cmocka_unit_test(test_general_counts_wherever_it_stands),
		cmocka_unit_test(test_general_of_both_files),
		cmocka_unit_test(test_an_empty_configuration_has_the_defaults_of_its_limits),
		cmocka_unit_test(test_the_steps_of_the_guard_grow),
		cmocka_unit_test(test_excused_names_without_addresses_are_counted_once),
		cmocka_unit_test(test_the_type_is_the_last_one),
		cmocka_unit_test(test_default_bind),
		cmocka_unit_test(test_seventeen_binds_are_too_many),
		cmocka_unit_test(test_named_lists_must_all_let_an_address_in),
		cmocka_unit_test(test_families_without_rules_are_counted_once),
		cmocka_unit_test(test_notes_come_once_a_load),
		cmocka_unit_test(test_call_number_limits),
		cmocka_unit_test(test_registrations_are_numbered_or_named),
		cmocka_unit_test(test_contexts_of_users_exist),
		cmocka_unit_test(test_missing_files),
		cmocka_unit_test(test_one_broken_file_does_not_blame_the_others),
		cmocka_unit_test(test_secrets_are_in_their_list_alone),
		cmocka_unit_test(test_broken_secrets_are_in_no_message),
		cmocka_unit_test(test_the_same_files_give_the_same_octets),
		cmocka_unit_test(test_names_are_resolved_into_the_world),
		cmocka_unit_test(test_missing_sounds_are_told),
		cmocka_unit_test(test_ten_thousand_accounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
