/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/plan.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/include.h"
#include "conf/memory_files.h"
#include "conf/world_dump.h"

#include <stdio.h>
#include <stdlib.h>

static const char iax[] = "[general]\nbindaddr=127.0.0.1\n[bob]\ntype=peer\nhost=dynamic\nsecret=long-enough-for-us\n"
			  "[gate-2]\ntype=peer\nhost=192.0.2.9\n";

/* What a dialplan becomes, and what is said of it; or, if it fails, only that. */
static char *load(const char *extensions)
{
	const struct memory_file list[] = { { "iax.conf", iax, 0 }, { "extensions.conf", extensions, 0 } };
	struct memory_files memory = { list, TG_COUNT(list) };
	struct conf_files files = memory_files_io(&memory);
	struct conf_result result;
	char *text = NULL;

	files.zone = "UTC0";
	conf_load(&files, &result);
	char *problems = problems_dump(&result.problems);
	char *plan = result.world != NULL ? dialplan_dump(result.world) : strdup("");

	text_append(&text, "%s%s", plan, problems);
	free(plan);
	free(problems);
	conf_result_free(&result);
	return text;
}

struct plan_case {
	const char *text, *want;
};

static void check_cases(const struct plan_case *cases, size_t count)
{
	unsigned broken = 0;

	for (size_t i = 0; i < count; i++) {
		char *got = load(cases[i].text);

		if (strcmp(got, cases[i].want) != 0) {
			print_error("%s-- gives --\n%s-- not --\n%s\n", cases[i].text, got, cases[i].want);
			broken++;
		}
		free(got);
	}
	CHECK_UINT(broken, 0);
}

static void test_lines(void **state)
{
	static const struct plan_case cases[] = {
		{ "[c]\nexten => 1,1,Answer\n", "[c]\n1,1,Answer()@2\n" },
		{ "[c]\nexten = 1,1,answer()\n", "[c]\n1,1,Answer()@2\n" },
		{ "[c]\nexten => 1 , 1 , NoOp( a , (b) ) \n", "[c]\n1,1,NoOp(a , (b))@2\n" },
		{ "[c]\nexten => 1,1,Answer\nsame => n,Wait(1.5)\nsame=>n,Hangup(16)\n",
		  "[c]\n1,1,Answer()@2\n1,2,Wait(1.5)@3\n1,3,Hangup(16)@4\n" },
		{ "[c]\nexten => 1,1,Answer\nexten => 1,n+10,Echo\nexten => 1,s+2,NoOp\nexten => 1,next,Hangup\n",
		  "[c]\n1,1,Answer()@2\n1,12,Echo()@3\n1,14,NoOp()@4\n1,15,Hangup()@5\n" },
		{ "[c]\nexten => 1,1(start),Answer\nsame => n,Goto(start)\nsame => start+4,Echo\n",
		  "[c]\n1,1(start),Answer()@2\n1,2,Goto(start)@3\n1,5,Echo()@4\n" },
		{ "[c]\nexten => _1X,1,Echo\nexten => 12,1,Answer\nexten => _1X/200,1,Hangup\nexten => _1X/,1,Busy\n",
		  "[c]\n12,1,Answer()@3\n_1X/,1,Busy()@5\n_1X/200,1,Hangup()@4\n_1X,1,Echo()@2\n" },
		{ "[c]\nexten => 1,1,Echo\n[d]\nexten => 2,1,Echo\n[c]\nexten => 3,1,Echo\n",
		  "[c]\n1,1,Echo()@2\n3,1,Echo()@6\n[d]\n2,1,Echo()@4\n" },
		{ "[c]\nexten => 1,1,Echo\n[C]\nexten => 2,1,Echo\n", "[c]\n1,1,Echo()@2\n[C]\n2,1,Echo()@4\n" },
		{ "[t](!)\nexten => 1,1,Echo\n[c](t)\nexten => 2,1,Echo\n", "[c]\n1,1,Echo()@2\n2,1,Echo()@4\n" },
		{ "[c]\ninclude => d\ninclude => e\n[d]\nexten => 1,1,Echo\n[e]\ninclude => d\n",
		  "[c]\ninclude d\ninclude e\n[d]\n1,1,Echo()@5\n[e]\ninclude d\n" },
		{ "[c]\ninclude => d , 9:00-17:00,mon-fri,*,*,UTC0\ninclude => d\n[d]\n",
		  "[c]\ninclude d,9:00-17:00,mon-fri,*,*,UTC0\ninclude d\n[d]\n" },
		{ "[globals]\nA=1\nB=${A}2\nA=3\n[c]\n[globals]\nC=x${NONE}y\n", "A=3\nB=12\nC=xy\n[c]\n" },
		{ "[general]\nstatic=yes\nwriteprotect=no\nautofallthrough=no\n[c]\n", "[c]\n" },
		{ "[c]\nexten => 1,1,NoOp(${CALLERID(num)} ${IAXVAR(x)} ${EXTEN:1:-2} $[${A} + 1] ${A${B}})\n",
		  "[c]\n1,1,NoOp(${CALLERID(num)} ${IAXVAR(x)} ${EXTEN:1:-2} $[${A} + 1] ${A${B}})@2\n" },
		{ "[c]\nexten => 1,hint,IAX2/bob\nexten => 1,1,Echo\n",
		  "[c]\n1,1,Echo()@3\nextensions.conf:2: note: hint has no effect: the state of phones is not told\n" },
		{ "[c]\nignorepat => 9\n", "[c]\nextensions.conf:2: note: ignorepat has no effect here\n" },
		{ "[c]\nautohints = yes\n", "[c]\nextensions.conf:2: note: autohints has no effect here\n" },
		{ "[general]\nclearglobalvars=yes\nextenpatternmatchnew=no\nuserscontext=here\noverrideswitch=no\n[c]"
		  "\n",
		  "[c]\nextensions.conf:2: note: clearglobalvars has no effect: variables that calls set live until "
		  "the "
		  "end\n"
		  "extensions.conf:4: note: userscontext has no effect: users are in iax.conf alone\n" },
		{ "[c]\nexten => 1,1,Echo\nexten => 2,n,Echo\n",
		  "[c]\n1,1,Echo()@2\n2,2,Echo()@3\n"
		  "extensions.conf:3: warning: n goes on after the extension above, with priority 2; begin with 1\n" },
	};
	(void)state;

	check_cases(cases, TG_COUNT(cases));
}

