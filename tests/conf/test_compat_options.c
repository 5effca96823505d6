/* SPDX-License-Identifier: Apache-2.0 */
/* What a file that was written for Asterisk means here: each option of iax.conf, what holds without it, and whether it is
 * used, accepted with a note, or refused. Written from what administrators rely on, not from the program's own table. */
#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "conf/option.h"
#include "conf/world_dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum verdict {
	USED,    /* changes what is loaded, and nothing is said */
	QUIET,   /* is so anyway, and nothing is said */
	NOTED,   /* one note, and nothing changes */
	WARNED,  /* one warning */
	REFUSED, /* an error */
};

struct row {
	const char *option;
	unsigned scopes;
	enum verdict wanted; /* of who knows the option from there */
	enum verdict verdict;
	const char *line;
	const char *without; /* a line of accounts_dump() that is there without the option; NULL: not looked at */
	const char *why;     /* of a verdict that is not the wanted one */
};

#define G CONF_IN_GENERAL
#define U CONF_IN_USER
#define P CONF_IN_PEER
#define SAME(verdict) verdict, verdict

static const char no_trunks[] = "there are no trunk frames yet";
static const char no_jitter[] = "there is no jitter buffer yet";
static const char no_crypt[] = "calls are not encrypted yet";
static const char no_rsa[] = "there are no RSA keys yet";
static const char no_transfer[] = "calls are not transferred yet; to keep them is the default here";

