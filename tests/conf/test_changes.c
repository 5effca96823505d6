/* SPDX-License-Identifier: Apache-2.0 */
/* Each option that has an effect is named when it changes. */
#include "conf/changes.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "conf/option.h"

#include <stdlib.h>
#include <string.h>

#define G CONF_IN_GENERAL
#define U CONF_IN_USER
#define P CONF_IN_PEER
#define R CONF_IN_REGISTRATION
#define T CONF_IN_TOLLGATE
#define D CONF_IN_GUARD
#define N CONF_IN_NUMBERS
#define L CONF_IN_POLICY
#define A CONF_IN_ACL
#define F CONF_IN_FRONT

/* A line, and all that is told of the change from nothing to it. */
static const struct {
	unsigned scope;
	const char *line, *told;
} rows[] = {
	{ G, "bindport=4600", "at the next start: bindaddr\n" },
	{ G, "bindaddr=127.0.0.1", "at the next start: bindaddr\n" },
	{ G, "auth=md5,rsa", "" },
	{ G, "auth=rsa", "changed: user u: auth, secret\nchanged: peer p: auth, secret\n" },
	{ G, "codecpriority=caller", "changed: user u: codecpriority\n" },
	{ G, "allow=!ulaw", "changed: user u: allow\nchanged: peer p: allow\n" },
	{ G, "disallow=ulaw", "changed: user u: allow\nchanged: peer p: allow\n" },
	{ G, "minregexpire=30", "changed: [general]: minregexpire\n" },
	{ G, "maxregexpire=300", "changed: [general]: maxregexpire\n" },
	{ G, "register => a:kiebitz-8-ampel-30@192.0.2.1", "added: registration a\n" },
	{ G, "tos=ef", "at the next start: tos\n" },
	{ G, "cos=5", "at the next start: cos\n" },
	{ G, "maxauthreq=7", "changed: [general]: maxauthreq\nchanged: user u: maxauthreq\n" },
	{ G, "autokill=yes", "changed: [general]: autokill\n" },
	{ G, "pingtime=30", "changed: [general]: pingtime\n" },
	{ G, "lagrqtime=30", "changed: [general]: lagrqtime\n" },
	{ G, "accountcode=x", "changed: user u: accountcode\n" },
	{ G, "language=de", "changed: user u: language\n" },
	{ G, "maxcallnumbers=9", "changed: [general]: maxcallnumbers\n" },
	{ G, "maxcallnumbers_nonvalidated=9", "changed: [general]: maxcallnumbers_nonvalidated\n" },
	{ G, "calltokenoptional=192.0.2.0/24", "changed: calltokenoptional\n" },
	{ G, "calltokenexpiration=20", "changed: [general]: calltokenexpiration\n" },
	{ G, "regcontext=here", "changed: [general]: regcontext\nadded: context here\n" },
	{ G, "shrinkcallerid=no", "changed: [general]: shrinkcallerid\n" },
	{ G | T, "threads=2", "at the next start: threads\n" },
	{ G | T, "calls=20", "at the next start: calls\n" },
	{ G | T, "stealth=yes", "changed: [general]: stealth\n" },
	{ G | T, "syslog=yes", "at the next start: syslog\n" },
	{ G | T, "calltoken-text=yes", "changed: [general]: calltoken-text\n" },
	{ T, "destinations=list", "changed: destinations\n" },
	{ T, "utcoffset=+01:00", "changed: [general]: timezone\n" },
	{ T, "timezone=CET-1", "changed: [general]: timezone\n" },
	{ U, "auth=rsa", "changed: user u: auth, secret\n" },
	{ P, "auth=rsa", "changed: peer p: auth, secret\n" },
	{ U, "codecpriority=caller", "changed: user u: codecpriority\n" },
	{ U, "allow=!ulaw", "changed: user u: allow\n" },
	{ P, "allow=!ulaw", "changed: peer p: allow\n" },
	{ U, "disallow=ulaw", "changed: user u: allow\n" },
	{ P, "disallow=ulaw", "changed: peer p: allow\n" },
	{ U, "maxauthreq=7", "changed: user u: maxauthreq\n" },
	{ U, "accountcode=x", "changed: user u: accountcode\n" },
	{ U, "language=de", "changed: user u: language\n" },
	{ U, "secret=another-secret-5-of-us", "changed: user u: secret\n" },
	{ P, "secret=another-secret-5-of-us", "changed: peer p: secret\n" },
	{ R, "secret=another-secret-5-of-us", "changed: registration me: secret\n" },
	{ U, "secretfile=secret", "changed: user u: secret\n" },
	{ P, "secretfile=secret", "changed: peer p: secret\n" },
	{ R, "secretfile=secret", "changed: registration me: secret\n" },
	{ U, "context=more", "changed: user u: context\n" },
	{ P, "regexten=200", "changed: peer p: regexten\n" },
	{ P, "peercontext=x", "changed: peer p: peercontext\n" },
	{ U, "permit=192.0.2.0/24", "changed: user u: permit, deny or acl\n" },
	{ P, "permit=192.0.2.0/24", "changed: peer p: permit, deny or acl\n" },
	{ U, "deny=192.0.2.0/24", "changed: user u: permit, deny or acl\n" },
	{ P, "deny=192.0.2.0/24", "changed: peer p: permit, deny or acl\n" },
	{ U, "acl=office", "changed: user u: permit, deny or acl\n" },
	{ P, "acl=office", "changed: peer p: permit, deny or acl\n" },
	{ P, "host=192.0.2.3", "changed: peer p: host, chargeable\n" },
	{ R, "host=192.0.2.3", "removed: registration me\nadded: registration me\n" },
	{ P, "port=4600", "changed: peer p: port\n" },
	{ R, "port=4600", "changed: registration me: port\n" },
	{ P, "defaultip=192.0.2.3", "changed: peer p: defaultip\n" },
	{ P, "sourceaddress=192.0.2.3", "changed: peer p: sourceaddress\n" },
	{ P, "username=x", "changed: peer p: username\n" },
	{ R, "username=x", "removed: registration me\nadded: registration x\n" },
	{ P, "description=x", "changed: peer p: description\n" },
	{ U, "callerid=A <1>", "changed: user u: callerid\n" },
	{ P, "callerid=A <1>", "changed: peer p: callerid\n" },
	{ U, "fullname=A", "changed: user u: callerid\n" },
	{ P, "fullname=A", "changed: peer p: callerid\n" },
	{ U, "cid_number=1", "changed: user u: callerid\n" },
	{ P, "cid_number=1", "changed: peer p: callerid\n" },
	{ P, "sendani=yes", "changed: peer p: sendani\n" },
	{ U, "setvar=A=1", "changed: user u: setvar\n" },
	{ P, "qualify=yes", "changed: peer p: qualify\n" },
	{ P, "qualifysmoothing=yes", "changed: peer p: qualifysmoothing\n" },
	{ P, "qualifyfreqok=30000", "changed: peer p: qualifyfreqok\n" },
	{ P, "qualifyfreqnotok=30000", "changed: peer p: qualifyfreqnotok\n" },
	{ P, "maxcallnumbers=9", "changed: peer p: maxcallnumbers\n" },
	{ U, "requirecalltoken=yes", "changed: user u: requirecalltoken\n" },
	{ P, "requirecalltoken=yes", "changed: peer p: requirecalltoken\n" },
	{ R, "refresh=120", "changed: registration me: refresh\n" },
	{ U, "decoy=yes", "changed: user u: decoy\n" },
	{ P, "decoy=yes", "changed: peer p: decoy\n" },
	{ U, "roaming=yes", "changed: user u: roaming\n" },
	{ P, "roaming=yes", "changed: peer p: roaming\n" },
	{ U, "mayspend=yes", "changed: user u: mayspend\n" },
	{ P, "chargeable=yes", "changed: peer p: chargeable\n" },
	{ U, "policy=x", "changed: user u: policy\n" },
	{ P, "trunkpolicy=x", "changed: peer p: trunkpolicy\n" },
	{ U, "numbers=z", "changed: user u: numbers\n" },
	{ P, "numbers=z", "changed: peer p: numbers\n" },
	{ D, "mode=observe", "changed: [guard]: mode\n" },
	{ D, "newdialogs=5/20", "changed: [guard]: newdialogs\n" },
	{ D, "knowndialogs=50/501", "changed: [guard]: knowndialogs\n" },
	{ D, "strangers=9", "changed: [guard]: strangers\n" },
	{ D, "failures=2/11", "changed: [guard]: failures\n" },
	{ D, "names=9", "changed: [guard]: names\n" },
	{ D, "delayat=2", "changed: [guard]: delayat\n" },
	{ D, "silenceat=7", "changed: [guard]: silenceat\n" },
	{ D, "banat=11", "changed: [guard]: banat\n" },
	{ D, "steptime=9", "changed: [guard]: steptime\n" },
	{ D, "accountfailures=9", "changed: [guard]: accountfailures\n" },
	{ D, "accountnetworks=9", "changed: [guard]: accountnetworks\n" },
	{ D, "accountanswers=9", "changed: [guard]: accountanswers\n" },
	{ D, "sprayaccounts=9", "changed: [guard]: sprayaccounts\n" },
	{ D, "spraynetworks=9", "changed: [guard]: spraynetworks\n" },
	{ D, "knowndays=9", "changed: [guard]: knowndays\n" },
	{ D, "tokenless=known", "changed: [guard]: tokenless\n" },
	{ D, "kernel=no", "changed: [guard]: kernel\n" },
	{ D, "fingerprints=marks", "changed: fingerprints\n" },
	{ D, "neverban=192.0.2.1", "changed: neverban\n" },
	{ N, "country=DE", "changed: numbers z\n" },
	{ N, "national=9", "changed: numbers z\n" },
	{ N, "international=9", "changed: numbers z\n" },
	{ N, "internal=9", "changed: numbers z\n" },
	{ N, "bare=national", "changed: numbers z\n" },
	{ L, "parent=y", "changed: policy x\n" },
	{ L, "allow=national", "changed: policy x\n" },
	{ L, "deny=national", "changed: policy x\n" },
	{ L, "calls=2", "changed: policy x\n" },
	{ L, "newcalls=3/hour", "changed: policy x\n" },
	{ L, "longest=2h", "changed: policy x\n" },
	{ L, "daily=2h", "changed: policy x\n" },
	{ L, "monthly=2h", "changed: policy x\n" },
	{ L, "times=mon 08:00-09:00", "changed: policy x\n" },
	{ A, "permit=192.0.2.0/24", "changed: user v: permit, deny or acl\n" },
	{ A, "deny=192.0.2.0/24", "changed: user v: permit, deny or acl\n" },
};