/* asterisk-compat 6.3, whatever the order in the file. */
static void test_precedence(void **state)
{
	static const struct plan_case cases[] = {
		{ "[c]\nexten => _X.,1,Echo\nexten => _[12]2,1,Echo\nexten => _1!,1,Echo\nexten => _1.,1,Echo\n"
		  "exten => _1X,1,Echo\nexten => _1Z,1,Echo\nexten => _1N,1,Echo\nexten => _1[25],1,Echo\n"
		  "exten => 12,1,Echo\n",
		  "[c]\n12,1,Echo()@10\n_1[25],1,Echo()@9\n_1N,1,Echo()@8\n_1Z,1,Echo()@7\n_1X,1,Echo()@6\n"
		  "_1.,1,Echo()@5\n_1!,1,Echo()@4\n_[12]2,1,Echo()@3\n_X.,1,Echo()@2\n" },
		{ "[c]\nexten => _1X,1,Echo\nexten => _1X!,1,Echo\n", "[c]\n_1X!,1,Echo()@3\n_1X,1,Echo()@2\n" },
		{ "[c]\nexten => _2XX,2,Hangup\nexten => 200,1,Echo\n", "[c]\n200,1,Echo()@3\n_2XX,2,Hangup()@2\n" },
	};
	(void)state;

	check_cases(cases, TG_COUNT(cases));
}