static const struct row rows[] = {
	/* ---- [general] ---- */
	{ "bindport", G, SAME(USED), "bindport=1023", "general: bind=0.0.0.0:4569", NULL },
	{ "bindaddr", G, SAME(USED), "bindaddr=[::]:4600", "general: bind=0.0.0.0:4569", NULL },
	{ "iaxcompat", G, SAME(NOTED), "iaxcompat=yes", NULL, NULL },
	{ "nochecksums", G, SAME(REFUSED), "nochecksums=yes", NULL, NULL },
	{ "delayreject", G, USED, QUIET, "delayreject=yes", "general: delay_reject=1", "it is always on" },
	{ "delayreject", G, USED, WARNED, "delayreject=no", NULL, "it cannot be switched off" },
	{ "authdebug", G, SAME(NOTED), "authdebug=yes", NULL, NULL },
	{ "auth", G, USED, QUIET, "auth=md5", NULL, "it is the only method" },
	{ "auth", G | U | P, USED, WARNED, "auth=md5,rsa", NULL, no_rsa },
	{ "auth", G | U | P, SAME(REFUSED), "auth=plaintext", NULL, NULL },
	{ "encryption", G | U | P, USED, WARNED, "encryption=yes", NULL, no_crypt },
	{ "encryption", G | U | P, USED, QUIET, "encryption=no", NULL, no_crypt },
	{ "forceencryption", G | U | P, USED, REFUSED, "forceencryption=yes", NULL, no_crypt },
	{ "transfer", G | U | P, USED, NOTED, "transfer=yes", NULL, no_transfer },
	{ "transfer", G | U | P, USED, NOTED, "transfer=mediaonly", NULL, no_transfer },
	{ "transfer", G | U | P, USED, QUIET, "transfer=no", NULL, no_transfer },
	{ "codecpriority", G | U, SAME(USED), "codecpriority=reqonly", "user u: codec_priority=0", NULL },
	{ "allow", G | U | P, SAME(USED), "disallow=all\nallow=gsm", NULL, NULL },
	{ "allow", G | U | P, SAME(REFUSED), "allow=nosuchcodec", NULL, NULL },
	{ "disallow", G | U | P, SAME(USED), "disallow=ulaw", NULL, NULL },
	{ "bandwidth", G, SAME(NOTED), "bandwidth=low", NULL, NULL },
	{ "jitterbuffer", G | U | P, USED, NOTED, "jitterbuffer=yes", NULL, no_jitter },
	{ "jitterbuffer", G | U | P, USED, QUIET, "jitterbuffer=no", NULL, no_jitter },
	{ "maxjitterbuffer", G, USED, NOTED, "maxjitterbuffer=500", NULL, no_jitter },
	{ "maxjitterinterps", G, USED, NOTED, "maxjitterinterps=5", NULL, no_jitter },
	{ "resyncthreshold", G, USED, NOTED, "resyncthreshold=-1", NULL, no_jitter },
	{ "jittertargetextra", G, USED, NOTED, "jittertargetextra=20", NULL, no_jitter },
	{ "trunkfreq", G, USED, NOTED, "trunkfreq=40", NULL, no_trunks },
	{ "trunkmtu", G, USED, NOTED, "trunkmtu=0", NULL, no_trunks },
	{ "trunkmaxsize", G, USED, NOTED, "trunkmaxsize=64000", NULL, no_trunks },
	{ "trunktimestamps", G, USED, NOTED, "trunktimestamps=yes", NULL, no_trunks },
	{ "minregexpire", G, SAME(USED), "minregexpire=30", "general: min_reg_expire_s=60", NULL },
	{ "maxregexpire", G, SAME(USED), "maxregexpire=3600", "general: max_reg_expire_s=60", NULL },
	{ "register", G, SAME(USED), "register => me:kiebitz-8-ampel-31@192.0.2.4:4600", NULL, NULL },
	{ "register", G, USED, REFUSED, "register => me:[key]@192.0.2.4", NULL, no_rsa },
	{ "subscribe_network_change_event", G, SAME(NOTED), "subscribe_network_change_event=no", NULL, NULL },
	{ "srvlookup", G, USED, NOTED, "srvlookup=yes", NULL, "names are looked up as addresses alone" },
	{ "tos", G, SAME(USED), "tos=0x1E", "general: tos=0", NULL },
	{ "cos", G, SAME(USED), "cos=5", "general: cos=0", NULL },
	{ "autokill", G, SAME(USED), "autokill=yes", "general: autokill_ms=0", NULL },
	{ "autokill", G, SAME(USED), "autokill=1500", NULL, NULL },
	{ "maxauthreq", G, SAME(USED), "maxauthreq=5", "general: max_auth_req=3", NULL },
	{ "pingtime", G, SAME(USED), "pingtime=30", "general: ping_time_s=21", NULL },
	{ "lagrqtime", G, SAME(USED), "lagrqtime=20", "general: lagrq_time_s=10", NULL },
	{ "iaxthreadcount", G, SAME(NOTED), "iaxthreadcount=30", NULL, NULL },
	{ "iaxmaxthreadcount", G, SAME(NOTED), "iaxmaxthreadcount=150", NULL, NULL },
	{ "accountcode", G | U, SAME(USED), "accountcode=desk", "user u: accountcode=", NULL },
	{ "amaflags", G | U, SAME(NOTED), "amaflags=billing", NULL, NULL },
	{ "language", G | U, SAME(USED), "language=de", "user u: language=", NULL },
	{ "mohinterpret", G | U | P, USED, QUIET, "mohinterpret=passthrough", NULL, "it is so anyway" },
	{ "mohinterpret", G | U | P, SAME(NOTED), "mohinterpret=default", NULL, NULL },
	{ "mohsuggest", G | U | P, USED, QUIET, "mohsuggest=passthrough", NULL, "it is so anyway" },
	{ "mohsuggest", G | U | P, SAME(NOTED), "mohsuggest=default", NULL, NULL },
	{ "adsi", G | U | P, SAME(NOTED), "adsi=yes", NULL, NULL },
	{ "parkinglot", G | U, SAME(NOTED), "parkinglot=hall", NULL, NULL },
	{ "regcontext", G, SAME(USED), "regcontext=registered", "general: regcontext=", NULL },
	{ "allowfwdownload", G, SAME(REFUSED), "allowfwdownload=yes", NULL, NULL },
	{ "allowfwdownload", G, REFUSED, QUIET, "allowfwdownload=no", NULL, "only yes is refused" },
	{ "connectedline", G | U | P, USED, QUIET, "connectedline=no", NULL, "it is so anyway" },
	{ "connectedline", G | U | P, USED, NOTED, "connectedline=send", NULL,
	  "names do not change during a call yet" },
	{ "maxcallnumbers", G, SAME(USED), "maxcallnumbers=100", "general: max_call_numbers=2048", NULL },
	{ "maxcallnumbers_nonvalidated", G, SAME(USED), "maxcallnumbers_nonvalidated=10",
	  "general: max_call_numbers_nonvalidated=8192", NULL },
	{ "calltokenoptional", G, SAME(USED), "calltokenoptional=192.0.2.0/255.255.255.0", NULL, NULL },
	{ "calltokenoptional", G, SAME(WARNED), "calltokenoptional=0.0.0.0/0.0.0.0", NULL, NULL },
	{ "calltokenoptional", G, SAME(REFUSED), "calltokenoptional=nowhere", NULL, NULL },
	{ "calltokenexpiration", G, SAME(USED), "calltokenexpiration=60", "general: call_token_expiration_s=8", NULL },
	{ "requirecalltoken", G, SAME(REFUSED), "requirecalltoken=no", NULL, NULL },
	{ "shrinkcallerid", G, SAME(USED), "shrinkcallerid=no", "general: shrink_caller_id=1", NULL },
	{ "rtcachefriends", G, SAME(REFUSED), "rtcachefriends=yes", NULL, NULL },
	{ "rtupdate", G, SAME(NOTED), "rtupdate=yes", NULL, NULL },
	{ "rtsavesysname", G, SAME(NOTED), "rtsavesysname=no", NULL, NULL },
	{ "rtautoclear", G, SAME(NOTED), "rtautoclear=yes", NULL, NULL },
	{ "rtignoreregexpire", G, SAME(NOTED), "rtignoreregexpire=yes", NULL, NULL },

	/* ---- identities ---- */
	{ "type", U | P, SAME(REFUSED), "type=trunk", NULL, NULL },
	{ "secret", P, SAME(USED), "secret=ein-anderes-27-langes", NULL, NULL },
	{ "secret", P, SAME(WARNED), "secret=short", NULL, NULL },
	{ "dbsecret", U | P, SAME(REFUSED), "dbsecret=family/key", NULL, NULL },
	{ "inkeys", U | P, USED, NOTED, "inkeys=far", NULL, no_rsa },
	{ "outkey", P, USED, NOTED, "outkey=near", NULL, no_rsa },
	{ "keyrotate", U | P, USED, NOTED, "keyrotate=no", NULL, no_crypt },
	{ "context", P, SAME(NOTED), "context=in", NULL, NULL },
	{ "peercontext", P, SAME(USED), "peercontext=theirs", "peer p: peercontext=", NULL },
	{ "permit", U | P, SAME(USED), "permit=192.0.2.0/24\npermit=2001:db8::/32", NULL, NULL },
	{ "deny", U | P, SAME(USED), "deny=0.0.0.0/0.0.0.0\ndeny=::/0", NULL, NULL },
	{ "deny", U | P, SAME(REFUSED), "deny=192.0.2.0/33", NULL, NULL },
	{ "acl", U | P, SAME(USED), "acl=office", NULL, NULL },
	{ "acl", U | P, SAME(REFUSED), "acl=nosuchlist", NULL, NULL },
	{ "host", P, SAME(USED), "host=198.51.100.9", NULL, NULL },
	{ "port", P, SAME(USED), "port=4600", NULL, NULL },
	{ "defaultip", P, SAME(USED), "defaultip=198.51.100.9", NULL, NULL },
	{ "mask", P, SAME(NOTED), "mask=255.255.255.255", NULL, NULL },
	{ "sourceaddress", P, SAME(USED), "sourceaddress=127.0.0.1", NULL, NULL },
	{ "sourceaddress", P, WARNED, REFUSED, "sourceaddress=2001:db8::9", NULL, "another source is no replacement" },
	{ "username", P, SAME(USED), "username=ourselves", "peer p: username=", NULL },
	{ "description", P, SAME(USED), "description=the hall", NULL, NULL },
	{ "trunk", U | P, USED, NOTED, "trunk=yes", NULL, no_trunks },
	{ "trunk", U | P, USED, QUIET, "trunk=no", NULL, no_trunks },
	{ "callerid", U, SAME(USED), "callerid=\"The Hall\" <200>", NULL, NULL },
	{ "callerid", U, USED, QUIET, "callerid=asreceived", NULL, "it is so anyway" },
	{ "callerid", P, NOTED, USED, "callerid=Hall <200>", NULL, "it is sent when the peer registers" },
	{ "fullname", U | P, SAME(USED), "fullname=The Hall", NULL, NULL },
	{ "cid_number", U | P, SAME(USED), "cid_number=200", NULL, NULL },
	{ "sendani", P, SAME(USED), "sendani=yes", "peer p: send_ani=0", NULL },
	{ "setvar", U, SAME(USED), "setvar=FLOOR=2", NULL, NULL },
	{ "maxauthreq", U, SAME(USED), "maxauthreq=9", "user u: max_auth_req=3", NULL },
	{ "immediate", U, SAME(USED), "immediate=yes", NULL, NULL },
	{ "immediate", U, USED, NOTED, "immediate=no", NULL, "a call without a number begins at once with s" },
	{ "qualify", P, SAME(USED), "qualify=yes", "peer p: qualify_ms=0", NULL },
	{ "qualifysmoothing", P, SAME(USED), "qualifysmoothing=yes", "peer p: qualify_smoothing=0", NULL },
	{ "qualifyfreqok", P, SAME(USED), "qualifyfreqok=120000", "peer p: qualify_ok_ms=60000", NULL },
	{ "qualifyfreqnotok", P, SAME(USED), "qualifyfreqnotok=20000", "peer p: qualify_notok_ms=10000", NULL },
	{ "regexten", P, SAME(USED), "regexten=200", "peer p: regexten=", NULL },
	{ "mailbox", P, SAME(NOTED), "mailbox=200", NULL, NULL },
	{ "timezone", P, USED, NOTED, "timezone=Europe/Berlin", NULL, "a peer that registers is told UTC" },
	{ "maxcallnumbers", P, SAME(USED), "maxcallnumbers=9", "peer p: max_call_numbers=0", NULL },
	{ "requirecalltoken", U | P, SAME(USED), "requirecalltoken=yes", NULL, NULL },
	{ "requirecalltoken", U | P, USED, WARNED, "requirecalltoken=auto", NULL, "it excuses a name everywhere" },
	{ "requirecalltoken", U | P, SAME(USED), "requirecalltoken=no\ndeny=0.0.0.0/0\ndeny=::/0\npermit=192.0.2.0/24",
	  NULL, NULL },
	{ "no_such_option", G | U | P, SAME(REFUSED), "no_such_option=1", NULL, NULL },
	{ "no_such_option", G, SAME(WARNED), "strict=no\nno_such_option=1", NULL, NULL },

	/* ---- of old files, and of files for other protocols ---- */
	{ "notransfer", G | U | P, SAME(NOTED), "notransfer=yes", NULL, NULL },
	{ "forcejitterbuffer", G | U | P, SAME(NOTED), "forcejitterbuffer=yes", NULL, NULL },
	{ "dropcount", G, SAME(NOTED), "dropcount=2", NULL, NULL },
	{ "minexcessbuffer", G, SAME(NOTED), "minexcessbuffer=10", NULL, NULL },
	{ "maxexcessbuffer", G, SAME(NOTED), "maxexcessbuffer=80", NULL, NULL },
	{ "jittershrinkrate", G, SAME(NOTED), "jittershrinkrate=1", NULL, NULL },
	{ "mincost", G, SAME(NOTED), "mincost=1", NULL, NULL },
	{ "trunkminsize", G, SAME(NOTED), "trunkminsize=1", NULL, NULL },
	{ "dialplan", G | U | P, SAME(NOTED), "dialplan=1", NULL, NULL },
	{ "musiconhold", G | U | P, SAME(NOTED), "musiconhold=default", NULL, NULL },
	{ "musicclass", G | U | P, SAME(NOTED), "musicclass=default", NULL, NULL },
	{ "callgroup", G | U | P, SAME(NOTED), "callgroup=1", NULL, NULL },
	{ "canreinvite", G | U | P, SAME(NOTED), "canreinvite=no", NULL, NULL },
	{ "directmedia", G | U | P, SAME(NOTED), "directmedia=no", NULL, NULL },
	{ "nat", G | U | P, SAME(NOTED), "nat=yes", NULL, NULL },
	{ "dtmfmode", G | U | P, SAME(NOTED), "dtmfmode=rfc2833", NULL, NULL },
	{ "insecure", G | U | P, SAME(NOTED), "insecure=very", NULL, NULL },
	{ "videosupport", G | U | P, SAME(NOTED), "videosupport=yes", NULL, NULL },
	{ "qualifyfreq", G | U | P, SAME(NOTED), "qualifyfreq=60", NULL, NULL },
	{ "disallowed_methods", G | U | P, SAME(NOTED), "disallowed_methods=x", NULL, NULL },
	{ "callcounter", G | U | P, SAME(NOTED), "callcounter=yes", NULL, NULL },
	{ "faxdetect", G | U | P, SAME(NOTED), "faxdetect=yes", NULL, NULL },
	{ "sendrpid", G | U | P, SAME(NOTED), "sendrpid=yes", NULL, NULL },
	{ "hasiax", G | U | P, SAME(NOTED), "hasiax=yes", NULL, NULL },
	{ "user", U | P, SAME(NOTED), "user=somebody", NULL, NULL },
};

