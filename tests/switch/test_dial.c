/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

#include "switch/accounts.h"
#include "switch/calls.h"
#include "switch/inside.h"

static const char extensions_conf[] = "[phones]\n"
				      "exten => 202,1,Dial(IAX2/bob/${EXTEN},5)\n"
				      "exten => 203,1,Dial(IAX2/carol)\n"
				      "exten => 23,1,Dial(IAX2/bob&IAX2/carol/77,5)\n"
				      "exten => 24,1,Dial(IAX2/bob,5,r)\n"
				      "exten => 25,1,Dial(IAX2/bob,5,g)\n"
				      "exten => 25,n,Set(AFTER=${DIALSTATUS}-${HANGUPCAUSE}-${ANSWEREDTIME})\n"
				      "exten => 25,n,Wait(60)\n"
				      "exten => 26,1,Set(WHO=nobody)\nexten => 26,n,Dial(IAX2/${WHO})\n"
				      "exten => 28,1,Dial(IAX2/agent@bob/55@inside)\n"
				      "exten => 29,1,Dial(IAX2/bob,2)\n"
				      "exten => 29,n,Dial(IAX2/carol)\n"
				      "exten => _9.,1,Dial(IAX2/bob/${EXTEN:1})\n"
				      "exten => h,1,Set(GLOBAL(LAST)=${DIALSTATUS})\n";

/* ---- Answers and refusals: what the callee does, what the caller gets ------------------------------------------- */

static const struct {
	const char *name;
	uint8_t reject, refuse_control;
	bool absent, silent;
	const char *story;
	uint8_t cause, disposition;
	const char *status;
} endings[] = {
	{ "rejects", 21, 0, false, false, "challenged accepted(ulaw) ended(21)", 21, MODEL_FAILED, "CHANUNAVAIL" },
	{ "has no such number", 3, 0, false, false, "challenged accepted(ulaw) ended(3)", 3, MODEL_FAILED,
	  "CHANUNAVAIL" },
	{ "is full", 42, 0, false, false, "challenged accepted(ulaw) ended(42)", 42, MODEL_FAILED, "CHANUNAVAIL" },
	{ "rejects as busy", 17, 0, false, false, "challenged accepted(ulaw) BUSY", 17, MODEL_BUSY, "BUSY" },
	{ "is busy", 0, IAX_CONTROL_BUSY, false, false, "challenged accepted(ulaw) BUSY", 17, MODEL_BUSY, "BUSY" },
	{ "is congested", 0, IAX_CONTROL_CONGESTION, false, false, "challenged accepted(ulaw) CONGESTION", 34,
	  MODEL_FAILED, "CONGESTION" },
	{ "rejects as congested", 34, 0, false, false, "challenged accepted(ulaw) CONGESTION", 34, MODEL_FAILED,
	  "CONGESTION" },
	{ "hangs up before", 16, 0, false, false, "challenged accepted(ulaw) ended(19)", 19, MODEL_NO_ANSWER,
	  "NOANSWER" },
	{ "is not registered", 0, 0, true, false, "challenged accepted(ulaw) ended(20)", 20, MODEL_FAILED,
	  "CHANUNAVAIL" },
	{ "does not answer", 0, 0, false, true, "challenged accepted(ulaw) ended(19)", 19, MODEL_NO_ANSWER,
	  "NOANSWER" },
};