/* Which minutes, weekdays, days and months; numbers are bits. */
static void test_times_of_includes(void **state)
{
	static const struct {
		const char *times;
		unsigned minutes, first; /* how many, and the first one at or behind 12:00 */
		unsigned weekdays, days, months;
	} cases[] = {
		{ "*", 1440, 720, 0x7f, 0xfffffffe, 0x1ffe },
		{ "9:00-17:00", 481, 720, 0x7f, 0xfffffffe, 0x1ffe }, /* to 17:00:59 */
		{ "09:00-17:00,mon-fri", 481, 720, 0x3e, 0xfffffffe, 0x1ffe },
		{ "22:00-6:00,*,*,*", 481, 1320, 0x7f, 0xfffffffe, 0x1ffe },
		{ "12:30", 1, 750, 0x7f, 0xfffffffe, 0x1ffe },
		{ "8:00-9:59&14:00-15:59", 240, 840, 0x7f, 0xfffffffe, 0x1ffe },
		{ "*,FRI-mon", 1440, 720, 0x63, 0xfffffffe, 0x1ffe },
		{ "*,mon&wed-thu", 1440, 720, 0x1a, 0xfffffffe, 0x1ffe },
		{ "*,*,1", 1440, 720, 0x7f, 0x2, 0x1ffe },
		{ "*,*,28-3", 1440, 720, 0x7f, 0xf000000e, 0x1ffe },
		{ "*,*,*,dec", 1440, 720, 0x7f, 0xfffffffe, 0x1000 },
		{ " 9:00 - 17:00 , sat & sun , 1-7 , nov-feb , CET-1CEST,M3.5.0,M10.5.0/3", 481, 720, 0x41, 0xfe,
		  0x1806 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct world_include row = { .weekdays = 0 };
		char expected[CONF_EXPECTED_BYTES] = "";
		unsigned minutes = 0, first = 1440;

		print_message("# %s\n", cases[i].times);
		if (!conf_include_times(tg_span_text(cases[i].times), &row, expected)) {
			print_error("%s\n", expected);
		}
		CHECK_UINT(row.is_limited, 1);
		for (unsigned m = 0; m < 1440; m++) {
			const bool in = (row.minutes[m / 8] >> m % 8 & 1) != 0;

			minutes += in;
			first = in && m >= 720 && m < first ? m : first;
		}
		CHECK_UINT(minutes, cases[i].minutes);
		CHECK_UINT(first, cases[i].first);
		CHECK_UINT(row.weekdays, cases[i].weekdays);
		CHECK_UINT(row.days, cases[i].days);
		CHECK_UINT(row.months, cases[i].months);
		CHECK_UINT(row.has_zone, strstr(cases[i].times, "CET") != NULL);
		CHECK_UINT(row.zone.summer_s, row.has_zone ? 7200 : 0);
	}
}

/* The machine's clock is told of when it decides, and only then. */
static void test_the_zone_of_the_machine(void **state)
{
	static const struct {
		const char *zone, *text, *want;
		uint32_t standard_s;
	} cases[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "[c]\ninclude => d,9:00-17:00\n[d]\n", "", 3600 },
		{ NULL, "[c]\ninclude => d,9:00-17:00\n[d]\n",
		  "extensions.conf: note: times without a zone are UTC: the machine's time zone is not known\n", 0 },
		{ "CET-1CEST,J60,J300", "[c]\ninclude => d,9:00-17:00\n[d]\n",
		  "extensions.conf: warning: times without a zone are UTC: the machine's time zone has a rule that "
		  "cannot "
		  "be "
		  "used, \"CET-1CEST,J60,J300\"; name one behind the times\n",
		  0 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "[c]\nexten => 1,1,GotoIfTime(9:00-17:00,*,*,*?c,1,1)\n", "", 3600 },
		{ NULL, "[c]\nexten => 1,1,GotoIfTime(9:00-17:00,*,*,*?c,1,1)\n",
		  "extensions.conf: note: times without a zone are UTC: the machine's time zone is not known\n", 0 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3",
		  "[c]\nexten => 1,1,Set(T=9:00-17:00)\nsame => 2,GotoIfTime(${T}?c,1,1)\n", "", 3600 },
		{ NULL, "[c]\nexten => 1,1,GotoIfTime(9:00-17:00,*,*,*,UTC0?c,1,1)\n", "", 0 },
		{ NULL, "[c]\ninclude => d\n[d]\n", "", 0 },
		{ NULL, "[c]\ninclude => d,9:00-17:00,*,*,*,UTC0\n[d]\n", "", 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct memory_file list[] = { { "iax.conf", iax, 0 }, { "extensions.conf", cases[i].text, 0 } };
		struct memory_files memory = { list, TG_COUNT(list) };
		struct conf_files files = memory_files_io(&memory);
		struct conf_result result;

		files.zone = cases[i].zone;
		conf_load(&files, &result);
		char *problems = problems_dump(&result.problems);

		CHECK_TEXT(problems, cases[i].want);
		CHECK_UINT(result.world->settings.zone.standard_s, cases[i].standard_s);
		free(problems);
		conf_result_free(&result);
	}
}

#define TIMES "include: expected times of day such as 9:00-17:00, with & between several, or \"*\""

static void test_broken_lines(void **state)
{
#define AT(line, text) "extensions.conf:" line ": error: " text "\n"
	static const struct plan_case cases[] = {
		{ "[c]\nexten => 1\n", AT("2", "expected extension,priority,application") },
		{ "[c]\nexten => 1,1\n", AT("2", "expected an application behind the priority") },
		{ "[c]\nexten => 1,1,\n", AT("2", "expected an application behind the priority") },
		{ "[c]\nexten => ,1,Echo\n", AT("2", "\"\": an extension needs a name") },
		{ "[c]\nexten => _1[2,1,Echo\n", AT("2", "\"_1[2\": a set [...] is not closed") },
		{ "[c]\nexten => _1.2,1,Echo\n", AT("2", "\"_1.2\": nothing may follow \".\" or \"!\"") },
		{ "[c]\nexten => 1/_2[,1,Echo\n", AT("2", "\"1/_2[\": a set [...] is not closed") },
		{ "[c]\nexten => ${X},1,Echo\n", AT("2", "\"${X}\": an extension's name cannot hold variables") },
		{ "[c]\nexten => 1,0,Echo\n", AT("2", "expected a priority: a number, n behind an earlier line, or a "
		                                      "label of this extension, not \"0\"") },
		{ "[c]\nexten => 1,n,Echo\n", AT("2", "expected a priority: a number, n behind an earlier line, or a "
		                                      "label of this extension, not \"n\"") },
		{ "[c]\nexten => 1,two,Echo\n", AT("2", "expected a priority: a number, n behind an earlier line, or a "
		                                        "label of this extension, not \"two\"") },
		{ "[c]\nexten => 1,2147483648,Echo\n",
		  AT("2", "expected a priority: a number, n behind an earlier line, or a label of this extension, not "
		          "\"2147483648\"") },
		{ "[c]\nexten => 1,1+x,Echo\n", AT("2", "expected a number behind \"+\", not \"x\"") },
		{ "[c]\nexten => 1,1(7),Echo\n",
		  AT("2", "expected a label of letters, digits, \"_\" and \"-\", not \"7\"") },
		{ "[c]\nexten => 1,1(a b),Echo\n",
		  AT("2", "expected a label of letters, digits, \"_\" and \"-\", not \"a b\"") },
		{ "[c]\nexten => 1,1(a~b),Echo\n",
		  AT("2", "expected a label of letters, digits, \"_\" and \"-\", not \"a~b\"") },
		{ "[globals]\nA=\xff\n", AT("2", "A: expected at most 8191 octets of UTF-8") },
		{ "[c]\nexten => 1,1,Echo(\n",
		  AT("2", "expected Application(arguments) with a \")\" at the end, not \"Echo(\"") },
		{ "[c]\nexten => 1,1,Echo()x\n",
		  AT("2", "expected Application(arguments) with a \")\" at the end, not \"Echo()x\"") },
		{ "[c]\nsame => 1,Echo\n", AT("2", "\"same\" needs a good exten line above it in this section") },
		{ "[d]\nexten => 1,1,Echo\n[c]\nsame => n,Echo\n",
		  AT("4", "\"same\" needs a good exten line above it in this section") },
		{ "[c]\nexten => 1,1,Echo\nexten => 1,1,Hangup\n",
		  AT("3", "\"1\" has a priority 1 already (extensions.conf:2)") },
		{ "[c]\nexten => _1N,1,Echo\nexten => _1[2-9],1,Hangup\n",
		  AT("3", "\"_1[2-9]\" has a priority 1 already (extensions.conf:2)") },
		{ "[c]\nextne => 1,1,Echo\n", AT("2", "expected exten, same or include, not \"extne\"") },
		{ "[c]\nincude => d\n",
		  AT("2", "expected exten, same or include, not \"incude\"; did you mean \"include\"?") },
		{ "[c]\nswitch => IAX2/bob\n",
		  AT("2", "switch: asking another exchange for its extensions is not supported in this version") },
		{ "[c]\nlswitch => IAX2/bob\n",
		  AT("2", "lswitch: asking another exchange for its extensions is not supported in this version") },
		{ "[c]\neswitch => IAX2/bob\n",
		  AT("2", "eswitch: asking another exchange for its extensions is not supported in this version") },
		{ "[c]\ninclude => d|9:00-17:00|mon-fri|*|*\n[d]\n",
		  AT("2", "expected commas between the name and the times, not \"|\"") },
		{ "[c]\ninclude => ,9:00-17:00\n", AT("2", "expected the name of a context to include") },
		{ "[c]\ninclude => d,9-17\n[d]\n", AT("2", TIMES) },
		{ "[c]\ninclude => d,9:00-24:00\n[d]\n", AT("2", TIMES) },
		{ "[c]\ninclude => d,9:60\n[d]\n", AT("2", TIMES) },
		{ "[c]\ninclude => d,9:00-\n[d]\n", AT("2", TIMES) },
		{ "[c]\ninclude => d,9:00&\n[d]\n", AT("2", TIMES) },
		{ "[c]\ninclude => d,*,moon\n[d]\n",
		  AT("2", "include: expected weekdays such as mon-fri or sat&sun, or \"*\"") },
		{ "[c]\ninclude => d,*,mon-fri-sun\n[d]\n",
		  AT("2", "include: expected weekdays such as mon-fri or sat&sun, or \"*\"") },
		{ "[c]\ninclude => d,*,*,0\n[d]\n",
		  AT("2", "include: expected days of the month such as 1-7, with & between several, or \"*\"") },
		{ "[c]\ninclude => d,*,*,32\n[d]\n",
		  AT("2", "include: expected days of the month such as 1-7, with & between several, or \"*\"") },
		{ "[c]\ninclude => d,*,*,*,may-june\n[d]\n",
		  AT("2", "include: expected months such as jan-mar or jul&aug, or \"*\"") },
		{ "[c]\ninclude => d,*,*,*,*,Europe/Berlin\n[d]\n",
		  AT("2",
		     "include: expected a time zone as a rule, such as CET-1CEST,M3.5.0,M10.5.0/3 or UTC0: names of "
		     "zones are not looked up") },
		{ "[c]\ninclude => e,*,*,*,*,UTC0\n[d]\n",
		  AT("2", "include: there is no context \"e\"; did you mean \"c\"?") },
		{ "[c]\ninclude => d,9:00,*,*,*,UTC0\n[d]\ninclude => c,8:00,*,*,*,UTC0\n",
		  AT("4", "include: the context \"c\" includes itself by way of \"d\"") },
		{ "[c]\ninclude =>\n", AT("2", "expected the name of a context to include") },
		{ "[phones]\n[c]\ninclude => phons\n",
		  AT("3", "include: there is no context \"phons\"; did you mean \"phones\"?") },
		{ "[c]\ninclude => c\n", AT("2", "include: the context \"c\" includes itself") },
		{ "[c]\ninclude => d\n[d]\ninclude => e\n[e]\ninclude => c\n",
		  AT("6", "include: the context \"c\" includes itself by way of \"e\"") },
		{ "[general]\nautofalthrough=yes\n",
		  AT("2", "unknown option \"autofalthrough\"; did you mean \"autofallthrough\"?") },
		{ "[general]\nautofallthrough=maybe\n", AT("2", "autofallthrough: expected yes or no, not \"maybe\"") },
		{ "[globals]\n1A=x\n", AT("2", "expected NAME=value, not \"1A\"") },
		{ "[globals]\nCALLERID(num)=x\n", AT("2", "expected NAME=value, not \"CALLERID(num)\"") },
		{ "[globals]\nA=${CALLERID(num)}\n", AT("2", "A: expected only ${NAME} of lines above in the value") },
		{ "[globals]\nA=$[1+1]\n", AT("2", "A: expected only ${NAME} of lines above in the value") },
		{ "[globals]\nA=${B\n", AT("2", "A: expected only ${NAME} of lines above in the value") },
	};
	(void)state;

	check_cases(cases, TG_COUNT(cases));
}

#define PLAYTONES                                                                                                  \
	"Playtones: expected busy, callwaiting, congestion, dial, info, record, ring, or a list of tones such as " \
	"!950/330,!1400/330,425+450/500,0/500 (Hz/milliseconds, at most 20 seconds)"
#define SEND_DTMF                                                                                                    \
	"SendDTMF: expected digits, * # A-D, w or W for pauses, and perhaps milliseconds between them and of each, " \
	"10000 at most"

/* One application each time: NULL for nothing to say, else the error. */
static void test_arguments(void **state)
{
	static const struct {
		const char *app, *want;
	} cases[] = {
		{ "Answer", NULL },
		{ "Answer(500)", NULL },
		{ "Answer(500,i)", NULL },
		{ "Answer(${D})", NULL },
		{ "Answer(x)", "Answer: expected a delay of 0 to 60000 milliseconds, and \"i\" or nothing" },
		{ "Answer(1,j)", "Answer: expected a delay of 0 to 60000 milliseconds, and \"i\" or nothing" },
		{ "Busy", NULL },
		{ "Busy(10)", NULL },
		{ "Busy(ten)", "Busy: expected a number of seconds or nothing" },
		{ "Congestion(0.5)", NULL },
		{ "Congestion(1.2.3)", "Congestion: expected a number of seconds or nothing" },
		{ "Echo()", NULL },
		{ "Echo(x)", "Echo: expected no argument" },
		{ "Milliwatt", NULL },
		{ "Milliwatt(o)", NULL },
		{ "Milliwatt(m)", NULL },
		{ "Milliwatt(${O})", NULL },
		{ "Milliwatt(mo)", "Milliwatt: expected m: a second of silence after each 9 s, o: 1000 Hz instead of "
		                   "1004, or nothing" },
		{ "Proceeding", NULL },
		{ "Proceeding(1)", "Proceeding: expected no argument" },
		{ "Progress", NULL },
		{ "Progress(1)", "Progress: expected no argument" },
		{ "Ringing", NULL },
		{ "Ringing(1)", "Ringing: expected no argument" },
		{ "Hangup(17)", NULL },
		{ "Hangup(${HANGUPCAUSE})", NULL },
		{ "Hangup(128)", "Hangup: expected a cause from 0 to 127 or nothing" },
		{ "NoOp(anything, at all)", NULL },
		{ "Verbose(3,text)", NULL },
		{ "Wait(1)", NULL },
		{ "Wait(.5)", NULL },
		{ "Wait(${T})", NULL },
		{ "Wait", "Wait: expected a number of seconds" },
		{ "Wait(.)", "Wait: expected a number of seconds" },
		{ "Wait(-1)", "Wait: expected a number of seconds" },
		{ "Set(A=b=c)", NULL },
		{ "Set(__A=)", NULL },
		{ "Set(CALLERID(num)=200)", NULL },
		{ "Set(CALLERID(pres)=allowed)", NULL },
		{ "Set(IAXVAR(x)=1)", NULL },
		{ "Set(GLOBAL(X)=1)", NULL },
		{ "Set(CHANNEL(language)=de)", NULL },
		{ "Set(CDR(accountcode)=x)", NULL },
		{ "Set(TIMEOUT(absolute)=60)", NULL },
		{ "Set(TIMEOUT(digit)=3)", NULL },
		{ "Set(TIMEOUT(response)=3)", NULL },
		{ "Set(TIMEOUT(hangup)=3)", "Set: expected TIMEOUT(...) with one of absolute,digit,response" },
		{ "Set(LOCAL(X)=1)", NULL },
		{ "NoOp(${CDR(src)}${CHANNEL}${CHANNEL(peerip)}${GLOBAL(X)}${IAXPEER(CURRENTCHANNEL)})", NULL },
		{ "NoOp(${CALLERID(dnid)}${IAXVAR(x)}${LOCAL(X)})", NULL },
		{ "Set(${A}=1)", NULL },
		{ "Set", "Set: expected NAME=value" },
		{ "Set(A)", "Set: expected NAME=value" },
		{ "Set(1A=x)", "Set: expected NAME=value" },
		{ "Set(SHELL(date)=x)",
		  "Set: expected a function that is offered, not SHELL(): CALLERID, CDR, CHANNEL, "
		  "GLOBAL, IAXPEER, IAXVAR, LOCAL or TIMEOUT" },
		{ "Set(CALLERID(ani)=x)", "Set: expected CALLERID(...) with one of num,name,all,pres" },
		{ "Set(IAXPEER(bob)=x)", "Set: expected a function that can be set, not IAXPEER()" },
		{ "NoOp(${SHELL(date)})", "NoOp: expected a function that is offered, not SHELL(): CALLERID, CDR, "
		                          "CHANNEL, GLOBAL, IAXPEER, IAXVAR, LOCAL or TIMEOUT" },
		{ "NoOp(${TIMEOUT(absolute)})", "NoOp: expected a function that can be read, not TIMEOUT()" },
		{ "NoOp(${CALLERID(ani)})", "NoOp: expected CALLERID(...) with one of num,name,all,dnid" },
		{ "NoOp(${CALLERID(${X})})", NULL },
		{ "NoOp($[${ENV(X)} = 1])", "NoOp: expected a function that is offered, not ENV(): CALLERID, CDR, "
		                            "CHANNEL, GLOBAL, IAXPEER, IAXVAR, LOCAL or TIMEOUT" },
		{ "NoOp(${A)", "NoOp: expected a closing \"}\"" },
		{ "NoOp($[1 + 1)", "NoOp: expected a closing \"]\"" },
		{ "NoOp(${})", "NoOp: expected a name in ${}" },
		{ "NoOp(${A B})", "NoOp: expected a name in ${A B}" },
		{ "Playback(hello)", NULL },
		{ "Playback(hello&digits/1,skip)", NULL },
		{ "Playback(${F},noanswer)", NULL },
		{ "Playback", "Playback: expected names of files in the sounds directory, without extension, with & "
		              "between them" },
		{ "Playback(/etc/passwd)",
		  "Playback: expected names of files in the sounds directory, without extension, "
		  "with & between them" },
		{ "Playback(a&../x)",
		  "Playback: expected names of files in the sounds directory, without extension, with "
		  "& between them" },
		{ "Playback(http://x/y)",
		  "Playback: expected names of files in the sounds directory, without extension, "
		  "with & between them" },
		{ "Playback(a,loud)", "Playback: expected skip, noanswer or nothing behind the files" },
		{ "Dial(IAX2/bob)", NULL },
		{ "Dial(iax2/gate-2/123@in&IAX2/bob,20,rg)", NULL },
		{ "Dial(IAX2/us@bob/1,20^5)", NULL },
		{ "Dial(IAX2/${P}/1,${T},${O})", NULL },
		{ "Dial(${WHERE})", NULL },
		{ "Dial", "Dial: expected IAX2/peer or IAX2/peer/number" },
		{ "Dial(SIP/bob)", "Dial: expected IAX2/peer or IAX2/peer/number, not \"SIP/bob\"" },
		{ "Dial(IAX2/)", "Dial: expected the name of a peer behind IAX2/" },
		{ "Dial(IAX2/bobb)", "Dial: expected a peer of iax.conf, not \"bobb\"; did you mean \"bob\"?" },
		{ "Dial(IAX2/198.51.100.1/1)", "Dial: expected a peer of iax.conf, not \"198.51.100.1\"" },
		{ "Dial(IAX2/bob:4569/1)",
		  "Dial: expected the name of a peer: secrets and ports belong into its section of iax.conf" },
		{ "Dial(IAX2/us:hush@bob/1)",
		  "Dial: expected no secret here: it belongs into the peer's section of iax.conf" },
		{ "Dial(IAX2/bob,soon)", "Dial: expected a number of seconds as the second argument" },
		{ "Dial(IAX2/bob,20,L(1000))", NULL },
		{ "Dial(IAX2/bob,20,rL(${X})gS(1.5)D(12*#w))", NULL },
		{ "Dial(IAX2/bob,20,rU(x,1))", "Dial: expected options r, g, L(...), S(...) or D(...), not \"U\"" },
		{ "Dial(IAX2/bob,20,b(x))", "Dial: expected options r, g, L(...), S(...) or D(...), not \"b\"" },
		{ "Dial(IAX2/bob,20,M(x))", "Dial: expected options r, g, L(...), S(...) or D(...), not \"M\"" },
		{ "Dial(IAX2/bob,20,L)", "Dial: expected L(milliseconds), S(seconds) or D(digits), not \"L\"" },
		{ "Dial(IAX2/bob,20,gL(1s))",
		  "Dial: expected L(milliseconds), S(seconds) or D(digits), not \"L(1s)\"" },
		{ "Dial(IAX2/bob,20,L(60000:x))",
		  "Dial: expected L(milliseconds), S(seconds) or D(digits), not \"L(60000:x)\"" },
		{ "Dial(IAX2/bob,20,L(60000:1:2:3))",
		  "Dial: expected L(milliseconds), S(seconds) or D(digits), not \"L(60000:1:2:3)\"" },
		{ "Dial(IAX2/bob,20,S())", "Dial: expected L(milliseconds), S(seconds) or D(digits), not \"S()\"" },
		{ "Dial(IAX2/bob,20,D(12x))",
		  "Dial: expected L(milliseconds), S(seconds) or D(digits), not \"D(12x)\"" },
		{ "Playtones(busy)", NULL },
		{ "Playtones(!950/330,!1400/330,!1800/330,0)", NULL },
		{ "Playtones", PLAYTONES },
		{ "Playtones(${X})", PLAYTONES },
		{ "Playtones(busyy)", PLAYTONES },
		{ "StopPlaytones", NULL },
		{ "StopPlaytones(1)", "StopPlaytones: expected no argument" },
		{ "Proceeding", NULL },
		{ "Proceeding(1)", "Proceeding: expected no argument" },
		{ "WaitExten", NULL },
		{ "WaitExten(5)", NULL },
		{ "WaitExten(5,m)", "WaitExten: expected a number of seconds or nothing" },
		{ "SendDTMF(12*#AdwW)", NULL },
		{ "SendDTMF(${X},100,50)", NULL },
		{ "SendDTMF", SEND_DTMF },
		{ "SendDTMF(12f)", SEND_DTMF },
		{ "SendDTMF(1,10001)", SEND_DTMF },
		{ "SendDTMF(1,1,x)", SEND_DTMF },
		{ "SendDTMF(1,1,1,IAX2/bob)", SEND_DTMF },
		{ "Dial(IAX2/bob,20,r,http://x)", "Dial: expected at most three arguments" },
		{ "Goto(1)", NULL },
		{ "Goto(here)", NULL },
		{ "Goto(1,1)", NULL },
		{ "Goto(c,1,here)", NULL },
		{ "Goto(c,999,1)", NULL }, /* by the pattern */
		{ "Goto(${X},1)", NULL },
		{ "Goto(other,${X},1)", "Goto: there is no context \"other\"" },
		{ "Goto", "Goto: expected [[context,]extension,]priority or label" },
		{ "Goto(c,1,1,1)", "Goto: expected [[context,]extension,]priority or label" },
		{ "Goto(2)", "Goto: \"1\" in the context \"c\" has no priority or label \"2\"" },
		{ "Goto(there)", "Goto: \"1\" in the context \"c\" has no priority or label \"there\"" },
		{ "Goto(7,1)", "Goto: there is no extension \"7\" in the context \"c\"" },
		{ "Goto(cc,1,1)", "Goto: there is no context \"cc\"; did you mean \"c\"?" },
		{ "GotoIf($[1 ? 2 :: 3]?1)", NULL },
		{ "GotoIf(${A}?here:c,1,1)", NULL },
		{ "GotoIf(${A}?:here)", NULL },
		{ "GotoIf(${A}?${B}:${C})", NULL },
		{ "GotoIf(1)", "GotoIf: expected condition?place:place" },
		{ "GotoIf(1?)", "GotoIf: expected condition?place:place" },
		{ "GotoIf(1?here:there)", "GotoIf: \"1\" in the context \"c\" has no priority or label \"there\"" },
		{ "GotoIfTime(9:00-17:00,mon-fri,*,*?here)", NULL },
		{ "GotoIfTime(*,*,24-26,dec,CET-1CEST,M3.5.0,M10.5.0/3?:c,1,here)", NULL },
		{ "GotoIfTime(${TIMES}?here:1)", NULL },
		{ "GotoIfTime(9:00-17:00,mon-fri)", "GotoIfTime: expected times,weekdays,days,months?place:place" },
		{ "GotoIfTime(?here)", "GotoIfTime: expected times,weekdays,days,months?place:place" },
		{ "GotoIfTime(*,mon-fri?:)", "GotoIfTime: expected times,weekdays,days,months?place:place" },
		{ "GotoIfTime(9-17?here)",
		  "GotoIfTime: expected times of day such as 9:00-17:00, with & between several, or \"*\"" },
		{ "GotoIfTime(*,mon-fry?here)", "GotoIfTime: expected weekdays such as mon-fri or sat&sun, or \"*\"" },
		{ "GotoIfTime(*,*?here:there)",
		  "GotoIfTime: \"1\" in the context \"c\" has no priority or label \"there\"" },
		{ "Gosub(1)", NULL },
		{ "Gosub(here(a,b))", NULL },
		{ "Gosub(c,1,here(${EXTEN},(x)))", NULL },
		{ "Gosub(c,${X},1(a))", NULL },
		{ "Gosub",
		  "Gosub: expected [[context,]extension,]priority or label, and perhaps (argument,...) behind it" },
		{ "Gosub(c,1,1,1)",
		  "Gosub: expected [[context,]extension,]priority or label, and perhaps (argument,...) behind it" },
		{ "Gosub(1(a)b)",
		  "Gosub: expected [[context,]extension,]priority or label, and perhaps (argument,...) behind it" },
		{ "Gosub(there(a))", "Gosub: \"1\" in the context \"c\" has no priority or label \"there\"" },
		{ "Gosub(7,1)", "Gosub: there is no extension \"7\" in the context \"c\"" },
		{ "Gosub(cc,1,1)", "Gosub: there is no context \"cc\"; did you mean \"c\"?" },
		{ "GosubIf(${A}?here(1:2):c,1,1(${B}))", NULL },
		{ "GosubIf(${A}?:here)", NULL },
		{ "GosubIf(1)", "GosubIf: expected condition?place(argument,...):place(argument,...)" },
		{ "GosubIf(1?)", "GosubIf: expected condition?place(argument,...):place(argument,...)" },
		{ "GosubIf(1?here:there(x))",
		  "GosubIf: \"1\" in the context \"c\" has no priority or label \"there\"" },
		{ "Return", NULL },
		{ "Return(${X},1)", NULL },
		{ "StackPop", NULL },
		{ "StackPop(1)", "StackPop: expected no argument" },
		{ "Set(LOCAL(X)=1)", NULL },
		{ "Macro(dial)", "the application Macro is not offered: use Gosub" },
		{ "Answr", "unknown application \"Answr\"; did you mean \"Answer\"?" },
		{ "Frobnicate(1)", "unknown application \"Frobnicate\"" },
		{ "System(reboot)", "the application System is not offered: the exchange runs no other programs" },
		{ "trysystem(reboot)",
		  "the application TrySystem is not offered: the exchange runs no other programs" },
		{ "AGI(x)", "the application AGI is not offered: the exchange runs no other programs" },
		{ "Exec(Dial)", "the application Exec is not offered: applications are named in the dialplan alone" },
		{ "ExternalIVR(x)", "the application ExternalIVR is not offered: the exchange runs no other programs" },
		{ "Record(x.gsm)", "the application Record is not offered: Dial a peer that records" },
		{ "Background(x)", "the application Background is not offered: use Playback, and WaitExten behind it" },
		{ "Read(X)",
		  "the application Read is not offered: use WaitExten: what is dialled becomes the extension" },
		{ "SayDigits(12)",
		  "the application SayDigits is not offered: use Playback with a sound for each digit" },
		{ "Set(X=${CURL(http://x)})",
		  "Set: expected a function that is offered, not CURL(): CALLERID, CDR, CHANNEL, GLOBAL, IAXPEER, "
		  "IAXVAR, LOCAL or TIMEOUT" },
		{ "Set(X=${FILE(/etc/passwd)})",
		  "Set: expected a function that is offered, not FILE(): CALLERID, CDR, CHANNEL, GLOBAL, IAXPEER, "
		  "IAXVAR, LOCAL or TIMEOUT" },
		{ "EAGI(x)", "the application EAGI is not offered: the exchange runs no other programs" },
		{ "DeadAGI(x)", "the application DeadAGI is not offered: the exchange runs no other programs" },
		{ "FastAGI(x)", "the application FastAGI is not offered: the exchange runs no other programs" },
		{ "Stasis(x)", "the application Stasis is not offered: the exchange runs no other programs" },
		{ "TryExec(x)",
		  "the application TryExec is not offered: applications are named in the dialplan alone" },
		{ "ExecIf(x)", "the application ExecIf is not offered: use GotoIf" },
		{ "ExecIfTime(x)", "the application ExecIfTime is not offered: use GotoIfTime" },
		{ "While(x)", "the application While is not offered: use GotoIf and a label" },
		{ "EndWhile(x)", "the application EndWhile is not offered: use GotoIf and a label" },
		{ "ExitWhile(x)", "the application ExitWhile is not offered: use GotoIf and a label" },
		{ "MacroExit(x)", "the application MacroExit is not offered: use Gosub and Return" },
		{ "MacroIf(x)", "the application MacroIf is not offered: use GosubIf" },
		{ "MSet(x)", "the application MSet is not offered: use Set, once for each variable" },
		{ "SetGlobalVar(x)", "the application SetGlobalVar is not offered: use Set(GLOBAL(NAME)=value)" },
		{ "SetCallerPres(x)", "the application SetCallerPres is not offered: use Set(CALLERID(pres)=...)" },
		{ "SetCallerID(x)", "the application SetCallerID is not offered: use Set(CALLERID(all)=...)" },
		{ "Log(x)", "the application Log is not offered: use Verbose" },
		{ "VoiceMailMain(x)", "the application VoiceMailMain is not offered: Dial a peer that takes messages" },
		{ "MailboxExists(x)", "the application MailboxExists is not offered: Dial a peer that takes messages" },
		{ "Monitor(x)", "the application Monitor is not offered: Dial a peer that records" },
		{ "MixMonitor(x)", "the application MixMonitor is not offered: Dial a peer that records" },
		{ "Queue(x)", "the application Queue is not offered: Dial a peer that has queues" },
		{ "MeetMe(x)", "the application MeetMe is not offered: Dial a peer that has conferences" },
		{ "ConfBridge(x)", "the application ConfBridge is not offered: Dial a peer that has conferences" },
		{ "MusicOnHold(x)", "the application MusicOnHold is not offered: use Playback" },
		{ "BackGroundDetect(x)",
		  "the application BackGroundDetect is not offered: use Playback, and WaitExten behind it" },
		{ "SayNumber(x)", "the application SayNumber is not offered: use Playback with sounds of your own" },
		{ "SayAlpha(x)", "the application SayAlpha is not offered: use Playback with sounds of your own" },
		{ "SayPhonetic(x)",
		  "the application SayPhonetic is not offered: use Playback with sounds of your own" },
		{ "SayUnixTime(x)",
		  "the application SayUnixTime is not offered: use Playback with sounds of your own" },
		{ "VoiceMail(1)", "the application VoiceMail is not offered: Dial a peer that takes messages" },
	};
	unsigned broken = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		char *text = NULL, *want = NULL;

		text_append(&text, "[c]\nexten => 1,1(here),%s\nexten => _9XX,1,NoOp\n", cases[i].app);
		text_append(&want, cases[i].want != NULL ? "extensions.conf:2: error: %s\n" : "%s",
		            cases[i].want != NULL ? cases[i].want : "");
		char *got = load(text);
		const char *said = strstr(got, "extensions.conf:");

		if (strcmp(said != NULL ? said : "", want) != 0) {
			print_error("%s: %s-- not --\n%s\n", cases[i].app, said != NULL ? said : "(nothing)\n", want);
			broken++;
		}
		free(got);
		free(text);
		free(want);
	}
	CHECK_UINT(broken, 0);
}