static const char *every_option; /* a file */

static struct conf_result load(unsigned scope, const char *line)
{
	static const char base[] = "[general]\n%s\n"
				   "[u]\ntype=user\nsecret=kiebitz-8-ampel-30\ncontext=in\n%s\n"
				   "[p]\ntype=peer\nsecret=kiebitz-8-ampel-30\nhost=dynamic\n%s\n";
	struct conf_result result;
	char *iax = NULL;

	text_append(&iax, base, scope == G ? line : "", scope == U ? line : "", scope == P ? line : "");
	const struct memory_file files[] = {
		{ "iax.conf", iax, 0 },
		{ "acl.conf", "[office]\npermit=192.0.2.0/24\npermit=2001:db8::/32\n", 0 },
		{ "extensions.conf", "[in]\nexten => 1,1,Answer\n", 0 },
		{ "tollgate.conf", "[numbers]\ncountry=DE\n", 0 },
	};
	struct memory_files memory = { files, TG_COUNT(files) };
	const struct conf_files io = memory_files_io(&memory);

	conf_load(&io, &result);
	free(iax);
	return result;
}

/* What follows from the base alone, or from an address list of one family. */
static bool is_about_the_base(const struct conf_problem *problem)
{
	return strstr(problem->text, "no bindaddr: ") != NULL;
}