/* A peer that gives no answer at all: with autokill, and without it for one that is watched or does answer. */
static void test_autokill(void **state)
{
	static const struct {
		const char *option, *number, *after_3_9_s, *after_4_1_s;
	} cases[] = {
		{ "autokill=yes\n", "1", "", "CHANUNAVAIL" },
		{ "autokill=1500\n", "1", "CHANUNAVAIL", "CHANUNAVAIL" },
		{ "autokill=no\n", "1", "", "" },
		{ "autokill=yes\n", "2", "", "" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		char iax[1024];

		snprintf(iax, sizeof(iax),
		         "[general]\n%s[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
		         "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\n"
		         "[nobody]\ntype=peer\nhost=192.0.2.77\nchargeable=no\n",
		         cases[i].option);
		struct scene *s = scene_new(i, iax,
		                            "[phones]\nexten => 1,1,Dial(IAX2/nobody)\nexten => 1,n,Wait(60)\n"
		                            "exten => 2,1,Dial(IAX2/bob)\nexten => 2,n,Wait(60)\n");

		print_message("# %s", cases[i].option);
		s->bob.silent = true;
		handset_register(&s->bob, &s->house, 60);
		sim_run_ms(&s->sim, 500);
		handset_call(&s->alice, &s->house, cases[i].number);
		sim_run_ms(&s->sim, 3900);
		CHECK_TEXT(scene_variable(s, "DIALSTATUS"), cases[i].after_3_9_s);
		sim_run_ms(&s->sim, 300);
		CHECK_TEXT(scene_variable(s, "DIALSTATUS"), cases[i].after_4_1_s);
		scene_free(s);
	}
}

/* One that is watched is not called when it is silent: that is what qualify is for. */
static void test_autokill_leaves_watched_peers(void **state)
{
	struct world world = { .settings = { .autokill_ms = 1500 } };
	(void)state;

	CHECK_UINT(accounts_unheard_ms(&world, &(struct world_peer){ .qualify_ms = 0 }), 3000);
	CHECK_UINT(accounts_unheard_ms(&world, &(struct world_peer){ .qualify_ms = 2000 }), 0);
}

static void test_causes_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(endings); i++) {
		struct scene *s = scene_new(i, NULL, extensions_conf);

		print_message("# the callee %s\n", endings[i].name);
		if (!endings[i].absent) {
			scene_register(s);
		}
		s->alice.stays = true;
		s->bob.reject = endings[i].reject;
		s->bob.refuse_control = endings[i].refuse_control;
		s->bob.silent = endings[i].silent;
		handset_call(&s->alice, &s->house, "202");
		sim_run_ms(&s->sim, 6000);
		CHECK_TEXT(handset_story(&s->alice), endings[i].story);
		if (endings[i].disposition == MODEL_BUSY || strstr(endings[i].story, "CONGESTION") != NULL) {
			CHECK_TEXT(scene_variable(s, "DIALSTATUS"), endings[i].status);
			sim_run_ms(&s->sim, 6000); /* told for 10 s */
			CHECK_TRUE(s->alice.lines[0].ended_us > 0);
			CHECK_UINT(s->alice.lines[0].cause, endings[i].cause);
		}
		CHECK_UINT(s->house.record_count, 1);
		CHECK_UINT(house_record(&s->house)->cause, endings[i].cause);
		CHECK_UINT(house_record(&s->house)->disposition, endings[i].disposition);
		CHECK_TEXT(house_record(&s->house)->callee, "bob");
		CHECK_UINT(house_record(&s->house)->callee_addr.family,
		           endings[i].absent ? TG_NO_ADDR : s->sim.nodes[s->bob.node].addr.family);
		scene_free(s);
	}
}

/* A first route that fails says nothing of a call that went another way. */
static void test_the_last_route_is_recorded(void **state)
{
	struct scene *s = scene_new(40, NULL, extensions_conf);
	unsigned line;
	(void)state;

	scene_register(s);
	s->bob.reject = 21;
	s->carol.answer_after_ms = HANDSET_NEVER;
	line = handset_call(&s->alice, &s->house, "29");
	sim_run_ms(&s->sim, 1000);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_NO_ANSWER);
	CHECK_TEXT(house_record(&s->house)->callee, "carol");
	CHECK_TRUE(tg_addr_equal(house_record(&s->house)->callee_addr, s->sim.nodes[s->carol.node].addr));
	scene_free(s);
}