static void test_options_of_dial_without_effect(void **state)
{
	static const struct plan_case cases[] = {
		{ "[c]\nexten => 1,1,Dial(IAX2/bob,20,L(9000:3000:1000))\n",
		  "[c]\n1,1,Dial(IAX2/bob,20,L(9000:3000:1000))@2\n"
		  "extensions.conf:2: note: Dial: L ends the call in time, and nobody hears a warning tone before\n" },
		{ "[c]\nexten => 1,1,Dial(IAX2/bob,20,D(1:2))\n",
		  "[c]\n1,1,Dial(IAX2/bob,20,D(1:2))@2\n"
		  "extensions.conf:2: note: Dial: D sends digits to the callee alone\n" },
		{ "[c]\nexten => 1,1,Dial(IAX2/bob,20,tT)\n",
		  "[c]\n1,1,Dial(IAX2/bob,20,tT)@2\nextensions.conf:2: note: Dial: t, T, k and K have no effect\n" },
		{ "[c]\nexten => 1,1,Dial(IAX2/bob,20,m(loud))\n",
		  "[c]\n1,1,Dial(IAX2/bob,20,m(loud))@2\nextensions.conf:2: note: Dial: m rings, there is no music\n" },
	};
	(void)state;

	check_cases(cases, TG_COUNT(cases));
}