static void count_by_severity(const struct conf_result *result, unsigned counts[CONF_ERROR + 1])
{
	counts[CONF_NOTE] = counts[CONF_WARNING] = counts[CONF_ERROR] = 0;
	for (const struct conf_problem *p = result->problems.first; p != NULL; p = p->next) {
		counts[p->severity] += is_about_the_base(p) ? 0 : 1;
	}
}

static bool differs(const struct conf_result *a, const struct conf_result *b)
{
	char *one = accounts_dump(a), *other = accounts_dump(b);
	const bool different = strcmp(one, other) != 0;

	free(one);
	free(other);
	return different;
}

static bool has_verdict(const struct row *row, const struct conf_result *with, const struct conf_result *without)
{
	unsigned counts[CONF_ERROR + 1];

	count_by_severity(with, counts);
	if (row->verdict == REFUSED) {
		return counts[CONF_ERROR] > 0 && with->failed;
	}
	if (counts[CONF_ERROR] > 0 || counts[CONF_WARNING] != (row->verdict == WARNED ? 1 : 0) ||
	    counts[CONF_NOTE] != (row->verdict == NOTED ? 1 : 0)) {
		return false;
	}
	return row->verdict == WARNED || strcmp(row->option, "mailbox") == 0 || strcmp(row->option, "inkeys") == 0 ||
	       differs(with, without) == (row->verdict == USED);
}