/* Whom he talked with is in the record, whoever was called afterwards. */
static void test_who_answered_stays_in_the_record(void **state)
{
	struct scene *s = scene_new(41, NULL,
	                            "[phones]\nexten => 1,1,Dial(IAX2/bob,5,g)\n same => n,Dial(IAX2/carol)\n");
	(void)state;

	scene_register(s);
	s->carol.reject = 21;
	s->bob.hangup_after_ms = 1000;
	handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	CHECK_TEXT(house_record(&s->house)->callee, "bob");
	scene_free(s);
}

/* How long they may talk, by each option; a story of both sides. */
static const struct {
	const char *name, *options;
	uint32_t for_ms;
	const char *alice, *bob;
} talks[] = {
	{ "L", "L(2000)", 2400, "challenged accepted(ulaw) ANSWER ended(16)", "offered(s) confirmed ended(16)" },
	{ "not before", "L(2000)", 1900, "challenged accepted(ulaw) ANSWER", "offered(s) confirmed" },
	{ "S", "S(2)", 2400, "challenged accepted(ulaw) ANSWER ended(16)", "offered(s) confirmed ended(16)" },
	{ "the shorter one", "S(1)L(9000)", 1400, "challenged accepted(ulaw) ANSWER ended(16)",
	  "offered(s) confirmed ended(16)" },
	{ "no limit is none", "L(0)", 9000, "challenged accepted(ulaw) ANSWER", "offered(s) confirmed" },
	{ "g goes on", "gL(2000)", 2400, "challenged accepted(ulaw) ANSWER ended(27)",
	  "offered(s) confirmed ended(16)" },
	{ "D", "D(5w6)", 2400, "challenged accepted(ulaw) ANSWER",
	  "offered(s) confirmed dtmf+(5) dtmf(5) dtmf+(6) dtmf(6)" },
	{ "D within the limit", "D(5w6)L(700)", 2400, "challenged accepted(ulaw) ANSWER ended(16)",
	  "offered(s) confirmed dtmf+(5) dtmf(5) ended(16)" },
};

static void test_time_to_talk(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(talks); i++) {
		char text[256];

		snprintf(text, sizeof(text), "[phones]\nexten => 1,1,Dial(IAX2/bob,5,%s)\nexten => 1,n,Hangup(27)\n",
		         talks[i].options);
		struct scene *s = scene_new(60 + i, NULL, text);

		print_message("# %s\n", talks[i].name);
		scene_register(s);
		handset_story(&s->bob);
		handset_call(&s->alice, &s->house, "1");
		sim_run_ms(&s->sim, talks[i].for_ms);
		CHECK_TEXT(handset_story(&s->alice), talks[i].alice);
		CHECK_TEXT(handset_story(&s->bob), talks[i].bob);
		scene_free(s);
	}
}

/* The time before the answer is not talk, and a limit does not end an unanswered call. */
static void test_time_to_talk_begins_with_the_answer(void **state)
{
	struct scene *s = scene_new(70, NULL, "[phones]\nexten => 1,1,Dial(IAX2/bob,9,L(2000))\n");
	(void)state;

	scene_register(s);
	s->bob.answer_after_ms = 5000;
	handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 6500);
	CHECK_TRUE(s->alice.lines[0].live && s->alice.lines[0].answered);
	sim_run_ms(&s->sim, 1000);
	CHECK_FALSE(s->alice.lines[0].live);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	CHECK_UINT(house_record(&s->house)->cause, 16);
	scene_free(s);
}

static void test_the_callees_cause_ends_the_call(void **state)
{
	struct scene *s = scene_new(1, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 3000);
	handset_hangup(&s->bob, 0, 27);
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER ended(27)");
	CHECK_UINT(house_record(&s->house)->cause, 27);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	CHECK_TRUE(house_record(&s->house)->ended_ms - house_record(&s->house)->answered_ms > 2500);
	scene_free(s);
}

static void test_the_callers_cause_goes_to_the_callee(void **state)
{
	struct scene *s = scene_new(2, NULL, extensions_conf);
	unsigned line;
	(void)state;

	scene_register(s);
	line = handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	handset_hangup(&s->alice, line, 31);
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(handset_story(&s->bob), "offered(202) confirmed ended(31)");
	CHECK_UINT(house_record(&s->house)->cause, 31);
	scene_free(s);
}

