/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

#include "model/when.h"
#include "switch/dialplan.h"
#include "switch/inside.h"

/* ---- Values: each expression is set to X, and X is looked at ----------------------------------------------------- */

static const struct {
	const char *expression, *want;
} values[] = {
	{ "${EXTEN}", "912345" },
	{ "${EXTEN:1}", "12345" },
	{ "${EXTEN:-2:1}", "4" },
	{ "${CONTEXT}/${PRIORITY}", "phones/1" },
	{ "${CALLERID(num)}", "201" },
	{ "${CALLERID(name)}", "Alice" },
	{ "${CALLERID(all)}", "\"Alice\" <201>" },
	{ "${DNID}", "912345" },
	{ "${PLANET}", "earth" },
	{ "${GLOBAL(PLANET)}", "earth" },
	{ "${TOWNS}", "earth-town" },
	{ "${planet}", "" },
	{ "${UNIQUEID}", "1000" },
	{ "${IAXVAR(node)}", "hub" },
	{ "${node}", "" },
	{ "${CHANNEL(peername)}", "alice" },
	{ "${CHANNEL(peerip)}", "192.0.2.2" },
	{ "${IAXPEER(CURRENTCHANNEL)}", "192.0.2.2" },
	{ "${CHANNEL(language)}", "" },
	{ "${CDR(src)}>${CDR(dst)}", "201>912345" },
	{ "${EPOCH}", "1800000001" },
	{ "${CHANNEL:0:11}", "IAX2/alice-" },
	{ "${CHANNEL(name):0:11}", "IAX2/alice-" },
	{ "${CHANNEL(audionativeformat)}", "ulaw" },
	{ "${CALLERID(dnid)}", "912345" },
	{ "${HANGUPCAUSE}", "0" },
	{ "$[${EXTEN:1} + 1]", "12346" },
	{ "$[\"${CALLERID(name)}\" = \"Alice\" ? yes :: no]", "yes" },
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(values); i++) {
		const struct iax_variable variable = { TG_SPAN_LIT("node"), TG_SPAN_LIT("hub") };
		char text[512];

		snprintf(text, sizeof(text),
		         "[globals]\nPLANET=earth\nTOWNS=${PLANET}-town\n"
		         "[phones]\nexten => _9.,1,Set(X=%s)\nexten => _9.,n,Wait(60)\n",
		         values[i].expression);
		struct scene *s = scene_new(i, NULL, text);

		print_message("# %s\n", values[i].expression);
		handset_dial(&s->alice, &s->house,
		             &(struct handset_dial){ .number = "912345", .variables = &variable, .variable_count = 1 });
		sim_run_ms(&s->sim, 300);
		CHECK_TEXT(scene_variable(s, "X"), values[i].want);
		scene_free(s);
	}
}

static void test_what_set_can_set(void **state)
{
	struct scene *s = scene_new(
		1,
		"[general]\n[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
		"setvar=COLOUR=green\nsetvar=SIZE=9\naccountcode=acct\n"
		"[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\n",
		"[phones]\nexten => 1,1,Set(CALLERID(num)=77)\nexten => 1,n,Set(CALLERID(name)=Seven)\n"
		"exten => 1,n,Set(CHANNEL(language)=de)\n"
		"exten => 1,n,Set(CALLERID(pres)=prohib_passed_screen)\n"
		"exten => 1,n,Set(GLOBAL(COUNT)=$[${COUNT} + 1])\n"
		"exten => 1,n,Set(CDR(accountcode)=${CDR(accountcode)}-2)\n"
		"exten => 1,n,Set(Y=${COLOUR}${SIZE}${COUNT})\nexten => 1,n,Dial(IAX2/bob)\n"
		"exten => 2,1,Set(Y=${COUNT})\nexten => 2,n,Set(CALLERID(all)=\"Nine Nine\" <99>)\n"
		"exten => 2,n,Dial(IAX2/bob)\n");
	unsigned line;
	(void)state;

	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 300);
	line = handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(scene_variable(s, "Y"), "green91");
	CHECK_TEXT(s->bob.calling, "77");
	CHECK_TEXT(s->bob.calling_name, "Seven");
	CHECK_TEXT(s->bob.language, "de");
	CHECK_UINT(s->bob.presentation, IAX_PRES_PROHIBITED_PASSED);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(house_record(&s->house)->accountcode, "acct-2");
	handset_call(&s->alice, &s->house, "2");
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(scene_variable(s, "Y"), "1");
	CHECK_TEXT(s->bob.calling, "99");
	CHECK_TEXT(s->bob.calling_name, "Nine Nine");
	scene_free(s);
}