static void load(struct conf_result *result, unsigned scope, const char *line, const char *plan)
{
	static const char base[] =
		"[general]\n%s\n"
		"[u]\ntype=user\nsecret=kiebitz-8-ampel-30\ncontext=in\n%s\n"
		"[p]\ntype=peer\nsecret=kiebitz-8-ampel-30\nhost=dynamic\n%s\n"
		"[r]\ntype=registration\nsecret=kiebitz-8-ampel-30\nusername=me\nhost=far.example\n%s\n";
	static const char own[] = "[v]\ntype=user\nsecret=kiebitz-8-ampel-31\ncontext=in\nacl=office\n";
	static const char tollgate_base[] = "[general]\n%s\n[guard]\n%s\n[numbers z]\n%s\n[policy x]\n%s\n[policy y]\n";
	char *iax = NULL, *tollgate = NULL, *acl = NULL;

	text_append(&iax, base, scope == G ? line : "", scope == U ? line : "", scope == P ? line : "",
	            scope == R ? line : "");
	text_append(&iax, "%s", scope == A || scope == 0 ? own : ""); /* another account that only some look at */
	text_append(&tollgate, tollgate_base, scope == T ? line : "", scope == D ? line : "", scope == N ? line : "",
	            scope == L ? line : "");
	text_append(&acl, "[office]\npermit=198.51.100.0/24\n%s\n", scope == A ? line : "");
	const struct memory_file files[] = {
		{ "iax.conf", iax, 0 },
		{ "acl.conf", acl, 0 },
		{ "tollgate.conf", tollgate, 0 },
		{ "extensions.conf", plan, 0 },
		{ "secret", "a-secret-in-a-file-77\n", 0 },
		{ "list", "!=+4930555 emergency - 4 mine\n", 0 },
		{ "marks", "m | 7 | source = 0 | a test\n", 0 },
	};
	struct memory_files memory = { files, TG_COUNT(files) };
	const struct conf_files io = memory_files_io(&memory);

	conf_load(&io, result);
	free(iax);
	free(tollgate);
	free(acl);
	if (result->failed) {
		fail_msg("\"%s\" cannot be loaded: %s", line, problems_dump(&result->problems));
	}
}