static void test_a_caller_who_gives_up_cancels(void **state)
{
	struct scene *s = scene_new(3, NULL, extensions_conf);
	unsigned line;
	(void)state;

	scene_register(s);
	s->bob.answer_after_ms = HANDSET_NEVER;
	s->bob.rings = true;
	line = handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(handset_story(&s->bob), "offered(202) confirmed ended(16)");
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_NO_ANSWER);
	CHECK_UINT(house_record(&s->house)->answered_ms, 0);
	scene_free(s);
}

/* ---- Several at once -------------------------------------------------------------------------------------------- */

static void test_the_first_to_answer_has_the_call(void **state)
{
	struct scene *s = scene_new(4, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	s->bob.rings = s->carol.rings = true;
	s->bob.progress = true; /* with two targets nobody's progress passes */
	s->bob.keeps_talking = true;
	s->bob.answer_after_ms = 3000;
	s->carol.answer_after_ms = 1500;
	s->carol.keeps_talking = true;
	handset_call(&s->alice, &s->house, "23");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) RINGING");
	sim_run_ms(&s->sim, 2000);
	CHECK_TEXT(handset_story(&s->alice), "ANSWER voice(ulaw)");
	CHECK_UINT(s->alice.lines[0].last_octet, 0xca);
	CHECK_TEXT(handset_story(&s->bob), "offered(s) confirmed ended(26)");
	CHECK_TEXT(handset_story(&s->carol), "offered(77) confirmed");
	handset_hangup(&s->carol, 0, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(house_record(&s->house)->callee, "carol");
	CHECK_TRUE(tg_addr_equal(house_record(&s->house)->callee_addr, s->sim.nodes[s->carol.node].addr));
	scene_free(s);
}

static void test_one_is_enough(void **state)
{
	struct scene *s = scene_new(5, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	s->bob.reject = 17;
	handset_call(&s->alice, &s->house, "23");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER");
	scene_free(s);
}

static void test_busy_counts_most(void **state)
{
	struct scene *s = scene_new(6, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	s->bob.reject = 3;
	s->carol.reject = 17;
	handset_call(&s->alice, &s->house, "23");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) BUSY");
	scene_free(s);
}

/* ---- Options, arguments ----------------------------------------------------------------------------------------- */

static void test_option_r_rings_at_once(void **state)
{
	struct scene *s = scene_new(7, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	s->bob.progress = s->bob.rings = s->bob.keeps_talking = true;
	s->bob.answer_after_ms = 1000;
	handset_call(&s->alice, &s->house, "24");
	sim_run_ms(&s->sim, 800);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) RINGING");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "ANSWER voice(ulaw)");
	scene_free(s);
}

static void test_option_g_goes_on(void **state)
{
	struct scene *s = scene_new(8, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "25");
	sim_run_ms(&s->sim, 4000);
	handset_hangup(&s->bob, 0, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(scene_variable(s, "AFTER"), "ANSWER-16-3");
	CHECK_TRUE(s->alice.lines[0].live);
	scene_free(s);
}

static void test_targets_that_cannot_be(void **state)
{
	struct scene *s = scene_new(9, NULL, extensions_conf);
	(void)state;

	handset_call(&s->alice, &s->house, "26");
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ended(3)");
	scene_free(s);
}

static void test_what_the_callee_is_told(void **state)
{
	struct scene *s = scene_new(10, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	handset_dial(&s->alice, &s->house,
	             &(struct handset_dial){ .number = "28", .calling = "999", .calling_name = "Mallory" });
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(s->bob.called, "55");
	CHECK_TEXT(s->bob.context, "inside");
	CHECK_TEXT(s->bob.username, "agent");
	CHECK_TEXT(s->bob.calling, "201"); /* the account's, not what the caller says */
	CHECK_TEXT(s->bob.calling_name, "Alice");
	handset_dial(&s->carol, &s->house,
	             &(struct handset_dial){ .number = "202", .calling = "(0123) 45.67", .calling_name = "Carol C." });
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(s->bob.calling, "01234567"); /* shrinkcallerid */
	CHECK_TEXT(s->bob.calling_name, "Carol C.");
	scene_free(s);
}

static void test_the_next_dial_comes_after_the_timeout(void **state)
{
	struct scene *s = scene_new(11, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	s->bob.answer_after_ms = HANDSET_NEVER;
	handset_call(&s->alice, &s->house, "29");
	sim_run_ms(&s->sim, 1900);
	CHECK_UINT(s->carol.line_count, 0);
	sim_run_ms(&s->sim, 1100);
	CHECK_TEXT(handset_story(&s->bob), "offered(s) confirmed ended(19)");
	CHECK_TEXT(handset_story(&s->carol), "offered(s) confirmed");
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER");
	scene_free(s);
}

static void test_a_caller_dials_no_second_target(void **state)
{
	struct scene *s = scene_new(12, NULL, "[phones]\nexten => _9.,1,Dial(IAX2/bob/${CALLERID(name)})\n");
	(void)state;

	scene_register(s);
	handset_dial(&s->carol, &s->house,
	             &(struct handset_dial){ .number = "91", .calling_name = "1&IAX2/carol/5,9,g" });
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(s->carol.line_count, 1); /* her own */
	CHECK_TEXT(s->bob.called, "1IAX2carol59g");
	scene_free(s);
}

/* What patterns deny is not let through by what they do not see. */
static void test_a_number_is_sent_as_it_was_matched(void **state)
{
	static const char plan[] = "[phones]\nexten => _0X.,1,Hangup(21)\nexten => _X.,1,Dial(IAX2/bob/${EXTEN})\n"
				   "exten => _9X.,1,Dial(IAX2/bob/${EXTEN:1})\n";
	static const struct {
		const char *number, *called, *story;
	} cases[] = {
		{ "0,01456", "", "challenged ended(3)" },
		{ "0&01456", "", "challenged ended(3)" },
		{ "-001456", "", "challenged accepted(ulaw) ended(21)" },
		{ "-9123", "123", "challenged accepted(ulaw) ANSWER" },
		{ "1-23", "123", "challenged accepted(ulaw) ANSWER" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct scene *s = scene_new(12, NULL, plan);

		scene_register(s);
		handset_call(&s->alice, &s->house, cases[i].number);
		sim_run_ms(&s->sim, 1900);
		CHECK_TEXT(s->bob.called, cases[i].called);
		CHECK_TEXT(handset_story(&s->alice), cases[i].story);
		scene_free(s);
	}
}

static void test_variables_pass(void **state)
{
	struct scene *s = scene_new(13, NULL,
	                            "[phones]\nexten => 202,1,Set(IAXVAR(node)=${IAXVAR(node)}-7)\n"
	                            "exten => 202,n,Set(IAXVAR(gone)=)\nexten => 202,n,Dial(IAX2/bob)\n");
	const struct iax_variable variables[] = {
		{ TG_SPAN_LIT("node"), TG_SPAN_LIT("hub") },
		{ TG_SPAN_LIT("gone"), TG_SPAN_LIT("x") },
		{ TG_SPAN_LIT("DIALSTATUS"), TG_SPAN_LIT("forged") },
	};
	(void)state;

	scene_register(s);
	handset_dial(&s->alice, &s->house,
	             &(struct handset_dial){ .number = "202", .variables = variables, .variable_count = 3 });
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(s->bob.variables, "DIALSTATUS=forged;node=hub-7;");
	CHECK_TEXT(scene_variable(s, "DIALSTATUS"), "");
	scene_free(s);
}

static void test_a_callee_may_ask_who_we_are(void **state)
{
	static const char iax[] = "[general]\n"
				  "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
				  "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nusername=us\n"
				  "[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n"
				  "[open]\ntype=peer\nhost=192.0.2.3\n";
	static const char extensions[] = "[phones]\nexten => 202,1,Dial(IAX2/bob)\nexten => 204,1,Dial(IAX2/open)\n";
	struct scene *s = scene_new(14, iax, extensions);
	(void)state;

	scene_register(s);
	s->bob.challenge = "prove-it";
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->bob), "offered(s) verified confirmed");
	CHECK_TEXT(s->bob.username, "us");
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER");
	s->bob.secret = "another";
	handset_call(&s->carol, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->carol), "challenged accepted(ulaw) ended(50)");
	/* The same phone under a name that has no secret: it is not answered at all. */
	handset_call(&s->carol, &s->house, "204");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->carol), "challenged accepted(ulaw) ended(50)");
	CHECK_UINT(s->house.responded, 3);
	s->bob.challenge_methods = IAX_AUTH_RSA | IAX_AUTH_PLAINTEXT; /* neither is answered */
	handset_call(&s->carol, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->carol), "challenged accepted(ulaw) ended(50)");
	CHECK_UINT(s->house.responded, 3);
	scene_free(s);
}