/* ---- Ends --------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *number, *extensions;
	uint32_t for_ms;
	const char *story;
} ends[] = {
	{ "no such number", "5", "[phones]\nexten => 1,1,Wait(9)\n", 500, "challenged ended(3)" },
	{ "no jump to i from outside", "5", "[phones]\nexten => i,1,Hangup(1)\n", 500, "challenged ended(3)" },
	{ "no number means s", NULL, "[phones]\nexten => s,1,Hangup(27)\n", 500,
	  "challenged accepted(ulaw) ended(27)" },
	{ "priority 1 must be there", "5", "[phones]\nexten => 5,2,Wait(9)\n", 500, "challenged ended(3)" },
	{ "the end of the list", "5", "[phones]\nexten => 5,1,NoOp()\n", 500, "challenged accepted(ulaw) ended(16)" },
	{ "a bad Goto leads to i", "5", "[phones]\nexten => 5,1,Goto(${EXTEN}x,1)\nexten => i,1,Hangup(27)\n", 500,
	  "challenged accepted(ulaw) ended(27)" },
	{ "a bad Goto without i", "5", "[phones]\nexten => 5,1,Goto(${EXTEN}x,1)\n", 500,
	  "challenged accepted(ulaw) ended(3)" },
	{ "a bad label", "5", "[phones]\nexten => 5,1,Goto(${EXTEN}x)\nexten => i,1,Hangup(27)\n", 500,
	  "challenged accepted(ulaw) ended(27)" },
	{ "T after the absolute timeout", "5",
	  "[phones]\nexten => 5,1,Set(TIMEOUT(absolute)=2)\nexten => 5,n,Wait(60)\nexten => T,1,Hangup(27)\n", 2500,
	  "challenged accepted(ulaw) ended(27)" },
	{ "the absolute timeout without T", "5",
	  "[phones]\nexten => 5,1,Set(TIMEOUT(absolute)=2)\nexten => 5,n,Wait(60)\n", 2500,
	  "challenged accepted(ulaw) ended(16)" },
	{ "e for a missing i", "5", "[phones]\nexten => 5,1,Goto(${EXTEN}x,1)\nexten => e,1,Hangup(27)\n", 500,
	  "challenged accepted(ulaw) ended(27)" },
	{ "e for a missing T", "5",
	  "[phones]\nexten => 5,1,Set(TIMEOUT(absolute)=2)\nexten => 5,n,Wait(60)\nexten => e,1,Hangup(27)\n", 2500,
	  "challenged accepted(ulaw) ended(27)" },
	{ "T ends what Gosub began", "5",
	  "[phones]\nexten => 5,1,Set(TIMEOUT(absolute)=2)\nexten => 5,n,Gosub(6,1)\nexten => 6,1,Wait(60)\n"
	  "exten => T,1,Wait(3)\nexten => T,n,Return()\nexten => 5,n,Hangup(27)\n",
	  5500, "challenged accepted(ulaw) ended(27)" },
	{ "waits for digits, and hangs up", "5", "[general]\nautofallthrough=no\n[phones]\nexten => 5,1,NoOp()\n", 9000,
	  "challenged accepted(ulaw)" },
	{ "10 s", "5", "[general]\nautofallthrough=no\n[phones]\nexten => 5,1,NoOp()\n", 10500,
	  "challenged accepted(ulaw) ended(16)" },
	{ "or goes to t", "5",
	  "[general]\nautofallthrough=no\n[phones]\nexten => 5,1,NoOp()\nexten => t,1,Hangup(27)\n", 10500,
	  "challenged accepted(ulaw) ended(27)" },
};

static void test_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(ends); i++) {
		struct scene *s = scene_new(i, NULL, ends[i].extensions);

		print_message("# %s\n", ends[i].name);
		handset_call(&s->alice, &s->house, ends[i].number);
		sim_run_ms(&s->sim, ends[i].for_ms);
		CHECK_TEXT(handset_story(&s->alice), ends[i].story);
		scene_free(s);
	}
}

static void test_digits_after_the_end(void **state)
{
	static const char extensions[] = "[general]\nautofallthrough=no\n[phones]\nexten => 5,1,NoOp()\n"
					 "exten => 12,1,Hangup(12)\nexten => i,1,Hangup(1)\n";
	static const struct {
		const char *digits;
		uint32_t for_ms;
		uint8_t cause;
	} cases[] = { { "12#", 200, 12 }, { "12", 5200, 12 }, { "13", 5200, 1 }, { "#", 200, 1 } };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct scene *s = scene_new(i, NULL, extensions);
		const unsigned line = handset_call(&s->alice, &s->house, "5");

		sim_run_ms(&s->sim, 200);
		for (const char *digit = cases[i].digits; *digit != '\0'; digit++) {
			handset_digit(&s->alice, line, *digit);
			sim_run_ms(&s->sim, 50);
		}
		CHECK_UINT(s->alice.lines[line].live, cases[i].for_ms > 1000);
		sim_run_ms(&s->sim, cases[i].for_ms);
		CHECK_FALSE(s->alice.lines[line].live);
		CHECK_UINT(s->alice.lines[line].cause, strcmp(cases[i].digits, "#") == 0 ? 16 : cases[i].cause);
		scene_free(s);
	}
}

static void test_h_runs_after_the_end(void **state)
{
	struct scene *s = scene_new(3, NULL,
	                            "[phones]\nexten => 5,1,Set(A=1)\nexten => 5,n,Wait(60)\n"
	                            "exten => h,1,Set(GLOBAL(SEEN)=${GLOBAL(SEEN)}${A})\n"
	                            "exten => h,n,Wait(60)\n" /* nobody is there to wait for */
	                            "exten => h,n,Goto(out)\n"
	                            "exten => h,n,Set(GLOBAL(SEEN)=never)\n"
	                            "exten => h,n(out),Verbose(gone ${SEEN} ${HANGUPCAUSE})\n"
	                            "exten => h,n,Goto(1)\n" /* for ever, if it could */
	                            "exten => 6,1,Hangup()\n");
	unsigned line;
	(void)state;

	line = handset_call(&s->alice, &s->house, "5");
	sim_run_ms(&s->sim, 300);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 300);
	CHECK_LOGGED(s, "text='gone\\x201\\x200'");
	CHECK_LOGGED(s, "dialplan.stopped");
	CHECK_TRUE(switch_is_idle(s->house.sw));
	CHECK_TEXT(house_record(&s->house)->last_app, "Wait");
	handset_call(&s->alice, &s->house, "6"); /* by ourselves, too */
	sim_run_ms(&s->sim, 300);
	CHECK_TRUE(switch_is_idle(s->house.sw));
	CHECK_UINT(s->house.record_count, 2);
	scene_free(s);
}