static void test_goto_reaches_included_and_pattern_places(void **state)
{
	static const struct plan_case cases[] = {
		{ "[c]\ninclude => d\nexten => 1,1,Goto(22,end)\n[d]\nexten => _2X,1,Echo\nsame => n(end),Hangup\n",
		  "[c]\n1,1,Goto(22,end)@3\ninclude d\n[d]\n_2X,1,Echo()@5\n_2X,2(end),Hangup()@6\n" },
		{ "[c]\nexten => _X,1,Goto(end)\nexten => 5,2(end),Hangup\n",
		  "[c]\n5,2(end),Hangup()@3\n_X,1,Goto(end)@2\n" },
		{ "[c]\nexten => _X,1,Goto(${EXTEN},3)\n", "extensions.conf:2: error: Goto: \"${EXTEN}\" in the "
		                                           "context \"c\" has no priority or label \"3\"\n" },
	};
	(void)state;

	check_cases(cases, TG_COUNT(cases));
}

static char *chain(unsigned contexts, unsigned includes)
{
	char *text = NULL;

	for (unsigned i = 0; i < contexts; i++) {
		text_append(&text, "[c%u]\n", i);
		for (unsigned k = 0; k < includes && i + 1 < contexts; k++) {
			text_append(&text, "include => c%u\n", i + 1);
		}
	}
	return text;
}