/* Whoever gets a frame into the leg from elsewhere learns nothing of our secret. */
static void test_a_challenge_from_elsewhere_is_not_answered(void **state)
{
	struct scene *s = scene_new(16, NULL, extensions_conf);
	const struct iax_ies ies = {
		.has = UINT64_C(1) << IAX_IE_AUTHMETHODS | UINT64_C(1) << IAX_IE_CHALLENGE,
		.auth_methods = IAX_AUTH_MD5,
		.challenge = TG_SPAN_LIT("tell-me"),
	};
	struct iax_event event = { .kind = IAX_EV_CHALLENGED, .leg_kind = IAX_LEG_CALL_OUT, .ies = &ies };
	(void)state;

	scene_register(s);
	s->bob.silent = true;
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 200);
	for (uint32_t i = 0; i < parties_of(s->house.sw)->count; i++) {
		struct tg_ref ref;
		const struct party *party = tg_slab_at(parties_of(s->house.sw), i, &ref);

		if (party != NULL && party->state == PARTY_CALLING) {
			event.leg = party->id;
			event.owner = owner_pack(OWNER_PARTY, ref);
			event.remote = party->remote;
			event.local = party->local;
		}
	}
	event.remote.port++;
	calls_on_event(s->house.sw, &event);
	house_pump(&s->house);
	sim_run_ms(&s->sim, 200);
	CHECK_UINT(s->house.responded, 0);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ended(50)");
	scene_free(s);
}