/* ---- Limits ------------------------------------------------------------------------------------------------------- */

static void test_a_loop_ends(void **state)
{
	struct scene *s = scene_new(4, NULL, "[phones]\nexten => 5,1,Goto(1)\nexten => 6,1,Wait(60)\n");
	(void)state;

	handset_call(&s->alice, &s->house, "5");
	sim_run_ms(&s->sim, 70);
	handset_call(&s->bob, &s->house, "6");
	/* Others are served meanwhile; after the steps it may have, the call is over. */
	sim_run_ms(&s->sim, 80);
	CHECK_TEXT(handset_story(&s->bob), "challenged accepted(ulaw)");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ended(41)");
	CHECK_LOGGED(s, "dialplan.stopped");
	CHECK_TRUE(s->alice.lines[0].ended_us - s->alice.lines[0].accepted_us >
	           (uint64_t)DIALPLAN_STEPS_MAX / DIALPLAN_BURST * 900);
	scene_free(s);
}

static void test_a_caller_can_end_a_loop(void **state)
{
	struct scene *s = scene_new(5, NULL, "[phones]\nexten => 5,1,Goto(1)\n");
	const unsigned line = handset_call(&s->alice, &s->house, "5");
	(void)state;

	sim_run_ms(&s->sim, 105);
	CHECK_TRUE(s->alice.lines[line].live);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 15);
	CHECK_TRUE(switch_is_idle(s->house.sw));
	scene_free(s);
}