struct telling {
	const struct conf_secrets *old, *new;
	char *text;
};

/* All secrets of a name, one behind the other. */
static char *secrets_of(const struct conf_secrets *secrets, enum model_identity identity, const char *name)
{
	char *text = NULL;

	text_append(&text, "%s", "");
	for (const struct conf_secret *s = secrets->first; s != NULL; s = s->next) {
		if (s->identity == identity && strcmp(s->name, name) == 0) {
			text_append(&text, "%s\n", s->secret);
		}
	}
	return text;
}

static bool secret_differs(void *owner, enum model_identity identity, const char *old_name, const char *new_name)
{
	const struct telling *t = owner;
	char *old = secrets_of(t->old, identity, old_name), *new = secrets_of(t->new, identity, new_name);
	const bool differs = strcmp(old, new) != 0;

	free(old);
	free(new);
	return differs;
}

static void tell(void *owner, const char *line)
{
	struct telling *t = owner;

	text_append(&t->text, "%s\n", line);
}

/* malloc'd */
static char *changes(const struct conf_result *old, const struct conf_result *new)
{
	struct telling telling = { .old = &old->secrets, .new = &new->secrets };
	const struct conf_changes_ops ops = { &telling, secret_differs, tell };

	text_append(&telling.text, "%s", "");
	const uint32_t count = conf_changes(old->world, new->world, &ops);

	CHECK_UINT(count == 0, telling.text[0] == '\0');
	return telling.text;
}