static void test_a_number_that_is_too_long(void **state)
{
	static const char number[] =
		"90123456789012345678901234567890123456789012345678901234567890123456789012345678901";
	struct scene *s = scene_new(17, NULL, "[phones]\nexten => _!,1,Wait(60)\n");
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, number);
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(handset_story(&s->alice), "challenged ended(3)");
	scene_free(s);
}

static void test_arguments_that_cannot_be_read(void **state)
{
	struct scene *s = scene_new(15, NULL,
	                            "[phones]\nexten => 1,1,Set(T=soon)\nexten => 1,n,Dial(IAX2/bob,${T})\n"
	                            "exten => 1,n,Wait(60)\n");
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(scene_variable(s, "DIALSTATUS"), "INVALIDARGS");
	CHECK_UINT(s->bob.line_count, 0);
	scene_free(s);
}

/* ---- Codecs ----------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *alice_allow, *bob_allow;
	uint64_t alice, alice_wants, bob;
	const char *alice_story, *bob_story;
} codecs[] = {
	{ "the same", "ulaw", "ulaw", IAX_FORMAT_ULAW, IAX_FORMAT_ULAW, IAX_FORMAT_ULAW,
	  "challenged accepted(ulaw) ANSWER", "offered(s) confirmed" },
	{ "our order, but one that the callee has", "ulaw,alaw,gsm", "gsm", IAX_FORMAT_ULAW | IAX_FORMAT_GSM,
	  IAX_FORMAT_ULAW, IAX_FORMAT_GSM, "challenged accepted(gsm) ANSWER", "offered(s) confirmed" },
	{ "nothing in common with the callee", "ulaw", "gsm", IAX_FORMAT_ULAW, IAX_FORMAT_ULAW, IAX_FORMAT_GSM,
	  "challenged accepted(ulaw) ended(58)", "" },
	{ "the callee's phone has less than its account", "ulaw,gsm", "ulaw,gsm", IAX_FORMAT_ULAW, IAX_FORMAT_ULAW,
	  IAX_FORMAT_GSM, "challenged accepted(ulaw) ended(58)", "offered(s)" },
	{ "nothing in common with us", "gsm", "gsm", IAX_FORMAT_ULAW, IAX_FORMAT_ULAW, IAX_FORMAT_GSM,
	  "challenged ended(58)", "" },
};

static void test_both_sides_have_one_codec(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(codecs); i++) {
		char iax[1024];

		snprintf(iax, sizeof(iax),
		         "[general]\ndisallow=all\nallow=ulaw\n"
		         "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\ndisallow=all\nallow="
		         "%s\n"
		         "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\ndisallow=all\nallow=%s\n"
		         "[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n",
		         codecs[i].alice_allow, codecs[i].bob_allow);
		struct scene *s = scene_new(i, iax, "[phones]\nexten => 202,1,Dial(IAX2/bob)\n");

		print_message("# %s\n", codecs[i].name);
		scene_register(s);
		s->alice.capability = codecs[i].alice;
		s->alice.format = codecs[i].alice_wants;
		s->bob.capability = s->bob.format = codecs[i].bob;
		handset_call(&s->alice, &s->house, "202");
		sim_run_ms(&s->sim, 1000);
		CHECK_TEXT(handset_story(&s->alice), codecs[i].alice_story);
		CHECK_TEXT(handset_story(&s->bob), codecs[i].bob_story);
		if (s->alice.lines[0].live) {
			CHECK_UINT(s->bob.offered_capability, s->alice.lines[0].talk_format);
			CHECK_UINT(s->bob.lines[0].talk_format, s->alice.lines[0].talk_format);
		} else {
			CHECK_UINT(house_record(&s->house)->cause, 58);
			CHECK_UINT(house_record(&s->house)->disposition, MODEL_FAILED);
		}
		scene_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causes_pass),
		cmocka_unit_test(test_autokill),
		cmocka_unit_test(test_autokill_leaves_watched_peers),
		cmocka_unit_test(test_the_last_route_is_recorded),
		cmocka_unit_test(test_who_answered_stays_in_the_record),
		cmocka_unit_test(test_time_to_talk),
		cmocka_unit_test(test_time_to_talk_begins_with_the_answer),
		cmocka_unit_test(test_the_callees_cause_ends_the_call),
		cmocka_unit_test(test_the_callers_cause_goes_to_the_callee),
		cmocka_unit_test(test_a_caller_who_gives_up_cancels),
		cmocka_unit_test(test_the_first_to_answer_has_the_call),
		cmocka_unit_test(test_one_is_enough),
		cmocka_unit_test(test_busy_counts_most),
		cmocka_unit_test(test_option_r_rings_at_once),
		cmocka_unit_test(test_option_g_goes_on),
		cmocka_unit_test(test_targets_that_cannot_be),
		cmocka_unit_test(test_what_the_callee_is_told),
		cmocka_unit_test(test_the_next_dial_comes_after_the_timeout),
		cmocka_unit_test(test_a_caller_dials_no_second_target),
		cmocka_unit_test(test_a_number_is_sent_as_it_was_matched),
		cmocka_unit_test(test_variables_pass),
		cmocka_unit_test(test_a_callee_may_ask_who_we_are),
		cmocka_unit_test(test_a_challenge_from_elsewhere_is_not_answered),
		cmocka_unit_test(test_a_number_that_is_too_long),
		cmocka_unit_test(test_arguments_that_cannot_be_read),
		cmocka_unit_test(test_both_sides_have_one_codec),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