static bool row_holds(const struct row *row, unsigned scope)
{
	struct conf_result without = load(0, ""), with = load(scope, row->line);
	const bool holds = has_verdict(row, &with, &without);

	if (!holds) {
		char *said = problems_dump(&with.problems);

		print_error("%s in %s is not judged as wanted (%d):\n%s", row->line,
		            conf_scope_name((enum conf_scope)scope), (int)row->verdict, said);
		free(said);
	}
	conf_result_free(&with);
	conf_result_free(&without);
	return holds;
}

static void test_each_option_has_its_verdict(void **state)
{
	unsigned wrong = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		for (unsigned scope = G; scope <= P; scope <<= 1) {
			wrong += (rows[i].scopes & scope) != 0 && !row_holds(&rows[i], scope) ? 1 : 0;
		}
	}
	CHECK_UINT(wrong, 0);
}

static void test_another_verdict_has_a_reason(void **state)
{
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		if ((rows[i].wanted != rows[i].verdict) != (rows[i].why != NULL)) {
			fail_msg("%s: a reason is %s", rows[i].line, rows[i].why != NULL ? "too much" : "missing");
		}
	}
}

static void test_each_default_is_the_known_one(void **state)
{
	struct conf_result result = load(0, "");
	char *text = accounts_dump(&result);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char *line = NULL;

		text_append(&line, "%s\n", rows[i].without != NULL ? rows[i].without : "");
		if (strstr(text, line) == NULL) {
			fail_msg("%s does not hold without %s", rows[i].without, rows[i].option);
		}
		free(line);
	}
	free(text);
	conf_result_free(&result);
}