static const char plan[] = "[in]\nexten => 1,1,Answer\n[more]\nexten => 1,1,Answer\n";

static bool row_holds(size_t i, unsigned scope)
{
	struct conf_result old, new;

	/* Of [acl.conf] an account must know. */
	load(&old, scope == A ? A : G, "", plan);
	load(&new, scope, rows[i].line, plan);
	char *there = changes(&old, &new), *back = changes(&new, &old);
	const bool holds = strcmp(there, rows[i].told) == 0 && (back[0] == '\0') == (there[0] == '\0');

	if (!holds) {
		print_error("%s: told is\n%s-- not --\n%s", rows[i].line, there, rows[i].told);
	}
	free(there);
	free(back);
	conf_result_free(&old);
	conf_result_free(&new);
	return holds;
}

static void test_each_option_is_named(void **state)
{
	unsigned wrong = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		for (unsigned scope = G; scope <= CONF_IN_LAST; scope <<= 1) {
			wrong += (rows[i].scope & scope) != 0 && !row_holds(i, scope) ? 1 : 0;
		}
	}
	CHECK_UINT(wrong, 0);
}

/* What is told in another way, or is so anyway. */
static bool is_not_told(const char *name)
{
	static const char *const names[] = { "delayreject", "strict", "sounds", "type", "listen", "public" };

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static void test_no_option_is_left_out(void **state)
{
	const struct conf_option *option;
	(void)state;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		const size_t len = strlen(option->name);
		unsigned left = option->verdict == CONF_VERDICT_YES && !is_not_told(option->name) ? option->scopes : 0;

		for (size_t k = 0; k < TG_COUNT(rows); k++) {
			if (strncmp(rows[k].line, option->name, len) == 0 &&
			    (rows[k].line[len] == '=' || rows[k].line[len] == ' ')) {
				left &= ~rows[k].scope;
			}
		}
		left &= ~(unsigned)F; /* another kind of configuration: below */
		if (left != 0) {
			fail_msg("%s has no row for %x", option->name, left);
		}
	}
}

/* ---- the rest of the files ---- */

static void check_plan(const char *old_plan, const char *new_plan, const char *want)
{
	struct conf_result old, new;

	load(&old, G, "", old_plan);
	load(&new, G, "", new_plan);
	char *told = changes(&old, &new);

	CHECK_TEXT(told, want);
	free(told);
	conf_result_free(&old);
	conf_result_free(&new);
}

static void test_contexts(void **state)
{
	(void)state;

	check_plan(plan, plan, "");
	check_plan(plan, "[in]\nexten => 1,1,Answer\n[more]\nexten => 1,1,Answer\n[new]\nexten => 2,1,Answer\n",
	           "added: context new\n");
	check_plan(plan, "[in]\nexten => 1,1,Answer\n", "removed: context more\n");
	check_plan(plan, "[in]\nexten => 1,1,Answer\ninclude => more\n[more]\nexten => 1,1,Answer\n",
	           "changed: context in: include\n");
	check_plan(plan, "[in]\nexten => 1,1,Answer(5)\n[more]\nexten => 1,1,Answer\n", "changed: context in: 1\n");
	check_plan(plan, "[in]\nexten => 1,1(x),Answer\n[more]\nexten => 1,1,Answer\n same => n,Hangup\n",
	           "changed: context in, more: 1\n");
	check_plan(plan, "[in]\nexten => 2,1,Answer\n[more]\nexten => 1,1,Answer\n",
	           "changed: context in: 2, extensions are gone\n");
	check_plan(plan, "[globals]\nA=1\n[in]\nexten => 1,1,Answer\n[more]\nexten => 1,1,Answer\n",
	           "changed: [globals]\n");
	check_plan(plan, "[general]\nautofallthrough=no\n[in]\nexten => 1,1,Answer\n[more]\nexten => 1,1,Answer\n",
	           "changed: [general]: autofallthrough\n");
}