static void test_depth_and_number_of_includes(void **state)
{
	static const struct {
		unsigned contexts, includes;
		const char *want;
	} cases[] = {
		{ 64, 1, "" },
		{ 65, 1, "contexts include each other more than 64 deep" },
		{ 5000, 1, "contexts include each other more than 64 deep" },
		{ 9, 2, "" }, /* 511 */
		{ 10, 2, "includes more than 512 contexts, counted each time" },
		{ 60, 2, "includes more than 512 contexts, counted each time" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		char *text = chain(cases[i].contexts, cases[i].includes);
		char *got = load(text);

		CHECK_UINT(strstr(got, "error") == NULL, cases[i].want[0] == '\0');
		CHECK_TRUE(strstr(got, cases[i].want) != NULL);
		free(text);
		free(got);
	}
}

static void test_globals_grow_only_so_far(void **state)
{
	char *text = NULL;
	(void)state;

	text_append(&text, "[globals]\nA=0123456789012345678901234567890123456789012345678901234567890123456789\n");
	for (int i = 0; i < 8; i++) {
		text_append(&text, "A=${A}${A}\n");
	}
	char *got = load(text);

	CHECK_TEXT(got, "extensions.conf:9: error: A: expected at most 8191 octets of UTF-8\n"
	                "extensions.conf:10: error: A: expected at most 8191 octets of UTF-8\n");
	free(text);
	free(got);
}

static void test_number_of_tones(void **state)
{
	char *text = NULL;
	(void)state;

	text_append(&text, "[c]\nexten => 1,1,Playtones(busy)\nsame => n,Playtones(busy)\n");
	for (int i = 0; i < 32; i++) {
		text_append(&text, "same => n,Playtones(%d)\n", 400 + i);
	}
	char *got = load(text);

	CHECK_TEXT(got, "extensions.conf:35: error: Playtones: expected at most 32 different tones\n");
	free(text);
	free(got);
}

static void test_autofallthrough(void **state)
{
	static const char *const texts[] = { "[general]\nautofallthrough=no\n", "[general]\nautofallthrough=yes\n",
		                             "" };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(texts); i++) {
		const struct memory_file list[] = { { "iax.conf", iax, 0 }, { "extensions.conf", texts[i], 0 } };
		struct memory_files memory = { list, TG_COUNT(list) };
		const struct conf_files files = memory_files_io(&memory);
		struct conf_result result;

		conf_load(&files, &result);
		CHECK_UINT(result.world->settings.autofallthrough, i > 0);
		conf_result_free(&result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_times_of_includes),
		cmocka_unit_test(test_the_zone_of_the_machine),
		cmocka_unit_test(test_broken_lines),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_options_of_dial_without_effect),
		cmocka_unit_test(test_goto_reaches_included_and_pattern_places),
		cmocka_unit_test(test_depth_and_number_of_includes),
		cmocka_unit_test(test_globals_grow_only_so_far),
		cmocka_unit_test(test_number_of_tones),
		cmocka_unit_test(test_autofallthrough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