static bool is_listed(const char *option, unsigned scope)
{
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		if ((rows[i].scopes & scope) != 0 && strcmp(rows[i].option, option) == 0) {
			return true;
		}
	}
	return false;
}

/* Options of our own, and those that the base needs anyway. */
static bool is_ours(const char *option)
{
	static const char *const names[] = {
		"strict",     "threads",    "calls",       "stealth", "syslog",  "calltoken-text",
		"sounds",     "secretfile", "refresh",     "decoy",   "roaming", "mayspend",
		"chargeable", "policy",     "trunkpolicy", "numbers",
	};

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (strcmp(names[i], option) == 0) {
			return true;
		}
	}
	return false;
}

static void test_nothing_else_is_an_option(void **state)
{
	const struct conf_option *option;
	(void)state;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		for (unsigned scope = G; scope <= P; scope <<= 1) {
			const bool in_base = scope == U && (strcmp(option->name, "secret") == 0 ||
			                                    strcmp(option->name, "context") == 0);
			const bool of_a_peer = scope == U && strcmp(option->name, "outkey") == 0;

			if ((option->scopes & scope) != 0 && !is_ours(option->name) && !in_base && !of_a_peer &&
			    !is_listed(option->name, scope)) {
				fail_msg("%s in %s is in no row", option->name,
				         conf_scope_name((enum conf_scope)scope));
			}
		}
	}
}

/* A file with all of them: "name = value", also behind a semicolon; the strange ones apart. */
static void test_the_file_with_every_option_has_each(void **state)
{
	static char text[1 << 14];
	FILE *file = fopen(every_option, "r");
	(void)state;

	CHECK_TRUE(file != NULL);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char *line = NULL, *off = NULL;

		text_append(&line, "\n%s = ", rows[i].option);
		text_append(&off, "\n;%s = ", rows[i].option);
		if (strstr(text, line) == NULL && strstr(text, off) == NULL &&
		    strcmp(rows[i].option, "no_such_option") != 0) {
			fail_msg("%s is not in %s", rows[i].option, every_option);
		}
		free(line);
		free(off);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_option_has_its_verdict),
		cmocka_unit_test(test_another_verdict_has_a_reason),
		cmocka_unit_test(test_each_default_is_the_known_one),
		cmocka_unit_test(test_nothing_else_is_an_option),
		cmocka_unit_test(test_the_file_with_every_option_has_each),
	};

	every_option = argc > 1 ? argv[1] : "iax.conf";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