static void test_it_stays_short(void **state)
{
	char *text = NULL;
	(void)state;

	text_append(&text, "%s", plan);
	for (unsigned i = 0; i < 300; i++) {
		text_append(&text, "[c%u]\nexten => 1,1,Answer\n", i);
	}
	check_plan(plan, text, "added: context c0, c1, c2, c3, c4, c5, c6, c7 and 292 more\n");
	free(text);
	text = NULL;
	text_append(&text, "[more]\nexten => 1,1,Answer\n[in]\nexten => 1,1,Answer\n");
	for (unsigned i = 100; i < 300; i++) {
		text_append(&text, "exten => %u,1,Answer\n", i);
	}
	struct conf_result old, new;

	load(&old, G, "", plan);
	load(&new, G, "", text);
	char *told = changes(&old, &new);

	CHECK_TRUE(strlen(told) < CONF_CHANGES_BYTES && strstr(told, ", ...\n") != NULL);
	free(told);
	free(text);
	conf_result_free(&old);
	conf_result_free(&new);
}

/* Each of 100 accounts changes in its own way. */
static void test_the_rest_is_counted(void **state)
{
	static const struct memory_file files[] = { { "iax.conf", NULL, 0 } };
	char *texts[2] = { NULL, NULL };
	struct conf_result results[2];
	(void)state;
	(void)files;

	for (unsigned which = 0; which < 2; which++) {
		text_append(&texts[which], "%s", "[general]\n");
		for (unsigned i = 0; i < 100; i++) {
			text_append(&texts[which], "[u%u]\ntype=user\nsecret=kiebitz-8-ampel-30\ncontext=in\n", i);
			text_append(&texts[which], "%s%s%s%s%s%s%s", which && i & 1 ? "language=de\n" : "",
			            which && i & 2 ? "setvar=A=1\n" : "", which && i & 4 ? "accountcode=x\n" : "",
			            which && i & 8 ? "roaming=yes\n" : "", which && i & 16 ? "allow=!ulaw\n" : "",
			            which && i & 32 ? "maxauthreq=9\n" : "", which && i & 64 ? "fullname=A\n" : "");
		}
		const struct memory_file list[] = { { "iax.conf", texts[which], 0 }, { "extensions.conf", plan, 0 } };
		struct memory_files memory = { list, TG_COUNT(list) };
		const struct conf_files io = memory_files_io(&memory);

		conf_load(&io, &results[which]);
	}
	char *told = changes(&results[0], &results[1]);
	unsigned lines = 0;

	for (const char *p = told; *p != '\0'; p++) {
		lines += *p == '\n' ? 1 : 0;
	}
	CHECK_UINT(lines, CONF_CHANGES_LINES + 1);
	CHECK_TRUE(strstr(told, "changed: 59 more\n") != NULL);
	free(told);
	for (unsigned which = 0; which < 2; which++) {
		free(texts[which]);
		conf_result_free(&results[which]);
	}
}

static void test_front(void **state)
{
	struct conf_result results[2];
	(void)state;

	for (unsigned which = 0; which < 2; which++) {
		const struct memory_file list[] = {
			{ "iax.conf",
			  "[general]\nbindaddr=127.0.0.1\nbindaddr=127.0.0.2\n[u]\ntype=user\nsecret=kiebitz-8-ampel-"
			  "30\ncontext=in\n",
			  0 },
			{ "tollgate.conf",
			  which == 0 ? "[front]\nbackend=127.0.0.1:4570\n"
			             : "[front]\nbackend=127.0.0.1:4571\nlocal=127.0.0.2\n",
			  0 },
		};
		struct memory_files memory = { list, TG_COUNT(list) };
		const struct conf_files io = memory_files_io(&memory);

		conf_load(&io, &results[which]);
		CHECK_TRUE(!results[which].failed);
	}
	char *told = changes(&results[0], &results[1]);

	CHECK_TRUE(strstr(told, "changed: [front]: backend, local\n") != NULL);
	free(told);
	conf_result_free(&results[0]);
	conf_result_free(&results[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_option_is_named),
		cmocka_unit_test(test_no_option_is_left_out),
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_it_stays_short),
		cmocka_unit_test(test_the_rest_is_counted),
		cmocka_unit_test(test_front),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