static void test_text_that_grows_is_cut(void **state)
{
	struct scene *s = scene_new(6, NULL,
	                            "[phones]\nexten => 5,1,Set(A=0123456789012345678901234567890123456789)\n"
	                            "exten => 5,n(more),Set(A=${A}${A})\nexten => 5,n,Set(N=$[${N} + 1])\n"
	                            "exten => 5,n,GotoIf($[${N} < 20]?more)\nexten => 5,n,Wait(60)\n");
	(void)state;

	handset_call(&s->alice, &s->house, "5");
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(scene_variable(s, "N"), "20");
	CHECK_TRUE(strlen(scene_variable(s, "A")) <= 4096);
	CHECK_TRUE(strlen(scene_variable(s, "A")) > 2000);
	scene_free(s);
}

static void test_values_are_never_read_as_dialplan(void **state)
{
	struct scene *s = scene_new(
		7, NULL,
		"[globals]\nSECRET=treasure\n[phones]\nexten => 5,1,Set(X=${CALLERID(name)})\n"
		"exten => 5,n,Set(Y=${X})\n"
		"exten => 5,n,GotoIf($[\"${CALLERID(name)}\" = \"boss\"]?boss)\nexten => 5,n,Wait(60)\n"
		"exten => 5,n(boss),Hangup(27)\n");
	(void)state;

	handset_dial(&s->carol, &s->house,
	             &(struct handset_dial){ .number = "5", .calling_name = "${SECRET}$[1+1]\" | \"1" });
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(scene_variable(s, "Y"), "${SECRET}$[1+1]\" | \"1");
	CHECK_TRUE(s->carol.lines[0].live);
	scene_free(s);
}

/* ---- Times -------------------------------------------------------------------------------------------------------- */

static const char timed_conf[] = "[phones]\n"
				 "include => day,9:00-9:59,*,*,*,CET-1CEST,M3.5.0,M10.5.0/3\n"
				 "include => night\n"
				 "[day]\nexten => 1,1,Wait(5)\nexten => 1,n,Hangup(1)\n"
				 "exten => 2,1,Hangup(1)\n"
				 "exten => 3,1,Wait(5)\nexten => 3,n,Goto(1)\n"
				 "exten => 5,1,Wait(5)\nexten => 5,n,Goto(1,1)\n"
				 "exten => 4,1,Gosub(night,sub,1)\nexten => 4,n,Hangup(1)\n"
				 "[night]\nexten => 2,1,Hangup(2)\nexten => 3,1,Hangup(2)\nexten => i,1,Hangup(3)\n"
				 "exten => sub,1,Wait(5)\nexten => sub,n,Return()\n";

/* Wall time is the owner's: the clock is put where the case wants it. */
static const struct {
	const char *name, *number;
	unsigned month, day;
	uint32_t utc_s;
	uint8_t cause;
} times[] = {
	{ "open", "2", 1, 15, 8 * 3600 + 1, 1 },
	{ "closed: the next include has it", "2", 1, 15, 9 * 3600, 2 },
	{ "closed: not there at all", "1", 1, 15, 9 * 3600, 3 },
	{ "open an hour earlier in summer", "2", 7, 15, 7 * 3600 + 1, 1 },
	{ "closed an hour earlier in summer", "2", 7, 15, 8 * 3600 + 1, 2 },
	{ "the Friday before the clocks change", "2", 3, 26, 8 * 3600 + 1, 1 },
	{ "the Monday after it", "2", 3, 29, 8 * 3600 + 1, 2 },
	{ "a call that began goes on", "1", 1, 15, 8 * 3600 + 59 * 60 + 57, 1 },
	{ "a Goto looks at the clock", "3", 1, 15, 8 * 3600 + 59 * 60 + 57, 2 },
	{ "and finds nothing where it is closed", "5", 1, 15, 8 * 3600 + 59 * 60 + 57, 3 },
	{ "a Return does not", "4", 1, 15, 8 * 3600 + 59 * 60 + 57, 1 },
};

static void test_includes_with_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(times); i++) {
		struct scene *s = scene_new(i, NULL, timed_conf);
		const uint64_t wall_us = when_utc_s(2027, times[i].month, times[i].day, times[i].utc_s) * TG_US_PER_S;

		print_message("# %s\n", times[i].name);
		s->house.clock_step_us = (int64_t)(wall_us - HOUSE_WALL_US);
		const unsigned line = handset_call(&s->alice, &s->house, times[i].number);

		sim_run_ms(&s->sim, 6000);
		CHECK_UINT(s->alice.lines[line].cause, times[i].cause);
		scene_free(s);
	}
}

/* GotoIfTime asks the clock of the world, or that of the zone it names, when the call comes to it. */
static void test_goto_by_the_clock(void **state)
{
	static const struct {
		const char *when;
		unsigned month, day;
		uint32_t utc_s;
		uint8_t cause;
	} cases[] = {
		{ "9:00-17:00,mon-fri,*,*,UTC0", 1, 15, 9 * 3600, 1 },
		{ "9:00-17:00,mon-fri,*,*,UTC0", 1, 15, 17 * 3600 + 60, 2 },
		{ "9:00-17:00,mon-fri,*,*,UTC0", 1, 16, 9 * 3600, 2 }, /* a Saturday */
		{ "*,*,24-26,dec,UTC0", 12, 25, 0, 1 },
		{ "*,*,24-26,dec,UTC0", 12, 27, 0, 2 },
		{ "9:00-17:00,*,*,*,CET-1CEST,M3.5.0,M10.5.0/3", 7, 15, 7 * 3600, 1 },
		{ "9:00-17:00,*,*,*,CET-1CEST,M3.5.0,M10.5.0/3", 1, 15, 7 * 3600, 2 },
		{ "${EXTEN}:00-17:00,*,*,*,UTC0", 1, 15, 2 * 3600, 1 },
		{ "${EXTEN}:00-17:00,*,*,*,UTC0", 1, 15, 1 * 3600, 2 },
		{ "*,*,*,*,nowhere/${EXTEN}", 1, 15, 9 * 3600, 2 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		char text[256];

		snprintf(text, sizeof(text),
		         "[phones]\nexten => 2,1,GotoIfTime(%s?here)\nexten => 2,n,Hangup(2)\nexten => "
		         "2,n(here),Hangup(1)\n",
		         cases[i].when);
		struct scene *s = scene_new(i, NULL, text);

		print_message("# %s\n", cases[i].when);
		s->house.clock_step_us = (int64_t)(when_utc_s(2027, cases[i].month, cases[i].day, cases[i].utc_s) *
		                                           TG_US_PER_S -
		                                   HOUSE_WALL_US);
		const unsigned line = handset_call(&s->alice, &s->house, "2");

		sim_run_ms(&s->sim, 500);
		CHECK_UINT(s->alice.lines[line].cause, cases[i].cause);
		scene_free(s);
	}
}

/* ---- Gosub -------------------------------------------------------------------------------------------------------- */

static void test_locals_end_with_their_gosub(void **state)
{
	struct scene *s = scene_new(8, NULL,
	                            "[phones]\nexten => 5,1,Set(X=out)\nexten => 5,n,Gosub(6,1(a,b,c))\n"
	                            "exten => 5,n,Set(AFTER=${X}${ARG1}${ARGC}${L}${Y})\nexten => 5,n,Wait(60)\n"
	                            "exten => 6,1,Set(LOCAL(L)=one)\nexten => 6,n,Set(LOCAL(X)=in)\n"
	                            "exten => 6,n,Gosub(7,1(z))\n"
	                            "exten => 6,n,Set(SIX=${X}${ARG1}${ARG3}${ARGC}${L}${LOCAL(L)})\n"
	                            "exten => 6,n,Return()\n"
	                            /* what is around is seen, its arguments are not; a variable is set where it is */
	                            "exten => 7,1,Set(SEVEN=${X}${ARG1}${ARG3}${ARGC}${L})\n"
	                            "exten => 7,n,Set(X=changed)\nexten => 7,n,Set(Y=kept)\nexten => 7,n,Return()\n");
	(void)state;

	handset_call(&s->alice, &s->house, "5");
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(scene_variable(s, "SEVEN"), "inz1one");
	CHECK_TEXT(scene_variable(s, "SIX"), "changedac3oneone");
	CHECK_TEXT(scene_variable(s, "AFTER"), "outkept");
	CHECK_UINT(frames_of(s->house.sw)->used, 0);
	scene_free(s);
}

static void test_gosub_goes_seven_deep(void **state)
{
	struct scene *s = scene_new(9, NULL,
	                            "[phones]\nexten => 5,1,Set(N=$[${N} + 1])\n"
	                            "exten => 5,n,Set(GLOBAL(DEEPEST)=${N})\nexten => 5,n,Gosub(5,1)\n"
	                            "exten => 6,1,Gosub(sub,1)\nexten => 6,n,Set(N=$[${N} + 1])\n"
	                            "exten => 6,n,GotoIf($[${N} < 100]?6,1)\nexten => 6,n,Hangup(27)\n"
	                            "exten => sub,1,Return()\n"
	                            "exten => h,1,Verbose(deepest ${DEEPEST})\nexten => h,n,Gosub(sub,1)\n"
	                            "exten => h,n,Verbose(back)\n");
	(void)state;

	handset_call(&s->alice, &s->house, "5");
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ended(41)");
	CHECK_LOGGED(s, "dialplan.gosub");
	CHECK_LOGGED(s, "text='deepest\\x208'");
	CHECK_LOGGED(s, "text='back'");
	handset_call(&s->alice, &s->house, "6"); /* one after the other is not deep */
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ended(27)");
	CHECK_TRUE(switch_is_idle(s->house.sw));
	scene_free(s);
}

/* Who calls deep takes no room for variables from the others. */
static void test_locals_have_bounded_room(void **state)
{
	char text[2048], arg[512];
	struct scene *s;
	(void)state;

	memset(arg, 'x', sizeof(arg));
	arg[sizeof(arg) - 1] = '\0';
	snprintf(text, sizeof(text),
	         "[phones]\nexten => 5,1,Set(A=%s)\nexten => 5,n,Set(A=${A}${A}${A}${A}${A}${A}${A})\n"
	         "exten => 5,n(more),Gosub(5,more(${A}))\n",
	         arg);
	s = scene_new(10, NULL, text);
	handset_call(&s->alice, &s->house, "5");
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ended(41)");
	CHECK_TRUE(pieces_of(s->house.sw)->peak <= 2 * BAG_PIECES_MAX + 40);
	CHECK_TRUE(switch_is_idle(s->house.sw));
	scene_free(s);
}

/* An argument of ours stays whole, though the one beside it is the caller's, which can divide nothing. */
static void test_arguments_know_who_chose_them(void **state)
{
	static const char extensions[] =
		"[phones]\nexten => _5.,1,Gosub(dial,1(IAX2/bob,${CALLERID(name)},${CALLERID(name)}))\n"
		"exten => _5.,n,Hangup(27)\n"
		"exten => dial,1,Set(SEEN=${ARGC}/${ARG3})\n"
		"exten => dial,n,Dial(${ARG1}/${ARG2})\n"
		"exten => _6.,1,Gosub(${CALLERID(name)},1)\nexten => _6.,n,Hangup(27)\n"
		"exten => evil,1,Hangup(66)\n";
	struct scene *s = scene_new(11, NULL, extensions);
	(void)state;

	scene_register(s);
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "55", .calling_name = "5@,e(v)il" });
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(s->bob.called, "5evil");
	CHECK_TEXT(scene_variable(s, "SEEN"), "3/5evil");
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "61", .calling_name = "1(evil" });
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(handset_last(&s->carol)->cause, 3);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_what_set_can_set),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_digits_after_the_end),
		cmocka_unit_test(test_h_runs_after_the_end),
		cmocka_unit_test(test_a_loop_ends),
		cmocka_unit_test(test_a_caller_can_end_a_loop),
		cmocka_unit_test(test_text_that_grows_is_cut),
		cmocka_unit_test(test_values_are_never_read_as_dialplan),
		cmocka_unit_test(test_includes_with_times),
		cmocka_unit_test(test_goto_by_the_clock),
		cmocka_unit_test(test_locals_end_with_their_gosub),
		cmocka_unit_test(test_gosub_goes_seven_deep),
		cmocka_unit_test(test_locals_have_bounded_room),
		cmocka_unit_test(test_arguments_know_who_chose_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
